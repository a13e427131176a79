/* A published object, read in ranges. */
#include "destination/gcs/gcs.h"
#include "util/memory.h"

enum { WINDOW_BYTES = 4 << 20 };

typedef struct GcsReader {
    GcsDestination *dest;
    char *name;
    char *url; /* of this generation's bytes */
    uint64_t size_bytes;
    uint64_t window_at;
    HttpAnswer window; /* the body of the last request */
} GcsReader;

static bool
is_in_window(const GcsReader *reader, uint64_t offset, size_t size_bytes)
{
    return offset >= reader->window_at &&
           offset + size_bytes <= reader->window_at + reader->window.body.size;
}

static bool
fetch(GcsReader *reader, uint64_t offset, size_t size_bytes, Error *err)
{
    char range[64];
    size_t wanted = size_max(size_bytes, WINDOW_BYTES);

    if (wanted > reader->size_bytes - offset)
        wanted = (size_t)(reader->size_bytes - offset);
    snprintf(range, sizeof(range), "bytes=%" PRIu64 "-%" PRIu64, offset, offset + wanted - 1);
    HttpRequest request = {
        .method = "GET",
        .url = reader->url,
        .headers = {{"Range", range}},
        .n_headers = 1,
        .answer_limit_bytes = size_max(wanted, HTTP_ANSWER_LIMIT_BYTES),
    };
    http_answer_free(&reader->window);
    reader->window = (HttpAnswer){0};
    reader->window_at = offset;
    if (!gcs_send(reader->dest, &request, &reader->window, err))
        return false;
    bool is_whole = reader->window.status == 200 && wanted == reader->size_bytes;
    if (reader->window.status != 206 && !is_whole)
        return gcs_refuse(reader->dest, GCS_READ, reader->name, &reader->window, err);
    return reader->window.body.size == wanted ||
           gcs_fail(reader->dest, GCS_READ, reader->name, ERR_UNAVAILABLE,
                    "the answer has another length than was asked for", err);
}

static bool
read_range(void *context, uint64_t offset, void *bytes, size_t size_bytes, Error *err)
{
    GcsReader *reader = context;

    if (size_bytes == 0)
        return true;
    if (!is_in_window(reader, offset, size_bytes) && !fetch(reader, offset, size_bytes, err)) {
        http_answer_free(&reader->window);
        reader->window = (HttpAnswer){0};
        return false;
    }
    memcpy(bytes, reader->window.body.data + (offset - reader->window_at), size_bytes);
    return true;
}

static void
close_reader(void *context)
{
    GcsReader *reader = context;

    http_answer_free(&reader->window);
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
        .size_bytes = object.size_bytes,
    };
    *out = (Readable){
        .read = read_range,
        .close = close_reader,
        .context = reader,
        .size_bytes = object.size_bytes,
    };
    return true;
}
