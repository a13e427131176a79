#include "pipeline/unit.h"

#include "pipeline/budget.h"
#include "pipeline/ledger.h"
#include "pipeline/meta.h"
#include "util/clock.h"
#include "util/fault.h"
#include "util/interrupt.h"
#include "util/log.h"
#include "util/memory.h"
#include "util/random.h"

#define MODULE "rivet::unit"

enum { SPLIT_STEP_ROWS = 1024 };

/* The part that is being written. */
typedef struct OpenPart {
    SealedPart part;
    Upload *upload;
    Sink sink;
    Writer *writer;
    bool is_full; /* finished; sealed as soon as its final name is known */
} OpenPart;

typedef struct UnitRun {
    const UnitContext *context;
    const UnitJob *job;
    UnitResult *result;
    Destination *destination;
    FormatOptions format;
    OpenPart *open; /* NULL between parts */
    OpenPart room;
} UnitRun;

static bool
keeps_rows(const UnitRun *run)
{
    return !run->destination->is_stream;
}

static bool
sink_to_upload(void *receiver, const void *bytes, size_t size_bytes, Error *err)
{
    OpenPart *open = receiver;

    return upload_write(open->upload, bytes, size_bytes, err);
}

static const char *
part_name(const UnitRun *run, int64_t part)
{
    const ExportConfig *export = run->context->export;

    return naming_part(export, run->context->run, run->job->chunk, part,
                       format_extension(export->format, export->compression), &run->result->arena);
}

/* Step 1: the row, the object, its reference into the row; then the writer on top. */
static bool
open_part(UnitRun *run, Error *err)
{
    const ExportConfig *export = run->context->export;
    OpenPart *open = &run->room;
    int64_t index = (int64_t)run->result->part_count;
    bool splits = export->max_file_size_bytes > 0;

    *open = (OpenPart){.part.index = index};
    open->part.ref.key = part_name(run, splits ? index : NAMING_NONE);
    random_hex(open->part.ref.nonce, 16);
    if (keeps_rows(run) && !ledger_part_open(run->context, run->job->unit, &open->part, err))
        return false;
    FAULT_POINT("unit.part.recorded");
    if (!destination_open(run->destination, &open->part.ref, &open->upload, err))
        return false;
    FAULT_POINT("unit.part.created");
    run->open = open;
    sink_init(&open->sink, sink_to_upload, open);
    if (keeps_rows(run) && !ledger_part_reference(run->context, run->job->unit, &open->part, err))
        return false;
    FAULT_POINT("unit.part.referenced");
    if (index > 0)
        log_info(MODULE, "file split export=%s part=%" PRId64, export->name, index + 1);
    return format_open(export->format, &run->format, &open->sink, &open->writer, err);
}

static void
release_part(UnitRun *run)
{
    OpenPart *open = run->open;

    if (open == NULL)
        return;
    if (run->destination->is_stream && !run->destination->needs_spool && open->sink.size_bytes > 0)
        run->result->has_streamed = true;
    format_free(open->writer);
    sink_release(&open->sink);
    upload_release(open->upload);
    run->open = NULL;
}

/* Step 3 for one part: the footer, and the first proof that no row was lost on the way. */
static bool
finish_part(UnitRun *run, Error *err)
{
    OpenPart *open = run->open;

    if (!format_finish(open->writer, err))
        return false;
    if (open->writer->row_count != open->part.row_count)
        return error_set(err, ERR_INTERNAL,
                         "rows written (%" PRIu64 ") differ from rows taken (%" PRIu64 ")",
                         open->writer->row_count, open->part.row_count);
    open->part.ref.size_bytes = open->sink.size_bytes;
    open->part.ref.xxh3 = sink_xxh3(&open->sink);
    FAULT_POINT("unit.part.finished");
    return true;
}

static bool
validate_part(const UnitRun *run, const SealedPart *part, Error *err)
{
    const ExportConfig *export = run->context->export;
    VerifyExpectation want = {
        .kind = export->format,
        .compression = export->compression,
        .csv = &export->csv,
        .schema = run->result->schema,
        .row_count = part->row_count,
    };
    Readable file = {0};

    bool ok = destination_open_read(run->destination, &part->ref, &file, err) &&
              format_verify(&file, &want, err);
    readable_close(&file);
    if (!ok)
        return error_add_context(err, "file=%s", part->ref.key);
    log_info(MODULE, "validated export=%s file=%s rows=%" PRIu64, export->name, part->ref.key,
             part->row_count);
    return true;
}

static void
keep_part(UnitResult *result, const SealedPart *part)
{
    if (result->part_count == result->part_capacity) {
        result->part_capacity = size_max(4, result->part_capacity * 2);
        result->parts =
            memory_resize(result->parts, result->part_capacity * sizeof(*result->parts));
    }
    SealedPart *kept = &result->parts[result->part_count++];
    *kept = *part;
    if (part->ref.tail_bytes > 0)
        kept->ref.tail = (const uint8_t *)arena_dup_bytes(
            &result->arena, (const char *)part->ref.tail, part->ref.tail_bytes);
    result->byte_count += part->ref.size_bytes;
}

/* Step 4 for one part. is_last: no further part follows, so a lone part loses its suffix. */
static bool
seal_part(UnitRun *run, bool is_last, Error *err)
{
    OpenPart *open = run->open;

    if (!open->is_full && !finish_part(run, err))
        return false;
    if (is_last && open->part.index == 0)
        open->part.ref.key = part_name(run, NAMING_NONE);
    if (!upload_seal(open->upload, &open->part.ref, err))
        return false;
    FAULT_POINT("unit.part.durable");
    if (run->context->validates && !validate_part(run, &open->part, err))
        return false;
    if (keeps_rows(run) && !ledger_part_seal(run->context, run->job->unit, &open->part, err))
        return false;
    FAULT_POINT("unit.part.sealed");
    keep_part(run->result, &open->part);
    release_part(run);
    return true;
}

static bool
write_batch(UnitRun *run, const Batch *batch, Error *err)
{
    size_t row = 0;

    while (row < batch->row_count) {
        size_t first = row;
        if (run->open != NULL && run->open->is_full && !seal_part(run, false, err))
            return false;
        if (run->open == NULL && !open_part(run, err))
            return false;
        bool is_full = false;
        if (!format_write(run->open->writer, batch, first, &row, &is_full, err))
            return false;
        run->open->part.row_count += row - first;
        if (is_full) {
            if (!finish_part(run, err))
                return false;
            run->open->is_full = true;
        }
    }
    run->result->row_count += batch->row_count;
    return true;
}

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
        meta_fill(&batch, query_columns, context->export->meta_columns, exported_at_us);
        if (!write_batch(run, &batch, err))
            break;
        log_debug(MODULE, "batch export=%s rows=%zu total=%" PRIu64, context->export->name,
                  batch.row_count, run->result->row_count);
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

    memcpy(result->source_identity, source->identity, sizeof(result->source_identity));
    memcpy(result->server_version, source->server_version, sizeof(result->server_version));
    if (!source_describe(source, run->context->query, &export->type_rules, &result->plan, err))
        return false;
    for (size_t i = 0; i < result->plan->warning_count; i++)
        log_warn(MODULE, "export '%s': %s", export->name, result->plan->warnings[i]);
    if (!meta_schema(result->plan->schema, export->meta_columns, &result->arena, &result->schema,
                     err))
        return false;
    run->format = (FormatOptions){
        .schema = result->schema,
        .csv = &export->csv,
        .parquet = &export->parquet,
        .compression = export->compression,
        .compression_level = export->compression_level,
        .max_file_size_bytes = export->max_file_size_bytes,
        .split_step_rows = size_min(SPLIT_STEP_ROWS, (size_t) export->tuning.batch_size),
        .memory_bytes = run->context->budget.writer_bytes,
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
    bool ok = describe(&run, source, err) && resolve_range(&run, source, err) &&
              announce(&run, source, err);
    if (ok && !result->window.is_empty)
        ok = source_begin(source, result->plan, &result->window.range, err) &&
             read_rows(&run, source, err) && source_end(source, err) &&
             (run.open == NULL || seal_part(&run, true, err));
    result->policy_counts = source->policy_counts;
    result->is_validated = ok && context->validates;
    release_part(&run);
    return ok;
}

void
unit_result_release(UnitResult *result)
{
    source_plan_free(result->plan);
    free(result->parts);
    arena_release(&result->arena);
    *result = (UnitResult){0};
}
