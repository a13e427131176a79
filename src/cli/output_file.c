#include "cli/output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "util/memory.h"

/* In the same directory, for the rename, and hidden: collectors take what ends in their suffix. */
static char *
temporary_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;

    return memory_format("%.*s.%s.%ld.tmp", (int)(name - path), path, name, (long)getpid());
}

static int
write_all(int fd, const Buffer *content)
{
    size_t done = 0;

    while (done < content->size) {
        ssize_t written = write(fd, content->data + done, content->size - done);
        if (written < 0 && errno != EINTR)
            return errno;
        done += written < 0 ? 0 : (size_t)written;
    }
    return 0;
}

/* 0 or an errno. */
static int
write_temporary(const char *name, const Buffer *content)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

    if (fd < 0)
        return errno;
    int failure = write_all(fd, content);
    if (failure == 0 && fsync(fd) != 0)
        failure = errno;
    if (close(fd) != 0 && failure == 0)
        failure = errno;
    return failure;
}

bool
output_file_check(const char *path, Error *err)
{
    char *name = temporary_name(path);
    const Buffer nothing = {0};
    int failure = write_temporary(name, &nothing);

    unlink(name);
    free(name);
    return failure == 0 || error_set_errno(err, ERR_IO, failure, "cannot write beside '%s'", path);
}

bool
output_file_replace(const char *path, const Buffer *content, Error *err)
{
    char *name = temporary_name(path);
    int failure = write_temporary(name, content);

    if (failure == 0 && rename(name, path) != 0)
        failure = errno;
    if (failure != 0)
        unlink(name);
    free(name);
    return failure == 0 || error_set_errno(err, ERR_IO, failure, "cannot write '%s'", path);
}
