#include "format/parquet/column_writer.h"
#include "format/parquet/compress_pool.h"
#include "format/parquet/footer.h"
#include "format/parquet/parquet.h"
#include "format/parquet/settings.h"
#include "util/memory.h"

typedef struct ParquetWriter {
    Writer base;
    WriterSettings settings;
    size_t split_step_rows;
    uint64_t max_file_size_bytes;
    size_t column_count;
    LeafLayout *layouts;
    ColumnWriter *columns;
    ColumnCursor *cursors;
    ChunkPlace *places;
    CompressPool *own_pool;
    PageQueue *queue;
    Footer footer;
    uint64_t file_bytes; /* written so far */
    size_t group_rows;   /* in the open row group */
    size_t
        stored_test_at_bytes; /* raw bytes of the group at which its stored size is tested next */
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
write_bytes(ParquetWriter *writer, const void *bytes, size_t size_bytes, Error *err)
{
    if (!sink_write(writer->base.sink, bytes, size_bytes, err))
        return false;
    writer->file_bytes += size_bytes;
    return true;
}

static void
init_columns(ParquetWriter *writer, const Schema *schema)
{
    size_t count = schema->column_count;

    writer->column_count = count;
    writer->layouts = memory_alloc_zero(count, sizeof(*writer->layouts));
    writer->columns = memory_alloc_zero(count, sizeof(*writer->columns));
    writer->cursors = memory_alloc_zero(count, sizeof(*writer->cursors));
    writer->places = memory_alloc_zero(count, sizeof(*writer->places));
    for (size_t i = 0; i < count; i++) {
        layout_init(&writer->layouts[i], &schema->columns[i]);
        column_writer_init(&writer->columns[i], &writer->layouts[i], &writer->settings,
                           writer->queue);
    }
}

static void
start_group(ParquetWriter *writer)
{
    writer->group_rows = 0;
    writer->stored_test_at_bytes = writer->settings.stored_test_bytes;
}

static void
parquet_free(Writer *base)
{
    ParquetWriter *writer = (ParquetWriter *)base;

    page_queue_free(writer->queue);
    compress_pool_free(writer->own_pool);
    for (size_t i = 0; i < writer->column_count; i++)
        column_writer_release(&writer->columns[i]);
    footer_release(&writer->footer);
    free(writer->places);
    free(writer->cursors);
    free(writer->columns);
    free(writer->layouts);
    free(writer);
}

static bool
parquet_open(const FormatOptions *options, Sink *sink, Writer **out, Error *err)
{
    *out = NULL;
    if (!check_names(options->schema, err))
        return false;
    ParquetWriter *writer = memory_alloc_zero(1, sizeof(*writer));
    settings_init(&writer->settings, options);
    writer->base = (Writer){.driver = &PARQUET_DRIVER, .sink = sink};
    writer->max_file_size_bytes = options->max_file_size_bytes;
    writer->split_step_rows = options->split_step_rows == 0 ? STEP_ROWS : options->split_step_rows;
    if (options->compress_pool == NULL)
        writer->own_pool = compress_pool_new((size_t)options->parquet->encode_threads);
    writer->queue = page_queue_new(
        options->compress_pool == NULL ? writer->own_pool : options->compress_pool,
        writer->settings.codec, writer->settings.level, writer->settings.queue_bytes);
    init_columns(writer, options->schema);
    footer_init(&writer->footer, writer->layouts, writer->column_count,
                options->parquet->spark_compat);
    start_group(writer);
    if (!write_bytes(writer, PARQUET_MAGIC, PARQUET_MAGIC_BYTES, err)) {
        parquet_free(&writer->base);
        return false;
    }
    *out = &writer->base;
    return true;
}

/* Pages that lie behind each other in the store go out in one write. */
static bool
write_pages(ParquetWriter *writer, const Page *page, Error *err)
{
    while (page != NULL) {
        const uint8_t *from = page->stored;
        size_t size = 0;
        for (; page != NULL && page->stored == from + size; page = page->next)
            size += page->stored_bytes;
        if (!write_bytes(writer, from, size, err))
            return false;
    }
    return true;
}

static void
add_sizes(ChunkPlace *place, const Page *page)
{
    place->compressed_bytes += (int64_t)page->stored_bytes;
    place->uncompressed_bytes += (int64_t)page->uncompressed_bytes;
}

static bool
write_chunk(ParquetWriter *writer, ColumnWriter *column, ChunkPlace *place, Error *err)
{
    const Page *dictionary_page = column->dictionary_page;

    *place = (ChunkPlace){.dictionary_page_offset = -1, .bloom_offset = -1};
    if (dictionary_page != NULL) {
        place->dictionary_page_offset = (int64_t)writer->file_bytes;
        add_sizes(place, dictionary_page);
        if (!write_pages(writer, dictionary_page, err))
            return false;
    }
    place->data_page_offset = (int64_t)writer->file_bytes;
    for (const Page *page = column->pages; page != NULL; page = page->next)
        add_sizes(place, page);
    bool ok = write_pages(writer, column->pages, err);
    page_store_release(&column->store);
    return ok;
}

static bool
close_group(ParquetWriter *writer, Error *err)
{
    if (writer->group_rows == 0)
        return true;
    for (size_t i = 0; i < writer->column_count; i++)
        if (!column_writer_finish_chunk(&writer->columns[i], err))
            return false;
    if (!page_queue_drain(writer->queue, err))
        return false;
    for (size_t i = 0; i < writer->column_count; i++)
        if (!write_chunk(writer, &writer->columns[i], &writer->places[i], err))
            return false;
    footer_add_row_group(&writer->footer, writer->columns, writer->places,
                         (int64_t)writer->group_rows);
    for (size_t i = 0; i < writer->column_count; i++)
        column_writer_reset(&writer->columns[i]);
    start_group(writer);
    return true;
}

static size_t
group_raw_bytes(const ParquetWriter *writer)
{
    size_t total = writer->group_rows / 8 * writer->column_count;

    for (size_t i = 0; i < writer->column_count; i++)
        total += writer->columns[i].raw_total_bytes;
    return total;
}

static size_t
group_stored_bytes(const ParquetWriter *writer)
{
    size_t total = 0;

    for (size_t i = 0; i < writer->column_count; i++)
        total += column_writer_stored_bytes(&writer->columns[i]);
    return total;
}

/* Stored sizes are only looked at after a drain: a figure that depends on timing must never decide
 * a cut. */
static bool
is_group_full(ParquetWriter *writer, bool *is_full, Error *err)
{
    size_t raw = group_raw_bytes(writer);

    *is_full = raw >= writer->settings.row_group_raw_bytes;
    if (*is_full || raw < writer->stored_test_at_bytes)
        return true;
    if (!page_queue_drain(writer->queue, err))
        return false;
    writer->stored_test_at_bytes = raw + writer->settings.stored_test_bytes;
    *is_full = group_stored_bytes(writer) >= writer->settings.row_group_stored_bytes;
    return true;
}

static bool
end_step(ParquetWriter *writer, Error *err)
{
    bool is_full = false;

    for (size_t i = 0; i < writer->column_count; i++)
        if (!column_writer_end_step(&writer->columns[i], err))
            return false;
    if (!is_group_full(writer, &is_full, err))
        return false;
    return !is_full || close_group(writer, err);
}

static size_t
rows_to_multiple(uint64_t row_count, size_t step)
{
    return step - (size_t)(row_count % step);
}

static bool
parquet_write(Writer *base, const Batch *batch, size_t first_row, size_t *taken_to, bool *is_full,
              Error *err)
{
    ParquetWriter *writer = (ParquetWriter *)base;
    size_t row = first_row;

    *is_full = false;
    for (size_t i = 0; i < writer->column_count; i++)
        column_cursor_init(&writer->cursors[i], &batch->columns[i], row,
                           base->row_count + 1 - first_row);
    while (row < batch->row_count && !*is_full) {
        size_t count =
            size_min(batch->row_count - row, rows_to_multiple(writer->group_rows, STEP_ROWS));
        count = size_min(count, rows_to_multiple(base->row_count, writer->split_step_rows));
        for (size_t i = 0; i < writer->column_count; i++)
            if (!column_writer_append(&writer->columns[i], &writer->cursors[i], count, err))
                return false;
        row += count;
        base->row_count += count;
        writer->group_rows += count;
        if (writer->group_rows % STEP_ROWS == 0 && !end_step(writer, err))
            return false;
    }
    *taken_to = row;
    return true;
}

static bool
parquet_finish(Writer *base, Error *err)
{
    ParquetWriter *writer = (ParquetWriter *)base;

    return close_group(writer, err) &&
           footer_write(&writer->footer, writer->file_bytes, base->sink, err);
}

const FormatDriver PARQUET_DRIVER = {
    .kind = FORMAT_PARQUET,
    .open = parquet_open,
    .write = parquet_write,
    .finish = parquet_finish,
    .free = parquet_free,
};
