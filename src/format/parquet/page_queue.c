#include "format/parquet/page_queue.h"

#include <pthread.h>
#include <signal.h>

#include "util/memory.h"

/* Results above this size are compressed where they will lie; smaller ones in a scratch buffer,
 * because the store should hold their true size and not their bound. */
enum { COMPRESS_IN_PLACE_BYTES = 4 << 20 };

/* Buffers of finished jobs are kept for the next pages, but only a few: the pages of hundreds of
 * columns would otherwise be held twice. */
enum { SPARES_MAX = 16, SPARE_BYTES_MAX = 4 << 20 };

typedef struct QueuedJob {
    struct QueuedJob *next;
    PageQueue *queue;
    PageJob job;
} QueuedJob;

/* What one thread needs to compress. */
typedef struct CompressContext {
    Compressor *compressor;
    Buffer scratch;
    Buffer header;
} CompressContext;

struct CompressPool {
    pthread_mutex_t lock; /* guards all of the pool, its queues' counts, stores and spares */
    pthread_cond_t has_work;
    pthread_cond_t has_result;
    QueuedJob *first;
    QueuedJob **last_link;
    bool is_stopping;
    size_t thread_count;
    pthread_t threads[];
};

struct PageQueue {
    CompressPool *pool;
    CodecId codec;
    int level;
    size_t limit_bytes;
    size_t under_way_bytes; /* queued or being compressed */
    size_t under_way_count;
    size_t running_count; /* being compressed */
    CompressContext own;  /* of the submitting thread */
    PageBuffer spares[SPARES_MAX];
    size_t spare_count;
    size_t spare_bytes;
    Error error; /* of a helper, the first one */
};

static void
lock(PageQueue *queue)
{
    if (queue->pool != NULL)
        pthread_mutex_lock(&queue->pool->lock);
}

static void
unlock(PageQueue *queue)
{
    if (queue->pool != NULL)
        pthread_mutex_unlock(&queue->pool->lock);
}

static void
context_release(CompressContext *context)
{
    compressor_free(context->compressor);
    buffer_release(&context->scratch);
    buffer_release(&context->header);
}

static Compressor *
context_compressor(CompressContext *context, const PageQueue *queue)
{
    if (context->compressor != NULL &&
        !compressor_is_for(context->compressor, queue->codec, queue->level)) {
        compressor_free(context->compressor);
        context->compressor = NULL;
    }
    if (context->compressor == NULL)
        context->compressor = compressor_new(queue->codec, queue->level);
    return context->compressor;
}

static uint8_t *
take_from_store(const PageJob *job, PageQueue *queue, size_t size_bytes)
{
    lock(queue);
    uint8_t *bytes = page_store_take(job->store, size_bytes);
    unlock(queue);
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

static void
store_page(const PageJob *job, CompressContext *context, PageQueue *queue, const uint8_t *body,
           size_t body_bytes)
{
    finish_header(job, context, body, body_bytes);
    uint8_t *to = take_from_store(job, queue, job->page->stored_bytes);
    memcpy(to, context->header.data, context->header.size);
    if (body_bytes > 0)
        memcpy(to + context->header.size, body, body_bytes);
    job->page->stored = to;
}

static bool
compress_in_place(const PageJob *job, CompressContext *context, PageQueue *queue, size_t bound,
                  Error *err)
{
    uint8_t *room = take_from_store(job, queue, PAGE_HEADER_MAX_BYTES + bound);
    uint8_t *body = room + PAGE_HEADER_MAX_BYTES;
    size_t written = 0;

    if (!compressor_run(context_compressor(context, queue), job->body, job->body_bytes, body, bound,
                        &written, err))
        return false;
    finish_header(job, context, body, written);
    memcpy(body - context->header.size, context->header.data, context->header.size);
    job->page->stored = body - context->header.size;
    return true;
}

static bool
compress_page(const PageJob *job, CompressContext *context, PageQueue *queue, Error *err)
{
    size_t bound = codec_bound_bytes(queue->codec, job->body_bytes);
    size_t written = 0;

    if (queue->codec == CODEC_NONE) {
        store_page(job, context, queue, job->body, job->body_bytes);
        return true;
    }
    if (bound > COMPRESS_IN_PLACE_BYTES)
        return compress_in_place(job, context, queue, bound, err);
    buffer_reset(&context->scratch);
    uint8_t *body = buffer_reserve(&context->scratch, bound);
    if (!compressor_run(context_compressor(context, queue), job->body, job->body_bytes, body, bound,
                        &written, err))
        return false;
    store_page(job, context, queue, body, written);
    return true;
}

static PageBuffer
remove_spare(PageQueue *queue, size_t i)
{
    PageBuffer buffer = queue->spares[i];

    queue->spare_count--;
    queue->spare_bytes -= buffer.capacity;
    memmove(&queue->spares[i], &queue->spares[i + 1],
            (queue->spare_count - i) * sizeof(queue->spares[0]));
    return buffer;
}

/* Called under the lock. The oldest spares make room: sizes that nobody asks for must not stay. */
static void
give_back(PageQueue *queue, PageBuffer buffer)
{
    size_t most = size_min(SPARE_BYTES_MAX, queue->limit_bytes / 2);

    if (buffer.capacity > most) {
        free(buffer.data);
        return;
    }
    while (queue->spare_count == SPARES_MAX || queue->spare_bytes + buffer.capacity > most)
        free(remove_spare(queue, 0).data);
    queue->spares[queue->spare_count++] = buffer;
    queue->spare_bytes += buffer.capacity;
}

/* The smallest spare that is large enough, unless most of it would lie idle. */
static bool
find_spare(const PageQueue *queue, size_t size_bytes, size_t *found)
{
    size_t best = size_bytes * 2;
    bool has_one = false;

    for (size_t i = 0; i < queue->spare_count; i++) {
        size_t capacity = queue->spares[i].capacity;
        if (capacity < size_bytes || capacity > best)
            continue;
        best = capacity;
        *found = i;
        has_one = true;
    }
    return has_one;
}

PageBuffer
page_queue_take_buffer(PageQueue *queue, size_t size_bytes)
{
    PageBuffer buffer = {0};
    size_t i = 0;

    lock(queue);
    if (find_spare(queue, size_bytes, &i))
        buffer = remove_spare(queue, i);
    unlock(queue);
    if (buffer.data == NULL)
        buffer = (PageBuffer){.data = memory_alloc(size_bytes), .capacity = size_bytes};
    return buffer;
}

/* Called under the lock; runs the job without it. */
static void
run_queued(QueuedJob *queued, CompressContext *context)
{
    PageQueue *queue = queued->queue;
    Error err = ERROR_INIT;

    queue->running_count++;
    unlock(queue);
    bool ok = compress_page(&queued->job, context, queue, &err);
    lock(queue);
    queue->running_count--;
    queue->under_way_count--;
    queue->under_way_bytes -= queued->job.body_bytes;
    if (!ok && queue->error.code == ERR_NONE)
        queue->error = err;
    give_back(queue, queued->job.raw);
    free(queued);
    pthread_cond_broadcast(&queue->pool->has_result);
}

/* Takes the oldest job out of the pool: any, or one of this queue. NULL when there is none. */
static QueuedJob *
take_job(CompressPool *pool, const PageQueue *of_queue)
{
    for (QueuedJob **link = &pool->first; *link != NULL; link = &(*link)->next) {
        QueuedJob *queued = *link;
        if (of_queue != NULL && queued->queue != of_queue)
            continue;
        *link = queued->next;
        if (queued->next == NULL)
            pool->last_link = link;
        return queued;
    }
    return NULL;
}

static void *
helper_main(void *argument)
{
    CompressPool *pool = argument;
    CompressContext context = {0};

    pthread_mutex_lock(&pool->lock);
    while (!pool->is_stopping) {
        QueuedJob *queued = take_job(pool, NULL);
        if (queued != NULL)
            run_queued(queued, &context);
        else
            pthread_cond_wait(&pool->has_work, &pool->lock);
    }
    pthread_mutex_unlock(&pool->lock);
    context_release(&context);
    return NULL;
}

static void
start_helpers(CompressPool *pool, size_t helper_count)
{
    sigset_t all;
    sigset_t before;

    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    while (pool->thread_count < helper_count &&
           pthread_create(&pool->threads[pool->thread_count], NULL, helper_main, pool) == 0)
        pool->thread_count++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

CompressPool *
compress_pool_new(size_t helper_count)
{
    CompressPool *pool = NULL;

    if (helper_count == 0)
        return NULL;
    pool = memory_alloc_zero(1, sizeof(*pool) + helper_count * sizeof(pool->threads[0]));
    pool->last_link = &pool->first;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->has_work, NULL);
    pthread_cond_init(&pool->has_result, NULL);
    start_helpers(pool, helper_count);
    if (pool->thread_count == 0) {
        compress_pool_free(pool);
        return NULL;
    }
    return pool;
}

void
compress_pool_free(CompressPool *pool)
{
    if (pool == NULL)
        return;
    pthread_mutex_lock(&pool->lock);
    assert(pool->first == NULL); /* writers are gone */
    pool->is_stopping = true;
    pthread_cond_broadcast(&pool->has_work);
    pthread_mutex_unlock(&pool->lock);
    for (size_t i = 0; i < pool->thread_count; i++)
        pthread_join(pool->threads[i], NULL);
    pthread_cond_destroy(&pool->has_result);
    pthread_cond_destroy(&pool->has_work);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}

PageQueue *
page_queue_new(CompressPool *pool, CodecId codec, int level, size_t limit_bytes)
{
    PageQueue *queue = memory_alloc_zero(1, sizeof(*queue));

    queue->pool = pool;
    queue->codec = codec;
    queue->level = level;
    queue->limit_bytes = limit_bytes;
    return queue;
}

Compressor *
page_queue_compressor(PageQueue *queue)
{
    return context_compressor(&queue->own, queue);
}

/* Called under the lock: one step towards fewer bytes under way. */
static void
help_or_wait(PageQueue *queue)
{
    QueuedJob *queued = take_job(queue->pool, queue);

    if (queued != NULL)
        run_queued(queued, &queue->own);
    else
        pthread_cond_wait(&queue->pool->has_result, &queue->pool->lock);
}

static bool
report_error(const PageQueue *queue, Error *err)
{
    if (queue->error.code == ERR_NONE)
        return true;
    *err = queue->error;
    return false;
}

bool
page_queue_submit(PageQueue *queue, const PageJob *job, Error *err)
{
    CompressPool *pool = queue->pool;

    if (pool == NULL) {
        bool ok = compress_page(job, &queue->own, queue, err);
        give_back(queue, job->raw);
        return ok;
    }
    QueuedJob *queued = memory_alloc(sizeof(*queued));
    *queued = (QueuedJob){.queue = queue, .job = *job};
    lock(queue);
    while (queue->under_way_count > 0 &&
           queue->under_way_bytes + job->body_bytes > queue->limit_bytes)
        help_or_wait(queue);
    queue->under_way_count++;
    queue->under_way_bytes += job->body_bytes;
    *pool->last_link = queued;
    pool->last_link = &queued->next;
    bool ok = report_error(queue, err);
    pthread_cond_signal(&pool->has_work);
    unlock(queue);
    return ok;
}

bool
page_queue_drain(PageQueue *queue, Error *err)
{
    if (queue->pool == NULL)
        return true;
    lock(queue);
    while (queue->under_way_count > 0)
        help_or_wait(queue);
    bool ok = report_error(queue, err);
    unlock(queue);
    return ok;
}

void
page_queue_free(PageQueue *queue)
{
    QueuedJob *queued = NULL;

    if (queue == NULL)
        return;
    if (queue->pool != NULL) {
        lock(queue);
        while ((queued = take_job(queue->pool, queue)) != NULL) {
            give_back(queue, queued->job.raw);
            free(queued);
        }
        while (queue->running_count > 0)
            pthread_cond_wait(&queue->pool->has_result, &queue->pool->lock);
        unlock(queue);
    }
    for (size_t i = 0; i < queue->spare_count; i++)
        free(queue->spares[i].data);
    context_release(&queue->own);
    free(queue);
}
