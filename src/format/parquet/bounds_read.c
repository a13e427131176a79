#include "format/parquet/bounds_read.h"

#include <math.h>

static bool
is_unsigned(const SchemaElement *element)
{
    if (element->logical.kind == LOGICAL_INTEGER)
        return !element->logical.is_signed;
    return element->converted >= CONVERTED_UINT_8 && element->converted <= CONVERTED_UINT_64;
}

static ValueOrder
order_of_bytes(const SchemaElement *element)
{
    switch (element->logical.kind) {
    case LOGICAL_DECIMAL:
        return VALUE_ORDER_DECIMAL;
    case LOGICAL_FLOAT16:
    case LOGICAL_VARIANT:
    case LOGICAL_GEOMETRY:
    case LOGICAL_GEOGRAPHY:
        return VALUE_ORDER_NONE;
    default:
        break;
    }
    if (element->converted == CONVERTED_INTERVAL)
        return VALUE_ORDER_NONE;
    return element->converted == CONVERTED_DECIMAL ? VALUE_ORDER_DECIMAL : VALUE_ORDER_BYTES;
}

ValueOrder
value_order_of(const SchemaElement *element)
{
    switch (element->type) {
    case PHYSICAL_BOOLEAN:
        return VALUE_ORDER_BOOL;
    case PHYSICAL_INT32:
        return is_unsigned(element) ? VALUE_ORDER_U32 : VALUE_ORDER_I32;
    case PHYSICAL_INT64:
        return is_unsigned(element) ? VALUE_ORDER_U64 : VALUE_ORDER_I64;
    case PHYSICAL_FLOAT:
        return VALUE_ORDER_FLOAT;
    case PHYSICAL_DOUBLE:
        return VALUE_ORDER_DOUBLE;
    case PHYSICAL_BYTE_ARRAY:
    case PHYSICAL_FIXED:
        return order_of_bytes(element);
    default:
        return VALUE_ORDER_NONE;
    }
}

static int
compare_bytes(BytesView a, BytesView b)
{
    size_t shorter = size_min(a.size, b.size);
    int order = shorter > 0 ? memcmp(a.data, b.data, shorter) : 0;

    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

/* Byte i of a number as if it were size_bytes long: the sign fills up the front. */
static uint8_t
extended_byte(BytesView number, size_t size_bytes, size_t i)
{
    size_t missing = size_bytes - number.size;
    bool is_negative = number.size > 0 && (number.data[0] & 0x80) != 0;

    if (i >= missing)
        return number.data[i - missing];
    return is_negative ? 0xFF : 0;
}

static int
compare_decimals(BytesView a, BytesView b)
{
    size_t size = size_max(a.size, b.size);

    for (size_t i = 0; i < size; i++) {
        uint8_t flip = i == 0 ? 0x80 : 0; /* the sign bit sorts the other way round */
        int of_a = extended_byte(a, size, i) ^ flip;
        int of_b = extended_byte(b, size, i) ^ flip;
        if (of_a != of_b)
            return of_a - of_b;
    }
    return 0;
}

/* Compares a stored bound, which may lie unaligned, with a value of the same C type. */
#define DEFINE_SCALAR(name, Value)                                                                 \
    static Value name##_of(BytesView bound)                                                        \
    {                                                                                              \
        Value value;                                                                               \
        memcpy(&value, bound.data, sizeof(value));                                                 \
        return value;                                                                              \
    }                                                                                              \
    static int name##_compare(BytesView a, BytesView b)                                            \
    {                                                                                              \
        return (name##_of(a) > name##_of(b)) - (name##_of(a) < name##_of(b));                      \
    }                                                                                              \
    static bool name##_hold(const void *values, size_t count, BytesView min, BytesView max)        \
    {                                                                                              \
        const Value *list = values;                                                                \
        Value low = name##_of(min);                                                                \
        Value high = name##_of(max);                                                               \
        bool is_outside = false;                                                                   \
        for (size_t i = 0; i < count; i++)                                                         \
            is_outside |= (list[i] < low) | (list[i] > high);                                      \
        return !is_outside;                                                                        \
    }
DEFINE_SCALAR(u8, uint8_t)
DEFINE_SCALAR(i32, int32_t)
DEFINE_SCALAR(u32, uint32_t)
DEFINE_SCALAR(i64, int64_t)
DEFINE_SCALAR(u64, uint64_t)
DEFINE_SCALAR(f32, float)
DEFINE_SCALAR(f64, double)
#undef DEFINE_SCALAR

static bool
views_hold(int (*compare)(BytesView, BytesView), const void *values, size_t count, BytesView min,
           BytesView max)
{
    const BytesView *list = values;

    for (size_t i = 0; i < count; i++) {
        if (compare(list[i], min) < 0 || compare(list[i], max) > 0)
            return false;
    }
    return true;
}

static bool
bytes_hold(const void *values, size_t count, BytesView min, BytesView max)
{
    return views_hold(compare_bytes, values, count, min, max);
}

static bool
decimals_hold(const void *values, size_t count, BytesView min, BytesView max)
{
    return views_hold(compare_decimals, values, count, min, max);
}

static const struct {
    size_t bound_bytes; /* 0: any */
    int (*compare)(BytesView, BytesView);
    bool (*hold)(const void *, size_t, BytesView, BytesView);
} ORDERS[] = {
    [VALUE_ORDER_BOOL] = {1, u8_compare, u8_hold},
    [VALUE_ORDER_I32] = {4, i32_compare, i32_hold},
    [VALUE_ORDER_U32] = {4, u32_compare, u32_hold},
    [VALUE_ORDER_I64] = {8, i64_compare, i64_hold},
    [VALUE_ORDER_U64] = {8, u64_compare, u64_hold},
    [VALUE_ORDER_FLOAT] = {4, f32_compare, f32_hold},
    [VALUE_ORDER_DOUBLE] = {8, f64_compare, f64_hold},
    [VALUE_ORDER_BYTES] = {0, compare_bytes, bytes_hold},
    [VALUE_ORDER_DECIMAL] = {0, compare_decimals, decimals_hold},
};

bool
bound_is_valid(ValueOrder order, BytesView bound)
{
    if (order == VALUE_ORDER_NONE || bound.data == NULL)
        return false;
    if (ORDERS[order].bound_bytes != 0 && bound.size != ORDERS[order].bound_bytes)
        return false;
    if (order == VALUE_ORDER_FLOAT)
        return !isnan(f32_of(bound));
    return order != VALUE_ORDER_DOUBLE || !isnan(f64_of(bound));
}

int
bound_compare(ValueOrder order, BytesView a, BytesView b)
{
    return ORDERS[order].compare(a, b);
}

bool
bounds_hold(ValueOrder order, const void *values, size_t count, BytesView min, BytesView max)
{
    return ORDERS[order].hold(values, count, min, max);
}

size_t
count_nans(ValueOrder order, const void *values, size_t count)
{
    const float *floats = values;
    const double *doubles = values;
    size_t nans = 0;

    if (order == VALUE_ORDER_FLOAT) {
        for (size_t i = 0; i < count; i++)
            nans += isnan(floats[i]) != 0;
    } else if (order == VALUE_ORDER_DOUBLE) {
        for (size_t i = 0; i < count; i++)
            nans += isnan(doubles[i]) != 0;
    }
    return nans;
}
