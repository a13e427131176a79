#include "support/parquet_write.h"

enum { CASE_BATCH_ROWS = 1000 };

WriteCase
write_case_default(void)
{
    return (WriteCase){
        .compression = COMPRESSION_ZSTD,
        .config = {.row_group_mb = 128, .page_kb = 1024, .dictionary = true, .statistics = true},
        .batch_rows = CASE_BATCH_ROWS,
        .split_step_rows = CASE_BATCH_ROWS,
        .memory_bytes = (size_t)64 << 20,
    };
}

bool
write_to_buffer(void *buffer, const void *bytes, size_t size_bytes, Error *err)
{
    (void)err;
    buffer_append(buffer, bytes, size_bytes);
    return true;
}

typedef struct OpenFile {
    Sink sink;
    Writer *writer;
} OpenFile;

static bool
open_file(OpenFile *file, const FormatOptions *options, WrittenFiles *out, Error *err)
{
    if (file->writer != NULL)
        return true;
    if (out->count == WRITTEN_FILES_MAX)
        return error_set(err, ERR_INTERNAL, "more files than the test expects");
    sink_init(&file->sink, write_to_buffer, &out->files[out->count++]);
    return PARQUET_DRIVER.open(options, &file->sink, &file->writer, err);
}

static bool
finish_file(OpenFile *file, WrittenFiles *out, Error *err)
{
    if (!format_finish(file->writer, err))
        return false;
    out->row_counts[out->count - 1] = file->writer->row_count;
    format_free(file->writer);
    sink_release(&file->sink);
    file->writer = NULL;
    return true;
}

static bool
write_batch(OpenFile *file, const FormatOptions *options, const Batch *batch, WrittenFiles *out,
            Error *err)
{
    size_t done = 0;

    while (done < batch->row_count) {
        bool is_full = false;
        if (!open_file(file, options, out, err) ||
            !format_write(file->writer, batch, done, &done, &is_full, err) ||
            (is_full && !finish_file(file, out, err)))
            return false;
    }
    return true;
}

static size_t
batch_size(const WriteCase *how, uint64_t first, uint64_t row_count)
{
    uint64_t rows = how->batch_rows;

    if (how->has_ragged_batches)
        rows = 1 + row_random(7, 7, first, 7) % how->batch_rows;
    return (size_t)(rows < row_count - first ? rows : row_count - first);
}

bool
write_rows(const RowSet *set, uint64_t row_count, const WriteCase *how, WrittenFiles *out,
           Error *err)
{
    FormatOptions options = {
        .schema = &set->schema,
        .parquet = &how->config,
        .compression = how->compression,
        .max_file_size_bytes = how->max_file_size_bytes,
        .split_step_rows = how->split_step_rows,
        .memory_bytes = how->memory_bytes,
        .compress_pool = how->compress_pool,
    };
    OpenFile file = {0};
    Batch batch;
    bool ok = true;

    *out = (WrittenFiles){0};
    batch_init(&batch, &set->schema, how->batch_rows, SIZE_MAX);
    for (uint64_t first = 0; ok && first < row_count; first += batch.row_count) {
        batch_reset(&batch);
        row_set_fill(set, first, batch_size(how, first, row_count), &batch);
        ok = write_batch(&file, &options, &batch, out, err);
    }
    if (ok && (file.writer != NULL || row_count == 0))
        ok = open_file(&file, &options, out, err) && finish_file(&file, out, err);
    if (file.writer != NULL) {
        format_free(file.writer);
        sink_release(&file.sink);
    }
    batch_release(&batch);
    return ok;
}

void
written_files_release(WrittenFiles *files)
{
    for (size_t i = 0; i < files->count; i++)
        buffer_release(&files->files[i]);
    *files = (WrittenFiles){0};
}
