/* kernels.h: the inner loops of the Parquet writer, each on its own.
 *
 * Source  spec: parquet §4.1 */
#ifndef RIVET_BENCH_ENCODE_KERNELS_H
#define RIVET_BENCH_ENCODE_KERNELS_H

#include "util/base.h"

typedef struct KernelRate {
    const char *name;
    double bytes_per_s;  /* of the values as a column holds them */
    double values_per_s; /* 0: bytes are all there is */
} KernelRate;

enum { KERNELS_MAX = 32 };

/* Runs the kernels whose name holds `only` (NULL: all), the best of `repeat` runs each; returns how
 * many. now_s tells the processor time. */
size_t bench_kernels(const char *only, int repeat, double (*now_s)(void),
                     KernelRate rates[KERNELS_MAX]);

#endif
