#include "format/parquet/page_header_read.h"

#include "format/parquet/thrift_read.h"

static void
note(uint32_t *seen, int16_t id)
{
    if (id > 0 && id < 32)
        *seen |= UINT32_C(1) << id;
}

static void
require(ThriftReader *reader, uint32_t seen, uint32_t required)
{
    if ((seen & required) != required)
        thrift_reader_fail(reader, "a required field is missing");
}

static void
parse_data_v1(ThriftReader *reader, PageHeader *out)
{
    uint32_t seen = 0;
    ThriftField field = thrift_enter(reader);

    while (thrift_next_field(reader, &field)) {
        note(&seen, field.id);
        if (field.id == 1)
            out->value_count = thrift_read_i32(reader, field);
        else if (field.id == 2)
            out->encoding = thrift_read_i32(reader, field);
        else if (field.id == 3)
            out->definition_encoding = thrift_read_i32(reader, field);
        else if (field.id == 4)
            out->repetition_encoding = thrift_read_i32(reader, field);
        else
            thrift_skip(reader, field);
    }
    require(reader, seen, 1U << 1 | 1U << 2 | 1U << 3 | 1U << 4);
}

static void
parse_data_v2(ThriftReader *reader, PageHeader *out)
{
    uint32_t seen = 0;
    ThriftField field = thrift_enter(reader);

    while (thrift_next_field(reader, &field)) {
        note(&seen, field.id);
        switch (field.id) {
        case 1:
            out->value_count = thrift_read_i32(reader, field);
            break;
        case 2:
            out->null_count = thrift_read_i32(reader, field);
            break;
        case 3:
            out->row_count = thrift_read_i32(reader, field);
            break;
        case 4:
            out->encoding = thrift_read_i32(reader, field);
            break;
        case 5:
            out->definition_bytes = thrift_read_i32(reader, field);
            break;
        case 6:
            out->repetition_bytes = thrift_read_i32(reader, field);
            break;
        case 7:
            out->is_compressed = thrift_read_bool(reader, field);
            break;
        default:
            thrift_skip(reader, field);
        }
    }
    require(reader, seen, 1U << 1 | 1U << 2 | 1U << 3 | 1U << 4 | 1U << 5 | 1U << 6);
}

static void
parse_dictionary(ThriftReader *reader, PageHeader *out)
{
    uint32_t seen = 0;
    ThriftField field = thrift_enter(reader);

    while (thrift_next_field(reader, &field)) {
        note(&seen, field.id);
        if (field.id == 1)
            out->value_count = thrift_read_i32(reader, field);
        else if (field.id == 2)
            out->encoding = thrift_read_i32(reader, field);
        else
            thrift_skip(reader, field);
    }
    require(reader, seen, 1U << 1 | 1U << 2);
}

static void
parse_field(ThriftReader *reader, ThriftField field, PageHeader *out)
{
    switch (field.id) {
    case 1:
        out->type = thrift_read_i32(reader, field);
        return;
    case 2:
        out->uncompressed_size = thrift_read_i32(reader, field);
        return;
    case 3:
        out->compressed_size = thrift_read_i32(reader, field);
        return;
    case 4:
        out->has_crc = true;
        out->crc = (uint32_t)thrift_read_i32(reader, field);
        return;
    case 5:
        if (thrift_expect_struct(reader, field))
            parse_data_v1(reader, out);
        return;
    case 7:
        if (thrift_expect_struct(reader, field))
            parse_dictionary(reader, out);
        return;
    case 8:
        if (thrift_expect_struct(reader, field))
            parse_data_v2(reader, out);
        return;
    default:
        thrift_skip(reader, field);
    }
}

/* Field of PageHeader that describes a page of this type; 0: none is needed. */
static uint32_t
body_field_of(int32_t type)
{
    switch (type) {
    case PAGE_DATA:
        return 1U << 5;
    case PAGE_DICTIONARY:
        return 1U << 7;
    case PAGE_DATA_V2:
        return 1U << 8;
    default:
        return 0;
    }
}

static bool
has_negative(const PageHeader *header)
{
    return header->uncompressed_size < 0 || header->compressed_size < 0 ||
           header->value_count < 0 || header->null_count < 0 || header->row_count < 0 ||
           header->definition_bytes < 0 || header->repetition_bytes < 0;
}

PageHeaderResult
page_header_parse(const uint8_t *bytes, size_t size_bytes, PageHeader *out, size_t *used_bytes,
                  Error *err)
{
    ThriftReader reader;
    uint32_t seen = 0;

    *out = (PageHeader){.type = -1, .encoding = -1, .is_compressed = true};
    thrift_reader_init(&reader, bytes, size_bytes);
    ThriftField field = thrift_enter(&reader);
    while (thrift_next_field(&reader, &field)) {
        note(&seen, field.id);
        parse_field(&reader, field, out);
    }
    if (reader.is_truncated)
        return PAGE_HEADER_CUT;
    require(&reader, seen, 1U << 1 | 1U << 2 | 1U << 3 | body_field_of(out->type));
    if (has_negative(out))
        thrift_reader_fail(&reader, "a size or count is less than 0");
    if (!thrift_reader_check(&reader, "page header", err))
        return PAGE_HEADER_BAD;
    *used_bytes = thrift_reader_used_bytes(&reader);
    return PAGE_HEADER_OK;
}
