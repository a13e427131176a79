/* table_file.h: a flat Parquet file as batches, so that real tables can be encoded from memory. */
#ifndef RIVET_BENCH_ENCODE_TABLE_FILE_H
#define RIVET_BENCH_ENCODE_TABLE_FILE_H

#include "cases.h"
#include "util/error.h"

/* ERR_UNSUPPORTED for nested columns and for types that rivet does not write. */
MUST_USE bool bench_table_load(BenchTable *table, const char *path, size_t batch_rows, Error *err);

#endif
