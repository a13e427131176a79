#include "format/parquet/levels.h"

#include "format/parquet/hybrid.h"
#include "util/memory.h"

enum { WORD_BITS = 64, LENGTH_BYTES = 4, LIST_DEFINITION_WIDTH = 2, LIST_REPETITION_WIDTH = 1 };

void
levels_init(Levels *levels, const LeafLayout *layout)
{
    *levels = (Levels){0};
    if (layout->has_nulls && !layout->is_list)
        levels->valid_bits = memory_alloc_zero(PAGE_ROWS_MAX / WORD_BITS + 1, sizeof(uint64_t));
}

void
levels_reset(Levels *levels)
{
    levels->row_count = 0;
    levels->entry_count = 0;
    levels->null_count = 0;
    buffer_reset(&levels->definition);
    buffer_reset(&levels->repetition);
}

void
levels_release(Levels *levels)
{
    free(levels->valid_bits);
    buffer_release(&levels->definition);
    buffer_release(&levels->repetition);
}

/* Up to 64 bits of a bitmap from bit `from` on, in the low bits; no word past the last is read. */
static uint64_t
bits_at(const uint64_t *bits, size_t from, size_t count)
{
    size_t shift = from % WORD_BITS;
    uint64_t word = bits[from / WORD_BITS] >> shift;

    if (shift != 0 && count > WORD_BITS - shift)
        word |= bits[from / WORD_BITS + 1] << (WORD_BITS - shift);
    return count >= WORD_BITS ? word : word & ((UINT64_C(1) << count) - 1);
}

size_t
levels_count_values(const Column *column, size_t first, size_t count)
{
    size_t values = 0;

    if (column->null_count == 0)
        return count;
    for (size_t i = 0; i < count; i += WORD_BITS)
        values += (size_t)__builtin_popcountll(
            bits_at(column->validity, first + i, size_min(count - i, WORD_BITS)));
    return values;
}

size_t
levels_rows_before_value(const Column *column, size_t first, size_t count, size_t values)
{
    if (column->null_count == 0)
        return values;
    for (size_t row = 0; row < count; row++)
        if (column_is_valid(column, first + row) && values-- == 0)
            return row;
    return count;
}

static void
set_bits(uint64_t *bits, size_t from, size_t count)
{
    for (; count > 0 && from % WORD_BITS != 0; from++, count--)
        bits[from / WORD_BITS] |= UINT64_C(1) << (from % WORD_BITS);
    for (; count >= WORD_BITS; from += WORD_BITS, count -= WORD_BITS)
        bits[from / WORD_BITS] = UINT64_MAX;
    if (count > 0)
        bits[from / WORD_BITS] = (UINT64_C(1) << count) - 1;
}

/* Bits at and above `from` in its word are zero, and are set by whole words from there on. */
static void
put_bits(uint64_t *bits, size_t from, uint64_t word, size_t count)
{
    size_t shift = from % WORD_BITS;

    if (shift == 0) {
        bits[from / WORD_BITS] = word;
        return;
    }
    bits[from / WORD_BITS] |= word << shift;
    if (count > WORD_BITS - shift)
        bits[from / WORD_BITS + 1] = word >> (WORD_BITS - shift);
}

static void
start_bits(Levels *levels)
{
    memset(levels->valid_bits, 0, (PAGE_ROWS_MAX / WORD_BITS + 1) * sizeof(uint64_t));
    set_bits(levels->valid_bits, 0, levels->row_count);
}

void
levels_append_rows(Levels *levels, const Column *column, size_t first, size_t count,
                   size_t value_count)
{
    size_t nulls = count - value_count;

    assert(levels->row_count + count <= PAGE_ROWS_MAX);
    if (nulls > 0 && levels->null_count == 0)
        start_bits(levels);
    if (nulls == 0 && levels->null_count > 0)
        set_bits(levels->valid_bits, levels->row_count, count);
    for (size_t i = 0; nulls > 0 && i < count; i += WORD_BITS) {
        size_t n = size_min(count - i, WORD_BITS);
        put_bits(levels->valid_bits, levels->row_count + i, bits_at(column->validity, first + i, n),
                 n);
    }
    levels->row_count += count;
    levels->entry_count += count;
    levels->null_count += nulls;
}

static void
put_entry(Levels *levels, uint8_t definition, uint8_t repetition)
{
    buffer_append_byte(&levels->definition, definition);
    buffer_append_byte(&levels->repetition, repetition);
    levels->entry_count++;
    levels->null_count += definition != LEVEL_ELEMENT;
}

void
levels_append_list(Levels *levels, const Column *element, bool is_null, size_t first, size_t count)
{
    levels->row_count++;
    if (is_null || count == 0) {
        put_entry(levels, is_null ? LEVEL_LIST_NULL : LEVEL_LIST_EMPTY, 0);
        return;
    }
    for (size_t i = 0; i < count; i++)
        put_entry(levels, column_is_valid(element, first + i) ? LEVEL_ELEMENT : LEVEL_ELEMENT_NULL,
                  i > 0);
}

size_t
levels_bound_bytes(const Levels *levels, const LeafLayout *layout)
{
    if (!layout->has_nulls)
        return 0;
    size_t bound = LENGTH_BYTES + hybrid_bound_bytes(levels->entry_count, 1);
    if (layout->is_list)
        bound += LENGTH_BYTES + hybrid_bound_bytes(levels->entry_count, LIST_DEFINITION_WIDTH);
    return bound;
}

static uint8_t *
put_length_before(uint8_t *stream, const uint8_t *end)
{
    uint32_t length = (uint32_t)(end - stream);

    memcpy(stream - LENGTH_BYTES, &length, LENGTH_BYTES);
    return stream + length;
}

static uint8_t *
encode_flat(const Levels *levels, uint8_t *to)
{
    uint8_t *stream = to + LENGTH_BYTES;
    uint8_t *end = levels->null_count == 0
                       ? hybrid_put_run(1, levels->row_count, 1, stream)
                       : hybrid_put_bitmap(levels->valid_bits, levels->row_count, stream);

    return put_length_before(stream, end);
}

static uint8_t *
encode_list_levels(const Buffer *levels, unsigned width, uint8_t *to)
{
    uint8_t *stream = to + LENGTH_BYTES;

    return put_length_before(stream, hybrid_put_levels(levels->data, levels->size, width, stream));
}

uint8_t *
levels_encode(const Levels *levels, const LeafLayout *layout, uint8_t *to)
{
    if (!layout->has_nulls)
        return to;
    if (!layout->is_list)
        return encode_flat(levels, to);
    to = encode_list_levels(&levels->repetition, LIST_REPETITION_WIDTH, to);
    return encode_list_levels(&levels->definition, LIST_DEFINITION_WIDTH, to);
}
