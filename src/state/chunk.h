/* chunk.h: the stored plan of a checkpointed chunked run.
 *
 *   pending ─ claim ─ running ─ A ─ sealed ─ B ─ completed      (part.h moves the last two)
 *      ▲                 └─ fail ─ failed ─ claim … while attempts < max_chunk_attempts
 *      └─ resume, state_unit_reopen
 *
 * With quality the task is sealed by state_chunk_seal, before the gate; A and B then take
 * STATE_ALL_UNITS. Source: behaviour §10, delivery §4, state §4. */
#ifndef RIVET_STATE_CHUNK_H
#define RIVET_STATE_CHUNK_H

#include "state/part.h"
#include "util/arena.h"
#include "util/error.h"

typedef struct State State;

typedef struct ChunkRunRow {
    const char *run_id;
    const char *export_name;
    const char *plan_hash;
    const char *kind;   /* how the chunks are cut; NULL in plans of the original */
    const char *status; /* "in_progress", "completed"; out only, like the times */
    int64_t max_chunk_attempts;
    const char *created_at;
    const char *updated_at;
    /* Out only: no run row belongs to it. The plan was made by the original: it cannot be resumed,
     * STATE_ORIGINAL_PLAN_HINT says what to do. */
    bool is_of_original;
} ChunkRunRow;

#define STATE_ORIGINAL_PLAN_HINT                                                                   \
    "the checkpoint was left by another program; `rivet state reset-chunks` removes it, its "      \
    "files stay"

typedef struct ChunkTaskRow {
    int64_t chunk_index; /* from 0 */
    const char *start_key;
    const char *end_key;
    const char *bounds; /* JSON {"gt":[…],"le":[…],"null":true}; NULL in plans of the original */
    const char *status; /* "pending", "running", "sealed", "completed", "failed" */
    int64_t attempts;
    const char *last_error;
    int64_t rows_written;  /* -1: not known yet */
    const char *file_name; /* the first part's; NULL: no rows */
    const char *null_counts;
    const char *updated_at;
} ChunkTaskRow;

/* Run and tasks in one transaction. Of a task: chunk_index, start_key, end_key, bounds. Fails when
 * the export already has a plan in progress. */
MUST_USE bool state_chunk_plan(State *state, const ChunkRunRow *run, const ChunkTaskRow *tasks,
                               size_t task_count, Error *err);

/* The plan to resume: newest in progress by created_at. */
MUST_USE bool state_chunk_find_open(State *state, const char *export_name, Arena *arena,
                                    ChunkRunRow *row, bool *found, Error *err);
/* The plan to show: newest by updated_at, whatever its status. */
MUST_USE bool state_chunk_find_latest(State *state, const char *export_name, Arena *arena,
                                      ChunkRunRow *row, bool *found, Error *err);
/* All plans of the export, oldest first. */
MUST_USE bool state_chunk_run_list(State *state, const char *export_name, Arena *arena,
                                   ChunkRunRow **rows, size_t *count, Error *err);
/* By index. */
MUST_USE bool state_chunk_task_list(State *state, const char *run_id, Arena *arena,
                                    ChunkTaskRow **rows, size_t *count, Error *err);

/* Lowest index that is pending, or failed with attempts left, of a plan in progress; now running
 * with one attempt more. *found false: nothing to do. */
MUST_USE bool state_chunk_claim(State *state, const char *run_id, Arena *arena, ChunkTaskRow *task,
                                bool *found, Error *err);
/* running → failed. error_text without secrets and row values. */
MUST_USE bool state_chunk_fail(State *state, const char *run_id, int64_t chunk_index,
                               const char *error_text, Error *err);
/* running → pending, the attempt not counted: the process stops, the chunk is not at fault. */
MUST_USE bool state_chunk_release(State *state, const char *run_id, int64_t chunk_index,
                                  Error *err);
/* quality: seals the chunk's last part (as state_part_seal; NULL: it was sealed, or the chunk has
 * no rows) and the task with it. All parts of the chunk must be sealed then. null_counts: JSON. */
MUST_USE bool state_chunk_seal(State *state, const char *run_id, int64_t chunk_index,
                               const PartRow *last_part, const char *null_counts, Error *err);

/* --resume: owner into the run row, run open again, running → pending, failed tasks get their
 * attempts back. *returned_count: how many were running. Recovery comes before it. */
MUST_USE bool state_chunk_resume(State *state, const char *run_id, const char *owner,
                                 int64_t *returned_count, Error *err);

/* What a resumed run already has: the totals of its completed and sealed tasks. */
typedef struct ChunkTotals {
    int64_t task_count;
    int64_t open_count; /* tasks neither completed nor sealed */
    int64_t failed_count;
    int64_t rows;
    int64_t files;
    int64_t bytes;
} ChunkTotals;
MUST_USE bool state_chunk_totals(State *state, const char *run_id, ChunkTotals *totals, Error *err);

/* A failed gate: plan and tasks of this run go, so that the next start plans afresh. Fails while
 * the run has parts that are sealed, intent or open. */
MUST_USE bool state_chunk_discard(State *state, const char *run_id, Error *err);
/* state reset-chunks: every plan of the export with its tasks; their runs, unless done, become
 * interrupted. The caller has undone invisible parts before. */
MUST_USE bool state_chunk_reset(State *state, const char *export_name, int64_t *run_count,
                                Error *err);

#endif
