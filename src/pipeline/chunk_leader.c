/* The first worker's part: it describes the query and cuts it into chunks, then hands over to the
 * main thread, which writes the plan down and starts the other workers. */
#include "pipeline/budget.h"
#include "pipeline/chunk_run.h"
#include "pipeline/export_units.h"
#include "pipeline/manifest.h"
#include "pipeline/meta.h"
#include "pipeline/plan_store.h"
#include "pipeline/reconcile.h"
#include "preflight/columns.h"
#include "util/fault.h"
#include "util/log.h"
#include "util/memory.h"

#define MODULE "rivet::chunk"

enum {
    CONNECTIONS_SPARED = 3, /* spec: extraction §4 */
    REPORTED_CHUNKS = 8,    /* at either end of a sparse plan */
};

/* ---- on the worker's thread ---- */

static bool
describe(ChunkRun *chunks, const UnitContext *context, Source *source, Error *err)
{
    const ExportConfig *export = context->export;
    UnitResult *facts = &chunks->facts;

    source_plan_free(chunks->query); /* of an earlier attempt */
    chunks->query = NULL;
    memcpy(facts->source_identity, source->identity, sizeof(facts->source_identity));
    memcpy(facts->server_version, source->server_version, sizeof(facts->server_version));
    if (!source_describe(source, context->query, &export->type_rules, &chunks->query, err) ||
        !columns_check(export, source, chunks->query->schema, err))
        return false;
    for (size_t i = 0; i < chunks->query->warning_count; i++)
        log_warn(MODULE, "export '%s': %s", export->name, chunks->query->warnings[i]);
    facts->schema = meta_schema(chunks->query->schema, export->meta_columns, &facts->arena);
    return true;
}

static bool
inspect(ChunkRun *chunks, const ExportConfig *export, Source *source, Error *err)
{
    ServerFacts server;

    if (export->parallel == 1)
        return true;
    if (!source_inspect(source, &chunks->facts.arena, &server, err))
        return false;
    chunks->connections_free = server.connections_free;
    return true;
}

/* The leader has its connection already. */
static size_t
connection_limit(const ChunkRun *chunks)
{
    int64_t free_count = chunks->connections_free.value;

    if (!chunks->connections_free.is_set)
        return SIZE_MAX;
    return free_count > CONNECTIONS_SPARED ? (size_t)(free_count - CONNECTIONS_SPARED) + 1 : 1;
}

static void
limit_workers(ChunkRun *chunks, const ExportConfig *export)
{
    size_t limit = size_min(chunks->memory_limit, connection_limit(chunks));

    chunks->worker_limit = size_max(size_min((size_t) export->parallel, limit), 1);
}

static bool
count_source(ChunkRun *chunks, const UnitContext *context, Source *source, Error *err)
{
    if (!context->reconciles)
        return true;
    SourceCount count = reconcile_count(context->export->name, source, chunks->query, NULL);
    chunks->has_source_count = count.is_known;
    chunks->source_count = count.row_count;
    return !count.is_connection_lost ||
           error_set(err, ERR_UNAVAILABLE,
                     "the connection was lost while the source counted its rows (--reconcile)");
}

static bool take_leader(void *subject, void *argument, Error *err);

static bool
make_plan(ChunkRun *chunks, const UnitContext *context, Source *source, Error *err)
{
    return chunks->is_resumed || plan_chunks(context->export, source, chunks->query,
                                             &chunks->facts.arena, &chunks->plan, err);
}

bool
chunk_prepare(const UnitContext *context, Source *source, Error *err)
{
    ChunkRun *chunks = context->chunks;

    if (!describe(chunks, context, source, err) || !inspect(chunks, context->export, source, err))
        return false;
    limit_workers(chunks, context->export);
    bool ok =
        chunk_hold_snapshots(context, source, err) && make_plan(chunks, context, source, err) &&
        chunk_share_snapshot(context, source, err) && count_source(chunks, context, source, err) &&
        exchange_call(context->exchange, take_leader, NULL, err);
    chunk_close_held(chunks); /* those that no worker has got */
    return ok;
}

/* ---- on the main thread ---- */

static void
report_plan(const ExportRun *run)
{
    const ChunkPlan *plan = &run->chunks->plan;
    Arena arena = {0};

    const ReadRange whole = {
        .column_count = plan->columns.count,
        .lower_kind = plan->lowest == NULL ? BOUND_NONE : BOUND_INCLUSIVE,
        .lower = plan->lowest,
        .upper_kind = plan->lowest == NULL ? BOUND_NONE : BOUND_INCLUSIVE,
        .upper = plan->highest,
    };
    log_info(MODULE,
             "export '%s': chunk_column=%s: %s, chunk_size=%" PRId64 ", kind=%s, ~%" PRId64 " rows",
             run->export->name, plan->columns.count == 0 ? "-" : plan->columns.items[0],
             plan_store_describe(&whole, &arena), run->export->chunk_size,
             plan_kind_word(plan->kind), plan->row_estimate.value);
    if (plan->kind == CHUNK_DENSE)
        log_warn(MODULE,
                 "export '%s': chunk_dense sorts the whole query for every chunk, and ties may "
                 "move between chunks; chunk_by: rows cuts along the key's index",
                 run->export->name);
    if (plan->is_sparse)
        log_info(MODULE, "export '%s': the key is sparse: chunks follow its rows, not its values",
                 run->export->name);
    for (size_t i = 0; plan->is_sparse && i < plan->count; i++)
        if (i < REPORTED_CHUNKS || i + REPORTED_CHUNKS >= plan->count)
            log_info(MODULE, "export '%s': [%5zu] %s", run->export->name, i,
                     plan_store_describe(&plan->chunks[i], &arena));
    arena_release(&arena);
}

static bool
store_plan(ExportRun *run, Error *err)
{
    ChunkRun *chunks = run->chunks;
    const ChunkPlan *plan = &chunks->plan;
    const ChunkRunRow row = {
        .run_id = run->name.run_id,
        .export_name = run->export->name,
        .plan_hash = chunks->plan_hash,
        .kind = plan_kind_word(plan->kind),
        .max_chunk_attempts = run->export->chunk_max_attempts,
    };

    if (!chunks->is_checkpointed)
        return true;
    if (!state_chunk_plan(run->context->state, &row, plan_store_rows(plan, &run->arena),
                          plan->count, err))
        return false;
    FAULT_POINT("chunk.planned");
    log_info(MODULE, "export '%s': %zu chunk tasks saved, run_id=%s", run->export->name,
             plan->count, run->name.run_id);
    return true;
}

static bool
start_run(ExportRun *run, Error *err)
{
    ChunkRun *chunks = run->chunks;

    const Window window = {.bounds = plan_store_bounds(&chunks->plan, &run->arena)};
    report_plan(run);
    if (!export_start_run(run, chunks->facts.source_identity, &window, chunks->fields, err))
        return false;
    chunks->is_deferred = chunks->is_checkpointed && run->export->quality.is_set;
    return store_plan(run, err);
}

static void
build_manifest_head(ExportRun *run)
{
    ChunkRun *chunks = run->chunks;

    if (!chunks->is_checkpointed || !run->export->has_manifest)
        return;
    chunks->manifest_head = manifest_head(&(ManifestFacts){
        .export = run->export,
        .run = &run->name,
        .unit = &chunks->facts,
        .query_hash = chunks->query_hash,
        .bounds = chunks->is_resumed ? chunks->open_run.bounds
                                     : plan_store_bounds(&chunks->plan, &run->arena),
        .note = run->export->consistency != CONSISTENCY_SNAPSHOT ? NULL
                : chunks->is_resumed ? "resumed: the chunks come from several snapshots"
                                     : "one snapshot",
    });
}

static size_t
at_most(const ExportRun *run, size_t wanted, size_t allowed, const char *reason)
{
    allowed = size_max(allowed, 1);
    if (allowed < wanted)
        log_warn(MODULE, "export '%s': %s: %zu of %zu workers run at once", run->export->name,
                 reason, allowed, wanted);
    return size_min(wanted, allowed);
}

static size_t
count_workers(const ExportRun *run)
{
    const ChunkRun *chunks = run->chunks;
    size_t left = chunks->plan.count - chunks->done_count;
    size_t count = size_min((size_t)run->export->parallel, size_max(left, 1));

    count = at_most(run, count, chunks->memory_limit, "max_memory_mb");
    count = at_most(run, count, connection_limit(chunks), "the server has few free connections");
    return size_min(count, chunks->worker_limit);
}

static bool
start_others(ChunkRun *chunks, Error *err)
{
    WorkerOptions options = chunks->worker;

    options.prepare = NULL;
    for (size_t i = 1; i < chunks->worker_count; i++) {
        options.source = i < chunks->held_count ? chunks->held[i] : NULL;
        if (!crew_add(&chunks->crew, &options, err))
            return false;
        if (options.source != NULL)
            chunks->held[i] = NULL;
    }
    return true;
}

/* The leader has done its part: everything is written down, the others may start. */
static bool
take_leader(void *subject, void *argument, Error *err)
{
    ExportRun *run = subject;
    ChunkRun *chunks = run->chunks;

    (void)argument;
    if (!chunk_bind_source(run, err) ||
        !(chunks->is_resumed ? chunk_resume(run, err) : start_run(run, err)))
        return false;
    build_manifest_head(run);
    if (!chunks->is_checkpointed)
        chunks->results = memory_alloc_zero(chunks->plan.count, sizeof(*chunks->results));
    progress_set_chunks(run->context->progress, chunks->plan.count, chunks->done_count);
    if (!chunks->is_resumed)
        progress_set_estimate(run->context->progress, (uint64_t)chunks->plan.row_estimate.value);
    chunks->worker_count = count_workers(run);
    run->units.budget =
        budget_share(run->context->config, run->export,
                     run->context->parallel_exports * (int64_t)chunks->worker_count);
    run->units.snapshot_id = chunks->snapshot_id;
    run->units.needs_snapshot = chunks->needs_snapshot;
    run->units.holds_snapshot =
        chunks->snapshot_id != NULL || chunks->held != NULL || chunks->worker_count == 1;
    chunks->reader_count = chunks->worker_count;
    chunks->returned = ARENA_ARRAY(&run->arena, size_t, chunks->worker_count);
    if (chunks->worker_count > 1)
        log_info(MODULE, "export '%s': %zu chunks, %zu parallel threads", run->export->name,
                 chunks->plan.count, chunks->worker_count);
    return start_others(chunks, err);
}
