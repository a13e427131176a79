/* footer_read.h: what a Parquet file says about itself, parsed and checked for sense.
 *
 * Shape    ParquetFile: footer structs in an arena; every BytesView points into `footer_bytes`.
 *          Leaves are the columns that hold values, in schema order; each row group has one
 *          FooterColumn per leaf.
 * Limits   the parsed form may take 64 MiB + 16 × the footer's bytes, at most
 *          footer_memory_max_bytes; schemas nest SCHEMA_DEPTH_MAX deep.
 * Errors   ERR_FORMAT for what contradicts itself or the format, ERR_UNSUPPORTED for an encrypted
 *          footer, ERR_BUDGET, the file's own. No offset or size of a column chunk is trusted
 *          here: those who follow them check them.
 * Source   spec: parquet §1.1, §1.3 */
#ifndef RIVET_FORMAT_PARQUET_FOOTER_READ_H
#define RIVET_FORMAT_PARQUET_FOOTER_READ_H

#include "format/parquet/format_types.h"
#include "util/arena.h"
#include "util/readable.h"

enum { SCHEMA_DEPTH_MAX = 60, ENCODING_STATS_KEPT = 8, PATH_PARTS_KEPT = 4 };

typedef struct ReadLimits {
    size_t footer_max_bytes;
    size_t footer_memory_max_bytes;
    size_t page_max_bytes; /* of a page body, compressed or not */
} ReadLimits;

/* 512 MiB, 1 GiB, 2 GiB − 1: what the format allows, short of a footer nobody could mean. */
extern const ReadLimits READ_LIMITS_DEFAULT;

typedef struct SchemaLeaf {
    uint32_t element; /* its place in schema */
    PhysicalType type;
    size_t fixed_bytes; /* FIXED only, else 0 */
    uint8_t max_definition;
    uint8_t max_repetition;
} SchemaLeaf;

typedef struct FooterColumn {
    ColumnChunk chunk;
    BytesView file_path; /* data in another file; never ours */
    bool has_meta;       /* false only when encrypted */
    bool is_encrypted;
} FooterColumn;

typedef struct SortingColumn {
    int32_t column;
    bool is_descending;
    bool is_nulls_first;
} SortingColumn;

typedef struct FooterRowGroup {
    FooterColumn *columns; /* leaf_count of them */
    SortingColumn *sorting;
    size_t sorting_count;
    int64_t uncompressed_size;
    int64_t row_count;
    int64_t file_offset; /* -1 when absent, likewise below */
    int64_t compressed_size;
    int32_t ordinal;
} FooterRowGroup;

typedef struct FooterKeyValue {
    BytesView key, value;
} FooterKeyValue;

typedef struct ParquetFile {
    const Readable *from;
    ReadLimits limits;
    uint64_t footer_offset; /* row groups and indexes lie before it */
    uint32_t footer_size;
    bool has_trailing_bytes; /* behind the footer's struct, before its length */
    int32_t version;
    int64_t row_count; /* as the footer says */
    int64_t row_sum;   /* of the row groups */
    SchemaElement *schema;
    uint32_t *parents; /* of each schema element; the root's is itself */
    size_t schema_count;
    SchemaLeaf *leaves;
    size_t leaf_count;
    FooterRowGroup *row_groups;
    size_t row_group_count;
    FooterKeyValue *key_values;
    size_t key_value_count;
    BytesView created_by;
    uint8_t *column_orders; /* union member of each; 1 TYPE_ORDER */
    size_t column_order_count;
    Arena arena;
    uint8_t *footer_bytes;
} ParquetFile;

/* `from` must outlive the file. limits NULL: READ_LIMITS_DEFAULT. On failure nothing is held. */
MUST_USE bool parquet_file_open(ParquetFile *file, const Readable *from, const ReadLimits *limits,
                                Error *err);
void parquet_file_release(ParquetFile *file); /* zeroed is fine */

/* Parses footer bytes that are the caller's; what parquet_file_open does once it has them. */
MUST_USE bool footer_parse(ParquetFile *file, const uint8_t *bytes, size_t size_bytes, Error *err);

/* "a.b.c" of a leaf, cut at the end of text. */
void leaf_path(const ParquetFile *file, size_t leaf, char *text, size_t size_bytes);

/* Where the pages of a column chunk start; the dictionary page comes first. */
int64_t column_start_offset(const ColumnMetaData *meta);

#endif
