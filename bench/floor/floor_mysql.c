/* floor_mysql: read the whole result of a query from MySQL or MariaDB and throw it away.
 *
 * The shortest time in which a client can have the rows through Connector/C: prepared statement,
 * binary protocol, unbuffered, columns bound to memory of their own type. rivet's times are ratios
 * to it. Without TLS.
 *
 * Prints one line: mode, rows, bytes of cells (headers and lengths left out, date and time columns
 * as 4 and 8 bytes), seconds from executing the query to the end of the result. */
#include "mysql_url.h"

#include <mysql.h>

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Longer cells are cut in the copy; their whole length still counts and still crosses the wire. */
enum { CELL_BYTES = 64 * 1024, EXIT_USAGE = 2 };

typedef struct Column {
    void *buffer;
    unsigned long length_bytes;
    unsigned fixed_bytes; /* 0: length_bytes says it */
    my_bool is_null;
} Column;

static const struct {
    enum enum_field_types type;
    unsigned wire_bytes;
} FIXED_TYPES[] = {
    {MYSQL_TYPE_TINY, 1},     {MYSQL_TYPE_SHORT, 2},    {MYSQL_TYPE_YEAR, 2},
    {MYSQL_TYPE_INT24, 4},    {MYSQL_TYPE_LONG, 4},     {MYSQL_TYPE_FLOAT, 4},
    {MYSQL_TYPE_LONGLONG, 8}, {MYSQL_TYPE_DOUBLE, 8},   {MYSQL_TYPE_DATE, 4},
    {MYSQL_TYPE_TIME, 8},     {MYSQL_TYPE_DATETIME, 8}, {MYSQL_TYPE_TIMESTAMP, 8},
};

static void
die(const char *what, const char *message)
{
    fprintf(stderr, "floor_mysql: %s: %s\n", what, message);
    exit(1);
}

static double
now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static MYSQL *
open_connection(const char *text)
{
    MysqlUrl url;
    Failure failure;
    unsigned protocol = MYSQL_PROTOCOL_TCP; /* else localhost means a unix socket */
    MYSQL *connection = mysql_init(NULL);

    if (!mysql_url_parse(text, &url, &failure))
        die("url", failure.message);
    if (connection == NULL)
        die("connect", "out of memory");
    mysql_options(connection, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    mysql_options(connection, MYSQL_OPT_PROTOCOL, &protocol);
    if (mysql_real_connect(connection, url.host, url.user, url.password, url.database, url.port,
                           NULL, 0) == NULL)
        die("connect", mysql_error(connection));
    mysql_url_release(&url);
    return connection;
}

/* Everything that is not a number or a time is read as bytes. */
static void
bind_column(const MYSQL_FIELD *field, MYSQL_BIND *bind, Column *column)
{
    bind->buffer_type = MYSQL_TYPE_STRING;
    for (size_t i = 0; i < sizeof(FIXED_TYPES) / sizeof(FIXED_TYPES[0]); i++) {
        if (field->type == FIXED_TYPES[i].type) {
            bind->buffer_type = field->type;
            column->fixed_bytes = FIXED_TYPES[i].wire_bytes;
        }
    }
    column->buffer = malloc(CELL_BYTES);
    if (column->buffer == NULL)
        die("bind", "out of memory");
    bind->buffer = column->buffer;
    bind->buffer_length = CELL_BYTES;
    bind->length = &column->length_bytes;
    bind->is_null = &column->is_null;
    bind->is_unsigned = (field->flags & UNSIGNED_FLAG) != 0;
}

static uint64_t
row_bytes(const Column *columns, unsigned column_count)
{
    uint64_t byte_count = 0;

    for (unsigned i = 0; i < column_count; i++) {
        if (!columns[i].is_null)
            byte_count += columns[i].fixed_bytes > 0 ? columns[i].fixed_bytes //
                                                     : columns[i].length_bytes;
    }
    return byte_count;
}

static void
read_result(MYSQL_STMT *statement, uint64_t *row_count, uint64_t *byte_count)
{
    MYSQL_RES *result = mysql_stmt_result_metadata(statement);
    if (result == NULL)
        die("query", "it has no result");
    unsigned column_count = mysql_num_fields(result);
    MYSQL_BIND *binds = calloc(column_count, sizeof(*binds));
    Column *columns = calloc(column_count, sizeof(*columns));
    int status = 0;

    if (binds == NULL || columns == NULL)
        die("bind", "out of memory");
    for (unsigned i = 0; i < column_count; i++)
        bind_column(mysql_fetch_field_direct(result, i), &binds[i], &columns[i]);
    if (mysql_stmt_bind_result(statement, binds) != 0)
        die("bind", mysql_stmt_error(statement));
    while ((status = mysql_stmt_fetch(statement)) == 0 || status == MYSQL_DATA_TRUNCATED) {
        *row_count += 1;
        *byte_count += row_bytes(columns, column_count);
    }
    if (status != MYSQL_NO_DATA)
        die("fetch", mysql_stmt_error(statement));
    for (unsigned i = 0; i < column_count; i++)
        free(columns[i].buffer);
    free(columns);
    free(binds);
    mysql_free_result(result);
}

static const char *
argument(int argc, char **argv, const char *name, const char *otherwise)
{
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], name) == 0)
            return argv[i + 1];
    }
    return otherwise;
}

int
main(int argc, char **argv)
{
    const char *query = argument(argc, argv, "--query", NULL);
    const char *url = argument(argc, argv, "--url", "mysql://rivet:rivet@localhost:3306/rivet");
    uint64_t row_count = 0;
    uint64_t byte_count = 0;

    if (query == NULL) {
        fprintf(stderr, "usage: floor_mysql --url URL --query SQL\n");
        return EXIT_USAGE;
    }
    MYSQL *connection = open_connection(url);
    MYSQL_STMT *statement = mysql_stmt_init(connection);
    if (statement == NULL || mysql_stmt_prepare(statement, query, strlen(query)) != 0)
        die("prepare", mysql_error(connection));

    double started_s = now_s();
    if (mysql_stmt_execute(statement) != 0)
        die("execute", mysql_stmt_error(statement));
    read_result(statement, &row_count, &byte_count);
    double seconds = now_s() - started_s;

    printf("mode=prepared rows=%" PRIu64 " bytes=%" PRIu64 " seconds=%.3f\n", row_count, byte_count,
           seconds);
    mysql_stmt_close(statement);
    mysql_close(connection);
    return 0;
}
