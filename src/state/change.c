#include "state/change.h"

#include "state/file.h"
#include "util/fault.h"

/* "state.intend.before" is passed between the change and its COMMIT, ".after" behind the COMMIT;
 * "state.intend.commit" makes the COMMIT fail. */
#ifdef RIVET_FAULTS
static int
pass_fault(const Change *change, const char *when)
{
    char name[64];

    snprintf(name, sizeof(name), "state.%s.%s", change->name, when);
    FAULT_POINT(name);
    return FAULT_ERRNO(name);
}
#else
#define pass_fault(change, when) 0
#endif

static bool
begin(State *state, Error *err)
{
    Query query = query_begin(state, SQL_CHANGE_BEGIN);

    return query_run(&query, NULL, err);
}

static void
rollback(State *state)
{
    Error ignored = ERROR_INIT;

    if (state->db == NULL || sqlite3_get_autocommit(state->db))
        return;
    Query query = query_begin(state, SQL_CHANGE_ROLLBACK);
    if (!query_run(&query, NULL, &ignored))
        connection_close(state); /* ends the transaction whatever happened to it */
}

static bool
reopen(State *state, Error *err)
{
    connection_close(state);
    int errnum = file_lock_opening(state->lock_fd);
    if (errnum != 0)
        return error_set_errno(err, ERR_STATE, errnum, "state database '%s' cannot be reopened",
                               state->path);
    bool ok = connection_open(state, err);
    file_lock_opened(state->lock_fd);
    return ok;
}

/* Is the change in the file, so that it stays there? A failed fsync leaves pages that can be read
 * and yet never reach the disk; only a checkpoint writes their content a second time. */
static bool
is_recorded(State *state, const Change *change, const void *arguments)
{
    Error ignored = ERROR_INIT;
    int64_t applied = 0;
    bool is_safe = false;

    if (change->applied == SQL_NONE || !reopen(state, &ignored))
        return false;
    Query query = query_begin(state, change->applied);
    query_bind_row(&query, change->row, arguments);
    return query_number(&query, &applied, &ignored) && applied != 0 &&
           connection_checkpoint(state, &is_safe, &ignored) && is_safe;
}

static bool
commit(State *state, const Change *change, const void *arguments, Error *err)
{
    Error failure = ERROR_INIT;
    Query query = query_begin(state, SQL_CHANGE_COMMIT);

    if (pass_fault(change, "commit") != 0)
        query.status = SQLITE_IOERR_FSYNC;
    if (query_run(&query, NULL, &failure))
        return true;
    bool is_ambiguous = (query.status & 0xFF) != SQLITE_BUSY;
    rollback(state);
    if (is_ambiguous && is_recorded(state, change, arguments))
        return true;
    *err = failure;
    return error_add_context(err, "recording %s", change->what);
}

static bool
apply(State *state, const Change *change, const void *arguments, int64_t *changed, Error *err)
{
    int64_t touched = 0;

    if (change->apply != NULL)
        return change->apply(state, arguments, err);
    Query query = query_begin(state, change->sql);
    query_bind_row(&query, change->row, arguments);
    if (!query_run(&query, &touched, err))
        return false;
    if (touched == 0 && change->missing != NULL)
        return error_set(err, ERR_STATE, "state database '%s': %s", state->path, change->missing);
    if (changed != NULL)
        *changed = touched;
    return true;
}

bool
change_make(State *state, const Change *change, const void *arguments, int64_t *changed, Error *err)
{
    Error ignored = ERROR_INIT;
    bool is_emptied = false;

    if (!begin(state, err))
        return error_add_context(err, "recording %s", change->what);
    if (!apply(state, change, arguments, changed, err)) {
        rollback(state);
        return error_add_context(err, "recording %s", change->what);
    }
    (void)pass_fault(change, "before");
    if (!commit(state, change, arguments, err))
        return false;
    (void)pass_fault(change, "after");
    /* A WAL that cannot be emptied now grows on; that is no failure of this change. */
    if (state->wal_pages > STATE_WAL_PAGES_MAX)
        (void)!connection_checkpoint(state, &is_emptied, &ignored);
    return true;
}

bool
change_run(State *state, SqlId sql, const RowType *row, const void *arguments, Error *err)
{
    Query query = query_begin(state, sql);

    query_bind_row(&query, row, arguments);
    return query_run(&query, NULL, err);
}

bool
change_require_none(State *state, SqlId sql, const RowType *row, const void *arguments,
                    const char *message, Error *err)
{
    int64_t count = 0;
    Query query = query_begin(state, sql);

    query_bind_row(&query, row, arguments);
    if (!query_number(&query, &count, err))
        return false;
    return count == 0 || error_set(err, ERR_STATE, "state database '%s': %s", state->path, message);
}
