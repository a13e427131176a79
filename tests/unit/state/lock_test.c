/* The lock of an export: who has it, who is told, what frees it (spec: delivery §1). */
#include "child.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int ready_pipe[2];

/* Takes the lock, says so, and waits to be killed. */
static bool
hold_lock(Fixture *fixture)
{
    State *state = NULL;
    ExportLock *lock = NULL;

    if (!state_open(fixture->path, true, &state, &fixture->err) ||
        !state_lock(state, "orders", &lock, &fixture->err) ||
        !state_lock_describe(lock, "orders_20260102T030405.678", &fixture->err) ||
        write(ready_pipe[1], "+", 1) != 1)
        return false;
    for (;;)
        pause();
}

static pid_t
start_holder(Fixture *fixture)
{
    char byte;

    assert_int_equal(pipe(ready_pipe), 0);
    pid_t pid = child_start(hold_lock, fixture);
    close(ready_pipe[1]);
    assert_int_equal(read(ready_pipe[0], &byte, 1), 1);
    close(ready_pipe[0]);
    return pid;
}

static void
assert_free(Fixture *fixture, const char *export_name)
{
    ExportLock *lock = NULL;

    assert_ok(state_lock(fixture->state, export_name, &lock, &fixture->err), &fixture->err);
    state_unlock(lock);
}

static void
test_second_process_is_told_who(void **context)
{
    Fixture *fixture = *context;
    ExportLock *lock = NULL;
    char pid_text[32];

    fixture_open(fixture);
    pid_t pid = start_holder(fixture);
    snprintf(pid_text, sizeof(pid_text), "process %ld ", (long)pid);
    assert_error(state_lock(fixture->state, "orders", &lock, &fixture->err), &fixture->err,
                 ERR_LOCKED, pid_text);
    assert_non_null(strstr(fixture->err.message, "orders_20260102T030405.678"));
    assert_non_null(fixture->err.hint);
    assert_null(lock);
    error_clear(&fixture->err);
    assert_free(fixture, "users");

    /* Paused is not dead. */
    kill(pid, SIGSTOP);
    assert_error(state_lock(fixture->state, "orders", &lock, &fixture->err), &fixture->err,
                 ERR_LOCKED, pid_text);
    error_clear(&fixture->err);

    kill(pid, SIGKILL);
    child_join_killed(pid, SIGKILL);
    assert_free(fixture, "orders");
}

static void
test_within_one_process(void **context)
{
    Fixture *fixture = *context;
    ExportLock *first = NULL;
    ExportLock *second = NULL;

    fixture_open(fixture);
    for (int i = 0; i < 3; i++) {
        assert_ok(state_lock(fixture->state, "orders", &first, &fixture->err), &fixture->err);
        assert_error(state_lock(fixture->state, "orders", &second, &fixture->err), &fixture->err,
                     ERR_LOCKED, "orders");
        assert_null(
            strstr(fixture->err.message, "(run")); /* not described yet, nor the last one's */
        error_clear(&fixture->err);
        assert_ok(state_lock_describe(first, "r1", &fixture->err), &fixture->err);
        state_unlock(first);
    }
    state_unlock(NULL);
}

static void
test_a_started_program_does_not_inherit(void **context)
{
    Fixture *fixture = *context;
    ExportLock *lock = NULL;
    int status_pipe[2];
    char byte;

    fixture_open(fixture);
    assert_ok(state_lock(fixture->state, "orders", &lock, &fixture->err), &fixture->err);
    assert_int_equal(pipe2(status_pipe, O_CLOEXEC), 0);
    pid_t pid = fork();
    if (pid == 0) {
        execl("/bin/sleep", "sleep", "60", (char *)NULL);
        _exit(1);
    }
    close(status_pipe[1]);
    assert_int_equal(read(status_pipe[0], &byte, 1), 0); /* closed by the exec */
    close(status_pipe[0]);
    /* Closed, not unlocked: as the kernel does when the holder dies. */
    close(*(int *)(void *)lock);
    free(lock);
    assert_free(fixture, "orders");
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

/* A child that has not called exec yet must not keep what its parent gave back. */
static void
test_unlock_counts_for_forked_children(void **context)
{
    Fixture *fixture = *context;
    ExportLock *lock = NULL;

    fixture_open(fixture);
    assert_ok(state_lock(fixture->state, "orders", &lock, &fixture->err), &fixture->err);
    pid_t pid = fork();
    if (pid == 0) {
        pause();
        _exit(0);
    }
    state_unlock(lock);
    assert_free(fixture, "orders");
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static void
test_names_are_kept_apart(void **context)
{
    enum { LONG = 400 };
    Fixture *fixture = *context;
    char long_one[LONG + 1];
    char long_two[LONG + 1];
    ExportLock *locks[12] = {NULL};

    memset(long_one, 'x', LONG);
    long_one[LONG] = '\0';
    memcpy(long_two, long_one, sizeof(long_two));
    long_two[LONG - 1] = 'y';
    const char *const names[] = {"a", "A",   "a b", "a%20b",  "..",     ".",
                                 "",  "a/b", "ä",   "orders", long_one, long_two};
    assert_int_equal(ARRAY_LENGTH(names), ARRAY_LENGTH(locks));

    fixture_open(fixture);
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
        assert_ok(state_lock(fixture->state, names[i], &locks[i], &fixture->err), &fixture->err);
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
        state_unlock(locks[i]);
}

static void
test_a_link_is_the_same_state(void **context)
{
    Fixture *fixture = *context;
    char link_path[256];
    State *other = NULL;
    ExportLock *lock = NULL;
    ExportLock *second = NULL;

    fixture_open(fixture);
    assert_ok(state_lock(fixture->state, "orders", &lock, &fixture->err), &fixture->err);
    snprintf(link_path, sizeof(link_path), "%s/other.db", fixture->folder);
    assert_int_equal(symlink(".rivet_state.db", link_path), 0);
    assert_ok(state_open(link_path, true, &other, &fixture->err), &fixture->err);
    assert_error(state_lock(other, "orders", &second, &fixture->err), &fixture->err, ERR_LOCKED,
                 "orders");
    error_clear(&fixture->err);
    state_close(other);
    state_unlock(lock);
    /* A link to nothing is an error, not a file somewhere else. */
    unlink(link_path);
    assert_int_equal(symlink("nowhere/x.db", link_path), 0);
    assert_false(state_open(link_path, true, &other, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_STATE);
}

static void
test_files_are_private(void **context)
{
    Fixture *fixture = *context;
    char path[256];
    struct stat status;
    mode_t mask = umask(0);

    fixture_open(fixture);
    assert_free(fixture, "orders");
    umask(mask);
    snprintf(path, sizeof(path), "%s.locks", fixture->path);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0700);
    snprintf(path, sizeof(path), "%s.locks/orders.lock", fixture->path);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
}

static void
test_holder_text_changed_by_hand(void **context)
{
    static const char *const TEXTS[] = {"",   "x",        "-5\nr\n", "99999999999999999999999\nr\n",
                                        "12", "12 \nr\n", "\n\n\n"};
    Fixture *fixture = *context;
    ExportLock *lock = NULL;
    ExportLock *second = NULL;
    char path[256];

    fixture_open(fixture);
    assert_ok(state_lock(fixture->state, "orders", &lock, &fixture->err), &fixture->err);
    snprintf(path, sizeof(path), "%s.locks/orders.lock", fixture->path);
    for (size_t i = 0; i < ARRAY_LENGTH(TEXTS); i++) {
        FILE *file = fopen(path, "w");
        fputs(TEXTS[i], file);
        fclose(file);
        assert_error(state_lock(fixture->state, "orders", &second, &fixture->err), &fixture->err,
                     ERR_LOCKED, "orders");
        error_clear(&fixture->err);
    }
    state_unlock(lock);
}

static void
test_long_run_ids_are_cut(void **context)
{
    Fixture *fixture = *context;
    ExportLock *lock = NULL;
    ExportLock *second = NULL;
    char run_id[2000];

    memset(run_id, 'r', sizeof(run_id));
    run_id[sizeof(run_id) - 1] = '\0';
    fixture_open(fixture);
    assert_ok(state_lock(fixture->state, "orders", &lock, &fixture->err), &fixture->err);
    assert_ok(state_lock_describe(lock, run_id, &fixture->err), &fixture->err);
    assert_error(state_lock(fixture->state, "orders", &second, &fixture->err), &fixture->err,
                 ERR_LOCKED, "rrrr");
    state_unlock(lock);
}

static void
test_owner_text(void **context)
{
    Fixture *fixture = *context;
    const char *owner = state_owner_self(&fixture->arena);
    char pid_text[32];

    snprintf(pid_text, sizeof(pid_text), ":%ld:", (long)getpid());
    const char *at = strstr(owner, pid_text);
    assert_non_null(at);
    assert_ptr_not_equal(at, owner);
    assert_true(strtoull(at + strlen(pid_text), NULL, 10) > 0);
    assert_string_equal(owner, state_owner_self(&fixture->arena));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(test_second_process_is_told_who),
        FIXTURE_TEST(test_within_one_process),
        FIXTURE_TEST(test_a_started_program_does_not_inherit),
        FIXTURE_TEST(test_unlock_counts_for_forked_children),
        FIXTURE_TEST(test_names_are_kept_apart),
        FIXTURE_TEST(test_a_link_is_the_same_state),
        FIXTURE_TEST(test_files_are_private),
        FIXTURE_TEST(test_holder_text_changed_by_hand),
        FIXTURE_TEST(test_long_run_ids_are_cut),
        FIXTURE_TEST(test_owner_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
