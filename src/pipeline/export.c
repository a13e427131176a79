/* export.c: the life of one export on the main thread: lock, recover, export the units, deliver,
 * record. The order is the contract of spec delivery §2. */
#include "pipeline/run.h"

#include "pipeline/chunk_run.h"
#include "pipeline/deliver.h"
#include "pipeline/export_record.h"
#include "pipeline/export_units.h"
#include "pipeline/journal.h"
#include "pipeline/recover.h"
#include "util/clock.h"
#include "util/fault.h"
#include "util/log.h"
#include "util/process.h"

#define MODULE "rivet::export"

static bool
read_cursor(ExportRun *run, Error *err)
{
    return run->export->mode != MODE_INCREMENTAL ||
           state_cursor_get(run->context->state, run->export->name, &run->arena, &run->cursor,
                            &run->has_cursor, err);
}

static bool
connect_destination(ExportRun *run, Error *err)
{
    const ExportConfig *export = run->export;

    if (!destination_connect(&export->destination, &run->destination, err))
        return false;
    run->destination->needs_spool =
        run->context->validates || export->quality.is_set || export->max_file_size_bytes > 0;
    return true;
}

/* Step 0 up to the run row. */
static bool
prepare(ExportRun *run, Error *err)
{
    const RunContext *context = run->context;

    if (!config_resolve_query(context->config, run->export, context->config_options, &run->arena,
                              &run->query, err) ||
        !config_resolve_source(context->config, &run->arena, &run->address, err))
        return false;
    if (run->address.has_plaintext_password)
        log_warn(MODULE,
                 "export '%s': the source has a plaintext password; prefer url_env, "
                 "url_file or password_env",
                 run->export->name);
    if (!state_lock(context->state, run->export->name, &run->lock, err) ||
        !chunk_find_open(run, err) || !state_lock_describe(run->lock, run->name.run_id, err) ||
        !recover_check_place(context->state, run->export, err) || !connect_destination(run, err) ||
        !chunk_check_open(run, err))
        return false;
    FAULT_POINT("export.locked");
    /* A run that is resumed is recovered once its source is known to be the same. */
    if (run->chunks != NULL && run->chunks->is_resumed)
        return true;
    return chunk_recover(run, &run->is_finished, err) && read_cursor(run, err);
}

/* The run row ends as failed; whatever is past its intents stays for recovery. */
static void
end_failed(ExportRun *run, const Error *cause)
{
    State *state = run->context->state;
    Error err = ERROR_INIT;

    journal_add(state, run->name.run_id, "failed", "%s", cause->message);
    if (run->is_started && !state_run_end(state, run->name.run_id, "failed", &err))
        log_warn(MODULE, "export '%s': %s", run->export->name, err.message);
}

static bool
run_steps(ExportRun *run, Error *err)
{
    bool ok = prepare(run, err);

    if (ok && !run->is_finished)
        ok = run->chunks != NULL ? chunk_run(run, err)
                                 : export_units(run, err) && deliver_run(run, err);
    if (ok) {
        export_fill_result(run);
        return true;
    }
    if (run->lock != NULL)
        end_failed(run, err);
    return false;
}

static void
release_run(ExportRun *run)
{
    chunk_run_release(run);
    unit_result_release(&run->unit);
    destination_free(run->destination);
    state_unlock(run->lock);
    arena_release(&run->arena);
}

/* A reader that left (`… | head`) got what it wanted: no failure, no retry, no noise. */
static void
take_failure(ExportResult *result)
{
    if (result->error.code == ERR_OUTPUT_CLOSED) {
        result->status = STATUS_SUCCESS;
        result->is_output_closed = true;
        error_clear(&result->error);
        return;
    }
    result->status = STATUS_FAILED;
    error_add_context(&result->error, "export '%s'", result->export->name);
}

void
export_run(const RunContext *context, const ExportConfig *export, ExportResult *result)
{
    ExportRun run = {.context = context, .export = export, .result = result};
    int64_t started_ms = clock_monotonic_ms();
    bool has_reset_peak = process_reset_peak_rss();

    *result = (ExportResult){.export = export};
    progress_set_phase(context->progress, PROGRESS_CONNECTING);
    export_log_tuning(export);
    run.name = naming_start_run(export->name, &run.arena);
    run.owner = state_owner_self(&run.arena);
    snprintf(result->run_id, sizeof(result->run_id), "%s", run.name.run_id);
    if (!run_steps(&run, &result->error))
        take_failure(result);
    export_sample_rss(result);
    if (has_reset_peak)
        result->peak_rss_bytes = process_peak_rss_bytes();
    result->duration_ms = clock_monotonic_ms() - started_ms;
    /* A refused start did nothing, and must not wait for a holder that is paused while it writes.
     */
    if (result->error.code != ERR_LOCKED)
        export_record_metric(context, result);
    progress_set_phase(context->progress,
                       result->status == STATUS_FAILED ? PROGRESS_FAILED : PROGRESS_DONE);
    release_run(&run);
}
