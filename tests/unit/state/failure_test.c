/* Disks and rights that fail: a clear ERR_STATE, nothing half-done, work goes on afterwards. */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SOME_METRICS = 4000 };

static bool
add_metric(Fixture *fixture)
{
    const MetricRow metric = {.export_name = "orders",
                              .status = "failed",
                              .error_message = "some text that makes the row a little longer"};

    return state_metric_add(fixture->state, &metric, &fixture->err);
}

/* Adds until it fails; *added rows are acknowledged. */
static bool
add_until_failure(Fixture *fixture, int64_t *added)
{
    for (*added = 0; *added < SOME_METRICS; ++*added)
        if (!add_metric(fixture))
            return child_expect(fixture, "");
    fprintf(stderr, "nothing failed\n");
    return false;
}

static bool
has_metrics(Fixture *fixture, int64_t want)
{
    int64_t count = fixture_number(fixture->path, "SELECT COUNT(*) FROM export_metrics");

    if (count != want)
        fprintf(stderr, "%" PRId64 " metrics instead of %" PRId64 "\n", count, want);
    return count == want;
}

static bool
open_in_child(Fixture *fixture)
{
    if (state_open(fixture->path, true, &fixture->state, &fixture->err))
        return true;
    fprintf(stderr, "%s\n", fixture->err.message);
    return false;
}

/* ---- a limit on the size of files, as a full disk ---- */

static bool
hit_file_size_limit(Fixture *fixture)
{
    struct rlimit limit = {.rlim_cur = 200 * 1024, .rlim_max = RLIM_INFINITY};
    int64_t added = 0;

    signal(SIGXFSZ, SIG_IGN); /* as every rivet does at its start */
    if (!open_in_child(fixture) || setrlimit(RLIMIT_FSIZE, &limit) != 0 ||
        !add_until_failure(fixture, &added) || !has_metrics(fixture, added))
        return false;
    limit.rlim_cur = RLIM_INFINITY;
    error_clear(&fixture->err);
    return setrlimit(RLIMIT_FSIZE, &limit) == 0 && add_metric(fixture) &&
           has_metrics(fixture, added + 1);
}

static void
test_file_size_limit(void **context)
{
    Fixture *fixture = *context;

    child_run(hit_file_size_limit, fixture);
    fixture_open(fixture);
    assert_true(add_metric(fixture));
}

static bool
open_without_room(Fixture *fixture)
{
    struct rlimit limit = {.rlim_cur = 1024, .rlim_max = RLIM_INFINITY};

    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
        return false;
    if (state_open(fixture->path, true, &fixture->state, &fixture->err))
        return false;
    return child_expect(fixture, "");
}

static void
test_no_room_for_a_new_file(void **context)
{
    Fixture *fixture = *context;

    child_run(open_without_room, fixture);
    fixture_open(fixture); /* what was left behind does no harm */
    assert_true(add_metric(fixture));
}

/* ---- a disk that is full ---- */

static bool
fill_disk(Fixture *fixture)
{
    char path[256];
    char zeros[4096] = {0};
    int64_t added = 0;

    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", fixture->folder, "tmpfs", 0, "size=512k,mode=0777") != 0)
        return true; /* no right to mount: test_file_size_limit has to do */
    if (!open_in_child(fixture))
        return false;
    snprintf(path, sizeof(path), "%s/filler", fixture->folder);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    for (int i = 0; i < 60; i++)
        if (write(fd, zeros, sizeof(zeros)) < 0)
            break;
    close(fd);
    if (!add_until_failure(fixture, &added))
        return false;
    unlink(path);
    error_clear(&fixture->err);
    return has_metrics(fixture, added) && add_metric(fixture) && has_metrics(fixture, added + 1);
}

static void
test_full_disk(void **context)
{
    child_run(fill_disk, *context);
}

/* ---- rights ---- */

static bool
open_as_stranger(Fixture *fixture)
{
    if (!child_drop_privileges())
        return true; /* not root: nobody else to be */
    if (state_open(fixture->path, true, &fixture->state, &fixture->err))
        return false;
    return child_expect(fixture, "");
}

static void
test_a_file_of_someone_else(void **context)
{
    Fixture *fixture = *context;

    fixture_open(fixture);
    child_run(open_as_stranger, fixture);
    assert_true(add_metric(fixture));
}

static void
test_a_folder_that_is_not_writable(void **context)
{
    Fixture *fixture = *context;

    assert_int_equal(chmod(fixture->folder, 0755), 0);
    child_run(open_as_stranger, fixture);
    assert_int_equal(access(fixture->path, F_OK), -1);
}

static bool
open_read_only_mount(Fixture *fixture)
{
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount(fixture->folder, fixture->folder, NULL, MS_BIND, NULL) != 0 ||
        mount(NULL, fixture->folder, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL) != 0)
        return true;
    if (state_open(fixture->path, true, &fixture->state, &fixture->err))
        return false;
    return child_expect(fixture, "Read-only");
}

static void
test_a_read_only_file_system(void **context)
{
    Fixture *fixture = *context;

    child_run(open_read_only_mount, fixture);
    fixture_open(fixture);
    state_close(fixture->state);
    fixture->state = NULL;
    child_run(open_read_only_mount, fixture);
}

/* The file is ours but not writable: only for users whom the mode binds. */
static bool
open_own_read_only_file(Fixture *fixture)
{
    if (!child_drop_privileges())
        return true;
    if (!open_in_child(fixture))
        return false;
    state_close(fixture->state);
    if (chmod(fixture->path, 0400) != 0)
        return false;
    if (state_open(fixture->path, true, &fixture->state, &fixture->err))
        return false;
    return child_expect(fixture, "readonly");
}

static void
test_a_read_only_file(void **context)
{
    child_run(open_own_read_only_file, *context);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(test_file_size_limit),
        FIXTURE_TEST(test_no_room_for_a_new_file),
        FIXTURE_TEST(test_full_disk),
        FIXTURE_TEST(test_a_file_of_someone_else),
        FIXTURE_TEST(test_a_folder_that_is_not_writable),
        FIXTURE_TEST(test_a_read_only_file_system),
        FIXTURE_TEST(test_a_read_only_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
