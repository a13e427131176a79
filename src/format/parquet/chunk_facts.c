#include "format/parquet/chunk_facts.h"

void
chunk_facts_init(ChunkFacts *facts, BoundsOrder order)
{
    *facts = (ChunkFacts){.is_ascending = true, .is_descending = true};
    bounds_init(&facts->bounds, order);
    bounds_init(&facts->last_page_bounds, order);
}

void
chunk_facts_reset(ChunkFacts *facts)
{
    *facts = (ChunkFacts){
        .bounds = facts->bounds,
        .last_page_bounds = facts->last_page_bounds,
        .is_ascending = true,
        .is_descending = true,
    };
    bounds_reset(&facts->bounds);
    bounds_reset(&facts->last_page_bounds);
}

void
chunk_facts_release(ChunkFacts *facts, BoundsOrder order)
{
    bounds_release(&facts->bounds, order);
    bounds_release(&facts->last_page_bounds, order);
}

static void
note_order(ChunkFacts *facts, const Bounds *page, BoundsOrder order)
{
    if (facts->has_last_page) {
        int min = bounds_compare_min(&facts->last_page_bounds, page, order);
        int max = bounds_compare_max(&facts->last_page_bounds, page, order);
        facts->is_ascending = facts->is_ascending && min <= 0 && max <= 0;
        facts->is_descending = facts->is_descending && min >= 0 && max >= 0;
    }
    facts->has_last_page = true;
    bounds_copy(&facts->last_page_bounds, page, order);
}

void
chunk_facts_add_page(ChunkFacts *facts, const LeafLayout *layout, const Levels *levels,
                     const Bounds *bounds, size_t unencoded_bytes, Page *page)
{
    page->first_row = facts->row_count;
    page->row_count = (int64_t)levels->row_count;
    page->null_count = (int64_t)levels->null_count;
    page->unencoded_bytes = (int64_t)unencoded_bytes;
    page->nan_count = bounds->nan_count;
    bounds_encode(bounds, layout, &page->bounds);
    if (levels->null_count < levels->entry_count && !page->bounds.is_set)
        facts->lacks_bounds = true;
    if (bounds->is_set)
        note_order(facts, bounds, layout->bounds);
    bounds_merge(&facts->bounds, bounds, layout->bounds);
    facts->row_count += page->row_count;
    facts->entry_count += (int64_t)levels->entry_count;
    facts->null_count += page->null_count;
    facts->unencoded_bytes += page->unencoded_bytes;
    for (size_t i = 0; i < levels->definition.size; i++)
        facts->definition_counts[levels->definition.data[i]]++;
}

/* With a NaN in the chunk readers drop or invent rows by the bounds of the others. */
bool
chunk_facts_has_bounds(const ChunkFacts *facts)
{
    return !facts->lacks_bounds && facts->bounds.nan_count == 0;
}

BoundaryOrder
chunk_facts_order(const ChunkFacts *facts)
{
    return facts->is_ascending    ? BOUNDARY_ASCENDING
           : facts->is_descending ? BOUNDARY_DESCENDING
                                  : BOUNDARY_UNORDERED;
}
