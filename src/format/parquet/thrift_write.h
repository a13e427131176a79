/* thrift_write.h: Thrift's compact protocol, as much of it as Parquet's structs need.
 *
 * Shape   fields go out in the order of the calls, which must be ascending ids; every struct ends
 *         with thrift_end, the outermost one too. Items of a list follow thrift_list directly.
 * Owner   the writer borrows its Buffer. Errors: none.
 * Source  spec: parquet §1.2; thrift-compact-protocol */
#ifndef RIVET_FORMAT_PARQUET_THRIFT_WRITE_H
#define RIVET_FORMAT_PARQUET_THRIFT_WRITE_H

#include "util/buffer.h"

typedef enum ThriftType {
    THRIFT_TRUE = 1,
    THRIFT_FALSE = 2,
    THRIFT_I8 = 3,
    THRIFT_I16 = 4,
    THRIFT_I32 = 5,
    THRIFT_I64 = 6,
    THRIFT_DOUBLE = 7,
    THRIFT_BINARY = 8,
    THRIFT_LIST = 9,
    THRIFT_SET = 10,
    THRIFT_MAP = 11,
    THRIFT_STRUCT = 12,
} ThriftType;

enum { THRIFT_WRITE_DEPTH = 12 };

typedef struct ThriftWriter {
    Buffer *out;
    int depth;
    int last_id[THRIFT_WRITE_DEPTH];
} ThriftWriter;

/* Starts the outermost struct. */
ThriftWriter thrift_begin(Buffer *out);
void thrift_end(ThriftWriter *writer);

void thrift_bool(ThriftWriter *writer, int id, bool value);
void thrift_i8(ThriftWriter *writer, int id, int8_t value);
void thrift_i16(ThriftWriter *writer, int id, int16_t value);
void thrift_i32(ThriftWriter *writer, int id, int32_t value);
void thrift_i64(ThriftWriter *writer, int id, int64_t value);
void thrift_binary(ThriftWriter *writer, int id, const void *bytes, size_t size_bytes);
void thrift_text(ThriftWriter *writer, int id, const char *text);
void thrift_struct(ThriftWriter *writer, int id);
void thrift_empty_struct(ThriftWriter *writer, int id);
void thrift_list(ThriftWriter *writer, int id, ThriftType item, size_t count);

void thrift_item_bool(ThriftWriter *writer, bool value);
void thrift_item_int(ThriftWriter *writer, int64_t value); /* of i16, i32 and i64 lists */
void thrift_item_binary(ThriftWriter *writer, const void *bytes, size_t size_bytes);
void thrift_item_struct(ThriftWriter *writer);

#endif
