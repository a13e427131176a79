#include "cli/check_report.h"

#include "format/format.h"
#include "preflight/target_view.h"

static void add_line(Buffer *out, const char *label, const char *format, ...) PRINTF_LIKE(3, 4);

static void
add_line(Buffer *out, const char *label, const char *format, ...)
{
    char value[2048];
    va_list args;

    va_start(args, format);
    vsnprintf(value, sizeof(value), format, args);
    va_end(args);
    buffer_append_format(out, "  %-14s%s\n", label, value);
}

void
check_rows_text(int64_t rows, char text[CHECK_ROWS_BYTES])
{
    if (rows < 1000)
        snprintf(text, CHECK_ROWS_BYTES, "~%" PRId64, rows);
    else if (rows < 1000000)
        snprintf(text, CHECK_ROWS_BYTES, "~%" PRId64 "K", rows / 1000);
    else
        snprintf(text, CHECK_ROWS_BYTES, "~%" PRId64 "M", rows / 1000000);
}

static void
add_configured(const ExportCheck *check, Buffer *out)
{
    Buffer text = {0};

    buffer_append_format(out, "\nExport: %s\n", check->export->name);
    check_strategy_text(check->export, &text);
    add_line(out, "Strategy:", "%s", buffer_text(&text));
    buffer_reset(&text);
    check_mode_text(check->export, &text);
    add_line(out, "Mode:", "%s", buffer_text(&text));
    buffer_release(&text);
}

static void
add_facts(const ExportCheck *check, Buffer *out)
{
    const QueryFacts *facts = &check->facts;
    TextList cursor = check->export->cursor_columns;
    char rows[CHECK_ROWS_BYTES];

    if (facts->row_estimate.is_set) {
        check_rows_text(facts->row_estimate.value, rows);
        add_line(out, "Row estimate:", "%s", rows);
    }
    if (check->range_min != NULL)
        add_line(out, "Cursor range:", "%s .. %s", check->range_min, check->range_max);
    for (size_t i = 0; i < cursor.count; i++)
        add_line(out, "Cursor col:", "%s", cursor.items[i]);
    if (check->export->mode == MODE_CHUNKED && check->window_count > 0)
        add_line(out, "Chunks:", "%s%" PRIu64,
                 check->range_min == NULL || check->export->chunk_by == CHUNK_BY_ROWS ? "~" : "",
                 check->window_count);
    if (facts->scan_text != NULL)
        add_line(out, "Scan type:", "%s%s", facts->scan_text,
                 facts->uses_index ? " (indexed)" : "");
    if (check->statement_count > 0)
        add_line(out, "Statements:", "~%" PRIu64 ", the longest %s%.1fs at 50 MB/s",
                 check->statement_count, check->statement_s < 0.1 ? "under " : "~",
                 check->statement_s < 0.1 ? 0.1 : check->statement_s);
}

static void
add_advice(const Advice *advice, Buffer *out)
{
    add_line(out, "Verdict:", "%s", verdict_word(advice->verdict));
    add_line(out, "Recommended:", "tuning.profile: %s", profile_word(advice->profile));
    if (advice->parallel > 1)
        add_line(out, "Recommended:", "parallel: %" PRId64 " (%s)", advice->parallel,
                 advice->parallel_reason);
    else
        add_line(out, "Parallelism:", "1 (%s)", advice->parallel_reason);
    for (size_t i = 0; i < advice->warning_count; i++)
        add_line(out, "Warning:", "%s", advice->warnings[i]);
    if (advice->suggestion != NULL)
        add_line(out, "Suggestion:", "%s", advice->suggestion);
}

/* ---- --types ---- */

static bool
has_target_view(const ExportConfig *export)
{
    return export->target != TARGET_NONE && export->format == FORMAT_PARQUET;
}

static void
add_column(const ExportConfig *export, const ColumnSchema *column, int name_width, Buffer *out)
{
    Buffer type = {0};

    format_type_text(export->format, column, &type);
    buffer_append_format(out, "    %-*s  %-24s  %-34s  %s", name_width, column->name,
                         column->source_type, buffer_text(&type),
                         column->is_exact ? "exact" : "text");
    if (has_target_view(export)) {
        buffer_append_text(out, column->is_exact ? "  -> " : "   -> ");
        target_view(export->target, &column->type, out);
    }
    buffer_append_byte(out, '\n');
    buffer_release(&type);
}

static void
add_types(const ExportCheck *check, Buffer *out)
{
    const Schema *schema = check->plan->schema;
    size_t width = 0;

    add_line(out, "Types:", "%zu columns as %s", schema->column_count,
             format_word(check->export->format));
    for (size_t i = 0; i < schema->column_count; i++)
        width = size_max(width, strlen(schema->columns[i].name));
    for (size_t i = 0; i < schema->column_count; i++)
        add_column(check->export, &schema->columns[i], (int)size_min(width, 40), out);
}

void
check_report_export(const ExportCheck *check, bool with_types, Buffer *out)
{
    add_configured(check, out);
    if (check->error.code != ERR_NONE) {
        add_line(out, "Error:", "%s", check->error.message);
        return;
    }
    add_facts(check, out);
    add_advice(&check->advice, out);
    for (size_t i = 0; i < check->plan->warning_count; i++)
        add_line(out, "Note:", "%s", check->plan->warnings[i]);
    for (size_t i = 0; i < check->note_count; i++)
        add_line(out, "Note:", "%s", check->notes[i]);
    if (with_types)
        add_types(check, out);
}

/* ---- the server ---- */

static void
add_timeouts(const ServerFacts *server, Buffer *out)
{
    const struct {
        const char *what;
        OptionalInt ms;
    } timeouts[] = {
        {"statement", server->statement_timeout_ms},
        {"idle in transaction", server->idle_timeout_ms},
    };
    Buffer text = {0};

    for (size_t i = 0; i < ARRAY_LENGTH(timeouts); i++) {
        if (!timeouts[i].ms.is_set || timeouts[i].ms.value == 0)
            continue;
        buffer_append_format(&text, "%s%s %" PRId64 " ms", text.size > 0 ? ", " : "",
                             timeouts[i].what, timeouts[i].ms.value);
    }
    if (text.size > 0)
        add_line(out, "Timeouts:", "%s by default; a run sets its own", buffer_text(&text));
    buffer_release(&text);
}

static void
add_standby(const ServerFacts *server, Buffer *out)
{
    Buffer text = {0};

    if (!server->is_standby)
        return;
    if (server->standby_lag_ms.is_set)
        buffer_append_format(&text, "%.1fs behind its primary; ",
                             (double)server->standby_lag_ms.value / 1000);
    if (!server->standby_patience_ms.is_set)
        buffer_append_text(&text, "takes no writes of its own");
    else if (server->standby_patience_ms.value >= 0)
        buffer_append_format(&text, "a statement in the way of replay is ended after %.1fs",
                             (double)server->standby_patience_ms.value / 1000);
    else
        buffer_append_text(&text, "replay waits for statements in its way");
    add_line(out, "Standby:", "%s", buffer_text(&text));
    buffer_release(&text);
}

void
check_report_server(const Check *check, Buffer *out)
{
    const ServerFacts *server = &check->server;

    buffer_append_format(out, "\nSource: %s\n", check->source_identity);
    add_line(out, "Server:", "%s", check->server_version);
    if (server->connections_free.is_set)
        add_line(out, "Connections:", "%" PRId64 " free of %" PRId64,
                 server->connections_free.value, server->connections_max.value);
    add_timeouts(server, out);
    add_standby(server, out);
    if (server->is_pooled)
        add_line(out, "Pooler:", "between this machine and the server; sessions may be shared");
}
