/* row_group.h: the open row group of a file, and its end.
 *
 * Step    rows are appended in pieces that end at the steps of the row group; at every step limits
 *         are tested: pages, dictionaries, the row group itself.
 * Held    compressed pages and one open page per column, never the rows themselves.
 * Source  spec: parquet §3.1, §3.2, §4.3 */
#ifndef RIVET_FORMAT_PARQUET_ROW_GROUP_H
#define RIVET_FORMAT_PARQUET_ROW_GROUP_H

#include "format/parquet/column_writer.h"
#include "format/parquet/footer.h"

typedef struct RowGroup {
    const WriterSettings *settings;
    PageQueue *queue;
    size_t column_count;
    LeafLayout *layouts;
    ColumnWriter *columns;
    PageStore store; /* of all columns */
    ChunkPlace *places;
    Buffer blooms; /* the filters of all columns, as they follow the row group */
    size_t row_count;
    size_t stored_test_at_bytes; /* raw bytes at which the stored size is tested next */
} RowGroup;

void row_group_init(RowGroup *group, const Schema *schema, const WriterSettings *settings,
                    PageQueue *queue);
void row_group_release(RowGroup *group); /* the queue is gone or drained */

/* Takes row_count rows at the cursors, one per column; no more than to the end of the step. */
MUST_USE bool row_group_append(RowGroup *group, ColumnCursor *cursors, size_t row_count,
                               Error *err);
static inline size_t
row_group_rows_to_step(const RowGroup *group)
{
    return STEP_ROWS - group->row_count % STEP_ROWS;
}

/* Call at a step; *is_full when the row group has reached its size. */
MUST_USE bool row_group_end_step(RowGroup *group, bool *is_full, Error *err);

/* Every row is in a compressed page, and what compressing said is known. */
MUST_USE bool row_group_flush(RowGroup *group, Error *err);

/* Size of the file if it ended after this row group; flushes it. */
MUST_USE bool row_group_file_size(RowGroup *group, uint64_t file_bytes, Footer *footer,
                                  uint64_t *size_bytes, Error *err);

/* Writes the row group, if it has rows, and starts the next. */
MUST_USE bool row_group_close(RowGroup *group, FileOutput *output, Footer *footer, Error *err);

/* PLAIN values and levels of the rows so far. */
size_t row_group_raw_bytes(const RowGroup *group);

#endif
