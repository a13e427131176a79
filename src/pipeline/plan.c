#include "pipeline/plan_builder.h"

#include "preflight/chunk_key.h"

const char *
plan_kind_word(ChunkKind kind)
{
    static const char *const WORDS[] = {[CHUNK_RANGE] = "range",
                                        [CHUNK_WALK] = "walk",
                                        [CHUNK_DENSE] = "dense_rn",
                                        [CHUNK_CTID] = "ctid"};

    return WORDS[kind];
}

const char *
plan_configured_kind(const ExportConfig *export)
{
    return export->chunk_dense ? "dense_rn" : export->chunk_by == CHUNK_BY_ROWS ? "rows" : "range";
}

ReadRange *
plan_add_chunk(PlanBuilder *builder)
{
    ChunkPlan *plan = builder->plan;

    if (plan->count == builder->capacity) {
        builder->capacity = size_max(16, builder->capacity * 2);
        ReadRange *larger = ARENA_ARRAY(builder->arena, ReadRange, builder->capacity);
        if (plan->count > 0)
            memcpy(larger, plan->chunks, plan->count * sizeof(*larger));
        plan->chunks = larger;
    }
    ReadRange *chunk = &plan->chunks[plan->count++];
    *chunk = (ReadRange){.columns = plan->columns.items, .column_count = plan->columns.count};
    return chunk;
}

/* ---- the key ---- */

/* Windows are computed from numbers, so the server must compare numbers: an override only changes
 * what we see. */
static bool
is_integer_key(const PlanBuilder *builder)
{
    const TypeRules *rules = &builder->export->type_rules;
    size_t index = 0;
    Error ignored = ERROR_INIT;

    if (builder->plan->columns.count != 1 ||
        !source_find_column(builder->source, builder->query->schema,
                            builder->plan->columns.items[0], &index, &ignored))
        return false;
    const ColumnSchema *column = &builder->query->schema->columns[index];
    for (size_t i = 0; i < rules->override_count; i++)
        if (strcmp(rules->overrides[i].column, column->name) == 0)
            return false;
    return column->is_exact && column->type.kind >= TYPE_INT8 && column->type.kind <= TYPE_UINT64;
}

/* ---- bounds ---- */

static bool
find_end(PlanBuilder *builder, bool from_top, const char *const **key, Error *err)
{
    const ReadRange all = {.columns = builder->plan->columns.items,
                           .column_count = builder->plan->columns.count};
    const KeyQuery query = {.within = &all, .from_top = from_top};
    bool found = false;

    return source_find_key(builder->source, builder->query, &query, builder->arena, key, &found,
                           err);
}

static bool
find_bounds(PlanBuilder *builder, Error *err)
{
    ChunkPlan *plan = builder->plan;
    uint64_t estimate = 0;

    if (!find_end(builder, false, &plan->lowest, err) ||
        !find_end(builder, true, &plan->highest, err) ||
        !source_estimate_rows(builder->source, builder->query, &estimate, err))
        return false;
    plan->row_estimate = (OptionalInt){true, estimate > INT64_MAX ? INT64_MAX : (int64_t)estimate};
    return true;
}

/* ---- the kinds ---- */

static bool
cut_by_key(PlanBuilder *builder, Error *err)
{
    ChunkPlan *plan = builder->plan;
    bool has_nulls = false;

    if (!find_bounds(builder, err))
        return false;
    plan->kind = CHUNK_WALK;
    if (plan->lowest != NULL && is_integer_key(builder) && !plan_cut_range(builder, err))
        return false;
    if (plan->lowest != NULL && plan->kind == CHUNK_WALK && !plan_cut_walk(builder, err))
        return false;
    if (!builder->is_default_key &&
        !source_has_null_key(builder->source, builder->query, plan->columns.items,
                             plan->columns.count, &has_nulls, err))
        return false;
    if (has_nulls)
        plan_add_chunk(builder)->is_null = true;
    return true;
}

static bool
cut_dense(PlanBuilder *builder, Error *err)
{
    ChunkPlan *plan = builder->plan;
    uint64_t size = (uint64_t)builder->export->chunk_size;
    uint64_t rows = 0;

    plan->kind = CHUNK_DENSE;
    plan->needs_snapshot = true;
    if (!source_count_rows(builder->source, builder->query, NULL, &rows, err))
        return false;
    plan->row_estimate = (OptionalInt){true, (int64_t)rows};
    for (uint64_t first = 1; first <= rows; first += size) {
        ReadRange *chunk = plan_add_chunk(builder);
        chunk->first_row = first;
        /* The last one takes whatever follows. */
        chunk->last_row = rows - first < size ? 0 : first + size - 1;
        if (chunk->last_row == 0)
            break;
    }
    return true;
}

static void
cut_pages(PlanBuilder *builder, const PageFacts *facts)
{
    ChunkPlan *plan = builder->plan;

    plan->kind = CHUNK_CTID;
    plan->needs_snapshot = true;
    plan->row_estimate = (OptionalInt){true, (int64_t)facts->row_estimate};
    uint64_t chunks = facts->row_estimate / (uint64_t)builder->export->chunk_size + 1;
    uint64_t step = facts->page_count / chunks + 1;
    for (uint64_t first = 0; first == 0 || first < facts->page_count; first += step) {
        ReadRange *chunk = plan_add_chunk(builder);
        chunk->is_pages = true;
        chunk->first_page = first;
        /* The last one takes whatever follows. */
        chunk->end_page = facts->page_count - first <= step ? 0 : first + step;
        if (chunk->end_page == 0)
            break;
    }
}

static bool
cut(PlanBuilder *builder, const ChunkKey *key, Error *err)
{
    if (key->columns.count == 0) {
        cut_pages(builder, &key->pages);
        return true;
    }
    return builder->export->chunk_dense ? cut_dense(builder, err) : cut_by_key(builder, err);
}

bool
plan_chunks(const ExportConfig *export, Source *source, const ReadPlan *query, Arena *arena,
            ChunkPlan *plan, Error *err)
{
    PlanBuilder builder = {
        .export = export, .source = source, .query = query, .arena = arena, .plan = plan};

    ChunkKey key;

    *plan = (ChunkPlan){0};
    if (!chunk_key_find(export, source, query, arena, &key, err))
        return false;
    builder.is_default_key = key.is_default;
    plan->columns = key.columns;
    if (!cut(&builder, &key, err))
        return error_add_context(err, "planning");
    /* Nothing there: one chunk without bounds reads what there is, and so says which columns. */
    if (plan->count == 0)
        *plan_add_chunk(&builder) = (ReadRange){0};
    return true;
}
