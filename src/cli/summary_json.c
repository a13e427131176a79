#include "cli/summary_json.h"

#include "cli/table.h"
#include "util/clock.h"

static json_t *
json_check(CheckStatus status)
{
    return status == CHECK_NOT_DONE ? json_null() : json_boolean(status == CHECK_PASSED);
}

static json_t *
json_schema_status(SchemaStatus status)
{
    static const char *const WORDS[] = {
        [SCHEMA_NEW] = "new", [SCHEMA_UNCHANGED] = "unchanged", [SCHEMA_CHANGED] = "changed"};

    return status == SCHEMA_NOT_COMPARED ? json_null() : json_string(WORDS[status]);
}

static json_t *
json_reconcile(const ExportResult *result)
{
    if (result->reconciled == CHECK_NOT_DONE)
        return json_null();
    return json_pack("{sb sI}", "matches", result->reconciled == CHECK_PASSED, "source_rows",
                     (json_int_t)result->source_count);
}

static json_t *
json_policies(const PolicyCounts *counts)
{
    return json_pack("{sI sI sI sI}", "infinity", (json_int_t)counts->infinity, "decimal_special",
                     (json_int_t)counts->decimal_special, "zero_dates",
                     (json_int_t)counts->zero_dates, "invalid_utf8",
                     (json_int_t)counts->invalid_utf8);
}

static json_t *
json_error(const ExportResult *result)
{
    const Error *err = &result->error;
    char message[sizeof(err->message) + sizeof(err->context)];

    if (result->status != STATUS_FAILED)
        return json_null();
    error_format(err, message, sizeof(message));
    return json_pack("{ss so so si}", "kind", error_name(err->code), "message",
                     table_json_text(message), "hint", table_json_text(err->hint), "exit_status",
                     error_exit_status(err));
}

json_t *
summary_json_export(const ExportResult *result)
{
    const ExportConfig *export = result->export;
    json_t *object = json_pack(
        "{ss ss ss ss ss ss ss sI}", "export", export->name, "run_id", result->run_id, "status",
        export_status_word(result->status), "mode", export_mode_word(export->mode), "format",
        format_word(export->format), "compression", compression_word(export->compression),
        "profile", profile_word(export->tuning.profile), "batch_size",
        (json_int_t) export->tuning.batch_size);
    json_t *counts =
        json_pack("{sI sI sI sI sI sI}", "rows", (json_int_t)result->row_count, "files",
                  (json_int_t)result->file_count, "bytes", (json_int_t)result->byte_count,
                  "duration_ms", (json_int_t)result->duration_ms, "peak_rss_bytes",
                  (json_int_t)result->peak_rss_bytes, "retries", (json_int_t)result->retry_count);

    json_object_update(object, counts);
    json_decref(counts);
    json_object_set_new(object, "validated", json_check(result->validated));
    json_object_set_new(object, "quality", json_check(result->quality));
    json_object_set_new(object, "schema", json_schema_status(result->schema));
    json_object_set_new(object, "reconcile", json_reconcile(result));
    json_object_set_new(object, "policies", json_policies(&result->policy_counts));
    json_object_set_new(object, "output_closed", json_boolean(result->is_output_closed));
    json_object_set_new(object, "error", json_error(result));
    return object;
}

static json_t *
json_time(int64_t at_us)
{
    char text[CLOCK_TEXT_BYTES];

    clock_format_rfc3339(at_us, text);
    return json_string(text);
}

json_t *
summary_json(const SummaryFacts *facts, json_t *exports)
{
    return json_pack("{si ss so so so si so}", "version", SUMMARY_VERSION, "rivet", RIVET_VERSION,
                     "config", table_json_text(facts->config_path), "started_at",
                     json_time(facts->started_us), "finished_at", json_time(facts->finished_us),
                     "exit_status", facts->exit_status, "exports", exports);
}
