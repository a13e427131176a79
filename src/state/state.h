/* state.h: what rivet remembers between runs, in one SQLite file.
 *
 * Owner    the main thread opens it and makes every call; workers hand facts over (spec: README,
 *          State). No other folder knows SQLite.
 * Durable  every function that changes something is one transaction, committed with
 *          synchronous=FULL when it returns true. An ambiguous COMMIT is re-read before it returns.
 * Errors   ERR_STATE with the path; its hint says how to go on. Times are set by the module.
 * Texts    borrowed for the call; what comes back lives in the arena given.
 * Source   spec: state (tables, migrations), delivery §2 and §6 (order, SQLite settings).
 *
 *   state.c  open, migrate, settings   run.c   runs, schema, metrics, events
 *   part.c   parts, A, B, C, manifest  cursor.c  incremental cursors   list.c  for the CLI */
#ifndef RIVET_STATE_STATE_H
#define RIVET_STATE_STATE_H

#include "util/arena.h"
#include "util/error.h"

typedef struct State State;

/* ---- the file ---- */

/* Opens and migrates; creates the file (0600) when it is missing and may_create, else *out is
 * NULL with true: nothing recorded yet. Refuses files of a newer rivet, and network file systems. */
MUST_USE bool state_open(const char *path, bool may_create, State **out, Error *err);
void state_close(State *state); /* NULL is fine */
const char *state_path(const State *state);

/* ---- runs ---- */

typedef struct RunRow {
    const char *run_id;
    const char *export_name;
    const char *mode;   /* "full", "incremental", "chunked", "timewindow" */
    const char *status; /* "open", "done", "failed", "interrupted" */
    const char *owner;  /* host:pid:start */
    const char *name_stamp; /* 20260102_030405_a1b2c3 */
    const char *source_id;
    const char *destination_id;
    int64_t destination_inode;
    const char *bounds;
    const char *output_hash;
    const char *query_hash;
    const char *cursor_columns; /* JSON arrays of text, or NULL */
    const char *cursor_before;
    const char *cursor_after;
    const char *snapshot;
    const char *manifest; /* "none", "due", "published" */
    const char *manifest_json;
    const char *started_at;
    const char *ended_at;
} RunRow;

MUST_USE bool state_run_start(State *state, const RunRow *run, Error *err); /* status: open */
/* done, failed or interrupted; a run that is already done stays done. */
MUST_USE bool state_run_end(State *state, const char *run_id, const char *status, Error *err);
/* Runs of the export in this status (NULL: any), oldest first. */
MUST_USE bool state_run_list(State *state, const char *export_name, const char *status,
                             Arena *arena, RunRow **rows, size_t *count, Error *err);

/* ---- parts: the life of a unit, spec: delivery §2 ---- */

typedef struct PartRow {
    const char *run_id;
    int64_t unit;
    int64_t part_index;
    const char *key;
    const char *nonce;
    const char *upload_ref; /* may be a credential: never print */
    const char *status;     /* "open", "sealed", "intent", "visible" */
    uint64_t rows;
    uint64_t bytes;
    uint64_t xxh3;
    const char *store_check;
    const void *tail;
    size_t tail_bytes;
} PartRow;

/* Transaction 0: the row exists before anything is created at the destination. */
MUST_USE bool state_part_open(State *state, const PartRow *part, Error *err);
MUST_USE bool state_part_set_reference(State *state, const PartRow *part, Error *err);
MUST_USE bool state_part_seal(State *state, const PartRow *part, Error *err);
/* Back to nothing: the caller has undone the part at the destination. */
MUST_USE bool state_part_delete(State *state, const char *run_id, int64_t unit, int64_t part_index,
                                Error *err);
MUST_USE bool state_part_list(State *state, const char *run_id, Arena *arena, PartRow **rows,
                              size_t *count, Error *err);

/* A: all parts of the unit sealed → intent, with the run's cursor-after (NULL: leave). */
MUST_USE bool state_unit_intend(State *state, const char *run_id, int64_t unit,
                                const char *cursor_after, Error *err);

typedef struct CursorRow {
    const char *export_name;
    const char *value; /* bare text, or a JSON array for several columns */
    const char *run_at;
    const char *columns; /* JSON array */
    const char *types;   /* JSON array */
    const char *source_id;
    const char *query_hash;
} CursorRow;

typedef struct UnitRecord {
    const char *run_id;
    const char *export_name;
    int64_t unit;
    const char *format;
    const char *compression; /* "none" for plain CSV */
    const CursorRow *cursor; /* incremental: advanced in the same transaction; else NULL */
    bool is_last_unit;
    const char *manifest_json; /* with the last unit: manifest due; NULL: none */
} UnitRecord;

/* B: parts intent → visible, file_manifest rows, cursor, and with the last unit the run done. */
MUST_USE bool state_unit_record(State *state, const UnitRecord *record, Error *err);
/* C */
MUST_USE bool state_manifest_published(State *state, const char *run_id, Error *err);

/* ---- cursors ---- */

/* *found false: nothing stored. */
MUST_USE bool state_cursor_get(State *state, const char *export_name, Arena *arena, CursorRow *row,
                               bool *found, Error *err);
MUST_USE bool state_cursor_list(State *state, Arena *arena, CursorRow **rows, size_t *count,
                                Error *err);
MUST_USE bool state_cursor_delete(State *state, const char *export_name, bool *found, Error *err);

/* ---- metrics, schema, files, events ---- */

typedef struct MetricRow {
    int64_t id;
    const char *export_name;
    const char *run_at;
    int64_t duration_ms;
    int64_t total_rows;
    int64_t peak_rss_mb;
    const char *status; /* "success", "failed", "skipped" */
    const char *error_message;
    const char *tuning_profile;
    const char *format;
    const char *mode;
    int64_t files_produced;
    int64_t bytes_written;
    int64_t retries;
    int validated;      /* -1: not applicable, 0, 1 */
    int schema_changed; /* likewise */
    const char *run_id;
} MetricRow;

MUST_USE bool state_metric_add(State *state, const MetricRow *row, Error *err);
/* Newest first; export_name NULL: all. */
MUST_USE bool state_metric_list(State *state, const char *export_name, int64_t limit, Arena *arena,
                                MetricRow **rows, size_t *count, Error *err);

typedef struct SchemaRow {
    const char *columns_json;      /* [{"name":…,"type":…}] */
    const char *source_types_json; /* NULL in files of the original */
} SchemaRow;

MUST_USE bool state_schema_get(State *state, const char *export_name, Arena *arena, SchemaRow *row,
                               bool *found, Error *err);
MUST_USE bool state_schema_put(State *state, const char *export_name, const SchemaRow *row,
                               Error *err);

typedef struct FileRow {
    const char *run_id;
    const char *export_name;
    const char *file_name;
    int64_t row_count;
    int64_t bytes;
    const char *format;
    const char *compression;
    const char *created_at;
} FileRow;

MUST_USE bool state_file_list(State *state, const char *export_name, int64_t limit, Arena *arena,
                              FileRow **rows, size_t *count, Error *err);

typedef struct EventRow {
    const char *at;
    const char *kind;
    const char *detail;
} EventRow;

MUST_USE bool state_event_add(State *state, const char *run_id, const char *kind,
                              const char *detail, Error *err);
MUST_USE bool state_event_list(State *state, const char *run_id, Arena *arena, EventRow **rows,
                               size_t *count, Error *err);

/* ---- the lock of an export ---- */

/* One process per export name and state file: an open-file-description lock beside the state,
 * freed by the kernel at death. Held until state_unlock. ERR_LOCKED names the holder's pid and
 * run id as written by state_lock_describe. */
typedef struct ExportLock ExportLock;
MUST_USE bool state_lock(const State *state, const char *export_name, ExportLock **out,
                         Error *err);
MUST_USE bool state_lock_describe(ExportLock *lock, const char *run_id, Error *err);
void state_unlock(ExportLock *lock); /* NULL is fine */

#endif
