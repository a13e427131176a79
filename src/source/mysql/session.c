#include "source/mysql/mysql_source.h"
#include "source/retry_class.h"

/* A whole read depends on it: the rows of an export may wait for hours on a slow destination. */
#define PATIENCE_S "86400"

/* sql_select_limit would cut results without a word; the waits let a consumer that has fallen
 * behind come back. */
static const char SESSION_SQL[] = "SET NAMES utf8mb4, SESSION time_zone = '+00:00', SESSION "
                                  "sql_select_limit = 18446744073709551615,"
                                  " SESSION autocommit = 1, SESSION net_write_timeout = " PATIENCE_S
                                  ", SESSION wait_timeout = " PATIENCE_S;

/* A snapshot at its start needs this level. */
static const char ISOLATION_SQL[] = "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ";

static const char MARIADB_SQL[] =
    "SET SESSION idle_transaction_timeout = 0, SESSION idle_readonly_transaction_timeout = 0";

static const char BEGIN_SQL[] = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY";

/* Of the next transaction only. */
static const char READ_COMMITTED_SQL[] = "SET TRANSACTION ISOLATION LEVEL READ COMMITTED";

bool
my_run(MySource *my, const char *sql, Error *err)
{
    if (!my_check_cancelled(my, err))
        return false;
    my->is_running = true;
    if (mysql_real_query(my->conn, sql, strlen(sql)) != 0)
        return my_error_connection(my, err);
    my->is_running = false;
    return true;
}

bool
my_query_rows(MySource *my, const char *sql, MyTakeRow take, void *context, Error *err)
{
    MYSQL_ROW row;
    bool ok = true;

    if (!my_run(my, sql, err))
        return false;
    MYSQL_RES *result = mysql_store_result(my->conn);
    if (result == NULL)
        return my_error_connection(my, err);
    while (ok && (row = mysql_fetch_row(result)) != NULL)
        ok = take(context, row, mysql_fetch_lengths(result), err);
    mysql_free_result(result);
    return ok;
}

typedef struct FirstRow {
    Arena *arena;
    size_t column_count;
    const char **cells;
    bool is_found;
} FirstRow;

static bool
take_first(void *context, MYSQL_ROW row, const unsigned long *lengths, Error *err)
{
    FirstRow *first = context;

    (void)err;
    for (size_t i = 0; i < first->column_count && !first->is_found; i++)
        first->cells[i] = row[i] == NULL ? NULL : arena_dup_bytes(first->arena, row[i], lengths[i]);
    first->is_found = true;
    return true;
}

bool
my_query_row(MySource *my, const char *sql, Arena *arena, size_t column_count, const char **cells,
             bool *found, Error *err)
{
    FirstRow first = {arena, column_count, cells, false};

    bool ok = my_query_rows(my, sql, take_first, &first, err);
    *found = first.is_found;
    return ok;
}

static bool
has_mode(const char *modes, const char *mode)
{
    size_t length = strlen(mode);

    for (const char *at = strstr(modes, mode); at != NULL; at = strstr(at + 1, mode))
        if ((at == modes || at[-1] == ',') && (at[length] == ',' || at[length] == '\0'))
            return true;
    return false;
}

/* The user's query keeps the server's sql_mode; what it means for quotes is all we need to know. */
static bool
read_sql_mode(MySource *my, Error *err)
{
    const char *mode = NULL;
    bool found;

    if (!my_query_row(my, "SELECT @@SESSION.sql_mode", &my->arena, 1, &mode, &found, err))
        return false;
    mode = mode == NULL ? "" : mode;
    my->has_backslash_escapes = !has_mode(mode, "NO_BACKSLASH_ESCAPES");
    my->has_ansi_quotes = has_mode(mode, "ANSI_QUOTES");
    return true;
}

static bool
set_lock_limits(MySource *my, Error *err)
{
    int64_t limit_s = my->base.options.tuning->lock_timeout_s;
    char sql[160];

    if (limit_s <= 0)
        return true;
    snprintf(sql, sizeof(sql),
             "SET SESSION innodb_lock_wait_timeout = %" PRId64 ", SESSION lock_wait_timeout = "
             "%" PRId64,
             limit_s, limit_s);
    return my_run(my, sql, err);
}

bool
my_session_prepare(MySource *my, Error *err)
{
    return my_run(my, SESSION_SQL, err) && my_run(my, ISOLATION_SQL, err) &&
           (!my->is_mariadb || my_run(my, MARIADB_SQL, err)) && set_lock_limits(my, err) &&
           read_sql_mode(my, err);
}

/* MariaDB counts seconds and stops any statement, MySQL counts milliseconds and stops reads. */
bool
my_set_statement_limit(MySource *my, int64_t limit_s, Error *err)
{
    int64_t limit_ms = limit_s * 1000;
    char sql[96];

    if (my->limit_ms == limit_ms)
        return true;
    if (my->is_mariadb)
        snprintf(sql, sizeof(sql), "SET SESSION max_statement_time = %" PRId64, limit_s);
    else
        snprintf(sql, sizeof(sql), "SET SESSION max_execution_time = %" PRId64, limit_ms);
    if (!my_run(my, sql, err))
        return false;
    my->limit_ms = limit_ms;
    return true;
}

bool
my_transaction_begin(MySource *my, Error *err)
{
    if (my->has_snapshot || my->holds_snapshot)
        return true;
    /* Ends a transaction that an unfinished read has left. */
    my->is_in_transaction = my_run(my, BEGIN_SQL, err);
    return my->is_in_transaction;
}

bool
my_transaction_begin_read(MySource *my, Error *err)
{
    if (!my->base.options.reads_committed || my->has_snapshot || my->holds_snapshot)
        return my_transaction_begin(my, err);
    my->is_in_transaction = my_transaction_end(my, err) && my_run(my, READ_COMMITTED_SQL, err) &&
                            my_run(my, "START TRANSACTION READ ONLY", err);
    return my->is_in_transaction;
}

bool
my_transaction_end(MySource *my, Error *err)
{
    my->has_snapshot = false;
    if (!my->is_in_transaction || my->holds_snapshot)
        return true;
    my->is_in_transaction = false;
    return my_run(my, "COMMIT", err);
}

/* Takes and drops the rows of a statement that was asked to end. The answer to KILL QUERY is an
 * error in place of the end marker; both leave the connection in order. */
static bool
drain(MySource *my, Error *err)
{
    Error ignored = ERROR_INIT;
    bool has_row = true;

    my_stop_statement(my);
    while (has_row && my_fetch(my, my->stmt, &has_row, &ignored))
        continue;
    if (!my_check_cancelled(my, err))
        return false;
    if (ignored.needs_reconnect) {
        *err = ignored;
        return false;
    }
    my->is_running = false;
    return true;
}

bool
my_reset(MySource *my, Error *err)
{
    if (my->is_running && my->stmt != NULL && my->state == MY_READ_ROWS && !drain(my, err))
        return false;
    if (my->stmt != NULL)
        mysql_stmt_close(my->stmt);
    my->stmt = NULL;
    my->state = MY_READ_NONE;
    my_pages_release(my);
    return my_check_cancelled(my, err);
}
