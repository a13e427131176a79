/* Thrift from anywhere: read as a footer, as a page header, and passed over; and what the writer
 * makes of what was read must read back the same. */
#include "format/parquet/footer_read.h"
#include "format/parquet/page_header_read.h"
#include "format/parquet/thrift_read.h"
#include "format/parquet/thrift_write.h"

enum { COPY_DEPTH_MAX = THRIFT_WRITE_DEPTH - 2 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

static void copy_struct(ThriftReader *reader, ThriftWriter *writer);

/* Copies lists of what Parquet has in lists; passes over others. */
static void
copy_list(ThriftReader *reader, ThriftWriter *writer, ThriftField field)
{
    ThriftReader ahead = *reader;
    size_t count = thrift_read_list(&ahead, field, THRIFT_WIRE_BINARY, 1);

    if (ahead.problem == NULL) {
        count = thrift_read_list(reader, field, THRIFT_WIRE_BINARY, 1);
        thrift_list(writer, field.id, THRIFT_BINARY, count);
        for (size_t i = 0; i < count; i++) {
            BytesView item = thrift_read_bytes_item(reader);
            thrift_item_binary(writer, item.data, item.size);
        }
        return;
    }
    ahead = *reader;
    count = thrift_read_list(&ahead, field, THRIFT_WIRE_I64, 1);
    if (ahead.problem == NULL) {
        count = thrift_read_list(reader, field, THRIFT_WIRE_I64, 1);
        thrift_list(writer, field.id, THRIFT_I64, count);
        for (size_t i = 0; i < count; i++)
            thrift_item_int(writer, thrift_read_i64_item(reader));
        return;
    }
    thrift_skip(reader, field);
}

static void
copy_field(ThriftReader *reader, ThriftWriter *writer, ThriftField field)
{
    BytesView text;

    switch (field.type) {
    case THRIFT_WIRE_TRUE:
    case THRIFT_WIRE_FALSE:
        thrift_bool(writer, field.id, thrift_read_bool(reader, field));
        return;
    case THRIFT_WIRE_I8:
        thrift_i8(writer, field.id, thrift_read_i8(reader, field));
        return;
    case THRIFT_WIRE_I16:
        thrift_i16(writer, field.id, thrift_read_i16(reader, field));
        return;
    case THRIFT_WIRE_I32:
        thrift_i32(writer, field.id, thrift_read_i32(reader, field));
        return;
    case THRIFT_WIRE_I64:
        thrift_i64(writer, field.id, thrift_read_i64(reader, field));
        return;
    case THRIFT_WIRE_BINARY:
        text = thrift_read_bytes(reader, field);
        thrift_binary(writer, field.id, text.data, text.size);
        return;
    case THRIFT_WIRE_LIST:
        copy_list(reader, writer, field);
        return;
    case THRIFT_WIRE_STRUCT:
        if (writer->depth >= COPY_DEPTH_MAX) {
            thrift_skip(reader, field);
            return;
        }
        thrift_struct(writer, field.id);
        copy_struct(reader, writer);
        return;
    default:
        thrift_skip(reader, field);
    }
}

/* The writer wants ascending ids, as every writer does: others are passed over. */
static void
copy_struct(ThriftReader *reader, ThriftWriter *writer)
{
    int last = 0;
    ThriftField field = thrift_enter(reader);

    while (thrift_next_field(reader, &field)) {
        if (field.id <= last) {
            thrift_skip(reader, field);
            continue;
        }
        last = field.id;
        copy_field(reader, writer, field);
    }
    thrift_end(writer);
}

static bool
copy(const uint8_t *bytes, size_t size_bytes, Buffer *out)
{
    ThriftReader reader;
    ThriftWriter writer = thrift_begin(out);

    thrift_reader_init(&reader, bytes, size_bytes);
    copy_struct(&reader, &writer);
    return reader.problem == NULL;
}

static void
check_copies(const uint8_t *bytes, size_t size_bytes)
{
    Buffer first = {0};
    Buffer second = {0};

    if (copy(bytes, size_bytes, &first)) {
        if (!copy(first.data, first.size, &second) || first.size != second.size ||
            memcmp(first.data, second.data, first.size) != 0)
            abort();
    }
    buffer_release(&first);
    buffer_release(&second);
}

static void
check_skip(const uint8_t *bytes, size_t size_bytes)
{
    ThriftReader reader;

    thrift_reader_init(&reader, bytes, size_bytes);
    ThriftField field = thrift_enter(&reader);
    while (thrift_next_field(&reader, &field))
        thrift_skip(&reader, field);
    if (reader.depth != 0 || reader.at > reader.end)
        abort();
}

static void
check_footer(const uint8_t *bytes, size_t size_bytes)
{
    ParquetFile file = {.limits = READ_LIMITS_DEFAULT};
    Error err = ERROR_INIT;
    char path[100];

    if (footer_parse(&file, bytes, size_bytes, &err)) {
        for (size_t i = 0; i < file.leaf_count; i++)
            leaf_path(&file, i, path, sizeof(path));
    } else if (err.code == ERR_NONE) {
        abort();
    }
    parquet_file_release(&file);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    PageHeader header;
    size_t used = 0;
    Error err = ERROR_INIT;

    if (page_header_parse(bytes, size_bytes, &header, &used, &err) == PAGE_HEADER_OK &&
        used > size_bytes)
        abort();
    check_skip(bytes, size_bytes);
    check_footer(bytes, size_bytes);
    check_copies(bytes, size_bytes);
    return 0;
}
