/* One snapshot for all workers of a run, on the leader's thread. Where the source hands snapshots
 * on, the leader exports its own once the plan is known. Where it does not, the connections of all
 * workers begin theirs together, before the plan: so it is cut from what they will see. */
#include "pipeline/chunk_run.h"
#include "util/interrupt.h"
#include "util/log.h"
#include "util/memory.h"

#define MODULE "rivet::chunk"

static bool
is_asked_for(const ExportConfig *export)
{
    return export->consistency == CONSISTENCY_SNAPSHOT;
}

/* ---- together ---- */

static bool
connect_others(ChunkRun *chunks, Source *leader, size_t count, Error *err)
{
    chunks->held = memory_alloc_zero(count, sizeof(Source *));
    chunks->held_count = count;
    chunks->held[0] = leader;
    for (size_t i = 1; i < count; i++)
        if (!interrupt_check(err) || !source_connect(&leader->options, &chunks->held[i], err))
            return false;
    return true;
}

void
chunk_close_held(ChunkRun *chunks)
{
    for (size_t i = 1; i < chunks->held_count; i++)
        source_close(chunks->held[i]);
    free(chunks->held);
    chunks->held = NULL;
    chunks->held_count = 0;
}

/* Row numbers mean the same rows in one snapshot only. */
static bool
read_alone(ChunkRun *chunks, const ExportConfig *export, Source *leader, Error *err)
{
    log_warn(MODULE,
             "export '%s': chunk_dense needs one snapshot for all workers, so one reads alone: %s",
             export->name, err->message);
    error_clear(err);
    chunks->worker_limit = 1;
    return source_hold_snapshot(leader, NULL, err);
}

bool
chunk_hold_snapshots(const UnitContext *context, Source *leader, Error *err)
{
    ChunkRun *chunks = context->chunks;
    const ExportConfig *export = context->export;

    if (chunks->worker_limit == 1 || !(is_asked_for(export) || export->chunk_dense) ||
        !source_can_hold_common_snapshot(leader))
        return true;
    if (connect_others(chunks, leader, chunks->worker_limit, err) &&
        source_hold_common_snapshot(chunks->held, chunks->held_count, chunks->query, err))
        return true;
    chunk_close_held(chunks);
    return err->code == ERR_DENIED && !is_asked_for(export) &&
           read_alone(chunks, export, leader, err);
}

/* ---- handed on ---- */

bool
chunk_share_snapshot(const UnitContext *context, Source *leader, Error *err)
{
    ChunkRun *chunks = context->chunks;

    chunks->needs_snapshot = is_asked_for(context->export) || chunks->plan.needs_snapshot;
    if (!chunks->needs_snapshot || chunks->worker_limit == 1 || chunks->held != NULL)
        return true;
    return source_export_snapshot(leader, &chunks->facts.arena, &chunks->snapshot_id, err);
}
