#include "pipeline/unit_part.h"

#include "pipeline/budget.h"
#include "pipeline/meta.h"
#include "pipeline/progress.h"
#include "pipeline/reconcile.h"
#include "preflight/columns.h"
#include "util/clock.h"
#include "util/fault.h"
#include "util/interrupt.h"
#include "util/log.h"

#define MODULE "rivet::unit"

enum { SPLIT_STEP_ROWS = 1024 };

/* Gentleness: the pause is in proportion to the rows just read. */
static bool
pause_after(const UnitRun *run, size_t rows, Error *err)
{
    const Tuning *tuning = &run->context->export->tuning;

    if (tuning->throttle_ms == 0)
        return interrupt_check(err);
    return interrupt_sleep(tuning->throttle_ms * (int64_t)rows / tuning->batch_size, err);
}

static size_t
fetch_rows(const UnitRun *run)
{
    const Tuning *tuning = &run->context->export->tuning;
    size_t row_bytes = run->result->plan->row_estimate_bytes;
    size_t rows = budget_fetch_rows(tuning, row_bytes);

    if (tuning->batch_size_memory_mb.is_set)
        log_info(MODULE,
                 "export '%s': batch_size_memory_mb=%" PRId64
                 ": estimated row ~%zuB, computed batch_size=%zu",
                 run->context->export->name, tuning->batch_size_memory_mb.value, row_bytes, rows);
    return rows;
}

static void
show_progress(UnitRun *run, uint64_t rows, uint64_t bytes)
{
    progress_add(run->context->progress, rows - run->shown_rows, bytes - run->shown_bytes);
    run->shown_rows = rows;
    run->shown_bytes = bytes;
}

static uint64_t
written_bytes(const UnitRun *run)
{
    return run->result->byte_count + (run->open == NULL ? 0 : run->open->sink.size_bytes);
}

static bool
read_rows(UnitRun *run, Source *source, Error *err)
{
    const UnitContext *context = run->context;
    size_t query_columns = run->result->plan->schema->column_count;
    int64_t exported_at_us = clock_now_us();
    Batch batch;
    bool has_more = true;

    batch_init(&batch, run->result->schema, fetch_rows(run), context->budget.batch_bytes);
    while (has_more) {
        batch_reset(&batch);
        if (!source_read(source, &batch, &has_more, err))
            break;
        if (run->result->quality != NULL && !quality_add(run->result->quality, &batch, err))
            break;
        meta_fill(&batch, query_columns, context->export->meta_columns, exported_at_us);
        if (!unit_part_write(run, &batch, err))
            break;
        FAULT_POINT("unit.batch.written");
        show_progress(run, run->result->row_count, written_bytes(run));
        log_debug(MODULE, "batch export=%s rows=%zu total=%" PRIu64, context->export->name,
                  batch.row_count, run->result->row_count);
        if (has_more && !pressure_wait(context->export, &run->pressure, err))
            break;
        if (has_more && !pause_after(run, batch.row_count, err))
            break;
    }
    batch_release(&batch);
    return err->code == ERR_NONE;
}

static bool
describe(UnitRun *run, Source *source, Error *err)
{
    const ExportConfig *export = run->context->export;
    UnitResult *result = run->result;
    /* The leader has checked the columns for all chunks, and has said what there is to say. */
    bool is_chunk = run->job->chunk != NAMING_NONE;

    memcpy(result->source_identity, source->identity, sizeof(result->source_identity));
    memcpy(result->server_version, source->server_version, sizeof(result->server_version));
    if (!source_describe(source, run->context->query, &export->type_rules, &result->plan, err) ||
        (!is_chunk && !columns_check(export, source, result->plan->schema, err)))
        return false;
    for (size_t i = 0; i < result->plan->warning_count && !is_chunk; i++)
        log_warn(MODULE, "export '%s': %s", export->name, result->plan->warnings[i]);
    if (export->quality.is_set &&
        !quality_new(&export->quality, result->plan->schema, run->context->budget.unique_bytes,
                     &result->quality, err))
        return false;
    result->schema = meta_schema(result->plan->schema, export->meta_columns, &result->arena);
    run->format = (FormatOptions){
        .schema = result->schema,
        .csv = &export->csv,
        .parquet = &export->parquet,
        .compression = export->compression,
        .compression_level = export->compression_level,
        .max_file_size_bytes = export->max_file_size_bytes,
        .split_step_rows = size_min(SPLIT_STEP_ROWS, (size_t) export->tuning.batch_size),
        .memory_bytes = run->context->budget.writer_bytes,
        .compress_pool = run->context->compress_pool,
    };
    return true;
}

/* Which rows: the job's own range, or the window of the mode. */
static bool
resolve_range(UnitRun *run, Source *source, Error *err)
{
    const UnitContext *context = run->context;
    Window *window = &run->result->window;

    if (context->export->mode != MODE_INCREMENTAL && context->export->mode != MODE_TIME_WINDOW) {
        *window = (Window){.range = run->job->range};
        return true;
    }
    WindowRequest request = {
        .export = context->export,
        .query = context->query,
        .cursor = context->cursor,
        .now_us = context->run->started_us,
    };
    return window_resolve(&request, source, run->result->plan, &run->result->arena, window, err);
}

static bool
announce(UnitRun *run, const Source *source, Error *err)
{
    UnitReady ready = {.source = source, .plan = run->result->plan, .window = &run->result->window};

    return exchange_call(run->context->exchange, run->context->unit_ready, &ready, err);
}

/* How many rows will come, for somebody who watches. Nobody's run fails for that: a source that
 * refuses to tell (a view whose definition the account may not see) still gives its rows, and a
 * connection that is lost shows when they are asked for. */
static bool
estimate_rows(UnitRun *run, Source *source, Error *err)
{
    ExportProgress *progress = run->context->progress;
    const ReadRange *range = &run->result->window.range;
    QueryFacts facts = {0};
    Error cause = ERROR_INIT;

    progress_set_phase(progress, PROGRESS_READING);
    /* Of a chunked run the plan has told it. */
    if (!progress_wants_estimate(progress) || run->job->chunk != NAMING_NONE)
        return true;
    if (!source_explain(source, run->result->plan, range->column_count > 0 ? range : NULL,
                        &run->result->arena, &facts, &cause))
        log_debug(MODULE, "export '%s': the rows are not estimated: %s", run->context->export->name,
                  cause.message);
    else if (facts.row_estimate.is_set)
        progress_set_estimate(progress, (uint64_t)facts.row_estimate.value);
    return interrupt_check(err);
}

/* Step by step with one snapshot around them, the rows and, when asked for, their count. */
static bool
read_unit(UnitRun *run, Source *source, Error *err)
{
    UnitResult *result = run->result;
    const ReadRange *range = &result->window.range;
    /* Of a chunked run the whole is counted, not each chunk. */
    bool reconciles = run->context->reconciles && run->job->chunk == NAMING_NONE;
    bool has_snapshot = run->context->export->mode == MODE_INCREMENTAL;

    if (!estimate_rows(run, source, err) ||
        (reconciles && !has_snapshot && !source_open_snapshot(source, err)))
        return false;
    if (!source_begin(source, result->plan, range, err) || !read_rows(run, source, err))
        return false;
    if (reconciles) {
        SourceCount count =
            reconcile_count(run->context->export->name, source, result->plan, range);
        result->has_source_count = count.is_known;
        result->source_count = count.row_count;
        if (count.is_connection_lost)
            return true; /* all rows are here, and there is nothing left to end */
    }
    result->is_read = source_end(source, err);
    return result->is_read;
}

bool
unit_export(const UnitContext *context, Source *source, const UnitJob *job, UnitResult *result,
            Error *err)
{
    UnitRun run = {
        .context = context,
        .job = job,
        .result = result,
        .destination = context->destination,
    };

    *result = (UnitResult){.unit = job->unit};
    bool ok = pressure_wait(context->export, &run.pressure, err) && describe(&run, source, err) &&
              resolve_range(&run, source, err) && announce(&run, source, err);
    /* An empty window: the source was asked for its highest key, and has none that is new. */
    result->has_source_count = ok && context->reconciles && result->window.is_empty;
    if (ok && !result->window.is_empty)
        ok = read_unit(&run, source, err) && (run.open == NULL || unit_part_seal(&run, true, err));
    result->policy_counts = source->policy_counts;
    result->is_validated = ok && context->validates;
    show_progress(&run, ok ? result->row_count : 0, ok ? result->byte_count : 0);
    unit_part_release(&run);
    return ok;
}

void
unit_result_release(UnitResult *result)
{
    quality_free(result->quality);
    source_plan_free(result->plan);
    free(result->parts);
    arena_release(&result->arena);
    *result = (UnitResult){0};
}
