#include "pipeline/crew.h"

#include "pipeline/export_record.h"
#include "util/clock.h"
#include "util/interrupt.h"

enum {
    SERVE_MS = 100, /* between two looks at signals and memory */
    /* A server call that a cancel did not free must not hold up the exit (spec: delivery §6). */
    STOP_MAX_MS = 8000,
};

void
crew_init(Crew *crew, Exchange *exchange)
{
    *crew = (Crew){.exchange = exchange};
    exchange_init(exchange, 0);
}

bool
crew_add(Crew *crew, const WorkerOptions *options, Error *err)
{
    assert(crew->count < CREW_MAX);
    exchange_join(crew->exchange);
    if (!worker_start(options, &crew->workers[crew->count], err)) {
        exchange_leave(crew->exchange);
        return false;
    }
    crew->count++;
    return true;
}

void
crew_cancel(Crew *crew)
{
    for (size_t i = 0; i < crew->count; i++)
        worker_cancel(crew->workers[i]);
}

void
crew_serve(Crew *crew, ExportRun *run)
{
    int64_t stopping_since_ms = 0;

    while (exchange_serve(crew->exchange, run, SERVE_MS)) {
        export_sample_rss(run->result);
        if (interrupt_signal() == 0)
            continue;
        if (stopping_since_ms == 0) {
            stopping_since_ms = clock_monotonic_ms();
            crew_cancel(crew);
        } else if (clock_monotonic_ms() - stopping_since_ms > STOP_MAX_MS) {
            fprintf(stderr, "Error: stopped; the server did not answer the cancel request\n");
            _Exit(interrupt_exit_status());
        }
    }
}

bool
crew_join(Crew *crew, Error *err)
{
    bool ok = true;

    for (size_t i = 0; i < crew->count; i++) {
        Error ended = ERROR_INIT;
        if (worker_join(crew->workers[i], &ended) || !ok)
            continue;
        *err = ended;
        ok = false;
    }
    exchange_release(crew->exchange);
    return ok;
}
