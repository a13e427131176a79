/* bloom.h: split block Bloom filters, one per column chunk that asks for it.
 *
 * Hashes  XXH64, seed 0, of a value's PLAIN bytes without length.
 * Size    a power of two of bytes, for one false positive in a hundred.
 * Limits  a chunk whose hashes pass their budget gets no filter.
 * Source  spec: parquet §1.9; parquet-format, BloomFilter.md */
#ifndef RIVET_FORMAT_PARQUET_BLOOM_H
#define RIVET_FORMAT_PARQUET_BLOOM_H

#include "batch/column.h"
#include "format/parquet/dictionary.h"
#include "format/parquet/layout.h"
#include "util/buffer.h"

typedef struct BloomHashes {
    size_t most;     /* 0: the column has no filter */
    bool is_dropped; /* the chunk has too many values */
    Buffer hashes;   /* uint64_t */
} BloomHashes;

void bloom_hashes_reset(BloomHashes *bloom);
void bloom_hashes_release(BloomHashes *bloom);

/* Takes values [first, first + count) of a leaf column, or all entries of a dictionary. */
void bloom_add_values(BloomHashes *bloom, const LeafLayout *layout, const Column *leaf,
                      size_t first, size_t count);
void bloom_add_entries(BloomHashes *bloom, const Dictionary *dictionary);

/* Header and bits of the filter over the hashes and the entries of a dictionary (NULL: none).
 * Nothing is appended when the chunk gets no filter. */
void bloom_build(const BloomHashes *bloom, const Dictionary *dictionary, Buffer *out);

#endif
