/* bits.h: numbers packed LSB first into bytes, as every bit-packed part of Parquet is. */
#ifndef RIVET_FORMAT_PARQUET_BITS_H
#define RIVET_FORMAT_PARQUET_BITS_H

#include "util/base.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "Parquet is little-endian and its words are read as they lie in memory"
#endif

static inline uint32_t
bits_load_u32(const uint8_t *bytes)
{
    uint32_t word;

    memcpy(&word, bytes, sizeof(word));
    return word;
}

static inline uint64_t
bits_load_u64(const uint8_t *bytes)
{
    uint64_t word;

    memcpy(&word, bytes, sizeof(word));
    return word;
}

/* Up to 8 bytes as a little-endian number; never reads past size_bytes. */
static inline uint64_t
bits_load_tail(const uint8_t *bytes, size_t size_bytes)
{
    uint64_t word = 0;

    memcpy(&word, bytes, size_min(size_bytes, sizeof(word)));
    return word;
}

static inline uint64_t
bits_mask(unsigned width)
{
    return width >= 64 ? UINT64_MAX : (UINT64_C(1) << width) - 1;
}

/* The width ≤ 64 bits at bit_at. Bits past the end of the bytes read as 0. */
static inline uint64_t
bits_get(const uint8_t *bytes, size_t size_bytes, uint64_t bit_at, unsigned width)
{
    size_t byte_at = (size_t)(bit_at / 8);
    unsigned shift = (unsigned)(bit_at % 8);

    if (UNLIKELY(byte_at >= size_bytes))
        return 0;
    size_t left = size_bytes - byte_at;
    uint64_t word =
        LIKELY(left >= 8) ? bits_load_u64(bytes + byte_at) : bits_load_tail(bytes + byte_at, left);
    word >>= shift;
    if (width + shift > 64 && left > 8)
        word |= (uint64_t)bytes[byte_at + 8] << (64 - shift);
    return word & bits_mask(width);
}

/* Bits that the numbers 0 … max need; 0 for 0. */
static inline unsigned
bits_needed(uint64_t max)
{
    return max == 0 ? 0 : 64 - (unsigned)__builtin_clzll(max);
}

#endif
