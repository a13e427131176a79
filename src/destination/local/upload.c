/* From the first byte to a sealed temporary file. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "destination/local/local.h"
#include "util/fault.h"
#include "util/memory.h"

/* Start writing to the disk this often, so that little is left for the fsync at the end. */
enum { WRITE_BEHIND_BYTES = 8 << 20 };

typedef struct LocalUpload {
    Upload base;
    int fd;
    uint64_t size_bytes;
    uint64_t hinted_bytes; /* up to here the kernel was told to write */
    char temporary[REFERENCE_BYTES];
} LocalUpload;

static LocalDestination *
upload_destination(const LocalUpload *upload)
{
    return (LocalDestination *)upload->base.dest;
}

static bool
create_temporary(LocalUpload *upload, UploadRef *ref, Error *err)
{
    const LocalDestination *dest = upload_destination(upload);
    LocalPlace place = {.directory = -1};
    struct stat about;
    bool ok = false;

    if (!local_temporary_key(ref->key, upload->temporary, sizeof(upload->temporary)))
        return error_set(err, ERR_IO, "the file name '%s' is too long", ref->key);
    if (!local_enter(dest, upload->temporary, true, &place, err))
        goto done;
    upload->fd = openat(place.directory, place.name,
                        O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (upload->fd < 0 || fstat(upload->fd, &about) != 0) {
        local_fail(err, errno, dest, "create", upload->temporary);
        goto done;
    }
    FAULT_POINT("local.open.created");
    ok = local_reference_write(ref, about.st_ino, upload->temporary, err);

done:
    local_leave(&place);
    return ok;
}

bool
local_open(Destination *base, UploadRef *ref, Upload **out, Error *err)
{
    LocalUpload *upload = memory_alloc_zero(1, sizeof(*upload));

    *upload = (LocalUpload){.base = {.dest = base}, .fd = -1};
    *out = NULL;
    FAULT_POINT("local.open.before");
    if (!local_check_directory((LocalDestination *)base, err) ||
        !local_check_key((LocalDestination *)base, ref->key, err) ||
        !create_temporary(upload, ref, err)) {
        local_release(&upload->base);
        return false;
    }
    *out = &upload->base;
    return true;
}

int
local_write_all(int fd, const void *bytes, size_t size_bytes)
{
    const uint8_t *from = bytes;

    while (size_bytes > 0) {
        ssize_t taken = write(fd, from, size_bytes);
        if (taken < 0 && errno == EINTR)
            continue;
        if (taken < 0)
            return errno;
        from += taken;
        size_bytes -= (size_t)taken;
    }
    return 0;
}

bool
local_write(Upload *base, const void *bytes, size_t size_bytes, Error *err)
{
    LocalUpload *upload = (LocalUpload *)base;
    int errnum = FAULT_ERRNO("local.write");

    if (errnum == 0)
        errnum = local_write_all(upload->fd, bytes, size_bytes);
    if (errnum != 0)
        return local_fail(err, errnum, upload_destination(upload), "write", upload->temporary);
    upload->size_bytes += size_bytes;
    uint64_t waiting = upload->size_bytes - upload->hinted_bytes;
    if (waiting >= WRITE_BEHIND_BYTES) {
        /* A hint. The flags that wait are left out: they would take a write error away from the
         * fsync that must see it. */
        sync_file_range(upload->fd, (off_t)upload->hinted_bytes, (off_t)waiting,
                        SYNC_FILE_RANGE_WRITE);
        upload->hinted_bytes = upload->size_bytes;
    }
    return true;
}

/* fchmod first, so that one fsync makes both the bytes and the mode durable. */
static int
sync_file(const LocalUpload *upload)
{
    int errnum = FAULT_ERRNO("local.seal.fsync");

    if (errnum != 0)
        return errnum;
    if (fchmod(upload->fd, upload_destination(upload)->file_mode) != 0 || fsync(upload->fd) != 0)
        return errno;
    return 0;
}

bool
local_seal(Upload *base, UploadRef *ref, Error *err)
{
    LocalUpload *upload = (LocalUpload *)base;
    const LocalDestination *dest = upload_destination(upload);

    if (upload->size_bytes != ref->size_bytes)
        return error_set(err, ERR_INTERNAL,
                         "'%s' got %" PRIu64 " bytes, the writer counted %" PRIu64, ref->key,
                         upload->size_bytes, ref->size_bytes);
    FAULT_POINT("local.seal.before");
    /* After a failed fsync the page cache may show bytes that the disk never got, so there is no
     * second attempt: the caller drops the unit. */
    int errnum = sync_file(upload);
    if (close(upload->fd) != 0 && errnum == 0)
        errnum = errno;
    upload->fd = -1;
    if (errnum != 0)
        return local_fail(err, errnum, dest, "make durable", upload->temporary);
    if (!local_check_directory(dest, err))
        return false;
    FAULT_POINT("local.seal.synced");
    ref->is_sealed = true;
    return true;
}

void
local_release(Upload *base)
{
    LocalUpload *upload = (LocalUpload *)base;

    if (upload->fd >= 0)
        close(upload->fd);
    free(upload);
}
