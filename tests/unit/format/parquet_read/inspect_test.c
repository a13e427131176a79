#include "../../test.h"

#include <jansson.h>

#include "build.h"
#include "format/parquet/inspect.h"
#include "format/parquet/inspect_value.h"
#include "tiny_file.h"

/* The description as text; NULL and *err when there is none. */
static char *
inspect(const Buffer *bytes, bool as_json, Error *err)
{
    Readable from = build_readable(bytes);
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    assert_non_null(out);
    bool ok = parquet_inspect(&from, "tiny\x1b.parquet", as_json, out, err);
    fclose(out);
    if (ok)
        return text;
    free(text);
    return NULL;
}

static void
test_text(void **state)
{
    static const char *const WANT[] = {
        "tiny\\x1b.parquet\n",
        "version 1, 4 rows in 1 row groups, 2 columns\n  written by test version 1 (build 1)\n",
        "schema\n  id: REQUIRED INT64\n  name: OPTIONAL BYTE_ARRAY STRING\n",
        "row group 0: 4 rows, ",
        "  id    INT64 UNCOMPRESSED PLAIN,RLE, ",
        "values 4, nulls 0, from 10 to 40, 2 pages, page index ",
        "values 4, nulls 2, from a to b, 2 pages, page index ",
        "with bounds (ASCENDING)\n",
    };
    Buffer bytes = {0};
    Error err = ERROR_INIT;

    (void)state;
    tiny_file_build(&bytes, FACT_NONE, 0);
    char *text = inspect(&bytes, false, &err);
    assert_non_null(text);
    for (size_t i = 0; i < ARRAY_LENGTH(WANT); i++) {
        if (strstr(text, WANT[i]) == NULL)
            fail_msg("\"%s\" is not in\n%s", WANT[i], text);
    }
    free(text);
    buffer_release(&bytes);
}

static void
test_json(void **state)
{
    Buffer bytes = {0};
    Error err = ERROR_INIT;
    json_error_t where;
    json_int_t rows = 0;
    json_int_t nulls = 0;
    json_int_t first_row = 0;
    const char *path = NULL;
    const char *max = NULL;
    const char *order = NULL;

    (void)state;
    tiny_file_build(&bytes, FACT_NONE, 0);
    char *text = inspect(&bytes, true, &err);
    assert_non_null(text);
    json_t *root = json_loads(text, 0, &where);
    assert_non_null(root);
    json_t *column = json_array_get(
        json_object_get(json_array_get(json_object_get(root, "row_groups"), 0), "columns"), 1);
    assert_int_equal(json_unpack(root, "{s:I}", "row_count", &rows), 0);
    assert_int_equal(json_unpack(column, "{s:s, s:{s:s, s:I}}", "path", &path, "statistics", "max",
                                 &max, "null_count", &nulls),
                     0);
    json_t *index = json_object_get(column, "page_index");
    assert_int_equal(json_unpack(index, "{s:s}", "boundary_order", &order), 0);
    json_t *page = json_array_get(json_object_get(index, "pages"), 1);
    assert_int_equal(json_unpack(page, "{s:I}", "first_row", &first_row), 0);
    assert_int_equal(rows, 4);
    assert_int_equal(nulls, 2);
    assert_int_equal(first_row, 2);
    assert_string_equal(path, "name");
    assert_string_equal(max, "b");
    assert_string_equal(order, "ASCENDING");
    json_decref(root);
    free(text);
    buffer_release(&bytes);
}

static void
test_damage(void **state)
{
    static const struct {
        Fact fact;
        int64_t add;
        const char *want;
    } CASES[] = {
        {FACT_GROUP_ROWS, -5, "row group 0 has -1 rows"},
        {FACT_INDEX_OFFSET, INT32_MAX, "leaves the file's data"},
    };
    Buffer bytes = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(CASES) * 2; i++) {
        Error err = ERROR_INIT;
        tiny_file_build(&bytes, CASES[i / 2].fact, CASES[i / 2].add);
        char *text = inspect(&bytes, i % 2 == 1, &err);
        assert_error(text != NULL, &err, ERR_FORMAT, CASES[i / 2].want);
    }
    buffer_release(&bytes);
}

#define BYTES(text)                                                                                \
    {                                                                                              \
        (const uint8_t *)(text), sizeof(text) - 1                                                  \
    }

static const struct {
    SchemaElement element;
    BytesView bound;
    const char *type;
    const char *want;
} BOUNDS[] = {
    {{.type = PHYSICAL_INT32, .converted = CONVERTED_NONE}, BYTES("\xFF\xFF\xFF\xFF"), "", "-1"},
    {{.type = PHYSICAL_INT32, .converted = CONVERTED_UINT_32},
     BYTES("\xFF\xFF\xFF\xFF"),
     "INTEGER(32,unsigned)",
     "4294967295"},
    {{.type = PHYSICAL_INT64,
      .converted = CONVERTED_NONE,
      .logical = {.kind = LOGICAL_INTEGER, .bit_width = 64}},
     BYTES("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"),
     "INTEGER(64,unsigned)",
     "18446744073709551615"},
    {{.type = PHYSICAL_INT32, .converted = CONVERTED_DATE},
     BYTES("\x00\x00\x00\x00"),
     "DATE",
     "1970-01-01"},
    {{.type = PHYSICAL_INT64,
      .converted = CONVERTED_NONE,
      .logical = {.kind = LOGICAL_TIMESTAMP, .unit = UNIT_MICROS, .is_utc = true}},
     BYTES("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"),
     "TIMESTAMP(MICROS,UTC)",
     "1969-12-31T23:59:59.999999Z"},
    {{.type = PHYSICAL_INT64,
      .converted = CONVERTED_NONE,
      .logical = {.kind = LOGICAL_TIMESTAMP, .unit = UNIT_MILLIS}},
     BYTES("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F"), /* × 1000 does not fit: the number itself */
     "TIMESTAMP(MILLIS,local)",
     "9223372036854775807"},
    {{.type = PHYSICAL_INT32, .converted = CONVERTED_DECIMAL, .scale = 2, .precision = 9},
     BYTES("\x6A\xFF\xFF\xFF"),
     "DECIMAL(9,2)",
     "-1.50"},
    {{.type = PHYSICAL_FIXED,
      .type_length = 9,
      .converted = CONVERTED_NONE,
      .logical = {.kind = LOGICAL_DECIMAL, .scale = 1, .precision = 20}},
     BYTES("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xF1"),
     "DECIMAL(20,1)",
     "-1.5"},
    {{.type = PHYSICAL_INT64,
      .converted = CONVERTED_NONE,
      .logical = {.kind = LOGICAL_DECIMAL, .scale = INT32_MAX, .precision = 5}},
     BYTES("\x07\x00\x00\x00\x00\x00\x00\x00"), /* a scale nobody means must not be padded out */
     "DECIMAL(5,2147483647)",
     "7e-2147483647"},
    {{.type = PHYSICAL_BOOLEAN, .converted = CONVERTED_NONE}, BYTES("\x01"), "", "true"},
    {{.type = PHYSICAL_DOUBLE, .converted = CONVERTED_NONE},
     BYTES("\x00\x00\x00\x00\x00\x00\xF8\x3F"),
     "",
     "1.5"},
    {{.type = PHYSICAL_BYTE_ARRAY, .converted = CONVERTED_UTF8},
     BYTES("Gr\xC3\xBC\xC3\x9F\x65"),
     "STRING",
     "Gr\xC3\xBC\xC3\x9F\x65"},
    {{.type = PHYSICAL_BYTE_ARRAY, .converted = CONVERTED_UTF8},
     BYTES("a\xFF\nb"),
     "STRING",
     "a\\xff\\x0a\x62"},
    {{.type = PHYSICAL_BYTE_ARRAY, .converted = CONVERTED_NONE}, BYTES("ab"), "", "0x6162"},
    {{.type = PHYSICAL_INT64, .converted = CONVERTED_NONE}, BYTES("abc"), "", "0x616263"},
    {{.type = PHYSICAL_FIXED, .type_length = 12, .converted = CONVERTED_INTERVAL},
     BYTES(""),
     "INTERVAL",
     "0x"},
};

static void
test_bounds(void **state)
{
    Buffer shown = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(BOUNDS); i++) {
        buffer_reset(&shown);
        logical_type_text(&BOUNDS[i].element, &shown);
        assert_string_equal(buffer_text(&shown), BOUNDS[i].type);
        buffer_reset(&shown);
        bound_text(&BOUNDS[i].element, BOUNDS[i].bound, &shown);
        assert_string_equal(buffer_text(&shown), BOUNDS[i].want);
    }
    buffer_release(&shown);
}

/* A long text is cut between characters. */
static void
test_long_text_is_cut(void **state)
{
    SchemaElement element = {.type = PHYSICAL_BYTE_ARRAY, .converted = CONVERTED_UTF8};
    static const uint8_t CHARACTER[] = {0xE6, 0x97, 0xA5};
    char text[100];
    Buffer shown = {0};

    (void)state;
    memset(text, 'x', sizeof(text));
    memcpy(text + 62, CHARACTER, sizeof(CHARACTER));
    bound_text(&element, (BytesView){(const uint8_t *)text, sizeof(text)}, &shown);
    assert_int_equal(shown.size, 62 + strlen("…"));
    assert_memory_equal(shown.data + 62, "…", strlen("…"));
    buffer_release(&shown);
}

static void
test_utf8(void **state)
{
    static const struct {
        BytesView text;
        bool is_valid;
    } CASES[] = {
        {BYTES(""), true},
        {BYTES("a\xC2\x80\xDF\xBF\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xF0\x90\x80\x80\xF4\x8F\xBF"
               "\xBF"),
         true},
        {BYTES("\x80"), false},             /* a continuation first */
        {BYTES("\xC1\x81"), false},         /* overlong */
        {BYTES("\xE0\x9F\xBF"), false},     /* overlong */
        {BYTES("\xF0\x8F\xBF\xBF"), false}, /* overlong */
        {BYTES("\xED\xA0\x80"), false},     /* surrogate */
        {BYTES("\xF4\x90\x80\x80"), false}, /* past U+10FFFF */
        {BYTES("\xF5\x80\x80\x80"), false},
        {BYTES("\xE2\x82"), false},
        {BYTES("\xC3("), false},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++)
        assert_int_equal(bytes_are_utf8(CASES[i].text), CASES[i].is_valid);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),   cmocka_unit_test(test_json),
        cmocka_unit_test(test_damage), cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_utf8),   cmocka_unit_test(test_long_text_is_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
