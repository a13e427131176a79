/* recover_run.h: the recovery of one run, inside recover*.c only. */
#ifndef RIVET_PIPELINE_RECOVER_RUN_H
#define RIVET_PIPELINE_RECOVER_RUN_H

#include "config/config.h"
#include "destination/destination.h"
#include "state/state.h"

typedef struct Recovery {
    State *state;
    const ExportConfig *export;
    Destination *dest;
    const char *owner;
    const RunRow *run;
    PartRow *parts;
    size_t part_count;
    bool has_plan; /* a chunk plan in progress: each chunk is a unit, and the run can be resumed */
    ChunkTaskRow *tasks; /* by index */
    size_t task_count;
    Arena arena;
} Recovery;

/* recover.c: steps 1 and 2 of spec delivery §3 for one unit, or STATE_ALL_UNITS. *is_recorded
 * false: it was undone instead. */
MUST_USE bool recover_unit(Recovery *recovery, int64_t unit, bool is_last,
                           const char *manifest_json, bool *is_recorded, Error *err);

/* recover_chunks.c */

/* The stored plan of the run, where it has one that is in progress. */
MUST_USE bool recover_read_plan(Recovery *recovery, Error *err);
/* Chunks past A become visible. */
MUST_USE bool recover_roll_chunks(Recovery *recovery, Error *err);
/* Parts go that no resume can use; those of chunks that wait for a gate stay. */
MUST_USE bool recover_discard_chunks(Recovery *recovery, Error *err);

#endif
