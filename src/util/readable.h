/* readable.h: random access to finished bytes, whatever stores them.
 *
 * Owner   whoever opened it; readable_close at the end.
 * Errors  the store's own; reading past size_bytes is ERR_FORMAT. */
#ifndef RIVET_UTIL_READABLE_H
#define RIVET_UTIL_READABLE_H

#include "util/error.h"

typedef struct Readable {
    /* All size_bytes at offset, or false. */
    bool (*read)(void *context, uint64_t offset, void *bytes, size_t size_bytes, Error *err);
    void (*close)(void *context);
    void *context;
    uint64_t size_bytes;
} Readable;

MUST_USE bool readable_read(const Readable *from, uint64_t offset, void *bytes, size_t size_bytes,
                            Error *err);
void readable_close(Readable *from); /* zeroed is fine */

/* A regular file by descriptor; takes over fd, also on failure. */
MUST_USE bool readable_open_fd(int fd, Readable *out, Error *err);

#endif
