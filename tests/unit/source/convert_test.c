#include "../test.h"

#include "batch/render.h"
#include "source/convert.h"
#include "source/json_check.h"
#include "source/utf8.h"

#define DECIMAL(p, s)                                                                              \
    {                                                                                              \
        .kind = TYPE_DECIMAL, .precision = (p), .scale = (s)                                       \
    }

/* want NULL: the conversion ends as `result`. */
static const struct {
    Type type;
    const char *text, *want;
    ZoneRule zone;
    Conversion result;
} CASES[] = {
    {{.kind = TYPE_BOOL}, "t", "true", ZONE_FREE, CONVERSION_DONE},
    {{.kind = TYPE_BOOL}, "FALSE", "false", ZONE_FREE, CONVERSION_DONE},
    {{.kind = TYPE_BOOL}, "0", "false", ZONE_FREE, CONVERSION_DONE},
    {{.kind = TYPE_BOOL}, "2", NULL, ZONE_FREE, CONVERSION_SYNTAX},
    {{.kind = TYPE_BOOL}, "", NULL, ZONE_FREE, CONVERSION_SYNTAX},
    {{.kind = TYPE_INT16}, "-32768", "-32768", ZONE_FREE, CONVERSION_DONE},
    {{.kind = TYPE_INT16}, "32768", NULL, ZONE_FREE, CONVERSION_RANGE},
    {{.kind = TYPE_INT32}, "2147483647.000", "2147483647", ZONE_FREE, CONVERSION_DONE},
    {{.kind = TYPE_INT32}, "1.5", NULL, ZONE_FREE, CONVERSION_INEXACT},
    {{.kind = TYPE_INT32}, "2147483648", NULL, ZONE_FREE, CONVERSION_RANGE},
    {{.kind = TYPE_INT64},
     "-9223372036854775808",
     "-9223372036854775808",
     ZONE_FREE,
     CONVERSION_DONE},
    {{.kind = TYPE_INT64}, "9223372036854775808", NULL, ZONE_FREE, CONVERSION_RANGE},
    {{.kind = TYPE_INT64}, "1e3", "1000", ZONE_FREE, CONVERSION_DONE},
    {{.kind = TYPE_INT64}, "12e-1", NULL, ZONE_FREE, CONVERSION_INEXACT},
    {{.kind = TYPE_INT64}, "1e999999999999999999999", NULL, ZONE_FREE, CONVERSION_RANGE},
    {{.kind = TYPE_INT64}, "0e999999999999999999999", "0", ZONE_FREE, CONVERSION_DONE},
    {{.kind = TYPE_INT64}, "NaN", NULL, ZONE_FREE, CONVERSION_NAN},
    {{.kind = TYPE_INT64}, "-Infinity", NULL, ZONE_FREE, CONVERSION_MINUS_INFINITY},
    {{.kind = TYPE_INT64}, "", NULL, ZONE_FREE, CONVERSION_SYNTAX},
    {{.kind = TYPE_INT64}, "-", NULL, ZONE_FREE, CONVERSION_SYNTAX},
    {{.kind = TYPE_INT64}, ".", NULL, ZONE_FREE, CONVERSION_SYNTAX},
    {{.kind = TYPE_INT64}, "1e", NULL, ZONE_FREE, CONVERSION_SYNTAX},
    {{.kind = TYPE_INT64}, " 1", NULL, ZONE_FREE, CONVERSION_SYNTAX},
    {{.kind = TYPE_INT64}, "1x", NULL, ZONE_FREE, CONVERSION_SYNTAX},
    {{.kind = TYPE_UINT64},
     "18446744073709551615",
     "18446744073709551615",
     ZONE_FREE,
     CONVERSION_DONE},
    {{.kind = TYPE_UINT64}, "-1", NULL, ZONE_FREE, CONVERSION_RANGE},
    {DECIMAL(5, 2), "-123.45", "-123.45", ZONE_FREE, CONVERSION_DONE},
    {DECIMAL(5, 2), "123.450", "123.45", ZONE_FREE, CONVERSION_DONE},
    {DECIMAL(5, 2), "123.456", NULL, ZONE_FREE, CONVERSION_INEXACT},
    {DECIMAL(5, 2), "1234.5", NULL, ZONE_FREE, CONVERSION_RANGE},
    {DECIMAL(5, 0), "1.0", "1", ZONE_FREE, CONVERSION_DONE},
    {DECIMAL(5, 0), "1.1", NULL, ZONE_FREE, CONVERSION_INEXACT},
    {DECIMAL(38, 37), "9.9999999999999999999999999999999999999",
     "9.9999999999999999999999999999999999999", ZONE_FREE, CONVERSION_DONE},
    {DECIMAL(38, 0), "-99999999999999999999999999999999999999",
     "-99999999999999999999999999999999999999", ZONE_FREE, CONVERSION_DONE},
    {DECIMAL(38, 0), "100000000000000000000000000000000000000", NULL, ZONE_FREE, CONVERSION_RANGE},
    {{.kind = TYPE_DOUBLE}, "0.1", "0.1", ZONE_FREE, CONVERSION_DONE},
    {{.kind = TYPE_DOUBLE}, "-0", "-0", ZONE_FREE, CONVERSION_DONE},
    {{.kind = TYPE_DOUBLE}, "100.50", "100.5", ZONE_FREE, CONVERSION_DONE},
    {{.kind = TYPE_DOUBLE}, "9007199254740993", NULL, ZONE_FREE, CONVERSION_INEXACT},
    {{.kind = TYPE_DOUBLE}, "0.12345678901234567891", NULL, ZONE_FREE, CONVERSION_INEXACT},
    {{.kind = TYPE_DOUBLE}, "1e400", NULL, ZONE_FREE, CONVERSION_RANGE},
    {{.kind = TYPE_DOUBLE}, "1e-400", NULL, ZONE_FREE, CONVERSION_INEXACT},
    {{.kind = TYPE_DOUBLE}, "Infinity", "inf", ZONE_FREE, CONVERSION_DONE},
    {{.kind = TYPE_DOUBLE}, "-Infinity", "-inf", ZONE_FREE, CONVERSION_DONE},
    {{.kind = TYPE_FLOAT}, "NaN", "NaN", ZONE_FREE, CONVERSION_DONE},
    {{.kind = TYPE_FLOAT}, "0.1", "0.1", ZONE_FREE, CONVERSION_DONE},
    {{.kind = TYPE_FLOAT}, "16777217", NULL, ZONE_FREE, CONVERSION_INEXACT},
    {{.kind = TYPE_DATE}, "2024-02-29", "2024-02-29", ZONE_FREE, CONVERSION_DONE},
    {{.kind = TYPE_DATE}, "2023-02-29", NULL, ZONE_FREE, CONVERSION_SYNTAX},
    {{.kind = TYPE_DATE}, "0001-01-01", "0001-01-01", ZONE_FREE, CONVERSION_DONE},
    {{.kind = TYPE_DATE}, "4713-01-01 BC", "-4712-01-01", ZONE_FREE, CONVERSION_DONE},
    {{.kind = TYPE_DATE}, "5874897-12-31", "+5874897-12-31", ZONE_FREE, CONVERSION_DONE},
    {{.kind = TYPE_DATE}, "2024-01-01 00:00:00", "2024-01-01", ZONE_FREE, CONVERSION_DONE},
    {{.kind = TYPE_DATE}, "2024-01-01 00:00:01", NULL, ZONE_FREE, CONVERSION_INEXACT},
    {{.kind = TYPE_DATE}, "infinity", NULL, ZONE_FREE, CONVERSION_INFINITY},
    {{.kind = TYPE_DATE}, "2024-1-1", NULL, ZONE_FREE, CONVERSION_SYNTAX},
    {{.kind = TYPE_TIME}, "23:59:59.999999", "23:59:59.999999", ZONE_FREE, CONVERSION_DONE},
    {{.kind = TYPE_TIME}, "01:02", "01:02:00", ZONE_FREE, CONVERSION_DONE},
    {{.kind = TYPE_TIME}, "24:00:00", NULL, ZONE_FREE, CONVERSION_SYNTAX},
    {{.kind = TYPE_TIME}, "01:02:03+00", NULL, ZONE_FREE, CONVERSION_ZONE},
    {{.kind = TYPE_TIMESTAMP},
     "1969-12-31 23:59:59.5",
     "1969-12-31T23:59:59.500000",
     ZONE_FREE,
     CONVERSION_DONE},
    {{.kind = TYPE_TIMESTAMP},
     "2024-05-06T07:08:09",
     "2024-05-06T07:08:09.000000",
     ZONE_FORBIDDEN,
     CONVERSION_DONE},
    {{.kind = TYPE_TIMESTAMP}, "2024-05-06T07:08:09Z", NULL, ZONE_FORBIDDEN, CONVERSION_ZONE},
    {{.kind = TYPE_TIMESTAMP},
     "2024-05-06 07:08:09.1234560",
     "2024-05-06T07:08:09.123456",
     ZONE_FREE,
     CONVERSION_DONE},
    {{.kind = TYPE_TIMESTAMP}, "2024-05-06 07:08:09.1234567", NULL, ZONE_FREE, CONVERSION_INEXACT},
    {{.kind = TYPE_TIMESTAMP}, "294276-12-31 23:59:59.999999", NULL, ZONE_FREE, CONVERSION_RANGE},
    {{.kind = TYPE_TIMESTAMP, .is_epoch_2000 = true},
     "294276-12-31 23:59:59.999999",
     "+294276-12-31T23:59:59.999999",
     ZONE_FREE,
     CONVERSION_DONE},
    {{.kind = TYPE_TIMESTAMPTZ},
     "2024-01-01 00:30:00+01",
     "2023-12-31T23:30:00.000000Z",
     ZONE_REQUIRED,
     CONVERSION_DONE},
    {{.kind = TYPE_TIMESTAMPTZ},
     "2024-01-01 00:30:00-05:30",
     "2024-01-01T06:00:00.000000Z",
     ZONE_REQUIRED,
     CONVERSION_DONE},
    {{.kind = TYPE_TIMESTAMPTZ}, "2024-01-01 00:30:00", NULL, ZONE_REQUIRED, CONVERSION_ZONE},
    {{.kind = TYPE_TIMESTAMPTZ},
     "2024-01-01 00:30:00",
     "2024-01-01T00:30:00.000000Z",
     ZONE_FREE,
     CONVERSION_DONE},
    {{.kind = TYPE_TIMESTAMPTZ},
     "4714-11-24 00:00:00+00 BC",
     "-4713-11-24T00:00:00.000000Z",
     ZONE_REQUIRED,
     CONVERSION_DONE},
    {{.kind = TYPE_UUID},
     "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",
     "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
     ZONE_FREE,
     CONVERSION_DONE},
    {{.kind = TYPE_UUID},
     "a0eebc999c0b4ef8bb6d6bb9bd380a11",
     "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
     ZONE_FREE,
     CONVERSION_DONE},
    {{.kind = TYPE_UUID},
     "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1g",
     NULL,
     ZONE_FREE,
     CONVERSION_SYNTAX},
    {{.kind = TYPE_UUID},
     "a0eebc999-c0b-4ef8-bb6d-6bb9bd380a11",
     NULL,
     ZONE_FREE,
     CONVERSION_SYNTAX},
    {{.kind = TYPE_JSON}, "{\"a\": [1, 2.50]}", "{\"a\": [1, 2.50]}", ZONE_FREE, CONVERSION_DONE},
    {{.kind = TYPE_JSON}, "{a: 1}", NULL, ZONE_FREE, CONVERSION_SYNTAX},
    {{.kind = TYPE_BINARY}, "ab", "6162", ZONE_FREE, CONVERSION_DONE},
    {{.kind = TYPE_TEXT}, "", "", ZONE_FREE, CONVERSION_DONE},
};

static void
converts_exactly_or_refuses(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        Column column;
        Buffer text = {0};
        Error err = ERROR_INIT;
        column_init(&column, &CASES[i].type);
        Conversion result = convert_text((const uint8_t *)CASES[i].text, strlen(CASES[i].text),
                                         CASES[i].zone, &column, &err);
        if (result != CASES[i].result)
            fail_msg("%s: %d, not %d", CASES[i].text, result, CASES[i].result);
        assert_int_equal(column.row_count, CASES[i].want != NULL);
        if (CASES[i].want != NULL) {
            render_value(&column, 0, &text);
            assert_string_equal(buffer_text(&text), CASES[i].want);
        } else {
            assert_string_not_equal(conversion_text(result), "");
        }
        buffer_release(&text);
        column_release(&column);
    }
}

static const struct {
    const char *text;
    bool is_valid;
} JSON[] = {
    {"null", true},
    {" true ", true},
    {"-0.5e+10", true},
    {"\"\\u00e4\\n\"", true},
    {"[]", true},
    {"{}", true},
    {"{\"a\":{\"b\":[1,[2],{}]}}", true},
    {"1e999", true},
    {"", false},
    {" ", false},
    {"nul", false},
    {"01", false},
    {"1.", false},
    {".5", false},
    {"+1", false},
    {"\"a", false},
    {"\"\\x\"", false},
    {"\"\\u12g4\"", false},
    {"\"\\u12", false},
    {"\"a\tb\"", false},
    {"[1,]", false},
    {"[1 2]", false},
    {"{\"a\"}", false},
    {"{\"a\":1,}", false},
    {"{1:2}", false},
    {"1 2", false},
    {"[", false},
};

static void
knows_json(void **state)
{
    char deep[2 * JSON_DEPTH_MAX + 4];

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(JSON); i++)
        if (json_is_valid((const uint8_t *)JSON[i].text, strlen(JSON[i].text)) != JSON[i].is_valid)
            fail_msg("%s", JSON[i].text);
    memset(deep, '[', JSON_DEPTH_MAX + 1);
    memset(deep + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
    assert_true(json_is_valid((const uint8_t *)deep + 1, (size_t)2 * JSON_DEPTH_MAX));
    assert_false(json_is_valid((const uint8_t *)deep, (size_t)2 * JSON_DEPTH_MAX + 2));
}

/* Table 3-7 of Unicode, and the text with its broken parts replaced. */
static const struct {
    const char *text, *replaced;
} UTF8[] = {
    {"", ""},
    {"plain ascii, longer than a word", NULL},
    {"\xC3\xA4 \xE2\x82\xAC \xF0\x9F\x98\x80", NULL},
    {"\xF4\x8F\xBF\xBF", NULL},
    {"\xED\x9F\xBF\xEE\x80\x80", NULL},
    {"a\xFFz", "a\xEF\xBF\xBDz"},
    {"\xC0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD"},
    {"\xE2\x82", "\xEF\xBF\xBD"},
    {"\xE2\x82z", "\xEF\xBF\xBDz"},
    {"\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
    {"\xF4\x90\x80\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
    {"\xF0\x9F\x98", "\xEF\xBF\xBD"},
    {"12345678\x80", "12345678\xEF\xBF\xBD"},
};

static void
knows_utf8(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(UTF8); i++) {
        const char *want = UTF8[i].replaced == NULL ? UTF8[i].text : UTF8[i].replaced;
        Buffer out = {0};
        bool is_valid = utf8_is_valid((const uint8_t *)UTF8[i].text, strlen(UTF8[i].text));
        utf8_replace_invalid((const uint8_t *)UTF8[i].text, strlen(UTF8[i].text), &out);
        assert_string_equal(buffer_text(&out), want);
        assert_int_equal(is_valid, strcmp(UTF8[i].text, want) == 0);
        buffer_release(&out);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(converts_exactly_or_refuses),
        cmocka_unit_test(knows_json),
        cmocka_unit_test(knows_utf8),
    };

    return cmocka_run_group_tests_name("source/convert", tests, NULL, NULL);
}
