#include "format/parquet/value_decode.h"

#include "format/parquet/bits.h"
#include "format/parquet/value_decoding.h"
#include "util/memory.h"

size_t
value_slot_bytes(PhysicalType type)
{
    static const size_t BYTES[] = {
        [PHYSICAL_BOOLEAN] = 1,
        [PHYSICAL_INT32] = sizeof(int32_t),
        [PHYSICAL_INT64] = sizeof(int64_t),
        [PHYSICAL_INT96] = sizeof(BytesView),
        [PHYSICAL_FLOAT] = sizeof(float),
        [PHYSICAL_DOUBLE] = sizeof(double),
        [PHYSICAL_BYTE_ARRAY] = sizeof(BytesView),
        [PHYSICAL_FIXED] = sizeof(BytesView),
    };

    return BYTES[type];
}

static size_t
width_of(ValueType type)
{
    switch (type.type) {
    case PHYSICAL_INT32:
    case PHYSICAL_FLOAT:
        return 4;
    case PHYSICAL_INT64:
    case PHYSICAL_DOUBLE:
        return 8;
    case PHYSICAL_INT96:
        return 12;
    case PHYSICAL_FIXED:
        return type.fixed_bytes;
    case PHYSICAL_BOOLEAN:
    case PHYSICAL_BYTE_ARRAY:
        break;
    }
    return 0;
}

static bool
is_viewed(PhysicalType type)
{
    return type == PHYSICAL_INT96 || type == PHYSICAL_FIXED || type == PHYSICAL_BYTE_ARRAY;
}

bool
value_open_nothing(ValueDecoder *decoder, Error *err)
{
    (void)decoder;
    (void)err;
    return true;
}

bool
value_is_at_last_byte(const ValueDecoder *decoder)
{
    return decoder->at == decoder->end;
}

static void
view_each(BytesView *to, const uint8_t *bytes, size_t width, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = (BytesView){.data = bytes + i * width, .size = width};
}

/* PLAIN, fixed width. */

static bool
read_plain_fixed(ValueDecoder *decoder, void *to, size_t count, Error *err)
{
    size_t width = decoder->width_bytes;

    if (count > (size_t)(decoder->end - decoder->at) / width)
        return error_set(err, ERR_FORMAT, "the values end before the last one");
    if (is_viewed(decoder->type.type))
        view_each(to, decoder->at, width, count);
    else if (count > 0)
        memcpy(to, decoder->at, count * width);
    decoder->at += count * width;
    return true;
}

static const ValueDecoding PLAIN_FIXED = {value_open_nothing, read_plain_fixed,
                                          value_is_at_last_byte};

/* PLAIN booleans: bits, LSB first. */

static bool
read_plain_bool(ValueDecoder *decoder, void *to, size_t count, Error *err)
{
    uint8_t *bools = to;
    uint64_t bit = decoder->position;

    if (bit + count > (uint64_t)decoder->from.size_bytes * 8)
        return error_set(err, ERR_FORMAT, "the values end before the last one");
    for (size_t i = 0; i < count; i++, bit++)
        bools[i] = decoder->at[bit / 8] >> (bit % 8) & 1;
    decoder->position = bit;
    return true;
}

static bool
is_plain_bool_at_end(const ValueDecoder *decoder)
{
    return (decoder->position + 7) / 8 == decoder->from.size_bytes;
}

static const ValueDecoding PLAIN_BOOL = {value_open_nothing, read_plain_bool, is_plain_bool_at_end};

/* RLE booleans: their size in bytes, then runs of width 1. */

static bool
open_rle_bool(ValueDecoder *decoder, Error *err)
{
    size_t room = (size_t)(decoder->end - decoder->at);

    /* A page without values may leave out even the size. */
    uint32_t size = room >= 4 ? bits_load_u32(decoder->at) : 0;
    if ((room > 0 && room < 4) || (room >= 4 && size > room - 4))
        return error_set(err, ERR_FORMAT, "the size of the booleans' runs is not in the page");
    decoder->at += room >= 4 ? 4 : 0;
    if (!hybrid_reader_init(&decoder->hybrid, decoder->at, size, 1, err))
        return false;
    decoder->at += size;
    return true;
}

static bool
read_rle_bool(ValueDecoder *decoder, void *to, size_t count, Error *err)
{
    uint8_t *bools = to;
    uint32_t levels[VALUE_BATCH_MAX];

    if (!hybrid_read(&decoder->hybrid, levels, count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        bools[i] = (uint8_t)levels[i];
    return true;
}

static bool
is_rle_bool_at_end(const ValueDecoder *decoder)
{
    return decoder->at == decoder->end && hybrid_is_at_end(&decoder->hybrid);
}

static const ValueDecoding RLE_BOOL = {open_rle_bool, read_rle_bool, is_rle_bool_at_end};

/* DictionaryValues ids: a byte with their width, then runs. */

static bool
open_dictionary(ValueDecoder *decoder, Error *err)
{
    if (decoder->from.dictionary == NULL)
        return error_set(err, ERR_FORMAT, "dictionary ids without a dictionary page");
    if (decoder->at == decoder->end)
        return error_set(err, ERR_FORMAT, "dictionary ids without their bit width");
    unsigned width = *decoder->at++;
    return hybrid_reader_init(&decoder->hybrid, decoder->at, (size_t)(decoder->end - decoder->at),
                              width, err);
}

static void
gather_u32(uint32_t *to, const uint32_t *entries, const uint32_t *ids, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = entries[ids[i]];
}

static void
gather_u64(uint64_t *to, const uint64_t *entries, const uint32_t *ids, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = entries[ids[i]];
}

static void
gather_views(BytesView *to, const BytesView *entries, const uint32_t *ids, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = entries[ids[i]];
}

static bool
read_dictionary(ValueDecoder *decoder, void *to, size_t count, Error *err)
{
    const DictionaryValues *dictionary = decoder->from.dictionary;
    uint32_t ids[VALUE_BATCH_MAX];
    uint32_t largest = 0;

    if (decoder->hybrid.width == 0 && decoder->hybrid.run_left == 0 &&
        decoder->hybrid.at == decoder->hybrid.end)
        memset(ids, 0, sizeof(ids)); /* width 0 needs no runs: every id is 0 */
    else if (!hybrid_read(&decoder->hybrid, ids, count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        largest = ids[i] > largest ? ids[i] : largest;
    if (count > 0 && largest >= dictionary->count)
        return error_set(err, ERR_FORMAT, "dictionary id %u of a dictionary of %zu values", largest,
                         dictionary->count);
    switch (value_slot_bytes(decoder->type.type)) {
    case sizeof(uint32_t):
        gather_u32(to, dictionary->values, ids, count);
        return true;
    case sizeof(uint64_t):
        gather_u64(to, dictionary->values, ids, count);
        return true;
    default:
        gather_views(to, dictionary->values, ids, count);
        return true;
    }
}

static bool
is_dictionary_at_end(const ValueDecoder *decoder)
{
    return hybrid_is_at_end(&decoder->hybrid);
}

static const ValueDecoding DICTIONARY_IDS = {open_dictionary, read_dictionary,
                                             is_dictionary_at_end};

/* DELTA_BINARY_PACKED. */

static bool
open_delta(ValueDecoder *decoder, Error *err)
{
    return delta_reader_init(&decoder->delta, decoder->at, (size_t)(decoder->end - decoder->at),
                             decoder->from.max_values, err);
}

static bool
read_delta(ValueDecoder *decoder, void *to, size_t count, Error *err)
{
    int64_t wide[VALUE_BATCH_MAX];
    int32_t *narrow = to;

    if (decoder->type.type == PHYSICAL_INT64)
        return delta_read(&decoder->delta, to, count, err);
    if (!delta_read(&decoder->delta, wide, count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        narrow[i] = (int32_t)(uint32_t)wide[i];
    return true;
}

static bool
is_delta_at_end(const ValueDecoder *decoder)
{
    return decoder->delta.value_left == 0 && decoder->delta.at == decoder->delta.end;
}

static const ValueDecoding DELTA = {open_delta, read_delta, is_delta_at_end};

/* BYTE_STREAM_SPLIT: stream k holds byte k of every value. */

static bool
open_split(ValueDecoder *decoder, Error *err)
{
    size_t size = (size_t)(decoder->end - decoder->at);

    if (size % decoder->width_bytes != 0)
        return error_set(err, ERR_FORMAT, "%zu bytes do not split into values of %zu", size,
                         decoder->width_bytes);
    decoder->split_count = size / decoder->width_bytes;
    decoder->position = 0;
    return true;
}

static bool
read_split(ValueDecoder *decoder, void *to, size_t count, Error *err)
{
    size_t width = decoder->width_bytes;
    uint8_t *bytes = to;

    if (count > decoder->split_count - decoder->position)
        return error_set(err, ERR_FORMAT, "the values end before the last one");
    if (is_viewed(decoder->type.type)) {
        buffer_reset(&decoder->scratch);
        bytes = buffer_reserve(&decoder->scratch, count * width);
        view_each(to, bytes, width, count);
    }
    for (size_t k = 0; k < width; k++) {
        const uint8_t *stream = decoder->at + k * decoder->split_count + decoder->position;
        for (size_t i = 0; i < count; i++)
            bytes[i * width + k] = stream[i];
    }
    decoder->position += count;
    return true;
}

static bool
is_split_at_end(const ValueDecoder *decoder)
{
    return decoder->position == decoder->split_count;
}

static const ValueDecoding SPLIT = {open_split, read_split, is_split_at_end};

/* Which decoding reads an encoding of a type; NULL when the format knows no such pair. */
static const ValueDecoding *
find_decoding(PhysicalType type, Encoding encoding)
{
    bool is_bool = type == PHYSICAL_BOOLEAN;
    bool is_bytes = type == PHYSICAL_BYTE_ARRAY;

    switch (encoding) {
    case ENCODING_PLAIN:
        return is_bool ? &PLAIN_BOOL : is_bytes ? &VALUE_PLAIN_BYTES : &PLAIN_FIXED;
    case ENCODING_PLAIN_DICTIONARY:
    case ENCODING_RLE_DICTIONARY:
        return is_bool ? NULL : &DICTIONARY_IDS;
    case ENCODING_RLE:
        return is_bool ? &RLE_BOOL : NULL;
    case ENCODING_DELTA_BINARY_PACKED:
        return type == PHYSICAL_INT32 || type == PHYSICAL_INT64 ? &DELTA : NULL;
    case ENCODING_DELTA_LENGTH_BYTE_ARRAY:
        return is_bytes ? &VALUE_DELTA_LENGTH : NULL;
    case ENCODING_DELTA_BYTE_ARRAY:
        return is_bytes || type == PHYSICAL_FIXED ? &VALUE_DELTA_BYTES : NULL;
    case ENCODING_BYTE_STREAM_SPLIT:
        return is_bool || is_bytes || type == PHYSICAL_INT96 ? NULL : &SPLIT;
    case ENCODING_BIT_PACKED:
    case ENCODING_ALP:
        break;
    }
    return NULL;
}

bool
value_decoder_open(ValueDecoder *decoder, ValueType type, const ValueBytes *from, Error *err)
{
    if (from->encoding == ENCODING_ALP || (int)from->encoding < 0 ||
        (int)from->encoding >= ENCODING_COUNT)
        return error_set(err, ERR_UNSUPPORTED, "values in encoding %d cannot be read",
                         (int)from->encoding);
    decoder->decoding = find_decoding(type.type, from->encoding);
    if (decoder->decoding == NULL)
        return error_set(err, ERR_FORMAT, "encoding %d does not go with physical type %d",
                         (int)from->encoding, (int)type.type);
    decoder->type = type;
    decoder->width_bytes = width_of(type);
    decoder->from = *from;
    decoder->at = from->bytes;
    decoder->end = from->bytes + from->size_bytes;
    decoder->position = 0;
    decoder->split_count = 0;
    decoder->hybrid = (HybridReader){0};
    decoder->delta = (DeltaReader){0};
    if (type.type == PHYSICAL_FIXED && type.fixed_bytes == 0)
        return error_set(err, ERR_FORMAT, "a fixed length of 0 bytes");
    return decoder->decoding->open(decoder, err);
}

bool
value_decode(ValueDecoder *decoder, void *to, size_t count, Error *err)
{
    assert(count <= VALUE_BATCH_MAX);
    return count == 0 || decoder->decoding->read(decoder, to, count, err);
}

bool
value_decoder_is_at_end(const ValueDecoder *decoder)
{
    return decoder->decoding->is_at_end(decoder);
}

bool
value_decoder_has_wide_deltas(const ValueDecoder *decoder)
{
    return decoder->type.type != PHYSICAL_INT64 && decoder->delta.width_max > 32;
}

void
value_decoder_release(ValueDecoder *decoder)
{
    buffer_release(&decoder->scratch);
    buffer_release(&decoder->last);
}

/* A dictionary entry takes at least this many bytes, which bounds what a count may claim. */
static size_t
min_plain_bytes(ValueType type)
{
    return type.type == PHYSICAL_BYTE_ARRAY ? 4 : width_of(type);
}

static bool
decode_dictionary(DictionaryValues *dictionary, size_t size_bytes, Error *err)
{
    ValueDecoder decoder = {0};
    ValueBytes from = {
        .bytes = dictionary->body,
        .size_bytes = size_bytes,
        .encoding = ENCODING_PLAIN,
        .max_values = dictionary->count,
    };
    size_t slot = value_slot_bytes(dictionary->type.type);
    size_t entry_bytes = min_plain_bytes(dictionary->type);

    if (!value_decoder_open(&decoder, dictionary->type, &from, err))
        return false;
    assert(entry_bytes > 0); /* value_decoder_open refuses fixed lengths of 0 */
    if (dictionary->count > size_bytes / entry_bytes)
        return error_set(err, ERR_FORMAT, "a dictionary page of %zu bytes claims %zu values",
                         size_bytes, dictionary->count);
    dictionary->values = memory_alloc(dictionary->count * slot + 1);
    for (size_t i = 0; i < dictionary->count; i += VALUE_BATCH_MAX) {
        size_t take = size_min(VALUE_BATCH_MAX, dictionary->count - i);
        if (!value_decode(&decoder, (uint8_t *)dictionary->values + i * slot, take, err))
            return false;
    }
    return true;
}

bool
dictionary_values_init(DictionaryValues *dictionary, ValueType type, uint8_t *body,
                       size_t size_bytes, size_t count, Error *err)
{
    *dictionary = (DictionaryValues){.type = type, .count = count, .body = body};
    if (type.type == PHYSICAL_BOOLEAN) {
        error_set(err, ERR_FORMAT, "a dictionary of booleans");
        goto failed;
    }
    if (!decode_dictionary(dictionary, size_bytes, err))
        goto failed;
    return true;

failed:
    dictionary_values_release(dictionary);
    return false;
}

void
dictionary_values_release(DictionaryValues *dictionary)
{
    free(dictionary->values);
    free(dictionary->body);
    *dictionary = (DictionaryValues){0};
}
