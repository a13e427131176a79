/* What is visible under a key: whose it is, reading, replacing and removing it. */
#include <errno.h>

#include "destination/s3/s3.h"
#include "util/digest.h"
#include "util/fault.h"
#include "util/memory.h"
#include "util/read_ahead.h"

enum { ERROR_ROOM_BYTES = 64 << 10 };

/* ---- whose is it ---- */

/* The whole object's size: of "bytes 0-0/SIZE" in a part of it (206), else the answer's length. */
static bool
read_size(const HttpAnswer *answer, uint64_t *size_bytes)
{
    char text[96];
    const char *at = text;
    char *end = NULL;

    http_header(answer, answer->status == 206 ? "content-range" : "content-length", text,
                sizeof(text));
    if (answer->status == 206) {
        at = strchr(text, '/');
        at = at == NULL ? "" : at + 1;
    }
    errno = 0;
    *size_bytes = strtoull(at, &end, 10);
    return at[0] >= '0' && at[0] <= '9' && *end == '\0' && errno == 0;
}

/* Without its size nobody can say whose it is. */
static bool
read_object_headers(const HttpAnswer *answer, const char *key, S3Object *out, Error *err)
{
    out->exists = true;
    http_header(answer, "x-amz-meta-rivet-part", out->nonce, sizeof(out->nonce));
    http_header(answer, "etag", out->etag, sizeof(out->etag));
    return read_size(answer, &out->size_bytes) ||
           error_set(err, ERR_UNAVAILABLE, "the store does not say how large '%s' is: HTTP %d", key,
                     answer->status);
}

/* A HEAD's 404 does not tell a missing key from a missing bucket; the error document of a GET does.
 * An object without a byte has no first byte to ask for (416). */
static bool
ask(S3Destination *dest, const char *key, const char *method, bool runs_to_the_end,
    HttpAnswer *answer, S3Object *out, Error *err)
{
    char code[S3_CODE_BYTES];
    S3Call call = {
        .method = method,
        .key = key,
        .runs_to_the_end = runs_to_the_end,
        .purpose = "look at",
        .permission = "s3:GetObject (and s3:ListBucket, so that a missing key answers 404)",
    };

    if (strcmp(method, "GET") == 0)
        s3_add_header(&call, "Range", "bytes=0-0");
    if (!s3_send(dest, &call, answer, err))
        return false;
    s3_answer_code(answer, code);
    if (answer->status == 200 || answer->status == 206)
        return read_object_headers(answer, key, out, err);
    if (answer->status != 416 && !(answer->status == 404 && strcmp(code, "NoSuchKey") == 0))
        return s3_fail(dest, &call, answer, err);
    return true;
}

bool
s3_object_look(S3Destination *dest, const char *key, bool runs_to_the_end, S3Object *out,
               Error *err)
{
    HttpAnswer answer = {0};

    *out = (S3Object){0};
    bool ok = ask(dest, key, "GET", runs_to_the_end, &answer, out, err);
    if (ok && answer.status == 416) {
        http_answer_free(&answer);
        ok = ask(dest, key, "HEAD", runs_to_the_end, &answer, out, err);
    }
    http_answer_free(&answer);
    return ok;
}

bool
s3_object_is_ours(const S3Object *object, const UploadRef *ref)
{
    return object->exists && ref->nonce[0] != '\0' && strcmp(object->nonce, ref->nonce) == 0 &&
           (!ref->is_sealed || object->size_bytes == ref->size_bytes);
}

bool
s3_probe(Destination *base, const UploadRef *ref, ProbeResult *out, Error *err)
{
    S3Object object;

    if (!s3_object_look((S3Destination *)base, ref->key, false, &object, err))
        return false;
    *out = s3_object_is_ours(&object, ref) ? PROBE_OURS
           : object.exists                 ? PROBE_FOREIGN
                                           : PROBE_ABSENT;
    return true;
}

/* ---- undo ---- */

static bool
remove_object(S3Destination *dest, const char *key, Error *err)
{
    HttpAnswer answer = {0};
    S3Call call = {
        .method = "DELETE",
        .key = key,
        .purpose = "remove",
        .permission = "s3:DeleteObject",
    };
    bool ok = s3_send(dest, &call, &answer, err);

    if (ok && answer.status != 204 && answer.status != 200)
        ok = s3_fail(dest, &call, &answer, err);
    http_answer_free(&answer);
    return ok;
}

/* The upload first: while it lives, a dead process's request may still complete it. */
bool
s3_abort(Destination *base, const UploadRef *ref, Error *err)
{
    S3Destination *dest = (S3Destination *)base;
    S3Object object;

    FAULT_POINT("s3.abort.before");
    if (!s3_multipart_abort_all(dest, ref->key, NULL, err))
        return false;
    FAULT_POINT("s3.abort.stopped");
    if (!ref->is_sealed)
        return true;
    if (!s3_object_look(dest, ref->key, false, &object, err))
        return false;
    if (s3_object_is_ours(&object, ref) && !remove_object(dest, ref->key, err))
        return false;
    FAULT_POINT("s3.abort.removed");
    return true;
}

/* ---- small objects ---- */

bool
s3_put(Destination *base, const char *key, const void *bytes, size_t size_bytes, Error *err)
{
    S3Destination *dest = (S3Destination *)base;
    HttpAnswer answer = {0};
    uint8_t md5[MD5_BYTES];
    char text[DIGEST_BASE64_BYTES];
    S3Call call = {
        .method = "PUT",
        .key = key,
        .body = bytes,
        .body_bytes = size_bytes,
        .runs_to_the_end = true,
        .purpose = "write",
        .permission = "s3:PutObject",
    };

    digest_md5(bytes, size_bytes, md5);
    digest_base64(md5, sizeof(md5), text);
    s3_add_header(&call, "Content-MD5", text);
    s3_add_encryption(dest, &call);
    FAULT_POINT("s3.put.before");
    bool ok = s3_send(dest, &call, &answer, err) &&
              (answer.status == 200 || s3_fail(dest, &call, &answer, err));
    http_answer_free(&answer);
    FAULT_POINT("s3.put.done");
    return ok;
}

/* ---- reading ---- */

typedef struct Reader {
    S3Destination *dest;
    char *key;
    char etag[S3_ETAG_BYTES];
    ReadAhead object;
} Reader;

static bool
fetch(void *context, uint64_t offset, size_t size_bytes, Buffer *out, Error *err)
{
    const Reader *reader = context;
    HttpAnswer answer = {0};
    char range[64];
    S3Call call = {
        .method = "GET",
        .key = reader->key,
        .answer_limit_bytes = size_max(size_bytes, ERROR_ROOM_BYTES),
        .purpose = "read",
        .permission = "s3:GetObject",
    };

    snprintf(range, sizeof(range), "bytes=%" PRIu64 "-%" PRIu64, offset, offset + size_bytes - 1);
    s3_add_header(&call, "Range", range);
    s3_add_header(&call, "If-Match", reader->etag);
    bool ok = s3_send(reader->dest, &call, &answer, err);
    if (ok && answer.status != 206)
        ok = s3_fail(reader->dest, &call, &answer, err);
    if (ok) {
        *out = answer.body;
        answer.body = (Buffer){0};
    }
    http_answer_free(&answer);
    return ok;
}

static bool
read_object(void *context, uint64_t offset, void *bytes, size_t size_bytes, Error *err)
{
    return read_ahead(&((Reader *)context)->object, offset, bytes, size_bytes, err);
}

static void
close_object(void *context)
{
    Reader *reader = context;

    read_ahead_release(&reader->object);
    free(reader->key);
    free(reader);
}

bool
s3_open_read(Destination *base, const UploadRef *ref, Readable *out, Error *err)
{
    S3Destination *dest = (S3Destination *)base;
    S3Object object;

    if (!s3_object_look(dest, ref->key, false, &object, err))
        return false;
    if (!object.exists)
        return error_set(err, ERR_IO, "'%s' does not exist", ref->key);
    Reader *reader = memory_alloc_zero(1, sizeof(*reader));
    *reader = (Reader){
        .dest = dest,
        .key = memory_dup_string(ref->key),
        .object = {.fetch = fetch, .context = reader, .size_bytes = object.size_bytes},
    };
    memcpy(reader->etag, object.etag, sizeof(reader->etag));
    *out = (Readable){
        .read = read_object,
        .close = close_object,
        .context = reader,
        .size_bytes = object.size_bytes,
    };
    return true;
}
