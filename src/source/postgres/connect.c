#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "source/postgres/postgres.h"
#include "util/clock.h"
#include "util/interrupt.h"
#include "util/memory.h"

/* Keyword/value pairs for libpq; a later one wins over an earlier. */
typedef struct Settings {
    const char *keywords[24];
    const char *values[24];
    size_t count;
} Settings;

static void
add_setting(Settings *settings, const char *keyword, const char *value)
{
    if (value == NULL)
        return;
    assert(settings->count + 1 < ARRAY_LENGTH(settings->keywords));
    settings->keywords[settings->count] = keyword;
    settings->values[settings->count++] = value;
}

static const char *const SSL_MODES[] = {
    [TLS_UNSET] = NULL,
    [TLS_DISABLED] = "disable",
    [TLS_PREFERRED] = "prefer",
    [TLS_REQUIRED] = "require",
    [TLS_VERIFY_CA] = "verify-ca",
    [TLS_VERIFY_IDENTITY] = "verify-full",
};

static void
add_tls(Settings *settings, const TlsConfig *tls)
{
    add_setting(settings, "sslmode", SSL_MODES[tls->mode]);
    add_setting(settings, "sslrootcert", tls->ca);
    add_setting(settings, "sslcert", tls->cert);
    add_setting(settings, "sslkey", tls->key);
}

/* A socket is named by its directory; its full path, ….s.PGSQL.5433, also says the port. */
static void
add_socket(Settings *settings, const char *socket, Arena *arena)
{
    const char *file = strstr(socket, "/.s.PGSQL.");

    if (file == NULL) {
        add_setting(settings, "host", socket);
        return;
    }
    add_setting(settings, "host", arena_dup_bytes(arena, socket, (size_t)(file - socket)));
    add_setting(settings, "port", file + strlen("/.s.PGSQL."));
}

static void
add_address(Settings *settings, const SourceAddress *address, Arena *arena)
{
    if (secret_is_set(address->url)) {
        add_setting(settings, "dbname", secret_reveal(address->url)); /* expanded by libpq */
        return;
    }
    add_setting(settings, "user", address->user);
    if (secret_is_set(address->password))
        add_setting(settings, "password", secret_reveal(address->password));
    add_setting(settings, "dbname", address->database);
    add_setting(settings, "host", address->host);
    if (address->port != 0)
        add_setting(settings, "port", arena_format(arena, "%" PRId64, address->port));
    if (address->socket != NULL)
        add_socket(settings, address->socket, arena);
}

static void
collect_settings(const SourceOptions *options, Arena *arena, Settings *settings)
{
    add_setting(settings, "connect_timeout",
                arena_format(arena, "%" PRId64, options->tuning->connect_timeout_s));
    add_setting(settings, "fallback_application_name", "rivet");
    add_setting(settings, "keepalives_idle", "30");
    add_setting(settings, "keepalives_interval", "10");
    add_setting(settings, "keepalives_count", "3");
    add_address(settings, options->address, arena);
    add_tls(settings, &options->address->tls);
    add_setting(settings, "client_encoding", "UTF8");
}

/* The value of a setting after libpq has merged URL, service, environment; NULL or in arena. */
static const char *
merged_setting(PGconn *conn, const char *keyword, Arena *arena)
{
    const char *value = NULL;
    PQconninfoOption *all = PQconninfo(conn);

    for (PQconninfoOption *at = all; at != NULL && at->keyword != NULL; at++) {
        if (strcmp(at->keyword, keyword) == 0)
            value = arena_dup_string(arena, at->val);
    }
    PQconninfoFree(all);
    return value;
}

/* libpq quotes the part it cannot read, which may be a piece of the password. */
static bool
check_url(Secret url, Error *err)
{
    char *reason = NULL;
    PQconninfoOption *all = PQconninfoParse(secret_reveal(url), &reason);
    bool ok = all != NULL;

    if (!ok)
        error_set(err, ERR_CONFIG,
                  "the PostgreSQL connection string cannot be read (a password with special "
                  "characters must be percent-encoded in a URL)");
    PQconninfoFree(all);
    PQfreemem(reason);
    return ok;
}

static void
drop_notice(void *context, const PGresult *result)
{
    (void)context;
    (void)result;
}

/* Nobody else can reach a connection that is only being made, so signals are looked for here. */
enum { CONNECT_POLL_MS = 200 };

static bool
wait_until_connected(PgSource *pg, int64_t timeout_s, Secret password, Error *err)
{
    int64_t deadline = clock_monotonic_ms() + timeout_s * 1000;
    PostgresPollingStatusType status = PGRES_POLLING_WRITING;

    while (status != PGRES_POLLING_OK) {
        int64_t left = deadline - clock_monotonic_ms();
        if (left <= 0)
            return error_set(err, ERR_UNAVAILABLE,
                             "cannot connect to PostgreSQL within %" PRId64
                             " s (tuning.connect_timeout_s)",
                             timeout_s);
        short events = status == PGRES_POLLING_READING ? POLLIN : POLLOUT;
        if (!pg_wait(pg, events, (int)size_min((size_t)left, CONNECT_POLL_MS), err) ||
            !interrupt_check(err))
            return false;
        struct pollfd ready = {.fd = PQsocket(pg->conn), .events = events};
        if (poll(&ready, 1, 0) == 0)
            continue;
        status = PQconnectPoll(pg->conn);
        if (status == PGRES_POLLING_FAILED)
            return pg_error_connect(pg->conn, pg->base.options.address->url, password, err);
    }
    return true;
}

static void
describe_server(PgSource *pg)
{
    Source *base = &pg->base;
    const char *version = PQparameterStatus(pg->conn, "server_version");
    const char *encoding = PQparameterStatus(pg->conn, "server_encoding");
    const char *host = PQhost(pg->conn);
    bool is_socket = host[0] == '/' || host[0] == '@';

    /* "15.18 (Debian 15.18-0+deb12u1)": the packager's part is left out. */
    snprintf(base->server_version, sizeof(base->server_version), "PostgreSQL %.*s",
             version == NULL ? 0 : (int)strcspn(version, " "), version == NULL ? "" : version);
    snprintf(base->identity, sizeof(base->identity),
             is_socket ? "postgres://[%s]:%s/%s" : "postgres://%s:%s/%s", host, PQport(pg->conn),
             PQdb(pg->conn));
    pg->wire.checks_utf8 = encoding != NULL && strcmp(encoding, "SQL_ASCII") == 0;
    pg->wire.has_infinite_interval = PQserverVersion(pg->conn) >= 170000;
}

static bool
start_connection(PgSource *pg, Arena *arena, Error *err)
{
    Settings settings = {.count = 0};
    const SourceOptions *options = &pg->base.options;

    collect_settings(options, arena, &settings);
    /* Only a URL is expanded: a database may be called "host=elsewhere". */
    pg->conn = PQconnectStartParams(settings.keywords, settings.values,
                                    secret_is_set(options->address->url));
    if (pg->conn == NULL)
        return error_set(err, ERR_INTERNAL, "out of memory");
    pg->password = memory_dup_string(merged_setting(pg->conn, "password", arena));
    Secret password = {pg->password};
    if (PQstatus(pg->conn) == CONNECTION_BAD)
        return pg_error_connect(pg->conn, options->address->url, password, err);
    /* Verbose messages carry the SQLSTATE of a refused connection (error.c). */
    PQsetErrorVerbosity(pg->conn, PQERRORS_VERBOSE);
    PQsetNoticeReceiver(pg->conn, drop_notice, NULL);
    const char *timeout = merged_setting(pg->conn, "connect_timeout", arena);
    int64_t timeout_s = timeout == NULL ? 0 : strtoll(timeout, NULL, 10);
    if (timeout_s <= 0) /* libpq's "wait for ever"; we never do */
        timeout_s = options->tuning->connect_timeout_s;
    return wait_until_connected(pg, timeout_s, password, err);
}

static PgSource *
new_source(const SourceOptions *options)
{
    PgSource *pg = memory_alloc_zero(1, sizeof(*pg));
    Source base = {.driver = &POSTGRES_DRIVER, .options = *options};

    memcpy(&pg->base, &base, sizeof(base)); /* options is const once it is in place */
    pg->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    atomic_init(&pg->is_cancelled, false);
    pg->wire.max_cell_bytes = options->max_cell_bytes;
    pg->wire.counts = &pg->base.policy_counts;
    return pg;
}

bool
pg_connect(const SourceOptions *options, Source **out, Error *err)
{
    PgSource *pg;
    Arena arena = {0};
    bool ok = false;

    *out = NULL;
    if (secret_is_set(options->address->url) && !check_url(options->address->url, err))
        return false;
    pg = new_source(options);
    if (pg->wake_fd < 0)
        error_set(err, ERR_INTERNAL, "cannot create an event descriptor");
    else
        ok = start_connection(pg, &arena, err);
    arena_release(&arena);
    if (!ok) {
        pg_close(&pg->base);
        return false;
    }
    describe_server(pg);
    *out = &pg->base;
    return true;
}

void
pg_close(Source *source)
{
    PgSource *pg = (PgSource *)source;

    if (pg->conn != NULL && PQstatus(pg->conn) == CONNECTION_OK) {
        pg_low_water_reset(pg);
        pg_stop_statement(pg);
    }
    PQfinish(pg->conn); /* the server rolls back */
    if (pg->password != NULL)
        explicit_bzero(pg->password, strlen(pg->password));
    free(pg->password);
    if (pg->wake_fd >= 0)
        close(pg->wake_fd);
    free(pg);
}
