/* lock.h: one process per export name and state file.
 *
 * An open-file-description lock on one file per export in <state>.locks: the kernel frees it at the
 * holder's death, at once, and never while the holder lives, however long it is paused. A program
 * started by the holder does not inherit it. Source: delivery §1, Lock. */
#ifndef RIVET_STATE_LOCK_H
#define RIVET_STATE_LOCK_H

#include "util/arena.h"
#include "util/error.h"

typedef struct State State;

typedef struct ExportLock ExportLock;

/* Never waits. ERR_LOCKED names the holder's pid, and its run id once state_lock_describe wrote
 * it. Held until state_unlock. */
MUST_USE bool state_lock(const State *state, const char *export_name, ExportLock **out, Error *err);
MUST_USE bool state_lock_describe(ExportLock *lock, const char *run_id, Error *err);
void state_unlock(ExportLock *lock); /* NULL is fine */

/* "host:pid:start" of this process, for RunRow.owner; start is the kernel's start time of the
 * process, so that a reused pid differs. */
const char *state_owner_self(Arena *arena);

#endif
