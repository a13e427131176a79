#include "../test.h"

#include "pipeline/budget.h"
#include "pipeline/fingerprint.h"
#include "pipeline/manifest.h"
#include "pipeline/naming.h"
#include "pipeline/result.h"
#include "pipeline/retry.h"

static void
test_part_names(void **state)
{
    static const RunName RUN = {.run_id = "users_20260102T030405.678",
                                .stamp = "20260102_030405_a1b2c3"};
    static const struct {
        const char *template;
        int64_t chunk, part;
        const char *want;
    } CASES[] = {
        {NULL, NAMING_NONE, NAMING_NONE, "users_20260102_030405_a1b2c3.parquet"},
        {NULL, NAMING_NONE, 0, "users_20260102_030405_a1b2c3_part0.parquet"},
        {NULL, 12, NAMING_NONE, "users_20260102_030405_a1b2c3_chunk12.parquet"},
        {NULL, 3, 10, "users_20260102_030405_a1b2c3_chunk3_part10.parquet"},
        {"{date}/{export}-{ts}", NAMING_NONE, 1,
         "20260102/users-20260102_030405_a1b2c3_part1.parquet"},
        {"x{run_id}{", NAMING_NONE, NAMING_NONE, "xusers_20260102T030405.678{.parquet"},
    };
    Arena arena = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        ExportConfig export = {.name = "users", .file_name = CASES[i].template};
        assert_string_equal(
            naming_part(&export, &RUN, CASES[i].chunk, CASES[i].part, "parquet", &arena),
            CASES[i].want);
    }
    assert_string_equal(manifest_key("users", RUN.run_id, RUN.stamp, &arena),
                        "_rivet/users/users_20260102T030405.678_a1b2c3.json");
    RunName one = naming_start_run("users", &arena);
    RunName two = naming_start_run("users", &arena);
    assert_string_not_equal(one.stamp, two.stamp);
    assert_int_equal(strlen(one.stamp), strlen(RUN.stamp));
    arena_release(&arena);
}

static void
test_retry_delays(void **state)
{
    static const struct {
        int64_t backoff_ms, retry;
        int extra_ms;
        int64_t want_ms;
    } CASES[] = {
        {1000, 1, 0, 1000},
        {1000, 2, 0, 2000},
        {1000, 3, 0, 4000},
        {2000, 1, 15000, 17000},
        {2000, 90, 0, RETRY_DELAY_MAX_MS}, /* the power saturates */
        {0, 5, 1000, 1000},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        Tuning tuning = {.retry_backoff_ms = CASES[i].backoff_ms};
        Error err = {.retry_extra_ms = CASES[i].extra_ms};
        assert_true(retry_delay_ms(&tuning, CASES[i].retry, &err) == CASES[i].want_ms);
    }
}

/* Vectors of spec behaviour §9. */
static void
test_plan_fingerprints(void **state)
{
    static const char *const ID[] = {"id"};
    static const char CONTENT[] = "SELECT id, title, body, raw_html, tags, author_name, category, "
                                  "status, created_at FROM content_items";
    static const struct {
        const char *query;
        int64_t size;
        const char *kind, *want;
    } CASES[] = {
        {CONTENT, 10000, "range", "1f24b22011040dff"},
        {CONTENT, 15000, "range", "98cb4ba7a4107fe0"},
        {CONTENT, 50000, "range", "868b9464a0f72196"},
        {"SELECT id FROM t", 100, "range", "56aa50a1edbfb337"},
        {"SELECT id FROM t", 100, "dense_rn", "391530dcaa4cb426"},
        {"SELECT id, payload FROM orders_sparse", 10000, "dense_rn", "854aeceeaeb2bf72"},
    };
    char text[FINGERPRINT_BYTES];

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        fingerprint_plan(CASES[i].query, (TextList){ID, 1}, CASES[i].size, CASES[i].kind, text);
        assert_string_equal(text, CASES[i].want);
    }
}

static void
test_output_fingerprint_sees_every_setting(void **state)
{
    static const ColumnOverride OVERRIDE = {.column = "a", .kind = OVERRIDE_TEXT};
    ExportConfig base = {.format = FORMAT_PARQUET};
    ExportConfig changed[6];
    char before[FINGERPRINT_BYTES];
    char after[FINGERPRINT_BYTES];

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(changed); i++)
        changed[i] = base;
    changed[0].format = FORMAT_CSV;
    changed[1].compression = COMPRESSION_SNAPPY;
    changed[2].type_rules.types = TYPES_NATIVE;
    changed[3].type_rules.overrides = &OVERRIDE;
    changed[3].type_rules.override_count = 1;
    changed[4].meta_columns.has_row_hash = true;
    changed[5].parquet.encoding = ENCODING_MODERN;
    fingerprint_output(&base, "s", "d", before);
    for (size_t i = 0; i < ARRAY_LENGTH(changed); i++) {
        fingerprint_output(&changed[i], "s", "d", after);
        assert_string_not_equal(before, after);
    }
    fingerprint_output(&base, "sd", "", after); /* fields do not run into each other */
    assert_string_not_equal(before, after);
    base.parquet.encode_threads = 7; /* never reaches the bytes */
    fingerprint_output(&base, "s", "d", after);
    assert_string_equal(before, after);
}

static void
test_common_exit_status(void **state)
{
    static const struct {
        ErrorCode codes[3];
        int want;
    } CASES[] = {
        {{ERR_NONE, ERR_NONE, ERR_NONE}, 0},
        {{ERR_NONE, ERR_UNAVAILABLE, ERR_UNAVAILABLE}, 5},
        {{ERR_CHECK, ERR_UNAVAILABLE, ERR_NONE}, 1},
        {{ERR_CHECK, ERR_NONE, ERR_CHECK}, 3},
        {{ERR_QUERY, ERR_CHECK, ERR_CHECK}, 1},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        ExportResult results[3] = {0};
        for (size_t j = 0; j < 3; j++) {
            results[j].status = CASES[i].codes[j] == ERR_NONE ? STATUS_SUCCESS : STATUS_FAILED;
            results[j].error.code = CASES[i].codes[j];
        }
        assert_int_equal(result_exit_status(results, 3), CASES[i].want);
    }
}

/* Examples of spec behaviour §5. */
static void
test_fetch_rows(void **state)
{
    static const struct {
        int64_t memory_mb;
        size_t row_bytes, want;
    } CASES[] = {
        {256, 266, 500000},
        {10, 1058, 9910},
        {1, 25700, 1000},
        {0, 266, 1234},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        Tuning tuning = {
            .batch_size = 1234,
            .batch_size_memory_mb = {CASES[i].memory_mb > 0, CASES[i].memory_mb},
        };
        assert_int_equal(budget_fetch_rows(&tuning, CASES[i].row_bytes), CASES[i].want);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_part_names),
        cmocka_unit_test(test_retry_delays),
        cmocka_unit_test(test_plan_fingerprints),
        cmocka_unit_test(test_output_fingerprint_sees_every_setting),
        cmocka_unit_test(test_common_exit_status),
        cmocka_unit_test(test_fetch_rows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
