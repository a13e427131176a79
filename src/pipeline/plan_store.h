/* plan_store.h: a chunk plan as rows of the state, and back.
 *
 * Chunk     JSON in chunk_task.bounds: {"ge":[…],"gt":[…],"le":[…],"lt":[…],"null":true}, one text
 *           per key column; {"rows":[first,last]} and {"pages":[first,end]}, 0 for the open end. A
 *           chunk without bounds is {}.
 * Plan      JSON in run.bounds: the key's "columns" and what lies between all chunks, "ge" and
 * "le". start_key, end_key for people: decimals of an integer key, else the texts, several joined
 * by a comma; "-" for an open end, "NULL" for the chunk of NULL keys. Source    spec: state
 * (version 4), extraction §4 */
#ifndef RIVET_PIPELINE_PLAN_STORE_H
#define RIVET_PIPELINE_PLAN_STORE_H

#include "pipeline/plan.h"
#include "state/state.h"

/* Texts in arena, here and below. */
const char *plan_store_bounds(const ChunkPlan *plan, Arena *arena);
/* One row per chunk. */
ChunkTaskRow *plan_store_rows(const ChunkPlan *plan, Arena *arena);

typedef struct StoredPlan {
    const char *kind;   /* of the chunk_run row */
    const char *bounds; /* of the run row */
    const ChunkTaskRow *rows;
    size_t count;
} StoredPlan;

/* ERR_STATE for rows that were not written here. */
MUST_USE bool plan_store_load(const StoredPlan *stored, Arena *arena, ChunkPlan *plan, Error *err);

/* "1 .. 100", "> a .. b", "rows 1 .. 100", "NULL": for log lines. */
const char *plan_store_describe(const ReadRange *chunk, Arena *arena);

#endif
