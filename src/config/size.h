/* size.h: sizes as the configuration writes them: "256MB", "1.5 GB", "1048576".
 *
 * Powers of 1024, GB MB KB B or none, any case, blanks around; decimals are cut to whole bytes. */
#ifndef RIVET_CONFIG_SIZE_H
#define RIVET_CONFIG_SIZE_H

#include "util/base.h"

/* False for anything else, for less than one byte and for more than 2^63 − 1. */
bool size_parse(const char *text, uint64_t *size_bytes);

#endif
