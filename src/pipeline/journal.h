/* journal.h: the events of a run, for `rivet journal --run ID`.
 *
 * Kinds    started, attempt_failed, delivered, failed; of recovery and reset:
 *          rolled_forward, unit_undone, manifest_published, interrupted, given_up.
 * Never    secrets and row values: details hold counts, file names and error texts.
 * Errors   none: a journal that cannot be written is a warning and stops nothing.
 * Thread   the main thread. */
#ifndef RIVET_PIPELINE_JOURNAL_H
#define RIVET_PIPELINE_JOURNAL_H

#include "state/state.h"

void journal_add(State *state, const char *run_id, const char *kind, const char *format, ...)
    PRINTF_LIKE(4, 5);

#endif
