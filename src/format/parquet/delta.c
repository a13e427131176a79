#include "format/parquet/delta.h"

#include "format/parquet/bitpack.h"

enum { BLOCK = 128, MINIBLOCKS = BLOCK / BITPACK_BLOCK, VARINT_MAX_BYTES = 10 };

size_t
delta_bound_bytes(size_t count, size_t width_bytes)
{
    size_t blocks = count / BLOCK + 1;

    return (size_t)4 * VARINT_MAX_BYTES +
           blocks * (VARINT_MAX_BYTES + MINIBLOCKS + BLOCK * width_bytes);
}

static uint8_t *
put_varint(uint8_t *to, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        *to++ = (uint8_t)(value | 0x80);
    *to++ = (uint8_t)value;
    return to;
}

static uint8_t *
put_zigzag(uint8_t *to, int64_t value)
{
    return put_varint(to, ((uint64_t)value << 1) ^ (uint64_t)(value >> 63));
}

static uint8_t *
put_header(size_t count, int64_t first, uint8_t *to)
{
    to = put_varint(to, BLOCK);
    to = put_varint(to, MINIBLOCKS);
    to = put_varint(to, count);
    return put_zigzag(to, first);
}

/* One block of up to BLOCK deltas. Miniblocks without a delta have width 0 and no body; the last
 * one with some is padded with zeros. */
#define DELTA_WIDTH(name, Signed, Unsigned, pack)                                                  \
    static uint8_t *put_block_##name(const Signed *values, size_t count, uint8_t *to)              \
    {                                                                                              \
        Unsigned deltas[BLOCK];                                                                    \
        Signed lowest = (Signed)((Unsigned)values[1] - (Unsigned)values[0]);                       \
        for (size_t i = 0; i < count; i++) {                                                       \
            deltas[i] = (Unsigned)values[i + 1] - (Unsigned)values[i];                             \
            lowest = (Signed)deltas[i] < lowest ? (Signed)deltas[i] : lowest;                      \
        }                                                                                          \
        for (size_t i = 0; i < count; i++)                                                         \
            deltas[i] -= (Unsigned)lowest;                                                         \
        memset(deltas + count, 0, (BLOCK - count) * sizeof(deltas[0]));                            \
        to = put_zigzag(to, lowest);                                                               \
        uint8_t *widths = to;                                                                      \
        to += MINIBLOCKS;                                                                          \
        for (size_t m = 0; m < MINIBLOCKS; m++) {                                                  \
            const Unsigned *mini = deltas + m * BITPACK_BLOCK;                                     \
            Unsigned bits = 0;                                                                     \
            for (size_t i = 0; i < BITPACK_BLOCK; i++)                                             \
                bits |= mini[i];                                                                   \
            widths[m] = (uint8_t)bit_width_u64(bits);                                              \
            to = pack(mini, widths[m], to);                                                        \
        }                                                                                          \
        return to;                                                                                 \
    }                                                                                              \
                                                                                                   \
    uint8_t *delta_put_##name(const Signed *values, size_t count, uint8_t *to)                     \
    {                                                                                              \
        to = put_header(count, values[0], to);                                                     \
        for (size_t at = 0; at + 1 < count; at += BLOCK)                                           \
            to = put_block_##name(values + at, size_min(count - at - 1, BLOCK), to);               \
        return to;                                                                                 \
    }
DELTA_WIDTH(i32, int32_t, uint32_t, bitpack_u32)
DELTA_WIDTH(i64, int64_t, uint64_t, bitpack_u64)
#undef DELTA_WIDTH
