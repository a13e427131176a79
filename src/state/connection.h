/* connection.h: the open database, inside src/state only.
 *
 * Settings  spec: delivery §6: WAL (EXTRA where it is refused), synchronous=FULL, no checkpoint but
 *           ours, byte 0 of the lock file held shared as long as the connection is open.
 * Errors    state_fail turns what SQLite says into ERR_STATE with path and hint. */
#ifndef RIVET_STATE_CONNECTION_H
#define RIVET_STATE_CONNECTION_H

#include <sqlite3.h>

#include "state/state.h"
#include "state_sql.h"

enum {
    STATE_VERSION = 4,
    STATE_BUSY_TIMEOUT_MS = 10000,
    STATE_WAL_PAGES_MAX = 1000, /* 4 MiB: from there on every commit tries to empty the WAL */
};

struct State {
    char *path;    /* never starts with "file:" or ':': those mean something to SQLite */
    int lock_fd;   /* <path>.lock */
    sqlite3 *db;   /* NULL once a failed COMMIT could not be cleared up */
    int wal_pages; /* after the last commit; 0 without WAL */
    bool is_wal;
    sqlite3_stmt *statements[SQL_COUNT]; /* prepared at first use */
};

/* The file exists and the open byte of the lock file is held. */
bool connection_open(State *state, Error *err);
/* As the file is: nothing is written, not even the journal mode. */
bool connection_open_reading(State *state, Error *err);
/* From now on the connection is to a copy in memory. */
bool connection_copy_to_memory(State *state, Error *err);
void connection_close(State *state);

/* Moves the WAL into the database when no other connection is open anywhere; *done says whether. */
bool connection_checkpoint(State *state, bool *done, Error *err);

/* The prepared statement, reset, its parameters NULL; or a SQLite status. */
int connection_statement(State *state, SqlId id, sqlite3_stmt **out);

/* Sets err from a SQLite status (unless it is set) and returns false. */
bool state_fail(const State *state, int status, const char *what, Error *err);

#endif
