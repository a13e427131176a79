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

/* Appends one value of a column that no style describes; random is a function of the row. */
typedef void (*AppendEdge)(Column *column, uint64_t random, uint64_t row);

typedef struct RowColumn {
    Type element; /* of a list */
    RowStyle style;
    unsigned null_percent;
    char name[64];
    AppendEdge append; /* instead of the style; NULL: by style */
} RowColumn;

typedef struct RowSet {
    Schema schema;
    ColumnSchema *columns;
    RowColumn *details;
    uint64_t seed;
} RowSet;

/* All types × styles, flat; lists of each type too when has_lists. */
void row_set_init(RowSet *set, uint64_t seed, unsigned null_percent, bool has_lists);
/* Adds what the styles leave out: every width of decimals, the servers' first and last moments,
 * NaN, signed zeros, long and boundless text, dictionaries given up half-way, long lists, and the
 * required columns. */
void row_set_add_edges(RowSet *set, unsigned null_percent);
/* Takes away the types that `types: portable` never writes and Spark refuses: TIME and UUID. */
void row_set_keep_portable(RowSet *set);
void row_set_release(RowSet *set);

/* Rows [first, first + count) into an empty batch of the set's schema. */
void row_set_fill(const RowSet *set, uint64_t first, size_t count, Batch *batch);

/* A random number that is a function of its arguments. */
uint64_t row_random(uint64_t seed, uint64_t column, uint64_t row, uint64_t draw);

#endif
