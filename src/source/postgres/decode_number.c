#include "source/postgres/bytes.h"
#include "source/postgres/decode.h"

PG_DECODER(pg_decode_bool)
{
    (void)wire;
    if (UNLIKELY(size_bytes != 1))
        return pg_wire_broken(field, err);
    column_append_bool(column, bytes[0] != 0);
    return true;
}

/* Into any integer column. */
PG_DECODER(pg_decode_bool_integer)
{
    (void)wire;
    if (size_bytes != 1)
        return pg_wire_broken(field, err);
    if (column->storage == STORAGE_I32)
        column_append_i32(column, bytes[0] != 0);
    else
        column_append_i64(column, bytes[0] != 0);
    return true;
}

PG_DECODER(pg_decode_int2)
{
    (void)wire;
    if (UNLIKELY(size_bytes != 2))
        return pg_wire_broken(field, err);
    column_append_i32(column, load_i16(bytes));
    return true;
}

PG_DECODER(pg_decode_int4)
{
    (void)wire;
    if (UNLIKELY(size_bytes != 4))
        return pg_wire_broken(field, err);
    column_append_i32(column, load_i32(bytes));
    return true;
}

PG_DECODER(pg_decode_int8)
{
    (void)wire;
    if (UNLIKELY(size_bytes != 8))
        return pg_wire_broken(field, err);
    column_append_i64(column, load_i64(bytes));
    return true;
}

PG_DECODER(pg_decode_uint4)
{
    (void)wire;
    if (UNLIKELY(size_bytes != 4))
        return pg_wire_broken(field, err);
    column_append_i64(column, (int64_t)load_u32(bytes));
    return true;
}

static float
load_float(const uint8_t *bytes)
{
    uint32_t bits = load_u32(bytes);
    float value;

    memcpy(&value, &bits, sizeof(value));
    return value;
}

static double
load_double(const uint8_t *bytes)
{
    uint64_t bits = load_u64(bytes);
    double value;

    memcpy(&value, &bits, sizeof(value));
    return value;
}

PG_DECODER(pg_decode_float4)
{
    (void)wire;
    if (UNLIKELY(size_bytes != 4))
        return pg_wire_broken(field, err);
    column_append_f32(column, load_float(bytes));
    return true;
}

PG_DECODER(pg_decode_float8)
{
    (void)wire;
    if (UNLIKELY(size_bytes != 8))
        return pg_wire_broken(field, err);
    column_append_f64(column, load_double(bytes));
    return true;
}

PG_DECODER(pg_decode_float4_double)
{
    (void)wire;
    if (size_bytes != 4)
        return pg_wire_broken(field, err);
    column_append_f64(column, (double)load_float(bytes));
    return true;
}

PG_DECODER(pg_decode_float8_float)
{
    (void)wire;
    if (size_bytes != 8)
        return pg_wire_broken(field, err);
    double value = load_double(bytes);
    /* Beyond float's range the conversion itself is undefined. */
    bool is_finite = __builtin_isfinite(value);
    if (is_finite && __builtin_fabs(value) > (double)__FLT_MAX__)
        return pg_value_error(field, err, "a number is out of the range of float");
    float narrow = (float)value;
    if (is_finite && (double)narrow != value)
        return pg_value_error(field, err, "a number has more digits than float can hold");
    column_append_f32(column, narrow);
    return true;
}
