/* One resumable upload. */
#include <jansson.h>

#include "destination/gcs/gcs.h"
#include "util/fault.h"
#include "util/interrupt.h"

enum { STALLS_MAX = 6, STALL_PAUSE_MS = 200 };

/* ---- start ---- */

static char *
start_url(const GcsDestination *dest, const char *name)
{
    Buffer url = {0};

    buffer_append_format(&url,
                         "%s/upload%s?uploadType=resumable&ifGenerationMatch=0&name=", dest->root,
                         dest->bucket_path);
    http_encode(name, false, &url);
    return buffer_take_text(&url);
}

static char *
describe_object(const GcsDestination *dest, const char *name, const char *nonce)
{
    json_t *root = json_pack("{ss ss s{ss}}", "name", name, "contentType",
                             "application/octet-stream", "metadata", "rivet-part", nonce);

    if (root == NULL)
        abort(); /* config takes UTF-8 only */
    if (dest->base.config->storage_class != NULL)
        json_object_set_new(root, "storageClass", json_string(dest->base.config->storage_class));
    char *text = json_dumps(root, JSON_COMPACT);
    json_decref(root);
    return text;
}

/* What comes after "scheme://host". */
static const char *
path_of(const char *url)
{
    const char *host = strstr(url, "://");
    const char *path = host == NULL ? url : strchr(host + 3, '/');

    return path == NULL ? "" : path;
}

/* An emulator may name itself by an address that only it knows: the endpoint's counts. */
static bool
take_session(const GcsDestination *dest, const HttpAnswer *answer, const char *name, UploadRef *ref,
             Error *err)
{
    char location[REFERENCE_BYTES];
    int length = 0;

    /* One that fills the buffer may have been cut. */
    bool found = http_header(answer, "location", location, sizeof(location)) &&
                 strlen(location) + 1 < sizeof(location);
    if (found && dest->has_endpoint)
        length =
            snprintf(ref->reference, sizeof(ref->reference), "%s%s", dest->root, path_of(location));
    else if (found)
        length = snprintf(ref->reference, sizeof(ref->reference), "%s", location);
    if (length > 0 && (size_t)length < sizeof(ref->reference))
        return true;
    ref->reference[0] = '\0';
    return gcs_fail(dest, GCS_START, name, ERR_UNAVAILABLE, "the answer holds no usable session",
                    err);
}

static bool
refuse_start(const GcsDestination *dest, const char *name, const HttpAnswer *answer, Error *err)
{
    if (answer->status == 404)
        return gcs_fail_bucket(dest, err);
    if (answer->status == 412)
        return gcs_fail(dest, GCS_START, name, ERR_IO,
                        "an object of that name exists and was left alone (HTTP 412)", err);
    return gcs_refuse(dest, GCS_START, name, answer, err);
}

bool
gcs_session_start(GcsDestination *dest, UploadRef *ref, Error *err)
{
    char *name = gcs_object_name(dest, ref->key);
    char *url = start_url(dest, name);
    char *body = describe_object(dest, name, ref->nonce);
    HttpRequest request = {
        .method = "POST",
        .url = url,
        .headers = {{"Content-Type", "application/json; charset=UTF-8"},
                    {"X-Upload-Content-Type", "application/octet-stream"}},
        .n_headers = 2,
        .body = body,
        .body_bytes = strlen(body),
    };
    HttpAnswer answer = {0};

    bool ok = gcs_send(dest, &request, &answer, err);
    if (ok && answer.status != 200 && answer.status != 201)
        ok = refuse_start(dest, name, &answer, err);
    ok = ok && take_session(dest, &answer, name, ref, err);
    http_answer_free(&answer);
    free(body);
    free(url);
    free(name);
    return ok;
}

/* ---- bytes ---- */

static void
format_range(const GcsPiece *piece, char *text, size_t size_bytes)
{
    char total[24] = "*";

    if (piece->is_last)
        snprintf(total, sizeof(total), "%" PRIu64, piece->total_bytes);
    if (piece->size_bytes == 0)
        snprintf(text, size_bytes, "bytes */%s", total);
    else
        snprintf(text, size_bytes, "bytes %" PRIu64 "-%" PRIu64 "/%s", piece->offset,
                 piece->offset + piece->size_bytes - 1, total);
}

bool
gcs_session_put(GcsDestination *dest, const char *session, const GcsPiece *piece,
                HttpAnswer *answer, Error *err)
{
    char range[96];
    HttpRequest request = {
        .method = "PUT",
        .url = session,
        .headers = {{"Content-Range", range}},
        .n_headers = 1,
        .body = piece->bytes,
        .body_bytes = piece->size_bytes,
        .runs_to_the_end = piece->is_last,
        .hides_path = true, /* an emulator's may hold the secret */
    };

    format_range(piece, range, sizeof(range));
    if (piece->is_last && piece->check != NULL && piece->check[0] != '\0')
        http_set_header(&request, "X-Goog-Hash", piece->check);
    return gcs_send(dest, &request, answer, err);
}

bool
gcs_session_progress(const HttpAnswer *answer, uint64_t *persisted_bytes)
{
    char range[64];
    char *end = NULL;

    *persisted_bytes = 0;
    if (answer->status != 308)
        return false;
    if (!http_header(answer, "range", range, sizeof(range)))
        return true; /* nothing yet */
    const char *from = strncmp(range, "bytes=", 6) == 0 ? range + 6 : range;
    if (strncmp(from, "0-", 2) != 0 || from[2] < '0' || from[2] > '9')
        return false;
    *persisted_bytes = strtoull(from + 2, &end, 10) + 1;
    return *end == '\0';
}

static bool
refuse_piece(const GcsDestination *dest, const char *name, const HttpAnswer *answer, Error *err)
{
    if (answer->status / 100 == 2)
        return gcs_fail(dest, GCS_SEND, name, ERR_IO,
                        "the store ended the upload before its last bytes", err);
    if (answer->status == 308)
        return gcs_fail(dest, GCS_SEND, name, ERR_UNAVAILABLE,
                        "the store's answer does not say what it has", err);
    return gcs_refuse(dest, GCS_SEND, name, answer, err);
}

/* A whole piece may be taken in steps: the rest goes out again from where the store is. */
static bool
send_rest(GcsDestination *dest, const char *session, const char *name, const GcsPiece *rest,
          uint64_t *persisted_bytes, Error *err)
{
    HttpAnswer answer = {0};
    bool ok = gcs_session_put(dest, session, rest, &answer, err);

    if (ok && !gcs_session_progress(&answer, persisted_bytes))
        ok = refuse_piece(dest, name, &answer, err);
    else if (ok && (*persisted_bytes < rest->offset ||
                    *persisted_bytes > rest->offset + rest->size_bytes))
        ok = gcs_fail(dest, GCS_SEND, name, ERR_UNAVAILABLE,
                      "the store has fewer or more bytes than it acknowledged", err);
    http_answer_free(&answer);
    return ok;
}

bool
gcs_session_append(GcsDestination *dest, const char *session, const char *name,
                   const GcsPiece *piece, Error *err)
{
    GcsPiece rest = *piece;
    int stalls = 0;

    while (rest.size_bytes > 0) {
        uint64_t persisted = 0;
        if (!send_rest(dest, session, name, &rest, &persisted, err))
            return false;
        size_t taken = (size_t)(persisted - rest.offset);
        rest.bytes += taken;
        rest.size_bytes -= taken;
        rest.offset += taken;
        stalls = taken > 0 ? 0 : stalls + 1;
        if (stalls == STALLS_MAX)
            return gcs_fail(dest, GCS_SEND, name, ERR_UNAVAILABLE, "the store takes no more bytes",
                            err);
        if (stalls > 0 && !interrupt_sleep(STALL_PAUSE_MS << stalls, err))
            return false;
    }
    return true;
}

/* ---- cancel ---- */

/* 499 is the store's word for "cancelled"; 404 and 410 for a session it no longer knows. */
static bool
is_gone(int status)
{
    return status == 499 || status == 404 || status == 410 || status / 100 == 2;
}

bool
gcs_session_cancel(GcsDestination *dest, const char *session, const char *name, bool *is_stopped,
                   Error *err)
{
    HttpRequest request = {
        .method = "DELETE",
        .url = session,
        .runs_to_the_end = true, /* who interrupts a run wants it gone, too */
        .hides_path = true,
    };
    HttpAnswer answer = {0};

    bool ok = gcs_send(dest, &request, &answer, err);
    FAULT_POINT("gcs.abort.cancelled");
    *is_stopped = ok && is_gone(answer.status);
    if (ok && !*is_stopped && answer.status != 400)
        ok = gcs_refuse(dest, GCS_CANCEL, name, &answer, err);
    http_answer_free(&answer);
    return ok;
}
