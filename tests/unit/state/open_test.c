/* Opening: files and their modes, migrations, files of the original, what cannot be opened. */
#include "child.h"

#include "state/connection.h"
#include "state/file.h"
#include "util/buffer.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* The original's tables, versions 1 to 3, as its state file holds them. */
#define ORIGINAL_V1                                                                                \
    "CREATE TABLE schema_version (version INTEGER NOT NULL);"                                      \
    "CREATE TABLE export_state (export_name TEXT PRIMARY KEY, last_cursor_value TEXT,"             \
    " last_run_at TEXT);"                                                                          \
    "CREATE TABLE export_metrics (id INTEGER PRIMARY KEY AUTOINCREMENT, export_name TEXT NOT "     \
    "NULL,"                                                                                        \
    " run_at TEXT NOT NULL, duration_ms INTEGER NOT NULL, total_rows INTEGER NOT NULL,"            \
    " peak_rss_mb INTEGER, status TEXT NOT NULL, error_message TEXT, tuning_profile TEXT,"         \
    " format TEXT, mode TEXT, files_produced INTEGER DEFAULT 0, bytes_written INTEGER DEFAULT 0,"  \
    " retries INTEGER DEFAULT 0, validated INTEGER, schema_changed INTEGER, run_id TEXT);"         \
    "CREATE TABLE export_schema (export_name TEXT PRIMARY KEY, columns_json TEXT NOT NULL,"        \
    " updated_at TEXT NOT NULL);"                                                                  \
    "CREATE TABLE file_manifest (id INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT NOT NULL,"      \
    " export_name TEXT NOT NULL, file_name TEXT NOT NULL, row_count INTEGER NOT NULL,"             \
    " bytes INTEGER NOT NULL, format TEXT NOT NULL, compression TEXT, created_at TEXT NOT NULL);"  \
    "INSERT INTO schema_version VALUES (1);"
#define ORIGINAL_V2                                                                                \
    "CREATE TABLE chunk_run (run_id TEXT PRIMARY KEY, export_name TEXT NOT NULL,"                  \
    " plan_hash TEXT NOT NULL, status TEXT NOT NULL, max_chunk_attempts INTEGER NOT NULL DEFAULT " \
    "3,"                                                                                           \
    " created_at TEXT NOT NULL, updated_at TEXT NOT NULL);"                                        \
    "CREATE INDEX idx_chunk_run_export_status ON chunk_run(export_name, status);"                  \
    "CREATE TABLE chunk_task (id INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT NOT NULL,"         \
    " chunk_index INTEGER NOT NULL, start_key TEXT NOT NULL, end_key TEXT NOT NULL,"               \
    " status TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, last_error TEXT,"                 \
    " rows_written INTEGER, file_name TEXT, updated_at TEXT NOT NULL,"                             \
    " UNIQUE(run_id, chunk_index));"                                                               \
    "CREATE INDEX idx_chunk_task_run_status ON chunk_task(run_id, status);"                        \
    "INSERT INTO schema_version VALUES (2);"
#define ORIGINAL_V3                                                                                \
    "CREATE INDEX idx_file_manifest_export ON file_manifest(export_name, id DESC);"                \
    "INSERT INTO schema_version VALUES (3);"
#define ORIGINAL_ROWS                                                                              \
    "INSERT INTO export_state VALUES ('orders', '2026-01-02 03:04:05.123456',"                     \
    " '2026-01-02T03:04:06.123456789+00:00'), ('empty', NULL, NULL);"                              \
    "INSERT INTO export_metrics (export_name, run_at, duration_ms, total_rows, peak_rss_mb, "      \
    "status,"                                                                                      \
    " error_message, tuning_profile, format, mode, files_produced, bytes_written, retries,"        \
    " validated, schema_changed, run_id) VALUES"                                                   \
    " ('orders', '2026-01-02T03:04:06+00:00', 12, 34, 56, 'success', NULL, 'fast', 'parquet',"     \
    " 'incremental', 1, 789, 0, 1, 0, 'orders_20260102T030405.123'),"                              \
    " ('orders', '2026-01-03T03:04:06+00:00', 1, 0, NULL, 'failed', 'it broke', 'safe', 'csv',"    \
    " 'full', NULL, NULL, NULL, NULL, NULL, NULL);"                                                \
    "INSERT INTO export_schema VALUES ('orders', '[{\"name\":\"id\",\"type\":\"Int64\"}]', 't');"  \
    "INSERT INTO file_manifest (run_id, export_name, file_name, row_count, bytes, format,"         \
    " compression, created_at) VALUES ('o1', 'orders', 'orders_1.parquet', 34, 789, 'parquet',"    \
    " 'zstd', 't');"
#define ORIGINAL_PLAN                                                                              \
    "INSERT INTO chunk_run VALUES ('c1', 'content', '1f24b22011040dff', 'in_progress', 3,"         \
    " '2026-01-02T03:04:05+00:00', '2026-01-02T03:04:05+00:00');"                                  \
    "INSERT INTO chunk_task (run_id, chunk_index, start_key, end_key, status, attempts,"           \
    " rows_written, file_name, updated_at) VALUES ('c1', 0, '1', '100', 'completed', 1, 100,"      \
    " 'f', 't'), ('c1', 1, '101', '200', 'running', 1, NULL, NULL, 't');"

static mode_t
mode_of(const char *folder, const char *name)
{
    char path[512];
    struct stat status;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    assert_int_equal(stat(path, &status), 0);
    return status.st_mode & 07777;
}

static int
count_entries(const char *folder)
{
    int count = 0;
    DIR *handle = opendir(folder);
    struct dirent *entry;

    assert_non_null(handle);
    while ((entry = readdir(handle)) != NULL)
        count += entry->d_name[0] != '.' || strlen(entry->d_name) > 2;
    closedir(handle);
    return count;
}

static void
write_file(const char *path, const void *bytes, size_t size_bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, size_bytes), size_bytes);
    close(fd);
}

/* ---- files ---- */

static void
test_nothing_is_created_for_reading(void **context)
{
    Fixture *fixture = *context;
    char path[256];

    assert_ok(state_open(fixture->path, false, &fixture->state, &fixture->err), &fixture->err);
    assert_null(fixture->state);
    assert_int_equal(count_entries(fixture->folder), 0);
    snprintf(path, sizeof(path), "%s/no/such/state.db", fixture->folder);
    assert_ok(state_open(path, false, &fixture->state, &fixture->err), &fixture->err);
    assert_null(fixture->state);
}

static void
test_every_file_is_private(void **context)
{
    static const char *const NAMES[] = {".rivet_state.db", ".rivet_state.db-wal",
                                        ".rivet_state.db-shm", ".rivet_state.db.lock"};
    Fixture *fixture = *context;
    mode_t mask = umask(0);

    fixture_open(fixture);
    umask(mask);
    for (size_t i = 0; i < ARRAY_LENGTH(NAMES); i++)
        assert_int_equal(mode_of(fixture->folder, NAMES[i]), 0600);
}

static void
test_files_of_the_original_become_private(void **context)
{
    Fixture *fixture = *context;

    fixture_execute(fixture->path, ORIGINAL_V1);
    assert_int_equal(chmod(fixture->path, 0644), 0);
    fixture_open(fixture);
    assert_int_equal(mode_of(fixture->folder, ".rivet_state.db"), 0600);
    assert_int_equal(mode_of(fixture->folder, ".rivet_state.db-wal"), 0600);
}

static void
test_settings(void **context)
{
    Fixture *fixture = *context;
    State *state = fixture_open(fixture);
    static const struct {
        const char *sql;
        const char *want;
    } CASES[] = {
        {"PRAGMA journal_mode", "wal"},   {"PRAGMA synchronous", "2"},
        {"PRAGMA busy_timeout", "10000"}, {"PRAGMA wal_autocheckpoint", "0"},
        {"PRAGMA trusted_schema", "0"},
    };
    int is_set = 0;

    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        sqlite3_stmt *statement = NULL;
        assert_int_equal(sqlite3_prepare_v2(state->db, CASES[i].sql, -1, &statement, NULL), 0);
        assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
        assert_string_equal((const char *)sqlite3_column_text(statement, 0), CASES[i].want);
        sqlite3_finalize(statement);
    }
    sqlite3_db_config(state->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, -1, &is_set);
    assert_int_equal(is_set, 1);
}

static void
test_every_statement_prepares(void **context)
{
    Fixture *fixture = *context;
    State *state = fixture_open(fixture);

    for (int id = SQL_NONE + 1; id < SQL_COUNT; id++) {
        sqlite3_stmt *statement = NULL;
        int status = sqlite3_prepare_v2(state->db, SQL_TEXT[id], -1, &statement, NULL);
        const char *message = sqlite3_errmsg(state->db);
        /* Those create what exists by now. */
        if (status != SQLITE_OK && strstr(message, "duplicate column") == NULL)
            fail_msg("%s: %s", SQL_NAME[id], message);
        sqlite3_finalize(statement);
    }
}

/* With a neighbour there is no checkpoint; without one the WAL is emptied at the end. */
static void
test_checkpoint_only_when_alone(void **context)
{
    Fixture *fixture = *context;
    State *neighbour = NULL;
    MetricRow metric = {.export_name = "a", .status = "success"};
    char wal[256];
    struct stat status;

    fixture_open(fixture);
    assert_ok(state_open(fixture->path, true, &neighbour, &fixture->err), &fixture->err);
    assert_ok(state_metric_add(fixture->state, &metric, &fixture->err), &fixture->err);
    state_close(fixture->state);
    fixture->state = NULL;
    snprintf(wal, sizeof(wal), "%s-wal", fixture->path);
    assert_int_equal(stat(wal, &status), 0);
    assert_true(status.st_size > 0);
    state_close(neighbour);
    assert_int_equal(stat(wal, &status), 0);
    assert_int_equal(status.st_size, 0);
    assert_int_equal(fixture_number(fixture->path, "SELECT COUNT(*) FROM export_metrics"), 1);
}

static void
test_wal_stays_small_in_a_long_run(void **context)
{
    Fixture *fixture = *context;
    State *state = fixture_open(fixture);
    MetricRow metric = {.export_name = "a", .status = "success"};
    char wal[256];
    struct stat status;

    for (int i = 0; i < 2 * STATE_WAL_PAGES_MAX; i++)
        assert_ok(state_metric_add(state, &metric, &fixture->err), &fixture->err);
    snprintf(wal, sizeof(wal), "%s-wal", fixture->path);
    assert_int_equal(stat(wal, &status), 0);
    assert_in_range(status.st_size, 0, (STATE_WAL_PAGES_MAX + 10) * 4200);
}

static void
test_odd_paths_are_plain_files(void **context)
{
    static const char *const NAMES[] = {":memory:", "file:x?mode=memory", "with space", "ä%20"};
    Fixture *fixture = *context;
    char before[512];

    assert_non_null(getcwd(before, sizeof(before)));
    assert_int_equal(chdir(fixture->folder), 0);
    for (size_t i = 0; i < ARRAY_LENGTH(NAMES); i++) {
        State *state = NULL;
        assert_ok(state_open(NAMES[i], true, &state, &fixture->err), &fixture->err);
        state_close(state);
        assert_int_equal(access(NAMES[i], F_OK), 0);
    }
    assert_int_equal(chdir(before), 0);
}

/* ---- migrations ---- */

static void
test_fresh_file_has_version_4(void **context)
{
    Fixture *fixture = *context;

    for (int open = 0; open < 2; open++) {
        fixture_open(fixture);
        assert_int_equal(fixture_number(fixture->path, "SELECT COUNT(*) FROM schema_version"), 4);
        assert_int_equal(fixture_number(fixture->path, "SELECT MAX(version) FROM schema_version"),
                         4);
    }
}

static void
assert_original_history(Fixture *fixture)
{
    Error *err = &fixture->err;
    CursorRow *cursors = NULL;
    MetricRow *metrics = NULL;
    FileRow *files = NULL;
    SchemaRow schema = {0};
    size_t count = 0;
    bool found = false;

    assert_ok(state_cursor_list(fixture->state, &fixture->arena, &cursors, &count, err), err);
    assert_int_equal(count, 2);
    assert_string_equal(cursors[0].export_name, "empty");
    assert_null(cursors[0].value);
    assert_string_equal(cursors[1].value, "2026-01-02 03:04:05.123456");
    assert_string_equal(cursors[1].run_at, "2026-01-02T03:04:06.123456789+00:00");
    assert_null(cursors[1].columns);
    assert_null(cursors[1].source_id);

    assert_ok(state_metric_list(fixture->state, NULL, 10, &fixture->arena, &metrics, &count, err),
              err);
    assert_int_equal(count, 2);
    assert_string_equal(metrics[0].status, "failed");
    assert_string_equal(metrics[0].error_message, "it broke");
    assert_int_equal(metrics[0].peak_rss_mb, -1);
    assert_int_equal(metrics[0].validated, -1);
    assert_null(metrics[0].run_id);
    assert_int_equal(metrics[1].total_rows, 34);
    assert_int_equal(metrics[1].peak_rss_mb, 56);
    assert_int_equal(metrics[1].validated, 1);
    assert_int_equal(metrics[1].schema_changed, 0);
    assert_string_equal(metrics[1].run_id, "orders_20260102T030405.123");

    assert_ok(state_file_list(fixture->state, "orders", 10, &fixture->arena, &files, &count, err),
              err);
    assert_int_equal(count, 1);
    assert_string_equal(files[0].file_name, "orders_1.parquet");
    assert_ok(state_schema_get(fixture->state, "orders", &fixture->arena, &schema, &found, err),
              err);
    assert_true(found);
    assert_string_equal(schema.columns_json, "[{\"name\":\"id\",\"type\":\"Int64\"}]");
    assert_null(schema.source_types_json);
}

static void
test_files_of_the_original_work(void **context)
{
    Fixture *fixture = *context;
    Error *err = &fixture->err;
    ChunkRunRow plan = {0};
    ChunkTaskRow *tasks = NULL;
    size_t count = 0;
    bool found = false;
    int64_t number = 0;

    fixture_execute(
        fixture->path,
        "PRAGMA journal_mode=WAL;" ORIGINAL_V1 ORIGINAL_V2 ORIGINAL_V3 ORIGINAL_ROWS ORIGINAL_PLAN);
    fixture_open(fixture);
    assert_original_history(fixture);
    /* Its unfinished plan is shown and marked, cannot be resumed, and can be reset. */
    assert_ok(state_chunk_find_open(fixture->state, "content", &fixture->arena, &plan, &found, err),
              err);
    assert_true(found);
    assert_true(plan.is_of_original);
    assert_null(plan.kind);
    assert_ok(state_chunk_task_list(fixture->state, "c1", &fixture->arena, &tasks, &count, err),
              err);
    assert_int_equal(count, 2);
    assert_int_equal(tasks[0].rows_written, 100);
    assert_null(tasks[1].bounds);
    assert_error(state_chunk_resume(fixture->state, "c1", "me", &number, err), err, ERR_STATE,
                 "resume");
    error_clear(err);
    assert_ok(state_chunk_reset(fixture->state, "content", &number, err), err);
    assert_int_equal(number, 1);
    assert_ok(state_chunk_find_open(fixture->state, "content", &fixture->arena, &plan, &found, err),
              err);
    assert_false(found);
    assert_ok(state_cursor_delete(fixture->state, "orders", &found, err), err);
    assert_true(found);
    assert_ok(state_cursor_delete(fixture->state, "orders", &found, err), err);
    assert_false(found);
}

static void
test_older_versions_climb_the_ladder(void **context)
{
    static const struct {
        const char *name;
        const char *tables;
    } CASES[] = {
        {"version 1", ORIGINAL_V1 ORIGINAL_ROWS},
        {"version 2", ORIGINAL_V1 ORIGINAL_V2 ORIGINAL_ROWS},
        {"version 3", ORIGINAL_V1 ORIGINAL_V2 ORIGINAL_V3 ORIGINAL_ROWS},
        {"tables, no versions", ORIGINAL_V1 ORIGINAL_ROWS "DROP TABLE schema_version;"},
        {"empty versions", ORIGINAL_V1 ORIGINAL_ROWS "DELETE FROM schema_version;"},
    };
    Fixture *fixture = *context;

    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        fixture_execute(fixture->path, CASES[i].tables);
        fixture_open(fixture);
        assert_original_history(fixture);
        assert_int_equal(fixture_number(fixture->path, "SELECT MAX(version) FROM schema_version"),
                         4);
        state_close(fixture->state);
        fixture->state = NULL;
        unlink(fixture->path);
    }
}

static void
test_files_from_before_versions(void **context)
{
    Fixture *fixture = *context;
    MetricRow metric = {.export_name = "a", .status = "success", .peak_rss_mb = 7, .run_id = "r"};
    MetricRow *metrics = NULL;
    size_t count = 0;

    fixture_execute(
        fixture->path,
        "CREATE TABLE export_state (export_name TEXT PRIMARY KEY, last_cursor_value "
        "TEXT, last_run_at TEXT);"
        "INSERT INTO export_state VALUES ('orders', '7', 't');"
        "CREATE TABLE export_metrics (id INTEGER PRIMARY KEY AUTOINCREMENT, export_name "
        "TEXT NOT NULL, run_at TEXT NOT NULL, duration_ms INTEGER NOT NULL, total_rows "
        "INTEGER NOT NULL, peak_rss_mb INTEGER, status TEXT NOT NULL, error_message "
        "TEXT, tuning_profile TEXT, format TEXT, mode TEXT, retries INTEGER DEFAULT 0);"
        "INSERT INTO export_metrics (export_name, run_at, duration_ms, total_rows, "
        "status) VALUES ('orders', 't', 1, 2, 'success');");
    fixture_open(fixture);
    assert_ok(state_metric_add(fixture->state, &metric, &fixture->err), &fixture->err);
    assert_ok(state_metric_list(fixture->state, NULL, -1, &fixture->arena, &metrics, &count,
                                &fixture->err),
              &fixture->err);
    assert_int_equal(count, 2);
    assert_string_equal(metrics[0].run_id, "r");
    assert_int_equal(metrics[1].total_rows, 2);
    assert_int_equal(metrics[1].files_produced, 0);
}

static void
test_newer_files_are_refused_untouched(void **context)
{
    Fixture *fixture = *context;

    fixture_execute(fixture->path, "CREATE TABLE schema_version (version INTEGER NOT NULL);"
                                   "INSERT INTO schema_version VALUES (1), (5);");
    assert_error(state_open(fixture->path, true, &fixture->state, &fixture->err), &fixture->err,
                 ERR_STATE, "newer rivet (version 5");
    assert_null(fixture->state);
    assert_non_null(fixture->err.hint);
    assert_int_equal(fixture_number(fixture->path, "SELECT COUNT(*) FROM sqlite_schema"), 1);
}

static void
test_a_failed_migration_names_its_version_and_changes_nothing(void **context)
{
    Fixture *fixture = *context;

    /* A view where version 4 wants a table. */
    fixture_execute(fixture->path, ORIGINAL_V1 "CREATE VIEW part AS SELECT 1 AS run_id;");
    assert_error(state_open(fixture->path, true, &fixture->state, &fixture->err), &fixture->err,
                 ERR_STATE, "migration v4 failed");
    assert_int_equal(fixture_number(fixture->path, "SELECT MAX(version) FROM schema_version"), 1);
    assert_int_equal(
        fixture_number(fixture->path, "SELECT COUNT(*) FROM sqlite_schema WHERE name = 'run'"), 0);
}

/* ---- a look that changes nothing ---- */

/* The caller frees it. */
static uint8_t *
read_file(const char *path, size_t *size_bytes)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    assert_int_equal(fstat(fd, &status), 0);
    *size_bytes = (size_t)status.st_size;
    uint8_t *bytes = malloc(*size_bytes + 1);
    assert_int_equal(read(fd, bytes, *size_bytes), *size_bytes);
    close(fd);
    return bytes;
}

static void
assert_same_file(const char *path, const uint8_t *before, size_t size_bytes)
{
    size_t now_bytes = 0;
    uint8_t *now = read_file(path, &now_bytes);

    assert_int_equal(now_bytes, size_bytes);
    assert_memory_equal(now, before, size_bytes);
    free(now);
}

static void
test_reading_migrates_a_copy(void **context)
{
    static const char *const JOURNALS[] = {"PRAGMA journal_mode=DELETE;",
                                           "PRAGMA journal_mode=WAL;"};
    Fixture *fixture = *context;
    size_t size_bytes = 0;

    for (size_t i = 0; i < ARRAY_LENGTH(JOURNALS); i++) {
        unlink(fixture->path);
        fixture_execute(fixture->path, JOURNALS[i]);
        fixture_execute(fixture->path, ORIGINAL_V1 ORIGINAL_V2 ORIGINAL_V3 ORIGINAL_ROWS);
        assert_int_equal(chmod(fixture->path, 0644), 0);
        uint8_t *before = read_file(fixture->path, &size_bytes);
        assert_ok(state_open_reading(fixture->path, &fixture->state, &fixture->err), &fixture->err);
        assert_original_history(fixture);
        state_close(fixture->state);
        fixture->state = NULL;
        assert_same_file(fixture->path, before, size_bytes);
        assert_int_equal(mode_of(fixture->folder, ".rivet_state.db"), 0644);
        free(before);
        if (i == 0)
            assert_int_equal(count_entries(fixture->folder), 1);
    }
}

/* What a run has committed is seen, wherever it stands, and the run goes on. */
static void
test_reading_beside_a_run(void **context)
{
    Fixture *fixture = *context;
    Error *err = &fixture->err;
    State *run = fixture_open(fixture);
    State *reader = NULL;
    MetricRow metric = {.export_name = "a", .status = "success"};
    MetricRow *metrics = NULL;
    char wal[256];
    size_t size_bytes = 0;
    size_t wal_bytes = 0;
    size_t count = 0;

    snprintf(wal, sizeof(wal), "%s-wal", fixture->path);
    assert_ok(state_metric_add(run, &metric, err), err);
    uint8_t *before = read_file(fixture->path, &size_bytes);
    uint8_t *wal_before = read_file(wal, &wal_bytes);
    assert_ok(state_open_reading(fixture->path, &reader, err), err);
    assert_ok(state_metric_list(reader, NULL, -1, &fixture->arena, &metrics, &count, err), err);
    assert_int_equal(count, 1);
    assert_same_file(fixture->path, before, size_bytes);
    assert_same_file(wal, wal_before, wal_bytes);
    assert_ok(state_metric_add(run, &metric, err), err);
    assert_ok(state_metric_list(reader, NULL, -1, &fixture->arena, &metrics, &count, err), err);
    assert_int_equal(count, 2);
    assert_false(state_metric_add(reader, &metric, err));
    state_close(reader);
    free(before);
    free(wal_before);
}

static void
test_reading_refuses_what_opening_refuses(void **context)
{
    static const char *const SCRIPTS[] = {
        "CREATE TABLE schema_version (version INTEGER NOT NULL);"
        "INSERT INTO schema_version VALUES (1), (5);",
        NULL,
    };
    Fixture *fixture = *context;
    Error want = ERROR_INIT;
    State *state = NULL;
    uint8_t bytes[5000];

    assert_ok(state_open_reading(fixture->path, &fixture->state, &fixture->err), &fixture->err);
    assert_null(fixture->state);
    assert_int_equal(count_entries(fixture->folder), 0);
    memset(bytes, 'x', sizeof(bytes));
    for (size_t i = 0; i < ARRAY_LENGTH(SCRIPTS); i++) {
        if (SCRIPTS[i] != NULL)
            fixture_execute(fixture->path, SCRIPTS[i]);
        else
            write_file(fixture->path, bytes, sizeof(bytes));
        error_clear(&fixture->err);
        error_clear(&want);
        assert_false(state_open_reading(fixture->path, &fixture->state, &fixture->err));
        assert_null(fixture->state);
        assert_false(state_open(fixture->path, false, &state, &want));
        assert_string_equal(fixture->err.message, want.message);
        assert_string_equal(fixture->err.hint, want.hint);
    }
}

/* ---- what cannot be opened or read ---- */

static void
test_missing_folder(void **context)
{
    Fixture *fixture = *context;
    char path[256];

    snprintf(path, sizeof(path), "%s/no/state.db", fixture->folder);
    assert_error(state_open(path, true, &fixture->state, &fixture->err), &fixture->err, ERR_STATE,
                 "No such file");
    assert_non_null(fixture->err.hint);
}

static void
test_a_folder_is_no_state(void **context)
{
    Fixture *fixture = *context;

    assert_error(state_open(fixture->folder, true, &fixture->state, &fixture->err), &fixture->err,
                 ERR_STATE, "not a file");
}

static void
test_garbage(void **context)
{
    static const size_t SIZES[] = {2, 15, 16, 100, 4096, 10000};
    Fixture *fixture = *context;
    uint8_t bytes[10000];

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(i * 37 + 11);
    for (size_t i = 0; i < ARRAY_LENGTH(SIZES); i++) {
        write_file(fixture->path, bytes, SIZES[i]);
        error_clear(&fixture->err);
        assert_error(state_open(fixture->path, true, &fixture->state, &fixture->err), &fixture->err,
                     ERR_STATE, fixture->path);
        assert_null(fixture->state);
        assert_non_null(strstr(fixture->err.hint, "backup"));
    }
}

/* Whatever a flipped page does, every call answers or fails; none crashes. */
static void
test_damaged_pages(void **context)
{
    Fixture *fixture = *context;
    uint8_t *bytes = NULL;
    struct stat status;

    fixture_execute(fixture->path, ORIGINAL_V1 ORIGINAL_V2 ORIGINAL_V3 ORIGINAL_ROWS);
    fixture_open(fixture);
    fixture_seal_part(fixture, "r1", 0, 0, "k");
    state_close(fixture->state);
    fixture->state = NULL;
    assert_int_equal(stat(fixture->path, &status), 0);
    bytes = malloc((size_t)status.st_size);
    int fd = open(fixture->path, O_RDONLY | O_CLOEXEC);
    assert_int_equal(read(fd, bytes, (size_t)status.st_size), status.st_size);
    close(fd);

    int failures = 0;
    for (off_t at = 100; at < status.st_size; at += 257) {
        uint8_t kept = bytes[at];
        size_t count = 0;
        CursorRow *cursors = NULL;
        MetricRow *metrics = NULL;
        PartRow *parts = NULL;
        MetricRow metric = {.export_name = "a", .status = "success"};

        bytes[at] = (uint8_t)~kept;
        write_file(fixture->path, bytes, (size_t)status.st_size);
        bytes[at] = kept;
        error_clear(&fixture->err);
        bool ok =
            state_open(fixture->path, true, &fixture->state, &fixture->err) &&
            state_cursor_list(fixture->state, &fixture->arena, &cursors, &count, &fixture->err) &&
            state_metric_list(fixture->state, NULL, -1, &fixture->arena, &metrics, &count,
                              &fixture->err) &&
            state_part_list(fixture->state, "r1", &fixture->arena, &parts, &count, &fixture->err) &&
            state_metric_add(fixture->state, &metric, &fixture->err);
        if (!ok)
            assert_int_equal(fixture->err.code, ERR_STATE);
        failures += !ok;
        state_close(fixture->state);
        fixture->state = NULL;
    }
    free(bytes);
    assert_true(failures > 10);
}

static void
test_rows_changed_by_hand(void **context)
{
    static const struct {
        const char *change;
        const char *want;
    } CASES[] = {
        {"UPDATE part SET bytes = 'many'", "bytes"},
        {"UPDATE part SET rows = -1", "negative"},
        {"UPDATE part SET xxh3 = 'xyz'", "xxh3"},
        {"UPDATE part SET xxh3 = '00112233445566778'", "xxh3"},
        {"UPDATE part SET key = x'00ff'", "key"},
        {"UPDATE part SET key = 'a' || char(0) || 'b'", "NUL"},
        {"UPDATE part SET part_index = 1.5", "part_index"},
    };
    Fixture *fixture = *context;

    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        PartRow *parts = NULL;
        size_t count = 0;

        fixture_open(fixture);
        fixture_seal_part(fixture, "r1", 0, 0, "k");
        fixture_execute(fixture->path, CASES[i].change);
        error_clear(&fixture->err);
        assert_error(
            state_part_list(fixture->state, "r1", &fixture->arena, &parts, &count, &fixture->err),
            &fixture->err, ERR_STATE, CASES[i].want);
        assert_non_null(fixture->err.hint);
        error_clear(&fixture->err);
        fixture_execute(fixture->path, "DELETE FROM part");
    }
    /* A pre-migration NULL where a text must be. */
    fixture_execute(fixture->path, "INSERT INTO export_state (export_name) VALUES (NULL)");
    CursorRow *cursors = NULL;
    size_t count = 0;
    assert_error(
        state_cursor_list(fixture->state, &fixture->arena, &cursors, &count, &fixture->err),
        &fixture->err, ERR_STATE, "NULL");
}

static void
test_network_file_systems(void **context)
{
    static const struct {
        long magic;
        const char *want;
    } CASES[] = {
        {0x6969, "NFS"},        {0xFF534D42, "CIFS"}, {0xFE534D42, "SMB2"}, {0x517B, "SMB"},
        {0x0BD00BD0, "Lustre"}, {0x5346414F, "AFS"},  {0xEF53, NULL},       {0x01021994, NULL},
        {0x58465342, NULL},     {0x9123683E, NULL},   {0x794C7630, NULL},   {0x65735546, NULL},
        {0x01021997, NULL},
    };
    Fixture *fixture = *context;

    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        const char *name = file_network_name(CASES[i].magic);
        if (CASES[i].want == NULL)
            assert_null(name);
        else
            assert_string_equal(name, CASES[i].want);
        /* A 32-bit f_type arrives sign-extended. */
        assert_ptr_equal(name, file_network_name((long)(int32_t)CASES[i].magic));
    }
    assert_ok(file_check_file_system(fixture->path, &fixture->err), &fixture->err);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(test_nothing_is_created_for_reading),
        FIXTURE_TEST(test_every_file_is_private),
        FIXTURE_TEST(test_files_of_the_original_become_private),
        FIXTURE_TEST(test_settings),
        FIXTURE_TEST(test_every_statement_prepares),
        FIXTURE_TEST(test_checkpoint_only_when_alone),
        FIXTURE_TEST(test_wal_stays_small_in_a_long_run),
        FIXTURE_TEST(test_odd_paths_are_plain_files),
        FIXTURE_TEST(test_fresh_file_has_version_4),
        FIXTURE_TEST(test_files_of_the_original_work),
        FIXTURE_TEST(test_older_versions_climb_the_ladder),
        FIXTURE_TEST(test_files_from_before_versions),
        FIXTURE_TEST(test_newer_files_are_refused_untouched),
        FIXTURE_TEST(test_a_failed_migration_names_its_version_and_changes_nothing),
        FIXTURE_TEST(test_reading_migrates_a_copy),
        FIXTURE_TEST(test_reading_beside_a_run),
        FIXTURE_TEST(test_reading_refuses_what_opening_refuses),
        FIXTURE_TEST(test_missing_folder),
        FIXTURE_TEST(test_a_folder_is_no_state),
        FIXTURE_TEST(test_garbage),
        FIXTURE_TEST(test_damaged_pages),
        FIXTURE_TEST(test_rows_changed_by_hand),
        FIXTURE_TEST(test_network_file_systems),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
