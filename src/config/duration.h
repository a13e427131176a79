/* duration.h: spans of time as the configuration writes them: "500ms", "5s", "10m", "2h", "1d". */
#ifndef RIVET_CONFIG_DURATION_H
#define RIVET_CONFIG_DURATION_H

#include "util/base.h"

/* A whole number and its unit, blanks around and between allowed; at most 10,000 years. False for
 * anything else. */
bool duration_parse(const char *text, int64_t *duration_us);

#endif
