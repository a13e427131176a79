#include "../test.h"

#include "preflight/columns.h"

static const ColumnSchema COLUMNS[] = {
    {.name = "id", .source_type = "bigint", .type = {.kind = TYPE_INT64}},
    {.name = "seen_at", .source_type = "timestamp", .type = {.kind = TYPE_TIMESTAMP}},
    {.name = "is_new", .source_type = "boolean", .type = {.kind = TYPE_BOOL}},
    {.name = "tags", .source_type = "text[]", .type = {.kind = TYPE_LIST}},
    {.name = "_rivet_row_hash", .source_type = "bigint", .type = {.kind = TYPE_INT64}},
};
static const Schema SCHEMA = {COLUMNS, ARRAY_LENGTH(COLUMNS)};

static bool
find_column(const Schema *schema, const char *written, size_t *index, Error *err)
{
    *index = schema_find(schema, written);
    return *index < schema->column_count ||
           error_set(err, ERR_CONFIG, "the query returns no column \"%s\"", written);
}

static const SourceDriver DRIVER = {.find_column = find_column};
static const Source SOURCE = {.driver = &DRIVER};

#define LIST(...)                                                                                  \
    {                                                                                              \
        (const char *const[]){__VA_ARGS__},                                                        \
            sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *)                      \
    }
#define STEPS(...) .mode = MODE_INCREMENTAL, .cursor_columns = LIST(__VA_ARGS__)

static const struct {
    const char *name;
    ExportConfig export;
    const char *want; /* NULL: fine */
} CASES[] = {
    {"nothing named", {.mode = MODE_FULL}, NULL},
    {"cursor", {STEPS("seen_at", "id")}, NULL},
    {"unknown cursor", {STEPS("id", "nothing")}, "\"nothing\""},
    {"truth as cursor", {STEPS("is_new")}, "'is_new' (boolean) cannot be a cursor"},
    {"list as cursor", {STEPS("id", "tags")}, "'tags' (text[]) cannot be a cursor"},
    {"lag of a time", {STEPS("seen_at"), .cursor_lag = "5s"}, NULL},
    {"lag of a number", {STEPS("id"), .cursor_lag = "5", .cursor_lag_units = {true, 5}}, NULL},
    {"duration with a number", {STEPS("id"), .cursor_lag = "5s"}, "cursor_lag '5s'"},
    {"number with a time",
     {STEPS("seen_at"), .cursor_lag = "5", .cursor_lag_units = {true, 5}},
     "cursor_lag '5'"},
    {"chunk column", {.mode = MODE_CHUNKED, .chunk_columns = LIST("id")}, NULL},
    {"unknown chunk column", {.mode = MODE_CHUNKED, .chunk_columns = LIST("no")}, "chunk_column"},
    {"unknown time column", {.mode = MODE_TIME_WINDOW, .time_column = "no"}, "time_column"},
    {"unknown unique column", {.quality = {.unique_columns = LIST("no")}}, "unique_columns"},
    {"unknown ratio column",
     {.quality = {.null_ratio_max = (const NullRatioLimit[]){{"no", 0.5}}, .null_ratio_count = 1}},
     "null_ratio_max"},
    {"unknown bloom column", {.parquet = {.bloom = LIST("no")}}, "parquet.bloom"},
    {"bloom of csv", {.format = FORMAT_CSV, .parquet = {.bloom = LIST("no")}}, NULL},
    {"meta column free", {.meta_columns = {.has_exported_at = true}}, NULL},
    {"meta column taken", {.meta_columns = {.has_row_hash = true}}, "_rivet_row_hash"},
};

static void
test_columns(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        Error err = ERROR_INIT;
        bool ok = columns_check(&CASES[i].export, &SOURCE, &SCHEMA, &err);
        char text[sizeof(err.message) + sizeof(err.context)];
        error_format(&err, text, sizeof(text));
        if (ok != (CASES[i].want == NULL))
            fail_msg("%s: %s", CASES[i].name, text);
        if (!ok && (err.code != ERR_CONFIG || strstr(text, CASES[i].want) == NULL))
            fail_msg("%s: \"%s\" lacks %s", CASES[i].name, text, CASES[i].want);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
