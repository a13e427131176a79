#include "source/postgres/postgres.h"

/* Counts connections by pg_stat_database, which everybody may read. A limit of -1 is none. */
static const char SQL[] =
    "WITH used AS ("
    " SELECT (SELECT pg_catalog.sum(numbackends) FROM pg_catalog.pg_stat_database) AS everywhere,"
    " (SELECT numbackends FROM pg_catalog.pg_stat_database"
    "  WHERE datname = pg_catalog.current_database()) AS here,"
    " (SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_activity"
    "  WHERE usename = CURRENT_USER) AS mine"
    "), limits AS ("
    " SELECT pg_catalog.current_setting('max_connections')::int8 AS everywhere,"
    " pg_catalog.current_setting('superuser_reserved_connections')::int8"
    "  + coalesce(pg_catalog.current_setting('reserved_connections', true)::int8, 0) AS reserved,"
    " (SELECT datconnlimit FROM pg_catalog.pg_database"
    "  WHERE datname = pg_catalog.current_database()) AS here,"
    " (SELECT rolconnlimit FROM pg_catalog.pg_roles WHERE rolname = CURRENT_USER) AS mine"
    ") "
    "SELECT greatest(0, least(limits.everywhere - limits.reserved - used.everywhere,"
    "  CASE WHEN limits.here >= 0 THEN limits.here - used.here END,"
    "  CASE WHEN limits.mine >= 0 THEN limits.mine - used.mine END))::int8,"
    " limits.everywhere,"
    " (SELECT setting FROM pg_catalog.pg_settings WHERE name = 'statement_timeout'),"
    " (SELECT setting FROM pg_catalog.pg_settings"
    "  WHERE name = 'idle_in_transaction_session_timeout'),"
    " (SELECT setting FROM pg_catalog.pg_settings WHERE name = 'max_standby_streaming_delay'),"
    " CASE WHEN pg_catalog.pg_is_in_recovery() THEN greatest(0, (extract(epoch FROM"
    "  pg_catalog.clock_timestamp() - pg_catalog.pg_last_xact_replay_timestamp()) * 1000)::int8)"
    "  END,"
    " pg_catalog.pg_is_in_recovery(), pg_catalog.pg_backend_pid() "
    "FROM used, limits";

/* The columns of SQL, in its order. */
enum { FREE, MAX, STATEMENT_MS, IDLE_MS, PATIENCE_MS, LAG_MS, STANDBY, BACKEND, COLUMN_COUNT };

static OptionalInt
number(const PGresult *result, int column)
{
    if (PQgetisnull(result, 0, column))
        return (OptionalInt){0};
    return (OptionalInt){true, strtoll(PQgetvalue(result, 0, column), NULL, 10)};
}

static const char *
describe_tls(PGconn *conn, Arena *arena)
{
    if (PQsslInUse(conn) == 0)
        return NULL;
    const char *protocol = PQsslAttribute(conn, "protocol");
    const char *cipher = PQsslAttribute(conn, "cipher");
    return arena_format(arena, "%s %s", protocol == NULL ? "TLS" : protocol,
                        cipher == NULL ? "" : cipher);
}

bool
pg_inspect(Source *source, Arena *arena, ServerFacts *facts, Error *err)
{
    PgSource *pg = (PgSource *)source;
    PGresult *result = NULL;

    facts->tls = describe_tls(pg->conn, arena);
    /* Outside a transaction, whose limits are our own, unless one is held. */
    if ((!pg->holds_snapshot && !pg_reset(pg, err)) ||
        !pg_run_params(pg, SQL, 0, NULL, &result, err))
        return false;
    if (PQntuples(result) == 1 && PQnfields(result) == COLUMN_COUNT) {
        facts->connections_free = number(result, FREE);
        facts->connections_max = number(result, MAX);
        facts->statement_timeout_ms = number(result, STATEMENT_MS);
        facts->idle_timeout_ms = number(result, IDLE_MS);
        facts->is_standby = PQgetvalue(result, 0, STANDBY)[0] == 't';
        facts->standby_lag_ms = number(result, LAG_MS);
        facts->standby_patience_ms = number(result, PATIENCE_MS);
        /* A pooler hands out process numbers of its own. */
        facts->is_pooled = number(result, BACKEND).value != PQbackendPID(pg->conn);
    }
    PQclear(result);
    return true;
}
