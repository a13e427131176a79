#include "source/mysql/decode.h"

#include "batch/render.h"

/* Little endian, as our machines are. */
static uint64_t
load(const uint8_t *bytes, size_t size_bytes)
{
    uint64_t value = 0;

    memcpy(&value, bytes, size_bytes <= 8 ? size_bytes : 8);
    return value;
}

/* The bit pattern in 64 bits, the sign spread over all of them. */
static inline uint64_t
load_integer(bool is_unsigned, const uint8_t *bytes, size_t size_bytes)
{
    uint32_t four;
    uint64_t eight;

    switch (size_bytes) {
    case 4:
        memcpy(&four, bytes, 4);
        return is_unsigned ? four : (uint64_t)(int64_t)(int32_t)four;
    case 8:
        memcpy(&eight, bytes, 8);
        return eight;
    case 1:
        return is_unsigned ? bytes[0] : (uint64_t)(int64_t)(int8_t)bytes[0];
    default:
        four = (uint32_t)load(bytes, 2);
        return is_unsigned ? four : (uint64_t)(int64_t)(int16_t)four;
    }
}

uint64_t
my_load_integer(const MyField *field, const uint8_t *bytes, size_t size_bytes)
{
    return load_integer(field->is_unsigned, bytes, size_bytes);
}

/* A wider integer than was described arrives only when the table was altered in between. */
MY_DECODER(my_decode_integer_i32)
{
    int64_t value = (int64_t)load_integer(field->is_unsigned, bytes, size_bytes);

    (void)wire;
    if (UNLIKELY(size_bytes == 8 && value != (int32_t)value))
        return my_wire_broken(field, err);
    column_append_i32(column, (int32_t)value);
    return true;
}

MY_DECODER(my_decode_integer_i64)
{
    (void)wire;
    (void)err;
    column_append_i64(column, (int64_t)load_integer(field->is_unsigned, bytes, size_bytes));
    return true;
}

MY_DECODER(my_decode_integer_i128)
{
    uint64_t value = load_integer(field->is_unsigned, bytes, size_bytes);

    (void)wire;
    (void)err;
    column_append_i128(column, field->is_unsigned ? (Int128)value : (Int128)(int64_t)value);
    return true;
}

MY_DECODER(my_decode_tiny_bool)
{
    uint64_t value = load_integer(field->is_unsigned, bytes, size_bytes);

    (void)wire;
    if (UNLIKELY(value > 1))
        return my_value_error(field, err, "a number is neither 0 nor 1");
    column_append_bool(column, (uint8_t)value);
    return true;
}

/* Most significant byte first. */
uint64_t
my_load_bits(const uint8_t *bytes, size_t size_bytes)
{
    uint64_t value = 0;

    for (size_t i = 0; i < size_bytes; i++)
        value = value << 8 | bytes[i];
    return value;
}

MY_DECODER(my_decode_bit_bool)
{
    (void)wire;
    if (UNLIKELY(size_bytes != 1 || bytes[0] > 1))
        return my_wire_broken(field, err);
    column_append_bool(column, bytes[0]);
    return true;
}

MY_DECODER(my_decode_bit_i64)
{
    (void)wire;
    if (UNLIKELY(size_bytes > 8))
        return my_wire_broken(field, err);
    column_append_i64(column, (int64_t)my_load_bits(bytes, size_bytes));
    return true;
}

MY_DECODER(my_decode_bit_i128)
{
    (void)wire;
    if (UNLIKELY(size_bytes > 8))
        return my_wire_broken(field, err);
    column_append_i128(column, (Int128)my_load_bits(bytes, size_bytes));
    return true;
}

static float
load_float(const uint8_t *bytes)
{
    float value;

    memcpy(&value, bytes, sizeof(value));
    return value;
}

static double
load_double(const uint8_t *bytes)
{
    double value;

    memcpy(&value, bytes, sizeof(value));
    return value;
}

MY_DECODER(my_decode_float)
{
    (void)wire;
    (void)field;
    (void)size_bytes;
    (void)err;
    column_append_f32(column, load_float(bytes));
    return true;
}

MY_DECODER(my_decode_double)
{
    (void)wire;
    (void)field;
    (void)size_bytes;
    (void)err;
    column_append_f64(column, load_double(bytes));
    return true;
}

MY_DECODER(my_decode_float_double)
{
    (void)wire;
    (void)field;
    (void)size_bytes;
    (void)err;
    column_append_f64(column, (double)load_float(bytes));
    return true;
}

/* NaN equals itself, 0 and -0 differ. */
static bool
has_same_bits(double a, double b)
{
    uint64_t a_bits;
    uint64_t b_bits;

    memcpy(&a_bits, &a, sizeof(a_bits));
    memcpy(&b_bits, &b, sizeof(b_bits));
    return a_bits == b_bits;
}

MY_DECODER(my_decode_double_float)
{
    double value = load_double(bytes);
    float narrow = (float)value;

    (void)wire;
    (void)size_bytes;
    if (!has_same_bits(narrow, value))
        return my_value_error(field, err, conversion_text(CONVERSION_INEXACT));
    column_append_f32(column, narrow);
    return true;
}

static void
append_decimal(Int128 value, Column *column)
{
    if (column->storage == STORAGE_I64)
        column_append_i64(column, (int64_t)value);
    else if (column->storage == STORAGE_I32)
        column_append_i32(column, (int32_t)value);
    else
        column_append_i128(column, value);
}

/* The server prints every digit of the column's scale: "-12.50". Anything else, and any number too
 * large for 64 bits, goes the careful way. */
static bool
read_plain_decimal(const uint8_t *at, const uint8_t *end, unsigned scale, int64_t *value)
{
    enum { DIGITS_MAX = 18 };
    bool is_negative = at < end && *at == '-';
    const uint8_t *point = NULL;
    uint64_t digits = 0;

    at += is_negative;
    if (end - at > DIGITS_MAX + 1 || at == end)
        return false;
    for (; at < end; at++) {
        if (*at == '.' && point == NULL) {
            point = at;
            continue;
        }
        if (*at < '0' || *at > '9')
            return false;
        digits = digits * 10 + (uint64_t)(*at - '0');
    }
    size_t fraction = point == NULL ? 0 : (size_t)(end - point) - 1;
    if (fraction != scale || digits > INT64_C(999999999999999999))
        return false;
    *value = is_negative ? -(int64_t)digits : (int64_t)digits;
    return true;
}

static bool
fits_precision(int64_t value, unsigned precision)
{
    static const int64_t LIMITS[] = {
        INT64_C(1),
        INT64_C(10),
        INT64_C(100),
        INT64_C(1000),
        INT64_C(10000),
        INT64_C(100000),
        INT64_C(1000000),
        INT64_C(10000000),
        INT64_C(100000000),
        INT64_C(1000000000),
        INT64_C(10000000000),
        INT64_C(100000000000),
        INT64_C(1000000000000),
        INT64_C(10000000000000),
        INT64_C(100000000000000),
        INT64_C(1000000000000000),
        INT64_C(10000000000000000),
        INT64_C(100000000000000000),
        INT64_C(1000000000000000000),
    };

    return precision >= ARRAY_LENGTH(LIMITS) ||
           (value < LIMITS[precision] && value > -LIMITS[precision]);
}

MY_DECODER(my_decode_decimal)
{
    int64_t value;

    (void)wire;
    if (LIKELY(read_plain_decimal(bytes, bytes + size_bytes, field->type.scale, &value) &&
               fits_precision(value, field->type.precision))) {
        append_decimal(value, column);
        return true;
    }
    Conversion result = convert_text(bytes, size_bytes, ZONE_FREE, column, err);
    if (result == CONVERSION_DONE || result == CONVERSION_FAILED)
        return result == CONVERSION_DONE;
    return my_value_error(field, err, conversion_text(result));
}

MY_TEXT_WRITER(my_write_integer)
{
    char text[RENDER_MAX_BYTES];
    uint64_t value = my_load_integer(field, bytes, size_bytes);

    (void)err;
    buffer_append(out, text,
                  field->is_unsigned ? render_uint64(value, text)
                                     : render_int64((int64_t)value, text));
    return true;
}

MY_TEXT_WRITER(my_write_bit)
{
    char text[RENDER_MAX_BYTES];

    if (size_bytes > 8)
        return my_wire_broken(field, err);
    buffer_append(out, text, render_uint64(my_load_bits(bytes, size_bytes), text));
    return true;
}

MY_TEXT_WRITER(my_write_bit_bool)
{
    (void)field;
    (void)err;
    buffer_append_text(out, my_load_bits(bytes, size_bytes) != 0 ? "true" : "false");
    return true;
}

MY_TEXT_WRITER(my_write_float)
{
    char text[RENDER_MAX_BYTES];

    (void)field;
    (void)size_bytes;
    (void)err;
    buffer_append(out, text, render_float(load_float(bytes), text));
    return true;
}

MY_TEXT_WRITER(my_write_double)
{
    char text[RENDER_MAX_BYTES];

    (void)field;
    (void)size_bytes;
    (void)err;
    buffer_append(out, text, render_double(load_double(bytes), text));
    return true;
}
