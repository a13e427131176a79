/* Becoming a service account by the right to do so.
 * Source  https://cloud.google.com/iam/docs/reference/credentials/rest */
#include "destination/gcs/token.h"

#include "util/clock.h"
#include "util/memory.h"

enum { STANDARD_LIFETIME_S = 3600 };

static json_t *
delegates_of(const GcsIdentity *identity)
{
    json_t *delegates = json_object_get(identity->file, "delegates");

    return json_is_array(delegates) ? json_incref(delegates) : json_array();
}

static json_int_t
wanted_lifetime_s(const GcsIdentity *identity)
{
    const json_t *options = json_object_get(identity->file, "service_account_impersonation");
    json_int_t wanted = json_integer_value(json_object_get(options, "token_lifetime_seconds"));

    return wanted > 0 ? wanted : STANDARD_LIFETIME_S;
}

/* "2026-01-02T03:04:05Z". */
static bool
take_answer(const json_t *answer, GcsToken *token, Error *err)
{
    const char *text = json_string_value(json_object_get(answer, "accessToken"));
    const char *until = json_string_value(json_object_get(answer, "expireTime"));
    int64_t until_us = 0;

    if (text == NULL || text[0] == '\0' || strpbrk(text, "\r\n") != NULL || until == NULL ||
        !clock_parse_rfc3339(until, &until_us))
        return error_set(err, ERR_UNAVAILABLE,
                         "the answer for the service account to become holds no access token");
    free(token->text);
    token->text = memory_dup_string(text);
    token->lifetime_s = (until_us - clock_now_us()) / 1000000;
    return true;
}

bool
gcs_token_impersonate(const GcsIdentity *identity, const char *url, GcsToken *token, Error *err)
{
    char lifetime[32];
    Buffer authorization = {0};
    json_t *answer = NULL;

    snprintf(lifetime, sizeof(lifetime), "%" JSON_INTEGER_FORMAT "s", wanted_lifetime_s(identity));
    json_t *body = json_pack("{so s[s] ss}", "delegates", delegates_of(identity), "scope",
                             GCS_SCOPE_STORAGE, "lifetime", lifetime);
    char *text = json_dumps(body, JSON_COMPACT);
    buffer_append_format(&authorization, "Bearer %s", token->text);
    HttpRequest request = {
        .method = "POST",
        .url = url,
        .headers = {{"Content-Type", "application/json"},
                    {"Authorization", buffer_text(&authorization)}},
        .n_headers = 2,
        .body = text,
        .body_bytes = strlen(text),
    };
    bool ok = gcs_token_ask(identity, &request, &answer, err) && take_answer(answer, token, err);
    json_decref(answer);
    json_decref(body);
    free(text);
    buffer_release(&authorization);
    return ok;
}

/* The identity that becomes the account: it stands inside the file. */
static bool
fetch(const GcsIdentity *identity, GcsToken *out, Error *err)
{
    const char *url = NULL;
    GcsIdentity inner = *identity;

    inner.file = json_object_get(identity->file, "source_credentials");
    inner.scope = GCS_SCOPE_PLATFORM;
    if (!gcs_token_field(identity, "service_account_impersonation_url", &url, err))
        return false;
    const GcsTokenSource *source = gcs_token_source(&inner, err);
    if (source == NULL)
        return error_add_context(err, "source_credentials");
    if (source == &GCS_TOKEN_IMPERSONATED)
        return error_set(err, ERR_CONFIG,
                         "source_credentials of the credentials file '%s' must hold a user or a "
                         "service account",
                         identity->path);
    return source->fetch(&inner, out, err) && gcs_token_impersonate(identity, url, out, err);
}

const GcsTokenSource GCS_TOKEN_IMPERSONATED = {.type = "impersonated_service_account",
                                               .fetch = fetch};
