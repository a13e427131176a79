#include "format/parquet/thrift_read.h"

void
thrift_reader_init(ThriftReader *reader, const void *bytes, size_t size_bytes)
{
    *reader =
        (ThriftReader){.start = bytes, .at = bytes, .end = (const uint8_t *)bytes + size_bytes};
}

size_t
thrift_reader_used_bytes(const ThriftReader *reader)
{
    return (size_t)(reader->at - reader->start);
}

bool
thrift_reader_check(const ThriftReader *reader, const char *what, Error *err)
{
    if (reader->problem == NULL)
        return true;
    return error_set(err, ERR_FORMAT, "damaged %s: %s at its byte %zu", what, reader->problem,
                     thrift_reader_used_bytes(reader));
}

void
thrift_reader_fail(ThriftReader *reader, const char *problem)
{
    if (reader->problem == NULL)
        reader->problem = problem;
}

static void
fail_truncated(ThriftReader *reader)
{
    if (reader->problem == NULL) {
        reader->problem = "it ends too early";
        reader->is_truncated = true;
    }
}

static uint8_t
read_byte(ThriftReader *reader)
{
    if (reader->problem != NULL)
        return 0;
    if (reader->at == reader->end) {
        fail_truncated(reader);
        return 0;
    }
    return *reader->at++;
}

static uint64_t
read_varint(ThriftReader *reader)
{
    uint64_t value = 0;

    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t byte = read_byte(reader);
        value |= (uint64_t)(byte & 0x7F) << shift;
        if ((byte & 0x80) == 0)
            return value;
    }
    thrift_reader_fail(reader, "a number is longer than 10 bytes");
    return 0;
}

static int64_t
read_zigzag(ThriftReader *reader)
{
    uint64_t raw = read_varint(reader);

    return (int64_t)((raw >> 1) ^ (0 - (raw & 1)));
}

static int64_t
read_ranged(ThriftReader *reader, int64_t low, int64_t high)
{
    int64_t value = read_zigzag(reader);

    if (value < low || value > high) {
        thrift_reader_fail(reader, "a number is too large for its type");
        return 0;
    }
    return value;
}

static void
enter_level(ThriftReader *reader)
{
    if (++reader->depth > THRIFT_DEPTH_MAX)
        thrift_reader_fail(reader, "structures nest too deep");
}

ThriftField
thrift_enter(ThriftReader *reader)
{
    enter_level(reader);
    return (ThriftField){0};
}

bool
thrift_next_field(ThriftReader *reader, ThriftField *field)
{
    uint8_t header = read_byte(reader);
    unsigned delta = header >> 4;

    field->type = (ThriftWireType)(header & 0x0F);
    if (reader->problem != NULL || header == 0) {
        reader->depth--;
        return false;
    }
    if (field->type == THRIFT_WIRE_STOP || field->type > THRIFT_WIRE_UUID)
        thrift_reader_fail(reader, "a field has an unknown type");
    if (delta == 0)
        field->id = (int16_t)read_ranged(reader, INT16_MIN, INT16_MAX);
    else if (field->id > INT16_MAX - (int)delta)
        thrift_reader_fail(reader, "a field number is too large");
    else
        field->id = (int16_t)(field->id + (int)delta);
    if (reader->problem != NULL) {
        reader->depth--;
        return false;
    }
    return true;
}

static void
skip_bytes(ThriftReader *reader, uint64_t count)
{
    if (reader->problem != NULL)
        return;
    if (count > (uint64_t)(reader->end - reader->at)) {
        fail_truncated(reader);
        return;
    }
    reader->at += count;
}

static bool
is_expected(ThriftReader *reader, ThriftField field, ThriftWireType type)
{
    if (field.type != type)
        thrift_reader_fail(reader, "a field has another type than the format says");
    return reader->problem == NULL;
}

/* The bytes that an element of this type takes at least; bounds what a count may claim. */
static uint64_t
min_bytes_of(unsigned type)
{
    return type == THRIFT_WIRE_DOUBLE ? 8 : type == THRIFT_WIRE_UUID ? 16 : 1;
}

static uint64_t
read_count(ThriftReader *reader, uint64_t count, uint64_t min_bytes)
{
    if (reader->problem != NULL)
        return 0;
    if (count > (uint64_t)(reader->end - reader->at) / min_bytes) {
        fail_truncated(reader);
        return 0;
    }
    return count;
}

static uint64_t
read_list_header(ThriftReader *reader, unsigned *type)
{
    uint8_t header = read_byte(reader);
    uint64_t count = header >> 4;

    *type = header & 0x0F;
    return count == 15 ? read_varint(reader) : count;
}

static void skip_value(ThriftReader *reader, unsigned type, bool is_item);

static void
skip_list(ThriftReader *reader)
{
    unsigned type = 0;
    uint64_t count = read_list_header(reader, &type);

    count = read_count(reader, count, min_bytes_of(type));
    for (uint64_t i = 0; i < count && reader->problem == NULL; i++)
        skip_value(reader, type, true);
}

static void
skip_map(ThriftReader *reader)
{
    uint64_t count = read_varint(reader);

    if (count == 0)
        return;
    uint8_t types = read_byte(reader);
    count = read_count(reader, count, 2);
    for (uint64_t i = 0; i < count && reader->problem == NULL; i++) {
        skip_value(reader, types >> 4, true);
        skip_value(reader, types & 0x0F, true);
    }
}

static void
skip_struct(ThriftReader *reader)
{
    ThriftField field = thrift_enter(reader);

    while (thrift_next_field(reader, &field))
        skip_value(reader, field.type, false);
}

/* Recursion is bounded by enter_level, which structs, lists and maps all pass. */
static void
skip_value(ThriftReader *reader, unsigned type, bool is_item)
{
    switch (type) {
    case THRIFT_WIRE_TRUE:
    case THRIFT_WIRE_FALSE: /* in a struct the value is in the field's header */
        skip_bytes(reader, is_item ? 1 : 0);
        return;
    case THRIFT_WIRE_I8:
        skip_bytes(reader, 1);
        return;
    case THRIFT_WIRE_I16:
    case THRIFT_WIRE_I32:
    case THRIFT_WIRE_I64:
        read_varint(reader);
        return;
    case THRIFT_WIRE_DOUBLE:
        skip_bytes(reader, 8);
        return;
    case THRIFT_WIRE_UUID:
        skip_bytes(reader, 16);
        return;
    case THRIFT_WIRE_BINARY:
        skip_bytes(reader, read_varint(reader));
        return;
    case THRIFT_WIRE_STRUCT:
        skip_struct(reader);
        return;
    case THRIFT_WIRE_LIST:
    case THRIFT_WIRE_SET:
        enter_level(reader);
        skip_list(reader);
        reader->depth--;
        return;
    case THRIFT_WIRE_MAP:
        enter_level(reader);
        skip_map(reader);
        reader->depth--;
        return;
    default:
        thrift_reader_fail(reader, "an element has an unknown type");
    }
}

void
thrift_skip(ThriftReader *reader, ThriftField field)
{
    skip_value(reader, field.type, false);
}

bool
thrift_read_bool(ThriftReader *reader, ThriftField field)
{
    if (field.type == THRIFT_WIRE_TRUE)
        return true;
    is_expected(reader, field, THRIFT_WIRE_FALSE);
    return false;
}

int8_t
thrift_read_i8(ThriftReader *reader, ThriftField field)
{
    if (!is_expected(reader, field, THRIFT_WIRE_I8))
        return 0;
    uint8_t byte = read_byte(reader);
    return (int8_t)(byte < 128 ? byte : byte - 256);
}

int16_t
thrift_read_i16(ThriftReader *reader, ThriftField field)
{
    if (!is_expected(reader, field, THRIFT_WIRE_I16))
        return 0;
    return (int16_t)read_ranged(reader, INT16_MIN, INT16_MAX);
}

int32_t
thrift_read_i32(ThriftReader *reader, ThriftField field)
{
    return is_expected(reader, field, THRIFT_WIRE_I32) ? thrift_read_i32_item(reader) : 0;
}

int64_t
thrift_read_i64(ThriftReader *reader, ThriftField field)
{
    return is_expected(reader, field, THRIFT_WIRE_I64) ? thrift_read_i64_item(reader) : 0;
}

BytesView
thrift_read_bytes(ThriftReader *reader, ThriftField field)
{
    if (!is_expected(reader, field, THRIFT_WIRE_BINARY))
        return (BytesView){0};
    return thrift_read_bytes_item(reader);
}

bool
thrift_expect_struct(ThriftReader *reader, ThriftField field)
{
    return is_expected(reader, field, THRIFT_WIRE_STRUCT);
}

size_t
thrift_read_list(ThriftReader *reader, ThriftField field, ThriftWireType element,
                 size_t min_element_bytes)
{
    unsigned type = 0;

    if (!is_expected(reader, field, THRIFT_WIRE_LIST))
        return 0;
    uint64_t count = read_list_header(reader, &type);
    if (type == THRIFT_WIRE_FALSE)
        type = THRIFT_WIRE_TRUE;
    /* Some writers leave the element type of an empty list at 0. */
    if (type != element && count > 0)
        thrift_reader_fail(reader, "a list has elements of another type than the format says");
    return (size_t)read_count(reader, count, min_element_bytes);
}

bool
thrift_read_bool_item(ThriftReader *reader)
{
    return read_byte(reader) == 1;
}

int32_t
thrift_read_i32_item(ThriftReader *reader)
{
    return (int32_t)read_ranged(reader, INT32_MIN, INT32_MAX);
}

int64_t
thrift_read_i64_item(ThriftReader *reader)
{
    return read_zigzag(reader);
}

BytesView
thrift_read_bytes_item(ThriftReader *reader)
{
    uint64_t size = read_varint(reader);
    const uint8_t *data = reader->at;

    skip_bytes(reader, size);
    if (reader->problem != NULL)
        return (BytesView){0};
    return (BytesView){.data = data, .size = (size_t)size};
}
