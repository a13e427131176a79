/* One pool of helpers for several writers: the files stay what they are, the threads stay few. */
#include "../../test.h"

#include <dirent.h>
#include <pthread.h>
#include <unistd.h>

#include "format/parquet/compress_pool.h"
#include "support/parquet_write.h"
#include "util/memory.h"

enum { ROWS = 12000, WRITERS = 6, POOL_HELPERS = 2 };

static const struct {
    Compression compression;
    ParquetEncodingProfile profile;
    int64_t threads; /* of the writer, which the pool may be too small for */
    size_t memory_mb;
} CASES[WRITERS] = {
    {COMPRESSION_ZSTD, ENCODING_COMPAT, 1, 64},  {COMPRESSION_NONE, ENCODING_COMPAT, 2, 8},
    {COMPRESSION_LZ4, ENCODING_MODERN, 5, 8},    {COMPRESSION_GZIP, ENCODING_COMPAT, 1, 8},
    {COMPRESSION_SNAPPY, ENCODING_MODERN, 0, 8}, {COMPRESSION_ZSTD, ENCODING_MODERN, 2, 8},
};

static WriteCase
write_case_of(size_t i)
{
    WriteCase how = write_case_default();

    how.compression = CASES[i].compression;
    how.config.encoding = CASES[i].profile;
    how.memory_bytes = CASES[i].memory_mb << 20;
    how.batch_rows = 777;
    return how;
}

typedef struct Job {
    size_t index;
    const RowSet *set;
    CompressPool *pool;
    WrittenFiles files;
    bool ok;
    Error error;
} Job;

static void *
write_with_pool(void *argument)
{
    Job *job = argument;
    WriteCase how = write_case_of(job->index);

    how.config.encode_threads = CASES[job->index].threads;
    how.compress_pool = job->pool;
    job->ok = write_rows(job->set, ROWS, &how, &job->files, &job->error);
    return NULL;
}

/* A writer that is given up with its pages still under way. */
static void *
drop_writers(void *argument)
{
    Job *job = argument;
    WriteCase how = write_case_of(job->index);
    FormatOptions options = {
        .schema = &job->set->schema,
        .parquet = &how.config,
        .memory_bytes = how.memory_bytes,
        .compress_pool = job->pool,
    };
    Batch batch;

    how.config.encode_threads = 1;
    batch_init(&batch, &job->set->schema, 3000, SIZE_MAX);
    row_set_fill(job->set, 0, 3000, &batch);
    job->ok = true;
    for (int i = 0; job->ok && i < 5; i++) {
        size_t taken = 0;
        bool is_full = false;
        Buffer bytes = {0};
        Sink sink;
        Writer *writer = NULL;
        sink_init(&sink, write_to_buffer, &bytes);
        job->ok = PARQUET_DRIVER.open(&options, &sink, &writer, &job->error) &&
                  format_write(writer, &batch, 0, &taken, &is_full, &job->error);
        format_free(writer);
        sink_release(&sink);
        buffer_release(&bytes);
    }
    batch_release(&batch);
    return NULL;
}

static void
compare_with_one_thread(const Job *job)
{
    WriteCase how = write_case_of(job->index);
    WrittenFiles want;
    Error err = ERROR_INIT;

    assert_ok(job->ok, &job->error);
    assert_ok(write_rows(job->set, ROWS, &how, &want, &err), &err);
    assert_int_equal(job->files.count, 1);
    if (want.files[0].size != job->files.files[0].size ||
        memcmp(want.files[0].data, job->files.files[0].data, want.files[0].size) != 0)
        fail_msg("writer %zu: other bytes than without helpers", job->index);
    written_files_release(&want);
}

static void
writers_of_one_pool_do_not_disturb_each_other(void **state)
{
    CompressPool *pool = compress_pool_new(POOL_HELPERS);
    pthread_t threads[WRITERS + 1];
    Job jobs[WRITERS + 1] = {0};
    RowSet set;

    (void)state;
    row_set_init(&set, 11, 10, true);
    for (size_t i = 0; i <= WRITERS; i++) {
        jobs[i] = (Job){.index = i % WRITERS, .set = &set, .pool = pool};
        assert_int_equal(pthread_create(&threads[i], NULL,
                                        i < WRITERS ? write_with_pool : drop_writers, &jobs[i]),
                         0);
    }
    for (size_t i = 0; i <= WRITERS; i++)
        pthread_join(threads[i], NULL);
    compress_pool_free(pool);
    assert_ok(jobs[WRITERS].ok, &jobs[WRITERS].error);
    for (size_t i = 0; i < WRITERS; i++) {
        compare_with_one_thread(&jobs[i]);
        written_files_release(&jobs[i].files);
    }
    row_set_release(&set);
}

static size_t
thread_count(void)
{
    DIR *tasks = opendir("/proc/self/task");
    size_t count = 0;

    assert_non_null(tasks);
    for (const struct dirent *entry = NULL; (entry = readdir(tasks)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(tasks);
    return count;
}

/* A joined thread stays in /proc for a moment. */
static void
wait_for_threads(size_t count)
{
    for (int i = 0; i < 2000 && thread_count() != count; i++)
        usleep(5000);
    assert_int_equal(thread_count(), count);
}

typedef struct OpenWriter {
    Buffer bytes;
    Sink sink;
    Writer *writer;
} OpenWriter;

/* However many writers are open, and none before there is a page to compress. */
static void
helpers_are_as_many_as_the_pool_has(void **state)
{
    size_t before = thread_count();
    CompressPool *pool = compress_pool_new(POOL_HELPERS);
    WriteCase how = write_case_default();
    OpenWriter open[WRITERS] = {0};
    RowSet set;
    Batch batch;
    Error err = ERROR_INIT;

    (void)state;
    row_set_init(&set, 3, 10, false);
    batch_init(&batch, &set.schema, ROWS, SIZE_MAX);
    row_set_fill(&set, 0, ROWS, &batch);
    how.config.encode_threads = POOL_HELPERS;
    how.config.page_kb = 16;
    FormatOptions options = {.schema = &set.schema, .parquet = &how.config, .compress_pool = pool};
    assert_null(compress_pool_new(0));
    assert_int_equal(thread_count(), before);
    for (size_t i = 0; i < WRITERS; i++) {
        size_t taken = 0;
        bool is_full = false;
        sink_init(&open[i].sink, write_to_buffer, &open[i].bytes);
        assert_ok(PARQUET_DRIVER.open(&options, &open[i].sink, &open[i].writer, &err), &err);
        assert_ok(format_write(open[i].writer, &batch, 0, &taken, &is_full, &err), &err);
        assert_int_equal(thread_count(), before + POOL_HELPERS);
    }
    for (size_t i = 0; i < WRITERS; i++) {
        assert_ok(format_finish(open[i].writer, &err), &err);
        format_free(open[i].writer);
        sink_release(&open[i].sink);
        buffer_release(&open[i].bytes);
    }
    compress_pool_free(pool);
    wait_for_threads(before);
    batch_release(&batch);
    row_set_release(&set);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writers_of_one_pool_do_not_disturb_each_other),
        cmocka_unit_test(helpers_are_as_many_as_the_pool_has),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
