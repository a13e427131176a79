/* A published object, read in ranges. */
#include "destination/gcs/gcs.h"
#include "util/memory.h"
#include "util/read_ahead.h"

typedef struct GcsReader {
    GcsDestination *dest;
    char *name;
    char *url; /* of this generation's bytes */
    ReadAhead object;
} GcsReader;

static bool
fetch(void *context, uint64_t offset, size_t size_bytes, Buffer *out, Error *err)
{
    const GcsReader *reader = context;
    HttpAnswer answer = {0};
    char range[64];

    snprintf(range, sizeof(range), "bytes=%" PRIu64 "-%" PRIu64, offset, offset + size_bytes - 1);
    HttpRequest request = {
        .method = "GET",
        .url = reader->url,
        .headers = {{"Range", range}},
        .n_headers = 1,
        .answer_limit_bytes = size_max(size_bytes, HTTP_ANSWER_LIMIT_BYTES),
    };
    bool ok = gcs_send(reader->dest, &request, &answer, err);
    bool is_whole = answer.status == 200 && size_bytes == reader->object.size_bytes;
    if (ok && answer.status != 206 && !is_whole)
        ok = gcs_refuse(reader->dest, GCS_READ, reader->name, &answer, err);
    if (ok) {
        *out = answer.body;
        answer.body = (Buffer){0};
    }
    http_answer_free(&answer);
    return ok;
}

static bool
read_range(void *context, uint64_t offset, void *bytes, size_t size_bytes, Error *err)
{
    return read_ahead(&((GcsReader *)context)->object, offset, bytes, size_bytes, err);
}

static void
close_reader(void *context)
{
    GcsReader *reader = context;

    read_ahead_release(&reader->object);
    free(reader->url);
    free(reader->name);
    free(reader);
}

bool
gcs_open_read(Destination *base, const UploadRef *ref, Readable *out, Error *err)
{
    GcsDestination *dest = (GcsDestination *)base;
    char *name = gcs_object_name(dest, ref->key);
    char query[64];
    GcsObject object = {0};
    bool ok = gcs_object_look(dest, name, false, &object, err);

    if (ok && !object.exists)
        ok = gcs_fail(dest, GCS_READ, name, ERR_IO, "the object does not exist", err);
    if (!ok) {
        free(name);
        return false;
    }
    snprintf(query, sizeof(query), "?alt=media&generation=%s", object.generation);
    GcsReader *reader = memory_alloc_zero(1, sizeof(*reader));
    *reader = (GcsReader){
        .dest = dest,
        .name = name,
        .url = gcs_object_url(dest, name, query),
        .object = {.fetch = fetch, .context = reader, .size_bytes = object.size_bytes},
    };
    *out = (Readable){
        .read = read_range,
        .close = close_reader,
        .context = reader,
        .size_bytes = object.size_bytes,
    };
    return true;
}
