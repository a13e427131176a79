#include "source/mysql/catalog.h"

#include "source/mysql/decode.h"

static bool
has_base_column(const MYSQL_FIELD *described)
{
    return described->db[0] != '\0' && described->org_table[0] != '\0' &&
           described->org_name[0] != '\0';
}

static bool
is_same_table(const MYSQL_FIELD *a, const MYSQL_FIELD *b)
{
    return strcmp(a->db, b->db) == 0 && strcmp(a->org_table, b->org_table) == 0;
}

static void
append_table(const MYSQL_FIELD *described, Buffer *sql)
{
    sql_quote_literal(SOURCE_MYSQL, described->db, sql);
    buffer_append_text(sql, " AND TABLE_NAME = ");
    sql_quote_literal(SOURCE_MYSQL, described->org_table, sql);
}

/* ---- JSON ---- */

static bool
can_be_json(const MYSQL_FIELD *described)
{
    return described->type == MYSQL_TYPE_BLOB && described->charsetnr != MY_BINARY_CHARSET &&
           has_base_column(described);
}

typedef struct JsonSearch {
    MyColumn *columns;
    size_t column_count;
    const MYSQL_FIELD *table;
} JsonSearch;

/* The check of a JSON column, as the server writes it: json_valid(`payload`) */
static bool
is_json_check(const char *clause, const char *column)
{
    Buffer want = {0};

    buffer_append_text(&want, "json_valid(");
    select_quote_identifier(&MY_SELECT_DIALECT, column, &want);
    buffer_append_byte(&want, ')');
    bool is_equal = strcmp(clause, buffer_text(&want)) == 0;
    buffer_release(&want);
    return is_equal;
}

static bool
take_check(void *context, MYSQL_ROW row, const unsigned long *lengths, Error *err)
{
    const JsonSearch *search = context;

    (void)lengths;
    (void)err;
    for (size_t i = 0; i < search->column_count; i++) {
        MyColumn *column = &search->columns[i];
        if (can_be_json(column->described) && is_same_table(column->described, search->table) &&
            is_json_check(row[0], column->described->org_name))
            column->is_json = true;
    }
    return true;
}

static bool
find_json_in_table(MySource *my, JsonSearch *search, Error *err)
{
    Buffer sql = {0};

    buffer_append_text(&sql, "SELECT CHECK_CLAUSE FROM information_schema.CHECK_CONSTRAINTS WHERE "
                             "LEVEL = 'Column' AND CHECK_CLAUSE LIKE 'json%' AND "
                             "CONSTRAINT_SCHEMA = ");
    append_table(search->table, &sql);
    bool ok = my_query_rows(my, buffer_text(&sql), take_check, search, err);
    buffer_release(&sql);
    return ok;
}

bool
my_catalog_find_json(MySource *my, MyColumn *columns, size_t column_count, Error *err)
{
    for (size_t i = 0; my->is_mariadb && i < column_count; i++) {
        JsonSearch search = {columns, column_count, columns[i].described};
        bool is_first = can_be_json(columns[i].described);
        for (size_t j = 0; is_first && j < i; j++)
            is_first = !can_be_json(columns[j].described) ||
                       !is_same_table(columns[j].described, columns[i].described);
        if (is_first && !find_json_in_table(my, &search, err))
            return false;
    }
    return true;
}

/* ---- the key for pages ---- */

/* Of every unique index: is it whole, not NULL and in use; primary key first. */
static const char KEYS_SQL[] =
    "SELECT s.INDEX_NAME, s.COLUMN_NAME,"
    " s.SUB_PART IS NULL AND s.NULLABLE = '' AND s.INDEX_TYPE = 'BTREE' AND %s"
    " FROM information_schema.STATISTICS s WHERE s.NON_UNIQUE = 0 AND s.TABLE_SCHEMA = ";

enum { AT_INDEX, AT_COLUMN, AT_IS_USABLE, KEY_COLUMNS_MAX = 32 };

typedef struct KeySearch {
    const MyColumn *columns;
    const MyField *fields;
    size_t column_count;
    const MYSQL_FIELD *table;
    char index[256]; /* the one whose columns are coming */
    bool is_usable;
    size_t key[KEY_COLUMNS_MAX];
    size_t key_count;
    bool is_found;
} KeySearch;

static bool
find_in_result(const KeySearch *search, const char *column, size_t *index)
{
    for (size_t i = 0; column != NULL && i < search->column_count; i++) {
        const MYSQL_FIELD *described = search->columns[i].described;
        if (is_same_table(described, search->table) && strcmp(described->org_name, column) == 0 &&
            search->fields[i].can_be_key) {
            *index = i;
            return true;
        }
    }
    return false;
}

static void
end_index(KeySearch *search)
{
    search->is_found = search->is_found || (search->is_usable && search->key_count > 0);
}

static bool
take_index_column(void *context, MYSQL_ROW row, const unsigned long *lengths, Error *err)
{
    KeySearch *search = context;

    (void)lengths;
    (void)err;
    if (strcmp(search->index, row[AT_INDEX]) != 0) {
        end_index(search);
        if (search->is_found)
            return true;
        snprintf(search->index, sizeof(search->index), "%s", row[AT_INDEX]);
        search->is_usable = true;
        search->key_count = 0;
    }
    if (search->is_found)
        return true;
    bool is_usable = strcmp(row[AT_IS_USABLE], "1") == 0 && search->key_count < KEY_COLUMNS_MAX &&
                     find_in_result(search, row[AT_COLUMN], &search->key[search->key_count]);
    search->is_usable = search->is_usable && is_usable;
    search->key_count += is_usable;
    return true;
}

bool
my_catalog_find_page_key(MySource *my, const MyColumn *columns, const MyField *fields,
                         size_t column_count, Arena *arena, MyPageKey *key, Error *err)
{
    KeySearch search = {.columns = columns, .fields = fields, .column_count = column_count};
    Buffer sql = {0};

    *key = (MyPageKey){0};
    for (size_t i = 0; search.table == NULL && i < column_count; i++)
        if (has_base_column(columns[i].described))
            search.table = columns[i].described;
    if (search.table == NULL)
        return true;
    buffer_append_format(&sql, KEYS_SQL,
                         my->is_mariadb ? "s.IGNORED = 'NO'" : "s.IS_VISIBLE = 'YES'");
    append_table(search.table, &sql);
    buffer_append_text(&sql, " ORDER BY s.INDEX_NAME <> 'PRIMARY', s.INDEX_NAME, s.SEQ_IN_INDEX");
    bool ok = my_query_rows(my, buffer_text(&sql), take_index_column, &search, err);
    buffer_release(&sql);
    end_index(&search);
    if (!ok || !search.is_found)
        return ok;
    size_t *kept = ARENA_ARRAY(arena, size_t, search.key_count);
    memcpy(kept, search.key, search.key_count * sizeof(*kept));
    *key = (MyPageKey){.columns = kept, .column_count = search.key_count};
    return true;
}

/* ---- the key that chunks go by when none is named ---- */

/* The only table that columns come from; NULL: none or several. */
static const MyField *
only_table(const MyPlan *plan)
{
    const MyField *first = NULL;

    for (size_t i = 0; i < plan->field_count; i++) {
        const MyField *field = &plan->fields[i];
        if (field->base_table == NULL)
            continue;
        if (first == NULL)
            first = field;
        else if (strcmp(first->base_database, field->base_database) != 0 ||
                 strcmp(first->base_table, field->base_table) != 0)
            return NULL;
    }
    return first;
}

static const char PRIMARY_KEY_SQL[] = "SELECT MIN(COLUMN_NAME) FROM information_schema.STATISTICS"
                                      " WHERE INDEX_NAME = 'PRIMARY' AND TABLE_SCHEMA = ";

bool
my_default_key(Source *source, const ReadPlan *plan, Arena *arena, const char **column, Error *err)
{
    MySource *my = (MySource *)source;
    const MyPlan *own = plan->driver_plan;
    const MyField *table = only_table(own);
    const char *name = NULL;
    bool found;
    Buffer sql = {0};

    *column = NULL;
    if (table == NULL)
        return true;
    buffer_append_text(&sql, PRIMARY_KEY_SQL);
    sql_quote_literal(SOURCE_MYSQL, table->base_database, &sql);
    buffer_append_text(&sql, " AND TABLE_NAME = ");
    sql_quote_literal(SOURCE_MYSQL, table->base_table, &sql);
    buffer_append_text(&sql, " HAVING COUNT(*) = 1");
    bool ok =
        my_reset(my, err) && my_query_row(my, buffer_text(&sql), arena, 1, &name, &found, err);
    buffer_release(&sql);
    for (size_t i = 0; ok && name != NULL && *column == NULL && i < own->field_count; i++) {
        const MyField *field = &own->fields[i];
        if (field->base_column != NULL && strcmp(field->base_column, name) == 0 &&
            field->can_be_key)
            *column = arena_dup_string(arena, field->name);
    }
    return ok;
}
