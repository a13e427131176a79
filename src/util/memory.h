/* memory.h: allocations that cannot fail.
 *
 * Errors  when memory is out the process ends with a message; a crash resumes like any other
 *         (spec: delivery). Memory that a budget bounds is checked before it is asked for.
 * Owner   the caller; release with free(). */
#ifndef RIVET_UTIL_MEMORY_H
#define RIVET_UTIL_MEMORY_H

#include "util/base.h"

void *memory_alloc(size_t size_bytes);
void *memory_alloc_zero(size_t count, size_t size_bytes);
void *memory_resize(void *old, size_t size_bytes);
char *memory_dup_string(const char *text);           /* NULL stays NULL */
char *memory_dup_bytes(const char *bytes, size_t n); /* adds a final NUL */
char *memory_format(const char *format, ...) PRINTF_LIKE(1, 2);

#endif
