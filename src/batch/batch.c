#include "batch/batch.h"

#include "util/memory.h"

void
batch_init(Batch *batch, const Schema *schema, size_t max_rows, size_t max_bytes)
{
    *batch = (Batch){
        .schema = schema,
        .column_count = schema->column_count,
        .columns = memory_alloc_zero(schema->column_count, sizeof(Column)),
        .max_rows = max_rows,
        .max_bytes = max_bytes,
    };
    for (size_t i = 0; i < batch->column_count; i++)
        column_init(&batch->columns[i], &schema->columns[i].type);
}

void
batch_reset(Batch *batch)
{
    for (size_t i = 0; i < batch->column_count; i++) {
        column_reset(&batch->columns[i]);
        column_shrink(&batch->columns[i], batch->max_bytes);
    }
    batch->row_count = 0;
    batch->byte_count = 0;
}

void
batch_release(Batch *batch)
{
    for (size_t i = 0; i < batch->column_count; i++)
        column_release(&batch->columns[i]);
    free(batch->columns);
    *batch = (Batch){0};
}
