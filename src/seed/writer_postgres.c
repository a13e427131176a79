/* writer_postgres.c: rows into PostgreSQL by COPY in its binary form, one transaction per table.
 *
 * Each table is truncated once more in its own transaction: rows can then be written frozen, and
 * with wal_level minimal the server skips the log. Foreign keys are not checked row by row while
 * the role may say so, because the generator only makes users that exist.
 * Source  https://www.postgresql.org/docs/current/sql-copy.html (Binary Format) */
#include "writer.h"

#include <libpq-fe.h>

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* COPY counts timestamps from 2000-01-01. */
#define POSTGRES_EPOCH_S INT64_C(946684800)

enum {
    SEND_BYTES = 256 * 1024, /* a batch of wide rows goes out in pieces of about this size */
    NUMERIC_BASE = 10000,
    NUMERIC_POSITIVE = 0x0000,
};

struct Writer {
    PGconn *connection;
    const Table *table; /* under COPY, or NULL */
    char *bytes;
    size_t used, capacity;
};

static bool
server_failure(Writer *writer, const char *what, Failure *failure)
{
    return failure_set(failure, "postgres: %s: %s", what, PQerrorMessage(writer->connection));
}

static bool
run(Writer *writer, const char *sql, Failure *failure)
{
    PGresult *result = PQexec(writer->connection, sql);
    ExecStatusType status = PQresultStatus(result);

    PQclear(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_COPY_IN)
        return server_failure(writer, "statement failed", failure);
    return true;
}

static void
postgres_close(Writer *writer)
{
    if (writer == NULL)
        return;
    PQfinish(writer->connection);
    free(writer->bytes);
    free(writer);
}

static void
ignore_notice(void *unused, const PGresult *result)
{
    (void)unused;
    (void)result;
}

static bool
postgres_open(const char *url, Writer **out, Failure *failure)
{
    Writer *writer = calloc(1, sizeof(*writer));

    if (writer == NULL)
        return failure_set(failure, "out of memory");
    writer->connection = PQconnectdb(url);
    PQsetNoticeReceiver(writer->connection, ignore_notice, NULL);
    /* The role may lack the right to skip foreign key checks: then they are made. */
    if (PQstatus(writer->connection) != CONNECTION_OK ||
        !run(writer, "SET client_min_messages = warning", failure) ||
        !run(writer,
             "SELECT set_config('session_replication_role', 'replica', false)"
             " FROM pg_roles WHERE rolname = current_user AND rolsuper",
             failure)) {
        server_failure(writer, "no connection", failure);
        postgres_close(writer);
        return false;
    }
    *out = writer;
    return true;
}

static bool
postgres_ensure_sparse(Writer *writer, Failure *failure)
{
    return run(writer,
               "CREATE TABLE IF NOT EXISTS orders_sparse"
               " (id bigint PRIMARY KEY, payload text NOT NULL);"
               "CREATE OR REPLACE VIEW orders_sparse_for_export AS"
               " SELECT id, payload, row_number() OVER (ORDER BY id) AS chunk_rownum"
               " FROM orders_sparse",
               failure);
}

static bool
postgres_empty_all(Writer *writer, Failure *failure)
{
    return run(writer,
               "TRUNCATE users, orders, events, page_views, content_items, orders_sparse"
               " RESTART IDENTITY CASCADE",
               failure);
}

static bool
postgres_empty_sparse(Writer *writer, Failure *failure)
{
    return run(writer, "TRUNCATE orders_sparse", failure);
}

/* --- the bytes of COPY --- */

static void
append(Writer *writer, const void *bytes, size_t length)
{
    if (writer->used + length > writer->capacity) {
        writer->capacity = (writer->used + length) * 2;
        writer->bytes = realloc(writer->bytes, writer->capacity);
        if (writer->bytes == NULL)
            abort();
    }
    memcpy(writer->bytes + writer->used, bytes, length);
    writer->used += length;
}

/* The low size_bytes bytes of a number, highest first. */
static void
append_integer(Writer *writer, int64_t number, size_t size_bytes)
{
    unsigned char bytes[8];

    for (size_t i = 0; i < size_bytes; i++)
        bytes[i] = (unsigned char)((uint64_t)number >> (8 * (size_bytes - 1 - i)));
    append(writer, bytes, size_bytes);
}

static void
append_sized_integer(Writer *writer, int64_t number, size_t size_bytes)
{
    append_integer(writer, (int64_t)size_bytes, 4);
    append_integer(writer, number, size_bytes);
}

/* A numeric is digits in base 10000; with two decimals the last digit holds hundredths * 100. */
static void
append_decimal2(Writer *writer, int64_t hundredths)
{
    int64_t whole = hundredths / 100;
    int digits[4];
    int count = 0;

    assert(hundredths >= 0);
    digits[count++] = (int)(hundredths % 100) * 100;
    for (; whole > 0 && count < 4; whole /= NUMERIC_BASE)
        digits[count++] = (int)(whole % NUMERIC_BASE);

    append_integer(writer, 8 + 2 * count, 4);
    append_integer(writer, count, 2);
    append_integer(writer, count - 2, 2); /* weight of the first digit: -1 is the first decimal */
    append_integer(writer, NUMERIC_POSITIVE, 2);
    append_integer(writer, 2, 2);
    while (count > 0)
        append_integer(writer, digits[--count], 2);
}

static void
append_cell(Writer *writer, ColumnType type, const Cell *cell)
{
    if (cell->is_null) {
        append_integer(writer, -1, 4);
        return;
    }
    switch (type) {
    case COLUMN_INT16:
        append_sized_integer(writer, cell->number, 2);
        break;
    case COLUMN_INT32:
        append_sized_integer(writer, cell->number, 4);
        break;
    case COLUMN_INT64:
        append_sized_integer(writer, cell->number, 8);
        break;
    case COLUMN_BOOL:
        append_sized_integer(writer, cell->number, 1);
        break;
    case COLUMN_DECIMAL2:
        append_decimal2(writer, cell->number);
        break;
    case COLUMN_TIMESTAMP:
        append_sized_integer(writer, (cell->number - POSTGRES_EPOCH_S) * 1000000, 8);
        break;
    case COLUMN_TEXT:
        append_integer(writer, (int64_t)cell->length_bytes, 4);
        append(writer, cell->text, cell->length_bytes);
        break;
    case COLUMN_JSON: /* jsonb: a version byte, then the text */
        append_integer(writer, (int64_t)cell->length_bytes + 1, 4);
        append_integer(writer, 1, 1);
        append(writer, cell->text, cell->length_bytes);
        break;
    }
}

/* --- one table --- */

static bool
postgres_flush(Writer *writer, Failure *failure)
{
    if (writer->used > 0 &&
        PQputCopyData(writer->connection, writer->bytes, (int)writer->used) != 1)
        return server_failure(writer, writer->table->name, failure);
    writer->used = 0;
    return true;
}

static bool
start_copy(Writer *writer, const Table *table, Failure *failure)
{
    char sql[1024];
    int length = snprintf(sql, sizeof(sql), "COPY %s (", table->name);

    for (size_t i = 0; i < table->column_count; i++)
        length += snprintf(sql + length, sizeof(sql) - (size_t)length, "%s%s", i == 0 ? "" : ", ",
                           table->columns[i].name);
    snprintf(sql + length, sizeof(sql) - (size_t)length, ") FROM STDIN (FORMAT binary, FREEZE)");
    return run(writer, sql, failure);
}

static bool
postgres_begin(Writer *writer, const Table *table, Failure *failure)
{
    static const char header[19] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0";
    char sql[256];

    snprintf(sql, sizeof(sql), "BEGIN; TRUNCATE %s CASCADE", table->name);
    if (!run(writer, sql, failure) || !start_copy(writer, table, failure))
        return false;
    writer->table = table;
    writer->used = 0;
    append(writer, header, sizeof(header));
    return true;
}

static bool
postgres_write_row(Writer *writer, const Row *row, Failure *failure)
{
    assert(row->cell_count == writer->table->column_count);
    append_integer(writer, (int64_t)row->cell_count, 2);
    for (size_t i = 0; i < row->cell_count; i++)
        append_cell(writer, writer->table->columns[i].type, &row->cells[i]);
    return writer->used < SEND_BYTES || postgres_flush(writer, failure);
}

static bool
end_copy(Writer *writer, Failure *failure)
{
    bool ok = true;

    append_integer(writer, -1, 2);
    if (!postgres_flush(writer, failure))
        return false;
    if (PQputCopyEnd(writer->connection, NULL) != 1)
        return server_failure(writer, writer->table->name, failure);
    for (PGresult *result; (result = PQgetResult(writer->connection)) != NULL; PQclear(result)) {
        if (ok && PQresultStatus(result) != PGRES_COMMAND_OK)
            ok = failure_set(failure, "postgres: %s: %s", writer->table->name,
                             PQresultErrorMessage(result));
    }
    return ok;
}

/* Statistics are gathered at once: what plans queries by estimates must not find empty tables. */
static bool
postgres_finish(Writer *writer, int64_t last_id, Failure *failure)
{
    const Table *table = writer->table;
    char sql[256] = "";

    if (!end_copy(writer, failure))
        return false;
    writer->table = NULL;
    if (table->id_is_generated && last_id > 0)
        snprintf(sql, sizeof(sql),
                 "SELECT setval(pg_get_serial_sequence('%s', 'id'), %" PRId64 "); ", table->name,
                 last_id);
    snprintf(sql + strlen(sql), sizeof(sql) - strlen(sql), "ANALYZE %s; COMMIT", table->name);
    return run(writer, sql, failure);
}

static bool
postgres_sparse_summary(Writer *writer, SparseSummary *out, Failure *failure)
{
    PGresult *result =
        PQexec(writer->connection, "SELECT count(*), coalesce(min(id), 0), coalesce(max(id), 0)"
                                   " FROM orders_sparse");
    bool ok = PQresultStatus(result) == PGRES_TUPLES_OK;

    if (ok) {
        out->count = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
        out->min_id = strtoll(PQgetvalue(result, 0, 1), NULL, 10);
        out->max_id = strtoll(PQgetvalue(result, 0, 2), NULL, 10);
    } else {
        server_failure(writer, "orders_sparse", failure);
    }
    PQclear(result);
    return ok;
}

const WriterDriver POSTGRES_WRITER = {
    .name = "postgres",
    .open = postgres_open,
    .ensure_sparse = postgres_ensure_sparse,
    .empty_all = postgres_empty_all,
    .empty_sparse = postgres_empty_sparse,
    .begin = postgres_begin,
    .write_row = postgres_write_row,
    .flush = postgres_flush,
    .finish = postgres_finish,
    .sparse_summary = postgres_sparse_summary,
    .close = postgres_close,
};
