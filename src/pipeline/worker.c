#include "pipeline/worker.h"

#include "pipeline/retry.h"
#include "util/interrupt.h"
#include "util/log.h"
#include "util/memory.h"

#define MODULE "rivet::worker"

struct Worker {
    WorkerOptions options;
    pthread_t thread;
    pthread_mutex_t mutex; /* guards source against worker_cancel */
    Source *source;
    bool is_cancelled;
    Error err;
};

static bool
connect_source(Worker *worker, Error *err)
{
    const UnitContext *context = worker->options.context;
    SourceOptions options = {
        .address = worker->options.address,
        .tuning = &context->export->tuning,
        .max_cell_bytes = context->budget.cell_bytes,
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
    return !is_cancelled || error_set(err, ERR_INTERRUPTED, "cancelled");
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

/* One attempt. After a failure nothing of it is left: neither its parts nor its connection.
 * *is_final: it cannot be repeated, since a reader has had a piece of it. */
static bool
attempt_unit(Worker *worker, UnitJob *job, UnitResult *result, bool *is_final, Error *err)
{
    const UnitContext *context = worker->options.context;
    WorkerFailure failure = {.job = job, .cause = err};
    Error discard_err = ERROR_INIT;

    if (connect_source(worker, err) && unit_export(context, worker->source, job, result, err))
        return true;
    *is_final = result->has_streamed;
    disconnect_source(worker);
    unit_result_release(result);
    /* What cannot be discarded now stays recorded, and the next start undoes it. */
    if (!exchange_call(context->exchange, worker->options.attempt_failed, &failure, &discard_err))
        log_warn(MODULE, "export '%s': %s", context->export->name, discard_err.message);
    return false;
}

static bool
export_with_retries(Worker *worker, UnitJob *job, UnitResult *result, int64_t *retry_count,
                    Error *err)
{
    const ExportConfig *export = worker->options.context->export;

    for (int64_t retry = 1;; retry++) {
        Error cause = ERROR_INIT;
        bool is_final = false;
        if (attempt_unit(worker, job, result, &is_final, &cause))
            return true;
        if (is_final || !error_is_retryable(&cause) || retry > export->tuning.max_retries ||
            interrupt_signal() != 0) {
            *err = cause;
            return false;
        }
        if (!retry_wait(export, retry, &cause, err))
            return false;
        (*retry_count)++;
    }
}

static bool
work_off_units(Worker *worker, Error *err)
{
    const WorkerOptions *options = &worker->options;

    for (;;) {
        WorkerAssignment next = {0};
        UnitResult result = {0};
        WorkerCompletion done = {.result = &result};
        if (!exchange_call(options->context->exchange, options->next_unit, &next, err))
            return false;
        if (!next.has_job)
            return true;
        bool ok = export_with_retries(worker, &next.job, &result, &done.retry_count, err);
        Error done_err = ERROR_INIT;
        if (!exchange_call(options->context->exchange, options->unit_done, &done, &done_err) &&
            ok) {
            *err = done_err;
            ok = false;
        }
        unit_result_release(&result);
        if (!ok)
            return false;
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
