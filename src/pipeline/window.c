#include <jansson.h>

#include "pipeline/window_builder.h"

static void
describe_bounds(WindowBuilder *builder)
{
    const ReadRange *range = &builder->window->range;
    size_t count = range->column_count;
    json_t *bounds = json_object();

    if (range->lower_kind != BOUND_NONE)
        json_object_set_new(
            bounds, range->lower_kind == BOUND_EXCLUSIVE ? "gt" : "ge",
            json_loads(window_json_texts(range->lower, count, builder->arena), 0, NULL));
    if (range->upper_kind != BOUND_NONE)
        json_object_set_new(
            bounds, range->upper_kind == BOUND_EXCLUSIVE ? "lt" : "le",
            json_loads(window_json_texts(range->upper, count, builder->arena), 0, NULL));
    if (range->is_null || range->includes_null)
        json_object_set_new(bounds, "null", json_true());
    char *text = json_dumps(bounds, JSON_COMPACT);
    builder->window->bounds = arena_dup_string(builder->arena, text);
    free(text);
    json_decref(bounds);
}

/* As far as it goes without asking the source. */
static bool
take_cursor(WindowBuilder *builder, Error *err)
{
    builder->columns = builder->request->export->cursor_columns;
    builder->window->range = (ReadRange){
        .columns = builder->columns.items,
        .column_count = builder->columns.count,
        .is_ordered = true,
    };
    return window_find_key_columns(builder, err) && window_set_lower_bound(builder, err);
}

static bool
resolve_incremental(WindowBuilder *builder, Error *err)
{
    bool ok = take_cursor(builder, err) && window_read_clock(builder, err) &&
              source_open_snapshot(builder->source, err) &&
              window_apply_null_policy(builder, err) && window_set_upper_bound(builder, err);
    if (ok)
        describe_bounds(builder);
    return ok;
}

/* Midnight UTC of the day `days` before now, saturating at year 1. */
static int64_t
window_start_us(int64_t now_us, int64_t days)
{
    static const int64_t YEAR_1_DAYS = -719162;
    int64_t today = now_us / WINDOW_DAY_US;

    return (days > today - YEAR_1_DAYS ? YEAR_1_DAYS : today - days) * WINDOW_DAY_US;
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
    start[0] = export->time_column_type == TIME_COLUMN_UNIX
                   ? arena_format(builder->arena, "%" PRId64, start_us / 1000000)
                   : window_moment_text(type, start_us, builder->arena);
    builder->window->range = (ReadRange){
        .columns = column, .column_count = 1, .lower_kind = BOUND_INCLUSIVE, .lower = start};
    describe_bounds(builder);
    return true;
}

bool
window_check_cursor(const WindowRequest *request, Source *source, const ReadPlan *plan,
                    Arena *arena, Error *err)
{
    Window window = {0};
    WindowBuilder builder = {
        .request = request, .source = source, .plan = plan, .arena = arena, .window = &window};

    return take_cursor(&builder, err);
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
