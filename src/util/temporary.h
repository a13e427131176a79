/* temporary.h: files without a name, in TMPDIR, else /tmp; gone with the process whatever happens.
 *
 * Owner   the holder of the descriptor. Mode 0600. */
#ifndef RIVET_UTIL_TEMPORARY_H
#define RIVET_UTIL_TEMPORARY_H

#include "util/error.h"

MUST_USE bool temporary_open(int *fd, Error *err);
/* All size_bytes at the file's position; why: for the hint, a static text. */
MUST_USE bool temporary_write(int fd, const void *bytes, size_t size_bytes, const char *why,
                              Error *err);

#endif
