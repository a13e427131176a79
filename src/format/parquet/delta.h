/* delta.h: DELTA_BINARY_PACKED and what is built on it.
 *
 * Shape   blocks of 128 deltas in 4 miniblocks; subtraction wraps in the column's own width, so
 *         that no INT32 delta needs 33 bits. At least one value.
 * Room    delta_bound_bytes; functions return the byte after what they wrote.
 * Source  spec: parquet §1.5; parquet-format, Encodings.md */
#ifndef RIVET_FORMAT_PARQUET_DELTA_H
#define RIVET_FORMAT_PARQUET_DELTA_H

#include "util/base.h"

size_t delta_bound_bytes(size_t count, size_t width_bytes);

uint8_t *delta_put_i32(const int32_t *values, size_t count, uint8_t *to);
uint8_t *delta_put_i64(const int64_t *values, size_t count, uint8_t *to);

#endif
