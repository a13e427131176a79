/* wire.h: PostgreSQL's binary rows, decoded straight into columns.
 *
 * Shape   COPY: signature, tuples, trailer, in messages of whole tuples; a tuple is int16 field
 *         count, then per field int32 length (-1: NULL) and that many bytes. Network byte order.
 * Speed   a field's decoder is a function chosen once; nothing is allocated per row.
 * Errors  ERR_VALUE and ERR_BUDGET name the column; ERR_FORMAT for bytes no server sends.
 * Source  PostgreSQL manual, COPY "Binary Format"; the types' send functions. */
#ifndef RIVET_SOURCE_POSTGRES_WIRE_H
#define RIVET_SOURCE_POSTGRES_WIRE_H

#include "batch/batch.h"
#include "config/config.h"
#include "source/convert.h"
#include "source/source.h"

typedef struct PgField PgField;

/* What the decoders of one read share. */
typedef struct PgWire {
    const PgField *fields;
    size_t field_count;
    size_t max_cell_bytes;
    PolicyCounts *counts;
    bool checks_utf8;           /* the database is SQL_ASCII: nobody else has */
    bool has_infinite_interval; /* PostgreSQL 17 and later */
    bool has_header;            /* of the COPY, already seen */
    bool is_ended;              /* its trailer was seen */
} PgWire;

/* Appends one non-NULL value (or a NULL, where a policy says so) to the column. */
typedef bool (*PgDecoder)(PgWire *wire, const PgField *field, const uint8_t *bytes,
                          size_t size_bytes, Column *column, Error *err);

/* One column as it arrives and as it is kept. */
struct PgField {
    PgDecoder decode;
    const char *name;
    const char *source_type; /* as messages and reports spell it */
    Type type;
    const PgField *element; /* list */
    uint32_t element_oid;   /* list: what the wire must announce */
    InfinityPolicy infinity;
    NullPolicy decimal_special;
    Utf8Policy invalid_utf8;
    ZoneRule zone;            /* of texts that become timestamps */
    const char *remedy;       /* what takes a value that does not fit: "columns: { x: text }" */
    const char *literal_type; /* "pg_catalog.int8": casts a bound to the column's own type */
    const char
        *select; /* expression that makes the server send what decode expects; NULL: "name" */
};

/* One CopyData message: decodes its tuples into the batch. */
MUST_USE bool pg_wire_message(PgWire *wire, const uint8_t *bytes, size_t size_bytes, Batch *batch,
                              Error *err);

/* One field of a row; bytes NULL: NULL. */
MUST_USE bool pg_wire_field(PgWire *wire, const PgField *field, const uint8_t *bytes,
                            size_t size_bytes, Column *column, Error *err);

/* A message that breaks the format. Returns false. */
bool pg_wire_broken(const PgField *field, Error *err);

/* ERR_VALUE: column, source type, what is wrong, what would take it. Returns false. */
bool pg_value_error(const PgField *field, Error *err, const char *what);

#endif
