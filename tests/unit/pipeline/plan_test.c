#include "../test.h"

#include "../../support/fake_source.h"
#include "pipeline/plan.h"
#include "pipeline/plan_store.h"

static const char *const ID[] = {"id"};

typedef struct Table {
    const char *name;
    TypeKind kind;
    const char *keys[12]; /* ascending, ends at NULL */
    bool has_nulls;
    uint64_t estimate;
    int64_t chunk_size;
    ChunkBy chunk_by;
    ChunkKind want_kind;
    size_t want_chunks;
    size_t max_questions; /* of find_key */
} Table;

static const Table TABLES[] = {
    {"one window",
     TYPE_INT64,
     {"1", "50", "100"},
     false,
     100,
     1000,
     CHUNK_BY_KEY,
     CHUNK_RANGE,
     1,
     2},
    {"four windows",
     TYPE_INT32,
     {"1", "30", "31", "99", "100"},
     false,
     100,
     30,
     CHUNK_BY_KEY,
     CHUNK_RANGE,
     4,
     2},
    {"exact windows", TYPE_INT32, {"1", "60"}, false, 60, 30, CHUNK_BY_KEY, CHUNK_RANGE, 2, 2},
    {"negative",
     TYPE_INT64,
     {"-50", "-1", "0", "49"},
     false,
     100,
     30,
     CHUNK_BY_KEY,
     CHUNK_RANGE,
     4,
     2},
    {"just dense", TYPE_INT64, {"1", "1000"}, false, 100, 300, CHUNK_BY_KEY, CHUNK_RANGE, 4, 2},
    {"just sparse",
     TYPE_INT64,
     {"1", "2", "1001"},
     false,
     100,
     300,
     CHUNK_BY_KEY,
     CHUNK_WALK,
     1,
     3},
    {"sparse but one window",
     TYPE_INT64,
     {"1", "900"},
     false,
     2,
     1000,
     CHUNK_BY_KEY,
     CHUNK_RANGE,
     1,
     2},
    {"up to the last int64",
     TYPE_INT64,
     {"9223372036854775800", "9223372036854775807"},
     false,
     8,
     3,
     CHUNK_BY_KEY,
     CHUNK_RANGE,
     3,
     2},
    {"from the first int64",
     TYPE_INT64,
     {"-9223372036854775808", "-9223372036854775801"},
     false,
     8,
     3,
     CHUNK_BY_KEY,
     CHUNK_RANGE,
     3,
     2},
    {"all of int64",
     TYPE_INT64,
     {"-9223372036854775808", "0", "9223372036854775807"},
     false,
     UINT64_MAX,
     INT64_MAX,
     CHUNK_BY_KEY,
     CHUNK_RANGE,
     3,
     2},
    {"all of int64, a wrong estimate",
     TYPE_INT64,
     {"-9223372036854775808", "0", "9223372036854775807"},
     false,
     UINT64_MAX,
     1000,
     CHUNK_BY_KEY,
     CHUNK_WALK,
     1,
     3},
    {"up to the last uint64",
     TYPE_UINT64,
     {"18446744073709551610", "18446744073709551615"},
     false,
     6,
     4,
     CHUNK_BY_KEY,
     CHUNK_RANGE,
     2,
     2},
    {"by rows",
     TYPE_INT64,
     {"1", "2", "3", "4", "5"},
     false,
     5,
     2,
     CHUNK_BY_ROWS,
     CHUNK_WALK,
     3,
     5},
    {"by rows, no rest",
     TYPE_INT64,
     {"1", "2", "3", "4"},
     false,
     4,
     2,
     CHUNK_BY_ROWS,
     CHUNK_WALK,
     2,
     4},
    {"ties stay together",
     TYPE_INT64,
     {"1", "2", "2", "2", "3"},
     false,
     5,
     2,
     CHUNK_BY_ROWS,
     CHUNK_WALK,
     2,
     4},
    {"nothing but ties", TYPE_INT64, {"7", "7", "7"}, false, 3, 2, CHUNK_BY_ROWS, CHUNK_WALK, 1, 3},
    {"text", TYPE_TEXT, {"", "a", "b", "c"}, false, 4, 3, CHUNK_BY_KEY, CHUNK_WALK, 2, 4},
    {"uuid",
     TYPE_UUID,
     {"00000000-0000-0000-0000-000000000001", "ffffffff-ffff-ffff-ffff-ffffffffffff"},
     false,
     2,
     1,
     CHUNK_BY_KEY,
     CHUNK_WALK,
     2,
     4},
    {"date",
     TYPE_DATE,
     {"2024-01-01", "2024-01-01", "2024-02-01"},
     false,
     3,
     1,
     CHUNK_BY_KEY,
     CHUNK_WALK,
     2,
     4},
    {"nulls", TYPE_INT64, {"1", "2"}, true, 2, 10, CHUNK_BY_KEY, CHUNK_RANGE, 2, 2},
    {"only nulls", TYPE_INT64, {NULL}, true, 2, 10, CHUNK_BY_KEY, CHUNK_WALK, 1, 2},
    {"empty", TYPE_INT64, {NULL}, false, 0, 10, CHUNK_BY_KEY, CHUNK_WALK, 1, 2},
};

static void
start(FakeSource *fake, const Table *table, ExportConfig *export)
{
    fake_source_init(fake, table->kind);
    fake->keys = table->keys;
    while (fake->count < ARRAY_LENGTH(table->keys) && table->keys[fake->count] != NULL)
        fake->count++;
    fake->has_nulls = table->has_nulls;
    fake->estimate = table->estimate;
    *export = (ExportConfig){.name = table->name,
                             .mode = MODE_CHUNKED,
                             .chunk_columns = {ID, 1},
                             .chunk_size = table->chunk_size,
                             .chunk_by = table->chunk_by};
}

/* Each row lies in exactly one chunk. */
static void
assert_partition(const FakeSource *fake, const ChunkPlan *plan)
{
    for (size_t i = 0; i < fake->count + fake->has_nulls; i++) {
        const char *key = i < fake->count ? fake->keys[i] : NULL;
        size_t holders = 0;
        for (size_t j = 0; j < plan->count; j++)
            holders += fake_source_holds(fake, &plan->chunks[j], key);
        assert_int_equal(holders, 1);
    }
}

static void
assert_same_plan(const ChunkPlan *a, const ChunkPlan *b)
{
    Arena arena = {0};

    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->count, b->count);
    const ChunkTaskRow *rows_a = plan_store_rows(a, &arena);
    const ChunkTaskRow *rows_b = plan_store_rows(b, &arena);
    for (size_t i = 0; i < a->count; i++) {
        assert_string_equal(rows_a[i].bounds, rows_b[i].bounds);
        assert_string_equal(rows_a[i].start_key, rows_b[i].start_key);
        assert_string_equal(rows_a[i].end_key, rows_b[i].end_key);
        assert_int_equal(a->chunks[i].column_count, b->chunks[i].column_count);
    }
    arena_release(&arena);
}

static void
assert_survives_the_state(const FakeSource *fake, const ChunkPlan *plan)
{
    Arena arena = {0};
    Error err = ERROR_INIT;
    ChunkPlan loaded;
    const StoredPlan stored = {.kind = plan_kind_word(plan->kind),
                               .bounds = plan_store_bounds(plan, &arena),
                               .rows = plan_store_rows(plan, &arena),
                               .count = plan->count};

    assert_ok(plan_store_load(&stored, &arena, &loaded, &err), &err);
    assert_same_plan(plan, &loaded);
    assert_partition(fake, &loaded);
    arena_release(&arena);
}

static void
test_every_row_lies_in_one_chunk(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(TABLES); i++) {
        FakeSource fake;
        ExportConfig export;
        ChunkPlan plan;
        Arena arena = {0};
        Error err = ERROR_INIT;
        start(&fake, &TABLES[i], &export);
        assert_ok(plan_chunks(&export, &fake.base, fake_source_plan(&fake), &arena, &plan, &err),
                  &err);
        if (plan.kind != TABLES[i].want_kind || plan.count != TABLES[i].want_chunks ||
            fake.find_count > TABLES[i].max_questions)
            fail_msg("%s: kind %s, %zu chunks, %zu questions", TABLES[i].name,
                     plan_kind_word(plan.kind), plan.count, fake.find_count);
        assert_int_equal(fake.scan_count, 0);
        assert_partition(&fake, &plan);
        assert_survives_the_state(&fake, &plan);
        arena_release(&arena);
    }
}

/* 5,000 rows over 500,000,000 ids: chunks in proportion to rows. */
static void
test_a_sparse_key_gives_chunks_by_rows(void **state)
{
    enum { ROWS = 5000 };
    static char texts[ROWS][16];
    static const char *keys[ROWS];
    FakeSource fake;
    Arena arena = {0};
    Error err = ERROR_INIT;
    ChunkPlan plan;
    const ExportConfig export = {
        .name = "sparse", .chunk_columns = {ID, 1}, .chunk_size = 1000, .mode = MODE_CHUNKED};

    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        snprintf(texts[i], sizeof(texts[i]), "%zu", i * 100000 + 1);
        keys[i] = texts[i];
    }
    fake_source_init(&fake, TYPE_INT64);
    fake.keys = keys;
    fake.count = ROWS;
    fake.estimate = ROWS;
    assert_ok(plan_chunks(&export, &fake.base, fake_source_plan(&fake), &arena, &plan, &err), &err);
    assert_true(plan.is_sparse);
    assert_int_equal(plan.kind, CHUNK_WALK);
    assert_int_equal(plan.count, 5);
    assert_partition(&fake, &plan);
    arena_release(&arena);
}

/* What an override makes of a key is not what the server compares. */
static void
test_an_overridden_key_is_walked(void **state)
{
    static const char *const KEYS[] = {"1", "2", "3"};
    static const ColumnOverride OVERRIDE = {.column = "id", .kind = OVERRIDE_INT64};
    FakeSource fake;
    Arena arena = {0};
    Error err = ERROR_INIT;
    ChunkPlan plan;
    const ExportConfig export = {.name = "overridden",
                                 .chunk_columns = {ID, 1},
                                 .chunk_size = 10,
                                 .type_rules = {.overrides = &OVERRIDE, .override_count = 1}};

    (void)state;
    fake_source_init(&fake, TYPE_INT64);
    fake.keys = KEYS;
    fake.count = ARRAY_LENGTH(KEYS);
    fake.estimate = fake.count;
    assert_ok(plan_chunks(&export, &fake.base, fake_source_plan(&fake), &arena, &plan, &err), &err);
    assert_int_equal(plan.kind, CHUNK_WALK);
    arena_release(&arena);
}

static void
test_without_a_chunk_column(void **state)
{
    static const char *const KEYS[] = {"1", "2", "3"};
    static const struct {
        const char *default_key;
        PageFacts pages;
        bool is_dense;
        ErrorCode want_error;
        ChunkKind want_kind;
        size_t want_chunks;
    } CASES[] = {
        {"id", {0}, false, ERR_NONE, CHUNK_RANGE, 3},
        {"id", {0}, true, ERR_NONE, CHUNK_DENSE, 3},
        {NULL, {0}, false, ERR_CONFIG, CHUNK_CTID, 0},
        {NULL,
         {.can_read_pages = true, .page_count = 10, .row_estimate = 3},
         true,
         ERR_CONFIG,
         CHUNK_CTID,
         0},
        {NULL,
         {.can_read_pages = true, .page_count = 10, .row_estimate = 3},
         false,
         ERR_NONE,
         CHUNK_CTID,
         4},
        {NULL,
         {.can_read_pages = true, .page_count = 0, .row_estimate = 0},
         false,
         ERR_NONE,
         CHUNK_CTID,
         1},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        FakeSource fake;
        Arena arena = {0};
        Error err = ERROR_INIT;
        ChunkPlan plan;
        const ExportConfig export = {
            .name = "keyless", .chunk_size = 1, .chunk_dense = CASES[i].is_dense};
        fake_source_init(&fake, TYPE_INT64);
        fake.keys = KEYS;
        fake.count = ARRAY_LENGTH(KEYS);
        fake.estimate = 3;
        fake.default_key = CASES[i].default_key;
        fake.pages = CASES[i].pages;
        bool ok = plan_chunks(&export, &fake.base, fake_source_plan(&fake), &arena, &plan, &err);
        assert_int_equal(err.code, CASES[i].want_error);
        if (ok) {
            assert_int_equal(plan.kind, CASES[i].want_kind);
            assert_int_equal(plan.count, CASES[i].want_chunks);
            assert_true(plan.kind == CHUNK_RANGE || plan.needs_snapshot);
        } else {
            assert_non_null(err.hint);
        }
        arena_release(&arena);
    }
}

static void
test_numbered_chunks_end_open(void **state)
{
    static const char *const KEYS[] = {"1", "2", "3", "4", "5"};
    FakeSource fake;
    Arena arena = {0};
    Error err = ERROR_INIT;
    ChunkPlan plan;
    const ExportConfig export = {
        .name = "dense", .chunk_columns = {ID, 1}, .chunk_size = 2, .chunk_dense = true};

    (void)state;
    fake_source_init(&fake, TYPE_INT64);
    fake.keys = KEYS;
    fake.count = ARRAY_LENGTH(KEYS);
    assert_ok(plan_chunks(&export, &fake.base, fake_source_plan(&fake), &arena, &plan, &err), &err);
    assert_int_equal(plan.count, 3);
    static const uint64_t WANT[][2] = {{1, 2}, {3, 4}, {5, 0}};
    for (size_t i = 0; i < plan.count; i++) {
        assert_true(plan.chunks[i].first_row == WANT[i][0]);
        assert_true(plan.chunks[i].last_row == WANT[i][1]);
    }
    arena_release(&arena);
}

static void
test_foreign_rows_are_refused(void **state)
{
    static const struct {
        const char *kind, *bounds, *chunk;
    } CASES[] = {
        {NULL, "{\"columns\":[\"id\"]}", "{\"ge\":[\"1\"]}"},
        {"odd", "{\"columns\":[\"id\"]}", "{\"ge\":[\"1\"]}"},
        {"range", NULL, "{\"ge\":[\"1\"]}"},
        {"range", "{}", "{\"ge\":[\"1\"]}"},
        {"range", "{\"columns\":[1]}", "{\"ge\":[\"1\"]}"},
        {"range", "{\"columns\":[\"id\"]}", NULL},
        {"range", "{\"columns\":[\"id\"]}", "[]"},
        {"range", "{\"columns\":[\"id\"]}", "{\"ge\":\"1\"}"},
        {"range", "{\"columns\":[\"id\"]}", "{\"ge\":[\"1\",\"2\"]}"},
        {"range", "{\"columns\":[\"id\"]}", "{\"le\":[7]}"},
        {"range", "{\"columns\":[\"id\"]}", "{\"null\":false}"},
        {"range", "{\"columns\":[\"id\"]}", "{\"other\":1}"},
        {"dense_rn", "{\"columns\":[\"id\"]}", "{\"rows\":[0,1]}"},
        {"dense_rn", "{\"columns\":[\"id\"]}", "{\"rows\":[1]}"},
        {"ctid", "{\"columns\":[]}", "{\"pages\":[-1,2]}"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        Arena arena = {0};
        Error err = ERROR_INIT;
        ChunkPlan plan;
        const ChunkTaskRow row = {.bounds = CASES[i].chunk};
        const StoredPlan stored = {
            .kind = CASES[i].kind, .bounds = CASES[i].bounds, .rows = &row, .count = 1};
        assert_error(plan_store_load(&stored, &arena, &plan, &err), &err, ERR_STATE,
                     "not what rivet writes");
        arena_release(&arena);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_row_lies_in_one_chunk),
        cmocka_unit_test(test_a_sparse_key_gives_chunks_by_rows),
        cmocka_unit_test(test_an_overridden_key_is_walked),
        cmocka_unit_test(test_without_a_chunk_column),
        cmocka_unit_test(test_numbered_chunks_end_open),
        cmocka_unit_test(test_foreign_rows_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
