/* The upper bound of an incremental run: the highest key there is, less the lag. */
#include "batch/render.h"
#include "pipeline/window_builder.h"
#include "preflight/columns.h"

/* The moment as a bound for a column of this type. */
const char *
window_moment_text(const Type *type, int64_t at_us, Arena *arena)
{
    char text[RENDER_MAX_BYTES];
    int64_t days = at_us / WINDOW_DAY_US - (at_us % WINDOW_DAY_US < 0);
    size_t length = type->kind == TYPE_DATE
                        ? render_date(days, text)
                        : render_timestamp(at_us, 0, type->kind == TYPE_TIMESTAMPTZ, text);

    return arena_dup_bytes(arena, text, length);
}

bool
window_apply_null_policy(WindowBuilder *builder, Error *err)
{
    const ExportConfig *export = builder->request->export;
    bool found = false;

    if (export->cursor_nulls == CURSOR_NULLS_SKIP)
        return true;
    if (export->cursor_nulls == CURSOR_NULLS_INCLUDE_FIRST) {
        builder->window->range.includes_null = builder->request->cursor == NULL;
        return true;
    }
    if (!source_has_null_key(builder->source, builder->plan, builder->columns.items,
                             builder->columns.count, &found, err))
        return false;
    return !found || columns_refuse_nulls(builder->columns.items[0], err);
}

static bool
find_top_key(WindowBuilder *builder, const ReadRange *within, const char *const **key, bool *found,
             Error *err)
{
    KeyQuery query = {.within = within, .from_top = true};

    return source_find_key(builder->source, builder->plan, &query, builder->arena, key, found, err);
}

static bool
has_time_lag(const WindowBuilder *builder)
{
    const ExportConfig *export = builder->request->export;

    return export->cursor_lag != NULL && !export->cursor_lag_units.is_set;
}

/* A lag in time reaches back from the clock as it stood before the snapshot: whoever took a value
 * up to clock - lag and needed no longer than the lag to commit is in the snapshot then. A clock
 * read later would let commits slip through between the two. */
bool
window_read_clock(WindowBuilder *builder, Error *err)
{
    return !has_time_lag(builder) ||
           source_read_clock(builder->source, &builder->source_now_us, err);
}

static const char *
time_lag_limit(const WindowBuilder *builder)
{
    const Type *type = &builder->keys[0]->type;
    int64_t limit_us = builder->source_now_us - builder->request->export->cursor_lag_us;

    /* A date stands for all of its day, so the day itself has to be over by then. */
    if (type->kind == TYPE_DATE)
        limit_us -= WINDOW_DAY_US;
    return window_moment_text(type, limit_us, builder->arena);
}

/* An integer of up to 64 bits, signed or not, less the lag. */
static const char *
lower_integer(const char *text, int64_t lag, Arena *arena)
{
    if (text[0] != '-') {
        uint64_t value = strtoull(text, NULL, 10);
        if (value >= (uint64_t)lag)
            return arena_format(arena, "%" PRIu64, value - (uint64_t)lag);
    }
    int64_t value = strtoll(text, NULL, 10);
    return arena_format(arena, "%" PRId64, value < INT64_MIN + lag ? INT64_MIN : value - lag);
}

static bool
find_integer_lag_limit(WindowBuilder *builder, const char **limit, Error *err)
{
    ReadRange all = {.columns = builder->columns.items, .column_count = 1};
    const char *const *top = NULL;
    bool found = false;

    if (!find_top_key(builder, &all, &top, &found, err))
        return false;
    *limit = lower_integer(found ? top[0] : "0", builder->request->export->cursor_lag_units.value,
                           builder->arena);
    return true;
}

/* The latest value of the first column that the lag allows, as *limit; NULL when the lag is off. */
static bool
find_lag_limit(WindowBuilder *builder, const char **limit, Error *err)
{
    *limit = NULL;
    if (builder->request->export->cursor_lag == NULL)
        return true;
    if (!has_time_lag(builder))
        return find_integer_lag_limit(builder, limit, err);
    *limit = time_lag_limit(builder);
    return true;
}

bool
window_set_upper_bound(WindowBuilder *builder, Error *err)
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
        window->cursor_after = window->range.is_null ? WINDOW_NULLS_ONLY : NULL;
        return true;
    }
    if (!columns_check_top(builder->columns.items[0], top[0], err))
        return false;
    window->range.upper_kind = BOUND_INCLUSIVE;
    window->range.upper = top;
    window->cursor_after = window_json_texts(top, builder->columns.count, builder->arena);
    return true;
}
