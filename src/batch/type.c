#include "batch/type.h"

static const struct {
    const char *name;
    Storage storage;
    size_t estimate_bytes;
} KINDS[] = {
    [TYPE_BOOL] = {"Boolean", STORAGE_BOOL, 1},
    [TYPE_INT8] = {"Int8", STORAGE_I32, 1},
    [TYPE_INT16] = {"Int16", STORAGE_I32, 2},
    [TYPE_INT32] = {"Int32", STORAGE_I32, 4},
    [TYPE_INT64] = {"Int64", STORAGE_I64, 8},
    [TYPE_UINT8] = {"UInt8", STORAGE_I32, 1},
    [TYPE_UINT16] = {"UInt16", STORAGE_I32, 2},
    [TYPE_UINT32] = {"UInt32", STORAGE_I32, 4},
    [TYPE_UINT64] = {"UInt64", STORAGE_I64, 8},
    [TYPE_FLOAT] = {"Float32", STORAGE_F32, 4},
    [TYPE_DOUBLE] = {"Float64", STORAGE_F64, 8},
    [TYPE_DECIMAL] = {NULL, STORAGE_I128, 256}, /* counted as text, spec: extraction §6 */
    [TYPE_DATE] = {"Date32", STORAGE_I32, 4},
    [TYPE_TIME] = {"Time64(Microsecond)", STORAGE_I64, 8},
    [TYPE_TIMESTAMP] = {"Timestamp(Microsecond, None)", STORAGE_I64, 8},
    [TYPE_TIMESTAMPTZ] = {"Timestamp(Microsecond, Some(\"UTC\"))", STORAGE_I64, 8},
    [TYPE_TEXT] = {"Utf8", STORAGE_BYTES, 256},
    [TYPE_JSON] = {"Utf8", STORAGE_BYTES, 256},
    [TYPE_BINARY] = {"Binary", STORAGE_BYTES, 256},
    [TYPE_UUID] = {"FixedSizeBinary(16)", STORAGE_FIXED16, 64},
    [TYPE_LIST] = {NULL, STORAGE_LIST, 64},
};

static const size_t WIDTHS[] = {
    [STORAGE_BOOL] = 1,     [STORAGE_I32] = 4,   [STORAGE_I64] = 8,
    [STORAGE_I128] = 16,    [STORAGE_F32] = 4,   [STORAGE_F64] = 8,
    [STORAGE_FIXED16] = 16, [STORAGE_BYTES] = 0, [STORAGE_LIST] = 0,
};

Storage
type_storage(const Type *type)
{
    if (type->kind == TYPE_DECIMAL && type->precision <= 18)
        return type->precision <= 9 ? STORAGE_I32 : STORAGE_I64;
    return KINDS[type->kind].storage;
}

size_t
type_width_bytes(const Type *type)
{
    return WIDTHS[type_storage(type)];
}

bool
type_equal(const Type *a, const Type *b)
{
    if (a->kind != b->kind || a->precision != b->precision || a->scale != b->scale ||
        a->is_epoch_2000 != b->is_epoch_2000)
        return false;
    return a->kind != TYPE_LIST || type_equal(a->element, b->element);
}

void
type_name(const Type *type, char name[TYPE_NAME_BYTES])
{
    char element[TYPE_NAME_BYTES];

    if (type->kind == TYPE_DECIMAL) {
        snprintf(name, TYPE_NAME_BYTES, "Decimal128(%d, %d)", type->precision, type->scale);
    } else if (type->kind == TYPE_LIST) {
        type_name(type->element, element);
        snprintf(name, TYPE_NAME_BYTES, "List(%.*s)", TYPE_NAME_BYTES - 8, element);
    } else {
        snprintf(name, TYPE_NAME_BYTES, "%s", KINDS[type->kind].name);
    }
}

size_t
type_estimate_bytes(const Type *type)
{
    return KINDS[type->kind].estimate_bytes;
}
