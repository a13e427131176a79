/* page_index_read.h: OffsetIndex and ColumnIndex of one column chunk.
 *
 * Owner   page_index_release; views point into bytes the index owns. Each list has page_count
 *         members or is NULL.
 * Errors  ERR_FORMAT (damaged, outside the file, lists of different lengths), ERR_BUDGET.
 * Source  spec: parquet §1.8 */
#ifndef RIVET_FORMAT_PARQUET_PAGE_INDEX_READ_H
#define RIVET_FORMAT_PARQUET_PAGE_INDEX_READ_H

#include "format/parquet/footer_read.h"

typedef struct OffsetIndex {
    bool is_present;
    size_t page_count;
    PageLocation *pages;
} OffsetIndex;

typedef struct ColumnIndex {
    bool is_present;
    size_t page_count;
    bool *null_pages;
    BytesView *min_values;
    BytesView *max_values;
    int64_t *null_counts; /* optional, like the next */
    int64_t *nan_counts;
    int32_t boundary_order;
} ColumnIndex;

typedef struct PageIndex {
    OffsetIndex offsets;
    ColumnIndex bounds;
    Arena arena;
    uint8_t *offset_bytes;
    uint8_t *bounds_bytes;
} PageIndex;

/* Reads what the chunk has of both. On failure nothing is held. */
MUST_USE bool page_index_read(PageIndex *index, const ParquetFile *file, const ColumnChunk *chunk,
                              Error *err);
void page_index_release(PageIndex *index);

#endif
