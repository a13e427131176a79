/* json_check.h: is a text JSON? Source: RFC 8259. Strings are taken to be UTF-8 already. */
#ifndef RIVET_SOURCE_JSON_CHECK_H
#define RIVET_SOURCE_JSON_CHECK_H

#include "util/base.h"

/* Nesting beyond this is refused. */
enum { JSON_DEPTH_MAX = 10000 };

bool json_is_valid(const uint8_t *text, size_t size_bytes);

#endif
