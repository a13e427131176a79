/* The queue before the helpers: what is stored where it was filled, and how many help whom. The
 * linker puts this file's compressor_run before the real one, which it may hold up. */
#include "../../test.h"

#include <pthread.h>

#include "format/parquet/page_queue.h"

enum { PAGE_BYTES = 1 << 20, JOBS = 3 };

/* ---- a compressor that waits at a gate ---- */

bool __real_compressor_run(Compressor *compressor, const void *from, size_t size_bytes, void *to,
                           size_t capacity_bytes, size_t *written_bytes, Error *err);
bool __wrap_compressor_run(Compressor *compressor, const void *from, size_t size_bytes, void *to,
                           size_t capacity_bytes, size_t *written_bytes, Error *err);

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t moved = PTHREAD_COND_INITIALIZER;
static bool is_closed;
static size_t waiting_count;
static const void *waiting[2 * JOBS]; /* the pages' bodies, in order of arrival */

bool
__wrap_compressor_run(Compressor *compressor, const void *from, size_t size_bytes, void *to,
                      size_t capacity_bytes, size_t *written_bytes, Error *err)
{
    pthread_mutex_lock(&mutex);
    if (is_closed)
        waiting[waiting_count++] = from;
    pthread_cond_broadcast(&moved);
    while (is_closed)
        pthread_cond_wait(&moved, &mutex);
    pthread_mutex_unlock(&mutex);
    return __real_compressor_run(compressor, from, size_bytes, to, capacity_bytes, written_bytes,
                                 err);
}

static void
set_gate(bool closed)
{
    pthread_mutex_lock(&mutex);
    is_closed = closed;
    pthread_cond_broadcast(&moved);
    pthread_mutex_unlock(&mutex);
}

static void
wait_for_waiting(size_t count)
{
    pthread_mutex_lock(&mutex);
    while (waiting_count < count)
        pthread_cond_wait(&moved, &mutex);
    pthread_mutex_unlock(&mutex);
}

static PageJob
page_job(Page *page, PageStore *store, PageBuffer raw, size_t headroom, size_t body_bytes)
{
    PageJob job = {.page = page,
                   .store = store,
                   .raw = raw,
                   .body = raw.data + headroom,
                   .body_bytes = body_bytes};

    for (size_t i = 0; i < body_bytes; i++)
        job.body[i] = (uint8_t)(i * 7 + (i >> 9));
    return job;
}

/* ---- the tests ---- */

static const struct {
    CodecId codec;
    size_t headroom;
    size_t idle_bytes; /* of the buffer, behind the body */
    bool is_kept;
} PLACES[] = {
    {CODEC_NONE, PAGE_IN_PLACE_HEADROOM, 0, true},
    {CODEC_NONE, PAGE_IN_PLACE_HEADROOM, PAGE_BYTES / 16, true},
    {CODEC_NONE, PAGE_IN_PLACE_HEADROOM, PAGE_BYTES / 2, false}, /* too much would lie idle */
    {CODEC_NONE, 0, 0, false},                                   /* no room for the header */
    {CODEC_ZSTD, PAGE_IN_PLACE_HEADROOM, 0, false},
};

static void
full_pages_without_a_codec_stay_where_they_are(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(PLACES); i++) {
        PageQueue *queue = page_queue_new(
            &(PageQueueOptions){.codec = PLACES[i].codec, .level = 1, .limit_bytes = PAGE_BYTES});
        PageStore store = {0};
        Page page = {.header = {.type = PAGE_DATA}};
        PageBuffer raw = page_queue_open_buffer(queue, PAGE_BYTES, &store);
        size_t size = raw.capacity - PLACES[i].headroom - PLACES[i].idle_bytes;
        Error err = ERROR_INIT;
        PageJob job = page_job(&page, &store, raw, PLACES[i].headroom, size);
        assert_ok(page_queue_submit(queue, &job, &err), &err);
        assert_ok(page_queue_drain(queue, &err), &err);
        const uint8_t *body = page.stored + page.stored_bytes - size;
        if (PLACES[i].codec != CODEC_NONE)
            assert_in_range(page.stored_bytes, 1, size - 1);
        else if ((body == job.body) != PLACES[i].is_kept)
            fail_msg("case %zu: %s", i, body == job.body ? "kept" : "copied");
        for (size_t at = 0; PLACES[i].codec == CODEC_NONE && at < size; at++)
            assert_int_equal(body[at], (uint8_t)(at * 7 + (at >> 9)));
        page_queue_free(queue);
        page_store_release(&store);
    }
}

static bool
is_body_of(const void *body, const PageJob *jobs)
{
    for (size_t i = 0; i < JOBS; i++)
        if (jobs[i].body == body)
            return true;
    return false;
}

/* Two helpers, and two queues that may have one each: the second helper passes over the older pages
 * of the first queue. */
static void
a_queue_has_no_more_helpers_than_it_asked_for(void **state)
{
    CompressPool *pool = compress_pool_new(2);
    const PageQueueOptions options = {.pool = pool,
                                      .helper_limit = 1,
                                      .codec = CODEC_ZSTD,
                                      .level = 1,
                                      .limit_bytes = 8 * PAGE_BYTES};
    PageQueue *queues[2];
    PageStore stores[2] = {0};
    Page pages[2][JOBS] = {0};
    PageJob jobs[2][JOBS];
    Error err = ERROR_INIT;

    (void)state;
    set_gate(true);
    for (size_t i = 0; i < 2; i++) {
        queues[i] = page_queue_new(&options);
        for (size_t j = 0; j < JOBS; j++) {
            PageBuffer raw = page_queue_take_buffer(queues[i], PAGE_BYTES);
            pages[i][j].header.type = PAGE_DATA;
            jobs[i][j] = page_job(&pages[i][j], &stores[i], raw, 0, PAGE_BYTES);
            assert_ok(page_queue_submit(queues[i], &jobs[i][j], &err), &err);
        }
    }
    wait_for_waiting(2);
    assert_true(is_body_of(waiting[0], jobs[0]));
    assert_true(is_body_of(waiting[1], jobs[1]));
    set_gate(false);
    for (size_t i = 0; i < 2; i++) {
        assert_ok(page_queue_drain(queues[i], &err), &err);
        for (size_t j = 0; j < JOBS; j++)
            assert_in_range(pages[i][j].stored_bytes, 1, PAGE_BYTES - 1);
        page_queue_free(queues[i]);
        page_store_release(&stores[i]);
    }
    compress_pool_free(pool);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(full_pages_without_a_codec_stay_where_they_are),
        cmocka_unit_test(a_queue_has_no_more_helpers_than_it_asked_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
