#include "../test.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "preflight/doctor.h"

static size_t
count_files(const char *path)
{
    size_t count = 0;
    DIR *directory = opendir(path);

    assert_non_null(directory);
    for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory))
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(directory);
    return count;
}

static void
test_probe_leaves_nothing(void **state)
{
    char path[] = "/tmp/rivet_doctor_XXXXXX";
    Arena arena = {0};
    Error err = ERROR_INIT;

    (void)state;
    assert_non_null(mkdtemp(path));
    const DestinationConfig config = {.kind = DESTINATION_LOCAL, .path = path};
    assert_ok(doctor_probe_destination(&config, &arena, &err), &err);
    assert_ok(doctor_probe_destination(&config, &arena, &err), &err);
    assert_int_equal(count_files(path), 0);
    rmdir(path);
    arena_release(&arena);
}

static void
test_probe_fails(void **state)
{
    char path[] = "/tmp/rivet_doctor_XXXXXX";
    int fd = mkstemp(path);
    Arena arena = {0};
    Error err = ERROR_INIT;

    (void)state;
    assert_true(fd >= 0);
    close(fd);
    const DestinationConfig config = {.kind = DESTINATION_LOCAL, .path = path};
    assert_false(doctor_probe_destination(&config, &arena, &err));
    assert_int_not_equal(err.code, ERR_NONE);
    unlink(path);
    arena_release(&arena);
}

static void
test_label(void **state)
{
    static const struct {
        DestinationConfig config;
        const char *want;
    } cases[] = {
        {{.kind = DESTINATION_LOCAL, .path = "./dev/output"}, "Local(./dev/output)"},
        {{.kind = DESTINATION_LOCAL, .prefix = "out"}, "Local(out)"},
        {{.kind = DESTINATION_LOCAL}, "Local(.)"},
        {{.kind = DESTINATION_S3, .bucket = "b", .prefix = "p/"}, "S3(b)"},
        {{.kind = DESTINATION_GCS, .bucket = "b"}, "GCS(b)"},
    };
    Arena arena = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
        assert_string_equal(doctor_destination_label(&cases[i].config, &arena), cases[i].want);
    arena_release(&arena);
}

static void
test_same(void **state)
{
    static const struct {
        DestinationConfig a, b;
        bool want;
    } cases[] = {
        {{.kind = DESTINATION_LOCAL, .path = "a"}, {.kind = DESTINATION_LOCAL, .path = "a"}, true},
        {{.kind = DESTINATION_LOCAL, .path = "a"}, {.kind = DESTINATION_LOCAL, .path = "b"}, false},
        {{.kind = DESTINATION_LOCAL, .path = "a"},
         {.kind = DESTINATION_LOCAL, .prefix = "a"},
         true},
        {{.kind = DESTINATION_LOCAL, .path = "."}, {.kind = DESTINATION_LOCAL}, true},
        {{.kind = DESTINATION_S3, .bucket = "a"}, {.kind = DESTINATION_GCS, .bucket = "a"}, false},
        {{.kind = DESTINATION_S3, .bucket = "a"}, {.kind = DESTINATION_S3, .bucket = "b"}, false},
        {{.kind = DESTINATION_S3, .bucket = "a", .prefix = "p"},
         {.kind = DESTINATION_S3, .bucket = "a", .prefix = "q"},
         false},
        {{.kind = DESTINATION_S3, .bucket = "a", .endpoint = "http://x"},
         {.kind = DESTINATION_S3, .bucket = "a"},
         false},
        {{.kind = DESTINATION_S3, .bucket = "a"}, {.kind = DESTINATION_S3, .bucket = "a"}, true},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
        if (doctor_same_destination(&cases[i].a, &cases[i].b) != cases[i].want)
            fail_msg("row %zu", i);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_probe_leaves_nothing),
        cmocka_unit_test(test_probe_fails),
        cmocka_unit_test(test_label),
        cmocka_unit_test(test_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
