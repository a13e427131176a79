/* batch.h: rows of one result, stored column by column.
 *
 * Shape   row_count rows; columns[i] follows schema->columns[i] and has row_count rows between
 *         two calls of batch_end_row
 * Limits  full at max_rows rows or max_bytes wire bytes, whichever is first; a batch holds at
 *         least one row, so one large row may pass max_bytes
 * Owner   the worker; drivers borrow it for one call. One thread at a time.
 * Source  spec: extraction §6 */
#ifndef RIVET_BATCH_BATCH_H
#define RIVET_BATCH_BATCH_H

#include "batch/column.h"
#include "batch/schema.h"

typedef struct Batch {
    const Schema *schema;
    Column *columns;
    size_t column_count;
    size_t row_count;
    size_t byte_count; /* as counted by batch_end_row */
    size_t max_rows;
    size_t max_bytes;
} Batch;

/* schema must outlive the batch. */
void batch_init(Batch *batch, const Schema *schema, size_t max_rows, size_t max_bytes);
void batch_reset(Batch *batch);
void batch_release(Batch *batch);

/* Every column has got one more row; row_bytes is its size on the wire. */
static inline void
batch_end_row(Batch *batch, size_t row_bytes)
{
    batch->row_count++;
    batch->byte_count += row_bytes;
}

static inline bool
batch_is_full(const Batch *batch)
{
    return batch->row_count >= batch->max_rows || batch->byte_count >= batch->max_bytes;
}

#endif
