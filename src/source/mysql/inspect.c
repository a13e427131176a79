#include "source/mysql/mysql_source.h"

/* The limit of a new session, not of ours; the two servers call it differently. Administrators have
 * one connection more than max_connections. */
static const char MARIADB_SQL[] =
    "SELECT @@GLOBAL.max_connections, @@max_user_connections,"
    " CAST(@@GLOBAL.max_statement_time * 1000 AS SIGNED),"
    " @@GLOBAL.idle_transaction_timeout * 1000, @@GLOBAL.read_only <> 0, CONNECTION_ID()";
static const char MYSQL_SQL[] =
    "SELECT @@GLOBAL.max_connections, @@max_user_connections,"
    " @@GLOBAL.max_execution_time, NULL, @@GLOBAL.read_only <> 0, CONNECTION_ID()";

enum { AT_MAX, AT_USER_MAX, AT_STATEMENT_MS, AT_IDLE_MS, AT_READ_ONLY, AT_ID, COLUMN_COUNT };

static OptionalInt
number(const char *text)
{
    return text == NULL ? (OptionalInt){0} : (OptionalInt){true, strtoll(text, NULL, 10)};
}

static bool
count_connections(MySource *my, Arena *arena, ServerFacts *facts, int64_t user_max, Error *err)
{
    const char *cells[2] = {NULL, NULL};
    bool found;

    if (!my_query_row(my, "SHOW GLOBAL STATUS LIKE 'Threads_connected'", arena, 2, cells, &found,
                      err))
        return false;
    if (!found || cells[1] == NULL)
        return true;
    int64_t left = facts->connections_max.value - strtoll(cells[1], NULL, 10);
    if (user_max > 0 && user_max < left)
        left = user_max;
    facts->connections_free = (OptionalInt){true, left > 0 ? left : 0};
    return true;
}

static const char *
cell_named(MYSQL_RES *result, MYSQL_ROW row, const char *name)
{
    for (unsigned int i = 0; i < mysql_num_fields(result); i++)
        if (strcmp(mysql_fetch_field_direct(result, i)->name, name) == 0)
            return row[i];
    return NULL;
}

/* Only a replica has a row to show, and only to those with the privilege: others go without. */
static void
read_lag(MySource *my, ServerFacts *facts)
{
    static const char SQL[] = "SHOW REPLICA STATUS";
    MYSQL_RES *result = NULL;
    MYSQL_ROW row;

    if (mysql_real_query(my->conn, SQL, strlen(SQL)) == 0)
        result = mysql_store_result(my->conn);
    if (result == NULL)
        return;
    row = mysql_fetch_row(result);
    if (row != NULL) {
        const char *seconds = cell_named(result, row, "Seconds_Behind_Source");
        if (seconds == NULL)
            seconds = cell_named(result, row, "Seconds_Behind_Master");
        facts->is_standby = true;
        if (seconds != NULL)
            facts->standby_lag_ms = (OptionalInt){true, strtoll(seconds, NULL, 10) * 1000};
    }
    mysql_free_result(result);
}

static const char *
describe_tls(MYSQL *conn, Arena *arena)
{
    const char *cipher = mysql_get_ssl_cipher(conn);
    const char *version = NULL;

    if (cipher == NULL)
        return NULL;
    if (mariadb_get_infov(conn, MARIADB_CONNECTION_TLS_VERSION, &version) != 0 || version == NULL)
        version = "TLS";
    return arena_format(arena, "%s %s", version, cipher);
}

bool
my_inspect(Source *source, Arena *arena, ServerFacts *facts, Error *err)
{
    MySource *my = (MySource *)source;
    const char *cells[COLUMN_COUNT] = {0};
    bool found = false;

    facts->tls = describe_tls(my->conn, arena);
    if (!my_reset(my, err) || !my_query_row(my, my->is_mariadb ? MARIADB_SQL : MYSQL_SQL, arena,
                                            COLUMN_COUNT, cells, &found, err))
        return false;
    if (!found)
        return true;
    facts->connections_max = number(cells[AT_MAX]);
    facts->statement_timeout_ms = number(cells[AT_STATEMENT_MS]);
    facts->idle_timeout_ms = number(cells[AT_IDLE_MS]);
    facts->is_standby = cells[AT_READ_ONLY] != NULL && cells[AT_READ_ONLY][0] == '1';
    /* A pooler hands out connection numbers of its own. */
    facts->is_pooled = (uint64_t)number(cells[AT_ID]).value != mysql_thread_id(my->conn);
    read_lag(my, facts);
    return count_connections(my, arena, facts, number(cells[AT_USER_MAX]).value, err);
}
