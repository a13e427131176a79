/* Metrics, schema, files, events: written once, listed later. */
#include "state/history.h"

#include "state/change.h"

static const Field METRIC_FIELDS[] = {
    FIELD(MetricRow, FIELD_INT, id),
    FIELD(MetricRow, FIELD_NEEDED_TEXT, export_name),
    FIELD(MetricRow, FIELD_NEEDED_TEXT, run_at),
    FIELD(MetricRow, FIELD_INT, duration_ms),
    FIELD(MetricRow, FIELD_INT, total_rows),
    FIELD(MetricRow, FIELD_OPTIONAL_INT, peak_rss_mb),
    FIELD(MetricRow, FIELD_NEEDED_TEXT, status),
    FIELD(MetricRow, FIELD_TEXT, error_message),
    FIELD(MetricRow, FIELD_TEXT, tuning_profile),
    FIELD(MetricRow, FIELD_TEXT, format),
    FIELD(MetricRow, FIELD_TEXT, mode),
    FIELD(MetricRow, FIELD_INT, files_produced),
    FIELD(MetricRow, FIELD_INT, bytes_written),
    FIELD(MetricRow, FIELD_INT, retries),
    FIELD(MetricRow, FIELD_FLAG, validated),
    FIELD(MetricRow, FIELD_FLAG, schema_changed),
    FIELD(MetricRow, FIELD_TEXT, run_id),
};
static const RowType METRIC = ROW_TYPE(MetricRow, METRIC_FIELDS);

static const Field FILE_FIELDS[] = {
    FIELD(FileRow, FIELD_NEEDED_TEXT, run_id),
    FIELD(FileRow, FIELD_NEEDED_TEXT, export_name),
    FIELD(FileRow, FIELD_NEEDED_TEXT, file_name),
    FIELD(FileRow, FIELD_INT, row_count),
    FIELD(FileRow, FIELD_INT, bytes),
    FIELD(FileRow, FIELD_NEEDED_TEXT, format),
    FIELD(FileRow, FIELD_TEXT, compression),
    FIELD(FileRow, FIELD_NEEDED_TEXT, created_at),
};
static const RowType DELIVERED_FILE = ROW_TYPE(FileRow, FILE_FIELDS);

/* A list by export, newest first. */
static bool
list_newest(State *state, SqlId sql, const RowType *type, const char *export_name, int64_t limit,
            Arena *arena, void **rows, size_t *count, Error *err)
{
    Query query = query_begin(state, sql);

    query_bind_text(&query, ":export_name", export_name);
    query_bind_int(&query, ":limit", limit);
    return query_list(&query, type, arena, rows, count, err);
}

bool
state_metric_add(State *state, const MetricRow *row, Error *err)
{
    static const Change ADD = {
        .name = "metrics", .what = "the run in the history", .row = &METRIC, .sql = SQL_METRIC_ADD};

    return change_make(state, &ADD, row, NULL, err);
}

bool
state_metric_list(State *state, const char *export_name, int64_t limit, Arena *arena,
                  MetricRow **rows, size_t *count, Error *err)
{
    void *found = NULL;
    bool ok =
        list_newest(state, SQL_METRIC_LIST, &METRIC, export_name, limit, arena, &found, count, err);

    *rows = found;
    return ok;
}

bool
state_file_list(State *state, const char *export_name, int64_t limit, Arena *arena, FileRow **rows,
                size_t *count, Error *err)
{
    void *found = NULL;
    bool ok = list_newest(state, SQL_FILE_LIST, &DELIVERED_FILE, export_name, limit, arena, &found,
                          count, err);

    *rows = found;
    return ok;
}

/* ---- schema ---- */

typedef struct SchemaChange {
    const char *export_name;
    const char *columns_json;
    const char *source_types_json;
} SchemaChange;

static const Field SCHEMA_CHANGE_FIELDS[] = {
    FIELD(SchemaChange, FIELD_NEEDED_TEXT, export_name),
    FIELD(SchemaChange, FIELD_NEEDED_TEXT, columns_json),
    FIELD(SchemaChange, FIELD_TEXT, source_types_json),
};
static const RowType SCHEMA_CHANGE = ROW_TYPE(SchemaChange, SCHEMA_CHANGE_FIELDS);

static const Field SCHEMA_FIELDS[] = {
    FIELD(SchemaRow, FIELD_NEEDED_TEXT, columns_json),
    FIELD(SchemaRow, FIELD_TEXT, source_types_json),
};
static const RowType SCHEMA = ROW_TYPE(SchemaRow, SCHEMA_FIELDS);

bool
state_schema_get(State *state, const char *export_name, Arena *arena, SchemaRow *row, bool *found,
                 Error *err)
{
    Query query = query_begin(state, SQL_SCHEMA_GET);

    query_bind_text(&query, ":export_name", export_name);
    return query_one(&query, &SCHEMA, arena, row, found, err);
}

bool
state_schema_put(State *state, const char *export_name, const SchemaRow *row, Error *err)
{
    static const Change PUT = {.name = "schema",
                               .what = "the schema",
                               .row = &SCHEMA_CHANGE,
                               .sql = SQL_SCHEMA_PUT,
                               .applied = SQL_SCHEMA_PUT_APPLIED};
    const SchemaChange change = {export_name, row->columns_json, row->source_types_json};

    return change_make(state, &PUT, &change, NULL, err);
}

/* ---- events ---- */

typedef struct EventChange {
    const char *run_id;
    const char *kind;
    const char *detail;
} EventChange;

static const Field EVENT_CHANGE_FIELDS[] = {
    FIELD(EventChange, FIELD_NEEDED_TEXT, run_id),
    FIELD(EventChange, FIELD_NEEDED_TEXT, kind),
    FIELD(EventChange, FIELD_TEXT, detail),
};
static const RowType EVENT_CHANGE = ROW_TYPE(EventChange, EVENT_CHANGE_FIELDS);

static const Field EVENT_FIELDS[] = {
    FIELD(EventRow, FIELD_NEEDED_TEXT, at),
    FIELD(EventRow, FIELD_NEEDED_TEXT, kind),
    FIELD(EventRow, FIELD_TEXT, detail),
};
static const RowType EVENT = ROW_TYPE(EventRow, EVENT_FIELDS);

bool
state_event_add(State *state, const char *run_id, const char *kind, const char *detail, Error *err)
{
    static const Change ADD = {
        .name = "event", .what = "an event", .row = &EVENT_CHANGE, .sql = SQL_EVENT_ADD};
    const EventChange change = {run_id, kind, detail};

    return change_make(state, &ADD, &change, NULL, err);
}

bool
state_event_list(State *state, const char *run_id, Arena *arena, EventRow **rows, size_t *count,
                 Error *err)
{
    void *found = NULL;
    Query query = query_begin(state, SQL_EVENT_LIST);

    query_bind_text(&query, ":run_id", run_id);
    bool ok = query_list(&query, &EVENT, arena, &found, count, err);
    *rows = found;
    return ok;
}
