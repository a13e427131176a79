/* schema.h: the columns of a result, as described before the first row.
 *
 * Owner   built in an arena by a source's describe; read only afterwards. */
#ifndef RIVET_BATCH_SCHEMA_H
#define RIVET_BATCH_SCHEMA_H

#include "batch/type.h"

typedef struct ColumnSchema {
    const char *name;        /* as the server names it */
    const char *source_type; /* as the server spells it: "numeric(12,2)", "bigint unsigned" */
    Type type;
    bool is_required; /* only the _rivet_* columns */
    bool is_exact;    /* false: the server's text stands for the value */
} ColumnSchema;

typedef struct Schema {
    const ColumnSchema *columns;
    size_t column_count;
} Schema;

/* The columns that rivet adds. */
#define META_EXPORTED_AT "_rivet_exported_at"
#define META_ROW_HASH    "_rivet_row_hash"

/* Index of the column of exactly this name, or column_count. */
size_t schema_find(const Schema *schema, const char *name);
/* At least 1. Source: spec behaviour §5 */
size_t schema_estimate_row_bytes(const Schema *schema);

#endif
