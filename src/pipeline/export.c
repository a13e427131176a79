/* export.c: the life of one export on the main thread: lock, recover, start the run, serve the
 * worker, commit, record. The order is the contract of spec delivery §2. */
#include "pipeline/run.h"

#include "pipeline/budget.h"
#include "pipeline/deliver.h"
#include "pipeline/discard.h"
#include "pipeline/export_run.h"
#include "pipeline/fingerprint.h"
#include "pipeline/recover.h"
#include "pipeline/worker.h"
#include "util/clock.h"
#include "util/fault.h"
#include "util/interrupt.h"
#include "util/log.h"
#include "util/process.h"

#define MODULE "rivet::export"

enum {
    SERVE_MS = 100, /* between two looks at signals and memory */
    /* A server call that a cancel did not free must not hold up the exit (spec: delivery §6). */
    STOP_MAX_MS = 8000,
};

static const char *
state_mode_word(ExportMode mode)
{
    return mode == MODE_TIME_WINDOW ? "timewindow" : export_mode_word(mode);
}

/* ---- what the worker has run on this thread ---- */

/* The run row, once the first connection has told which server this is and which rows are to be
 * read. A later attempt finds it there. */
static bool
start_run(void *subject, void *argument, Error *err)
{
    ExportRun *run = subject;
    const UnitReady *ready = argument;
    const char *source_id = ready->source->identity;
    char query_hash[FINGERPRINT_BYTES];
    char output_hash[FINGERPRINT_BYTES];

    if (run->is_started)
        return true;
    fingerprint_query(run->query, query_hash);
    fingerprint_output(run->export, source_id, run->destination->identity, output_hash);
    RunRow row = {
        .run_id = run->name.run_id,
        .export_name = run->export->name,
        .mode = state_mode_word(run->export->mode),
        .owner = run->owner,
        .name_stamp = run->name.stamp,
        .source_id = source_id,
        .destination_id = run->destination->identity,
        .destination_inode = (int64_t)run->destination->inode,
        .bounds = ready->window->bounds,
        .output_hash = output_hash,
        .query_hash = query_hash,
        .cursor_columns = ready->window->cursor_columns,
        .cursor_types = ready->window->cursor_types,
        .cursor_before = ready->window->cursor_before,
        .format = format_word(run->export->format),
        .compression = compression_word(run->export->compression),
    };
    run->is_started = state_run_start(run->context->state, &row, err);
    FAULT_POINT("export.started");
    return run->is_started;
}

static bool
give_unit(void *subject, void *argument, Error *err)
{
    ExportRun *run = subject;
    WorkerAssignment *next = argument;

    (void)err;
    if (run->has_assigned)
        return true;
    run->has_assigned = true;
    *next = (WorkerAssignment){.has_job = true, .job = {.unit = 0, .chunk = NAMING_NONE}};
    return true;
}

static bool
take_unit(void *subject, void *argument, Error *err)
{
    ExportRun *run = subject;
    WorkerCompletion *done = argument;

    (void)err;
    run->result->retry_count += done->retry_count;
    run->unit = *done->result;
    *done->result = (UnitResult){0};
    return true;
}

static bool
discard_unit(void *subject, void *argument, Error *err)
{
    ExportRun *run = subject;
    const UnitJob *job = argument;

    if (run->destination->is_stream)
        return true;
    return discard_parts(run->context->state, run->destination, run->name.run_id, job->unit, err);
}

/* ---- steps ---- */

static bool
refuse_unavailable(const ExportConfig *export, Error *err)
{
    if (export->mode != MODE_CHUNKED)
        return true;
    return error_set(err, ERR_UNSUPPORTED, "mode: %s is not available in this version",
                     export_mode_word(export->mode));
}

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

    if (!refuse_unavailable(run->export, err) ||
        !config_resolve_query(context->config, run->export, context->config_options, &run->arena,
                              &run->query, err) ||
        !config_resolve_source(context->config, &run->arena, &run->address, err))
        return false;
    if (run->address.has_plaintext_password)
        log_warn(MODULE,
                 "export '%s': the source has a plaintext password; prefer url_env, "
                 "url_file or password_env",
                 run->export->name);
    return state_lock(context->state, run->export->name, &run->lock, err) &&
           state_lock_describe(run->lock, run->name.run_id, err) && connect_destination(run, err) &&
           recover_export(context->state, run->export, run->destination, run->owner, err) &&
           read_cursor(run, err);
}

static void
sample_rss(ExportResult *result)
{
    uint64_t now = process_rss_bytes();

    if (now > result->peak_rss_bytes)
        result->peak_rss_bytes = now;
}

/* Serves the worker until it has ended. After a signal the blocked server call is cancelled once,
 * and a worker that still does not come back is left behind: nothing of it is visible, and the
 * next start undoes it. */
static bool
serve_worker(ExportRun *run, Worker *worker)
{
    int64_t stopping_since_ms = 0;

    while (exchange_serve(&run->exchange, run, SERVE_MS)) {
        sample_rss(run->result);
        if (interrupt_signal() == 0)
            continue;
        if (stopping_since_ms == 0) {
            stopping_since_ms = clock_monotonic_ms();
            worker_cancel(worker);
        } else if (clock_monotonic_ms() - stopping_since_ms > STOP_MAX_MS) {
            return false;
        }
    }
    return true;
}

static bool
export_units(ExportRun *run, Error *err)
{
    Worker *worker = NULL;
    WorkerOptions options = {
        .context = &run->units,
        .address = &run->address,
        .next_unit = give_unit,
        .unit_done = take_unit,
        .discard_unit = discard_unit,
    };

    run->units = (UnitContext){
        .export = run->export,
        .run = &run->name,
        .query = run->query,
        .destination = run->destination,
        .exchange = &run->exchange,
        .unit_ready = start_run,
        .cursor = run->has_cursor ? &run->cursor : NULL,
        .budget = budget_share(run->context->config, 1),
        .validates = run->context->validates,
    };
    exchange_init(&run->exchange, 1);
    if (!worker_start(&options, &worker, err)) {
        exchange_release(&run->exchange);
        return false;
    }
    if (!serve_worker(run, worker)) {
        fprintf(stderr, "Error: stopped; the server did not answer the cancel request\n");
        _Exit(interrupt_exit_status());
    }
    bool ok = worker_join(worker, err);
    exchange_release(&run->exchange);
    return ok;
}

static void
fill_result(ExportRun *run)
{
    const UnitResult *unit = &run->unit;
    ExportResult *result = run->result;
    bool is_skipped = unit->row_count == 0 && run->export->skip_empty;

    result->status = is_skipped ? STATUS_SKIPPED : STATUS_SUCCESS;
    result->row_count = unit->row_count;
    result->file_count = unit->part_count;
    result->byte_count = unit->byte_count;
    result->policy_counts = unit->policy_counts;
    if (unit->is_validated && unit->part_count > 0)
        result->validated = CHECK_PASSED;
    log_info(MODULE, "%s export=%s rows=%" PRIu64 " files=%zu",
             is_skipped             ? "skipped, no rows"
             : unit->row_count == 0 ? "no data"
                                    : "rows written",
             run->export->name, unit->row_count, unit->part_count);
}

static bool
run_steps(ExportRun *run, Error *err)
{
    Error end_err = ERROR_INIT;

    if (prepare(run, err) && export_units(run, err) && deliver_run(run, err)) {
        fill_result(run);
        return true;
    }
    if (run->is_started &&
        !state_run_end(run->context->state, run->name.run_id, "failed", &end_err))
        log_warn(MODULE, "export '%s': %s", run->export->name, end_err.message);
    return false;
}

static void
log_tuning(const ExportConfig *export)
{
    const Tuning *tuning = &export->tuning;

    log_info(MODULE,
             "export '%s': effective tuning: profile=%s, batch_size=%" PRId64 ", throttle=%" PRId64
             "ms, timeout=%" PRId64 "s, retries=%" PRId64 ", lock_timeout=%" PRId64 "s",
             export->name, profile_word(tuning->profile), tuning->batch_size, tuning->throttle_ms,
             tuning->statement_timeout_s, tuning->max_retries, tuning->lock_timeout_s);
}

static void
record_metric(const RunContext *context, const ExportResult *result)
{
    const ExportConfig *export = result->export;
    char message[sizeof(result->error.message) + sizeof(result->error.context)];
    Error err = ERROR_INIT;

    error_format(&result->error, message, sizeof(message));
    MetricRow row = {
        .export_name = export->name,
        .duration_ms = result->duration_ms,
        .total_rows = (int64_t)result->row_count,
        .peak_rss_mb = (int64_t)(result->peak_rss_bytes / (1024 * 1024)),
        .status = export_status_word(result->status),
        .error_message = result->status == STATUS_FAILED ? message : NULL,
        .tuning_profile = profile_word(export->tuning.profile),
        .format = format_word(export->format),
        .mode = state_mode_word(export->mode),
        .files_produced = (int64_t)result->file_count,
        .bytes_written = (int64_t)result->byte_count,
        .retries = result->retry_count,
        .validated = result->validated == CHECK_NOT_DONE ? -1 : result->validated == CHECK_PASSED,
        .schema_changed =
            result->schema == SCHEMA_NOT_COMPARED ? -1 : result->schema == SCHEMA_CHANGED,
        .run_id = result->run_id,
    };
    if (!state_metric_add(context->state, &row, &err))
        log_warn(MODULE, "export '%s': the run is not in the history: %s", export->name,
                 err.message);
}

static void
release_run(ExportRun *run)
{
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
    log_tuning(export);
    run.name = naming_start_run(export->name, &run.arena);
    run.owner = state_owner_self(&run.arena);
    snprintf(result->run_id, sizeof(result->run_id), "%s", run.name.run_id);
    if (!run_steps(&run, &result->error))
        take_failure(result);
    sample_rss(result);
    if (has_reset_peak)
        result->peak_rss_bytes = process_peak_rss_bytes();
    result->duration_ms = clock_monotonic_ms() - started_ms;
    record_metric(context, result);
    release_run(&run);
}
