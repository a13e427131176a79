/* A person who ran 'gcloud auth application-default login'. */
#include "destination/gcs/token.h"

static bool
fetch(const GcsIdentity *identity, GcsToken *out, Error *err)
{
    static const char *const FIELDS[] = {"client_id", "client_secret", "refresh_token"};
    const char *url =
        gcs_token_optional(identity, "token_uri", "https://oauth2.googleapis.com/token");
    Buffer form = {0};
    bool ok = true;

    gcs_token_form(&form, "grant_type", "refresh_token");
    for (size_t i = 0; ok && i < ARRAY_LENGTH(FIELDS); i++) {
        const char *value = NULL;
        ok = gcs_token_field(identity, FIELDS[i], &value, err);
        if (ok)
            gcs_token_form(&form, FIELDS[i], value);
    }
    ok = ok && gcs_token_post_form(identity, url, &form, NULL, out, err);
    buffer_release(&form);
    return ok;
}

const GcsTokenSource GCS_TOKEN_USER = {.type = "authorized_user", .fetch = fetch};
