#include "format/parquet/layout.h"

#define PLAIN_TYPE                                                                                 \
    {                                                                                              \
        {.kind = LOGICAL_NONE}, CONVERTED_NONE                                                     \
    }
#define WORD(logical, converted)                                                                   \
    {                                                                                              \
        {.kind = (logical)}, (converted)                                                           \
    }
#define INTEGER(bits, is_signed_, converted)                                                       \
    {                                                                                              \
        {.kind = LOGICAL_INTEGER, .bit_width = (bits), .is_signed = (is_signed_)}, (converted)     \
    }
#define MICROS(logical, is_utc_, converted)                                                        \
    {                                                                                              \
        {.kind = (logical), .is_utc = (is_utc_), .unit = UNIT_MICROS}, (converted)                 \
    }

static const struct {
    LogicalType logical; /* decimals: scale and precision come from the column */
    ConvertedType converted;
} ANNOTATIONS[] = {
    [TYPE_BOOL] = PLAIN_TYPE,
    [TYPE_INT8] = INTEGER(8, true, CONVERTED_INT_8),
    [TYPE_INT16] = INTEGER(16, true, CONVERTED_INT_16),
    [TYPE_INT32] = PLAIN_TYPE,
    [TYPE_INT64] = PLAIN_TYPE,
    [TYPE_UINT8] = INTEGER(8, false, CONVERTED_UINT_8),
    [TYPE_UINT16] = INTEGER(16, false, CONVERTED_UINT_16),
    [TYPE_UINT32] = INTEGER(32, false, CONVERTED_UINT_32),
    [TYPE_UINT64] = INTEGER(64, false, CONVERTED_UINT_64),
    [TYPE_FLOAT] = PLAIN_TYPE,
    [TYPE_DOUBLE] = PLAIN_TYPE,
    [TYPE_DECIMAL] = WORD(LOGICAL_DECIMAL, CONVERTED_DECIMAL),
    [TYPE_DATE] = WORD(LOGICAL_DATE, CONVERTED_DATE),
    [TYPE_TIME] = MICROS(LOGICAL_TIME, false, CONVERTED_TIME_MICROS),
    [TYPE_TIMESTAMP] = MICROS(LOGICAL_TIMESTAMP, false, CONVERTED_TIMESTAMP_MICROS),
    [TYPE_TIMESTAMPTZ] = MICROS(LOGICAL_TIMESTAMP, true, CONVERTED_TIMESTAMP_MICROS),
    [TYPE_TEXT] = WORD(LOGICAL_STRING, CONVERTED_UTF8),
    [TYPE_JSON] = WORD(LOGICAL_JSON, CONVERTED_JSON),
    [TYPE_BINARY] = PLAIN_TYPE,
    [TYPE_UUID] = WORD(LOGICAL_UUID, CONVERTED_NONE),
};

static void
annotate_leaf(LeafLayout *layout)
{
    layout->logical = ANNOTATIONS[layout->type->kind].logical;
    layout->converted = ANNOTATIONS[layout->type->kind].converted;
    if (layout->logical.kind == LOGICAL_DECIMAL) {
        layout->logical.scale = layout->type->scale;
        layout->logical.precision = layout->type->precision;
    }
}

static bool
is_unsigned(TypeKind kind)
{
    return kind == TYPE_UINT8 || kind == TYPE_UINT16 || kind == TYPE_UINT32 || kind == TYPE_UINT64;
}

/* Physical type and order follow from the storage; only signs and text need the type. */
static void
place_leaf(LeafLayout *layout)
{
    static const struct {
        PhysicalType physical;
        BoundsOrder bounds;
    } PLACES[] = {
        [STORAGE_BOOL] = {PHYSICAL_BOOLEAN, BOUNDS_BOOL},
        [STORAGE_I32] = {PHYSICAL_INT32, BOUNDS_I32},
        [STORAGE_I64] = {PHYSICAL_INT64, BOUNDS_I64},
        [STORAGE_I128] = {PHYSICAL_FIXED, BOUNDS_I128},
        [STORAGE_F32] = {PHYSICAL_FLOAT, BOUNDS_F32},
        [STORAGE_F64] = {PHYSICAL_DOUBLE, BOUNDS_F64},
        [STORAGE_FIXED16] = {PHYSICAL_FIXED, BOUNDS_NONE},
        [STORAGE_BYTES] = {PHYSICAL_BYTE_ARRAY, BOUNDS_TEXT},
    };

    layout->physical = PLACES[layout->storage].physical;
    layout->bounds = PLACES[layout->storage].bounds;
    if (is_unsigned(layout->type->kind))
        layout->bounds = layout->storage == STORAGE_I32 ? BOUNDS_U32 : BOUNDS_U64;
    if (layout->type->kind == TYPE_BINARY)
        layout->bounds = BOUNDS_BYTES;
    layout->stored_bytes = type_width_bytes(layout->type);
    layout->encoded_bytes = layout->stored_bytes;
    layout->type_length = -1;
    if (layout->storage == STORAGE_I128)
        layout->encoded_bytes = (size_t)layout_decimal_bytes(layout->type->precision);
    if (layout->physical == PHYSICAL_FIXED)
        layout->type_length = (int32_t)layout->encoded_bytes;
}

void
layout_init(LeafLayout *layout, const ColumnSchema *column)
{
    bool is_list = column->type.kind == TYPE_LIST;

    *layout = (LeafLayout){
        .column = column,
        .type = is_list ? column->type.element : &column->type,
        .is_list = is_list,
        .has_nulls = !column->is_required,
    };
    layout->storage = type_storage(layout->type);
    place_leaf(layout);
    annotate_leaf(layout);
}

int32_t
layout_decimal_bytes(int precision)
{
    UInt128 limit = 1; /* largest value + 1 */
    int32_t bytes = 1;

    for (int digit = 0; digit < precision; digit++)
        limit *= 10;
    while ((UInt128)1 << (8 * bytes - 1) < limit)
        bytes++;
    return bytes;
}

size_t
layout_element_count(const LeafLayout *layout)
{
    return layout->is_list ? 3 : 1;
}

static void
write_time_unit(ThriftWriter *out, int id)
{
    thrift_struct(out, id);
    thrift_empty_struct(out, UNIT_MICROS);
    thrift_end(out);
}

static void
write_logical_fields(ThriftWriter *out, const LogicalType *logical)
{
    switch (logical->kind) {
    case LOGICAL_DECIMAL:
        thrift_i32(out, 1, logical->scale);
        thrift_i32(out, 2, logical->precision);
        return;
    case LOGICAL_TIME:
    case LOGICAL_TIMESTAMP:
        thrift_bool(out, 1, logical->is_utc);
        write_time_unit(out, 2);
        return;
    case LOGICAL_INTEGER:
        thrift_i8(out, 1, logical->bit_width);
        thrift_bool(out, 2, logical->is_signed);
        return;
    default:
        return;
    }
}

static void
write_logical(ThriftWriter *out, int id, const LogicalType *logical)
{
    if (logical->kind == LOGICAL_NONE)
        return;
    thrift_struct(out, id);
    thrift_struct(out, (int)logical->kind);
    write_logical_fields(out, logical);
    thrift_end(out);
    thrift_end(out);
}

static void
write_leaf(const LeafLayout *layout, const char *name, Repetition repetition, ThriftWriter *out)
{
    thrift_item_struct(out);
    thrift_i32(out, 1, (int32_t)layout->physical);
    if (layout->type_length >= 0)
        thrift_i32(out, 2, layout->type_length);
    thrift_i32(out, 3, repetition);
    thrift_text(out, 4, name);
    if (layout->converted != CONVERTED_NONE)
        thrift_i32(out, 6, layout->converted);
    if (layout->logical.kind == LOGICAL_DECIMAL) {
        thrift_i32(out, 7, layout->logical.scale);
        thrift_i32(out, 8, layout->logical.precision);
    }
    write_logical(out, 10, &layout->logical);
    thrift_end(out);
}

static void
write_list_groups(const LeafLayout *layout, Repetition repetition, ThriftWriter *out)
{
    const LogicalType list = {.kind = LOGICAL_LIST};

    thrift_item_struct(out);
    thrift_i32(out, 3, repetition);
    thrift_text(out, 4, layout->column->name);
    thrift_i32(out, 5, 1);
    thrift_i32(out, 6, CONVERTED_LIST);
    write_logical(out, 10, &list);
    thrift_end(out);

    thrift_item_struct(out);
    thrift_i32(out, 3, REPETITION_REPEATED);
    thrift_text(out, 4, "list");
    thrift_i32(out, 5, 1);
    thrift_end(out);
}

void
layout_write_elements(const LeafLayout *layout, ThriftWriter *out)
{
    Repetition repetition = layout->has_nulls ? REPETITION_OPTIONAL : REPETITION_REQUIRED;

    if (!layout->is_list) {
        write_leaf(layout, layout->column->name, repetition, out);
        return;
    }
    write_list_groups(layout, repetition, out);
    write_leaf(layout, "element", REPETITION_OPTIONAL, out);
}
