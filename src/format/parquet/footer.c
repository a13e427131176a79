#include "format/parquet/footer.h"

#include <jansson.h>

#include "util/log.h"
#include "util/memory.h"

/* Of the bytes, not of rivet: equal files carry equal text. `version` is needed by parquet-java. */
#define CREATED_BY "rivet version 1.0.0 (build rivet)"

/* Any 3.x version makes Spark 3 read dates as they are instead of refusing ancient ones. */
#define SPARK_VERSION_KEY   "org.apache.spark.version"
#define SPARK_VERSION_VALUE "3.5.0"

enum { FORMAT_VERSION = 1, LARGE_FOOTER_BYTES = 16 << 20 };

/* metadata[0, end_bytes) up to and including a ColumnChunk's meta_data, behind which the places
 * of its two indexes go. The text between two pieces continues where the last one ended. */
typedef struct FooterPiece {
    size_t end_bytes;
    uint32_t offset_index_bytes;
    uint32_t column_index_bytes; /* 0: none */
} FooterPiece;

void
footer_init(Footer *footer, const LeafLayout *layouts, size_t column_count,
            bool is_spark_compatible)
{
    *footer = (Footer){
        .layouts = layouts,
        .column_count = column_count,
        .is_spark_compatible = is_spark_compatible,
    };
}

void
footer_release(Footer *footer)
{
    buffer_release(&footer->metadata);
    buffer_release(&footer->pieces);
    buffer_release(&footer->column_indexes);
    buffer_release(&footer->offset_indexes);
}

static void
write_encodings(ThriftWriter *out, const ColumnWriter *column, bool has_dictionary_page)
{
    const int32_t *pages = column->facts.encoding_pages;
    bool is_used[ENCODING_COUNT] = {false};
    size_t count = 0;

    for (size_t i = 0; i < ENCODING_COUNT; i++)
        is_used[i] = pages[i] > 0;
    is_used[ENCODING_PLAIN] |= has_dictionary_page;
    is_used[ENCODING_RLE] |= column->layout->has_nulls;
    for (size_t i = 0; i < ENCODING_COUNT; i++)
        count += is_used[i];
    thrift_list(out, 2, THRIFT_I32, count);
    for (size_t i = 0; i < ENCODING_COUNT; i++)
        if (is_used[i])
            thrift_item_int(out, (int64_t)i);
}

static void
write_path(ThriftWriter *out, const LeafLayout *layout)
{
    const char *name = layout->column->name;

    thrift_list(out, 3, THRIFT_BINARY, layout->is_list ? 3 : 1);
    thrift_item_binary(out, name, strlen(name));
    if (layout->is_list) {
        thrift_item_binary(out, "list", strlen("list"));
        thrift_item_binary(out, "element", strlen("element"));
    }
}

static bool
is_float(const LeafLayout *layout)
{
    return layout->physical == PHYSICAL_FLOAT || layout->physical == PHYSICAL_DOUBLE;
}

static void
write_statistics(ThriftWriter *out, const ColumnWriter *column)
{
    const ChunkFacts *facts = &column->facts;
    EncodedBounds bounds;

    bounds_encode(&facts->bounds, column->layout, &bounds);
    thrift_struct(out, 12);
    thrift_i64(out, 3, facts->null_count);
    if (bounds.is_set && chunk_facts_has_bounds(facts)) {
        thrift_binary(out, 5, bounds.max, bounds.max_size);
        thrift_binary(out, 6, bounds.min, bounds.min_size);
        thrift_bool(out, 7, bounds.is_max_exact);
        thrift_bool(out, 8, bounds.is_min_exact);
    }
    if (is_float(column->layout) && column->settings->has_statistics)
        thrift_i64(out, 9, facts->bounds.nan_count);
    thrift_end(out);
}

static void
write_encoding_stats_item(ThriftWriter *out, PageType type, size_t encoding, int32_t count)
{
    thrift_item_struct(out);
    thrift_i32(out, 1, (int32_t)type);
    thrift_i32(out, 2, (int32_t)encoding);
    thrift_i32(out, 3, count);
    thrift_end(out);
}

static void
write_encoding_stats(ThriftWriter *out, const ColumnWriter *column, bool has_dictionary_page)
{
    const int32_t *pages = column->facts.encoding_pages;
    size_t count = has_dictionary_page;

    for (size_t i = 0; i < ENCODING_COUNT; i++)
        count += pages[i] > 0;
    thrift_list(out, 13, THRIFT_STRUCT, count);
    if (has_dictionary_page)
        write_encoding_stats_item(out, PAGE_DICTIONARY, ENCODING_PLAIN, 1);
    for (size_t i = 0; i < ENCODING_COUNT; i++)
        if (pages[i] > 0)
            write_encoding_stats_item(out, PAGE_DATA, i, pages[i]);
}

static void
write_size_statistics(ThriftWriter *out, const ColumnWriter *column)
{
    bool is_bytes = column->layout->physical == PHYSICAL_BYTE_ARRAY;

    if (!is_bytes && !column->layout->is_list)
        return;
    thrift_struct(out, 16);
    if (is_bytes)
        thrift_i64(out, 1, column->facts.unencoded_bytes);
    if (column->layout->is_list) {
        thrift_list(out, 3, THRIFT_I64, ARRAY_LENGTH(column->facts.definition_counts));
        for (size_t i = 0; i < ARRAY_LENGTH(column->facts.definition_counts); i++)
            thrift_item_int(out, column->facts.definition_counts[i]);
    }
    thrift_end(out);
}

static void
write_column_metadata(ThriftWriter *out, const ColumnWriter *column, const ChunkPlace *place)
{
    bool has_dictionary_page = place->dictionary_page_offset >= 0;

    assert(!has_dictionary_page || place->data_page_offset > place->dictionary_page_offset);
    thrift_struct(out, 3);
    thrift_i32(out, 1, (int32_t)column->layout->physical);
    write_encodings(out, column, has_dictionary_page);
    write_path(out, column->layout);
    thrift_i32(out, 4, (int32_t)column->settings->codec);
    thrift_i64(out, 5, column->facts.entry_count);
    thrift_i64(out, 6, place->uncompressed_bytes);
    thrift_i64(out, 7, place->compressed_bytes);
    thrift_i64(out, 9, place->data_page_offset);
    if (has_dictionary_page)
        thrift_i64(out, 11, place->dictionary_page_offset);
    write_statistics(out, column);
    write_encoding_stats(out, column, has_dictionary_page);
    if (place->bloom_offset >= 0) {
        thrift_i64(out, 14, place->bloom_offset);
        thrift_i32(out, 15, place->bloom_bytes);
    }
    write_size_statistics(out, column);
    thrift_end(out);
}

static size_t
count_pages(const ColumnWriter *column)
{
    size_t count = 0;

    for (const Page *page = column->pages; page != NULL; page = page->next)
        count++;
    return count;
}

static bool
has_column_index(const ColumnWriter *column)
{
    return column->settings->has_statistics && column->layout->bounds != BOUNDS_NONE &&
           chunk_facts_has_bounds(&column->facts);
}

static void
write_column_index(Buffer *buffer, const ColumnWriter *column)
{
    ThriftWriter out = thrift_begin(buffer);
    size_t count = count_pages(column);

    thrift_list(&out, 1, THRIFT_TRUE, count);
    for (const Page *page = column->pages; page != NULL; page = page->next)
        thrift_item_bool(&out, !page->bounds.is_set);
    thrift_list(&out, 2, THRIFT_BINARY, count);
    for (const Page *page = column->pages; page != NULL; page = page->next)
        thrift_item_binary(&out, page->bounds.min, page->bounds.min_size);
    thrift_list(&out, 3, THRIFT_BINARY, count);
    for (const Page *page = column->pages; page != NULL; page = page->next)
        thrift_item_binary(&out, page->bounds.max, page->bounds.max_size);
    thrift_i32(&out, 4, (int32_t)chunk_facts_order(&column->facts));
    thrift_list(&out, 5, THRIFT_I64, count);
    for (const Page *page = column->pages; page != NULL; page = page->next)
        thrift_item_int(&out, page->null_count);
    if (is_float(column->layout)) {
        thrift_list(&out, 8, THRIFT_I64, count);
        for (const Page *page = column->pages; page != NULL; page = page->next)
            thrift_item_int(&out, page->nan_count);
    }
    thrift_end(&out);
}

static void
write_offset_index(Buffer *buffer, const ColumnWriter *column, int64_t first_page_offset)
{
    ThriftWriter out = thrift_begin(buffer);
    size_t count = count_pages(column);
    int64_t offset = first_page_offset;

    thrift_list(&out, 1, THRIFT_STRUCT, count);
    for (const Page *page = column->pages; page != NULL; page = page->next) {
        thrift_item_struct(&out);
        thrift_i64(&out, 1, offset);
        thrift_i32(&out, 2, (int32_t)page->stored_bytes);
        thrift_i64(&out, 3, page->first_row);
        thrift_end(&out);
        offset += (int64_t)page->stored_bytes;
    }
    if (column->layout->physical == PHYSICAL_BYTE_ARRAY) {
        thrift_list(&out, 2, THRIFT_I64, count);
        for (const Page *page = column->pages; page != NULL; page = page->next)
            thrift_item_int(&out, page->unencoded_bytes);
    }
    thrift_end(&out);
}

/* Up to the fields that place the indexes; add_piece cuts here. */
static void
begin_column_chunk(ThriftWriter *out, const ColumnWriter *column, const ChunkPlace *place)
{
    thrift_item_struct(out);
    thrift_i64(out, 2, 0);
    write_column_metadata(out, column, place);
}

static void
add_piece(Footer *footer, const ColumnWriter *column, const ChunkPlace *place)
{
    size_t offset_start = footer->offset_indexes.size;
    size_t column_start = footer->column_indexes.size;

    write_offset_index(&footer->offset_indexes, column, place->data_page_offset);
    if (has_column_index(column))
        write_column_index(&footer->column_indexes, column);
    FooterPiece piece = {
        .end_bytes = footer->metadata.size,
        .offset_index_bytes = (uint32_t)(footer->offset_indexes.size - offset_start),
        .column_index_bytes = (uint32_t)(footer->column_indexes.size - column_start),
    };
    buffer_append(&footer->pieces, &piece, sizeof(piece));
}

void
footer_add_row_group(Footer *footer, const ColumnWriter *columns, const ChunkPlace *places,
                     int64_t row_count)
{
    ThriftWriter out = thrift_begin(&footer->metadata);
    int64_t uncompressed_bytes = 0;
    int64_t compressed_bytes = 0;
    int64_t first_page = places[0].dictionary_page_offset >= 0 ? places[0].dictionary_page_offset
                                                               : places[0].data_page_offset;

    thrift_list(&out, 1, THRIFT_STRUCT, footer->column_count);
    for (size_t i = 0; i < footer->column_count; i++) {
        begin_column_chunk(&out, &columns[i], &places[i]);
        add_piece(footer, &columns[i], &places[i]);
        out.depth--; /* the struct's end is written with the places of its indexes */
        uncompressed_bytes += places[i].uncompressed_bytes;
        compressed_bytes += places[i].compressed_bytes;
    }
    thrift_i64(&out, 2, uncompressed_bytes);
    thrift_i64(&out, 3, row_count);
    thrift_i64(&out, 5, first_page);
    thrift_i64(&out, 6, compressed_bytes);
    thrift_i16(&out, 7, (int16_t)footer->row_group_count);
    thrift_end(&out);
    footer->row_group_count++;
    footer->row_count += row_count;
}

static void
write_schema(ThriftWriter *out, const Footer *footer)
{
    size_t count = 1;

    for (size_t i = 0; i < footer->column_count; i++)
        count += layout_element_count(&footer->layouts[i]);
    thrift_list(out, 2, THRIFT_STRUCT, count);
    thrift_item_struct(out);
    thrift_text(out, 4, "schema");
    thrift_i32(out, 5, (int32_t)footer->column_count);
    thrift_end(out);
    for (size_t i = 0; i < footer->column_count; i++)
        layout_write_elements(&footer->layouts[i], out);
}

/* [{"name":…,"type":…},…]: what the source called the columns, without anything that differs
 * between two runs. The caller frees it. */
static char *
source_schema_json(const Footer *footer)
{
    json_t *columns = json_array();

    for (size_t i = 0; i < footer->column_count; i++) {
        const ColumnSchema *column = footer->layouts[i].column;
        const char *type = column->source_type == NULL ? "" : column->source_type;
        json_array_append_new(columns, json_pack("{s:s, s:s}", "name", column->name, "type", type));
    }
    char *text = json_dumps(columns, JSON_COMPACT);
    json_decref(columns);
    return text == NULL ? memory_dup_string("[]") : text;
}

static void
write_key_value(ThriftWriter *out, const char *key, const char *value)
{
    thrift_item_struct(out);
    thrift_text(out, 1, key);
    thrift_text(out, 2, value);
    thrift_end(out);
}

static void
write_key_values(ThriftWriter *out, const Footer *footer)
{
    char *schema = source_schema_json(footer);

    thrift_list(out, 5, THRIFT_STRUCT, footer->is_spark_compatible ? 2 : 1);
    write_key_value(out, "rivet.schema", schema);
    if (footer->is_spark_compatible)
        write_key_value(out, SPARK_VERSION_KEY, SPARK_VERSION_VALUE);
    free(schema);
}

static void
write_column_orders(ThriftWriter *out, const Footer *footer)
{
    thrift_list(out, 7, THRIFT_STRUCT, footer->column_count);
    for (size_t i = 0; i < footer->column_count; i++) {
        thrift_item_struct(out);
        thrift_empty_struct(out, 1);
        thrift_end(out);
    }
}

/* Copies the pieces of the row groups, each chunk completed by the places of its indexes. */
static void
write_row_groups(ThriftWriter *out, const Footer *footer, uint64_t indexes_offset)
{
    const FooterPiece *pieces = (const void *)footer->pieces.data;
    size_t piece_count = footer->pieces.size / sizeof(FooterPiece);
    uint64_t column_index = indexes_offset;
    uint64_t offset_index = indexes_offset + footer->column_indexes.size;
    size_t copied = 0;

    thrift_list(out, 4, THRIFT_STRUCT, footer->row_group_count);
    for (size_t i = 0; i < piece_count; i++) {
        const FooterPiece *piece = &pieces[i];
        buffer_append(out->out, footer->metadata.data + copied, piece->end_bytes - copied);
        copied = piece->end_bytes;
        ThriftWriter chunk = {.out = out->out, .last_id = {3}};
        thrift_i64(&chunk, 4, (int64_t)offset_index);
        thrift_i32(&chunk, 5, (int32_t)piece->offset_index_bytes);
        if (piece->column_index_bytes > 0) {
            thrift_i64(&chunk, 6, (int64_t)column_index);
            thrift_i32(&chunk, 7, (int32_t)piece->column_index_bytes);
        }
        thrift_end(&chunk);
        offset_index += piece->offset_index_bytes;
        column_index += piece->column_index_bytes;
    }
    if (piece_count > 0)
        buffer_append(out->out, footer->metadata.data + copied, footer->metadata.size - copied);
}

static void
write_file_metadata(const Footer *footer, uint64_t indexes_offset, Buffer *buffer)
{
    ThriftWriter out = thrift_begin(buffer);

    thrift_i32(&out, 1, FORMAT_VERSION);
    write_schema(&out, footer);
    thrift_i64(&out, 3, footer->row_count);
    write_row_groups(&out, footer, indexes_offset);
    write_key_values(&out, footer);
    thrift_text(&out, 6, CREATED_BY);
    write_column_orders(&out, footer);
    thrift_end(&out);
}

static void
write_tail(const Footer *footer, uint64_t indexes_offset, Buffer *buffer)
{
    write_file_metadata(footer, indexes_offset, buffer);
    uint32_t length = (uint32_t)buffer->size;
    buffer_append(buffer, &length, sizeof(length));
    buffer_append(buffer, PARQUET_MAGIC, PARQUET_MAGIC_BYTES);
}

uint64_t
footer_size_bytes(const Footer *footer, uint64_t file_bytes)
{
    Buffer tail = {0};

    write_tail(footer, file_bytes, &tail);
    uint64_t size = footer->column_indexes.size + footer->offset_indexes.size + tail.size;
    buffer_release(&tail);
    return size;
}

FooterMark
footer_mark(const Footer *footer)
{
    return (FooterMark){
        .metadata = footer->metadata.size,
        .pieces = footer->pieces.size,
        .column_indexes = footer->column_indexes.size,
        .offset_indexes = footer->offset_indexes.size,
        .row_group_count = footer->row_group_count,
        .row_count = footer->row_count,
    };
}

void
footer_rewind(Footer *footer, const FooterMark *mark)
{
    footer->metadata.size = mark->metadata;
    footer->pieces.size = mark->pieces;
    footer->column_indexes.size = mark->column_indexes;
    footer->offset_indexes.size = mark->offset_indexes;
    footer->row_group_count = mark->row_group_count;
    footer->row_count = mark->row_count;
}

bool
footer_write(const Footer *footer, FileOutput *output, Error *err)
{
    const Buffer *columns = &footer->column_indexes;
    const Buffer *offsets = &footer->offset_indexes;
    Buffer tail = {0};

    write_tail(footer, output->size_bytes, &tail);
    if (tail.size > LARGE_FOOTER_BYTES)
        log_warn("rivet::parquet",
                 "large footer bytes=%zu columns=%zu row_groups=%zu: readers load it whole",
                 tail.size, footer->column_count, footer->row_group_count);
    bool ok = file_output_write(output, columns->data, columns->size, err) &&
              file_output_write(output, offsets->data, offsets->size, err) &&
              file_output_write(output, tail.data, tail.size, err) &&
              file_output_flush(output, err);
    buffer_release(&tail);
    return ok;
}
