/* retry.h: whether and when a unit is tried again.
 *
 * Source  spec: behaviour §19; the classes are set where an error is met (error.h). */
#ifndef RIVET_PIPELINE_RETRY_H
#define RIVET_PIPELINE_RETRY_H

#include "config/config.h"

enum { RETRY_DELAY_MAX_MS = 5 * 60 * 1000 };

/* Milliseconds before retry number `retry` (from 1): backoff × 2^(retry−1) + the error's extra,
 * saturating at RETRY_DELAY_MAX_MS. */
int64_t retry_delay_ms(const Tuning *tuning, int64_t retry, const Error *err);

/* Logs "export '<x>': retry a/max in <ms>ms [reconnecting] (…)", with "chunk <i>" before "retry"
 * for a chunk (below 0: none), and sleeps. ERR_INTERRUPTED when a signal came. */
bool retry_wait(const ExportConfig *export, int64_t chunk, int64_t retry, const Error *cause,
                Error *err);

#endif
