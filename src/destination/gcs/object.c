/* What the store knows of an object. */
#include <jansson.h>

#include "destination/gcs/gcs.h"
#include "util/digest.h"
#include "util/fault.h"

static const char CHECK_PREFIX[] = "crc32c=";

void
gcs_check_text(uint32_t crc32c, char text[GCS_CHECK_BYTES])
{
    uint8_t bytes[4];
    char encoded[DIGEST_BASE64_BYTES];

    digest_crc32c_bytes(crc32c, bytes);
    digest_base64(bytes, sizeof(bytes), encoded);
    snprintf(text, GCS_CHECK_BYTES, "%s%.8s", CHECK_PREFIX, encoded);
}

static void
copy_text(const json_t *root, const char *name, char *to, size_t size_bytes)
{
    const char *text = json_string_value(json_object_get(root, name));

    snprintf(to, size_bytes, "%s", text == NULL ? "" : text);
}

/* The API writes 64-bit numbers as strings. */
static bool
read_size(const json_t *root, uint64_t *size_bytes)
{
    const char *text = json_string_value(json_object_get(root, "size"));
    char *end = NULL;

    if (text == NULL || text[0] < '0' || text[0] > '9')
        return false;
    *size_bytes = strtoull(text, &end, 10);
    return *end == '\0';
}

bool
gcs_object_parse(const HttpAnswer *answer, GcsObject *out)
{
    json_t *root = json_loadb((const char *)answer->body.data, answer->body.size, 0, NULL);

    *out = (GcsObject){.exists = true};
    copy_text(json_object_get(root, "metadata"), "rivet-part", out->nonce, sizeof(out->nonce));
    const char *crc32c = json_string_value(json_object_get(root, "crc32c"));
    if (crc32c != NULL)
        snprintf(out->check, sizeof(out->check), "%s%s", CHECK_PREFIX, crc32c);
    copy_text(root, "generation", out->generation, sizeof(out->generation));
    bool ok = read_size(root, &out->size_bytes) && out->generation[0] != '\0' &&
              strspn(out->generation, "0123456789") == strlen(out->generation);
    json_decref(root);
    return ok;
}

bool
gcs_object_is_ours(const GcsObject *object, const UploadRef *ref)
{
    return object->exists && object->nonce[0] != '\0' && strcmp(object->nonce, ref->nonce) == 0 &&
           (!ref->is_sealed || object->size_bytes == ref->size_bytes);
}

char *
gcs_object_url(const GcsDestination *dest, const char *name, const char *query)
{
    Buffer url = {0};

    buffer_append_format(&url, "%s%s/", dest->root, dest->bucket_path);
    http_encode(name, false, &url);
    buffer_append_text(&url, query);
    return buffer_take_text(&url);
}

static char *
list_url(const GcsDestination *dest, const char *name)
{
    Buffer url = {0};

    buffer_append_format(&url, "%s%s?maxResults=1&prefix=", dest->root, dest->bucket_path);
    http_encode(name, false, &url);
    return buffer_take_text(&url);
}

static bool
check_list(const GcsDestination *dest, const char *name, const HttpAnswer *answer, Error *err)
{
    json_t *root = json_loadb((const char *)answer->body.data, answer->body.size, 0, NULL);
    const json_t *first = json_array_get(json_object_get(root, "items"), 0);
    const char *listed = json_string_value(json_object_get(first, "name"));
    bool ok = json_is_object(root);

    if (!ok)
        gcs_fail(dest, GCS_LIST, name, ERR_UNAVAILABLE, "the answer is no list", err);
    else if (listed != NULL && strcmp(listed, name) == 0)
        ok = gcs_fail(dest, GCS_LOOK, name, ERR_UNAVAILABLE,
                      "the store lists it but does not find it", err);
    json_decref(root);
    return ok;
}

/* A 404 for an object means something only if the bucket is there: a listing of the bucket needs
 * nothing but the permission without which a missing object would have been a 403. */
static bool
check_bucket(GcsDestination *dest, const char *name, bool runs_to_the_end, Error *err)
{
    char *url = list_url(dest, name);
    HttpRequest request = {.method = "GET", .url = url, .runs_to_the_end = runs_to_the_end};
    HttpAnswer answer = {0};
    bool ok = gcs_send(dest, &request, &answer, err);

    if (ok && answer.status == 404)
        ok = gcs_fail_bucket(dest, err);
    else if (ok && answer.status != 200)
        ok = gcs_refuse(dest, GCS_LIST, name, &answer, err);
    else if (ok)
        ok = check_list(dest, name, &answer, err);
    http_answer_free(&answer);
    free(url);
    return ok;
}

bool
gcs_object_look(GcsDestination *dest, const char *name, bool runs_to_the_end, GcsObject *out,
                Error *err)
{
    char *url = gcs_object_url(dest, name, "?fields=name,size,crc32c,generation,metadata");
    HttpRequest request = {.method = "GET", .url = url, .runs_to_the_end = runs_to_the_end};
    HttpAnswer answer = {0};
    bool ok = gcs_send(dest, &request, &answer, err);

    *out = (GcsObject){0};
    if (ok && answer.status == 404)
        ok = check_bucket(dest, name, runs_to_the_end, err);
    else if (ok && answer.status != 200)
        ok = gcs_refuse(dest, GCS_LOOK, name, &answer, err);
    else if (ok && !gcs_object_parse(&answer, out))
        ok = gcs_fail(dest, GCS_LOOK, name, ERR_UNAVAILABLE, "the answer describes no object", err);
    http_answer_free(&answer);
    free(url);
    return ok;
}

bool
gcs_object_remove(GcsDestination *dest, const char *name, const GcsObject *object, Error *err)
{
    char query[64];
    HttpAnswer answer = {0};

    snprintf(query, sizeof(query), "?ifGenerationMatch=%s", object->generation);
    char *url = gcs_object_url(dest, name, query);
    HttpRequest request = {.method = "DELETE", .url = url, .runs_to_the_end = true};
    bool ok = gcs_send(dest, &request, &answer, err);
    FAULT_POINT("gcs.abort.removed");
    /* 404, 412: gone, or replaced by something that is not ours to remove. */
    if (ok && answer.status / 100 != 2 && answer.status != 404 && answer.status != 412)
        ok = gcs_refuse(dest, GCS_REMOVE, name, &answer, err);
    http_answer_free(&answer);
    free(url);
    return ok;
}
