#include "config/input.h"

#include "util/file.h"

int
input_read(const char *path, Arena *arena, const char **text, size_t *size_bytes)
{
    Buffer buffer = {0};
    int failure = file_read(path, MAX_INPUT_BYTES, &buffer);

    if (failure == 0) {
        *size_bytes = buffer.size;
        *text = arena_dup_bytes(arena, (const char *)buffer.data, buffer.size);
    }
    buffer_release(&buffer);
    return failure;
}
