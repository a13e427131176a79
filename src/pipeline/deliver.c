#include "pipeline/deliver.h"

#include "pipeline/commit.h"
#include "pipeline/discard.h"
#include "pipeline/drift.h"
#include "pipeline/fingerprint.h"
#include "pipeline/journal.h"
#include "pipeline/manifest.h"
#include "util/log.h"

#define MODULE "rivet::deliver"

/* The parts as the destination knows them. */
static const UploadRef *
part_refs(ExportRun *run)
{
    UnitResult *unit = &run->unit;
    UploadRef *refs = ARENA_ARRAY(&run->arena, UploadRef, unit->part_count);

    for (size_t i = 0; i < unit->part_count; i++)
        refs[i] = unit->parts[i].ref;
    return refs;
}

/* Standard output has no names: what was spooled goes out, and nothing is recorded. */
static bool
publish_stream(ExportRun *run, Error *err)
{
    bool all_published = false;

    return commit_publish(run->destination, part_refs(run), run->unit.part_count, &all_published,
                          err) &&
           state_run_end(run->context->state, run->name.run_id, "done", err);
}

/* Steps 5 to 8. */
static bool
commit_run(ExportRun *run, bool *is_past_intent, Error *err)
{
    const ExportConfig *export = run->export;
    UnitResult *unit = &run->unit;
    /* No rows, no move: also where only NULL keys were asked for and none was there. */
    const char *cursor_after = unit->row_count == 0 ? NULL : unit->window.cursor_after;
    char query_hash[FINGERPRINT_BYTES];
    char *manifest = NULL;

    fingerprint_query(run->query, query_hash);
    if (export->has_manifest && unit->part_count > 0)
        manifest = manifest_json(&(ManifestFacts){
            .export = export,
            .run = &run->name,
            .unit = unit,
            .query_hash = query_hash,
            .cursor_before = unit->window.cursor_before,
            .cursor_after = cursor_after,
            .bounds = unit->window.bounds,
        });
    const RunRow cursor_facts = {
        .export_name = export->name,
        .cursor_columns = unit->window.cursor_columns,
        .cursor_types = unit->window.cursor_types,
        .cursor_after = cursor_after,
        .source_id = unit->source_identity,
        .query_hash = query_hash,
    };
    CommitUnit commit = {
        .state = run->context->state,
        .destination = run->destination,
        .manifest_key = manifest_key(export->name, run->name.run_id, run->name.stamp, &run->arena),
        .refs = part_refs(run),
        .ref_count = unit->part_count,
        .cursor_after = cursor_after,
        .record =
            {
                .run_id = run->name.run_id,
                .export_name = export->name,
                .owner = run->owner,
                .unit = unit->unit,
                .cursor = window_cursor_row(&cursor_facts, &run->arena),
                .is_last_unit = true,
                .manifest_json = manifest,
            },
    };
    bool ok = commit_unit(&commit, is_past_intent, err);
    free(manifest);
    return ok;
}

/* Before A a failed run takes its parts with it. */
static void
discard_run(ExportRun *run)
{
    Error err = ERROR_INIT;

    if (!discard_parts(run->context->state, run->destination, run->name.run_id, DISCARD_ALL_UNITS,
                       &err))
        log_warn(MODULE, "export '%s': %s", run->export->name, err.message);
}

static bool
deliver_parts(ExportRun *run, Error *err)
{
    bool is_past_intent = false;

    if (run->destination->is_stream)
        return publish_stream(run, err);
    if (commit_run(run, &is_past_intent, err))
        return true;
    if (!is_past_intent)
        discard_run(run);
    return false;
}

static bool
check_quality(ExportRun *run, Error *err)
{
    if (run->unit.quality == NULL)
        return true;
    bool ok = quality_check(run->unit.quality, err);
    run->result->quality = ok ? CHECK_PASSED : CHECK_FAILED;
    return ok;
}

/* Where rows and count come from one snapshot a difference is a fault, never a coincidence. */
bool
deliver_check_count(ExportRun *run, Error *err)
{
    const UnitResult *unit = &run->unit;
    ExportResult *result = run->result;

    if (!unit->has_source_count)
        return true;
    result->source_count = unit->source_count;
    result->row_count = unit->row_count;
    result->reconciled = unit->source_count == unit->row_count ? CHECK_PASSED : CHECK_FAILED;
    if (result->reconciled == CHECK_PASSED) {
        log_info(MODULE, "export '%s': reconcile MATCH (%" PRIu64 "/%" PRIu64 ")",
                 run->export->name, unit->row_count, unit->source_count);
        return true;
    }
    result->lacks_common_snapshot = unit->lacks_common_snapshot;
    log_warn(MODULE, "export '%s': reconcile MISMATCH (exported %" PRIu64 " vs source %" PRIu64 ")",
             run->export->name, unit->row_count, unit->source_count);
    return unit->lacks_common_snapshot ||
           error_set(err, ERR_CHECK,
                     "reconcile: %" PRIu64 " rows were read, the source counts %" PRIu64,
                     unit->row_count, unit->source_count);
}

/* A result without rows says nothing about the shape of the next. */
static bool
check_schema(ExportRun *run, Error *err)
{
    const UnitResult *unit = &run->unit;

    return unit->row_count == 0 || drift_check(run->context->state, run->export, unit->plan->schema,
                                               &run->result->schema, err);
}

/* What looks at the whole result before anyone else may. */
static bool
pass_gates(ExportRun *run, Error *err)
{
    return check_quality(run, err) && deliver_check_count(run, err) && check_schema(run, err);
}

static void
say_delivered(const ExportRun *run)
{
    const UnitResult *unit = &run->unit;

    journal_add(run->context->state, run->name.run_id, "delivered",
                "files=%zu rows=%" PRIu64 " bytes=%" PRIu64, unit->part_count, unit->row_count,
                unit->byte_count);
    for (size_t i = 0; i < unit->part_count; i++) {
        char where[4608];
        destination_display_key(run->destination, unit->parts[i].ref.key, where, sizeof(where));
        log_info(MODULE, "delivered export=%s file=%s", run->export->name, where);
    }
}

/* The rows are delivered whatever becomes of this: the next run compares with the older shape. */
static void
remember_schema(const ExportRun *run)
{
    Error err = ERROR_INIT;

    if (run->unit.row_count > 0 &&
        !drift_store(run->context->state, run->export->name, run->unit.plan->schema, &err))
        log_warn(MODULE, "export '%s': the schema is not stored: %s", run->export->name,
                 err.message);
}

/* The gates, then steps 5 to 8. */
bool
deliver_run(ExportRun *run, Error *err)
{
    progress_set_phase(run->context->progress, PROGRESS_DELIVERING);
    if (!pass_gates(run, err)) {
        discard_run(run);
        return false;
    }
    if (!deliver_parts(run, err))
        return false;
    say_delivered(run);
    remember_schema(run);
    return true;
}
