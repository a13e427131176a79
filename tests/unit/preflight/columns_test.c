#include "../test.h"

#include "preflight/columns.h"

static const ColumnSchema COLUMNS[] = {
    {.name = "id", .source_type = "bigint", .type = {.kind = TYPE_INT64}},
    {.name = "seen_at", .source_type = "timestamp", .type = {.kind = TYPE_TIMESTAMP}},
    {.name = "is_new", .source_type = "boolean", .type = {.kind = TYPE_BOOL}},
    {.name = "tags", .source_type = "text[]", .type = {.kind = TYPE_LIST}},
    {.name = "wide", .source_type = "bigint unsigned", .type = {.kind = TYPE_DECIMAL}},
    {.name = "word", .source_type = "enum('a','b')", .type = {.kind = TYPE_TEXT}},
    {.name = "paper", .source_type = "json", .type = {.kind = TYPE_JSON}},
    {.name = "share", .source_type = "double", .type = {.kind = TYPE_DOUBLE}},
    {.name = "free", .source_type = "numeric", .type = {.kind = TYPE_TEXT}},
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

static const SourceDriver DRIVERS[] = {
    {.kind = SOURCE_POSTGRES, .find_column = find_column},
    {.kind = SOURCE_MYSQL, .find_column = find_column},
};
static const Source POSTGRES = {.driver = &DRIVERS[0]};
static const Source MYSQL = {.driver = &DRIVERS[1]};

#define LIST(...)                                                                                  \
    {                                                                                              \
        (const char *const[]){__VA_ARGS__},                                                        \
            sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *)                      \
    }
#define STEPS(...) .mode = MODE_INCREMENTAL, .cursor_columns = LIST(__VA_ARGS__)

typedef struct Case {
    const char *name;
    ExportConfig export;
    const char *want; /* NULL: fine */
} Case;

static const Case CASES[] = {
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
    {"words of another server", {STEPS("word")}, NULL},
    {"unused cursor", {.mode = MODE_FULL, .cursor_columns = LIST("tags")}, NULL},
    {"unknown unused cursor", {.mode = MODE_FULL, .cursor_columns = LIST("no")}, "\"no\""},
    {"list to cut along",
     {.mode = MODE_CHUNKED, .chunk_columns = LIST("tags")},
     "chunk_column 'tags' (text[]) has no order"},
    {"json to cut along",
     {.mode = MODE_CHUNKED, .chunk_columns = LIST("id", "paper")},
     "chunk_column 'paper' (json) has no order"},
    {"floats to cut along elsewhere", {.mode = MODE_CHUNKED, .chunk_columns = LIST("share")}, NULL},
    {"time", {.mode = MODE_TIME_WINDOW, .time_column = "seen_at"}, NULL},
    {"time of a number",
     {.mode = MODE_TIME_WINDOW, .time_column = "id"},
     "time_column 'id' (bigint) is not what"},
    {"unix time",
     {.mode = MODE_TIME_WINDOW, .time_column = "share", .time_column_type = TIME_COLUMN_UNIX},
     NULL},
    {"unix time without a precision",
     {.mode = MODE_TIME_WINDOW, .time_column = "free", .time_column_type = TIME_COLUMN_UNIX},
     NULL},
    {"unix time of a moment",
     {.mode = MODE_TIME_WINDOW, .time_column = "seen_at", .time_column_type = TIME_COLUMN_UNIX},
     "time_column 'seen_at'"},
    {"chunk column", {.mode = MODE_CHUNKED, .chunk_columns = LIST("id")}, NULL},
    {"unknown chunk column", {.mode = MODE_CHUNKED, .chunk_columns = LIST("no")}, "chunk_column"},
    {"unknown time column", {.mode = MODE_TIME_WINDOW, .time_column = "no"}, "time_column"},
    {"unknown unique column", {.quality = {.unique_columns = LIST("no")}}, "unique_columns"},
    {"unknown ratio column",
     {.quality = {.null_ratio_max = (const NullRatioLimit[]){{"no", 0.5}}, .null_ratio_count = 1}},
     "null_ratio_max"},
    {"unknown bloom column", {.parquet = {.bloom = LIST("no")}}, "parquet.bloom"},
    {"bloom of a meta column",
     {.parquet = {.bloom = LIST("_rivet_exported_at")}, .meta_columns = {.has_exported_at = true}},
     NULL},
    {"bloom of csv", {.format = FORMAT_CSV, .parquet = {.bloom = LIST("no")}}, NULL},
    {"meta column free", {.meta_columns = {.has_exported_at = true}}, NULL},
    {"meta column taken", {.meta_columns = {.has_row_hash = true}}, "_rivet_row_hash"},
};

static const Case MYSQL_CASES[] = {
    {"lag of an unsigned number",
     {STEPS("wide"), .cursor_lag = "5", .cursor_lag_units = {true, 5}},
     NULL},
    {"words as cursor", {STEPS("word")}, "'word' (enum('a','b')) cannot be a cursor"},
    {"json as cursor", {STEPS("paper")}, "'paper' (json) cannot be a cursor"},
    {"words to cut along", {.mode = MODE_CHUNKED, .chunk_columns = LIST("word")}, "order"},
    {"floats to cut along", {.mode = MODE_CHUNKED, .chunk_columns = LIST("share")}, "has no order"},
};

static void
check(const Case *cases, size_t count, const Source *source)
{
    for (size_t i = 0; i < count; i++) {
        Error err = ERROR_INIT;
        bool ok = columns_check(&cases[i].export, source, &SCHEMA, &err);
        char text[sizeof(err.message) + sizeof(err.context)];
        error_format(&err, text, sizeof(text));
        if (ok != (cases[i].want == NULL))
            fail_msg("%s: %s", cases[i].name, text);
        if (!ok && (err.code != ERR_CONFIG || strstr(text, cases[i].want) == NULL))
            fail_msg("%s: \"%s\" lacks %s", cases[i].name, text, cases[i].want);
    }
}

static void
test_columns(void **state)
{
    (void)state;
    check(CASES, ARRAY_LENGTH(CASES), &POSTGRES);
    check(MYSQL_CASES, ARRAY_LENGTH(MYSQL_CASES), &MYSQL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
