#include "destination/destination.h"
#include "preflight/doctor.h"
#include "util/random.h"
#include "util/sink.h"

static const char CONTENT[] = "ok";
enum { CONTENT_BYTES = 2 };

static const char *
local_path(const DestinationConfig *config)
{
    return config->path != NULL ? config->path : config->prefix != NULL ? config->prefix : ".";
}

const char *
doctor_destination_label(const DestinationConfig *config, Arena *arena)
{
    static const char *const KINDS[] = {
        [DESTINATION_LOCAL] = "Local",
        [DESTINATION_S3] = "S3",
        [DESTINATION_GCS] = "GCS",
        [DESTINATION_STDOUT] = "Stdout",
    };
    const char *place = config->kind == DESTINATION_LOCAL ? local_path(config) : config->bucket;

    return arena_format(arena, "%s(%s)", KINDS[config->kind], place == NULL ? "" : place);
}

static bool
same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

bool
doctor_same_destination(const DestinationConfig *a, const DestinationConfig *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == DESTINATION_LOCAL)
        return same_text(local_path(a), local_path(b));
    return same_text(a->bucket, b->bucket) && same_text(a->endpoint, b->endpoint) &&
           same_text(a->prefix, b->prefix);
}

static bool
write_upload(void *upload, const void *bytes, size_t size_bytes, Error *err)
{
    return upload_write(upload, bytes, size_bytes, err);
}

/* The upload's memory ends with it, and publishing comes after. */
static void
keep_tail(UploadRef *ref, Arena *arena)
{
    if (ref->tail_bytes > 0)
        ref->tail =
            (const uint8_t *)arena_dup_bytes(arena, (const char *)ref->tail, ref->tail_bytes);
}

static bool
write_object(Destination *dest, UploadRef *ref, Arena *arena, Error *err)
{
    Upload *upload = NULL;
    Sink sink;

    if (!destination_open(dest, ref, &upload, err))
        return false;
    sink_init(&sink, write_upload, upload);
    bool ok = sink_write(&sink, CONTENT, CONTENT_BYTES, err);
    ref->size_bytes = sink.size_bytes;
    ref->xxh3 = sink_xxh3(&sink);
    ref->is_sealed = ok;
    ok = ok && upload_seal(upload, ref, err);
    keep_tail(ref, arena);
    sink_release(&sink);
    upload_release(upload);
    return ok;
}

static bool
publish_object(Destination *dest, const UploadRef *ref, Error *err)
{
    PublishResult result = PUBLISH_GONE;

    if (!destination_publish(dest, ref, &result, err) || !destination_sync(dest, err))
        return false;
    return result == PUBLISH_DONE ||
           error_set(err, ERR_IO, "an object just written cannot be published");
}

static bool
read_object(Destination *dest, const UploadRef *ref, Error *err)
{
    Readable file = {0};
    char bytes[CONTENT_BYTES] = {0};

    if (!destination_open_read(dest, ref, &file, err))
        return false;
    bool ok =
        file.size_bytes == CONTENT_BYTES && readable_read(&file, 0, bytes, sizeof(bytes), err);
    readable_close(&file);
    if (ok && memcmp(bytes, CONTENT, CONTENT_BYTES) == 0)
        return true;
    return error_set(err, ERR_IO, "an object just written reads back differently");
}

static bool
expect_absent(Destination *dest, const UploadRef *ref, const char *when, Error *err)
{
    ProbeResult found = PROBE_FOREIGN;

    if (!destination_probe(dest, ref, &found, err))
        return false;
    return found == PROBE_ABSENT ||
           error_set(err, ERR_IO, "an object that does not exist is reported as there (%s)", when);
}

/* Removes what a failed attempt left, as far as that goes. */
static bool
try_object(Destination *dest, UploadRef *ref, Arena *arena, Error *err)
{
    Error ignored = ERROR_INIT;

    if (!expect_absent(dest, ref, "before it was written", err))
        return false;
    if (write_object(dest, ref, arena, err) && publish_object(dest, ref, err) &&
        read_object(dest, ref, err))
        return destination_abort(dest, ref, err) &&
               expect_absent(dest, ref, "after it was removed", err);
    (void)!destination_abort(dest, ref, &ignored);
    return false;
}

bool
doctor_probe_destination(const DestinationConfig *config, Arena *arena, Error *err)
{
    Destination *dest = NULL;
    UploadRef *ref = ARENA_NEW(arena, UploadRef);

    random_hex(ref->nonce, (NONCE_HEX_BYTES - 1) / 2);
    ref->key = arena_format(arena, ".rivet_doctor_probe_%s", ref->nonce);
    if (!destination_connect(config, &dest, err))
        return false;
    bool ok = dest->is_stream || try_object(dest, ref, arena, err);
    destination_free(dest);
    return ok;
}
