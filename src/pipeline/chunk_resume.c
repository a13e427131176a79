/* Finding, comparing and continuing a checkpointed run. Nothing is changed before everything the
 * run is bound to has been compared (acceptance row R5). */
#include "pipeline/chunk_run.h"
#include "pipeline/fingerprint.h"
#include "pipeline/journal.h"
#include "pipeline/plan_store.h"
#include "pipeline/recover.h"
#include "util/clock.h"
#include "util/fault.h"
#include "util/log.h"
#include "util/memory.h"

#define MODULE "rivet::chunk"

static bool
wants_resume(const ExportRun *run)
{
    const ExportConfig *export = run->export;

    return export->mode == MODE_CHUNKED && export->chunk_checkpoint &&
           (run->context->resumes || export->resume == RESUME_AUTO);
}

/* ---- finding ---- */

static bool
refuse_open(const ExportRun *run, const ChunkRunRow *open, Error *err)
{
    if (open->is_of_original) {
        err->hint = STATE_ORIGINAL_PLAN_HINT;
        return error_set(err, ERR_CONFIG, "chunk run '%s' is in progress and cannot be resumed",
                         open->run_id);
    }
    err->hint = "continue it with --resume, or give it up with 'rivet state reset-chunks'";
    return error_set(err, ERR_CONFIG,
                     "chunk run '%s' of export '%s' is in progress: continue it with --resume, or "
                     "give it up with 'rivet state reset-chunks'",
                     open->run_id, run->export->name);
}

static int64_t
parse_started(const char *text)
{
    int64_t at_us = 0;

    return text != NULL && clock_parse_rfc3339(text, &at_us) ? at_us : clock_now_us();
}

/* From now on this process speaks for the run that was left. */
static bool
adopt(ExportRun *run, const char *run_id, RunRow *row, Error *err)
{
    bool found = false;

    if (!state_run_get(run->context->state, run_id, &run->arena, row, &found, err))
        return false;
    if (!found)
        return error_set(err, ERR_STATE, "the run '%s' of a chunk plan is not recorded", run_id);
    run->name = (RunName){.run_id = row->run_id,
                          .stamp = row->name_stamp,
                          .started_us = parse_started(row->started_at)};
    snprintf(run->result->run_id, sizeof(run->result->run_id), "%s", row->run_id);
    return true;
}

bool
chunk_find_open(ExportRun *run, Error *err)
{
    ChunkRunRow open = {0};
    bool found = false;

    if (!state_chunk_find_open(run->context->state, run->export->name, &run->arena, &open, &found,
                               err))
        return false;
    if (found && (open.is_of_original || !wants_resume(run)))
        return refuse_open(run, &open, err);
    if (run->export->mode != MODE_CHUNKED)
        return true;
    run->chunks = memory_alloc_zero(1, sizeof(*run->chunks));
    run->chunks->is_checkpointed = run->export->chunk_checkpoint;
    run->chunks->is_resumed = found;
    run->chunks->open_plan = open;
    return !found || adopt(run, open.run_id, &run->chunks->open_run, err);
}

/* ---- comparing ---- */

static bool
mismatch(const ChunkRun *chunks, const char *field, Error *err)
{
    err->hint = "put the configuration back, or give the run up with 'rivet state reset-chunks'";
    return error_set(err, ERR_CONFIG,
                     "chunk plan fingerprint mismatch: %s is not what run '%s' was started with "
                     "(a run is bound to query, chunk_column, chunk_size, chunk_dense, and to "
                     "where and how it writes)",
                     field, chunks->open_run.run_id);
}

static bool
compare(ExportRun *run, const char *source_identity, Error *err)
{
    ChunkRun *chunks = run->chunks;
    const char *kind = plan_configured_kind(run->export);
    char hash[FINGERPRINT_BYTES];

    fingerprint_plan(run->query, run->export->chunk_columns, run->export->chunk_size, kind, hash);
    chunks->plan_hash = arena_dup_string(&run->arena, hash);
    fingerprint_query(run->query, hash);
    chunks->query_hash = arena_dup_string(&run->arena, hash);
    chunks->fields = fingerprint_fields(
        &(FingerprintFacts){
            .export = run->export,
            .query = run->query,
            .kind = kind,
            .source_identity = source_identity,
            .destination_identity = run->destination->identity,
        },
        &run->arena);
    if (!chunks->is_resumed)
        return true;
    const char *field =
        fingerprint_difference(chunks->open_run.output_hash, chunks->fields, &run->arena);
    if (field == NULL && strcmp(chunks->open_plan.plan_hash, chunks->plan_hash) != 0)
        field = "the plan";
    return field == NULL || mismatch(chunks, field, err);
}

bool
chunk_check_open(ExportRun *run, Error *err)
{
    return run->chunks == NULL || compare(run, run->chunks->open_run.source_id, err);
}

bool
chunk_bind_source(ExportRun *run, Error *err)
{
    return compare(run, run->chunks->facts.source_identity, err);
}

/* ---- recovery ---- */

/* The unfinished run of a stored plan, if there is one: what recovery may bring to its end. */
static bool
find_unfinished(ExportRun *run, const char **run_id, Error *err)
{
    RunRow *runs = NULL;
    ChunkRunRow *plans = NULL;
    size_t run_count = 0;
    size_t plan_count = 0;
    State *state = run->context->state;

    *run_id = NULL;
    if (!wants_resume(run))
        return true;
    if (!state_run_list_unfinished(state, run->export->name, &run->arena, &runs, &run_count, err) ||
        !state_chunk_run_list(state, run->export->name, &run->arena, &plans, &plan_count, err))
        return false;
    for (size_t i = 0; i < run_count; i++)
        for (size_t j = 0; j < plan_count; j++)
            if (strcmp(runs[i].run_id, plans[j].run_id) == 0)
                *run_id = runs[i].run_id;
    return true;
}

bool
chunk_take_totals(ExportRun *run, ChunkTotals *totals, Error *err)
{
    if (!state_chunk_totals(run->context->state, run->name.run_id, totals, err))
        return false;
    run->unit.row_count = (uint64_t)totals->rows;
    run->unit.part_count = (size_t)totals->files;
    run->unit.byte_count = (uint64_t)totals->bytes;
    return true;
}

/* Did recovery bring the run to its end? Then this start is its summary. */
static bool
take_finished(ExportRun *run, const char *run_id, bool *is_finished, Error *err)
{
    RunRow row = {0};
    ChunkTotals totals = {0};

    if (!adopt(run, run_id, &row, err))
        return false;
    *is_finished = strcmp(row.status, "done") == 0;
    if (*is_finished)
        log_info(MODULE, "export '%s': run '%s' was completed by recovery", run->export->name,
                 run_id);
    return !*is_finished || chunk_take_totals(run, &totals, err);
}

bool
chunk_recover(ExportRun *run, bool *is_finished, Error *err)
{
    const char *unfinished = NULL;

    *is_finished = false;
    if (!find_unfinished(run, &unfinished, err) ||
        !recover_export(run->context->state, run->export, run->destination, run->owner, err))
        return false;
    FAULT_POINT("export.recovered");
    if (unfinished != NULL && !take_finished(run, unfinished, is_finished, err))
        return false;
    if (run->chunks == NULL || run->chunks->is_resumed || *is_finished || !wants_resume(run) ||
        !run->context->resumes)
        return true;
    err->hint = "start without --resume";
    return error_set(err, ERR_CONFIG, "--resume but no in-progress chunk checkpoint of export '%s'",
                     run->export->name);
}

/* ---- continuing ---- */

static bool
load_plan(ExportRun *run, Error *err)
{
    ChunkRun *chunks = run->chunks;
    ChunkTaskRow *tasks = NULL;
    size_t count = 0;

    if (!state_chunk_task_list(run->context->state, run->name.run_id, &run->arena, &tasks, &count,
                               err))
        return false;
    const StoredPlan stored = {.kind = chunks->open_plan.kind,
                               .bounds = chunks->open_run.bounds,
                               .rows = tasks,
                               .count = count};
    return plan_store_load(&stored, &run->arena, &chunks->plan, err);
}

/* Chunks published one by one cannot be held back for a gate any more. */
static bool
check_gate(const ExportRun *run, const ChunkTaskRow *tasks, size_t count, Error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (!run->chunks->is_deferred || strcmp(tasks[i].status, "completed") != 0)
            continue;
        err->hint = "take quality out until the run is done, or give the run up with 'rivet state "
                    "reset-chunks'";
        return error_set(err, ERR_CONFIG,
                         "quality was added after chunks of run '%s' had been published",
                         run->name.run_id);
    }
    return true;
}

/* Chunks that wait for a gate stay deferred, even if the gate has been taken out meanwhile. */
static bool
settle_gate(ExportRun *run, Error *err)
{
    ChunkRun *chunks = run->chunks;
    ChunkTaskRow *tasks = NULL;
    size_t count = 0;

    if (!state_chunk_task_list(run->context->state, run->name.run_id, &run->arena, &tasks, &count,
                               err))
        return false;
    chunks->is_deferred = run->export->quality.is_set;
    for (size_t i = 0; i < count; i++)
        chunks->is_deferred |= strcmp(tasks[i].status, "sealed") == 0;
    return check_gate(run, tasks, count, err);
}

bool
chunk_check_stored(ExportRun *run, Error *err)
{
    return load_plan(run, err) && settle_gate(run, err);
}

bool
chunk_resume(ExportRun *run, Error *err)
{
    ChunkRun *chunks = run->chunks;
    State *state = run->context->state;
    ChunkTotals totals = {0};
    int64_t returned_count = 0;
    bool is_finished = false;

    if (!chunk_recover(run, &is_finished, err) || !load_plan(run, err))
        return false;
    run->is_started = !is_finished;
    if (!is_finished) {
        if (!settle_gate(run, err) ||
            !state_chunk_resume(state, run->name.run_id, run->owner, &returned_count, err))
            return false;
        FAULT_POINT("chunk.resumed");
    }
    if (returned_count > 0)
        log_warn(MODULE, "export '%s': %" PRId64 " chunks that were running start again",
                 run->export->name, returned_count);
    if (!chunk_take_totals(run, &totals, err))
        return false;
    chunks->done_count = (size_t)(totals.task_count - totals.open_count);
    chunks->resumed_count = chunks->done_count;
    chunks->recorded_count = chunks->done_count;
    if (!is_finished)
        journal_add(state, run->name.run_id, "resumed", "chunks=%" PRId64 " open=%" PRId64,
                    totals.task_count, totals.open_count);
    log_info(MODULE,
             "export '%s': resuming run_id=%s: %" PRId64 " of %" PRId64 " chunks are left%s",
             run->export->name, run->name.run_id, totals.open_count, totals.task_count,
             run->export->consistency == CONSISTENCY_SNAPSHOT ? ", in a new snapshot" : "");
    return true;
}
