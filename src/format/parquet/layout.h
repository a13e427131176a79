/* layout.h: how a column of the schema lies in the file.
 *
 * A column has one leaf. A flat one is that leaf; a list is three levels, `c (LIST) { repeated
 * group list { optional element } }`, and its leaf is the element.
 * Source  spec: parquet §1.12 and §2, types */
#ifndef RIVET_FORMAT_PARQUET_LAYOUT_H
#define RIVET_FORMAT_PARQUET_LAYOUT_H

#include "batch/schema.h"
#include "format/parquet/format_types.h"
#include "format/parquet/thrift_write.h"
#include "util/buffer.h"

/* How bounds are compared and written. */
typedef enum BoundsOrder {
    BOUNDS_NONE, /* uuid: readers disagree on its order, so none are written */
    BOUNDS_BOOL,
    BOUNDS_I32,
    BOUNDS_U32,
    BOUNDS_I64,
    BOUNDS_U64,
    BOUNDS_I128, /* decimal on FIXED, big-endian */
    BOUNDS_F32,
    BOUNDS_F64,
    BOUNDS_BYTES, /* unsigned bytewise; cut anywhere */
    BOUNDS_TEXT,  /* the same; cut between code points */
} BoundsOrder;

/* Definition levels of a list's leaf; a flat column has 0 (NULL) and 1. */
enum { LEVEL_LIST_NULL = 0, LEVEL_LIST_EMPTY = 1, LEVEL_ELEMENT_NULL = 2, LEVEL_ELEMENT = 3 };

typedef struct LeafLayout {
    const ColumnSchema *column;
    const Type *type; /* of the leaf's values */
    Storage storage;
    bool is_list;
    bool has_nulls; /* the column is OPTIONAL */
    PhysicalType physical;
    int32_t type_length;  /* FIXED: bytes of a value, else -1 */
    size_t stored_bytes;  /* one value in a Column; 0: BYTES */
    size_t encoded_bytes; /* one value in PLAIN; 0: BYTES; 1 stands for a boolean */
    BoundsOrder bounds;
    LogicalType logical;
    ConvertedType converted;
} LeafLayout;

void layout_init(LeafLayout *layout, const ColumnSchema *column);

/* Fewest bytes of a two's complement number that hold every decimal of this precision. */
int32_t layout_decimal_bytes(int precision);

/* Appends the SchemaElements of the column to a list of them, and says how many they are. */

size_t layout_element_count(const LeafLayout *layout);
void layout_write_elements(const LeafLayout *layout, ThriftWriter *out);

#endif
