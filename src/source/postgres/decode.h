/* decode.h: the decoders of single fields; see PgDecoder in wire.h. */
#ifndef RIVET_SOURCE_POSTGRES_DECODE_H
#define RIVET_SOURCE_POSTGRES_DECODE_H

#include "source/postgres/wire.h"

#define PG_DECODER(name)                                                                           \
    bool name(PgWire *wire, const PgField *field, const uint8_t *bytes, size_t size_bytes,         \
              Column *column, Error *err)

/* decode_number.c: each into the storage of its own type */
PG_DECODER(pg_decode_bool);
PG_DECODER(pg_decode_bool_integer); /* bool as 0 or 1 */
PG_DECODER(pg_decode_int2);
PG_DECODER(pg_decode_int4);
PG_DECODER(pg_decode_int8);
PG_DECODER(pg_decode_uint4); /* oid, xid into int64 */
PG_DECODER(pg_decode_float4);
PG_DECODER(pg_decode_float8);
PG_DECODER(pg_decode_float4_double);
PG_DECODER(pg_decode_float8_float); /* exactly */

/* decode_numeric.c */
PG_DECODER(pg_decode_numeric_i32); /* decimals by storage */
PG_DECODER(pg_decode_numeric_i64);
PG_DECODER(pg_decode_numeric_i128);
PG_DECODER(pg_decode_numeric_integer); /* into any integer type, exactly */
PG_DECODER(pg_decode_numeric_text);    /* the server's digits */
PgDecoder pg_decimal_decoder(const Type *type);

/* decode_time.c */
PG_DECODER(pg_decode_date);
PG_DECODER(pg_decode_time);
PG_DECODER(pg_decode_time_text);
PG_DECODER(pg_decode_timetz_text);
PG_DECODER(pg_decode_timestamp); /* either epoch, with or without zone */
PG_DECODER(pg_decode_interval_text);
PG_DECODER(pg_decode_interval_us);   /* int64 microseconds */
PG_DECODER(pg_decode_interval_time); /* within a day */
PG_DECODER(pg_decode_time_us);

/* decode_text.c */
PG_DECODER(pg_decode_text);
PG_DECODER(pg_decode_char); /* "char" */
PG_DECODER(pg_decode_jsonb);
PG_DECODER(pg_decode_binary);
PG_DECODER(pg_decode_jsonb_binary);
PG_DECODER(pg_decode_binary_text); /* bytes that must be UTF-8 */
PG_DECODER(pg_decode_binary_uuid); /* bytes that must be 16 */
PG_DECODER(pg_decode_uuid);
PG_DECODER(pg_decode_uuid_text);

/* decode_list.c */
PG_DECODER(pg_decode_list);

/* override.c: text of the server into the type an override asks for */
PG_DECODER(pg_decode_converted);

/* Values that have no place in the column's type, by policy: NULL, the nearest end, or an error. */
bool pg_decode_infinity(PgWire *wire, const PgField *field, bool is_positive, Column *column,
                        Error *err);
bool pg_decode_no_decimal(PgWire *wire, const PgField *field, bool is_nan, Column *column,
                          Error *err);

#endif
