/* foresee.h: what a run would refuse for what the state has stored, without running it.
 *
 * Asks     the functions of the run itself, in its order: an unfinished chunked run, parts in
 *          another place, the stored cursor, the stored schema. Takes no lock, changes nothing,
 *          contacts no destination.
 * Resume   an unfinished run that --resume would continue is a note: only a start that does not ask
 *          for it is refused.
 * Not seen what recovery would change before the run looks: it cannot be known beforehand. */
#ifndef RIVET_PIPELINE_FORESEE_H
#define RIVET_PIPELINE_FORESEE_H

#include "preflight/check.h"
#include "state/state.h"

/* A CheckForesee; state: State *, from state_open_reading. */
MUST_USE bool foresee_run(void *state, CheckForesight *ask, Error *err);

#endif
