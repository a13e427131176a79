/* read_ahead.h: an object of a store, read through a window, so that many small reads are few
 * requests.
 *
 * Errors  the fetch's. */
#ifndef RIVET_UTIL_READ_AHEAD_H
#define RIVET_UTIL_READ_AHEAD_H

#include "util/buffer.h"
#include "util/error.h"

/* The size_bytes at offset into *out, which is empty. */
typedef bool (*ReadAheadFetch)(void *context, uint64_t offset, size_t size_bytes, Buffer *out,
                               Error *err);

typedef struct ReadAhead {
    ReadAheadFetch fetch;
    void *context;
    uint64_t size_bytes; /* of the object */
    uint64_t offset;     /* of the window */
    Buffer window;
} ReadAhead;

/* All within the object. */
MUST_USE bool read_ahead(ReadAhead *object, uint64_t offset, void *bytes, size_t size_bytes,
                         Error *err);
void read_ahead_release(ReadAhead *object);

#endif
