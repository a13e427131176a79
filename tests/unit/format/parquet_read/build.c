#include "build.h"

#include "util/memory.h"

void
build_varint(Buffer *to, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        buffer_append_byte(to, (uint8_t)(value | 0x80));
    buffer_append_byte(to, (uint8_t)value);
}

void
build_zigzag(Buffer *to, int64_t value)
{
    build_varint(to, ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0));
}

void
build_packed(Buffer *to, const uint64_t *values, size_t count, unsigned width)
{
    size_t start = to->size;

    for (size_t i = 0; i < (count * width + 7) / 8; i++)
        buffer_append_byte(to, 0);
    for (size_t bit = 0; bit < count * width; bit++) {
        if ((values[bit / width] >> (bit % width) & 1) != 0)
            to->data[start + bit / 8] |= (uint8_t)(1U << (bit % 8));
    }
}

void
build_run(Buffer *to, uint64_t count, uint32_t value, unsigned width)
{
    build_varint(to, count << 1);
    for (unsigned shift = 0; shift < width; shift += 8)
        buffer_append_byte(to, (uint8_t)(value >> shift));
}

void
build_packed_run(Buffer *to, const uint32_t *values, size_t count, unsigned width)
{
    size_t groups = (count + 7) / 8;
    uint64_t *wide = memory_alloc_zero(groups * 8 + 1, sizeof(*wide));

    for (size_t i = 0; i < count; i++)
        wide[i] = values[i];
    build_varint(to, groups << 1 | 1);
    build_packed(to, wide, groups * 8, width);
    free(wide);
}

static unsigned
width_of(const uint64_t *values, size_t count)
{
    unsigned width = 0;

    for (size_t i = 0; i < count; i++) {
        while (width < 64 && values[i] >> width != 0)
            width++;
    }
    return width;
}

/* One block: `count` ≤ 128 deltas in the column's own width, modulo 2^bits. */
static void
build_delta_block(Buffer *to, const int64_t *values, size_t count, unsigned bits)
{
    uint64_t mask = bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
    int64_t deltas[128];
    int64_t least = INT64_MAX;
    uint64_t excess[128] = {0};

    for (size_t i = 0; i < count; i++) {
        uint64_t delta = ((uint64_t)values[i + 1] - (uint64_t)values[i]) & mask;
        deltas[i] = bits == 64 ? (int64_t)delta : (int64_t)(int32_t)(uint32_t)delta;
        least = deltas[i] < least ? deltas[i] : least;
    }
    for (size_t i = 0; i < count; i++)
        excess[i] = ((uint64_t)deltas[i] - (uint64_t)least) & mask;
    build_zigzag(to, least);
    size_t used = (count + 31) / 32;
    for (size_t m = 0; m < 4; m++) /* widths of unused miniblocks are meaningless: 0xA5 */
        buffer_append_byte(to, (uint8_t)(m < used ? width_of(excess + m * 32, 32) : 0xA5));
    for (size_t m = 0; m < used; m++)
        build_packed(to, excess + m * 32, 32, width_of(excess + m * 32, 32));
}

void
build_delta(Buffer *to, const int64_t *values, size_t count, unsigned bits)
{
    build_varint(to, 128);
    build_varint(to, 4);
    build_varint(to, count);
    build_zigzag(to, count > 0 ? values[0] : 0);
    for (size_t i = 1; i < count; i += 128)
        build_delta_block(to, values + i - 1, count - i < 128 ? count - i : 128, bits);
}

void
build_field(Buffer *to, unsigned delta, unsigned type)
{
    buffer_append_byte(to, (uint8_t)(delta << 4 | type));
}

void
build_i32(Buffer *to, unsigned delta, int64_t value)
{
    build_field(to, delta, 5);
    build_zigzag(to, value);
}

void
build_i64(Buffer *to, unsigned delta, int64_t value)
{
    build_field(to, delta, 6);
    build_zigzag(to, value);
}

void
build_text(Buffer *to, unsigned delta, const char *text)
{
    build_field(to, delta, 8);
    build_varint(to, strlen(text));
    buffer_append_text(to, text);
}

void
build_list(Buffer *to, unsigned delta, unsigned element_type, size_t count)
{
    build_field(to, delta, 9);
    buffer_append_byte(to, (uint8_t)((count < 15 ? count : 15) << 4 | element_type));
    if (count >= 15)
        build_varint(to, count);
}

void
build_end(Buffer *to)
{
    buffer_append_byte(to, 0);
}

static bool
read_buffer(void *context, uint64_t offset, void *bytes, size_t size_bytes, Error *err)
{
    const Buffer *buffer = context;

    (void)err; /* readable_read has checked the range */
    if (size_bytes > 0)
        memcpy(bytes, buffer->data + offset, size_bytes);
    return true;
}

Readable
build_readable(const Buffer *bytes)
{
    union {
        const Buffer *given;
        void *context;
    } as = {.given = bytes};

    return (Readable){.read = read_buffer, .context = as.context, .size_bytes = bytes->size};
}
