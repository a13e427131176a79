/* Step 6 of a unit's life, repeatable at any moment by any process (spec: delivery §2, §3).
 *
 * The store is told to complete the upload, and only then asked what is there:
 *   200 with a result       done, if checksum and size are ours
 *   200 with an error       as that error
 *   412, NoSuchUpload       the key decides: ours, absent or foreign
 *   409, 5xx, no answer     somebody may be at work: told again with growing pauses, nothing read;
 *                           when that does not end, an error with nothing changed
 *   anything else           an error with nothing changed */
#include "destination/s3/s3.h"
#include "util/fault.h"

/* ---- the request ---- */

static void
append_escaped(Buffer *out, const char *text)
{
    for (; *text != '\0'; text++) {
        const char *escaped = *text == '&'   ? "&amp;"
                              : *text == '<' ? "&lt;"
                              : *text == '>' ? "&gt;"
                                             : NULL;
        if (escaped != NULL)
            buffer_append_text(out, escaped);
        else
            buffer_append_byte(out, (uint8_t)*text);
    }
}

static void
append_parts(Buffer *body, const S3UploadPart *parts, size_t count)
{
    assert(parts != NULL || count == 0);
    buffer_append_text(body, "<CompleteMultipartUpload"
                             " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
    for (size_t i = 0; i < count; i++) {
        buffer_append_format(body, "<Part><PartNumber>%zu</PartNumber><ETag>", i + 1);
        append_escaped(body, parts[i].etag);
        buffer_append_text(body, "</ETag>");
        if (parts[i].crc[0] != '\0')
            buffer_append_format(body, "<ChecksumCRC32C>%s</ChecksumCRC32C>", parts[i].crc);
        buffer_append_text(body, "</Part>");
    }
    buffer_append_text(body, "</CompleteMultipartUpload>");
}

/* ---- the answer ---- */

/* What the store answers to a completion. */
typedef struct Completion {
    char code[S3_CODE_BYTES]; /* of an error document, in a 200 too */
    bool is_result;
    char etag[S3_ETAG_BYTES]; /* of a result */
    char crc[S3_ETAG_BYTES];
} Completion;

static Completion
read_completion(const HttpAnswer *answer)
{
    Completion completion = {0};
    S3Document *document = s3_document_parse(answer);

    if (s3_document_is(document, "Error"))
        s3_document_text(document, "Code", completion.code, sizeof(completion.code));
    completion.is_result =
        answer->status == 200 && s3_document_is(document, "CompleteMultipartUploadResult");
    if (completion.is_result) {
        s3_document_text(document, "ETag", completion.etag, sizeof(completion.etag));
        s3_document_text(document, "ChecksumCRC32C", completion.crc, sizeof(completion.crc));
    }
    s3_document_free(document);
    return completion;
}

/* Neither done nor refused. A 200 whose body is no document at all was cut on its way. */
static bool
is_undecided(const HttpAnswer *answer, const Completion *completion)
{
    if (answer->status == 200 && completion->code[0] == '\0')
        return !completion->is_result;
    return answer->status == 409 || s3_code_repeat(completion->code) == S3_BUSY;
}

static bool
should_tell_again(const HttpAnswer *answer)
{
    const Completion completion = read_completion(answer);

    return is_undecided(answer, &completion);
}

static bool
fail_foreign_bytes(const UploadRef *ref, const char *got, Error *err)
{
    return error_set(err, ERR_IO, "the store reports the checksum %s for '%s' instead of %s", got,
                     ref->key, ref->store_check);
}

/* Stores that are not AWS may form the ETag in their own way; then size and nonce decide. */
static bool
contradicts(const char *got, const char *want)
{
    const char *got_count = strrchr(got, '-');
    const char *want_count = strrchr(want, '-');

    return want_count != NULL && got_count != NULL && strlen(got) == strlen(want) &&
           strcmp(got_count, want_count) == 0 && strcmp(got, want) != 0;
}

static bool
read_key(S3Destination *dest, const UploadRef *ref, PublishResult *out, Error *err)
{
    S3Object object;
    char got[S3_ETAG_BYTES];

    if (!s3_object_look(dest, ref->key, true, &object, err))
        return false;
    FAULT_POINT("s3.publish.looked");
    *out = s3_object_is_ours(&object, ref) ? PUBLISH_DONE
           : object.exists                 ? PUBLISH_TAKEN
                                           : PUBLISH_GONE;
    s3_etag_check(object.etag, got, sizeof(got));
    if (*out == PUBLISH_DONE && !dest->uses_crc && contradicts(got, ref->store_check))
        return fail_foreign_bytes(ref, got, err);
    return true;
}

static bool
take_result(S3Destination *dest, const UploadRef *ref, const Completion *completion,
            PublishResult *out, Error *err)
{
    char got[S3_ETAG_BYTES + 8];

    if (dest->uses_crc)
        snprintf(got, sizeof(got), "crc32c=%s", completion->crc);
    else
        s3_etag_check(completion->etag, got, sizeof(got));
    if (strcmp(got, ref->store_check) == 0) {
        *out = PUBLISH_DONE;
        return true;
    }
    if (contradicts(got, ref->store_check))
        return fail_foreign_bytes(ref, got, err);
    if (!read_key(dest, ref, out, err))
        return false;
    return *out == PUBLISH_DONE ||
           error_set(err, ERR_UNAVAILABLE, "'%s' was completed but is not there", ref->key);
}

static bool
judge(S3Destination *dest, const S3Call *call, const UploadRef *ref, const HttpAnswer *answer,
      PublishResult *out, Error *err)
{
    const Completion completion = read_completion(answer);
    const char *code = completion.code;

    if (answer->status == 412 || strcmp(code, "PreconditionFailed") == 0 ||
        strcmp(code, "NoSuchUpload") == 0 || strcmp(code, "NoSuchKey") == 0)
        return read_key(dest, ref, out, err);
    if (completion.is_result)
        return take_result(dest, ref, &completion, out, err);
    if (answer->status == 200) { /* an error that came too late for its status */
        HttpAnswer late = *answer;
        late.status = is_undecided(answer, &completion) ? 500 : 400;
        return s3_fail(dest, call, &late, err);
    }
    return s3_fail(dest, call, answer, err);
}

static bool
complete(S3Destination *dest, const UploadRef *ref, const char *upload_id,
         const S3UploadPart *parts, size_t count, PublishResult *out, Error *err)
{
    HttpAnswer answer = {0};
    Buffer query = {0};
    Buffer body = {0};
    S3Call call = {
        .method = "POST",
        .key = ref->key,
        .runs_to_the_end = true,
        .should_retry = should_tell_again,
        .purpose = "publish",
        .permission = "s3:PutObject",
    };

    append_parts(&body, parts, count);
    s3_append_upload_id(&query, upload_id);
    call.query = buffer_text(&query);
    call.body = body.data;
    call.body_bytes = body.size;
    s3_add_header(&call, "If-None-Match", "*");
    s3_add_header(&call, "Content-Type", "application/xml");
    bool ok = s3_send(dest, &call, &answer, err);
    FAULT_POINT("s3.publish.sent");
    ok = ok && judge(dest, &call, ref, &answer, out, err);
    http_answer_free(&answer);
    buffer_release(&query);
    buffer_release(&body);
    return ok;
}

bool
s3_publish(Destination *base, const UploadRef *ref, PublishResult *out, Error *err)
{
    S3Destination *dest = (S3Destination *)base;
    S3Reference reference;
    size_t count;
    bool is_gone = false;
    bool ok = true;

    FAULT_POINT("s3.publish.before");
    if (!s3_reference_read(ref, &reference, err))
        return false;
    count = reference.count;
    if (reference.parts == NULL)
        ok = s3_multipart_list_parts(dest, ref->key, reference.upload_id, &reference.parts, &count,
                                     &is_gone, err);
    if (ok && !is_gone && count != reference.count)
        ok = error_set(err, ERR_IO, "the store has %zu upload parts of '%s' instead of %zu", count,
                       ref->key, reference.count);
    if (ok)
        ok = is_gone ? read_key(dest, ref, out, err)
                     : complete(dest, ref, reference.upload_id, reference.parts, count, out, err);
    if (ok && *out == PUBLISH_DONE)
        FAULT_POINT("s3.publish.done");
    s3_reference_release(&reference);
    return ok;
}
