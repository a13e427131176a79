#include "batch/row_hash.h"

#include <xxhash.h>

#include "batch/render.h"
#include "util/memory.h"

enum {
    TAG_NULL = 0,
    TAG_VALUE = 1,
    TAG_LIST = 2,
    HEAD_BYTES = 5,
    /* Longer rows are hashed piece by piece, so that a large cell is not copied whole. */
    PIECE_BYTES = 64 << 10,
};

/* Columns are dense, so each is walked, not indexed by row. */
typedef struct Walk {
    const Column *column;
    size_t value;   /* index of the next value */
    size_t element; /* LIST: the same for the element column */
} Walk;

typedef struct Hasher {
    Buffer encoded;
    XXH3_state_t *state;
    bool is_streaming; /* the beginning of the row is in state already */
} Hasher;

/* Takes what is encoded so far out of memory and into the streaming state. */
static void
flush_piece(Hasher *hasher)
{
    if (!hasher->is_streaming)
        XXH3_128bits_reset(hasher->state);
    hasher->is_streaming = true;
    XXH3_128bits_update(hasher->state, hasher->encoded.data, hasher->encoded.size);
    buffer_reset(&hasher->encoded);
}

static void
put_number(uint8_t *to, uint64_t number, int bytes)
{
    for (int i = 0; i < bytes; i++)
        to[i] = (uint8_t)(number >> (8 * i));
}

static void
encode_head(Hasher *hasher, uint8_t tag, uint64_t length)
{
    uint8_t *to = buffer_reserve(&hasher->encoded, HEAD_BYTES + sizeof(length));

    to[0] = tag;
    hasher->encoded.size += HEAD_BYTES;
    if (LIKELY(length < UINT32_MAX)) {
        put_number(to + 1, length, 4);
        return;
    }
    put_number(to + 1, UINT32_MAX, 4);
    put_number(to + HEAD_BYTES, length, sizeof(length));
    hasher->encoded.size += sizeof(length);
}

static void
encode_fixed(Hasher *hasher, const Column *column, size_t value)
{
    uint8_t *to = buffer_reserve(&hasher->encoded, HEAD_BYTES + RENDER_MAX_BYTES);
    size_t length = render_fixed(column, value, (char *)to + HEAD_BYTES);

    to[0] = TAG_VALUE;
    put_number(to + 1, length, 4);
    hasher->encoded.size += HEAD_BYTES + length;
}

static void
encode_text(Hasher *hasher, const uint8_t *text, size_t length)
{
    encode_head(hasher, TAG_VALUE, length);
    if (length < PIECE_BYTES) {
        buffer_append(&hasher->encoded, text, length);
        return;
    }
    flush_piece(hasher);
    XXH3_128bits_update(hasher->state, text, length);
}

static void
encode_binary(Hasher *hasher, const uint8_t *bytes, size_t length)
{
    encode_head(hasher, TAG_VALUE, (uint64_t)length * 2);
    while (length > 0) {
        size_t piece = size_min(length, PIECE_BYTES);
        render_hex(bytes, piece, &hasher->encoded);
        if (hasher->encoded.size >= PIECE_BYTES)
            flush_piece(hasher);
        bytes += piece;
        length -= piece;
    }
}

/* One value that is no list. */
static void
encode_value(Hasher *hasher, const Column *column, size_t value)
{
    if (column->storage != STORAGE_BYTES) {
        encode_fixed(hasher, column, value);
        return;
    }
    const uint8_t *bytes = column->data + column->offsets[value];
    size_t length = column->offsets[value + 1] - column->offsets[value];
    if (column->type->kind == TYPE_BINARY)
        encode_binary(hasher, bytes, length);
    else
        encode_text(hasher, bytes, length);
}

static void
encode_list(Hasher *hasher, Walk *walk)
{
    const Column *element = walk->column->element;
    size_t row = walk->column->offsets[walk->value];
    size_t end = walk->column->offsets[walk->value + 1];

    encode_head(hasher, TAG_LIST, end - row);
    for (; row < end; row++) {
        if (hasher->encoded.size >= PIECE_BYTES)
            flush_piece(hasher);
        if (column_is_valid(element, row))
            encode_value(hasher, element, walk->element++);
        else
            buffer_append_byte(&hasher->encoded, TAG_NULL);
    }
}

static int64_t
hash_row(Hasher *hasher, Walk *walks, size_t column_count, size_t row)
{
    hasher->is_streaming = false;
    buffer_reset(&hasher->encoded);
    for (size_t i = 0; i < column_count; i++) {
        Walk *walk = &walks[i];
        if (hasher->encoded.size >= PIECE_BYTES)
            flush_piece(hasher);
        if (!column_is_valid(walk->column, row)) {
            buffer_append_byte(&hasher->encoded, TAG_NULL);
            continue;
        }
        if (walk->column->storage == STORAGE_LIST)
            encode_list(hasher, walk);
        else
            encode_value(hasher, walk->column, walk->value);
        walk->value++;
    }
    if (!hasher->is_streaming)
        return (int64_t)XXH3_128bits(hasher->encoded.data, hasher->encoded.size).low64;
    flush_piece(hasher);
    return (int64_t)XXH3_128bits_digest(hasher->state).low64;
}

void
row_hash_batch(const Batch *batch, size_t column_count, Column *hashes)
{
    Walk *walks = memory_alloc_zero(column_count, sizeof(*walks));
    Hasher hasher = {.state = XXH3_createState()};

    if (hasher.state == NULL)
        abort();
    buffer_reserve(&hasher.encoded, PIECE_BYTES);
    for (size_t i = 0; i < column_count; i++)
        walks[i].column = &batch->columns[i];
    for (size_t row = 0; row < batch->row_count; row++)
        column_append_i64(hashes, hash_row(&hasher, walks, column_count, row));
    XXH3_freeState(hasher.state);
    buffer_release(&hasher.encoded);
    free(walks);
}
