/* run.h: runs, and which process owns them. */
#ifndef RIVET_STATE_RUN_H
#define RIVET_STATE_RUN_H

#include "util/arena.h"
#include "util/error.h"

typedef struct State State;

typedef struct RunRow {
    const char *run_id;
    const char *export_name;
    const char *mode;       /* "full", "incremental", "chunked", "timewindow" */
    const char *status;     /* "open", "done", "failed", "interrupted" */
    const char *owner;      /* host:pid:start, see state_owner_self */
    const char *name_stamp; /* 20260102_030405_a1b2c3 */
    const char *source_id;
    const char *destination_id;
    int64_t destination_inode;
    const char *bounds;
    const char *output_hash;
    const char *query_hash;
    const char *format;         /* for the file_manifest rows of a roll-forward */
    const char *compression;    /* likewise */
    const char *cursor_columns; /* JSON arrays of text, or NULL */
    const char *cursor_types;   /* likewise */
    const char *cursor_before;
    const char *cursor_after;
    const char *snapshot;
    const char *manifest; /* "none", "due", "published" */
    const char *manifest_json;
    const char *started_at; /* state_run_start: NULL means now */
    const char *ended_at;
} RunRow;

/* status: open, manifest: none, whatever the row says. An existing run id is an error. */
MUST_USE bool state_run_start(State *state, const RunRow *run, Error *err);
/* A later attempt may read other rows, and from another of several servers: source_id, output_hash,
 * bounds and cursor_* (save cursor_after) become those of this row. */
MUST_USE bool state_run_rebind(State *state, const RunRow *run, Error *err);
/* done, failed or interrupted; a run that is already done stays done. */
MUST_USE bool state_run_end(State *state, const char *run_id, const char *status, Error *err);
/* Recovery and resume: this process is the run's owner from now on; the status stays. */
MUST_USE bool state_run_take(State *state, const char *run_id, const char *owner, Error *err);
/* state reset, for what cannot be reached any more: the run's invisible parts are forgotten, its
 * manifest is no longer due, an open or failed run is interrupted. */
MUST_USE bool state_run_forget(State *state, const char *run_id, Error *err);

MUST_USE bool state_run_get(State *state, const char *run_id, Arena *arena, RunRow *row,
                            bool *found, Error *err);
/* Runs of the export in this status (NULL: any), oldest first. */
MUST_USE bool state_run_list(State *state, const char *export_name, const char *status,
                             Arena *arena, RunRow **rows, size_t *count, Error *err);
/* What recovery has to look at: runs that are open, have invisible parts, or whose manifest is
 * due; oldest first (spec: delivery §3). */
MUST_USE bool state_run_list_unfinished(State *state, const char *export_name, Arena *arena,
                                        RunRow **rows, size_t *count, Error *err);

#endif
