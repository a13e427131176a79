#include "format/parquet/page_body.h"

#include "format/parquet/bitpack.h"
#include "format/parquet/delta.h"
#include "format/parquet/encode_plain.h"
#include "format/parquet/hybrid.h"
#include "format/parquet/stream_split.h"
#include "util/memory.h"

size_t
page_body_bound_bytes(const LeafLayout *layout, Encoding encoding, size_t values_bytes,
                      size_t count)
{
    switch (encoding) {
    case ENCODING_RLE:
        return sizeof(uint32_t) + hybrid_bound_bytes(count, 1);
    case ENCODING_DELTA_BINARY_PACKED:
        return delta_bound_bytes(count, layout->encoded_bytes);
    case ENCODING_DELTA_LENGTH_BYTE_ARRAY:
        return delta_bound_bytes(count, sizeof(uint32_t)) + values_bytes + PLAIN_SLACK_BYTES;
    default:
        return values_bytes + 1;
    }
}

/* The prefix counts bytes, not values, in V1 and V2 pages alike. */
static uint8_t *
put_rle_bools(const uint8_t *values, size_t count, uint8_t *to)
{
    uint8_t *stream = to + sizeof(uint32_t);
    uint8_t *end = hybrid_put_levels(values, count, 1, stream);
    uint32_t length = (uint32_t)(end - stream);

    memcpy(to, &length, sizeof(length));
    return end;
}

static uint8_t *
put_delta_length(const uint8_t *values, size_t count, uint8_t *to)
{
    int32_t *lengths = memory_alloc(count * sizeof(*lengths));
    const uint8_t *from = values;

    for (size_t i = 0; i < count; i++) {
        memcpy(&lengths[i], from, sizeof(lengths[i]));
        from += PLAIN_LENGTH_BYTES + lengths[i];
    }
    to = delta_put_i32(lengths, count, to);
    from = values;
    for (size_t i = 0; i < count; i++) {
        size_t size = (size_t)lengths[i];
        from += PLAIN_LENGTH_BYTES;
        memcpy(to, from, size <= PLAIN_SLACK_BYTES ? PLAIN_SLACK_BYTES : size);
        to += size;
        from += size;
    }
    free(lengths);
    return to;
}

uint8_t *
page_body_put(const LeafLayout *layout, Encoding encoding, const uint8_t *values,
              size_t values_bytes, size_t count, uint8_t *to)
{
    switch (encoding) {
    case ENCODING_RLE:
        return put_rle_bools(values, count, to);
    case ENCODING_DELTA_BINARY_PACKED:
        return layout->encoded_bytes == sizeof(int32_t)
                   ? delta_put_i32((const void *)values, count, to)
                   : delta_put_i64((const void *)values, count, to);
    case ENCODING_DELTA_LENGTH_BYTE_ARRAY:
        return put_delta_length(values, count, to);
    case ENCODING_BYTE_STREAM_SPLIT:
        stream_split(values, count, layout->encoded_bytes, to);
        return to + values_bytes;
    default:
        if (layout->storage == STORAGE_BOOL)
            return plain_pack_bools(values, count, to);
        if (values_bytes > 0)
            memcpy(to, values, values_bytes);
        return to + values_bytes;
    }
}

unsigned
page_body_id_bits(size_t entry_count)
{
    return entry_count <= 2 ? 1 : bit_width_u64(entry_count - 1);
}

size_t
page_body_ids_bound_bytes(size_t count, size_t entry_count)
{
    return 1 + hybrid_bound_bytes(count, page_body_id_bits(entry_count));
}

uint8_t *
page_body_put_ids(const uint32_t *ids, size_t count, size_t entry_count, uint8_t *to)
{
    unsigned bits = page_body_id_bits(entry_count);

    *to++ = (uint8_t)bits;
    return hybrid_put_u32(ids, count, bits, to);
}
