#include "format/parquet/encode_plain.h"

/* Values go from columns into pages as they lie in memory. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "Parquet values are little-endian");

/* Writes 16 bytes, of which the first encoded_bytes are the value. */
static inline void
put_decimal_wide(Int128 value, size_t encoded_bytes, uint8_t *to)
{
    UInt128 aligned = (UInt128)value << (8 * (sizeof(value) - encoded_bytes));
    uint64_t high = __builtin_bswap64((uint64_t)(aligned >> 64));
    uint64_t low = __builtin_bswap64((uint64_t)aligned);

    memcpy(to, &high, sizeof(high));
    memcpy(to + sizeof(high), &low, sizeof(low));
}

void
plain_put_decimal(Int128 value, size_t encoded_bytes, uint8_t *to)
{
    uint8_t wide[sizeof(value)];

    put_decimal_wide(value, encoded_bytes, wide);
    memcpy(to, wide, encoded_bytes);
}

static uint8_t *
encode_fixed(const LeafLayout *layout, const Column *column, size_t first, size_t count,
             uint8_t *to)
{
    size_t width = layout->stored_bytes;

    memcpy(to, (const uint8_t *)column->values + first * width, count * width);
    return to + count * width;
}

static uint8_t *
encode_decimals(const LeafLayout *layout, const Column *column, size_t first, size_t count,
                uint8_t *to)
{
    const Int128 *values = column->i128 + first;
    size_t width = layout->encoded_bytes;

    for (size_t i = 0; i < count; i++, to += width)
        put_decimal_wide(values[i], width, to);
    return to;
}

static uint8_t *
encode_bytes(const LeafLayout *layout, const Column *column, size_t first, size_t count,
             uint8_t *to)
{
    const uint32_t *offsets = column->offsets + first;
    const uint8_t *data = column->data;

    (void)layout;
    for (size_t i = 0; i < count; i++) {
        uint32_t size = offsets[i + 1] - offsets[i];
        memcpy(to, &size, PLAIN_LENGTH_BYTES);
        to += PLAIN_LENGTH_BYTES;
        if (LIKELY(size <= COLUMN_SLACK_BYTES)) {
            if (LIKELY(size > 0))
                memcpy(to, data + offsets[i], COLUMN_SLACK_BYTES);
        } else {
            memcpy(to, data + offsets[i], size);
        }
        to += size;
    }
    return to;
}

PlainEncode
plain_encode_of(Storage storage)
{
    return storage == STORAGE_BYTES  ? encode_bytes
           : storage == STORAGE_I128 ? encode_decimals
                                     : encode_fixed;
}

uint8_t *
plain_pack_bools(const uint8_t *values, size_t count, uint8_t *to)
{
    size_t at = 0;

    for (; at + 8 <= count; at += 8) {
        uint64_t eight;
        memcpy(&eight, values + at, sizeof(eight));
        /* Bit 8i of the product's top byte gathers value i: 0x0102…80 moves it to bit 56 + i. */
        *to++ = (uint8_t)((eight * UINT64_C(0x0102040810204080)) >> 56);
    }
    if (at < count) {
        uint8_t last = 0;
        for (size_t i = at; i < count; i++)
            last |= (uint8_t)(values[i] << (i - at));
        *to++ = last;
    }
    return to;
}
