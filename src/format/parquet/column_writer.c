#include "format/parquet/column_writer.h"

#include "format/parquet/column_page.h"
#include "util/memory.h"

enum {
    SAMPLE_VALUES = 16384, /* of a dictionary attempt that may end at once */
    SAMPLE_NEW_PERCENT = 95,
    LIST_ENTRY_BYTES = 2, /* what a level entry counts in a page's size */
};

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
start_chunk(ColumnWriter *writer)
{
    chunk_facts_reset(&writer->facts);
    writer->pages = NULL;
    writer->last_link = &writer->pages;
    writer->chunk_values = 0;
    writer->chunk_plain_bytes = 0;
    writer->raw_total_bytes = 0;
    writer->drained.chunk_raw = 0;
    writer->drained.chunk_stored = 0;
    writer->trial = TRIAL_OPEN;
    bloom_hashes_reset(&writer->bloom);
    dictionary_reset(&writer->dictionary);
    buffer_reset(&writer->ids);
    writer->dictionary_state =
        column_dictionary_is_wanted(writer) ? DICTIONARY_TRYING : DICTIONARY_OFF;
    column_page_start(writer);
}

void
column_writer_init(ColumnWriter *writer, const LeafLayout *layout, const WriterSettings *settings,
                   PageQueue *queue, PageStore *store)
{
    BoundsOrder order = layout->bounds;

    *writer = (ColumnWriter){
        .layout = layout,
        .settings = settings,
        .queue = queue,
        .store = store,
        .update_bounds = bounds_update_of(settings->has_statistics ? order : BOUNDS_NONE),
        .encode_plain = plain_encode_of(layout->storage),
    };
    levels_init(&writer->levels, layout);
    bounds_init(&writer->page_bounds, order);
    chunk_facts_init(&writer->facts, order);
    dictionary_init(&writer->dictionary, layout, settings);
    if (settings_has_bloom(settings, layout->column->name) && layout->storage != STORAGE_BOOL)
        writer->bloom.most = settings->bloom_hashes_max;
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
    free(writer->dictionary_page);
    writer->dictionary_page = NULL;
}

void
column_writer_reset(ColumnWriter *writer)
{
    free_pages(writer);
    writer->chunk_number++;
    start_chunk(writer);
}

void
column_writer_release(ColumnWriter *writer)
{
    BoundsOrder order = writer->layout->bounds;

    free_pages(writer);
    levels_release(&writer->levels);
    bounds_release(&writer->page_bounds, order);
    chunk_facts_release(&writer->facts, order);
    bloom_hashes_release(&writer->bloom);
    dictionary_release(&writer->dictionary);
    buffer_release(&writer->ids);
    buffer_release(&writer->seen);
    buffer_release(&writer->pending);
    buffer_release(&writer->pending_levels);
    if (writer->raw.data != NULL)
        page_buffer_release(&writer->raw);
}

/* At the end of the sample an attempt in which nearly every value was new is over. */
static bool
end_sample(ColumnWriter *writer, Error *err)
{
    if (writer->dictionary_state != DICTIONARY_TRYING || writer->chunk_values != SAMPLE_VALUES ||
        writer->dictionary.entry_count * 100 <= (size_t)SAMPLE_VALUES * SAMPLE_NEW_PERCENT)
        return true;
    return column_dictionary_refuse(writer, err);
}

/* *put is less than count when the dictionary is full or was given up. */
static bool
put_ids(ColumnWriter *writer, const Column *leaf, size_t first, size_t count, size_t *put,
        Error *err)
{
    size_t n = count;

    if (writer->dictionary_state == DICTIONARY_TRYING && writer->chunk_values < SAMPLE_VALUES)
        n = size_min(n, SAMPLE_VALUES - writer->chunk_values);
    void *ids = buffer_reserve(&writer->ids, n * sizeof(uint32_t));
    *put = dictionary_add(&writer->dictionary, leaf, first, n, ids);
    writer->ids.size += *put * sizeof(uint32_t);
    writer->value_count += *put;
    writer->chunk_values += *put;
    return *put < n || end_sample(writer, err);
}

static void
put_raw(ColumnWriter *writer, const Column *leaf, size_t first, size_t count)
{
    size_t size = plain_bytes(writer->layout, leaf, first, count);
    uint8_t *to = column_page_reserve(writer, size);

    writer->encode_plain(writer->layout, leaf, first, count, to);
    writer->raw_bytes += size;
    writer->value_count += count;
    writer->chunk_values += count;
}

/* Puts values into the open page, as ids or as they are. *put is less than count only when the
 * dictionary is full. */
static bool
put_values(ColumnWriter *writer, const Column *leaf, size_t first, size_t count, size_t *put,
           Error *err)
{
    size_t done = 0;

    *put = 0;
    while (*put < count && column_collects_ids(writer)) {
        if (!put_ids(writer, leaf, first + *put, count - *put, &done, err))
            return false;
        *put += done;
        if (done == 0)
            return true;
    }
    if (*put < count) {
        put_raw(writer, leaf, first + *put, count - *put);
        *put = count;
    }
    return true;
}

static void
drop_ids(ColumnWriter *writer, size_t count)
{
    writer->ids.size -= count * sizeof(uint32_t);
    writer->value_count -= count;
    writer->chunk_values -= count;
}

/* A value that the page has already cannot move its bounds, and text is slow to compare: so only
 * the first of equal ids is looked at. At most STEP_ROWS values of a flat column come at once, but
 * lists may bring more. */
static void
update_bounds_by_id(ColumnWriter *writer, const Column *leaf, size_t first, size_t count)
{
    const uint32_t *ids = (const void *)writer->ids.data;
    size_t seen_bytes = (writer->dictionary.entry_count + 7) / 8;
    uint16_t picks[STEP_ROWS];

    ids += writer->ids.size / sizeof(*ids) - count;
    if (writer->seen.size < seen_bytes) {
        size_t extra = seen_bytes - writer->seen.size;
        memset(buffer_reserve(&writer->seen, extra), 0, extra);
        writer->seen.size = seen_bytes;
    }
    while (count > 0) {
        size_t n = size_min(count, STEP_ROWS);
        size_t pick_count = 0;
        for (size_t i = 0; i < n; i++) {
            uint8_t *byte = &writer->seen.data[ids[i] / 8];
            uint8_t bit = (uint8_t)(1U << (ids[i] % 8));
            picks[pick_count] = (uint16_t)i;
            pick_count += (*byte & bit) == 0;
            *byte |= bit;
        }
        bounds_update_picked(&writer->page_bounds, leaf, first, picks, pick_count);
        ids += n;
        first += n;
        count -= n;
    }
}

static void
update_bounds(ColumnWriter *writer, const Column *leaf, size_t first, size_t count)
{
    if (writer->layout->storage == STORAGE_BYTES && writer->settings->has_statistics &&
        column_collects_ids(writer))
        update_bounds_by_id(writer, leaf, first, count);
    else
        writer->update_bounds(&writer->page_bounds, leaf, first, count);
}

/* Counts values that stay in the open page. */
static void
note_values(ColumnWriter *writer, const Column *leaf, size_t first, size_t count)
{
    if (count == 0)
        return;
    size_t size = plain_bytes(writer->layout, leaf, first, count);
    update_bounds(writer, leaf, first, count);
    if (!column_collects_ids(writer))
        bloom_add_values(&writer->bloom, writer->layout, leaf, first, count);
    writer->plain_bytes += size;
    writer->chunk_plain_bytes += size;
    writer->raw_total_bytes += size;
    if (writer->layout->storage == STORAGE_BYTES)
        writer->unencoded_bytes += size - count * PLAIN_LENGTH_BYTES;
}

static size_t
page_limit_bytes(const ColumnWriter *writer)
{
    return writer->dictionary_state == DICTIONARY_ON ? PAGE_PLAIN_MAX
                                                     : writer->settings->page_bytes;
}

/* Values of [first, first + count) that the open page still takes. */
static size_t
fitting_values(const ColumnWriter *writer, const Column *leaf, size_t first, size_t count)
{
    size_t limit = page_limit_bytes(writer);
    size_t room = limit > writer->plain_bytes ? limit - writer->plain_bytes : 0;
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
    /* A value larger than a page gets one of its own. */
    return low == 0 && writer->value_count == 0 ? 1 : low;
}

/* Takes as many of the rows as the open page does, perhaps none. */
static bool
append_flat(ColumnWriter *writer, ColumnCursor *cursor, size_t row_count, size_t *taken, Error *err)
{
    const Column *column = cursor->column;
    size_t values = levels_count_values(column, cursor->row, row_count);
    size_t fitting = values;
    size_t put = 0;

    *taken = row_count;
    if (writer->layout->storage == STORAGE_BYTES && values > 0)
        fitting = fitting_values(writer, column, cursor->value, values);
    if (!put_values(writer, column, cursor->value, fitting, &put, err))
        return false;
    if (put < values)
        *taken = levels_rows_before_value(column, cursor->row, row_count, put);
    note_values(writer, column, cursor->value, put);
    levels_append_rows(&writer->levels, column, cursor->row, *taken, put);
    cursor->row += *taken;
    cursor->value += put;
    return put == fitting || column_dictionary_end(writer, err);
}

/* The lists of some rows: whole rows, and the leaf's values in them. */
typedef struct ListSpan {
    size_t rows;
    size_t values;
} ListSpan;

typedef struct ListRow {
    bool is_null;
    size_t first; /* rows of the element column */
    size_t count;
    size_t values;
} ListRow;

static ListRow
list_row(const ColumnCursor *at)
{
    const Column *column = at->column;
    ListRow row = {.is_null = !column_is_valid(column, at->row)};

    if (!row.is_null) {
        row.first = column->offsets[at->value];
        row.count = column->offsets[at->value + 1] - row.first;
        row.values = levels_count_values(column->element, row.first, row.count);
    }
    return row;
}

static void
list_advance(ColumnCursor *at, const ListRow *row)
{
    at->row++;
    at->value += !row->is_null;
    at->element_value += row->values;
}

/* Rows whose lists the open page still takes, at least one when it is empty, and whose values are
 * no more than most_values. */
static ListSpan
fitting_lists(const ColumnWriter *writer, ColumnCursor at, size_t row_count, size_t most_values)
{
    size_t used = writer->plain_bytes + LIST_ENTRY_BYTES * writer->levels.entry_count;
    ListSpan span = {0};

    for (; span.rows < row_count; span.rows++) {
        ListRow row = list_row(&at);
        if (row.values > 0)
            used += plain_bytes(writer->layout, at.column->element, at.element_value, row.values);
        used += LIST_ENTRY_BYTES * size_max(row.count, 1);
        bool is_first = span.rows == 0 && writer->levels.row_count == 0;
        if ((used > page_limit_bytes(writer) && !is_first) ||
            span.values + row.values > most_values)
            break;
        span.values += row.values;
        list_advance(&at, &row);
    }
    return span;
}

static bool
append_lists(ColumnWriter *writer, ColumnCursor *cursor, size_t row_count, size_t *taken,
             Error *err)
{
    const Column *element = cursor->column->element;
    size_t first_value = cursor->element_value;
    ListSpan span = fitting_lists(writer, *cursor, row_count, SIZE_MAX);
    size_t fitting = span.values;
    size_t put = 0;

    if (!put_values(writer, element, first_value, fitting, &put, err))
        return false;
    if (put < fitting) {
        span = fitting_lists(writer, *cursor, span.rows, put);
        drop_ids(writer, put - span.values);
    }
    note_values(writer, element, first_value, span.values);
    writer->raw_total_bytes += span.rows;
    for (size_t i = 0; i < span.rows; i++) {
        ListRow row = list_row(cursor);
        levels_append_list(&writer->levels, element, row.is_null, row.first, row.count);
        list_advance(cursor, &row);
    }
    *taken = span.rows;
    return put == fitting || column_dictionary_end(writer, err);
}

/* Readers take lengths as int32 and allocate a page whole; a GiB is where rivet stops. */
static bool
check_value_sizes(const ColumnWriter *writer, const ColumnCursor *cursor, size_t row_count,
                  Error *err)
{
    const Column *leaf = writer->layout->is_list ? cursor->column->element : cursor->column;
    size_t first = writer->layout->is_list ? cursor->element_value : cursor->value;
    size_t values = leaf->value_count - first; /* those of later rows too: no harm */
    uint64_t first_row = cursor->first_row_number + cursor->row;

    if (leaf->offsets[first + values] - leaf->offsets[first] <= VALUE_BYTES_MAX)
        return true;
    if (!writer->layout->is_list)
        values = levels_count_values(leaf, cursor->row, row_count);
    for (size_t i = first; i < first + values; i++)
        if (leaf->offsets[i + 1] - leaf->offsets[i] > VALUE_BYTES_MAX)
            return error_set(err, ERR_VALUE,
                             "column %s: a value in rows %" PRIu64 " to %" PRIu64
                             " is larger than 1 GiB, which Parquet readers do not take",
                             writer->layout->column->name, first_row, first_row + row_count - 1);
    return true;
}

bool
column_writer_append(ColumnWriter *writer, ColumnCursor *cursor, size_t row_count, Error *err)
{
    if (writer->layout->storage == STORAGE_BYTES &&
        !check_value_sizes(writer, cursor, row_count, err))
        return false;
    while (row_count > 0) {
        size_t taken = 0;
        bool ok = writer->layout->is_list ? append_lists(writer, cursor, row_count, &taken, err)
                                          : append_flat(writer, cursor, row_count, &taken, err);
        if (!ok)
            return false;
        row_count -= taken;
        if (row_count > 0 && !column_page_cut(writer, err))
            return false;
    }
    return true;
}

static bool
is_page_full(const ColumnWriter *writer)
{
    size_t next_step_bytes = STEP_ROWS * writer->layout->encoded_bytes;
    size_t used = writer->plain_bytes;

    if (writer->layout->is_list) {
        used += LIST_ENTRY_BYTES * writer->levels.entry_count;
        next_step_bytes = 0;
    }
    return writer->levels.row_count + STEP_ROWS > PAGE_ROWS_MAX ||
           used + next_step_bytes > page_limit_bytes(writer);
}

bool
column_writer_end_step(ColumnWriter *writer, Error *err)
{
    if (writer->dictionary_state == DICTIONARY_TRYING &&
        writer->chunk_plain_bytes >= writer->settings->dictionary_decide_bytes &&
        !column_dictionary_judge(writer, err))
        return false;
    return !is_page_full(writer) || column_page_cut(writer, err);
}

bool
column_writer_flush(ColumnWriter *writer, Error *err)
{
    return column_page_cut(writer, err) &&
           (writer->dictionary_state != DICTIONARY_TRYING || column_dictionary_judge(writer, err));
}

bool
column_writer_finish_chunk(ColumnWriter *writer, Error *err)
{
    if (!column_writer_flush(writer, err))
        return false;
    if (writer->dictionary_state == DICTIONARY_OFF)
        return true;
    writer->dictionary_page = memory_alloc_zero(1, sizeof(*writer->dictionary_page));
    return column_dictionary_submit(writer, writer->dictionary_page, writer->store, err);
}

void
column_writer_note_drain(ColumnWriter *writer)
{
    DrainedBytes *drained = &writer->drained;
    DrainedBytes before = *drained;

    drained->chunk_raw = 0;
    drained->chunk_stored = 0;
    for (const Page *page = writer->pages; page != NULL; page = page->next) {
        if (page->stored == NULL)
            continue; /* waits for the judgement of its dictionary */
        drained->chunk_raw += page->plain_bytes;
        drained->chunk_stored += page->stored_bytes;
    }
    drained->file_raw += drained->chunk_raw - before.chunk_raw;
    drained->file_stored += drained->chunk_stored - before.chunk_stored;
}

uint64_t
column_writer_estimate_bytes(const ColumnWriter *writer)
{
    const DrainedBytes *drained = &writer->drained;
    uint64_t open = writer->raw_total_bytes - drained->chunk_raw;

    if (drained->file_raw > 0)
        open = (uint64_t)((UInt128)open * drained->file_stored / drained->file_raw);
    return drained->chunk_stored + open + writer->dictionary.page_bytes;
}

void
column_writer_build_bloom(const ColumnWriter *writer, Buffer *out)
{
    bool has_dictionary = writer->dictionary_state != DICTIONARY_OFF;

    bloom_build(&writer->bloom, has_dictionary ? &writer->dictionary : NULL, out);
}
