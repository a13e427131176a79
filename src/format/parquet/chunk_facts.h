/* chunk_facts.h: what the metadata says of a column chunk, gathered page by page.
 *
 * Source  spec: parquet §1.3, §1.7, §1.8 */
#ifndef RIVET_FORMAT_PARQUET_CHUNK_FACTS_H
#define RIVET_FORMAT_PARQUET_CHUNK_FACTS_H

#include "format/parquet/bounds.h"
#include "format/parquet/levels.h"
#include "format/parquet/page.h"

typedef struct ChunkFacts {
    Bounds bounds;
    Bounds last_page_bounds; /* of the last page with values, for the order of pages */
    bool has_last_page;
    bool is_ascending, is_descending;
    bool lacks_bounds; /* a page with values has none: then the chunk has none */
    int64_t row_count;
    int64_t entry_count;
    int64_t null_count;
    int64_t unencoded_bytes;
    int64_t definition_counts[LEVEL_ELEMENT + 1]; /* lists */
    int32_t encoding_pages[ENCODING_COUNT];       /* data pages by encoding */
} ChunkFacts;

void chunk_facts_init(ChunkFacts *facts, BoundsOrder order);
void chunk_facts_reset(ChunkFacts *facts);
void chunk_facts_release(ChunkFacts *facts, BoundsOrder order);

/* Takes a page of these levels and bounds into the chunk and notes in the page what its index
 * entries need. */
void chunk_facts_add_page(ChunkFacts *facts, const LeafLayout *layout, const Levels *levels,
                          const Bounds *bounds, size_t unencoded_bytes, Page *page);

/* All pages with values have bounds that readers may trust. */
bool chunk_facts_has_bounds(const ChunkFacts *facts);
BoundaryOrder chunk_facts_order(const ChunkFacts *facts);

#endif
