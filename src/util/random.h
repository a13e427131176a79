/* random.h: random bits from the kernel, for nonces and name stamps. */
#ifndef RIVET_UTIL_RANDOM_H
#define RIVET_UTIL_RANDOM_H

#include "util/base.h"

/* 2 × size_bytes lower-case hex digits and a NUL into text; size_bytes at most 32. */
void random_hex(char *text, size_t size_bytes);

#endif
