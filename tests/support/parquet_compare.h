/* parquet_compare.h: reads a file back with the own reader and compares it with what went in. */
#ifndef RIVET_TESTS_SUPPORT_PARQUET_COMPARE_H
#define RIVET_TESTS_SUPPORT_PARQUET_COMPARE_H

#include "batch/batch.h"
#include "util/buffer.h"
#include "util/readable.h"

/* A file in memory; the buffer must outlive it. */
Readable readable_of_buffer(const Buffer *buffer);

/* The file passes parquet_verify, and its rows are rows [first, first + count) of the batch, level
 * by level and value by value (floats by their bits). False with *err naming what differs. */
bool compare_file(const Buffer *file, const Batch *batch, size_t first, size_t count, Error *err);

#endif
