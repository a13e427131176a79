/* state.h: what rivet remembers between runs, in one SQLite file.
 *
 * Owner    the main thread opens it and makes every call; workers hand facts over (spec: README,
 *          State). No other folder knows SQLite.
 * Durable  every function that changes something is one transaction, committed with
 *          synchronous=FULL when it returns true. An ambiguous COMMIT is re-read before it returns;
 *          false means: not recorded, or not known to be recorded. In both cases the next start
 *          recovers from whatever the file then says.
 * Errors   ERR_STATE with the path; its hint says how to go on. A row that is not what it should be
 *          (a NULL, a text in a number) is an error, never a crash.
 * Times    RFC 3339 UTC text, set by the module unless a field says otherwise.
 * Texts    borrowed for the call; what comes back lives in the arena given.
 * Source   spec: state (tables, migrations), delivery §2, §3 and §6 (order, recovery, settings).
 *
 *   run.h      runs and their owner           part.h     parts, units: A, B, C, recovery
 *   chunk.h    checkpointed chunk plans       history.h  cursors, metrics, schema, files, events
 *   lock.h     the lock of an export */
#ifndef RIVET_STATE_STATE_H
#define RIVET_STATE_STATE_H

#include "util/arena.h"
#include "util/error.h"

typedef struct State State;

/* Opens and migrates; creates the file (0600) when it is missing and may_create, else *out is
 * NULL with true: nothing recorded yet. Refuses files of a newer rivet, and network file systems.
 * Beside the file (the target, where path is a link) live -wal, -shm, <path>.lock and the folder
 * <path>.locks. */
MUST_USE bool state_open(const char *path, bool may_create, State **out, Error *err);
/* For a look that changes nothing and keeps no run waiting. *out NULL with true: no file yet. What
 * state_open would refuse is refused; an older file is migrated in memory. */
MUST_USE bool state_open_reading(const char *path, State **out, Error *err);
void state_close(State *state);             /* NULL is fine */
const char *state_path(const State *state); /* "./x" for "x" */

#include "state/chunk.h"
#include "state/history.h"
#include "state/lock.h"
#include "state/part.h"
#include "state/run.h"

#endif
