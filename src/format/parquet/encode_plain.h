/* encode_plain.h: values of a column behind each other in the PLAIN encoding.
 *
 * Room    the caller reserves plain_bytes of the values plus PLAIN_SLACK_BYTES, because short
 *         values are copied in wide steps.
 * Booleans stay one byte each until their page is cut: encode_bools packs them.
 * Source  spec: parquet §1.5 */
#ifndef RIVET_FORMAT_PARQUET_ENCODE_PLAIN_H
#define RIVET_FORMAT_PARQUET_ENCODE_PLAIN_H

#include "batch/column.h"
#include "format/parquet/layout.h"

enum { PLAIN_SLACK_BYTES = COLUMN_SLACK_BYTES, PLAIN_LENGTH_BYTES = 4 };

/* PLAIN size of values [first, first + count). */
static inline size_t
plain_bytes(const LeafLayout *layout, const Column *column, size_t first, size_t count)
{
    if (layout->storage != STORAGE_BYTES)
        return count * layout->encoded_bytes;
    return column->offsets[first + count] - column->offsets[first] + count * PLAIN_LENGTH_BYTES;
}

/* Writes values [first, first + count) and returns the byte after them. */
typedef uint8_t *(*PlainEncode)(const LeafLayout *layout, const Column *column, size_t first,
                                size_t count, uint8_t *to);

PlainEncode plain_encode_of(Storage storage);

/* One value, as encoded_bytes bytes in big-endian two's complement. */
void plain_put_decimal(Int128 value, size_t encoded_bytes, uint8_t *to);

/* Bits LSB first; writes (count + 7) / 8 bytes and returns the byte after them. */
uint8_t *plain_pack_bools(const uint8_t *values, size_t count, uint8_t *to);

#endif
