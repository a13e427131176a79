#include "cli/commands.h"
#include "cli/history.h"
#include "cli/report.h"
#include "cli/table.h"

static json_t *
tri_state_json(int value)
{
    return value < 0 ? json_null() : json_boolean(value);
}

static void
print_json(const MetricRow *rows, size_t count)
{
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++) {
        const MetricRow *row = &rows[i];
        json_t *item = json_pack(
            "{so so so sI sI so so so so so sI sI sI}", "export", table_json_text(row->export_name),
            "run_id", table_json_text(row->run_id), "run_at", table_json_text(row->run_at),
            "duration_ms", (json_int_t)row->duration_ms, "rows", (json_int_t)row->total_rows,
            "status", table_json_text(row->status), "error", table_json_text(row->error_message),
            "profile", table_json_text(row->tuning_profile), "format", table_json_text(row->format),
            "mode", table_json_text(row->mode), "files", (json_int_t)row->files_produced, "bytes",
            (json_int_t)row->bytes_written, "retries", (json_int_t)row->retries);
        json_object_set_new(item, "peak_rss_mb",
                            row->peak_rss_mb < 0 ? json_null() : json_integer(row->peak_rss_mb));
        json_object_set_new(item, "validated", tri_state_json(row->validated));
        json_object_set_new(item, "schema_changed", tri_state_json(row->schema_changed));
        json_array_append_new(list, item);
    }
    table_print_json(list);
}

/* The line under a row: what was unusual about it. */
static void
print_flags(const MetricRow *row)
{
    bool has_any = false;

    if (row->retries > 0) {
        printf("  retries=%" PRId64, row->retries);
        has_any = true;
    }
    if (row->validated >= 0) {
        printf("  validated=%s", row->validated == 1 ? "pass" : "FAIL");
        has_any = true;
    }
    if (row->schema_changed >= 0) {
        printf("  schema=%s", row->schema_changed == 1 ? "CHANGED" : "ok");
        has_any = true;
    }
    if (has_any)
        putchar('\n');
}

static void
print_row(const MetricRow *row)
{
    char duration[HUMAN_BYTES];
    char rss[HUMAN_BYTES] = "-";
    char bytes[HUMAN_BYTES] = "-";

    report_duration(row->duration_ms, duration);
    if (row->peak_rss_mb > 0)
        snprintf(rss, sizeof(rss), "%" PRId64 "MB", row->peak_rss_mb);
    if (row->bytes_written > 0)
        report_human_size((uint64_t)row->bytes_written, bytes);
    printf("%-20s %-10s %10" PRId64 " %10s %8s %6" PRId64 " %10s %s\n", row->export_name,
           row->status, row->total_rows, duration, rss, row->files_produced, bytes,
           row->run_id == NULL ? row->run_at : row->run_id);
    if (strcmp(row->status, "failed") == 0 && row->error_message != NULL)
        printf("  Error: %s\n", row->error_message);
    print_flags(row);
}

static bool
print_metrics(State *state, const Arguments *arguments, Arena *arena, Error *err)
{
    MetricRow *rows = NULL;
    size_t count = 0;

    if (state != NULL &&
        !state_metric_list(state, arguments->export, arguments->last, arena, &rows, &count, err))
        return false;
    if (arguments->json) {
        print_json(rows, count);
        return true;
    }
    if (count == 0) {
        puts("No metrics recorded yet.");
        return true;
    }
    printf("%-20s %-10s %10s %10s %8s %6s %10s %s\n", "EXPORT", "STATUS", "ROWS", "DURATION", "RSS",
           "FILES", "BYTES", "RUN ID");
    table_rule(110);
    for (size_t i = 0; i < count; i++)
        print_row(&rows[i]);
    return true;
}

int
cmd_metrics(const Arguments *arguments)
{
    return history_command(arguments, print_metrics);
}
