#include "../test.h"

#include "cli/progress_line.h"

static const ProgressFacts READING = {.name = "orders",
                                      .phase = PROGRESS_READING,
                                      .rows = 1200000,
                                      .bytes = UINT64_C(312) << 20,
                                      .row_estimate = 2400000,
                                      .chunk_count = 20,
                                      .chunks_done = 9,
                                      .rows_per_s = 84123,
                                      .elapsed_ms = 42000};

static const char *
line_of(const ProgressFacts *facts, size_t columns, bool has_colour, Buffer *out)
{
    ProgressLayout layout = progress_layout(facts, 1, columns, has_colour);

    buffer_reset(out);
    progress_append_line(&layout, facts, out);
    return buffer_text(out);
}

static void
test_lines(void **state)
{
    static const struct {
        size_t columns;
        const char *want;
    } CASES[] = {
        {120, "orders        [===========>          ]   50%   1.2M rows  84.1K/s   312.0 MB"
              "   9/20 chunks      ETA 0:42\n"},
        {81, "orders         50%   1.2M rows  84.1K/s   312.0 MB   9/20 chunks      ETA 0:42\n"},
        {78, "orders        [===>  ]   50%   1.2M rows  84.1K/s   9/20 chunks      ETA 0:42\n"},
        {60, "orders         50%   1.2M rows   9/20 chunks      ETA 0:42\n"},
        {50, "orders         50%   1.2M rows      ETA 0:42\n"},
        {1, ""},
    };
    Buffer out = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        const char *line = line_of(&READING, CASES[i].columns, false, &out);
        if (CASES[i].want[0] != '\0' && strcmp(line, CASES[i].want) != 0)
            fail_msg("%zu columns:\n%s%s", CASES[i].columns, line, CASES[i].want);
    }
    buffer_release(&out);
}

/* Whatever the numbers are, a line stays off the last column, as long as there is room at all. */
static void
test_no_line_is_too_wide(void **state)
{
    static const char LONG_NAME[] =
        "a_name_of_eighty_bytes_which_is_as_long_as_the_name_of_an_export_may_ever_become";
    const ProgressFacts cases[] = {
        READING,
        {.name = LONG_NAME, .phase = PROGRESS_CONNECTING},
        {.name = LONG_NAME,
         .phase = PROGRESS_READING,
         .rows = UINT64_C(999999999999),
         .bytes = UINT64_C(999) << 30,
         .row_estimate = UINT64_C(1000000000000),
         .chunk_count = 99,
         .chunks_done = 99,
         .rows_per_s = 999499999,
         .elapsed_ms = INT64_C(359999000)},
        {.name = LONG_NAME,
         .phase = PROGRESS_READING,
         .rows = 1,
         .row_estimate = 350000,
         .rows_per_s = 1,
         .elapsed_ms = 1000},
        {.name = "x", .phase = PROGRESS_DELIVERING, .rows = 1, .elapsed_ms = 1},
    };
    Buffer out = {0};

    (void)state;
    for (size_t columns = 44; columns <= 300; columns++) {
        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
            const char *line = line_of(&cases[i], columns, false, &out);
            size_t width = strlen(line) - 1 - (strstr(line, "…") == NULL ? 0 : strlen("…") - 1);
            if (width >= columns)
                fail_msg("%zu wide at %zu columns: %s", width, columns, line);
        }
    }
    buffer_release(&out);
}

static void
test_columns_line_up(void **state)
{
    const ProgressFacts both[] = {
        READING,
        {.name = "a_longer_name", .phase = PROGRESS_READING, .rows = 7, .elapsed_ms = 5000}};
    ProgressLayout layout = progress_layout(both, 2, 80, false);
    Buffer first = {0};
    Buffer second = {0};

    (void)state;
    progress_append_line(&layout, &both[0], &first);
    progress_append_line(&layout, &both[1], &second);
    assert_int_equal(first.size, second.size);
    assert_int_equal(strstr(buffer_text(&first), " rows") - buffer_text(&first),
                     strstr(buffer_text(&second), " rows") - buffer_text(&second));
    assert_non_null(strstr(buffer_text(&second), "       0:05\n"));
    buffer_release(&first);
    buffer_release(&second);
}

static void
test_colours_are_optional(void **state)
{
    Buffer out = {0};

    (void)state;
    assert_null(strchr(line_of(&READING, 100, false, &out), '\033'));
    assert_non_null(strstr(line_of(&READING, 100, true, &out), "\033[32m"));
    buffer_release(&out);
}

static void
test_what_is_left(void **state)
{
    static const struct {
        const char *name;
        ProgressFacts facts;
        double fraction;
        int64_t left_s;
    } CASES[] = {
        {"nothing known", {.rows = 10, .elapsed_ms = 1000}, -1, -1},
        {"half of the rows", {.rows = 10, .row_estimate = 20, .elapsed_ms = 8000}, 0.5, 8},
        {"nothing yet", {.row_estimate = 20, .elapsed_ms = 8000}, 0, -1},
        {"an estimate that was too low", {.rows = 21, .row_estimate = 20, .elapsed_ms = 1}, -1, -1},
        {"chunks instead",
         {.rows = 21, .row_estimate = 20, .chunk_count = 4, .chunks_done = 3, .elapsed_ms = 6000},
         0.75,
         2},
        {"resumed: only what is done now counts",
         {.rows = 5,
          .row_estimate = 20,
          .chunk_count = 4,
          .chunks_done = 3,
          .chunks_before = 2,
          .elapsed_ms = 6000},
         0.75,
         6},
        {"for ever", {.rows = 1, .row_estimate = INT64_MAX, .elapsed_ms = 60000}, 1.0 / 0x1p63, -1},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        double fraction = progress_fraction(&CASES[i].facts);
        int64_t left_s = progress_left_s(&CASES[i].facts);
        if (fraction != CASES[i].fraction || left_s != CASES[i].left_s)
            fail_msg("%s: %f, %d s", CASES[i].name, fraction, (int)left_s);
    }
}

static void
test_numbers_are_short(void **state)
{
    static const struct {
        uint64_t rows;
        const char *want;
    } CASES[] = {
        {0, "     0 rows"},      {9999, "  9999 rows"},     {10000, " 10.0K rows"},
        {99949, " 99.9K rows"},  {99950, "  100K rows"},    {999499, "  999K rows"},
        {999500, "  1.0M rows"}, {12345678, " 12.3M rows"}, {UINT64_C(5000000000), "  5.0G rows"},
    };
    Buffer out = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        const ProgressFacts facts = {.name = "x", .phase = PROGRESS_READING, .rows = CASES[i].rows};
        if (strstr(line_of(&facts, 80, false, &out), CASES[i].want) == NULL)
            fail_msg("%s lacks %s", buffer_text(&out), CASES[i].want);
    }
    buffer_release(&out);
}

static void
test_sentence(void **state)
{
    const ProgressFacts bare = {
        .name = "users", .phase = PROGRESS_DELIVERING, .rows = 5, .rows_per_s = 2.4};
    Buffer out = {0};

    (void)state;
    progress_append_sentence(&READING, &out);
    assert_string_equal(buffer_text(&out), "export 'orders': 1200000 rows, 84123 rows/s, 312.0 MB, "
                                           "9/20 chunks, 50%, ETA 0:42");
    buffer_reset(&out);
    progress_append_sentence(&bare, &out);
    assert_string_equal(buffer_text(&out), "export 'users': 5 rows, 2 rows/s, 0 B, delivering");
    buffer_release(&out);
}

static void
test_times(void **state)
{
    Buffer out = {0};

    (void)state;
    progress_append_time(0, &out);
    buffer_append_byte(&out, ' ');
    progress_append_time(3599, &out);
    buffer_append_byte(&out, ' ');
    progress_append_time(3600 * 26 + 61, &out);
    assert_string_equal(buffer_text(&out), "0:00 59:59 26:01:01");
    buffer_release(&out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),           cmocka_unit_test(test_no_line_is_too_wide),
        cmocka_unit_test(test_columns_line_up), cmocka_unit_test(test_colours_are_optional),
        cmocka_unit_test(test_what_is_left),    cmocka_unit_test(test_numbers_are_short),
        cmocka_unit_test(test_sentence),        cmocka_unit_test(test_times),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
