/* interrupt.h: the one mutable global, the signal that asked us to stop.
 *
 * Set up   interrupt_install before threads start; SIGINT and SIGTERM then only leave their number.
 * Threads  any may ask. A second signal changes nothing: the way out is the same. */
#ifndef RIVET_UTIL_INTERRUPT_H
#define RIVET_UTIL_INTERRUPT_H

#include "util/error.h"

void interrupt_install(void);
int interrupt_signal(void);      /* 0, SIGINT or SIGTERM */
int64_t interrupt_age_ms(void);  /* since the first signal; 0 without one */
int interrupt_exit_status(void); /* 128 + signal */

/* True while nobody asked to stop; else ERR_INTERRUPTED. */
bool interrupt_check(Error *err);

/* Sleeps up to ms, less when a signal comes; then as interrupt_check. */
bool interrupt_sleep(int64_t ms, Error *err);

#endif
