/* chunk_run.h: an export in chunks, from the plan to a run that is done.
 *
 *   plain         the whole run is one unit: workers seal the parts of all chunks, then deliver.h
 *                 publishes them together
 *   checkpointed  each chunk is a unit: its worker has A recorded, publishes, has B recorded
 *   with quality  each chunk is sealed and waits; the gate looks at all, then one A for all
 *
 * The first worker (the leader) describes the query and makes the plan, or finds the stored one;
 * the main thread writes it down and starts the others. Each keeps its connection for the run.
 * Internal to pipeline/: export.c calls chunk_find_open, chunk_check_open and chunk_run; foresee.c
 * those that change nothing.
 * Source  spec: extraction §4, behaviour §8 to §10, delivery §2 and §4 */
#ifndef RIVET_PIPELINE_CHUNK_RUN_H
#define RIVET_PIPELINE_CHUNK_RUN_H

#include "pipeline/crew.h"
#include "pipeline/plan.h"

typedef struct ChunkRun {
    ChunkPlan plan;
    bool is_checkpointed;
    bool is_resumed;
    bool is_deferred;      /* checkpointed with quality: nothing is published before the gate */
    ChunkRunRow open_plan; /* resumed: as stored; the rest of it is in these */
    RunRow open_run;       /* likewise */
    const char *fields;    /* fingerprint_fields of this start */
    const char *plan_hash;
    const char *query_hash; /* in the arena of the run, all three */
    Crew crew;
    WorkerOptions worker;
    size_t worker_count;

    /* ---- what the leader found out ---- */
    ReadPlan *query;  /* owned */
    UnitResult facts; /* schema and source, for the manifest; owns the schema's arena */
    OptionalInt connections_free;
    size_t memory_limit;     /* workers that max_memory_mb has room for */
    size_t worker_limit;     /* by everything that is known before the plan */
    bool needs_snapshot;     /* all chunks come from one snapshot, or the run fails */
    const char *snapshot_id; /* handed on by the leader; NULL: not */
    Source **held;           /* connections that began their snapshots together, the leader's first,
                                until the workers have them; owned. NULL: none */
    size_t held_count;
    bool has_source_count;
    uint64_t source_count;
    char *manifest_head; /* owned; NULL: no manifest */

    /* ---- how far it is; main thread only ---- */
    size_t next_chunk; /* plain: the next one to give out */
    size_t *returned;  /* plain: chunks that another worker is to read */
    size_t returned_count;
    size_t active_count;   /* chunks that workers have */
    size_t reader_count;   /* workers that have not lost the snapshot */
    size_t done_count;     /* completed or sealed, by earlier processes too */
    size_t resumed_count;  /* of these, by earlier processes */
    size_t recorded_count; /* B is in the state */
    UnitResult *results;   /* plain: by chunk; owned */
    Quality *quality;      /* plain: of all chunks so far; owned */
    bool is_stopping;      /* no more chunks are given out */
    Error failure;         /* of the chunk that failed first */
    Error refusal;         /* checkpointed: of a shape that on_schema_drift does not let pass */
} ChunkRun;

/* ---- chunk_resume.c ---- */

/* Under the lock, whatever the mode: an open checkpointed run is resumed or refused. A start that
 * asks to resume and finds none learns so after recovery. */
MUST_USE bool chunk_find_open(ExportRun *run, Error *err);
/* Once the destination is known: everything the run is bound to, save the source, is as it was. */
MUST_USE bool chunk_check_open(ExportRun *run, Error *err);
/* recover_export; a checkpointed run that it brings to its end counts as resumed: *is_finished,
 * and the run's totals are in run->unit. */
MUST_USE bool chunk_recover(ExportRun *run, bool *is_finished, Error *err);
/* After the leader connected: this start is bound to its source too, or, resumed, the source is as
 * it was. */
MUST_USE bool chunk_bind_source(ExportRun *run, Error *err);
/* What is refused of the stored plan of a run that is resumed. */
MUST_USE bool chunk_check_stored(ExportRun *run, Error *err);
/* Recovery; then the stored plan. */
MUST_USE bool chunk_resume(ExportRun *run, Error *err);
/* The totals of a checkpointed run so far, into run->unit. */
MUST_USE bool chunk_take_totals(ExportRun *run, ChunkTotals *totals, Error *err);

/* ---- chunk_run.c ---- */

MUST_USE bool chunk_run(ExportRun *run, Error *err);
void chunk_run_release(ExportRun *run);

/* ---- chunk_leader.c: on the first worker's thread, then on the main thread ---- */

MUST_USE bool chunk_prepare(const UnitContext *context, Source *source, Error *err);

/* ---- chunk_snapshot.c: on the first worker's thread ---- */

/* Before the plan: the connections of all workers begin one snapshot together, where that is
 * asked for and the only way. */
MUST_USE bool chunk_hold_snapshots(const UnitContext *context, Source *leader, Error *err);
/* After the plan: the leader hands its snapshot on, where one is needed. */
MUST_USE bool chunk_share_snapshot(const UnitContext *context, Source *leader, Error *err);
void chunk_close_held(ChunkRun *chunks);

/* ---- chunk_work.c: ExchangeFunctions of WorkerOptions and UnitContext ---- */

MUST_USE bool chunk_next(void *subject, void *argument, Error *err);
MUST_USE bool chunk_done(void *subject, void *argument, Error *err);
MUST_USE bool chunk_ready(void *subject, void *argument, Error *err);

/* ---- chunk_commit.c ---- */

/* WorkerOptions.commit: on the worker's thread. */
MUST_USE bool chunk_commit(const UnitContext *context, UnitResult *result, bool *is_past_intent,
                           Error *err);
/* Main thread, at the end: the gate and one A for all, where the run is deferred; the manifest. */
MUST_USE bool chunk_finish(ExportRun *run, Error *err);

#endif
