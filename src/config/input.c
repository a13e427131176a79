#include "config/input.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "util/buffer.h"

enum { STEP_BYTES = 64 * 1024 };

static int
read_all(int fd, Buffer *buffer)
{
    for (;;) {
        ssize_t taken = read(fd, buffer_reserve(buffer, STEP_BYTES), STEP_BYTES);
        if (taken < 0 && errno == EINTR)
            continue;
        if (taken < 0)
            return errno;
        if (taken == 0)
            return 0;
        buffer->size += (size_t)taken;
        if (buffer->size > MAX_INPUT_BYTES)
            return EFBIG;
    }
}

int
input_read(const char *path, Arena *arena, const char **text, size_t *size_bytes)
{
    Buffer buffer = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return errno;
    int failure = read_all(fd, &buffer);
    close(fd);
    if (failure == 0) {
        *size_bytes = buffer.size;
        *text = arena_dup_bytes(arena, (const char *)buffer.data, buffer.size);
    }
    buffer_release(&buffer);
    return failure;
}
