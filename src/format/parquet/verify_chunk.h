/* verify_chunk.h: one column chunk against its pages; inside verify*.c only. */
#ifndef RIVET_FORMAT_PARQUET_VERIFY_CHUNK_H
#define RIVET_FORMAT_PARQUET_VERIFY_CHUNK_H

#include "format/parquet/footer_read.h"

MUST_USE bool verify_chunk(const ParquetFile *file, size_t row_group, size_t leaf, Error *err);

#endif
