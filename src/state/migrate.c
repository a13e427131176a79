#include "state/migrate.h"

#include "state/change.h"

static const SqlId SCRIPTS[STATE_VERSION + 1] = {
    [1] = SQL_SCRIPT_V1,
    [2] = SQL_SCRIPT_V2,
    [3] = SQL_SCRIPT_V3,
    [4] = SQL_SCRIPT_V4,
};

/* Columns that a version adds to tables of an earlier one. Version 1: a file from before versions
 * were kept has the table already, with fewer columns. */
static const struct {
    int version;
    SqlId sql;
    const char *table;
    const char *column;
} COLUMNS[] = {
    {1, SQL_ADD_METRICS_FILES_PRODUCED, "export_metrics", "files_produced"},
    {1, SQL_ADD_METRICS_BYTES_WRITTEN, "export_metrics", "bytes_written"},
    {1, SQL_ADD_METRICS_RETRIES, "export_metrics", "retries"},
    {1, SQL_ADD_METRICS_VALIDATED, "export_metrics", "validated"},
    {1, SQL_ADD_METRICS_SCHEMA_CHANGED, "export_metrics", "schema_changed"},
    {1, SQL_ADD_METRICS_RUN_ID, "export_metrics", "run_id"},
    {4, SQL_ADD_STATE_CURSOR_COLUMNS, "export_state", "cursor_columns"},
    {4, SQL_ADD_STATE_CURSOR_TYPES, "export_state", "cursor_types"},
    {4, SQL_ADD_STATE_SOURCE_ID, "export_state", "source_id"},
    {4, SQL_ADD_STATE_QUERY_HASH, "export_state", "query_hash"},
    {4, SQL_ADD_SCHEMA_SOURCE_TYPES, "export_schema", "source_types_json"},
    {4, SQL_ADD_CHUNK_RUN_KIND, "chunk_run", "kind"},
    {4, SQL_ADD_CHUNK_TASK_BOUNDS, "chunk_task", "bounds"},
    {4, SQL_ADD_CHUNK_TASK_NULL_COUNTS, "chunk_task", "null_counts"},
};

/* -1: the file keeps no versions yet. */
static bool
read_version(State *state, int64_t *version, Error *err)
{
    int64_t is_kept = 0;
    Query table = query_begin(state, SQL_SCHEMA_HAS_TABLE);

    *version = -1;
    query_bind_text(&table, ":table_name", "schema_version");
    if (!query_number(&table, &is_kept, err))
        return false;
    if (is_kept == 0)
        return true;
    Query current = query_begin(state, SQL_SCHEMA_VERSION_CURRENT);
    return query_number(&current, version, err);
}

static bool
add_column(State *state, size_t index, Error *err)
{
    int64_t is_there = 0;
    Query column = query_begin(state, SQL_SCHEMA_HAS_COLUMN);

    query_bind_text(&column, ":table_name", COLUMNS[index].table);
    query_bind_text(&column, ":column_name", COLUMNS[index].column);
    if (!query_number(&column, &is_there, err))
        return false;
    if (is_there != 0)
        return true;
    Query add = query_begin(state, COLUMNS[index].sql);
    return query_run(&add, NULL, err);
}

static bool
apply_version(State *state, int version, Error *err)
{
    int status = sqlite3_exec(state->db, SQL_TEXT[SCRIPTS[version]], NULL, NULL, NULL);

    if (status != SQLITE_OK)
        return state_fail(state, status, "creating tables", err);
    for (size_t i = 0; i < ARRAY_LENGTH(COLUMNS); i++)
        if (COLUMNS[i].version == version && !add_column(state, i, err))
            return false;
    Query add = query_begin(state, SQL_SCHEMA_VERSION_ADD);
    query_bind_int(&add, ":version", version);
    return query_run(&add, NULL, err);
}

static bool
apply_all(State *state, const void *nothing, Error *err)
{
    int64_t current = 0;
    Query create = query_begin(state, SQL_SCHEMA_VERSION_CREATE);

    (void)nothing;
    /* Read again under the write lock: another process may have migrated meanwhile. */
    if (!query_run(&create, NULL, err) || !read_version(state, &current, err))
        return false;
    for (int version = 1; version <= STATE_VERSION; version++)
        if (version > current && !apply_version(state, version, err))
            return error_add_context(err, "migration v%d failed", version);
    return true;
}

/* *is_current false: the tables are of an older version. */
static bool
check_version(State *state, bool *is_current, Error *err)
{
    int64_t current = 0;

    if (!read_version(state, &current, err))
        return false;
    *is_current = current == STATE_VERSION;
    if (current <= STATE_VERSION)
        return true;
    err->hint = "use that rivet, or another state file (--state)";
    return error_set(err, ERR_STATE,
                     "state database '%s' was written by a newer rivet (version %" PRId64
                     ", this one knows %d)",
                     state->path, current, STATE_VERSION);
}

static bool
apply_missing(State *state, Error *err)
{
    static const Change MIGRATION = {
        .name = "tables", .what = "the tables of this version", .apply = apply_all};

    return change_make(state, &MIGRATION, NULL, NULL, err);
}

bool
migrate(State *state, Error *err)
{
    bool is_current = false;

    return check_version(state, &is_current, err) && (is_current || apply_missing(state, err));
}

bool
migrate_copy(State *state, Error *err)
{
    bool is_current = false;

    return check_version(state, &is_current, err) &&
           (is_current || (connection_copy_to_memory(state, err) && apply_missing(state, err)));
}
