/* thrift_read.h: the Thrift compact protocol, read from bytes nobody vouches for.
 *
 * Shape    a cursor over borrowed bytes. A failed read makes the cursor stop for good: it notes
 *          what was wrong and where, later reads return zero and loops over fields and lists end.
 *          Callers parse whole structs straight through and ask once, with thrift_reader_check.
 * Limits   structs and lists nest THRIFT_DEPTH_MAX deep; a list never claims more elements than
 *          bytes are left, so that a caller may allocate by its count.
 * Source   Thrift compact protocol; spec: parquet §1.2 */
#ifndef RIVET_FORMAT_PARQUET_THRIFT_READ_H
#define RIVET_FORMAT_PARQUET_THRIFT_READ_H

#include "format/parquet/format_types.h"
#include "util/error.h"

enum { THRIFT_DEPTH_MAX = 48 };

/* As in field headers; in lists 1 and 2 both mean bool. */
typedef enum ThriftWireType {
    THRIFT_WIRE_STOP = 0,
    THRIFT_WIRE_TRUE = 1,
    THRIFT_WIRE_FALSE = 2,
    THRIFT_WIRE_I8 = 3,
    THRIFT_WIRE_I16 = 4,
    THRIFT_WIRE_I32 = 5,
    THRIFT_WIRE_I64 = 6,
    THRIFT_WIRE_DOUBLE = 7,
    THRIFT_WIRE_BINARY = 8,
    THRIFT_WIRE_LIST = 9,
    THRIFT_WIRE_SET = 10,
    THRIFT_WIRE_MAP = 11,
    THRIFT_WIRE_STRUCT = 12,
    THRIFT_WIRE_UUID = 13,
} ThriftWireType;

typedef struct ThriftReader {
    const uint8_t *start;
    const uint8_t *at;
    const uint8_t *end;
    unsigned depth;
    const char *problem; /* NULL while all is well */
    bool is_truncated;   /* the problem is that the bytes ended: more of them may help */
} ThriftReader;

/* The field a struct's loop stands at. */
typedef struct ThriftField {
    int16_t id;
    ThriftWireType type;
} ThriftField;

void thrift_reader_init(ThriftReader *reader, const void *bytes, size_t size_bytes);
size_t thrift_reader_used_bytes(const ThriftReader *reader);
/* False, with "damaged <what>: <problem> at byte <n>", if any read so far failed. */
MUST_USE bool thrift_reader_check(const ThriftReader *reader, const char *what, Error *err);
/* Makes the cursor fail, for what only the caller can know. The text must be static. */
void thrift_reader_fail(ThriftReader *reader, const char *problem);

/* A struct: `ThriftField f = thrift_enter(r); while (thrift_next_field(r, &f)) switch (f.id) …`
 * Each field must be read or skipped. The loop leaves the struct by itself. */
ThriftField thrift_enter(ThriftReader *reader);
bool thrift_next_field(ThriftReader *reader, ThriftField *field);
void thrift_skip(ThriftReader *reader, ThriftField field);

/* Values of a field; another wire type than asked for is a failure. Bytes are borrowed. */
bool thrift_read_bool(ThriftReader *reader, ThriftField field);
int8_t thrift_read_i8(ThriftReader *reader, ThriftField field);
int16_t thrift_read_i16(ThriftReader *reader, ThriftField field);
int32_t thrift_read_i32(ThriftReader *reader, ThriftField field);
int64_t thrift_read_i64(ThriftReader *reader, ThriftField field);
BytesView thrift_read_bytes(ThriftReader *reader, ThriftField field);
/* True if the field is a struct, which thrift_enter may then read. */
bool thrift_expect_struct(ThriftReader *reader, ThriftField field);

/* Element count of a list field; its elements, all of type `element`, follow. An element takes at
 * least min_element_bytes (≥ 1), which bounds the count. */
size_t thrift_read_list(ThriftReader *reader, ThriftField field, ThriftWireType element,
                        size_t min_element_bytes);
bool thrift_read_bool_item(ThriftReader *reader);
int32_t thrift_read_i32_item(ThriftReader *reader);
int64_t thrift_read_i64_item(ThriftReader *reader);
BytesView thrift_read_bytes_item(ThriftReader *reader);

#endif
