#include "format/parquet/hybrid_read.h"

#include "format/parquet/bits.h"

bool
hybrid_reader_init(HybridReader *reader, const uint8_t *bytes, size_t size_bytes, unsigned width,
                   Error *err)
{
    if (width > HYBRID_WIDTH_MAX)
        return error_set(err, ERR_FORMAT, "a bit width of %u is more than 32", width);
    *reader = (HybridReader){.at = bytes, .end = bytes + size_bytes, .width = width};
    return true;
}

static bool
read_run_header(HybridReader *reader, uint64_t *header, Error *err)
{
    *header = 0;
    for (unsigned shift = 0; shift < 35; shift += 7) {
        if (reader->at == reader->end)
            return error_set(err, ERR_FORMAT, "the runs end before the last value");
        uint8_t byte = *reader->at++;
        *header |= (uint64_t)(byte & 0x7F) << shift;
        if ((byte & 0x80) == 0)
            return true;
    }
    return error_set(err, ERR_FORMAT, "a run header is longer than 5 bytes");
}

static bool
start_packed_run(HybridReader *reader, uint64_t groups, Error *err)
{
    size_t room = (size_t)(reader->end - reader->at);
    uint64_t size = groups * reader->width; /* < 2^34 × 32 */

    reader->is_packed = true;
    reader->run_left = groups * 8;
    if (size > room) {
        reader->has_short_run = true;
        reader->run_left = (uint64_t)room * 8 / reader->width;
        size = room;
        if (reader->run_left == 0)
            return error_set(err, ERR_FORMAT, "a bit-packed run has no bytes");
    }
    reader->packed = reader->at;
    reader->packed_bytes = (size_t)size;
    reader->packed_bit = 0;
    reader->at += size;
    return true;
}

static bool
start_repeated_run(HybridReader *reader, uint64_t count, Error *err)
{
    size_t size = (reader->width + 7) / 8;

    if (size > (size_t)(reader->end - reader->at))
        return error_set(err, ERR_FORMAT, "a run ends before its value");
    reader->is_packed = false;
    reader->run_left = count;
    reader->run_value = (uint32_t)bits_load_tail(reader->at, size);
    reader->at += size;
    if (reader->run_value > bits_mask(reader->width))
        return error_set(err, ERR_FORMAT, "a run's value has more than %u bits", reader->width);
    return true;
}

static bool
next_run(HybridReader *reader, Error *err)
{
    uint64_t header = 0;

    if (!read_run_header(reader, &header, err))
        return false;
    return (header & 1) != 0 ? start_packed_run(reader, header >> 1, err)
                             : start_repeated_run(reader, header >> 1, err);
}

static void
read_packed(HybridReader *reader, uint32_t *to, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        to[i] = (uint32_t)bits_get(reader->packed, reader->packed_bytes, reader->packed_bit,
                                   reader->width);
        reader->packed_bit += reader->width;
    }
}

bool
hybrid_read(HybridReader *reader, uint32_t *to, size_t count, Error *err)
{
    while (count > 0) {
        while (reader->run_left == 0) {
            if (!next_run(reader, err))
                return false;
        }
        size_t take = reader->run_left < count ? (size_t)reader->run_left : count;
        if (reader->is_packed) {
            read_packed(reader, to, take);
        } else {
            for (size_t i = 0; i < take; i++)
                to[i] = reader->run_value;
        }
        reader->run_left -= take;
        to += take;
        count -= take;
    }
    return true;
}

bool
hybrid_is_at_end(const HybridReader *reader)
{
    return reader->at == reader->end &&
           (reader->run_left == 0 || (reader->is_packed && reader->run_left < 8));
}

bool
bit_packed_levels_read(const uint8_t *bytes, size_t size_bytes, unsigned width, uint64_t first,
                       uint32_t *to, size_t count, Error *err)
{
    uint64_t bit = first * width;

    if (bit + (uint64_t)count * width > (uint64_t)size_bytes * 8)
        return error_set(err, ERR_FORMAT, "the bit-packed levels end before the last value");
    for (size_t i = 0; i < count; i++) {
        to[i] = 0;
        for (unsigned b = 0; b < width; b++, bit++)
            to[i] = to[i] << 1 | (bytes[bit / 8] >> (7 - bit % 8) & 1);
    }
    return true;
}
