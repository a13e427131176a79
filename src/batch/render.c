#include "batch/render.h"

static const char HEX_DIGITS[] = "0123456789abcdef";

void
render_hex(const uint8_t *bytes, size_t size_bytes, Buffer *out)
{
    uint8_t *to = buffer_reserve(out, size_bytes * 2);

    for (size_t i = 0; i < size_bytes; i++) {
        to[2 * i] = (uint8_t)HEX_DIGITS[bytes[i] >> 4];
        to[2 * i + 1] = (uint8_t)HEX_DIGITS[bytes[i] & 15];
    }
    out->size += size_bytes * 2;
}

size_t
render_uuid(const uint8_t bytes[16], char *to)
{
    char *at = to;

    for (size_t i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *at++ = '-';
        *at++ = HEX_DIGITS[bytes[i] >> 4];
        *at++ = HEX_DIGITS[bytes[i] & 15];
    }
    return (size_t)(at - to);
}

static size_t
render_bool(bool value, char *to)
{
    size_t length = value ? 4 : 5;

    memcpy(to, value ? "true" : "false", length);
    return length;
}

static size_t
render_i32(const Type *type, int32_t value, char *to)
{
    switch (type->kind) {
    case TYPE_UINT8:
    case TYPE_UINT16:
    case TYPE_UINT32:
        return render_uint64((uint32_t)value, to);
    case TYPE_DATE:
        return render_date(value, to);
    case TYPE_DECIMAL:
        return render_decimal(value, type->scale, to);
    default:
        return render_int64(value, to);
    }
}

static size_t
render_i64(const Type *type, int64_t value, char *to)
{
    switch (type->kind) {
    case TYPE_UINT64:
        return render_uint64((uint64_t)value, to);
    case TYPE_TIME:
        return render_time(value, to);
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMPTZ:
        return render_timestamp(value, type->is_epoch_2000 ? RENDER_EPOCH_2000_DAYS : 0,
                                type->kind == TYPE_TIMESTAMPTZ, to);
    case TYPE_DECIMAL:
        return render_decimal(value, type->scale, to);
    default:
        return render_int64(value, to);
    }
}

size_t
render_fixed(const Column *column, size_t i, char *to)
{
    switch (column->storage) {
    case STORAGE_BOOL:
        return render_bool(column->bools[i] != 0, to);
    case STORAGE_I32:
        return render_i32(column->type, column->i32[i], to);
    case STORAGE_I64:
        return render_i64(column->type, column->i64[i], to);
    case STORAGE_I128:
        return render_decimal(column->i128[i], column->type->scale, to);
    case STORAGE_F32:
        return render_float(column->f32[i], to);
    case STORAGE_F64:
        return render_double(column->f64[i], to);
    case STORAGE_FIXED16:
        return render_uuid(column->fixed16 + i * 16, to);
    case STORAGE_BYTES:
    case STORAGE_LIST:
        break;
    }
    return 0;
}

static void
render_json_escape(uint8_t byte, Buffer *out)
{
    static const char SHORT[] = "btn\0fr"; /* 0x08 … 0x0D; 0x0B has none */
    const char unicode[6] = {'\\', 'u', '0', '0', HEX_DIGITS[byte >> 4], HEX_DIGITS[byte & 15]};

    if (byte >= 0x20 || (byte >= 0x08 && byte <= 0x0D && byte != 0x0B)) {
        buffer_append_byte(out, '\\');
        buffer_append_byte(out, byte >= 0x20 ? byte : (uint8_t)SHORT[byte - 0x08]);
    } else {
        buffer_append(out, unicode, sizeof(unicode));
    }
}

static void
render_json_string(const uint8_t *text, size_t size_bytes, Buffer *out)
{
    size_t start = 0;

    buffer_append_byte(out, '"');
    for (size_t i = 0; i < size_bytes; i++) {
        if (LIKELY(text[i] >= 0x20 && text[i] != '"' && text[i] != '\\'))
            continue;
        buffer_append(out, text + start, i - start);
        render_json_escape(text[i], out);
        start = i + 1;
    }
    buffer_append(out, text + start, size_bytes - start);
    buffer_append_byte(out, '"');
}

/* Numbers and booleans stand bare; JSON has no NaN and no infinity, so those are strings too. */
static bool
is_json_bare(const Column *column, size_t i)
{
    switch (column->type->kind) {
    case TYPE_DATE:
    case TYPE_TIME:
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMPTZ:
    case TYPE_UUID:
        return false;
    case TYPE_FLOAT:
        return __builtin_isfinite(column->f32[i]);
    case TYPE_DOUBLE:
        return __builtin_isfinite(column->f64[i]);
    default:
        return true;
    }
}

static void
render_json_element(const Column *column, size_t i, Buffer *out)
{
    if (column->type->kind == TYPE_BINARY) {
        buffer_append_byte(out, '"');
        render_value(column, i, out);
        buffer_append_byte(out, '"');
    } else if (column->storage == STORAGE_BYTES) {
        render_json_string(column->data + column->offsets[i],
                           column->offsets[i + 1] - column->offsets[i], out);
    } else if (is_json_bare(column, i)) {
        render_value(column, i, out);
    } else {
        buffer_append_byte(out, '"');
        render_value(column, i, out);
        buffer_append_byte(out, '"');
    }
}

size_t
render_list(const Column *column, size_t i, size_t element_value, Buffer *out)
{
    const Column *element = column->element;

    buffer_append_byte(out, '[');
    for (size_t row = column->offsets[i]; row < column->offsets[i + 1]; row++) {
        if (row > column->offsets[i])
            buffer_append_byte(out, ',');
        if (column_is_valid(element, row))
            render_json_element(element, element_value++, out);
        else
            buffer_append_text(out, "null");
    }
    buffer_append_byte(out, ']');
    return element_value;
}

void
render_value(const Column *column, size_t i, Buffer *out)
{
    if (column->storage == STORAGE_LIST) {
        render_list(column, i, column_value_index(column->element, column->offsets[i]), out);
    } else if (column->type->kind == TYPE_BINARY) {
        render_hex(column->data + column->offsets[i], column->offsets[i + 1] - column->offsets[i],
                   out);
    } else if (column->storage == STORAGE_BYTES) {
        buffer_append(out, column->data + column->offsets[i],
                      column->offsets[i + 1] - column->offsets[i]);
    } else {
        char *to = (char *)buffer_reserve(out, RENDER_MAX_BYTES);
        out->size += render_fixed(column, i, to);
    }
}
