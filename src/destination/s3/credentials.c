#include "destination/s3/credentials.h"

#include <pthread.h>

#include "destination/s3/credentials_source.h"
#include "util/clock.h"
#include "util/memory.h"

static const int64_t REFRESH_EARLY_US = INT64_C(5) * 60 * 1000000;
static const int64_t REFRESH_PAUSE_US = INT64_C(30) * 1000000; /* after a failure */

struct Credentials {
    const DestinationConfig *config;
    HttpClient *http;
    Arena arena; /* for good: files, region */
    ProfileFiles *files;
    const char *region;

    pthread_mutex_t lock; /* guards what follows */
    Arena key_arena;
    Keys keys; /* access_key NULL: none yet */
    int64_t refresh_us;
};

/* ---- places ---- */

static const char *
profile_name(const DestinationConfig *config)
{
    const char *name =
        config->aws_profile != NULL ? config->aws_profile : environment_value("AWS_PROFILE");

    return name == NULL ? "default" : name;
}

static bool
read_variable(const char *variable, const char *what, Arena *arena, const char **out, Error *err)
{
    const char *value = environment_value(variable);

    if (value == NULL)
        return error_set(err, ERR_CONFIG, "env var '%s' not set (S3 %s, no credentials)", variable,
                         what);
    *out = arena_dup_string(arena, value);
    return true;
}

/* Without session_token_env explicit keys carry no token, whatever the environment holds. */
static bool
explicit_keys(const DestinationConfig *config, Arena *arena, Keys *out, Error *err)
{
    *out = (Keys){0};
    return read_variable(config->access_key_env, "access key", arena, &out->access_key, err) &&
           read_variable(config->secret_key_env, "secret key", arena, &out->secret_key.hidden,
                         err) &&
           (config->session_token_env == NULL ||
            read_variable(config->session_token_env, "session token", arena,
                          &out->session_token.hidden, err));
}

/* A default profile may be there for its region alone. */
static bool
profile_gives_keys(const ProfileFiles *files, const char *name)
{
    static const char *const MARKS[] = {"role_arn", "aws_access_key_id", "sso_session",
                                        "sso_start_url", "credential_process"};

    for (size_t i = 0; i < ARRAY_LENGTH(MARKS); i++)
        if (profile_value(files, name, MARKS[i]) != NULL)
            return true;
    return false;
}

static bool
fail_none(Error *err)
{
    err->hint = "set access_key_env and secret_key_env or aws_profile in the destination, or log "
                "in with AWS's own tools; allow_anonymous sends unsigned requests";
    return error_set(err, ERR_DENIED,
                     "no AWS credentials found: looked at the environment (AWS_ACCESS_KEY_ID), the "
                     "profile 'default', a web identity (AWS_WEB_IDENTITY_TOKEN_FILE), the "
                     "container's endpoint and the instance metadata service");
}

static bool
keys_of_chain(const KeySearch *search, Keys *out, Error *err)
{
    const char *token_file = environment_value("AWS_WEB_IDENTITY_TOKEN_FILE");
    const char *profile = environment_value("AWS_PROFILE");
    const RoleRequest role = {
        .role_arn = environment_value("AWS_ROLE_ARN"),
        .session_name = environment_value("AWS_ROLE_SESSION_NAME"),
    };
    bool is_found = false;

    if (keys_of_environment(search, out))
        return true;
    if (profile != NULL || profile_gives_keys(search->files, "default"))
        return keys_of_profile(search, profile == NULL ? "default" : profile, 0, out, err);
    if (token_file != NULL && role.role_arn != NULL)
        return keys_of_web_identity(search, &role, token_file, out, err);
    if (keys_has_container())
        return keys_of_container(search, out, err);
    return keys_of_instance(search, &is_found, out, err) && (is_found || fail_none(err));
}

static bool
find_keys(const Credentials *credentials, Arena *arena, Keys *out, Error *err)
{
    const DestinationConfig *config = credentials->config;
    const KeySearch search = {
        .http = credentials->http,
        .files = credentials->files,
        .region = credentials->region,
        .arena = arena,
    };
    bool ok;

    if (config->access_key_env != NULL)
        ok = explicit_keys(config, arena, out, err);
    else if (config->aws_profile != NULL)
        ok = keys_of_profile(&search, config->aws_profile, 0, out, err);
    else
        ok = keys_of_chain(&search, out, err);
    if (ok && config->role_arn != NULL) {
        const RoleRequest role = {.role_arn = config->role_arn};
        const Keys with = *out;
        ok = keys_of_role(&search, &role, &with, out, err);
    }
    return ok;
}

/* ---- life ---- */

static const char *
find_region(const Credentials *credentials)
{
    const char *const places[] = {
        credentials->config->region,
        environment_value("AWS_REGION"),
        environment_value("AWS_DEFAULT_REGION"),
        profile_value(credentials->files, profile_name(credentials->config), "region"),
    };

    for (size_t i = 0; i < ARRAY_LENGTH(places); i++)
        if (places[i] != NULL && places[i][0] != '\0')
            return places[i];
    return NULL;
}

bool
credentials_create(const DestinationConfig *config, HttpClient *http, Credentials **out, Error *err)
{
    Credentials *credentials = memory_alloc_zero(1, sizeof(*credentials));

    credentials->config = config;
    credentials->http = http;
    pthread_mutex_init(&credentials->lock, NULL);
    *out = credentials;
    if (!profile_files_read(&credentials->arena, &credentials->files, err))
        return false; /* the caller frees */
    credentials->region = arena_dup_string(&credentials->arena, find_region(credentials));
    return true;
}

void
credentials_free(Credentials *credentials)
{
    if (credentials == NULL)
        return;
    pthread_mutex_destroy(&credentials->lock);
    arena_release(&credentials->key_arena);
    arena_release(&credentials->arena);
    free(credentials);
}

const char *
credentials_region(const Credentials *credentials)
{
    return credentials->region;
}

bool
credentials_are_anonymous(const Credentials *credentials)
{
    return credentials->config->allow_anonymous;
}

/* ---- keys ---- */

/* Well before the end; keys of a short life are used for most of it. */
static int64_t
refresh_time(const Keys *keys)
{
    int64_t left_us = keys->expires_us - clock_now_us();
    int64_t early_us = left_us / 4 < REFRESH_EARLY_US ? left_us / 4 : REFRESH_EARLY_US;

    return keys->expires_us == 0 ? INT64_MAX : keys->expires_us - early_us;
}

/* A failure while the keys still serve is forgiven, and not met again by each of the next requests.
 */
static bool
refresh(Credentials *credentials, Error *err)
{
    Arena arena = {0};
    Keys keys;
    Error failure = ERROR_INIT;

    if (find_keys(credentials, &arena, &keys, &failure)) {
        arena_release(&credentials->key_arena);
        credentials->key_arena = arena;
        credentials->keys = keys;
        credentials->refresh_us = refresh_time(&keys);
        return true;
    }
    arena_release(&arena);
    int64_t now_us = clock_now_us();
    int64_t end_us = credentials->keys.access_key == NULL ? 0 : credentials->keys.expires_us;
    if (now_us < end_us) {
        credentials->refresh_us =
            now_us + REFRESH_PAUSE_US < end_us ? now_us + REFRESH_PAUSE_US : end_us;
        return true;
    }
    if (err->code == ERR_NONE)
        *err = failure;
    return false;
}

bool
credentials_get(Credentials *credentials, Arena *arena, Keys *out, Error *err)
{
    bool ok = true;

    pthread_mutex_lock(&credentials->lock);
    if (credentials->keys.access_key == NULL || clock_now_us() >= credentials->refresh_us)
        ok = refresh(credentials, err);
    if (ok) {
        const Keys *keys = &credentials->keys;
        *out = (Keys){
            .access_key = arena_dup_string(arena, keys->access_key),
            .secret_key = {arena_dup_string(arena, secret_reveal(keys->secret_key))},
            .session_token = {arena_dup_string(arena, secret_reveal(keys->session_token))},
            .expires_us = keys->expires_us,
        };
    }
    pthread_mutex_unlock(&credentials->lock);
    return ok;
}

void
credentials_expire(Credentials *credentials, const char *access_key)
{
    pthread_mutex_lock(&credentials->lock);
    if (credentials->keys.access_key != NULL &&
        strcmp(credentials->keys.access_key, access_key) == 0) {
        credentials->refresh_us = 0;
        credentials->keys.expires_us = 0; /* they serve no longer */
    }
    pthread_mutex_unlock(&credentials->lock);
}
