#include "../test.h"

#include <unistd.h>

#include "preflight/init.h"

#define ROWS(n) .row_estimate = {true, (n)}
#define COLUMNS(...)                                                                               \
    .columns = (const TableColumn[]){__VA_ARGS__},                                                 \
    .column_count = sizeof((const TableColumn[]){__VA_ARGS__}) / sizeof(TableColumn)
#define KEY                                                                                        \
    {                                                                                              \
        .name = "id", .is_integer = true, .is_key = true, .is_not_null = true, .is_indexed = true  \
    }
#define CHANGE                                                                                     \
    {                                                                                              \
        .name = "Updated_At", .is_moment = true, .is_not_null = true, .is_indexed = true           \
    }

static const struct {
    const char *name;
    TableFacts table;
    ExportMode mode;
    const char *column;
    int64_t parallel;
    const char *reason;
} CASES[] = {
    {"small", {ROWS(100000), COLUMNS(KEY, CHANGE)}, MODE_FULL, NULL, 1, "small"},
    {"changes", {ROWS(100001), COLUMNS(KEY, CHANGE)}, MODE_INCREMENTAL, "Updated_At", 1, "changed"},
    {"key", {ROWS(100001), COLUMNS(KEY)}, MODE_CHUNKED, "id", 2, "primary key 'id'"},
    {"large with a key", {ROWS(500000), COLUMNS(KEY)}, MODE_CHUNKED, "id", 4, "primary key 'id'"},
    {"change that may be NULL",
     {ROWS(200000), COLUMNS(KEY, {.name = "updated_at", .is_moment = true, .is_indexed = true})},
     MODE_CHUNKED,
     "id",
     2,
     "primary key"},
    {"change without an index",
     {ROWS(200000), COLUMNS({.name = "updated_at", .is_moment = true, .is_not_null = true})},
     MODE_FULL,
     NULL,
     1,
     "neither"},
    {"change that is no time",
     {ROWS(200000), COLUMNS({.name = "updated_at", .is_not_null = true, .is_indexed = true})},
     MODE_FULL,
     NULL,
     1,
     "neither"},
    {"time of something else",
     {ROWS(200000),
      COLUMNS({.name = "born_at", .is_moment = true, .is_not_null = true, .is_indexed = true})},
     MODE_FULL,
     NULL,
     1,
     "neither"},
    {"key of text",
     {ROWS(200000), COLUMNS({.name = "id", .is_key = true, .is_not_null = true})},
     MODE_FULL,
     NULL,
     1,
     "neither"},
    {"no statistics, large",
     {.size_bytes = {true, 20000000}, COLUMNS(KEY)},
     MODE_CHUNKED,
     "id",
     2,
     "key"},
    {"no statistics, small",
     {.size_bytes = {true, 10000}, COLUMNS(KEY)},
     MODE_FULL,
     NULL,
     1,
     "small"},
};

static bool
same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void
test_choice(void **state)
{
    Arena arena = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        InitChoice got = init_choose(&CASES[i].table, DESTINATION_LOCAL, &arena);
        if (got.mode != CASES[i].mode || !same_text(got.column, CASES[i].column) ||
            got.parallel != CASES[i].parallel || strstr(got.reason, CASES[i].reason) == NULL)
            fail_msg("%s: %s %s %d, %s", CASES[i].name, export_mode_word(got.mode), got.column,
                     (int)got.parallel, got.reason);
    }
    arena_release(&arena);
}

static void
test_export_name(void **state)
{
    static const struct {
        const char *schema, *table, *want;
    } cases[] = {
        {"public", "users", "users"},      {NULL, "users", "users"},
        {"sales", "users", "sales.users"}, {"public", "Odd name/x", "Odd_name_x"},
        {"public", "_hidden", "thidden"},  {"public", "caf\xc3\xa9", "caf__"},
    };
    Arena arena = {0};
    char longest[200];

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        const TableFacts table = {.schema = cases[i].schema, .name = cases[i].table};
        assert_string_equal(init_export_name(&table, &arena), cases[i].want);
    }
    memset(longest, 'x', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    const TableFacts table = {.schema = "sales", .name = longest};
    assert_int_equal(strlen(init_export_name(&table, &arena)), 80);
    arena_release(&arena);
}

static const TableFacts TABLES[] = {
    {.schema = "public",
     .name = "users",
     .query = "SELECT * FROM public.users",
     ROWS(1),
     COLUMNS(KEY)},
    {.schema = "public",
     .name = "it's # odd: \"x\"",
     .query = "SELECT * FROM public.\"it's # odd: \"\"x\"\"\"",
     ROWS(900000),
     COLUMNS({.name = "k'#\": ", .is_integer = true, .is_key = true})},
    {.schema = "public",
     .name = "it_s # odd: \"x\"",
     .query = "SELECT 1 AS a",
     ROWS(900000),
     COLUMNS(CHANGE)},
    {.schema = "public",
     .name = "${HOME}",
     .query = "SELECT * FROM public.\"${HOME}\"",
     ROWS(1),
     COLUMNS(KEY)},
    {.schema = "public", .name = "line", .query = "SELECT 1 AS \"a\nb\"", ROWS(1), COLUMNS(KEY)},
};

/* What comes out is a configuration, whatever the names hold. */
static void
test_yaml_loads(void **state)
{
    const InitRequest request = {.kind = SOURCE_POSTGRES,
                                 .url_env = "DATABASE_URL",
                                 .place = {.path = "./it's out"},
                                 .tables = TABLES,
                                 .count = ARRAY_LENGTH(TABLES)};
    char path[] = "/tmp/rivet_init_XXXXXX";
    int fd = mkstemp(path);
    Config *config = NULL;
    Error err = ERROR_INIT;
    Buffer text = {0};

    (void)state;
    init_write_yaml(&request, &text);
    assert_int_equal(write(fd, text.data, text.size), text.size);
    close(fd);
    assert_ok(config_load(&(ConfigOptions){.path = path, .is_strict = true}, &config, &err), &err);
    assert_int_equal(config->export_count, 3); /* two could not be written */
    assert_int_equal(config->warning_count, 0);
    assert_string_equal(config->exports[1].name, "it_s___odd___x_");
    assert_string_equal(config->exports[2].name, "it_s___odd___x_-2");
    assert_string_equal(config->exports[1].query, TABLES[1].query);
    assert_string_equal(config->exports[1].chunk_columns.items[0], "k'#\": ");
    assert_string_equal(config->exports[2].cursor_columns.items[0], "Updated_At");
    assert_string_equal(config->exports[0].destination.path, "./it's out");
    config_free(config);
    buffer_release(&text);
    unlink(path);
}

static void
test_places(void **state)
{
    static const struct {
        const char *text;
        DestinationKind kind;
        const char *path, *bucket, *prefix;
        const char *error; /* NULL: fine */
    } PLACES[] = {
        {"./out", DESTINATION_LOCAL, "./out", NULL, NULL, NULL},
        {"stdout", DESTINATION_STDOUT, NULL, NULL, NULL, NULL},
        {"s3://lake", DESTINATION_S3, NULL, "lake", NULL, NULL},
        {"s3://lake/", DESTINATION_S3, NULL, "lake", NULL, NULL},
        {"s3://lake/a/b", DESTINATION_S3, NULL, "lake", "a/b/", NULL},
        {"gs://lake/a/", DESTINATION_GCS, NULL, "lake", "a/", NULL},
        {"s3://", DESTINATION_S3, NULL, NULL, NULL, "no bucket"},
        {"ftp://host/x", DESTINATION_LOCAL, NULL, NULL, NULL, "no place"},
    };
    Arena arena = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(PLACES); i++) {
        DestinationConfig got;
        Error err = ERROR_INIT;
        if (PLACES[i].error != NULL) {
            assert_error(init_read_place(PLACES[i].text, &arena, &got, &err), &err, ERR_USAGE,
                         PLACES[i].error);
            continue;
        }
        assert_ok(init_read_place(PLACES[i].text, &arena, &got, &err), &err);
        assert_int_equal(got.kind, PLACES[i].kind);
        assert_true(same_text(got.path, PLACES[i].path));
        assert_true(same_text(got.bucket, PLACES[i].bucket));
        assert_true(same_text(got.prefix, PLACES[i].prefix));
    }
    arena_release(&arena);
}

static void
test_one_stream_is_read_whole(void **state)
{
    Arena arena = {0};
    const TableFacts large = {ROWS(9000000), COLUMNS(KEY, CHANGE)};

    (void)state;
    assert_int_equal(init_choose(&large, DESTINATION_STDOUT, &arena).mode, MODE_FULL);
    arena_release(&arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_choice),
        cmocka_unit_test(test_export_name),
        cmocka_unit_test(test_yaml_loads),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_one_stream_is_read_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
