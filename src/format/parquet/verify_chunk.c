#include "format/parquet/verify_chunk.h"

#include "format/parquet/bounds_read.h"
#include "format/parquet/column_read.h"
#include "format/parquet/page_index_read.h"

/* What has been seen of a column chunk or of one page of it. */
typedef struct Tally {
    uint64_t levels;
    uint64_t nulls;
    uint64_t nans;
    uint64_t rows;
} Tally;

/* One pair of bounds to hold values against; both views are NULL when there is none. */
typedef struct Bounds {
    BytesView min, max;
} Bounds;

typedef struct ChunkCheck {
    const ParquetFile *file;
    const ColumnMetaData *meta;
    ColumnReader *reader;
    PageIndex index;
    ValueOrder order;
    Bounds chunk_bounds;
    Tally chunk;
    Tally page;
    size_t page_number;
} ChunkCheck;

static bool
verify_bounds_pair(const ChunkCheck *check, Bounds bounds, Error *err)
{
    if (!bound_is_valid(check->order, bounds.min) || !bound_is_valid(check->order, bounds.max))
        return error_set(err, ERR_FORMAT, "a bound is no value of its column");
    if (bound_compare(check->order, bounds.min, bounds.max) > 0)
        return error_set(err, ERR_FORMAT, "min is greater than max");
    return true;
}

/* Bounds mean something only under a known column order. */
static bool
take_chunk_bounds(ChunkCheck *check, size_t leaf, Error *err)
{
    const Statistics *statistics = &check->meta->statistics;
    bool is_ordered =
        leaf < check->file->column_order_count && check->file->column_orders[leaf] == 1;

    if (!is_ordered)
        check->order = VALUE_ORDER_NONE;
    if (check->order == VALUE_ORDER_NONE ||
        (statistics->min_value.data == NULL && statistics->max_value.data == NULL))
        return true;
    if (statistics->min_value.data == NULL || statistics->max_value.data == NULL)
        return error_set(err, ERR_FORMAT, "one bound without the other");
    check->chunk_bounds = (Bounds){statistics->min_value, statistics->max_value};
    return verify_bounds_pair(check, check->chunk_bounds, err);
}

static bool
has_page_bounds(const ChunkCheck *check)
{
    const ColumnIndex *bounds = &check->index.bounds;

    return bounds->is_present && check->page_number < bounds->page_count &&
           check->order != VALUE_ORDER_NONE && !bounds->null_pages[check->page_number];
}

static bool
verify_values(const ChunkCheck *check, const ColumnBatch *batch, Error *err)
{
    const ColumnIndex *index = &check->index.bounds;

    if (check->chunk_bounds.min.data != NULL &&
        !bounds_hold(check->order, batch->values, batch->value_count, check->chunk_bounds.min,
                     check->chunk_bounds.max))
        return error_set(err, ERR_FORMAT, "a value outside the column chunk's bounds");
    if (!has_page_bounds(check))
        return true;
    Bounds page = {index->min_values[check->page_number], index->max_values[check->page_number]};
    if (batch->value_count > 0 && !verify_bounds_pair(check, page, err))
        return false;
    if (batch->value_count > 0 &&
        !bounds_hold(check->order, batch->values, batch->value_count, page.min, page.max))
        return error_set(err, ERR_FORMAT, "a value outside its page's bounds");
    return true;
}

static bool
verify_page_location(const ChunkCheck *check, Error *err)
{
    const OffsetIndex *index = &check->index.offsets;
    const PageReader *page = &check->reader->pages;

    if (!index->is_present)
        return true;
    if (check->page_number >= index->page_count)
        return error_set(err, ERR_FORMAT, "more pages than the offset index lists");
    PageLocation location = index->pages[check->page_number];
    uint64_t size = page->header_bytes + (uint64_t)page->header.compressed_size;
    if (location.offset != (int64_t)page->offset ||
        (uint64_t)(uint32_t)location.compressed_size != size ||
        location.first_row != (int64_t)check->chunk.rows)
        return error_set(err, ERR_FORMAT,
                         "the offset index has %" PRId32 " bytes at %" PRId64 " from row %" PRId64
                         ", the page %" PRIu64 " at %" PRIu64 " from row %" PRIu64,
                         location.compressed_size, location.offset, location.first_row, size,
                         page->offset, check->chunk.rows);
    return true;
}

static bool
verify_page_counts(const ChunkCheck *check, Error *err)
{
    const ColumnIndex *index = &check->index.bounds;
    size_t number = check->page_number;

    if (!index->is_present)
        return true;
    if (number >= index->page_count)
        return error_set(err, ERR_FORMAT, "more pages than the column index lists");
    if (index->null_pages[number] != (check->page.nulls == check->page.levels))
        return error_set(err, ERR_FORMAT, "the column index is wrong about a page of nulls");
    if (index->null_counts != NULL && (uint64_t)index->null_counts[number] != check->page.nulls)
        return error_set(err, ERR_FORMAT,
                         "the column index has %" PRId64 " nulls in a page, its levels %" PRIu64,
                         index->null_counts[number], check->page.nulls);
    if (index->nan_counts != NULL && (uint64_t)index->nan_counts[number] != check->page.nans)
        return error_set(err, ERR_FORMAT,
                         "the column index has %" PRId64 " NaNs in a page of %" PRIu64,
                         index->nan_counts[number], check->page.nans);
    return true;
}

static void
add_tally(Tally *sum, const Tally *part)
{
    sum->levels += part->levels;
    sum->nulls += part->nulls;
    sum->nans += part->nans;
    sum->rows += part->rows;
}

static bool
verify_batch(ChunkCheck *check, const ColumnBatch *batch, Error *err)
{
    bool is_page_start = check->page.levels == 0;

    if (is_page_start && check->index.offsets.is_present && batch->repetitions != NULL &&
        batch->repetitions[0] != 0)
        return error_set(err, ERR_FORMAT, "a page of a column with a page index starts in a row");
    if (!verify_values(check, batch, err))
        return false;
    check->page.levels += batch->level_count;
    check->page.nulls += batch->level_count - batch->value_count;
    check->page.nans += count_nans(check->order, batch->values, batch->value_count);
    check->page.rows += batch->row_count;
    if (!batch->is_page_end)
        return true;
    if (!verify_page_location(check, err) || !verify_page_counts(check, err))
        return false;
    add_tally(&check->chunk, &check->page);
    check->page = (Tally){0};
    check->page_number++;
    return true;
}

static int32_t
pages_of(const ColumnReader *reader, const PageEncodingStats *stats)
{
    if (stats->encoding < 0 || stats->encoding >= ENCODING_COUNT)
        return -1;
    switch (stats->page_type) {
    case PAGE_DICTIONARY:
        return reader->dictionary_pages[stats->encoding];
    case PAGE_DATA: /* some writers count their V2 pages here */
        return reader->data_pages[stats->encoding] + reader->data_v2_pages[stats->encoding];
    case PAGE_DATA_V2:
        return reader->data_v2_pages[stats->encoding];
    default:
        return -1;
    }
}

static bool
verify_encodings(const ChunkCheck *check, Error *err)
{
    const ColumnMetaData *meta = check->meta;
    const ColumnReader *reader = check->reader;

    if ((reader->encodings & ~meta->encodings) != 0)
        return error_set(err, ERR_FORMAT,
                         "encodings %#" PRIx32 " (bits) are used, %#" PRIx32 " listed",
                         reader->encodings, meta->encodings);
    for (size_t i = 0; i < size_min(meta->encoding_stats_count, ENCODING_STATS_KEPT); i++) {
        const PageEncodingStats *stats = &meta->encoding_stats[i];
        if (pages_of(reader, stats) != stats->count)
            return error_set(err, ERR_FORMAT,
                             "encoding_stats has %" PRId32 " pages of type %" PRId32
                             " in encoding %" PRId32 ", there are %" PRId32,
                             stats->count, stats->page_type, stats->encoding,
                             pages_of(reader, stats));
    }
    if (reader->has_dictionary != (meta->dictionary_page_offset > 0))
        return error_set(err, ERR_FORMAT, "dictionary_page_offset is wrong about the dictionary");
    return true;
}

static bool
verify_chunk_counts(const ChunkCheck *check, int64_t row_count, Error *err)
{
    const Statistics *statistics = &check->meta->statistics;

    if (check->chunk.rows != (uint64_t)row_count)
        return error_set(err, ERR_FORMAT, "%" PRIu64 " rows in a row group of %" PRId64,
                         check->chunk.rows, row_count);
    if (statistics->has_null_count && (uint64_t)statistics->null_count != check->chunk.nulls)
        return error_set(err, ERR_FORMAT, "null_count is %" PRId64 " instead of %" PRIu64,
                         statistics->null_count, check->chunk.nulls);
    if (statistics->has_nan_count && check->order != VALUE_ORDER_NONE &&
        (uint64_t)statistics->nan_count != check->chunk.nans)
        return error_set(err, ERR_FORMAT, "nan_count is %" PRId64 " instead of %" PRIu64,
                         statistics->nan_count, check->chunk.nans);
    if ((uint64_t)check->meta->uncompressed_size != check->reader->pages.uncompressed_total)
        return error_set(err, ERR_FORMAT,
                         "total_uncompressed_size is %" PRId64 " instead of %" PRIu64,
                         check->meta->uncompressed_size, check->reader->pages.uncompressed_total);
    return true;
}

/* Pages in the order the column index promises; null pages have no place in it. */
static bool
verify_boundary_order(const ChunkCheck *check, Error *err)
{
    const ColumnIndex *index = &check->index.bounds;
    int sign = index->boundary_order == BOUNDARY_ASCENDING ? 1 : -1;
    size_t before = SIZE_MAX;

    if (!index->is_present || check->order == VALUE_ORDER_NONE ||
        index->boundary_order == BOUNDARY_UNORDERED)
        return true;
    for (size_t i = 0; i < index->page_count; i++) {
        if (index->null_pages[i])
            continue;
        if (before != SIZE_MAX &&
            (sign * bound_compare(check->order, index->min_values[before], index->min_values[i]) >
                 0 ||
             sign * bound_compare(check->order, index->max_values[before], index->max_values[i]) >
                 0))
            return error_set(err, ERR_FORMAT, "pages %zu and %zu break the boundary order", before,
                             i);
        before = i;
    }
    return true;
}

static bool
verify_index_lengths(const ChunkCheck *check, Error *err)
{
    const PageIndex *index = &check->index;

    if ((index->offsets.is_present && index->offsets.page_count != check->page_number) ||
        (index->bounds.is_present && index->bounds.page_count != check->page_number))
        return error_set(err, ERR_FORMAT, "the page index lists other pages than the %zu there are",
                         check->page_number);
    return true;
}

static bool
verify_pages(ChunkCheck *check, Error *err)
{
    ColumnBatch batch;
    bool has_batch = false;

    do {
        if (!column_reader_next(check->reader, &batch, &has_batch, err))
            return false;
        if (has_batch && !verify_batch(check, &batch, err))
            return error_add_context(err, "page=%zu offset=%" PRIu64, check->page_number,
                                     check->reader->pages.offset);
    } while (has_batch);
    return true;
}

bool
verify_chunk(const ParquetFile *file, size_t row_group, size_t leaf, Error *err)
{
    const FooterRowGroup *group = &file->row_groups[row_group];
    const FooterColumn *column = &group->columns[leaf];
    ChunkCheck check = {
        .file = file,
        .meta = &column->chunk.meta,
        .order = value_order_of(&file->schema[file->leaves[leaf].element]),
    };
    bool ok = column_reader_open(file, row_group, leaf, true, &check.reader, err) &&
              page_index_read(&check.index, file, &column->chunk, err) &&
              take_chunk_bounds(&check, leaf, err) && verify_pages(&check, err) &&
              verify_index_lengths(&check, err) && verify_encodings(&check, err) &&
              verify_chunk_counts(&check, group->row_count, err) &&
              verify_boundary_order(&check, err);

    if (!ok && strstr(err->context, "row_group=") == NULL) { /* the reader adds its own */
        char path[128];
        leaf_path(file, leaf, path, sizeof(path));
        error_add_context(err, "row_group=%zu column=%s", row_group, path);
    }
    page_index_release(&check.index);
    column_reader_free(check.reader);
    return ok;
}
