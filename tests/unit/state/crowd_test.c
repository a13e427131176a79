/* Many processes at one state file, and processes that are killed. */
#include "child.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    PROCESSES = 20,
    METRICS_EACH = 25,
    FIRST_OPENS = 10,
    UNITS_EACH = 10,
    KILLS = 25,
    TASKS = 60
};

/* Children wait here until the last of them is there. */
static int gate[2];

static void
wait_at_gate(void)
{
    char byte;

    close(gate[1]);
    while (read(gate[0], &byte, 1) > 0)
        ;
}

static void
run_crowd(ChildStep step, Fixture *fixture, size_t process_count)
{
    pid_t pids[PROCESSES];

    assert_true(process_count <= PROCESSES);
    assert_int_equal(pipe(gate), 0);
    for (size_t i = 0; i < process_count; i++)
        pids[i] = child_start(step, fixture);
    close(gate[0]);
    close(gate[1]);
    for (size_t i = 0; i < process_count; i++)
        child_join(pids[i]);
}

static bool
report_error(const Fixture *fixture)
{
    fprintf(stderr, "%s: %s\n", fixture->err.context, fixture->err.message);
    return false;
}

static bool
add_some_metrics(Fixture *fixture)
{
    const MetricRow metric = {.export_name = "orders", .status = "success"};
    State *state = NULL;

    wait_at_gate();
    if (!state_open(fixture->path, true, &state, &fixture->err))
        return report_error(fixture);
    for (int i = 0; i < METRICS_EACH; i++)
        if (!state_metric_add(state, &metric, &fixture->err))
            return report_error(fixture);
    state_close(state);
    return true;
}

static void
test_a_crowd_at_a_fresh_file(void **context)
{
    Fixture *fixture = *context;

    run_crowd(add_some_metrics, fixture, PROCESSES);
    assert_int_equal(fixture_number(fixture->path, "SELECT COUNT(*) FROM export_metrics"),
                     PROCESSES * METRICS_EACH);
    assert_int_equal(fixture_number(fixture->path, "SELECT COUNT(*) FROM schema_version"), 4);
}

static bool
open_once(Fixture *fixture)
{
    State *state = NULL;

    wait_at_gate();
    if (!state_open(fixture->path, true, &state, &fixture->err))
        return report_error(fixture);
    /* No close: nobody checkpoints, so that the next round finds what a killed crowd leaves. */
    return true;
}

static void
test_first_opens_do_not_collide(void **context)
{
    Fixture *fixture = *context;

    for (int i = 0; i < FIRST_OPENS; i++) {
        run_crowd(open_once, fixture, PROCESSES);
        assert_int_equal(fixture_number(fixture->path, "SELECT COUNT(*) FROM schema_version"), 4);
        unlink(fixture->path);
    }
}

/* A run of its own, several units: changes that read before they write. */
static bool
deliver_units(Fixture *fixture)
{
    State *state = NULL;
    Error *err = &fixture->err;
    const char *owner = state_owner_self(&fixture->arena);
    RunRow run = fixture_run(owner, "orders");

    wait_at_gate();
    run.owner = owner;
    if (!state_open(fixture->path, true, &state, err) || !state_run_start(state, &run, err))
        return report_error(fixture);
    for (int64_t unit = 0; unit < UNITS_EACH; unit++) {
        PartRow part = fixture_part(owner, unit, 0, "k");
        UnitRecord record = {.run_id = owner,
                             .export_name = "orders",
                             .owner = owner,
                             .unit = unit,
                             .is_last_unit = unit + 1 == UNITS_EACH};
        if (!state_part_open(state, &part, err) || !state_part_seal(state, &part, err) ||
            !state_unit_intend(state, owner, unit, owner, NULL, NULL, err) ||
            !state_unit_record(state, &record, err))
            return report_error(fixture);
    }
    state_close(state);
    return true;
}

static void
test_a_crowd_that_delivers(void **context)
{
    Fixture *fixture = *context;

    run_crowd(deliver_units, fixture, PROCESSES);
    assert_int_equal(
        fixture_number(fixture->path, "SELECT COUNT(*) FROM run WHERE status = 'done'"), PROCESSES);
    assert_int_equal(fixture_number(fixture->path, "SELECT COUNT(*) FROM file_manifest"),
                     PROCESSES * UNITS_EACH);
}

/* Every open is a checkpoint by whoever happens to be alone: none may lose or repeat a row. */
static bool
open_add_close(Fixture *fixture)
{
    const MetricRow metric = {.export_name = "orders", .status = "success"};

    wait_at_gate();
    for (int i = 0; i < METRICS_EACH; i++) {
        State *state = NULL;
        if (!state_open(fixture->path, true, &state, &fixture->err) ||
            !state_metric_add(state, &metric, &fixture->err))
            return report_error(fixture);
        state_close(state);
    }
    return true;
}

static void
test_a_crowd_that_comes_and_goes(void **context)
{
    enum { COMERS = 4 };
    Fixture *fixture = *context;

    run_crowd(open_add_close, fixture, COMERS);
    assert_int_equal(fixture_number(fixture->path, "SELECT COUNT(*) FROM export_metrics"),
                     COMERS * METRICS_EACH);
    assert_int_equal(fixture_number(fixture->path,
                                    "SELECT COUNT(*) = 0 FROM pragma_integrity_check "
                                    "WHERE integrity_check <> 'ok'"),
                     1);
}

static bool
claim_all(Fixture *fixture)
{
    State *state = NULL;
    bool found = true;

    wait_at_gate();
    if (!state_open(fixture->path, true, &state, &fixture->err))
        return report_error(fixture);
    while (found) {
        ChunkTaskRow task = {0};
        if (!state_chunk_claim(state, "r1", &fixture->arena, &task, &found, &fixture->err))
            return report_error(fixture);
    }
    state_close(state);
    return true;
}

static void
test_no_task_is_claimed_twice(void **context)
{
    Fixture *fixture = *context;
    RunRow run = fixture_run("r1", "orders");
    ChunkRunRow plan = {
        .run_id = "r1", .export_name = "orders", .plan_hash = "h", .max_chunk_attempts = 3};
    ChunkTaskRow tasks[TASKS] = {{0}};

    for (int64_t i = 0; i < TASKS; i++)
        tasks[i] = (ChunkTaskRow){.chunk_index = i, .start_key = "1", .end_key = "2"};
    fixture_open(fixture);
    assert_ok(state_run_start(fixture->state, &run, &fixture->err), &fixture->err);
    assert_ok(state_chunk_plan(fixture->state, &plan, tasks, TASKS, &fixture->err), &fixture->err);
    state_close(fixture->state);
    fixture->state = NULL;
    run_crowd(claim_all, fixture, 4);
    assert_int_equal(fixture_number(fixture->path, "SELECT COUNT(*) FROM chunk_task "
                                                   "WHERE status = 'running' AND attempts = 1"),
                     TASKS);
}

/* Adds for ever and says so in the pipe after each. */
static int acknowledged[2];

static bool
add_and_acknowledge(Fixture *fixture)
{
    const MetricRow metric = {.export_name = "orders", .status = "success"};
    State *state = NULL;

    if (!state_open(fixture->path, true, &state, &fixture->err))
        return report_error(fixture);
    while (state_metric_add(state, &metric, &fixture->err))
        if (write(acknowledged[1], "+", 1) != 1)
            return false;
    return report_error(fixture);
}

static int64_t
count_acknowledged(void)
{
    char bytes[4096];
    int64_t count = 0;
    struct pollfd ready = {.fd = acknowledged[0], .events = POLLIN};

    while (poll(&ready, 1, 0) > 0 && (ready.revents & POLLIN) != 0)
        count += read(acknowledged[0], bytes, sizeof(bytes));
    return count;
}

static void
test_what_returned_true_survives_a_kill(void **context)
{
    Fixture *fixture = *context;
    int64_t least = 0;

    assert_int_equal(pipe(acknowledged), 0);
    for (int kill_number = 0; kill_number < KILLS; kill_number++) {
        char byte;
        pid_t pid = child_start(add_and_acknowledge, fixture);
        /* Every second one works a little first; the others die wherever they are. */
        for (int i = 0; kill_number % 2 == 1 && i <= kill_number % 5; i++)
            least += read(acknowledged[0], &byte, 1);
        usleep((useconds_t)(kill_number * 700));
        kill(pid, SIGKILL);
        child_join_killed(pid, SIGKILL);
        least += count_acknowledged();
        if (access(fixture->path, F_OK) != 0)
            continue; /* killed before it got that far */
        fixture_open(fixture);
        int64_t stored = fixture_number(fixture->path, "SELECT COUNT(*) FROM export_metrics");
        assert_in_range(stored, least, least + 1);
        least = stored; /* one more may have been written than was told */
    }
    assert_true(least > KILLS);
    close(acknowledged[0]);
    close(acknowledged[1]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(test_a_crowd_at_a_fresh_file),
        FIXTURE_TEST(test_first_opens_do_not_collide),
        FIXTURE_TEST(test_a_crowd_that_delivers),
        FIXTURE_TEST(test_a_crowd_that_comes_and_goes),
        FIXTURE_TEST(test_no_task_is_claimed_twice),
        FIXTURE_TEST(test_what_returned_true_survives_a_kill),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
