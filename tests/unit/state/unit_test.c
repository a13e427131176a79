/* The life of runs, parts and units: A, B, C, recovery (spec: delivery §2, §3). */
#include "fixture.h"

static const char OWNER[] = "host:1:1";

/* A run "r1" of export "orders" with two sealed parts in unit 0. */
static State *
start_sealed(Fixture *fixture)
{
    State *state = fixture_open(fixture);
    RunRow run = fixture_run("r1", "orders");

    assert_ok(state_run_start(state, &run, &fixture->err), &fixture->err);
    fixture_seal_part(fixture, "r1", 0, 0, "orders_part0.parquet");
    fixture_seal_part(fixture, "r1", 0, 1, "day=1/orders_part1.parquet");
    return state;
}

static UnitRecord
record_of(const CursorRow *cursor, bool is_last_unit, const char *manifest_json)
{
    return (UnitRecord){
        .run_id = "r1",
        .export_name = "orders",
        .owner = OWNER,
        .cursor = cursor,
        .is_last_unit = is_last_unit,
        .manifest_json = manifest_json,
    };
}

static RunRow
get_run(Fixture *fixture, const char *run_id)
{
    RunRow run = {0};
    bool found = false;

    assert_ok(state_run_get(fixture->state, run_id, &fixture->arena, &run, &found, &fixture->err),
              &fixture->err);
    assert_true(found);
    return run;
}

static void
assert_part_statuses(Fixture *fixture, const char *status, size_t want)
{
    PartRow *parts = NULL;
    size_t count = 0;

    assert_ok(state_part_list_status(fixture->state, "r1", status, &fixture->arena, &parts, &count,
                                     &fixture->err),
              &fixture->err);
    assert_int_equal(count, want);
}

static void
test_run_fields_round_trip(void **context)
{
    Fixture *fixture = *context;
    RunRow run = fixture_run("r1", "orders");

    fixture_open(fixture);
    run.bounds = "{\"until\":\"2026-01-02\"}";
    run.output_hash = "aa";
    run.query_hash = "bb";
    run.cursor_columns = "[\"id\"]";
    run.cursor_types = "[\"int8\"]";
    run.cursor_before = "[\"5\"]";
    run.snapshot = "00000003-1";
    run.started_at = "2026-01-02T03:04:05.678901+00:00";
    assert_ok(state_run_start(fixture->state, &run, &fixture->err), &fixture->err);
    RunRow got = get_run(fixture, "r1");
    assert_string_equal(got.export_name, "orders");
    assert_string_equal(got.mode, "full");
    assert_string_equal(got.status, "open");
    assert_string_equal(got.owner, OWNER);
    assert_string_equal(got.name_stamp, run.name_stamp);
    assert_string_equal(got.source_id, run.source_id);
    assert_string_equal(got.destination_id, run.destination_id);
    assert_int_equal(got.destination_inode, 42);
    assert_string_equal(got.bounds, run.bounds);
    assert_string_equal(got.output_hash, "aa");
    assert_string_equal(got.query_hash, "bb");
    assert_string_equal(got.format, "parquet");
    assert_string_equal(got.compression, "zstd");
    assert_string_equal(got.cursor_columns, run.cursor_columns);
    assert_string_equal(got.cursor_types, run.cursor_types);
    assert_string_equal(got.cursor_before, run.cursor_before);
    assert_null(got.cursor_after);
    assert_string_equal(got.snapshot, run.snapshot);
    assert_string_equal(got.manifest, "none");
    assert_null(got.manifest_json);
    assert_string_equal(got.started_at, run.started_at);
    assert_null(got.ended_at);
}

static void
test_same_run_id_twice_is_an_error(void **context)
{
    Fixture *fixture = *context;
    RunRow run = fixture_run("r1", "orders");

    fixture_open(fixture);
    assert_ok(state_run_start(fixture->state, &run, &fixture->err), &fixture->err);
    assert_error(state_run_start(fixture->state, &run, &fixture->err), &fixture->err, ERR_STATE,
                 "UNIQUE");
}

/* A later attempt reads other rows; what the first one promised others stays. */
static void
test_a_run_is_bound_anew(void **context)
{
    Fixture *fixture = *context;
    RunRow run = fixture_run("r1", "orders");

    fixture_open(fixture);
    run.bounds = "{\"le\":[\"5\"]}";
    run.cursor_columns = "[\"id\"]";
    assert_ok(state_run_start(fixture->state, &run, &fixture->err), &fixture->err);
    run.bounds = "{\"le\":[\"7\"]}";
    run.source_id = "postgres://standby:5432/db";
    run.name_stamp = "another";
    assert_ok(state_run_rebind(fixture->state, &run, &fixture->err), &fixture->err);
    RunRow got = get_run(fixture, "r1");
    assert_string_equal(got.bounds, run.bounds);
    assert_string_equal(got.source_id, run.source_id);
    assert_string_equal(got.cursor_columns, run.cursor_columns);
    assert_string_equal(got.status, "open");
    assert_string_not_equal(got.name_stamp, "another");
    run.owner = "host:2:2";
    assert_error(state_run_rebind(fixture->state, &run, &fixture->err), &fixture->err, ERR_STATE,
                 "what the run reads");
}

static void
test_part_fields_round_trip(void **context)
{
    Fixture *fixture = *context;
    static const char TAIL[] = {'a', '\0', 'b'};
    RunRow run = fixture_run("r1", "orders");
    PartRow part = fixture_part("r1", 3, 7, "k");
    PartRow *parts = NULL;
    size_t count = 0;

    fixture_open(fixture);
    assert_ok(state_run_start(fixture->state, &run, &fixture->err), &fixture->err);
    assert_ok(state_part_open(fixture->state, &part, &fixture->err), &fixture->err);
    assert_ok(state_part_list(fixture->state, "r1", &fixture->arena, &parts, &count, &fixture->err),
              &fixture->err);
    assert_int_equal(count, 1);
    assert_string_equal(parts[0].status, "open");
    assert_false(parts[0].was_sealed);
    assert_null(parts[0].upload_ref);

    part.upload_ref = "upload id";
    assert_ok(state_part_set_reference(fixture->state, &part, &fixture->err), &fixture->err);
    part.upload_ref = NULL;
    part.tail = TAIL;
    part.tail_bytes = sizeof(TAIL);
    assert_ok(state_part_seal(fixture->state, &part, &fixture->err), &fixture->err);
    assert_ok(state_part_list(fixture->state, "r1", &fixture->arena, &parts, &count, &fixture->err),
              &fixture->err);
    assert_int_equal(count, 1);
    assert_string_equal(parts[0].status, "sealed");
    assert_true(parts[0].was_sealed);
    assert_int_equal(parts[0].unit, 3);
    assert_int_equal(parts[0].part_index, 7);
    assert_string_equal(parts[0].key, "k");
    assert_string_equal(parts[0].nonce, part.nonce);
    assert_string_equal(parts[0].upload_ref, "upload id");
    assert_int_equal(parts[0].rows, 10);
    assert_int_equal(parts[0].bytes, 1000);
    assert_true(parts[0].xxh3 == 0xFEDCBA9876543210);
    assert_string_equal(parts[0].store_check, "check");
    assert_int_equal(parts[0].tail_bytes, sizeof(TAIL));
    assert_memory_equal(parts[0].tail, TAIL, sizeof(TAIL));
}

static void
test_whole_life_of_an_incremental_run(void **context)
{
    Fixture *fixture = *context;
    Error *err = &fixture->err;
    State *state = start_sealed(fixture);
    const CursorRow cursor = {.export_name = "orders",
                              .value = "[\"9\"]",
                              .columns = "[\"id\"]",
                              .types = "[\"int8\"]",
                              .source_id = "s",
                              .query_hash = "q"};
    UnitRecord record = record_of(&cursor, true, "{}");
    CursorRow stored = {0};
    FileRow *files = NULL;
    size_t count = 0;
    bool found = true;

    assert_ok(state_cursor_get(state, "orders", &fixture->arena, &stored, &found, err), err);
    assert_false(found);
    assert_ok(state_unit_intend(state, "r1", 0, OWNER, "[\"9\"]", "{}", err), err);
    assert_part_statuses(fixture, "intent", 2);
    assert_string_equal(get_run(fixture, "r1").cursor_after, "[\"9\"]");
    assert_string_equal(get_run(fixture, "r1").manifest_json, "{}");
    assert_string_equal(get_run(fixture, "r1").manifest, "none");
    assert_ok(state_cursor_get(state, "orders", &fixture->arena, &stored, &found, err), err);
    assert_false(found); /* A alone moves no cursor */

    /* B and C may both be repeated by recovery. */
    for (int repeat = 0; repeat < 2; repeat++) {
        assert_ok(state_unit_record(state, &record, err), err);
        assert_part_statuses(fixture, "visible", 2);
        assert_ok(state_cursor_get(state, "orders", &fixture->arena, &stored, &found, err), err);
        assert_true(found);
        assert_string_equal(stored.value, "[\"9\"]");
        assert_string_equal(stored.columns, "[\"id\"]");
        assert_string_equal(stored.types, "[\"int8\"]");
        assert_string_equal(stored.source_id, "s");
        assert_string_equal(stored.query_hash, "q");
        assert_non_null(stored.run_at);
        assert_ok(state_file_list(state, "orders", -1, &fixture->arena, &files, &count, err), err);
        assert_int_equal(count, 2);
        assert_string_equal(files[0].file_name, "orders_part1.parquet");
        assert_string_equal(files[1].file_name, "orders_part0.parquet");
        assert_string_equal(files[1].format, "parquet");
        assert_string_equal(files[1].compression, "zstd");
        assert_int_equal(files[1].row_count, 10);
        assert_int_equal(files[1].bytes, 1000);
        assert_string_equal(get_run(fixture, "r1").status, "done");
        assert_non_null(get_run(fixture, "r1").ended_at);
        assert_string_equal(get_run(fixture, "r1").manifest, repeat == 0 ? "due" : "published");
        assert_ok(state_manifest_published(state, "r1", err), err);
        assert_string_equal(get_run(fixture, "r1").manifest, "published");
    }
    /* Nothing of a published part may keep a session, which is a credential. */
    assert_int_equal(
        fixture_number(fixture->path, "SELECT COUNT(*) FROM part WHERE upload_ref IS NOT NULL"), 0);
    /* done stays done */
    assert_ok(state_run_end(state, "r1", "failed", err), err);
    assert_string_equal(get_run(fixture, "r1").status, "done");
}

static void
test_b_of_a_done_run_moves_no_cursor_back(void **context)
{
    Fixture *fixture = *context;
    State *state = start_sealed(fixture);
    const CursorRow cursor = {.export_name = "orders", .value = "9"};
    UnitRecord record = record_of(&cursor, true, NULL);

    assert_ok(state_unit_intend(state, "r1", 0, OWNER, NULL, NULL, &fixture->err), &fixture->err);
    assert_ok(state_unit_record(state, &record, &fixture->err), &fixture->err);
    fixture_execute(fixture->path, "UPDATE export_state SET last_cursor_value = '12'");
    assert_ok(state_unit_record(state, &record, &fixture->err), &fixture->err);
    assert_int_equal(fixture_number(fixture->path,
                                    "SELECT CAST(last_cursor_value AS INTEGER) FROM export_state"),
                     12);
}

static void
test_a_refuses_what_is_not_sealed(void **context)
{
    Fixture *fixture = *context;
    State *state = start_sealed(fixture);
    PartRow part = fixture_part("r1", 0, 2, "third");

    assert_ok(state_part_open(state, &part, &fixture->err), &fixture->err);
    assert_error(state_unit_intend(state, "r1", 0, OWNER, NULL, NULL, &fixture->err), &fixture->err,
                 ERR_STATE, "not sealed");
    assert_part_statuses(fixture, "sealed", 2); /* whole or not at all */
}

static void
test_b_refuses_what_never_passed_a(void **context)
{
    Fixture *fixture = *context;
    State *state = start_sealed(fixture);
    UnitRecord record = record_of(NULL, true, NULL);

    assert_error(state_unit_record(state, &record, &fixture->err), &fixture->err, ERR_STATE,
                 "never meant");
    assert_part_statuses(fixture, "sealed", 2);
    assert_string_equal(get_run(fixture, "r1").status, "open");
}

static void
test_last_unit_must_be_the_last(void **context)
{
    Fixture *fixture = *context;
    State *state = start_sealed(fixture);
    UnitRecord record = record_of(NULL, true, NULL);

    fixture_seal_part(fixture, "r1", 1, 0, "other unit");
    assert_ok(state_unit_intend(state, "r1", 0, OWNER, NULL, NULL, &fixture->err), &fixture->err);
    assert_error(state_unit_record(state, &record, &fixture->err), &fixture->err, ERR_STATE,
                 "leaves parts");
    error_clear(&fixture->err);
    assert_part_statuses(fixture, "intent", 2);
    record.is_last_unit = false;
    assert_ok(state_unit_record(state, &record, &fixture->err), &fixture->err);
    assert_part_statuses(fixture, "visible", 2);
    assert_string_equal(get_run(fixture, "r1").status, "open");
}

static void
test_another_owner_stops_a_and_b(void **context)
{
    Fixture *fixture = *context;
    Error *err = &fixture->err;
    State *state = start_sealed(fixture);
    UnitRecord record = record_of(NULL, true, NULL);

    assert_ok(state_run_take(state, "r1", "host:2:2", err), err);
    assert_error(state_unit_intend(state, "r1", 0, OWNER, NULL, NULL, err), err, ERR_STATE,
                 "no longer belongs");
    error_clear(err);
    assert_part_statuses(fixture, "sealed", 2);
    assert_ok(state_unit_intend(state, "r1", 0, "host:2:2", NULL, NULL, err), err);
    assert_error(state_unit_record(state, &record, err), err, ERR_STATE, "no longer belongs");
    error_clear(err);
    assert_part_statuses(fixture, "intent", 2);
    assert_error(state_unit_reopen(state, "r1", 0, OWNER, err), err, ERR_STATE,
                 "no longer belongs");
    error_clear(err);
    record.owner = "host:2:2";
    assert_ok(state_unit_record(state, &record, err), err);
    assert_part_statuses(fixture, "visible", 2);
    assert_string_equal(get_run(fixture, "r1").manifest, "none");
}

static void
test_reopen_then_discard(void **context)
{
    Fixture *fixture = *context;
    Error *err = &fixture->err;
    State *state = start_sealed(fixture);
    PartRow *parts = NULL;
    size_t count = 0;

    assert_ok(state_unit_intend(state, "r1", 0, OWNER, "[\"9\"]", "{}", err), err);
    for (int repeat = 0; repeat < 2; repeat++) {
        assert_ok(state_unit_reopen(state, "r1", 0, OWNER, err), err);
        assert_ok(state_part_list(state, "r1", &fixture->arena, &parts, &count, err), err);
        assert_int_equal(count, 2);
        assert_string_equal(parts[0].status, "open");
        assert_true(parts[0].was_sealed); /* what tells ours from foreign is still there */
        assert_int_equal(parts[0].bytes, 1000);
        assert_string_equal(parts[0].upload_ref, "session");
        assert_null(get_run(fixture, "r1").cursor_after);
        assert_null(get_run(fixture, "r1").manifest_json);
    }
    for (int repeat = 0; repeat < 2; repeat++)
        for (int64_t i = 0; i < 2; i++)
            assert_ok(state_part_delete(state, "r1", 0, i, err), err);
    assert_part_statuses(fixture, NULL, 0);
}

static void
test_visible_parts_are_not_taken_back(void **context)
{
    Fixture *fixture = *context;
    Error *err = &fixture->err;
    State *state = start_sealed(fixture);
    UnitRecord record = record_of(NULL, false, NULL);

    assert_ok(state_unit_intend(state, "r1", 0, OWNER, NULL, NULL, err), err);
    assert_ok(state_unit_record(state, &record, err), err);
    assert_error(state_part_delete(state, "r1", 0, 0, err), err, ERR_STATE, "visible part");
    error_clear(err);
    assert_ok(state_unit_reopen(state, "r1", STATE_ALL_UNITS, OWNER, err), err);
    assert_part_statuses(fixture, "visible", 2);
}

static void
test_seal_needs_an_open_part(void **context)
{
    Fixture *fixture = *context;
    State *state = start_sealed(fixture);
    PartRow part = fixture_part("r1", 0, 0, "x");

    assert_error(state_part_seal(state, &part, &fixture->err), &fixture->err, ERR_STATE,
                 "not open");
    error_clear(&fixture->err);
    assert_error(state_part_set_reference(state, &part, &fixture->err), &fixture->err, ERR_STATE,
                 "not open");
    error_clear(&fixture->err);
    part.part_index = 9;
    part.bytes = UINT64_MAX;
    assert_false(state_part_seal(state, &part, &fixture->err));
}

static void
test_unfinished_runs_are_found(void **context)
{
    static const struct {
        const char *name;
        const char *change;
        size_t want;
    } CASES[] = {
        {"open", "UPDATE run SET status = 'open'", 1},
        {"failed, parts left", "UPDATE run SET status = 'failed'", 1},
        {"done, manifest due",
         "UPDATE run SET status = 'done', manifest = 'due'; "
         "UPDATE part SET status = 'visible'",
         1},
        {"done",
         "UPDATE run SET status = 'done', manifest = 'published'; "
         "UPDATE part SET status = 'visible'",
         0},
        {"interrupted, nothing left",
         "UPDATE run SET status = 'interrupted', manifest = 'none'; "
         "DELETE FROM part",
         0},
        {"another export", "UPDATE run SET status = 'open', export_name = 'users'", 0},
    };
    Fixture *fixture = *context;
    State *state = start_sealed(fixture);
    RunRow *runs = NULL;
    size_t count = 0;

    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        fixture_execute(fixture->path, CASES[i].change);
        assert_ok(state_run_list_unfinished(state, "orders", &fixture->arena, &runs, &count,
                                            &fixture->err),
                  &fixture->err);
        if (count != CASES[i].want)
            fail_msg("%s: %zu", CASES[i].name, count);
    }
}

static void
test_runs_are_listed_oldest_first(void **context)
{
    Fixture *fixture = *context;
    Error *err = &fixture->err;
    RunRow *runs = NULL;
    size_t count = 0;
    char ids[40][16];

    fixture_open(fixture);
    for (int i = 0; i < 40; i++) {
        snprintf(ids[i], sizeof(ids[i]), "r%02d", i);
        RunRow run = fixture_run(ids[i], i == 39 ? "users" : "orders");
        assert_ok(state_run_start(fixture->state, &run, err), err);
    }
    assert_ok(state_run_end(fixture->state, "r05", "interrupted", err), err);
    assert_ok(state_run_list(fixture->state, "orders", NULL, &fixture->arena, &runs, &count, err),
              err);
    assert_int_equal(count, 39);
    for (int i = 0; i < 39; i++)
        assert_string_equal(runs[i].run_id, ids[i]);
    assert_ok(state_run_list(fixture->state, "orders", "interrupted", &fixture->arena, &runs,
                             &count, err),
              err);
    assert_int_equal(count, 1);
    assert_string_equal(runs[0].run_id, "r05");
    assert_error(state_run_end(fixture->state, "nobody", "failed", err), err, ERR_STATE,
                 "not recorded");
    error_clear(err);
    assert_error(state_run_end(fixture->state, "r01", "happy", err), err, ERR_STATE, "CHECK");
}

static void
test_forget(void **context)
{
    Fixture *fixture = *context;
    Error *err = &fixture->err;
    State *state = start_sealed(fixture);
    RunRow *runs = NULL;
    size_t count = 0;

    fixture_execute(fixture->path, "UPDATE part SET status = 'visible' WHERE part_index = 1; "
                                   "UPDATE run SET manifest = 'due'");
    assert_ok(state_run_forget(state, "r1", err), err);
    assert_part_statuses(fixture, NULL, 1);
    assert_string_equal(get_run(fixture, "r1").status, "interrupted");
    assert_ok(state_run_list_unfinished(state, "orders", &fixture->arena, &runs, &count, err), err);
    assert_int_equal(count, 0);
}

static void
test_manifest_only_when_due(void **context)
{
    Fixture *fixture = *context;
    State *state = start_sealed(fixture);

    assert_error(state_manifest_published(state, "r1", &fixture->err), &fixture->err, ERR_STATE,
                 "due");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(test_run_fields_round_trip),
        FIXTURE_TEST(test_same_run_id_twice_is_an_error),
        FIXTURE_TEST(test_a_run_is_bound_anew),
        FIXTURE_TEST(test_part_fields_round_trip),
        FIXTURE_TEST(test_whole_life_of_an_incremental_run),
        FIXTURE_TEST(test_b_of_a_done_run_moves_no_cursor_back),
        FIXTURE_TEST(test_a_refuses_what_is_not_sealed),
        FIXTURE_TEST(test_b_refuses_what_never_passed_a),
        FIXTURE_TEST(test_last_unit_must_be_the_last),
        FIXTURE_TEST(test_another_owner_stops_a_and_b),
        FIXTURE_TEST(test_reopen_then_discard),
        FIXTURE_TEST(test_visible_parts_are_not_taken_back),
        FIXTURE_TEST(test_seal_needs_an_open_part),
        FIXTURE_TEST(test_unfinished_runs_are_found),
        FIXTURE_TEST(test_runs_are_listed_oldest_first),
        FIXTURE_TEST(test_forget),
        FIXTURE_TEST(test_manifest_only_when_due),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
