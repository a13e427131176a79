/* discard.h: undo parts that nobody will publish.
 *
 * Source  spec: delivery §2 (retries) and §3.3. For each part: stop and remove it at the
 *         destination, then its row. Repeatable; stops at the first part it cannot be certain of,
 *         with the row still there, so that the next start goes on.
 * Thread  the main thread. */
#ifndef RIVET_PIPELINE_DISCARD_H
#define RIVET_PIPELINE_DISCARD_H

#include "destination/destination.h"
#include "state/state.h"

enum { DISCARD_ALL_UNITS = -1 };

/* Parts of the run (of this unit only) that are open or sealed. */
MUST_USE bool discard_parts(State *state, Destination *dest, const char *run_id, int64_t unit,
                            Error *err);

/* For a run that is given up: all of its parts, as far as they can be reached. A warning names each
 * that cannot; its row stays. False: the state failed, or a signal came. */
MUST_USE bool discard_or_name_parts(State *state, Destination *dest, const char *run_id,
                                    Error *err);

/* What a part row says about the object it stands for; texts borrowed from the row. */
UploadRef discard_upload_ref(const PartRow *part);

#endif
