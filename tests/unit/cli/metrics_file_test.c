#include "../test.h"

#include <sys/stat.h>
#include <unistd.h>

#include "cli/metrics_file.h"
#include "cli/output_file.h"

static const char SUMMARY[] =
    "{\"exports\": [{\"export\": \"a\", \"status\": \"success\", \"rows\": 7, \"files\": 1,"
    " \"bytes\": 900, \"duration_ms\": 1500, \"peak_rss_bytes\": 4096, \"retries\": 2},"
    " {\"export\": \"q\\\"b\\\\\", \"status\": \"failed\"}]}";

static const char *const WANTED[] = {
    "# TYPE rivet_export_success gauge\n",
    "rivet_export_success{export=\"a\"} 1\n",
    "rivet_export_success{export=\"q\\\"b\\\\\"} 0\n",
    "# UNIT rivet_export_duration_seconds seconds\n",
    "rivet_export_duration_seconds{export=\"a\"} 1.5\n",
    "rivet_export_finished_timestamp_seconds{export=\"a\"} 1700000000.25\n",
    "rivet_export_rows{export=\"a\"} 7\n",
    "rivet_export_rows{export=\"q\\\"b\\\\\"} 0\n",
    "rivet_export_size_bytes{export=\"a\"} 900\n",
    "rivet_export_retries{export=\"a\"} 2\n",
};

static void
test_text(void **state)
{
    json_t *summary = json_loads(SUMMARY, 0, NULL);
    Buffer out = {0};

    (void)state;
    assert_non_null(summary);
    metrics_file_text(summary, INT64_C(1700000000250000), &out);
    const char *text = buffer_text(&out);
    for (size_t i = 0; i < ARRAY_LENGTH(WANTED); i++)
        if (strstr(text, WANTED[i]) == NULL)
            fail_msg("no %s in\n%s", WANTED[i], text);
    assert_string_equal(text + out.size - strlen("\n# EOF\n"), "\n# EOF\n");
    buffer_release(&out);
    json_decref(summary);
}

static void
test_replace(void **state)
{
    char folder[] = "/tmp/rivet_output_XXXXXX";
    char path[64];
    char text[16] = {0};
    struct stat before, after;
    Error err = ERROR_INIT;
    Buffer content = {0};

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/metrics.prom", folder);
    assert_ok(output_file_check(path, &err), &err);
    assert_int_not_equal(stat(path, &before), 0); /* the check leaves nothing */
    buffer_append_text(&content, "first");
    assert_ok(output_file_replace(path, &content, &err), &err);
    assert_int_equal(stat(path, &before), 0);
    buffer_reset(&content);
    buffer_append_text(&content, "second");
    assert_ok(output_file_replace(path, &content, &err), &err);
    assert_int_equal(stat(path, &after), 0);
    assert_true(before.st_ino != after.st_ino); /* replaced, not rewritten */
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fread(text, 1, sizeof(text), file), 6);
    fclose(file);
    assert_string_equal(text, "second");
    unlink(path);
    assert_int_equal(rmdir(folder), 0); /* and nothing else is there */
    assert_error(output_file_check(path, &err), &err, ERR_IO, path);
    error_clear(&err);
    assert_error(output_file_replace(path, &content, &err), &err, ERR_IO, path);
    buffer_release(&content);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_replace),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
