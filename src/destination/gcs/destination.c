#include "destination/gcs/gcs.h"
#include "util/digest.h"
#include "util/fault.h"
#include "util/memory.h"
#include "util/secret.h"

static const char DEFAULT_ROOT[] = "https://storage.googleapis.com";

char *
gcs_object_name(const GcsDestination *dest, const char *key)
{
    const char *prefix = dest->base.config->prefix;

    return memory_format("%s%s", prefix == NULL ? "" : prefix, key);
}

static void
gcs_free(Destination *base)
{
    GcsDestination *dest = (GcsDestination *)base;

    gcs_credentials_free(dest->credentials);
    http_client_free(dest->http);
    free(dest->bucket_path);
    free(dest->root);
    free(dest);
}

/* Without an endpoint the name alone says where; two emulators may have buckets of one name. */
static bool
fill_identity(GcsDestination *dest, Error *err)
{
    const DestinationConfig *config = dest->base.config;
    char *identity = memory_format(
        "gs://%s/%s%s%s", config->bucket, config->prefix == NULL ? "" : config->prefix,
        dest->has_endpoint ? " at " : "", dest->has_endpoint ? dest->root : "");

    redact_urls(identity);
    bool fits = strlen(identity) < sizeof(dest->base.identity);
    if (fits)
        snprintf(dest->base.identity, sizeof(dest->base.identity), "%s", identity);
    free(identity);
    return fits || error_set(err, ERR_CONFIG, "the destination's prefix or endpoint is too long");
}

static bool
fill_place(GcsDestination *dest, Error *err)
{
    const DestinationConfig *config = dest->base.config;
    Buffer path = {0};

    dest->has_endpoint = config->endpoint != NULL && config->endpoint[0] != '\0';
    dest->root = memory_dup_string(dest->has_endpoint ? config->endpoint : DEFAULT_ROOT);
    for (size_t length = strlen(dest->root); length > 0 && dest->root[length - 1] == '/'; length--)
        dest->root[length - 1] = '\0';
    buffer_append_text(&path, "/storage/v1/b/");
    http_encode(config->bucket, false, &path);
    buffer_append_text(&path, "/o");
    dest->bucket_path = buffer_take_text(&path);
    if (strncmp(dest->root, "https://", 8) != 0 && strncmp(dest->root, "http://", 7) != 0) {
        if (err->code == ERR_NONE)
            err->hint = "write it with its scheme, as in http://127.0.0.1:4443";
        return error_set(err, ERR_CONFIG, "the endpoint of the bucket '%s' is no http URL",
                         config->bucket);
    }
    return fill_identity(dest, err);
}

static bool
gcs_identify(const DestinationConfig *config, Destination *place, Error *err)
{
    GcsDestination *dest = memory_alloc_zero(1, sizeof(*dest));

    dest->base = *place;
    dest->base.config = config;
    bool ok = fill_place(dest, err);
    *place = dest->base;
    gcs_free(&dest->base);
    return ok;
}

static bool
gcs_connect(const DestinationConfig *config, Destination **out, Error *err)
{
    GcsDestination *dest = memory_alloc_zero(1, sizeof(*dest));
    const HttpPolicy policy = {.ca_file = config->ca_file};

    dest->base = (Destination){.driver = &GCS_DRIVER, .config = config};
    dest->part_bytes = (size_t)config->part_mb * 1024 * 1024;
    *out = NULL;
    if (!fill_place(dest, err) || !http_client_create(&policy, &dest->http, err) ||
        !gcs_credentials_find(config, dest->http, &dest->credentials, err)) {
        gcs_free(&dest->base);
        return false;
    }
    *out = &dest->base;
    return true;
}

/* The directory part of the prefix (spec: delivery §5). */
static char *
manifest_name(const GcsDestination *dest, const char *key)
{
    const char *prefix = dest->base.config->prefix == NULL ? "" : dest->base.config->prefix;
    const char *slash = strrchr(prefix, '/');

    return memory_format("%.*s%s", slash == NULL ? 0 : (int)(slash - prefix) + 1, prefix, key);
}

static bool
holds_bytes(const GcsObject *object, const void *bytes, size_t size_bytes)
{
    char want[GCS_CHECK_BYTES];

    gcs_check_text(digest_crc32c(0, bytes, size_bytes), want);
    return object->exists && object->size_bytes == size_bytes && strcmp(want, object->check) == 0;
}

/* Writing over an object takes storage.objects.delete; who lacks it may still find that an earlier
 * attempt, whose answer was lost, had written these very bytes. */
static bool
was_put_before(GcsDestination *dest, const char *name, const void *bytes, size_t size_bytes)
{
    GcsObject object = {0};
    Error ignored = ERROR_INIT;

    return gcs_object_look(dest, name, true, &object, &ignored) &&
           holds_bytes(&object, bytes, size_bytes);
}

static bool
check_put(GcsDestination *dest, const char *name, const HttpAnswer *answer, const void *bytes,
          size_t size_bytes, Error *err)
{
    GcsObject object = {0};

    if (answer->status == 403 && was_put_before(dest, name, bytes, size_bytes))
        return true;
    if (answer->status != 200 && answer->status != 201)
        return gcs_refuse(dest, GCS_PUT, name, answer, err);
    return (gcs_object_parse(answer, &object) && holds_bytes(&object, bytes, size_bytes)) ||
           gcs_fail(dest, GCS_PUT, name, ERR_UNAVAILABLE,
                    "the store answers with another size or checksum than was sent", err);
}

static bool
gcs_put(Destination *base, const char *key, const void *bytes, size_t size_bytes, Error *err)
{
    GcsDestination *dest = (GcsDestination *)base;
    char *name = manifest_name(dest, key);
    Buffer url = {0};
    HttpAnswer answer = {0};

    buffer_append_format(&url, "%s/upload%s?uploadType=media&name=", dest->root, dest->bucket_path);
    http_encode(name, false, &url);
    HttpRequest request = {
        .method = "POST",
        .url = buffer_text(&url),
        .headers = {{"Content-Type", "application/json"}},
        .n_headers = 1,
        .body = bytes,
        .body_bytes = size_bytes,
        .runs_to_the_end = true,
    };
    FAULT_POINT("gcs.put.before");
    bool ok = gcs_send(dest, &request, &answer, err);
    FAULT_POINT("gcs.put.answered");
    ok = ok && check_put(dest, name, &answer, bytes, size_bytes, err);
    http_answer_free(&answer);
    buffer_release(&url);
    free(name);
    return ok;
}

static void
gcs_display(const Destination *base, const char *key, char *text, size_t size_bytes)
{
    const DestinationConfig *config = base->config;

    snprintf(text, size_bytes, "gs://%s/%s%s", config->bucket,
             config->prefix == NULL ? "" : config->prefix, key);
}

const DestinationDriver GCS_DRIVER = {
    .kind = DESTINATION_GCS,
    .fixes_key = true,
    .hides_sealed = true,
    .identify = gcs_identify,
    .connect = gcs_connect,
    .open = gcs_open,
    .write = gcs_write,
    .seal = gcs_seal,
    .release = gcs_release,
    .publish = gcs_publish,
    .probe = gcs_probe,
    .abort = gcs_abort,
    .put = gcs_put,
    .open_read = gcs_open_read,
    .display = gcs_display,
    .free = gcs_free,
};
