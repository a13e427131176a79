#include "format/parquet/column_read.h"

#include "format/parquet/bits.h"
#include "util/memory.h"

/* Levels */

static void
level_reader_set(LevelReader *reader, uint8_t max)
{
    *reader = (LevelReader){.max = max, .width = bits_needed(max)};
}

/* Takes the levels of a V1 page off the front of *at. */
static bool
open_levels_v1(LevelReader *reader, int32_t encoding, int32_t level_count, const uint8_t **at,
               const uint8_t *end, Error *err)
{
    size_t room = (size_t)(end - *at);
    uint64_t size = 0;

    if (reader->width == 0)
        return true;
    if (encoding == ENCODING_BIT_PACKED) {
        reader->is_bit_packed = true;
        size = ((uint64_t)level_count * reader->width + 7) / 8;
    } else if (encoding != ENCODING_RLE) {
        return error_set(err, ERR_FORMAT, "levels in encoding %" PRId32, encoding);
    } else if (room < 4) {
        return error_set(err, ERR_FORMAT, "the page ends before its levels");
    } else {
        size = bits_load_u32(*at);
        *at += 4;
        room -= 4;
    }
    if (size > room)
        return error_set(err, ERR_FORMAT, "levels of %" PRIu64 " bytes in the last %zu of a page",
                         size, room);
    reader->bytes = *at;
    reader->size_bytes = (size_t)size;
    *at += size;
    return hybrid_reader_init(&reader->hybrid, reader->bytes, reader->size_bytes, reader->width,
                              err);
}

static bool
open_levels_v2(LevelReader *reader, int32_t size_bytes, const uint8_t **at, Error *err)
{
    reader->bytes = *at;
    reader->size_bytes = (size_t)size_bytes;
    *at += size_bytes;
    return hybrid_reader_init(&reader->hybrid, reader->bytes, reader->size_bytes, reader->width,
                              err);
}

static bool
read_levels(LevelReader *reader, uint8_t *to, size_t count, Error *err)
{
    uint32_t wide[VALUE_BATCH_MAX];
    uint32_t largest = 0;

    if (reader->is_bit_packed) {
        if (!bit_packed_levels_read(reader->bytes, reader->size_bytes, reader->width,
                                    reader->position, wide, count, err))
            return false;
    } else if (!hybrid_read(&reader->hybrid, wide, count, err)) {
        return false;
    }
    reader->position += count;
    for (size_t i = 0; i < count; i++) {
        largest = wide[i] > largest ? wide[i] : largest;
        to[i] = (uint8_t)wide[i];
    }
    return largest <= reader->max ||
           error_set(err, ERR_FORMAT, "level %u in a column whose levels end at %u", largest,
                     (unsigned)reader->max);
}

static bool
are_levels_at_end(const LevelReader *reader)
{
    return reader->width == 0 || reader->is_bit_packed ||
           (hybrid_is_at_end(&reader->hybrid) && !reader->hybrid.has_short_run);
}

/* Pages */

static void
note_encoding(ColumnReader *reader, int32_t encoding)
{
    if (encoding >= 0 && encoding < 32)
        reader->encodings |= UINT32_C(1) << encoding;
}

/* The encoding of a page's values or dictionary. */
static void
note_page(ColumnReader *reader, int32_t *pages_by_encoding)
{
    int32_t encoding = reader->pages.header.encoding;

    note_encoding(reader, encoding);
    if (encoding >= 0 && encoding < ENCODING_COUNT)
        pages_by_encoding[encoding]++;
}

static bool
load_dictionary(ColumnReader *reader, Error *err)
{
    const PageHeader *header = &reader->pages.header;
    size_t size = (size_t)header->uncompressed_size;
    uint8_t *body = NULL;
    ValueType type = {reader->leaf->type, reader->leaf->fixed_bytes};

    if (reader->has_dictionary)
        return error_set(err, ERR_FORMAT, "a second dictionary page");
    if (reader->page_count > 0)
        return error_set(err, ERR_FORMAT, "a dictionary page behind data pages");
    if (header->encoding != ENCODING_PLAIN && header->encoding != ENCODING_PLAIN_DICTIONARY)
        return error_set(err, ERR_UNSUPPORTED, "a dictionary page in encoding %" PRId32,
                         header->encoding);
    note_page(reader, reader->dictionary_pages);
    if (!page_reader_load(&reader->pages, err) ||
        !page_reader_take_body(&reader->pages, &body, err) ||
        !dictionary_values_init(&reader->dictionary, type, body, size, (size_t)header->value_count,
                                err))
        return false;
    reader->has_dictionary = true;
    return true;
}

static bool
open_values(ColumnReader *reader, const uint8_t *at, const uint8_t *end, Error *err)
{
    const PageHeader *header = &reader->pages.header;
    ValueType type = {reader->leaf->type, reader->leaf->fixed_bytes};
    ValueBytes from = {
        .bytes = at,
        .size_bytes = (size_t)(end - at),
        .encoding = (Encoding)header->encoding,
        .max_values = (uint64_t)header->value_count,
        .dictionary = reader->has_dictionary ? &reader->dictionary : NULL,
        .batch_max_bytes = reader->pages.file->limits.page_max_bytes,
    };

    /* In a page of nulls alone some writers leave out even the head of an encoding. */
    if (from.size_bytes == 0 && !reader->is_strict)
        from.encoding = ENCODING_PLAIN;
    return value_decoder_open(&reader->values, type, &from, err);
}

static bool
open_data_page(ColumnReader *reader, Error *err)
{
    const PageHeader *header = &reader->pages.header;
    bool is_v2 = header->type == PAGE_DATA_V2;

    if ((uint64_t)header->value_count > reader->level_left)
        return error_set(err, ERR_FORMAT,
                         "a page of %" PRId32 " values where the column chunk has %" PRIu64 " left",
                         header->value_count, reader->level_left);
    if (!page_reader_load(&reader->pages, err))
        return false;
    const uint8_t *at = reader->pages.body;
    const uint8_t *end = at + header->uncompressed_size;
    level_reader_set(&reader->repetition, reader->leaf->max_repetition);
    level_reader_set(&reader->definition, reader->leaf->max_definition);
    bool is_open = is_v2
                       ? open_levels_v2(&reader->repetition, header->repetition_bytes, &at, err) &&
                             open_levels_v2(&reader->definition, header->definition_bytes, &at, err)
                       : open_levels_v1(&reader->repetition, header->repetition_encoding,
                                        header->value_count, &at, end, err) &&
                             open_levels_v1(&reader->definition, header->definition_encoding,
                                            header->value_count, &at, end, err);
    if (!is_open || !open_values(reader, at, end, err))
        return false;
    note_page(reader, is_v2 ? reader->data_v2_pages : reader->data_pages);
    if (reader->leaf->max_definition > 0 || reader->leaf->max_repetition > 0)
        note_encoding(reader, is_v2 ? ENCODING_RLE : header->definition_encoding);
    reader->page_level_left = header->value_count;
    reader->page_null_count = 0;
    reader->page_row_count = 0;
    reader->page_count++;
    reader->is_in_page = true;
    return true;
}

/* Steps to the next data page that has levels left to read. */
static bool
next_data_page(ColumnReader *reader, Error *err)
{
    bool has_page = false;

    if (!page_reader_next(&reader->pages, &has_page, err))
        return false;
    if (!has_page)
        return error_set(err, ERR_FORMAT,
                         "the column chunk ends %" PRIu64 " values before its count",
                         reader->level_left);
    switch (reader->pages.header.type) {
    case PAGE_DICTIONARY:
        return load_dictionary(reader, err);
    case PAGE_DATA:
    case PAGE_DATA_V2:
        return open_data_page(reader, err);
    default: /* index pages, and kinds of page to come: readers pass over them */
        return true;
    }
}

static bool
check_page_end(const ColumnReader *reader, Error *err)
{
    const PageHeader *header = &reader->pages.header;
    bool is_v2 = header->type == PAGE_DATA_V2;

    if (!are_levels_at_end(&reader->definition) || !are_levels_at_end(&reader->repetition))
        return error_set(err, ERR_FORMAT, "levels are left over, or not padded, at a page's end");
    if (!value_decoder_is_at_end(&reader->values))
        return error_set(err, ERR_FORMAT, "bytes are left over at a page's end");
    if (reader->values.hybrid.has_short_run)
        return error_set(err, ERR_FORMAT, "a page's last packed run is not padded");
    if (value_decoder_has_wide_deltas(&reader->values))
        return error_set(err, ERR_FORMAT, "deltas of 32-bit integers with more than 32 bits");
    if (is_v2 && ((uint64_t)header->null_count != reader->page_null_count ||
                  (uint64_t)header->row_count != reader->page_row_count))
        return error_set(
            err, ERR_FORMAT,
            "a page says %" PRId32 " nulls in %" PRId32 " rows, its levels %" PRIu64 " in %" PRIu64,
            header->null_count, header->row_count, reader->page_null_count, reader->page_row_count);
    return true;
}

static bool
finish_page(ColumnReader *reader, Error *err)
{
    if (reader->is_strict && !check_page_end(reader, err))
        return false;
    reader->is_in_page = false;
    return true;
}

static bool
check_chunk_end(ColumnReader *reader, Error *err)
{
    bool has_page = false;

    if (!reader->is_strict)
        return true;
    if (!page_reader_next(&reader->pages, &has_page, err))
        return false;
    return !has_page || error_set(err, ERR_FORMAT, "a page behind the last value");
}

/* Batches */

static bool
read_batch_levels(ColumnReader *reader, ColumnBatch *out, Error *err)
{
    size_t count = out->level_count;

    out->value_count = count;
    out->row_count = count;
    if (reader->repetition.width > 0) {
        if (!read_levels(&reader->repetition, reader->repetition_levels, count, err))
            return false;
        out->repetitions = reader->repetition_levels;
        out->row_count = 0;
        for (size_t i = 0; i < count; i++)
            out->row_count += reader->repetition_levels[i] == 0;
    }
    if (reader->definition.width > 0) {
        if (!read_levels(&reader->definition, reader->definition_levels, count, err))
            return false;
        out->definitions = reader->definition_levels;
        out->value_count = 0;
        for (size_t i = 0; i < count; i++)
            out->value_count += reader->definition_levels[i] == reader->definition.max;
    }
    return true;
}

static bool
read_batch(ColumnReader *reader, ColumnBatch *out, Error *err)
{
    bool is_first = reader->level_left == (uint64_t)reader->pages.meta->value_count;

    *out = (ColumnBatch){.level_count = size_min(VALUE_BATCH_MAX, (size_t)reader->page_level_left),
                         .values = reader->slots};
    if (!read_batch_levels(reader, out, err))
        return false;
    if (is_first && out->repetitions != NULL && out->repetitions[0] != 0)
        return error_set(err, ERR_FORMAT, "the column chunk starts inside a row");
    if (!value_decode(&reader->values, reader->slots, out->value_count, err))
        return false;
    reader->page_null_count += out->level_count - out->value_count;
    reader->page_row_count += out->row_count;
    reader->page_level_left -= (int32_t)out->level_count;
    reader->level_left -= out->level_count;
    out->is_page_end = reader->page_level_left == 0;
    return !out->is_page_end || finish_page(reader, err);
}

static bool
next_batch(ColumnReader *reader, ColumnBatch *out, bool *has_batch, Error *err)
{
    *has_batch = false;
    while (reader->level_left > 0 && reader->page_level_left == 0) {
        if (!next_data_page(reader, err))
            return false;
        if (reader->is_in_page && reader->page_level_left == 0 && !finish_page(reader, err))
            return false;
    }
    if (reader->level_left == 0)
        return check_chunk_end(reader, err);
    *has_batch = true;
    return read_batch(reader, out, err);
}

static bool
add_place(const ParquetFile *file, size_t row_group, size_t leaf, Error *err)
{
    char path[128];

    leaf_path(file, leaf, path, sizeof(path));
    return error_add_context(err, "row_group=%zu column=%s", row_group, path);
}

bool
column_reader_next(ColumnReader *reader, ColumnBatch *out, bool *has_batch, Error *err)
{
    if (next_batch(reader, out, has_batch, err))
        return true;
    error_add_context(err, "page=%zu offset=%" PRIu64,
                      reader->page_count - (reader->is_in_page ? 1 : 0), reader->pages.offset);
    return add_place(reader->pages.file, reader->row_group, reader->leaf_index, err);
}

bool
column_reader_open(const ParquetFile *file, size_t row_group, size_t leaf, bool is_strict,
                   ColumnReader **out, Error *err)
{
    ColumnReader *reader = memory_alloc_zero(1, sizeof(*reader));

    *out = NULL;
    reader->row_group = row_group;
    reader->leaf_index = leaf;
    reader->leaf = &file->leaves[leaf];
    reader->is_strict = is_strict;
    if (!page_reader_open(&reader->pages, file, row_group, leaf, is_strict, err)) {
        column_reader_free(reader);
        return add_place(file, row_group, leaf, err);
    }
    reader->level_left = (uint64_t)reader->pages.meta->value_count;
    *out = reader;
    return true;
}

void
column_reader_free(ColumnReader *reader)
{
    if (reader == NULL)
        return;
    page_reader_release(&reader->pages);
    dictionary_values_release(&reader->dictionary);
    value_decoder_release(&reader->values);
    free(reader);
}
