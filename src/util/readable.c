#include "util/readable.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

bool
readable_read(const Readable *from, uint64_t offset, void *bytes, size_t size_bytes, Error *err)
{
    if (offset > from->size_bytes || size_bytes > from->size_bytes - offset)
        return error_set(err, ERR_FORMAT, "the file ends too early");
    return from->read(from->context, offset, bytes, size_bytes, err);
}

void
readable_close(Readable *from)
{
    if (from->close != NULL)
        from->close(from->context);
    *from = (Readable){0};
}

static bool
fd_read(void *context, uint64_t offset, void *bytes, size_t size_bytes, Error *err)
{
    int fd = (int)(intptr_t)context;
    uint8_t *to = bytes;

    while (size_bytes > 0) {
        ssize_t got = pread(fd, to, size_bytes, (off_t)offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_set_errno(err, ERR_IO, errno, "cannot read the file back");
        if (got == 0)
            return error_set(err, ERR_FORMAT, "the file ends too early");
        to += got;
        offset += (uint64_t)got;
        size_bytes -= (size_t)got;
    }
    return true;
}

static void
fd_close(void *context)
{
    close((int)(intptr_t)context);
}

bool
readable_open_fd(int fd, Readable *out, Error *err)
{
    struct stat about;

    if (fstat(fd, &about) != 0) {
        error_set_errno(err, ERR_IO, errno, "cannot read the file back");
        close(fd);
        return false;
    }
    *out = (Readable){
        .read = fd_read,
        .close = fd_close,
        .context = (void *)(intptr_t)fd,
        .size_bytes = (uint64_t)about.st_size,
    };
    return true;
}
