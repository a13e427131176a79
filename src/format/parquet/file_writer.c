#include "format/parquet/compress_pool.h"
#include "format/parquet/footer.h"
#include "format/parquet/parquet.h"
#include "format/parquet/part_size.h"
#include "format/parquet/row_group.h"
#include "format/parquet/settings.h"
#include "util/memory.h"

typedef struct ParquetWriter {
    Writer base;
    WriterSettings settings;
    size_t split_step_rows;
    CompressPool *own_pool;
    PageQueue *queue;
    FileOutput output;
    RowGroup group;
    ColumnCursor *cursors;
    PartSize part_size;
    Footer footer;
} ParquetWriter;

static bool
check_names(const Schema *schema, Error *err)
{
    for (size_t i = 0; i < schema->column_count; i++)
        if (schema_find(schema, schema->columns[i].name) != i) {
            error_set(err, ERR_CONFIG, "two columns are named \"%s\"", schema->columns[i].name);
            err->hint = "give every column of the query its own name (AS …)";
            return false;
        }
    return true;
}

static bool
check_blooms(const Schema *schema, const TextList *names, Error *err)
{
    for (size_t i = 0; i < names->count; i++)
        if (schema_find(schema, names->items[i]) == schema->column_count)
            return error_set(err, ERR_CONFIG,
                             "parquet.bloom names \"%s\", which is not a column of the result",
                             names->items[i]);
    return true;
}

static void
parquet_free(Writer *base)
{
    ParquetWriter *writer = (ParquetWriter *)base;

    page_queue_free(writer->queue);
    compress_pool_free(writer->own_pool);
    row_group_release(&writer->group);
    footer_release(&writer->footer);
    file_output_release(&writer->output);
    free(writer->cursors);
    free(writer);
}

static void
start_queue(ParquetWriter *writer, const FormatOptions *options)
{
    PageQueueOptions queue = {
        .pool = options->compress_pool,
        .helper_limit = (size_t)options->parquet->encode_threads,
        .codec = writer->settings.codec,
        .level = writer->settings.level,
        .limit_bytes = writer->settings.queue_bytes,
    };

    if (queue.pool == NULL)
        queue.pool = writer->own_pool = compress_pool_new(queue.helper_limit);
    writer->queue = page_queue_new(&queue);
}

static bool
parquet_open(const FormatOptions *options, Sink *sink, Writer **out, Error *err)
{
    *out = NULL;
    if (!check_names(options->schema, err) ||
        !check_blooms(options->schema, &options->parquet->bloom, err))
        return false;
    ParquetWriter *writer = memory_alloc_zero(1, sizeof(*writer));
    settings_init(&writer->settings, options);
    writer->base = (Writer){.driver = &PARQUET_DRIVER, .sink = sink};
    writer->split_step_rows = options->split_step_rows == 0 ? STEP_ROWS : options->split_step_rows;
    writer->cursors = memory_alloc_zero(options->schema->column_count, sizeof(*writer->cursors));
    writer->output = (FileOutput){.sink = sink};
    start_queue(writer, options);
    row_group_init(&writer->group, options->schema, &writer->settings, writer->queue);
    part_size_init(&writer->part_size, options->max_file_size_bytes);
    footer_init(&writer->footer, writer->group.layouts, writer->group.column_count,
                options->parquet->spark_compat);
    if (!file_output_write(&writer->output, PARQUET_MAGIC, PARQUET_MAGIC_BYTES, err)) {
        parquet_free(&writer->base);
        return false;
    }
    *out = &writer->base;
    return true;
}

static bool
close_group(ParquetWriter *writer, Error *err)
{
    part_size_note_close(&writer->part_size, &writer->group);
    return row_group_close(&writer->group, &writer->output, &writer->footer, err);
}

static bool
end_step(ParquetWriter *writer, Error *err)
{
    bool is_full = false;

    if (!row_group_end_step(&writer->group, &is_full, err))
        return false;
    return !is_full || close_group(writer, err);
}

static size_t
rows_to_split_step(const ParquetWriter *writer)
{
    return writer->split_step_rows - (size_t)(writer->base.row_count % writer->split_step_rows);
}

/* Tests what is due at this number of rows: the row group's step first, then the file's size. */
static bool
end_rows(ParquetWriter *writer, bool *is_full, Error *err)
{
    if (writer->group.row_count % STEP_ROWS == 0 && !end_step(writer, err))
        return false;
    if (writer->base.row_count % writer->split_step_rows != 0)
        return true;
    return part_size_test(&writer->part_size, &writer->group, writer->output.size_bytes,
                          &writer->footer, is_full, err);
}

static bool
parquet_write(Writer *base, const Batch *batch, size_t first_row, size_t *taken_to, bool *is_full,
              Error *err)
{
    ParquetWriter *writer = (ParquetWriter *)base;

    *is_full = false;
    *taken_to = first_row;
    for (size_t i = 0; i < writer->group.column_count; i++)
        column_cursor_init(&writer->cursors[i], &batch->columns[i], first_row,
                           base->row_count + 1 - first_row);
    while (*taken_to < batch->row_count && !*is_full) {
        size_t count =
            size_min(batch->row_count - *taken_to,
                     size_min(row_group_rows_to_step(&writer->group), rows_to_split_step(writer)));
        if (!row_group_append(&writer->group, writer->cursors, count, err))
            return false;
        *taken_to += count;
        base->row_count += count;
        if (!end_rows(writer, is_full, err))
            return false;
    }
    return true;
}

static bool
parquet_finish(Writer *base, Error *err)
{
    ParquetWriter *writer = (ParquetWriter *)base;

    return close_group(writer, err) && footer_write(&writer->footer, &writer->output, err);
}

const FormatDriver PARQUET_DRIVER = {
    .kind = FORMAT_PARQUET,
    .open = parquet_open,
    .write = parquet_write,
    .finish = parquet_finish,
    .free = parquet_free,
};
