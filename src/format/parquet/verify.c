#include "format/parquet/verify.h"

#include "format/parquet/verify_chunk.h"

static bool
bytes_equal(BytesView bytes, const char *text)
{
    size_t size = strlen(text);

    return bytes.size == size && (size == 0 || memcmp(bytes.data, text, size) == 0);
}

/* The root's children are the columns, in order. */
static bool
verify_names(const ParquetFile *file, const Schema *schema, Error *err)
{
    size_t column = 0;

    for (size_t i = 1; i < file->schema_count; i++) {
        if (file->parents[i] != 0)
            continue;
        if (column < schema->column_count &&
            !bytes_equal(file->schema[i].name, schema->columns[column].name))
            return error_set(err, ERR_FORMAT, "column %zu is not named \"%s\"", column,
                             schema->columns[column].name);
        column++;
    }
    return column == schema->column_count ||
           error_set(err, ERR_FORMAT, "%zu columns instead of %zu", column, schema->column_count);
}

static bool
verify_footer(const ParquetFile *file, Error *err)
{
    if (file->has_trailing_bytes)
        return error_set(err, ERR_FORMAT, "bytes are left over behind the footer");
    if (file->row_count != file->row_sum)
        return error_set(err, ERR_FORMAT,
                         "the footer says %" PRId64 " rows, its row groups have %" PRId64,
                         file->row_count, file->row_sum);
    if (file->column_order_count != 0 && file->column_order_count != file->leaf_count)
        return error_set(err, ERR_FORMAT, "%zu column orders for %zu columns",
                         file->column_order_count, file->leaf_count);
    return true;
}

/* path_in_schema repeats what the schema says; its first parts are kept. */
static bool
verify_path(const ParquetFile *file, const ColumnMetaData *meta, const SchemaLeaf *leaf, Error *err)
{
    size_t depth = 0;

    for (uint32_t at = leaf->element; at != 0; at = file->parents[at])
        depth++;
    if (meta->path_count != depth)
        return error_set(err, ERR_FORMAT, "a path of %zu parts for a column at depth %zu",
                         meta->path_count, depth);
    for (uint32_t at = leaf->element; at != 0; at = file->parents[at]) {
        BytesView name = file->schema[at].name;
        depth--;
        if (depth < PATH_PARTS_KEPT &&
            (meta->path[depth].size != name.size ||
             (name.size > 0 && memcmp(meta->path[depth].data, name.data, name.size) != 0)))
            return error_set(err, ERR_FORMAT, "a path that is not the column's");
    }
    return true;
}

/* Column chunks follow each other without a gap; between row groups there may be bloom filters. */
static bool
verify_place(const ColumnMetaData *meta, bool is_first, uint64_t *next_offset, Error *err)
{
    int64_t start = column_start_offset(meta);

    if (start < 0 || (uint64_t)start < *next_offset ||
        (!is_first && (uint64_t)start != *next_offset))
        return error_set(err, ERR_FORMAT,
                         "a column chunk at offset %" PRId64
                         " where the one before ends at %" PRIu64,
                         start, *next_offset);
    if (meta->compressed_size < 0 || meta->uncompressed_size < 0)
        return error_set(err, ERR_FORMAT, "a column chunk of less than 0 bytes");
    *next_offset = (uint64_t)start + (uint64_t)meta->compressed_size;
    return true;
}

static bool
verify_totals(const FooterRowGroup *group, size_t number, uint64_t compressed,
              uint64_t uncompressed, int64_t start, Error *err)
{
    if (group->row_count == 0)
        return error_set(err, ERR_FORMAT, "a row group without rows");
    if ((uint64_t)group->uncompressed_size != uncompressed)
        return error_set(err, ERR_FORMAT, "total_byte_size is %" PRId64 " instead of %" PRIu64,
                         group->uncompressed_size, uncompressed);
    if (group->compressed_size != -1 && (uint64_t)group->compressed_size != compressed)
        return error_set(err, ERR_FORMAT,
                         "total_compressed_size is %" PRId64 " instead of %" PRIu64,
                         group->compressed_size, compressed);
    if (group->file_offset != -1 && group->file_offset != start)
        return error_set(err, ERR_FORMAT, "file_offset is %" PRId64 " instead of %" PRId64,
                         group->file_offset, start);
    if (group->ordinal != -1 && (size_t)group->ordinal != number)
        return error_set(err, ERR_FORMAT, "ordinal is %" PRId32 " instead of %zu", group->ordinal,
                         number);
    return true;
}

static bool
verify_row_group(const ParquetFile *file, size_t number, uint64_t *next_offset, Error *err)
{
    const FooterRowGroup *group = &file->row_groups[number];
    uint64_t compressed = 0;
    uint64_t uncompressed = 0;
    int64_t start = -1;
    char path[128];

    for (size_t i = 0; i < file->leaf_count; i++) {
        const ColumnMetaData *meta = &group->columns[i].chunk.meta;
        if (!verify_path(file, meta, &file->leaves[i], err) ||
            !verify_place(meta, i == 0, next_offset, err)) {
            leaf_path(file, i, path, sizeof(path));
            return error_add_context(err, "row_group=%zu column=%s", number, path);
        }
        if (!verify_chunk(file, number, i, err))
            return false;
        start = i == 0 ? column_start_offset(meta) : start;
        compressed += (uint64_t)meta->compressed_size;
        uncompressed += (uint64_t)meta->uncompressed_size;
    }
    return verify_totals(group, number, compressed, uncompressed, start, err) ||
           error_add_context(err, "row_group=%zu", number);
}

static bool
verify_rows(const ParquetFile *file, uint64_t row_count, Error *err)
{
    return (uint64_t)file->row_count == row_count ||
           error_set(err, ERR_CHECK, "validation failed: expected %" PRIu64 " rows, got %" PRId64,
                     row_count, file->row_count);
}

static bool
verify_open_file(const ParquetFile *file, const VerifyExpectation *want, Error *err)
{
    uint64_t next_offset = PARQUET_MAGIC_BYTES;

    if (!verify_footer(file, err) || !verify_rows(file, want->row_count, err))
        return false;
    if (want->schema != NULL && !verify_names(file, want->schema, err))
        return false;
    for (size_t i = 0; i < file->row_group_count; i++) {
        if (!verify_row_group(file, i, &next_offset, err))
            return false;
    }
    return true;
}

/* To those who ask for a check, damage is a failed check. */
static void
make_check_failure(Error *err)
{
    char damage[sizeof(err->message)];

    if (err->code != ERR_FORMAT && err->code != ERR_UNSUPPORTED)
        return;
    memcpy(damage, err->message, sizeof(damage));
    err->code = ERR_CHECK;
    snprintf(err->message, sizeof(err->message), "validation failed: %.*s",
             (int)(sizeof(err->message) - sizeof("validation failed: ")), damage);
}

bool
parquet_verify_file(const ParquetFile *file, const VerifyExpectation *want, Error *err)
{
    bool ok = verify_open_file(file, want, err);

    if (!ok)
        make_check_failure(err);
    return ok;
}

bool
parquet_verify(const Readable *from, const VerifyExpectation *want, Error *err)
{
    ParquetFile file = {0};
    bool ok = parquet_file_open(&file, from, NULL, err);

    if (!ok)
        make_check_failure(err);
    else
        ok = parquet_verify_file(&file, want, err);
    parquet_file_release(&file);
    return ok;
}
