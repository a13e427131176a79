#include "format/parquet/page_compress.h"

/* Results above this size are compressed where they will lie; smaller ones in a scratch buffer,
 * because the store should hold their true size and not their bound. */
enum { COMPRESS_IN_PLACE_BYTES = 4 << 20 };

void
compress_context_release(CompressContext *context)
{
    compressor_free(context->compressor);
    buffer_release(&context->scratch);
    buffer_release(&context->header);
}

Compressor *
compress_context_compressor(CompressContext *context, CodecId codec, int level)
{
    if (context->compressor != NULL && !compressor_is_for(context->compressor, codec, level)) {
        compressor_free(context->compressor);
        context->compressor = NULL;
    }
    if (context->compressor == NULL)
        context->compressor = compressor_new(codec, level);
    return context->compressor;
}

static uint8_t *
take_from_store(const PageJob *job, pthread_mutex_t *store_lock, size_t size_bytes)
{
    if (store_lock != NULL)
        pthread_mutex_lock(store_lock);
    uint8_t *bytes = page_store_take(job->store, size_bytes);
    if (store_lock != NULL)
        pthread_mutex_unlock(store_lock);
    return bytes;
}

static void
finish_header(const PageJob *job, CompressContext *context, const uint8_t *body, size_t body_bytes)
{
    PageHeader *header = &job->page->header;

    header->uncompressed_size = (int32_t)job->body_bytes;
    header->compressed_size = (int32_t)body_bytes;
    header->has_crc = true;
    header->crc = page_crc32(body, body_bytes);
    buffer_reset(&context->header);
    page_header_write(header, &context->header);
    assert(context->header.size <= PAGE_HEADER_MAX_BYTES);
    job->page->stored_bytes = context->header.size + body_bytes;
    job->page->uncompressed_bytes = context->header.size + job->body_bytes;
}

/* The header goes right in front of a body that lies where it is stored. */
static void
finish_in_place(const PageJob *job, CompressContext *context, uint8_t *body, size_t body_bytes)
{
    finish_header(job, context, body, body_bytes);
    memcpy(body - context->header.size, context->header.data, context->header.size);
    job->page->stored = body - context->header.size;
}

static void
store_page(const PageJob *job, CompressContext *context, pthread_mutex_t *store_lock,
           const uint8_t *body, size_t body_bytes)
{
    finish_header(job, context, body, body_bytes);
    uint8_t *to = take_from_store(job, store_lock, job->page->stored_bytes);
    memcpy(to, context->header.data, context->header.size);
    if (body_bytes > 0)
        memcpy(to + context->header.size, body, body_bytes);
    job->page->stored = to;
}

/* The buffer itself becomes part of the store. */
static bool
can_keep_raw(const PageJob *job)
{
    return job->raw.store == job->store && job->body - job->raw.data >= PAGE_IN_PLACE_HEADROOM &&
           page_fills(&job->raw, job->body_bytes);
}

static void
keep_raw(PageJob *job, CompressContext *context, pthread_mutex_t *store_lock)
{
    finish_in_place(job, context, job->body, job->body_bytes);
    if (store_lock != NULL)
        pthread_mutex_lock(store_lock);
    page_store_keep(job->store, job->raw.data);
    if (store_lock != NULL)
        pthread_mutex_unlock(store_lock);
    job->raw = (PageBuffer){0};
}

static bool
compress_in_place(const PageJob *job, CompressContext *context, Compressor *compressor,
                  pthread_mutex_t *store_lock, size_t bound, Error *err)
{
    uint8_t *body =
        take_from_store(job, store_lock, PAGE_HEADER_MAX_BYTES + bound) + PAGE_HEADER_MAX_BYTES;
    size_t written = 0;

    if (!compressor_run(compressor, job->body, job->body_bytes, body, bound, &written, err))
        return false;
    finish_in_place(job, context, body, written);
    return true;
}

bool
page_compress(PageJob *job, CompressContext *context, CodecId codec, int level,
              pthread_mutex_t *store_lock, Error *err)
{
    size_t bound = codec_bound_bytes(codec, job->body_bytes);
    size_t written = 0;

    if (codec == CODEC_NONE) {
        if (can_keep_raw(job))
            keep_raw(job, context, store_lock);
        else
            store_page(job, context, store_lock, job->body, job->body_bytes);
        return true;
    }
    Compressor *compressor = compress_context_compressor(context, codec, level);
    if (bound > COMPRESS_IN_PLACE_BYTES)
        return compress_in_place(job, context, compressor, store_lock, bound, err);
    buffer_reset(&context->scratch);
    uint8_t *body = buffer_reserve(&context->scratch, bound);
    if (!compressor_run(compressor, job->body, job->body_bytes, body, bound, &written, err))
        return false;
    store_page(job, context, store_lock, body, written);
    return true;
}
