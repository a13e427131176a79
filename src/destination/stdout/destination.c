#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "destination/stdout/stdout.h"
#include "util/memory.h"
#include "util/temporary.h"

static const char SPOOL_HINT[] =
    "output that must be checked first waits in TMPDIR: it needs room there";

typedef struct StdoutDestination {
    Destination base;
    Spool *spool;
} StdoutDestination;

typedef struct StdoutUpload {
    Upload base;
    int spool_fd; /* -1: streams */
    uint64_t size_bytes;
} StdoutUpload;

static Spool *
spool_of(Destination *dest)
{
    return ((StdoutDestination *)dest)->spool;
}

static bool
stdout_connect(const DestinationConfig *config, Destination **out, Error *err)
{
    StdoutDestination *dest = memory_alloc_zero(1, sizeof(*dest));
    (void)err;

    dest->base = (Destination){
        .driver = &STDOUT_DRIVER,
        .config = config,
        .identity = "stdout:",
        .is_stream = true,
    };
    dest->spool = spool_new();
    *out = &dest->base;
    return true;
}

static void
stdout_free(Destination *base)
{
    spool_free(spool_of(base));
    free(base);
}

static bool
stdout_open(Destination *base, UploadRef *ref, Upload **out, Error *err)
{
    int fd = -1;
    (void)ref;

    *out = NULL;
    if (base->needs_spool && !temporary_open(&fd, err))
        return false;
    StdoutUpload *upload = memory_alloc_zero(1, sizeof(*upload));
    *upload = (StdoutUpload){.base = {.dest = base}, .spool_fd = fd};
    *out = &upload->base;
    return true;
}

static bool
stdout_write(Upload *base, const void *bytes, size_t size_bytes, Error *err)
{
    StdoutUpload *upload = (StdoutUpload *)base;

    upload->size_bytes += size_bytes;
    return upload->spool_fd >= 0
               ? temporary_write(upload->spool_fd, bytes, size_bytes, SPOOL_HINT, err)
               : stream_write(STDOUT_FILENO, bytes, size_bytes, err);
}

static bool
stdout_seal(Upload *base, UploadRef *ref, Error *err)
{
    StdoutUpload *upload = (StdoutUpload *)base;

    if (upload->size_bytes != ref->size_bytes)
        return error_set(err, ERR_INTERNAL,
                         "standard output got %" PRIu64 " bytes, the writer counted %" PRIu64,
                         upload->size_bytes, ref->size_bytes);
    if (upload->spool_fd >= 0)
        spool_keep(spool_of(base->dest), ref->nonce, upload->spool_fd);
    upload->spool_fd = -1;
    ref->is_sealed = true;
    return true;
}

static void
stdout_release(Upload *base)
{
    StdoutUpload *upload = (StdoutUpload *)base;

    if (upload->spool_fd >= 0)
        close(upload->spool_fd);
    free(upload);
}

/* A part that streamed is out already. */
static bool
stdout_publish(Destination *dest, const UploadRef *ref, PublishResult *out, Error *err)
{
    int fd = -1;
    bool is_known = spool_find(spool_of(dest), ref->nonce, &fd);

    *out = is_known || !dest->needs_spool ? PUBLISH_DONE : PUBLISH_GONE;
    if (fd < 0)
        return true;
    if (!stream_copy(fd, STDOUT_FILENO, err))
        return false;
    spool_mark_copied(spool_of(dest), ref->nonce);
    return true;
}

/* What a pipe has taken cannot be looked at, so nothing is ever found under a key. */
static bool
stdout_probe(Destination *dest, const UploadRef *ref, ProbeResult *out, Error *err)
{
    (void)dest;
    (void)ref;
    (void)err;
    *out = PROBE_ABSENT;
    return true;
}

static bool
stdout_abort(Destination *dest, const UploadRef *ref, Error *err)
{
    (void)err;
    spool_drop(spool_of(dest), ref->nonce);
    return true;
}

static bool
stdout_open_read(Destination *dest, const UploadRef *ref, Readable *out, Error *err)
{
    int fd = -1;

    if (!spool_find(spool_of(dest), ref->nonce, &fd) || fd < 0)
        return error_set(err, ERR_UNSUPPORTED,
                         "standard output cannot be read back: nothing was held for it");
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (copy < 0)
        return error_set_errno(err, ERR_IO, errno, "cannot read the temporary file back");
    return readable_open_fd(copy, out, err);
}

static void
stdout_display(const Destination *dest, const char *key, char *text, size_t size_bytes)
{
    (void)dest;
    (void)key;
    snprintf(text, size_bytes, "stdout");
}

const DestinationDriver STDOUT_DRIVER = {
    .kind = DESTINATION_STDOUT,
    .connect = stdout_connect,
    .open = stdout_open,
    .write = stdout_write,
    .seal = stdout_seal,
    .release = stdout_release,
    .publish = stdout_publish,
    .probe = stdout_probe,
    .abort = stdout_abort,
    .open_read = stdout_open_read,
    .display = stdout_display,
    .free = stdout_free,
};
