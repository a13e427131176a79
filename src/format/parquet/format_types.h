/* format_types.h: the words of the Parquet format: its enums and the facts its structs carry.
 *
 * Values   enum numbers are the ones in the file.
 * Absent   an optional number is -1, an optional text has data NULL; has_… where both are legal
 *          values of the field.
 * Owner    a BytesView borrows: from the footer's bytes when reading, from the schema when writing.
 * Source   spec: parquet §1.3; parquet-format, parquet.thrift */
#ifndef RIVET_FORMAT_PARQUET_FORMAT_TYPES_H
#define RIVET_FORMAT_PARQUET_FORMAT_TYPES_H

#include "util/base.h"

#define PARQUET_MAGIC "PAR1"
enum { PARQUET_MAGIC_BYTES = 4, PARQUET_TAIL_BYTES = 8 /* footer length and magic */ };

typedef struct BytesView {
    const uint8_t *data;
    size_t size;
} BytesView;

typedef enum PhysicalType {
    PHYSICAL_BOOLEAN = 0,
    PHYSICAL_INT32 = 1,
    PHYSICAL_INT64 = 2,
    PHYSICAL_INT96 = 3,
    PHYSICAL_FLOAT = 4,
    PHYSICAL_DOUBLE = 5,
    PHYSICAL_BYTE_ARRAY = 6,
    PHYSICAL_FIXED = 7, /* FIXED_LEN_BYTE_ARRAY */
} PhysicalType;

typedef enum ConvertedType {
    CONVERTED_NONE = -1,
    CONVERTED_UTF8 = 0,
    CONVERTED_MAP = 1,
    CONVERTED_MAP_KEY_VALUE = 2,
    CONVERTED_LIST = 3,
    CONVERTED_ENUM = 4,
    CONVERTED_DECIMAL = 5,
    CONVERTED_DATE = 6,
    CONVERTED_TIME_MILLIS = 7,
    CONVERTED_TIME_MICROS = 8,
    CONVERTED_TIMESTAMP_MILLIS = 9,
    CONVERTED_TIMESTAMP_MICROS = 10,
    CONVERTED_UINT_8 = 11,
    CONVERTED_UINT_16 = 12,
    CONVERTED_UINT_32 = 13,
    CONVERTED_UINT_64 = 14,
    CONVERTED_INT_8 = 15,
    CONVERTED_INT_16 = 16,
    CONVERTED_INT_32 = 17,
    CONVERTED_INT_64 = 18,
    CONVERTED_JSON = 19,
    CONVERTED_BSON = 20,
    CONVERTED_INTERVAL = 21,
} ConvertedType;

/* Field ids of the union LogicalType. */
typedef enum LogicalKind {
    LOGICAL_NONE = 0,
    LOGICAL_STRING = 1,
    LOGICAL_MAP = 2,
    LOGICAL_LIST = 3,
    LOGICAL_ENUM = 4,
    LOGICAL_DECIMAL = 5,
    LOGICAL_DATE = 6,
    LOGICAL_TIME = 7,
    LOGICAL_TIMESTAMP = 8,
    LOGICAL_INTEGER = 10,
    LOGICAL_UNKNOWN = 11,
    LOGICAL_JSON = 12,
    LOGICAL_BSON = 13,
    LOGICAL_UUID = 14,
    LOGICAL_FLOAT16 = 15,
    LOGICAL_VARIANT = 16,
    LOGICAL_GEOMETRY = 17,
    LOGICAL_GEOGRAPHY = 18,
    LOGICAL_FILE = 19,
} LogicalKind;

/* Field ids of the union TimeUnit. */
typedef enum TimeUnit { UNIT_NONE = 0, UNIT_MILLIS = 1, UNIT_MICROS = 2, UNIT_NANOS = 3 } TimeUnit;

typedef enum Repetition {
    REPETITION_NONE = -1, /* the root */
    REPETITION_REQUIRED = 0,
    REPETITION_OPTIONAL = 1,
    REPETITION_REPEATED = 2,
} Repetition;

typedef enum PageType {
    PAGE_DATA = 0,
    PAGE_INDEX = 1,
    PAGE_DICTIONARY = 2,
    PAGE_DATA_V2 = 3,
} PageType;

typedef enum BoundaryOrder {
    BOUNDARY_UNORDERED = 0,
    BOUNDARY_ASCENDING = 1,
    BOUNDARY_DESCENDING = 2,
} BoundaryOrder;

typedef enum Encoding {
    ENCODING_PLAIN = 0,
    ENCODING_PLAIN_DICTIONARY = 2, /* old name of RLE_DICTIONARY */
    ENCODING_RLE = 3,
    ENCODING_BIT_PACKED = 4, /* old, levels only */
    ENCODING_DELTA_BINARY_PACKED = 5,
    ENCODING_DELTA_LENGTH_BYTE_ARRAY = 6,
    ENCODING_DELTA_BYTE_ARRAY = 7,
    ENCODING_RLE_DICTIONARY = 8,
    ENCODING_BYTE_STREAM_SPLIT = 9,
    ENCODING_ALP = 10,
} Encoding;
enum { ENCODING_COUNT = 11 };

typedef enum CodecId {
    CODEC_NONE = 0,
    CODEC_SNAPPY = 1,
    CODEC_GZIP = 2,
    CODEC_LZO = 3,
    CODEC_BROTLI = 4,
    CODEC_LZ4_OLD = 5, /* three framings in the wild; never written */
    CODEC_ZSTD = 6,
    CODEC_LZ4_RAW = 7,
} CodecId;

typedef struct LogicalType {
    LogicalKind kind;
    int32_t scale, precision; /* DECIMAL */
    bool is_utc;              /* TIME, TIMESTAMP */
    TimeUnit unit;            /* TIME, TIMESTAMP */
    int8_t bit_width;         /* INTEGER */
    bool is_signed;           /* INTEGER */
} LogicalType;

typedef struct SchemaElement {
    BytesView name;
    int32_t type;        /* PhysicalType; -1: a group */
    int32_t type_length; /* FIXED only, else -1 */
    Repetition repetition;
    int32_t child_count; /* groups only, else 0 */
    ConvertedType converted;
    int32_t scale, precision; /* -1 when absent */
    LogicalType logical;
} SchemaElement;

typedef struct Statistics {
    bool has_null_count, has_nan_count, has_distinct_count;
    int64_t null_count, nan_count, distinct_count;
    BytesView min_value, max_value; /* PLAIN without length prefix */
    BytesView old_min, old_max;     /* deprecated fields 2 and 1; never written */
    bool is_min_exact, is_max_exact;
} Statistics;

typedef struct PageEncodingStats {
    int32_t page_type;
    int32_t encoding;
    int32_t count;
} PageEncodingStats;

typedef struct ColumnMetaData {
    int32_t type;
    uint32_t encodings; /* bit e set: Encoding e is listed */
    BytesView path[4];  /* path_in_schema; our schemas nest at most three deep */
    size_t path_count;  /* as in the file, also beyond the array */
    int32_t codec;
    int64_t value_count;                        /* nulls included */
    int64_t uncompressed_size, compressed_size; /* page headers and dictionary page included */
    int64_t data_page_offset;
    int64_t dictionary_page_offset; /* -1 when there is none */
    Statistics statistics;
    PageEncodingStats encoding_stats[8];
    size_t encoding_stats_count; /* as in the file, also beyond the array */
    int64_t bloom_offset;        /* -1 when there is none */
    int32_t bloom_length;
    int64_t unencoded_bytes; /* SizeStatistics 1; -1 when absent */
} ColumnMetaData;

typedef struct ColumnChunk {
    ColumnMetaData meta;
    int64_t offset_index_offset; /* -1 when there is none, likewise below */
    int32_t offset_index_length;
    int64_t column_index_offset;
    int32_t column_index_length;
} ColumnChunk;

typedef struct PageHeader {
    int32_t type;                               /* PageType */
    int32_t uncompressed_size, compressed_size; /* neither counts the header */
    bool has_crc;
    uint32_t crc;
    int32_t value_count; /* nulls included */
    int32_t encoding;
    /* Data pages V1 */
    int32_t definition_encoding, repetition_encoding;
    /* Data pages V2 */
    int32_t null_count, row_count, definition_bytes, repetition_bytes;
    bool is_compressed; /* default true */
} PageHeader;

typedef struct PageLocation {
    int64_t offset;
    int32_t compressed_size; /* header included */
    int64_t first_row;       /* within the row group */
} PageLocation;

#endif
