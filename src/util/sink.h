/* sink.h: where a format's bytes go.
 *
 * A writer pushes finished bytes into a Sink; the sink counts and hashes them on the way to the
 * upload that takes them, without a copy.
 * Owner   the holder of the struct; sink_init, then sink_release (also after a failure).
 * Errors  what the receiver returns; size_bytes and the hash cover accepted bytes only. */
#ifndef RIVET_UTIL_SINK_H
#define RIVET_UTIL_SINK_H

#include "util/error.h"

typedef bool (*SinkWrite)(void *receiver, const void *bytes, size_t size_bytes, Error *err);

typedef struct Sink {
    SinkWrite write;
    void *receiver;
    uint64_t size_bytes; /* accepted so far */
    struct XXH3_state_s *hash;
} Sink;

void sink_init(Sink *sink, SinkWrite write, void *receiver);
MUST_USE bool sink_write(Sink *sink, const void *bytes, size_t size_bytes, Error *err);
uint64_t sink_xxh3(const Sink *sink); /* XXH3-64, seed 0, of everything accepted */
void sink_release(Sink *sink);

#endif
