/* stream_split.h: BYTE_STREAM_SPLIT, byte k of every value behind each other.
 *
 * Shape   as many bytes out as in. Width 4 and 8.
 * Source  spec: parquet §1.5; parquet-format, Encodings.md */
#ifndef RIVET_FORMAT_PARQUET_STREAM_SPLIT_H
#define RIVET_FORMAT_PARQUET_STREAM_SPLIT_H

#include "util/base.h"

void stream_split(const uint8_t *values, size_t count, size_t width_bytes, uint8_t *to);

#endif
