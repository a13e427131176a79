/* history.h: cursors, metrics, schema, delivered files, events. */
#ifndef RIVET_STATE_HISTORY_H
#define RIVET_STATE_HISTORY_H

#include "util/arena.h"
#include "util/error.h"

typedef struct State State;

/* ---- cursors: written by state_unit_record only ---- */

typedef struct CursorRow {
    const char *export_name;
    const char *value;   /* bare text, or a JSON array for several columns; NULL: never set */
    const char *run_at;  /* out only */
    const char *columns; /* JSON array; the last four are NULL in rows of the original */
    const char *types;   /* JSON array */
    const char *source_id;
    const char *query_hash;
} CursorRow;

/* *found false: nothing stored. */
MUST_USE bool state_cursor_get(State *state, const char *export_name, Arena *arena, CursorRow *row,
                               bool *found, Error *err);
/* By name. */
MUST_USE bool state_cursor_list(State *state, Arena *arena, CursorRow **rows, size_t *count,
                                Error *err);
#ifdef RIVET_FAULTS
/* For a wrong order of delivery's steps, which the tests must notice (pipeline/commit.c). */
MUST_USE bool state_cursor_put(State *state, const CursorRow *row, Error *err);
#endif
/* state reset: schema, metrics, files and chunks stay. */
MUST_USE bool state_cursor_delete(State *state, const char *export_name, bool *found, Error *err);

/* ---- metrics ---- */

typedef struct MetricRow {
    int64_t id; /* out only, like run_at */
    const char *export_name;
    const char *run_at;
    int64_t duration_ms;
    int64_t total_rows;
    int64_t peak_rss_mb; /* -1: unknown */
    const char *status;  /* "success", "failed", "skipped" */
    const char *error_message;
    const char *tuning_profile;
    const char *format;
    const char *mode;
    int64_t files_produced;
    int64_t bytes_written;
    int64_t retries;
    int validated;      /* -1: not applicable, 0, 1 */
    int schema_changed; /* likewise */
    const char *run_id; /* NULL in old rows */
} MetricRow;

MUST_USE bool state_metric_add(State *state, const MetricRow *row, Error *err);
/* Newest first; export_name NULL: all; limit -1: no limit. */
MUST_USE bool state_metric_list(State *state, const char *export_name, int64_t limit, Arena *arena,
                                MetricRow **rows, size_t *count, Error *err);

/* ---- last seen columns ---- */

typedef struct SchemaRow {
    const char *columns_json;      /* [{"name":…,"type":…}] */
    const char *source_types_json; /* NULL in files of the original */
} SchemaRow;

MUST_USE bool state_schema_get(State *state, const char *export_name, Arena *arena, SchemaRow *row,
                               bool *found, Error *err);
MUST_USE bool state_schema_put(State *state, const char *export_name, const SchemaRow *row,
                               Error *err);

/* ---- delivered files: written by state_unit_record only ---- */

typedef struct FileRow {
    const char *run_id;
    const char *export_name;
    const char *file_name; /* without path or prefix */
    int64_t row_count;
    int64_t bytes;
    const char *format;
    const char *compression;
    const char *created_at;
} FileRow;

/* As state_metric_list. */
MUST_USE bool state_file_list(State *state, const char *export_name, int64_t limit, Arena *arena,
                              FileRow **rows, size_t *count, Error *err);

/* ---- the journal of a run ---- */

typedef struct EventRow {
    const char *at;
    const char *kind;
    const char *detail;
} EventRow;

MUST_USE bool state_event_add(State *state, const char *run_id, const char *kind,
                              const char *detail, Error *err);
/* Oldest first. */
MUST_USE bool state_event_list(State *state, const char *run_id, Arena *arena, EventRow **rows,
                               size_t *count, Error *err);

#endif
