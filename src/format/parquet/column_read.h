/* column_read.h: the values and levels of one column chunk, in batches.
 *
 * Shape    a batch holds up to VALUE_BATCH_MAX level entries of one page and the values of those
 *          whose definition level is the leaf's maximum; no batch crosses a page.
 *            row 0: [1, NULL], row 1: NULL, of an optional list of optional elements:
 *            repetition 0 1 0 · definition 3 2 0 · values 1
 * Memory   two pages, the dictionary, and a batch.
 * Errors   ERR_FORMAT, ERR_UNSUPPORTED, ERR_BUDGET; the context names row group, column, page and
 *          offset.
 * Source   spec: parquet §1.4, §1.12 */
#ifndef RIVET_FORMAT_PARQUET_COLUMN_READ_H
#define RIVET_FORMAT_PARQUET_COLUMN_READ_H

#include "format/parquet/page_read.h"
#include "format/parquet/value_decode.h"

typedef struct ColumnBatch {
    size_t level_count;
    size_t value_count;
    size_t row_count;           /* rows that start in this batch */
    const uint8_t *definitions; /* level_count of them; NULL when the maximum is 0 */
    const uint8_t *repetitions; /* likewise */
    const void *values;         /* value_count, laid out as value_decode.h says */
    bool is_page_end;
} ColumnBatch;

/* Levels of one kind in one page. */
typedef struct LevelReader {
    unsigned width; /* 0: all levels are 0 and take no bytes */
    uint8_t max;
    bool is_bit_packed; /* the deprecated encoding */
    HybridReader hybrid;
    const uint8_t *bytes;
    size_t size_bytes;
    uint64_t position;
} LevelReader;

typedef struct ColumnReader {
    PageReader pages;
    size_t row_group;
    size_t leaf_index;
    const SchemaLeaf *leaf;
    bool is_strict;
    bool has_dictionary;
    DictionaryValues dictionary;
    uint32_t encodings; /* bit e: a page's values, dictionary or levels were in Encoding e */
    /* Pages seen, by the encoding of their values; others than Parquet's own are in none. */
    int32_t dictionary_pages[ENCODING_COUNT];
    int32_t data_pages[ENCODING_COUNT];
    int32_t data_v2_pages[ENCODING_COUNT];
    uint64_t level_left;     /* in the column chunk */
    size_t page_count;       /* data pages started */
    int32_t page_level_left; /* in the page at hand, likewise below */
    uint64_t page_null_count;
    uint64_t page_row_count;
    bool is_in_page;
    LevelReader definition;
    LevelReader repetition;
    ValueDecoder values;
    uint8_t definition_levels[VALUE_BATCH_MAX];
    uint8_t repetition_levels[VALUE_BATCH_MAX];
    BytesView slots[VALUE_BATCH_MAX]; /* the widest form of a value */
} ColumnReader;

/* is_strict refuses what other readers stumble over though the values can be had: bytes left over
 * in a page or chunk, packed runs that are not padded, 33-bit deltas of INT32, counts of a V2
 * header that its levels contradict. */
MUST_USE bool column_reader_open(const ParquetFile *file, size_t row_group, size_t leaf,
                                 bool is_strict, ColumnReader **out, Error *err);
/* *has_batch is false when all values of the column chunk have been read. */
MUST_USE bool column_reader_next(ColumnReader *reader, ColumnBatch *out, bool *has_batch,
                                 Error *err);
void column_reader_free(ColumnReader *reader);

#endif
