#include "pipeline/meta.h"

#include "batch/row_hash.h"

static const ColumnSchema EXPORTED_AT = {
    .name = META_EXPORTED_AT,
    .source_type = "rivet",
    .type = {.kind = TYPE_TIMESTAMPTZ},
    .is_required = true,
    .is_exact = true,
};
static const ColumnSchema ROW_HASH = {
    .name = META_ROW_HASH,
    .source_type = "rivet",
    .type = {.kind = TYPE_INT64},
    .is_required = true,
    .is_exact = true,
};

const Schema *
meta_schema(const Schema *query, MetaColumns meta, Arena *arena)
{
    size_t count = query->column_count;
    ColumnSchema *columns = ARENA_ARRAY(arena, ColumnSchema, count + 2);
    Schema *schema = ARENA_NEW(arena, Schema);

    if (count > 0)
        memcpy(columns, query->columns, count * sizeof(*columns));
    if (meta.has_exported_at)
        columns[count++] = EXPORTED_AT;
    if (meta.has_row_hash)
        columns[count++] = ROW_HASH;
    *schema = (Schema){.columns = columns, .column_count = count};
    return schema;
}

void
meta_fill(Batch *batch, size_t query_columns, MetaColumns meta, int64_t exported_at_us)
{
    Column *next = batch->columns + query_columns;

    if (meta.has_exported_at) {
        for (size_t row = 0; row < batch->row_count; row++)
            column_append_i64(next, exported_at_us);
        next++;
    }
    if (meta.has_row_hash)
        row_hash_batch(batch, query_columns, next);
}
