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

#include "format/parquet/compress_pool.h"
#include "format/parquet/page_compress.h"

typedef struct PageQueue PageQueue;

/* What a queue is for. */
typedef struct PageQueueOptions {
    CompressPool *pool;  /* may be NULL */
    size_t helper_limit; /* helpers of the pool that work for this queue at once */
    CodecId codec;
    int level;
    size_t limit_bytes; /* raw bytes under way */
} PageQueueOptions;

PageQueue *page_queue_new(const PageQueueOptions *options);
MUST_USE bool page_queue_submit(PageQueue *queue, const PageJob *job, Error *err);
/* All submitted pages are compressed. */
MUST_USE bool page_queue_drain(PageQueue *queue, Error *err);
/* A buffer of at least size_bytes, one of a finished job if there is a fitting one. */
PageBuffer page_queue_take_buffer(PageQueue *queue, size_t size_bytes);
/* The same in a slab of the store, which then keeps it without a copy if the codec is none and the
 * page fills it. */
PageBuffer page_queue_open_buffer(PageQueue *queue, size_t size_bytes, PageStore *store);
/* Makes room for size_bytes; the first used_bytes stay. */
void page_queue_grow_buffer(PageQueue *queue, PageBuffer *buffer, size_t used_bytes,
                            size_t size_bytes);
void page_buffer_release(PageBuffer *buffer); /* an unused one; the queue is gone or drained */
/* The compressor of the submitting thread, for trials. */
Compressor *page_queue_compressor(PageQueue *queue);
/* Drops what is not compressed yet. */
void page_queue_free(PageQueue *queue);

#endif
