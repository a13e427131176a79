#include "../test.h"

#include <float.h>
#include <math.h>

#include "batch/render.h"

static const Type TYPES[] = {
    [TYPE_BOOL] = {.kind = TYPE_BOOL},
    [TYPE_INT8] = {.kind = TYPE_INT8},
    [TYPE_INT16] = {.kind = TYPE_INT16},
    [TYPE_INT32] = {.kind = TYPE_INT32},
    [TYPE_INT64] = {.kind = TYPE_INT64},
    [TYPE_UINT8] = {.kind = TYPE_UINT8},
    [TYPE_UINT16] = {.kind = TYPE_UINT16},
    [TYPE_UINT32] = {.kind = TYPE_UINT32},
    [TYPE_UINT64] = {.kind = TYPE_UINT64},
    [TYPE_FLOAT] = {.kind = TYPE_FLOAT},
    [TYPE_DOUBLE] = {.kind = TYPE_DOUBLE},
    [TYPE_DECIMAL] = {.kind = TYPE_DECIMAL, .precision = 38, .scale = 2},
    [TYPE_DATE] = {.kind = TYPE_DATE},
    [TYPE_TIME] = {.kind = TYPE_TIME},
    [TYPE_TIMESTAMP] = {.kind = TYPE_TIMESTAMP},
    [TYPE_TIMESTAMPTZ] = {.kind = TYPE_TIMESTAMPTZ},
    [TYPE_TEXT] = {.kind = TYPE_TEXT},
    [TYPE_JSON] = {.kind = TYPE_JSON},
    [TYPE_BINARY] = {.kind = TYPE_BINARY},
    [TYPE_UUID] = {.kind = TYPE_UUID},
};

#define assert_text(text, length, want)                                                            \
    do {                                                                                           \
        if ((length) != strlen(want) || memcmp((text), (want), (length)) != 0)                     \
            fail_msg("got \"%.*s\", want \"%s\"", (int)(length), (const char *)(text), (want));    \
    } while (0)

static void
integers_are_decimal(void **state)
{
    static const struct {
        int64_t value;
        const char *want;
    } SIGNED[] = {
        {0, "0"},
        {7, "7"},
        {10, "10"},
        {-1, "-1"},
        {99, "99"},
        {100, "100"},
        {-12345, "-12345"},
        {INT64_MAX, "9223372036854775807"},
        {INT64_MIN, "-9223372036854775808"},
    };
    char text[RENDER_MAX_BYTES];
    char want[32];
    uint64_t power = 1;
    (void)state;

    for (size_t i = 0; i < ARRAY_LENGTH(SIGNED); i++) {
        size_t length = render_int64(SIGNED[i].value, text);
        assert_text(text, length, SIGNED[i].want);
    }
    for (int digits = 1; digits <= 20; digits++, power *= 10) {
        for (uint64_t near = power - 1; near <= power + 1; near++) {
            size_t length = render_uint64(near, text);
            snprintf(want, sizeof(want), "%" PRIu64, near);
            assert_text(text, length, want);
        }
    }
    assert_text(text, render_uint64(UINT64_MAX, text), "18446744073709551615");
}

static void
decimals_keep_their_scale(void **state)
{
    static const struct {
        int64_t high; /* value = high × 10^18 + low */
        int64_t low;
        int scale;
        const char *want;
    } CASES[] = {
        {0, 0, 0, "0"},
        {0, 0, 2, "0.00"},
        {0, -5, 2, "-0.05"},
        {0, -150, 2, "-1.50"},
        {0, 150, 3, "0.150"},
        {0, 1, 38, "0.00000000000000000000000000000000000001"},
        {1, 0, 0, "1000000000000000000"},
        {18, 446744073709551615, 0, "18446744073709551615"},
        {18, 446744073709551616, 0, "18446744073709551616"},
        {100, 7, 18, "100.000000000000000007"},
        {-100, -7, 19, "-10.0000000000000000007"},
    };
    char text[RENDER_MAX_BYTES];
    Int128 largest = 0;
    (void)state;

    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        Int128 value = (Int128)CASES[i].high * INT64_C(1000000000000000000) + CASES[i].low;
        assert_text(text, render_decimal(value, CASES[i].scale, text), CASES[i].want);
    }
    for (int i = 0; i < 38; i++)
        largest = largest * 10 + 9;
    assert_text(text, render_decimal(largest, 0, text), "99999999999999999999999999999999999999");
    assert_text(text, render_decimal(-largest, 37, text),
                "-9.9999999999999999999999999999999999999");
    assert_text(text, render_decimal(-largest, 38, text),
                "-0.99999999999999999999999999999999999999");
    Int128 lowest = -((((Int128)1 << 126) - 1) * 2 + 1) - 1;
    assert_text(text, render_decimal(lowest, 0, text), "-170141183460469231731687303715884105728");
}

static void
doubles_are_plain_and_short(void **state)
{
    static const struct {
        double value;
        const char *want;
    } CASES[] = {
        {0.0, "0"},
        {-0.0, "-0"},
        {87.0, "87"},
        {95.5, "95.5"},
        {-95.5, "-95.5"},
        {0.1, "0.1"},
        {0.30000000000000004, "0.30000000000000004"},
        {1e15, "1000000000000000"},
        {9007199254740991.0, "9007199254740991"},
        {9007199254740992.0, "9007199254740992"},
        {9007199254740994.0, "9007199254740994"},
        {1152921504606846976.0, "1152921504606847000"},
        {1e21, "1000000000000000000000"},
        {123456789.125, "123456789.125"},
        {1e-7, "0.0000001"},
        {5.684341886080802e-14, "0.00000000000005684341886080802"}, /* a power of two */
        {2.98023223876953125e-8, "0.000000029802322387695312"},
        {(double)INFINITY, "inf"},
        {-(double)INFINITY, "-inf"},
    };
    char text[RENDER_MAX_BYTES];
    char want[RENDER_MAX_BYTES];
    (void)state;

    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++)
        assert_text(text, render_double(CASES[i].value, text), CASES[i].want);
    assert_text(text, render_double((double)NAN, text), "NaN");
    assert_text(text, render_double(-(double)NAN, text), "NaN");
    snprintf(want, sizeof(want), "1%0300d", 0);
    assert_text(text, render_double(1e300, text), want);
    snprintf(want, sizeof(want), "17976931348623157%0292d", 0);
    assert_text(text, render_double(DBL_MAX, text), want);
    snprintf(want, sizeof(want), "-0.%0323d5", 0);
    assert_text(text, render_double(-0x1p-1074, text), want);
    snprintf(want, sizeof(want), "0.%0307d22250738585072014", 0);
    assert_text(text, render_double(DBL_MIN, text), want);
}

static void
floats_are_short_for_32_bits(void **state)
{
    static const struct {
        float value;
        const char *want;
    } CASES[] = {
        {0.0F, "0"},
        {-0.0F, "-0"},
        {0.1F, "0.1"},
        {16777216.0F, "16777216"},
        {16777218.0F, "16777218"},
        {33554432.0F, "33554432"},
        {3.4028234663852886e38F, "340282350000000000000000000000000000000"},
        {1.1754943508222875e-38F, "0.000000000000000000000000000000000000011754944"},
        {0x1p-149F, "0.000000000000000000000000000000000000000000001"},
        {INFINITY, "inf"},
        {-INFINITY, "-inf"},
    };
    char text[RENDER_MAX_BYTES];
    (void)state;

    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++)
        assert_text(text, render_float(CASES[i].value, text), CASES[i].want);
    assert_text(text, render_float(NAN, text), "NaN");
}

static void
dates_cover_every_year(void **state)
{
    static const struct {
        int64_t days;
        const char *want;
    } CASES[] = {
        {0, "1970-01-01"},
        {-1, "1969-12-31"},
        {11016, "2000-02-29"},
        {11017, "2000-03-01"},
        {47540, "2100-02-28"},
        {47541, "2100-03-01"},
        {-719528, "0000-01-01"},
        {-719529, "-0001-12-31"},
        {2932896, "9999-12-31"},
        {2932897, "+10000-01-01"},
        {-2440588 - 1, "-4713-11-23"},  /* before the first day PostgreSQL knows */
        {-2440588, "-4713-11-24"},      /* 4714-11-24 BC */
        {-2440588 + 38, "-4712-01-01"}, /* 4713-01-01 BC */
        {2145042905, "+5874897-12-31"}, /* PostgreSQL's last date */
        {INT32_MIN, "-5877641-06-23"},
        {INT32_MAX, "+5881580-07-11"},
    };
    char text[RENDER_MAX_BYTES];
    (void)state;

    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++)
        assert_text(text, render_date(CASES[i].days, text), CASES[i].want);
}

/* Day after day the calendar moves by one day, one month or one year. */
static void
dates_follow_the_calendar(void **state)
{
    static const int LENGTHS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    char text[RENDER_MAX_BYTES];
    char want[RENDER_MAX_BYTES];
    int year = 1, month = 1, day = 1;
    (void)state;

    for (int64_t days = -719162; year < 2500; days++) {
        snprintf(want, sizeof(want), "%04d-%02d-%02d", year, month, day);
        assert_text(text, render_date(days, text), want);
        bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        if (++day <= LENGTHS[month - 1] + (month == 2 && is_leap))
            continue;
        day = 1;
        month = month % 12 + 1;
        year += month == 1;
    }
}

static void
times_and_timestamps(void **state)
{
    static const struct {
        int64_t us;
        int64_t offset;
        bool is_utc;
        const char *want;
    } STAMPS[] = {
        {0, 0, false, "1970-01-01T00:00:00.000000"},
        {1, 0, true, "1970-01-01T00:00:00.000001Z"},
        {-1, 0, false, "1969-12-31T23:59:59.999999"},
        {-500000, 0, true, "1969-12-31T23:59:59.500000Z"},
        {0, RENDER_EPOCH_2000_DAYS, false, "2000-01-01T00:00:00.000000"},
        {INT64_MAX, 0, true, "+294247-01-10T04:00:54.775807Z"},
        {INT64_C(9223371331200000000) - 1, RENDER_EPOCH_2000_DAYS, false,
         "+294276-12-31T23:59:59.999999"},
        {INT64_C(-211813488000000000), RENDER_EPOCH_2000_DAYS, false,
         "-4713-11-24T00:00:00.000000"},
        {INT64_MIN, 0, false, "-290308-12-21T19:59:05.224192"},
    };
    static const struct {
        int64_t us;
        const char *want;
    } TIMES[] = {
        {0, "00:00:00"},
        {1, "00:00:00.000001"},
        {INT64_C(86399999999), "23:59:59.999999"},
        {INT64_C(86400000000), "24:00:00"},
        {INT64_C(45296500000), "12:34:56.500000"},
        {INT64_C(-3020399000000), "-838:59:59"},
    };
    char text[RENDER_MAX_BYTES];
    (void)state;

    for (size_t i = 0; i < ARRAY_LENGTH(STAMPS); i++) {
        size_t length = render_timestamp(STAMPS[i].us, STAMPS[i].offset, STAMPS[i].is_utc, text);
        assert_text(text, length, STAMPS[i].want);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(TIMES); i++)
        assert_text(text, render_time(TIMES[i].us, text), TIMES[i].want);
}

static const uint8_t UUID[16] = {0x12, 0x3e, 0x45, 0x67, 0xe8, 0x9b, 0x12, 0xd3,
                                 0xa4, 0x56, 0x42, 0x66, 0x14, 0x17, 0x40, 0xff};

/* One value appended by the column's storage; bytes come from text. */
static void
append(Column *column, int64_t number, const char *bytes, size_t size_bytes)
{
    Error err = ERROR_INIT;

    switch (column->storage) {
    case STORAGE_BOOL:
        column_append_bool(column, (uint8_t)number);
        break;
    case STORAGE_I32:
        column_append_i32(column, (int32_t)number);
        break;
    case STORAGE_I64:
        column_append_i64(column, number);
        break;
    case STORAGE_I128:
        column_append_i128(column, number);
        break;
    case STORAGE_F32:
        column_append_f32(column, (float)number / 2);
        break;
    case STORAGE_F64:
        column_append_f64(column, (double)number / 2);
        break;
    case STORAGE_FIXED16:
        column_append_fixed16(column, UUID);
        break;
    default:
        assert_ok(column_append_bytes(column, bytes, size_bytes, &err), &err);
    }
}

static void
values_of_every_kind(void **state)
{
    static const struct {
        TypeKind kind;
        int64_t number;
        const char *bytes;
        const char *want;
        const char *in_list;
    } CASES[] = {
        {TYPE_BOOL, 1, "", "true", "true"},
        {TYPE_BOOL, 0, "", "false", "false"},
        {TYPE_INT8, -128, "", "-128", "-128"},
        {TYPE_INT16, -32768, "", "-32768", "-32768"},
        {TYPE_INT32, INT32_MIN, "", "-2147483648", "-2147483648"},
        {TYPE_INT64, INT64_MIN, "", "-9223372036854775808", "-9223372036854775808"},
        {TYPE_UINT8, 255, "", "255", "255"},
        {TYPE_UINT16, 65535, "", "65535", "65535"},
        {TYPE_UINT32, -1, "", "4294967295", "4294967295"},
        {TYPE_UINT64, -1, "", "18446744073709551615", "18446744073709551615"},
        {TYPE_FLOAT, 191, "", "95.5", "95.5"},
        {TYPE_DOUBLE, 191, "", "95.5", "95.5"},
        {TYPE_DECIMAL, 1250, "", "12.50", "12.50"},
        {TYPE_DATE, 19000, "", "2022-01-08", "\"2022-01-08\""},
        {TYPE_TIME, 1000000, "", "00:00:01", "\"00:00:01\""},
        {TYPE_TIMESTAMP, 0, "", "1970-01-01T00:00:00.000000", "\"1970-01-01T00:00:00.000000\""},
        {TYPE_TIMESTAMPTZ, 0, "", "1970-01-01T00:00:00.000000Z", "\"1970-01-01T00:00:00.000000Z\""},
        {TYPE_TEXT, 0, "a\"b\\c\n\t\x01é/", "a\"b\\c\n\t\x01é/", "\"a\\\"b\\\\c\\n\\t\\u0001é/\""},
        {TYPE_TEXT, 0, "\b\v\f\r\x1f", "\b\v\f\r\x1f", "\"\\b\\u000b\\f\\r\\u001f\""},
        {TYPE_TEXT, 0, "", "", "\"\""},
        {TYPE_JSON, 0, "{\"a\": 1}", "{\"a\": 1}", "\"{\\\"a\\\": 1}\""},
        {TYPE_BINARY, 0, "\x01\xFF\xab", "01ffab", "\"01ffab\""},
        {TYPE_UUID, 0, "", "123e4567-e89b-12d3-a456-4266141740ff",
         "\"123e4567-e89b-12d3-a456-4266141740ff\""},
    };
    Buffer out = {0};
    (void)state;

    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        const Type *type = &TYPES[CASES[i].kind];
        const Type list_type = {.kind = TYPE_LIST, .element = type};
        Column plain, list;
        char want[256];

        column_init(&plain, type);
        column_init(&list, &list_type);
        append(&plain, CASES[i].number, CASES[i].bytes, strlen(CASES[i].bytes));
        append(list.element, CASES[i].number, CASES[i].bytes, strlen(CASES[i].bytes));
        column_end_list(&list);
        buffer_reset(&out);
        render_value(&plain, 0, &out);
        assert_text(out.data, out.size, CASES[i].want);
        buffer_reset(&out);
        render_value(&list, 0, &out);
        snprintf(want, sizeof(want), "[%s]", CASES[i].in_list);
        assert_text(out.data, out.size, want);
        column_release(&plain);
        column_release(&list);
    }
    buffer_release(&out);
}

static void
lists_with_null_and_special_numbers(void **state)
{
    const Type list_type = {.kind = TYPE_LIST, .element = &TYPES[TYPE_DOUBLE]};
    static const char *const WANT[] = {"[null,1.5,null]", "[]", "[\"NaN\",\"inf\",\"-inf\",-0,2]"};
    Column list;
    Buffer out = {0};
    size_t element = 0;
    (void)state;

    column_init(&list, &list_type);
    column_append_null(list.element);
    column_append_f64(list.element, 1.5);
    column_append_null(list.element);
    column_end_list(&list);
    column_end_list(&list);
    column_append_f64(list.element, (double)NAN);
    column_append_f64(list.element, (double)INFINITY);
    column_append_f64(list.element, -(double)INFINITY);
    column_append_f64(list.element, -0.0);
    column_append_f64(list.element, 2);
    column_end_list(&list);
    for (size_t i = 0; i < ARRAY_LENGTH(WANT); i++) {
        buffer_reset(&out);
        render_value(&list, i, &out);
        assert_text(out.data, out.size, WANT[i]);
        buffer_reset(&out);
        element = render_list(&list, i, element, &out);
        assert_text(out.data, out.size, WANT[i]);
    }
    assert_int_equal(element, 6);
    column_release(&list);
    buffer_release(&out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_are_decimal),
        cmocka_unit_test(decimals_keep_their_scale),
        cmocka_unit_test(doubles_are_plain_and_short),
        cmocka_unit_test(floats_are_short_for_32_bits),
        cmocka_unit_test(dates_cover_every_year),
        cmocka_unit_test(dates_follow_the_calendar),
        cmocka_unit_test(times_and_timestamps),
        cmocka_unit_test(values_of_every_kind),
        cmocka_unit_test(lists_with_null_and_special_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
