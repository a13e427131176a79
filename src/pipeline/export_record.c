#include "pipeline/export_record.h"

#include "util/log.h"
#include "util/process.h"

#define MODULE "rivet::export"

const char *
export_mode_state_word(ExportMode mode)
{
    return mode == MODE_TIME_WINDOW ? "timewindow" : export_mode_word(mode);
}

void
export_log_tuning(const ExportConfig *export)
{
    const Tuning *tuning = &export->tuning;

    log_info(MODULE,
             "export '%s': effective tuning: profile=%s, batch_size=%" PRId64 ", throttle=%" PRId64
             "ms, timeout=%" PRId64 "s, retries=%" PRId64 ", lock_timeout=%" PRId64 "s",
             export->name, profile_word(tuning->profile), tuning->batch_size, tuning->throttle_ms,
             tuning->statement_timeout_s, tuning->max_retries, tuning->lock_timeout_s);
}

void
export_sample_rss(ExportResult *result)
{
    uint64_t now = process_rss_bytes();

    if (now > result->peak_rss_bytes)
        result->peak_rss_bytes = now;
}

void
export_fill_result(ExportRun *run)
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

void
export_record_metric(const RunContext *context, const ExportResult *result)
{
    const ExportConfig *export = result->export;
    char message[sizeof(result->error.message) + sizeof(result->error.context)];
    Error err = ERROR_INIT;

    error_format(&result->error, message, sizeof(message));
    MetricRow row = {
        .export_name = export->name,
        .duration_ms = result->duration_ms,
        .total_rows = (int64_t)result->row_count,
        .peak_rss_mb = (int64_t)(result->peak_rss_bytes / ((uint64_t)1024 * 1024)),
        .status = export_status_word(result->status),
        .error_message = result->status == STATUS_FAILED ? message : NULL,
        .tuning_profile = profile_word(export->tuning.profile),
        .format = format_word(export->format),
        .mode = export_mode_state_word(export->mode),
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
