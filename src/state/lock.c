#include "state/lock.h"

#include "state/connection.h"
#include "util/buffer.h"
#include "util/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

/* A whole small file, padded: one pwrite replaces what an earlier holder left. */
enum { HOLDER_BYTES = 512, NAME_BYTES_MAX = 180 };

struct ExportLock {
    int fd;
};

/* One file per export, and not a byte range each: a range is found by a hash, which can collide, or
 * by a number kept in the database, which changes when the database is deleted under a running
 * process. A file also has room for who holds it. It is never removed: a process that waits to
 * lock a removed file would lock nothing. */
static void
append_file_name(Buffer *path, const char *export_name)
{
    size_t start = path->size;

    for (const char *at = export_name; *at != '\0'; at++) {
        unsigned char byte = (unsigned char)*at;
        bool is_plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                        (byte >= '0' && byte <= '9') || byte == '_' || byte == '-';
        if (is_plain)
            buffer_append_byte(path, byte);
        else
            buffer_append_format(path, "%%%02X", byte);
    }
    /* Names of files end at 255 bytes; a 128-bit hash keeps long ones apart. */
    if (path->size - start > NAME_BYTES_MAX) {
        XXH128_hash_t hash = XXH3_128bits(export_name, strlen(export_name));
        path->size = start + NAME_BYTES_MAX;
        buffer_append_format(path, ".%016" PRIx64 "%016" PRIx64, (uint64_t)hash.high64,
                             (uint64_t)hash.low64);
    }
    buffer_append_text(path, ".lock");
}

static int
set_lock(int fd, short type)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};
    int answer;

    do
        answer = fcntl(fd, F_OFD_SETLK, &lock);
    while (answer != 0 && errno == EINTR);
    return answer == 0 ? 0 : errno;
}

/* "4711\nrun id\n"; the id is empty until it is known. */
static int
write_holder(int fd, const char *run_id)
{
    char text[HOLDER_BYTES];

    memset(text, '\n', sizeof(text));
    int length = snprintf(text, sizeof(text), "%ld\n%s\n", (long)getpid(), run_id);
    if (length < (int)sizeof(text))
        text[length] = '\n'; /* the NUL */
    else
        text[sizeof(text) - 1] = '\n';
    ssize_t written = pwrite(fd, text, sizeof(text), 0);
    return written == (ssize_t)sizeof(text) ? 0 : written < 0 ? errno : ENOSPC;
}

static bool
fail_locked(int fd, const char *export_name, Error *err)
{
    char text[HOLDER_BYTES + 1] = "";
    ssize_t size_bytes = pread(fd, text, HOLDER_BYTES, 0);
    char *end = NULL;
    long pid = size_bytes > 0 ? strtol(text, &end, 10) : 0;

    err->hint = "wait until it has finished, or end it; there is no lock to remove by hand";
    if (pid <= 0 || *end != '\n')
        return error_set(err, ERR_LOCKED, "export '%s' is being run by another process",
                         export_name);
    char *run_id = end + 1;
    run_id[strcspn(run_id, "\n")] = '\0';
    if (run_id[0] == '\0')
        return error_set(err, ERR_LOCKED, "export '%s' is being run by process %ld", export_name,
                         pid);
    return error_set(err, ERR_LOCKED, "export '%s' is being run by process %ld (run %s)",
                     export_name, pid, run_id);
}

bool
state_lock(const State *state, const char *export_name, ExportLock **out, Error *err)
{
    Buffer path = {0};
    const char *action = "open";
    int fd = -1;

    *out = NULL;
    buffer_append_format(&path, "%s.locks", state->path);
    int errnum = mkdir(buffer_text(&path), 0700) == 0 || errno == EEXIST ? 0 : errno;
    buffer_append_byte(&path, '/');
    append_file_name(&path, export_name);
    if (errnum == 0 &&
        (fd = open(buffer_text(&path), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)) < 0)
        errnum = errno;
    if (errnum == 0) {
        action = "lock";
        errnum = set_lock(fd, F_WRLCK);
    }
    if (errnum == 0) {
        action = "write";
        errnum = write_holder(fd, "");
    } else if (fd >= 0 && (errnum == EAGAIN || errnum == EACCES)) {
        fail_locked(fd, export_name, err);
    }
    if (errnum != 0) {
        if (err->code == ERR_NONE)
            err->hint = "the folder of the state must be writable and have space; --state names "
                        "another place";
        error_set_errno(err, ERR_STATE, errnum, "cannot %s '%s'", action, buffer_text(&path));
        if (fd >= 0)
            close(fd);
    } else {
        *out = memory_alloc_zero(1, sizeof(**out));
        (*out)->fd = fd;
    }
    buffer_release(&path);
    return errnum == 0;
}

bool
state_lock_describe(ExportLock *lock, const char *run_id, Error *err)
{
    int errnum = write_holder(lock->fd, run_id);

    return errnum == 0 || error_set_errno(err, ERR_STATE, errnum, "cannot describe the lock");
}

void
state_unlock(ExportLock *lock)
{
    if (lock == NULL)
        return;
    /* A child between fork and exec still shares the description: closing ours is not enough. */
    set_lock(lock->fd, F_UNLCK);
    close(lock->fd);
    free(lock);
}

/* Field 22 of /proc/self/stat; the second is the program's name in brackets and may hold spaces. */
static uint64_t
start_ticks(void)
{
    char text[1024];
    FILE *file = fopen("/proc/self/stat", "re");

    if (file == NULL)
        return 0;
    size_t length = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    text[length] = '\0';
    const char *at = strrchr(text, ')');
    for (int field = 2; at != NULL && field < 22; field++)
        at = strchr(at + 1, ' ');
    return at == NULL ? 0 : strtoull(at, NULL, 10);
}

const char *
state_owner_self(Arena *arena)
{
    char host[256] = "";

    if (gethostname(host, sizeof(host) - 1) != 0 || host[0] == '\0')
        snprintf(host, sizeof(host), "localhost");
    return arena_format(arena, "%s:%ld:%" PRIu64, host, (long)getpid(), start_ticks());
}
