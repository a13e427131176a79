#include "format/parquet/byte_window.h"

/* Large enough that a page of usual size and the next header come in one read. */
enum { READ_AHEAD_BYTES = 256 * 1024 };

static bool
ensure_capacity(ByteWindow *window, size_t size_bytes, Error *err)
{
    if (size_bytes <= window->capacity)
        return true;
    uint8_t *grown = malloc(size_bytes); /* old bytes are not kept: no realloc */
    if (grown == NULL)
        return error_set(err, ERR_BUDGET, "no memory for %zu bytes of the file", size_bytes);
    free(window->bytes);
    window->bytes = grown;
    window->capacity = size_bytes;
    window->size = 0;
    return true;
}

static bool
fill(ByteWindow *window, uint64_t offset, size_t size_bytes, Error *err)
{
    uint64_t room = window->end - offset;
    size_t want = size_max(size_bytes, READ_AHEAD_BYTES);

    want = want > room ? (size_t)room : want;
    if (!ensure_capacity(window, size_max(want, READ_AHEAD_BYTES), err))
        return false;
    window->size = 0;
    if (!readable_read(window->from, offset, window->bytes, want, err))
        return false;
    window->start = offset;
    window->size = want;
    return true;
}

bool
byte_window_get(ByteWindow *window, uint64_t offset, size_t size_bytes, const uint8_t **bytes,
                Error *err)
{
    if (offset > window->end || size_bytes > window->end - offset)
        return error_set(err, ERR_FORMAT,
                         "%zu bytes at offset %" PRIu64 " pass the end at %" PRIu64, size_bytes,
                         offset, window->end);
    bool is_inside = window->bytes != NULL && offset >= window->start &&
                     offset - window->start <= window->size &&
                     size_bytes <= window->size - (size_t)(offset - window->start);
    if (!is_inside && !fill(window, offset, size_bytes, err))
        return false;
    *bytes = window->bytes + (offset - window->start);
    return true;
}

void
byte_window_release(ByteWindow *window)
{
    free(window->bytes);
    *window = (ByteWindow){0};
}
