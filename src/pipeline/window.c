#include "pipeline/window.h"

#include <jansson.h>

#include "batch/render.h"
#include "pipeline/fingerprint.h"
#include "util/buffer.h"
#include "util/log.h"

#define MODULE "rivet::window"

static const int64_t DAY_US = INT64_C(86400) * 1000000;

typedef struct WindowBuilder {
    const WindowRequest *request;
    Source *source;
    const ReadPlan *plan;
    Arena *arena;
    Window *window;
    TextList columns;
    const Type **types; /* of the key columns */
} WindowBuilder;

static const char *
json_texts(const char *const *texts, size_t count, Arena *arena)
{
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_string(texts[i]));
    char *text = json_dumps(list, JSON_COMPACT);
    const char *kept = arena_dup_string(arena, text);
    free(text);
    json_decref(list);
    return kept;
}

/* A JSON array of exactly count texts, or NULL. */
static const char *const *
parse_texts(const char *json, size_t count, Arena *arena)
{
    json_t *list = json_loads(json, 0, NULL);
    const char **texts = ARENA_ARRAY(arena, const char *, count);
    bool ok = json_is_array(list) && json_array_size(list) == count;

    for (size_t i = 0; ok && i < count; i++) {
        texts[i] = arena_dup_string(arena, json_string_value(json_array_get(list, i)));
        ok = texts[i] != NULL;
    }
    json_decref(list);
    return ok ? texts : NULL;
}

const CursorRow *
window_cursor_row(const RunRow *run, Arena *arena)
{
    CursorRow *row = ARENA_NEW(arena, CursorRow);

    if (run->cursor_after == NULL)
        return NULL;
    const char *const *one = parse_texts(run->cursor_after, 1, arena);
    *row = (CursorRow){
        .export_name = run->export_name,
        .value = one == NULL ? run->cursor_after : one[0],
        .columns = run->cursor_columns,
        .types = run->cursor_types,
        .source_id = run->source_id,
        .query_hash = run->query_hash,
    };
    return row;
}

/* ---- key columns ---- */

/* What has to stay the same for a stored value to keep its meaning and its order. */
static const char *
type_family(const Type *type)
{
    switch (type->kind) {
    case TYPE_BOOL:
    case TYPE_LIST:
        break;
    case TYPE_INT8:
    case TYPE_INT16:
    case TYPE_INT32:
    case TYPE_INT64:
    case TYPE_UINT8:
    case TYPE_UINT16:
    case TYPE_UINT32:
    case TYPE_UINT64:
    case TYPE_DECIMAL:
        return "number";
    case TYPE_FLOAT:
    case TYPE_DOUBLE:
        return "float";
    case TYPE_DATE:
    case TYPE_TIMESTAMP:
        return "timestamp";
    case TYPE_TIMESTAMPTZ:
        return "timestamptz";
    case TYPE_TIME:
        return "time";
    case TYPE_TEXT:
    case TYPE_JSON:
        return "text";
    case TYPE_BINARY:
        return "binary";
    case TYPE_UUID:
        return "uuid";
    }
    return NULL;
}

static bool
find_key_columns(WindowBuilder *builder, Error *err)
{
    const Schema *schema = builder->plan->schema;
    TextList columns = builder->columns;
    const char **families = ARENA_ARRAY(builder->arena, const char *, columns.count);

    builder->types = ARENA_ARRAY(builder->arena, const Type *, columns.count);
    for (size_t i = 0; i < columns.count; i++) {
        size_t index = 0;
        if (!source_find_column(builder->source, schema, columns.items[i], &index, err))
            return false;
        builder->types[i] = &schema->columns[index].type;
        families[i] = type_family(builder->types[i]);
        if (families[i] == NULL) {
            err->hint = "name a column of numbers, dates, timestamps or text";
            return error_set(err, ERR_CONFIG, "column '%s' (%s) cannot be a cursor",
                             columns.items[i], schema->columns[index].source_type);
        }
    }
    builder->window->cursor_columns = json_texts(columns.items, columns.count, builder->arena);
    builder->window->cursor_types = json_texts(families, columns.count, builder->arena);
    return true;
}

/* ---- the stored cursor ---- */

static bool
differs(const char *stored, const char *now)
{
    return stored != NULL && strcmp(stored, now) != 0; /* rows of the original lack these facts */
}

static bool
check_stored_cursor(const WindowBuilder *builder, Error *err)
{
    const CursorRow *cursor = builder->request->cursor;
    const Window *window = builder->window;
    const struct {
        const char *what, *stored, *now;
    } facts[] = {
        {"cursor_column", cursor->columns, window->cursor_columns},
        {"cursor type", cursor->types, window->cursor_types},
        {"source", cursor->source_id, builder->source->identity},
    };
    char query_hash[FINGERPRINT_BYTES];

    for (size_t i = 0; i < ARRAY_LENGTH(facts); i++) {
        if (!differs(facts[i].stored, facts[i].now))
            continue;
        err->hint = "start over with 'rivet state reset', or change the configuration back";
        return error_set(err, ERR_CONFIG,
                         "the stored cursor belongs to another %s: stored %s, configured %s",
                         facts[i].what, facts[i].stored, facts[i].now);
    }
    fingerprint_query(builder->request->query, query_hash);
    if (differs(cursor->query_hash, query_hash))
        log_warn(MODULE, "export '%s': the query text changed since the cursor was stored",
                 builder->request->export->name);
    return true;
}

/* The stored cursor becomes the lower bound. */
static bool
set_lower_bound(WindowBuilder *builder, Error *err)
{
    const CursorRow *cursor = builder->request->cursor;
    size_t count = builder->columns.count;

    if (cursor == NULL || cursor->value == NULL)
        return true;
    if (!check_stored_cursor(builder, err))
        return false;
    const char **bare = ARENA_ARRAY(builder->arena, const char *, 1);
    bare[0] = cursor->value;
    const char *const *texts =
        count == 1 ? bare : parse_texts(cursor->value, count, builder->arena);
    if (texts == NULL) {
        err->hint = "start over with 'rivet state reset'";
        return error_set(err, ERR_STATE, "the stored cursor is not a list of %zu values", count);
    }
    builder->window->range.lower_kind = BOUND_EXCLUSIVE;
    builder->window->range.lower = texts;
    builder->window->cursor_before = json_texts(texts, count, builder->arena);
    return true;
}

/* ---- the upper bound ---- */

static bool
apply_null_policy(WindowBuilder *builder, Error *err)
{
    const ExportConfig *export = builder->request->export;
    bool found = false;

    if (export->cursor_nulls == CURSOR_NULLS_SKIP)
        return true;
    if (export->cursor_nulls == CURSOR_NULLS_INCLUDE_FIRST) {
        builder->window->range.includes_null = builder->window->range.lower_kind == BOUND_NONE;
        return true;
    }
    if (!source_has_null_key(builder->source, builder->plan, builder->columns.items,
                             builder->columns.count, &found, err))
        return false;
    if (!found)
        return true;
    err->hint = "decide with cursor_nulls: include_first or cursor_nulls: skip";
    return error_set(err, ERR_VALUE, "cursor_column '%s' holds NULLs, which no cursor can pass",
                     builder->columns.items[0]);
}

static bool
is_moment(const Type *type)
{
    return type->kind == TYPE_DATE || type->kind == TYPE_TIMESTAMP ||
           type->kind == TYPE_TIMESTAMPTZ;
}

static bool
is_integer(const Type *type)
{
    return type->kind <= TYPE_UINT64 && type->kind != TYPE_BOOL;
}

/* The moment as a bound for a column of this type. */
static const char *
moment_text(const Type *type, int64_t at_us, Arena *arena)
{
    char text[RENDER_MAX_BYTES];
    int64_t days = at_us / DAY_US - (at_us % DAY_US < 0);
    size_t length = type->kind == TYPE_DATE
                        ? render_date(days, text)
                        : render_timestamp(at_us, 0, type->kind == TYPE_TIMESTAMPTZ, text);

    return arena_dup_bytes(arena, text, length);
}

static bool
find_top_key(WindowBuilder *builder, const ReadRange *within, const char *const **key, bool *found,
             Error *err)
{
    KeyQuery query = {.within = within, .from_top = true};

    return source_find_key(builder->source, builder->plan, &query, builder->arena, key, found, err);
}

/* The latest value of the first column that the lag allows, as *limit; NULL when the lag is off. */
static bool
find_lag_limit(WindowBuilder *builder, const char **limit, Error *err)
{
    const ExportConfig *export = builder->request->export;
    const Type *type = builder->types[0];
    int64_t now_us = 0;
    bool found = false;
    const char *const *top = NULL;

    *limit = NULL;
    if (export->cursor_lag == NULL)
        return true;
    if (is_moment(type) && !export->cursor_lag_units.is_set) {
        if (!source_read_clock(builder->source, &now_us, err))
            return false;
        *limit = moment_text(type, now_us - export->cursor_lag_us, builder->arena);
        return true;
    }
    if (!is_integer(type) || !export->cursor_lag_units.is_set) {
        err->hint = "a duration (5s) goes with dates and timestamps, a number with integers";
        return error_set(err, ERR_CONFIG, "cursor_lag '%s' does not go with column '%s'",
                         export->cursor_lag, builder->columns.items[0]);
    }
    ReadRange all = {.columns = builder->columns.items, .column_count = 1};
    if (!find_top_key(builder, &all, &top, &found, err))
        return false;
    int64_t highest = found ? strtoll(top[0], NULL, 10) : INT64_MIN;
    int64_t lag = export->cursor_lag_units.value;
    int64_t lowered = highest < INT64_MIN + lag ? INT64_MIN : highest - lag;
    *limit = arena_format(builder->arena, "%" PRId64, lowered);
    return true;
}

static bool
set_upper_bound(WindowBuilder *builder, Error *err)
{
    Window *window = builder->window;
    ReadRange below = window->range;
    const char *const *top = NULL;
    const char **limit = ARENA_ARRAY(builder->arena, const char *, 1);
    bool found = false;

    if (!find_lag_limit(builder, limit, err))
        return false;
    below.includes_null = false;
    if (limit[0] != NULL) {
        below.upper_kind = BOUND_INCLUSIVE;
        below.upper = limit;
        below.upper_count = 1;
    }
    if (!find_top_key(builder, &below, &top, &found, err))
        return false;
    if (!found) {
        /* Only NULL keys can be left, and those come with a first run alone. */
        window->range.is_null = window->range.includes_null;
        window->range.includes_null = false;
        window->is_empty = !window->range.is_null;
        return true;
    }
    window->range.upper_kind = BOUND_INCLUSIVE;
    window->range.upper = top;
    window->cursor_after = json_texts(top, builder->columns.count, builder->arena);
    return true;
}

static void
describe_bounds(WindowBuilder *builder)
{
    const ReadRange *range = &builder->window->range;
    size_t count = range->column_count;
    json_t *bounds = json_object();

    if (range->lower_kind != BOUND_NONE)
        json_object_set_new(bounds, range->lower_kind == BOUND_EXCLUSIVE ? "gt" : "ge",
                            json_loads(json_texts(range->lower, count, builder->arena), 0, NULL));
    if (range->upper_kind != BOUND_NONE)
        json_object_set_new(bounds, range->upper_kind == BOUND_EXCLUSIVE ? "lt" : "le",
                            json_loads(json_texts(range->upper, count, builder->arena), 0, NULL));
    if (range->is_null || range->includes_null)
        json_object_set_new(bounds, "null", json_true());
    char *text = json_dumps(bounds, JSON_COMPACT);
    builder->window->bounds = arena_dup_string(builder->arena, text);
    free(text);
    json_decref(bounds);
}

static bool
resolve_incremental(WindowBuilder *builder, Error *err)
{
    builder->columns = builder->request->export->cursor_columns;
    builder->window->range = (ReadRange){
        .columns = builder->columns.items,
        .column_count = builder->columns.count,
        .is_ordered = true,
    };
    bool ok = find_key_columns(builder, err) && set_lower_bound(builder, err) &&
              source_open_snapshot(builder->source, err) && apply_null_policy(builder, err) &&
              set_upper_bound(builder, err);
    if (ok)
        describe_bounds(builder);
    return ok;
}

/* Midnight UTC of the day `days` before now, saturating at year 1. */
static int64_t
window_start_us(int64_t now_us, int64_t days)
{
    static const int64_t YEAR_1_DAYS = -719162;
    int64_t today = now_us / DAY_US;

    return (days > today - YEAR_1_DAYS ? YEAR_1_DAYS : today - days) * DAY_US;
}

static bool
resolve_time_window(WindowBuilder *builder, Error *err)
{
    const ExportConfig *export = builder->request->export;
    const char **column = ARENA_ARRAY(builder->arena, const char *, 1);
    const char **start = ARENA_ARRAY(builder->arena, const char *, 1);
    int64_t start_us = window_start_us(builder->request->now_us, export->days_window);
    size_t index = 0;

    column[0] = export->time_column;
    if (!source_find_column(builder->source, builder->plan->schema, column[0], &index, err))
        return false;
    const Type *type = &builder->plan->schema->columns[index].type;
    if (export->time_column_type == TIME_COLUMN_UNIX) {
        start[0] = arena_format(builder->arena, "%" PRId64, start_us / 1000000);
    } else if (is_moment(type)) {
        start[0] = moment_text(type, start_us, builder->arena);
    } else {
        err->hint = "name a date or timestamp column, or set time_column_type: unix";
        return error_set(err, ERR_CONFIG, "time_column '%s' (%s) is no date or timestamp",
                         column[0], builder->plan->schema->columns[index].source_type);
    }
    builder->window->range = (ReadRange){
        .columns = column, .column_count = 1, .lower_kind = BOUND_INCLUSIVE, .lower = start};
    describe_bounds(builder);
    return true;
}

bool
window_resolve(const WindowRequest *request, Source *source, const ReadPlan *plan, Arena *arena,
               Window *window, Error *err)
{
    WindowBuilder builder = {
        .request = request, .source = source, .plan = plan, .arena = arena, .window = window};

    *window = (Window){0};
    return request->export->mode == MODE_INCREMENTAL ? resolve_incremental(&builder, err)
                                                     : resolve_time_window(&builder, err);
}
