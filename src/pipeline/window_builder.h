/* window_builder.h: the pieces of window_resolve, inside window*.c only. */
#ifndef RIVET_PIPELINE_WINDOW_BUILDER_H
#define RIVET_PIPELINE_WINDOW_BUILDER_H

#include "pipeline/window.h"

#define WINDOW_DAY_US (INT64_C(86400) * 1000000)

/* cursor-after of a first run that had nothing but NULL keys (cursor_nulls: include_first): a
 * stored cursor without a value, so that the next run does not take them again. */
#define WINDOW_NULLS_ONLY "[null]"

typedef struct WindowBuilder {
    const WindowRequest *request;
    Source *source;
    const ReadPlan *plan;
    Arena *arena;
    Window *window;
    TextList columns;
    const ColumnSchema **keys; /* the key columns */
    int64_t source_now_us;     /* with a cursor_lag in time */
} WindowBuilder;

/* window_cursor.c: the key columns and the cursor stored for them. */
const char *window_json_texts(const char *const *texts, size_t count, Arena *arena);
MUST_USE bool window_find_key_columns(WindowBuilder *builder, Error *err);
/* The stored cursor becomes the lower bound. */
MUST_USE bool window_set_lower_bound(WindowBuilder *builder, Error *err);

/* window_upper.c: where the run ends. Before and inside the snapshot. */
MUST_USE bool window_read_clock(WindowBuilder *builder, Error *err);
MUST_USE bool window_apply_null_policy(WindowBuilder *builder, Error *err);
MUST_USE bool window_set_upper_bound(WindowBuilder *builder, Error *err);

/* The moment as a bound for a column of this type; in arena. */
const char *window_moment_text(const Type *type, int64_t at_us, Arena *arena);

#endif
