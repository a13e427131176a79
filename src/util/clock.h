/* clock.h: time as rivet uses it.
 *
 * Units   *_us: microseconds since 1970-01-01 UTC; *_ms: monotonic milliseconds.
 * Texts   all UTC. */
#ifndef RIVET_UTIL_CLOCK_H
#define RIVET_UTIL_CLOCK_H

#include "util/base.h"

int64_t clock_now_us(void);
int64_t clock_monotonic_ms(void); /* also in a signal handler */

enum { CLOCK_TEXT_BYTES = 40 };
void clock_format_rfc3339(int64_t at_us, char text[CLOCK_TEXT_BYTES]); /* …T03:04:05.678901+00:00 */
/* With a zone, which may also be "Z", "UTC" or lack its colon, and any fraction of a second; false
 * for anything else. */
bool clock_parse_rfc3339(const char *text, int64_t *at_us);
void clock_format_log(int64_t at_us, char text[CLOCK_TEXT_BYTES]);    /* 2026-01-02T03:04:05Z */
void clock_format_run_id(int64_t at_us, char text[CLOCK_TEXT_BYTES]); /* 20260102T030405.678 */
void clock_format_stamp(int64_t at_us, char text[CLOCK_TEXT_BYTES]);  /* 20260102_030405 */

#endif
