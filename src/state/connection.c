#include "state/connection.h"

#include "state/file.h"

static const char *
hint_of(int status)
{
    switch (status & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
        return "another process is writing to it; try again when it has finished";
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
        return "restore it from a backup, or move it away together with its -wal and -shm files: "
               "cursors and history are then lost and the next incremental run is a first run";
    case SQLITE_FULL:
    case SQLITE_IOERR:
        return "check the disk that holds it (space, quota, file size limit, health), then run the "
               "same command again";
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return "it, its companions (-wal, -shm, .lock, .locks) and their folder must be writable; "
               "--state names another place";
    default:
        return NULL;
    }
}

bool
state_fail(const State *state, int status, const char *what, Error *err)
{
    const char *reason = sqlite3_errstr(status);

    if (err->code != ERR_NONE)
        return false;
    if (state->db == NULL && status == SQLITE_MISUSE)
        reason = "it was closed after an earlier error";
    /* The connection's text says more, as long as it speaks of the same failure. */
    if (state->db != NULL && (sqlite3_errcode(state->db) & 0xFF) == (status & 0xFF))
        reason = sqlite3_errmsg(state->db);
    err->hint = hint_of(status);
    return error_set(err, ERR_STATE, "state database '%s': %s%s%s (sqlite %d)", state->path,
                     what == NULL ? "" : what, what == NULL ? "" : ": ", reason, status);
}

static int
remember_wal_pages(void *state, sqlite3 *db, const char *schema, int pages)
{
    (void)db;
    (void)schema;
    ((State *)state)->wal_pages = pages;
    return SQLITE_OK;
}

static int
configure(State *state)
{
    sqlite3 *db = state->db;
    int status = sqlite3_extended_result_codes(db, 1);

    if (status == SQLITE_OK)
        status = sqlite3_busy_timeout(db, STATE_BUSY_TIMEOUT_MS);
    if (status == SQLITE_OK)
        status = sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
    if (status == SQLITE_OK)
        status = sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
    if (status == SQLITE_OK)
        status = sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, (int *)NULL);
    if (status == SQLITE_OK)
        status = sqlite3_wal_autocheckpoint(db, 0);
    sqlite3_wal_hook(db, remember_wal_pages, state); /* after autocheckpoint, which owns a hook */
    return status;
}

/* The first statement that reads the file: garbage shows here. A file system without shared memory
 * refuses WAL by answering with the mode it kept. */
static int
choose_journal(State *state)
{
    sqlite3_stmt *statement = NULL;
    int status = sqlite3_prepare_v2(state->db, SQL_TEXT[SQL_JOURNAL_WAL], -1, &statement, NULL);

    if (status == SQLITE_OK && (status = sqlite3_step(statement)) == SQLITE_ROW) {
        const char *mode = (const char *)sqlite3_column_text(statement, 0);
        state->is_wal = mode != NULL && strcmp(mode, "wal") == 0;
        status = SQLITE_OK;
    }
    sqlite3_finalize(statement);
    if (status != SQLITE_OK)
        return status;
    SqlId level = state->is_wal ? SQL_SYNCHRONOUS_FULL : SQL_SYNCHRONOUS_EXTRA;
    return sqlite3_exec(state->db, SQL_TEXT[level], NULL, NULL, NULL);
}

/* One thread uses the connection, so it needs no mutex of its own. */
static int
open_configured(State *state, const char *path, int flags)
{
    int status = sqlite3_open_v2(path, &state->db, flags | SQLITE_OPEN_NOMUTEX, NULL);

    if (status == SQLITE_OK)
        status = configure(state);
    if (status == SQLITE_OK)
        status = sqlite3_exec(state->db, SQL_TEXT[SQL_CELL_SIZE_CHECK], NULL, NULL, NULL);
    return status;
}

static bool
fail_opening(State *state, int status, Error *err)
{
    state_fail(state, status, "cannot open", err);
    connection_close(state);
    return false;
}

bool
connection_open(State *state, Error *err)
{
    int status = open_configured(state, state->path, SQLITE_OPEN_READWRITE);

    if (status == SQLITE_OK)
        status = choose_journal(state);
    return status == SQLITE_OK || fail_opening(state, status, err);
}

bool
connection_open_reading(State *state, Error *err)
{
    int status = open_configured(state, state->path, SQLITE_OPEN_READONLY);

    if (status == SQLITE_OK)
        status = sqlite3_exec(state->db, SQL_TEXT[SQL_FIRST_READ], NULL, NULL, NULL);
    return status == SQLITE_OK || fail_opening(state, status, err);
}

static int
copy_database(sqlite3 *from, sqlite3 *to)
{
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");

    if (backup == NULL)
        return sqlite3_errcode(to);
    sqlite3_backup_step(backup, -1);
    return sqlite3_backup_finish(backup); /* tells how the step went, too */
}

bool
connection_copy_to_memory(State *state, Error *err)
{
    State copy = {.path = state->path};
    int status = open_configured(&copy, ":memory:", SQLITE_OPEN_READWRITE);

    if (status == SQLITE_OK)
        status = copy_database(state->db, copy.db);
    if (status != SQLITE_OK) {
        connection_close(&copy);
        return state_fail(state, status, "cannot read", err);
    }
    connection_close(state);
    state->db = copy.db;
    sqlite3_wal_hook(state->db, remember_wal_pages, state);
    return true;
}

void
connection_close(State *state)
{
    for (size_t i = 0; i < SQL_COUNT; i++) {
        sqlite3_finalize(state->statements[i]);
        state->statements[i] = NULL;
    }
    sqlite3_close(state->db);
    state->db = NULL;
    state->wal_pages = 0;
}

bool
connection_checkpoint(State *state, bool *done, Error *err)
{
    *done = false;
    if (state->db == NULL || !state->is_wal || !file_lock_is_sole(state->lock_fd))
        return true;
    int status = sqlite3_wal_checkpoint_v2(state->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    file_lock_share(state->lock_fd);
    if (status != SQLITE_OK)
        return state_fail(state, status, "checkpoint", err);
    state->wal_pages = 0;
    *done = true;
    return true;
}

int
connection_statement(State *state, SqlId id, sqlite3_stmt **out)
{
    *out = state->statements[id];
    if (*out != NULL)
        return SQLITE_OK;
    if (state->db == NULL)
        return SQLITE_MISUSE;
    int status =
        sqlite3_prepare_v3(state->db, SQL_TEXT[id], -1, SQLITE_PREPARE_PERSISTENT, out, NULL);
    state->statements[id] = *out;
    return status;
}
