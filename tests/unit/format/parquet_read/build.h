/* build.h: Parquet bytes made by hand, slowly and plainly, to read them back.
 *
 * Nothing here comes from the writer: a mistake would have to be made twice to pass. */
#ifndef RIVET_TESTS_PARQUET_READ_BUILD_H
#define RIVET_TESTS_PARQUET_READ_BUILD_H

#include "util/buffer.h"
#include "util/readable.h"

void build_varint(Buffer *to, uint64_t value);
void build_zigzag(Buffer *to, int64_t value);
/* Values packed LSB first, padded with zeros to a whole byte. */
void build_packed(Buffer *to, const uint64_t *values, size_t count, unsigned width);

/* Runs of the hybrid. The packed one is padded to groups of 8. */
void build_run(Buffer *to, uint64_t count, uint32_t value, unsigned width);
void build_packed_run(Buffer *to, const uint32_t *values, size_t count, unsigned width);

/* DELTA_BINARY_PACKED in blocks of 128 and 4 miniblocks; bits is 32 or 64. */
void build_delta(Buffer *to, const int64_t *values, size_t count, unsigned bits);

/* Thrift: a field `delta` ids after the one before. */
void build_field(Buffer *to, unsigned delta, unsigned type);
void build_i32(Buffer *to, unsigned delta, int64_t value);
void build_i64(Buffer *to, unsigned delta, int64_t value);
void build_text(Buffer *to, unsigned delta, const char *text);
void build_list(Buffer *to, unsigned delta, unsigned element_type, size_t count);
void build_end(Buffer *to);

Readable build_readable(const Buffer *bytes); /* borrows them */

#endif
