/* format.h: batches in, the bytes of one file out.
 *
 * Life     format_open → format_write … → format_finish → format_free; format_free alone drops an
 *          unfinished file. One Writer makes one part.
 * Bytes    go to the Sink in file order; nothing is patched later, so pipes and uploads work. The
 *          bytes depend on the rows and the settings alone, never on batch sizes, threads or
 *          timing.
 * Threads  one at a time per Writer.
 * Errors   the sink's, ERR_VALUE (a value the format cannot hold; column named), ERR_BUDGET.
 * A driver is one row in registry.c and one folder; a new one edits no other. */
#ifndef RIVET_FORMAT_FORMAT_H
#define RIVET_FORMAT_FORMAT_H

#include "batch/batch.h"
#include "config/config.h"
#include "util/buffer.h"
#include "util/readable.h"
#include "util/sink.h"

typedef struct Writer Writer;

typedef struct FormatOptions {
    const Schema *schema; /* must outlive the Writer, like the three below */
    const CsvConfig *csv;
    const ParquetConfig *parquet;
    Compression compression;
    OptionalInt compression_level;
    uint64_t max_file_size_bytes; /* 0: one file */
    size_t split_step_rows;       /* a file may end only at multiples of this */
    size_t memory_bytes;          /* the writer's budget */
    /* Helpers shared by all Parquet writers of the process (parquet/compress_pool.h); up to
     * parquet->encode_threads of them work for this writer. NULL: it starts that many of its own.
     * The bytes are the same either way. */
    struct CompressPool *compress_pool;
} FormatOptions;

typedef struct FormatDriver {
    FormatKind kind;
    bool (*open)(const FormatOptions *options, Sink *sink, Writer **out, Error *err);
    /* Takes rows [first_row, *taken_to) of the batch; *taken_to is row_count unless the file
     * reached its size limit: then *is_full is true, and the caller finishes this file and hands
     * the rest to the next. At least one row is taken. */
    bool (*write)(Writer *writer, const Batch *batch, size_t first_row, size_t *taken_to,
                  bool *is_full, Error *err);
    /* Everything out, footer included. */
    bool (*finish)(Writer *writer, Error *err);
    void (*free)(Writer *writer);
} FormatDriver;

/* First member of every driver's own struct. */
struct Writer {
    const FormatDriver *driver;
    Sink *sink;
    uint64_t row_count; /* taken so far */
};

MUST_USE bool format_open(FormatKind kind, const FormatOptions *options, Sink *sink, Writer **out,
                          Error *err);

static inline MUST_USE bool
format_write(Writer *writer, const Batch *batch, size_t first_row, size_t *taken_to, bool *is_full,
             Error *err)
{
    return writer->driver->write(writer, batch, first_row, taken_to, is_full, err);
}

static inline MUST_USE bool
format_finish(Writer *writer, Error *err)
{
    return writer->driver->finish(writer, err);
}

static inline void
format_free(Writer *writer)
{
    if (writer != NULL)
        writer->driver->free(writer);
}

/* File name extension with its codec: "parquet", "csv", "csv.gz", "csv.zst". */
const char *format_extension(FormatKind kind, Compression compression);

/* Appends what the column is in the file: "INT64 TIMESTAMP(MICROS,UTC)", "LIST of INT32". */
void format_type_text(FormatKind kind, const ColumnSchema *column, Buffer *out);

/* What a re-read file must be. */
typedef struct VerifyExpectation {
    FormatKind kind;
    Compression compression;
    const CsvConfig *csv;
    const Schema *schema;
    uint64_t row_count;
} VerifyExpectation;

/* Re-reads a finished file: Parquet footer, page headers, CRCs, levels and row counts; CSV records
 * with quote awareness. ERR_CHECK "validation failed: expected <n> rows, got <m>" on a mismatch,
 * ERR_CHECK on damage, else the reader's error. */
MUST_USE bool format_verify(const Readable *file, const VerifyExpectation *want, Error *err);

#endif
