/* bytes.h: integers of the wire, network byte order, any alignment. */
#ifndef RIVET_SOURCE_POSTGRES_BYTES_H
#define RIVET_SOURCE_POSTGRES_BYTES_H

#include "util/base.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "columns are laid out for little-endian machines"
#endif

static inline uint16_t
load_u16(const uint8_t *bytes)
{
    uint16_t value;

    memcpy(&value, bytes, sizeof(value));
    return __builtin_bswap16(value);
}

static inline uint32_t
load_u32(const uint8_t *bytes)
{
    uint32_t value;

    memcpy(&value, bytes, sizeof(value));
    return __builtin_bswap32(value);
}

static inline uint64_t
load_u64(const uint8_t *bytes)
{
    uint64_t value;

    memcpy(&value, bytes, sizeof(value));
    return __builtin_bswap64(value);
}

static inline int16_t
load_i16(const uint8_t *bytes)
{
    return (int16_t)load_u16(bytes);
}

static inline int32_t
load_i32(const uint8_t *bytes)
{
    return (int32_t)load_u32(bytes);
}

static inline int64_t
load_i64(const uint8_t *bytes)
{
    return (int64_t)load_u64(bytes);
}

#endif
