#include "util/file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { STEP_BYTES = 64 * 1024 };

static int
read_all(int fd, size_t limit_bytes, Buffer *out)
{
    size_t start = out->size;

    for (;;) {
        ssize_t taken = read(fd, buffer_reserve(out, STEP_BYTES), STEP_BYTES);
        if (taken < 0 && errno == EINTR)
            continue;
        if (taken < 0)
            return errno;
        if (taken == 0)
            return 0;
        out->size += (size_t)taken;
        if (out->size - start > limit_bytes)
            return EFBIG;
    }
}

int
file_read(const char *path, size_t limit_bytes, Buffer *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return errno;
    int failure = read_all(fd, limit_bytes, out);
    close(fd);
    return failure;
}
