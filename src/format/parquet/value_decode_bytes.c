#include "format/parquet/bits.h"
#include "format/parquet/value_decoding.h"

/* PLAIN: each value behind its length. */

static bool
read_plain_bytes(ValueDecoder *decoder, void *to, size_t count, Error *err)
{
    BytesView *views = to;

    for (size_t i = 0; i < count; i++) {
        size_t room = (size_t)(decoder->end - decoder->at);
        if (room < 4)
            return error_set(err, ERR_FORMAT, "the values end before the last one");
        uint32_t size = bits_load_u32(decoder->at);
        if (size > room - 4)
            return error_set(err, ERR_FORMAT, "a value of %u bytes ends outside its page", size);
        views[i] = (BytesView){.data = decoder->at + 4, .size = size};
        decoder->at += 4 + (size_t)size;
    }
    return true;
}

const ValueDecoding VALUE_PLAIN_BYTES = {value_open_nothing, read_plain_bytes,
                                         value_is_at_last_byte};

/* The stream of lengths at decoder->at goes to *lengths; at moves behind it. */
static bool
open_lengths(ValueDecoder *decoder, DeltaReader *lengths, DeltaLengths *about, Error *err)
{
    size_t size = (size_t)(decoder->end - decoder->at);

    if (!delta_measure_lengths(decoder->at, size, decoder->from.max_values, about, err) ||
        !delta_reader_init(lengths, decoder->at, size, decoder->from.max_values, err))
        return false;
    decoder->at = about->end;
    return true;
}

/* The bytes behind the lengths are there: no read below can leave them. */
static bool
check_room(const ValueDecoder *decoder, const DeltaLengths *about, Error *err)
{
    size_t room = (size_t)(decoder->end - decoder->at);

    if (about->sum > room)
        return error_set(err, ERR_FORMAT,
                         "values of %" PRIu64 " bytes in the last %zu bytes of their page",
                         about->sum, room);
    return true;
}

/* DELTA_LENGTH_BYTE_ARRAY: all lengths, then all bytes. */

static bool
open_delta_length(ValueDecoder *decoder, Error *err)
{
    DeltaLengths about;

    return open_lengths(decoder, &decoder->delta, &about, err) && check_room(decoder, &about, err);
}

static bool
read_delta_length(ValueDecoder *decoder, void *to, size_t count, Error *err)
{
    BytesView *views = to;
    int64_t lengths[VALUE_BATCH_MAX];

    if (!delta_read(&decoder->delta, lengths, count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        views[i] = (BytesView){.data = decoder->at, .size = (size_t)lengths[i]};
        decoder->at += lengths[i];
    }
    return true;
}

static bool
is_delta_length_at_end(const ValueDecoder *decoder)
{
    return decoder->delta.value_left == 0 && decoder->at == decoder->end;
}

const ValueDecoding VALUE_DELTA_LENGTH = {open_delta_length, read_delta_length,
                                          is_delta_length_at_end};

/* DELTA_BYTE_ARRAY: lengths of what is shared with the value before, then the rest of each value
 * as DELTA_LENGTH_BYTE_ARRAY. */

static bool
open_delta_bytes(ValueDecoder *decoder, Error *err)
{
    DeltaLengths prefixes;
    DeltaLengths suffixes;

    buffer_reset(&decoder->last);
    if (!open_lengths(decoder, &decoder->prefixes, &prefixes, err) ||
        !open_lengths(decoder, &decoder->delta, &suffixes, err))
        return false;
    if (prefixes.count != suffixes.count)
        return error_set(err, ERR_FORMAT, "%" PRIu64 " prefixes for %" PRIu64 " suffixes",
                         prefixes.count, suffixes.count);
    return check_room(decoder, &suffixes, err);
}

/* Checks the lengths of a batch and makes room for its values. */
static bool
plan_delta_bytes(ValueDecoder *decoder, const int64_t *prefixes, const int64_t *suffixes,
                 size_t count, Error *err)
{
    uint64_t before = decoder->last.size;
    uint64_t total = 0;

    for (size_t i = 0; i < count; i++) {
        if ((uint64_t)prefixes[i] > before)
            return error_set(err, ERR_FORMAT, "a value shares more than its predecessor has");
        before = (uint64_t)prefixes[i] + (uint64_t)suffixes[i];
        if (decoder->type.type == PHYSICAL_FIXED && before != decoder->width_bytes)
            return error_set(err, ERR_FORMAT, "a value of %" PRIu64 " bytes in a column of %zu",
                             before, decoder->width_bytes);
        total += before; /* < 1024 × 2^32 */
    }
    if (total > decoder->from.batch_max_bytes)
        return error_set(err, ERR_BUDGET, "%zu values take %" PRIu64 " bytes, more than %zu", count,
                         total, decoder->from.batch_max_bytes);
    buffer_reset(&decoder->scratch);
    buffer_reserve(&decoder->scratch, (size_t)total + 1); /* never NULL */
    return true;
}

static bool
read_delta_bytes(ValueDecoder *decoder, void *to, size_t count, Error *err)
{
    BytesView *views = to;
    BytesView before = {.data = decoder->last.data, .size = decoder->last.size};
    int64_t prefixes[VALUE_BATCH_MAX];
    int64_t suffixes[VALUE_BATCH_MAX];

    if (!delta_read(&decoder->prefixes, prefixes, count, err) ||
        !delta_read(&decoder->delta, suffixes, count, err) ||
        !plan_delta_bytes(decoder, prefixes, suffixes, count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        size_t start = decoder->scratch.size;
        buffer_append(&decoder->scratch, before.data, (size_t)prefixes[i]);
        buffer_append(&decoder->scratch, decoder->at, (size_t)suffixes[i]);
        decoder->at += suffixes[i];
        views[i] = (BytesView){.data = decoder->scratch.data + start,
                               .size = decoder->scratch.size - start};
        before = views[i];
    }
    buffer_reset(&decoder->last);
    buffer_append(&decoder->last, before.data, before.size);
    return true;
}

const ValueDecoding VALUE_DELTA_BYTES = {open_delta_bytes, read_delta_bytes,
                                         is_delta_length_at_end};
