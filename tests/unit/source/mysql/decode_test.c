/* Every decoder: bytes as MySQL sends them, the column they make, the value's text. */
#include "../../test.h"

#include "source/mysql/decode.h"
#include "source/mysql/types.h"

#include "batch/render.h"

enum { LATIN = 45, BYTES = MY_BINARY_CHARSET };
enum { PORTABLE, NATIVE, CSV, ZERO_ERROR, REPLACE, BOOL1 };

/* What the server says about a column. */
typedef struct Described {
    enum enum_field_types type;
    unsigned flags;
    unsigned long length;
    unsigned decimals, charset;
} Described;

#define INT(type)                                                                                  \
    {                                                                                              \
        MYSQL_TYPE_##type, 0, 11, 0, BYTES                                                         \
    }
#define UINT(type)                                                                                 \
    {                                                                                              \
        MYSQL_TYPE_##type, UNSIGNED_FLAG, 11, 0, BYTES                                             \
    }
#define DEC(p, s)                                                                                  \
    {                                                                                              \
        MYSQL_TYPE_NEWDECIMAL, 0, (p) + 1 + ((s) > 0), s, BYTES                                    \
    }
#define DT(type, f)                                                                                \
    {                                                                                              \
        MYSQL_TYPE_##type, BINARY_FLAG, 26, f, BYTES                                               \
    }
#define BIT(n)                                                                                     \
    {                                                                                              \
        MYSQL_TYPE_BIT, UNSIGNED_FLAG, n, 0, BYTES                                                 \
    }
#define TEXTS(type)                                                                                \
    {                                                                                              \
        MYSQL_TYPE_##type, 0, 400, 0, LATIN                                                        \
    }
#define BINS(type)                                                                                 \
    {                                                                                              \
        MYSQL_TYPE_##type, BINARY_FLAG, 400, 0, BYTES                                              \
    }

/* Wire bytes are hexadecimal, without the length before them. type NULL: decoding fails with
 * `want` in its message; want NULL: the value becomes NULL. override: as columns: { c: … }. */
typedef struct Case {
    Described described;
    int mode;
    int override; /* -1: none */
    const char *wire, *type, *want;
} Case;

enum { NONE = -1 };

static const Case CASES[] = {
    {INT(TINY), PORTABLE, NONE, "80", "Int16", "-128"},
    {INT(TINY), NATIVE, NONE, "80", "Int8", "-128"},
    {{MYSQL_TYPE_TINY, 0, 1, 0, BYTES}, BOOL1, NONE, "01", "Boolean", "true"},
    {{MYSQL_TYPE_TINY, 0, 1, 0, BYTES}, BOOL1, NONE, "02", NULL, "neither 0 nor 1"},
    {{MYSQL_TYPE_TINY, 0, 1, 0, BYTES}, BOOL1, NONE, "ff", NULL, "neither 0 nor 1"},
    {{MYSQL_TYPE_TINY, 0, 1, 0, BYTES}, BOOL1, OVERRIDE_INT32, "02", "Int32", "2"},
    {UINT(TINY), PORTABLE, NONE, "ff", "Int32", "255"},
    {UINT(TINY), NATIVE, NONE, "ff", "UInt8", "255"},
    {INT(SHORT), PORTABLE, NONE, "0080", "Int16", "-32768"},
    {UINT(SHORT), PORTABLE, NONE, "ffff", "Int32", "65535"},
    {UINT(SHORT), NATIVE, NONE, "ffff", "UInt16", "65535"},
    {UINT(YEAR), NATIVE, NONE, "6b08", "Int16", "2155"},
    {INT(INT24), PORTABLE, NONE, "000080ff", "Int32", "-8388608"},
    {UINT(INT24), PORTABLE, NONE, "ffffff00", "Int64", "16777215"},
    {INT(LONG), PORTABLE, NONE, "00000080", "Int32", "-2147483648"},
    {INT(LONG), PORTABLE, NONE, "ffffffffffffff7f", NULL, "malformed"},
    {UINT(LONG), PORTABLE, NONE, "ffffffff", "Int64", "4294967295"},
    {UINT(LONG), NATIVE, NONE, "ffffffff", "UInt32", "4294967295"},
    {INT(LONGLONG), PORTABLE, NONE, "0000000000000080", "Int64", "-9223372036854775808"},
    {UINT(LONGLONG), PORTABLE, NONE, "ffffffffffffffff", "Decimal128(20, 0)",
     "18446744073709551615"},
    {UINT(LONGLONG), NATIVE, NONE, "ffffffffffffffff", "UInt64", "18446744073709551615"},
    {DEC(9, 2), PORTABLE, NONE, "2d31322e3530", "Decimal128(9, 2)", "-12.50"},
    {DEC(9, 2), PORTABLE, NONE, "31322e3535", "Decimal128(9, 2)", "12.55"},
    {DEC(9, 2), PORTABLE, NONE, "31322e353535", NULL, "without a loss"},
    {DEC(9, 2), PORTABLE, NONE, "31323334353637382e3030", NULL, "out of the range"},
    {DEC(9, 2), PORTABLE, NONE, "312e322e33", NULL, "none of the type"},
    {DEC(9, 2), PORTABLE, NONE, "", NULL, "none of the type"},
    {DEC(38, 0), PORTABLE, NONE,
     "3939393939393939393939393939393939393939393939393939393939393939393939393939",
     "Decimal128(38, 0)", "99999999999999999999999999999999999999"},
    {DEC(39, 0), PORTABLE, NONE, "3132", "Utf8", "12"},
    {DEC(9, 2), PORTABLE, OVERRIDE_INT16, "31322e3030", "Int16", "12"},
    {DEC(9, 2), PORTABLE, OVERRIDE_INT16, "31322e3530", NULL, "without a loss"},
    {INT(FLOAT), PORTABLE, NONE, "cdcccc3d", "Float32", "0.1"},
    {INT(FLOAT), PORTABLE, OVERRIDE_DOUBLE, "cdcccc3d", "Float64", "0.10000000149011612"},
    {INT(DOUBLE), PORTABLE, NONE, "9a9999999999b93f", "Float64", "0.1"},
    {INT(DOUBLE), PORTABLE, OVERRIDE_FLOAT, "9a9999999999b93f", NULL, "without a loss"},
    {DT(DATE, 0), PORTABLE, NONE, "e807021d", "Date32", "2024-02-29"},
    {DT(DATE, 0), PORTABLE, NONE, "00000301", "Date32", "0000-03-01"},
    {DT(DATE, 0), PORTABLE, NONE, "", "Date32", NULL},
    {DT(DATE, 0), PORTABLE, NONE, "e8070200", "Date32", NULL},
    {DT(DATE, 0), ZERO_ERROR, NONE, "e8070200", NULL, "zero or partial"},
    {DT(DATE, 0), PORTABLE, NONE, "e7070e1d", NULL, "malformed"},
    {DT(DATE, 0), PORTABLE, NONE, "e807", NULL, "malformed"},
    {DT(DATE, 0), PORTABLE, NONE, "e707021d", NULL, "does not exist"},
    {DT(DATE, 0), ZERO_ERROR, OVERRIDE_TEXT, "e8070200", "Utf8", "2024-02-00"},
    {DT(DATE, 0), PORTABLE, OVERRIDE_TIMESTAMPTZ, "e807021d",
     "Timestamp(Microsecond, Some(\"UTC\"))", "2024-02-29T00:00:00.000000Z"},
    {DT(DATE, 0), PORTABLE, OVERRIDE_TIMESTAMPTZ, "", "Timestamp(Microsecond, Some(\"UTC\"))",
     NULL},
    {DT(DATETIME, 6), PORTABLE, NONE, "e807021d0c1e2d40e20100", "Timestamp(Microsecond, None)",
     "2024-02-29T12:30:45.123456"},
    {DT(DATETIME, 0), PORTABLE, NONE, "e8030101", "Timestamp(Microsecond, None)",
     "1000-01-01T00:00:00.000000"},
    {DT(DATETIME, 0), PORTABLE, NONE, "e803010118", NULL, "malformed"},
    {DT(DATETIME, 0), PORTABLE, NONE, "e8030101180000", NULL, "malformed"},
    {DT(DATETIME, 3), PORTABLE, OVERRIDE_TEXT, "e807021d0c1e2d20a10700", "Utf8",
     "2024-02-29 12:30:45.500"},
    {DT(TIMESTAMP, 0), PORTABLE, NONE,
     "b20701010000"
     "01",
     "Timestamp(Microsecond, Some(\"UTC\"))", "1970-01-01T00:00:01.000000Z"},
    {DT(TIME, 6), PORTABLE, NONE,
     "01220000001"
     "63b3b3f420f00",
     "Utf8", "-838:59:59.999999"},
    {DT(TIME, 0), PORTABLE, NONE, "", "Utf8", "00:00:00"},
    {DT(TIME, 0), NATIVE, NONE, "00000000000c0000", "Time64(Microsecond)", "12:00:00"},
    {DT(TIME, 0), NATIVE, NONE, "01000000000c0000", NULL, "outside one day"},
    {DT(TIME, 0), NATIVE, NONE,
     "00010000000000"
     "00",
     NULL, "outside one day"},
    {DT(TIME, 0), CSV, NONE, "01000000000c0000", "Utf8", "-12:00:00"},
    {DT(TIME, 0), PORTABLE, NONE,
     "00230000000000"
     "00",
     NULL, "malformed"},
    {DT(TIME, 0), PORTABLE, OVERRIDE_DURATION_US, "01000000000c0000", "Int64", "-43200000000"},
    {BIT(1), PORTABLE, NONE, "01", "Boolean", "true"},
    {BIT(1), PORTABLE, NONE, "31", NULL, "malformed"},
    {BIT(1), PORTABLE, OVERRIDE_INT16, "01", "Int16", "1"},
    {BIT(1), PORTABLE, OVERRIDE_TEXT, "01", "Utf8", "true"},
    {BIT(9), PORTABLE, NONE, "0130", "Int64", "304"},
    {BIT(63), PORTABLE, NONE, "7fffffffffffffff", "Int64", "9223372036854775807"},
    {BIT(64), PORTABLE, NONE, "ffffffffffffffff", "Decimal128(20, 0)", "18446744073709551615"},
    {BIT(64), NATIVE, NONE, "8000000000000000", "UInt64", "9223372036854775808"},
    {BIT(64), NATIVE, NONE, "008000000000000000", NULL, "malformed"},
    {TEXTS(VAR_STRING), PORTABLE, NONE, "c3a9", "Utf8", "\xc3\xa9"},
    {TEXTS(BLOB), PORTABLE, NONE, "", "Utf8", ""},
    {TEXTS(STRING), PORTABLE, NONE, "61ff62", NULL, "not valid UTF-8"},
    {TEXTS(STRING), REPLACE, NONE, "61ff62", "Utf8",
     "a\xef\xbf\xbd"
     "b"},
    {TEXTS(STRING), PORTABLE, OVERRIDE_BINARY, "61ff62", "Binary", "61ff62"},
    {TEXTS(STRING), PORTABLE, OVERRIDE_JSON, "7b7d", "Utf8", "{}"},
    {TEXTS(STRING), PORTABLE, OVERRIDE_JSON, "7b", NULL, "none of the type"},
    {{MYSQL_TYPE_STRING, ENUM_FLAG, 4, 0, BYTES}, PORTABLE, NONE, "61", "Utf8", "a"},
    {{MYSQL_TYPE_STRING, SET_FLAG, 4, 0, LATIN}, PORTABLE, NONE, "612c62", "Utf8", "a,b"},
    {BINS(STRING), PORTABLE, NONE, "00ff", "Binary", "00ff"},
    {BINS(STRING), PORTABLE, OVERRIDE_TEXT, "ff", NULL, "not valid UTF-8"},
    {BINS(STRING), PORTABLE, OVERRIDE_UUID, "00", NULL, "16 bytes"},
    {BINS(JSON), PORTABLE, NONE, "5b5d", "Utf8", "[]"},
    {BINS(JSON), NATIVE, NONE, "5b5d", "Utf8", "[]"},
    {BINS(GEOMETRY), PORTABLE, NONE, "e610000001ff", "Binary", "01ff"},
    {BINS(GEOMETRY), PORTABLE, NONE, "e61000", NULL, "malformed"},
    {INT(LONG), PORTABLE, OVERRIDE_JSON, "05000000", "Utf8", "5"},
    {DT(DATE, 0), PORTABLE, OVERRIDE_JSON, "e807021d", "Utf8", "\"2024-02-29\""},
};

static size_t
unhex(const char *text, uint8_t *to)
{
    size_t size = strlen(text) / 2;

    for (size_t i = 0; i < size; i++) {
        char pair[3] = {text[i * 2], text[i * 2 + 1], '\0'};
        to[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    return size;
}

static TypeRules
rules_for(const Case *c, ColumnOverride *override)
{
    *override = (ColumnOverride){.column = "c", .kind = (OverrideKind)c->override};
    return (TypeRules){
        .types = c->mode == NATIVE ? TYPES_NATIVE : TYPES_PORTABLE,
        .is_text_output = c->mode == CSV,
        .zero_dates = c->mode == ZERO_ERROR ? NULL_POLICY_ERROR : NULL_POLICY_NULL,
        .invalid_utf8 = c->mode == REPLACE ? UTF8_REPLACE : UTF8_ERROR,
        .tinyint1 = c->mode == BOOL1 ? TINYINT1_BOOL : TINYINT1_INT,
        .overrides = override,
        .override_count = c->override == NONE ? 0 : 1,
    };
}

static void
check_value(size_t row, const Case *c, const Column *column)
{
    Buffer text = {0};
    char name[TYPE_NAME_BYTES];

    type_name(column->type, name);
    if (strcmp(name, c->type) != 0)
        fail_msg("row %zu: type %s for %s", row, name, c->type);
    if (column->row_count != 1)
        fail_msg("row %zu: %zu rows", row, column->row_count);
    if (column->value_count > 0)
        render_value(column, 0, &text);
    if ((column->value_count == 0) != (c->want == NULL) ||
        (c->want != NULL && strcmp(buffer_text(&text), c->want) != 0))
        fail_msg("row %zu: \"%s\" for \"%s\"", row, buffer_text(&text),
                 c->want == NULL ? "NULL" : c->want);
    buffer_release(&text);
}

static void
check_case(size_t row, const Case *c)
{
    MYSQL_FIELD described = {
        .type = c->described.type,
        .flags = c->described.flags,
        .length = c->described.length,
        .decimals = c->described.decimals,
        .charsetnr = c->described.charset,
    };
    MyColumn described_column = {.described = &described};
    ColumnOverride override;
    TypeRules rules = rules_for(c, &override);
    PolicyCounts counts = {0};
    MyWire wire = {.max_cell_bytes = 1000, .counts = &counts};
    uint8_t bytes[128];
    ColumnSchema schema;
    Column column = {0};
    Arena arena = {0};
    Error err = ERROR_INIT;
    const char *warning = NULL;
    MyField field;

    assert_ok(
        my_choose_field(&described_column, "c", &rules, &arena, &field, &schema, &warning, &err),
        &err);
    column_init(&column, &field.type);
    size_t size = unhex(c->wire, bytes);
    bool ok = field.decode(&wire, &field, bytes, size, &column, &err);
    if (ok && c->type == NULL)
        fail_msg("row %zu: no failure", row);
    else if (ok)
        check_value(row, c, &column);
    else if (c->type != NULL || strstr(err.message, c->want) == NULL)
        fail_msg("row %zu: %s", row, err.message);
    if (ok && c->want == NULL)
        assert_int_equal(counts.zero_dates, 1);
    if (c->mode == REPLACE)
        assert_int_equal(counts.invalid_utf8, 1);
    column_release(&column);
    arena_release(&arena);
}

static void
test_decoders(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++)
        check_case(i, &CASES[i]);
}

static const struct {
    Described described;
    const char *name;
} NAMES[] = {
    {INT(TINY), "tinyint"},
    {UINT(LONGLONG), "bigint unsigned"},
    {DEC(12, 2), "decimal(12,2)"},
    {{MYSQL_TYPE_NEWDECIMAL, UNSIGNED_FLAG, 13, 2, BYTES}, "decimal(12,2) unsigned"},
    {TEXTS(VAR_STRING), "varchar(100)"},
    {TEXTS(STRING), "char(100)"},
    {BINS(VAR_STRING), "varbinary(400)"},
    {{MYSQL_TYPE_BLOB, 0, 1020, 0, LATIN}, "tinytext"},
    {{MYSQL_TYPE_BLOB, 0, 262140, 0, LATIN}, "text"},
    {{MYSQL_TYPE_BLOB, 0, 65535, 0, BYTES}, "blob"},
    {{MYSQL_TYPE_BLOB, 0, 4294967295, 0, LATIN}, "longtext"},
    {DT(DATETIME, 3), "datetime(3)"},
    {DT(TIMESTAMP, 0), "timestamp"},
    {BIT(7), "bit(7)"},
    {{(enum enum_field_types)242, 0, 100, 31, BYTES}, "vector"},
};

static void
test_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(NAMES); i++) {
        MYSQL_FIELD described = {
            .type = NAMES[i].described.type,
            .flags = NAMES[i].described.flags,
            .length = NAMES[i].described.length,
            .decimals = NAMES[i].described.decimals,
            .charsetnr = NAMES[i].described.charset,
        };
        MyColumn column = {.described = &described};
        Arena arena = {0};
        assert_string_equal(my_type_name(&column, &arena), NAMES[i].name);
        arena_release(&arena);
    }
}

static const struct {
    enum enum_field_types type;
    const char *text;
    bool ok;
    unsigned us;
} MOMENTS[] = {
    {MYSQL_TYPE_DATE, "2024-02-29", true, 0},
    {MYSQL_TYPE_DATETIME, "2024-02-29T12:30:45.123456Z", true, 123456},
    {MYSQL_TYPE_DATETIME, "2024-02-29 12:30:45.5", true, 500000},
    {MYSQL_TYPE_DATETIME, "0000-00-00 00:00:00", true, 0},
    {MYSQL_TYPE_DATETIME, "2024-02-29T24:00:00", false, 0},
    {MYSQL_TYPE_DATETIME, "2024-02-29T", false, 0},
    {MYSQL_TYPE_DATE, "2024-02", false, 0},
    {MYSQL_TYPE_DATE, "12024-01-01", false, 0},
    {MYSQL_TYPE_DATE, "", false, 0},
    {MYSQL_TYPE_TIME, "-838:59:59.999999", true, 999999},
    {MYSQL_TYPE_TIME, "839:00:00", false, 0},
};

static void
test_moments(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(MOMENTS); i++) {
        MyMoment moment;
        bool ok = my_moment_parse(MOMENTS[i].type, MOMENTS[i].text, &moment);
        if (ok != MOMENTS[i].ok || (ok && moment.us != MOMENTS[i].us))
            fail_msg("%s", MOMENTS[i].text);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decoders),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_moments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
