/* parquet_write.h: rows of a RowSet as Parquet files in memory. */
#ifndef RIVET_TESTS_SUPPORT_PARQUET_WRITE_H
#define RIVET_TESTS_SUPPORT_PARQUET_WRITE_H

#include "format/parquet/parquet.h"
#include "support/parquet_rows.h"
#include "util/buffer.h"

enum { WRITTEN_FILES_MAX = 64 };

typedef struct WriteCase {
    Compression compression;
    ParquetConfig config;
    size_t batch_rows;       /* every batch has this many rows … */
    bool has_ragged_batches; /* … or a number between 1 and this, which changes */
    uint64_t max_file_size_bytes;
    size_t split_step_rows;
    size_t memory_bytes;
    struct CompressPool *compress_pool; /* NULL: helpers of its own, if config wants any */
} WriteCase;

typedef struct WrittenFiles {
    Buffer files[WRITTEN_FILES_MAX];
    uint64_t row_counts[WRITTEN_FILES_MAX];
    size_t count;
} WrittenFiles;

/* The defaults of the configuration, zstd 3, 64 MiB, batches of 1,000 rows. */
WriteCase write_case_default(void);

/* Writes rows [0, row_count) of the set. False with *err on any failure. */
bool write_rows(const RowSet *set, uint64_t row_count, const WriteCase *how, WrittenFiles *out,
                Error *err);
void written_files_release(WrittenFiles *files);

/* For sinks: appends to a Buffer. */
bool write_to_buffer(void *buffer, const void *bytes, size_t size_bytes, Error *err);

#endif
