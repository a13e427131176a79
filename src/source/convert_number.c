#include <errno.h>

#include "batch/render.h"
#include "source/convert.h"

/* [sign] whole [. fraction] [e exponent], seen as digits × 10^power without outer zeros. */
typedef struct Number {
    const uint8_t *whole;
    const uint8_t *fraction;
    size_t whole_count;
    size_t first; /* of the digits, leading zeros left out */
    size_t count; /* zero: the number is 0 */
    int64_t power;
    bool is_negative;
} Number;

enum { EXPONENT_LIMIT = 1000000 };

static bool
is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static unsigned
digit_at(const Number *number, size_t index)
{
    index += number->first;
    if (index < number->whole_count)
        return (unsigned)number->whole[index] - '0';
    return (unsigned)number->fraction[index - number->whole_count] - '0';
}

static size_t
span_digits(const uint8_t *at, const uint8_t *end)
{
    const uint8_t *start = at;

    while (at < end && is_digit(*at))
        at++;
    return (size_t)(at - start);
}

/* Behind e or E. */
static bool
read_exponent(const uint8_t *at, const uint8_t *end, int64_t *exponent)
{
    bool is_negative = at < end && *at == '-';

    at += at < end && (*at == '-' || *at == '+');
    if (at == end || span_digits(at, end) != (size_t)(end - at))
        return false;
    *exponent = 0;
    for (; at < end && *exponent < EXPONENT_LIMIT; at++)
        *exponent = *exponent * 10 + (*at - '0');
    if (is_negative)
        *exponent = -*exponent;
    return true;
}

static void
strip_zeros(Number *number)
{
    while (number->count > 0 && digit_at(number, 0) == 0) {
        number->first++;
        number->count--;
    }
    while (number->count > 0 && digit_at(number, number->count - 1) == 0) {
        number->count--;
        number->power++;
    }
}

static bool
read_number(const uint8_t *at, const uint8_t *end, Number *number)
{
    size_t fraction_count = 0;
    int64_t exponent = 0;

    *number = (Number){.is_negative = at < end && *at == '-'};
    at += at < end && (*at == '-' || *at == '+');
    number->whole = at;
    number->whole_count = span_digits(at, end);
    at += number->whole_count;
    if (at < end && *at == '.') {
        number->fraction = ++at;
        fraction_count = span_digits(at, end);
        at += fraction_count;
    }
    if (number->whole_count + fraction_count == 0)
        return false;
    if (at < end && (*at | 0x20) == 'e') {
        if (!read_exponent(at + 1, end, &exponent))
            return false;
        at = end;
    }
    number->count = number->whole_count + fraction_count;
    number->power = exponent - (int64_t)fraction_count;
    strip_zeros(number);
    return at == end;
}

static Conversion
read_special(const uint8_t *text, size_t size_bytes)
{
    static const struct {
        const char *word;
        Conversion conversion;
    } WORDS[] = {
        {"nan", CONVERSION_NAN},
        {"inf", CONVERSION_INFINITY},
        {"infinity", CONVERSION_INFINITY},
        {"+infinity", CONVERSION_INFINITY},
        {"-inf", CONVERSION_MINUS_INFINITY},
        {"-infinity", CONVERSION_MINUS_INFINITY},
    };
    char lower[16] = "";

    if (size_bytes >= sizeof(lower))
        return CONVERSION_SYNTAX;
    for (size_t i = 0; i < size_bytes; i++)
        lower[i] = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] + 32 : text[i]);
    for (size_t i = 0; i < ARRAY_LENGTH(WORDS); i++)
        if (strcmp(lower, WORDS[i].word) == 0)
            return WORDS[i].conversion;
    return CONVERSION_SYNTAX;
}

/* number × 10^scale, when that is whole and has at most precision digits. */
static Conversion
scale_number(const Number *number, int precision, int scale, Int128 *out)
{
    int64_t power = number->power + scale;
    UInt128 value = 0;

    *out = 0;
    if (number->count == 0)
        return CONVERSION_DONE;
    if (power < 0)
        return CONVERSION_INEXACT;
    if ((int64_t)number->count + power > precision)
        return CONVERSION_RANGE;
    for (size_t i = 0; i < number->count; i++)
        value = value * 10 + digit_at(number, i);
    for (; power > 0; power--)
        value *= 10;
    *out = number->is_negative ? -(Int128)value : (Int128)value;
    return CONVERSION_DONE;
}

static const struct {
    Int128 least, most;
} INTEGER_LIMITS[] = {
    [TYPE_INT8] = {INT8_MIN, INT8_MAX},    [TYPE_INT16] = {INT16_MIN, INT16_MAX},
    [TYPE_INT32] = {INT32_MIN, INT32_MAX}, [TYPE_INT64] = {INT64_MIN, INT64_MAX},
    [TYPE_UINT8] = {0, UINT8_MAX},         [TYPE_UINT16] = {0, UINT16_MAX},
    [TYPE_UINT32] = {0, UINT32_MAX},       [TYPE_UINT64] = {0, UINT64_MAX},
};

static void
append_integer(Int128 value, Column *column)
{
    if (column->storage == STORAGE_I32)
        column_append_i32(column, (int32_t)value);
    else if (column->storage == STORAGE_I64)
        column_append_i64(column, (int64_t)(uint64_t)value);
    else
        column_append_i128(column, value);
}

static Conversion
convert_exact(const Number *number, Column *column)
{
    TypeKind kind = column->type->kind;
    bool is_decimal = kind == TYPE_DECIMAL;
    int precision = is_decimal ? column->type->precision : DECIMAL_PRECISION_MAX;
    Int128 value;
    Conversion result =
        scale_number(number, precision, is_decimal ? column->type->scale : 0, &value);

    if (result != CONVERSION_DONE)
        return result;
    if (!is_decimal && (value < INTEGER_LIMITS[kind].least || value > INTEGER_LIMITS[kind].most))
        return CONVERSION_RANGE;
    append_integer(value, column);
    return CONVERSION_DONE;
}

static bool
numbers_equal(const Number *a, const Number *b)
{
    if (a->count != b->count || (a->count > 0 && a->power != b->power) ||
        a->is_negative != b->is_negative)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (digit_at(a, i) != digit_at(b, i))
            return false;
    return true;
}

/* Digits that the shortest text of a double may have; a number with more has no double. */
enum { DOUBLE_DIGITS_MAX = 17 };

static Conversion
convert_float(const Number *number, Column *column)
{
    bool is_double = column->type->kind == TYPE_DOUBLE;
    char text[DOUBLE_DIGITS_MAX + 32];
    char shortest[RENDER_MAX_BYTES];
    Number back;
    size_t at = 0;

    if (number->count > DOUBLE_DIGITS_MAX)
        return CONVERSION_INEXACT;
    text[at++] = number->is_negative ? '-' : '+';
    for (size_t i = 0; i < number->count; i++)
        text[at++] = (char)('0' + digit_at(number, i));
    snprintf(text + at, sizeof(text) - at, "%se%" PRId64, number->count == 0 ? "0" : "",
             number->count == 0 ? 0 : number->power);
    double as_double = strtod(text, NULL);
    float as_float = strtof(text, NULL);
    if (is_double ? !__builtin_isfinite(as_double) : !__builtin_isfinite(as_float))
        return CONVERSION_RANGE;
    size_t length =
        is_double ? render_double(as_double, shortest) : render_float(as_float, shortest);
    if (!read_number((const uint8_t *)shortest, (const uint8_t *)shortest + length, &back) ||
        !numbers_equal(number, &back))
        return CONVERSION_INEXACT;
    if (is_double)
        column_append_f64(column, as_double);
    else
        column_append_f32(column, as_float);
    return CONVERSION_DONE;
}

/* NaN and the infinities, which floats have. */
static Conversion
convert_special_float(Conversion special, Column *column)
{
    double value = special == CONVERSION_NAN ? __builtin_nan("") : __builtin_inf();

    if (special == CONVERSION_SYNTAX)
        return special;
    if (special == CONVERSION_MINUS_INFINITY)
        value = -value;
    if (column->type->kind == TYPE_DOUBLE)
        column_append_f64(column, value);
    else
        column_append_f32(column, (float)value);
    return CONVERSION_DONE;
}

Conversion
convert_number(const uint8_t *text, size_t size_bytes, Column *column)
{
    bool is_float = column->type->kind == TYPE_DOUBLE || column->type->kind == TYPE_FLOAT;
    Number number;

    if (!read_number(text, text + size_bytes, &number)) {
        Conversion special = read_special(text, size_bytes);
        return is_float ? convert_special_float(special, column) : special;
    }
    return is_float ? convert_float(&number, column) : convert_exact(&number, column);
}
