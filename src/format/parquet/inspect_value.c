#include "format/parquet/inspect_value.h"

#include "batch/render.h"
#include "format/parquet/thrift_read.h"

enum { TEXT_SHOWN_BYTES = 64, BYTES_SHOWN = 32, DECIMAL_BYTES_MAX = 16, SCALE_MAX = 38 };

static const char *
name_of(const char *const *names, size_t count, int64_t number)
{
    return number < 0 || (uint64_t)number >= count || names[number] == NULL ? "UNKNOWN"
                                                                            : names[number];
}

const char *
physical_type_name(int32_t type)
{
    static const char *const NAMES[] = {"BOOLEAN", "INT32",  "INT64",      "INT96",
                                        "FLOAT",   "DOUBLE", "BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY"};

    return name_of(NAMES, ARRAY_LENGTH(NAMES), type);
}

const char *
repetition_name(Repetition repetition)
{
    static const char *const NAMES[] = {"REQUIRED", "OPTIONAL", "REPEATED"};

    return name_of(NAMES, ARRAY_LENGTH(NAMES), (int64_t)repetition);
}

const char *
encoding_name(int32_t encoding)
{
    static const char *const NAMES[ENCODING_COUNT] = {
        [ENCODING_PLAIN] = "PLAIN",
        [ENCODING_PLAIN_DICTIONARY] = "PLAIN_DICTIONARY",
        [ENCODING_RLE] = "RLE",
        [ENCODING_BIT_PACKED] = "BIT_PACKED",
        [ENCODING_DELTA_BINARY_PACKED] = "DELTA_BINARY_PACKED",
        [ENCODING_DELTA_LENGTH_BYTE_ARRAY] = "DELTA_LENGTH_BYTE_ARRAY",
        [ENCODING_DELTA_BYTE_ARRAY] = "DELTA_BYTE_ARRAY",
        [ENCODING_RLE_DICTIONARY] = "RLE_DICTIONARY",
        [ENCODING_BYTE_STREAM_SPLIT] = "BYTE_STREAM_SPLIT",
        [ENCODING_ALP] = "ALP",
    };

    return name_of(NAMES, ARRAY_LENGTH(NAMES), encoding);
}

const char *
boundary_order_name(int32_t order)
{
    static const char *const NAMES[] = {"UNORDERED", "ASCENDING", "DESCENDING"};

    return name_of(NAMES, ARRAY_LENGTH(NAMES), order);
}

static const char *
unit_name(TimeUnit unit)
{
    static const char *const NAMES[] = {"UNKNOWN", "MILLIS", "MICROS", "NANOS"};

    return name_of(NAMES, ARRAY_LENGTH(NAMES), (int64_t)unit);
}

static const char *
logical_kind_name(LogicalKind kind)
{
    static const char *const NAMES[] = {
        [LOGICAL_STRING] = "STRING",       [LOGICAL_MAP] = "MAP",
        [LOGICAL_LIST] = "LIST",           [LOGICAL_ENUM] = "ENUM",
        [LOGICAL_DECIMAL] = "DECIMAL",     [LOGICAL_DATE] = "DATE",
        [LOGICAL_TIME] = "TIME",           [LOGICAL_TIMESTAMP] = "TIMESTAMP",
        [LOGICAL_INTEGER] = "INTEGER",     [LOGICAL_UNKNOWN] = "NULL",
        [LOGICAL_JSON] = "JSON",           [LOGICAL_BSON] = "BSON",
        [LOGICAL_UUID] = "UUID",           [LOGICAL_FLOAT16] = "FLOAT16",
        [LOGICAL_VARIANT] = "VARIANT",     [LOGICAL_GEOMETRY] = "GEOMETRY",
        [LOGICAL_GEOGRAPHY] = "GEOGRAPHY", [LOGICAL_FILE] = "FILE",
    };

    return name_of(NAMES, ARRAY_LENGTH(NAMES), (int64_t)kind);
}

/* What a column is, whether a logical type says it or only the older converted type. */
static LogicalType
effective_type(const SchemaElement *element)
{
    static const LogicalType BY_CONVERTED[] = {
        [CONVERTED_UTF8] = {.kind = LOGICAL_STRING},
        [CONVERTED_MAP] = {.kind = LOGICAL_MAP},
        [CONVERTED_MAP_KEY_VALUE] = {.kind = LOGICAL_NONE},
        [CONVERTED_LIST] = {.kind = LOGICAL_LIST},
        [CONVERTED_ENUM] = {.kind = LOGICAL_ENUM},
        [CONVERTED_DECIMAL] = {.kind = LOGICAL_DECIMAL},
        [CONVERTED_DATE] = {.kind = LOGICAL_DATE},
        [CONVERTED_TIME_MILLIS] = {.kind = LOGICAL_TIME, .is_utc = true, .unit = UNIT_MILLIS},
        [CONVERTED_TIME_MICROS] = {.kind = LOGICAL_TIME, .is_utc = true, .unit = UNIT_MICROS},
        [CONVERTED_TIMESTAMP_MILLIS] = {.kind = LOGICAL_TIMESTAMP,
                                        .is_utc = true,
                                        .unit = UNIT_MILLIS},
        [CONVERTED_TIMESTAMP_MICROS] = {.kind = LOGICAL_TIMESTAMP,
                                        .is_utc = true,
                                        .unit = UNIT_MICROS},
        [CONVERTED_UINT_8] = {.kind = LOGICAL_INTEGER, .bit_width = 8},
        [CONVERTED_UINT_16] = {.kind = LOGICAL_INTEGER, .bit_width = 16},
        [CONVERTED_UINT_32] = {.kind = LOGICAL_INTEGER, .bit_width = 32},
        [CONVERTED_UINT_64] = {.kind = LOGICAL_INTEGER, .bit_width = 64},
        [CONVERTED_INT_8] = {.kind = LOGICAL_INTEGER, .bit_width = 8, .is_signed = true},
        [CONVERTED_INT_16] = {.kind = LOGICAL_INTEGER, .bit_width = 16, .is_signed = true},
        [CONVERTED_INT_32] = {.kind = LOGICAL_INTEGER, .bit_width = 32, .is_signed = true},
        [CONVERTED_INT_64] = {.kind = LOGICAL_INTEGER, .bit_width = 64, .is_signed = true},
        [CONVERTED_JSON] = {.kind = LOGICAL_JSON},
        [CONVERTED_BSON] = {.kind = LOGICAL_BSON},
    };
    int converted = (int)element->converted;

    if (element->logical.kind != LOGICAL_NONE || converted < 0 ||
        (size_t)converted >= ARRAY_LENGTH(BY_CONVERTED))
        return element->logical;
    LogicalType type = BY_CONVERTED[converted];
    if (type.kind == LOGICAL_DECIMAL) {
        type.scale = element->scale >= 0 ? element->scale : 0;
        type.precision = element->precision;
    }
    return type;
}

void
logical_type_text(const SchemaElement *element, Buffer *out)
{
    LogicalType type = effective_type(element);

    if (type.kind == LOGICAL_NONE) {
        if (element->converted == CONVERTED_INTERVAL)
            buffer_append_text(out, "INTERVAL");
        return;
    }
    buffer_append_text(out, logical_kind_name(type.kind));
    if (type.kind == LOGICAL_DECIMAL)
        buffer_append_format(out, "(%" PRId32 ",%" PRId32 ")", type.precision, type.scale);
    if (type.kind == LOGICAL_TIME || type.kind == LOGICAL_TIMESTAMP)
        buffer_append_format(out, "(%s,%s)", unit_name(type.unit), type.is_utc ? "UTC" : "local");
    if (type.kind == LOGICAL_INTEGER)
        buffer_append_format(out, "(%d,%s)", type.bit_width,
                             type.is_signed ? "signed" : "unsigned");
}

void
encodings_text(uint32_t encodings, Buffer *out)
{
    bool is_first = true;

    for (int32_t i = 0; i < 32; i++) {
        if ((encodings >> i & 1) == 0)
            continue;
        if (!is_first)
            buffer_append_byte(out, ',');
        buffer_append_text(out, encoding_name(i));
        is_first = false;
    }
}

/* Text */

/* Bytes of the character at the front of text; 0 when it is none. Overlong forms, surrogates and
 * numbers past U+10FFFF are none. */
static size_t
character_bytes(BytesView text)
{
    uint8_t lead = text.data[0];
    size_t size = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;

    if (size == 0 || size > text.size || lead > 0xF4)
        return 0;
    for (size_t i = 1; i < size; i++) {
        if ((text.data[i] & 0xC0) != 0x80)
            return 0;
    }
    uint8_t second = size > 1 ? text.data[1] : 0;
    bool is_bad = (lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
                  (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F);
    return is_bad ? 0 : size;
}

bool
bytes_are_utf8(BytesView bytes)
{
    while (bytes.size > 0) {
        size_t size = character_bytes(bytes);
        if (size == 0)
            return false;
        bytes.data += size;
        bytes.size -= size;
    }
    return true;
}

void
printable_text(BytesView text, Buffer *out)
{
    while (text.size > 0) {
        size_t size = character_bytes(text);
        uint8_t lead = text.data[0];
        bool is_control =
            lead < 0x20 || lead == 0x7F || (lead == 0xC2 && size == 2 && text.data[1] < 0xA0);
        if (size == 0 || is_control) {
            buffer_append_format(out, "\\x%02x", lead);
            size = 1;
        } else {
            buffer_append(out, text.data, size);
        }
        text.data += size;
        text.size -= size;
    }
}

static void
append_hex(BytesView bytes, Buffer *out)
{
    buffer_append_text(out, "0x");
    render_hex(bytes.data, size_min(bytes.size, BYTES_SHOWN), out);
    if (bytes.size > BYTES_SHOWN)
        buffer_append_text(out, "…");
}

static void
append_text(BytesView text, Buffer *out)
{
    bool is_cut = text.size > TEXT_SHOWN_BYTES;

    if (is_cut) { /* back to the start of the character that would be cut */
        text.size = TEXT_SHOWN_BYTES;
        while (text.size > TEXT_SHOWN_BYTES - 4 && (text.data[text.size] & 0xC0) == 0x80)
            text.size--;
    }
    printable_text(text, out);
    if (is_cut)
        buffer_append_text(out, "…");
}

/* Numbers */

static bool
load_number(const SchemaElement *element, BytesView bound, int64_t *value)
{
    int32_t narrow;

    if (element->type == PHYSICAL_INT32 && bound.size == sizeof(narrow)) {
        memcpy(&narrow, bound.data, sizeof(narrow));
        *value = narrow;
        return true;
    }
    if (element->type == PHYSICAL_INT64 && bound.size == sizeof(*value)) {
        memcpy(value, bound.data, sizeof(*value));
        return true;
    }
    return false;
}

static bool
append_time(const LogicalType *type, int64_t value, Buffer *out)
{
    const int64_t day_us = INT64_C(86400) * 1000000;
    char text[RENDER_MAX_BYTES];

    /* Nanoseconds do not fit the renderers, nor times of no day: the number must do. */
    if (type->unit == UNIT_MILLIS && __builtin_mul_overflow(value, 1000, &value))
        return false;
    if (type->unit != UNIT_MILLIS && type->unit != UNIT_MICROS)
        return false;
    if (type->kind == LOGICAL_TIMESTAMP) {
        buffer_append(out, text, render_timestamp(value, 0, type->is_utc, text));
        return true;
    }
    if (value < 0 || value >= day_us)
        return false;
    buffer_append(out, text, render_time(value, text));
    return true;
}

static void
append_decimal(const LogicalType *type, Int128 unscaled, Buffer *out)
{
    char text[RENDER_MAX_BYTES];
    bool is_scale_known = type->scale >= 0 && type->scale <= SCALE_MAX;

    buffer_append(out, text, render_decimal(unscaled, is_scale_known ? type->scale : 0, text));
    if (!is_scale_known)
        buffer_append_format(out, "e%" PRId64, -(int64_t)type->scale);
}

static void
append_integer(const SchemaElement *element, const LogicalType *type, int64_t value, Buffer *out)
{
    char text[RENDER_MAX_BYTES];
    size_t size = 0;

    if (type->kind == LOGICAL_DECIMAL) {
        append_decimal(type, value, out);
        return;
    }
    if ((type->kind == LOGICAL_TIME || type->kind == LOGICAL_TIMESTAMP) &&
        append_time(type, value, out))
        return;
    if (type->kind == LOGICAL_DATE)
        size = render_date(value, text);
    else if (type->kind == LOGICAL_INTEGER && !type->is_signed)
        size = render_uint64(element->type == PHYSICAL_INT32 ? (uint32_t)value : (uint64_t)value,
                             text);
    else
        size = render_int64(value, text);
    buffer_append(out, text, size);
}

static bool
append_float(const SchemaElement *element, BytesView bound, Buffer *out)
{
    char text[RENDER_MAX_BYTES];
    float narrow;
    double wide;

    if (element->type == PHYSICAL_FLOAT && bound.size == sizeof(narrow)) {
        memcpy(&narrow, bound.data, sizeof(narrow));
        buffer_append(out, text, render_float(narrow, text));
        return true;
    }
    if (element->type == PHYSICAL_DOUBLE && bound.size == sizeof(wide)) {
        memcpy(&wide, bound.data, sizeof(wide));
        buffer_append(out, text, render_double(wide, text));
        return true;
    }
    return false;
}

/* Big-endian two's complement of up to 16 bytes. */
static Int128
load_big_endian(BytesView bytes)
{
    UInt128 value = (bytes.data[0] & 0x80) != 0 ? ~(UInt128)0 : 0;

    for (size_t i = 0; i < bytes.size; i++)
        value = value << 8 | bytes.data[i];
    return (Int128)value;
}

static bool
append_bytes(const LogicalType *type, BytesView bound, Buffer *out)
{
    char text[RENDER_MAX_BYTES];

    switch (type->kind) {
    case LOGICAL_STRING:
    case LOGICAL_ENUM:
    case LOGICAL_JSON:
        append_text(bound, out);
        return true;
    case LOGICAL_UUID:
        if (bound.size != 16)
            return false;
        buffer_append(out, text, render_uuid(bound.data, text));
        return true;
    case LOGICAL_DECIMAL:
        if (bound.size == 0 || bound.size > DECIMAL_BYTES_MAX)
            return false;
        append_decimal(type, load_big_endian(bound), out);
        return true;
    default:
        return false;
    }
}

void
bound_text(const SchemaElement *element, BytesView bound, Buffer *out)
{
    LogicalType type = effective_type(element);
    int64_t value = 0;

    if (load_number(element, bound, &value)) {
        append_integer(element, &type, value, out);
        return;
    }
    if (element->type == PHYSICAL_BOOLEAN && bound.size == 1 && bound.data[0] < 2) {
        buffer_append_text(out, bound.data[0] == 1 ? "true" : "false");
        return;
    }
    bool is_bytes = element->type == PHYSICAL_BYTE_ARRAY || element->type == PHYSICAL_FIXED;
    if (append_float(element, bound, out) || (is_bytes && append_bytes(&type, bound, out)))
        return;
    append_hex(bound, out);
}

/* Older writers name only where the filter starts: its header says how long it is. */
int64_t
bloom_filter_bytes(const ParquetFile *file, const ColumnMetaData *meta)
{
    uint8_t bytes[64];
    ThriftReader reader;
    Error ignored = ERROR_INIT;
    int64_t size = -1;

    if (meta->bloom_offset < 0 || (uint64_t)meta->bloom_offset >= file->footer_offset)
        return 0;
    if (meta->bloom_length >= 0)
        return meta->bloom_length;
    uint64_t room = file->footer_offset - (uint64_t)meta->bloom_offset;
    size_t take = room < sizeof(bytes) ? (size_t)room : sizeof(bytes);
    if (!readable_read(file->from, (uint64_t)meta->bloom_offset, bytes, take, &ignored))
        return 0;
    thrift_reader_init(&reader, bytes, take);
    ThriftField field = thrift_enter(&reader);
    while (thrift_next_field(&reader, &field)) {
        if (field.id == 1)
            size = thrift_read_i32(&reader, field);
        else
            thrift_skip(&reader, field);
    }
    if (reader.problem != NULL || size < 0)
        return 0;
    return size + (int64_t)thrift_reader_used_bytes(&reader);
}
