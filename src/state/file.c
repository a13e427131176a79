#include "state/file.h"

#include "util/buffer.h"
#include "util/clock.h"
#include "util/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

enum { LOCK_WAIT_MS = 10000, LOCK_POLL_MS = 5, CHECKPOINT_BYTE = 0, OPEN_BYTE = 1 };

static const char PLACE_HINT[] = "the folder must exist and be writable; --state names another "
                                 "place for the state";

/* From linux/magic.h and the file systems' own headers; not every kernel header has them all.
 * FUSE and 9P are not here: rootless containers and virtual machines put local disks behind them,
 * and nothing tells those from a remote one. */
static const struct {
    unsigned int magic;
    const char *name;
} NETWORK_FILE_SYSTEMS[] = {
    {0x00006969, "NFS"},  {0x0000517B, "SMB"},    {0xFF534D42, "CIFS"},  {0xFE534D42, "SMB2"},
    {0x5346414F, "AFS"},  {0x6B414653, "kAFS"},   {0x73757245, "Coda"},  {0x0BD00BD0, "Lustre"},
    {0x00C36400, "Ceph"}, {0x47504653, "GPFS"},   {0x01161970, "GFS2"},  {0x7461636F, "OCFS2"},
    {0x0000564C, "NCP"},  {0x19830326, "BeeGFS"}, {0xAAD7AAEA, "PanFS"},
};

const char *
file_network_name(long magic)
{
    for (size_t i = 0; i < ARRAY_LENGTH(NETWORK_FILE_SYSTEMS); i++)
        if (NETWORK_FILE_SYSTEMS[i].magic == (unsigned int)magic)
            return NETWORK_FILE_SYSTEMS[i].name;
    return NULL;
}

/* The caller frees it. */
static char *
folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    Buffer folder = {0};

    if (slash == NULL)
        buffer_append_text(&folder, ".");
    else
        buffer_append(&folder, path, slash == path ? 1 : (size_t)(slash - path));
    return buffer_take_text(&folder);
}

bool
file_find(const char *path, bool *exists, Error *err)
{
    struct stat status;

    *exists = stat(path, &status) == 0;
    if (*exists && !S_ISREG(status.st_mode))
        return error_set(err, ERR_STATE, "state database '%s' is not a file", path);
    if (*exists || errno == ENOENT || errno == ENOTDIR)
        return true;
    err->hint = PLACE_HINT;
    return error_set_errno(err, ERR_STATE, errno, "cannot look for the state database '%s'", path);
}

bool
file_check_file_system(const char *path, Error *err)
{
    struct statfs status;
    char *folder = folder_of(path);
    int answer = statfs(folder, &status);
    int errnum = errno;

    free(folder);
    if (answer != 0) {
        err->hint = PLACE_HINT;
        return error_set_errno(err, ERR_STATE, errnum, "cannot create the state database '%s'",
                               path);
    }
    const char *name = file_network_name((long)status.f_type);
    if (name == NULL)
        return true;
    err->hint = "file locks are not dependable there, and two runs could deliver rows twice; "
                "--state or RIVET_STATE names a place on a local disk";
    return error_set(err, ERR_STATE, "the state database '%s' is on a network file system (%s)",
                     path, name);
}

static int
lock_byte(int fd, short type, off_t byte)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};
    int answer;

    do
        answer = fcntl(fd, F_OFD_SETLK, &lock);
    while (answer != 0 && errno == EINTR);
    return answer == 0 ? 0 : errno;
}

/* F_OFD_SETLKW has no time limit, and a paused process may hold the byte. */
static int
wait_for_byte(int fd, short type, off_t byte)
{
    const struct timespec pause = {.tv_nsec = LOCK_POLL_MS * 1000000L};
    int64_t deadline = clock_monotonic_ms() + LOCK_WAIT_MS;
    int errnum;

    while ((errnum = lock_byte(fd, type, byte)) == EAGAIN || errnum == EACCES) {
        if (clock_monotonic_ms() >= deadline)
            break;
        nanosleep(&pause, NULL);
    }
    return errnum;
}

int
file_lock_opening(int fd)
{
    return wait_for_byte(fd, F_WRLCK, OPEN_BYTE);
}

static bool
lock_open(const char *path, bool reads_only, int *fd, Error *err)
{
    Buffer name = {0};
    int access_mode = reads_only ? O_RDONLY : O_RDWR | O_CREAT;

    buffer_append_format(&name, "%s.lock", path);
    *fd = open(buffer_text(&name), access_mode | O_CLOEXEC | O_NOFOLLOW, 0600);
    int errnum = *fd < 0 ? errno : 0;
    const char *action = *fd < 0 ? "open" : "lock";

    if (reads_only && errnum == ENOENT) {
        buffer_release(&name);
        return true;
    }
    if (errnum == 0 && !reads_only)
        errnum = file_lock_opening(*fd);
    if (errnum == 0)
        errnum = wait_for_byte(*fd, F_RDLCK, CHECKPOINT_BYTE);
    if (errnum != 0) {
        bool is_busy = errnum == EAGAIN || (errnum == EACCES && *fd >= 0);
        err->hint = is_busy ? "another process is opening or checkpointing the state and does not "
                              "go on; end it if it is stuck"
                            : PLACE_HINT;
        error_set_errno(err, ERR_STATE, errnum, "cannot %s '%s'", action, buffer_text(&name));
        if (*fd >= 0)
            close(*fd);
        *fd = -1;
    }
    buffer_release(&name);
    return errnum == 0;
}

bool
file_lock_open(const char *path, int *fd, Error *err)
{
    return lock_open(path, false, fd, err);
}

bool
file_lock_reading(const char *path, int *fd, Error *err)
{
    return lock_open(path, true, fd, err);
}

void
file_lock_opened(int fd)
{
    lock_byte(fd, F_UNLCK, OPEN_BYTE);
}

bool
file_lock_is_sole(int fd)
{
    return lock_byte(fd, F_WRLCK, CHECKPOINT_BYTE) == 0;
}

void
file_lock_share(int fd)
{
    lock_byte(fd, F_RDLCK, CHECKPOINT_BYTE);
}

/* A new name is durable only with its folder. */
static int
sync_folder(const char *path)
{
    char *folder = folder_of(path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int errnum = fd < 0 || fsync(fd) != 0 ? errno : 0;

    if (fd >= 0)
        close(fd);
    free(folder);
    /* Some file systems cannot sync a folder; SQLite's own journal takes the same view. */
    return errnum == EINVAL ? 0 : errnum;
}

bool
file_create(const char *path, Error *err)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    int errnum = fd < 0 ? errno : 0;

    if (fd < 0 && errnum == EEXIST)
        return true;
    if (fd >= 0) {
        /* A umask such as 0277 would make it unusable for ourselves. */
        if (fchmod(fd, 0600) != 0)
            errnum = errno;
        close(fd);
    }
    if (errnum == 0)
        errnum = sync_folder(path);
    if (errnum == 0)
        return true;
    err->hint = PLACE_HINT;
    return error_set_errno(err, ERR_STATE, errnum, "cannot create the state database '%s'", path);
}

static int
restrict_one(const char *path)
{
    struct stat status;

    if (stat(path, &status) != 0)
        return errno == ENOENT ? 0 : errno;
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) == 0)
        return 0;
    return chmod(path, status.st_mode & S_IRWXU) == 0 ? 0 : errno;
}

bool
file_restrict(const char *path, Error *err)
{
    static const char *const SUFFIXES[] = {"", "-wal", "-shm"};
    Buffer name = {0};
    int errnum = 0;

    for (size_t i = 0; i < ARRAY_LENGTH(SUFFIXES) && errnum == 0; i++) {
        buffer_reset(&name);
        buffer_append_format(&name, "%s%s", path, SUFFIXES[i]);
        errnum = restrict_one(buffer_text(&name));
    }
    if (errnum != 0) {
        err->hint = "it can hold credentials, so only its owner may read it: run as the owner, or "
                    "set its mode to 0600";
        error_set_errno(err, ERR_STATE, errnum, "cannot make '%s' private", buffer_text(&name));
    }
    buffer_release(&name);
    return errnum == 0;
}
