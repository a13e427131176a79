/* recover.h: what a crash left behind is rolled forward or back before anything is read.
 *
 * Under the export's lock, on the main thread. Every step may itself be killed and repeated.
 * Promise  a unit past A becomes visible and recorded, one before A vanishes; a manifest that is
 *          due is published; runs left open end as done or interrupted.
 * Errors   anything less than certain ends the start with nothing changed: a missing or exchanged
 *          directory, a foreign file under one of our names, a destination that does not answer.
 * Source   spec: delivery §3 */
#ifndef RIVET_PIPELINE_RECOVER_H
#define RIVET_PIPELINE_RECOVER_H

#include "destination/destination.h"
#include "state/state.h"

/* Before connecting: unfinished parts need the place they were put in, which must not be made
 * anew. */
MUST_USE bool recover_check_place(State *state, const ExportConfig *export, Error *err);
/* What recover_export refuses before it changes anything; place: of destination_identify. */
MUST_USE bool recover_check_export(State *state, const ExportConfig *export, Destination *place,
                                   Error *err);
MUST_USE bool recover_export(State *state, const ExportConfig *export, Destination *dest,
                             const char *owner, Error *err);

#endif
