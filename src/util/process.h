/* process.h: facts about this process. Source: proc(5). */
#ifndef RIVET_UTIL_PROCESS_H
#define RIVET_UTIL_PROCESS_H

#include "util/base.h"

uint64_t process_rss_bytes(void);      /* resident set now; 0 when it cannot be read */
uint64_t process_peak_rss_bytes(void); /* highest since the start or the last reset; 0 likewise */
bool process_reset_peak_rss(void);     /* false where the kernel or container refuses */

#endif
