#include "util/sink.h"

#include <xxhash.h>

#include "util/memory.h"

void
sink_init(Sink *sink, SinkWrite write, void *receiver)
{
    *sink = (Sink){.write = write, .receiver = receiver, .hash = XXH3_createState()};
    if (sink->hash == NULL)
        abort();
    XXH3_64bits_reset(sink->hash);
}

bool
sink_write(Sink *sink, const void *bytes, size_t size_bytes, Error *err)
{
    if (!sink->write(sink->receiver, bytes, size_bytes, err))
        return false;
    XXH3_64bits_update(sink->hash, bytes, size_bytes);
    sink->size_bytes += size_bytes;
    return true;
}

uint64_t
sink_xxh3(const Sink *sink)
{
    return XXH3_64bits_digest(sink->hash);
}

void
sink_release(Sink *sink)
{
    XXH3_freeState(sink->hash);
    *sink = (Sink){0};
}
