/* A service account with a key of its own: a signed claim is exchanged for a token.
 * Source  RFC 7523, RFC 7515 (RS256) */
#include "destination/gcs/sign.h"
#include "destination/gcs/token.h"
#include "util/clock.h"

enum { CLAIM_LIFETIME_S = 3600 };

static void
append_json(Buffer *out, json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT);

    gcs_append_base64url(out, text, strlen(text));
    free(text);
    json_decref(object);
}

static bool
append_signature(const GcsIdentity *identity, const char *pem, Buffer *assertion, Error *err)
{
    switch (gcs_append_signature(assertion, pem)) {
    case GCS_SIGNED:
        return true;
    case GCS_NO_RSA_KEY:
        return error_set(err, ERR_CONFIG,
                         "the private_key in the credentials file '%s' is no RSA key",
                         identity->path);
    case GCS_NOT_SIGNED:
        break;
    }
    return error_set(err, ERR_CONFIG, "signing with the key of the credentials file '%s' failed",
                     identity->path);
}

static bool
make_assertion(const GcsIdentity *identity, const char *audience, Buffer *out, Error *err)
{
    const char *account = NULL;
    const char *pem = NULL;
    const char *key_id = gcs_token_optional(identity, "private_key_id", NULL);
    json_int_t now_s = clock_now_us() / 1000000;
    json_t *header = json_pack("{ss ss}", "alg", "RS256", "typ", "JWT");

    if (key_id != NULL)
        json_object_set_new(header, "kid", json_string(key_id));
    append_json(out, header);
    if (!gcs_token_field(identity, "client_email", &account, err) ||
        !gcs_token_field(identity, "private_key", &pem, err))
        return false;
    buffer_append_byte(out, '.');
    append_json(out, json_pack("{ss ss ss sI sI}", "iss", account, "scope", identity->scope, "aud",
                               audience, "iat", now_s, "exp", now_s + CLAIM_LIFETIME_S));
    return append_signature(identity, pem, out, err);
}

static bool
fetch(const GcsIdentity *identity, GcsToken *out, Error *err)
{
    const char *url =
        gcs_token_optional(identity, "token_uri", "https://oauth2.googleapis.com/token");
    Buffer assertion = {0};
    Buffer form = {0};

    bool ok = make_assertion(identity, url, &assertion, err);
    if (ok) {
        gcs_token_form(&form, "grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
        gcs_token_form(&form, "assertion", buffer_text(&assertion));
        ok = gcs_token_post_form(identity, url, &form, NULL, out, err);
    }
    buffer_release(&form);
    buffer_release(&assertion);
    return ok;
}

const GcsTokenSource GCS_TOKEN_SERVICE_ACCOUNT = {.type = "service_account", .fetch = fetch};
