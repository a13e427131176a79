/* page_queue.h: the way of one writer's raw pages through compression.
 *
 * Order    a page is done in its own Page, wherever and whenever that happens; drain before its
 *          sizes are looked at. So nothing in a file depends on which thread was faster.
 * Bounds   the raw bytes under way stay below a limit; a full queue makes the submitting thread
 *          compress a page itself.
 * Threads  one thread submits and drains.
 * Errors   the compressor's, from a later submit or drain.
 * Source   spec: parquet §4.5 */
#ifndef RIVET_FORMAT_PARQUET_PAGE_QUEUE_H
#define RIVET_FORMAT_PARQUET_PAGE_QUEUE_H

#include "format/parquet/codec.h"
#include "format/parquet/compress_pool.h"
#include "format/parquet/page.h"
#include "format/parquet/page_store.h"

typedef struct PageQueue PageQueue;

/* Memory of a raw page. */
typedef struct PageBuffer {
    uint8_t *data;
    size_t capacity;
} PageBuffer;

typedef struct PageJob {
    Page *page;          /* header: type, value_count and encoding are set */
    PageStore *store;    /* takes the result */
    PageBuffer raw;      /* taken over */
    const uint8_t *body; /* inside raw */
    size_t body_bytes;
} PageJob;

/* pool may be NULL. */
PageQueue *page_queue_new(CompressPool *pool, CodecId codec, int level, size_t limit_bytes);
MUST_USE bool page_queue_submit(PageQueue *queue, const PageJob *job, Error *err);
/* All submitted pages are compressed. */
MUST_USE bool page_queue_drain(PageQueue *queue, Error *err);
/* A buffer of at least size_bytes, one of a finished job if there is a fitting one. */
PageBuffer page_queue_take_buffer(PageQueue *queue, size_t size_bytes);
/* The compressor of the submitting thread, for trials. */
Compressor *page_queue_compressor(PageQueue *queue);
/* Drops what is not compressed yet. */
void page_queue_free(PageQueue *queue);

#endif
