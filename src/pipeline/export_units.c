#include "pipeline/export_units.h"

#include "pipeline/budget.h"
#include "pipeline/discard.h"
#include "pipeline/export_record.h"
#include "pipeline/fingerprint.h"
#include "pipeline/journal.h"
#include "pipeline/worker.h"
#include "util/clock.h"
#include "util/fault.h"
#include "util/interrupt.h"

enum {
    SERVE_MS = 100, /* between two looks at signals and memory */
    /* A server call that a cancel did not free must not hold up the exit (spec: delivery §6). */
    STOP_MAX_MS = 8000,
};

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
        .mode = export_mode_state_word(run->export->mode),
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
    if (run->is_started)
        journal_add(run->context->state, row.run_id, "started", "mode=%s source=%s destination=%s",
                    row.mode, source_id, row.destination_id);
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
undo_attempt(void *subject, void *argument, Error *err)
{
    ExportRun *run = subject;
    const WorkerFailure *failure = argument;

    if (run->destination->is_stream)
        return true;
    journal_add(run->context->state, run->name.run_id, "attempt_failed", "%s",
                failure->cause->message);
    return discard_parts(run->context->state, run->destination, run->name.run_id,
                         failure->job->unit, err);
}

/* ---- the worker itself ---- */

/* Serves the worker until it has ended. After a signal the blocked server call is cancelled once,
 * and a worker that still does not come back is left behind: nothing of it is visible, and the
 * next start undoes it. */
static bool
serve_worker(ExportRun *run, Worker *worker)
{
    int64_t stopping_since_ms = 0;

    while (exchange_serve(&run->exchange, run, SERVE_MS)) {
        export_sample_rss(run->result);
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

bool
export_units(ExportRun *run, Error *err)
{
    Worker *worker = NULL;
    WorkerOptions options = {
        .context = &run->units,
        .address = &run->address,
        .next_unit = give_unit,
        .unit_done = take_unit,
        .attempt_failed = undo_attempt,
    };

    run->units = (UnitContext){
        .export = run->export,
        .run = &run->name,
        .query = run->query,
        .destination = run->destination,
        .exchange = &run->exchange,
        .unit_ready = start_run,
        .cursor = run->has_cursor ? &run->cursor : NULL,
        .budget = budget_share(run->context->config, run->export, run->context->parallel_exports),
        .validates = run->context->validates,
        .reconciles = run->context->reconciles,
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
