/* cases.h: the tables that the encode bench writes.
 *
 * A case is columns of one or several kinds, made up front, so that only writing is measured. */
#ifndef RIVET_BENCH_ENCODE_CASES_H
#define RIVET_BENCH_ENCODE_CASES_H

#include "batch/batch.h"

typedef enum DataKind {
    DATA_SERIAL,      /* int64 1, 2, 3 … */
    DATA_SKEWED,      /* int64, 10,000 values, few of them often */
    DATA_SCATTERED,   /* int32, 100,000 values, scattered */
    DATA_RANDOM,      /* int64, every one new */
    DATA_FOREIGN_KEY, /* int64, rising in runs of 3 */
    DATA_TIMESTAMP,   /* µs, rising by up to a minute */
    DATA_CENTS,       /* int64 amounts below 10,000.00 */
    DATA_PRICE,       /* double, two decimals */
    DATA_FLAG,        /* boolean */
    DATA_WORD,        /* text of 6–10 bytes, 100 values */
    DATA_NAME,        /* text of 6–14 bytes, nearly all new */
    DATA_SENTENCE,    /* text of about 120 bytes, all new */
    DATA_JSON,        /* text of about 80 bytes, all new */
    DATA_MIXED,       /* one kind after the other */
} DataKind;

typedef struct BenchCase {
    const char *name;
    DataKind kind;
    unsigned null_percent;
    size_t column_count;
    size_t row_count;
    bool has_dictionary;
    unsigned target_mbs; /* before compression; 0: none. Source: spec parquet §4.1 */
} BenchCase;

extern const BenchCase BENCH_CASES[];
extern const size_t BENCH_CASE_COUNT;

/* All rows of a case in batches of batch_rows. */
typedef struct BenchTable {
    Schema schema;
    ColumnSchema *columns;
    Batch *batches;
    size_t batch_count;
    uint64_t plain_bytes; /* of the values in PLAIN */
    uint64_t value_count;
} BenchTable;

void bench_table_init(BenchTable *table, const BenchCase *what, size_t batch_rows);
/* Adds a batch's values to plain_bytes and value_count. */
void bench_table_count(BenchTable *table, const Batch *batch);
void bench_table_release(BenchTable *table);

#endif
