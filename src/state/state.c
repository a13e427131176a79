#include "state/state.h"

#include "state/connection.h"
#include "state/file.h"
#include "state/migrate.h"
#include "util/memory.h"

#include <sys/stat.h>
#include <unistd.h>

/* "file:x" and ":memory:" are no files to SQLite. A link is followed: whoever comes by another name
 * of the same file must meet the same lock files. */
static char *
plain_path(const char *path)
{
    struct stat status;
    char *target = NULL;

    if (lstat(path, &status) == 0 && S_ISLNK(status.st_mode) &&
        (target = realpath(path, NULL)) != NULL)
        return target;
    return strchr(path, '/') != NULL ? memory_dup_string(path) : memory_format("./%s", path);
}

static bool
open_locked(State *state, bool may_create, Error *err)
{
    if ((may_create && !file_create(state->path, err)) || !file_restrict(state->path, err) ||
        !connection_open(state, err))
        return false;
    /* SQLite settles for reading, which serves a listing; a run must not find out half-way. */
    if (may_create && sqlite3_db_readonly(state->db, "main") == 1)
        return state_fail(state, SQLITE_READONLY, "cannot write", err);
    return migrate(state, err);
}

static State *
new_state(const char *path)
{
    State *state = memory_alloc_zero(1, sizeof(*state));

    state->path = plain_path(path);
    state->lock_fd = -1;
    return state;
}

bool
state_open(const char *path, bool may_create, State **out, Error *err)
{
    State *state = new_state(path);
    bool exists = false;
    bool ok = false;

    *out = NULL;
    if (!file_find(state->path, &exists, err))
        goto done;
    if (!exists && !may_create) {
        state_close(state);
        return true;
    }
    if (!file_check_file_system(state->path, err) ||
        !file_lock_open(state->path, &state->lock_fd, err))
        goto done;
    ok = open_locked(state, may_create, err);
    file_lock_opened(state->lock_fd);
done:
    if (ok)
        *out = state;
    else
        state_close(state);
    return ok;
}

bool
state_open_reading(const char *path, State **out, Error *err)
{
    State *state = new_state(path);
    bool exists = false;

    *out = NULL;
    bool ok = file_find(state->path, &exists, err) &&
              (!exists || (file_check_file_system(state->path, err) &&
                           file_lock_reading(state->path, &state->lock_fd, err) &&
                           connection_open_reading(state, err) && migrate_copy(state, err)));
    if (ok && exists)
        *out = state;
    else
        state_close(state);
    return ok;
}

void
state_close(State *state)
{
    Error ignored = ERROR_INIT;
    bool is_emptied = false;

    if (state == NULL)
        return;
    /* What stays in the WAL is as safe there; the next one to close alone moves it. */
    (void)!connection_checkpoint(state, &is_emptied, &ignored);
    connection_close(state);
    if (state->lock_fd >= 0)
        close(state->lock_fd);
    free(state->path);
    free(state);
}

const char *
state_path(const State *state)
{
    return state->path;
}
