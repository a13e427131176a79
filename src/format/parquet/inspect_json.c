#include "format/parquet/inspect_json.h"

#include <jansson.h>

#include "format/parquet/codec.h"
#include "format/parquet/inspect_value.h"
#include "format/parquet/page_index_read.h"

/* Every json_t here belongs to the object it is put into; jansson copes with NULL values. */

static json_t *
text_of(Buffer *buffer)
{
    json_t *text = json_stringn((const char *)buffer->data, buffer->size);

    buffer_release(buffer);
    return text != NULL ? text : json_string("");
}

/* Text as it is; bytes that are not UTF-8 as \xNN. */
static json_t *
json_bytes(BytesView bytes)
{
    Buffer shown = {0};

    if (bytes.size > 0 && bytes_are_utf8(bytes))
        return json_stringn((const char *)bytes.data, bytes.size);
    printable_text(bytes, &shown);
    return text_of(&shown);
}

static void
set_number(json_t *object, const char *key, int64_t value)
{
    json_object_set_new(object, key, json_integer(value));
}

/* -1 stands for "absent". */
static void
set_optional(json_t *object, const char *key, int64_t value)
{
    if (value >= 0)
        set_number(object, key, value);
}

static json_t *
json_element(const SchemaElement *element)
{
    json_t *object = json_object();
    Buffer logical = {0};

    json_object_set_new(object, "name", json_bytes(element->name));
    if (element->repetition != REPETITION_NONE)
        json_object_set_new(object, "repetition",
                            json_string(repetition_name(element->repetition)));
    if (element->type >= 0 && element->child_count == 0)
        json_object_set_new(object, "type", json_string(physical_type_name(element->type)));
    if (element->type == PHYSICAL_FIXED)
        set_number(object, "type_length", element->type_length);
    logical_type_text(element, &logical);
    if (logical.size > 0)
        json_object_set_new(object, "logical_type", text_of(&logical));
    buffer_release(&logical);
    return object;
}

/* The elements in the file's order, depth first, each with the index of its parent. */
static json_t *
json_schema(const ParquetFile *file)
{
    json_t *list = json_array();

    for (size_t i = 0; i < file->schema_count; i++) {
        json_t *object = json_element(&file->schema[i]);
        if (i > 0)
            set_number(object, "parent", file->parents[i]);
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *
json_encodings(uint32_t encodings)
{
    json_t *list = json_array();

    for (int32_t i = 0; i < 32; i++) {
        if ((encodings >> i & 1) != 0)
            json_array_append_new(list, json_string(encoding_name(i)));
    }
    return list;
}

static void
set_bound(json_t *object, const char *key, const SchemaElement *element, BytesView bound)
{
    Buffer shown = {0};

    if (bound.data == NULL)
        return;
    bound_text(element, bound, &shown);
    json_object_set_new(object, key, text_of(&shown));
}

static json_t *
json_statistics(const Statistics *statistics, const SchemaElement *element)
{
    json_t *object = json_object();

    set_bound(object, "min", element, statistics->min_value);
    set_bound(object, "max", element, statistics->max_value);
    set_bound(object, "deprecated_min", element, statistics->old_min);
    set_bound(object, "deprecated_max", element, statistics->old_max);
    if (statistics->min_value.data != NULL)
        json_object_set_new(object, "is_min_exact", json_boolean(statistics->is_min_exact));
    if (statistics->max_value.data != NULL)
        json_object_set_new(object, "is_max_exact", json_boolean(statistics->is_max_exact));
    if (statistics->has_null_count)
        set_number(object, "null_count", statistics->null_count);
    if (statistics->has_nan_count)
        set_number(object, "nan_count", statistics->nan_count);
    if (statistics->has_distinct_count)
        set_number(object, "distinct_count", statistics->distinct_count);
    return object;
}

static json_t *
json_encoding_stats(const ColumnMetaData *meta)
{
    static const char *const PAGES[] = {"DATA_PAGE", "INDEX_PAGE", "DICTIONARY_PAGE",
                                        "DATA_PAGE_V2"};
    json_t *list = json_array();

    for (size_t i = 0; i < size_min(meta->encoding_stats_count, ENCODING_STATS_KEPT); i++) {
        const PageEncodingStats *stats = &meta->encoding_stats[i];
        bool is_known = stats->page_type >= 0 && stats->page_type < (int)ARRAY_LENGTH(PAGES);
        json_t *object = json_object();
        json_object_set_new(object, "page_type",
                            json_string(is_known ? PAGES[stats->page_type] : "UNKNOWN"));
        json_object_set_new(object, "encoding", json_string(encoding_name(stats->encoding)));
        set_number(object, "count", stats->count);
        json_array_append_new(list, object);
    }
    return list;
}

static void
set_page_bounds(json_t *page, const ColumnIndex *bounds, size_t i, const SchemaElement *element)
{
    json_object_set_new(page, "is_null_page", json_boolean(bounds->null_pages[i]));
    if (!bounds->null_pages[i]) {
        set_bound(page, "min", element, bounds->min_values[i]);
        set_bound(page, "max", element, bounds->max_values[i]);
    }
    if (bounds->null_counts != NULL)
        set_number(page, "null_count", bounds->null_counts[i]);
    if (bounds->nan_counts != NULL)
        set_number(page, "nan_count", bounds->nan_counts[i]);
}

static json_t *
json_pages(const PageIndex *index, const SchemaElement *element)
{
    json_t *list = json_array();
    size_t count = size_max(index->offsets.page_count, index->bounds.page_count);

    for (size_t i = 0; i < count; i++) {
        json_t *page = json_object();
        if (i < index->offsets.page_count) {
            set_number(page, "offset", index->offsets.pages[i].offset);
            set_number(page, "compressed_size", index->offsets.pages[i].compressed_size);
            set_number(page, "first_row", index->offsets.pages[i].first_row);
        }
        if (i < index->bounds.page_count)
            set_page_bounds(page, &index->bounds, i, element);
        json_array_append_new(list, page);
    }
    return list;
}

static bool
set_page_index(json_t *object, const ParquetFile *file, const ColumnChunk *chunk,
               const SchemaElement *element, Error *err)
{
    PageIndex index;

    if (!page_index_read(&index, file, chunk, err))
        return false;
    if (index.offsets.is_present || index.bounds.is_present) {
        json_t *shown = json_object();
        set_optional(shown, "offset_index_offset", chunk->offset_index_offset);
        set_optional(shown, "offset_index_length", chunk->offset_index_length);
        set_optional(shown, "column_index_offset", chunk->column_index_offset);
        set_optional(shown, "column_index_length", chunk->column_index_length);
        if (index.bounds.is_present)
            json_object_set_new(shown, "boundary_order",
                                json_string(boundary_order_name(index.bounds.boundary_order)));
        json_object_set_new(shown, "pages", json_pages(&index, element));
        json_object_set_new(object, "page_index", shown);
    }
    page_index_release(&index);
    return true;
}

static void
set_meta(json_t *object, const ParquetFile *file, const ColumnMetaData *meta,
         const SchemaElement *element)
{
    int64_t bloom_bytes = bloom_filter_bytes(file, meta);

    json_object_set_new(object, "type", json_string(physical_type_name(meta->type)));
    json_object_set_new(object, "codec", json_string(codec_name(meta->codec)));
    json_object_set_new(object, "encodings", json_encodings(meta->encodings));
    set_number(object, "value_count", meta->value_count);
    set_number(object, "compressed_size", meta->compressed_size);
    set_number(object, "uncompressed_size", meta->uncompressed_size);
    set_number(object, "data_page_offset", meta->data_page_offset);
    set_optional(object, "dictionary_page_offset", meta->dictionary_page_offset);
    set_optional(object, "unencoded_byte_array_data_bytes", meta->unencoded_bytes);
    if (meta->encoding_stats_count > 0)
        json_object_set_new(object, "encoding_stats", json_encoding_stats(meta));
    json_object_set_new(object, "statistics", json_statistics(&meta->statistics, element));
    if (bloom_bytes > 0) {
        set_number(object, "bloom_filter_offset", meta->bloom_offset);
        set_number(object, "bloom_filter_bytes", bloom_bytes);
    }
}

static bool
append_column(json_t *list, const ParquetFile *file, const FooterColumn *column, size_t leaf,
              Error *err)
{
    const SchemaElement *element = &file->schema[file->leaves[leaf].element];
    json_t *object = json_object();
    char path[512];

    json_array_append_new(list, object);
    leaf_path(file, leaf, path, sizeof(path));
    json_object_set_new(object, "path", json_bytes((BytesView){(uint8_t *)path, strlen(path)}));
    if (column->is_encrypted)
        json_object_set_new(object, "is_encrypted", json_true());
    if (column->file_path.size > 0)
        json_object_set_new(object, "file_path", json_bytes(column->file_path));
    if (!column->has_meta)
        return true;
    set_meta(object, file, &column->chunk.meta, element);
    return column->is_encrypted || set_page_index(object, file, &column->chunk, element, err) ||
           error_add_context(err, "column=%s", path);
}

static bool
append_row_group(json_t *list, const ParquetFile *file, const FooterRowGroup *group, Error *err)
{
    json_t *object = json_object();
    json_t *columns = json_array();

    json_array_append_new(list, object);
    json_object_set_new(object, "columns", columns);
    set_number(object, "row_count", group->row_count);
    set_number(object, "uncompressed_size", group->uncompressed_size);
    set_optional(object, "compressed_size", group->compressed_size);
    set_optional(object, "file_offset", group->file_offset);
    set_optional(object, "ordinal", group->ordinal);
    if (group->sorting_count > 0) {
        json_t *sorting = json_array();
        for (size_t i = 0; i < group->sorting_count; i++)
            json_array_append_new(
                sorting, json_pack("{s:i, s:b, s:b}", "column", (int)group->sorting[i].column,
                                   "is_descending", group->sorting[i].is_descending,
                                   "is_nulls_first", group->sorting[i].is_nulls_first));
        json_object_set_new(object, "sorting_columns", sorting);
    }
    for (size_t i = 0; i < file->leaf_count; i++) {
        if (!append_column(columns, file, &group->columns[i], i, err))
            return error_add_context(err, "row_group=%zu", (size_t)(group - file->row_groups));
    }
    return true;
}

static json_t *
json_key_values(const ParquetFile *file)
{
    json_t *list = json_array();

    for (size_t i = 0; i < file->key_value_count; i++) {
        json_t *pair = json_object();
        json_object_set_new(pair, "key", json_bytes(file->key_values[i].key));
        if (file->key_values[i].value.data != NULL)
            json_object_set_new(pair, "value", json_bytes(file->key_values[i].value));
        json_array_append_new(list, pair);
    }
    return list;
}

static void
set_file(json_t *root, const ParquetFile *file, const char *name)
{
    set_number(root, "size", (int64_t)file->from->size_bytes);
    set_number(root, "footer_size", file->footer_size);
    set_number(root, "version", file->version);
    set_number(root, "row_count", file->row_count);
    json_object_set_new(root, "file", json_bytes((BytesView){(const uint8_t *)name, strlen(name)}));
    if (file->created_by.data != NULL)
        json_object_set_new(root, "created_by", json_bytes(file->created_by));
    json_object_set_new(root, "key_value_metadata", json_key_values(file));
    json_object_set_new(root, "schema", json_schema(file));
}

bool
inspect_as_json(const ParquetFile *file, const char *name, FILE *out, Error *err)
{
    json_t *root = json_object();
    json_t *groups = json_array();
    bool ok = true;

    set_file(root, file, name);
    json_object_set_new(root, "row_groups", groups);
    for (size_t i = 0; ok && i < file->row_group_count; i++)
        ok = append_row_group(groups, file, &file->row_groups[i], err);
    if (ok && (json_dumpf(root, out, JSON_INDENT(2)) != 0 || fputc('\n', out) == EOF))
        ok = error_set(err, ERR_IO, "cannot write the description");
    json_decref(root);
    return ok;
}
