#include "format/parquet/footer_parse.h"

static bool
has_all(uint32_t seen, uint32_t required)
{
    return (seen & required) == required;
}

/* Remembers that a field was there; ids past 31 are never required. */
static void
note(uint32_t *seen, int16_t id)
{
    if (id > 0 && id < 32)
        *seen |= UINT32_C(1) << id;
}

static Statistics
parse_statistics(ThriftReader *reader)
{
    Statistics out = {0};
    ThriftField field = thrift_enter(reader);

    while (thrift_next_field(reader, &field)) {
        switch (field.id) {
        case 1:
            out.old_max = thrift_read_bytes(reader, field);
            break;
        case 2:
            out.old_min = thrift_read_bytes(reader, field);
            break;
        case 3:
            out.has_null_count = true;
            out.null_count = thrift_read_i64(reader, field);
            break;
        case 4:
            out.has_distinct_count = true;
            out.distinct_count = thrift_read_i64(reader, field);
            break;
        case 5:
            out.max_value = thrift_read_bytes(reader, field);
            break;
        case 6:
            out.min_value = thrift_read_bytes(reader, field);
            break;
        case 7:
            out.is_max_exact = thrift_read_bool(reader, field);
            break;
        case 8:
            out.is_min_exact = thrift_read_bool(reader, field);
            break;
        case 9:
            out.has_nan_count = true;
            out.nan_count = thrift_read_i64(reader, field);
            break;
        default:
            thrift_skip(reader, field);
        }
    }
    return out;
}

static PageEncodingStats
parse_encoding_stats(ThriftReader *reader)
{
    PageEncodingStats out = {0};
    ThriftField field = thrift_enter(reader);

    while (thrift_next_field(reader, &field)) {
        if (field.id == 1)
            out.page_type = thrift_read_i32(reader, field);
        else if (field.id == 2)
            out.encoding = thrift_read_i32(reader, field);
        else if (field.id == 3)
            out.count = thrift_read_i32(reader, field);
        else
            thrift_skip(reader, field);
    }
    return out;
}

static void
parse_encoding_stats_list(ThriftReader *reader, ThriftField field, ColumnMetaData *out)
{
    out->encoding_stats_count = thrift_read_list(reader, field, THRIFT_WIRE_STRUCT, 1);
    for (size_t i = 0; i < out->encoding_stats_count && reader->problem == NULL; i++) {
        PageEncodingStats stats = parse_encoding_stats(reader);
        if (i < ENCODING_STATS_KEPT)
            out->encoding_stats[i] = stats;
    }
}

static uint32_t
parse_encodings(ThriftReader *reader, ThriftField field)
{
    uint32_t encodings = 0;
    size_t count = thrift_read_list(reader, field, THRIFT_WIRE_I32, 1);

    for (size_t i = 0; i < count && reader->problem == NULL; i++) {
        int32_t encoding = thrift_read_i32_item(reader);
        if (encoding >= 0 && encoding < 32)
            encodings |= UINT32_C(1) << encoding;
    }
    return encodings;
}

static void
parse_path(ThriftReader *reader, ThriftField field, ColumnMetaData *out)
{
    out->path_count = thrift_read_list(reader, field, THRIFT_WIRE_BINARY, 1);
    for (size_t i = 0; i < out->path_count && reader->problem == NULL; i++) {
        BytesView part = thrift_read_bytes_item(reader);
        if (i < PATH_PARTS_KEPT)
            out->path[i] = part;
    }
}

static int64_t
parse_unencoded_bytes(ThriftReader *reader)
{
    int64_t bytes = -1;
    ThriftField field = thrift_enter(reader);

    while (thrift_next_field(reader, &field)) {
        if (field.id == 1)
            bytes = thrift_read_i64(reader, field);
        else
            thrift_skip(reader, field);
    }
    return bytes;
}

static void
parse_meta_field(ThriftReader *reader, ThriftField field, ColumnMetaData *out)
{
    switch (field.id) {
    case 1:
        out->type = thrift_read_i32(reader, field);
        return;
    case 2:
        out->encodings = parse_encodings(reader, field);
        return;
    case 3:
        parse_path(reader, field, out);
        return;
    case 4:
        out->codec = thrift_read_i32(reader, field);
        return;
    case 5:
        out->value_count = thrift_read_i64(reader, field);
        return;
    case 6:
        out->uncompressed_size = thrift_read_i64(reader, field);
        return;
    case 7:
        out->compressed_size = thrift_read_i64(reader, field);
        return;
    case 9:
        out->data_page_offset = thrift_read_i64(reader, field);
        return;
    case 11:
        out->dictionary_page_offset = thrift_read_i64(reader, field);
        return;
    case 12:
        if (thrift_expect_struct(reader, field))
            out->statistics = parse_statistics(reader);
        return;
    case 13:
        parse_encoding_stats_list(reader, field, out);
        return;
    case 14:
        out->bloom_offset = thrift_read_i64(reader, field);
        return;
    case 15: /* in files of Dremio's fork a list has this number */
        if (field.type == THRIFT_WIRE_I32)
            out->bloom_length = thrift_read_i32(reader, field);
        else
            thrift_skip(reader, field);
        return;
    case 16:
        if (thrift_expect_struct(reader, field))
            out->unencoded_bytes = parse_unencoded_bytes(reader);
        return;
    default:
        thrift_skip(reader, field);
    }
}

static void
parse_meta(ThriftReader *reader, ColumnMetaData *out)
{
    const uint32_t required = 1U << 1 | 1U << 4 | 1U << 5 | 1U << 6 | 1U << 7 | 1U << 9;
    uint32_t seen = 0;

    *out = (ColumnMetaData){
        .dictionary_page_offset = -1,
        .bloom_offset = -1,
        .bloom_length = -1,
        .unencoded_bytes = -1,
    };
    ThriftField field = thrift_enter(reader);
    while (thrift_next_field(reader, &field)) {
        note(&seen, field.id);
        parse_meta_field(reader, field, out);
    }
    if (!has_all(seen, required))
        thrift_reader_fail(reader, "a column chunk lacks a required field");
}

static void
parse_chunk_field(ThriftReader *reader, ThriftField field, FooterColumn *column)
{
    ColumnChunk *chunk = &column->chunk;

    switch (field.id) {
    case 1:
        column->file_path = thrift_read_bytes(reader, field);
        return;
    case 3:
        if (thrift_expect_struct(reader, field))
            parse_meta(reader, &chunk->meta);
        column->has_meta = true;
        return;
    case 4:
        chunk->offset_index_offset = thrift_read_i64(reader, field);
        return;
    case 5:
        chunk->offset_index_length = thrift_read_i32(reader, field);
        return;
    case 6:
        chunk->column_index_offset = thrift_read_i64(reader, field);
        return;
    case 7:
        chunk->column_index_length = thrift_read_i32(reader, field);
        return;
    case 8: /* crypto_metadata, encrypted_column_metadata */
    case 9:
        column->is_encrypted = true;
        thrift_skip(reader, field);
        return;
    default:
        thrift_skip(reader, field);
    }
}

void
footer_parse_column(FooterParser *parser, FooterColumn *column)
{
    ThriftReader *reader = &parser->reader;

    *column = (FooterColumn){.chunk = {.offset_index_offset = -1,
                                       .offset_index_length = -1,
                                       .column_index_offset = -1,
                                       .column_index_length = -1}};
    ThriftField field = thrift_enter(reader);
    while (thrift_next_field(reader, &field))
        parse_chunk_field(reader, field, column);
    if (!column->has_meta && !column->is_encrypted)
        thrift_reader_fail(reader, "a column chunk has no metadata");
}

/* Some writers say 0 for "no dictionary page", others for "no data page"; nothing but the magic
 * can be there. */
int64_t
column_start_offset(const ColumnMetaData *meta)
{
    if (meta->dictionary_page_offset >= PARQUET_MAGIC_BYTES &&
        (meta->dictionary_page_offset < meta->data_page_offset ||
         meta->data_page_offset < PARQUET_MAGIC_BYTES))
        return meta->dictionary_page_offset;
    return meta->data_page_offset;
}
