#include "format/parquet/column_page.h"

#include "format/parquet/hybrid.h"
#include "format/parquet/page_body.h"
#include "util/memory.h"

enum {
    /* In front of the values there is room for the header and the levels of a flat page, so that
     * they become one piece without moving the values. */
    LEVELS_HEADROOM_BYTES = 5376,
    RAW_HEADROOM_BYTES = LEVELS_HEADROOM_BYTES + PAGE_IN_PLACE_HEADROOM,
    STORED_RAW_MIN_BYTES = 256 << 10,
    TRIAL_BYTES = 64 << 10,
    RETRY_CHUNKS = 8,
};

/* A page of ids that waits for the judgement. Its ids and levels lie one behind the other with
 * those of the other pending pages. */
typedef struct PendingPage {
    Page *page;
    size_t id_count;
    size_t levels_bytes;
    size_t entry_count; /* of the dictionary when the page was cut */
} PendingPage;

void
column_page_start(ColumnWriter *writer)
{
    levels_reset(&writer->levels);
    bounds_reset(&writer->page_bounds);
    buffer_reset(&writer->seen);
    writer->raw_bytes = 0;
    writer->value_count = 0;
    writer->plain_bytes = 0;
    writer->unencoded_bytes = 0;
}

/* A page that stays within its limit is allocated once. */
static size_t
usual_raw_bytes(const ColumnWriter *writer)
{
    size_t width = writer->layout->encoded_bytes;
    size_t most = width == 0 ? SIZE_MAX : PAGE_ROWS_MAX * width;

    return RAW_HEADROOM_BYTES + size_min(writer->settings->page_bytes, most) + PLAIN_SLACK_BYTES;
}

/* Without a codec a page may be filled where it will be stored, if it is going to fill its buffer:
 * as the one before did. */
static PageBuffer
take_raw(const ColumnWriter *writer, size_t size_bytes)
{
    return writer->has_full_pages ? page_queue_open_buffer(writer->queue, size_bytes, writer->store)
                                  : page_queue_take_buffer(writer->queue, size_bytes);
}

uint8_t *
column_page_reserve(ColumnWriter *writer, size_t extra_bytes)
{
    size_t used = RAW_HEADROOM_BYTES + writer->raw_bytes;
    size_t need = used + extra_bytes + PLAIN_SLACK_BYTES;

    if (writer->raw.data == NULL)
        writer->raw = take_raw(writer, size_max(need, usual_raw_bytes(writer)));
    if (writer->raw.capacity < need)
        page_queue_grow_buffer(writer->queue, &writer->raw, used, need + need / 2);
    return writer->raw.data + used;
}

/* Raw form of a page that is to become a body. */
typedef struct RawPage {
    Page *page;
    const uint8_t *levels;
    size_t levels_bytes;
    const uint8_t *values; /* PLAIN */
    size_t values_bytes;
    size_t value_count;
} RawPage;

static bool
submit(ColumnWriter *writer, Page *page, Encoding encoding, const PageJob *job, Error *err)
{
    page->header.encoding = (int32_t)encoding;
    writer->facts.encoding_pages[encoding]++;
    return page_queue_submit(writer->queue, job, err);
}

/* Deltas of random numbers are no smaller than the numbers, and codecs take ten times as long over
 * them: such a page stays PLAIN. */
static bool
submit_encoded(ColumnWriter *writer, const RawPage *raw, Encoding encoding, Error *err)
{
    const LeafLayout *layout = writer->layout;
    PageJob job = {.page = raw->page, .store = writer->store};

    job.raw = page_queue_take_buffer(writer->queue,
                                     raw->levels_bytes + page_body_bound_bytes(layout, encoding,
                                                                               raw->values_bytes,
                                                                               raw->value_count));
    if (raw->levels_bytes > 0)
        memcpy(job.raw.data, raw->levels, raw->levels_bytes);
    uint8_t *values = job.raw.data + raw->levels_bytes;
    uint8_t *end =
        page_body_put(layout, encoding, raw->values, raw->values_bytes, raw->value_count, values);
    if (encoding == ENCODING_DELTA_BINARY_PACKED && (size_t)(end - values) >= raw->values_bytes) {
        encoding = ENCODING_PLAIN;
        end = page_body_put(layout, encoding, raw->values, raw->values_bytes, raw->value_count,
                            values);
    }
    job.body = job.raw.data;
    job.body_bytes = (size_t)(end - job.raw.data);
    return submit(writer, raw->page, encoding, &job, err);
}

static bool
submit_ids(ColumnWriter *writer, const PendingPage *pending, const uint8_t *levels,
           const uint32_t *ids, Error *err)
{
    PageJob job = {.page = pending->page, .store = writer->store};

    job.raw = page_queue_take_buffer(
        writer->queue,
        pending->levels_bytes + page_body_ids_bound_bytes(pending->id_count, pending->entry_count));
    if (pending->levels_bytes > 0)
        memcpy(job.raw.data, levels, pending->levels_bytes);
    uint8_t *end = page_body_put_ids(ids, pending->id_count, pending->entry_count,
                                     job.raw.data + pending->levels_bytes);
    job.body = job.raw.data;
    job.body_bytes = (size_t)(end - job.raw.data);
    return submit(writer, pending->page, ENCODING_RLE_DICTIONARY, &job, err);
}

/* Splitting costs the codec nothing when it loses, so it must only win by one byte. */
static bool
try_stream_split(ColumnWriter *writer, const RawPage *raw, Trial *trial, Error *err)
{
    size_t width = writer->layout->encoded_bytes;
    size_t count = size_min(raw->value_count, TRIAL_BYTES / width);
    size_t bound = codec_bound_bytes(writer->settings->codec, count * width);
    Compressor *compressor = page_queue_compressor(writer->queue);
    uint8_t *split = memory_alloc(count * width);
    uint8_t *packed = memory_alloc(bound);
    size_t plain_size = 0;
    size_t split_size = 0;

    page_body_put(writer->layout, ENCODING_BYTE_STREAM_SPLIT, raw->values, count * width, count,
                  split);
    bool ok =
        compressor_run(compressor, raw->values, count * width, packed, bound, &plain_size, err) &&
        compressor_run(compressor, split, count * width, packed, bound, &split_size, err);
    *trial = split_size < plain_size ? TRIAL_WON : TRIAL_LOST;
    free(packed);
    free(split);
    return ok;
}

static Trial
try_rle_bools(ColumnWriter *writer, const RawPage *raw)
{
    size_t bound =
        page_body_bound_bytes(writer->layout, ENCODING_RLE, raw->values_bytes, raw->value_count);
    uint8_t *encoded = memory_alloc(bound);
    const uint8_t *end = page_body_put(writer->layout, ENCODING_RLE, raw->values, raw->values_bytes,
                                       raw->value_count, encoded);
    size_t size = (size_t)(end - encoded);

    free(encoded);
    return size < (raw->value_count + 7) / 8 ? TRIAL_WON : TRIAL_LOST;
}

static bool
choose_modern_encoding(ColumnWriter *writer, const RawPage *raw, Encoding *encoding, Error *err)
{
    switch (writer->layout->physical) {
    case PHYSICAL_INT32:
    case PHYSICAL_INT64:
        *encoding = ENCODING_DELTA_BINARY_PACKED;
        return true;
    case PHYSICAL_BYTE_ARRAY:
        *encoding = ENCODING_DELTA_LENGTH_BYTE_ARRAY;
        return true;
    case PHYSICAL_FLOAT:
    case PHYSICAL_DOUBLE:
        if (writer->trial == TRIAL_OPEN && !try_stream_split(writer, raw, &writer->trial, err))
            return false;
        if (writer->trial == TRIAL_WON)
            *encoding = ENCODING_BYTE_STREAM_SPLIT;
        return true;
    case PHYSICAL_BOOLEAN:
        if (writer->trial == TRIAL_OPEN)
            writer->trial = try_rle_bools(writer, raw);
        if (writer->trial == TRIAL_WON)
            *encoding = ENCODING_RLE;
        return true;
    default:
        return true;
    }
}

/* Pages without a value stay PLAIN: an empty stream of another encoding confuses readers. */
static bool
choose_encoding(ColumnWriter *writer, const RawPage *raw, Encoding *encoding, Error *err)
{
    *encoding = ENCODING_PLAIN;
    if (writer->settings->profile == ENCODING_COMPAT || raw->value_count == 0)
        return true;
    return choose_modern_encoding(writer, raw, encoding, err);
}

/* The open page's own buffer becomes the body: the levels go into the room in front. */
static bool
submit_in_place(ColumnWriter *writer, const RawPage *raw, Error *err)
{
    uint8_t *values = column_page_reserve(writer, 0) - writer->raw_bytes;
    uint8_t *body = values - raw->levels_bytes;
    PageJob job = {
        .page = raw->page,
        .store = writer->store,
        .raw = writer->raw,
        .body = body,
        .body_bytes = raw->levels_bytes + writer->raw_bytes,
    };

    memcpy(body, raw->levels, raw->levels_bytes);
    writer->has_full_pages = writer->settings->codec == CODEC_NONE &&
                             job.body_bytes >= STORED_RAW_MIN_BYTES &&
                             page_fills(&writer->raw, job.body_bytes);
    writer->raw = (PageBuffer){0};
    return submit(writer, raw->page, ENCODING_PLAIN, &job, err);
}

static bool
submit_values(ColumnWriter *writer, Page *page, const uint8_t *levels, size_t levels_bytes,
              Error *err)
{
    RawPage raw = {
        .page = page,
        .levels = levels,
        .levels_bytes = levels_bytes,
        .values = column_page_reserve(writer, 0) - writer->raw_bytes,
        .values_bytes = writer->raw_bytes,
        .value_count = writer->value_count,
    };
    Encoding encoding = ENCODING_PLAIN;

    if (!choose_encoding(writer, &raw, &encoding, err))
        return false;
    if (encoding == ENCODING_PLAIN && writer->layout->storage != STORAGE_BOOL &&
        levels_bytes <= LEVELS_HEADROOM_BYTES)
        return submit_in_place(writer, &raw, err);
    return submit_encoded(writer, &raw, encoding, err);
}

static Page *
add_page(ColumnWriter *writer)
{
    Page *page = memory_alloc_zero(1, sizeof(*page));

    page->header.type = PAGE_DATA;
    page->header.value_count = (int32_t)writer->levels.entry_count;
    page->plain_bytes = writer->plain_bytes;
    chunk_facts_add_page(&writer->facts, writer->layout, &writer->levels, &writer->page_bounds,
                         writer->unencoded_bytes, page);
    *writer->last_link = page;
    writer->last_link = &page->next;
    return page;
}

static void
set_aside(ColumnWriter *writer, const PendingPage *pending, const uint8_t *levels)
{
    buffer_append(&writer->pending, pending, sizeof(*pending));
    buffer_append(&writer->pending_levels, levels, pending->levels_bytes);
}

static bool
cut_ids(ColumnWriter *writer, Page *page, const uint8_t *levels, size_t levels_bytes, Error *err)
{
    PendingPage pending = {
        .page = page,
        .id_count = writer->value_count,
        .levels_bytes = levels_bytes,
        .entry_count = writer->dictionary.entry_count,
    };

    if (writer->dictionary_state == DICTIONARY_TRYING) {
        set_aside(writer, &pending, levels);
        return true;
    }
    bool ok = submit_ids(writer, &pending, levels, (const void *)writer->ids.data, err);
    buffer_reset(&writer->ids);
    return ok;
}

bool
column_page_cut(ColumnWriter *writer, Error *err)
{
    uint8_t room[LEVELS_HEADROOM_BYTES];
    uint8_t *levels = room;

    if (writer->levels.row_count == 0)
        return true;
    size_t bound = levels_bound_bytes(&writer->levels, writer->layout);
    if (bound > sizeof(room))
        levels = memory_alloc(bound);
    size_t levels_bytes = (size_t)(levels_encode(&writer->levels, writer->layout, levels) - levels);
    Page *page = add_page(writer);
    bool ok = column_collects_ids(writer) ? cut_ids(writer, page, levels, levels_bytes, err)
                                          : submit_values(writer, page, levels, levels_bytes, err);
    if (levels != room)
        free(levels);
    column_page_start(writer);
    return ok;
}

bool
column_dictionary_is_wanted(const ColumnWriter *writer)
{
    return writer->settings->has_dictionary && dictionary_is_for(writer->layout) &&
           (!writer->has_refused || writer->chunk_number - writer->refused_chunk >= RETRY_CHUNKS);
}

/* Drops the ids of pending pages; the open page's move to the front. */
static void
forget_pending(ColumnWriter *writer, size_t id_count)
{
    size_t bytes = id_count * sizeof(uint32_t);

    writer->ids.size -= bytes;
    if (writer->ids.size > 0)
        memmove(writer->ids.data, writer->ids.data + bytes, writer->ids.size);
    buffer_release(&writer->pending);
    buffer_release(&writer->pending_levels);
}

typedef bool (*SubmitPending)(ColumnWriter *writer, const PendingPage *pending,
                              const uint8_t *levels, const uint32_t *ids, Error *err);

/* Hands each pending page over with its share of the levels and ids. */
static bool
submit_pending(ColumnWriter *writer, SubmitPending submit_one, size_t *id_count, Error *err)
{
    const PendingPage *pending = (const void *)writer->pending.data;
    size_t count = writer->pending.size / sizeof(*pending);
    const uint32_t *ids = (const void *)writer->ids.data;
    size_t levels_at = 0;

    *id_count = 0;
    for (size_t i = 0; i < count; i++) {
        /* Required columns have no levels, columns of NULL no ids: then there is no memory. */
        const uint8_t *levels =
            pending[i].levels_bytes == 0 ? NULL : writer->pending_levels.data + levels_at;
        if (!submit_one(writer, &pending[i], levels,
                        pending[i].id_count == 0 ? NULL : ids + *id_count, err))
            return false;
        levels_at += pending[i].levels_bytes;
        *id_count += pending[i].id_count;
    }
    return true;
}

static bool
accept(ColumnWriter *writer, Error *err)
{
    size_t id_count = 0;

    writer->dictionary_state = DICTIONARY_ON;
    if (!submit_pending(writer, submit_ids, &id_count, err))
        return false;
    forget_pending(writer, id_count);
    return true;
}

static bool
submit_expanded(ColumnWriter *writer, const PendingPage *pending, const uint8_t *levels,
                const uint32_t *ids, Error *err)
{
    size_t size = dictionary_expanded_bytes(&writer->dictionary, ids, pending->id_count);
    uint8_t *values = memory_alloc(size + PLAIN_SLACK_BYTES);
    Encoding encoding = ENCODING_PLAIN;
    RawPage raw = {
        .page = pending->page,
        .levels = levels,
        .levels_bytes = pending->levels_bytes,
        .values = values,
        .values_bytes = size,
        .value_count = pending->id_count,
    };

    dictionary_expand(&writer->dictionary, ids, pending->id_count, values);
    bool ok = choose_encoding(writer, &raw, &encoding, err) &&
              submit_encoded(writer, &raw, encoding, err);
    free(values);
    return ok;
}

static void
expand_open_page(ColumnWriter *writer, const uint32_t *ids)
{
    size_t size = dictionary_expanded_bytes(&writer->dictionary, ids, writer->value_count);

    dictionary_expand(&writer->dictionary, ids, writer->value_count,
                      column_page_reserve(writer, size));
    writer->raw_bytes += size;
}

bool
column_dictionary_refuse(ColumnWriter *writer, Error *err)
{
    size_t id_count = 0;

    writer->dictionary_state = DICTIONARY_OFF;
    writer->has_refused = true;
    writer->refused_chunk = writer->chunk_number;
    if (!submit_pending(writer, submit_expanded, &id_count, err))
        return false;
    if (writer->value_count > 0)
        expand_open_page(writer, (const uint32_t *)(const void *)writer->ids.data + id_count);
    buffer_release(&writer->ids);
    buffer_release(&writer->pending);
    buffer_release(&writer->pending_levels);
    bloom_add_entries(&writer->bloom, &writer->dictionary);
    dictionary_release(&writer->dictionary);
    return true;
}

bool
column_dictionary_judge(ColumnWriter *writer, Error *err)
{
    size_t bits = page_body_id_bits(writer->dictionary.entry_count);
    size_t with = (writer->chunk_values * bits + 7) / 8 + writer->dictionary.page_bytes;

    assert(writer->dictionary_state == DICTIONARY_TRYING);
    if (with >= writer->chunk_plain_bytes)
        return column_dictionary_refuse(writer, err);
    writer->has_refused = false;
    return accept(writer, err);
}

bool
column_dictionary_end(ColumnWriter *writer, Error *err)
{
    if (!column_page_cut(writer, err))
        return false;
    if (writer->dictionary_state == DICTIONARY_TRYING && !column_dictionary_judge(writer, err))
        return false;
    if (writer->dictionary_state == DICTIONARY_ON) {
        writer->dictionary_state = DICTIONARY_FULL;
        buffer_release(&writer->ids);
    }
    return true;
}

bool
column_dictionary_submit(ColumnWriter *writer, Page *page, PageStore *store, Error *err)
{
    const Dictionary *dictionary = &writer->dictionary;
    PageJob job = {.page = page, .store = store};

    page->header.type = PAGE_DICTIONARY;
    page->header.value_count = (int32_t)dictionary->entry_count;
    job.raw.capacity = dictionary->page_bytes + PLAIN_SLACK_BYTES;
    job.raw.data = memory_alloc(job.raw.capacity);
    dictionary_write_page(dictionary, job.raw.data);
    job.body = job.raw.data;
    job.body_bytes = dictionary->page_bytes;
    return page_queue_submit(writer->queue, &job, err);
}
