#include "format/parquet/page_index_read.h"

#include "format/parquet/footer_parse.h"

static PageLocation
parse_location(ThriftReader *reader)
{
    PageLocation out = {0};
    unsigned seen = 0;
    ThriftField field = thrift_enter(reader);

    while (thrift_next_field(reader, &field)) {
        seen |= field.id > 0 && field.id < 4 ? 1U << field.id : 0;
        if (field.id == 1)
            out.offset = thrift_read_i64(reader, field);
        else if (field.id == 2)
            out.compressed_size = thrift_read_i32(reader, field);
        else if (field.id == 3)
            out.first_row = thrift_read_i64(reader, field);
        else
            thrift_skip(reader, field);
    }
    if (seen != 0xE)
        thrift_reader_fail(reader, "a page location lacks a required field");
    return out;
}

static void
parse_offset_index(FooterParser *parser, OffsetIndex *out)
{
    ThriftReader *reader = &parser->reader;
    enum { MIN_LOCATION_BYTES = 7 }; /* its three fields */

    ThriftField field = thrift_enter(reader);
    while (thrift_next_field(reader, &field)) {
        if (field.id != 1) {
            thrift_skip(reader, field);
            continue;
        }
        out->page_count = thrift_read_list(reader, field, THRIFT_WIRE_STRUCT, MIN_LOCATION_BYTES);
        out->pages = footer_take(parser, out->page_count, sizeof(*out->pages));
        for (size_t i = 0; i < out->page_count && reader->problem == NULL; i++)
            out->pages[i] = parse_location(reader);
    }
    if (out->pages == NULL)
        thrift_reader_fail(reader, "it has no page locations");
}

/* The length of the first list is the number of pages; the others must agree. */
static size_t
parse_list(FooterParser *parser, ThriftField field, ThriftWireType type, ColumnIndex *out)
{
    size_t count = thrift_read_list(&parser->reader, field, type, 1);

    bool is_first = out->null_pages == NULL && out->min_values == NULL && out->max_values == NULL &&
                    out->null_counts == NULL && out->nan_counts == NULL;

    if (!is_first && count != out->page_count)
        thrift_reader_fail(&parser->reader, "its lists differ in length");
    out->page_count = count;
    return parser->reader.problem == NULL ? count : 0;
}

static bool *
parse_bools(FooterParser *parser, ThriftField field, ColumnIndex *out)
{
    size_t count = parse_list(parser, field, THRIFT_WIRE_TRUE, out);
    bool *list = footer_take(parser, count, sizeof(*list));

    for (size_t i = 0; i < count && list != NULL; i++)
        list[i] = thrift_read_bool_item(&parser->reader);
    return list;
}

static BytesView *
parse_bounds(FooterParser *parser, ThriftField field, ColumnIndex *out)
{
    size_t count = parse_list(parser, field, THRIFT_WIRE_BINARY, out);
    BytesView *list = footer_take(parser, count, sizeof(*list));

    for (size_t i = 0; i < count && list != NULL; i++)
        list[i] = thrift_read_bytes_item(&parser->reader);
    return list;
}

static int64_t *
parse_counts(FooterParser *parser, ThriftField field, ColumnIndex *out)
{
    size_t count = parse_list(parser, field, THRIFT_WIRE_I64, out);
    int64_t *list = footer_take(parser, count, sizeof(*list));

    for (size_t i = 0; i < count && list != NULL; i++)
        list[i] = thrift_read_i64_item(&parser->reader);
    return list;
}

static void
parse_column_index(FooterParser *parser, ColumnIndex *out)
{
    ThriftReader *reader = &parser->reader;
    ThriftField field = thrift_enter(reader);

    while (thrift_next_field(reader, &field)) {
        switch (field.id) {
        case 1:
            out->null_pages = parse_bools(parser, field, out);
            break;
        case 2:
            out->min_values = parse_bounds(parser, field, out);
            break;
        case 3:
            out->max_values = parse_bounds(parser, field, out);
            break;
        case 4:
            out->boundary_order = thrift_read_i32(reader, field);
            break;
        case 5:
            out->null_counts = parse_counts(parser, field, out);
            break;
        case 8:
            out->nan_counts = parse_counts(parser, field, out);
            break;
        default:
            thrift_skip(reader, field);
        }
    }
    if (out->null_pages == NULL || out->min_values == NULL || out->max_values == NULL)
        thrift_reader_fail(reader, "a required field is missing");
}

/* The bytes of one index; *bytes stays NULL when the chunk has none. */
static bool
load_bytes(const ParquetFile *file, int64_t offset, int32_t length, uint8_t **bytes, Error *err)
{
    if (offset < 0 || length <= 0)
        return true;
    if ((uint64_t)offset > file->footer_offset ||
        (uint64_t)length > file->footer_offset - (uint64_t)offset)
        return error_set(err, ERR_FORMAT,
                         "a page index of %" PRId32 " bytes at offset %" PRId64
                         " leaves the file's data",
                         length, offset);
    *bytes = malloc((size_t)length);
    if (*bytes == NULL)
        return error_set(err, ERR_BUDGET, "no memory for a page index of %" PRId32 " bytes",
                         length);
    return readable_read(file->from, (uint64_t)offset, *bytes, (size_t)length, err);
}

static FooterParser
parser_for(PageIndex *index, const uint8_t *bytes, int32_t length)
{
    FooterParser parser = {
        .arena = &index->arena,
        /* A bound of no bytes takes 1 byte in the file, and 16 in memory, twice. */
        .memory_left = (size_t)length * 64,
    };

    thrift_reader_init(&parser.reader, bytes, (size_t)length);
    return parser;
}

bool
page_index_read(PageIndex *index, const ParquetFile *file, const ColumnChunk *chunk, Error *err)
{
    *index = (PageIndex){0};
    if (!load_bytes(file, chunk->offset_index_offset, chunk->offset_index_length,
                    &index->offset_bytes, err) ||
        !load_bytes(file, chunk->column_index_offset, chunk->column_index_length,
                    &index->bounds_bytes, err))
        goto failed;
    if (index->offset_bytes != NULL) {
        FooterParser parser = parser_for(index, index->offset_bytes, chunk->offset_index_length);
        parse_offset_index(&parser, &index->offsets);
        index->offsets.is_present = true;
        if (!thrift_reader_check(&parser.reader, "offset index", err))
            goto failed;
    }
    if (index->bounds_bytes != NULL) {
        FooterParser parser = parser_for(index, index->bounds_bytes, chunk->column_index_length);
        parse_column_index(&parser, &index->bounds);
        index->bounds.is_present = true;
        if (!thrift_reader_check(&parser.reader, "column index", err))
            goto failed;
    }
    return true;

failed:
    page_index_release(index);
    return false;
}

void
page_index_release(PageIndex *index)
{
    arena_release(&index->arena);
    free(index->offset_bytes);
    free(index->bounds_bytes);
    *index = (PageIndex){0};
}
