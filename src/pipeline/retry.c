#include "pipeline/retry.h"

#include "util/interrupt.h"
#include "util/log.h"

#define MODULE "rivet::retry"

int64_t
retry_delay_ms(const Tuning *tuning, int64_t retry, const Error *err)
{
    int64_t delay_ms = tuning->retry_backoff_ms;

    for (int64_t i = 1; i < retry && delay_ms < RETRY_DELAY_MAX_MS; i++)
        delay_ms *= 2;
    delay_ms += err->retry_extra_ms;
    return delay_ms < RETRY_DELAY_MAX_MS ? delay_ms : RETRY_DELAY_MAX_MS;
}

bool
retry_wait(const ExportConfig *export, int64_t chunk, int64_t retry, const Error *cause, Error *err)
{
    int64_t delay_ms = retry_delay_ms(&export->tuning, retry, cause);
    char where[40] = "";

    if (chunk >= 0)
        snprintf(where, sizeof(where), "chunk %" PRId64 " ", chunk);
    log_warn(MODULE, "export '%s': %sretry %" PRId64 "/%" PRId64 " in %" PRId64 "ms %s(%s)",
             export->name, where, retry, export->tuning.max_retries, delay_ms,
             cause->needs_reconnect ? "[reconnecting] " : "", cause->message);
    return interrupt_sleep(delay_ms, err);
}
