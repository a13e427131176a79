#include "format/parquet/delta_read.h"

#include "format/parquet/bits.h"

/* Twice what any writer uses for a whole block, times a thousand. */
enum { BLOCK_VALUES_MAX = 1 << 20 };

static bool
read_varint(DeltaReader *reader, uint64_t *value, Error *err)
{
    *value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (reader->at == reader->end)
            return error_set(err, ERR_FORMAT, "the delta stream ends too early");
        uint8_t byte = *reader->at++;
        *value |= (uint64_t)(byte & 0x7F) << shift;
        if ((byte & 0x80) == 0)
            return true;
    }
    return error_set(err, ERR_FORMAT, "a number of the delta stream is longer than 10 bytes");
}

static bool
read_zigzag(DeltaReader *reader, uint64_t *value, Error *err)
{
    uint64_t raw = 0;

    if (!read_varint(reader, &raw, err))
        return false;
    *value = (raw >> 1) ^ (0 - (raw & 1));
    return true;
}

bool
delta_reader_init(DeltaReader *reader, const uint8_t *bytes, size_t size_bytes, uint64_t max_values,
                  Error *err)
{
    uint64_t block_values = 0;

    *reader = (DeltaReader){.at = bytes, .end = bytes + size_bytes, .is_at_first = true};
    if (!read_varint(reader, &block_values, err) ||
        !read_varint(reader, &reader->miniblock_count, err) ||
        !read_varint(reader, &reader->value_left, err) || !read_zigzag(reader, &reader->last, err))
        return false;
    if (block_values == 0 || block_values > BLOCK_VALUES_MAX || reader->miniblock_count == 0 ||
        block_values % reader->miniblock_count != 0 ||
        block_values / reader->miniblock_count % 32 != 0)
        return error_set(err, ERR_FORMAT,
                         "a delta stream has blocks of %" PRIu64 " values in %" PRIu64
                         " miniblocks",
                         block_values, reader->miniblock_count);
    if (reader->value_left > max_values)
        return error_set(err, ERR_FORMAT,
                         "a delta stream claims %" PRIu64 " values, its page has %" PRIu64,
                         reader->value_left, max_values);
    reader->miniblock_values = block_values / reader->miniblock_count;
    reader->miniblock = reader->miniblock_count;
    return true;
}

static bool
start_block(DeltaReader *reader, Error *err)
{
    if (!read_zigzag(reader, &reader->min_delta, err))
        return false;
    if ((uint64_t)(reader->end - reader->at) < reader->miniblock_count)
        return error_set(err, ERR_FORMAT, "the delta stream ends in the widths of a block");
    reader->widths = reader->at;
    reader->at += reader->miniblock_count;
    reader->miniblock = 0;
    return true;
}

/* Unused miniblocks at the end of a stream have neither meaning nor body: they never get here. */
static bool
start_miniblock(DeltaReader *reader, Error *err)
{
    bool is_block_used_up = reader->widths == NULL || reader->miniblock == reader->miniblock_count;

    if (is_block_used_up && !start_block(reader, err))
        return false;
    unsigned width = reader->widths[reader->miniblock++];
    if (width > 64)
        return error_set(err, ERR_FORMAT, "a delta width of %u is more than 64", width);
    uint64_t size = reader->miniblock_values / 8 * width;
    uint64_t room = (uint64_t)(reader->end - reader->at);
    if (size > room) { /* some writers do not pad the last one */
        uint64_t used = reader->value_left < reader->miniblock_values ? reader->value_left
                                                                      : reader->miniblock_values;
        if ((used * width + 7) / 8 > room)
            return error_set(err, ERR_FORMAT, "the delta stream ends in a miniblock");
        size = room;
    }
    reader->width = width;
    reader->width_max = width > reader->width_max ? width : reader->width_max;
    reader->packed = reader->at;
    reader->packed_bytes = (size_t)size;
    reader->packed_bit = 0;
    reader->at += size;
    reader->miniblock_left = reader->miniblock_values;
    return true;
}

static void
read_miniblock(DeltaReader *reader, int64_t *to, size_t count)
{
    uint64_t last = reader->last;

    for (size_t i = 0; i < count; i++) {
        last += reader->min_delta +
                bits_get(reader->packed, reader->packed_bytes, reader->packed_bit, reader->width);
        reader->packed_bit += reader->width;
        to[i] = (int64_t)last;
    }
    reader->last = last;
}

bool
delta_read(DeltaReader *reader, int64_t *to, size_t count, Error *err)
{
    if (count > reader->value_left)
        return error_set(err, ERR_FORMAT, "the delta stream has fewer values than its page");
    if (count > 0 && reader->is_at_first) {
        *to++ = (int64_t)reader->last;
        reader->is_at_first = false;
        reader->value_left--;
        count--;
    }
    while (count > 0) {
        if (reader->miniblock_left == 0 && !start_miniblock(reader, err))
            return false;
        size_t take = reader->miniblock_left < count ? (size_t)reader->miniblock_left : count;
        read_miniblock(reader, to, take);
        reader->miniblock_left -= take;
        reader->value_left -= take;
        to += take;
        count -= take;
    }
    return true;
}

bool
delta_measure_lengths(const uint8_t *bytes, size_t size_bytes, uint64_t max_values,
                      DeltaLengths *out, Error *err)
{
    DeltaReader reader;
    int64_t lengths[256];

    if (!delta_reader_init(&reader, bytes, size_bytes, max_values, err))
        return false;
    *out = (DeltaLengths){.count = reader.value_left};
    while (reader.value_left > 0) {
        size_t take = reader.value_left < ARRAY_LENGTH(lengths) ? (size_t)reader.value_left
                                                                : ARRAY_LENGTH(lengths);
        if (!delta_read(&reader, lengths, take, err))
            return false;
        for (size_t i = 0; i < take; i++) {
            if (lengths[i] < 0 || lengths[i] > INT32_MAX)
                return error_set(err, ERR_FORMAT, "a value's length is out of range");
            out->sum += (uint64_t)lengths[i]; /* < 2^31 × 2^31 */
        }
    }
    out->end = reader.at;
    return true;
}
