#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "destination/local/local.h"
#include "util/fault.h"
#include "util/memory.h"

static const char SCHEME[] = "file://";

/* The umask can only be read by changing it, which other threads would notice; the kernel shows it
 * in a file as well. */
static mode_t
read_umask(void)
{
    static const char FIELD[] = "Umask:";
    char line[256];
    mode_t mask = 0;
    bool is_found = false;
    FILE *status = fopen("/proc/self/status", "re");

    while (status != NULL && !is_found && fgets(line, sizeof(line), status) != NULL) {
        is_found = strncmp(line, FIELD, strlen(FIELD)) == 0;
        if (is_found)
            mask = (mode_t)strtoul(line + strlen(FIELD), NULL, 8);
    }
    if (status != NULL)
        fclose(status);
    if (!is_found) {
        mask = umask(077);
        umask(mask);
    }
    return mask;
}

/* The real path; of a directory that is not there yet, the one it would get. The caller frees it;
 * NULL: errno says why. */
static char *
resolve(const char *path)
{
    char *real = realpath(path, NULL);
    size_t length = strlen(path);

    if (real != NULL || errno != ENOENT || strcmp(path, ".") == 0)
        return real;
    while (length > 0 && path[length - 1] == '/')
        length--;
    size_t start = length;
    while (start > 0 && path[start - 1] != '/')
        start--;
    char *parent = start == 0 ? memory_dup_string(".") : memory_dup_bytes(path, start);
    char *real_parent = resolve(parent);
    if (real_parent != NULL)
        real = memory_format("%s/%.*s", strcmp(real_parent, "/") == 0 ? "" : real_parent,
                             (int)(length - start), path + start);
    free(parent);
    free(real_parent);
    return real;
}

static bool
fill_identity(Destination *dest, const char *path, Error *err)
{
    char *real = resolve(path);

    if (real == NULL)
        return error_set_errno(err, ERR_IO, errno, "cannot resolve the path '%s'", path);
    int length = snprintf(dest->identity, sizeof(dest->identity), "%s%s", SCHEME, real);
    free(real);
    return (length >= 0 && (size_t)length < sizeof(dest->identity)) ||
           error_set(err, ERR_CONFIG, "the destination path is too long");
}

static bool
open_directory(LocalDestination *dest, Error *err)
{
    const char *path = dest->base.config->path;
    struct stat about;
    int errnum = local_make_directories(AT_FDCWD, path);

    dest->path = path;
    if (errnum != 0)
        return local_fail(err, errnum, dest, "create the directory", NULL);
    if (!fill_identity(&dest->base, path, err))
        return false;
    dest->path = dest->base.identity + strlen(SCHEME);
    dest->directory = open(dest->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dest->directory < 0 || fstat(dest->directory, &about) != 0)
        return local_fail(err, errno, dest, "open the directory", NULL);
    dest->base.inode = about.st_ino;
    dest->device = about.st_dev;
    return true;
}

static void
local_free(Destination *base)
{
    LocalDestination *dest = (LocalDestination *)base;

    if (dest->directory >= 0)
        close(dest->directory);
    free(dest);
}

static bool
local_exists(const DestinationConfig *config, bool *exists, Error *err)
{
    struct stat about;

    *exists = stat(config->path, &about) == 0;
    if (*exists || errno == ENOENT || errno == ENOTDIR)
        return true;
    return error_set_errno(err, ERR_UNAVAILABLE, errno, "cannot look at '%s'", config->path);
}

static bool
local_identify(const DestinationConfig *config, Destination *place, Error *err)
{
    struct stat about;

    if (stat(config->path, &about) == 0)
        place->inode = about.st_ino;
    return fill_identity(place, config->path, err);
}

static bool
local_connect(const DestinationConfig *config, Destination **out, Error *err)
{
    LocalDestination *dest = memory_alloc_zero(1, sizeof(*dest));

    dest->base = (Destination){.driver = &LOCAL_DRIVER, .config = config};
    dest->directory = -1;
    dest->file_mode = 0666 & ~read_umask();
    *out = NULL;
    if (!open_directory(dest, err)) {
        local_free(&dest->base);
        return false;
    }
    *out = &dest->base;
    return true;
}

static bool
local_sync(Destination *base, Error *err)
{
    LocalDestination *dest = (LocalDestination *)base;
    int errnum = FAULT_ERRNO("local.sync");

    FAULT_POINT("local.sync.before");
    if (errnum != 0)
        return local_fail(err, errnum, dest, "make durable what was done in", NULL);
    if (!local_check_directory(dest, err) || !local_sync_directory(dest, dest->directory, err))
        return false;
    FAULT_POINT("local.sync.done");
    return true;
}

/* The new content, durable, under a temporary name; an old temporary is a crash's leftover. */
static int
put_temporary(const LocalDestination *dest, const LocalPlace *place, const void *bytes,
              size_t size_bytes)
{
    int fd = openat(place->directory, place->name,
                    O_CREAT | O_TRUNC | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);

    if (fd < 0)
        return errno;
    int errnum = local_write_all(fd, bytes, size_bytes);
    if (errnum == 0 && (fchmod(fd, dest->file_mode) != 0 || fsync(fd) != 0))
        errnum = errno;
    if (close(fd) != 0 && errnum == 0)
        errnum = errno;
    return errnum;
}

static bool
local_put(Destination *base, const char *key, const void *bytes, size_t size_bytes, Error *err)
{
    LocalDestination *dest = (LocalDestination *)base;
    LocalPlace final = {.directory = -1};
    LocalPlace temporary = {.directory = -1};
    char temporary_key[REFERENCE_BYTES];
    bool ok = false;
    int errnum;

    if (!local_temporary_key(key, temporary_key, sizeof(temporary_key)))
        return error_set(err, ERR_IO, "the file name '%s' is too long", key);
    FAULT_POINT("local.put.before");
    if (!local_check_directory(dest, err) || !local_enter(dest, key, true, &final, err) ||
        !local_enter(dest, temporary_key, false, &temporary, err))
        goto done;
    errnum = put_temporary(dest, &temporary, bytes, size_bytes);
    if (errnum != 0) {
        unlinkat(temporary.directory, temporary.name, 0);
        local_fail(err, errnum, dest, "write", temporary_key);
        goto done;
    }
    FAULT_POINT("local.put.synced");
    if (renameat(temporary.directory, temporary.name, final.directory, final.name) != 0) {
        local_fail(err, errno, dest, "replace", key);
        goto done;
    }
    FAULT_POINT("local.put.renamed");
    ok = local_sync_directory(dest, final.directory, err);
    FAULT_POINT("local.put.done");

done:
    local_leave(&final);
    local_leave(&temporary);
    return ok;
}

static void
local_display(const Destination *dest, const char *key, char *text, size_t size_bytes)
{
    const char *path = dest->config->path;
    size_t length = strlen(path);

    while (length > 1 && path[length - 1] == '/')
        length--;
    snprintf(text, size_bytes, "%.*s%s%s", (int)length, path,
             length == 1 && path[0] == '/' ? "" : "/", key);
}

const DestinationDriver LOCAL_DRIVER = {
    .kind = DESTINATION_LOCAL,
    .exists = local_exists,
    .identify = local_identify,
    .connect = local_connect,
    .open = local_open,
    .write = local_write,
    .seal = local_seal,
    .release = local_release,
    .publish = local_publish,
    .probe = local_probe,
    .abort = local_abort,
    .sync = local_sync,
    .put = local_put,
    .open_read = local_open_read,
    .display = local_display,
    .free = local_free,
};
