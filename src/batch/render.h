/* render.h: the canonical text of a value, as CSV shows it and the row hash reads it.
 *
 * Forms   spec: types §1 (column CSV) and §4: true/false, decimal integers, shortest floats,
 *         exact decimals, ISO dates, YYYY-MM-DDTHH:MM:SS.ffffff (+ Z), lower-case hex, canonical
 *         uuid; a list is a JSON array.
 *         Floats have no exponent and no trailing zero: 87, 95.5, -0, NaN, inf, -inf.
 *         Years outside 0000 … 9999 carry a sign and at least four digits, counted without a gap
 *         (proleptic Gregorian, year 0 is 1 BC): +10000-01-01, and 4713-01-01 BC is -4712-01-01.
 *         A time has six fraction digits or none; a timestamp always six.
 *         In a list numbers and booleans stand bare, everything else is a JSON string (json
 *         elements too, so that the text does not depend on `types`), NULL is null.
 * Shape   appends to a Buffer, no quoting of its own. Independent of locale and time zone. */
#ifndef RIVET_BATCH_RENDER_H
#define RIVET_BATCH_RENDER_H

#include "batch/column.h"
#include "util/buffer.h"

/* Appends the text of the column's value number value_index (dense, NULLs not counted). */
void render_value(const Column *column, size_t value_index, Buffer *out);

/* The same for one storage class, for loops that go through a column in order. render_fixed: all
 * but BYTES and LIST, at most RENDER_MAX_BYTES into `to`. render_list: element_value is the index
 * of the list's first element among the element column's values; returns that of the next list. */
size_t render_fixed(const Column *column, size_t value_index, char *to);
size_t render_list(const Column *column, size_t value_index, size_t element_value, Buffer *out);

/* The pieces, for sources that write text themselves. Each returns the bytes written to `to`. */
enum { RENDER_MAX_BYTES = 400 }; /* longest: a double without exponent */
size_t render_int64(int64_t value, char *to);
size_t render_uint64(uint64_t value, char *to);
size_t render_float(float value, char *to);
size_t render_double(double value, char *to);
size_t render_decimal(Int128 unscaled, int scale, char *to);
size_t render_date(int64_t days_since_1970, char *to);
size_t render_time(int64_t us_since_midnight, char *to); /* also "-838:59:59" and "24:00:00" */
/* days_offset moves the epoch: 0 for 1970-01-01, RENDER_EPOCH_2000_DAYS for 2000-01-01. */
enum { RENDER_EPOCH_2000_DAYS = 10957 };
size_t render_timestamp(int64_t us, int64_t days_offset, bool is_utc, char *to);
size_t render_uuid(const uint8_t bytes[16], char *to);
void render_hex(const uint8_t *bytes, size_t size_bytes, Buffer *out);

#endif
