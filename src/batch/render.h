/* render.h: the canonical text of a value, as CSV shows it and the row hash reads it.
 *
 * Forms   spec: types §1 (column CSV) and §4: true/false, decimal integers, shortest floats,
 *         exact decimals, ISO dates, YYYY-MM-DDTHH:MM:SS.ffffff (+ Z), lower-case hex, canonical
 *         uuid; a list is a JSON array.
 * Shape   appends to a Buffer, no quoting of its own. */
#ifndef RIVET_BATCH_RENDER_H
#define RIVET_BATCH_RENDER_H

#include "batch/column.h"
#include "util/buffer.h"

/* Appends the text of the column's value number value_index (dense, NULLs not counted). */
void render_value(const Column *column, size_t value_index, Buffer *out);

/* The pieces, for sources that write text themselves. Each returns the bytes written to `to`. */
enum { RENDER_MAX_BYTES = 400 }; /* longest: a double without exponent */
size_t render_int64(int64_t value, char *to);
size_t render_uint64(uint64_t value, char *to);
size_t render_float(float value, char *to);
size_t render_double(double value, char *to);
size_t render_decimal(Int128 unscaled, int scale, char *to);
size_t render_date(int64_t days_since_1970, char *to);
size_t render_time(int64_t us_since_midnight, char *to);
/* days_offset moves the epoch: 0 for 1970-01-01, RENDER_EPOCH_2000_DAYS for 2000-01-01. */
enum { RENDER_EPOCH_2000_DAYS = 10957 };
size_t render_timestamp(int64_t us, int64_t days_offset, bool is_utc, char *to);
size_t render_uuid(const uint8_t bytes[16], char *to);
void render_hex(const uint8_t *bytes, size_t size_bytes, Buffer *out);

#endif
