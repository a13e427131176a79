/* What an answer means to the user. */
#include "destination/s3/s3.h"

typedef struct Meaning {
    const char *code; /* the store's; "" for any */
    int status;       /* 0 for any */
    ErrorCode error;
    S3Repeat repeat; /* of codes; the HTTP layer knows the statuses */
    const char *hint;
} Meaning;

static const char UNKNOWN_KEY_HINT[] =
    "the store does not know this access key: check the credentials and the endpoint";
static const char EXPIRED_HINT[] = "the credentials have expired: log in again or renew them";
static const char REGION_HINT[] = "set region, or endpoint, to that of the bucket";
static const char RIGHTS_HINT[] = "check the credentials and what they may do in this bucket";
static const char BUSY_HINT[] = "the store is busy: try again later";
static const char CONFLICT_HINT[] = "another request is still at work on this key: try again later";

/* First match. */
static const Meaning MEANINGS[] = {
    {"InternalError", 0, ERR_UNAVAILABLE, S3_BUSY, NULL},
    {"ServiceUnavailable", 0, ERR_UNAVAILABLE, S3_BUSY, NULL},
    {"RequestTimeout", 0, ERR_UNAVAILABLE, S3_BUSY, NULL},
    {"RequestTimeoutException", 0, ERR_UNAVAILABLE, S3_BUSY, NULL},
    {"SlowDown", 0, ERR_UNAVAILABLE, S3_BUSY, BUSY_HINT},
    {"Throttling", 0, ERR_UNAVAILABLE, S3_BUSY, BUSY_HINT},
    {"ThrottlingException", 0, ERR_UNAVAILABLE, S3_BUSY, BUSY_HINT},
    {"ThrottledException", 0, ERR_UNAVAILABLE, S3_BUSY, BUSY_HINT},
    {"RequestThrottled", 0, ERR_UNAVAILABLE, S3_BUSY, BUSY_HINT},
    {"RequestThrottledException", 0, ERR_UNAVAILABLE, S3_BUSY, BUSY_HINT},
    {"TooManyRequestsException", 0, ERR_UNAVAILABLE, S3_BUSY, BUSY_HINT},
    {"RequestLimitExceeded", 0, ERR_UNAVAILABLE, S3_BUSY, BUSY_HINT},
    {"BandwidthLimitExceeded", 0, ERR_UNAVAILABLE, S3_BUSY, BUSY_HINT},
    {"OperationAborted", 0, ERR_UNAVAILABLE, S3_BUSY, CONFLICT_HINT},
    {"ConditionalRequestConflict", 0, ERR_UNAVAILABLE, S3_BUSY, CONFLICT_HINT},
    {"ExpiredToken", 0, ERR_DENIED, S3_EXPIRED, EXPIRED_HINT},
    {"ExpiredTokenException", 0, ERR_DENIED, S3_EXPIRED, EXPIRED_HINT},
    {"TokenRefreshRequired", 0, ERR_DENIED, S3_EXPIRED, EXPIRED_HINT},
    {"RequestExpired", 0, ERR_DENIED, S3_EXPIRED, EXPIRED_HINT},
    {"NoSuchBucket", 0, ERR_UNAVAILABLE, S3_FINAL,
     "check the bucket's name, its region and the endpoint; rivet creates no buckets"},
    {"InvalidAccessKeyId", 0, ERR_DENIED, S3_FINAL, UNKNOWN_KEY_HINT},
    /* the Versity S3 Gateway's word for it, with a 404 */
    {"XAdminUserNotFound", 0, ERR_DENIED, S3_FINAL, UNKNOWN_KEY_HINT},
    {"SignatureDoesNotMatch", 0, ERR_DENIED, S3_FINAL,
     "the secret key does not belong to the access key"},
    {"InvalidToken", 0, ERR_DENIED, S3_FINAL,
     "the session token does not belong to the access key"},
    {"RequestTimeTooSkewed", 0, ERR_DENIED, S3_FINAL,
     "this machine's clock differs from the store's: set it"},
    {"AuthorizationHeaderMalformed", 0, ERR_CONFIG, S3_FINAL, "set region to that of the bucket"},
    {"PermanentRedirect", 0, ERR_CONFIG, S3_FINAL, REGION_HINT},
    {"", 301, ERR_CONFIG, S3_FINAL, REGION_HINT},
    {"", 307, ERR_UNAVAILABLE, S3_FINAL,
     "the bucket is still being set up at its region: try again later"},
    {"InvalidStorageClass", 0, ERR_CONFIG, S3_FINAL, "check storage_class"},
    {"KMS.NotFoundException", 0, ERR_CONFIG, S3_FINAL, "check sse_kms_key"},
    {"InvalidBucketName", 0, ERR_CONFIG, S3_FINAL, "check the bucket's name"},
    {"KeyTooLongError", 0, ERR_CONFIG, S3_FINAL, "shorten prefix or file_name: 1024 bytes at most"},
    {"EntityTooLarge", 0, ERR_CONFIG, S3_FINAL, "set part_mb lower, or max_file_size"},
    {"InvalidPart", 0, ERR_IO, S3_FINAL,
     "this store wants upload parts of one size: set part_mb higher"},
    {"NotImplemented", 0, ERR_UNSUPPORTED, S3_FINAL,
     "this store lacks a part of the S3 API that rivet needs (docs/destinations/s3.md lists them)"},
    {"", 401, ERR_DENIED, S3_FINAL, RIGHTS_HINT},
    {"", 403, ERR_DENIED, S3_FINAL, RIGHTS_HINT},
    {"", 404, ERR_UNAVAILABLE, S3_FINAL, "check the bucket's name and the endpoint"},
    {"", 408, ERR_UNAVAILABLE, S3_FINAL, NULL},
    {"", 409, ERR_UNAVAILABLE, S3_FINAL, CONFLICT_HINT},
    {"", 429, ERR_UNAVAILABLE, S3_FINAL, BUSY_HINT},
};

static const Meaning *
find_meaning(const HttpAnswer *answer, const char *code)
{
    static const Meaning SERVER = {"", 500, ERR_UNAVAILABLE, S3_FINAL, NULL};
    static const Meaning OTHER = {"", 0, ERR_IO, S3_FINAL, NULL};

    for (size_t i = 0; i < ARRAY_LENGTH(MEANINGS); i++) {
        const Meaning *meaning = &MEANINGS[i];
        if (meaning->code[0] == '\0' ? answer->status == meaning->status
                                     : strcmp(meaning->code, code) == 0)
            return meaning;
    }
    return answer->status >= 500 ? &SERVER : &OTHER;
}

S3Repeat
s3_code_repeat(const char *code)
{
    for (size_t i = 0; i < ARRAY_LENGTH(MEANINGS); i++)
        if (MEANINGS[i].code[0] != '\0' && strcmp(MEANINGS[i].code, code) == 0)
            return MEANINGS[i].repeat;
    return S3_FINAL;
}

/* Code and message of an error document; "" when the body is none. */
static void
read_error(const HttpAnswer *answer, char code[S3_CODE_BYTES], char *message, size_t size_bytes)
{
    S3Document *document = s3_document_parse(answer);
    const S3Document *error = s3_document_is(document, "Error") ? document : NULL;

    s3_document_text(error, "Code", code, S3_CODE_BYTES);
    s3_document_text(error, "Message", message, size_bytes);
    s3_document_free(document);
}

void
s3_answer_code(const HttpAnswer *answer, char code[S3_CODE_BYTES])
{
    char message[256];

    read_error(answer, code, message, sizeof(message));
}

/* The region of a bucket that is in another one; "" when the store does not say. */
static void
read_region(const HttpAnswer *answer, char *region, size_t size_bytes)
{
    bool is_elsewhere = answer->status == 301 || answer->status == 400;

    region[0] = '\0';
    if (is_elsewhere && !http_header(answer, "x-amz-bucket-region", region, size_bytes))
        region[0] = '\0';
}

bool
s3_fail(const S3Destination *dest, const S3Call *call, const HttpAnswer *answer, Error *err)
{
    char code[S3_CODE_BYTES];
    char message[256];
    char region[64];
    char where[600];

    read_error(answer, code, message, sizeof(message));
    read_region(answer, region, sizeof(region));
    s3_display(&dest->base, call->key == NULL ? "" : call->key, where, sizeof(where));
    const Meaning *meaning = find_meaning(answer, code);
    if (err->code == ERR_NONE)
        err->hint = meaning->hint;
    bool is_denied = meaning->error == ERR_DENIED;
    bool needs_permission = answer->status == 403 && call->permission != NULL &&
                            (code[0] == '\0' || strcmp(code, "AccessDenied") == 0);
    return error_set(
        err, meaning->error, "cannot %s '%s': %sHTTP %d%s%s%s%s%s%s%s%s%s%s", call->purpose, where,
        is_denied ? "permission denied: " : "", answer->status, code[0] == '\0' ? "" : " ", code,
        message[0] == '\0' ? "" : " (", message, message[0] == '\0' ? "" : ")",
        region[0] == '\0' ? "" : "; the bucket is in region '", region,
        region[0] == '\0' ? "" : "'", needs_permission ? "; it takes the permission " : "",
        needs_permission ? call->permission : "");
}
