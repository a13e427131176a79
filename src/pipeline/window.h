/* window.h: which rows an incremental or a time_window run reads.
 *
 * Incremental  after the stored cursor up to the highest key there is now, both ends fixed in one
 *              snapshot with the read (spec: extraction §5). The upper end is inclusive, so a tie
 *              is never cut. cursor_lag lowers it.
 * time_window  from midnight UTC, days_window days ago (spec: behaviour §11).
 * Texts        in the arena given. Cursor texts are JSON arrays, one text per column.
 * Columns      exist and fit (columns_check).
 * Errors       ERR_CONFIG: a stored cursor of another column, type family or source. ERR_VALUE:
 *              NULL keys with cursor_nulls: error. */
#ifndef RIVET_PIPELINE_WINDOW_H
#define RIVET_PIPELINE_WINDOW_H

#include "config/config.h"
#include "source/source.h"
#include "state/state.h"

typedef struct WindowRequest {
    const ExportConfig *export;
    const char *query;
    const CursorRow *cursor; /* NULL: nothing stored */
    int64_t now_us;          /* start of the run */
} WindowRequest;

typedef struct Window {
    ReadRange range;
    bool is_empty;              /* nothing new: no statement is needed */
    const char *bounds;         /* JSON, for the run row and the manifest; NULL: whole query */
    const char *cursor_columns; /* the rest: incremental only */
    const char *cursor_types;   /* type families */
    const char *cursor_before;
    const char *cursor_after; /* NULL: leave the stored one */
} Window;

MUST_USE bool window_resolve(const WindowRequest *request, Source *source, const ReadPlan *plan,
                             Arena *arena, Window *window, Error *err);

/* Incremental: does the stored cursor fit? What window_resolve refuses of it, the source not
 * asked. */
MUST_USE bool window_check_cursor(const WindowRequest *request, Source *source,
                                  const ReadPlan *plan, Arena *arena, Error *err);

/* The row that B stores, from the facts of a run (cursor_columns, cursor_types, cursor_after,
 * source_id, query_hash); NULL when the run moves no cursor. Its value is bare text for one
 * column, a JSON array for several. */
const CursorRow *window_cursor_row(const RunRow *run, Arena *arena);

#endif
