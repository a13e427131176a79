/* byte_window.h: a sliding view of a file's bytes, read ahead in one request at a time.
 *
 * Owner   zero-initialise the struct, set from and end; byte_window_release at the end.
 * Errors  ERR_FORMAT for bytes past `end`, ERR_BUDGET, the file's own. */
#ifndef RIVET_FORMAT_PARQUET_BYTE_WINDOW_H
#define RIVET_FORMAT_PARQUET_BYTE_WINDOW_H

#include "util/readable.h"

typedef struct ByteWindow {
    const Readable *from;
    uint64_t end; /* nothing is read from here on */
    uint64_t start;
    uint8_t *bytes;
    size_t size;
    size_t capacity;
} ByteWindow;

/* *bytes: size_bytes at offset, valid until the next call; never NULL. */
MUST_USE bool byte_window_get(ByteWindow *window, uint64_t offset, size_t size_bytes,
                              const uint8_t **bytes, Error *err);
void byte_window_release(ByteWindow *window);

#endif
