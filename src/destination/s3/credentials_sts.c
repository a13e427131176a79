/* Roles, by the Security Token Service.
 * Source  https://docs.aws.amazon.com/STS/latest/APIReference/ */
#include "destination/s3/credentials_source.h"
#include "destination/s3/s3.h"
#include "destination/s3/sign.h"
#include "util/clock.h"
#include "util/digest.h"
#include "util/memory.h"

/* One call; the signature is of the moment of each attempt. */
typedef struct StsCall {
    const KeySearch *search;
    const Keys *with; /* NULL: unsigned */
    S3Address address;
    Buffer body;
    Buffer authorization;
    char timestamp[SIGN_TIME_BYTES];
    char payload_hash[SHA256_HEX_BYTES];
} StsCall;

static void
add_field(Buffer *body, const char *name, const char *value)
{
    if (value == NULL)
        return;
    buffer_append_format(body, "%s%s=", body->size == 0 ? "" : "&", name);
    http_encode(value, false, body);
}

static bool
prepare(void *context, HttpRequest *request, int attempt, Error *err)
{
    StsCall *call = context;

    (void)attempt;
    (void)err;
    request->n_headers = 0;
    http_set_header(request, "Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
    if (call->with == NULL)
        return true;
    sign_timestamp(clock_now_us(), call->timestamp);
    http_set_header(request, "x-amz-date", call->timestamp);
    if (secret_is_set(call->with->session_token))
        http_set_header(request, "x-amz-security-token", secret_reveal(call->with->session_token));
    buffer_reset(&call->authorization);
    sign_request(
        &(SignInput){
            .method = "POST",
            .path = "/",
            .query = "",
            .host = call->address.host,
            .headers = request->headers,
            .n_headers = request->n_headers,
            .payload_hash = call->payload_hash,
            .timestamp = call->timestamp,
            .region = call->search->region == NULL ? "us-east-1" : call->search->region,
            .service = "sts",
            .access_key = call->with->access_key,
            .secret_key = call->with->secret_key,
        },
        &call->authorization);
    http_set_header(request, "Authorization", buffer_text(&call->authorization));
    return true;
}

/* The service of the region; AWS_ENDPOINT_URL_STS names another one. */
static bool
find_address(StsCall *call, Error *err)
{
    const char *region = call->search->region;
    const char *endpoint = environment_value("AWS_ENDPOINT_URL_STS");
    char *made = NULL;

    if (endpoint == NULL)
        made = region == NULL ? memory_format("https://sts.amazonaws.com")
                              : memory_format("https://sts.%s.amazonaws.com%s", region,
                                              strncmp(region, "cn-", 3) == 0 ? ".cn" : "");
    const DestinationConfig config = {.endpoint = endpoint == NULL ? made : endpoint,
                                      .bucket = "-"};
    bool ok = s3_address_init(&config, "", &call->address, err);
    free(made);
    return ok;
}

static bool
read_keys(const HttpAnswer *answer, Arena *arena, Keys *out)
{
    char text[4096];
    S3Document *document = s3_document_parse(answer);
    bool ok = s3_document_text(document, "AccessKeyId", text, sizeof(text));

    *out = (Keys){.access_key = arena_dup_string(arena, text)};
    ok = ok && s3_document_text(document, "SecretAccessKey", text, sizeof(text));
    out->secret_key = (Secret){arena_dup_string(arena, text)};
    ok = ok && s3_document_text(document, "SessionToken", text, sizeof(text));
    out->session_token = (Secret){arena_dup_string(arena, text)};
    ok = ok && s3_document_text(document, "Expiration", text, sizeof(text)) &&
         clock_parse_rfc3339(text, &out->expires_us);
    explicit_bzero(text, sizeof(text));
    s3_document_free(document);
    return ok;
}

static bool
fail(const HttpAnswer *answer, const char *role, Error *err)
{
    char code[S3_CODE_BYTES];
    char message[512];
    S3Document *document = s3_document_parse(answer);

    s3_document_text(document, "Code", code, sizeof(code));
    s3_document_text(document, "Message", message, sizeof(message));
    s3_document_free(document);
    if (err->code == ERR_NONE)
        err->hint = "check the role's trust policy and the credentials it is assumed with";
    bool may_pass =
        answer->status >= 500 || answer->status == 429 || s3_code_repeat(code) == S3_BUSY;
    return error_set(err, may_pass ? ERR_UNAVAILABLE : ERR_DENIED,
                     "cannot assume the role '%s': credentials refused: HTTP %d %s (%s)", role,
                     answer->status, code, message);
}

static bool
send_call(StsCall *call, const char *role, Keys *out, Error *err)
{
    uint8_t hash[SHA256_BYTES];
    HttpAnswer answer = {0};
    char *url = NULL;

    digest_sha256(call->body.data, call->body.size, hash);
    digest_hex(hash, sizeof(hash), call->payload_hash);
    bool ok = find_address(call, err);
    if (ok) {
        url = memory_format("%s/", call->address.base);
        HttpRequest request = {
            .method = "POST",
            .url = url,
            .body = call->body.data,
            .body_bytes = call->body.size,
            .prepare = prepare,
            .context = call,
        };
        ok = http_send(call->search->http, &request, &answer, err);
    }
    if (ok && (answer.status != 200 || !read_keys(&answer, call->search->arena, out)))
        ok = fail(&answer, role, err);
    if (answer.body.size > 0)
        explicit_bzero(answer.body.data, answer.body.size);
    http_answer_free(&answer);
    s3_address_release(&call->address);
    buffer_release(&call->body);
    buffer_release(&call->authorization);
    free(url);
    return ok;
}

static void
add_role(Buffer *body, const char *action, const RoleRequest *role)
{
    add_field(body, "Action", action);
    add_field(body, "Version", "2011-06-15");
    add_field(body, "RoleArn", role->role_arn);
    add_field(body, "RoleSessionName", role->session_name == NULL ? "rivet" : role->session_name);
    add_field(body, "ExternalId", role->external_id);
    add_field(body, "DurationSeconds", role->duration_s);
}

bool
keys_of_role(const KeySearch *search, const RoleRequest *role, const Keys *with, Keys *out,
             Error *err)
{
    StsCall call = {.search = search, .with = with};

    add_role(&call.body, "AssumeRole", role);
    return send_call(&call, role->role_arn, out, err);
}

bool
keys_of_web_identity(const KeySearch *search, const RoleRequest *role, const char *token_file,
                     Keys *out, Error *err)
{
    StsCall call = {.search = search};
    const char *token = keys_read_file(token_file, search->arena);

    if (token == NULL || token[0] == '\0') {
        err->hint = "AWS_WEB_IDENTITY_TOKEN_FILE, or web_identity_token_file of the profile, must "
                    "name a readable file";
        return error_set(err, ERR_CONFIG, "cannot read the web identity token in '%s'", token_file);
    }
    add_role(&call.body, "AssumeRoleWithWebIdentity", role);
    add_field(&call.body, "WebIdentityToken", token);
    return send_call(&call, role->role_arn, out, err);
}
