/* part_size.h: when a file has reached its size.
 *
 * Promise  a file that is full has at least its limit and little more; only the last may have less.
 * Test     at every split step. First an estimate, from what was known when the queue was last
 *          drained: timing has no say. When it reaches the limit the row group is flushed and the
 *          file measured exactly.
 * Source   spec: parquet §3.5 */
#ifndef RIVET_FORMAT_PARQUET_PART_SIZE_H
#define RIVET_FORMAT_PARQUET_PART_SIZE_H

#include "format/parquet/row_group.h"

typedef struct PartSize {
    uint64_t limit_bytes;      /* 0: none */
    uint64_t closed_raw_bytes; /* of row groups already written */
    uint64_t measure_at_bytes; /* raw bytes of the file before which it is not measured again */
} PartSize;

void part_size_init(PartSize *size, uint64_t limit_bytes);
/* A row group is about to be closed. */
void part_size_note_close(PartSize *size, const RowGroup *group);
MUST_USE bool part_size_test(PartSize *size, RowGroup *group, uint64_t file_bytes, Footer *footer,
                             bool *is_full, Error *err);

#endif
