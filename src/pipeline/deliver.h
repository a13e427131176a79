/* deliver.h: from a unit whose parts are sealed to a run that is done.
 *
 * The gates that look at the whole result come first; then commit.h. A run that fails before its
 * intents are recorded takes its parts with it.
 * Thread  the main thread.
 * Source  spec: delivery §2, steps 4 to 8 */
#ifndef RIVET_PIPELINE_DELIVER_H
#define RIVET_PIPELINE_DELIVER_H

#include "pipeline/export_run.h"

MUST_USE bool deliver_run(ExportRun *run, Error *err);
/* --reconcile, where run->unit has the source's count: ERR_CHECK when the rows differ from it and
 * both come from one snapshot. */
MUST_USE bool deliver_check_count(ExportRun *run, Error *err);

#endif
