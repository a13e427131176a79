/* What a writer's process holds stays within the budget it was given, whatever the table. */
#include "../../test.h"

#include <malloc.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "format/parquet/parquet.h"
#include "support/parquet_rows.h"
#include "util/memory.h"
#include "util/process.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HAS_SHADOW_MEMORY 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HAS_SHADOW_MEMORY 1
#endif
#endif

enum { MIB = 1 << 20, BATCH_ROWS = 1024, FIXED_MB = 8 /* contexts, tables of columns, the heap */ };

typedef enum Content {
    CONTENT_RANDOM_TEXT,
    CONTENT_RANDOM_INT,
    CONTENT_FEW,
    CONTENT_SERIAL
} Content;

typedef struct MemoryCase {
    const char *name;
    size_t column_count;
    Content content;
    size_t written_mb; /* PLAIN bytes, several times the budget */
    size_t memory_mb;
    Compression compression;
    int64_t threads;
    size_t value_bytes; /* one value of this size in the last row; 0: none */
    size_t extra_mb;    /* what that value may add */
} MemoryCase;

static const MemoryCase CASES[] = {
    {"5 columns of random text", 5, CONTENT_RANDOM_TEXT, 250, 100, COMPRESSION_ZSTD, 0, 0, 0},
    {"5 columns, small budget", 5, CONTENT_RANDOM_TEXT, 150, 24, COMPRESSION_ZSTD, 1, 0, 0},
    {"50 columns of random numbers", 50, CONTENT_RANDOM_INT, 200, 100, COMPRESSION_NONE, 0, 0, 0},
    {"50 columns of few values", 50, CONTENT_FEW, 200, 64, COMPRESSION_SNAPPY, 1, 0, 0},
    {"500 columns of random text", 500, CONTENT_RANDOM_TEXT, 250, 100, COMPRESSION_ZSTD, 1, 0, 0},
    {"500 columns of serial numbers", 500, CONTENT_SERIAL, 120, 100, COMPRESSION_ZSTD, 0, 0, 0},
    /* In the batch, in its page, and what the codec made of it. */
    {"one cell of 200 MB", 5, CONTENT_SERIAL, 50, 64, COMPRESSION_ZSTD, 0, 200 * MIB, 600},
};

static void
append(Column *column, Content content, uint64_t random, uint64_t row)
{
    char text[32];
    Error err = ERROR_INIT;

    switch (content) {
    case CONTENT_RANDOM_TEXT:
        for (size_t i = 0; i < 4; i++) {
            uint64_t part = row_random(random, i, 0, 0);
            memcpy(text + i * 8, &part, 8);
        }
        if (!column_append_bytes(column, text, sizeof(text), &err))
            abort();
        return;
    case CONTENT_RANDOM_INT:
        column_append_i64(column, (int64_t)random);
        return;
    case CONTENT_FEW:
        column_append_i64(column, (int64_t)(random % 1000) * 1000003);
        return;
    case CONTENT_SERIAL:
        column_append_i64(column, (int64_t)row);
        return;
    }
}

static void
fill(const MemoryCase *what, Batch *batch, uint64_t first)
{
    batch_reset(batch);
    for (size_t i = 0; i < what->column_count; i++)
        for (uint64_t row = first; row < first + BATCH_ROWS; row++) {
            Column *column = &batch->columns[i];
            bool is_bytes = column->storage == STORAGE_BYTES;
            append(column, is_bytes ? CONTENT_RANDOM_TEXT : what->content, row_random(1, i, row, 0),
                   row);
        }
    batch->row_count = BATCH_ROWS;
}

static bool
drop_bytes(void *receiver, const void *bytes, size_t size_bytes, Error *err)
{
    (void)receiver;
    (void)bytes;
    (void)size_bytes;
    (void)err;
    return true;
}

static void
must(bool ok, const Error *err)
{
    if (!ok) {
        fprintf(stderr, "%s\n", err->message);
        abort();
    }
}

/* One more row, whose last column holds the large value. */
static void
fill_large(const MemoryCase *what, Batch *batch)
{
    Error err = ERROR_INIT;

    batch_reset(batch);
    for (size_t i = 0; i + 1 < batch->column_count; i++)
        append(&batch->columns[i], what->content, 1, 1);
    Column *column = &batch->columns[batch->column_count - 1];
    uint8_t *to = column_reserve_bytes(column, what->value_bytes, &err);
    must(to != NULL, &err);
    for (size_t i = 0; i < what->value_bytes; i += 8) {
        uint64_t part = row_random(2, i, 0, 0);
        memcpy(to + i, &part, 8);
    }
    column_commit_bytes(column, what->value_bytes);
    batch->row_count = 1;
}

static void
write_rows_of(const MemoryCase *what, Writer *writer, Batch *batch)
{
    size_t row_bytes = what->column_count * (what->content == CONTENT_RANDOM_TEXT ? 36 : 8);
    uint64_t rows = (uint64_t)what->written_mb * MIB / row_bytes;
    Error err = ERROR_INIT;

    for (uint64_t row = 0; row < rows; row += BATCH_ROWS) {
        size_t taken = 0;
        bool is_full = false;
        fill(what, batch, row);
        must(format_write(writer, batch, 0, &taken, &is_full, &err), &err);
    }
    if (what->value_bytes > 0) {
        size_t taken = 0;
        bool is_full = false;
        fill_large(what, batch);
        must(format_write(writer, batch, 0, &taken, &is_full, &err), &err);
    }
    must(format_finish(writer, &err), &err);
}

/* Returns the most memory of the process beyond what it had with a full batch. */
static uint64_t
write_case(const MemoryCase *what)
{
    ColumnSchema *columns = memory_alloc_zero(what->column_count, sizeof(*columns));
    const Schema schema = {.columns = columns, .column_count = what->column_count};
    ParquetConfig config = {.row_group_mb = 128,
                            .page_kb = 1024,
                            .dictionary = true,
                            .statistics = true,
                            .encode_threads = what->threads};
    FormatOptions options = {.schema = &schema,
                             .parquet = &config,
                             .compression = what->compression,
                             .memory_bytes = what->memory_mb * MIB};
    bool is_text = what->content == CONTENT_RANDOM_TEXT;
    Batch batch;
    Sink sink;
    Writer *writer = NULL;
    Error err = ERROR_INIT;

    for (size_t i = 0; i < what->column_count; i++) {
        bool is_last = i + 1 == what->column_count && what->value_bytes > 0;
        columns[i] = (ColumnSchema){.name = memory_format("c%zu", i),
                                    .type = {.kind = is_last   ? TYPE_BINARY
                                                     : is_text ? TYPE_BINARY
                                                               : TYPE_INT64}};
    }
    batch_init(&batch, &schema, BATCH_ROWS, SIZE_MAX);
    fill(what, &batch, 0);
    uint64_t before = process_rss_bytes();
    sink_init(&sink, drop_bytes, NULL);
    must(PARQUET_DRIVER.open(&options, &sink, &writer, &err), &err);
    write_rows_of(what, writer, &batch);
    format_free(writer);
    sink_release(&sink);
    batch_release(&batch);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    uint64_t peak = (uint64_t)usage.ru_maxrss * 1024;
    return peak > before ? peak - before : 0;
}

/* Each case in a process of its own. */
static uint64_t
peak_of_case(const MemoryCase *what)
{
    int ends[2];
    int status = 0;
    uint64_t peak = 0;

    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        mallopt(M_ARENA_MAX, 2); /* as the program does */
        mallopt(M_MMAP_THRESHOLD, MIB);
        mallopt(M_TRIM_THRESHOLD, MIB);
        peak = write_case(what);
        _exit(write(ends[1], &peak, sizeof(peak)) == (ssize_t)sizeof(peak) ? 0 : 1);
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], &peak, sizeof(peak)), sizeof(peak));
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    return peak;
}

static void
peak_memory_stays_in_the_budget(void **state)
{
    (void)state;
#ifdef HAS_SHADOW_MEMORY
    skip();
#endif
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        size_t most_mb = CASES[i].memory_mb + CASES[i].extra_mb + FIXED_MB;
        uint64_t peak_mb = peak_of_case(&CASES[i]) / MIB;
        print_message("%-32s %4zu of %4zu MB\n", CASES[i].name, (size_t)peak_mb, most_mb);
        if (peak_mb > most_mb)
            fail_msg("%s: %zu MB", CASES[i].name, (size_t)peak_mb);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(peak_memory_stays_in_the_budget),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
