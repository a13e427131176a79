/* From the first byte to a session that lacks nothing but its tail. */
#include "destination/gcs/gcs.h"
#include "util/digest.h"
#include "util/fault.h"
#include "util/memory.h"

typedef struct GcsUpload {
    Upload base;
    char session[REFERENCE_BYTES];
    char *key; /* fixed when the session starts */
    char *name;
    Buffer waiting; /* at most part_bytes, not yet sent */
    uint64_t sent_bytes;
    uint32_t crc32c;
} GcsUpload;

static GcsDestination *
upload_destination(const GcsUpload *upload)
{
    return (GcsDestination *)upload->base.dest;
}

bool
gcs_open(Destination *base, UploadRef *ref, Upload **out, Error *err)
{
    GcsDestination *dest = (GcsDestination *)base;
    char *name = gcs_object_name(dest, ref->key);
    GcsUpload *upload = NULL;

    *out = NULL;
    FAULT_POINT("gcs.open.before");
    if (strlen(name) > GCS_NAME_MAX_BYTES)
        gcs_fail(dest, GCS_START, name, ERR_CONFIG, "the name is longer than 1024 bytes", err);
    else if (gcs_session_start(dest, ref, err)) {
        FAULT_POINT("gcs.open.created");
        upload = memory_alloc_zero(1, sizeof(*upload));
        *upload =
            (GcsUpload){.base = {.dest = base}, .key = memory_dup_string(ref->key), .name = name};
        memcpy(upload->session, ref->reference, sizeof(upload->session));
        buffer_reserve(&upload->waiting, dest->part_bytes); /* at once: growing would overshoot */
        *out = &upload->base;
        return true;
    }
    free(name);
    return false;
}

/* The first size_bytes of what waits. */
static bool
send_waiting(GcsUpload *upload, size_t size_bytes, Error *err)
{
    const GcsPiece piece = {
        .bytes = upload->waiting.data, .size_bytes = size_bytes, .offset = upload->sent_bytes};

    if (size_bytes == 0)
        return true;
    FAULT_POINT("gcs.write.before");
    if (!gcs_session_append(upload_destination(upload), upload->session, upload->name, &piece, err))
        return false;
    FAULT_POINT("gcs.write.sent");
    upload->sent_bytes += size_bytes;
    upload->waiting.size -= size_bytes;
    memmove(upload->waiting.data, upload->waiting.data + size_bytes, upload->waiting.size);
    return true;
}

/* A full buffer waits for the byte after it: the last piece must never be empty. */
bool
gcs_write(Upload *base, const void *bytes, size_t size_bytes, Error *err)
{
    GcsUpload *upload = (GcsUpload *)base;
    const size_t limit = upload_destination(upload)->part_bytes;
    const uint8_t *from = bytes;

    upload->crc32c = digest_crc32c(upload->crc32c, bytes, size_bytes);
    while (size_bytes > 0) {
        if (upload->waiting.size == limit && !send_waiting(upload, limit, err))
            return false;
        size_t taken = size_min(size_bytes, limit - upload->waiting.size);
        buffer_append(&upload->waiting, from, taken);
        from += taken;
        size_bytes -= taken;
    }
    return true;
}

static size_t
tail_start(size_t waiting_bytes)
{
    return waiting_bytes == 0 ? 0 : (waiting_bytes - 1) / GCS_UNIT_BYTES * GCS_UNIT_BYTES;
}

bool
gcs_seal(Upload *base, UploadRef *ref, Error *err)
{
    GcsUpload *upload = (GcsUpload *)base;
    uint64_t size_bytes = upload->sent_bytes + upload->waiting.size;

    if (size_bytes != ref->size_bytes || strcmp(ref->key, upload->key) != 0)
        return error_set(err, ERR_INTERNAL,
                         "'%s' was opened as '%s' and got %" PRIu64 " bytes, the writer counted "
                         "%" PRIu64,
                         ref->key, upload->key, size_bytes, ref->size_bytes);
    FAULT_POINT("gcs.seal.before");
    if (!send_waiting(upload, tail_start(upload->waiting.size), err))
        return false;
    FAULT_POINT("gcs.seal.sent");
    gcs_check_text(upload->crc32c, ref->store_check);
    ref->tail = upload->waiting.data;
    ref->tail_bytes = upload->waiting.size;
    ref->is_sealed = true;
    return true;
}

void
gcs_release(Upload *base)
{
    GcsUpload *upload = (GcsUpload *)base;

    buffer_release(&upload->waiting);
    free(upload->name);
    free(upload->key);
    free(upload);
}
