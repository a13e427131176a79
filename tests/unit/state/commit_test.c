/* COMMITs that fail, and processes that die around them (spec: delivery §6). */
#include "child.h"
#include "faulty_vfs.h"

#include "state/connection.h"

#include <signal.h>
#include <unistd.h>

static const char OWNER[] = "host:1:1";
static FaultyVfs *faults;

static int
set_up(void **context)
{
    *faults = (FaultyVfs){0};
    return fixture_set_up(context);
}

static int
tear_down(void **context)
{
    *faults = (FaultyVfs){0};
    return fixture_tear_down(context);
}

static State *
start_sealed(Fixture *fixture)
{
    RunRow run = fixture_run("r1", "orders");
    State *state = fixture_open(fixture);

    assert_ok(state_run_start(state, &run, &fixture->err), &fixture->err);
    fixture_seal_part(fixture, "r1", 0, 0, "k0");
    fixture_seal_part(fixture, "r1", 0, 1, "k1");
    return state;
}

static bool
intend(Fixture *fixture)
{
    return state_unit_intend(fixture->state, "r1", 0, OWNER, NULL, NULL, &fixture->err);
}

static int64_t
count_status(Fixture *fixture, const char *status)
{
    PartRow *parts = NULL;
    size_t count = 0;

    assert_ok(state_part_list_status(fixture->state, "r1", status, &fixture->arena, &parts, &count,
                                     &fixture->err),
              &fixture->err);
    return (int64_t)count;
}

/* Written, not synced, then read back: the change counts once a checkpoint has stored it again. */
static void
test_written_but_not_synced(void **context)
{
    Fixture *fixture = *context;

    start_sealed(fixture);
    faults->fails_wal_sync = true;
    assert_false(intend(fixture)); /* the checkpoint cannot sync either */
    assert_int_equal(fixture->err.code, ERR_STATE);
    assert_non_null(strstr(fixture->err.context, "what is to be published"));
    error_clear(&fixture->err);
    /* Either answer is allowed here, but everyone must now see the same. */
    faults->fails_wal_sync = false;
    int64_t intents = count_status(fixture, "intent");
    assert_true(intents == 0 || intents == 2);
    fixture_open(fixture);
    assert_int_equal(count_status(fixture, "intent"), intents);
}

/* The disk recovers between the failed sync and the question. */
static void
rollback_heals(void *nothing)
{
    (void)nothing;
    faults->fails_wal_sync = false;
}

static void
test_ambiguous_commit_that_happened(void **context)
{
    Fixture *fixture = *context;
    State *state = start_sealed(fixture);

    sqlite3_rollback_hook(state->db, rollback_heals, NULL);
    faults->fails_wal_sync = true;
    assert_ok(intend(fixture), &fixture->err);
    assert_false(faults->fails_wal_sync); /* it did fail once */
    assert_int_equal(count_status(fixture, "intent"), 2);
    assert_int_equal(state->wal_pages, 0); /* and went through a checkpoint */
    fixture_open(fixture);
    assert_int_equal(count_status(fixture, "intent"), 2);
}

/* A neighbour keeps the checkpoint away, so nobody can promise that the change stays. */
static void
test_ambiguous_commit_with_a_neighbour(void **context)
{
    Fixture *fixture = *context;
    State *state = start_sealed(fixture);
    State *neighbour = NULL;

    assert_ok(state_open(fixture->path, true, &neighbour, &fixture->err), &fixture->err);
    sqlite3_rollback_hook(state->db, rollback_heals, NULL);
    faults->fails_wal_sync = true;
    assert_false(intend(fixture));
    error_clear(&fixture->err);
    int64_t intents = count_status(fixture, "intent");
    state_close(neighbour);
    fixture_open(fixture);
    assert_int_equal(count_status(fixture, "intent"), intents);
    /* The next try is definite again. */
    assert_ok(intend(fixture), &fixture->err);
    assert_int_equal(count_status(fixture, "intent"), 2);
}

static void
test_commit_that_did_not_happen(void **context)
{
    Fixture *fixture = *context;

    start_sealed(fixture);
    faults->fails_wal_write = true;
    assert_error(intend(fixture), &fixture->err, ERR_STATE, fixture->path);
    assert_non_null(fixture->err.hint);
    error_clear(&fixture->err);
    assert_int_equal(count_status(fixture, "sealed"), 2);
    faults->fails_wal_write = false;
    assert_ok(intend(fixture), &fixture->err);
    assert_int_equal(count_status(fixture, "intent"), 2);
}

/* When the file cannot even be opened again, every later call says so. */
static void
test_state_that_cannot_be_reopened(void **context)
{
    Fixture *fixture = *context;
    PartRow *parts = NULL;
    size_t count = 0;

    start_sealed(fixture);
    faults->fails_wal_write = true;
    faults->fails_open = true;
    assert_false(intend(fixture));
    error_clear(&fixture->err);
    assert_error(
        state_part_list(fixture->state, "r1", &fixture->arena, &parts, &count, &fixture->err),
        &fixture->err, ERR_STATE, "closed after an earlier error");
    error_clear(&fixture->err);
    assert_error(intend(fixture), &fixture->err, ERR_STATE, "closed after an earlier error");
    error_clear(&fixture->err);
    *faults = (FaultyVfs){0};
    fixture_open(fixture);
    assert_int_equal(count_status(fixture, "sealed"), 2);
}

static void
test_every_commit_is_synced(void **context)
{
    Fixture *fixture = *context;
    MetricRow metric = {.export_name = "a", .status = "success"};

    fixture_open(fixture);
    for (int i = 0; i < 5; i++) {
        int before = faults->wal_syncs;
        assert_ok(state_metric_add(fixture->state, &metric, &fixture->err), &fixture->err);
        assert_true(faults->wal_syncs > before);
    }
}

static void
test_extra_where_wal_is_refused(void **context)
{
    Fixture *fixture = *context;
    sqlite3_stmt *statement = NULL;

    faults->has_no_shm = true;
    State *state = start_sealed(fixture);
    assert_false(state->is_wal);
    assert_int_equal(sqlite3_prepare_v2(state->db, "PRAGMA synchronous", -1, &statement, NULL), 0);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int(statement, 0), 3);
    sqlite3_finalize(statement);
    assert_ok(intend(fixture), &fixture->err);
    fixture_open(fixture);
    assert_int_equal(count_status(fixture, "intent"), 2);
}

static void
test_a_busy_neighbour_is_waited_for_then_named(void **context)
{
    Fixture *fixture = *context;
    sqlite3 *neighbour = NULL;
    State *state = start_sealed(fixture);

    assert_int_equal(sqlite3_open(fixture->path, &neighbour), SQLITE_OK);
    assert_int_equal(sqlite3_exec(neighbour, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_busy_timeout(state->db, 50); /* 10 s outside of tests */
    assert_error(intend(fixture), &fixture->err, ERR_STATE, "locked");
    assert_non_null(strstr(fixture->err.hint, "another process"));
    error_clear(&fixture->err);
    sqlite3_close(neighbour);
    assert_ok(intend(fixture), &fixture->err);
}

#ifdef RIVET_FAULTS

static bool
intend_and_die(Fixture *fixture)
{
    return state_open(fixture->path, true, &fixture->state, &fixture->err) && intend(fixture);
}

static void
test_death_around_a(void **context)
{
    static const struct {
        const char *point;
        int64_t intents;
    } CASES[] = {{"state.intend.before", 0}, {"state.intend.after", 2}};
    Fixture *fixture = *context;

    start_sealed(fixture);
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        state_close(fixture->state);
        fixture->state = NULL;
        setenv("RIVET_FAULT", CASES[i].point, 1);
        pid_t pid = child_start(intend_and_die, fixture);
        unsetenv("RIVET_FAULT");
        child_join_killed(pid, SIGKILL);
        fixture_open(fixture);
        assert_int_equal(count_status(fixture, "intent"), CASES[i].intents);
    }
}

static void
test_fault_in_commit(void **context)
{
    Fixture *fixture = *context;

    start_sealed(fixture);
    setenv("RIVET_FAULT", "state.intend.commit=EIO", 1);
    assert_error(intend(fixture), &fixture->err, ERR_STATE, "");
    unsetenv("RIVET_FAULT");
    assert_int_equal(count_status(fixture, "sealed"), 2);
}

#endif

#define COMMIT_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        COMMIT_TEST(test_written_but_not_synced),
        COMMIT_TEST(test_ambiguous_commit_that_happened),
        COMMIT_TEST(test_ambiguous_commit_with_a_neighbour),
        COMMIT_TEST(test_commit_that_did_not_happen),
        COMMIT_TEST(test_state_that_cannot_be_reopened),
        COMMIT_TEST(test_every_commit_is_synced),
        COMMIT_TEST(test_extra_where_wal_is_refused),
        COMMIT_TEST(test_a_busy_neighbour_is_waited_for_then_named),
#ifdef RIVET_FAULTS
        COMMIT_TEST(test_death_around_a),
        COMMIT_TEST(test_fault_in_commit),
#endif
    };

    faults = faulty_vfs_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
