/* type.h: the logical types between sources and formats.
 *
 * Sources map native types to these, formats map these to their own: N + M mappings, not N × M.
 *
 * Storage of one value in a column (column.h):
 *   BOOL     1 byte, 0 or 1
 *   I32      int8 … int32, uint8 … uint32 (bit pattern), date (days since 1970-01-01),
 *            decimal of precision ≤ 9 (unscaled)
 *   I64      int64, uint64 (bit pattern), time (µs since midnight), timestamp and timestamptz
 *            (µs since 1970-01-01), decimal ≤ 18 (unscaled)
 *   I128     decimal ≤ 38 (unscaled)
 *   F32 F64  IEEE 754, every bit kept
 *   FIXED16  uuid, bytes in text order
 *   BYTES    text, json (valid UTF-8), binary
 *   LIST     element column
 * Source  spec: types */
#ifndef RIVET_BATCH_TYPE_H
#define RIVET_BATCH_TYPE_H

#include "util/base.h"

typedef enum TypeKind {
    TYPE_BOOL,
    TYPE_INT8,
    TYPE_INT16,
    TYPE_INT32,
    TYPE_INT64,
    TYPE_UINT8,
    TYPE_UINT16,
    TYPE_UINT32,
    TYPE_UINT64,
    TYPE_FLOAT,
    TYPE_DOUBLE,
    TYPE_DECIMAL,
    TYPE_DATE,
    TYPE_TIME,
    TYPE_TIMESTAMP,   /* wall time, no zone */
    TYPE_TIMESTAMPTZ, /* an instant, UTC */
    TYPE_TEXT,
    TYPE_JSON,
    TYPE_BINARY,
    TYPE_UUID,
    TYPE_LIST,
} TypeKind;

typedef enum Storage {
    STORAGE_BOOL,
    STORAGE_I32,
    STORAGE_I64,
    STORAGE_I128,
    STORAGE_F32,
    STORAGE_F64,
    STORAGE_FIXED16,
    STORAGE_BYTES,
    STORAGE_LIST,
} Storage;

enum { DECIMAL_PRECISION_MAX = 38 };

typedef struct Type {
    TypeKind kind;
    uint8_t precision; /* decimal: 1 … 38 */
    uint8_t scale;     /* decimal: 0 … precision */
    /* Timestamps of a text output count from 2000-01-01: PostgreSQL's last ones (294276) lie
     * beyond int64 microseconds since 1970, and text can show them. */
    bool is_epoch_2000;
    const struct Type *element; /* list; never a list itself */
} Type;

Storage type_storage(const Type *type);
size_t type_width_bytes(const Type *type); /* of one stored value; 0 for BYTES and LIST */
bool type_equal(const Type *a, const Type *b);

/* Name as stored state and schema messages show it: "Int64", "Decimal128(12, 2)",
 * "Timestamp(Microsecond, Some(\"UTC\"))", "List(Utf8)". Source: spec state, version 4. */
enum { TYPE_NAME_BYTES = 96 };
void type_name(const Type *type, char name[TYPE_NAME_BYTES]);

/* Bytes of a row estimate that a column adds. Source: spec behaviour §5. */
size_t type_estimate_bytes(const Type *type);

#endif
