#include "state/chunk.h"

#include "state/change.h"
#include "state/rows.h"

static const Field RUN_FIELDS[] = {
    FIELD(ChunkRunRow, FIELD_NEEDED_TEXT, run_id),
    FIELD(ChunkRunRow, FIELD_NEEDED_TEXT, export_name),
    FIELD(ChunkRunRow, FIELD_NEEDED_TEXT, plan_hash),
    FIELD(ChunkRunRow, FIELD_TEXT, kind),
    FIELD(ChunkRunRow, FIELD_NEEDED_TEXT, status),
    FIELD(ChunkRunRow, FIELD_INT, max_chunk_attempts),
    FIELD(ChunkRunRow, FIELD_NEEDED_TEXT, created_at),
    FIELD(ChunkRunRow, FIELD_NEEDED_TEXT, updated_at),
    FIELD(ChunkRunRow, FIELD_BOOL, is_of_original),
};
static const RowType CHUNK_RUN = ROW_TYPE(ChunkRunRow, RUN_FIELDS);

static const Field TASK_FIELDS[] = {
    FIELD(ChunkTaskRow, FIELD_INT, chunk_index),
    FIELD(ChunkTaskRow, FIELD_NEEDED_TEXT, start_key),
    FIELD(ChunkTaskRow, FIELD_NEEDED_TEXT, end_key),
    FIELD(ChunkTaskRow, FIELD_TEXT, bounds),
    FIELD(ChunkTaskRow, FIELD_NEEDED_TEXT, status),
    FIELD(ChunkTaskRow, FIELD_INT, attempts),
    FIELD(ChunkTaskRow, FIELD_TEXT, last_error),
    FIELD(ChunkTaskRow, FIELD_OPTIONAL_INT, rows_written),
    FIELD(ChunkTaskRow, FIELD_TEXT, file_name),
    FIELD(ChunkTaskRow, FIELD_TEXT, null_counts),
    FIELD(ChunkTaskRow, FIELD_NEEDED_TEXT, updated_at),
};
static const RowType CHUNK_TASK = ROW_TYPE(ChunkTaskRow, TASK_FIELDS);

/* What every change below is told; each uses a part of it. */
typedef struct ChunkChange {
    const char *run_id;
    const char *export_name;
    const char *plan_hash;
    const char *owner;
    int64_t chunk_index;
    const char *last_error;
    const char *null_counts;
    const PartRow *part;
    const ChunkRunRow *run;
    const ChunkTaskRow *tasks;
    size_t task_count;
    Arena *arena;
    ChunkTaskRow *claimed;
    bool *found;
    int64_t *counter;
} ChunkChange;

static const Field CHANGE_FIELDS[] = {
    FIELD(ChunkChange, FIELD_TEXT, run_id),      FIELD(ChunkChange, FIELD_TEXT, export_name),
    FIELD(ChunkChange, FIELD_TEXT, plan_hash),   FIELD(ChunkChange, FIELD_TEXT, owner),
    FIELD(ChunkChange, FIELD_INT, chunk_index),  FIELD(ChunkChange, FIELD_TEXT, last_error),
    FIELD(ChunkChange, FIELD_TEXT, null_counts),
};
static const RowType CHUNK = ROW_TYPE(ChunkChange, CHANGE_FIELDS);

/* ---- plan ---- */

static bool
insert_task(State *state, const ChunkChange *change, size_t index, Error *err)
{
    Query query = query_begin(state, SQL_CHUNK_PLAN_TASK);

    query_bind_row(&query, &CHUNK_TASK, &change->tasks[index]);
    query_bind_text(&query, ":run_id", change->run_id);
    return query_run(&query, NULL, err);
}

static bool
apply_plan(State *state, const void *arguments, Error *err)
{
    const ChunkChange *change = arguments;

    if (!change_require_none(state, SQL_CHUNK_PLAN_IN_PROGRESS, &CHUNK, change,
                             "the export has a chunk checkpoint in progress", err) ||
        !change_run(state, SQL_CHUNK_PLAN_RUN, &CHUNK_RUN, change->run, err))
        return false;
    for (size_t i = 0; i < change->task_count; i++)
        if (!insert_task(state, change, i, err))
            return false;
    return true;
}

bool
state_chunk_plan(State *state, const ChunkRunRow *run, const ChunkTaskRow *tasks, size_t task_count,
                 Error *err)
{
    static const Change PLAN = {.name = "plan",
                                .what = "the chunk plan",
                                .row = &CHUNK,
                                .apply = apply_plan,
                                .applied = SQL_CHUNK_PLAN_APPLIED};
    const ChunkChange change = {
        .run_id = run->run_id,
        .export_name = run->export_name,
        .plan_hash = run->plan_hash,
        .run = run,
        .tasks = tasks,
        .task_count = task_count,
    };

    return change_make(state, &PLAN, &change, NULL, err);
}

/* ---- finding and listing ---- */

static bool
find(State *state, SqlId sql, const char *export_name, Arena *arena, ChunkRunRow *row, bool *found,
     Error *err)
{
    Query query = query_begin(state, sql);

    query_bind_text(&query, ":export_name", export_name);
    return query_one(&query, &CHUNK_RUN, arena, row, found, err);
}

bool
state_chunk_find_open(State *state, const char *export_name, Arena *arena, ChunkRunRow *row,
                      bool *found, Error *err)
{
    return find(state, SQL_CHUNK_FIND_OPEN, export_name, arena, row, found, err);
}

bool
state_chunk_find_latest(State *state, const char *export_name, Arena *arena, ChunkRunRow *row,
                        bool *found, Error *err)
{
    return find(state, SQL_CHUNK_FIND_LATEST, export_name, arena, row, found, err);
}

bool
state_chunk_run_list(State *state, const char *export_name, Arena *arena, ChunkRunRow **rows,
                     size_t *count, Error *err)
{
    void *found = NULL;
    Query query = query_begin(state, SQL_CHUNK_RUN_LIST);

    query_bind_text(&query, ":export_name", export_name);
    bool ok = query_list(&query, &CHUNK_RUN, arena, &found, count, err);
    *rows = found;
    return ok;
}

bool
state_chunk_task_list(State *state, const char *run_id, Arena *arena, ChunkTaskRow **rows,
                      size_t *count, Error *err)
{
    void *found = NULL;
    Query query = query_begin(state, SQL_CHUNK_TASK_LIST);

    query_bind_text(&query, ":run_id", run_id);
    bool ok = query_list(&query, &CHUNK_TASK, arena, &found, count, err);
    *rows = found;
    return ok;
}

/* ---- work ---- */

static bool
apply_claim(State *state, const void *arguments, Error *err)
{
    const ChunkChange *change = arguments;
    Query query = query_begin(state, SQL_CHUNK_CLAIM);

    query_bind_row(&query, &CHUNK, change);
    return query_one(&query, &CHUNK_TASK, change->arena, change->claimed, change->found, err);
}

bool
state_chunk_claim(State *state, const char *run_id, Arena *arena, ChunkTaskRow *task, bool *found,
                  Error *err)
{
    /* A claim that may or may not have been made is an error: resume gives the task back. */
    static const Change CLAIM = {
        .name = "claim", .what = "who takes a chunk", .row = &CHUNK, .apply = apply_claim};
    const ChunkChange change = {.run_id = run_id, .arena = arena, .claimed = task, .found = found};

    *found = false;
    return change_make(state, &CLAIM, &change, NULL, err);
}

bool
state_chunk_fail(State *state, const char *run_id, int64_t chunk_index, const char *error_text,
                 Error *err)
{
    static const Change FAIL = {.name = "chunk_failure",
                                .what = "a chunk's failure",
                                .row = &CHUNK,
                                .sql = SQL_CHUNK_FAIL,
                                .applied = SQL_CHUNK_FAIL_APPLIED,
                                .missing = "the chunk is not running"};
    const ChunkChange change = {
        .run_id = run_id, .chunk_index = chunk_index, .last_error = error_text};

    return change_make(state, &FAIL, &change, NULL, err);
}

bool
state_chunk_release(State *state, const char *run_id, int64_t chunk_index, Error *err)
{
    static const Change RELEASE = {.name = "chunk_release",
                                   .what = "that a chunk is free again",
                                   .row = &CHUNK,
                                   .sql = SQL_CHUNK_RELEASE,
                                   .applied = SQL_CHUNK_RELEASE_APPLIED,
                                   .missing = "the chunk is not running"};
    const ChunkChange change = {.run_id = run_id, .chunk_index = chunk_index};

    return change_make(state, &RELEASE, &change, NULL, err);
}

static bool
require_touched(State *state, SqlId sql, const ChunkChange *change, const char *message, Error *err)
{
    int64_t touched = 0;
    Query query = query_begin(state, sql);

    query_bind_row(&query, &CHUNK, change);
    if (!query_run(&query, &touched, err))
        return false;
    return touched > 0 ||
           error_set(err, ERR_STATE, "state database '%s': %s", state->path, message);
}

static bool
apply_seal(State *state, const void *arguments, Error *err)
{
    const ChunkChange *change = arguments;

    return (change->part == NULL ||
            change_run(state, SQL_PART_SEAL, &PART_ROW, change->part, err)) &&
           change_require_none(state, SQL_CHUNK_SEAL_BLOCKED, &CHUNK, change,
                               "a part of the chunk is not sealed", err) &&
           require_touched(state, SQL_CHUNK_SEAL, change, "the chunk is not running", err);
}

bool
state_chunk_seal(State *state, const char *run_id, int64_t chunk_index, const PartRow *last_part,
                 const char *null_counts, Error *err)
{
    static const Change SEAL = {.name = "chunk_seal",
                                .what = "a finished chunk",
                                .row = &CHUNK,
                                .apply = apply_seal,
                                .applied = SQL_CHUNK_SEAL_APPLIED};
    const ChunkChange change = {.run_id = run_id,
                                .chunk_index = chunk_index,
                                .part = last_part,
                                .null_counts = null_counts};

    return change_make(state, &SEAL, &change, NULL, err);
}

/* ---- resume ---- */

static bool
apply_resume(State *state, const void *arguments, Error *err)
{
    const ChunkChange *change = arguments;

    if (!require_touched(state, SQL_CHUNK_RESUME_RUN, change, "no open run to resume", err) ||
        !change_run(state, SQL_CHUNK_RESUME_FAILED, &CHUNK, change, err))
        return false;
    Query query = query_begin(state, SQL_CHUNK_RESUME_RUNNING);
    query_bind_row(&query, &CHUNK, change);
    return query_run(&query, change->counter, err);
}

bool
state_chunk_resume(State *state, const char *run_id, const char *owner, int64_t *returned_count,
                   Error *err)
{
    static const Change RESUME = {.name = "resume",
                                  .what = "that the run goes on",
                                  .row = &CHUNK,
                                  .apply = apply_resume,
                                  .applied = SQL_CHUNK_RESUME_APPLIED};
    const ChunkChange change = {.run_id = run_id, .owner = owner, .counter = returned_count};

    *returned_count = 0;
    return change_make(state, &RESUME, &change, NULL, err);
}

bool
state_chunk_totals(State *state, const char *run_id, ChunkTotals *totals, Error *err)
{
    static const Field FIELDS[] = {
        FIELD(ChunkTotals, FIELD_INT, task_count),   FIELD(ChunkTotals, FIELD_INT, open_count),
        FIELD(ChunkTotals, FIELD_INT, failed_count), FIELD(ChunkTotals, FIELD_INT, rows),
        FIELD(ChunkTotals, FIELD_INT, files),        FIELD(ChunkTotals, FIELD_INT, bytes),
    };
    static const RowType TOTALS = ROW_TYPE(ChunkTotals, FIELDS);
    bool found = false;
    Query query = query_begin(state, SQL_CHUNK_TOTALS);

    query_bind_text(&query, ":run_id", run_id);
    return query_one(&query, &TOTALS, NULL, totals, &found, err);
}

/* ---- the end of a plan ---- */

static bool
apply_discard(State *state, const void *arguments, Error *err)
{
    return change_require_none(state, SQL_CHUNK_DISCARD_BLOCKED, &CHUNK, arguments,
                               "the run still has parts that are not published", err) &&
           change_run(state, SQL_CHUNK_DISCARD_TASKS, &CHUNK, arguments, err) &&
           change_run(state, SQL_CHUNK_DISCARD_RUN, &CHUNK, arguments, err);
}

bool
state_chunk_discard(State *state, const char *run_id, Error *err)
{
    static const Change DISCARD = {.name = "plan_end",
                                   .what = "the end of the chunk plan",
                                   .row = &CHUNK,
                                   .apply = apply_discard,
                                   .applied = SQL_CHUNK_DISCARD_APPLIED};
    const ChunkChange change = {.run_id = run_id};

    return change_make(state, &DISCARD, &change, NULL, err);
}

static bool
apply_reset(State *state, const void *arguments, Error *err)
{
    const ChunkChange *change = arguments;

    if (!change_run(state, SQL_CHUNK_RESET_STATE, &CHUNK, change, err) ||
        !change_run(state, SQL_CHUNK_RESET_TASKS, &CHUNK, change, err))
        return false;
    Query query = query_begin(state, SQL_CHUNK_RESET_RUNS);
    query_bind_row(&query, &CHUNK, change);
    return query_run(&query, change->counter, err);
}

bool
state_chunk_reset(State *state, const char *export_name, int64_t *run_count, Error *err)
{
    static const Change RESET = {.name = "reset",
                                 .what = "the reset",
                                 .row = &CHUNK,
                                 .apply = apply_reset,
                                 .applied = SQL_CHUNK_RESET_APPLIED};
    const ChunkChange change = {.export_name = export_name, .counter = run_count};

    *run_count = 0;
    return change_make(state, &RESET, &change, NULL, err);
}
