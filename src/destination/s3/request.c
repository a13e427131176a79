#include "destination/s3/s3.h"
#include "destination/s3/sign.h"
#include "util/clock.h"
#include "util/digest.h"

static const char UNSIGNED[] = "UNSIGNED-PAYLOAD";

/* One signed request while it is under way; prepare fills what depends on the moment. */
typedef struct Sending {
    S3Destination *dest;
    const S3Call *call;
    Arena arena; /* of the current attempt: keys, signature */
    Keys keys;
    Buffer path; /* encoded */
    Buffer url;
    char payload_hash[SHA256_HEX_BYTES];
    bool has_new_keys; /* expired keys were replaced once */
} Sending;

/* Bodies of objects on an encrypted connection carry a checksum of their own. */
static void
hash_payload(Sending *sending)
{
    const S3Call *call = sending->call;
    uint8_t hash[SHA256_BYTES];

    if (sending->dest->address.is_secure && call->body_bytes > 0) {
        snprintf(sending->payload_hash, sizeof(sending->payload_hash), "%s", UNSIGNED);
        return;
    }
    digest_sha256(call->body, call->body_bytes, hash);
    digest_hex(hash, sizeof(hash), sending->payload_hash);
}

static void
build_url(Sending *sending)
{
    const S3Destination *dest = sending->dest;
    const S3Call *call = sending->call;

    buffer_append_text(&sending->path, dest->address.path);
    buffer_append_byte(&sending->path, '/');
    if (call->key != NULL) {
        const char *prefix = dest->base.config->prefix;
        http_encode(prefix == NULL ? "" : prefix, true, &sending->path);
        http_encode(call->key, true, &sending->path);
    } else if (sending->path.size > 1) {
        sending->path.size--; /* "/bucket" */
    }
    buffer_append_format(&sending->url, "%s%s", dest->address.base, buffer_text(&sending->path));
    if (call->query != NULL)
        buffer_append_format(&sending->url, "?%s", call->query);
    buffer_text(&sending->url);
}

static void
sign(Sending *sending, HttpRequest *request, const char *timestamp)
{
    const S3Destination *dest = sending->dest;
    Buffer authorization = {0};

    assert(request->n_headers < HTTP_MAX_HEADERS);
    sign_request(
        &(SignInput){
            .method = request->method,
            .path = buffer_text(&sending->path),
            .query = sending->call->query == NULL ? "" : sending->call->query,
            .host = dest->address.host,
            .headers = request->headers,
            .n_headers = request->n_headers,
            .payload_hash = sending->payload_hash,
            .timestamp = timestamp,
            .region = dest->region,
            .service = "s3",
            .access_key = sending->keys.access_key,
            .secret_key = sending->keys.secret_key,
        },
        &authorization);
    http_set_header(request, "Authorization",
                    arena_dup_string(&sending->arena, buffer_text(&authorization)));
    buffer_release(&authorization);
}

/* The headers that a new attempt needs anew replace those of the last one. */
static bool
prepare(void *context, HttpRequest *request, int attempt, Error *err)
{
    Sending *sending = context;
    const S3Call *call = sending->call;
    char *timestamp;

    (void)attempt;
    arena_release(&sending->arena);
    memcpy(request->headers, call->headers, call->n_headers * sizeof(call->headers[0]));
    request->n_headers = call->n_headers;
    if (credentials_are_anonymous(sending->dest->credentials))
        return true;
    if (!credentials_get(sending->dest->credentials, &sending->arena, &sending->keys, err))
        return false;
    timestamp = arena_alloc(&sending->arena, SIGN_TIME_BYTES);
    sign_timestamp(clock_now_us(), timestamp);
    http_set_header(request, "x-amz-date", timestamp);
    http_set_header(request, "x-amz-content-sha256", sending->payload_hash);
    if (secret_is_set(sending->keys.session_token))
        http_set_header(request, "x-amz-security-token",
                        secret_reveal(sending->keys.session_token));
    sign(sending, request, timestamp);
    return true;
}

/* Codes that a busy store or an old key gives beside the statuses that http.h repeats. */
static bool
should_retry(void *context, const HttpAnswer *answer)
{
    Sending *sending = context;
    char code[S3_CODE_BYTES];

    if (sending->call->should_retry != NULL && sending->call->should_retry(answer))
        return true;
    if (answer->status < 400)
        return false;
    s3_answer_code(answer, code);
    S3Repeat repeat = s3_code_repeat(code);
    if (repeat == S3_EXPIRED && !sending->has_new_keys && sending->keys.access_key != NULL) {
        credentials_expire(sending->dest->credentials, sending->keys.access_key);
        sending->has_new_keys = true;
        return true;
    }
    return repeat == S3_BUSY;
}

bool
s3_send(S3Destination *dest, const S3Call *call, HttpAnswer *answer, Error *err)
{
    Sending sending = {.dest = dest, .call = call};
    HttpRequest request = {
        .method = call->method,
        .body = call->body,
        .body_bytes = call->body_bytes,
        .answer_limit_bytes = call->answer_limit_bytes,
        .runs_to_the_end = call->runs_to_the_end,
        .is_cancelled = call->is_cancelled,
        .prepare = prepare,
        .should_retry = should_retry,
        .context = &sending,
    };
    char where[1024];

    if (!credentials_are_anonymous(dest->credentials))
        hash_payload(&sending);
    build_url(&sending);
    request.url = (const char *)sending.url.data;
    bool ok = http_send(dest->http, &request, answer, err);
    if (!ok) {
        s3_display(&dest->base, call->key == NULL ? "" : call->key, where, sizeof(where));
        error_add_context(err, "cannot %s '%s'", call->purpose, where);
    }
    arena_release(&sending.arena);
    buffer_release(&sending.path);
    buffer_release(&sending.url);
    return ok;
}

void
s3_add_header(S3Call *call, const char *name, const char *value)
{
    if (value == NULL)
        return;
    assert(call->n_headers < ARRAY_LENGTH(call->headers));
    call->headers[call->n_headers++] = (HttpHeader){.name = name, .value = value};
}

void
s3_add_encryption(const S3Destination *dest, S3Call *call)
{
    s3_add_header(call, "x-amz-server-side-encryption", dest->base.config->sse);
    s3_add_header(call, "x-amz-server-side-encryption-aws-kms-key-id",
                  dest->base.config->sse_kms_key);
}

void
s3_display(const Destination *dest, const char *key, char *text, size_t size_bytes)
{
    const char *prefix = dest->config->prefix;

    snprintf(text, size_bytes, "s3://%s/%s%s", dest->config->bucket, prefix == NULL ? "" : prefix,
             key);
}
