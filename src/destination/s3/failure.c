/* What an answer means to the user. */
#include "destination/s3/s3.h"

typedef struct Meaning {
    const char *code; /* the store's; "" for any */
    int status;       /* 0 for any */
    ErrorCode error;
    const char *hint;
} Meaning;

/* First match. */
static const Meaning MEANINGS[] = {
    {"NoSuchBucket", 0, ERR_UNAVAILABLE,
     "check the bucket's name, its region and the endpoint; rivet creates no buckets"},
    {"InvalidAccessKeyId", 0, ERR_DENIED,
     "the store does not know this access key: check the credentials and the endpoint"},
    {"XAdminUserNotFound", 0, ERR_DENIED, /* the Versity S3 Gateway's word for it, with a 404 */
     "the store does not know this access key: check the credentials and the endpoint"},
    {"SignatureDoesNotMatch", 0, ERR_DENIED, "the secret key does not belong to the access key"},
    {"ExpiredToken", 0, ERR_DENIED, "the credentials have expired: log in again or renew them"},
    {"InvalidToken", 0, ERR_DENIED, "the session token does not belong to the access key"},
    {"RequestTimeTooSkewed", 0, ERR_DENIED,
     "this machine's clock differs from the store's: set it"},
    {"AuthorizationHeaderMalformed", 0, ERR_CONFIG, "set region to that of the bucket"},
    {"PermanentRedirect", 0, ERR_CONFIG, "set region, or endpoint, to that of the bucket"},
    {"", 301, ERR_CONFIG, "set region, or endpoint, to that of the bucket"},
    {"", 307, ERR_UNAVAILABLE, "the bucket is still being set up at its region: try again later"},
    {"InvalidStorageClass", 0, ERR_CONFIG, "check storage_class"},
    {"KMS.NotFoundException", 0, ERR_CONFIG, "check sse_kms_key"},
    {"InvalidBucketName", 0, ERR_CONFIG, "check the bucket's name"},
    {"KeyTooLongError", 0, ERR_CONFIG, "shorten prefix or file_name: 1024 bytes at most"},
    {"EntityTooLarge", 0, ERR_CONFIG, "set part_mb lower, or max_file_size"},
    {"InvalidPart", 0, ERR_IO, "this store wants upload parts of one size: set part_mb higher"},
    {"NotImplemented", 0, ERR_UNSUPPORTED,
     "this store lacks a part of the S3 API that rivet needs (docs/destinations/s3.md lists them)"},
    {"", 401, ERR_DENIED, "check the credentials and what they may do in this bucket"},
    {"", 403, ERR_DENIED, "check the credentials and what they may do in this bucket"},
    {"", 404, ERR_UNAVAILABLE, "check the bucket's name and the endpoint"},
    {"", 408, ERR_UNAVAILABLE, NULL},
    {"", 409, ERR_UNAVAILABLE, "another request is still at work on this key: try again later"},
    {"", 429, ERR_UNAVAILABLE, "the store is busy: try again later"},
    {"InternalError", 0, ERR_UNAVAILABLE, NULL},
    {"SlowDown", 0, ERR_UNAVAILABLE, "the store is busy: try again later"},
    {"ServiceUnavailable", 0, ERR_UNAVAILABLE, NULL},
    {"RequestTimeout", 0, ERR_UNAVAILABLE, NULL},
};

static const Meaning *
find_meaning(const HttpAnswer *answer, const char *code)
{
    static const Meaning SERVER = {"", 500, ERR_UNAVAILABLE, NULL};
    static const Meaning OTHER = {"", 0, ERR_IO, NULL};

    for (size_t i = 0; i < ARRAY_LENGTH(MEANINGS); i++) {
        const Meaning *meaning = &MEANINGS[i];
        if (meaning->code[0] == '\0' ? answer->status == meaning->status
                                     : strcmp(meaning->code, code) == 0)
            return meaning;
    }
    return answer->status >= 500 ? &SERVER : &OTHER;
}

void
s3_answer_code(const HttpAnswer *answer, char code[S3_CODE_BYTES])
{
    S3Document *document = s3_document_parse(answer);

    code[0] = '\0';
    if (s3_document_is(document, "Error"))
        s3_document_text(document, "Code", code, S3_CODE_BYTES);
    s3_document_free(document);
}

/* What the store says about it; its region when it is another one. */
static void
read_message(const HttpAnswer *answer, char *text, size_t size_bytes)
{
    char message[256] = "";
    char region[64] = "";
    S3Document *document = s3_document_parse(answer);

    if (s3_document_is(document, "Error"))
        s3_document_text(document, "Message", message, sizeof(message));
    s3_document_free(document);
    bool is_elsewhere = answer->status == 301 || answer->status == 400;
    if (!is_elsewhere || !http_header(answer, "x-amz-bucket-region", region, sizeof(region)))
        region[0] = '\0';
    snprintf(text, size_bytes, "%s%s%s%s%s%s", message[0] == '\0' ? "" : " (", message,
             message[0] == '\0' ? "" : ")", region[0] == '\0' ? "" : "; the bucket is in region '",
             region, region[0] == '\0' ? "" : "'");
}

bool
s3_fail(const S3Destination *dest, const S3Call *call, const HttpAnswer *answer, Error *err)
{
    char code[S3_CODE_BYTES];
    char message[512];
    char where[600];

    s3_answer_code(answer, code);
    read_message(answer, message, sizeof(message));
    s3_display(&dest->base, call->key == NULL ? "" : call->key, where, sizeof(where));
    const Meaning *meaning = find_meaning(answer, code);
    if (err->code == ERR_NONE)
        err->hint = meaning->hint;
    bool is_denied = meaning->error == ERR_DENIED;
    bool needs_permission = answer->status == 403 && call->permission != NULL &&
                            (code[0] == '\0' || strcmp(code, "AccessDenied") == 0);
    return error_set(err, meaning->error, "cannot %s '%s': %sHTTP %d%s%s%s%s%s", call->purpose,
                     where, is_denied ? "permission denied: " : "", answer->status,
                     code[0] == '\0' ? "" : " ", code, message,
                     needs_permission ? "; it takes the permission " : "",
                     needs_permission ? call->permission : "");
}
