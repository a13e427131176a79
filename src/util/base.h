/* base.h: what every file may rely on, and what none may use.
 *
 * Include it first. The functions poisoned at the end cannot be told how much room they have, or
 * report a bad number as 0; buffer.h, snprintf and strto* take their place. */
#ifndef RIVET_UTIL_BASE_H
#define RIVET_UTIL_BASE_H

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))
#define MUST_USE                 __attribute__((warn_unused_result))
#define NO_RETURN                __attribute__((noreturn))
#define ARRAY_LENGTH(a)          (sizeof(a) / sizeof((a)[0]))
#define LIKELY(x)                __builtin_expect(!!(x), 1)
#define UNLIKELY(x)              __builtin_expect(!!(x), 0)

/* ISO C has no 128-bit integer; gcc and clang do on every 64-bit target. */
__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 UInt128;

static inline size_t
size_min(size_t a, size_t b)
{
    return a < b ? a : b;
}

static inline size_t
size_max(size_t a, size_t b)
{
    return a > b ? a : b;
}

#pragma GCC poison strcpy strcat sprintf vsprintf strtok atoi atol atof gets

#endif
