/* encode_bench: how fast the Parquet writer turns batches into bytes.
 *
 * encode_bench [--case TEXT] [--profile compat|modern] [--codec NAME [--level N]] [--threads N]
 *              [--repeat N] [--file PATH] [--record FILE | --against FILE] [--table FILE]
 *
 * First the kernels, the writer's inner loops each on its own; then tables.
 * Each table runs in a process of its own, into a sink that drops the bytes (or PATH). Printed per
 * table and second of processor time: MB of PLAIN input and millions of values without a codec, MB
 * with the codec; then the bytes of the file, the process's peak memory beyond its batches, and the
 * rate without codec relative to a fixed loop of the same run. That last figure is what --record
 * keeps and --against compares, because it means the same on another machine: a kernel or table
 * that loses a tenth or has no figure there fails, and so does a table below its target. --table
 * encodes the rows of a flat Parquet file instead of the made-up ones. */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cases.h"
#include "format/parquet/parquet.h"
#include "kernels.h"
#include "table_file.h"
#include "util/memory.h"
#include "util/process.h"

/* Without a codec a table is written several times over, so that row groups follow each other. */
enum { ENCODE_PASSES = 6 };
enum { BATCH_ROWS = 8192, MEMORY_MB = 220, LOST_PERCENT = 10, MIB = 1 << 20 };

typedef struct Options {
    const char *only;
    ParquetEncodingProfile profile;
    Compression codec;
    OptionalInt level;
    int64_t threads;
    int repeat;
    const char *file;
    const char *table;
    const char *record;
    const char *against;
} Options;

typedef struct Result {
    double encode_s; /* best of the repeats */
    double codec_s;
    uint64_t plain_bytes;
    uint64_t value_count;
    uint64_t file_bytes; /* with the codec */
    uint64_t memory_bytes;
} Result;

/* Processor time, helpers included: other work on the machine must not count. */
static double
now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static bool
sink_write_fd(void *receiver, const void *bytes, size_t size, Error *err)
{
    const int *fd = receiver;
    const uint8_t *from = bytes;

    while (*fd >= 0 && size > 0) {
        ssize_t n = write(*fd, from, size);
        if (n < 0)
            return error_set_errno(err, ERR_IO, errno, "write");
        from += n;
        size -= (size_t)n;
    }
    return true;
}

static _Noreturn void
die(const char *what, const Error *err)
{
    fprintf(stderr, "encode_bench: %s %s\n", what, err == NULL ? "" : err->message);
    exit(2);
}

/* Writes the table `passes` times into one file; returns the seconds a pass took. */
static double
write_table(const BenchTable *table, const BenchCase *what, const Options *options,
            Compression codec, size_t passes, uint64_t *file_bytes)
{
    ParquetConfig config = {
        .encoding = options->profile,
        .row_group_mb = 128,
        .page_kb = 1024,
        .dictionary = what->has_dictionary,
        .statistics = true,
        .encode_threads = options->threads,
    };
    FormatOptions format = {
        .schema = &table->schema,
        .parquet = &config,
        .compression = codec,
        .compression_level = options->level,
        .memory_bytes = (size_t)MEMORY_MB * MIB,
    };
    int fd = -1;
    Sink sink;
    Writer *writer = NULL;
    Error err = ERROR_INIT;

    if (options->file != NULL)
        fd = open(options->file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    sink_init(&sink, sink_write_fd, &fd);
    double start = now_s();
    if (!PARQUET_DRIVER.open(&format, &sink, &writer, &err))
        die("open", &err);
    for (size_t i = 0; i < table->batch_count * passes; i++) {
        size_t taken = 0;
        bool is_full = false;
        const Batch *batch = &table->batches[i % table->batch_count];
        if (!format_write(writer, batch, 0, &taken, &is_full, &err))
            die("write", &err);
    }
    if (!format_finish(writer, &err))
        die("finish", &err);
    format_free(writer);
    double seconds = (now_s() - start) / (double)passes;
    *file_bytes = sink.size_bytes;
    sink_release(&sink);
    if (fd >= 0)
        close(fd);
    return seconds;
}

static void
make_table(BenchTable *table, const BenchCase *what, const Options *options)
{
    Error err = ERROR_INIT;

    if (options->table == NULL)
        bench_table_init(table, what, BATCH_ROWS);
    else if (!bench_table_load(table, options->table, BATCH_ROWS, &err))
        die(options->table, &err);
}

static Result
run_case(const BenchCase *what, const Options *options)
{
    BenchTable table;
    Result result = {.encode_s = 1e9, .codec_s = 1e9};
    uint64_t uncompressed = 0;

    make_table(&table, what, options);
    size_t passes = options->table == NULL ? ENCODE_PASSES : 1;
    result.plain_bytes = table.plain_bytes;
    result.value_count = table.value_count;
    uint64_t before = process_rss_bytes();
    for (int i = 0; i < options->repeat; i++) {
        double encode = write_table(&table, what, options, COMPRESSION_NONE, passes, &uncompressed);
        double codec = write_table(&table, what, options, options->codec, 1, &result.file_bytes);
        result.encode_s = encode < result.encode_s ? encode : result.encode_s;
        result.codec_s = codec < result.codec_s ? codec : result.codec_s;
    }
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    uint64_t peak = (uint64_t)usage.ru_maxrss * 1024;
    result.memory_bytes = peak > before ? peak - before : 0;
    bench_table_release(&table);
    return result;
}

/* A child per case: its own peak memory, and no case warms up another's allocator. */
static Result
run_in_child(const BenchCase *what, const Options *options)
{
    Result result = {0};
    int ends[2];
    int status = 0;

    fflush(stdout);
    if (pipe(ends) != 0)
        die("pipe", NULL);
    pid_t child = fork();
    if (child == 0) {
        Result measured = run_case(what, options);
        ssize_t n = write(ends[1], &measured, sizeof(measured));
        _exit(n == (ssize_t)sizeof(measured) ? 0 : 2);
    }
    close(ends[1]);
    ssize_t n = read(ends[0], &result, sizeof(result));
    close(ends[0]);
    waitpid(child, &status, 0);
    if (n != (ssize_t)sizeof(result) || status != 0)
        die(what->name, NULL);
    return result;
}

/* The yardstick: a loop of dependent multiplications over memory in the cache. Bytes per second. */
static double
fixed_loop_rate(void)
{
    enum { WORDS = 1 << 13, ROUNDS = 3000, TRIES = 5 };
    static uint64_t words[WORDS];
    volatile uint64_t keep = 0;
    double best = 1e9;

    for (size_t i = 0; i < WORDS; i++)
        words[i] = i * i;
    for (int try = 0; try < TRIES; try++) {
        double start = now_s();
        uint64_t lanes[4] = {1, 2, 3, 4};
        for (int round = 0; round < ROUNDS; round++)
            for (size_t i = 0; i < WORDS; i += 4)
                for (size_t lane = 0; lane < 4; lane++)
                    lanes[lane] = (lanes[lane] ^ words[i + lane]) * UINT64_C(0x9E3779B97F4A7C15);
        keep = lanes[0] ^ lanes[1] ^ lanes[2] ^ lanes[3];
        double seconds = now_s() - start;
        best = seconds < best ? seconds : best;
    }
    (void)keep;
    return (double)sizeof(words) * ROUNDS / best;
}

/* Recorded figures: lines "<relative>\t<case>". 0 when the case is not there. */
static double
recorded_figure(const char *path, const char *name)
{
    char line[256];
    double found = 0;
    FILE *file = fopen(path, "r");

    if (file == NULL)
        die(path, NULL);
    while (fgets(line, sizeof(line), file) != NULL) {
        char *tab = strchr(line, '\t');
        line[strcspn(line, "\n")] = '\0';
        if (tab != NULL && strcmp(tab + 1, name) == 0)
            found = strtod(line, NULL);
    }
    fclose(file);
    return found;
}

/* What is wrong with a figure, or "". Nothing is known of one that nobody recorded. */
static const char *
judge(const char *name, double relative, const Options *options, FILE *record)
{
    double wanted = options->against == NULL ? 0 : recorded_figure(options->against, name);

    if (record != NULL)
        fprintf(record, "%.3f\t%s\n", relative, name);
    if (options->against != NULL && wanted == 0)
        return "  NOT RECORDED";
    return relative < wanted * (100 - LOST_PERCENT) / 100 ? "  SLOWER" : "";
}

static bool
report_kernel(const KernelRate *rate, double loop_rate, const Options *options, FILE *record)
{
    double relative = rate->bytes_per_s / loop_rate;
    const char *fault = judge(rate->name, relative, options, record);
    char values[32] = "";

    if (rate->values_per_s > 0)
        snprintf(values, sizeof(values), "%7.0f M/s", rate->values_per_s / 1e6);
    printf("%-34s %7.2f GB/s %11s  %.3f%s\n", rate->name, rate->bytes_per_s / 1e9, values, relative,
           fault);
    return fault[0] == '\0';
}

static bool
report(const BenchCase *what, const Result *result, double loop_rate, const Options *options,
       FILE *record)
{
    double mega = (double)result->plain_bytes / 1e6;
    double relative = (double)result->plain_bytes / result->encode_s / loop_rate;
    const char *fault = judge(what->name, relative, options, record);
    bool is_fast =
        options->profile != ENCODING_COMPAT || mega / result->encode_s >= (double)what->target_mbs;

    printf(
        "%-26s %8.0f MB/s %7.0f M/s  codec %7.3f s %7.0f MB/s  %10" PRIu64
        " bytes (%5.2f)  %5.1f MB  %.3f%s%s\n",
        what->name, mega / result->encode_s, (double)result->value_count / 1e6 / result->encode_s,
        result->codec_s, mega / result->codec_s, result->file_bytes,
        (double)result->plain_bytes / (double)result->file_bytes,
        (double)result->memory_bytes / 1e6, relative, fault, is_fast ? "" : "  BELOW ITS TARGET");
    return fault[0] == '\0' && is_fast;
}

static Compression
codec_of_word(const char *word)
{
    static const char *const WORDS[] = {
        [COMPRESSION_ZSTD] = "zstd", [COMPRESSION_SNAPPY] = "snappy", [COMPRESSION_GZIP] = "gzip",
        [COMPRESSION_LZ4] = "lz4",   [COMPRESSION_NONE] = "none",
    };

    for (size_t i = 0; i < ARRAY_LENGTH(WORDS); i++)
        if (strcmp(word, WORDS[i]) == 0)
            return (Compression)i;
    die(word, NULL);
}

static void
read_option(Options *options, const char *name, const char *value)
{
    if (strcmp(name, "--case") == 0)
        options->only = value;
    else if (strcmp(name, "--profile") == 0)
        options->profile = strcmp(value, "modern") == 0 ? ENCODING_MODERN : ENCODING_COMPAT;
    else if (strcmp(name, "--codec") == 0)
        options->codec = codec_of_word(value);
    else if (strcmp(name, "--level") == 0)
        options->level = (OptionalInt){.is_set = true, .value = strtoll(value, NULL, 10)};
    else if (strcmp(name, "--threads") == 0)
        options->threads = strtoll(value, NULL, 10);
    else if (strcmp(name, "--repeat") == 0)
        options->repeat = (int)strtol(value, NULL, 10);
    else if (strcmp(name, "--file") == 0)
        options->file = value;
    else if (strcmp(name, "--table") == 0)
        options->table = value;
    else if (strcmp(name, "--record") == 0)
        options->record = value;
    else if (strcmp(name, "--against") == 0)
        options->against = value;
    else
        die(name, NULL);
}

/* As the program does (main.c). */
static void
set_up_allocator(void)
{
    mallopt(M_ARENA_MAX, 2);
    mallopt(M_MMAP_THRESHOLD, MIB);
    mallopt(M_TRIM_THRESHOLD, MIB);
}

static bool
run_kernels(double loop_rate, const Options *options, FILE *record)
{
    KernelRate rates[KERNELS_MAX];
    size_t count = bench_kernels(options->only, options->repeat, now_s, rates);
    bool ok = true;

    for (size_t i = 0; i < count; i++)
        ok = report_kernel(&rates[i], loop_rate, options, record) && ok;
    return ok;
}

static bool
run_tables(double loop_rate, const Options *options, FILE *record)
{
    bool ok = true;

    for (size_t i = 0; i < BENCH_CASE_COUNT; i++) {
        if (options->only != NULL && strstr(BENCH_CASES[i].name, options->only) == NULL)
            continue;
        Result result = run_in_child(&BENCH_CASES[i], options);
        ok = report(&BENCH_CASES[i], &result, loop_rate, options, record) && ok;
    }
    return ok;
}

int
main(int argc, char **argv)
{
    Options options = {.codec = COMPRESSION_ZSTD, .repeat = 3};
    FILE *record = NULL;

    set_up_allocator();

    for (int i = 1; i + 1 < argc; i += 2)
        read_option(&options, argv[i], argv[i + 1]);
    if (options.record != NULL && (record = fopen(options.record, "w")) == NULL)
        die(options.record, NULL);
    double loop_rate = fixed_loop_rate();
    printf("fixed loop: %.1f GB/s\n", loop_rate / 1e9);
    if (options.table != NULL) {
        const BenchCase what = {.name = options.table, .has_dictionary = true};
        Result result = run_in_child(&what, &options);
        return report(&what, &result, loop_rate, &options, NULL) ? 0 : 1;
    }
    bool ok = run_kernels(loop_rate, &options, record);
    ok = run_tables(loop_rate, &options, record) && ok;
    if (record != NULL)
        fclose(record);
    return ok ? 0 : 1;
}
