#include "../test.h"

#include "pipeline/distinct.h"
#include "pipeline/quality.h"

static const ColumnSchema COLUMNS[] = {{.name = "id", .type = {.kind = TYPE_INT64}},
                                       {.name = "note", .type = {.kind = TYPE_TEXT}}};
static const Schema SCHEMA = {.columns = COLUMNS, .column_count = 2};

/* Rows (i % modulus, NULL for every third note). */
static void
fill(Batch *batch, int rows, int modulus)
{
    Error err = ERROR_INIT;

    batch_reset(batch);
    for (int i = 0; i < rows; i++) {
        column_append_i64(&batch->columns[0], i % modulus);
        if (i % 3 == 0)
            column_append_null(&batch->columns[1]);
        else
            assert_true(column_append_bytes(&batch->columns[1], i % 2 == 0 ? "" : "x",
                                            i % 2 == 0 ? 0 : 1, &err));
        batch_end_row(batch, 10);
    }
}

static void
test_every_check(void **state)
{
    static const char *const ID[] = {"id"};
    static const char *const NOTE[] = {"note"};
    static const NullRatioLimit HALF[] = {{"note", 0.5}};
    static const NullRatioLimit THIRD[] = {{"note", 1.0 / 3.0}};
    static const NullRatioLimit TENTH[] = {{"note", 0.1}, {"id", 0}};
    static const struct {
        const char *name;
        QualityConfig config;
        int rows, modulus;
        const char *want; /* NULL: passes */
    } CASES[] = {
        {"nothing asked", {0}, 10, 10, NULL},
        {"bounds are inclusive",
         {.row_count_min = {true, 10}, .row_count_max = {true, 10}},
         10,
         10,
         NULL},
        {"too few", {.row_count_min = {true, 11}}, 10, 10, "row_count 10 below minimum 11"},
        {"no rows at all", {.row_count_min = {true, 1}}, 0, 1, "row_count 0 below minimum 1"},
        {"too many", {.row_count_max = {true, 9}}, 10, 10, "row_count 10 exceeds maximum 9"},
        {"ratio below", {.null_ratio_max = HALF, .null_ratio_count = 1}, 9, 9, NULL},
        {"an equal ratio passes", {.null_ratio_max = THIRD, .null_ratio_count = 1}, 9, 9, NULL},
        {"ratio above",
         {.null_ratio_max = TENTH, .null_ratio_count = 2},
         9,
         9,
         "column 'note': null ratio 0.3333 exceeds threshold 0.1000"},
        {"ratio of no rows", {.null_ratio_max = TENTH, .null_ratio_count = 2}, 0, 1, NULL},
        {"unique", {.unique_columns = {ID, 1}}, 5000, 5000, NULL},
        {"not unique",
         {.unique_columns = {ID, 1}},
         5000,
         4990,
         "column 'id': 10 duplicate values in 5000 rows"},
        {"an empty text is a value, NULL is none", {.unique_columns = {NOTE, 1}}, 4, 4, NULL},
        {"equal texts", {.unique_columns = {NOTE, 1}}, 6, 6, "column 'note': 2 duplicate"},
        {"every issue is told",
         {.row_count_max = {true, 1}, .unique_columns = {ID, 1}},
         4,
         2,
         "row_count 4 exceeds maximum 1; column 'id': 2 duplicate"},
    };
    Batch batch;

    (void)state;
    batch_init(&batch, &SCHEMA, 10000, SIZE_MAX);
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        Quality *quality = NULL;
        Error err = ERROR_INIT;
        assert_ok(quality_new(&CASES[i].config, &SCHEMA, 1 << 20, &quality, &err), &err);
        fill(&batch, CASES[i].rows, CASES[i].modulus);
        assert_ok(quality_add(quality, &batch, &err), &err);
        if (CASES[i].want == NULL)
            assert_ok(quality_check(quality, &err), &err);
        else
            assert_error(quality_check(quality, &err), &err, ERR_CHECK, CASES[i].want);
        quality_free(quality);
    }
    batch_release(&batch);
}

static void
test_unknown_columns_are_refused(void **state)
{
    static const char *const GONE[] = {"gone"};
    static const NullRatioLimit LIMIT[] = {{"gone", 0.5}};
    const QualityConfig configs[] = {{.unique_columns = {GONE, 1}},
                                     {.null_ratio_max = LIMIT, .null_ratio_count = 1}};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(configs); i++) {
        Quality *quality = NULL;
        Error err = ERROR_INIT;
        assert_error(quality_new(&configs[i], &SCHEMA, 0, &quality, &err), &err, ERR_CONFIG,
                     "'gone'");
        assert_null(quality);
    }
}

/* The same answer whether the values fit in memory or go through many runs. */
static void
test_runs_give_the_answer_of_memory(void **state)
{
    static const size_t MEMORY[] = {0, 100000, 64 << 20};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(MEMORY); i++) {
        Distinct *distinct = distinct_new(MEMORY[i]);
        Error err = ERROR_INIT;
        uint64_t duplicates = 0;
        for (uint64_t value = 0; value < 100000; value++)
            assert_ok(distinct_add(distinct, &value, sizeof(value), &err), &err);
        for (uint64_t value = 0; value < 100000; value += 1000)
            assert_ok(distinct_add(distinct, &value, sizeof(value), &err), &err);
        assert_ok(distinct_count_duplicates(distinct, &duplicates, &err), &err);
        assert_int_equal(duplicates, 100);
        distinct_free(distinct);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_check),
        cmocka_unit_test(test_unknown_columns_are_refused),
        cmocka_unit_test(test_runs_give_the_answer_of_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
