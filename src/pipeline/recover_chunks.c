/* The chunks of a checkpointed run. A chunk's task tells on which side of A it is: sealed with
 * parts that are intents, or without parts, is past it; sealed with parts that are sealed waits for
 * the gate of `quality` (spec: delivery §3 and §4). */
#include "pipeline/discard.h"
#include "pipeline/manifest.h"
#include "pipeline/recover_run.h"

static bool
is_task_status(const ChunkTaskRow *task, const char *status)
{
    return strcmp(task->status, status) == 0;
}

static bool
is_part_status(const PartRow *part, const char *status)
{
    return strcmp(part->status, status) == 0;
}

bool
recover_read_plan(Recovery *recovery, Error *err)
{
    ChunkRunRow plan = {0};
    bool found = false;
    const char *run_id = recovery->run->run_id;

    if (!state_chunk_find_open(recovery->state, recovery->run->export_name, &recovery->arena, &plan,
                               &found, err))
        return false;
    recovery->has_plan = found && strcmp(plan.run_id, run_id) == 0;
    return !recovery->has_plan ||
           state_chunk_task_list(recovery->state, run_id, &recovery->arena, &recovery->tasks,
                                 &recovery->task_count, err);
}

static size_t
count_tasks(const Recovery *recovery, const char *status)
{
    size_t count = 0;

    for (size_t i = 0; i < recovery->task_count; i++)
        count += is_task_status(&recovery->tasks[i], status);
    return count;
}

/* Parts of this chunk in this status; unit STATE_ALL_UNITS: of all. */
static size_t
count_parts(const Recovery *recovery, int64_t unit, const char *status)
{
    size_t count = 0;

    for (size_t i = 0; i < recovery->part_count; i++)
        count += (unit == STATE_ALL_UNITS || recovery->parts[i].unit == unit) &&
                 is_part_status(&recovery->parts[i], status);
    return count;
}

static bool
waits_for_gate(const Recovery *recovery, const ChunkTaskRow *task)
{
    return count_parts(recovery, task->chunk_index, "sealed") > 0 ||
           (recovery->export->quality.is_set &&
            count_parts(recovery, task->chunk_index, "intent") == 0);
}

static bool
roll_unit(Recovery *recovery, int64_t unit, bool is_last, bool *is_recorded, Error *err)
{
    char *manifest = is_last ? manifest_complete(recovery->run->manifest_json, recovery->parts,
                                                 recovery->part_count)
                             : NULL;
    bool ok = recover_unit(recovery, unit, is_last, manifest, is_recorded, err);

    free(manifest);
    return ok;
}

bool
recover_roll_chunks(Recovery *recovery, Error *err)
{
    size_t open = recovery->task_count - count_tasks(recovery, "completed");
    bool is_recorded = false;

    /* The A after a gate took all chunks at once. */
    if (recovery->export->quality.is_set &&
        count_tasks(recovery, "sealed") == recovery->task_count &&
        count_parts(recovery, STATE_ALL_UNITS, "intent") > 0)
        return roll_unit(recovery, STATE_ALL_UNITS, true, &is_recorded, err);
    for (size_t i = 0; i < recovery->task_count; i++) {
        const ChunkTaskRow *task = &recovery->tasks[i];
        if (!is_task_status(task, "sealed") || waits_for_gate(recovery, task))
            continue;
        if (!roll_unit(recovery, task->chunk_index, open == 1, &is_recorded, err))
            return false;
        open -= is_recorded;
    }
    return true;
}

/* As the state has it now: rolling forward may have turned a chunk back. */
static bool
reload(Recovery *recovery, Error *err)
{
    const char *run_id = recovery->run->run_id;

    return state_part_list(recovery->state, run_id, &recovery->arena, &recovery->parts,
                           &recovery->part_count, err) &&
           state_chunk_task_list(recovery->state, run_id, &recovery->arena, &recovery->tasks,
                                 &recovery->task_count, err);
}

bool
recover_discard_chunks(Recovery *recovery, Error *err)
{
    int64_t last_unit = -1;

    if (!reload(recovery, err))
        return false;
    for (size_t i = 0; i < recovery->part_count; i++) {
        const PartRow *part = &recovery->parts[i];
        if (part->unit == last_unit || is_part_status(part, "visible"))
            continue;
        last_unit = part->unit;
        if ((uint64_t)part->unit < recovery->task_count &&
            is_task_status(&recovery->tasks[part->unit], "sealed"))
            continue;
        if (!discard_parts(recovery->state, recovery->dest, recovery->run->run_id, part->unit, err))
            return false;
    }
    return true;
}
