/* From the first byte to upload parts that are all acknowledged.
 *
 *   write ──► filling ──full──► a slot ──► its thread sends it
 *                 ▲               │
 *                 └── buffer ◄────┘ when it is acknowledged
 *
 * Threads start with the second upload part: an object of one is sent by the caller. */
#include <pthread.h>

#include "destination/s3/s3.h"
#include "util/fault.h"
#include "util/memory.h"

enum {
    SLOTS_MAX = 64,
    THREAD_STACK_BYTES = 512 * 1024,
    MIB = 1024 * 1024,
    EQUAL_PARTS = S3_PARTS_MAX / 2, /* some stores want all upload parts of one size */
    PARTS_PER_DOUBLING = 500,
    PART_MAX_MB = 5120,
};

typedef struct Bytes {
    uint8_t *data;
    size_t size;
    size_t capacity;
} Bytes;

typedef struct S3Upload S3Upload;

/* One upload part under way. */
typedef struct Slot {
    S3Upload *upload;
    pthread_t thread;
    Bytes bytes;
    int number; /* 0: idle */
} Slot;

struct S3Upload {
    Upload base;
    char *key;
    char upload_id[REFERENCE_BYTES];
    int create_attempts;
    size_t part_bytes; /* of the first part */
    Bytes filling;
    uint64_t size_bytes;
    int part_count; /* handed out so far */
    atomic_bool is_cancelled;

    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t changed;
    S3UploadPart *parts; /* by number - 1 */
    Slot slots[SLOTS_MAX];
    int slot_count; /* with a thread */
    int busy_count;
    bool is_over;
    Error failure;
};

static S3Destination *
destination_of(const S3Upload *upload)
{
    return (S3Destination *)upload->base.dest;
}

size_t
s3_part_bytes(size_t part_bytes, int number)
{
    const size_t most = (size_t)PART_MAX_MB * MIB;

    for (int i = EQUAL_PARTS; i < number && part_bytes < most; i += PARTS_PER_DOUBLING)
        part_bytes *= 2;
    return size_min(part_bytes, most);
}

/* ---- begin ---- */

bool
s3_open(Destination *base, UploadRef *ref, Upload **out, Error *err)
{
    S3Destination *dest = (S3Destination *)base;
    S3Upload *upload = memory_alloc_zero(1, sizeof(*upload));

    upload->base.dest = base;
    upload->key = memory_dup_string(ref->key);
    upload->part_bytes = (size_t)base->config->part_mb * MIB;
    pthread_mutex_init(&upload->lock, NULL);
    pthread_cond_init(&upload->changed, NULL);
    *out = &upload->base;
    FAULT_POINT("s3.open.before");
    bool ok = s3_multipart_create(dest, ref->key, ref->nonce, upload->upload_id,
                                  &upload->create_attempts, err);
    FAULT_POINT("s3.open.created");
    ok = ok && s3_reference_write(ref, upload->upload_id, NULL, 0, err);
    if (!ok) {
        s3_release(*out);
        *out = NULL;
    }
    return ok;
}

/* ---- sending ---- */

static bool
send_part(S3Upload *upload, int number, const Bytes *bytes, S3UploadPart *done, Error *err)
{
    *done = (S3UploadPart){0};
    if (s3_multipart_send(destination_of(upload), upload->key, upload->upload_id, number,
                          bytes->data, bytes->size, &upload->is_cancelled, done, err))
        return true;
    return error_add_context(err, "upload part %d", number);
}

static void
take_result(S3Upload *upload, int number, const S3UploadPart *done, const Error *err)
{
    if (err->code == ERR_NONE)
        upload->parts[number - 1] = *done;
    else if (upload->failure.code == ERR_NONE)
        upload->failure = *err;
}

static void *
run_slot(void *context)
{
    Slot *slot = context;
    S3Upload *upload = slot->upload;

    pthread_mutex_lock(&upload->lock);
    for (;;) {
        while (slot->number == 0 && !upload->is_over)
            pthread_cond_wait(&upload->changed, &upload->lock);
        if (slot->number == 0)
            break;
        int number = slot->number;
        S3UploadPart done;
        Error err = ERROR_INIT;
        pthread_mutex_unlock(&upload->lock);
        (void)!send_part(upload, number, &slot->bytes, &done, &err);
        pthread_mutex_lock(&upload->lock);
        take_result(upload, number, &done, &err);
        slot->number = 0;
        upload->busy_count--;
        pthread_cond_broadcast(&upload->changed);
    }
    pthread_mutex_unlock(&upload->lock);
    return NULL;
}

static bool
start_slot(S3Upload *upload, Error *err)
{
    Slot *slot = &upload->slots[upload->slot_count];
    pthread_attr_t attributes;

    slot->upload = upload;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, THREAD_STACK_BYTES);
    int errnum = pthread_create(&slot->thread, &attributes, run_slot, slot);
    pthread_attr_destroy(&attributes);
    if (errnum != 0)
        return error_set_errno(err, ERR_IO, errnum, "cannot start a thread for an upload");
    upload->slot_count++;
    return true;
}

static Slot *
idle_slot(S3Upload *upload)
{
    for (int i = 0; i < upload->slot_count; i++)
        if (upload->slots[i].number == 0)
            return &upload->slots[i];
    return NULL;
}

/* Larger parts go in smaller numbers, so that the buffers' sum stays what it was. */
static int
allowed_in_flight(const S3Upload *upload)
{
    size_t all = upload->part_bytes * (size_t)upload->base.dest->config->upload_parallel;
    size_t allowed = all / size_max(upload->filling.capacity, 1);

    return allowed < 1 ? 1 : allowed > SLOTS_MAX ? SLOTS_MAX : (int)allowed;
}

static void
begin_part(S3Upload *upload)
{
    upload->part_count++;
    upload->parts =
        memory_resize(upload->parts, (size_t)upload->part_count * sizeof(*upload->parts));
    upload->parts[upload->part_count - 1] = (S3UploadPart){0};
}

/* Gives the full buffer to a slot and takes the slot's empty one. */
static bool
hand_over(S3Upload *upload, Error *err)
{
    int allowed = allowed_in_flight(upload);
    bool ok = true;

    pthread_mutex_lock(&upload->lock);
    while (upload->busy_count >= allowed && upload->failure.code == ERR_NONE)
        pthread_cond_wait(&upload->changed, &upload->lock);
    if (upload->failure.code != ERR_NONE) {
        *err = upload->failure;
        ok = false;
    } else if (idle_slot(upload) == NULL) {
        ok = start_slot(upload, err);
    }
    if (ok) {
        Slot *slot = idle_slot(upload);
        Bytes empty = slot->bytes;
        begin_part(upload);
        slot->bytes = upload->filling;
        slot->number = upload->part_count;
        upload->filling = (Bytes){.data = empty.data, .capacity = empty.capacity};
        upload->busy_count++;
        pthread_cond_broadcast(&upload->changed);
    }
    pthread_mutex_unlock(&upload->lock);
    return ok;
}

/* Room for the next part, which may be larger than the buffer that came back. */
static bool
ready_buffer(S3Upload *upload, Error *err)
{
    size_t want = s3_part_bytes(upload->part_bytes, upload->part_count + 1);

    if (upload->filling.capacity == want)
        return true;
    free(upload->filling.data);
    upload->filling = (Bytes){.data = malloc(want)};
    if (upload->filling.data == NULL) {
        err->hint = "set part_mb or upload_parallel lower, or max_file_size";
        return error_set(err, ERR_BUDGET, "no memory for an upload part of %zu MB",
                         want / (size_t)MIB);
    }
    upload->filling.capacity = want;
    return true;
}

bool
s3_write(Upload *base, const void *bytes, size_t size_bytes, Error *err)
{
    S3Upload *upload = (S3Upload *)base;
    const uint8_t *from = bytes;

    while (size_bytes > 0) {
        Bytes *filling = &upload->filling;
        if (filling->size == 0) {
            if (!ready_buffer(upload, err))
                return false;
        } else if (filling->size == filling->capacity) {
            if (upload->part_count + 1 >= S3_PARTS_MAX)
                return error_set(err, ERR_IO, "'%s' is too large for an object: set max_file_size",
                                 upload->key);
            if (!hand_over(upload, err))
                return false;
            continue;
        }
        size_t taken = size_min(size_bytes, filling->capacity - filling->size);
        memcpy(filling->data + filling->size, from, taken);
        filling->size += taken;
        upload->size_bytes += taken;
        from += taken;
        size_bytes -= taken;
    }
    return true;
}

/* ---- seal ---- */

static bool
wait_for_all(S3Upload *upload, Error *err)
{
    pthread_mutex_lock(&upload->lock);
    while (upload->busy_count > 0 && upload->failure.code == ERR_NONE)
        pthread_cond_wait(&upload->changed, &upload->lock);
    if (upload->failure.code != ERR_NONE)
        *err = upload->failure;
    pthread_mutex_unlock(&upload->lock);
    return err->code == ERR_NONE;
}

/* An upload holds at least one part, also of no byte. */
static bool
send_last(S3Upload *upload, Error *err)
{
    if (upload->slot_count > 0)
        return hand_over(upload, err) && wait_for_all(upload, err);
    begin_part(upload);
    return send_part(upload, 1, &upload->filling, &upload->parts[0], err);
}

bool
s3_seal(Upload *base, UploadRef *ref, Error *err)
{
    S3Upload *upload = (S3Upload *)base;
    S3Destination *dest = destination_of(upload);

    if (upload->size_bytes != ref->size_bytes || strcmp(upload->key, ref->key) != 0)
        return error_set(err, ERR_INTERNAL,
                         "'%s' got %" PRIu64 " bytes, the writer counted %" PRIu64 " for '%s'",
                         upload->key, upload->size_bytes, ref->size_bytes, ref->key);
    FAULT_POINT("s3.seal.before");
    if (!send_last(upload, err))
        return false;
    FAULT_POINT("s3.seal.sent");
    /* The store may have begun two when the first answer was lost. */
    if (upload->create_attempts > 1 &&
        !s3_multipart_abort_all(dest, upload->key, upload->upload_id, err))
        return false;
    size_t count = (size_t)upload->part_count;
    if (!s3_reference_write(ref, upload->upload_id, upload->parts, count, err))
        return false;
    s3_expected_check(upload->parts, count, dest->uses_crc, ref->store_check,
                      sizeof(ref->store_check));
    ref->is_sealed = true;
    return true;
}

void
s3_release(Upload *base)
{
    S3Upload *upload = (S3Upload *)base;

    atomic_store(&upload->is_cancelled, true);
    pthread_mutex_lock(&upload->lock);
    upload->is_over = true;
    pthread_cond_broadcast(&upload->changed);
    pthread_mutex_unlock(&upload->lock);
    for (int i = 0; i < upload->slot_count; i++) {
        pthread_join(upload->slots[i].thread, NULL);
        free(upload->slots[i].bytes.data);
    }
    pthread_cond_destroy(&upload->changed);
    pthread_mutex_destroy(&upload->lock);
    free(upload->filling.data);
    free(upload->parts);
    free(upload->key);
    free(upload);
}
