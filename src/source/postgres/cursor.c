#include "source/postgres/postgres.h"

bool
pg_cursor_begin(PgSource *pg, const char *select, const PgParameters *parameters, Error *err)
{
    Buffer sql = {0};

    buffer_append_format(&sql, "DECLARE _rivet NO SCROLL CURSOR FOR %s", select);
    bool ok = pg_run_params(pg, buffer_text(&sql), parameters->count,
                            (const char *const *)parameters->values, NULL, err);
    buffer_release(&sql);
    pg->state = PG_READ_CURSOR;
    return ok;
}

/* The binary format has to be asked for in each FETCH. */
static bool
start_fetch(PgSource *pg, size_t row_count, Error *err)
{
    char sql[64];

    if (!pg_check_cancelled(pg, err))
        return false;
    snprintf(sql, sizeof(sql), "FETCH FORWARD %zu FROM _rivet", row_count);
    if (PQsendQueryParams(pg->conn, sql, 0, NULL, NULL, NULL, NULL, 1) == 0 ||
        PQsetSingleRowMode(pg->conn) == 0)
        return pg_error_connection(pg, err);
    pg->fetch_asked = row_count;
    pg->fetch_seen = 0;
    pg->state = PG_READ_FETCH;
    return true;
}

static bool
append_row(PgSource *pg, const PGresult *row, Batch *batch, Error *err)
{
    size_t row_bytes = 2;

    for (size_t i = 0; i < pg->wire.field_count; i++) {
        int field = (int)i;
        bool is_null = PQgetisnull(row, 0, field) != 0;
        size_t size = (size_t)PQgetlength(row, 0, field);
        const uint8_t *bytes = is_null ? NULL : (const uint8_t *)PQgetvalue(row, 0, field);
        if (!pg_wire_field(&pg->wire, &pg->wire.fields[i], bytes, size, &batch->columns[i], err))
            return false;
        row_bytes += 4 + size;
    }
    batch_end_row(batch, row_bytes);
    pg->fetch_seen++;
    return true;
}

/* The FETCH has ended well. Fewer rows than this FETCH asked for: the cursor is at its end. */
static bool
finish_fetch(PgSource *pg, Error *err)
{
    if (!pg_finish_command(pg, NULL, err))
        return false;
    pg->state = pg->fetch_seen < pg->fetch_asked ? PG_READ_DONE : PG_READ_CURSOR;
    return true;
}

static bool
take_result(PgSource *pg, const PGresult *result, Batch *batch, Error *err)
{
    switch (PQresultStatus(result)) {
    case PGRES_SINGLE_TUPLE:
        if ((size_t)PQnfields(result) != pg->wire.field_count)
            return pg_wire_broken(NULL, err);
        return append_row(pg, result, batch, err);
    case PGRES_TUPLES_OK:
        return finish_fetch(pg, err);
    default:
        return result == NULL ? pg_error_connection(pg, err) : pg_error_result(pg, result, err);
    }
}

bool
pg_cursor_read(PgSource *pg, Batch *batch, Error *err)
{
    PGresult *result = NULL;
    bool ok = true;

    while (ok && pg->state != PG_READ_DONE && !batch_is_full(batch)) {
        if (pg->state == PG_READ_CURSOR) {
            ok = start_fetch(pg, batch->max_rows, err);
            continue;
        }
        ok = pg_next_result(pg, &result, err);
        if (ok)
            ok = take_result(pg, result, batch, err);
        PQclear(result);
        result = NULL;
    }
    return ok;
}
