#include "format/parquet/bloom.h"

#include <xxhash.h>

#include "format/parquet/encode_plain.h"
#include "format/parquet/thrift_write.h"

enum { BLOCK_WORDS = 8, BLOCK_BYTES = 32, FILTER_BYTES_MAX = 128 << 20 };

/* 9.7 bits per distinct value: one false positive in a hundred. */
enum { BITS_PER_10_VALUES = 97 };

void
bloom_hashes_reset(BloomHashes *bloom)
{
    bloom->is_dropped = false;
    buffer_reset(&bloom->hashes);
}

void
bloom_hashes_release(BloomHashes *bloom)
{
    buffer_release(&bloom->hashes);
}

static bool
has_room(BloomHashes *bloom, size_t count)
{
    if (bloom->most > 0 && bloom->hashes.size / sizeof(uint64_t) + count > bloom->most) {
        bloom->is_dropped = true;
        buffer_release(&bloom->hashes);
    }
    return bloom->most > 0 && !bloom->is_dropped;
}

static void
add_hash(BloomHashes *bloom, const void *bytes, size_t size)
{
    uint64_t hash = XXH64(bytes, size, 0);

    buffer_append(&bloom->hashes, &hash, sizeof(hash));
}

void
bloom_add_values(BloomHashes *bloom, const LeafLayout *layout, const Column *leaf, size_t first,
                 size_t count)
{
    uint8_t decimal[sizeof(Int128)];

    if (!has_room(bloom, count))
        return;
    for (size_t i = first; i < first + count; i++) {
        if (layout->storage == STORAGE_BYTES) {
            add_hash(bloom,
                     leaf->offsets[i + 1] == leaf->offsets[i] ? (const void *)""
                                                              : leaf->data + leaf->offsets[i],
                     leaf->offsets[i + 1] - leaf->offsets[i]);
        } else if (layout->storage == STORAGE_I128) {
            plain_put_decimal(leaf->i128[i], layout->encoded_bytes, decimal);
            add_hash(bloom, decimal, layout->encoded_bytes);
        } else {
            add_hash(bloom, (const uint8_t *)leaf->values + i * layout->stored_bytes,
                     layout->stored_bytes);
        }
    }
}

void
bloom_add_entries(BloomHashes *bloom, const Dictionary *dictionary)
{
    const LeafLayout *layout = dictionary->layout;
    Buffer page = {0};

    if (!has_room(bloom, dictionary->entry_count))
        return;
    buffer_reserve(&page, dictionary->page_bytes + PLAIN_SLACK_BYTES);
    dictionary_write_page(dictionary, page.data);
    const uint8_t *at = page.data;
    for (size_t i = 0; i < dictionary->entry_count; i++) {
        uint32_t size = (uint32_t)layout->encoded_bytes;
        if (size == 0) {
            memcpy(&size, at, sizeof(size));
            at += PLAIN_LENGTH_BYTES;
        }
        add_hash(bloom, at, size);
        at += size;
    }
    buffer_release(&page);
}

static int
compare_hashes(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static size_t
distinct_hashes(uint64_t *hashes, size_t count)
{
    size_t distinct = 0;

    if (count > 0)
        qsort(hashes, count, sizeof(*hashes), compare_hashes);
    for (size_t i = 0; i < count; i++)
        if (distinct == 0 || hashes[distinct - 1] != hashes[i])
            hashes[distinct++] = hashes[i];
    return distinct;
}

static size_t
filter_bytes(size_t distinct)
{
    size_t want = distinct * BITS_PER_10_VALUES / 80;
    size_t size = BLOCK_BYTES;

    while (size < want && size < FILTER_BYTES_MAX)
        size *= 2;
    return size;
}

static void
set_bits(uint8_t *filter, size_t size_bytes, uint64_t hash)
{
    static const uint32_t SALTS[BLOCK_WORDS] = {
        0x47b6137bU, 0x44974d91U, 0x8824ad5bU, 0xa2b7289dU,
        0x705495c7U, 0x2df1424bU, 0x9efc4947U, 0x5c6bfb31U,
    };
    uint64_t block = ((hash >> 32) * (size_bytes / BLOCK_BYTES)) >> 32;
    uint32_t words[BLOCK_WORDS];

    memcpy(words, filter + block * BLOCK_BYTES, sizeof(words));
    for (size_t i = 0; i < BLOCK_WORDS; i++)
        words[i] |= UINT32_C(1) << (((uint32_t)hash * SALTS[i]) >> 27);
    memcpy(filter + block * BLOCK_BYTES, words, sizeof(words));
}

/* A union whose one member is an empty struct. */
static void
write_choice(ThriftWriter *out, int id)
{
    thrift_struct(out, id);
    thrift_empty_struct(out, 1);
    thrift_end(out);
}

static void
write_header(Buffer *buffer, size_t size_bytes)
{
    ThriftWriter out = thrift_begin(buffer);

    thrift_i32(&out, 1, (int32_t)size_bytes);
    write_choice(&out, 2); /* algorithm: BLOCK */
    write_choice(&out, 3); /* hash: XXHASH */
    write_choice(&out, 4); /* compression: UNCOMPRESSED */
    thrift_end(&out);
}

void
bloom_build(const BloomHashes *bloom, const Dictionary *dictionary, Buffer *out)
{
    BloomHashes all = {.most = bloom->most, .is_dropped = bloom->is_dropped};

    if (bloom->most == 0 || bloom->is_dropped)
        return;
    buffer_append(&all.hashes, bloom->hashes.data, bloom->hashes.size);
    if (dictionary != NULL)
        bloom_add_entries(&all, dictionary);
    uint64_t *hashes = (void *)all.hashes.data;
    size_t count = distinct_hashes(hashes, all.hashes.size / sizeof(*hashes));
    assert(hashes != NULL || count == 0);
    if (!all.is_dropped && count > 0) {
        size_t size = filter_bytes(count);
        write_header(out, size);
        uint8_t *filter = buffer_reserve(out, size);
        memset(filter, 0, size);
        for (size_t i = 0; i < count; i++)
            set_bits(filter, size, hashes[i]);
        out->size += size;
    }
    bloom_hashes_release(&all);
}
