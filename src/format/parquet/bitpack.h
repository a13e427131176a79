/* bitpack.h: unsigned integers of a fixed width, packed LSB first.
 *
 * Shape   blocks of 32 values become 4 × width bytes; bits of a value above width must be zero.
 * Room    exactly the packed bytes are written.
 * Source  spec: parquet §1.4; parquet-format, Encodings.md (RLE, DELTA_BINARY_PACKED) */
#ifndef RIVET_FORMAT_PARQUET_BITPACK_H
#define RIVET_FORMAT_PARQUET_BITPACK_H

#include "util/base.h"

enum { BITPACK_BLOCK = 32 };

/* Bits needed for value; 0 for 0. */
static inline unsigned
bit_width_u64(uint64_t value)
{
    return value == 0 ? 0 : 64 - (unsigned)__builtin_clzll(value);
}

/* Packs one block; returns the byte after it. width 0 … 32 and 0 … 64. */
uint8_t *bitpack_u32(const uint32_t values[BITPACK_BLOCK], unsigned width, uint8_t *to);
uint8_t *bitpack_u64(const uint64_t values[BITPACK_BLOCK], unsigned width, uint8_t *to);

#endif
