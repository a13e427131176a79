/* What all kinds of identity share: fields of their file, and asking an endpoint. */
#include "destination/gcs/token.h"

#include "util/memory.h"

enum { STANDARD_LIFETIME_S = 3600, WORD_BYTES = 64 };

const GcsTokenSource *
gcs_token_source(const GcsIdentity *identity, Error *err)
{
    static const GcsTokenSource *const SOURCES[] = {&GCS_TOKEN_SERVICE_ACCOUNT, &GCS_TOKEN_USER,
                                                    &GCS_TOKEN_EXTERNAL, &GCS_TOKEN_IMPERSONATED};
    const char *type = NULL;

    if (!gcs_token_field(identity, "type", &type, err))
        return NULL;
    for (size_t i = 0; i < ARRAY_LENGTH(SOURCES); i++)
        if (strcmp(SOURCES[i]->type, type) == 0)
            return SOURCES[i];
    error_set(err, ERR_CONFIG,
              "the credentials file '%s' has the type '%.40s'; known are service_account, "
              "authorized_user, external_account and impersonated_service_account",
              identity->path, type);
    return NULL;
}

const char *
gcs_token_optional(const GcsIdentity *identity, const char *name, const char *standard)
{
    const char *text = json_string_value(json_object_get(identity->file, name));

    return text == NULL || text[0] == '\0' ? standard : text;
}

bool
gcs_token_field(const GcsIdentity *identity, const char *name, const char **out, Error *err)
{
    *out = gcs_token_optional(identity, name, NULL);
    return *out != NULL || error_set(err, ERR_CONFIG, "the credentials file '%s' has no '%s'",
                                     identity->path, name);
}

void
gcs_token_form(Buffer *form, const char *name, const char *value)
{
    buffer_append_format(form, "%s%s=", form->size == 0 ? "" : "&", name);
    http_encode(value, false, form);
}

/* The one word of a refusal that is a code and nothing else: "invalid_grant". STS and Google's
 * other APIs put it in different places. */
static void
read_error_word(const HttpAnswer *answer, char *word, size_t size_bytes)
{
    json_t *root = json_loadb((const char *)answer->body.data, answer->body.size, 0, NULL);
    const json_t *error = json_object_get(root, "error");
    const char *text = json_is_object(error) ? json_string_value(json_object_get(error, "status"))
                                             : json_string_value(error);
    size_t length = text == NULL ? 0
                                 : strspn(text, "abcdefghijklmnopqrstuvwxyz"
                                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");

    snprintf(word, size_bytes, "%s%.*s", length == 0 ? "" : " ", (int)length,
             length == 0 ? "" : text);
    json_decref(root);
}

static void
read_host(const char *url, char *host, size_t size_bytes)
{
    const char *from = strstr(url, "://");

    from = from == NULL ? url : from + 3;
    snprintf(host, size_bytes, "%.*s", (int)strcspn(from, "/?#"), from);
}

static const struct {
    const char *word;
    const char *hint;
} HINTS[] = {
    {"invalid_grant", "the login ended or was withdrawn, or this machine's clock is wrong: run "
                      "'gcloud auth application-default login' again, or use a new key"},
    {"invalid_client", "client_id and client_secret of the credentials file do not fit: run "
                       "'gcloud auth application-default login' again"},
    {"PERMISSION_DENIED", "the account needs roles/iam.serviceAccountTokenCreator on the service "
                          "account it is to become"},
};

static bool
refuse(const HttpRequest *request, const HttpAnswer *answer, Error *err)
{
    char word[WORD_BYTES];
    char host[256];
    bool may_pass = answer->status >= 500 || answer->status == 429 || answer->status == 408;

    read_error_word(answer, word, sizeof(word));
    read_host(request->url, host, sizeof(host));
    for (size_t i = 0; i < ARRAY_LENGTH(HINTS) && err->code == ERR_NONE; i++)
        if (word[0] != '\0' && strcmp(word + 1, HINTS[i].word) == 0)
            err->hint = HINTS[i].hint;
    return error_set(err, may_pass ? ERR_UNAVAILABLE : ERR_DENIED,
                     "'%s' gives no token for these credentials: HTTP %d%s", host, answer->status,
                     word);
}

bool
gcs_token_ask(const GcsIdentity *identity, HttpRequest *request, json_t **out, Error *err)
{
    HttpAnswer answer = {0};
    HttpClient *http = request->without_proxy ? identity->metadata_http : identity->http;

    *out = NULL;
    bool ok = http_send(http, request, &answer, err);
    if (request->without_proxy)
        *identity->metadata_status = ok ? answer.status : 0;
    if (ok && answer.status != 200)
        ok = refuse(request, &answer, err);
    if (ok) {
        *out = json_loadb((const char *)answer.body.data, answer.body.size, 0, NULL);
        ok = json_is_object(*out) ||
             error_set(err, ERR_UNAVAILABLE, "the token endpoint's answer is no JSON object");
    }
    http_answer_free(&answer);
    return ok;
}

bool
gcs_token_take(const json_t *answer, GcsToken *out, Error *err)
{
    const char *text = json_string_value(json_object_get(answer, "access_token"));
    json_int_t lifetime_s = json_integer_value(json_object_get(answer, "expires_in"));

    if (text == NULL || text[0] == '\0' || strpbrk(text, "\r\n") != NULL)
        return error_set(err, ERR_UNAVAILABLE, "the token endpoint's answer holds no access token");
    out->text = memory_dup_string(text);
    out->lifetime_s = lifetime_s > 0 ? lifetime_s : STANDARD_LIFETIME_S;
    return true;
}

bool
gcs_token_post_form(const GcsIdentity *identity, const char *url, const Buffer *form,
                    const char *authorization, GcsToken *out, Error *err)
{
    json_t *answer = NULL;
    HttpRequest request = {
        .method = "POST",
        .url = url,
        .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
        .n_headers = 1,
        .body = form->data,
        .body_bytes = form->size,
    };

    if (authorization != NULL)
        http_set_header(&request, "Authorization", authorization);
    bool ok = gcs_token_ask(identity, &request, &answer, err) && gcs_token_take(answer, out, err);
    json_decref(answer);
    return ok;
}
