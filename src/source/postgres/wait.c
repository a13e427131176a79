#include <errno.h>
#include <poll.h>

#include "source/postgres/postgres.h"

bool
pg_wait(PgSource *pg, short events, int timeout_ms, Error *err)
{
    struct pollfd fds[] = {
        {.fd = PQsocket(pg->conn), .events = events},
        {.fd = pg->wake_fd, .events = POLLIN},
    };

    if (fds[0].fd < 0)
        return pg_error_connection(pg, err);
    if (poll(fds, ARRAY_LENGTH(fds), timeout_ms) < 0 && errno != EINTR)
        return error_set_errno(err, ERR_INTERNAL, errno, "cannot wait for the database");
    return pg_check_cancelled(pg, err);
}

bool
pg_consume(PgSource *pg, Error *err)
{
    return PQconsumeInput(pg->conn) != 0 || pg_error_connection(pg, err);
}

bool
pg_next_result(PgSource *pg, PGresult **out, Error *err)
{
    *out = NULL;
    while (PQisBusy(pg->conn)) {
        if (!pg_wait(pg, POLLIN, PG_WAIT_FOREVER, err) || !pg_consume(pg, err))
            return false;
    }
    *out = PQgetResult(pg->conn);
    return true;
}

bool
pg_is_failure(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);

    return status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE ||
           status == PGRES_NONFATAL_ERROR;
}

bool
pg_finish_command(PgSource *pg, PGresult **out, Error *err)
{
    PGresult *first = NULL;
    PGresult *result;
    bool ok = true;

    while ((ok = pg_next_result(pg, &result, err) && ok) && result != NULL) {
        if (pg_is_failure(result))
            pg_error_result(pg, result, err);
        if (first == NULL)
            first = result;
        else
            PQclear(result);
    }
    ok = ok && err->code == ERR_NONE;
    if (ok && out != NULL)
        *out = first;
    else
        PQclear(first);
    return ok;
}

bool
pg_settle(PgSource *pg, Error *err)
{
    bool is_ending = pg->is_ending;

    pg->is_ending = false;
    return !is_ending || pg_finish_command(pg, NULL, err);
}

bool
pg_run(PgSource *pg, const char *sql, Error *err)
{
    assert(!pg->is_begin_queued);
    if (!pg_settle(pg, err) || !pg_check_cancelled(pg, err))
        return false;
    if (PQsendQuery(pg->conn, sql) == 0)
        return pg_error_connection(pg, err);
    return pg_finish_command(pg, NULL, err);
}
