#include "pipeline/export_units.h"

#include "pipeline/budget.h"
#include "pipeline/crew.h"
#include "pipeline/discard.h"
#include "pipeline/export_record.h"
#include "pipeline/fingerprint.h"
#include "pipeline/journal.h"
#include "util/fault.h"

/* ---- what the worker has run on this thread ---- */

static bool
record_start(ExportRun *run, const RunRow *row, Error *err)
{
    run->is_started = state_run_start(run->context->state, row, err);
    FAULT_POINT("export.started");
    if (run->is_started)
        journal_add(run->context->state, row->run_id, "started", "mode=%s source=%s destination=%s",
                    row->mode, row->source_id, row->destination_id);
    return run->is_started;
}

/* A later attempt finds the run there, and may have found other rows to read. */
bool
export_start_run(ExportRun *run, const char *source_id, const Window *window,
                 const char *output_hash, Error *err)
{
    char query_hash[FINGERPRINT_BYTES];

    fingerprint_query(run->query, query_hash);
    const RunRow row = {
        .run_id = run->name.run_id,
        .export_name = run->export->name,
        .mode = export_mode_state_word(run->export->mode),
        .owner = run->owner,
        .name_stamp = run->name.stamp,
        .source_id = source_id,
        .destination_id = run->destination->identity,
        .destination_inode = (int64_t)run->destination->inode,
        .bounds = window->bounds,
        .output_hash = output_hash,
        .query_hash = query_hash,
        .cursor_columns = window->cursor_columns,
        .cursor_types = window->cursor_types,
        .cursor_before = window->cursor_before,
        .format = format_word(run->export->format),
        .compression = compression_word(run->export->compression),
    };
    return run->is_started ? state_run_rebind(run->context->state, &row, err)
                           : record_start(run, &row, err);
}

/* Once a connection has told which server this is and which rows are to be read. */
static bool
start_run(void *subject, void *argument, Error *err)
{
    ExportRun *run = subject;
    const UnitReady *ready = argument;
    char output_hash[FINGERPRINT_BYTES];

    fingerprint_output(run->export, ready->source->identity, run->destination->identity,
                       output_hash);
    return export_start_run(run, ready->source->identity, ready->window, output_hash, err);
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

bool
export_undo_attempt(void *subject, void *argument, Error *err)
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

UnitContext
export_unit_context(ExportRun *run, int64_t worker_count)
{
    const RunContext *context = run->context;

    return (UnitContext){
        .export = run->export,
        .run = &run->name,
        .query = run->query,
        .destination = run->destination,
        .exchange = &run->exchange,
        .budget =
            budget_share(context->config, run->export, context->parallel_exports * worker_count),
        .compress_pool = context->compress_pool,
        .validates = context->validates,
        .reconciles = context->reconciles,
        .progress = context->progress,
    };
}

bool
export_units(ExportRun *run, Error *err)
{
    Crew crew;
    const WorkerOptions options = {
        .context = &run->units,
        .address = &run->address,
        .next_unit = give_unit,
        .unit_done = take_unit,
        .attempt_failed = export_undo_attempt,
    };

    run->units = export_unit_context(run, 1);
    run->units.unit_ready = start_run;
    run->units.cursor = run->has_cursor ? &run->cursor : NULL;
    crew_init(&crew, &run->exchange);
    bool ok = crew_add(&crew, &options, err);
    crew_serve(&crew, run);
    return crew_join(&crew, err) && ok;
}
