/* hybrid.h: the RLE / bit-packing hybrid of levels, dictionary ids and RLE booleans.
 *
 * Shape   every stream is runs: `count << 1` and a value, or `groups << 1 | 1` and groups of 8
 *         packed values; only the last packed run is padded, with zeros, to whole groups.
 * Room    the caller reserves hybrid_bound_bytes; all functions return the byte after the stream.
 * Source  spec: parquet §1.4; parquet-format, Encodings.md */
#ifndef RIVET_FORMAT_PARQUET_HYBRID_H
#define RIVET_FORMAT_PARQUET_HYBRID_H

#include "util/base.h"

size_t hybrid_bound_bytes(size_t count, unsigned width);

/* One run of count equal values. count > 0. */
uint8_t *hybrid_put_run(uint32_t value, size_t count, unsigned width, uint8_t *to);

/* A bitmap, LSB first, as width-1 values. Bits past count may be anything. */
uint8_t *hybrid_put_bitmap(const uint64_t *bits, size_t count, uint8_t *to);

/* count values below 2^width, width 1 … 32. */
uint8_t *hybrid_put_u32(const uint32_t *values, size_t count, unsigned width, uint8_t *to);

/* The same for levels, one byte each; levels that are all equal are one run. */
uint8_t *hybrid_put_levels(const uint8_t *levels, size_t count, unsigned width, uint8_t *to);

#endif
