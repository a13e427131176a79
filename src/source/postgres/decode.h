/* decode.h: the decoders of single fields; see PgDecoder in wire.h. */
#ifndef RIVET_SOURCE_POSTGRES_DECODE_H
#define RIVET_SOURCE_POSTGRES_DECODE_H

#include "source/postgres/wire.h"

#define PG_DECODER(name)                                                                           \
    bool name(PgWire *wire, const PgField *field, const uint8_t *bytes, size_t size_bytes,         \
              Column *column, Error *err)

/* decode_number.c: each into the storage of its own type */
PG_DECODER(pg_decode_bool);
PG_DECODER(pg_decode_int2);
PG_DECODER(pg_decode_int4);
PG_DECODER(pg_decode_int8);
PG_DECODER(pg_decode_uint4); /* oid, xid into int64 */
PG_DECODER(pg_decode_float4);
PG_DECODER(pg_decode_float8);

/* decode_numeric.c */
PG_DECODER(pg_decode_numeric_i32); /* decimals by storage */
PG_DECODER(pg_decode_numeric_i64);
PG_DECODER(pg_decode_numeric_i128);
PG_DECODER(pg_decode_numeric_integer); /* into any integer type, exactly */
PG_DECODER(pg_decode_numeric_text);    /* the server's digits */

/* decode_time.c */
PG_DECODER(pg_decode_date);
PG_DECODER(pg_decode_time);
PG_DECODER(pg_decode_time_text);
PG_DECODER(pg_decode_timetz_text);
PG_DECODER(pg_decode_timestamp); /* either epoch, with or without zone */
PG_DECODER(pg_decode_interval_text);
PG_DECODER(pg_decode_interval_us); /* int64 microseconds */
PG_DECODER(pg_decode_time_us);

/* decode_text.c */
PG_DECODER(pg_decode_text);
PG_DECODER(pg_decode_char); /* "char" */
PG_DECODER(pg_decode_jsonb);
PG_DECODER(pg_decode_binary);
PG_DECODER(pg_decode_uuid);
PG_DECODER(pg_decode_uuid_text);

/* decode_list.c */
PG_DECODER(pg_decode_list);

/* decode_override.c: text of the server into the type an override asks for */
PG_DECODER(pg_decode_converted);

/* Infinity in a date or timestamp, by policy. first and last: the ends a clamp takes. */
bool pg_decode_infinity(PgWire *wire, const PgField *field, bool is_positive, int64_t first,
                        int64_t last, Column *column, Error *err);

#endif
