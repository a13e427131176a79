#include "preflight/check.h"

static const char *
column_or_key(const ExportConfig *export)
{
    return export->chunk_columns.count > 0 ? export->chunk_columns.items[0] : "primary key";
}

static void
append_columns(TextList columns, const char *none, Buffer *out)
{
    for (size_t i = 0; i < columns.count; i++)
        buffer_append_format(out, "%s%s", i == 0 ? "" : ", ", columns.items[i]);
    if (columns.count == 0)
        buffer_append_text(out, none);
}

const char *
check_range_column(const ExportCheck *check)
{
    const ExportConfig *export = check->export;

    if (check->key.columns.count > 0)
        return check->key.columns.items[0];
    if (export->chunk_columns.count > 0)
        return export->chunk_columns.items[0];
    return export->cursor_columns.count > 0 ? export->cursor_columns.items[0] : NULL;
}

static void
append_chunked(const ExportConfig *export, Buffer *out)
{
    bool is_parallel = export->parallel > 1;

    buffer_append_format(out, "chunked%s(", is_parallel ? "-parallel" : "");
    append_columns(export->chunk_columns, column_or_key(export), out);
    buffer_append_format(out, ", size=%" PRId64, export->chunk_size);
    if (is_parallel)
        buffer_append_format(out, ", p=%" PRId64, export->parallel);
    buffer_append_text(out, ")");
}

void
check_strategy_text(const ExportConfig *export, Buffer *out)
{
    switch (export->mode) {
    case MODE_FULL:
        if (export->parallel > 1)
            buffer_append_format(out, "full-parallel(%" PRId64 ")", export->parallel);
        else
            buffer_append_text(out, "full-scan");
        return;
    case MODE_INCREMENTAL:
        buffer_append_text(out, "incremental(");
        append_columns(export->cursor_columns, "", out);
        buffer_append_text(out, ")");
        return;
    case MODE_CHUNKED:
        append_chunked(export, out);
        return;
    case MODE_TIME_WINDOW:
        buffer_append_format(out, "time-window(%s, %" PRId64 "d)", export->time_column,
                             export->days_window);
        return;
    }
}

void
check_mode_text(const ExportConfig *export, Buffer *out)
{
    switch (export->mode) {
    case MODE_FULL:
        buffer_append_text(out, "full");
        return;
    case MODE_INCREMENTAL:
        buffer_append_text(out, "incremental (cursor: ");
        append_columns(export->cursor_columns, "", out);
        buffer_append_text(out, ")");
        return;
    case MODE_CHUNKED:
        buffer_append_text(out, "chunked (column: ");
        append_columns(export->chunk_columns, column_or_key(export), out);
        buffer_append_format(out, ", size: %" PRId64 ")", export->chunk_size);
        return;
    case MODE_TIME_WINDOW:
        buffer_append_format(out, "time_window (column: %s, days: %" PRId64 ")",
                             export->time_column, export->days_window);
        return;
    }
}
