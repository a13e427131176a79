/* The calls of a multipart upload. */
#include "destination/s3/s3.h"
#include "util/clock.h"
#include "util/digest.h"
#include "util/fault.h"
#include "util/interrupt.h"
#include "util/memory.h"

enum { ABORT_ROUNDS = 8, ABORT_PAUSE_FIRST_MS = 100, LIST_LIMIT_BYTES = 4 << 20 };

static bool
is_success(const HttpAnswer *answer)
{
    return answer->status >= 200 && answer->status < 300;
}

/* ---- create ---- */

bool
s3_multipart_create(S3Destination *dest, const char *key, const char *nonce, char *upload_id,
                    int *attempts, Error *err)
{
    HttpAnswer answer = {0};
    S3Call call = {
        .method = "POST",
        .key = key,
        .query = "uploads=",
        .purpose = "begin an upload to",
        .permission = "s3:PutObject",
    };

    s3_add_header(&call, "x-amz-meta-rivet-part", nonce);
    s3_add_header(&call, "x-amz-storage-class", dest->base.config->storage_class);
    s3_add_header(&call, "x-amz-checksum-algorithm", dest->uses_crc ? "CRC32C" : NULL);
    s3_add_encryption(dest, &call);
    bool ok = s3_send(dest, &call, &answer, err);
    if (ok && !is_success(&answer))
        ok = s3_fail(dest, &call, &answer, err);
    if (ok) {
        S3Document *document = s3_document_parse(&answer);
        s3_document_text(document, "UploadId", upload_id, REFERENCE_BYTES);
        s3_document_free(document);
        *attempts = answer.attempts;
        if (upload_id[0] == '\0')
            ok = error_set(err, ERR_UNAVAILABLE, "the store began no upload for '%s': HTTP %d", key,
                           answer.status);
    }
    http_answer_free(&answer);
    return ok;
}

/* ---- one upload part ---- */

/* The store has compared Content-MD5 or the CRC32C while it took the bytes. Its ETag is the MD5
 * too, but in an encrypted bucket it need not be. */
static bool
take_acknowledgement(const HttpAnswer *answer, const char *md5, const char *crc, S3UploadPart *out,
                     Error *err)
{
    if (!http_header(answer, "etag", out->etag, sizeof(out->etag)))
        return error_set(err, ERR_UNAVAILABLE, "the store took an upload part without an ETag");
    snprintf(out->crc, sizeof(out->crc), "%.*s", S3_CRC_BYTES - 1, crc);
    out->is_md5 = md5[0] != '\0' && s3_etag_is(out->etag, md5);
    return true;
}

void
s3_append_upload_id(Buffer *query, const char *upload_id)
{
    buffer_append_text(query, "uploadId=");
    http_encode(upload_id, false, query);
}

bool
s3_multipart_send(S3Destination *dest, const char *key, const char *upload_id, int number,
                  const void *bytes, size_t size_bytes, const atomic_bool *is_cancelled,
                  S3UploadPart *out, Error *err)
{
    HttpAnswer answer = {0};
    Buffer query = {0};
    uint8_t digest[MD5_BYTES];
    char text[DIGEST_BASE64_BYTES];
    char md5[2 * MD5_BYTES + 1] = "";
    S3Call call = {
        .method = "PUT",
        .key = key,
        .body = bytes,
        .body_bytes = size_bytes,
        .is_cancelled = is_cancelled,
        .purpose = "upload to",
        .permission = "s3:PutObject",
    };

    buffer_append_format(&query, "partNumber=%d&", number);
    s3_append_upload_id(&query, upload_id);
    call.query = buffer_text(&query);
    if (dest->uses_crc) {
        digest_crc32c_bytes(digest_crc32c(0, bytes, size_bytes), digest);
        digest_base64(digest, 4, text);
        s3_add_header(&call, "x-amz-checksum-crc32c", text);
    } else {
        digest_md5(bytes, size_bytes, digest);
        digest_base64(digest, sizeof(digest), text);
        digest_hex(digest, sizeof(digest), md5);
        s3_add_header(&call, "Content-MD5", text);
    }
    bool ok = s3_send(dest, &call, &answer, err) &&
              (is_success(&answer) || s3_fail(dest, &call, &answer, err)) &&
              take_acknowledgement(&answer, md5, dest->uses_crc ? text : "", out, err);
    http_answer_free(&answer);
    buffer_release(&query);
    return ok;
}

/* ---- list the parts of one upload ---- */

typedef struct PartList {
    S3UploadPart *parts;
    size_t count;
} PartList;

static bool
take_part(void *context, const S3Element *element)
{
    PartList *list = context;
    char number[16];
    S3UploadPart part = {0};

    s3_element_text(element, "PartNumber", number, sizeof(number));
    s3_element_text(element, "ETag", part.etag, sizeof(part.etag));
    s3_element_text(element, "ChecksumCRC32C", part.crc, sizeof(part.crc));
    /* Ours are numbered without gaps. */
    if (strtoul(number, NULL, 10) != list->count + 1 || list->count >= S3_PARTS_MAX)
        return false;
    list->parts = memory_resize(list->parts, (list->count + 1) * sizeof(part));
    list->parts[list->count++] = part;
    return true;
}

static bool
is_truncated(const S3Document *document)
{
    char text[16];

    s3_document_text(document, "IsTruncated", text, sizeof(text));
    return strcmp(text, "true") == 0;
}

/* A page that holds nothing and yet is not the last would be asked for again without end. */
static bool
read_part_page(const HttpAnswer *answer, PartList *list, bool *has_more)
{
    size_t before = list->count;
    S3Document *document = s3_document_parse(answer);
    bool ok = s3_document_is(document, "ListPartsResult");

    if (ok) {
        *has_more = is_truncated(document);
        ok = s3_document_each(document, "Part", take_part, list) &&
             (!*has_more || list->count > before);
    }
    s3_document_free(document);
    return ok;
}

bool
s3_multipart_list_parts(S3Destination *dest, const char *key, const char *upload_id,
                        S3UploadPart **out, size_t *count, bool *is_gone, Error *err)
{
    PartList list = {0};
    Buffer query = {0};
    bool has_more = true;
    bool ok = true;

    *is_gone = false;
    while (ok && has_more && !*is_gone) {
        HttpAnswer answer = {0};
        char code[S3_CODE_BYTES];
        S3Call call = {
            .method = "GET",
            .key = key,
            .answer_limit_bytes = LIST_LIMIT_BYTES,
            .runs_to_the_end = true,
            .purpose = "list the upload parts of",
            .permission = "s3:ListMultipartUploadParts",
        };
        buffer_reset(&query);
        buffer_append_format(&query, "max-parts=1000&part-number-marker=%zu&", list.count);
        s3_append_upload_id(&query, upload_id);
        call.query = buffer_text(&query);
        ok = s3_send(dest, &call, &answer, err);
        if (ok) {
            s3_answer_code(&answer, code);
            *is_gone = answer.status == 404 && strcmp(code, "NoSuchUpload") == 0;
            ok = *is_gone || is_success(&answer) || s3_fail(dest, &call, &answer, err);
            if (ok && !*is_gone && !read_part_page(&answer, &list, &has_more))
                ok = error_set(err, ERR_UNAVAILABLE,
                               "the store's list of upload parts makes no sense");
        }
        http_answer_free(&answer);
    }
    buffer_release(&query);
    *out = list.parts;
    *count = list.count;
    return ok;
}

/* ---- abort ---- */

enum { MARKER_BYTES = 4096 };

typedef struct UploadList {
    const char *full_key;
    const char *except_id;
    char **ids; /* of uploads to exactly that key */
    size_t count;
    /* Where the next page begins; "" and "": the first. */
    char key_marker[MARKER_BYTES];
    char id_marker[REFERENCE_BYTES];
} UploadList;

static bool
take_upload(void *context, const S3Element *element)
{
    UploadList *list = context;
    Buffer room = {0};
    char id[REFERENCE_BYTES];

    char *key = (char *)buffer_reserve(&room, 4096);
    s3_element_text(element, "Key", key, 4096);
    s3_element_text(element, "UploadId", id, sizeof(id));
    bool is_wanted = strcmp(key, list->full_key) == 0 && id[0] != '\0' &&
                     (list->except_id == NULL || strcmp(id, list->except_id) != 0);
    if (is_wanted) {
        list->ids = memory_resize(list->ids, (list->count + 1) * sizeof(*list->ids));
        list->ids[list->count++] = memory_dup_string(id);
    }
    buffer_release(&room);
    return true;
}

static void
release_uploads(UploadList *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->ids[i]);
    free(list->ids);
    list->ids = NULL;
    list->count = 0;
}

static bool
fail_list(Error *err)
{
    return error_set(err, ERR_UNAVAILABLE, "the store's list of uploads makes no sense");
}

/* The names of a query must be in order. */
static void
append_list_query(Buffer *query, const UploadList *list)
{
    if (list->key_marker[0] != '\0') {
        buffer_append_text(query, "key-marker=");
        http_encode(list->key_marker, false, query);
        buffer_append_byte(query, '&');
    }
    buffer_append_text(query, "prefix=");
    http_encode(list->full_key, false, query);
    if (list->id_marker[0] != '\0') {
        buffer_append_text(query, "&upload-id-marker=");
        http_encode(list->id_marker, false, query);
    }
    buffer_append_text(query, "&uploads=");
}

/* A page that is not the last says where the next one begins, and not where it began itself. */
static bool
take_markers(const S3Document *document, UploadList *list, Error *err)
{
    char key[MARKER_BYTES];
    char id[REFERENCE_BYTES];

    s3_document_text(document, "NextKeyMarker", key, sizeof(key));
    s3_document_text(document, "NextUploadIdMarker", id, sizeof(id));
    if (key[0] == '\0' || (strcmp(key, list->key_marker) == 0 && strcmp(id, list->id_marker) == 0))
        return fail_list(err);
    memcpy(list->key_marker, key, sizeof(key));
    memcpy(list->id_marker, id, sizeof(id));
    return true;
}

static bool
read_upload_page(const HttpAnswer *answer, UploadList *list, bool *has_more, Error *err)
{
    S3Document *document = s3_document_parse(answer);
    bool ok = s3_document_is(document, "ListMultipartUploadsResult") || fail_list(err);

    if (ok) {
        *has_more = is_truncated(document);
        ok = s3_document_each(document, "Upload", take_upload, list) &&
             (!*has_more || take_markers(document, list, err));
    }
    s3_document_free(document);
    return ok;
}

static bool
list_page(S3Destination *dest, UploadList *list, bool *has_more, Error *err)
{
    HttpAnswer answer = {0};
    Buffer query = {0};
    S3Call call = {
        .method = "GET",
        .answer_limit_bytes = LIST_LIMIT_BYTES,
        .purpose = "list the unfinished uploads of",
        .permission = "s3:ListBucketMultipartUploads",
    };

    append_list_query(&query, list);
    call.query = buffer_text(&query);
    bool ok = s3_send(dest, &call, &answer, err) &&
              (is_success(&answer) || s3_fail(dest, &call, &answer, err)) &&
              read_upload_page(&answer, list, has_more, err);
    buffer_release(&query);
    http_answer_free(&answer);
    return ok;
}

static bool
list_uploads(S3Destination *dest, UploadList *list, Error *err)
{
    bool has_more = true;
    bool ok = true;

    list->key_marker[0] = '\0';
    list->id_marker[0] = '\0';
    while (ok && has_more)
        ok = list_page(dest, list, &has_more, err);
    return ok;
}

/* Gone already is as good. */
static bool
abort_one(S3Destination *dest, const char *key, const char *upload_id, Error *err)
{
    HttpAnswer answer = {0};
    Buffer query = {0};
    char code[S3_CODE_BYTES];
    S3Call call = {
        .method = "DELETE",
        .key = key,
        .purpose = "stop the upload to",
        .permission = "s3:AbortMultipartUpload",
    };

    s3_append_upload_id(&query, upload_id);
    call.query = buffer_text(&query);
    bool ok = s3_send(dest, &call, &answer, err);
    if (ok) {
        s3_answer_code(&answer, code);
        bool is_gone = answer.status == 404 && strcmp(code, "NoSuchUpload") == 0;
        ok = is_gone || is_success(&answer) || s3_fail(dest, &call, &answer, err);
    }
    buffer_release(&query);
    http_answer_free(&answer);
    FAULT_POINT("s3.abort.upload_stopped");
    return ok;
}

/* An upload part that was under way while its upload was stopped may bring it back, so the list
 * has the last word. */
bool
s3_multipart_abort_all(S3Destination *dest, const char *key, const char *except_id, Error *err)
{
    const char *prefix = dest->base.config->prefix;
    char *full_key = memory_format("%s%s", prefix == NULL ? "" : prefix, key);
    UploadList list = {.full_key = full_key, .except_id = except_id};
    int64_t pause_ms = ABORT_PAUSE_FIRST_MS;
    bool ok = true;
    bool is_empty = false;

    for (int round = 0; ok && !is_empty && round < ABORT_ROUNDS; round++, pause_ms *= 2) {
        ok = round < 2 || interrupt_sleep(pause_ms, err);
        ok = ok && list_uploads(dest, &list, err);
        is_empty = list.count == 0;
        for (size_t i = 0; ok && i < list.count; i++)
            ok = abort_one(dest, key, list.ids[i], err);
        release_uploads(&list);
    }
    if (ok && !is_empty)
        ok = error_set(err, ERR_UNAVAILABLE, "uploads to '%s' do not end", full_key);
    free(full_key);
    return ok;
}
