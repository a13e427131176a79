/* bounds_read.h: does a column's min and max hold its values?
 *
 * Bounds are PLAIN bytes without a length. Which order they follow depends on the logical type.
 * Source  spec: parquet §1.7 */
#ifndef RIVET_FORMAT_PARQUET_BOUNDS_READ_H
#define RIVET_FORMAT_PARQUET_BOUNDS_READ_H

#include "format/parquet/footer_read.h"

typedef enum ValueOrder {
    VALUE_ORDER_NONE, /* no order is defined: bounds mean nothing */
    VALUE_ORDER_BOOL,
    VALUE_ORDER_I32,
    VALUE_ORDER_U32,
    VALUE_ORDER_I64,
    VALUE_ORDER_U64,
    VALUE_ORDER_FLOAT,
    VALUE_ORDER_DOUBLE,
    VALUE_ORDER_BYTES,   /* unsigned */
    VALUE_ORDER_DECIMAL, /* big-endian two's complement */
} ValueOrder;

ValueOrder value_order_of(const SchemaElement *element);

/* Whether the bound can be of this order: right size, not NaN. */
bool bound_is_valid(ValueOrder order, BytesView bound);
/* < 0, 0, > 0 as a is below, equal to or above b. Both are valid. */
int bound_compare(ValueOrder order, BytesView a, BytesView b);

/* Of count values as value_decode.h lays them out. NaN has no place in an order: it is counted,
 * and compared with nothing. */
bool bounds_hold(ValueOrder order, const void *values, size_t count, BytesView min, BytesView max);
size_t count_nans(ValueOrder order, const void *values, size_t count);

#endif
