/* page_compress.h: one raw page becomes what the file holds of it: header, CRC, compressed body.
 *
 * Errors   the compressor's.
 * Threads  a context belongs to one thread at a time; the store is used under the given lock. */
#ifndef RIVET_FORMAT_PARQUET_PAGE_COMPRESS_H
#define RIVET_FORMAT_PARQUET_PAGE_COMPRESS_H

#include <pthread.h>

#include "format/parquet/codec.h"
#include "format/parquet/page.h"
#include "format/parquet/page_store.h"

/* Memory of a raw page. */
typedef struct PageBuffer {
    uint8_t *data;
    size_t capacity;
    PageStore *store; /* where it is opened; NULL: from the allocator */
} PageBuffer;

typedef struct PageJob {
    Page *page;       /* header: type, value_count and encoding are set */
    PageStore *store; /* takes the result */
    PageBuffer raw;   /* taken over */
    uint8_t *body;    /* inside raw */
    size_t body_bytes;
} PageJob;

/* What one thread needs to compress; zero-initialise. */
typedef struct CompressContext {
    Compressor *compressor;
    Buffer scratch;
    Buffer header;
} CompressContext;

void compress_context_release(CompressContext *context);
Compressor *compress_context_compressor(CompressContext *context, CodecId codec, int level);

/* Whether so little of the buffer would lie idle that the page may stay in it. */
static inline bool
page_fills(const PageBuffer *buffer, size_t body_bytes)
{
    return buffer->capacity - body_bytes <= buffer->capacity / 8;
}

/* What a raw page needs in front of its body to be stored without a copy. */
enum { PAGE_IN_PLACE_HEADROOM = PAGE_HEADER_MAX_BYTES };

/* Sets the page's stored bytes, its CRC and sizes. store_lock: NULL when nobody else uses the
 * store. job->raw.data becomes NULL when the store kept it. */
MUST_USE bool page_compress(PageJob *job, CompressContext *context, CodecId codec, int level,
                            pthread_mutex_t *store_lock, Error *err);

#endif
