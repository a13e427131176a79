/* The tables of a database, from information_schema: three plain statements, joined here, since
 * MariaDB would read its schema anew for every row of a join. */
#include <strings.h>

#include "source/mysql/mysql_source.h"
#include "util/memory.h"

/* MySQL answers from a day-old copy otherwise; fresh ones come from the engine's own statistics,
 * without a scan. */
static const char FRESH_SQL[] = "SET SESSION information_schema_stats_expiry = 0";

static const char TABLES_SQL[] =
    "SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_ROWS, DATA_LENGTH FROM information_schema.TABLES"
    " WHERE TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED') AND ";
/* What SELECT * gives; PRIVILEGES are this user's own. */
static const char COLUMNS_SQL[] =
    "SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, DATA_TYPE, IS_NULLABLE,"
    " PRIVILEGES LIKE '%select%' FROM information_schema.COLUMNS"
    " WHERE EXTRA NOT LIKE '%INVISIBLE%' AND ";
static const char COLUMNS_END[] = " ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION";
/* Is the column whole in the index, and the index one that serves ranges? */
static const char INDEXES_SQL[] =
    "SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, INDEX_NAME = 'PRIMARY', SEQ_IN_INDEX = 1,"
    " SUB_PART IS NULL AND INDEX_TYPE = 'BTREE' AND %s FROM information_schema.STATISTICS WHERE ";

/* The columns of the three, in their order. */
enum { AT_SCHEMA, AT_TABLE, AT_ROWS, AT_BYTES };
enum { AT_COLUMN = 2, AT_TYPE, AT_DATA_TYPE, AT_NULLABLE, AT_READABLE };
enum { AT_PRIMARY = 3, AT_FIRST, AT_USABLE };

typedef struct ListedTable {
    TableFacts facts;
    const char *schema; /* also where facts has none */
    TableColumn *columns;
    size_t column_count;
    size_t column_capacity;
    bool is_unreadable; /* a column is kept from this user */
    bool has_wide_key;  /* a primary key of several columns */
} ListedTable;

typedef struct Lister {
    Arena *arena;
    bool has_database; /* the connection's: tables go by their bare names */
    ListedTable *tables;
    size_t count;
    size_t capacity;
} Lister;

static OptionalInt
number(const char *text)
{
    return text == NULL ? (OptionalInt){0} : (OptionalInt){true, strtoll(text, NULL, 10)};
}

static bool
is_one_of(const char *word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcasecmp(word, words[i]) == 0)
            return true;
    return false;
}

/* ---- tables ---- */

static const char *
select_all(const Lister *lister, const ListedTable *table)
{
    Buffer sql = {0};

    buffer_append_text(&sql, "SELECT * FROM ");
    if (!lister->has_database) {
        select_quote_identifier(&MY_SELECT_DIALECT, table->schema, &sql);
        buffer_append_byte(&sql, '.');
    }
    select_quote_identifier(&MY_SELECT_DIALECT, table->facts.name, &sql);
    const char *kept = arena_dup_string(lister->arena, buffer_text(&sql));
    buffer_release(&sql);
    return kept;
}

static bool
take_table(void *context, MYSQL_ROW row, const unsigned long *lengths, Error *err)
{
    Lister *lister = context;

    (void)lengths;
    (void)err;
    if (lister->count == lister->capacity) {
        lister->capacity = size_max(64, lister->capacity * 2);
        lister->tables = memory_resize(lister->tables, lister->capacity * sizeof(*lister->tables));
    }
    ListedTable *table = &lister->tables[lister->count++];
    *table = (ListedTable){.schema = arena_dup_string(lister->arena, row[AT_SCHEMA])};
    table->facts = (TableFacts){
        .schema = lister->has_database ? NULL : table->schema,
        .name = arena_dup_string(lister->arena, row[AT_TABLE]),
        .row_estimate = number(row[AT_ROWS]),
        .size_bytes = number(row[AT_BYTES]),
    };
    table->facts.query = select_all(lister, table);
    return true;
}

static int
compare_tables(const void *a, const void *b)
{
    const ListedTable *first = a;
    const ListedTable *second = b;
    int order = strcmp(first->schema, second->schema);

    return order != 0 ? order : strcmp(first->facts.name, second->facts.name);
}

/* NULL: a view, or a table made in between. */
static ListedTable *
find_table(const Lister *lister, char *const *row)
{
    const ListedTable wanted = {.schema = row[AT_SCHEMA], .facts.name = row[AT_TABLE]};

    if (lister->count == 0)
        return NULL;
    return bsearch(&wanted, lister->tables, lister->count, sizeof(wanted), compare_tables);
}

/* ---- columns ---- */

static bool
take_column(void *context, MYSQL_ROW row, const unsigned long *lengths, Error *err)
{
    static const char *const INTEGERS[] = {"tinyint", "smallint", "mediumint", "int", "bigint"};
    static const char *const MOMENTS[] = {"date", "datetime", "timestamp"};
    const Lister *lister = context;
    ListedTable *table = find_table(lister, row);

    (void)lengths;
    (void)err;
    if (table == NULL)
        return true;
    if (table->column_count == table->column_capacity) {
        table->column_capacity = size_max(16, table->column_capacity * 2);
        table->columns =
            memory_resize(table->columns, table->column_capacity * sizeof(*table->columns));
    }
    table->columns[table->column_count++] = (TableColumn){
        .name = arena_dup_string(lister->arena, row[AT_COLUMN]),
        .source_type = arena_dup_string(lister->arena, row[AT_TYPE]),
        .is_integer = is_one_of(row[AT_DATA_TYPE], INTEGERS, ARRAY_LENGTH(INTEGERS)),
        .is_moment = is_one_of(row[AT_DATA_TYPE], MOMENTS, ARRAY_LENGTH(MOMENTS)),
        .is_not_null = strcmp(row[AT_NULLABLE], "NO") == 0,
    };
    table->is_unreadable |= row[AT_READABLE] == NULL || strcmp(row[AT_READABLE], "1") != 0;
    return true;
}

/* ---- indexes ---- */

static TableColumn *
find_column(const ListedTable *table, const char *name)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (strcmp(table->columns[i].name, name) == 0)
            return &table->columns[i];
    return NULL;
}

static bool
is_true(const char *cell)
{
    return cell != NULL && strcmp(cell, "1") == 0;
}

static bool
take_index(void *context, MYSQL_ROW row, const unsigned long *lengths, Error *err)
{
    ListedTable *table = find_table(context, row);
    /* An expression has no name, an invisible column is not in the result. */
    TableColumn *column =
        table == NULL || row[AT_COLUMN] == NULL ? NULL : find_column(table, row[AT_COLUMN]);
    bool is_first = is_true(row[AT_FIRST]);
    bool is_primary = is_true(row[AT_PRIMARY]);

    (void)lengths;
    (void)err;
    if (table != NULL)
        table->has_wide_key |= is_primary && !is_first;
    if (column != NULL && is_first && is_true(row[AT_USABLE])) {
        column->is_indexed = true;
        column->is_key |= is_primary;
    }
    return true;
}

/* ---- all of them ---- */

static bool
ask(MySource *my, const char *sql, const char *where, const char *end, MyTakeRow take,
    Lister *lister, Error *err)
{
    Buffer text = {0};

    buffer_append_format(&text, "%s%s%s", sql, where, end);
    bool ok = my_query_rows(my, buffer_text(&text), take, lister, err);
    buffer_release(&text);
    return ok;
}

static bool
ask_indexes(MySource *my, const char *where, Lister *lister, Error *err)
{
    Buffer sql = {0};

    buffer_append_format(&sql, INDEXES_SQL,
                         my->is_mariadb ? "IGNORED = 'NO'" : "IS_VISIBLE = 'YES'");
    bool ok = ask(my, buffer_text(&sql), where, "", take_index, lister, err);
    buffer_release(&sql);
    return ok;
}

/* The tables of the connection's database; without one, of all that are not the server's own. */
static bool
write_where(MySource *my, Lister *lister, Buffer *where, Error *err)
{
    const char *database = NULL;
    bool found;

    if (!my_query_row(my, "SELECT DATABASE()", lister->arena, 1, &database, &found, err))
        return false;
    lister->has_database = database != NULL;
    buffer_append_text(where, "TABLE_SCHEMA ");
    if (database == NULL) {
        buffer_append_text(where,
                           "NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')");
        return true;
    }
    buffer_append_text(where, "= ");
    sql_quote_literal(SOURCE_MYSQL, database, where);
    return true;
}

static void
hand_over(Lister *lister, const TableFacts **tables, size_t *count)
{
    TableFacts *list = ARENA_ARRAY(lister->arena, TableFacts, lister->count + 1);

    for (size_t i = 0; i < lister->count; i++) {
        ListedTable *table = &lister->tables[i];
        if (table->is_unreadable || table->column_count == 0)
            continue;
        TableColumn *columns = ARENA_ARRAY(lister->arena, TableColumn, table->column_count);
        memcpy(columns, table->columns, table->column_count * sizeof(*columns));
        for (size_t j = 0; table->has_wide_key && j < table->column_count; j++)
            columns[j].is_key = false;
        table->facts.columns = columns;
        table->facts.column_count = table->column_count;
        list[(*count)++] = table->facts;
    }
    *tables = list;
}

bool
my_list_tables(Source *source, Arena *arena, const TableFacts **tables, size_t *count, Error *err)
{
    MySource *my = (MySource *)source;
    Lister lister = {.arena = arena};
    Buffer where = {0};

    *count = 0;
    bool ok = my_reset(my, err) && (my->is_mariadb || my_run(my, FRESH_SQL, err)) &&
              write_where(my, &lister, &where, err) &&
              ask(my, TABLES_SQL, buffer_text(&where), "", take_table, &lister, err);
    if (ok && lister.count > 0)
        qsort(lister.tables, lister.count, sizeof(*lister.tables), compare_tables);
    ok = ok && ask(my, COLUMNS_SQL, buffer_text(&where), COLUMNS_END, take_column, &lister, err) &&
         ask_indexes(my, buffer_text(&where), &lister, err);
    if (ok)
        hand_over(&lister, tables, count);
    for (size_t i = 0; i < lister.count; i++)
        free(lister.tables[i].columns);
    free(lister.tables);
    buffer_release(&where);
    return ok;
}
