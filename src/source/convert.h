/* convert.h: the text of a value into the type that an override asks for, exactly or not at all.
 *
 * Texts   what a server's output functions or a user's text column hold: ISO dates and times,
 *         decimal numbers with or without exponent, infinity, NaN.
 * Exact   a number fits double or float when the shortest text that reads back as that float
 *         denotes the same decimal number.
 * Source  spec: types §3 */
#ifndef RIVET_SOURCE_CONVERT_H
#define RIVET_SOURCE_CONVERT_H

#include "batch/column.h"

typedef enum ZoneRule {
    ZONE_FREE,      /* the value comes from a date or timestamp; its zone is UTC or none */
    ZONE_FORBIDDEN, /* a text that names a zone is an instant, not a wall time */
    ZONE_REQUIRED,  /* a text without zone does not name an instant */
} ZoneRule;

typedef enum Conversion {
    CONVERSION_DONE,
    CONVERSION_SYNTAX,
    CONVERSION_RANGE,
    CONVERSION_INEXACT,
    CONVERSION_ZONE,
    CONVERSION_NAN, /* no number at all; a policy decides. Likewise the two below. */
    CONVERSION_INFINITY,
    CONVERSION_MINUS_INFINITY,
    CONVERSION_FAILED, /* the column refused the bytes; *err is set */
} Conversion;

/* Appends the value to a column of any type but LIST. */
MUST_USE Conversion convert_text(const uint8_t *text, size_t size_bytes, ZoneRule zone,
                                 Column *column, Error *err);

/* What is wrong, for the end of a message: "the text is no value of the type". */
const char *conversion_text(Conversion conversion);

/* Parts of convert_text, by kind of the column's type. */
MUST_USE Conversion convert_number(const uint8_t *text, size_t size_bytes, Column *column);
MUST_USE Conversion convert_moment(const uint8_t *text, size_t size_bytes, ZoneRule zone,
                                   Column *column);

#endif
