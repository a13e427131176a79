/* file.h: a small file, whole; also from a pipe or a terminal. */
#ifndef RIVET_UTIL_FILE_H
#define RIVET_UTIL_FILE_H

#include "util/buffer.h"

/* Appends to out. Returns 0 or an errno; EFBIG: larger than limit_bytes. */
MUST_USE int file_read(const char *path, size_t limit_bytes, Buffer *out);

#endif
