#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "destination/stdout/stdout.h"
#include "util/fault.h"
#include "util/memory.h"

enum { COPY_BYTES = 256 << 10 };

static bool
write_failed(int errnum, Error *err)
{
    if (errnum == EPIPE)
        return error_set(err, ERR_OUTPUT_CLOSED, "the reader of standard output closed it");
    if ((errnum == ENOSPC || errnum == EDQUOT) && err->code == ERR_NONE)
        err->hint = "the disk that standard output is redirected to is full";
    return error_set_errno(err, ERR_IO, errnum, "cannot write to standard output");
}

bool
stream_write(int fd, const void *bytes, size_t size_bytes, Error *err)
{
    const uint8_t *from = bytes;
    int errnum = FAULT_ERRNO("stdout.write");

    if (errnum != 0)
        return write_failed(errnum, err);
    while (size_bytes > 0) {
        ssize_t taken = write(fd, from, size_bytes);
        if (taken >= 0) {
            from += taken;
            size_bytes -= (size_t)taken;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            /* Whoever gave us the descriptor made it non-blocking. */
            struct pollfd ready = {.fd = fd, .events = POLLOUT};
            poll(&ready, 1, -1);
        } else if (errno != EINTR) {
            return write_failed(errno, err);
        }
    }
    return true;
}

bool
stream_copy(int from, int to, Error *err)
{
    bool ok = true;
    off_t offset = 0;
    ssize_t got = 1;
    uint8_t *room = memory_alloc(COPY_BYTES);

    while (ok && got > 0) {
        got = pread(from, room, COPY_BYTES, offset);
        if (got > 0) {
            offset += got;
            ok = stream_write(to, room, (size_t)got, err);
        } else if (got < 0 && errno == EINTR) {
            got = 1;
        } else if (got < 0) {
            ok = error_set_errno(err, ERR_IO, errno, "cannot read the temporary file back");
        }
    }
    free(room);
    return ok;
}
