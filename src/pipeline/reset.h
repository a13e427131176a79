/* reset.h: give an export's stored state up (rivet state reset).
 *
 * Under the export's lock: unrecorded parts are undone, never rolled forward; what cannot be
 * reached any more is named and forgotten; runs that were open end as interrupted; the cursor
 * goes. Visible files stay. A checkpointed chunk run is left alone.
 * Source  spec: delivery §3 */
#ifndef RIVET_PIPELINE_RESET_H
#define RIVET_PIPELINE_RESET_H

#include "state/state.h"

/* *found: there was something to give up. */
MUST_USE bool reset_export(State *state, const char *export_name, bool *found, Error *err);

#endif
