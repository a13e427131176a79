/* Publishing the chunks of a checkpointed run: A and B on the main thread, the parts by the worker
 * that wrote them. */
#include "pipeline/chunk_run.h"
#include "pipeline/commit.h"
#include "pipeline/discard.h"
#include "pipeline/drift.h"
#include "pipeline/manifest.h"
#include "util/fault.h"
#include "util/log.h"

#define MODULE "rivet::chunk"

/* The gate on the shape of the rows, at the first chunk that has any (spec: behaviour §18). It
 * stays shut: other workers may be on their way with chunks of the same shape. */
static bool
check_drift(ExportRun *run, const UnitResult *result, Error *err)
{
    SchemaStatus *status = &run->result->schema;
    ChunkRun *chunks = run->chunks;

    if (result->row_count == 0)
        return true;
    if (*status == SCHEMA_NOT_COMPARED) {
        bool ok = drift_check(run->context->state, run->export, chunks->query->schema, status, err);
        if (!ok && *status == SCHEMA_CHANGED)
            chunks->refusal = *err;
        return ok;
    }
    if (chunks->refusal.code == ERR_NONE)
        return true;
    *err = chunks->refusal;
    return false;
}

/* A */
static bool
intend(void *subject, void *argument, Error *err)
{
    ExportRun *run = subject;
    const UnitResult *result = argument;

    return check_drift(run, result, err) &&
           state_unit_intend(run->context->state, run->name.run_id, result->unit, run->owner, NULL,
                             run->chunks->manifest_head, err);
}

/* The manifest of the whole run; *text NULL: it has none. The caller frees it. */
static bool
build_manifest(ExportRun *run, char **text, Error *err)
{
    Arena arena = {0};
    PartRow *parts = NULL;
    size_t count = 0;

    *text = NULL;
    bool ok = state_part_list(run->context->state, run->name.run_id, &arena, &parts, &count, err);
    if (ok)
        *text = manifest_complete(run->chunks->manifest_head, parts, count);
    arena_release(&arena);
    return ok;
}

static bool
record_unit(ExportRun *run, int64_t unit, bool is_last, Error *err)
{
    char *manifest = NULL;

    if (is_last && !build_manifest(run, &manifest, err))
        return false;
    const UnitRecord record = {
        .run_id = run->name.run_id,
        .export_name = run->export->name,
        .owner = run->owner,
        .unit = unit,
        .is_last_unit = is_last,
        .manifest_json = manifest,
    };
    bool ok = state_unit_record(run->context->state, &record, err);
    free(manifest);
    return ok;
}

static void
say_delivered(const ExportRun *run, const UnitResult *result)
{
    for (size_t i = 0; i < result->part_count; i++) {
        char where[4608];
        destination_display_key(run->destination, result->parts[i].ref.key, where, sizeof(where));
        log_info(MODULE, "delivered export=%s file=%s", run->export->name, where);
    }
}

/* B. Several workers may be between their B and the end of their unit: what counts is what is
 * recorded. */
static bool
record(void *subject, void *argument, Error *err)
{
    ExportRun *run = subject;
    const UnitResult *result = argument;
    ChunkRun *chunks = run->chunks;

    if (!record_unit(run, result->unit, chunks->recorded_count + 1 == chunks->plan.count, err))
        return false;
    chunks->recorded_count++;
    say_delivered(run, result);
    return true;
}

static bool
seal(void *subject, void *argument, Error *err)
{
    ExportRun *run = subject;
    const UnitResult *result = argument;
    char *nulls = result->quality == NULL ? NULL : quality_counts_json(result->quality);

    bool ok =
        check_drift(run, result, err) &&
        state_chunk_seal(run->context->state, run->name.run_id, result->unit, NULL, nulls, err);
    free(nulls);
    FAULT_POINT("chunk.sealed");
    return ok;
}

bool
chunk_commit(const UnitContext *context, UnitResult *result, bool *is_past_intent, Error *err)
{
    if (!context->chunks->is_checkpointed)
        return true;
    if (context->chunks->is_deferred)
        return exchange_call(context->exchange, seal, result, err);
    UploadRef *refs = ARENA_ARRAY(&result->arena, UploadRef, result->part_count);
    for (size_t i = 0; i < result->part_count; i++)
        refs[i] = result->parts[i].ref;
    const CommitUnit unit = {
        .destination = context->destination,
        .refs = refs,
        .ref_count = result->part_count,
        .exchange = context->exchange,
        .intend = intend,
        .record_unit = record,
        .argument = result,
    };

    return commit_unit(&unit, is_past_intent, err);
}

/* ---- the end of a checkpointed run ---- */

/* NULL counts and rows of all chunks, as their tasks keep them. */
static bool
pass_gate(ExportRun *run, Error *err)
{
    ChunkTaskRow *tasks = NULL;
    size_t count = 0;
    Quality *quality = NULL;

    if (!run->export->quality.is_set)
        return true;
    bool ok = state_chunk_task_list(run->context->state, run->name.run_id, &run->arena, &tasks,
                                    &count, err) &&
              quality_new(&run->export->quality, run->chunks->query->schema, 0, &quality, err);
    for (size_t i = 0; ok && i < count; i++)
        ok =
            quality_add_counts(quality, (uint64_t)tasks[i].rows_written, tasks[i].null_counts, err);
    bool is_gathered = ok;
    ok = ok && quality_check(quality, err);
    if (is_gathered)
        run->result->quality = ok ? CHECK_PASSED : CHECK_FAILED;
    quality_free(quality);
    return ok;
}

static bool
publish_all(ExportRun *run, Error *err)
{
    State *state = run->context->state;
    PartRow *parts = NULL;
    size_t count = 0;
    bool all_published = false;

    if (!state_unit_intend(state, run->name.run_id, STATE_ALL_UNITS, run->owner, NULL,
                           run->chunks->manifest_head, err) ||
        !state_part_list(state, run->name.run_id, &run->arena, &parts, &count, err))
        return false;
    FAULT_POINT("chunk.all_intended");
    UploadRef *refs = ARENA_ARRAY(&run->arena, UploadRef, count);
    for (size_t i = 0; i < count; i++)
        refs[i] = discard_upload_ref(&parts[i]);
    if (!commit_publish(run->destination, refs, count, &all_published, err))
        return false;
    FAULT_POINT("chunk.all_published");
    if (!all_published)
        return error_set(err, ERR_IO, "a sealed part disappeared before it was published");
    return record_unit(run, STATE_ALL_UNITS, true, err);
}

/* Parts, tasks and plan go, so that the next start plans afresh (spec: delivery §4). */
static void
give_up(ExportRun *run)
{
    State *state = run->context->state;
    Error err = ERROR_INIT;

    if (!discard_parts(state, run->destination, run->name.run_id, DISCARD_ALL_UNITS, &err) ||
        !state_chunk_discard(state, run->name.run_id, &err))
        log_warn(MODULE, "export '%s': %s", run->export->name, err.message);
}

static bool
publish_manifest(ExportRun *run, Error *err)
{
    RunRow row = {0};
    bool found = false;

    if (!state_run_get(run->context->state, run->name.run_id, &run->arena, &row, &found, err))
        return false;
    if (!found || strcmp(row.manifest, "due") != 0)
        return true;
    return commit_manifest(run->context->state, run->destination, row.run_id,
                           manifest_key(run->export->name, row.run_id, row.name_stamp, &run->arena),
                           row.manifest_json, err);
}

bool
chunk_finish(ExportRun *run, Error *err)
{
    if (run->chunks->is_deferred) {
        if (!pass_gate(run, err)) {
            if (err->code == ERR_CHECK)
                give_up(run);
            return false;
        }
        if (!publish_all(run, err))
            return false;
    }
    return publish_manifest(run, err);
}
