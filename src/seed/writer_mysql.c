/* writer_mysql.c: rows into MySQL and MariaDB by INSERT with many rows, one transaction per table.
 *
 * INSERT and not LOAD DATA LOCAL, which servers refuse unless their administrator allows it, and
 * which takes them as long. While the server works on a statement, the next one is made. Foreign
 * keys go unchecked, because the generator only makes users that exist; unique keys do not: without
 * them MariaDB collects the rows for a bulk load, which doubles its time here. */
#include "mysql_url.h"
#include "writer.h"

#include <mysql.h>

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    CONNECT_TIMEOUT_S = 10,
    MAX_STATEMENT_BYTES = 4 * 1024 * 1024,
    /* The statement may end after its limit by one row, escaped. */
    ROW_ROOM_BYTES = 2 * ROW_MAX_TEXT_BYTES + 4096,
    MAX_NUMBER_BYTES = 24,
};

struct Writer {
    MYSQL *connection;
    const Table *table; /* in a transaction, or NULL */
    bool is_busy;       /* a statement was sent, its answer not read */
    size_t limit_bytes; /* of a statement */
    char *bytes;        /* the statement under construction */
    size_t used, capacity;
    size_t head_bytes; /* of it: INSERT … VALUES */
};

static bool
server_failure(Writer *writer, const char *what, Failure *failure)
{
    return failure_set(failure, "mysql: %s: %s", what, mysql_error(writer->connection));
}

static bool
run(Writer *writer, const char *sql, Failure *failure)
{
    if (mysql_real_query(writer->connection, sql, strlen(sql)) != 0)
        return server_failure(writer, "statement failed", failure);
    MYSQL_RES *result = mysql_store_result(writer->connection);
    if (result == NULL && mysql_errno(writer->connection) != 0)
        return server_failure(writer, "statement failed", failure);
    mysql_free_result(result);
    return true;
}

static bool
run_all(Writer *writer, const char *const *statements, size_t count, Failure *failure)
{
    for (size_t i = 0; i < count; i++) {
        if (!run(writer, statements[i], failure))
            return false;
    }
    return true;
}

#define RUN_ALL(writer, statements, failure)                                                       \
    run_all(writer, statements, sizeof(statements) / sizeof((statements)[0]), failure)

static void
mysql_writer_close(Writer *writer)
{
    if (writer == NULL)
        return;
    mysql_close(writer->connection); /* the server rolls back */
    free(writer->bytes);
    free(writer);
}

/* One row of three numbers; NULL counts as 0. */
static bool
query_numbers(Writer *writer, const char *sql, int64_t numbers[3], Failure *failure)
{
    MYSQL_RES *result = NULL;
    MYSQL_ROW row = NULL;

    if (mysql_real_query(writer->connection, sql, strlen(sql)) == 0)
        result = mysql_store_result(writer->connection);
    if (result != NULL)
        row = mysql_fetch_row(result);
    for (unsigned i = 0; row != NULL && i < 3; i++)
        numbers[i] = row[i] != NULL ? strtoll(row[i], NULL, 10) : 0;
    mysql_free_result(result);
    return row != NULL || server_failure(writer, "query failed", failure);
}

static bool
connect_to(Writer *writer, const MysqlUrl *url, Failure *failure)
{
    unsigned timeout_s = CONNECT_TIMEOUT_S;
    unsigned protocol = MYSQL_PROTOCOL_TCP; /* else localhost means a unix socket */

    writer->connection = mysql_init(NULL);
    if (writer->connection == NULL)
        return failure_set(failure, "out of memory");
    mysql_options(writer->connection, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    mysql_options(writer->connection, MYSQL_OPT_CONNECT_TIMEOUT, &timeout_s);
    mysql_options(writer->connection, MYSQL_OPT_PROTOCOL, &protocol);
    if (mysql_real_connect(writer->connection, url->host, url->user, url->password, url->database,
                           url->port, NULL, 0) == NULL)
        return server_failure(writer, "no connection", failure);
    return true;
}

static bool
prepare_session(Writer *writer, Failure *failure)
{
    int64_t packet[3] = {0};

    if (!run(writer, "SET SESSION sql_mode = 'STRICT_ALL_TABLES'", failure) ||
        !query_numbers(writer, "SELECT @@max_allowed_packet, 0, 0", packet, failure))
        return false;
    if (packet[0] < 2 * (int64_t)ROW_ROOM_BYTES)
        return failure_set(failure, "mysql: the server's max_allowed_packet is too small");
    writer->limit_bytes = (size_t)packet[0] - ROW_ROOM_BYTES;
    if (writer->limit_bytes > MAX_STATEMENT_BYTES)
        writer->limit_bytes = MAX_STATEMENT_BYTES;
    writer->capacity = writer->limit_bytes + ROW_ROOM_BYTES;
    writer->bytes = malloc(writer->capacity);
    return writer->bytes != NULL || failure_set(failure, "out of memory");
}

static bool
mysql_writer_open(const char *text, Writer **out, Failure *failure)
{
    MysqlUrl url;
    Writer *writer = calloc(1, sizeof(*writer));
    bool ok = false;

    if (!mysql_url_parse(text, &url, failure))
        goto done;
    if (writer == NULL) {
        failure_set(failure, "out of memory");
        goto done;
    }
    ok = connect_to(writer, &url, failure) && prepare_session(writer, failure);

done:
    mysql_url_release(&url);
    if (ok)
        *out = writer;
    else
        mysql_writer_close(writer);
    return ok;
}

static bool
mysql_writer_ensure_sparse(Writer *writer, Failure *failure)
{
    static const char *const statements[] = {
        "CREATE TABLE IF NOT EXISTS orders_sparse (id BIGINT PRIMARY KEY, payload TEXT NOT NULL)"
        " ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4",
        "CREATE OR REPLACE VIEW orders_sparse_for_export AS"
        " SELECT id, payload, ROW_NUMBER() OVER (ORDER BY id) AS chunk_rownum"
        " FROM orders_sparse",
    };

    return RUN_ALL(writer, statements, failure);
}

static bool
mysql_writer_empty_all(Writer *writer, Failure *failure)
{
    static const char *const statements[] = {"SET foreign_key_checks = 0",
                                             "TRUNCATE users",
                                             "TRUNCATE orders",
                                             "TRUNCATE events",
                                             "TRUNCATE page_views",
                                             "TRUNCATE content_items",
                                             "TRUNCATE orders_sparse",
                                             "SET foreign_key_checks = 1"};

    return RUN_ALL(writer, statements, failure);
}

static bool
mysql_writer_empty_sparse(Writer *writer, Failure *failure)
{
    return run(writer, "TRUNCATE orders_sparse", failure);
}

/* --- the text of a statement --- */

/* The buffer has room for a row after limit_bytes, so appending needs no checks. */
static void
append(Writer *writer, const char *bytes, size_t length_bytes)
{
    assert(writer->used + length_bytes <= writer->capacity);
    memcpy(writer->bytes + writer->used, bytes, length_bytes);
    writer->used += length_bytes;
}

static void
append_text(Writer *writer, const char *text)
{
    append(writer, text, strlen(text));
}

/* At least digit_count digits, with zeros in front. */
static void
append_number(Writer *writer, int64_t number, size_t digit_count)
{
    char digits[MAX_NUMBER_BYTES];
    size_t used = 0;

    assert(number >= 0 && digit_count < sizeof(digits));
    for (; number > 0 || used < digit_count; number /= 10)
        digits[sizeof(digits) - ++used] = (char)('0' + number % 10);
    append(writer, digits + sizeof(digits) - used, used);
}

static void
append_timestamp(Writer *writer, int64_t seconds)
{
    time_t time = (time_t)seconds;
    struct tm parts;

    gmtime_r(&time, &parts);
    append_text(writer, "'");
    append_number(writer, parts.tm_year + 1900, 4);
    append_text(writer, "-");
    append_number(writer, parts.tm_mon + 1, 2);
    append_text(writer, "-");
    append_number(writer, parts.tm_mday, 2);
    append_text(writer, " ");
    append_number(writer, parts.tm_hour, 2);
    append_text(writer, ":");
    append_number(writer, parts.tm_min, 2);
    append_text(writer, ":");
    append_number(writer, parts.tm_sec, 2);
    append_text(writer, "'");
}

static void
append_quoted(Writer *writer, const Cell *cell)
{
    append_text(writer, "'");
    assert(writer->used + 2 * cell->length_bytes < writer->capacity);
    writer->used += mysql_real_escape_string(writer->connection, writer->bytes + writer->used,
                                             cell->text, (unsigned long)cell->length_bytes);
    append_text(writer, "'");
}

static void
append_cell(Writer *writer, ColumnType type, const Cell *cell)
{
    if (cell->is_null) {
        append_text(writer, "NULL");
        return;
    }
    switch (type) {
    case COLUMN_INT16:
    case COLUMN_INT32:
    case COLUMN_INT64:
    case COLUMN_BOOL:
        append_number(writer, cell->number, 1);
        break;
    case COLUMN_DECIMAL2:
        append_number(writer, cell->number / 100, 1);
        append_text(writer, ".");
        append_number(writer, cell->number % 100, 2);
        break;
    case COLUMN_TIMESTAMP:
        append_timestamp(writer, cell->number);
        break;
    case COLUMN_TEXT:
    case COLUMN_JSON:
        append_quoted(writer, cell);
        break;
    }
}

/* --- one table --- */

/* Wait for the answer to the statement that was sent last. */
static bool
settle(Writer *writer, Failure *failure)
{
    if (!writer->is_busy)
        return true;
    writer->is_busy = false;
    if (mysql_read_query_result(writer->connection) != 0)
        return server_failure(writer, writer->table->name, failure);
    return true;
}

static bool
mysql_writer_flush(Writer *writer, Failure *failure)
{
    if (writer->used == writer->head_bytes)
        return true;
    if (!settle(writer, failure))
        return false;
    if (mysql_send_query(writer->connection, writer->bytes, (unsigned long)writer->used) != 0)
        return server_failure(writer, writer->table->name, failure);
    writer->is_busy = true;
    writer->used = writer->head_bytes;
    return true;
}

static bool
mysql_writer_begin(Writer *writer, const Table *table, Failure *failure)
{
    static const char *const statements[] = {"SET foreign_key_checks = 0", "START TRANSACTION"};

    if (!RUN_ALL(writer, statements, failure))
        return false;
    writer->table = table;
    writer->used = 0;
    append_text(writer, "INSERT INTO ");
    append_text(writer, table->name);
    for (size_t i = 0; i < table->column_count; i++) {
        append_text(writer, i == 0 ? " (" : ", ");
        append_text(writer, table->columns[i].name);
    }
    append_text(writer, ") VALUES ");
    writer->head_bytes = writer->used;
    return true;
}

static bool
mysql_writer_write_row(Writer *writer, const Row *row, Failure *failure)
{
    assert(row->cell_count == writer->table->column_count);
    append_text(writer, writer->used == writer->head_bytes ? "(" : ",(");
    for (size_t i = 0; i < row->cell_count; i++) {
        if (i > 0)
            append_text(writer, ",");
        append_cell(writer, writer->table->columns[i].type, &row->cells[i]);
    }
    append_text(writer, ")");
    return writer->used < writer->limit_bytes || mysql_writer_flush(writer, failure);
}

/* Inserted ids have moved the table's counter already. Statistics are gathered at once: what plans
 * queries by estimates must not find empty tables. */
static bool
mysql_writer_finish(Writer *writer, int64_t last_id, Failure *failure)
{
    static const char *const statements[] = {"COMMIT", "SET foreign_key_checks = 1"};
    char sql[128];

    (void)last_id;
    if (!mysql_writer_flush(writer, failure) || !settle(writer, failure))
        return false;
    snprintf(sql, sizeof(sql), "ANALYZE TABLE %s", writer->table->name);
    writer->table = NULL;
    return RUN_ALL(writer, statements, failure) && run(writer, sql, failure);
}

static bool
mysql_writer_sparse_summary(Writer *writer, SparseSummary *out, Failure *failure)
{
    int64_t numbers[3] = {0};

    if (!query_numbers(writer, "SELECT count(*), min(id), max(id) FROM orders_sparse", numbers,
                       failure))
        return false;
    *out = (SparseSummary){.count = numbers[0], .min_id = numbers[1], .max_id = numbers[2]};
    return true;
}

const WriterDriver MYSQL_WRITER = {
    .name = "mysql",
    .open = mysql_writer_open,
    .ensure_sparse = mysql_writer_ensure_sparse,
    .empty_all = mysql_writer_empty_all,
    .empty_sparse = mysql_writer_empty_sparse,
    .begin = mysql_writer_begin,
    .write_row = mysql_writer_write_row,
    .flush = mysql_writer_flush,
    .finish = mysql_writer_finish,
    .sparse_summary = mysql_writer_sparse_summary,
    .close = mysql_writer_close,
};
