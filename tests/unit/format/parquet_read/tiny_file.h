/* tiny_file.h: a whole Parquet file of two columns, made by hand, with one number made wrong.
 *
 * Rows  id INT64 REQUIRED   10  20 | 30  40      two pages of two rows each, PLAIN, CRC
 *       name STRING OPTIONAL a  NULL| b  NULL    the same
 * With statistics, offset and column index, encoding_stats; not compressed. */
#ifndef RIVET_TESTS_PARQUET_READ_TINY_FILE_H
#define RIVET_TESTS_PARQUET_READ_TINY_FILE_H

#include "util/buffer.h"

/* Numbers of the file; those of columns and pages are the ones of column `name`, page 1. */
typedef enum Fact {
    FACT_NONE,
    FACT_FILE_ROWS,
    FACT_GROUP_ROWS,
    FACT_GROUP_UNCOMPRESSED,
    FACT_GROUP_COMPRESSED,
    FACT_GROUP_OFFSET,
    FACT_GROUP_ORDINAL,
    FACT_GROUP_COLUMNS,
    FACT_SCHEMA_CHILDREN,
    FACT_SCHEMA_TYPE,
    FACT_SCHEMA_REPETITION,
    FACT_ORDER_COUNT,
    FACT_META_TYPE,
    FACT_META_ENCODINGS,
    FACT_META_PATH,
    FACT_META_CODEC,
    FACT_META_VALUES,
    FACT_META_UNCOMPRESSED,
    FACT_META_COMPRESSED,
    FACT_META_OFFSET,
    FACT_META_NULLS,
    FACT_META_MIN,
    FACT_META_MAX,
    FACT_META_STATS_COUNT,
    FACT_PAGE_TYPE,
    FACT_PAGE_UNCOMPRESSED,
    FACT_PAGE_COMPRESSED,
    FACT_PAGE_CRC,
    FACT_PAGE_VALUES,
    FACT_PAGE_ENCODING,
    FACT_LEVEL_BYTES,
    FACT_LEVEL_VALUE,
    FACT_VALUE_BYTES,
    FACT_LOCATION_OFFSET,
    FACT_LOCATION_SIZE,
    FACT_LOCATION_ROW,
    FACT_LOCATION_COUNT,
    FACT_INDEX_NULL_PAGE,
    FACT_INDEX_MIN,
    FACT_INDEX_MAX,
    FACT_INDEX_NULLS,
    FACT_INDEX_ORDER,
    FACT_INDEX_OFFSET,
    FACT_FOOTER_LENGTH,
    FACT_FOOTER_TAIL,
    /* From here on page 1 of `name` is a V2 page. */
    FACT_V2_NONE,
    FACT_V2_NULLS,
    FACT_V2_ROWS,
    FACT_V2_DEFINITION_BYTES,
    FACT_V2_REPETITION_BYTES,
} Fact;

/* The file with `add` added to one fact. */
void tiny_file_build(Buffer *to, Fact fact, int64_t add);

#endif
