#include <poll.h>

#include "source/postgres/postgres.h"

/* A raised low-water mark lets the kernel hold back a short tail; after this time what is there is
 * read anyway. Source: spec extraction §2. */
enum { LOW_WATER_POLL_MS = 4 };

bool
pg_copy_begin(PgSource *pg, const char *select, Error *err)
{
    Buffer sql = {0};
    PGresult *result = NULL;

    if (!pg_flush_begin(pg, err))
        return false;
    buffer_append_format(&sql, "COPY (%s\n) TO STDOUT (FORMAT binary)", select);
    /* The extended protocol takes one statement only, whatever the query says. */
    bool ok = PQsendQueryParams(pg->conn, buffer_text(&sql), 0, NULL, NULL, NULL, NULL, 1) != 0 ||
              pg_error_connection(pg, err);
    buffer_release(&sql);
    ok = ok && pg_next_result(pg, &result, err);
    if (ok && PQresultStatus(result) != PGRES_COPY_OUT) {
        ok = pg_error_result(pg, result, err);
        PQclear(result);
        return ok;
    }
    PQclear(result);
    pg->state = PG_READ_COPY;
    pg->may_have_low_water = true;
    return ok;
}

/* The rows are over: was it the end of the data, or an error? Only the server's own end-of-command
 * marker says that all rows have come. */
static bool
finish_copy(PgSource *pg, Error *err)
{
    PGresult *result = NULL;

    pg_low_water_reset(pg);
    if (!pg_finish_command(pg, &result, err))
        return false;
    bool is_complete = PQresultStatus(result) == PGRES_COMMAND_OK && pg->wire.is_ended;
    PQclear(result);
    if (!is_complete)
        return error_set(err, ERR_UNAVAILABLE,
                         "the server ended the rows without their end marker");
    pg->state = PG_READ_DONE;
    return true;
}

static bool
wait_for_rows(PgSource *pg, Error *err)
{
    int timeout_ms = pg->has_low_water ? LOW_WATER_POLL_MS : PG_WAIT_FOREVER;

    return pg_wait(pg, POLLIN, timeout_ms, err) && pg_consume(pg, err);
}

/* The next message of rows: its size; 0 when the rows are over; -1 on failure. What the kernel
 * already holds is taken before anything is waited for. */
static int
next_message(PgSource *pg, char **message, Error *err)
{
    int size = PQgetCopyData(pg->conn, message, 1);

    if (size == 0) {
        if (!pg_consume(pg, err))
            return -1;
        size = PQgetCopyData(pg->conn, message, 1);
    }
    while (size == 0) {
        if (!wait_for_rows(pg, err))
            return -1;
        size = PQgetCopyData(pg->conn, message, 1);
    }
    if (size == -2) {
        pg_error_connection(pg, err);
        return -1;
    }
    return size == -1 ? 0 : size;
}

bool
pg_copy_read(PgSource *pg, Batch *batch, Error *err)
{
    char *message = NULL;

    while (!batch_is_full(batch)) {
        int size = next_message(pg, &message, err);
        if (size < 0)
            return false;
        if (size == 0)
            return finish_copy(pg, err);
        bool ok = pg_wire_message(&pg->wire, (const uint8_t *)message, (size_t)size, batch, err);
        PQfreemem(message);
        if (!ok)
            return false;
        if (UNLIKELY(pg->wire.is_ended))
            pg_low_water_reset(pg);
        else if (UNLIKELY(pg->may_have_low_water))
            pg_low_water_raise(pg);
    }
    return true;
}
