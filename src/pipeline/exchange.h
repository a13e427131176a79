/* exchange.h: how a worker has something done by the main thread.
 *
 * Only the main thread owns the state database, so a worker that needs a row written calls
 * exchange_call and waits; the main thread runs the calls in exchange_serve, in order of arrival.
 * Calls of several workers queue up.
 * Owner   the main thread: exchange_init before workers start, exchange_release after they ended.
 */
#ifndef RIVET_PIPELINE_EXCHANGE_H
#define RIVET_PIPELINE_EXCHANGE_H

#include <pthread.h>

#include "util/error.h"

/* Runs on the main thread; subject is what exchange_serve was given. */
typedef bool (*ExchangeFunction)(void *subject, void *argument, Error *err);

typedef struct Exchange {
    pthread_mutex_t mutex;
    pthread_cond_t arrived;
    pthread_cond_t answered;
    struct ExchangeCall *first;
    struct ExchangeCall *last;
    int active_workers;
} Exchange;

void exchange_init(Exchange *exchange, int workers);
void exchange_release(Exchange *exchange);

/* Worker side. */
MUST_USE bool exchange_call(Exchange *exchange, ExchangeFunction function, void *argument,
                            Error *err);
void exchange_leave(Exchange *exchange); /* this worker will not call again */

/* Main side: one more worker is about to start. */
void exchange_join(Exchange *exchange);

/* Main side: serves calls for up to timeout_ms; false once every worker has left. */
bool exchange_serve(Exchange *exchange, void *subject, int timeout_ms);

#endif
