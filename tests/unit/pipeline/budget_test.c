#include "../test.h"

#include "pipeline/budget.h"

enum { MIB = 1024 * 1024 };

static const struct {
    const char *name;
    DestinationKind kind;
    int64_t upload_parallel, part_mb;
    int64_t max_memory_mb, workers;
    bool is_unique;
    int64_t want_upload_mb, want_share_mb;
} CASES[] = {
    {"local", DESTINATION_LOCAL, 2, 8, 256, 1, false, 0, 256},
    {"local, a share below the least", DESTINATION_LOCAL, 2, 8, 48, 8, false, 0, 12},
    {"stdout", DESTINATION_STDOUT, 2, 8, 256, 4, true, 0, 64},
    {"s3: two parts on their way and one that fills", DESTINATION_S3, 2, 8, 256, 1, false, 24, 256},
    {"s3, more than a quarter of the share", DESTINATION_S3, 2, 8, 256, 4, true, 24, 64},
    {"s3, uploads alone are more than the share", DESTINATION_S3, 2, 8, 48, 4, false, 24, 36},
    {"s3, the largest", DESTINATION_S3, 64, 5120, 256, 1, true, 332800, 332812},
    {"gcs: one part, in order", DESTINATION_GCS, 2, 8, 256, 1, false, 8, 256},
    {"gcs, a share below the least", DESTINATION_GCS, 64, 8, 12, 1, true, 8, 20},
};

/* What the shares add up to is what there is, uploads as they really are. */
static void
shares_leave_room_for_uploads(void **state)
{
    static const char *const UNIQUE[] = {"id"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        const Config config = {.max_memory_mb = CASES[i].max_memory_mb};
        ExportConfig export = {.destination = {.kind = CASES[i].kind,
                                               .upload_parallel = CASES[i].upload_parallel,
                                               .part_mb = CASES[i].part_mb}};
        if (CASES[i].is_unique)
            export.quality.unique_columns = (TextList){.items = UNIQUE, .count = 1};
        Budget budget = budget_share(&config, &export, CASES[i].workers);
        size_t sum = 2 * budget.batch_bytes + budget.writer_bytes + budget.unique_bytes;
        print_message("%s\n", CASES[i].name);
        assert_int_equal(sum, (CASES[i].want_share_mb - CASES[i].want_upload_mb) * MIB);
        assert_int_equal(budget.cell_bytes, CASES[i].want_share_mb * MIB);
        assert_int_equal(budget_worker_min_mb(&export), 12 + CASES[i].want_upload_mb);
        assert_true(budget.writer_bytes >= sum / 2);
        assert_int_equal(budget.unique_bytes > 0, CASES[i].is_unique);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_leave_room_for_uploads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
