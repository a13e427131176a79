#include "format/parquet/thrift_write.h"

enum { VARINT_MAX_BYTES = 10, SHORT_LIST_MAX = 14, ID_STEP_MAX = 15 };

static void
put_varint(Buffer *out, uint64_t value)
{
    uint8_t *to = buffer_reserve(out, VARINT_MAX_BYTES);
    size_t size = 0;

    for (; value >= 0x80; value >>= 7)
        to[size++] = (uint8_t)(value | 0x80);
    to[size++] = (uint8_t)value;
    out->size += size;
}

static void
put_zigzag(Buffer *out, int64_t value)
{
    put_varint(out, ((uint64_t)value << 1) ^ (uint64_t)(value >> 63));
}

static void
put_field(ThriftWriter *writer, int id, ThriftType type)
{
    int *last = &writer->last_id[writer->depth];
    int step = id - *last;

    assert(step > 0);
    if (step <= ID_STEP_MAX) {
        buffer_append_byte(writer->out, (uint8_t)(step << 4 | (int)type));
    } else {
        buffer_append_byte(writer->out, (uint8_t)type);
        put_zigzag(writer->out, id);
    }
    *last = id;
}

static void
enter_struct(ThriftWriter *writer)
{
    assert(writer->depth + 1 < THRIFT_WRITE_DEPTH);
    writer->last_id[++writer->depth] = 0;
}

ThriftWriter
thrift_begin(Buffer *out)
{
    return (ThriftWriter){.out = out};
}

void
thrift_end(ThriftWriter *writer)
{
    buffer_append_byte(writer->out, 0);
    if (writer->depth > 0)
        writer->depth--;
}

void
thrift_bool(ThriftWriter *writer, int id, bool value)
{
    put_field(writer, id, value ? THRIFT_TRUE : THRIFT_FALSE);
}

void
thrift_i8(ThriftWriter *writer, int id, int8_t value)
{
    put_field(writer, id, THRIFT_I8);
    buffer_append_byte(writer->out, (uint8_t)value);
}

void
thrift_i16(ThriftWriter *writer, int id, int16_t value)
{
    put_field(writer, id, THRIFT_I16);
    put_zigzag(writer->out, value);
}

void
thrift_i32(ThriftWriter *writer, int id, int32_t value)
{
    put_field(writer, id, THRIFT_I32);
    put_zigzag(writer->out, value);
}

void
thrift_i64(ThriftWriter *writer, int id, int64_t value)
{
    put_field(writer, id, THRIFT_I64);
    put_zigzag(writer->out, value);
}

void
thrift_binary(ThriftWriter *writer, int id, const void *bytes, size_t size_bytes)
{
    put_field(writer, id, THRIFT_BINARY);
    thrift_item_binary(writer, bytes, size_bytes);
}

void
thrift_text(ThriftWriter *writer, int id, const char *text)
{
    thrift_binary(writer, id, text, strlen(text));
}

void
thrift_struct(ThriftWriter *writer, int id)
{
    put_field(writer, id, THRIFT_STRUCT);
    enter_struct(writer);
}

void
thrift_empty_struct(ThriftWriter *writer, int id)
{
    thrift_struct(writer, id);
    thrift_end(writer);
}

void
thrift_list(ThriftWriter *writer, int id, ThriftType item, size_t count)
{
    put_field(writer, id, THRIFT_LIST);
    if (count <= SHORT_LIST_MAX) {
        buffer_append_byte(writer->out, (uint8_t)(count << 4 | item));
    } else {
        buffer_append_byte(writer->out, (uint8_t)(0xF0 | item));
        put_varint(writer->out, count);
    }
}

void
thrift_item_bool(ThriftWriter *writer, bool value)
{
    buffer_append_byte(writer->out, value ? THRIFT_TRUE : THRIFT_FALSE);
}

void
thrift_item_int(ThriftWriter *writer, int64_t value)
{
    put_zigzag(writer->out, value);
}

void
thrift_item_binary(ThriftWriter *writer, const void *bytes, size_t size_bytes)
{
    put_varint(writer->out, size_bytes);
    buffer_append(writer->out, bytes, size_bytes);
}

void
thrift_item_struct(ThriftWriter *writer)
{
    enter_struct(writer);
}
