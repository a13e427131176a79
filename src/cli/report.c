#include "cli/report.h"

#include <errno.h>
#include <unistd.h>

#include "util/interrupt.h"

void
report_human_size(uint64_t size_bytes, char text[HUMAN_BYTES])
{
    static const char *const UNITS[] = {"B", "KB", "MB", "GB"};
    double size = (double)size_bytes;
    size_t unit = 0;

    while (size >= 1024 && unit + 1 < ARRAY_LENGTH(UNITS)) {
        size /= 1024;
        unit++;
    }
    if (unit == 0)
        snprintf(text, HUMAN_BYTES, "%" PRIu64 " B", size_bytes);
    else
        snprintf(text, HUMAN_BYTES, "%.1f %s", size, UNITS[unit]);
}

void
report_duration(int64_t duration_ms, char text[HUMAN_BYTES])
{
    if (duration_ms < 1000)
        snprintf(text, HUMAN_BYTES, "%" PRId64 "ms", duration_ms);
    else
        snprintf(text, HUMAN_BYTES, "%.1fs", (double)duration_ms / 1000);
}

static void add_line(Buffer *out, const char *label, const char *format, ...) PRINTF_LIKE(3, 4);

static void
add_line(Buffer *out, const char *label, const char *format, ...)
{
    va_list args;
    char value[sizeof(((Error *)0)->message) + sizeof(((Error *)0)->context) + 16];

    va_start(args, format);
    vsnprintf(value, sizeof(value), format, args);
    va_end(args);
    buffer_append_format(out, "  %-12s %s\n", label, value);
}

static void
add_tuning(Buffer *out, const Tuning *tuning)
{
    const char *profile =
        tuning->is_profile_named ? profile_word(tuning->profile) : "balanced (default)";

    if (tuning->batch_size_memory_mb.is_set)
        add_line(out, "tuning:",
                 "profile=%s, batch_size=%" PRId64 " (batch_size_memory_mb=%" PRId64
                 "MiB → effective FETCH in logs)",
                 profile, tuning->batch_size, tuning->batch_size_memory_mb.value);
    else
        add_line(out, "tuning:", "profile=%s, batch_size=%" PRId64, profile, tuning->batch_size);
}

/* Every value a policy touched is counted where people look (spec: types, rule 1). */
static void
add_policies(Buffer *out, const PolicyCounts *counts)
{
    const struct {
        const char *name;
        uint64_t count;
    } policies[] = {
        {"infinity", counts->infinity},
        {"decimal_special", counts->decimal_special},
        {"zero_dates", counts->zero_dates},
        {"invalid_utf8", counts->invalid_utf8},
    };
    Buffer text = {0};

    for (size_t i = 0; i < ARRAY_LENGTH(policies); i++)
        if (policies[i].count > 0)
            buffer_append_format(&text, "%s%s=%" PRIu64, text.size > 0 ? ", " : "",
                                 policies[i].name, policies[i].count);
    if (text.size > 0)
        add_line(out, "policies:", "%s", buffer_text(&text));
    buffer_release(&text);
}

static void
add_checks(Buffer *out, const ExportResult *result)
{
    static const char *const SCHEMA_WORDS[] = {
        [SCHEMA_NEW] = "new", [SCHEMA_UNCHANGED] = "unchanged", [SCHEMA_CHANGED] = "CHANGED"};

    if (result->validated != CHECK_NOT_DONE)
        add_line(out, "validated:", "%s", result->validated == CHECK_PASSED ? "pass" : "FAIL");
    if (result->schema != SCHEMA_NOT_COMPARED)
        add_line(out, "schema:", "%s", SCHEMA_WORDS[result->schema]);
    if (result->quality != CHECK_NOT_DONE)
        add_line(out, "quality:", "%s", result->quality == CHECK_PASSED ? "pass" : "FAIL");
    if (result->reconciled == CHECK_PASSED)
        add_line(out, "reconcile:", "MATCH (%" PRIu64 "/%" PRIu64 ")", result->row_count,
                 result->source_count);
    else if (result->reconciled == CHECK_FAILED)
        add_line(out, "reconcile:", "MISMATCH (exported %" PRIu64 " vs source %" PRIu64 ")%s",
                 result->row_count, result->source_count,
                 result->lacks_common_snapshot ? " (no common snapshot)" : "");
}

void
report_summary(const ExportResult *result, Buffer *out)
{
    const ExportConfig *export = result->export;
    char text[HUMAN_BYTES];

    buffer_append_format(out, "\n── %s ──\n", export->name);
    add_line(out, "run_id:", "%s", result->run_id);
    add_line(out, "status:", "%s", export_status_word(result->status));
    add_tuning(out, &export->tuning);
    add_line(out, "rows:", "%" PRIu64, result->row_count);
    add_line(out, "files:", "%" PRIu64, result->file_count);
    if (result->byte_count > 0) {
        report_human_size(result->byte_count, text);
        add_line(out, "bytes:", "%s", text);
    }
    report_duration(result->duration_ms, text);
    add_line(out, "duration:", "%s", text);
    if (result->peak_rss_bytes >> 20 > 0)
        add_line(out, "peak RSS:", "%" PRIu64 "MB (sampled during run)",
                 result->peak_rss_bytes >> 20);
    if (export->format == FORMAT_PARQUET && export->compression != COMPRESSION_ZSTD)
        add_line(out, "compression:", "%s", compression_word(export->compression));
    if (result->retry_count > 0)
        add_line(out, "retries:", "%" PRId64, result->retry_count);
    add_policies(out, &result->policy_counts);
    add_checks(out, result);
    if (result->is_output_closed)
        add_line(out, "output:", "closed by its reader");
    if (result->status == STATUS_FAILED) {
        char message[sizeof(result->error.message) + sizeof(result->error.context)];
        error_format(&result->error, message, sizeof(message));
        add_line(out, "error:", "%s", message);
    }
}

void
report_failures(const ExportResult *results, size_t count)
{
    Buffer text = {0};

    for (size_t i = 0; i < count; i++) {
        const Error *err = &results[i].error;
        char message[sizeof(err->message) + sizeof(err->context)];
        if (err->code == ERR_NONE)
            continue;
        error_format(err, message, sizeof(message));
        buffer_append_format(&text, "%s%s", text.size == 0 ? "Error: " : "; ", message);
    }
    if (text.size > 0)
        buffer_append_byte(&text, '\n');
    for (size_t i = 0; i < count; i++)
        if (results[i].error.code != ERR_NONE && results[i].error.hint != NULL)
            buffer_append_format(&text, "  hint: %s\n", results[i].error.hint);
    report_write(STDERR_FILENO, &text);
    buffer_release(&text);
}

int
report_error(const Error *err)
{
    char message[sizeof(err->message) + sizeof(err->context)];

    error_format(err, message, sizeof(message));
    fprintf(stderr, "Error: %s\n", message);
    if (err->hint != NULL)
        fprintf(stderr, "  hint: %s\n", err->hint);
    return err->code == ERR_INTERRUPTED ? interrupt_exit_status() : error_exit_status(err);
}

void
report_write(int fd, const Buffer *text)
{
    size_t done = 0;

    while (done < text->size) {
        ssize_t written = write(fd, text->data + done, text->size - done);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return; /* nobody reads: nothing to tell */
        done += (size_t)written;
    }
}
