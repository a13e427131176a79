#include "../test.h"

#include "cli/report.h"

static void
test_human_sizes(void **state)
{
    static const struct {
        uint64_t size;
        const char *want;
    } CASES[] = {
        {0, "0 B"},         {1023, "1023 B"},       {1024, "1.0 KB"},
        {1536, "1.5 KB"},   {1048575, "1024.0 KB"}, {1048576, "1.0 MB"},
        {98611, "96.3 KB"}, {1610612736, "1.5 GB"}, {UINT64_C(5) << 40, "5120.0 GB"},
    };
    char text[HUMAN_BYTES];

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        report_human_size(CASES[i].size, text);
        assert_string_equal(text, CASES[i].want);
    }
    report_duration(999, text);
    assert_string_equal(text, "999ms");
    report_duration(3240, text);
    assert_string_equal(text, "3.2s");
}

static void
test_summary_layout(void **state)
{
    static const ExportConfig EXPORT = {
        .name = "stock_levels",
        .format = FORMAT_CSV,
        .tuning = {.profile = PROFILE_SAFE, .is_profile_named = true, .batch_size = 2000},
    };
    ExportResult result = {
        .export = &EXPORT,
        .run_id = "stock_levels_20260102T030405.678",
        .status = STATUS_SUCCESS,
        .row_count = 4210,
        .file_count = 1,
        .byte_count = 98611,
        .duration_ms = 740,
        .peak_rss_bytes = UINT64_C(31) << 20,
        .validated = CHECK_PASSED,
        .schema = SCHEMA_UNCHANGED,
        .quality = CHECK_PASSED,
    };
    Buffer text = {0};

    (void)state;
    report_summary(&result, &text);
    assert_string_equal(buffer_text(&text), "\n── stock_levels ──\n"
                                            "  run_id:      stock_levels_20260102T030405.678\n"
                                            "  status:      success\n"
                                            "  tuning:      profile=safe, batch_size=2000\n"
                                            "  rows:        4210\n"
                                            "  files:       1\n"
                                            "  bytes:       96.3 KB\n"
                                            "  duration:    740ms\n"
                                            "  peak RSS:    31MB (sampled during run)\n"
                                            "  validated:   pass\n"
                                            "  schema:      unchanged\n"
                                            "  quality:     pass\n");
    buffer_release(&text);
}

static void
test_summary_of_a_failure(void **state)
{
    static const ExportConfig EXPORT = {
        .name = "orders",
        .format = FORMAT_PARQUET,
        .compression = COMPRESSION_SNAPPY,
        .tuning = {.profile = PROFILE_BALANCED,
                   .batch_size = 10000,
                   .batch_size_memory_mb = {true, 64}},
    };
    ExportResult result = {
        .export = &EXPORT,
        .run_id = "r",
        .duration_ms = 12345,
        .retry_count = 2,
        .policy_counts = {.infinity = 3, .zero_dates = 1},
    };
    Buffer text = {0};

    (void)state;
    error_set(&result.error, ERR_QUERY, "relation \"x\" does not exist");
    report_summary(&result, &text);
    assert_string_equal(
        buffer_text(&text),
        "\n── orders ──\n"
        "  run_id:      r\n"
        "  status:      failed\n"
        "  tuning:      profile=balanced (default), batch_size=10000 (batch_size_memory_mb=64MiB "
        "→ effective FETCH in logs)\n"
        "  rows:        0\n"
        "  files:       0\n"
        "  duration:    12.3s\n"
        "  compression: snappy\n"
        "  retries:     2\n"
        "  policies:    infinity=3, zero_dates=1\n"
        "  error:       relation \"x\" does not exist\n");
    buffer_release(&text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_human_sizes),
        cmocka_unit_test(test_summary_layout),
        cmocka_unit_test(test_summary_of_a_failure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
