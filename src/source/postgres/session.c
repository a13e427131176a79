#include <poll.h>

#include "source/postgres/postgres.h"
#include "util/clock.h"
#include "util/memory.h"

/* How long a cancelled statement may take to end before the connection is given up. */
enum { DRAIN_MS = 5000 };

/* Everything by SET LOCAL: it ends with the transaction, so nothing leaks to the next client of a
 * pooled connection. Repeatable read: bounds and rows see one snapshot. */
static const char *const BEGIN_SQL[] = {
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    "SET LOCAL TimeZone = 'UTC'",
    "SET LOCAL DateStyle = 'ISO, YMD'",
    "SET LOCAL IntervalStyle = 'iso_8601'",
    "SET LOCAL extra_float_digits = 3",
    "SET LOCAL bytea_output = 'hex'",
    "SET LOCAL array_nulls = on",
    "SET LOCAL lc_monetary = 'C'",
    "SET LOCAL cursor_tuple_fraction = 1",
    "SET LOCAL idle_in_transaction_session_timeout = 0",
};

bool
pg_transaction_begin(PgSource *pg, Error *err)
{
    if (pg->holds_snapshot)
        return pg_check_cancelled(pg, err);
    pg->is_begin_queued = pg_reset(pg, err);
    return pg->is_begin_queued;
}

bool
pg_send_begin(PgPipeline *pipeline, Error *err)
{
    const Tuning *tuning = pipeline->pg->base.options.tuning;
    char encoding[64];
    char statement_limit[64];
    char lock_limit[64];

    /* A SQL_ASCII server would check the bytes itself and fail without naming the column. */
    snprintf(encoding, sizeof(encoding), "SET LOCAL client_encoding = '%s'",
             pipeline->pg->wire.checks_utf8 ? "SQL_ASCII" : "UTF8");
    snprintf(statement_limit, sizeof(statement_limit),
             "SET LOCAL statement_timeout = '%" PRId64 "s'", tuning->statement_timeout_s);
    snprintf(lock_limit, sizeof(lock_limit), "SET LOCAL lock_timeout = '%" PRId64 "s'",
             tuning->lock_timeout_s);
    for (size_t i = 0; i < ARRAY_LENGTH(BEGIN_SQL); i++)
        if (!pg_pipeline_add(pipeline, BEGIN_SQL[i], err))
            return false;
    return pg_pipeline_add(pipeline, encoding, err) &&
           pg_pipeline_add(pipeline, statement_limit, err) &&
           pg_pipeline_add(pipeline, lock_limit, err);
}

bool
pg_transaction_end(PgSource *pg, Error *err)
{
    bool is_begun = !pg->is_begin_queued;

    pg->has_snapshot = false;
    pg->is_begin_queued = false;
    pg->state = PG_READ_NONE;
    if (pg->holds_snapshot)
        return pg_run(pg, "CLOSE ALL", err);
    if (is_begun && PQsendQuery(pg->conn, "COMMIT") == 0)
        return pg_error_connection(pg, err);
    pg->is_ending = is_begun;
    return true;
}

bool
pg_hold_snapshot(Source *source, const char *id, Error *err)
{
    PgSource *pg = (PgSource *)source;
    bool ok = pg_transaction_begin(pg, err);

    if (ok && id != NULL) {
        char *literal = PQescapeLiteral(pg->conn, id, strlen(id));
        char *sql = memory_format("SET TRANSACTION SNAPSHOT %s", literal == NULL ? "''" : literal);
        ok = pg_run_params(pg, sql, 0, NULL, NULL, err);
        PQfreemem(literal);
        free(sql);
    } else if (ok) {
        /* The first statement fixes the snapshot. */
        ok = pg_run_params(pg, "SELECT 1", 0, NULL, NULL, err);
    }
    if (!ok)
        pg_abandon(pg);
    pg->holds_snapshot = ok;
    return ok;
}

bool
pg_export_snapshot(Source *source, Arena *arena, const char **id, Error *err)
{
    PgSource *pg = (PgSource *)source;
    PGresult *result = NULL;

    if (!pg->holds_snapshot)
        return error_set(err, ERR_INTERNAL, "there is no snapshot to share");
    bool ok = pg_run_params(pg, "SELECT pg_catalog.pg_export_snapshot()", 0, NULL, &result, err);
    if (ok)
        *id = arena_dup_string(arena, PQgetvalue(result, 0, 0));
    PQclear(result);
    return ok;
}

/* True while rows of a COPY are still to come. */
static bool
drop_copy_data(PGconn *conn)
{
    char *row;
    int size;

    while ((size = PQgetCopyData(conn, &row, 1)) > 0)
        PQfreemem(row);
    return size == 0;
}

/* Takes and drops what is still arriving; false when it does not end in time. */
static bool
drain(PgSource *pg, Error *err)
{
    int64_t deadline = clock_monotonic_ms() + DRAIN_MS;

    while (PQtransactionStatus(pg->conn) == PQTRANS_ACTIVE) {
        if (drop_copy_data(pg->conn) || PQisBusy(pg->conn)) {
            int64_t left = deadline - clock_monotonic_ms();
            if (left <= 0)
                return error_set(err, ERR_UNAVAILABLE, "the server did not end a statement");
            if (!pg_wait(pg, POLLIN, (int)left, err) || !pg_consume(pg, err))
                return false;
        } else {
            PQclear(PQgetResult(pg->conn));
        }
    }
    pg->is_stop_sent = false;
    return true;
}

bool
pg_reset(PgSource *pg, Error *err)
{
    pg_low_water_reset(pg);
    pg->has_snapshot = false;
    pg->holds_snapshot = false;
    pg->is_begin_queued = false;
    pg->state = PG_READ_NONE;
    if (!pg_check_cancelled(pg, err))
        return false;
    if (PQstatus(pg->conn) != CONNECTION_OK)
        return pg_error_connection(pg, err);
    if (PQpipelineStatus(pg->conn) != PQ_PIPELINE_OFF)
        return error_set(err, ERR_UNAVAILABLE,
                         "the connection was left in the middle of a command");
    if (!pg_settle(pg, err))
        return false;
    if (PQtransactionStatus(pg->conn) == PQTRANS_ACTIVE) {
        pg_stop_statement(pg);
        if (!drain(pg, err))
            return false;
    }
    if (PQtransactionStatus(pg->conn) == PQTRANS_IDLE)
        return true;
    return pg_run(pg, "ROLLBACK", err);
}

void
pg_abandon(PgSource *pg)
{
    Error ignored = ERROR_INIT;

    if (!pg_reset(pg, &ignored))
        pg->state = PG_READ_NONE;
}

/* A failed statement ends a transaction, but not one that stands around a savepoint. */
static const char ENTER_SQL[] = "SAVEPOINT _rivet_question";
static const char LEAVE_SQL[] = "RELEASE SAVEPOINT _rivet_question";
static const char UNDO_SQL[] =
    "ROLLBACK TO SAVEPOINT _rivet_question; RELEASE SAVEPOINT _rivet_question";

bool
pg_ask(PgSource *pg, const char *sql, bool is_binary, PGresult **out, Error *err)
{
    bool is_shared = pg->has_snapshot || pg->holds_snapshot;
    const PgCommand question = {.sql = sql,
                                .is_binary = is_binary,
                                .before = is_shared ? ENTER_SQL : NULL,
                                .after = is_shared ? LEAVE_SQL : "COMMIT"};
    Error ignored = ERROR_INIT;

    *out = NULL;
    if (!is_shared && !pg_transaction_begin(pg, err))
        return false;
    if (pg_run_command(pg, &question, out, err))
        return true;
    if (!is_shared)
        pg_abandon(pg);
    /* Where this fails too the connection is lost, which the question's own error says. */
    else if (!pg_run(pg, UNDO_SQL, &ignored))
        pg->has_snapshot = false;
    return false;
}
