/* Keys for the token that `aws sso login` left in ~/.aws/sso/cache.
 * Source
 * https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_GetRoleCredentials.html */
#include "destination/s3/credentials_source.h"
#include "util/clock.h"
#include "util/digest.h"

static const char LOGIN_HINT[] = "log in again with 'aws sso login' for this profile";

typedef struct SsoSetup {
    const char *profile;
    const char *start_url;
    const char *session; /* NULL: the older form without an sso-session section */
    const char *region;
    const char *account;
    const char *role;
} SsoSetup;

static bool
read_setup(const KeySearch *search, const char *profile, SsoSetup *out, Error *err)
{
    const ProfileFiles *files = search->files;
    const char *session = profile_value(files, profile, "sso_session");

    *out = (SsoSetup){
        .profile = profile,
        .session = session,
        .account = profile_value(files, profile, "sso_account_id"),
        .role = profile_value(files, profile, "sso_role_name"),
    };
    out->start_url = session == NULL ? profile_value(files, profile, "sso_start_url")
                                     : profile_session_value(files, session, "sso_start_url");
    out->region = session == NULL ? profile_value(files, profile, "sso_region")
                                  : profile_session_value(files, session, "sso_region");
    return (out->start_url != NULL && out->region != NULL && out->account != NULL &&
            out->role != NULL) ||
           error_set(err, ERR_CONFIG,
                     "the AWS profile '%s' lacks one of sso_start_url, sso_region, sso_account_id "
                     "and sso_role_name",
                     profile);
}

/* The file is named by the SHA-1 of the session's name, or of the start URL. */
static const char *
token_path(const KeySearch *search, const SsoSetup *setup)
{
    const char *name = setup->session == NULL ? setup->start_url : setup->session;
    uint8_t hash[SHA1_BYTES];
    char hex[2 * SHA1_BYTES + 1];

    digest_sha1(name, strlen(name), hash);
    digest_hex(hash, sizeof(hash), hex);
    return profile_home_path(arena_format(search->arena, ".aws/sso/cache/%s.json", hex),
                             search->arena);
}

static bool
fail_token(const SsoSetup *setup, const char *what, Error *err)
{
    if (err->code == ERR_NONE)
        err->hint = LOGIN_HINT;
    return error_set(err, ERR_DENIED, "the SSO token of the AWS profile '%s' %s (no credentials)",
                     setup->profile, what);
}

static bool
read_token(const KeySearch *search, const SsoSetup *setup, Secret *out, Error *err)
{
    const char *path = token_path(search, setup);
    const char *text = path == NULL ? NULL : keys_read_file(path, search->arena);
    json_t *root = text == NULL ? NULL : json_loads(text, 0, NULL);
    const char *token = json_string_value(json_object_get(root, "accessToken"));
    const char *expiry = json_string_value(json_object_get(root, "expiresAt"));
    int64_t expires_us = 0;
    bool ok = true;

    if (token == NULL || expiry == NULL || !clock_parse_rfc3339(expiry, &expires_us))
        ok = fail_token(setup, "is not cached", err);
    else if (expires_us <= clock_now_us())
        ok = fail_token(setup, "has expired", err);
    *out = (Secret){ok ? arena_dup_string(search->arena, token) : NULL};
    json_decref(root);
    return ok;
}

static const char *
portal_url(const KeySearch *search, const SsoSetup *setup)
{
    const char *endpoint = environment_value("AWS_ENDPOINT_URL_SSO");
    Buffer url = {0};

    if (endpoint == NULL)
        buffer_append_format(&url, "https://portal.sso.%s.amazonaws.com", setup->region);
    else
        buffer_append_text(&url, endpoint);
    buffer_append_text(&url, "/federation/credentials?account_id=");
    http_encode(setup->account, false, &url);
    buffer_append_text(&url, "&role_name=");
    http_encode(setup->role, false, &url);
    const char *text = arena_dup_string(search->arena, buffer_text(&url));
    buffer_release(&url);
    return text;
}

bool
keys_of_sso(const KeySearch *search, const char *profile, Keys *out, Error *err)
{
    static const KeyNames NAMES = {"accessKeyId", "secretAccessKey", "sessionToken", "expiration"};
    SsoSetup setup;
    Secret token;
    HttpAnswer answer = {0};

    if (!read_setup(search, profile, &setup, err) || !read_token(search, &setup, &token, err))
        return false;
    HttpRequest request = {.method = "GET", .url = portal_url(search, &setup)};
    http_set_header(&request, "x-amz-sso_bearer_token", secret_reveal(token));
    bool ok = http_send(search->http, &request, &answer, err);
    if (ok) {
        json_t *root = answer.status == 200 ? json_loads(buffer_text(&answer.body), 0, NULL) : NULL;
        ok = keys_from_json(json_object_get(root, "roleCredentials"), &NAMES, search->arena, out) ||
             fail_token(&setup, answer.status == 401 ? "was refused" : "gave no keys", err);
        json_decref(root);
    }
    http_answer_free(&answer);
    return ok;
}
