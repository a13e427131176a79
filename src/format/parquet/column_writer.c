#include "format/parquet/column_writer.h"

#include "format/parquet/hybrid.h"
#include "util/memory.h"

/* In front of the values there is room for the levels of a flat page, so that its body becomes one
 * piece without moving them. */
enum { RAW_HEADROOM_BYTES = 5376 };

void
column_cursor_init(ColumnCursor *cursor, const Column *column, size_t row,
                   uint64_t first_row_number)
{
    *cursor = (ColumnCursor){
        .column = column,
        .row = row,
        .value = column_value_index(column, row),
        .first_row_number = first_row_number,
    };
    if (column->element != NULL)
        cursor->element_value = column_value_index(column->element, column->offsets[cursor->value]);
}

static void
start_page(ColumnWriter *writer)
{
    levels_reset(&writer->levels);
    bounds_reset(&writer->page_bounds);
    writer->raw_bytes = 0;
    writer->value_count = 0;
    writer->plain_size_bytes = 0;
    writer->unencoded_bytes = 0;
}

static void
start_chunk(ColumnWriter *writer)
{
    Bounds chunk = writer->facts.bounds;
    Bounds last = writer->facts.last_page_bounds;

    writer->facts = (ChunkFacts){
        .bounds = chunk, .last_page_bounds = last, .is_ascending = true, .is_descending = true};
    bounds_reset(&writer->facts.bounds);
    bounds_reset(&writer->facts.last_page_bounds);
    writer->pages = NULL;
    writer->last_link = &writer->pages;
    writer->row_count = 0;
    writer->raw_total_bytes = 0;
    start_page(writer);
}

void
column_writer_init(ColumnWriter *writer, const LeafLayout *layout, const WriterSettings *settings,
                   PageQueue *queue)
{
    BoundsOrder order = layout->bounds;

    assert(hybrid_bound_bytes(PAGE_ROWS_MAX, 1) + sizeof(uint32_t) <= RAW_HEADROOM_BYTES);
    *writer = (ColumnWriter){
        .layout = layout,
        .settings = settings,
        .queue = queue,
        .update_bounds = bounds_update_of(settings->has_statistics ? order : BOUNDS_NONE),
        .encode_plain = plain_encode_of(layout->storage),
    };
    levels_init(&writer->levels, layout);
    bounds_init(&writer->page_bounds, order);
    bounds_init(&writer->facts.bounds, order);
    bounds_init(&writer->facts.last_page_bounds, order);
    start_chunk(writer);
}

static void
free_pages(ColumnWriter *writer)
{
    while (writer->pages != NULL) {
        Page *page = writer->pages;
        writer->pages = page->next;
        free(page);
    }
    page_store_release(&writer->store);
}

void
column_writer_reset(ColumnWriter *writer)
{
    free_pages(writer);
    start_chunk(writer);
}

void
column_writer_release(ColumnWriter *writer)
{
    BoundsOrder order = writer->layout->bounds;

    free_pages(writer);
    levels_release(&writer->levels);
    bounds_release(&writer->page_bounds, order);
    bounds_release(&writer->facts.bounds, order);
    bounds_release(&writer->facts.last_page_bounds, order);
    free(writer->raw.data);
    free(writer->spare.data);
}

/* Room for extra_bytes more values. A page that stays within its limit is allocated once. */
static uint8_t *
reserve_raw(ColumnWriter *writer, size_t extra_bytes)
{
    size_t need = RAW_HEADROOM_BYTES + writer->raw_bytes + extra_bytes + PLAIN_SLACK_BYTES;

    if (writer->raw.data == NULL) {
        writer->raw = writer->spare;
        writer->spare = (PageBuffer){0};
    }
    if (writer->raw.capacity < need) {
        size_t usual = size_min(writer->settings->page_bytes,
                                writer->layout->encoded_bytes == 0
                                    ? SIZE_MAX
                                    : PAGE_ROWS_MAX * writer->layout->encoded_bytes);
        writer->raw.capacity = size_max(need, RAW_HEADROOM_BYTES + usual + PLAIN_SLACK_BYTES);
        writer->raw.data = memory_resize(writer->raw.data, writer->raw.capacity);
    }
    return writer->raw.data + RAW_HEADROOM_BYTES + writer->raw_bytes;
}

static void
append_values(ColumnWriter *writer, const Column *leaf, size_t first, size_t count)
{
    size_t size = plain_bytes(writer->layout, leaf, first, count);

    if (count == 0)
        return;
    writer->update_bounds(&writer->page_bounds, leaf, first, count);
    uint8_t *to = reserve_raw(writer, size);
    writer->encode_plain(writer->layout, leaf, first, count, to);
    writer->raw_bytes += size;
    writer->value_count += count;
    writer->plain_size_bytes += size;
    writer->raw_total_bytes += size;
    if (writer->layout->storage == STORAGE_BYTES)
        writer->unencoded_bytes += size - count * PLAIN_LENGTH_BYTES;
}

static void
note_order(ChunkFacts *facts, const Bounds *page, BoundsOrder order)
{
    if (facts->has_last_page) {
        int min = bounds_compare_min(&facts->last_page_bounds, page, order);
        int max = bounds_compare_max(&facts->last_page_bounds, page, order);
        facts->is_ascending = facts->is_ascending && min <= 0 && max <= 0;
        facts->is_descending = facts->is_descending && min >= 0 && max >= 0;
    }
    facts->has_last_page = true;
    bounds_copy(&facts->last_page_bounds, page, order);
}

static void
count_definitions(ChunkFacts *facts, const Levels *levels)
{
    for (size_t i = 0; i < levels->definition.size; i++)
        facts->definition_counts[levels->definition.data[i]]++;
}

/* Takes what the metadata needs from the open page into its Page and the chunk. */
static void
note_page(ColumnWriter *writer, Page *page)
{
    ChunkFacts *facts = &writer->facts;

    page->first_row = writer->row_count;
    page->row_count = (int64_t)writer->levels.row_count;
    page->null_count = (int64_t)writer->levels.null_count;
    page->unencoded_bytes = (int64_t)writer->unencoded_bytes;
    page->nan_count = writer->page_bounds.nan_count;
    bounds_encode(&writer->page_bounds, writer->layout, &page->bounds);
    if (writer->value_count > 0 && !page->bounds.is_set)
        facts->lacks_bounds = true;
    if (writer->page_bounds.is_set)
        note_order(facts, &writer->page_bounds, writer->layout->bounds);
    bounds_merge(&facts->bounds, &writer->page_bounds, writer->layout->bounds);
    facts->entry_count += (int64_t)writer->levels.entry_count;
    facts->null_count += page->null_count;
    facts->unencoded_bytes += page->unencoded_bytes;
    count_definitions(facts, &writer->levels);
    writer->row_count += page->row_count;
}

/* The values as they are, behind their levels. Lists have more level entries than headroom. */
static void
take_plain_body(ColumnWriter *writer, PageJob *job)
{
    const LeafLayout *layout = writer->layout;
    uint8_t *values = reserve_raw(writer, 0) - writer->raw_bytes;
    uint8_t room[RAW_HEADROOM_BYTES];

    if (!layout->is_list) {
        size_t size = (size_t)(levels_encode(&writer->levels, layout, room) - room);
        memcpy(values - size, room, size);
        job->raw = writer->raw;
        job->body = values - size;
        job->body_bytes = size + writer->raw_bytes;
        job->spare = &writer->spare;
        writer->raw = (PageBuffer){0};
        return;
    }
    job->raw.capacity = levels_bound_bytes(&writer->levels, layout) + writer->raw_bytes;
    job->raw.data = memory_alloc(job->raw.capacity);
    uint8_t *at = levels_encode(&writer->levels, layout, job->raw.data);
    memcpy(at, values, writer->raw_bytes);
    job->body = job->raw.data;
    job->body_bytes = (size_t)(at - job->raw.data) + writer->raw_bytes;
}

static void
take_bool_body(ColumnWriter *writer, PageJob *job)
{
    const uint8_t *values = reserve_raw(writer, 0) - writer->raw_bytes;

    job->raw.capacity =
        levels_bound_bytes(&writer->levels, writer->layout) + writer->value_count / 8 + 1;
    job->raw.data = memory_alloc(job->raw.capacity);
    uint8_t *at = levels_encode(&writer->levels, writer->layout, job->raw.data);
    at = plain_pack_bools(values, writer->value_count, at);
    job->body = job->raw.data;
    job->body_bytes = (size_t)(at - job->raw.data);
}

static Page *
add_page(ColumnWriter *writer)
{
    Page *page = memory_alloc_zero(1, sizeof(*page));

    *writer->last_link = page;
    writer->last_link = &page->next;
    return page;
}

bool
column_writer_cut_page(ColumnWriter *writer, Error *err)
{
    if (writer->levels.row_count == 0)
        return true;
    PageJob job = {.page = add_page(writer), .store = &writer->store};
    Encoding encoding = ENCODING_PLAIN;

    job.page->header = (PageHeader){
        .type = PAGE_DATA,
        .value_count = (int32_t)writer->levels.entry_count,
        .encoding = encoding,
    };
    note_page(writer, job.page);
    if (writer->layout->storage == STORAGE_BOOL)
        take_bool_body(writer, &job);
    else
        take_plain_body(writer, &job);
    writer->facts.encoding_pages[encoding]++;
    start_page(writer);
    return page_queue_submit(writer->queue, &job, err);
}

/* Values of [first, first + count) that the open page still takes. */
static size_t
fitting_bytes_values(const ColumnWriter *writer, const Column *leaf, size_t first, size_t count)
{
    size_t limit = writer->settings->page_bytes;
    size_t room = limit > writer->plain_size_bytes ? limit - writer->plain_size_bytes : 0;
    size_t low = 0;
    size_t high = count;

    if (plain_bytes(writer->layout, leaf, first, count) <= room)
        return count;
    while (low < high) {
        size_t middle = low + (high - low + 1) / 2;
        if (plain_bytes(writer->layout, leaf, first, middle) <= room)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

/* Takes as many of the rows as the open page does; 0 means that it must be cut first. */
static size_t
append_flat(ColumnWriter *writer, ColumnCursor *cursor, size_t row_count)
{
    const Column *column = cursor->column;
    size_t values = levels_count_values(column, cursor->row, row_count);
    size_t rows = row_count;

    if (writer->layout->storage == STORAGE_BYTES) {
        size_t fitting = fitting_bytes_values(writer, column, cursor->value, values);
        if (fitting == 0 && writer->value_count == 0)
            fitting = size_min(values, 1); /* a page of its own */
        if (fitting < values) {
            rows = levels_rows_before_value(column, cursor->row, row_count, fitting);
            values = fitting;
        }
    }
    append_values(writer, column, cursor->value, values);
    levels_append_rows(&writer->levels, column, cursor->row, rows, values);
    cursor->row += rows;
    cursor->value += values;
    return rows;
}

/* Bytes a page counts for a list: its values and two levels per entry. */
static size_t
list_bytes(const ColumnWriter *writer, const Column *element, size_t value, size_t values,
           size_t entries)
{
    return plain_bytes(writer->layout, element, value, values) + 2 * size_max(entries, 1);
}

static size_t
append_lists(ColumnWriter *writer, ColumnCursor *cursor, size_t row_count)
{
    const Column *column = cursor->column;
    const Column *element = column->element;
    size_t first_value = cursor->element_value;
    size_t used = writer->plain_size_bytes + 2 * writer->levels.entry_count;
    size_t rows = 0;

    for (; rows < row_count; rows++) {
        bool is_null = !column_is_valid(column, cursor->row);
        size_t first = is_null ? 0 : column->offsets[cursor->value];
        size_t count = is_null ? 0 : column->offsets[cursor->value + 1] - first;
        size_t values = levels_count_values(element, first, count);
        used += list_bytes(writer, element, cursor->element_value, values, count);
        if (used > writer->settings->page_bytes && writer->levels.row_count > 0)
            break;
        levels_append_list(&writer->levels, element, is_null, first, count);
        cursor->row++;
        cursor->value += !is_null;
        cursor->element_value += values;
    }
    append_values(writer, element, first_value, cursor->element_value - first_value);
    writer->raw_total_bytes += rows;
    return rows;
}

/* Readers take lengths as int32 and allocate a page whole; a GiB is where rivet stops. */
static bool
check_value_sizes(const ColumnWriter *writer, const ColumnCursor *cursor, size_t row_count,
                  Error *err)
{
    const Column *column = cursor->column;
    size_t values = levels_count_values(column, cursor->row, row_count);
    size_t first = writer->layout->is_list ? cursor->element_value : cursor->value;
    const Column *leaf = column;

    if (writer->layout->is_list) {
        leaf = column->element;
        values = leaf->value_count - first; /* also those of later rows: no harm */
    }
    if (leaf->offsets[first + values] - leaf->offsets[first] <= VALUE_BYTES_MAX)
        return true;
    for (size_t i = first; i < first + values; i++)
        if (leaf->offsets[i + 1] - leaf->offsets[i] > VALUE_BYTES_MAX)
            return error_set(err, ERR_VALUE,
                             "column %s has a value larger than 1 GiB in one of the rows %" PRIu64
                             " to %" PRIu64 ", which Parquet readers do not take",
                             writer->layout->column->name, cursor->first_row_number + cursor->row,
                             cursor->first_row_number + cursor->row + row_count - 1);
    return true;
}

bool
column_writer_append(ColumnWriter *writer, ColumnCursor *cursor, size_t row_count, Error *err)
{
    if (writer->layout->storage == STORAGE_BYTES &&
        !check_value_sizes(writer, cursor, row_count, err))
        return false;
    while (row_count > 0) {
        size_t taken = writer->layout->is_list ? append_lists(writer, cursor, row_count)
                                               : append_flat(writer, cursor, row_count);
        row_count -= taken;
        if (row_count > 0 && !column_writer_cut_page(writer, err))
            return false;
    }
    return true;
}

static bool
is_page_full(const ColumnWriter *writer)
{
    size_t next_step_bytes = STEP_ROWS * writer->layout->encoded_bytes;
    size_t used = writer->plain_size_bytes;

    if (writer->layout->is_list) {
        used += 2 * writer->levels.entry_count;
        next_step_bytes = 0;
    }
    return writer->levels.row_count + STEP_ROWS > PAGE_ROWS_MAX ||
           used + next_step_bytes > writer->settings->page_bytes;
}

bool
column_writer_end_step(ColumnWriter *writer, Error *err)
{
    return !is_page_full(writer) || column_writer_cut_page(writer, err);
}

bool
column_writer_finish_chunk(ColumnWriter *writer, Error *err)
{
    return column_writer_cut_page(writer, err);
}

size_t
column_writer_stored_bytes(const ColumnWriter *writer)
{
    size_t total = 0;

    for (const Page *page = writer->pages; page != NULL; page = page->next)
        total += page->stored_bytes;
    return total;
}
