#include "../test.h"

#include "preflight/advice.h"

#define K INT64_C(1000)
#define M INT64_C(1000000)

static Advice
advice_for(const AdviceFacts *facts, Arena *arena)
{
    Advice advice;

    advise(facts, arena, &advice);
    return advice;
}

/* ---- spec cli §6.2: both sides of every limit of every row ---- */

static const struct {
    bool index, cursor;
    int64_t rows;
    Verdict want;
} VERDICT_CASES[] = {
    {true, true, 0, VERDICT_EFFICIENT},           {true, true, 10 * M, VERDICT_EFFICIENT},
    {true, true, 10 * M + 1, VERDICT_ACCEPTABLE}, {true, true, INT64_MAX, VERDICT_ACCEPTABLE},
    {true, false, 0, VERDICT_ACCEPTABLE},         {true, false, 10 * M, VERDICT_ACCEPTABLE},
    {true, false, 10 * M + 1, VERDICT_DEGRADED},  {true, false, INT64_MAX, VERDICT_DEGRADED},
    {false, true, 0, VERDICT_DEGRADED},           {false, false, 0, VERDICT_DEGRADED},
    {false, false, 1 * M, VERDICT_DEGRADED},      {false, false, 1 * M + 1, VERDICT_UNSAFE},
    {false, true, 1 * M + 1, VERDICT_DEGRADED},   {false, true, 50 * M, VERDICT_DEGRADED},
    {false, true, 50 * M + 1, VERDICT_UNSAFE},    {false, false, INT64_MAX, VERDICT_UNSAFE},
};

static void
test_verdict(void **state)
{
    Arena arena = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(VERDICT_CASES); i++) {
        AdviceFacts facts = {.uses_index = VERDICT_CASES[i].index,
                             .cursor_column = VERDICT_CASES[i].cursor ? "c" : NULL,
                             .rows = VERDICT_CASES[i].rows,
                             .parallel = 1};
        Verdict got = advice_for(&facts, &arena).verdict;
        if (got != VERDICT_CASES[i].want)
            fail_msg("row %zu: %s", i, verdict_word(got));
    }
    arena_release(&arena);
}

/* ---- §6.3 ---- */

static const struct {
    bool index;
    int64_t parallel, rows;
    Profile want;
} PROFILE_CASES[] = {
    {true, 1, 0, PROFILE_FAST},
    {true, 4, 1 * M, PROFILE_FAST},
    {true, 1, 1 * M + 1, PROFILE_BALANCED},
    {true, 1, 10 * M, PROFILE_BALANCED},
    {true, 1, 10 * M + 1, PROFILE_SAFE},
    {false, 1, 0, PROFILE_BALANCED},
    {false, 1, 100 * K, PROFILE_BALANCED},
    {false, 2, 100 * K, PROFILE_SAFE},
    {false, 2, 100 * K + 1, PROFILE_BALANCED},
    {false, 1, 1 * M, PROFILE_BALANCED},
    {false, 1, 1 * M + 1, PROFILE_SAFE},
};

static void
test_profile(void **state)
{
    Arena arena = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(PROFILE_CASES); i++) {
        AdviceFacts facts = {.uses_index = PROFILE_CASES[i].index,
                             .parallel = PROFILE_CASES[i].parallel,
                             .rows = PROFILE_CASES[i].rows};
        Profile got = advice_for(&facts, &arena).profile;
        if (got != PROFILE_CASES[i].want)
            fail_msg("row %zu: %s", i, profile_word(got));
    }
    arena_release(&arena);
}

/* ---- §6.4 ---- */

static const struct {
    ExportMode mode;
    bool index;
    int64_t rows, want;
    const char *reason;
} PARALLELISM_CASES[] = {
    {MODE_FULL, true, 10 * M, 1, "only chunked mode benefits"},
    {MODE_INCREMENTAL, false, 10, 1, "only chunked mode benefits"},
    {MODE_TIME_WINDOW, true, 100 * K, 1, "only chunked mode benefits"},
    {MODE_CHUNKED, true, 49999, 1, "dataset too small"},
    {MODE_CHUNKED, false, 49999, 1, "dataset too small"},
    {MODE_CHUNKED, false, 5 * M + 1, 1, "no index"},
    {MODE_CHUNKED, false, 5 * M, 2, "no index, conservative"},
    {MODE_CHUNKED, false, 50 * K, 2, "no index, conservative"},
    {MODE_CHUNKED, true, 50 * K, 2, "moderate dataset"},
    {MODE_CHUNKED, true, 499999, 2, "moderate dataset"},
    {MODE_CHUNKED, true, 500 * K, 4, "large dataset with index"},
    {MODE_CHUNKED, true, 5 * M - 1, 4, "large dataset with index"},
    {MODE_CHUNKED, true, 5 * M, 4, "cap at 4"},
    {MODE_CHUNKED, true, INT64_MAX, 4, "memory"},
};

static void
test_parallelism(void **state)
{
    Arena arena = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(PARALLELISM_CASES); i++) {
        AdviceFacts facts = {.mode = PARALLELISM_CASES[i].mode,
                             .uses_index = PARALLELISM_CASES[i].index,
                             .rows = PARALLELISM_CASES[i].rows,
                             .parallel = 1};
        Advice got = advice_for(&facts, &arena);
        if (got.parallel != PARALLELISM_CASES[i].want ||
            strstr(got.parallel_reason, PARALLELISM_CASES[i].reason) == NULL)
            fail_msg("row %zu: %d %s", i, (int)got.parallel, got.parallel_reason);
    }
    arena_release(&arena);
}

/* ---- §6.5 ---- */

#define CHUNKED .mode = MODE_CHUNKED, .chunk_column = "id", .parallel = 1
#define SPAN(low, high, size)                                                                      \
    .has_key_span = true, .key_min = (low), .key_max = (high), .chunk_size = (size)

static const struct {
    const char *name;
    AdviceFacts facts;
    const char *wants[5]; /* of the only warning; none: no warning */
} WARNING_CASES[] = {
    {"sparse",
     {CHUNKED, SPAN(1, 499900001, 500000), .rows = 5000},
     {"Sparse key range", "99%", "1 .. 499900001", "5000", "dense surrogate"}},
    {"sparse, other advice",
     {CHUNKED, SPAN(-1000, 1000, 100), .rows = 100},
     {"Sparse key range", "95%", "-1000 .. 1000", "100 rows", "incremental"}},
    {"density at the limit", {CHUNKED, SPAN(0, 10000, 100), .rows = 1000}, {NULL}},
    {"density below the limit", {CHUNKED, SPAN(0, 10000, 100), .rows = 999}, {"Sparse"}},
    {"ten windows", {CHUNKED, SPAN(0, 1000, 100), .rows = 1}, {NULL}},
    {"eleven windows", {CHUNKED, SPAN(0, 1001, 100), .rows = 1}, {"Sparse", "11 windows"}},
    {"all of int64",
     {CHUNKED, SPAN(INT64_MIN, INT64_MAX, 1), .rows = 1},
     {"Sparse", "18446744073709551615 windows"}},
    {"one key", {CHUNKED, SPAN(7, 7, 1), .rows = 1}, {NULL}},
    {"no rows", {CHUNKED, SPAN(0, 1000000, 1), .rows = 0}, {NULL}},
    {"no integer key", {CHUNKED, .chunk_size = 1, .rows = 1}, {NULL}},
    {"not chunked", {.mode = MODE_FULL, SPAN(0, 1000000, 1), .rows = 1, .parallel = 1}, {NULL}},
    {"dense instead of sparse",
     {CHUNKED, SPAN(1, 499900001, 500000), .rows = 5000, .is_dense = true},
     {"Dense surrogate (ROW_NUMBER)", "global sort", "cheaper"}},
    {"dense in the query",
     {CHUNKED, .rows = 5000, .numbers_rows = true},
     {"Dense surrogate (ROW_NUMBER)", "global sort", "cheaper"}},
    {"row numbers in full mode", {.mode = MODE_FULL, .numbers_rows = true, .parallel = 1}, {NULL}},
    {"parallel memory",
     {.mode = MODE_CHUNKED, .parallel = 3, .rows = 5 * M + 1},
     {"Parallel=3", "5M", "memory_threshold_mb"}},
    {"parallel at the limit", {.mode = MODE_CHUNKED, .parallel = 3, .rows = 5 * M}, {NULL}},
    {"one worker", {CHUNKED, .rows = 50 * M}, {NULL}},
};

static void
test_warnings(void **state)
{
    Arena arena = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(WARNING_CASES); i++) {
        Advice got = advice_for(&WARNING_CASES[i].facts, &arena);
        if (got.warning_count != (WARNING_CASES[i].wants[0] != NULL))
            fail_msg("%s: %zu warnings", WARNING_CASES[i].name, got.warning_count);
        for (size_t j = 0; j < 5 && WARNING_CASES[i].wants[j] != NULL; j++)
            if (strstr(got.warnings[0], WARNING_CASES[i].wants[j]) == NULL)
                fail_msg("%s: \"%s\" lacks %s", WARNING_CASES[i].name, got.warnings[0],
                         WARNING_CASES[i].wants[j]);
    }
    arena_release(&arena);
}

static void
test_warning_order(void **state)
{
    Arena arena = {0};
    AdviceFacts facts = {.mode = MODE_CHUNKED,
                         SPAN(0, INT64_MAX, 1000),
                         .rows = 6 * M,
                         .parallel = 2,
                         .numbers_rows = true};
    Advice got = advice_for(&facts, &arena);

    (void)state;
    assert_int_equal(got.warning_count, 3);
    assert_memory_equal(got.warnings[0], "Sparse", 6);
    assert_memory_equal(got.warnings[1], "Dense", 5);
    assert_memory_equal(got.warnings[2], "Parallel=2", 10);
    arena_release(&arena);
}

static void
test_window_count(void **state)
{
    static const struct {
        int64_t min, max, size;
        uint64_t want;
    } cases[] = {
        {0, 0, 10, 1},  {0, 10, 10, 1},   {0, 11, 10, 2},
        {10, 0, 10, 1}, {0, 100, 0, 100}, {INT64_MIN, INT64_MAX, INT64_MAX, 3},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        AdviceFacts facts = {SPAN(cases[i].min, cases[i].max, cases[i].size)};
        assert_int_equal(advice_window_count(&facts), cases[i].want);
    }
}

/* ---- §6.6 ---- */

#define FULL  .mode = MODE_FULL, .parallel = 1
#define TIMED .mode = MODE_TIME_WINDOW, .time_column = "seen_at", .parallel = 1
#define STEPS .mode = MODE_INCREMENTAL, .cursor_column = "changed_at", .parallel = 1

static const struct {
    const char *name;
    AdviceFacts facts;
    Verdict verdict;
    const char *want; /* NULL: no suggestion */
} SUGGESTION_CASES[] = {
    {"efficient", {STEPS, .uses_index = true, .rows = 10 * M}, VERDICT_EFFICIENT, NULL},
    {"acceptable, small", {FULL, .uses_index = true, .rows = 10 * M}, VERDICT_ACCEPTABLE, NULL},
    {"acceptable, full",
     {FULL, .cursor_column = "id", .uses_index = true, .rows = 12 * M + 5},
     VERDICT_ACCEPTABLE,
     "~12M rows; switch to incremental mode with an indexed cursor"},
    {"acceptable, chunked alone",
     {CHUNKED, .cursor_column = "id", .uses_index = true, .rows = 20 * M},
     VERDICT_ACCEPTABLE,
     "~20M rows; add parallel > 1 to spread the chunks over workers"},
    {"acceptable, chunked in parallel",
     {.mode = MODE_CHUNKED,
      .parallel = 4,
      .cursor_column = "id",
      .uses_index = true,
      .rows = 20 * M},
     VERDICT_ACCEPTABLE,
     "~20M rows; use the safe profile"},
    {"acceptable, incremental",
     {STEPS, .uses_index = true, .rows = 20 * M},
     VERDICT_ACCEPTABLE,
     "~20M rows; use the safe profile"},
    {"degraded, full",
     {FULL, .rows = 20 * K},
     VERDICT_DEGRADED,
     "no index serves this query; add an indexed cursor column and switch to incremental mode; "
     "use the safe profile (tuning.profile: safe)"},
    {"degraded, full with an index",
     {FULL, .uses_index = true, .rows = 11 * M},
     VERDICT_DEGRADED,
     "add an indexed cursor column and switch to incremental mode; use the safe profile "
     "(tuning.profile: safe)"},
    {"degraded, full with a cursor",
     {FULL, .cursor_column = "id", .rows = 20 * K},
     VERDICT_DEGRADED,
     "no index serves this query; use the safe profile (tuning.profile: safe)"},
    {"degraded, chunked",
     {CHUNKED, .rows = 20 * K},
     VERDICT_DEGRADED,
     "no index serves this query; make an index on 'id'; use the safe profile "
     "(tuning.profile: safe)"},
    {"degraded, time window",
     {TIMED, .rows = 20 * K},
     VERDICT_DEGRADED,
     "no index serves this query; make an index on 'seen_at'; use the safe profile "
     "(tuning.profile: safe)"},
    {"degraded, incremental",
     {STEPS, .rows = 50 * M},
     VERDICT_DEGRADED,
     "no index serves this query; use the safe profile (tuning.profile: safe)"},
    {"degraded, incremental without its cursor",
     {.mode = MODE_INCREMENTAL, .parallel = 1, .rows = 10},
     VERDICT_DEGRADED,
     "no index serves this query; consider a cursor column; use the safe profile "
     "(tuning.profile: safe)"},
    {"unsafe, full",
     {FULL, .rows = 5 * M},
     VERDICT_UNSAFE,
     "~5M rows without an index; switch to incremental mode with an indexed cursor; use the safe "
     "profile (tuning.profile: safe) and run off-peak"},
    {"unsafe, chunked",
     {CHUNKED, .rows = 5 * M},
     VERDICT_UNSAFE,
     "~5M rows without an index; make an index on 'id', and use a smaller chunk_size or more "
     "parallel workers; use the safe profile (tuning.profile: safe) and run off-peak"},
    {"unsafe, chunked without a column",
     {.mode = MODE_CHUNKED, .parallel = 1, .rows = 5 * M},
     VERDICT_UNSAFE,
     "~5M rows without an index; make an index on 'the key', and use a smaller chunk_size or more "
     "parallel workers; use the safe profile (tuning.profile: safe) and run off-peak"},
    {"unsafe, time window",
     {TIMED, .rows = 5 * M},
     VERDICT_UNSAFE,
     "~5M rows without an index; make an index on 'seen_at', and use a smaller days_window; use "
     "the safe profile (tuning.profile: safe) and run off-peak"},
    {"unsafe, incremental",
     {STEPS, .rows = 51 * M},
     VERDICT_UNSAFE,
     "~51M rows without an index; make an index on 'changed_at'; use the safe profile "
     "(tuning.profile: safe) and run off-peak"},
};

static void
test_suggestion(void **state)
{
    Arena arena = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(SUGGESTION_CASES); i++) {
        Advice got = advice_for(&SUGGESTION_CASES[i].facts, &arena);
        const char *want = SUGGESTION_CASES[i].want;
        if (got.verdict != SUGGESTION_CASES[i].verdict)
            fail_msg("%s: %s", SUGGESTION_CASES[i].name, verdict_word(got.verdict));
        if ((got.suggestion == NULL) != (want == NULL) ||
            (want != NULL && strcmp(got.suggestion, want) != 0))
            fail_msg("%s: %s", SUGGESTION_CASES[i].name, got.suggestion);
    }
    arena_release(&arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verdict),       cmocka_unit_test(test_profile),
        cmocka_unit_test(test_parallelism),   cmocka_unit_test(test_warnings),
        cmocka_unit_test(test_warning_order), cmocka_unit_test(test_window_count),
        cmocka_unit_test(test_suggestion),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
