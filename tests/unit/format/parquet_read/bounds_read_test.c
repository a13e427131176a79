#include "../../test.h"

#include <math.h>

#include "format/parquet/bounds_read.h"

#define VIEW(value)                                                                                \
    {                                                                                              \
        (const uint8_t *)&(value), sizeof(value)                                                   \
    }
#define BYTES(text)                                                                                \
    {                                                                                              \
        (const uint8_t *)(text), sizeof(text) - 1                                                  \
    }
#define ORDERED(o)                                                                                 \
    {                                                                                              \
        .type = (o), .converted = CONVERTED_NONE                                                   \
    }

static const int32_t I32_LOW = -5, I32_HIGH = 5, I32_BELOW = -6, I32_ABOVE = 6;
static const uint32_t U32_LOW = 5, U32_HIGH = 0xF0000000, U32_ABOVE = 0xF0000001;
static const int64_t I64_LOW = INT64_MIN, I64_HIGH = -1, I64_ABOVE = 0;
static const uint64_t U64_LOW = 1, U64_HIGH = UINT64_MAX, U64_BELOW = 0;
static const float F32_LOW = -0.0F, F32_HIGH = 0.0F, F32_ABOVE = 1e-40F;
static const double F64_LOW = -1.5, F64_HIGH = (double)INFINITY, F64_BELOW = -(double)INFINITY;
static const uint8_t BOOL_LOW = 0, BOOL_ABOVE = 1;

static const struct {
    const char *name;
    ValueOrder order;
    BytesView min, max, outside;
} SCALARS[] = {
    {"int32 below", VALUE_ORDER_I32, VIEW(I32_LOW), VIEW(I32_HIGH), VIEW(I32_BELOW)},
    {"int32 above", VALUE_ORDER_I32, VIEW(I32_LOW), VIEW(I32_HIGH), VIEW(I32_ABOVE)},
    {"uint32 above", VALUE_ORDER_U32, VIEW(U32_LOW), VIEW(U32_HIGH), VIEW(U32_ABOVE)},
    {"int64 above", VALUE_ORDER_I64, VIEW(I64_LOW), VIEW(I64_HIGH), VIEW(I64_ABOVE)},
    {"uint64 below", VALUE_ORDER_U64, VIEW(U64_LOW), VIEW(U64_HIGH), VIEW(U64_BELOW)},
    {"float above", VALUE_ORDER_FLOAT, VIEW(F32_LOW), VIEW(F32_HIGH), VIEW(F32_ABOVE)},
    {"double below", VALUE_ORDER_DOUBLE, VIEW(F64_LOW), VIEW(F64_HIGH), VIEW(F64_BELOW)},
    {"bool above", VALUE_ORDER_BOOL, VIEW(BOOL_LOW), VIEW(BOOL_LOW), VIEW(BOOL_ABOVE)},
};

static void
test_scalars(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(SCALARS); i++) {
        ValueOrder order = SCALARS[i].order;
        size_t size = SCALARS[i].min.size;
        uint64_t values[3] = {0};
        memcpy(values, SCALARS[i].min.data, size);
        memcpy((uint8_t *)values + size, SCALARS[i].max.data, size);
        assert_true(bound_is_valid(order, SCALARS[i].min));
        assert_true(bounds_hold(order, values, 2, SCALARS[i].min, SCALARS[i].max));
        memcpy((uint8_t *)values + 2 * size, SCALARS[i].outside.data, size);
        if (bounds_hold(order, values, 3, SCALARS[i].min, SCALARS[i].max))
            fail_msg("%s is inside", SCALARS[i].name);
        assert_false(bound_is_valid(order, (BytesView){SCALARS[i].min.data, size - 1}));
    }
}

/* Ascending by each order: every pair is compared both ways. */
static const BytesView TEXTS[] = {BYTES(""),  BYTES("a"),        BYTES("aa"),
                                  BYTES("b"), BYTES("\xC3\xA4"), BYTES("\xFF")};
static const BytesView DECIMALS[] = {BYTES("\x80\x00"),     BYTES("\xFF\x7F"), BYTES("\x80"),
                                     BYTES("\xFF\xFF\xFE"), BYTES("\xFF"),     BYTES("\x00"),
                                     BYTES("\x00\x00\x01"), BYTES("\x7F"),     BYTES("\x00\x80"),
                                     BYTES("\x7F\xFF")};

static void
assert_ascending(ValueOrder order, const BytesView *views, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < count; k++) {
            int got = bound_compare(order, views[i], views[k]);
            if ((got > 0) - (got < 0) != (i > k) - (i < k))
                fail_msg("order %d: %zu against %zu is %d", (int)order, i, k, got);
        }
    }
    assert_true(bounds_hold(order, views, count, views[0], views[count - 1]));
    assert_false(bounds_hold(order, views, count, views[1], views[count - 1]));
    assert_false(bounds_hold(order, views, count, views[0], views[count - 2]));
}

static void
test_bytes_and_decimals(void **state)
{
    BytesView minus_one = BYTES("\xFF");
    BytesView wide_minus_one = BYTES("\xFF\xFF\xFF");

    (void)state;
    assert_ascending(VALUE_ORDER_BYTES, TEXTS, ARRAY_LENGTH(TEXTS));
    assert_ascending(VALUE_ORDER_DECIMAL, DECIMALS, ARRAY_LENGTH(DECIMALS));
    assert_int_equal(bound_compare(VALUE_ORDER_DECIMAL, minus_one, wide_minus_one), 0);
}

static void
test_nans(void **state)
{
    float floats[] = {1, NAN, -NAN};
    double doubles[] = {(double)NAN, 2};
    int64_t integers[] = {-1, 0};
    BytesView nan = VIEW(doubles[0]);

    (void)state;
    assert_int_equal(count_nans(VALUE_ORDER_FLOAT, floats, 3), 2);
    assert_int_equal(count_nans(VALUE_ORDER_DOUBLE, doubles, 2), 1);
    assert_int_equal(count_nans(VALUE_ORDER_I64, integers, 2), 0);
    assert_false(bound_is_valid(VALUE_ORDER_DOUBLE, nan));
    assert_true(bounds_hold(VALUE_ORDER_DOUBLE, doubles, 2, (BytesView)VIEW(doubles[1]),
                            (BytesView)VIEW(doubles[1])));
}

static const struct {
    SchemaElement element;
    ValueOrder want;
} ORDERS[] = {
    {ORDERED(PHYSICAL_BOOLEAN), VALUE_ORDER_BOOL},
    {ORDERED(PHYSICAL_INT32), VALUE_ORDER_I32},
    {ORDERED(PHYSICAL_INT64), VALUE_ORDER_I64},
    {ORDERED(PHYSICAL_INT96), VALUE_ORDER_NONE},
    {ORDERED(PHYSICAL_FLOAT), VALUE_ORDER_FLOAT},
    {ORDERED(PHYSICAL_DOUBLE), VALUE_ORDER_DOUBLE},
    {ORDERED(PHYSICAL_BYTE_ARRAY), VALUE_ORDER_BYTES},
    {ORDERED(PHYSICAL_FIXED), VALUE_ORDER_BYTES},
    {ORDERED(-1), VALUE_ORDER_NONE},
    {{.type = PHYSICAL_INT32, .converted = CONVERTED_UINT_8}, VALUE_ORDER_U32},
    {{.type = PHYSICAL_INT64, .converted = CONVERTED_UINT_64}, VALUE_ORDER_U64},
    {{.type = PHYSICAL_INT32, .converted = CONVERTED_INT_8}, VALUE_ORDER_I32},
    {{.type = PHYSICAL_INT64,
      .converted = CONVERTED_NONE,
      .logical = {.kind = LOGICAL_INTEGER, .bit_width = 64}},
     VALUE_ORDER_U64},
    {{.type = PHYSICAL_FIXED, .converted = CONVERTED_DECIMAL}, VALUE_ORDER_DECIMAL},
    {{.type = PHYSICAL_BYTE_ARRAY,
      .converted = CONVERTED_NONE,
      .logical = {.kind = LOGICAL_DECIMAL}},
     VALUE_ORDER_DECIMAL},
    {{.type = PHYSICAL_FIXED, .converted = CONVERTED_INTERVAL}, VALUE_ORDER_NONE},
    {{.type = PHYSICAL_FIXED, .converted = CONVERTED_NONE, .logical = {.kind = LOGICAL_FLOAT16}},
     VALUE_ORDER_NONE},
    {{.type = PHYSICAL_FIXED, .converted = CONVERTED_NONE, .logical = {.kind = LOGICAL_UUID}},
     VALUE_ORDER_BYTES},
};

static void
test_order_of_types(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(ORDERS); i++)
        assert_int_equal(value_order_of(&ORDERS[i].element), ORDERS[i].want);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scalars),
        cmocka_unit_test(test_bytes_and_decimals),
        cmocka_unit_test(test_nans),
        cmocka_unit_test(test_order_of_types),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
