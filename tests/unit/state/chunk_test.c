/* Stored chunk plans: claims, failures, resume, the tasks' part in A and B (spec: behaviour §10,
 * delivery §4). */
#include "fixture.h"

static const char OWNER[] = "host:1:1";

/* Run "r1" with this many pending tasks. */
static State *
start_plan(Fixture *fixture, size_t task_count)
{
    State *state = fixture_open(fixture);
    RunRow run = fixture_run("r1", "orders");
    ChunkRunRow plan = {.run_id = "r1",
                        .export_name = "orders",
                        .plan_hash = "1f24b22011040dff",
                        .kind = "range",
                        .max_chunk_attempts = 3};
    ChunkTaskRow *tasks = ARENA_ARRAY(&fixture->arena, ChunkTaskRow, task_count);

    for (size_t i = 0; i < task_count; i++) {
        tasks[i].chunk_index = (int64_t)i;
        tasks[i].start_key = arena_format(&fixture->arena, "%zu", i * 100);
        tasks[i].end_key = arena_format(&fixture->arena, "%zu", i * 100 + 99);
        tasks[i].bounds = "{\"gt\":[\"0\"]}";
    }
    assert_ok(state_run_start(state, &run, &fixture->err), &fixture->err);
    assert_ok(state_chunk_plan(state, &plan, tasks, task_count, &fixture->err), &fixture->err);
    return state;
}

static ChunkTaskRow
claim(Fixture *fixture)
{
    ChunkTaskRow task = {.chunk_index = -1};
    bool found = false;

    assert_ok(
        state_chunk_claim(fixture->state, "r1", &fixture->arena, &task, &found, &fixture->err),
        &fixture->err);
    if (!found)
        task.chunk_index = -1;
    return task;
}

static ChunkTaskRow
get_task(Fixture *fixture, size_t index)
{
    ChunkTaskRow *tasks = NULL;
    size_t count = 0;

    assert_ok(
        state_chunk_task_list(fixture->state, "r1", &fixture->arena, &tasks, &count, &fixture->err),
        &fixture->err);
    assert_true(index < count);
    return tasks[index];
}

static UnitRecord
record_of(int64_t unit, bool is_last_unit)
{
    return (UnitRecord){.run_id = "r1",
                        .export_name = "orders",
                        .owner = OWNER,
                        .unit = unit,
                        .is_last_unit = is_last_unit};
}

/* Claims the next chunk and brings it through A and B with one part. */
static void
complete_next(Fixture *fixture, bool is_last_unit)
{
    Error *err = &fixture->err;
    ChunkTaskRow task = claim(fixture);
    char *key = arena_format(&fixture->arena, "out/chunk%d.parquet", (int)task.chunk_index);
    UnitRecord record = record_of(task.chunk_index, is_last_unit);

    fixture_seal_part(fixture, "r1", task.chunk_index, 0, key);
    assert_ok(state_unit_intend(fixture->state, "r1", task.chunk_index, OWNER, NULL, NULL, err),
              err);
    assert_string_equal(get_task(fixture, (size_t)task.chunk_index).status, "sealed");
    assert_ok(state_unit_record(fixture->state, &record, err), err);
}

static void
test_plan_and_find(void **context)
{
    Fixture *fixture = *context;
    Error *err = &fixture->err;
    State *state = start_plan(fixture, 3);
    ChunkRunRow plan = {0};
    ChunkRunRow again = {.run_id = "r2", .export_name = "orders", .plan_hash = "x"};
    ChunkTaskRow twins[2] = {{.start_key = "1", .end_key = "2"},
                             {.start_key = "3", .end_key = "4"}};
    bool found = false;

    assert_ok(state_chunk_find_open(state, "orders", &fixture->arena, &plan, &found, err), err);
    assert_true(found);
    assert_string_equal(plan.run_id, "r1");
    assert_string_equal(plan.plan_hash, "1f24b22011040dff");
    assert_string_equal(plan.kind, "range");
    assert_string_equal(plan.status, "in_progress");
    assert_int_equal(plan.max_chunk_attempts, 3);
    assert_false(plan.is_of_original);
    assert_ok(state_chunk_find_open(state, "users", &fixture->arena, &plan, &found, err), err);
    assert_false(found);

    ChunkTaskRow task = get_task(fixture, 2);
    assert_int_equal(task.chunk_index, 2);
    assert_string_equal(task.start_key, "200");
    assert_string_equal(task.end_key, "299");
    assert_string_equal(task.bounds, "{\"gt\":[\"0\"]}");
    assert_string_equal(task.status, "pending");
    assert_int_equal(task.attempts, 0);
    assert_int_equal(task.rows_written, -1);

    assert_error(state_chunk_plan(state, &again, NULL, 0, err), err, ERR_STATE, "in progress");
    error_clear(err);
    /* Two tasks of one index: nothing of the plan may stay (DEF-23). */
    again.export_name = "users";
    assert_error(state_chunk_plan(state, &again, twins, 2, err), err, ERR_STATE, "UNIQUE");
    error_clear(err);
    assert_int_equal(fixture_number(fixture->path, "SELECT COUNT(*) FROM chunk_run"), 1);
    assert_int_equal(fixture_number(fixture->path, "SELECT COUNT(*) FROM chunk_task"), 3);
}

static void
test_claims_go_up_and_end(void **context)
{
    Fixture *fixture = *context;

    start_plan(fixture, 3);
    for (int64_t want = 0; want < 3; want++) {
        ChunkTaskRow task = claim(fixture);
        assert_int_equal(task.chunk_index, want);
        assert_string_equal(task.status, "running");
        assert_int_equal(task.attempts, 1);
        assert_string_equal(task.bounds, "{\"gt\":[\"0\"]}");
    }
    assert_int_equal(claim(fixture).chunk_index, -1);
    /* Neither a plan that ended nor another one has work. */
    fixture_execute(fixture->path, "UPDATE chunk_task SET status = 'pending', run_id = 'r0' "
                                   "WHERE chunk_index = 0");
    assert_int_equal(claim(fixture).chunk_index, -1);
    fixture_execute(fixture->path, "UPDATE chunk_task SET run_id = 'r1' WHERE chunk_index = 0; "
                                   "UPDATE chunk_run SET status = 'completed'");
    assert_int_equal(claim(fixture).chunk_index, -1);
    fixture_execute(fixture->path, "UPDATE chunk_run SET status = 'in_progress'");
    assert_int_equal(claim(fixture).chunk_index, 0);
}

static void
test_failed_chunks_come_back_until_their_attempts_are_used(void **context)
{
    Fixture *fixture = *context;
    Error *err = &fixture->err;
    State *state = start_plan(fixture, 2);
    int64_t returned = -1;

    for (int attempt = 1; attempt <= 3; attempt++) {
        ChunkTaskRow task = claim(fixture);
        assert_int_equal(task.chunk_index, 0);
        assert_int_equal(task.attempts, attempt);
        assert_ok(state_chunk_fail(state, "r1", 0, "it broke", err), err);
        assert_string_equal(get_task(fixture, 0).last_error, "it broke");
    }
    assert_int_equal(claim(fixture).chunk_index, 1);
    assert_int_equal(claim(fixture).chunk_index, -1);
    assert_error(state_chunk_fail(state, "r1", 0, "again", err), err, ERR_STATE, "not running");
    error_clear(err);

    /* US: resume gives attempts back (DEF-22); the running one is pending again. */
    assert_ok(state_run_end(state, "r1", "failed", err), err);
    assert_ok(state_chunk_resume(state, "r1", "host:2:2", &returned, err), err);
    assert_int_equal(returned, 1);
    assert_int_equal(get_task(fixture, 0).attempts, 0);
    assert_string_equal(get_task(fixture, 0).status, "failed");
    assert_string_equal(get_task(fixture, 1).status, "pending");
    assert_int_equal(get_task(fixture, 1).attempts, 1);
    assert_int_equal(fixture_number(fixture->path, "SELECT COUNT(*) FROM run WHERE status = 'open' "
                                                   "AND owner = 'host:2:2' AND ended_at IS NULL"),
                     1);
    assert_int_equal(claim(fixture).chunk_index, 0);
}

static void
test_release_does_not_count_the_attempt(void **context)
{
    Fixture *fixture = *context;
    Error *err = &fixture->err;
    State *state = start_plan(fixture, 1);

    for (int i = 0; i < 5; i++) {
        assert_int_equal(claim(fixture).attempts, 1);
        assert_ok(state_chunk_release(state, "r1", 0, err), err);
    }
}

static void
test_whole_life(void **context)
{
    Fixture *fixture = *context;
    Error *err = &fixture->err;
    State *state = start_plan(fixture, 3);
    UnitRecord record = record_of(1, false);
    ChunkTotals totals = {0};
    ChunkRunRow plan = {0};
    bool found = true;

    complete_next(fixture, false);
    ChunkTaskRow task = get_task(fixture, 0);
    assert_string_equal(task.status, "completed");
    assert_int_equal(task.rows_written, 10);
    assert_string_equal(task.file_name, "chunk0.parquet");

    /* A chunk without rows has no part and no A. */
    claim(fixture);
    assert_ok(state_unit_record(state, &record, err), err);
    task = get_task(fixture, 1);
    assert_string_equal(task.status, "completed");
    assert_int_equal(task.rows_written, 0);
    assert_null(task.file_name);

    assert_ok(state_chunk_totals(state, "r1", &totals, err), err);
    assert_int_equal(totals.task_count, 3);
    assert_int_equal(totals.open_count, 1);
    assert_int_equal(totals.rows, 10);
    assert_int_equal(totals.files, 1);
    assert_int_equal(totals.bytes, 1000);

    complete_next(fixture, true);
    assert_ok(state_chunk_find_open(state, "orders", &fixture->arena, &plan, &found, err), err);
    assert_false(found);
    assert_ok(state_chunk_find_latest(state, "orders", &fixture->arena, &plan, &found, err), err);
    assert_true(found);
    assert_string_equal(plan.status, "completed");
    assert_int_equal(
        fixture_number(fixture->path, "SELECT COUNT(*) FROM run WHERE status = 'done'"), 1);
    assert_ok(state_chunk_totals(state, "r1", &totals, err), err);
    assert_int_equal(totals.open_count, 0);
    assert_int_equal(totals.rows, 20);
}

static void
test_several_parts_name_the_first_and_add_up(void **context)
{
    Fixture *fixture = *context;
    Error *err = &fixture->err;
    State *state = start_plan(fixture, 1);
    UnitRecord record = record_of(0, true);

    claim(fixture);
    fixture_seal_part(fixture, "r1", 0, 0, "c0_part0.csv");
    fixture_seal_part(fixture, "r1", 0, 1, "c0_part1.csv");
    assert_ok(state_unit_intend(state, "r1", 0, OWNER, NULL, NULL, err), err);
    assert_ok(state_unit_record(state, &record, err), err);
    assert_int_equal(get_task(fixture, 0).rows_written, 20);
    assert_string_equal(get_task(fixture, 0).file_name, "c0_part0.csv");
}

static void
test_only_a_claimed_chunk_passes_a_and_b(void **context)
{
    Fixture *fixture = *context;
    Error *err = &fixture->err;
    State *state = start_plan(fixture, 2);
    UnitRecord record = record_of(0, false);

    fixture_seal_part(fixture, "r1", 0, 0, "stray");
    assert_error(state_unit_intend(state, "r1", 0, OWNER, NULL, NULL, err), err, ERR_STATE,
                 "not sealed");
    error_clear(err);
    assert_ok(state_part_delete(state, "r1", 0, 0, err), err);
    assert_error(state_unit_record(state, &record, err), err, ERR_STATE, "never meant");
    error_clear(err);
    complete_next(fixture, false);
    /* Rows of a completed chunk would be delivered twice. */
    fixture_seal_part(fixture, "r1", 0, 5, "late twin");
    assert_error(state_unit_intend(state, "r1", 0, OWNER, NULL, NULL, err), err, ERR_STATE,
                 "not sealed");
    error_clear(err);
    /* The last unit while chunk 1 is pending. */
    assert_ok(state_part_delete(state, "r1", 0, 5, err), err);
    record.is_last_unit = true;
    assert_error(state_unit_record(state, &record, err), err, ERR_STATE, "behind");
}

static void
test_reopen_returns_the_task(void **context)
{
    Fixture *fixture = *context;
    Error *err = &fixture->err;
    State *state = start_plan(fixture, 2);

    complete_next(fixture, false);
    claim(fixture);
    fixture_seal_part(fixture, "r1", 1, 0, "c1");
    assert_ok(state_unit_intend(state, "r1", 1, OWNER, NULL, NULL, err), err);
    assert_ok(state_unit_reopen(state, "r1", 1, OWNER, err), err);
    assert_string_equal(get_task(fixture, 1).status, "pending");
    assert_string_equal(get_task(fixture, 0).status, "completed");
    assert_ok(state_part_delete(state, "r1", 1, 0, err), err);
    complete_next(fixture, true);
}

/* quality with chunk_checkpoint: all chunks sealed, the gate, then one A and one B for all. */
static void
test_sealed_chunks_wait_for_the_gate(void **context)
{
    Fixture *fixture = *context;
    Error *err = &fixture->err;
    State *state = start_plan(fixture, 3);
    UnitRecord record = record_of(STATE_ALL_UNITS, true);
    PartRow last = fixture_part("r1", 0, 1, "c0_part1");
    ChunkTotals totals = {0};
    int64_t returned = -1;

    claim(fixture);
    fixture_seal_part(fixture, "r1", 0, 0, "c0_part0");
    assert_ok(state_part_open(state, &last, err), err);
    assert_error(state_chunk_seal(state, "r1", 0, NULL, "{\"a\":1}", err), err, ERR_STATE,
                 "not sealed");
    error_clear(err);
    assert_ok(state_chunk_seal(state, "r1", 0, &last, "{\"a\":1}", err), err);
    assert_string_equal(get_task(fixture, 0).status, "sealed");
    assert_string_equal(get_task(fixture, 0).null_counts, "{\"a\":1}");
    assert_int_equal(get_task(fixture, 0).rows_written, 20);
    claim(fixture);
    assert_ok(state_chunk_seal(state, "r1", 1, NULL, "{}", err), err);
    claim(fixture);
    /* The third is still running: the gate cannot have passed. */
    assert_error(state_unit_intend(state, "r1", STATE_ALL_UNITS, OWNER, NULL, NULL, err), err,
                 ERR_STATE, "not sealed");
    error_clear(err);
    /* Resume keeps what is sealed. */
    assert_ok(state_chunk_resume(state, "r1", OWNER, &returned, err), err);
    assert_int_equal(returned, 1);
    assert_string_equal(get_task(fixture, 0).status, "sealed");
    claim(fixture);
    assert_ok(state_chunk_seal(state, "r1", 2, NULL, "{}", err), err);
    assert_ok(state_chunk_totals(state, "r1", &totals, err), err);
    assert_int_equal(totals.open_count, 0);
    assert_int_equal(totals.rows, 20);
    assert_int_equal(totals.files, 2);

    assert_ok(state_unit_intend(state, "r1", STATE_ALL_UNITS, OWNER, NULL, "{}", err), err);
    record.manifest_json = "{}";
    assert_ok(state_unit_record(state, &record, err), err);
    assert_string_equal(get_task(fixture, 0).status, "completed");
    assert_string_equal(get_task(fixture, 0).file_name, "c0_part0");
    assert_string_equal(get_task(fixture, 1).status, "completed");
    assert_int_equal(fixture_number(fixture->path, "SELECT COUNT(*) FROM run WHERE status = 'done' "
                                                   "AND manifest = 'due'"),
                     1);
    assert_int_equal(fixture_number(fixture->path, "SELECT COUNT(*) FROM file_manifest"), 2);
}

static void
test_a_failed_gate_ends_the_plan(void **context)
{
    Fixture *fixture = *context;
    Error *err = &fixture->err;
    State *state = start_plan(fixture, 1);
    ChunkRunRow plan = {0};
    bool found = true;

    claim(fixture);
    fixture_seal_part(fixture, "r1", 0, 0, "c0");
    assert_ok(state_chunk_seal(state, "r1", 0, NULL, "{}", err), err);
    assert_error(state_chunk_discard(state, "r1", err), err, ERR_STATE, "not published");
    error_clear(err);
    assert_ok(state_part_delete(state, "r1", 0, 0, err), err);
    assert_ok(state_chunk_discard(state, "r1", err), err);
    assert_ok(state_chunk_find_latest(state, "orders", &fixture->arena, &plan, &found, err), err);
    assert_false(found);
    assert_int_equal(fixture_number(fixture->path, "SELECT COUNT(*) FROM chunk_task"), 0);
}

static void
test_reset(void **context)
{
    Fixture *fixture = *context;
    Error *err = &fixture->err;
    State *state = start_plan(fixture, 2);
    ChunkRunRow *plans = NULL;
    size_t count = 0;
    int64_t runs = -1;

    complete_next(fixture, false);
    fixture_execute(fixture->path,
                    "INSERT INTO chunk_run VALUES ('u1', 'users', 'h', 'in_progress', 3, 't', 't', "
                    "NULL)");
    assert_ok(state_chunk_run_list(state, "orders", &fixture->arena, &plans, &count, err), err);
    assert_int_equal(count, 1);
    assert_ok(state_chunk_reset(state, "orders", &runs, err), err);
    assert_int_equal(runs, 1);
    assert_int_equal(fixture_number(fixture->path, "SELECT COUNT(*) FROM chunk_task"), 0);
    assert_int_equal(fixture_number(fixture->path, "SELECT COUNT(*) FROM chunk_run"), 1);
    assert_int_equal(
        fixture_number(fixture->path, "SELECT COUNT(*) FROM run WHERE status = 'interrupted'"), 1);
    assert_int_equal(fixture_number(fixture->path, "SELECT COUNT(*) FROM part"), 1);
    assert_ok(state_chunk_reset(state, "orders", &runs, err), err);
    assert_int_equal(runs, 0);
}

static void
test_many_tasks(void **context)
{
    enum { TASKS = 2000 };
    Fixture *fixture = *context;
    ChunkTaskRow *tasks = NULL;
    size_t count = 0;

    State *state = start_plan(fixture, TASKS);
    fixture_execute(fixture->path, "UPDATE chunk_task SET status = 'completed' "
                                   "WHERE chunk_index < 1999");
    assert_int_equal(claim(fixture).chunk_index, TASKS - 1);
    assert_ok(state_chunk_task_list(state, "r1", &fixture->arena, &tasks, &count, &fixture->err),
              &fixture->err);
    assert_int_equal(count, TASKS);
    for (int64_t i = 0; i < TASKS; i++)
        assert_int_equal(tasks[i].chunk_index, i);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(test_plan_and_find),
        FIXTURE_TEST(test_claims_go_up_and_end),
        FIXTURE_TEST(test_failed_chunks_come_back_until_their_attempts_are_used),
        FIXTURE_TEST(test_release_does_not_count_the_attempt),
        FIXTURE_TEST(test_whole_life),
        FIXTURE_TEST(test_several_parts_name_the_first_and_add_up),
        FIXTURE_TEST(test_only_a_claimed_chunk_passes_a_and_b),
        FIXTURE_TEST(test_reopen_returns_the_task),
        FIXTURE_TEST(test_sealed_chunks_wait_for_the_gate),
        FIXTURE_TEST(test_a_failed_gate_ends_the_plan),
        FIXTURE_TEST(test_reset),
        FIXTURE_TEST(test_many_tasks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
