/* crew.h: the workers of one export, as the main thread has them.
 *
 * Life     crew_init → crew_add … → crew_serve → crew_join. Workers may be added while others run,
 *          also from a function that crew_serve runs.
 * Signals  every blocked server call is cancelled once; a worker that still does not come back ends
 *          the process: nothing of it is visible, and the next start undoes it.
 * Source   spec: delivery §6 (10 s from a signal to the end) */
#ifndef RIVET_PIPELINE_CREW_H
#define RIVET_PIPELINE_CREW_H

#include "pipeline/export_run.h"
#include "pipeline/worker.h"

enum { CREW_MAX = 1024 }; /* as `parallel` in the configuration */

typedef struct Crew {
    Exchange *exchange; /* initialised and released here */
    Worker *workers[CREW_MAX];
    size_t count;
} Crew;

void crew_init(Crew *crew, Exchange *exchange);
MUST_USE bool crew_add(Crew *crew, const WorkerOptions *options, Error *err);
/* Frees blocked server calls; their units fail with ERR_INTERRUPTED. */
void crew_cancel(Crew *crew);
/* Runs what the workers ask for until all have left. */
void crew_serve(Crew *crew, ExportRun *run);
/* False with the first error a worker ended with, in the order they were added. */
MUST_USE bool crew_join(Crew *crew, Error *err);

#endif
