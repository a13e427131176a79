#include "cli/metrics_file.h"

/* A gauge with a sample per export: a number of its item, divided to get the unit. */
static const struct {
    const char *name, *unit, *help;
    const char *field;
    double divisor;
} GAUGES[] = {
    {"rivet_export_rows", NULL, "Rows of the last run.", "rows", 1},
    {"rivet_export_files", NULL, "Files of the last run.", "files", 1},
    {"rivet_export_size_bytes", "bytes", "Size of the files of the last run.", "bytes", 1},
    {"rivet_export_duration_seconds", "seconds", "Time the last run took.", "duration_ms", 1000},
    {"rivet_export_peak_memory_bytes", "bytes", "Most memory the process used.", "peak_rss_bytes",
     1},
    {"rivet_export_retries", NULL, "Attempts that were repeated.", "retries", 1},
};

static void
append_label(const char *value, Buffer *out)
{
    for (; *value != '\0'; value++) {
        if (*value == '\n')
            buffer_append_text(out, "\\n");
        else if (*value == '"' || *value == '\\')
            buffer_append_format(out, "\\%c", *value);
        else
            buffer_append_byte(out, (uint8_t)*value);
    }
}

static void
append_head(const char *name, const char *unit, const char *help, Buffer *out)
{
    buffer_append_format(out, "# TYPE %s gauge\n", name);
    if (unit != NULL)
        buffer_append_format(out, "# UNIT %s %s\n", name, unit);
    buffer_append_format(out, "# HELP %s %s\n", name, help);
}

static void
append_sample(const char *name, const json_t *export, double value, Buffer *out)
{
    buffer_append_format(out, "%s{export=\"", name);
    append_label(json_string_value(json_object_get(export, "export")), out);
    buffer_append_format(out, "\"} %.17g\n", value);
}

static bool
is_failed(const json_t *export)
{
    return strcmp(json_string_value(json_object_get(export, "status")), "failed") == 0;
}

void
metrics_file_text(const json_t *summary, int64_t finished_us, Buffer *out)
{
    const json_t *exports = json_object_get(summary, "exports");
    size_t index;
    json_t *export;

    append_head("rivet_export_success", NULL, "1 when the last run succeeded, else 0.", out);
    json_array_foreach((json_t *)(uintptr_t)exports, index, export)
        append_sample("rivet_export_success", export, is_failed(export) ? 0 : 1, out);
    append_head("rivet_export_finished_timestamp_seconds", "seconds", "When the last run ended.",
                out);
    json_array_foreach((json_t *)(uintptr_t)exports, index, export) append_sample(
        "rivet_export_finished_timestamp_seconds", export, (double)finished_us / 1e6, out);
    for (size_t i = 0; i < ARRAY_LENGTH(GAUGES); i++) {
        append_head(GAUGES[i].name, GAUGES[i].unit, GAUGES[i].help, out);
        json_array_foreach((json_t *)(uintptr_t)exports, index, export) append_sample(
            GAUGES[i].name, export,
            json_number_value(json_object_get(export, GAUGES[i].field)) / GAUGES[i].divisor, out);
    }
    buffer_append_text(out, "# EOF\n");
}
