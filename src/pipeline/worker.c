#include "pipeline/worker.h"

#include "pipeline/retry.h"
#include "util/interrupt.h"
#include "util/log.h"
#include "util/memory.h"

#define MODULE "rivet::worker"

enum { WAIT_MS = 100 };

static const char LOST_SNAPSHOT_HINT[] =
    "the snapshot of the run is gone with this connection: start again; a checkpointed run goes on "
    "with --resume, in a new one";

struct Worker {
    WorkerOptions options;
    pthread_t thread;
    pthread_mutex_t mutex; /* guards source against worker_cancel */
    Source *source;
    bool is_cancelled;
    bool has_lost_snapshot;  /* no other connection can take its place */
    int64_t prepare_retries; /* counted with those of the first unit */
    Error err;
};

/* The run's snapshot, where there is one. A connection that cannot have it any more is the worker's
 * last. */
static bool
join_snapshot(Worker *worker, Source *source, Error *err)
{
    const UnitContext *context = worker->options.context;
    Error cause = ERROR_INIT;

    assert(!context->needs_snapshot || context->snapshot_id != NULL);
    if (!context->holds_snapshot || !source_can_hold_snapshot(source) ||
        source_hold_snapshot(source, context->snapshot_id, &cause))
        return true;
    if (context->snapshot_id == NULL || cause.code != ERR_QUERY) {
        *err = cause;
        return error_add_context(err, "taking the snapshot of the run");
    }
    worker->has_lost_snapshot = true;
    err->hint = LOST_SNAPSHOT_HINT;
    return error_set(err, ERR_UNAVAILABLE,
                     "the snapshot of the run ended with the connection that held it");
}

static bool
connect_source(Worker *worker, Error *err)
{
    const UnitContext *context = worker->options.context;
    SourceOptions options = {
        .address = worker->options.address,
        .tuning = &context->export->tuning,
        .max_cell_bytes = context->budget.cell_bytes,
        .reads_committed = context->export->consistency == CONSISTENCY_NONE,
    };
    Source *source = NULL;

    if (worker->source != NULL)
        return true;
    if (!interrupt_check(err) || !source_connect(&options, &source, err))
        return false;
    pthread_mutex_lock(&worker->mutex);
    worker->source = source;
    bool is_cancelled = worker->is_cancelled;
    pthread_mutex_unlock(&worker->mutex);
    if (is_cancelled)
        return error_set(err, ERR_INTERRUPTED, "cancelled");
    return join_snapshot(worker, source, err);
}

static void
disconnect_source(Worker *worker)
{
    pthread_mutex_lock(&worker->mutex);
    Source *source = worker->source;
    worker->source = NULL;
    pthread_mutex_unlock(&worker->mutex);
    source_close(source);
}

/* What failed lay behind the source, which has given all its rows and is ready for the next unit.
 * Its connection may hold a snapshot that no other could have. */
static bool
keeps_source(const UnitResult *result, const Error *cause)
{
    return result->is_read && error_is_retryable(cause);
}

/* One attempt. After a failure nothing of it is left: no part, and no connection that could be the
 * reason. *is_final: it cannot be repeated, since a reader has had a piece of it. */
static bool
attempt_unit(Worker *worker, UnitJob *job, UnitResult *result, bool *is_final, Error *err)
{
    const UnitContext *context = worker->options.context;
    WorkerFailure failure = {.job = job, .cause = err};
    Error discard_err = ERROR_INIT;

    if (connect_source(worker, err) && unit_export(context, worker->source, job, result, err))
        return true;
    if (!keeps_source(result, err)) {
        disconnect_source(worker);
        worker->has_lost_snapshot |= context->needs_snapshot && context->snapshot_id == NULL;
    }
    *is_final = result->has_streamed || worker->has_lost_snapshot;
    if (worker->has_lost_snapshot && err->hint == NULL && error_is_retryable(err))
        err->hint = LOST_SNAPSHOT_HINT;
    unit_result_release(result);
    /* What cannot be discarded now stays recorded, and the next start undoes it. */
    if (!exchange_call(context->exchange, worker->options.attempt_failed, &failure, &discard_err))
        log_warn(MODULE, "export '%s': %s", context->export->name, discard_err.message);
    return false;
}

typedef struct Attempt {
    UnitJob *job; /* NULL: prepare */
    UnitResult *result;
    bool is_final;
} Attempt;

static bool
attempt_prepare(Worker *worker, Error *err)
{
    const WorkerOptions *options = &worker->options;

    if (connect_source(worker, err) && options->prepare(options->context, worker->source, err))
        return true;
    disconnect_source(worker);
    return false;
}

static bool
is_cancelled(Worker *worker)
{
    pthread_mutex_lock(&worker->mutex);
    bool cancelled = worker->is_cancelled;
    pthread_mutex_unlock(&worker->mutex);
    return cancelled;
}

static bool
with_retries(Worker *worker, Attempt *attempt, int64_t *retry_count, Error *err)
{
    const ExportConfig *export = worker->options.context->export;
    int64_t chunk = attempt->job == NULL ? NAMING_NONE : attempt->job->chunk;

    for (int64_t retry = 1;; retry++) {
        Error cause = ERROR_INIT;
        if (attempt->job == NULL
                ? attempt_prepare(worker, &cause)
                : attempt_unit(worker, attempt->job, attempt->result, &attempt->is_final, &cause))
            return true;
        if (attempt->is_final || !error_is_retryable(&cause) ||
            retry > export->tuning.max_retries || interrupt_signal() != 0 || is_cancelled(worker)) {
            *err = cause;
            return false;
        }
        if (!retry_wait(export, chunk, retry, &cause, err))
            return false;
        (*retry_count)++;
    }
}

/* After A only recovery may act; before, the unit's parts go like those of a failed attempt. */
static bool
commit_unit_parts(Worker *worker, const UnitJob *job, UnitResult *result, bool *is_past_intent,
                  Error *err)
{
    const WorkerOptions *options = &worker->options;
    WorkerFailure failure = {.job = job, .cause = err};
    Error discard_err = ERROR_INIT;

    if (options->commit == NULL || options->commit(options->context, result, is_past_intent, err))
        return true;
    if (!*is_past_intent &&
        !exchange_call(options->context->exchange, options->attempt_failed, &failure, &discard_err))
        log_warn(MODULE, "export '%s': %s", options->context->export->name, discard_err.message);
    return false;
}

/* False: this worker is to end. */
static bool
work_off_unit(Worker *worker, UnitJob *job, Error *err)
{
    const WorkerOptions *options = &worker->options;
    UnitResult result = {0};
    Attempt attempt = {.job = job, .result = &result};
    WorkerCompletion done = {.job = job, .result = &result, .retry_count = worker->prepare_retries};
    Error cause = ERROR_INIT;
    Error done_err = ERROR_INIT;

    worker->prepare_retries = 0;
    bool ok = with_retries(worker, &attempt, &done.retry_count, &cause) &&
              commit_unit_parts(worker, job, &result, &done.is_past_intent, &cause);
    done.cause = ok ? NULL : &cause;
    done.ends_worker = worker->has_lost_snapshot;
    bool is_taken = exchange_call(options->context->exchange, options->unit_done, &done, &done_err);
    unit_result_release(&result);
    if (is_taken && (ok || options->goes_on))
        return true;
    *err = ok ? done_err : cause;
    return false;
}

static bool
wait_for_unit(Worker *worker, Error *err)
{
    if (is_cancelled(worker))
        return error_set(err, ERR_INTERRUPTED, "cancelled");
    return interrupt_sleep(WAIT_MS, err);
}

static bool
work_off_units(Worker *worker, Error *err)
{
    const WorkerOptions *options = &worker->options;
    Attempt prepare = {0};

    if (options->prepare != NULL && !with_retries(worker, &prepare, &worker->prepare_retries, err))
        return false;
    for (;;) {
        WorkerAssignment next = {0};
        if (!exchange_call(options->context->exchange, options->next_unit, &next, err))
            return false;
        if (!next.has_job && !next.must_wait)
            return true;
        if (!(next.has_job ? work_off_unit(worker, &next.job, err) : wait_for_unit(worker, err)))
            return false;
        if (worker->has_lost_snapshot)
            return true; /* next_unit has told the others */
    }
}

static void *
worker_main(void *argument)
{
    Worker *worker = argument;

    work_off_units(worker, &worker->err);
    disconnect_source(worker);
    exchange_leave(worker->options.context->exchange);
    return NULL;
}

bool
worker_start(const WorkerOptions *options, Worker **out, Error *err)
{
    Worker *worker = memory_alloc_zero(1, sizeof(*worker));

    worker->options = *options;
    worker->source = options->source;
    pthread_mutex_init(&worker->mutex, NULL);
    int failed = pthread_create(&worker->thread, NULL, worker_main, worker);
    if (failed != 0) {
        pthread_mutex_destroy(&worker->mutex);
        free(worker);
        return error_set_errno(err, ERR_INTERNAL, failed, "cannot start a worker thread");
    }
    *out = worker;
    return true;
}

void
worker_cancel(Worker *worker)
{
    pthread_mutex_lock(&worker->mutex);
    worker->is_cancelled = true;
    if (worker->source != NULL)
        source_cancel(worker->source);
    pthread_mutex_unlock(&worker->mutex);
}

bool
worker_join(Worker *worker, Error *err)
{
    pthread_join(worker->thread, NULL);
    bool ok = worker->err.code == ERR_NONE;
    if (!ok)
        *err = worker->err;
    pthread_mutex_destroy(&worker->mutex);
    free(worker);
    return ok;
}
