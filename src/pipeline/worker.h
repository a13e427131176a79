/* worker.h: a thread that owns one connection and works off the units it is given.
 *
 * Loop     ask the main thread for a unit, export it with retries, hand the result back, until
 *          there is none or one failed for good.
 * Cancel   worker_cancel frees a blocked server call; the unit then fails with ERR_INTERRUPTED.
 * Owner    the main thread: worker_start, exchange_serve until every worker left, worker_join. */
#ifndef RIVET_PIPELINE_WORKER_H
#define RIVET_PIPELINE_WORKER_H

#include "pipeline/unit.h"

typedef struct Worker Worker;

typedef struct WorkerAssignment {
    bool has_job;
    UnitJob job;
} WorkerAssignment;

typedef struct WorkerCompletion {
    UnitResult *result; /* taken over by the function: it empties what it keeps */
    int64_t retry_count;
} WorkerCompletion;

typedef struct WorkerFailure {
    const UnitJob *job;
    const Error *cause;
} WorkerFailure;

typedef struct WorkerOptions {
    const UnitContext *context;
    const SourceAddress *address;
    ExchangeFunction next_unit;      /* argument: WorkerAssignment * */
    ExchangeFunction unit_done;      /* argument: WorkerCompletion * */
    ExchangeFunction attempt_failed; /* argument: const WorkerFailure *; undoes the unit's parts */
} WorkerOptions;

MUST_USE bool worker_start(const WorkerOptions *options, Worker **out, Error *err);
void worker_cancel(Worker *worker);
/* Waits for the end and frees. False with the error that ended it. */
MUST_USE bool worker_join(Worker *worker, Error *err);

#endif
