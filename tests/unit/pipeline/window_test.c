#include "../test.h"

#include "pipeline/window.h"
#include "preflight/columns.h"

/* A source that only answers questions about keys, and remembers in which order it was asked. */
typedef struct FakeSource {
    Source base;
    char asked[256];
    const char *top[2]; /* NULL: no rows */
    bool has_null;
    int64_t now_us;
    ReadRange within; /* of the last find_key */
    char upper[64];   /* its upper bound */
} FakeSource;

static void
note(Source *source, const char *what)
{
    FakeSource *fake = (FakeSource *)source;
    size_t length = strlen(fake->asked);

    snprintf(fake->asked + length, sizeof(fake->asked) - length, "%s ", what);
}

static bool
fake_find_column(const Schema *schema, const char *written, size_t *index, Error *err)
{
    *index = schema_find(schema, written);
    return *index < schema->column_count || error_set(err, ERR_CONFIG, "no column %s", written);
}

static bool
fake_open_snapshot(Source *source, Error *err)
{
    (void)err;
    note(source, "snapshot");
    return true;
}

static bool
fake_find_key(Source *source, const ReadPlan *plan, const KeyQuery *query, Arena *arena,
              const char *const **key, bool *found, Error *err)
{
    FakeSource *fake = (FakeSource *)source;
    const char **copy = ARENA_ARRAY(arena, const char *, 2);

    (void)plan;
    (void)err;
    note(source, "key");
    fake->within = *query->within;
    if (query->within->upper_kind != BOUND_NONE)
        snprintf(fake->upper, sizeof(fake->upper), "%s", query->within->upper[0]);
    copy[0] = fake->top[0];
    copy[1] = fake->top[1];
    *found = fake->top[0] != NULL;
    *key = *found ? copy : NULL;
    return true;
}

static bool
fake_has_null_key(Source *source, const ReadPlan *plan, const char *const *columns,
                  size_t column_count, bool *found, Error *err)
{
    (void)plan;
    (void)columns;
    (void)column_count;
    (void)err;
    note(source, "null");
    *found = ((FakeSource *)source)->has_null;
    return true;
}

static bool
fake_read_clock(Source *source, int64_t *now_us, Error *err)
{
    (void)err;
    note(source, "clock");
    *now_us = ((FakeSource *)source)->now_us;
    return true;
}

static const SourceDriver FAKE = {
    .find_column = fake_find_column,
    .open_snapshot = fake_open_snapshot,
    .find_key = fake_find_key,
    .has_null_key = fake_has_null_key,
    .read_clock = fake_read_clock,
};

static const ColumnSchema COLUMNS[] = {
    {.name = "id", .source_type = "bigint", .type = {.kind = TYPE_INT64}},
    {.name = "at", .source_type = "timestamptz", .type = {.kind = TYPE_TIMESTAMPTZ}},
    {.name = "day", .source_type = "date", .type = {.kind = TYPE_DATE}},
    {.name = "amount", .source_type = "numeric", .type = {.kind = TYPE_TEXT}},
    {.name = "flag", .source_type = "boolean", .type = {.kind = TYPE_BOOL}},
    {.name = "big",
     .source_type = "bigint unsigned",
     .type = {.kind = TYPE_DECIMAL, .precision = 20}},
    {.name = "price",
     .source_type = "decimal(20,0)",
     .type = {.kind = TYPE_DECIMAL, .precision = 20}},
    {.name = "word", .source_type = "enum('z','a')", .type = {.kind = TYPE_TEXT}},
    {.name = "words", .source_type = "set('z','a')", .type = {.kind = TYPE_TEXT}},
    {.name = "document", .source_type = "json", .type = {.kind = TYPE_TEXT}},
};
static const Schema SCHEMA = {COLUMNS, ARRAY_LENGTH(COLUMNS)};
static const ReadPlan PLAN = {.schema = &SCHEMA};

/* 2026-01-02 03:04:05 UTC */
static const int64_t NOW_US = INT64_C(1767323045) * 1000000;

typedef struct Fixture {
    FakeSource source;
    ExportConfig export;
    const char *columns[2];
    CursorRow cursor;
    Arena arena;
    Window window;
    Error err;
} Fixture;

static Fixture
fixture(const char *column)
{
    return (Fixture){
        .source = {.base = {.driver = &FAKE, .identity = "fake://here"}, .now_us = NOW_US},
        .export = {.name = "e", .mode = MODE_INCREMENTAL},
        .columns = {column},
        .err = ERROR_INIT,
    };
}

static bool
resolve(Fixture *fixture, const CursorRow *cursor)
{
    fixture->export.cursor_columns = (TextList){.items = fixture->columns,
                                                .count = fixture->columns[0] == NULL   ? 0U
                                                         : fixture->columns[1] == NULL ? 1U
                                                                                       : 2U};
    const WindowRequest request = {
        .export = &fixture->export, .query = "q", .cursor = cursor, .now_us = NOW_US};

    return columns_check(&fixture->export, &fixture->source.base, PLAN.schema, &fixture->err) &&
           window_resolve(&request, &fixture->source.base, &PLAN, &fixture->arena, &fixture->window,
                          &fixture->err);
}

/* A commit between the snapshot and a clock read after it would fall between two runs. */
static void
test_the_clock_is_read_before_the_snapshot(void **state)
{
    Fixture f = fixture("at");

    (void)state;
    f.export.cursor_lag = "5s";
    f.export.cursor_lag_us = 5000000;
    f.source.top[0] = "2026-01-02T03:03:00.000000Z";
    assert_ok(resolve(&f, NULL), &f.err);
    assert_string_equal(f.source.asked, "clock snapshot null key ");
    assert_string_equal(f.source.upper, "2026-01-02T03:04:00.000000Z");
    assert_string_equal(f.window.cursor_after, "[\"2026-01-02T03:03:00.000000Z\"]");
    assert_int_equal(f.window.range.upper_kind, BOUND_INCLUSIVE);
    assert_string_equal(f.window.range.upper[0], "2026-01-02T03:03:00.000000Z");
    arena_release(&f.arena);
}

static const struct {
    const char *name, *column, *lag;
    int64_t lag_us, lag_units;
    bool counts_units;
    const char *top, *want; /* want: the limit asked for; NULL: refused */
} LAGS[] = {
    {"a moment", "at", "1m", 60000000, 0, false, "x", "2026-01-02T03:03:05.000000Z"},
    {"a day still running", "day", "1s", 1000000, 0, false, "x", "2026-01-01"},
    {"a day just over", "day", "4h", INT64_C(14400000000), 0, false, "x", "2025-12-31"},
    {"integers", "id", "10", 0, 10, true, "25", "15"},
    {"integers at their least", "id", "10", 0, 10, true, "-9223372036854775800",
     "-9223372036854775808"},
    {"beyond int64", "big", "10", 0, 10, true, "18446744073709551615", "18446744073709551605"},
    {"unsigned, below 0", "big", "10", 0, 10, true, "3", "-7"},
    {"a number on decimals", "price", "5", 0, 5, true, "1", NULL},
    {"a duration on integers", "id", "5s", 5000000, 0, false, "1", NULL},
    {"a number on moments", "at", "5", 0, 5, true, "x", NULL},
    {"a number on texts", "amount", "5", 0, 5, true, "1", NULL},
};

static void
test_lags(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(LAGS); i++) {
        Fixture f = fixture(LAGS[i].column);
        f.export.cursor_lag = LAGS[i].lag;
        f.export.cursor_lag_us = LAGS[i].lag_us;
        f.export.cursor_lag_units =
            (OptionalInt){.is_set = LAGS[i].counts_units, .value = LAGS[i].lag_units};
        f.source.top[0] = LAGS[i].top;
        if (LAGS[i].want == NULL) {
            assert_error(resolve(&f, NULL), &f.err, ERR_CONFIG, "cursor_lag");
        } else {
            assert_ok(resolve(&f, NULL), &f.err);
            assert_string_equal(f.source.upper, LAGS[i].want);
        }
        arena_release(&f.arena);
    }
}

static void
test_the_stored_cursor_is_the_lower_bound(void **state)
{
    Fixture f = fixture("at");
    const CursorRow composite = {.value = "[\"a\",\"7\"]"};
    const CursorRow damaged = {.value = "[\"a\"]"};

    (void)state;
    f.columns[1] = "id";
    f.source.top[0] = "b";
    f.source.top[1] = "1";
    assert_ok(resolve(&f, &composite), &f.err);
    assert_int_equal(f.window.range.lower_kind, BOUND_EXCLUSIVE);
    assert_string_equal(f.window.range.lower[1], "7");
    assert_string_equal(f.window.cursor_before, "[\"a\",\"7\"]");
    assert_string_equal(f.window.bounds, "{\"gt\":[\"a\",\"7\"],\"le\":[\"b\",\"1\"]}");
    assert_error(resolve(&f, &damaged), &f.err, ERR_STATE, "list of 2");
    arena_release(&f.arena);
}

static const struct {
    CursorRow cursor;
    const char *word; /* in the message; NULL: accepted */
} BINDINGS[] = {
    {{.value = "1"}, NULL}, /* a row of the original knows nothing else */
    {{.value = "1", .columns = "[\"id\"]", .types = "[\"number\"]", .source_id = "fake://here"},
     NULL},
    {{.value = "1", .columns = "[\"other\"]"}, "cursor_column"},
    {{.value = "1", .types = "[\"text\"]"}, "cursor type"},
    {{.value = "1", .source_id = "fake://there"}, "source"},
    {{.value = "1", .query_hash = "other"}, NULL}, /* a warning */
};

static void
test_what_a_cursor_is_bound_to(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(BINDINGS); i++) {
        Fixture f = fixture("id");
        f.source.top[0] = "2";
        if (BINDINGS[i].word == NULL) {
            assert_ok(resolve(&f, &BINDINGS[i].cursor), &f.err);
        } else {
            assert_error(resolve(&f, &BINDINGS[i].cursor), &f.err, ERR_CONFIG, BINDINGS[i].word);
            assert_non_null(strstr(f.err.hint, "state reset"));
        }
        arena_release(&f.arena);
    }
}

static const struct {
    const char *name;
    CursorNulls policy;
    bool has_null, has_cursor;
    const char *top, *bounds, *cursor_after;
    bool is_empty, fails;
} NULLS[] = {
    {"error, none there", CURSOR_NULLS_ERROR, false, false, "2", "{\"le\":[\"2\"]}", "[\"2\"]",
     false, false},
    {"error, one there", CURSOR_NULLS_ERROR, true, false, "2", NULL, NULL, false, true},
    {"skipped", CURSOR_NULLS_SKIP, true, false, "2", "{\"le\":[\"2\"]}", "[\"2\"]", false, false},
    {"with the first run", CURSOR_NULLS_INCLUDE_FIRST, true, false, "2",
     "{\"le\":[\"2\"],\"null\":true}", "[\"2\"]", false, false},
    {"not with the second", CURSOR_NULLS_INCLUDE_FIRST, true, true, "2",
     "{\"gt\":[\"1\"],\"le\":[\"2\"]}", "[\"2\"]", false, false},
    {"nothing but NULLs", CURSOR_NULLS_INCLUDE_FIRST, true, false, NULL, "{\"null\":true}",
     "[null]", false, false},
    {"nothing new", CURSOR_NULLS_SKIP, false, true, NULL, "{\"gt\":[\"1\"]}", NULL, true, false},
};

static void
test_null_policies(void **state)
{
    static const CursorRow STORED = {.value = "1"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(NULLS); i++) {
        Fixture f = fixture("id");
        f.export.cursor_nulls = NULLS[i].policy;
        f.source.has_null = NULLS[i].has_null;
        f.source.top[0] = NULLS[i].top;
        if (NULLS[i].fails) {
            assert_error(resolve(&f, NULL), &f.err, ERR_VALUE, "NULL");
        } else {
            assert_ok(resolve(&f, NULLS[i].has_cursor ? &STORED : NULL), &f.err);
            assert_string_equal(f.window.bounds, NULLS[i].bounds);
            assert_int_equal(f.window.is_empty, NULLS[i].is_empty);
            if (NULLS[i].cursor_after == NULL)
                assert_null(f.window.cursor_after);
            else
                assert_string_equal(f.window.cursor_after, NULLS[i].cursor_after);
        }
        arena_release(&f.arena);
    }
}

static void
test_stored_rows(void **state)
{
    static const struct {
        const char *after, *value;
    } ROWS[] = {{"[\"x \\\" y\"]", "x \" y"}, {"[\"a\",\"b\"]", "[\"a\",\"b\"]"}, {"[null]", NULL}};
    Arena arena = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(ROWS); i++) {
        const CursorRow *row = window_cursor_row(&(RunRow){.cursor_after = ROWS[i].after}, &arena);
        if (ROWS[i].value == NULL)
            assert_null(row->value);
        else
            assert_string_equal(row->value, ROWS[i].value);
    }
    assert_null(window_cursor_row(&(RunRow){0}, &arena));
    arena_release(&arena);
}

static void
test_columns_that_are_no_cursor(void **state)
{
    (void)state;
    for (const char **name = (const char *[]){"flag", "nope", NULL}; *name != NULL; name++) {
        Fixture f = fixture(*name);
        assert_error(resolve(&f, NULL), &f.err, ERR_CONFIG, *name);
        arena_release(&f.arena);
    }
}

/* MySQL sorts them by number and compares them as text; PostgreSQL has one order. */
static void
test_types_of_two_orders(void **state)
{
    SourceDriver mysql = FAKE;

    (void)state;
    mysql.kind = SOURCE_MYSQL;
    for (const char **name = (const char *[]){"word", "words", "document", NULL}; *name != NULL;
         name++) {
        Fixture f = fixture(*name);
        assert_ok(resolve(&f, NULL), &f.err);
        f.source.base.driver = &mysql;
        assert_error(resolve(&f, NULL), &f.err, ERR_CONFIG, "cannot be a cursor");
        arena_release(&f.arena);
    }
}

static const struct {
    const char *column;
    TimeColumnType type;
    int64_t days;
    const char *want; /* NULL: refused */
} TIMES[] = {
    {"at", TIME_COLUMN_TIMESTAMP, 0, "2026-01-02T00:00:00.000000Z"},
    {"at", TIME_COLUMN_TIMESTAMP, 7, "2025-12-26T00:00:00.000000Z"},
    {"day", TIME_COLUMN_TIMESTAMP, 7, "2025-12-26"},
    {"day", TIME_COLUMN_TIMESTAMP, UINT32_MAX, "0001-01-01"},
    {"id", TIME_COLUMN_UNIX, 7, "1766707200"},
    {"amount", TIME_COLUMN_UNIX, 7, "1766707200"},
    {"id", TIME_COLUMN_TIMESTAMP, 7, NULL},
    {"at", TIME_COLUMN_UNIX, 7, NULL},
    {"flag", TIME_COLUMN_UNIX, 7, NULL},
};

static void
test_time_windows(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(TIMES); i++) {
        Fixture f = fixture(NULL);
        f.export.mode = MODE_TIME_WINDOW;
        f.export.time_column = TIMES[i].column;
        f.export.time_column_type = TIMES[i].type;
        f.export.days_window = TIMES[i].days;
        if (TIMES[i].want == NULL) {
            assert_error(resolve(&f, NULL), &f.err, ERR_CONFIG, "time_column");
        } else {
            assert_ok(resolve(&f, NULL), &f.err);
            assert_int_equal(f.window.range.lower_kind, BOUND_INCLUSIVE);
            assert_string_equal(f.window.range.lower[0], TIMES[i].want);
            assert_null(f.window.cursor_after);
        }
        arena_release(&f.arena);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_clock_is_read_before_the_snapshot),
        cmocka_unit_test(test_lags),
        cmocka_unit_test(test_the_stored_cursor_is_the_lower_bound),
        cmocka_unit_test(test_what_a_cursor_is_bound_to),
        cmocka_unit_test(test_null_policies),
        cmocka_unit_test(test_stored_rows),
        cmocka_unit_test(test_columns_that_are_no_cursor),
        cmocka_unit_test(test_types_of_two_orders),
        cmocka_unit_test(test_time_windows),
    };

    return cmocka_run_group_tests_name("pipeline/window", tests, NULL, NULL);
}
