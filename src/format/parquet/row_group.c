#include "format/parquet/row_group.h"

#include "format/parquet/column_page.h"
#include "util/memory.h"

static void
start_group(RowGroup *group)
{
    group->row_count = 0;
    group->stored_test_at_bytes = group->settings->stored_test_bytes;
}

void
row_group_init(RowGroup *group, const Schema *schema, const WriterSettings *settings,
               PageQueue *queue)
{
    size_t count = schema->column_count;

    *group = (RowGroup){
        .settings = settings,
        .queue = queue,
        .column_count = count,
        .layouts = memory_alloc_zero(count, sizeof(*group->layouts)),
        .columns = memory_alloc_zero(count, sizeof(*group->columns)),
        .places = memory_alloc_zero(count, sizeof(*group->places)),
    };
    for (size_t i = 0; i < count; i++) {
        layout_init(&group->layouts[i], &schema->columns[i]);
        column_writer_init(&group->columns[i], &group->layouts[i], settings, queue, &group->store);
    }
    start_group(group);
}

void
row_group_release(RowGroup *group)
{
    for (size_t i = 0; i < group->column_count; i++)
        column_writer_release(&group->columns[i]);
    page_store_release(&group->store);
    buffer_release(&group->blooms);
    free(group->places);
    free(group->columns);
    free(group->layouts);
    *group = (RowGroup){0};
}

bool
row_group_append(RowGroup *group, ColumnCursor *cursors, size_t row_count, Error *err)
{
    assert(row_count <= row_group_rows_to_step(group));
    for (size_t i = 0; i < group->column_count; i++)
        if (!column_writer_append(&group->columns[i], &cursors[i], row_count, err))
            return false;
    group->row_count += row_count;
    return true;
}

size_t
row_group_raw_bytes(const RowGroup *group)
{
    size_t total = group->row_count / 8 * group->column_count;

    for (size_t i = 0; i < group->column_count; i++)
        total += group->columns[i].raw_total_bytes;
    return total;
}

static bool
drain(RowGroup *group, Error *err)
{
    if (!page_queue_drain(group->queue, err))
        return false;
    for (size_t i = 0; i < group->column_count; i++)
        column_writer_note_drain(&group->columns[i]);
    return true;
}

/* Stored sizes are only looked at after a drain: a figure that depends on timing must never decide
 * a cut. The open pages count too, because closing the row group stores them. */
static bool
test_size(RowGroup *group, bool *is_full, Error *err)
{
    size_t raw = row_group_raw_bytes(group);
    uint64_t stored = 0;

    *is_full = raw >= group->settings->row_group_raw_bytes;
    if (*is_full || raw < group->stored_test_at_bytes)
        return true;
    if (!drain(group, err))
        return false;
    group->stored_test_at_bytes = raw + group->settings->stored_test_bytes;
    for (size_t i = 0; i < group->column_count; i++)
        stored += column_writer_estimate_bytes(&group->columns[i]);
    *is_full = stored >= group->settings->row_group_stored_bytes;
    return true;
}

bool
row_group_end_step(RowGroup *group, bool *is_full, Error *err)
{
    for (size_t i = 0; i < group->column_count; i++)
        if (!column_writer_end_step(&group->columns[i], err))
            return false;
    return test_size(group, is_full, err);
}

bool
row_group_flush(RowGroup *group, Error *err)
{
    for (size_t i = 0; i < group->column_count; i++)
        if (!column_writer_flush(&group->columns[i], err))
            return false;
    return drain(group, err);
}

static void
add_sizes(ChunkPlace *place, const Page *page)
{
    place->compressed_bytes += (int64_t)page->stored_bytes;
    place->uncompressed_bytes += (int64_t)page->uncompressed_bytes;
}

/* Where a chunk lies that starts at this offset: its dictionary page, if any, then its pages. */
static ChunkPlace
place_chunk(const ColumnWriter *column, const Page *dictionary_page, uint64_t offset)
{
    ChunkPlace place = {
        .dictionary_page_offset = -1,
        .data_page_offset = (int64_t)offset,
        .bloom_offset = -1,
    };

    if (dictionary_page != NULL) {
        place.dictionary_page_offset = (int64_t)offset;
        place.data_page_offset += (int64_t)dictionary_page->stored_bytes;
        add_sizes(&place, dictionary_page);
    }
    for (const Page *page = column->pages; page != NULL; page = page->next)
        add_sizes(&place, page);
    return place;
}

/* Makes the filters and places them behind the pages, which end at this offset. */
static void
place_blooms(RowGroup *group, uint64_t offset)
{
    buffer_reset(&group->blooms);
    for (size_t i = 0; i < group->column_count; i++) {
        size_t before = group->blooms.size;
        column_writer_build_bloom(&group->columns[i], &group->blooms);
        if (group->blooms.size == before)
            continue;
        group->places[i].bloom_offset = (int64_t)(offset + before);
        group->places[i].bloom_bytes = (int32_t)(group->blooms.size - before);
    }
}

/* Dictionaries compressed for their size alone: the chunk may go on. */
static bool
try_dictionaries(RowGroup *group, Page *pages, PageStore *store, Error *err)
{
    for (size_t i = 0; i < group->column_count; i++)
        if (group->columns[i].dictionary_state != DICTIONARY_OFF &&
            !column_dictionary_submit(&group->columns[i], &pages[i], store, err))
            return false;
    return page_queue_drain(group->queue, err);
}

bool
row_group_file_size(RowGroup *group, uint64_t file_bytes, Footer *footer, uint64_t *size_bytes,
                    Error *err)
{
    if (group->row_count == 0) {
        *size_bytes = file_bytes + footer_size_bytes(footer, file_bytes);
        return true;
    }
    PageStore store = {0};
    Page *dictionary_pages = memory_alloc_zero(group->column_count, sizeof(*dictionary_pages));
    bool ok = row_group_flush(group, err) && try_dictionaries(group, dictionary_pages, &store, err);

    for (size_t i = 0; ok && i < group->column_count; i++) {
        const ColumnWriter *column = &group->columns[i];
        bool has_dictionary = column->dictionary_state != DICTIONARY_OFF;
        group->places[i] =
            place_chunk(column, has_dictionary ? &dictionary_pages[i] : NULL, file_bytes);
        file_bytes += (uint64_t)group->places[i].compressed_bytes;
    }
    if (ok) {
        place_blooms(group, file_bytes);
        file_bytes += group->blooms.size;
        FooterMark mark = footer_mark(footer);
        footer_add_row_group(footer, group->columns, group->places, (int64_t)group->row_count);
        *size_bytes = file_bytes + footer_size_bytes(footer, file_bytes);
        footer_rewind(footer, &mark);
    }
    /* A failed queue may still work on these; it keeps its error, so drain only waits. */
    Error ignored = ERROR_INIT;
    if (!ok && !page_queue_drain(group->queue, &ignored))
        error_clear(&ignored);
    page_store_release(&store);
    free(dictionary_pages);
    return ok;
}

static bool
write_pages(FileOutput *output, const Page *page, Error *err)
{
    for (; page != NULL; page = page->next)
        if (!file_output_write(output, page->stored, page->stored_bytes, err))
            return false;
    return true;
}

static bool
write_chunk(ColumnWriter *column, ChunkPlace *place, FileOutput *output, Error *err)
{
    *place = place_chunk(column, column->dictionary_page, output->size_bytes);
    return write_pages(output, column->dictionary_page, err) &&
           write_pages(output, column->pages, err);
}

bool
row_group_close(RowGroup *group, FileOutput *output, Footer *footer, Error *err)
{
    if (group->row_count == 0)
        return true;
    for (size_t i = 0; i < group->column_count; i++)
        if (!column_writer_finish_chunk(&group->columns[i], err))
            return false;
    if (!drain(group, err))
        return false;
    for (size_t i = 0; i < group->column_count; i++)
        if (!write_chunk(&group->columns[i], &group->places[i], output, err))
            return false;
    place_blooms(group, output->size_bytes);
    if (!file_output_write(output, group->blooms.data, group->blooms.size, err))
        return false;
    footer_add_row_group(footer, group->columns, group->places, (int64_t)group->row_count);
    for (size_t i = 0; i < group->column_count; i++)
        column_writer_reset(&group->columns[i]);
    page_store_reset(&group->store);
    start_group(group);
    return true;
}
