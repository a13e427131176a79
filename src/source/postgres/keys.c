/* Questions about keys. A key travels as text that the server reads back as the very same value:
 * decoded like a row without overrides or policies, then rendered (spec: extraction §4, §5). */
#include "batch/render.h"
#include "source/postgres/bytes.h"
#include "source/postgres/postgres.h"

bool
pg_find_column(const Schema *schema, const char *written, size_t *index, Error *err)
{
    return select_find_column(&PG_SELECT_DIALECT, schema, written, index, err);
}

bool
pg_open_snapshot(Source *source, Error *err)
{
    PgSource *pg = (PgSource *)source;

    pg->has_snapshot = false;
    if (!pg_transaction_begin(pg, err))
        return false;
    pg->has_snapshot = true;
    return true;
}

/* A question with a number or truth value as its answer. */
static bool
ask_number(PgSource *pg, const char *sql, int64_t *value, Error *err)
{
    PGresult *result = NULL;
    bool ok = pg_ask(pg, sql, true, &result, err);

    if (ok && PQntuples(result) == 1 && PQgetlength(result, 0, 0) == 8)
        *value = load_i64((const uint8_t *)PQgetvalue(result, 0, 0));
    else if (ok && PQntuples(result) == 1 && PQgetlength(result, 0, 0) == 1)
        *value = PQgetvalue(result, 0, 0)[0] != 0;
    else if (ok)
        ok = pg_wire_broken(NULL, err);
    PQclear(result);
    return ok;
}

static bool
find_columns(const ReadPlan *plan, const char *const *written, size_t count, size_t *indexes,
             Error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (!pg_find_column(plan->schema, written[i], &indexes[i], err))
            return false;
    }
    return true;
}

static void
append_column(const PgField *field, Buffer *out)
{
    buffer_append_text(out, "_rivet.");
    select_quote_identifier(&PG_SELECT_DIALECT, field->name, out);
}

/* What the server sends for each key: itself, or the text of a type we cannot decode. */
static void
append_key_items(const PgPlan *own, const size_t *indexes, size_t count, Buffer *out)
{
    for (size_t i = 0; i < count; i++) {
        const PgField *field = &own->key_fields[indexes[i]];
        buffer_append_text(out, i == 0 ? "" : ", ");
        if (field->select != NULL)
            buffer_append_text(out, field->select);
        else
            append_column(field, out);
    }
}

/* SELECT keys FROM (the rows looked at) WHERE no key is NULL ORDER BY keys LIMIT 1 OFFSET n */
static bool
build_find_key(PgSource *pg, const ReadPlan *plan, const KeyQuery *query, const size_t *indexes,
               Buffer *sql, Error *err)
{
    const PgPlan *own = plan->driver_plan;
    const char *direction = query->from_top ? " DESC" : "";
    size_t count = query->within->column_count;
    ReadRange within = *query->within;

    within.is_ordered = false;
    buffer_append_text(sql, "SELECT ");
    append_key_items(own, indexes, count, sql);
    buffer_append_text(sql, " FROM (");
    if (!pg_build_select(pg, plan, NULL, &within, NULL, sql, err))
        return false;
    buffer_append_text(sql, "\n) AS _rivet");
    for (size_t i = 0; i < count; i++) {
        buffer_append_text(sql, i == 0 ? " WHERE " : " AND ");
        append_column(&own->key_fields[indexes[i]], sql);
        buffer_append_text(sql, " IS NOT NULL");
    }
    for (size_t i = 0; i < count; i++) {
        buffer_append_text(sql, i == 0 ? " ORDER BY " : ", ");
        append_column(&own->key_fields[indexes[i]], sql);
        buffer_append_text(sql, direction);
    }
    buffer_append_format(sql, " LIMIT 1 OFFSET %" PRIu64, query->offset);
    return true;
}

/* The word for an infinite date or timestamp, else NULL. */
static const char *
infinity_word(const Type *type, const uint8_t *bytes, size_t size_bytes)
{
    bool is_timestamp = type->kind == TYPE_TIMESTAMP || type->kind == TYPE_TIMESTAMPTZ;

    if (type->kind == TYPE_DATE && size_bytes == sizeof(int32_t)) {
        int32_t days = load_i32(bytes);
        return days == INT32_MAX ? "infinity" : days == INT32_MIN ? "-infinity" : NULL;
    }
    if (is_timestamp && size_bytes == sizeof(int64_t)) {
        int64_t us = load_i64(bytes);
        return us == INT64_MAX ? "infinity" : us == INT64_MIN ? "-infinity" : NULL;
    }
    return NULL;
}

static bool
read_key_text(PgSource *pg, const PgField *field, const uint8_t *bytes, size_t size_bytes,
              Arena *arena, const char **out, Error *err)
{
    Column column;
    Buffer text = {0};

    *out = infinity_word(&field->type, bytes, size_bytes);
    if (*out != NULL)
        return true;
    column_init(&column, &field->type);
    bool ok = pg_wire_field(&pg->wire, field, bytes, size_bytes, &column, err);
    if (ok) {
        render_value(&column, 0, &text);
        *out = arena_dup_bytes(arena, buffer_text(&text), text.size);
    }
    buffer_release(&text);
    column_release(&column);
    return ok;
}

static bool
read_key(PgSource *pg, const PgPlan *own, const size_t *indexes, const PGresult *result,
         Arena *arena, const char *const **key, Error *err)
{
    size_t count = (size_t)PQnfields(result);
    const char **texts = ARENA_ARRAY(arena, const char *, count);

    for (size_t i = 0; i < count; i++) {
        const uint8_t *bytes = (const uint8_t *)PQgetvalue(result, 0, (int)i);
        size_t size = (size_t)PQgetlength(result, 0, (int)i);
        if (!read_key_text(pg, &own->key_fields[indexes[i]], bytes, size, arena, &texts[i], err))
            return false;
    }
    *key = texts;
    return true;
}

bool
pg_find_key(Source *source, const ReadPlan *plan, const KeyQuery *query, Arena *arena,
            const char *const **key, bool *found, Error *err)
{
    PgSource *pg = (PgSource *)source;
    size_t count = query->within->column_count;
    size_t *indexes = ARENA_ARRAY(arena, size_t, count);
    PGresult *result = NULL;
    Buffer sql = {0};

    *key = NULL;
    *found = false;
    bool ok = find_columns(plan, query->within->columns, count, indexes, err) &&
              build_find_key(pg, plan, query, indexes, &sql, err) &&
              pg_ask(pg, buffer_text(&sql), true, &result, err);
    *found = ok && PQntuples(result) > 0;
    if (*found)
        ok = read_key(pg, plan->driver_plan, indexes, result, arena, key, err);
    PQclear(result);
    buffer_release(&sql);
    return ok;
}

/* One probe per column, so that each can use its own index. */
bool
pg_has_null_key(Source *source, const ReadPlan *plan, const char *const *columns,
                size_t column_count, bool *found, Error *err)
{
    PgSource *pg = (PgSource *)source;
    Buffer sql = {0};
    int64_t answer = 0;
    bool ok = true;

    for (size_t i = 0; ok && i < column_count; i++) {
        const ReadRange range = {.columns = &columns[i], .column_count = 1, .is_null = true};
        buffer_append_text(&sql, i == 0 ? "SELECT EXISTS (" : " OR EXISTS (");
        ok = pg_build_select(pg, plan, "1", &range, NULL, &sql, err);
        buffer_append_text(&sql, ")");
    }
    ok = ok && ask_number(pg, buffer_text(&sql), &answer, err);
    *found = answer != 0;
    buffer_release(&sql);
    return ok;
}

bool
pg_count_rows(Source *source, const ReadPlan *plan, const ReadRange *range, uint64_t *count,
              Error *err)
{
    PgSource *pg = (PgSource *)source;
    ReadRange counted = range == NULL ? (ReadRange){0} : *range;
    Buffer sql = {0};
    int64_t answer = 0;

    counted.is_ordered = false; /* there is nothing to order in a count */
    bool ok = pg_build_select(pg, plan, "pg_catalog.count(*)", &counted, NULL, &sql, err) &&
              ask_number(pg, buffer_text(&sql), &answer, err);
    *count = (uint64_t)answer;
    buffer_release(&sql);
    return ok;
}

/* The first "Plan Rows" of the JSON belongs to the topmost node. */
bool
pg_estimate_rows(Source *source, const ReadPlan *plan, uint64_t *count, Error *err)
{
    static const char LABEL[] = "\"Plan Rows\": ";
    const PgPlan *own = plan->driver_plan;
    PGresult *result = NULL;
    Buffer sql = {0};

    buffer_append_format(&sql, "EXPLAIN (FORMAT JSON) SELECT * FROM (%s\n) AS _rivet", own->query);
    bool ok = pg_ask((PgSource *)source, buffer_text(&sql), true, &result, err);
    buffer_release(&sql);
    const char *rows = ok && PQntuples(result) > 0 ? strstr(PQgetvalue(result, 0, 0), LABEL) : NULL;
    if (rows != NULL)
        *count = strtoull(rows + strlen(LABEL), NULL, 10);
    else if (ok)
        ok = error_set(err, ERR_QUERY, "the planner gives no estimate of the query's rows");
    PQclear(result);
    return ok;
}

bool
pg_read_clock(Source *source, int64_t *now_us, Error *err)
{
    const int64_t epoch_2000_us = RENDER_EPOCH_2000_DAYS * INT64_C(86400000000);

    if (!ask_number((PgSource *)source, "SELECT pg_catalog.clock_timestamp()", now_us, err))
        return false;
    *now_us += epoch_2000_us;
    return true;
}
