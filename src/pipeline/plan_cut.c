/* Windows of an integer key, and boundaries along any key. */
#include <errno.h>

#include "pipeline/plan_builder.h"

enum {
    DENSE_SHARE = 10, /* windows where at least every tenth value of the span is a row */
    /* A wrong estimate must not fill the state with windows that hold nothing. */
    WINDOWS_MAX = 1000000,
};

/* ---- range ---- */

/* Integers of every width and sign, in the order of the server. */
static bool
parse_integer(const char *text, Int128 *value)
{
    bool is_negative = text[0] == '-';
    const char *digits = text + is_negative;
    char *end = NULL;

    errno = 0;
    unsigned long long magnitude = strtoull(digits, &end, 10);
    if (errno != 0 || end == digits || *end != '\0' || digits[0] < '0' || digits[0] > '9')
        return false;
    *value = is_negative ? -(Int128)magnitude : (Int128)magnitude;
    return true;
}

static const char **
integer_bound(PlanBuilder *builder, Int128 value)
{
    const char **bound = ARENA_ARRAY(builder->arena, const char *, 1);

    bound[0] = value < 0 ? arena_format(builder->arena, "%" PRId64, (int64_t)value)
                         : arena_format(builder->arena, "%" PRIu64, (uint64_t)value);
    return bound;
}

/* The bounds lie within 64 bits and the ends are clamped to them, so nothing can wrap. */
static void
add_windows(PlanBuilder *builder, Int128 lowest, Int128 highest, Int128 size)
{
    for (Int128 start = lowest; start <= highest; start += size) {
        Int128 end = highest - start < size ? highest : start + size - 1;
        ReadRange *chunk = plan_add_chunk(builder);
        chunk->lower_kind = BOUND_INCLUSIVE;
        chunk->lower = integer_bound(builder, start);
        chunk->upper_kind = BOUND_INCLUSIVE;
        chunk->upper = integer_bound(builder, end);
    }
}

bool
plan_cut_range(PlanBuilder *builder, Error *err)
{
    ChunkPlan *plan = builder->plan;
    Int128 lowest = 0;
    Int128 highest = 0;
    Int128 size = builder->export->chunk_size;

    if (!parse_integer(plan->lowest[0], &lowest) || !parse_integer(plan->highest[0], &highest))
        return error_set(err, ERR_QUERY, "the bounds of chunk_column '%s' are no integers",
                         plan->columns.items[0]);
    Int128 span = highest - lowest + 1;
    Int128 windows = (span + size - 1) / size;
    plan->is_sparse = windows > 1 && (Int128)plan->row_estimate.value * DENSE_SHARE < span;
    if (plan->is_sparse || windows > WINDOWS_MAX || builder->export->chunk_by == CHUNK_BY_ROWS)
        return true;
    plan->kind = CHUNK_RANGE;
    add_windows(builder, lowest, highest, size);
    return true;
}

/* ---- walk ---- */

/* The key chunk_size rows after `from`, the last of its chunk. */
static bool
find_boundary(PlanBuilder *builder, const ReadRange *rest, const char *const **key, bool *found,
              Error *err)
{
    const KeyQuery query = {.within = rest, .offset = (uint64_t)builder->export->chunk_size - 1};

    return source_find_key(builder->source, builder->query, &query, builder->arena, key, found,
                           err);
}

static bool
is_same_key(const char *const *a, const char *const *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(a[i], b[i]) != 0)
            return false;
    return true;
}

/*  lowest          boundary          boundary        highest
 *    [ chunk_size rows ]( chunk_size rows ](  the rest  ]      ties of a boundary stay left of it
 */
bool
plan_cut_walk(PlanBuilder *builder, Error *err)
{
    ChunkPlan *plan = builder->plan;
    ReadRange rest = {
        .columns = plan->columns.items,
        .column_count = plan->columns.count,
        .lower_kind = BOUND_INCLUSIVE,
        .lower = plan->lowest,
        .upper_kind = BOUND_INCLUSIVE,
        .upper = plan->highest,
    };

    for (;;) {
        const char *const *boundary = NULL;
        bool found = false;
        if (!find_boundary(builder, &rest, &boundary, &found, err))
            return false;
        if (found && rest.lower_kind == BOUND_EXCLUSIVE &&
            is_same_key(boundary, rest.lower, plan->columns.count))
            return error_set(err, ERR_QUERY,
                             "the server does not read values of chunk_column '%s' back from "
                             "their text",
                             plan->columns.items[0]);
        ReadRange *chunk = plan_add_chunk(builder);
        *chunk = rest;
        if (!found || is_same_key(boundary, plan->highest, plan->columns.count))
            return true;
        chunk->upper = boundary;
        rest.lower_kind = BOUND_EXCLUSIVE;
        rest.lower = boundary;
    }
}
