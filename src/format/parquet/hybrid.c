#include "format/parquet/hybrid.h"

#include "format/parquet/bitpack.h"

enum { GROUP = 8, WORD_BITS = 64, VARINT_BYTES = 5 };

static size_t
round_up(size_t value, size_t step)
{
    return (value + step - 1) / step * step;
}

/* A run is only chosen where it is no longer than what it replaces (shortest_run), so packing
 * everything is the worst case; to that the headers, and a whole block that the packer may write
 * behind the end of any packed run. */
size_t
hybrid_bound_bytes(size_t count, unsigned width)
{
    return (round_up(count, BITPACK_BLOCK) + BITPACK_BLOCK) / 8 * width + count / GROUP + 64;
}

static uint8_t *
put_varint(uint8_t *to, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        *to++ = (uint8_t)(value | 0x80);
    *to++ = (uint8_t)value;
    return to;
}

uint8_t *
hybrid_put_run(uint32_t value, size_t count, unsigned width, uint8_t *to)
{
    size_t value_bytes = (width + 7) / 8;

    to = put_varint(to, (uint64_t)count << 1);
    for (size_t i = 0; i < value_bytes; i++)
        *to++ = (uint8_t)(value >> (8 * i));
    return to;
}

static uint8_t *
put_packed_header(size_t group_count, uint8_t *to)
{
    return put_varint(to, (uint64_t)group_count << 1 | 1);
}

/* Bits [from, from + WORD_BITS) of the bitmap, cut to count: from is a multiple of WORD_BITS. */
static uint64_t
word_at(const uint64_t *bits, size_t from, size_t count)
{
    uint64_t word = bits[from / WORD_BITS];

    return count - from >= WORD_BITS ? word : word & ((UINT64_C(1) << (count - from)) - 1);
}

/* Rows from `from` on whose whole words are all `value`; a last, partial word counts when it is
 * uniform too. */
static size_t
uniform_length(const uint64_t *bits, size_t from, size_t count, bool value)
{
    uint64_t want = value ? UINT64_MAX : 0;
    size_t at = from;

    for (; at < count; at += WORD_BITS) {
        size_t left = size_min(count - at, WORD_BITS);
        uint64_t mask = left == WORD_BITS ? UINT64_MAX : (UINT64_C(1) << left) - 1;
        if ((bits[at / WORD_BITS] & mask) != (want & mask))
            break;
    }
    return size_min(at, count) - from;
}

static bool
is_run_start(const uint64_t *bits, size_t from, size_t count, size_t *length, bool *value)
{
    *value = bits[from / WORD_BITS] & 1;
    *length = uniform_length(bits, from, count, *value);
    return *length >= (size_t)2 * WORD_BITS || (*length > 0 && *length == count - from);
}

/* The bitmap has the very bit order of a packed run of width 1, so stretches between runs are
 * copied word by word. */
uint8_t *
hybrid_put_bitmap(const uint64_t *bits, size_t count, uint8_t *to)
{
    size_t at = 0;

    while (at < count) {
        size_t length = 0;
        bool value = false;
        size_t packed_end = at;
        while (packed_end < count && !is_run_start(bits, packed_end, count, &length, &value))
            packed_end = size_min(packed_end + WORD_BITS, count);
        if (packed_end > at) {
            size_t groups = round_up(packed_end - at, GROUP) / GROUP;
            to = put_packed_header(groups, to);
            for (; at < packed_end; at = size_min(at + WORD_BITS, packed_end)) {
                uint64_t word = word_at(bits, at, count);
                size_t bytes = size_min(groups, sizeof(word));
                memcpy(to, &word, bytes);
                to += bytes;
                groups -= bytes;
            }
        }
        if (at < count) {
            to = hybrid_put_run(value, length, 1, to);
            at += length;
        }
    }
    return to;
}

/* Shortest run worth leaving the packed form for: it costs its header and value and, when packing
 * goes on behind it, one more header. It starts at a group, where a packed run may end. */
static size_t
shortest_run(unsigned width)
{
    size_t cost_bytes = (width + 7) / 8 + 4;

    return round_up(size_max(GROUP, cost_bytes * 8 / width), GROUP);
}

static size_t
run_length(const uint32_t *values, size_t count)
{
    size_t length = 1;

    while (length < count && values[length] == values[0])
        length++;
    return length;
}

static bool
is_uniform_group(const uint32_t *values)
{
    uint32_t different = 0;

    for (size_t i = 1; i < GROUP; i++)
        different |= values[i] ^ values[0];
    return different == 0;
}

static uint8_t *
put_packed(const uint32_t *values, size_t count, unsigned width, uint8_t *to)
{
    size_t groups = round_up(count, GROUP) / GROUP;
    uint8_t *end = NULL;
    size_t at = 0;

    to = put_packed_header(groups, to);
    end = to + groups * width;
    for (; at + BITPACK_BLOCK <= count; at += BITPACK_BLOCK)
        to = bitpack_u32(values + at, width, to);
    if (at < count) {
        uint32_t tail[BITPACK_BLOCK] = {0};
        memcpy(tail, values + at, (count - at) * sizeof(*values));
        bitpack_u32(tail, width, to);
    }
    return end;
}

/* With more values to follow in another call, count is whole groups and every run ends at one:
 * only the last packed run of a stream may be padded. */
static uint8_t *
put_piece(const uint32_t *values, size_t count, unsigned width, bool has_more, uint8_t *to)
{
    size_t shortest = shortest_run(width);
    size_t packed_from = 0;
    size_t at = 0;

    assert(shortest >= GROUP);
    while (at < count) {
        size_t length = 0;
        if (count - at >= shortest && is_uniform_group(values + at))
            length = run_length(values + at, count - at);
        if (length < shortest) {
            at += GROUP;
            continue;
        }
        if (at > packed_from)
            to = put_packed(values + packed_from, at - packed_from, width, to);
        if (has_more)
            length -= length % GROUP;
        to = hybrid_put_run(values[at], length, width, to);
        at += length;
        packed_from = at;
    }
    if (count > packed_from)
        to = put_packed(values + packed_from, count - packed_from, width, to);
    return to;
}

uint8_t *
hybrid_put_u32(const uint32_t *values, size_t count, unsigned width, uint8_t *to)
{
    return put_piece(values, count, width, false, to);
}

uint8_t *
hybrid_put_levels(const uint8_t *levels, size_t count, unsigned width, uint8_t *to)
{
    enum { PIECE = 1024 };
    uint32_t wide[PIECE];
    size_t at = 0;

    /* Levels of one value throughout stay a single run, however many they are. */
    while (at < count && levels[at] == levels[0])
        at++;
    if (at == count && count > 0)
        return hybrid_put_run(levels[0], count, width, to);
    for (at = 0; at < count;) {
        size_t n = size_min(count - at, PIECE);
        for (size_t i = 0; i < n; i++)
            wide[i] = levels[at + i];
        at += n;
        to = put_piece(wide, n, width, at < count, to);
    }
    return to;
}
