#include "pipeline/pressure.h"

#include "util/interrupt.h"
#include "util/log.h"
#include "util/process.h"

#define MODULE "rivet::pressure"

enum { STEP_MS = 100 };

bool
pressure_wait(const ExportConfig *export, Pressure *pressure, Error *err)
{
    int64_t limit_mb = export->tuning.memory_threshold_mb;

    while (limit_mb > 0 && pressure->waited_ms < PRESSURE_MAX_MS) {
        int64_t now_mb = (int64_t)(process_rss_bytes() >> 20);
        if (now_mb <= limit_mb)
            return true;
        if (pressure->waited_ms == 0)
            log_warn(MODULE,
                     "export '%s': memory is %" PRId64 "MB, memory_threshold_mb is %" PRId64
                     "MB: reading pauses, up to %ds",
                     export->name, now_mb, limit_mb, PRESSURE_MAX_MS / 1000);
        if (!interrupt_sleep(STEP_MS, err))
            return false;
        pressure->waited_ms += STEP_MS;
    }
    return true;
}
