/* utf8.h: is it UTF-8, and if not, what remains. Source: Unicode 15, table 3-7. */
#ifndef RIVET_SOURCE_UTF8_H
#define RIVET_SOURCE_UTF8_H

#include "util/buffer.h"

/* Shortest forms only, no surrogates, nothing beyond U+10FFFF. */
bool utf8_is_valid(const uint8_t *bytes, size_t size_bytes);

/* Appends the text with U+FFFD for each maximal part that is not UTF-8. */
void utf8_replace_invalid(const uint8_t *bytes, size_t size_bytes, Buffer *out);

#endif
