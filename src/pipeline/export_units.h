/* export_units.h: from a prepared run to units whose parts are sealed.
 *
 * Starts the worker, serves its calls on the main thread, and ends it: regularly, after an error,
 * or after a signal. Source  spec: delivery §2, steps 1 to 4 */
#ifndef RIVET_PIPELINE_EXPORT_UNITS_H
#define RIVET_PIPELINE_EXPORT_UNITS_H

#include "pipeline/export_run.h"

MUST_USE bool export_units(ExportRun *run, Error *err);

/* What the units of any run share, with the budget of one of so many workers. */
UnitContext export_unit_context(ExportRun *run, int64_t worker_count);

/* The run row. */
MUST_USE bool export_start_run(ExportRun *run, const char *source_id, const Window *window,
                               const char *output_hash, Error *err);
/* An ExchangeFunction: WorkerOptions.attempt_failed. */
MUST_USE bool export_undo_attempt(void *subject, void *argument, Error *err);

#endif
