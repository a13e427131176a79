/* wire.h: rows of MySQL's binary protocol, decoded straight into columns.
 *
 * Shape   integers and floats little endian in their own width; dates and times as a length byte
 *         and parts; everything else as length-encoded bytes. NULL: no bytes at all.
 * Speed   the client library finds each value in its row buffer and leaves it there; a field's
 *         decoder is a function chosen once, nothing is copied or allocated in between.
 * Errors  ERR_VALUE and ERR_BUDGET name the column; ERR_FORMAT for bytes no server sends.
 * Source  MySQL client/server protocol, "Binary Protocol Resultset Row". */
#ifndef RIVET_SOURCE_MYSQL_WIRE_H
#define RIVET_SOURCE_MYSQL_WIRE_H

#include <mysql.h>

#include "batch/batch.h"
#include "config/config.h"
#include "source/convert.h"
#include "source/rules.h"
#include "source/source.h"
#include "util/buffer.h"

typedef struct MyField MyField;

/* What the decoders of one read share. */
typedef struct MyWire {
    const MyField *fields;
    size_t field_count;
    size_t max_cell_bytes;
    PolicyCounts *counts;
} MyWire;

/* Appends one non-NULL value (or a NULL, where a policy says so) to the column. */
typedef bool (*MyDecoder)(MyWire *wire, const MyField *field, const uint8_t *bytes,
                          size_t size_bytes, Column *column, Error *err);

/* Appends the canonical text of a value; what overrides and JSON are made of. */
typedef bool (*MyTextWriter)(const MyField *field, const uint8_t *bytes, size_t size_bytes,
                             Buffer *out, Error *err);

/* One column as it arrives and as it is kept. */
struct MyField {
    MyDecoder decode;
    const char *name;
    const char *source_type; /* as messages and reports spell it */
    /* The table's column that this is, unchanged; NULL: it is an expression. */
    const char *base_database, *base_table, *base_column;
    const char *base_alias; /* the name that the query has for the table */
    enum enum_field_types wire_type;
    bool is_unsigned;
    bool is_binary; /* character set 63 */
    bool is_not_null;
    bool can_be_key;       /* ordered and compared alike, and exactly */
    uint8_t wire_decimals; /* digits behind the point or the second */
    TypeFamily family;
    Type type;
    NullPolicy zero_dates;
    Utf8Policy invalid_utf8;
    ZoneRule zone;           /* of texts that become timestamps */
    MyTextWriter write_text; /* for decoders that go over the value's text */
    const char *remedy;      /* what takes a value that does not fit: "columns: { x: text }" */
    const char *select;      /* expression that makes the server send what decode expects; NULL:
                                the column as it is */
};

/* The row that the statement has just fetched. */
MUST_USE bool my_wire_row(MyWire *wire, const MYSQL_STMT *stmt, Batch *batch, Error *err);

/* The bytes of one field of that row, NULL for NULL. */
const uint8_t *my_wire_bytes(const MYSQL_STMT *stmt, size_t index, size_t *size_bytes);

/* Bytes that break the format. Returns false. */
bool my_wire_broken(const MyField *field, Error *err);

/* ERR_VALUE: column, source type, what is wrong, what would take it. Returns false. */
bool my_value_error(const MyField *field, Error *err, const char *what);

#endif
