/* worker.h: a thread that owns one connection and works off the units it is given.
 *
 * Loop     prepare, once; then ask the main thread for a unit, export it with retries, commit it,
 *          hand the result back, until there is none left or one failed for good.
 * Moment   where the run's snapshot lives in the worker's own connection, a unit that fails with it
 *          ends the worker: another may take the unit, this one would read another moment. A unit
 *          that was read to its end is tried again on the same connection.
 * Cancel   worker_cancel frees a blocked server call; the unit then fails with ERR_INTERRUPTED.
 * Owner    the main thread: worker_start, exchange_serve until every worker left, worker_join. */
#ifndef RIVET_PIPELINE_WORKER_H
#define RIVET_PIPELINE_WORKER_H

#include "pipeline/unit.h"

typedef struct Worker Worker;

typedef struct WorkerAssignment {
    bool has_job;
    bool must_wait; /* no job now: stay connected and ask again */
    UnitJob job;
} WorkerAssignment;

typedef struct WorkerCompletion {
    const UnitJob *job;
    UnitResult *result; /* taken over by the function: it empties what it keeps */
    int64_t retry_count;
    const Error *cause;  /* why the unit failed; NULL: it did not */
    bool is_past_intent; /* it failed where only recovery may go on */
    bool ends_worker;    /* it failed and took the snapshot with it: this worker takes no more */
} WorkerCompletion;

typedef struct WorkerFailure {
    const UnitJob *job;
    const Error *cause;
} WorkerFailure;

/* Run by the worker itself, on its own thread. */
typedef bool (*WorkerPrepare)(const UnitContext *context, Source *source, Error *err);
typedef bool (*WorkerCommit)(const UnitContext *context, UnitResult *result, bool *is_past_intent,
                             Error *err);

typedef struct WorkerOptions {
    const UnitContext *context;
    const SourceAddress *address;
    Source *source;             /* connected already; the worker's from worker_start on. Or NULL */
    WorkerPrepare prepare;      /* before the first unit, tried again like one; NULL: nothing */
    ExchangeFunction next_unit; /* argument: WorkerAssignment * */
    WorkerCommit commit;        /* of a unit whose parts are sealed; NULL: not the worker's */
    ExchangeFunction unit_done; /* argument: WorkerCompletion * */
    ExchangeFunction attempt_failed; /* argument: const WorkerFailure *; undoes the unit's parts */
    bool goes_on; /* a unit that failed does not end the worker: next_unit decides */
} WorkerOptions;

MUST_USE bool worker_start(const WorkerOptions *options, Worker **out, Error *err);
void worker_cancel(Worker *worker);
/* Waits for the end and frees. False with the error that ended it. */
MUST_USE bool worker_join(Worker *worker, Error *err);

#endif
