#include "util/read_ahead.h"

enum { WINDOW_BYTES = 4 << 20 };

static bool
is_in_window(const ReadAhead *object, uint64_t offset, size_t size_bytes)
{
    return offset >= object->offset && offset + size_bytes <= object->offset + object->window.size;
}

static bool
move_window(ReadAhead *object, uint64_t offset, size_t size_bytes, Error *err)
{
    uint64_t left = object->size_bytes - offset;
    size_t wanted = size_max(size_bytes, WINDOW_BYTES);

    assert(size_bytes <= left);
    read_ahead_release(object);
    object->offset = offset;
    if (wanted > left)
        wanted = (size_t)left;
    if (!object->fetch(object->context, offset, wanted, &object->window, err))
        return false;
    return object->window.size == wanted ||
           error_set(err, ERR_UNAVAILABLE, "the store sent %zu bytes instead of %zu",
                     object->window.size, wanted);
}

bool
read_ahead(ReadAhead *object, uint64_t offset, void *bytes, size_t size_bytes, Error *err)
{
    if (size_bytes == 0)
        return true;
    if (!is_in_window(object, offset, size_bytes) &&
        !move_window(object, offset, size_bytes, err)) {
        read_ahead_release(object);
        return false;
    }
    memcpy(bytes, object->window.data + (offset - object->offset), size_bytes);
    return true;
}

void
read_ahead_release(ReadAhead *object)
{
    buffer_release(&object->window);
}
