/* Every type of PostgreSQL × {copy, cursor} × {portable, native, CSV} on a live server. */
#include "live.h"

#include "source/rules.h"

/* The text that the type's own output function prints under our session settings. */
#define SERVER "(server)"
#define SAME   NULL

static const struct {
    const char *sql;
    const char *portable, *native; /* type names; SAME: native as portable */
    const char *text;              /* as portable shows it, SERVER or the error's words */
    const char *csv;               /* SAME: as text */
} CASES[] = {
    {"true", "Boolean", SAME, "true", SAME},
    {"(-32768)::int2", "Int16", SAME, "-32768", SAME},
    {"(-2147483648)::int4", "Int32", SAME, "-2147483648", SAME},
    {"9223372036854775807::int8", "Int64", SAME, "9223372036854775807", SAME},
    {"4294967295::oid", "Int64", SAME, "4294967295", SAME},
    {"'4294967295'::xid", "Int64", SAME, "4294967295", SAME},
    {"'NaN'::float4", "Float32", SAME, "NaN", SAME},
    {"0.1::float4", "Float32", SAME, "0.1", SAME},
    {"'-0'::float8", "Float64", SAME, "-0", SAME},
    {"'-Infinity'::float8", "Float64", SAME, "-inf", SAME},
    {"1e-7::float8", "Float64", SAME, "0.0000001", SAME},
    {"(-99999.99)::numeric(7,2)", "Decimal128(7, 2)", SAME, "-99999.99", SAME},
    {"0.10::numeric(18,10)", "Decimal128(18, 10)", SAME, "0.1000000000", SAME},
    {"99999999999999999999999999999999999999::numeric(38,0)", "Decimal128(38, 0)", SAME,
     "99999999999999999999999999999999999999", SAME},
    {"0.99999999999999999999999999999999999999::numeric(38,38)", "Decimal128(38, 38)", SAME,
     "0.99999999999999999999999999999999999999", SAME},
    {"123456::numeric(3,-4)", "Decimal128(7, 0)", SAME, "120000", SAME},
    {"0.000123::numeric(2,5)", "Decimal128(5, 5)", SAME, "0.00012", SAME},
    {"1.5::numeric(39,1)", "Utf8", SAME, "1.5", SAME},
    {"12.500::numeric", "Utf8", SAME, "12.500", SAME},
    {"'NaN'::numeric", "Utf8", SAME, "NaN", SAME},
    {"'-Infinity'::numeric", "Utf8", SAME, "-Infinity", SAME},
    {"1e-16383::numeric", "Utf8", SAME, SERVER, SAME},
    {"(repeat('9', 131072))::numeric", "Utf8", SAME, SERVER, SAME},
    {"'-0.00'::numeric", "Utf8", SAME, SERVER, SAME},
    {"5000000000.00050000::numeric", "Utf8", SAME, SERVER, SAME},
    {"'2024-02-29'::date", "Date32", SAME, "2024-02-29", SAME},
    {"'4714-11-24 BC'::date", "Date32", SAME, "-4713-11-24", SAME},
    {"'5874897-12-31'::date", "Date32", SAME, "+5874897-12-31", SAME},
    {"'23:59:59.999999'::time", "Utf8", "Time64(Microsecond)", "23:59:59.999999", SAME},
    {"'00:00'::time", "Utf8", "Time64(Microsecond)", "00:00:00", SAME},
    {"'12:34:56.5+05:30'::timetz", "Utf8", SAME, SERVER, SAME},
    {"'24:00:00-15:59:59'::timetz", "Utf8", SAME, SERVER, SAME},
    {"'1969-12-31 23:59:59.999999'::timestamp", "Timestamp(Microsecond, None)", SAME,
     "1969-12-31T23:59:59.999999", SAME},
    {"'4714-11-24 00:00 BC'::timestamp", "Timestamp(Microsecond, None)", SAME,
     "-4713-11-24T00:00:00.000000", SAME},
    {"'294247-01-10 04:00:54.775807'::timestamp", "Timestamp(Microsecond, None)", SAME,
     "+294247-01-10T04:00:54.775807", SAME},
    {"'2024-01-01 00:00+05'::timestamptz", "Timestamp(Microsecond, Some(\"UTC\"))", SAME,
     "2023-12-31T19:00:00.000000Z", SAME},
    {"'P1Y-2M3DT-4H5M-6.7S'::interval", "Utf8", SAME, SERVER, SAME},
    {"'-1 year -2 mons +3 days -04:05:06.7'::interval", "Utf8", SAME, SERVER, SAME},
    {"'0'::interval", "Utf8", SAME, SERVER, SAME},
    {"'178956970 years 7 mons 2147483647 days 2562047788:00:54.775807'::interval", "Utf8", SAME,
     SERVER, SAME},
    {"'-0.000001 s'::interval", "Utf8", SAME, SERVER, SAME},
    {"'1 day -00:00:01'::interval", "Utf8", SAME, SERVER, SAME},
    {"''::text", "Utf8", SAME, "", SAME},
    {"'\u00e4\u20ac\U0001F600'::varchar(5)", "Utf8", SAME, "\u00e4\u20ac\U0001F600", SAME},
    {"'a'::char(4)", "Utf8", SAME, "a   ", SAME},
    {"'x'::\"char\"", "Utf8", SAME, "x", SAME},
    {"''::\"char\"", "Utf8", SAME, "", SAME},
    {"'n'::name", "Utf8", SAME, "n", SAME},
    {"'AbC'::citext", "Utf8", SAME, "AbC", SAME},
    {"'<a b=\"1\">x</a>'::xml", "Utf8", SAME, SERVER, SAME},
    {"'<?xml version=\"1.0\" encoding=\"UTF-8\"?><a/>'::xml", "Utf8", SAME, SERVER, SAME},
    {"'hap py'::mood", "Utf8", SAME, "hap py", SAME},
    {"'ok'::moody", "Utf8", SAME, "ok", SAME},
    {"'x'::\"Odd Schema\".\"Odd Type\"", "Utf8", SAME, "x", SAME},
    {"'{\"b\": 1.50,  \"a\":[ ]}'::json", "Utf8", "Utf8", "{\"b\": 1.50,  \"a\":[ ]}", SAME},
    {"'{\"b\": 1.50,  \"a\":[ ]}'::jsonb", "Utf8", "Utf8", SERVER, SAME},
    {"'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::uuid", "Utf8", "FixedSizeBinary(16)",
     "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", SAME},
    {"'\\x00ff41'::bytea", "Binary", SAME, "00ff41", SAME},
    {"''::bytea", "Binary", SAME, "", SAME},
    {"7.5::money_amount", "Decimal128(12, 2)", SAME, "7.50", SAME},
    {"7.5::positive", "Decimal128(12, 2)", SAME, "7.50", SAME},

    /* only the server's text */
    {"'192.168.0.1'::inet", "Utf8", SAME, SERVER, SAME},
    {"'192.168.0.0/24'::cidr", "Utf8", SAME, SERVER, SAME},
    {"'08:00:2b:01:02:03'::macaddr", "Utf8", SAME, SERVER, SAME},
    {"'08:00:2b:01:02:03:04:05'::macaddr8", "Utf8", SAME, SERVER, SAME},
    {"'-1234.5'::money", "Utf8", SAME, "-$1,234.50", SAME},
    {"B'101'", "Utf8", SAME, SERVER, SAME},
    {"B'101'::varbit(9)", "Utf8", SAME, SERVER, SAME},
    {"'a=>1, \"b c\"=>NULL'::hstore", "Utf8", SAME, SERVER, SAME},
    {"'top.sub'::ltree", "Utf8", SAME, SERVER, SAME},
    {"'a fat cat:3A'::tsvector", "Utf8", SAME, SERVER, SAME},
    {"'fat & rat'::tsquery", "Utf8", SAME, SERVER, SAME},
    {"'[1,5)'::int4range", "Utf8", SAME, SERVER, SAME},
    {"'[2024-01-01 00:00+05,)'::tstzrange", "Utf8", SAME, SERVER, SAME},
    {"'{[1,2),[4,5)}'::int4multirange", "Utf8", SAME, SERVER, SAME},
    {"'(1,2)'::point", "Utf8", SAME, SERVER, SAME},
    {"'((0.1,1),(2,3))'::box", "Utf8", SAME, SERVER, SAME},
    {"'<(1,2),3>'::circle", "Utf8", SAME, SERVER, SAME},
    {"ROW(1, 'a,b')::pair", "Utf8", SAME, SERVER, SAME},
    {"ROW(NULL, NULL)::pair", "Utf8", SAME, "(,)", SAME},
    {"ROW(1, 'x'::text, NULL)", "Utf8", SAME, SERVER, SAME},
    {"'pg_class'::regclass", "Utf8", SAME, SERVER, SAME},
    {"'1 2 3'::int2vector", "Utf8", SAME, SERVER, SAME},
    {"'16/B374D848'::pg_lsn", "Utf8", SAME, SERVER, SAME},
    {"'$.a'::jsonpath", "Utf8", SAME, SERVER, SAME},
    {"'(0,1)'::tid", "Utf8", SAME, SERVER, SAME},
    {"'a'::refcursor", "Utf8", SAME, SERVER, SAME}, /* its output function is textout */
    {"ARRAY['(1,1),(0,0)'::box]", "Utf8", SAME, SERVER, SAME},

    /* lists */
    {"ARRAY[1,NULL,3]", "List(Int32)", SAME, "[1,null,3]", SAME},
    {"ARRAY[]::int8[]", "List(Int64)", SAME, "[]", SAME},
    {"'[5:6]={1,2}'::int2[]", "List(Int16)", SAME, "[1,2]", SAME},
    {"ARRAY['a','',NULL,'q\"']::text[]", "List(Utf8)", SAME, "[\"a\",\"\",null,\"q\\\"\"]", SAME},
    {"ARRAY['x','NULL']::tags", "List(Utf8)", SAME, "[\"x\",\"NULL\"]", SAME},
    {"ARRAY[1.5,NULL]::numeric(4,2)[]", "List(Decimal128(4, 2))", SAME, "[1.50,null]", SAME},
    {"ARRAY[1.5]::money_amount[]", "List(Decimal128(12, 2))", SAME, "[1.50]", SAME},
    {"ARRAY[1.50,'NaN']::numeric[]", "List(Utf8)", SAME, "[\"1.50\",\"NaN\"]", SAME},
    {"ARRAY[true,NULL]", "List(Boolean)", SAME, "[true,null]", SAME},
    {"ARRAY[0.5,'NaN']::float8[]", "List(Float64)", SAME, "[0.5,\"NaN\"]", SAME},
    {"ARRAY['2024-01-01 00:00+05'::timestamptz]", "List(Timestamp(Microsecond, Some(\"UTC\")))",
     SAME, "[\"2023-12-31T19:00:00.000000Z\"]", SAME},
    {"ARRAY['sad','hap py',NULL]::mood[]", "List(Utf8)", SAME, "[\"sad\",\"hap py\",null]", SAME},
    {"ARRAY['A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::uuid]", "List(Utf8)",
     "List(FixedSizeBinary(16))", "[\"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\"]", SAME},
    {"ARRAY['{\"a\": 1}'::jsonb]", "List(Utf8)", "List(Utf8)", "[\"{\\\"a\\\": 1}\"]", SAME},
    {"ARRAY['\\x00'::bytea]", "List(Binary)", SAME, "[\"00\"]", SAME},
    {"ARRAY['192.168.0.1'::inet,NULL,'10.0.0.0/8']", "List(Utf8)", SAME,
     "[\"192.168.0.1\",null,\"10.0.0.0/8\"]", SAME},
    {"ARRAY[ROW(1,'NULL')::pair,NULL,ROW(NULL,NULL)::pair]", "List(Utf8)", SAME,
     "[\"(1,NULL)\",null,\"(,)\"]", SAME},
    {"ARRAY['a=>1'::hstore]", "List(Utf8)", SAME, "[\"\\\"a\\\"=>\\\"1\\\"\"]", SAME},
    {"ARRAY['[1,3)'::int4range]", "List(Utf8)", SAME, "[\"[1,3)\"]", SAME},
    {"ARRAY['12:00'::time]", "List(Utf8)", "List(Time64(Microsecond))", "[\"12:00:00\"]", SAME},
};

static const FetchMethod METHODS[] = {FETCH_COPY, FETCH_CURSOR};

static char *
server_text(PGconn *conn, const char *sql)
{
    Buffer query = {0};

    buffer_append_format(&query, "SELECT format('%%s', x) FROM (SELECT %s) AS t(x)", sql);
    char *text = live_value(conn, buffer_text(&query));
    buffer_release(&query);
    return text;
}

/* The value, and a NULL of the same type in a second row. */
static char *
query_of(const char *sql)
{
    Buffer query = {0};

    buffer_append_format(&query,
                         "SELECT t.v AS \"the Column\" FROM generate_series(1, 2) AS n "
                         "LEFT JOIN (SELECT %s AS v) AS t ON n = 1 ORDER BY n",
                         sql);
    return buffer_take_text(&query);
}

static void
check_case(LiveSource *live, size_t i, const TypeRules *rules, const char *want_type,
           const char *want_text)
{
    char *query = query_of(CASES[i].sql);
    char *text;
    char name[TYPE_NAME_BYTES];
    ReadPlan *plan = NULL;
    Buffer want = {0};
    Error err = ERROR_INIT;

    if (!live_read(live, query, rules, NULL, 1, &text, &plan, &err))
        fail_msg("%s: %s", CASES[i].sql, err.message);
    type_name(&plan->schema->columns[0].type, name);
    buffer_append_format(&want, "%s\n\\N\n", want_text);
    if (strcmp(name, want_type) != 0 || strcmp(text, buffer_text(&want)) != 0)
        fail_msg("%s: %s %s, want %s %s", CASES[i].sql, name, text, want_type, want_text);
    assert_int_equal(plan->warning_count, 0);
    buffer_release(&want);
    source_plan_free(plan);
    free(text);
    free(query);
}

static void
reads_every_type(void **state)
{
    static const TypeRules MODES[] = {
        {.types = TYPES_PORTABLE}, {.types = TYPES_NATIVE}, {.is_text_output = true}};
    PGconn *conn = live_connect();
    LiveSource live;

    (void)state;
    live_run(conn, "SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET IntervalStyle = 'iso_8601'; "
                   "SET extra_float_digits = 3; SET bytea_output = 'hex'; SET lc_monetary = 'C'");
    for (size_t method = 0; method < ARRAY_LENGTH(METHODS); method++) {
        live_open(&live, METHODS[method], NULL);
        for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
            bool is_server = strcmp(CASES[i].text, SERVER) == 0;
            char *server = is_server ? server_text(conn, CASES[i].sql) : NULL;
            const char *text = is_server ? server : CASES[i].text;
            const char *native = CASES[i].native == SAME ? CASES[i].portable : CASES[i].native;
            check_case(&live, i, &MODES[0], CASES[i].portable, text);
            check_case(&live, i, &MODES[1], native, text);
            const char *csv =
                strncmp(CASES[i].portable, "Dec", 3) == 0 ? "Utf8" : CASES[i].portable;
            check_case(&live, i, &MODES[2], csv, CASES[i].csv == SAME ? text : CASES[i].csv);
            free(server);
        }
        live_close(&live);
    }
    PQfinish(conn);
}

/* Refused, and what the message must name besides the column. */
static const struct {
    const char *sql;
    TypesMode types;
    const char *error;
} REFUSALS[] = {
    {"'infinity'::date", TYPES_PORTABLE, "infinity"},
    {"'-infinity'::timestamp", TYPES_PORTABLE, "-infinity"},
    {"'infinity'::timestamptz", TYPES_PORTABLE, "timestamp with time zone"},
    {"'294276-12-31 23:59:59.999999'::timestamp", TYPES_PORTABLE, "columns: { c: text }"},
    {"'NaN'::numeric(5,2)", TYPES_PORTABLE, "numeric(5,2)"},
    {"'24:00'::time", TYPES_NATIVE, "columns: { c: text }"},
    {"ARRAY[[1,2],[3,4]]", TYPES_PORTABLE, "columns: { c: json (or text) }"},
    {"'{{1.1.1.1},{1.1.1.2}}'::inet[]", TYPES_PORTABLE, "dimension"},
    {"ARRAY['infinity'::date]", TYPES_PORTABLE, "infinity"},
};

static void
refuses_what_does_not_fit(void **state)
{
    LiveSource live;

    (void)state;
    for (size_t method = 0; method < ARRAY_LENGTH(METHODS); method++) {
        live_open(&live, METHODS[method], NULL);
        for (size_t i = 0; i < ARRAY_LENGTH(REFUSALS); i++) {
            const TypeRules rules = {.types = REFUSALS[i].types};
            Buffer query = {0};
            char *text;
            Error err = ERROR_INIT;
            buffer_append_format(&query, "SELECT %s AS c", REFUSALS[i].sql);
            assert_error(live_read(&live, buffer_text(&query), &rules, NULL, 10, &text, NULL, &err),
                         &err, ERR_VALUE, REFUSALS[i].error);
            assert_non_null(strstr(err.message, "\"c\""));
            buffer_release(&query);
        }
        live_close(&live);
    }
}

/* want starting with '!': an error that holds the rest. */
static const struct {
    const char *sql;
    OverrideKind kind;
    uint8_t precision, scale;
    const char *type, *want;
} OVERRIDES[] = {
    {"1.50::numeric", OVERRIDE_DECIMAL, 10, 2, "Decimal128(10, 2)", "1.50"},
    {"1.505::numeric", OVERRIDE_DECIMAL, 10, 2, NULL, "!behind the decimal point"},
    {"1e30::numeric", OVERRIDE_DECIMAL, 10, 2, NULL, "!before the decimal point"},
    {"42::numeric(20,4)", OVERRIDE_INT64, 0, 0, "Int64", "42"},
    {"true", OVERRIDE_INT16, 0, 0, "Int16", "1"},
    {"false", OVERRIDE_UINT64, 0, 0, "UInt64", "0"},
    {"18446744073709551615::numeric", OVERRIDE_UINT64, 0, 0, "UInt64", "18446744073709551615"},
    {"(-1)::numeric", OVERRIDE_UINT64, 0, 0, NULL, "!out of the range"},
    {"4.2::numeric(20,4)", OVERRIDE_INT64, 0, 0, NULL, "!decimal point"},
    {"0.1::numeric", OVERRIDE_DOUBLE, 0, 0, "Float64", "0.1"},
    {"0.12345678901234567890::numeric", OVERRIDE_DOUBLE, 0, 0, NULL, "!without a loss"},
    {"7::int8", OVERRIDE_INT16, 0, 0, "Int16", "7"},
    {"70000::int8", OVERRIDE_INT16, 0, 0, NULL, "!out of the range"},
    {"7::int2", OVERRIDE_DECIMAL, 5, 2, "Decimal128(5, 2)", "7.00"},
    {"1::int4", OVERRIDE_BOOL, 0, 0, "Boolean", "true"},
    {"2::int4", OVERRIDE_BOOL, 0, 0, NULL, "!none of the type"},
    {"true", OVERRIDE_INT32, 0, 0, "Int32", "1"},
    {"0.1::float4", OVERRIDE_DOUBLE, 0, 0, "Float64", "0.10000000149011612"},
    {"0.5::float8", OVERRIDE_FLOAT, 0, 0, "Float32", "0.5"},
    {"0.1::float8", OVERRIDE_FLOAT, 0, 0, NULL, "!more digits"},
    {"1e300::float8", OVERRIDE_FLOAT, 0, 0, NULL, "!range"},
    {"'2024-01-01'::date", OVERRIDE_TIMESTAMP, 0, 0, "Timestamp(Microsecond, None)",
     "2024-01-01T00:00:00.000000"},
    {"'2024-01-01 00:00:00+00'::timestamptz", OVERRIDE_DATE, 0, 0, "Date32", "2024-01-01"},
    {"'2024-01-01 00:00:01+00'::timestamptz", OVERRIDE_DATE, 0, 0, NULL, "!without a loss"},
    {"'infinity'::timestamp", OVERRIDE_TEXT, 0, 0, "Utf8", "infinity"},
    {"'294276-12-31 23:59:59.999999'::timestamp", OVERRIDE_TEXT, 0, 0, "Utf8",
     "294276-12-31 23:59:59.999999"},
    {"'24:00'::time", OVERRIDE_TEXT, 0, 0, "Utf8", "24:00:00"},
    {"'12:00'::time", OVERRIDE_TIME, 0, 0, "Time64(Microsecond)", "12:00:00"},
    {"'12:00'::time", OVERRIDE_DURATION_US, 0, 0, "Int64", "43200000000"},
    {"'1 day 00:00:01'::interval", OVERRIDE_DURATION_US, 0, 0, "Int64", "86401000000"},
    {"'1 mon'::interval", OVERRIDE_DURATION_US, 0, 0, NULL, "!no fixed length"},
    {"'01:00'::interval", OVERRIDE_TIME, 0, 0, "Time64(Microsecond)", "01:00:00"},
    {"'{\"a\":1}'::text", OVERRIDE_JSON, 0, 0, "Utf8", "{\"a\":1}"},
    {"'{a}'::text", OVERRIDE_JSON, 0, 0, NULL, "!none of the type"},
    {"ARRAY[[1,2],[3,NULL]]", OVERRIDE_JSON, 0, 0, "Utf8", "[[1,2],[3,null]]"},
    {"ARRAY[[1,2],[3,NULL]]", OVERRIDE_TEXT, 0, 0, "Utf8", "{{1,2},{3,NULL}}"},
    {"ROW(1,'x')::pair", OVERRIDE_JSON, 0, 0, "Utf8", "{\"a\":1,\"b\":\"x\"}"},
    {"'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::text", OVERRIDE_UUID, 0, 0, "FixedSizeBinary(16)",
     "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
    {"'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid", OVERRIDE_UUID, 0, 0, "FixedSizeBinary(16)",
     "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
    {"'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid", OVERRIDE_BINARY, 0, 0, "Binary",
     "a0eebc999c0b4ef8bb6d6bb9bd380a11"},
    {"'\\x00'::bytea", OVERRIDE_UUID, 0, 0, NULL, "!16 bytes"},
    {"'ab'::varchar", OVERRIDE_BINARY, 0, 0, "Binary", "6162"},
    {"'\\x6162'::bytea", OVERRIDE_TEXT, 0, 0, "Utf8", "ab"},
    {"'\\xff'::bytea", OVERRIDE_TEXT, 0, 0, NULL, "!not valid UTF-8"},
    {"'2024-01-01T00:00:00Z'::text", OVERRIDE_TIMESTAMPTZ, 0, 0,
     "Timestamp(Microsecond, Some(\"UTC\"))", "2024-01-01T00:00:00.000000Z"},
    {"'2024-01-01T00:00:00'::text", OVERRIDE_TIMESTAMPTZ, 0, 0, NULL, "!time zone"},
    {"'1'::\"char\"", OVERRIDE_INT16, 0, 0, "Int16", "1"},
    {"'(1,2)'::point", OVERRIDE_INT32, 0, 0, NULL, "!can never be kept"},
    {"ARRAY[1]", OVERRIDE_DECIMAL, 5, 2, NULL, "!can never be kept"},
    {"'\\x00'::bytea", OVERRIDE_DATE, 0, 0, NULL, "!can never be kept"},
};

static void
overrides_change_the_representation_only(void **state)
{
    LiveSource live;

    (void)state;
    live_open(&live, FETCH_COPY, NULL);
    for (size_t i = 0; i < ARRAY_LENGTH(OVERRIDES); i++) {
        const ColumnOverride override = {.column = "c",
                                         .kind = OVERRIDES[i].kind,
                                         .line = 7,
                                         .precision = OVERRIDES[i].precision,
                                         .scale = OVERRIDES[i].scale};
        const TypeRules rules = {.overrides = &override, .override_count = 1};
        Buffer query = {0};
        char name[TYPE_NAME_BYTES];
        char *text;
        ReadPlan *plan = NULL;
        Error err = ERROR_INIT;
        buffer_append_format(&query, "SELECT %s AS c", OVERRIDES[i].sql);
        bool ok = live_read(&live, buffer_text(&query), &rules, NULL, 10, &text, &plan, &err);
        if (OVERRIDES[i].want[0] == '!') {
            if (ok || strstr(err.message, OVERRIDES[i].want + 1) == NULL)
                fail_msg("%s: %s", OVERRIDES[i].sql, ok ? text : err.message);
        } else {
            if (!ok)
                fail_msg("%s: %s", OVERRIDES[i].sql, err.message);
            type_name(&plan->schema->columns[0].type, name);
            if (strcmp(name, OVERRIDES[i].type) != 0 ||
                strncmp(text, OVERRIDES[i].want, strlen(text) - 1) != 0)
                fail_msg("%s: %s %s", OVERRIDES[i].sql, name, text);
        }
        source_plan_free(plan);
        free(text);
        buffer_release(&query);
    }
    live_close(&live);
}

static void
counts_what_policies_touch(void **state)
{
    const TypeRules rules = {.infinity = INFINITY_NULL, .decimal_special = NULL_POLICY_NULL};
    LiveSource live;
    char *text;
    Error err = ERROR_INIT;

    (void)state;
    live_open(&live, FETCH_CURSOR, NULL);
    assert_ok(
        live_read(&live,
                  "SELECT 'infinity'::date AS d, 'NaN'::numeric(5,2) AS n, "
                  "ARRAY['-infinity'::timestamp, '2024-01-01'] AS l FROM generate_series(1,3)",
                  &rules, NULL, 2, &text, NULL, &err),
        &err);
    assert_string_equal(text, "\\N|\\N|[null,\"2024-01-01T00:00:00.000000\"]\n"
                              "\\N|\\N|[null,\"2024-01-01T00:00:00.000000\"]\n"
                              "\\N|\\N|[null,\"2024-01-01T00:00:00.000000\"]\n");
    assert_int_equal(live.source->policy_counts.infinity, 6);
    assert_int_equal(live.source->policy_counts.decimal_special, 3);
    free(text);
    live_close(&live);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_type),
        cmocka_unit_test(refuses_what_does_not_fit),
        cmocka_unit_test(overrides_change_the_representation_only),
        cmocka_unit_test(counts_what_policies_touch),
    };

    return cmocka_run_group_tests_name("source/postgres/live_types", tests, live_setup,
                                       live_teardown);
}
