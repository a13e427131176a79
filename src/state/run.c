#include "state/run.h"

#include "state/change.h"

static const Field FIELDS[] = {
    FIELD(RunRow, FIELD_NEEDED_TEXT, run_id),    FIELD(RunRow, FIELD_NEEDED_TEXT, export_name),
    FIELD(RunRow, FIELD_NEEDED_TEXT, mode),      FIELD(RunRow, FIELD_NEEDED_TEXT, status),
    FIELD(RunRow, FIELD_NEEDED_TEXT, owner),     FIELD(RunRow, FIELD_NEEDED_TEXT, name_stamp),
    FIELD(RunRow, FIELD_TEXT, source_id),        FIELD(RunRow, FIELD_TEXT, destination_id),
    FIELD(RunRow, FIELD_INT, destination_inode), FIELD(RunRow, FIELD_TEXT, bounds),
    FIELD(RunRow, FIELD_TEXT, output_hash),      FIELD(RunRow, FIELD_TEXT, query_hash),
    FIELD(RunRow, FIELD_TEXT, format),           FIELD(RunRow, FIELD_TEXT, compression),
    FIELD(RunRow, FIELD_TEXT, cursor_columns),   FIELD(RunRow, FIELD_TEXT, cursor_types),
    FIELD(RunRow, FIELD_TEXT, cursor_before),    FIELD(RunRow, FIELD_TEXT, cursor_after),
    FIELD(RunRow, FIELD_TEXT, snapshot),         FIELD(RunRow, FIELD_NEEDED_TEXT, manifest),
    FIELD(RunRow, FIELD_TEXT, manifest_json),    FIELD(RunRow, FIELD_NEEDED_TEXT, started_at),
    FIELD(RunRow, FIELD_TEXT, ended_at),
};
static const RowType RUN = ROW_TYPE(RunRow, FIELDS);

static const char NO_SUCH_RUN[] = "the run is not recorded";

bool
state_run_start(State *state, const RunRow *run, Error *err)
{
    static const Change START = {.name = "run",
                                 .what = "the run",
                                 .row = &RUN,
                                 .sql = SQL_RUN_START,
                                 .applied = SQL_RUN_START_APPLIED};

    return change_make(state, &START, run, NULL, err);
}

bool
state_run_rebind(State *state, const RunRow *run, Error *err)
{
    static const Change REBIND = {.name = "rebind",
                                  .what = "what the run reads",
                                  .row = &RUN,
                                  .sql = SQL_RUN_REBIND,
                                  .applied = SQL_RUN_REBIND_APPLIED,
                                  .missing = NO_SUCH_RUN};

    return change_make(state, &REBIND, run, NULL, err);
}

bool
state_run_end(State *state, const char *run_id, const char *status, Error *err)
{
    static const Change END = {.name = "run_end",
                               .what = "the end of the run",
                               .row = &RUN,
                               .sql = SQL_RUN_END,
                               .applied = SQL_RUN_END_APPLIED,
                               .missing = NO_SUCH_RUN};
    const RunRow run = {.run_id = run_id, .status = status};

    return change_make(state, &END, &run, NULL, err);
}

bool
state_run_take(State *state, const char *run_id, const char *owner, Error *err)
{
    static const Change TAKE = {.name = "owner",
                                .what = "the owner of the run",
                                .row = &RUN,
                                .sql = SQL_RUN_TAKE,
                                .applied = SQL_RUN_TAKE_APPLIED,
                                .missing = NO_SUCH_RUN};
    const RunRow run = {.run_id = run_id, .owner = owner};

    return change_make(state, &TAKE, &run, NULL, err);
}

static bool
apply_forget(State *state, const void *run, Error *err)
{
    return change_run(state, SQL_RUN_FORGET_PARTS, &RUN, run, err) &&
           change_run(state, SQL_RUN_FORGET, &RUN, run, err);
}

bool
state_run_forget(State *state, const char *run_id, Error *err)
{
    static const Change FORGET = {.name = "reset",
                                  .what = "the reset",
                                  .row = &RUN,
                                  .apply = apply_forget,
                                  .applied = SQL_RUN_FORGET_APPLIED};
    const RunRow run = {.run_id = run_id};

    return change_make(state, &FORGET, &run, NULL, err);
}

bool
state_run_get(State *state, const char *run_id, Arena *arena, RunRow *row, bool *found, Error *err)
{
    Query query = query_begin(state, SQL_RUN_GET);

    query_bind_text(&query, ":run_id", run_id);
    return query_one(&query, &RUN, arena, row, found, err);
}

static bool
list(Query *query, Arena *arena, RunRow **rows, size_t *count, Error *err)
{
    void *found = NULL;
    bool ok = query_list(query, &RUN, arena, &found, count, err);

    *rows = found;
    return ok;
}

bool
state_run_list(State *state, const char *export_name, const char *status, Arena *arena,
               RunRow **rows, size_t *count, Error *err)
{
    Query query = query_begin(state, SQL_RUN_LIST);

    query_bind_text(&query, ":export_name", export_name);
    query_bind_text(&query, ":status", status);
    return list(&query, arena, rows, count, err);
}

bool
state_run_list_unfinished(State *state, const char *export_name, Arena *arena, RunRow **rows,
                          size_t *count, Error *err)
{
    Query query = query_begin(state, SQL_RUN_LIST_UNFINISHED);

    query_bind_text(&query, ":export_name", export_name);
    return list(&query, arena, rows, count, err);
}
