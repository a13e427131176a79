/* parquet_rows.h: made-up rows for the tests of the Parquet writer.
 *
 * Columns every logical type in three styles, flat and as list:
 *   spread  extremes and random values, hardly one twice: dictionaries refuse it
 *   few     a handful of distinct values: dictionaries take it
 *   sorted  rising slowly, in runs
 * Rows    a function of seed, column and row number alone, so that any cut of the same rows into
 *         batches holds the same values. */
#ifndef RIVET_TESTS_SUPPORT_PARQUET_ROWS_H
#define RIVET_TESTS_SUPPORT_PARQUET_ROWS_H

#include "batch/batch.h"

typedef enum RowStyle { STYLE_SPREAD, STYLE_FEW, STYLE_SORTED } RowStyle;
enum { STYLE_COUNT = 3 };

typedef struct RowColumn {
    Type element; /* of a list */
    RowStyle style;
    unsigned null_percent;
    char name[64];
} RowColumn;

typedef struct RowSet {
    Schema schema;
    ColumnSchema *columns;
    RowColumn *details;
    uint64_t seed;
} RowSet;

/* All types × styles, flat; lists of each type too when has_lists. */
void row_set_init(RowSet *set, uint64_t seed, unsigned null_percent, bool has_lists);
void row_set_release(RowSet *set);

/* Rows [first, first + count) into an empty batch of the set's schema. */
void row_set_fill(const RowSet *set, uint64_t first, size_t count, Batch *batch);

/* A random number that is a function of its arguments. */
uint64_t row_random(uint64_t seed, uint64_t column, uint64_t row, uint64_t draw);

#endif
