#include "cli/run_exports.h"

#include <pthread.h>
#include <stdatomic.h>

#include "cli/progress.h"
#include "cli/report.h"
#include "pipeline/budget.h"
#include "util/interrupt.h"
#include "util/log.h"
#include "util/memory.h"

#define MODULE "rivet::run"

typedef struct Crowd {
    RunContext context; /* state is each thread's own */
    const RunOutput *output;
    const char *state_path;
    const ExportConfig *exports;
    ExportResult *results;
    size_t count;
    atomic_size_t next;
} Crowd;

/* An export that could not even open the state. */
static void
fail_without_state(const RunContext *context, const ExportConfig *export, const Error *err,
                   ExportResult *result)
{
    progress_set_phase(context->progress, PROGRESS_FAILED);
    *result = (ExportResult){.export = export, .status = STATUS_FAILED, .error = *err};
    error_add_context(&result->error, "export '%s'", export->name);
}

static void *
work_through(void *argument)
{
    Crowd *crowd = argument;
    RunContext context = crowd->context;
    Error err = ERROR_INIT;
    State *state = NULL;
    bool has_state = state_open(crowd->state_path, true, &state, &err);

    context.state = state;
    for (;;) {
        size_t index = atomic_fetch_add(&crowd->next, 1);
        if (index >= crowd->count || interrupt_signal() != 0)
            break;
        context.progress = progress_of(crowd->output->progress, index);
        if (has_state)
            export_run(&context, &crowd->exports[index], &crowd->results[index]);
        else
            fail_without_state(&context, &crowd->exports[index], &err, &crowd->results[index]);
        run_exports_report(crowd->output, &crowd->results[index]);
    }
    state_close(state);
    return NULL;
}

static size_t
crowd_size(const RunContext *context, const ExportConfig *exports, size_t count)
{
    int64_t least_mb = 1;

    for (size_t i = 0; i < count; i++) {
        int64_t own_mb = budget_worker_min_mb(&exports[i]);
        least_mb = own_mb > least_mb ? own_mb : least_mb;
    }
    size_t affordable = size_max((size_t)(context->config->max_memory_mb / least_mb), 1);

    if (affordable < count)
        log_warn(MODULE, "max_memory_mb: %" PRId64 " is enough for %zu of %zu exports at once",
                 context->config->max_memory_mb, affordable, count);
    return size_min(affordable, count);
}

int
run_exports_in_threads(const RunContext *context, const RunOutput *output,
                       const ExportConfig *exports, size_t count)
{
    size_t size = crowd_size(context, exports, count);
    pthread_t *threads = memory_alloc_zero(size, sizeof(*threads));
    size_t started = 0;
    Crowd crowd = {
        .context = *context,
        .output = output,
        .state_path = state_path(context->state),
        .exports = exports,
        .results = memory_alloc_zero(count, sizeof(*crowd.results)),
        .count = count,
    };

    log_info(MODULE, "running %zu exports in parallel, %zu at once", count, size);
    crowd.context.parallel_exports = (int64_t)size;
    while (started < size && pthread_create(&threads[started], NULL, work_through, &crowd) == 0)
        started++;
    if (started == 0)
        work_through(&crowd);
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    size_t ran = size_min(atomic_load(&crowd.next), count);
    int status = run_exports_end(output, crowd.results, ran);
    free(crowd.results);
    free(threads);
    return status;
}
