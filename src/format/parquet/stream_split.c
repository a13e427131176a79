#include "format/parquet/stream_split.h"

/* Swaps the bits outside a matrix's diagonal blocks: a step of transposing 8 × 8 bytes that lie in
 * eight words. */
static inline void
swap_blocks(uint64_t *a, uint64_t *b, unsigned shift, uint64_t low_mask)
{
    uint64_t difference = ((*a >> shift) ^ *b) & low_mask;

    *b ^= difference;
    *a ^= difference << shift;
}

static inline void
transpose_8x8(uint64_t words[8])
{
    for (size_t i = 0; i < 4; i++)
        swap_blocks(&words[i], &words[i + 4], 32, UINT64_C(0x00000000FFFFFFFF));
    for (size_t i = 0; i < 8; i += 4)
        for (size_t j = 0; j < 2; j++)
            swap_blocks(&words[i + j], &words[i + j + 2], 16, UINT64_C(0x0000FFFF0000FFFF));
    for (size_t i = 0; i < 8; i += 2)
        swap_blocks(&words[i], &words[i + 1], 8, UINT64_C(0x00FF00FF00FF00FF));
}

static size_t
split_8(const uint8_t *values, size_t count, uint8_t *to)
{
    size_t done = 0;

    for (; done + 8 <= count; done += 8) {
        uint64_t words[8];
        memcpy(words, values + done * 8, sizeof(words));
        transpose_8x8(words);
        for (size_t k = 0; k < 8; k++)
            memcpy(to + k * count + done, &words[k], sizeof(words[k]));
    }
    return done;
}

/* The upper half of each word stays empty, and so do streams 4 to 7. */
static size_t
split_4(const uint8_t *values, size_t count, uint8_t *to)
{
    size_t done = 0;

    for (; done + 8 <= count; done += 8) {
        uint32_t quads[8];
        uint64_t words[8] = {0};
        memcpy(quads, values + done * 4, sizeof(quads));
        for (size_t i = 0; i < 8; i++)
            words[i] = quads[i];
        transpose_8x8(words);
        for (size_t k = 0; k < 4; k++)
            memcpy(to + k * count + done, &words[k], sizeof(words[k]));
    }
    return done;
}

void
stream_split(const uint8_t *values, size_t count, size_t width_bytes, uint8_t *to)
{
    size_t done = width_bytes == 8 ? split_8(values, count, to) : split_4(values, count, to);

    for (; done < count; done++)
        for (size_t k = 0; k < width_bytes; k++)
            to[k * count + done] = values[done * width_bytes + k];
}
