/* inspect_json.h: the JSON form of parquet_inspect; inside inspect*.c only. */
#ifndef RIVET_FORMAT_PARQUET_INSPECT_JSON_H
#define RIVET_FORMAT_PARQUET_INSPECT_JSON_H

#include "format/parquet/footer_read.h"

MUST_USE bool inspect_as_json(const ParquetFile *file, const char *name, FILE *out, Error *err);

#endif
