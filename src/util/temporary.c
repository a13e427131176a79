#include "util/temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/environment.h"

/* Without a name from the start where the file system can do that. */
bool
temporary_open(int *fd, Error *err)
{
    const char *directory = environment_temporary_directory();
    char path[4096];

    *fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (*fd >= 0)
        return true;
    int length = snprintf(path, sizeof(path), "%s/rivet-XXXXXX", directory);
    if (length < 0 || (size_t)length >= sizeof(path))
        return error_set(err, ERR_IO, "TMPDIR is too long");
    *fd = mkostemp(path, O_CLOEXEC);
    if (*fd < 0) {
        err->hint = "TMPDIR must name a directory that can be written";
        return error_set_errno(err, ERR_IO, errno, "cannot create a temporary file in '%s'",
                               directory);
    }
    unlink(path);
    return true;
}

bool
temporary_write(int fd, const void *bytes, size_t size_bytes, const char *why, Error *err)
{
    const uint8_t *from = bytes;

    while (size_bytes > 0) {
        ssize_t taken = write(fd, from, size_bytes);
        if (taken < 0 && errno == EINTR)
            continue;
        if (taken < 0) {
            err->hint = why;
            return error_set_errno(err, ERR_IO, errno, "cannot write a temporary file");
        }
        from += taken;
        size_bytes -= (size_t)taken;
    }
    return true;
}
