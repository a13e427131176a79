/* Questions about keys. Each is a statement of its own, or shares open_snapshot's transaction. */
#include <strings.h>

#include "source/mysql/mysql_source.h"

#include "batch/render.h"
#include "source/mysql/decode.h"
#include "util/memory.h"

/* Names of columns are compared without regard to case here. */
bool
my_find_column(const Schema *schema, const char *written, size_t *index, Error *err)
{
    Error ignored = ERROR_INIT;

    if (select_find_column(&MY_SELECT_DIALECT, schema, written, index, &ignored))
        return true;
    for (size_t i = 0; i < schema->column_count; i++) {
        if (strcasecmp(schema->columns[i].name, written) == 0) {
            *index = i;
            return true;
        }
    }
    return select_find_column(&MY_SELECT_DIALECT, schema, written, index, err);
}

bool
my_open_snapshot(Source *source, Error *err)
{
    MySource *my = (MySource *)source;

    my->has_snapshot = my_reset(my, err) && my_transaction_begin(my, err);
    return my->has_snapshot;
}

/* A running statement of a question: prepared, its parameters bound, executed. */
static bool
ask(MySource *my, Buffer *sql, const MyParams *params, MYSQL_STMT **stmt, Error *err)
{
    const MyParams *lists[] = {params};

    *stmt = NULL;
    return my_reset(my, err) &&
           my_set_statement_limit(my, my->base.options.tuning->statement_timeout_s, err) &&
           my_prepare(my, buffer_text(sql), stmt, err) && my_execute(my, *stmt, lists, 1, err);
}

/* Reads the rest, so that the connection is free again. */
static bool
finish(MySource *my, MYSQL_STMT *stmt, Error *err)
{
    bool has_row = true;

    while (has_row)
        if (!my_fetch(my, stmt, &has_row, err))
            return false;
    return true;
}

static bool
resolve_columns(const ReadPlan *plan, const char *const *columns, size_t count, size_t *indexes,
                Error *err)
{
    for (size_t i = 0; i < count; i++)
        if (!my_find_column(plan->schema, columns[i], &indexes[i], err))
            return false;
    return true;
}

static void
append_columns(const ReadPlan *plan, const size_t *indexes, size_t count, const char *separator,
               const char *after, Buffer *sql)
{
    for (size_t i = 0; i < count; i++) {
        buffer_append_text(sql, i == 0 ? "" : separator);
        select_quote_identifier(&MY_SELECT_DIALECT, plan->schema->columns[indexes[i]].name, sql);
        buffer_append_text(sql, after);
    }
}

static bool
append_range(const ReadPlan *plan, const ReadRange *range, Buffer *sql, MyParams *params,
             Error *err)
{
    ReadRange unordered = range == NULL ? (ReadRange){0} : *range;

    unordered.is_ordered = false;
    buffer_append_text(sql, " FROM (");
    bool ok = my_build_select(plan, &unordered, NULL, sql, params, err);
    buffer_append_text(sql, "\n) AS _rivet_keys");
    return ok;
}

static bool
write_key_query(const ReadPlan *plan, const KeyQuery *query, const size_t *indexes, Buffer *sql,
                MyParams *params, Error *err)
{
    size_t count = query->within->column_count;

    buffer_append_text(sql, "SELECT ");
    append_columns(plan, indexes, count, ", ", "", sql);
    if (!append_range(plan, query->within, sql, params, err))
        return false;
    buffer_append_text(sql, " WHERE ");
    append_columns(plan, indexes, count, " AND ", " IS NOT NULL", sql);
    buffer_append_text(sql, " ORDER BY ");
    append_columns(plan, indexes, count, ", ", query->from_top ? " DESC" : "", sql);
    buffer_append_format(sql, " LIMIT 1 OFFSET %" PRIu64, query->offset);
    return true;
}

/* The canonical text of one key column. What a policy would turn into NULL has a text as well: the
 * server's own, which reads back as the same value. */
static bool
key_text(MySource *my, const MyField *field, const MYSQL_STMT *stmt, size_t at, Buffer *text,
         Error *err)
{
    PolicyCounts counts = {0};
    MyWire wire = {.max_cell_bytes = my->wire.max_cell_bytes, .counts = &counts};
    MyField lenient = *field;
    Column column = {0};
    size_t size;
    const uint8_t *bytes = my_wire_bytes(stmt, at, &size);

    if (bytes == NULL || size > wire.max_cell_bytes)
        return error_set(err, ERR_BUDGET,
                         "column \"%s\" (%s): a key is larger than the memory "
                         "budget allows",
                         field->name, field->source_type);
    lenient.zero_dates = NULL_POLICY_NULL;
    column_init(&column, &field->type);
    bool ok = field->decode(&wire, &lenient, bytes, size, &column, err);
    if (ok && column.null_count > 0)
        ok = field->write_text(field, bytes, size, text, err);
    else if (ok)
        render_value(&column, 0, text);
    column_release(&column);
    return ok;
}

static bool
take_key(MySource *my, const ReadPlan *plan, MYSQL_STMT *stmt, const size_t *indexes, size_t count,
         Arena *arena, const char *const **key, Error *err)
{
    const MyPlan *own = plan->driver_plan;
    const char **texts = ARENA_ARRAY(arena, const char *, count);
    Buffer text = {0};
    bool ok = true;

    for (size_t i = 0; ok && i < count; i++) {
        buffer_reset(&text);
        ok = key_text(my, &own->fields[indexes[i]], stmt, i, &text, err);
        texts[i] = arena_dup_string(arena, buffer_text(&text));
    }
    buffer_release(&text);
    *key = texts;
    return ok;
}

bool
my_find_key(Source *source, const ReadPlan *plan, const KeyQuery *query, Arena *arena,
            const char *const **key, bool *found, Error *err)
{
    MySource *my = (MySource *)source;
    size_t count = query->within->column_count;
    size_t *indexes = memory_alloc_zero(count + 1, sizeof(*indexes));
    MYSQL_STMT *stmt = NULL;
    MyParams params = {0};
    Buffer sql = {0};

    *key = NULL;
    *found = false;
    bool ok = resolve_columns(plan, query->within->columns, count, indexes, err) &&
              write_key_query(plan, query, indexes, &sql, &params, err) &&
              ask(my, &sql, &params, &stmt, err) && my_fetch(my, stmt, found, err);
    if (ok && *found)
        ok = take_key(my, plan, stmt, indexes, count, arena, key, err) && finish(my, stmt, err);
    if (stmt != NULL)
        mysql_stmt_close(stmt);
    my_params_release(&params);
    buffer_release(&sql);
    free(indexes);
    return ok;
}

bool
my_has_null_key(Source *source, const ReadPlan *plan, const char *const *columns,
                size_t column_count, bool *found, Error *err)
{
    MySource *my = (MySource *)source;
    size_t *indexes = memory_alloc_zero(column_count + 1, sizeof(*indexes));
    MYSQL_STMT *stmt = NULL;
    MyParams params = {0};
    Buffer sql = {0};

    *found = false;
    buffer_append_text(&sql, "SELECT 1");
    bool ok = resolve_columns(plan, columns, column_count, indexes, err) &&
              append_range(plan, NULL, &sql, &params, err);
    if (ok) {
        buffer_append_text(&sql, " WHERE ");
        append_columns(plan, indexes, column_count, " OR ", " IS NULL", &sql);
        buffer_append_text(&sql, " LIMIT 1");
        ok = ask(my, &sql, &params, &stmt, err) && my_fetch(my, stmt, found, err) &&
             (!*found || finish(my, stmt, err));
    }
    if (stmt != NULL)
        mysql_stmt_close(stmt);
    my_params_release(&params);
    buffer_release(&sql);
    free(indexes);
    return ok;
}

bool
my_count_rows(Source *source, const ReadPlan *plan, const ReadRange *range, uint64_t *count,
              Error *err)
{
    static const MyField COUNT = {.is_unsigned = false};
    MySource *my = (MySource *)source;
    MYSQL_STMT *stmt = NULL;
    MyParams params = {0};
    Buffer sql = {0};
    bool has_row = false;
    size_t size = 0;

    *count = 0;
    buffer_append_text(&sql, "SELECT COUNT(*)");
    bool ok = append_range(plan, range, &sql, &params, err) && ask(my, &sql, &params, &stmt, err) &&
              my_fetch(my, stmt, &has_row, err);
    const uint8_t *bytes = ok && has_row ? my_wire_bytes(stmt, 0, &size) : NULL;
    if (bytes != NULL)
        *count = my_load_integer(&COUNT, bytes, size);
    if (ok && bytes == NULL)
        ok = my_wire_broken(NULL, err);
    ok = ok && finish(my, stmt, err);
    if (stmt != NULL)
        mysql_stmt_close(stmt);
    my_params_release(&params);
    buffer_release(&sql);
    return ok;
}

bool
my_read_clock(Source *source, int64_t *now_us, Error *err)
{
    static const char SQL[] = "SELECT CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000 AS SIGNED)";
    MySource *my = (MySource *)source;
    const char *text = NULL;
    Arena arena = {0};
    bool found = false;

    bool ok = my_reset(my, err) && my_query_row(my, SQL, &arena, 1, &text, &found, err);
    if (ok && (!found || text == NULL))
        ok = error_set(err, ERR_QUERY, "the server does not tell its time");
    if (ok)
        *now_us = strtoll(text, NULL, 10);
    arena_release(&arena);
    return ok;
}
