/* numeric on the wire: uint16 digit count, weight, sign, dscale; then base-10000 digits, most
 * significant first. Digit i counts 10000^(weight - i). Source: numeric_send. */
#include "source/postgres/bytes.h"
#include "source/postgres/decode.h"

enum {
    SIGN_NEGATIVE = 0x4000,
    SIGN_NAN = 0xC000,
    SIGN_INFINITY = 0xD000,
    SIGN_MINUS_INFINITY = 0xF000,
    HEADER_BYTES = 8,
    GROUP_DIGITS = 4,
    GROUP_LIMIT = 10000,
    DSCALE_MAX = 0x3FFF,
    SMALL_GROUPS = 4, /* at most 16 decimal digits: plain 64-bit arithmetic */
};

typedef struct Numeric {
    const uint8_t *groups;
    int group_count;
    int weight;
    int dscale;
    uint16_t sign;
} Numeric;

static const uint64_t POWERS_OF_TEN[] = {
    UINT64_C(1),
    UINT64_C(10),
    UINT64_C(100),
    UINT64_C(1000),
    UINT64_C(10000),
    UINT64_C(100000),
    UINT64_C(1000000),
    UINT64_C(10000000),
    UINT64_C(100000000),
    UINT64_C(1000000000),
    UINT64_C(10000000000),
    UINT64_C(100000000000),
    UINT64_C(1000000000000),
    UINT64_C(10000000000000),
    UINT64_C(100000000000000),
    UINT64_C(1000000000000000),
    UINT64_C(10000000000000000),
    UINT64_C(100000000000000000),
    UINT64_C(1000000000000000000),
    UINT64_C(10000000000000000000),
};

static UInt128
power_of_ten(int exponent)
{
    return exponent <= 19 ? POWERS_OF_TEN[exponent]
                          : (UInt128)POWERS_OF_TEN[19] * POWERS_OF_TEN[exponent - 19];
}

static bool
numeric_open(const uint8_t *bytes, size_t size_bytes, Numeric *numeric)
{
    if (size_bytes < HEADER_BYTES)
        return false;
    *numeric = (Numeric){
        .groups = bytes + HEADER_BYTES,
        .group_count = load_u16(bytes), /* up to 36864 */
        .weight = load_i16(bytes + 2),
        .sign = load_u16(bytes + 4),
        .dscale = load_u16(bytes + 6),
    };
    return size_bytes == HEADER_BYTES + 2 * (size_t)numeric->group_count &&
           numeric->dscale <= DSCALE_MAX;
}

static bool
is_special(const Numeric *numeric)
{
    return (numeric->sign & SIGN_NAN) == SIGN_NAN;
}

static uint32_t
group_at(const Numeric *numeric, int index)
{
    return index >= 0 && index < numeric->group_count
               ? load_u16(numeric->groups + 2 * (size_t)index)
               : 0;
}

typedef enum Fit { FIT_OK, FIT_RANGE, FIT_INEXACT, FIT_BROKEN } Fit;

/* Up to SMALL_GROUPS groups: their number times 10^exponent. */
static Fit
scale_small(const Numeric *numeric, int exponent, UInt128 *out)
{
    uint64_t number = 0;

    for (int i = 0; i < numeric->group_count; i++) {
        uint32_t group = load_u16(numeric->groups + 2 * (size_t)i);
        if (UNLIKELY(group >= GROUP_LIMIT))
            return FIT_BROKEN;
        number = number * GROUP_LIMIT + group;
    }
    if (number == 0) {
        *out = 0;
        return FIT_OK;
    }
    if (exponent < 0) {
        if (exponent < -16 || number % POWERS_OF_TEN[-exponent] != 0)
            return FIT_INEXACT;
        *out = number / POWERS_OF_TEN[-exponent];
        return FIT_OK;
    }
    if (exponent > DECIMAL_PRECISION_MAX ||
        __builtin_mul_overflow(number, power_of_ten(exponent), out))
        return FIT_RANGE;
    return FIT_OK;
}

static bool
push_digits(UInt128 *number, uint64_t factor, uint64_t digits)
{
    return !__builtin_mul_overflow(*number, (UInt128)factor, number) &&
           !__builtin_add_overflow(*number, (UInt128)digits, number);
}

/* Any number of groups. The last one may reach below the scale; cutting it before it is added
 * keeps 38 digits inside 128 bits. */
static Fit
scale_large(const Numeric *numeric, int exponent, UInt128 *out)
{
    UInt128 number = 0;
    int left = numeric->group_count;

    for (; left > 0 && group_at(numeric, left - 1) == 0; left--)
        exponent += GROUP_DIGITS;
    if (exponent <= -GROUP_DIGITS && left > 0)
        return FIT_INEXACT;
    for (int i = 0; i < left; i++) {
        uint32_t group = group_at(numeric, i);
        int cut = i == left - 1 && exponent < 0 ? -exponent : 0;
        if (group >= GROUP_LIMIT)
            return FIT_BROKEN;
        if (group % POWERS_OF_TEN[cut] != 0)
            return FIT_INEXACT;
        if (!push_digits(&number, POWERS_OF_TEN[GROUP_DIGITS - cut], group / POWERS_OF_TEN[cut]))
            return FIT_RANGE;
    }
    if (number != 0 && exponent > 0 &&
        (exponent > DECIMAL_PRECISION_MAX ||
         __builtin_mul_overflow(number, power_of_ten(exponent), &number)))
        return FIT_RANGE;
    *out = number;
    return FIT_OK;
}

/* The value times 10^scale, when that is a whole number of at most precision digits. */
static inline Fit
numeric_unscaled(const Numeric *numeric, int precision, int scale, Int128 *out)
{
    int exponent = GROUP_DIGITS * (numeric->weight - numeric->group_count + 1) + scale;
    UInt128 number;
    Fit fit = numeric->group_count <= SMALL_GROUPS ? scale_small(numeric, exponent, &number)
                                                   : scale_large(numeric, exponent, &number);

    if (UNLIKELY(fit != FIT_OK))
        return fit;
    if (UNLIKELY(number >= power_of_ten(precision)))
        return FIT_RANGE;
    *out = numeric->sign == SIGN_NEGATIVE ? -(Int128)number : (Int128)number;
    return FIT_OK;
}

static bool
refuse(const PgField *field, Fit fit, Error *err)
{
    char what[128];

    if (fit == FIT_BROKEN)
        return pg_wire_broken(field, err);
    if (field->type.kind != TYPE_DECIMAL)
        return pg_value_error(field, err,
                              fit == FIT_RANGE ? "a number is out of the range of the column"
                                               : "a number has digits behind the decimal point");
    snprintf(what, sizeof(what),
             "a number has too many digits %s the decimal point for decimal(%d,%d)",
             fit == FIT_RANGE ? "before" : "behind", field->type.precision, field->type.scale);
    return pg_value_error(field, err, what);
}

bool
pg_decode_no_decimal(PgWire *wire, const PgField *field, bool is_nan, Column *column, Error *err)
{
    if (field->decimal_special == NULL_POLICY_NULL) {
        wire->counts->decimal_special++;
        column_append_null(column);
        return true;
    }
    err->hint = "decimal_special: null replaces such values and counts them";
    return pg_value_error(field, err,
                          is_nan ? "NaN is no decimal number" : "infinity is no decimal number");
}

/* *is_done: the value was special, and the policy has dealt with it. */
static inline bool
read_decimal(PgWire *wire, const PgField *field, const uint8_t *bytes, size_t size_bytes,
             Column *column, Int128 *value, bool *is_done, Error *err)
{
    Numeric numeric;

    if (UNLIKELY(!numeric_open(bytes, size_bytes, &numeric)))
        return pg_wire_broken(field, err);
    *is_done = UNLIKELY(is_special(&numeric));
    if (*is_done)
        return pg_decode_no_decimal(wire, field, numeric.sign == SIGN_NAN, column, err);
    Fit fit = numeric_unscaled(&numeric, field->type.precision, field->type.scale, value);
    return LIKELY(fit == FIT_OK) || refuse(field, fit, err);
}

PG_DECODER(pg_decode_numeric_i32)
{
    Int128 value = 0;
    bool is_done = false;

    if (UNLIKELY(!read_decimal(wire, field, bytes, size_bytes, column, &value, &is_done, err)))
        return false;
    if (LIKELY(!is_done))
        column_append_i32(column, (int32_t)value);
    return true;
}

PG_DECODER(pg_decode_numeric_i64)
{
    Int128 value = 0;
    bool is_done = false;

    if (UNLIKELY(!read_decimal(wire, field, bytes, size_bytes, column, &value, &is_done, err)))
        return false;
    if (LIKELY(!is_done))
        column_append_i64(column, (int64_t)value);
    return true;
}

PG_DECODER(pg_decode_numeric_i128)
{
    Int128 value = 0;
    bool is_done = false;

    if (UNLIKELY(!read_decimal(wire, field, bytes, size_bytes, column, &value, &is_done, err)))
        return false;
    if (LIKELY(!is_done))
        column_append_i128(column, value);
    return true;
}

PgDecoder
pg_decimal_decoder(const Type *type)
{
    switch (type_storage(type)) {
    case STORAGE_I32:
        return pg_decode_numeric_i32;
    case STORAGE_I64:
        return pg_decode_numeric_i64;
    default:
        return pg_decode_numeric_i128;
    }
}

/* Four digits of a group. */
static void
write_group(uint32_t group, uint8_t *to)
{
    to[0] = (uint8_t)('0' + group / 1000);
    to[1] = (uint8_t)('0' + group / 100 % 10);
    to[2] = (uint8_t)('0' + group / 10 % 10);
    to[3] = (uint8_t)('0' + group % 10);
}

static size_t
write_whole_part(const Numeric *numeric, uint8_t *to)
{
    size_t size = 0;

    for (int i = 0; i <= numeric->weight; i++, size += GROUP_DIGITS)
        write_group(group_at(numeric, i), to + size);
    size_t zeros = 0;
    while (zeros < size && to[zeros] == '0')
        zeros++;
    if (zeros == size) {
        to[0] = '0';
        return 1;
    }
    memmove(to, to + zeros, size - zeros);
    return size - zeros;
}

static size_t
write_fraction(const Numeric *numeric, uint8_t *to)
{
    int digits = 0;

    if (numeric->dscale == 0)
        return 0;
    *to++ = '.';
    for (int i = numeric->weight + 1; digits < numeric->dscale; i++, digits += GROUP_DIGITS)
        write_group(group_at(numeric, i), to + digits);
    return 1 + (size_t)numeric->dscale;
}

static bool
has_valid_groups(const Numeric *numeric)
{
    for (int i = 0; i < numeric->group_count; i++)
        if (group_at(numeric, i) >= GROUP_LIMIT)
            return false;
    return true;
}

PG_DECODER(pg_decode_numeric_text)
{
    Numeric numeric;

    (void)wire;
    if (!numeric_open(bytes, size_bytes, &numeric) || !has_valid_groups(&numeric))
        return pg_wire_broken(field, err);
    if (is_special(&numeric)) {
        const char *word = numeric.sign == SIGN_NAN        ? "NaN"
                           : numeric.sign == SIGN_INFINITY ? "Infinity"
                                                           : "-Infinity";
        return column_append_bytes(column, word, strlen(word), err);
    }
    int whole = numeric.weight < 0 ? 1 : (numeric.weight + 1) * GROUP_DIGITS;
    size_t room = 2 + (size_t)whole + (size_t)numeric.dscale + GROUP_DIGITS;
    uint8_t *to = column_reserve_bytes(column, room, err);
    if (to == NULL)
        return false;
    size_t size = 0;
    if (numeric.sign == SIGN_NEGATIVE)
        to[size++] = '-';
    size += write_whole_part(&numeric, to + size);
    size += write_fraction(&numeric, to + size);
    column_commit_bytes(column, size);
    return true;
}

static bool
integer_limits(TypeKind kind, Int128 *least, Int128 *most)
{
    switch (kind) {
    case TYPE_INT16:
        *least = INT16_MIN;
        *most = INT16_MAX;
        return true;
    case TYPE_INT32:
        *least = INT32_MIN;
        *most = INT32_MAX;
        return true;
    case TYPE_INT64:
        *least = INT64_MIN;
        *most = INT64_MAX;
        return true;
    case TYPE_UINT64:
        *least = 0;
        *most = UINT64_MAX;
        return true;
    default:
        return false;
    }
}

PG_DECODER(pg_decode_numeric_integer)
{
    Numeric numeric;
    Int128 value = 0;
    Int128 least = 0;
    Int128 most = 0;

    if (!numeric_open(bytes, size_bytes, &numeric))
        return pg_wire_broken(field, err);
    if (is_special(&numeric))
        return pg_decode_no_decimal(wire, field, numeric.sign == SIGN_NAN, column, err);
    Fit fit = numeric_unscaled(&numeric, DECIMAL_PRECISION_MAX, 0, &value);
    if (fit == FIT_OK &&
        (!integer_limits(field->type.kind, &least, &most) || value < least || value > most))
        fit = FIT_RANGE;
    if (fit != FIT_OK)
        return refuse(field, fit, err);
    if (column->storage == STORAGE_I32)
        column_append_i32(column, (int32_t)value);
    else
        column_append_i64(column, (int64_t)(uint64_t)value);
    return true;
}
