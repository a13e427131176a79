/* pressure.h: reading pauses while the process takes more memory than memory_threshold_mb.
 *
 * Memory may come free when another worker ends; when it does not, waiting helps nobody: a unit
 * waits PRESSURE_MAX_MS in all. Source  spec: behaviour §6, extraction §6 */
#ifndef RIVET_PIPELINE_PRESSURE_H
#define RIVET_PIPELINE_PRESSURE_H

#include "config/config.h"

enum { PRESSURE_MAX_MS = 5000 };

/* Of one unit; zero-initialise. */
typedef struct Pressure {
    int64_t waited_ms;
} Pressure;

/* Before a unit and after each batch. The first wait of a unit is a warning. ERR_INTERRUPTED when a
 * signal came. */
MUST_USE bool pressure_wait(const ExportConfig *export, Pressure *pressure, Error *err);

#endif
