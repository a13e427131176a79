#include "pipeline/exchange.h"

#include <time.h>

typedef struct ExchangeCall {
    struct ExchangeCall *next;
    ExchangeFunction function;
    void *argument;
    Error *err;
    bool is_ok;
    bool is_done;
} ExchangeCall;

void
exchange_init(Exchange *exchange, int workers)
{
    pthread_condattr_t monotonic;

    *exchange = (Exchange){.active_workers = workers};
    pthread_mutex_init(&exchange->mutex, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&exchange->arrived, &monotonic);
    pthread_cond_init(&exchange->answered, NULL);
    pthread_condattr_destroy(&monotonic);
}

void
exchange_release(Exchange *exchange)
{
    pthread_cond_destroy(&exchange->answered);
    pthread_cond_destroy(&exchange->arrived);
    pthread_mutex_destroy(&exchange->mutex);
}

bool
exchange_call(Exchange *exchange, ExchangeFunction function, void *argument, Error *err)
{
    ExchangeCall call = {.function = function, .argument = argument, .err = err};

    pthread_mutex_lock(&exchange->mutex);
    if (exchange->last == NULL)
        exchange->first = &call;
    else
        exchange->last->next = &call;
    exchange->last = &call;
    pthread_cond_signal(&exchange->arrived);
    while (!call.is_done)
        pthread_cond_wait(&exchange->answered, &exchange->mutex);
    pthread_mutex_unlock(&exchange->mutex);
    return call.is_ok;
}

void
exchange_join(Exchange *exchange)
{
    pthread_mutex_lock(&exchange->mutex);
    exchange->active_workers++;
    pthread_mutex_unlock(&exchange->mutex);
}

void
exchange_leave(Exchange *exchange)
{
    pthread_mutex_lock(&exchange->mutex);
    exchange->active_workers--;
    pthread_cond_signal(&exchange->arrived);
    pthread_mutex_unlock(&exchange->mutex);
}

/* The mutex is held on entry and exit, but not while the function runs. */
static void
serve_first(Exchange *exchange, void *subject)
{
    ExchangeCall *call = exchange->first;

    exchange->first = call->next;
    if (exchange->first == NULL)
        exchange->last = NULL;
    pthread_mutex_unlock(&exchange->mutex);
    call->is_ok = call->function(subject, call->argument, call->err);
    pthread_mutex_lock(&exchange->mutex);
    call->is_done = true;
    pthread_cond_broadcast(&exchange->answered);
}

bool
exchange_serve(Exchange *exchange, void *subject, int timeout_ms)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += timeout_ms / 1000;
    until.tv_nsec += timeout_ms % 1000 * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000L;
    }
    pthread_mutex_lock(&exchange->mutex);
    int waited = 0;
    while (waited == 0 && (exchange->first != NULL || exchange->active_workers > 0)) {
        if (exchange->first != NULL)
            serve_first(exchange, subject);
        else
            waited = pthread_cond_timedwait(&exchange->arrived, &exchange->mutex, &until);
    }
    bool has_workers = exchange->first != NULL || exchange->active_workers > 0;
    pthread_mutex_unlock(&exchange->mutex);
    return has_workers;
}
