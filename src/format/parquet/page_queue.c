#include "format/parquet/page_queue.h"

#include <signal.h>

#include "util/memory.h"

/* Buffers of finished jobs are kept for the next pages, but only a few: the pages of hundreds of
 * columns would otherwise be held twice. */
enum { SPARES_MAX = 16, SPARE_BYTES_MAX = 4 << 20 };

typedef struct QueuedJob {
    struct QueuedJob *next;
    PageQueue *queue;
    PageJob job;
} QueuedJob;

struct CompressPool {
    pthread_mutex_t lock; /* guards all of the pool, its queues' counts, stores and spares */
    pthread_cond_t has_work;
    pthread_cond_t has_result;
    QueuedJob *first;
    QueuedJob **last_link;
    bool has_started;
    bool is_stopping;
    size_t helper_count;
    size_t thread_count; /* of helpers that could be started */
    pthread_t threads[];
};

struct PageQueue {
    CompressPool *pool;
    size_t helper_limit;
    CodecId codec;
    int level;
    size_t limit_bytes;
    size_t under_way_bytes; /* queued or being compressed */
    size_t under_way_count;
    size_t helped_count; /* being compressed by helpers */
    CompressContext own; /* of the submitting thread */
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

    if (buffer.store != NULL) {
        page_store_give_back(buffer.store, buffer.data);
        return;
    }
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

PageBuffer
page_queue_open_buffer(PageQueue *queue, size_t size_bytes, PageStore *store)
{
    PageBuffer buffer = {.capacity = size_bytes, .store = store};

    lock(queue);
    buffer.data = page_store_open(store, &buffer.capacity);
    unlock(queue);
    return buffer;
}

void
page_queue_grow_buffer(PageQueue *queue, PageBuffer *buffer, size_t used_bytes, size_t size_bytes)
{
    PageBuffer grown = {0};

    if (buffer->store == NULL) {
        buffer->data = memory_resize(buffer->data, size_bytes);
        buffer->capacity = size_bytes;
        return;
    }
    grown = page_queue_open_buffer(queue, size_bytes, buffer->store);
    memcpy(grown.data, buffer->data, used_bytes);
    lock(queue);
    give_back(queue, *buffer);
    unlock(queue);
    *buffer = grown;
}

void
page_buffer_release(PageBuffer *buffer)
{
    if (buffer->store != NULL)
        page_store_give_back(buffer->store, buffer->data);
    else
        free(buffer->data);
    *buffer = (PageBuffer){0};
}

/* Called under the lock; runs the job without it. */
static void
run_queued(QueuedJob *queued, CompressContext *context)
{
    PageQueue *queue = queued->queue;
    Error err = ERROR_INIT;

    unlock(queue);
    bool ok =
        page_compress(&queued->job, context, queue->codec, queue->level, &queue->pool->lock, &err);
    lock(queue);
    queue->under_way_count--;
    queue->under_way_bytes -= queued->job.body_bytes;
    if (!ok && queue->error.code == ERR_NONE)
        queue->error = err;
    give_back(queue, queued->job.raw);
    free(queued);
    pthread_cond_broadcast(&queue->pool->has_result);
}

/* Takes the oldest job out of the pool: of this queue or, NULL, of any that may have one more
 * helper. NULL when there is none. */
static QueuedJob *
take_job(CompressPool *pool, const PageQueue *of_queue)
{
    for (QueuedJob **link = &pool->first; *link != NULL; link = &(*link)->next) {
        QueuedJob *queued = *link;
        const PageQueue *queue = queued->queue;
        if (of_queue != NULL ? queue != of_queue : queue->helped_count == queue->helper_limit)
            continue;
        *link = queued->next;
        if (queued->next == NULL)
            pool->last_link = link;
        return queued;
    }
    return NULL;
}

static void
help(QueuedJob *queued, CompressContext *context)
{
    PageQueue *queue = queued->queue; /* outlives the job: its end waits for helpers */

    queue->helped_count++;
    run_queued(queued, context);
    queue->helped_count--;
}

static void *
helper_main(void *argument)
{
    CompressPool *pool = argument;
    CompressContext context = {0};

    pthread_setname_np(pthread_self(), "rivet-compress");
    pthread_mutex_lock(&pool->lock);
    while (!pool->is_stopping) {
        QueuedJob *queued = take_job(pool, NULL);
        if (queued != NULL)
            help(queued, &context);
        else
            pthread_cond_wait(&pool->has_work, &pool->lock);
    }
    pthread_mutex_unlock(&pool->lock);
    compress_context_release(&context);
    return NULL;
}

/* Called under the lock. */
static void
start_helpers(CompressPool *pool)
{
    sigset_t all;
    sigset_t before;

    pool->has_started = true;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    while (pool->thread_count < pool->helper_count &&
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
    pool->helper_count = helper_count;
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
page_queue_new(const PageQueueOptions *options)
{
    PageQueue *queue = memory_alloc_zero(1, sizeof(*queue));

    queue->pool = options->helper_limit > 0 ? options->pool : NULL;
    queue->helper_limit = options->helper_limit;
    queue->codec = options->codec;
    queue->level = options->level;
    queue->limit_bytes = options->limit_bytes;
    return queue;
}

Compressor *
page_queue_compressor(PageQueue *queue)
{
    return compress_context_compressor(&queue->own, queue->codec, queue->level);
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
        PageJob own = *job;
        bool ok = page_compress(&own, &queue->own, queue->codec, queue->level, NULL, err);
        give_back(queue, own.raw);
        return ok;
    }
    QueuedJob *queued = memory_alloc(sizeof(*queued));
    *queued = (QueuedJob){.queue = queue, .job = *job};
    lock(queue);
    if (!pool->has_started)
        start_helpers(pool);
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
        while (queue->helped_count > 0)
            pthread_cond_wait(&queue->pool->has_result, &queue->pool->lock);
        unlock(queue);
    }
    for (size_t i = 0; i < queue->spare_count; i++)
        free(queue->spares[i].data);
    compress_context_release(&queue->own);
    free(queue);
}
