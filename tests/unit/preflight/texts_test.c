#include "../test.h"

#include "format/format.h"
#include "preflight/check.h"
#include "preflight/target_view.h"

static const char *const ONE[] = {"id"};
static const char *const TWO[] = {"a", "b"};

/* Spec cli §6: Strategy, Mode. */
static const struct {
    ExportConfig export;
    const char *strategy, *mode;
} EXPORT_CASES[] = {
    {{.mode = MODE_FULL, .parallel = 1}, "full-scan", "full"},
    {{.mode = MODE_FULL, .parallel = 3}, "full-parallel(3)", "full"},
    {{.mode = MODE_INCREMENTAL, .cursor_columns = {ONE, 1}, .parallel = 1},
     "incremental(id)",
     "incremental (cursor: id)"},
    {{.mode = MODE_INCREMENTAL, .cursor_columns = {TWO, 2}, .parallel = 1},
     "incremental(a, b)",
     "incremental (cursor: a, b)"},
    {{.mode = MODE_CHUNKED, .chunk_columns = {ONE, 1}, .chunk_size = 500, .parallel = 1},
     "chunked(id, size=500)",
     "chunked (column: id, size: 500)"},
    {{.mode = MODE_CHUNKED, .chunk_columns = {ONE, 1}, .chunk_size = 500, .parallel = 4},
     "chunked-parallel(id, size=500, p=4)",
     "chunked (column: id, size: 500)"},
    {{.mode = MODE_CHUNKED, .chunk_size = 500, .parallel = 1},
     "chunked(primary key, size=500)",
     "chunked (column: primary key, size: 500)"},
    {{.mode = MODE_TIME_WINDOW, .time_column = "seen", .days_window = 7, .parallel = 1},
     "time-window(seen, 7d)",
     "time_window (column: seen, days: 7)"},
};

static void
test_strategy(void **state)
{
    Buffer text = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(EXPORT_CASES); i++) {
        buffer_reset(&text);
        check_strategy_text(&EXPORT_CASES[i].export, &text);
        assert_string_equal(buffer_text(&text), EXPORT_CASES[i].strategy);
        buffer_reset(&text);
        check_mode_text(&EXPORT_CASES[i].export, &text);
        assert_string_equal(buffer_text(&text), EXPORT_CASES[i].mode);
    }
    buffer_release(&text);
}

static void
test_range_column(void **state)
{
    const ExportConfig both = {.chunk_columns = {ONE, 1}, .cursor_columns = {TWO, 2}};
    const ExportConfig cursor = {.cursor_columns = {TWO, 2}};
    const ExportConfig none = {0};

    (void)state;
    assert_string_equal(check_range_column(&(ExportCheck){.export = &both}), "id");
    assert_string_equal(check_range_column(&(ExportCheck){.export = &cursor}), "a");
    assert_null(check_range_column(&(ExportCheck){.export = &none}));
    const ExportCheck found = {.export = &none, .key.columns = {ONE, 1}};
    assert_string_equal(check_range_column(&found), "id");
}

/* ---- how a reader sees a column ---- */

static const Type INT32_TYPE = {.kind = TYPE_INT32};

/* Every reader has a view of every type, without a placeholder left over. */
static void
test_every_view(void **state)
{
    Buffer text = {0};

    (void)state;
    for (Target target = TARGET_SPARK; target <= TARGET_PANDAS; target++) {
        for (TypeKind kind = TYPE_BOOL; kind <= TYPE_LIST; kind++) {
            Type type = {.kind = kind, .precision = 12, .scale = 2, .element = &INT32_TYPE};
            buffer_reset(&text);
            target_view(target, &type, &text);
            if (text.size == 0 || strchr(buffer_text(&text), '%') != NULL)
                fail_msg("target %d, type %d: \"%s\"", (int)target, (int)kind, buffer_text(&text));
        }
    }
    buffer_reset(&text);
    target_view(TARGET_NONE, &INT32_TYPE, &text);
    assert_int_equal(text.size, 0);
    buffer_release(&text);
}

static void
test_views(void **state)
{
    static const struct {
        Target target;
        Type type;
        const char *want;
    } cases[] = {
        {TARGET_DUCKDB, {.kind = TYPE_DECIMAL, .precision = 12, .scale = 2}, "DECIMAL(12,2)"},
        {TARGET_DUCKDB, {.kind = TYPE_LIST, .element = &INT32_TYPE}, "INTEGER[]"},
        {TARGET_SPARK, {.kind = TYPE_LIST, .element = &INT32_TYPE}, "array<int>"},
        {TARGET_CLICKHOUSE, {.kind = TYPE_DECIMAL, .precision = 9, .scale = 0}, "Decimal(9, 0)"},
        {TARGET_BIGQUERY, {.kind = TYPE_TIMESTAMP}, "DATETIME"},
        {TARGET_BIGQUERY, {.kind = TYPE_TIMESTAMPTZ}, "TIMESTAMP"},
    };
    Buffer text = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        buffer_reset(&text);
        target_view(cases[i].target, &cases[i].type, &text);
        assert_string_equal(buffer_text(&text), cases[i].want);
    }
    buffer_release(&text);
}

/* ---- what a column is in the file ---- */

static void
test_format_types(void **state)
{
    static const struct {
        FormatKind format;
        Type type;
        const char *want;
    } cases[] = {
        {FORMAT_PARQUET, {.kind = TYPE_BOOL}, "BOOLEAN"},
        {FORMAT_PARQUET, {.kind = TYPE_INT16}, "INT32 INTEGER(16,signed)"},
        {FORMAT_PARQUET, {.kind = TYPE_UINT64}, "INT64 INTEGER(64,unsigned)"},
        {FORMAT_PARQUET, {.kind = TYPE_DECIMAL, .precision = 9, .scale = 2}, "INT32 DECIMAL(9,2)"},
        {FORMAT_PARQUET,
         {.kind = TYPE_DECIMAL, .precision = 30, .scale = 2},
         "FIXED_LEN_BYTE_ARRAY(13) DECIMAL(30,2)"},
        {FORMAT_PARQUET, {.kind = TYPE_TIMESTAMP}, "INT64 TIMESTAMP(MICROS,local)"},
        {FORMAT_PARQUET, {.kind = TYPE_TIMESTAMPTZ}, "INT64 TIMESTAMP(MICROS,UTC)"},
        {FORMAT_PARQUET, {.kind = TYPE_TEXT}, "BYTE_ARRAY STRING"},
        {FORMAT_PARQUET, {.kind = TYPE_BINARY}, "BYTE_ARRAY"},
        {FORMAT_PARQUET, {.kind = TYPE_UUID}, "FIXED_LEN_BYTE_ARRAY(16) UUID"},
        {FORMAT_PARQUET, {.kind = TYPE_LIST, .element = &INT32_TYPE}, "LIST of INT32"},
        {FORMAT_CSV, {.kind = TYPE_INT16}, "text"},
        {FORMAT_CSV, {.kind = TYPE_LIST, .element = &INT32_TYPE}, "JSON array"},
    };
    Buffer text = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        ColumnSchema column = {.name = "c", .type = cases[i].type};
        buffer_reset(&text);
        format_type_text(cases[i].format, &column, &text);
        assert_string_equal(buffer_text(&text), cases[i].want);
    }
    buffer_release(&text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strategy),     cmocka_unit_test(test_range_column),
        cmocka_unit_test(test_every_view),   cmocka_unit_test(test_views),
        cmocka_unit_test(test_format_types),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
