#include "destination/gcs/credentials.h"

#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#include "destination/gcs/token.h"
#include "util/clock.h"
#include "util/environment.h"
#include "util/log.h"
#include "util/memory.h"

#define MODULE "rivet::gcs"

/* Google's libraries renew as early: the metadata server has a new token by then. */
enum {
    RENEW_BEFORE_S = 225,
    METADATA_CONNECT_MS = 800,
    METADATA_TOTAL_MS = 3000,
    SECOND_US = 1000000,
    RENEW_PAUSE_US = 10 * SECOND_US,
};

static const char SCHEME[] = "Bearer ";

struct GcsCredentials {
    GcsIdentity identity;
    const GcsTokenSource *source; /* NULL: anonymous */
    json_t *file;
    char *path;
    int metadata_status;   /* of the last answer; 0: none came */
    pthread_mutex_t mutex; /* guards what follows */
    GcsToken token;
    int64_t renew_at_us;
    int64_t ends_at_us;
};

void
gcs_credentials_free(GcsCredentials *credentials)
{
    if (credentials == NULL)
        return;
    http_client_free(credentials->identity.metadata_http);
    json_decref(credentials->file);
    free(credentials->token.text);
    free(credentials->path);
    pthread_mutex_destroy(&credentials->mutex);
    free(credentials);
}

/* ---- the token ---- */

static bool
fetch(GcsCredentials *credentials, Error *err)
{
    GcsToken token = {0};

    if (!credentials->source->fetch(&credentials->identity, &token, err)) {
        free(token.text);
        return credentials->path == NULL
                   ? error_add_context(err, "credentials of the metadata server")
                   : error_add_context(err, "credentials=%s", credentials->path);
    }
    int64_t now_us = clock_now_us();
    int64_t early_s = token.lifetime_s / 2 < RENEW_BEFORE_S ? token.lifetime_s / 2 : RENEW_BEFORE_S;
    free(credentials->token.text);
    credentials->token = token;
    credentials->ends_at_us = now_us + token.lifetime_s * SECOND_US;
    credentials->renew_at_us = credentials->ends_at_us - early_s * SECOND_US;
    log_debug(MODULE, "token fetched type=%s lifetime_s=%" PRId64, credentials->source->type,
              token.lifetime_s);
    return true;
}

/* The old token is good as long as it lasts, so a failed refresh ahead of time is no failure, and
 * is not tried again by each of the next requests. */
static bool
refresh(GcsCredentials *credentials, bool renews, Error *err)
{
    Error trouble = ERROR_INIT;
    int64_t now_us = clock_now_us();

    if (!renews && credentials->token.text != NULL && now_us < credentials->renew_at_us)
        return true;
    if (fetch(credentials, &trouble))
        return true;
    now_us = clock_now_us();
    if (!renews && credentials->token.text != NULL && now_us < credentials->ends_at_us) {
        credentials->renew_at_us = now_us + RENEW_PAUSE_US < credentials->ends_at_us
                                       ? now_us + RENEW_PAUSE_US
                                       : credentials->ends_at_us;
        log_debug(MODULE, "no new token yet, the old one lasts: %s", trouble.message);
        return true;
    }
    if (err->code == ERR_NONE)
        *err = trouble;
    return false;
}

/* Another thread may have renewed it meanwhile. */
static bool
is_present_token(const GcsCredentials *credentials, const char *header)
{
    return credentials->token.text != NULL && strncmp(header, SCHEME, strlen(SCHEME)) == 0 &&
           strcmp(header + strlen(SCHEME), credentials->token.text) == 0;
}

bool
gcs_credentials_header(GcsCredentials *credentials, bool was_refused, Buffer *header, Error *err)
{
    if (credentials->source == NULL) {
        buffer_reset(header);
        return true;
    }
    pthread_mutex_lock(&credentials->mutex);
    bool renews = was_refused && is_present_token(credentials, buffer_text(header));
    buffer_reset(header);
    bool ok = refresh(credentials, renews, err);
    if (ok)
        buffer_append_format(header, "%s%s", SCHEME, credentials->token.text);
    pthread_mutex_unlock(&credentials->mutex);
    return ok;
}

/* ---- where they are ---- */

/* Where gcloud keeps the login of a person; NULL when even the home is unknown. */
static char *
login_path(void)
{
    static const struct {
        const char *variable;
        const char *below;
    } PLACES[] = {
        {"CLOUDSDK_CONFIG", ""},
        {"APPDATA", "/gcloud"},
        {"XDG_CONFIG_HOME", "/gcloud"},
        {"HOME", "/.config/gcloud"},
    };

    for (size_t i = 0; i < ARRAY_LENGTH(PLACES); i++) {
        const char *base = environment_value(PLACES[i].variable);
        if (base != NULL)
            return memory_format("%s%s/application_default_credentials.json", base,
                                 PLACES[i].below);
    }
    return NULL;
}

/* Never what jansson says of the text around an error: it may be part of a key. */
static bool
load_file(GcsCredentials *credentials, Error *err)
{
    const char *path = credentials->path;
    json_error_t where;

    if (access(path, R_OK) != 0)
        return error_set_errno(err, ERR_CONFIG, errno, "cannot read the credentials file '%s'",
                               path);
    credentials->file = json_load_file(path, 0, &where);
    if (!json_is_object(credentials->file))
        return error_set(err, ERR_CONFIG, "the credentials file '%s' is no JSON object (line %d)",
                         path, where.line);
    credentials->identity.path = path;
    credentials->identity.file = credentials->file;
    credentials->source = gcs_token_source(&credentials->identity, err);
    return credentials->source != NULL;
}

/* The first file of the order; *is_login: it need not be there. */
static char *
find_path(const DestinationConfig *config, bool *is_login)
{
    const char *named = environment_value("GOOGLE_APPLICATION_CREDENTIALS");

    *is_login = false;
    if (config->credentials_file != NULL)
        return memory_dup_string(config->credentials_file);
    if (named != NULL)
        return memory_dup_string(named);
    *is_login = true;
    return login_path();
}

static bool
report_nothing(const DestinationConfig *config, const char *login, const Error *trouble, Error *err)
{
    if (err->code == ERR_NONE)
        err->hint = "name a service account's key file in credentials_file or "
                    "GOOGLE_APPLICATION_CREDENTIALS, or run 'gcloud auth application-default "
                    "login'";
    return error_set(err, ERR_CONFIG,
                     "no Google credentials for the bucket '%s': credentials_file and "
                     "GOOGLE_APPLICATION_CREDENTIALS are not set, '%s' does not exist, and %s (%s)",
                     config->bucket, login == NULL ? "$HOME/.config/gcloud" : login,
                     trouble->code == ERR_DENIED ? "the metadata server has none"
                                                 : "there is no metadata server",
                     trouble->message);
}

/* A metadata server that is there and has no token for the moment may have one later. */
static bool
report_metadata(const GcsCredentials *credentials, const DestinationConfig *config,
                const char *login, const Error *trouble, Error *err)
{
    bool may_pass = credentials->metadata_status != 0 && trouble->code == ERR_UNAVAILABLE;

    if (trouble->code != ERR_INTERRUPTED && !may_pass)
        return report_nothing(config, login, trouble, err);
    if (err->code == ERR_NONE)
        *err = *trouble;
    return false;
}

static bool
try_metadata(GcsCredentials *credentials, const DestinationConfig *config, Error *err)
{
    const HttpPolicy policy = {.attempts = 2,
                               .connect_timeout_ms = METADATA_CONNECT_MS,
                               .total_timeout_ms = METADATA_TOTAL_MS};
    Error trouble = ERROR_INIT;
    char *login = credentials->path; /* looked for, not there */

    credentials->path = NULL;
    credentials->source = &GCS_TOKEN_METADATA;
    bool ok = http_client_create(&policy, &credentials->identity.metadata_http, err);
    credentials->identity.metadata_status = &credentials->metadata_status;
    if (ok && !fetch(credentials, &trouble))
        ok = report_metadata(credentials, config, login, &trouble, err);
    free(login);
    return ok;
}

static bool
find(GcsCredentials *credentials, const DestinationConfig *config, Error *err)
{
    bool is_login = false;

    if (config->allow_anonymous)
        return true;
    credentials->path = find_path(config, &is_login);
    if (is_login && (credentials->path == NULL || access(credentials->path, F_OK) != 0))
        return try_metadata(credentials, config, err);
    return load_file(credentials, err) && fetch(credentials, err);
}

bool
gcs_credentials_find(const DestinationConfig *config, HttpClient *http, GcsCredentials **out,
                     Error *err)
{
    GcsCredentials *credentials = memory_alloc_zero(1, sizeof(*credentials));

    pthread_mutex_init(&credentials->mutex, NULL);
    credentials->identity = (GcsIdentity){.http = http, .scope = GCS_SCOPE_STORAGE};
    *out = NULL;
    if (!find(credentials, config, err)) {
        gcs_credentials_free(credentials);
        return false;
    }
    *out = credentials;
    return true;
}
