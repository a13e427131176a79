#include "pipeline/chunk_run.h"

#include "pipeline/budget.h"
#include "pipeline/deliver.h"
#include "pipeline/discard.h"
#include "pipeline/drift.h"
#include "pipeline/export_units.h"
#include "pipeline/journal.h"
#include "pipeline/plan_store.h"
#include "util/interrupt.h"
#include "util/log.h"
#include "util/memory.h"

#define MODULE "rivet::chunk"

/* ---- the workers ---- */

/* One connection reads everything in one transaction; several do so where they must. What needs it
 * is known for sure with the plan, but a snapshot has to begin before. */
static bool
holds_snapshot(const ExportConfig *export)
{
    return export->consistency == CONSISTENCY_SNAPSHOT ||
           (export->consistency == CONSISTENCY_DEFAULT && export->parallel == 1) ||
           export->chunk_dense || export->chunk_columns.count == 0;
}

static void
set_up(ExportRun *run)
{
    ChunkRun *chunks = run->chunks;
    const RunContext *context = run->context;

    run->units = export_unit_context(run, run->export->parallel);
    run->units.unit_ready = chunk_ready;
    run->units.holds_snapshot = holds_snapshot(run->export);
    run->units.chunks = chunks;
    chunks->memory_limit =
        size_max((size_t)(context->config->max_memory_mb / budget_worker_min_mb(run->export) /
                          context->parallel_exports),
                 1);
    chunks->worker = (WorkerOptions){
        .context = &run->units,
        .address = &run->address,
        .prepare = chunk_prepare,
        .next_unit = chunk_next,
        .commit = chunk_commit,
        .unit_done = chunk_done,
        .attempt_failed = export_undo_attempt,
        .goes_on = true,
    };
}

/* False: planning failed, or the machinery around the chunks did. A chunk that failed is in
 * chunks->failure. */
static bool
work(ExportRun *run, Error *err)
{
    ChunkRun *chunks = run->chunks;

    crew_init(&chunks->crew, &run->exchange);
    bool ok = crew_add(&chunks->crew, &chunks->worker, err);
    crew_serve(&chunks->crew, run);
    return crew_join(&chunks->crew, err) && ok;
}

/* Whether all rows and their count are sure to be of one moment. Where the plan needs its snapshot,
 * what was tried again was so in the same one. */
static bool
lacks_common_snapshot(const ExportRun *run)
{
    const ChunkRun *chunks = run->chunks;

    return !run->units.holds_snapshot || chunks->is_resumed ||
           (!chunks->needs_snapshot && run->result->retry_count > 0);
}

/* ---- plain: all chunks are one unit ---- */

static void
append_parts(UnitResult *all, const UnitResult *chunk)
{
    for (size_t i = 0; i < chunk->part_count; i++) {
        SealedPart *part = &all->parts[all->part_count++];
        *part = chunk->parts[i];
        part->ref.key = arena_dup_string(&all->arena, part->ref.key);
        if (part->ref.tail_bytes > 0)
            part->ref.tail = (const uint8_t *)arena_dup_bytes(
                &all->arena, (const char *)part->ref.tail, part->ref.tail_bytes);
    }
    all->row_count += chunk->row_count;
    all->byte_count += chunk->byte_count;
    all->policy_counts.infinity += chunk->policy_counts.infinity;
    all->policy_counts.decimal_special += chunk->policy_counts.decimal_special;
    all->policy_counts.zero_dates += chunk->policy_counts.zero_dates;
    all->policy_counts.invalid_utf8 += chunk->policy_counts.invalid_utf8;
}

/* The parts of all chunks, in their order, as the one unit that they are. */
static void
join_results(ExportRun *run)
{
    ChunkRun *chunks = run->chunks;
    UnitResult *all = &run->unit;
    size_t part_count = 0;

    for (size_t i = 0; i < chunks->plan.count; i++)
        part_count += chunks->results[i].part_count;
    *all = chunks->facts;
    chunks->facts = (UnitResult){0};
    all->plan = chunks->query;
    chunks->query = NULL;
    all->unit = STATE_ALL_UNITS;
    all->parts = memory_alloc_zero(part_count + 1, sizeof(*all->parts));
    all->window.bounds = plan_store_bounds(&chunks->plan, &run->arena);
    all->quality = chunks->quality;
    chunks->quality = NULL;
    all->is_validated = run->context->validates;
    all->has_source_count = chunks->has_source_count;
    all->source_count = chunks->source_count;
    all->lacks_common_snapshot = lacks_common_snapshot(run);
    for (size_t i = 0; i < chunks->plan.count; i++) {
        append_parts(all, &chunks->results[i]);
        unit_result_release(&chunks->results[i]);
    }
}

static bool
finish_plain(ExportRun *run, Error *err)
{
    ChunkRun *chunks = run->chunks;
    Error discard_err = ERROR_INIT;

    if (chunks->failure.code == ERR_NONE && chunks->done_count == chunks->plan.count) {
        join_results(run);
        log_info(MODULE, "export '%s': all %zu chunks are read", run->export->name,
                 chunks->plan.count);
        return deliver_run(run, err);
    }
    if (!discard_parts(run->context->state, run->destination, run->name.run_id, DISCARD_ALL_UNITS,
                       &discard_err))
        log_warn(MODULE, "export '%s': %s", run->export->name, discard_err.message);
    *err = chunks->failure;
    return interrupt_check(err) && error_set(err, ERR_INTERNAL, "%zu of %zu chunks were read",
                                             chunks->done_count, chunks->plan.count);
}

/* ---- checkpointed ---- */

/* The exit status is that of the failure, and so is its hint, which says what to do before going on
 * helps. */
static bool
report_open(const ExportRun *run, const ChunkTotals *totals, Error *err)
{
    const Error *cause = &run->chunks->failure;
    char why[sizeof(cause->message) + sizeof(cause->context)] = "";

    if (cause->code == ERR_INTERRUPTED || !interrupt_check(err)) {
        err->hint = "continue with --resume";
        return error_set(err, ERR_INTERRUPTED,
                         "stopped with %" PRId64 " of %" PRId64 " chunks open", totals->open_count,
                         totals->task_count);
    }
    if (cause->code != ERR_NONE)
        error_format(cause, why, sizeof(why));
    err->hint = cause->hint != NULL ? cause->hint
                                    : "continue with --resume, look with 'rivet state chunks', or "
                                      "give up with 'rivet state reset-chunks'";
    return error_set(err, cause->code == ERR_NONE ? ERR_INTERNAL : cause->code,
                     "%" PRId64 " of %" PRId64
                     " chunks are not completed (--resume goes on): %.700s",
                     totals->open_count, totals->task_count, why);
}

static void
take_run_facts(ExportRun *run)
{
    ChunkRun *chunks = run->chunks;
    UnitResult *unit = &run->unit;

    /* Files of earlier processes were validated there, or not at all. */
    unit->is_validated = run->context->validates && chunks->resumed_count == 0;
    unit->has_source_count = chunks->has_source_count;
    unit->source_count = chunks->source_count;
    unit->lacks_common_snapshot = lacks_common_snapshot(run);
}

static void
remember_schema(const ExportRun *run)
{
    Error err = ERROR_INIT;

    if (run->unit.row_count > 0 &&
        !drift_store(run->context->state, run->export->name, run->chunks->query->schema, &err))
        log_warn(MODULE, "export '%s': the schema is not stored: %s", run->export->name,
                 err.message);
}

static bool
finish_checkpointed(ExportRun *run, Error *err)
{
    ChunkTotals totals = {0};

    if (!chunk_take_totals(run, &totals, err))
        return false;
    take_run_facts(run);
    if (run->chunks->failure.code != ERR_NONE && run->chunks->is_stopping &&
        interrupt_signal() == 0) {
        *err = run->chunks->failure;
        return false;
    }
    if (totals.open_count > 0)
        return report_open(run, &totals, err);
    if (!chunk_finish(run, err))
        return false;
    journal_add(run->context->state, run->name.run_id, "delivered",
                "files=%" PRId64 " rows=%" PRId64 " bytes=%" PRId64, totals.files, totals.rows,
                totals.bytes);
    log_info(MODULE, "export '%s': all %" PRId64 " chunks are completed", run->export->name,
             totals.task_count);
    remember_schema(run);
    return deliver_check_count(run, err);
}

bool
chunk_run(ExportRun *run, Error *err)
{
    ChunkRun *chunks = run->chunks;

    set_up(run);
    bool ok = work(run, err);
    if (!ok && chunks->failure.code == ERR_NONE && !run->is_started)
        return false; /* nothing of it is recorded */
    if (!ok) {
        chunks->is_stopping = true;
        if (chunks->failure.code == ERR_NONE || chunks->failure.code == ERR_INTERRUPTED)
            chunks->failure = *err;
        error_clear(err);
    }
    return chunks->is_checkpointed ? finish_checkpointed(run, err) : finish_plain(run, err);
}

void
chunk_run_release(ExportRun *run)
{
    ChunkRun *chunks = run->chunks;

    if (chunks == NULL)
        return;
    for (size_t i = 0; chunks->results != NULL && i < chunks->plan.count; i++)
        unit_result_release(&chunks->results[i]);
    free(chunks->results);
    quality_free(chunks->quality);
    source_plan_free(chunks->query);
    unit_result_release(&chunks->facts);
    free(chunks->manifest_head);
    free(chunks);
    run->chunks = NULL;
}
