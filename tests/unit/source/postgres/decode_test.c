/* Every decoder: bytes as PostgreSQL sends them, the column they make, the value's text. */
#include "../../test.h"

#include "batch/render.h"
#include "source/postgres/decode.h"
#include "source/postgres/types.h"

/* Oids of pg_type. */
enum {
    BOOL = 16,
    BYTEA = 17,
    CHAR = 18,
    NAME = 19,
    INT8 = 20,
    INT2 = 21,
    INT4 = 23,
    TEXT = 25,
    OID = 26,
    XID = 28,
    JSON = 114,
    XML = 142,
    FLOAT4 = 700,
    FLOAT8 = 701,
    BPCHAR = 1042,
    VARCHAR = 1043,
    DATE = 1082,
    TIME = 1083,
    TIMESTAMP = 1114,
    TIMESTAMPTZ = 1184,
    INTERVAL = 1186,
    TIMETZ = 1266,
    NUMERIC = 1700,
    UUID = 2950,
    JSONB = 3802,
};

#define TYPMOD(p, s) ((int32_t)((p) << 16 | ((s)&0x7FF)) + 4)

enum { PORTABLE, NATIVE, CSV, SPECIALS_NULL, CLAMP, SQL_ASCII, REPLACE };

/* Wire bytes are hexadecimal. type NULL: decoding fails with `want` in its message; want NULL: the
 * value becomes NULL. */
typedef struct Case {
    uint32_t oid;
    int32_t typmod;
    int mode;
    const char *wire, *type, *want;
} Case;

static const Case CASES[] = {
    {BOOL, -1, PORTABLE, "01", "Boolean", "true"},
    {BOOL, -1, PORTABLE, "00", "Boolean", "false"},
    {BOOL, -1, PORTABLE, "0000", NULL, "malformed"},
    {INT2, -1, PORTABLE, "8000", "Int16", "-32768"},
    {INT2, -1, PORTABLE, "00", NULL, "malformed"},
    {INT4, -1, PORTABLE, "7fffffff", "Int32", "2147483647"},
    {INT8, -1, PORTABLE, "8000000000000000", "Int64", "-9223372036854775808"},
    {OID, -1, PORTABLE, "ffffffff", "Int64", "4294967295"},
    {XID, -1, PORTABLE, "80000000", "Int64", "2147483648"},
    {FLOAT4, -1, PORTABLE, "3dcccccd", "Float32", "0.1"},
    {FLOAT8, -1, PORTABLE, "3fb999999999999a", "Float64", "0.1"},
    {FLOAT8, -1, PORTABLE, "8000000000000000", "Float64", "-0"},
    {FLOAT8, -1, PORTABLE, "7ff8000000000000", "Float64", "NaN"},
    {FLOAT8, -1, PORTABLE, "fff0000000000000", "Float64", "-inf"},
    {TEXT, -1, PORTABLE, "", "Utf8", ""},
    {TEXT, -1, PORTABLE, "c3a4", "Utf8", "\xC3\xA4"},
    {TEXT, -1, PORTABLE, "ff", "Utf8", "\xFF"},
    {TEXT, -1, SQL_ASCII, "ff", NULL, "not valid UTF-8"},
    {TEXT, -1, REPLACE, "61ff", "Utf8", "a\xEF\xBF\xBD"},
    {VARCHAR, 14, PORTABLE, "61", "Utf8", "a"},
    {BPCHAR, 9, PORTABLE, "6120202020", "Utf8", "a    "},
    {NAME, -1, PORTABLE, "6162", "Utf8", "ab"},
    {XML, -1, PORTABLE, "3c612f3e", "Utf8", "<a/>"},
    {CHAR, -1, PORTABLE, "78", "Utf8", "x"},
    {CHAR, -1, PORTABLE, "00", "Utf8", ""},
    {CHAR, -1, PORTABLE, "e4", "Utf8", "\\344"},
    {CHAR, -1, PORTABLE, "", NULL, "malformed"},
    {BYTEA, -1, PORTABLE, "00ff", "Binary", "00ff"},
    {JSON, -1, PORTABLE, "7b7d", "Utf8", "{}"},
    {JSONB, -1, PORTABLE, "017b7d", "Utf8", "{}"},
    {JSONB, -1, NATIVE, "017b7d", "Utf8", "{}"},
    {JSONB, -1, PORTABLE, "027b7d", NULL, "malformed"},
    {JSONB, -1, PORTABLE, "", NULL, "malformed"},
    {UUID, -1, PORTABLE, "a0eebc999c0b4ef8bb6d6bb9bd380a11", "Utf8",
     "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
    {UUID, -1, NATIVE, "a0eebc999c0b4ef8bb6d6bb9bd380a11", "FixedSizeBinary(16)",
     "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
    {UUID, -1, NATIVE, "a0", NULL, "malformed"},

    /* numeric: groups, weight, sign, dscale, digits in base 10000 */
    {NUMERIC, TYPMOD(5, 2), PORTABLE, "0000000000000002", "Decimal128(5, 2)", "0.00"},
    {NUMERIC, TYPMOD(5, 2), PORTABLE, "0002000000000002007b1194", "Decimal128(5, 2)", "123.45"},
    {NUMERIC, TYPMOD(5, 2), PORTABLE, "0002000040000002007b1194", "Decimal128(5, 2)", "-123.45"},
    {NUMERIC, TYPMOD(5, 2), PORTABLE, "000200000000000204d21194", NULL, "decimal(5,2)"},
    {NUMERIC, TYPMOD(5, 2), PORTABLE, "0001ffff000000020001", NULL, "behind the decimal point"},
    {NUMERIC, TYPMOD(5, 2), PORTABLE, "000000000000c0000000", NULL, "malformed"},
    {NUMERIC, TYPMOD(18, 0), PORTABLE, "00050004000000000063270f270f270f270f", "Decimal128(18, 0)",
     "999999999999999999"},
    {NUMERIC, TYPMOD(38, 0), PORTABLE, "000a0009400000000063270f270f270f270f270f270f270f270f270f",
     "Decimal128(38, 0)", "-99999999999999999999999999999999999999"},
    {NUMERIC, TYPMOD(38, 35), PORTABLE, "000a00000000002303e7270f270f270f270f270f270f270f270f2706",
     "Decimal128(38, 35)", "999.99999999999999999999999999999999999"},
    {NUMERIC, TYPMOD(38, 38), PORTABLE, "0001fff6000000260001", NULL, "behind the decimal point"},
    {NUMERIC, TYPMOD(38, 38), PORTABLE, "0001fff600000026000a", NULL, "behind the decimal point"},
    {NUMERIC, TYPMOD(38, 38), PORTABLE, "0001fff6000000260064", "Decimal128(38, 38)",
     "0.00000000000000000000000000000000000001"},
    {NUMERIC, TYPMOD(3, -2), PORTABLE, "0001000100000000000a", NULL, "decimal(5,0)"},
    {NUMERIC, TYPMOD(3, -2), PORTABLE, "00020001000000000009266c", "Decimal128(5, 0)", "99836"},
    {NUMERIC, TYPMOD(2, 5), PORTABLE, "0002ffff0000000500021388", "Decimal128(5, 5)", "0.00025"},
    {NUMERIC, TYPMOD(39, 0), PORTABLE, "0001000000000000002a", "Utf8", "42"},
    {NUMERIC, -1, PORTABLE, "0000000000000000", "Utf8", "0"},
    {NUMERIC, -1, PORTABLE, "0000000000000003", "Utf8", "0.000"},
    {NUMERIC, -1, PORTABLE, "0002000000000002007b1194", "Utf8", "123.45"},
    {NUMERIC, -1, PORTABLE, "0001000200000000000c", "Utf8", "1200000000"},
    {NUMERIC, -1, PORTABLE, "0001fffe0000000803e8", "Utf8", "0.00001000"},
    {NUMERIC, -1, PORTABLE, "00000000c0000000", "Utf8", "NaN"},
    {NUMERIC, -1, PORTABLE, "00000000d0000000", "Utf8", "Infinity"},
    {NUMERIC, -1, PORTABLE, "00000000f0000000", "Utf8", "-Infinity"},
    {NUMERIC, -1, PORTABLE, "00010000000000002710", NULL, "malformed"},
    {NUMERIC, -1, PORTABLE, "0001000000004000002a", NULL, "malformed"},
    {NUMERIC, -1, PORTABLE, "ffff000000000000", NULL, "malformed"},
    {NUMERIC, TYPMOD(5, 2), PORTABLE, "00000000c0000000", NULL, "NaN"},
    {NUMERIC, TYPMOD(5, 2), PORTABLE, "00000000d0000000", NULL, "infinity"},
    {NUMERIC, TYPMOD(5, 2), SPECIALS_NULL, "00000000c0000000", "Decimal128(5, 2)", NULL},
    {NUMERIC, TYPMOD(5, 2), CSV, "00000000c0000000", "Utf8", "NaN"},
    {NUMERIC, TYPMOD(5, 2), CSV, "0001000000000002007b", "Utf8", "123.00"},

    {DATE, -1, PORTABLE, "00000000", "Date32", "2000-01-01"},
    {DATE, -1, PORTABLE, "ffda97a7", "Date32", "-4713-11-24"},
    {DATE, -1, PORTABLE, "7fda970c", "Date32", "+5874897-12-31"},
    {DATE, -1, PORTABLE, "7fffffff", NULL, "infinity"},
    {DATE, -1, PORTABLE, "80000000", NULL, "-infinity"},
    {DATE, -1, PORTABLE, "7ffffffe", NULL, "malformed"},
    {DATE, -1, SPECIALS_NULL, "7fffffff", "Date32", NULL},
    {DATE, -1, CLAMP, "7fffffff", "Date32", "+5874897-12-31"},
    {DATE, -1, CLAMP, "80000000", "Date32", "-4713-11-24"},
    {TIMESTAMP, -1, PORTABLE, "fffca2fec4c81fff", "Timestamp(Microsecond, None)",
     "1969-12-31T23:59:59.999999"},
    {TIMESTAMP, -1, PORTABLE, "7fffffffffffffff", NULL, "infinity"},
    {TIMESTAMP, -1, PORTABLE, "7ffca2fec4c81fff", "Timestamp(Microsecond, None)",
     "+294247-01-10T04:00:54.775807"},
    {TIMESTAMP, -1, PORTABLE, "7ffca2fec4c82000", NULL, "294247-01-10"},
    {TIMESTAMP, -1, CSV, "7fffff5bb3b29fff", "Timestamp(Microsecond, None)",
     "+294276-12-31T23:59:59.999999"},
    {TIMESTAMP, -1, CLAMP, "7fffffffffffffff", "Timestamp(Microsecond, None)",
     "+294247-01-10T04:00:54.775807"},
    {TIMESTAMPTZ, -1, CLAMP, "8000000000000000", "Timestamp(Microsecond, Some(\"UTC\"))",
     "-4713-11-24T00:00:00.000000Z"},
    {TIMESTAMPTZ, -1, SPECIALS_NULL, "8000000000000000", "Timestamp(Microsecond, Some(\"UTC\"))",
     NULL},
    {TIMESTAMPTZ, -1, PORTABLE, "0000000000000001", "Timestamp(Microsecond, Some(\"UTC\"))",
     "2000-01-01T00:00:00.000001Z"},
    {TIME, -1, PORTABLE, "000000141dd76000", "Utf8", "24:00:00"},
    {TIME, -1, PORTABLE, "000000141dd75fff", "Utf8", "23:59:59.999999"},
    {TIME, -1, NATIVE, "000000141dd75fff", "Time64(Microsecond)", "23:59:59.999999"},
    {TIME, -1, NATIVE, "000000141dd76000", NULL, "columns: { c: text }"},
    {TIME, -1, NATIVE, "000000141dd76001", NULL, "malformed"},
    {TIMETZ, -1, PORTABLE,
     "0000000000000000"
     "00000000",
     "Utf8", "00:00:00+00"},
    {TIMETZ, -1, PORTABLE,
     "000000141dd76000"
     "0000d2f0",
     "Utf8", "24:00:00-15"},
    {TIMETZ, -1, PORTABLE,
     "0000000acdaf7120"
     "ffffb2a8",
     "Utf8", "12:53:20.5+05:30"},
    {TIMETZ, -1, PORTABLE,
     "0000000000000001"
     "ffffffff",
     "Utf8", "00:00:00.000001+00:00:01"},
    {INTERVAL, -1, PORTABLE,
     "0000000000000000"
     "00000000"
     "00000000",
     "Utf8", "PT0S"},
    {INTERVAL, -1, PORTABLE,
     "ffffffffffffffff"
     "00000003"
     "fffffff1",
     "Utf8", "P-1Y-3M3DT-0.000001S"},
    {INTERVAL, -1, PORTABLE,
     "00000000d693a400"
     "00000000"
     "00000000",
     "Utf8", "PT1H"},
    {INTERVAL, -1, PORTABLE,
     "8000000000000000"
     "80000000"
     "80000000",
     "Utf8", "P-178956970Y-8M-2147483648DT-2562047788H-54.775808S"},
};

static size_t
from_hex(const char *hex, uint8_t *bytes)
{
    size_t size = strlen(hex) / 2;

    for (size_t i = 0; i < size; i++) {
        char digits[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
        bytes[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return size;
}

static TypeRules
rules_of(int mode)
{
    return (TypeRules){
        .types = mode == NATIVE ? TYPES_NATIVE : TYPES_PORTABLE,
        .is_text_output = mode == CSV,
        .infinity = mode == CLAMP           ? INFINITY_CLAMP
                    : mode == SPECIALS_NULL ? INFINITY_NULL
                                            : INFINITY_ERROR,
        .decimal_special = mode == SPECIALS_NULL ? NULL_POLICY_NULL : NULL_POLICY_ERROR,
        .invalid_utf8 = mode == REPLACE ? UTF8_REPLACE : UTF8_ERROR,
    };
}

static void
check(const Case *c)
{
    const PgCatalogColumn catalog = {.declared = "declared type",
                                     .type = {.oid = c->oid,
                                              .typmod = c->typmod,
                                              .name = "t",
                                              .output = "o",
                                              .send = "s",
                                              .quoted_name = "q",
                                              .kind = 'b',
                                              .delimiter = ',',
                                              .is_builtin = true}};
    const TypeRules rules = rules_of(c->mode);
    PolicyCounts counts = {0};
    PgWire wire = {.max_cell_bytes = 1 << 20,
                   .counts = &counts,
                   .checks_utf8 = c->mode == SQL_ASCII || c->mode == REPLACE};
    uint8_t bytes[64];
    size_t size = from_hex(c->wire, bytes);
    Arena arena = {0};
    PgField field;
    ColumnSchema schema;
    const char *warning = NULL;
    Column column;
    Buffer text = {0};
    char name[TYPE_NAME_BYTES];
    Error err = ERROR_INIT;

    assert_ok(pg_choose_field(&catalog, "c", &rules, &arena, &field, &schema, &warning, &err),
              &err);
    assert_null(warning);
    assert_true(schema.is_exact);
    column_init(&column, &schema.type);
    bool ok = pg_wire_field(&wire, &field, bytes, size, &column, &err);
    if (ok != (c->type != NULL))
        fail_msg("%u %s: %s", c->oid, c->wire, ok ? "succeeds" : err.message);
    if (!ok) {
        if (strstr(err.message, c->want) == NULL || strstr(err.message, "declared type") == NULL ||
            strstr(err.message, "\"c\"") == NULL)
            fail_msg("%u %s: \"%s\" lacks \"%s\"", c->oid, c->wire, err.message, c->want);
    } else {
        type_name(&schema.type, name);
        assert_string_equal(name, c->type);
        assert_int_equal(column.row_count, 1);
        assert_int_equal(column.null_count, c->want == NULL);
        if (c->want != NULL) {
            render_value(&column, 0, &text);
            assert_string_equal(buffer_text(&text), c->want);
        }
        bool is_policy = c->mode == SPECIALS_NULL || c->mode == CLAMP || c->mode == REPLACE;
        assert_int_equal(counts.infinity + counts.decimal_special + counts.invalid_utf8, is_policy);
    }
    buffer_release(&text);
    column_release(&column);
    arena_release(&arena);
}

static void
decodes_every_type(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++)
        check(&CASES[i]);
}

/* 131072 digits before the point, 16383 behind it: the longest there is. */
static void
decodes_the_longest_numeric(void **state)
{
    enum { GROUPS = 32768 + 4096, HEADER_BYTES = 8, WHOLE = 131072, FRACTION = 16383 };
    static const uint8_t HEADER[HEADER_BYTES] = {0x90, 0x00, 0x7F, 0xFF, 0, 0, 0x3F, 0xFF};
    static uint8_t bytes[HEADER_BYTES + 2 * GROUPS];
    const PgField field = {.name = "c",
                           .source_type = "numeric",
                           .type = {.kind = TYPE_TEXT},
                           .decode = pg_decode_numeric_text};
    PgWire wire = {.max_cell_bytes = SIZE_MAX};
    Column column;
    Error err = ERROR_INIT;

    (void)state;
    memcpy(bytes, HEADER, sizeof(HEADER));
    for (size_t i = HEADER_BYTES; i < sizeof(bytes); i += 2) { /* 9999 */
        bytes[i] = 0x27;
        bytes[i + 1] = 0x0F;
    }
    column_init(&column, &field.type);
    assert_ok(pg_wire_field(&wire, &field, bytes, sizeof(bytes), &column, &err), &err);
    assert_int_equal(column.data_size, WHOLE + 1 + FRACTION);
    for (size_t i = 0; i < column.data_size; i++)
        assert_int_equal(column.data[i], i == WHOLE ? '.' : '9');
    column_release(&column);
}

static const struct {
    const char *wire, *want, *error;
} LISTS[] = {
    {"00000000"
     "00000000"
     "00000017",
     "[]", NULL},
    {"00000001"
     "00000001"
     "00000017"
     "00000003"
     "00000001"
     "00000004"
     "00000001"
     "ffffffff"
     "00000004"
     "fffffffe",
     "[1,null,-2]", NULL},
    {"00000002"
     "00000000"
     "00000017"
     "00000001"
     "00000001"
     "00000001"
     "00000001"
     "00000004"
     "00000001",
     NULL, "columns: { c: json (or text) }"},
    {"00000001"
     "00000000"
     "00000019"
     "00000001"
     "00000001"
     "00000004"
     "00000001",
     NULL, "malformed"},
    {"00000001"
     "00000000"
     "00000017"
     "00000002"
     "00000001"
     "00000004"
     "00000001",
     NULL, "malformed"},
    {"00000001"
     "00000000"
     "00000017"
     "7fffffff"
     "00000001",
     NULL, "malformed"},
    {"00000001"
     "00000000"
     "00000017"
     "ffffffff"
     "00000001"
     "00000004"
     "00000001",
     NULL, "malformed"},
    {"00000001"
     "00000000"
     "00000017"
     "00000001"
     "00000001"
     "fffffffe",
     NULL, "malformed"},
    {"00000001"
     "00000000"
     "00000017"
     "00000001",
     NULL, "malformed"},
    {"00000000", NULL, "malformed"},
    {"ffffffff"
     "00000000"
     "00000017",
     NULL, "malformed"},
};

static void
decodes_lists(void **state)
{
    const PgCatalogColumn catalog = {
        .declared = "integer[]",
        .type = {.oid = 1007,
                 .name = "_int4",
                 .output = "o",
                 .send = "s",
                 .quoted_name = "q",
                 .kind = 'b',
                 .delimiter = ',',
                 .is_array = true,
                 .element_oid = INT4},
        .element = {.oid = INT4, .typmod = -1, .name = "int4", .send = "s", .delimiter = ','}};
    const TypeRules rules = {0};
    PgWire wire = {.max_cell_bytes = 1 << 20};
    Arena arena = {0};
    PgField field;
    ColumnSchema schema;
    const char *warning = NULL;
    Error err = ERROR_INIT;

    (void)state;
    assert_ok(pg_choose_field(&catalog, "c", &rules, &arena, &field, &schema, &warning, &err),
              &err);
    for (size_t i = 0; i < ARRAY_LENGTH(LISTS); i++) {
        uint8_t bytes[64];
        size_t size = from_hex(LISTS[i].wire, bytes);
        Column column;
        Buffer text = {0};
        err = ERROR_INIT;
        column_init(&column, &schema.type);
        bool ok = pg_wire_field(&wire, &field, bytes, size, &column, &err);
        if (ok && LISTS[i].want != NULL) {
            render_value(&column, 0, &text);
            assert_string_equal(buffer_text(&text), LISTS[i].want);
        } else if (ok || LISTS[i].error == NULL || strstr(err.message, LISTS[i].error) == NULL) {
            fail_msg("%s: %s", LISTS[i].wire, err.message);
        }
        buffer_release(&text);
        column_release(&column);
    }
    arena_release(&arena);
}

#define HEADER                                                                                     \
    "5047434f50590aff0d0a00"                                                                       \
    "00000000"                                                                                     \
    "00000000"

/* Two columns, int4 and text. */
static const struct {
    const char *messages[3];
    const char *error; /* NULL: well-formed */
    size_t row_count;
    bool is_ended;
} STREAMS[] = {
    {{HEADER "ffff"}, NULL, 0, true},
    {{HEADER "0002"
             "00000004"
             "00000007"
             "00000001"
             "61",
      "0002"
      "ffffffff"
      "00000000",
      "ffff"},
     NULL,
     2,
     true},
    {{HEADER "0002"
             "00000004"
             "00000007"
             "00000001"
             "61"
             "0002"
             "ffffffff"
             "ffffffff"
             "ffff"},
     NULL,
     2,
     true},
    {{HEADER, "0002"
              "ffffffff"
              "ffffffff"},
     NULL,
     1,
     false},
    {{"5047434f50590aff0d0a00"
      "00000000"
      "00000002"
      "abcd"
      "ffff"},
     NULL,
     0,
     true},
    {{"5047434f50590aff0d0a01"
      "00000000"
      "00000000"},
     "malformed",
     0,
     false},
    {{"5047"}, "malformed", 0, false},
    {{"5047434f50590aff0d0a00"
      "00000000"
      "00000009"},
     "malformed",
     0,
     false},
    {{HEADER "0001"
             "ffffffff"},
     "malformed",
     0,
     false},
    {{HEADER "fffe"}, "malformed", 0, false},
    {{HEADER "0002"
             "ffffffff"},
     "malformed",
     0,
     false},
    {{HEADER "0002"
             "fffffffe"
             "ffffffff"},
     "malformed",
     0,
     false},
    {{HEADER "0002"
             "ffffffff"
             "00000002"
             "61"},
     "malformed",
     0,
     false},
    {{HEADER "ffff", "0002"
                     "ffffffff"
                     "ffffffff"},
     "malformed",
     0,
     true},
    {{HEADER "0002"
             "ffffffff"
             "0000000a"
             "61616161616161616161"},
     "10 bytes",
     0,
     false},
};

static void
reads_the_stream(void **state)
{
    const ColumnSchema columns[] = {{.name = "a", .type = {.kind = TYPE_INT32}},
                                    {.name = "b", .type = {.kind = TYPE_TEXT}}};
    const PgField fields[] = {{.name = "a", .source_type = "int4", .decode = pg_decode_int4},
                              {.name = "b", .source_type = "text", .decode = pg_decode_text}};
    const Schema schema = {columns, ARRAY_LENGTH(columns)};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(STREAMS); i++) {
        PgWire wire = {.fields = fields, .field_count = ARRAY_LENGTH(fields), .max_cell_bytes = 9};
        Batch batch;
        Error err = ERROR_INIT;
        bool ok = true;
        batch_init(&batch, &schema, 100, 1 << 20);
        for (size_t m = 0; ok && m < 3 && STREAMS[i].messages[m] != NULL; m++) {
            uint8_t bytes[128];
            size_t size = from_hex(STREAMS[i].messages[m], bytes);
            ok = pg_wire_message(&wire, bytes, size, &batch, &err);
        }
        if (ok != (STREAMS[i].error == NULL))
            fail_msg("%s: %s", STREAMS[i].messages[0], ok ? "well-formed" : err.message);
        if (STREAMS[i].error != NULL && strstr(err.message, STREAMS[i].error) == NULL)
            fail_msg("%s: %s", STREAMS[i].messages[0], err.message);
        if (ok)
            assert_int_equal(batch.row_count, STREAMS[i].row_count);
        assert_int_equal(wire.is_ended, STREAMS[i].is_ended);
        batch_release(&batch);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_every_type),
        cmocka_unit_test(decodes_the_longest_numeric),
        cmocka_unit_test(decodes_lists),
        cmocka_unit_test(reads_the_stream),
    };

    return cmocka_run_group_tests_name("source/postgres/decode", tests, NULL, NULL);
}
