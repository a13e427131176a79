/* parquet.h: the Parquet format, written and read.
 *
 * The way of a batch: file_writer cuts it into steps of rows, row_group tests limits at their ends,
 * column_writer turns a step into statistics and an open page, page_store keeps what
 * compress_pool made of finished pages until the row group is written.
 * Source  spec: parquet */
#ifndef RIVET_FORMAT_PARQUET_PARQUET_H
#define RIVET_FORMAT_PARQUET_PARQUET_H

#include "format/format.h"

extern const FormatDriver PARQUET_DRIVER;

#endif
