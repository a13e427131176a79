/* Names, directories and what an errno means to the user. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "destination/local/local.h"

static const struct {
    int errnum;
    ErrorCode code;
    const char *hint;
} MEANINGS[] = {
    {ENOSPC, ERR_IO, "the disk is full: make room or choose another destination path"},
    {EDQUOT, ERR_IO, "the disk quota is used up: make room or choose another destination path"},
    {EFBIG, ERR_IO, "a file-size limit was reached: set max_file_size or raise the limit"},
    {EROFS, ERR_IO, "the file system is mounted read-only"},
    {EACCES, ERR_DENIED, "this user needs write permission on the destination directory"},
    {EPERM, ERR_DENIED, "this user needs write permission on the destination directory"},
    {ENAMETOOLONG, ERR_IO, "choose a shorter export name or file_name"},
    {ENOTDIR, ERR_IO, "a part of the destination path is a file, not a directory"},
    {EEXIST, ERR_IO, "a file of that name exists and was left alone"},
    {ESTALE, ERR_UNAVAILABLE, "the network file system lost the directory"},
    {ETIMEDOUT, ERR_UNAVAILABLE, "the network file system does not answer"},
    {EHOSTDOWN, ERR_UNAVAILABLE, "the network file system does not answer"},
    {ENOTCONN, ERR_UNAVAILABLE, "the network file system is not connected"},
};

bool
local_fail(Error *err, int errnum, const LocalDestination *dest, const char *what, const char *key)
{
    ErrorCode code = ERR_IO;
    const char *hint = NULL;

    for (size_t i = 0; i < ARRAY_LENGTH(MEANINGS); i++) {
        if (MEANINGS[i].errnum == errnum) {
            code = MEANINGS[i].code;
            hint = MEANINGS[i].hint;
        }
    }
    if (err->code == ERR_NONE)
        err->hint = hint;
    if (key == NULL)
        return error_set_errno(err, code, errnum, "cannot %s '%s'", what, dest->path);
    return error_set_errno(err, code, errnum, "cannot %s '%s/%s'", what, dest->path, key);
}

bool
local_check_directory(const LocalDestination *dest, Error *err)
{
    struct stat now;
    bool exists = stat(dest->path, &now) == 0;

    if (exists && now.st_ino == dest->base.inode && now.st_dev == dest->device)
        return true;
    if (!exists && errno != ENOENT && errno != ENOTDIR)
        return local_fail(err, errno, dest, "look at", NULL);
    if (err->code == ERR_NONE)
        err->hint = "is a volume not mounted? Nothing was changed";
    return error_set(err, ERR_UNAVAILABLE,
                     exists ? "'%s' is no longer the directory it was when this run started"
                            : "the directory '%s' is gone",
                     dest->path);
}

static int
sync_by_path(int base, const char *path)
{
    int fd = openat(base, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    /* EACCES: a directory one may enter but not list cannot be opened for this. */
    if (fd < 0)
        return errno == EACCES ? 0 : errno;
    int errnum = fsync(fd) == 0 || errno == EINVAL ? 0 : errno;
    close(fd);
    return errnum;
}

static int
make_directory(int base, const char *path, const char *parent)
{
    struct stat there;

    /* Made durable at once: a directory that a power cut takes away looks like a volume that is
     * not mounted. */
    if (mkdirat(base, path, 0777) == 0)
        return sync_by_path(base, parent);
    int errnum = errno;
    if (fstatat(base, path, &there, 0) == 0)
        return S_ISDIR(there.st_mode) ? 0 : ENOTDIR;
    return errnum;
}

int
local_make_directories(int base, const char *path)
{
    char parent[PATH_MAX];
    char prefix[PATH_MAX];

    if (strlen(path) >= sizeof(prefix))
        return ENAMETOOLONG;
    snprintf(parent, sizeof(parent), "%s", path[0] == '/' ? "/" : ".");
    for (size_t i = 1; path[i - 1] != '\0'; i++) {
        if ((path[i] != '/' && path[i] != '\0') || path[i - 1] == '/')
            continue;
        memcpy(prefix, path, i);
        prefix[i] = '\0';
        int errnum = make_directory(base, prefix, parent);
        if (errnum != 0)
            return errnum;
        memcpy(parent, prefix, i + 1);
    }
    return 0;
}

/* No empty component, none that leads elsewhere. */
static bool
is_plain(const char *key)
{
    for (const char *at = key;; at++) {
        size_t length = strcspn(at, "/");
        if (length == 0 || (length == 1 && at[0] == '.') ||
            (length == 2 && at[0] == '.' && at[1] == '.'))
            return false;
        at += length;
        if (*at == '\0')
            return true;
    }
}

bool
local_check_key(const LocalDestination *dest, const char *key, Error *err)
{
    if (is_plain(key))
        return true;
    return error_set(err, ERR_CONFIG, "'%s' cannot be a file name below '%s'", key, dest->path);
}

bool
local_enter(const LocalDestination *dest, const char *key, bool creates, LocalPlace *place,
            Error *err)
{
    char directory[REFERENCE_BYTES];
    const char *slash = strrchr(key, '/');

    *place = (LocalPlace){.directory = dest->directory, .name = key, .is_root = true};
    if (!local_check_key(dest, key, err))
        return false;
    if (strlen(key) >= sizeof(directory))
        return local_fail(err, ENAMETOOLONG, dest, "reach", key);
    if (slash == NULL)
        return true;
    memcpy(directory, key, (size_t)(slash - key));
    directory[slash - key] = '\0';
    *place = (LocalPlace){.directory = -1, .name = slash + 1};
    int errnum = creates ? local_make_directories(dest->directory, directory) : 0;
    if (errnum != 0)
        return local_fail(err, errnum, dest, "create the directory", directory);
    place->directory = openat(dest->directory, directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (place->directory < 0 && (creates || errno != ENOENT))
        return local_fail(err, errno, dest, "open the directory", directory);
    return true;
}

void
local_leave(LocalPlace *place)
{
    if (!place->is_root && place->directory >= 0)
        close(place->directory);
    *place = (LocalPlace){.directory = -1};
}

bool
local_sync_directory(const LocalDestination *dest, int directory, Error *err)
{
    /* EINVAL: a file system that cannot sync a directory, and then has no later moment to do it. */
    if (fsync(directory) == 0 || errno == EINVAL)
        return true;
    return local_fail(err, errno, dest, "make durable what was done in", NULL);
}

bool
local_temporary_key(const char *key, char *text, size_t size_bytes)
{
    const char *slash = strrchr(key, '/');
    int directory_length = slash == NULL ? 0 : (int)(slash - key) + 1;
    int length =
        snprintf(text, size_bytes, "%.*s.%s.tmp", directory_length, key, key + directory_length);

    return length >= 0 && (size_t)length < size_bytes;
}
