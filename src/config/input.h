/* input.h: a small file, whole; also from a pipe or a terminal. */
#ifndef RIVET_CONFIG_INPUT_H
#define RIVET_CONFIG_INPUT_H

#include "util/arena.h"

enum { MAX_INPUT_BYTES = 16 * 1024 * 1024 };

/* Text in arena, with a final NUL behind size_bytes. Returns 0 or an errno; EFBIG: larger than
 * MAX_INPUT_BYTES. */
MUST_USE int input_read(const char *path, Arena *arena, const char **text, size_t *size_bytes);

#endif
