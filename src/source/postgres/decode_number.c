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

PG_DECODER(pg_decode_float4)
{
    (void)wire;
    if (UNLIKELY(size_bytes != 4))
        return pg_wire_broken(field, err);
    uint32_t bits = load_u32(bytes);
    float value;
    memcpy(&value, &bits, sizeof(value));
    column_append_f32(column, value);
    return true;
}

PG_DECODER(pg_decode_float8)
{
    (void)wire;
    if (UNLIKELY(size_bytes != 8))
        return pg_wire_broken(field, err);
    uint64_t bits = load_u64(bytes);
    double value;
    memcpy(&value, &bits, sizeof(value));
    column_append_f64(column, value);
    return true;
}
