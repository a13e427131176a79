#include "pipeline/recover.h"

#include "pipeline/commit.h"
#include "pipeline/discard.h"
#include "pipeline/journal.h"
#include "pipeline/manifest.h"
#include "pipeline/recover_run.h"
#include "pipeline/window.h"
#include "util/fault.h"
#include "util/log.h"

#define MODULE "rivet::recover"

static bool
is_status(const PartRow *part, const char *status)
{
    return strcmp(part->status, status) == 0;
}

static bool
has_invisible_parts(const Recovery *recovery)
{
    for (size_t i = 0; i < recovery->part_count; i++)
        if (!is_status(&recovery->parts[i], "visible"))
            return true;
    return false;
}

static const char RETURN_HINT[] =
    "bring the old destination back, or give the run up with 'rivet state reset' "
    "('rivet state reset-chunks' for one with a checkpoint)";

/* Absence proves something only in the very place where the parts were put. */
static bool
check_destination(const Recovery *recovery, Error *err)
{
    const RunRow *run = recovery->run;
    const Destination *dest = recovery->dest;

    err->hint = RETURN_HINT;
    if (run->destination_id == NULL || strcmp(run->destination_id, dest->identity) != 0)
        return error_set(err, ERR_CONFIG,
                         "run '%s' has unfinished parts in '%s', but the configuration now says "
                         "'%s'",
                         run->run_id, run->destination_id, dest->identity);
    if (run->destination_inode != 0 && (uint64_t)run->destination_inode != dest->inode)
        return error_set(err, ERR_UNAVAILABLE,
                         "'%s' is not the directory in which run '%s' left unfinished parts (is a "
                         "volume not mounted?)",
                         dest->identity, run->run_id);
    err->hint = NULL;
    return true;
}

/* Connecting would make a missing directory anew, and "no such file" in that one proves nothing. */
static bool
check_place(const ExportConfig *export, const RunRow *run, Error *err)
{
    bool exists = true;

    if (!destination_exists(&export->destination, &exists, err))
        return false;
    if (exists)
        return true;
    err->hint = RETURN_HINT;
    return error_set(err, ERR_UNAVAILABLE,
                     "'%s' does not exist, and run '%s' left unfinished parts in '%s' (is a volume "
                     "not mounted?)",
                     export->destination.path, run->run_id, run->destination_id);
}

/* The parts of a unit that are past A as upload references, in part order. */
static UploadRef *
unit_refs(Recovery *recovery, int64_t unit, size_t *count)
{
    UploadRef *refs = ARENA_ARRAY(&recovery->arena, UploadRef, recovery->part_count + 1);

    *count = 0;
    for (size_t i = 0; i < recovery->part_count; i++) {
        const PartRow *part = &recovery->parts[i];
        if ((unit == STATE_ALL_UNITS || part->unit == unit) && !is_status(part, "open") &&
            !is_status(part, "sealed"))
            refs[(*count)++] = discard_upload_ref(part);
    }
    return refs;
}

static bool
undo_unit(Recovery *recovery, int64_t unit, Error *err)
{
    const char *run_id = recovery->run->run_id;

    log_warn(MODULE, "export '%s': a part of run '%s' cannot be finished; its unit is undone",
             recovery->export->name, run_id);
    journal_add(recovery->state, run_id, "unit_undone", "unit=%" PRId64, unit);
    return state_unit_reopen(recovery->state, run_id, unit, recovery->owner, err);
}

bool
recover_unit(Recovery *recovery, int64_t unit, bool is_last, const char *manifest_json,
             bool *is_recorded, Error *err)
{
    const RunRow *run = recovery->run;
    size_t count = 0;
    bool all_published = false;
    UploadRef *refs = unit_refs(recovery, unit, &count);
    const UnitRecord record = {
        .run_id = run->run_id,
        .export_name = run->export_name,
        .owner = recovery->owner,
        .unit = unit,
        .cursor = window_cursor_row(run, &recovery->arena),
        .is_last_unit = is_last,
        .manifest_json = manifest_json,
    };

    *is_recorded = false;
    if (!commit_publish(recovery->dest, refs, count, &all_published, err))
        return false;
    FAULT_POINT("recover.published");
    if (!all_published)
        return undo_unit(recovery, unit, err);
    if (!state_unit_record(recovery->state, &record, err))
        return false;
    FAULT_POINT("recover.recorded");
    *is_recorded = true;
    journal_add(recovery->state, run->run_id, "rolled_forward", "unit=%" PRId64 " files=%zu", unit,
                count);
    log_warn(MODULE, "export '%s': run '%s' was rolled forward: %zu files", recovery->export->name,
             run->run_id, count);
    return true;
}

/* Without a chunk plan the whole run is one unit. */
static bool
roll_run_forward(Recovery *recovery, Error *err)
{
    bool is_recorded = false;

    for (size_t i = 0; i < recovery->part_count; i++)
        if (is_status(&recovery->parts[i], "intent"))
            return recover_unit(recovery, STATE_ALL_UNITS, true, recovery->run->manifest_json,
                                &is_recorded, err);
    return true;
}

static bool
publish_due_manifest(Recovery *recovery, Error *err)
{
    RunRow run = {0};
    bool found = false;

    if (!state_run_get(recovery->state, recovery->run->run_id, &recovery->arena, &run, &found, err))
        return false;
    if (!found || strcmp(run.manifest, "due") != 0 || run.manifest_json == NULL)
        return true;
    const char *key = manifest_key(run.export_name, run.run_id, run.name_stamp, &recovery->arena);
    journal_add(recovery->state, run.run_id, "manifest_published", "file=%s", key);
    return commit_manifest(recovery->state, recovery->dest, run.run_id, key, run.manifest_json,
                           err);
}

static bool
end_run(Recovery *recovery, Error *err)
{
    RunRow run = {0};
    bool found = false;

    if (!state_run_get(recovery->state, recovery->run->run_id, &recovery->arena, &run, &found, err))
        return false;
    if (!found || strcmp(run.status, "open") != 0 || recovery->has_plan)
        return true;
    journal_add(recovery->state, run.run_id, "interrupted", "owner=%s", recovery->run->owner);
    return state_run_end(recovery->state, run.run_id, "interrupted", err);
}

/* Reads the run's parts. Does recovery have to act on the destination? */
static bool
read_parts(Recovery *recovery, bool *needs_destination, Error *err)
{
    if (!state_part_list(recovery->state, recovery->run->run_id, &recovery->arena, &recovery->parts,
                         &recovery->part_count, err))
        return false;
    *needs_destination =
        has_invisible_parts(recovery) || strcmp(recovery->run->manifest, "due") == 0;
    return true;
}

/* What stops a recovery before it has changed anything. */
static bool
check_run(Recovery *recovery, Error *err)
{
    bool needs_destination = false;

    return read_parts(recovery, &needs_destination, err) && recover_read_plan(recovery, err) &&
           (!needs_destination || check_destination(recovery, err));
}

static bool
recover_run(Recovery *recovery, Error *err)
{
    const char *run_id = recovery->run->run_id;

    if (!check_run(recovery, err) || !state_run_take(recovery->state, run_id, recovery->owner, err))
        return false;
    FAULT_POINT("recover.taken");
    bool ok =
        recovery->has_plan
            ? recover_roll_chunks(recovery, err) && recover_discard_chunks(recovery, err)
            : roll_run_forward(recovery, err) &&
                  discard_parts(recovery->state, recovery->dest, run_id, DISCARD_ALL_UNITS, err);
    return ok && publish_due_manifest(recovery, err) && end_run(recovery, err);
}

typedef bool (*RecoveryStep)(Recovery *recovery, Error *err);

static bool
for_each_unfinished(const Recovery *common, RecoveryStep step, Error *err)
{
    Arena arena = {0};
    RunRow *runs = NULL;
    size_t count = 0;

    bool ok =
        state_run_list_unfinished(common->state, common->export->name, &arena, &runs, &count, err);
    for (size_t i = 0; ok && i < count; i++) {
        Recovery recovery = *common;
        recovery.run = &runs[i];
        ok = step(&recovery, err);
        if (!ok)
            error_add_context(err, "recovering run '%s'", runs[i].run_id);
        arena_release(&recovery.arena);
    }
    arena_release(&arena);
    return ok;
}

static bool
check_run_place(Recovery *recovery, Error *err)
{
    bool needs_destination = false;

    return read_parts(recovery, &needs_destination, err) &&
           (!needs_destination || check_place(recovery->export, recovery->run, err));
}

bool
recover_check_place(State *state, const ExportConfig *export, Error *err)
{
    Recovery common = {.state = state, .export = export};

    return for_each_unfinished(&common, check_run_place, err);
}

bool
recover_check_export(State *state, const ExportConfig *export, Destination *place, Error *err)
{
    Recovery common = {.state = state, .export = export, .dest = place};

    return place->is_stream || for_each_unfinished(&common, check_run, err);
}

bool
recover_export(State *state, const ExportConfig *export, Destination *dest, const char *owner,
               Error *err)
{
    Recovery common = {.state = state, .export = export, .dest = dest, .owner = owner};

    return dest->is_stream || for_each_unfinished(&common, recover_run, err);
}
