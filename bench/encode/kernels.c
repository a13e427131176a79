#include "kernels.h"

#include "format/parquet/bitpack.h"
#include "format/parquet/bounds.h"
#include "format/parquet/codec.h"
#include "format/parquet/delta.h"
#include "format/parquet/dictionary.h"
#include "format/parquet/encode_plain.h"
#include "format/parquet/hybrid.h"
#include "format/parquet/stream_split.h"
#include "util/memory.h"

enum { VALUES = 1 << 20, TEXT_ROOM = 32, PIECE = 1024, FIRST_WORD = 100000 };

/* What one kernel works on. The column's values come `distinct` different ones. */
typedef struct Bench {
    const struct Kernel *kernel;
    ColumnSchema schema;
    LeafLayout layout;
    WriterSettings settings;
    Column column;
    Dictionary dictionary;
    uint32_t *ids;
    uint64_t *bits;
    uint8_t *out;
    size_t out_bytes;
    Bounds bounds;
    volatile uint64_t kept; /* so that nothing is optimised away */
} Bench;

typedef struct Kernel {
    const char *name;
    void (*run)(Bench *bench);
    TypeKind type;
    size_t distinct;  /* values, 0: every one random */
    size_t text_size; /* bytes of a text */
    unsigned bits;    /* width, or percentage of NULL */
    bool counts_values;
} Kernel;

static void
run_bounds(Bench *bench)
{
    BoundsUpdate update = bounds_update_of(bench->layout.bounds);

    bounds_reset(&bench->bounds);
    for (size_t at = 0; at < VALUES; at += PIECE)
        update(&bench->bounds, &bench->column, at, PIECE);
}

static void
run_bitpack(Bench *bench)
{
    uint8_t *to = bench->out;

    for (size_t at = 0; at < VALUES; at += BITPACK_BLOCK)
        to = bitpack_u32(bench->ids + at, bench->kernel->bits, to);
    bench->kept = *(to - 1);
}

static void
run_delta(Bench *bench)
{
    bench->kept = (uint64_t)(delta_put_i64(bench->column.i64, VALUES, bench->out) - bench->out);
}

static void
run_stream_split(Bench *bench)
{
    stream_split(bench->column.values, VALUES, sizeof(double), bench->out);
}

static void
run_dictionary(Bench *bench)
{
    dictionary_reset(&bench->dictionary);
    for (size_t at = 0; at < VALUES; at += PIECE)
        bench->kept =
            dictionary_add(&bench->dictionary, &bench->column, at, PIECE, bench->ids + at);
}

static void
run_plain(Bench *bench)
{
    PlainEncode encode = plain_encode_of(bench->layout.storage);
    uint8_t *to = bench->out;

    for (size_t at = 0; at < VALUES; at += PIECE)
        to = encode(&bench->layout, &bench->column, at, PIECE, to);
    bench->kept = (uint64_t)(to - bench->out);
}

static void
run_levels(Bench *bench)
{
    bench->kept = (uint64_t)(hybrid_put_bitmap(bench->bits, VALUES, bench->out) - bench->out);
}

static void
run_crc(Bench *bench)
{
    enum { PAGE = 256 << 10 };

    for (size_t at = 0; at < VALUES * sizeof(int64_t); at += PAGE)
        bench->kept = page_crc32(bench->out, PAGE);
}

static const Kernel KERNELS[] = {
    {"min/max int64", run_bounds, TYPE_INT64, 0, 0, 0, false},
    {"min/max double, NaN counted", run_bounds, TYPE_DOUBLE, 0, 0, 0, false},
    {"min/max text of 10 bytes", run_bounds, TYPE_TEXT, 0, 10, 0, true},
    {"levels, 1 % NULL", run_levels, TYPE_INT64, 0, 0, 1, true},
    {"levels, 10 % NULL", run_levels, TYPE_INT64, 0, 0, 10, true},
    {"levels, 50 % NULL", run_levels, TYPE_INT64, 0, 0, 50, true},
    {"bit packing, width 10", run_bitpack, TYPE_INT32, 0, 0, 10, true},
    {"bit packing, width 17", run_bitpack, TYPE_INT32, 0, 0, 17, true},
    {"delta int64", run_delta, TYPE_INT64, 100000, 0, 0, false},
    {"byte stream split double", run_stream_split, TYPE_DOUBLE, 0, 0, 0, false},
    {"dictionary int64, 16 values", run_dictionary, TYPE_INT64, 16, 0, 0, true},
    {"dictionary int64, 10,000 values", run_dictionary, TYPE_INT64, 10000, 0, 0, true},
    {"dictionary int64, 100,000 values", run_dictionary, TYPE_INT64, 100000, 0, 0, true},
    {"dictionary text, 100 values", run_dictionary, TYPE_TEXT, 100, 8, 0, true},
    {"dictionary text, 10,000 values", run_dictionary, TYPE_TEXT, 10000, 8, 0, true},
    {"dictionary text, 100,000 values", run_dictionary, TYPE_TEXT, 100000, 8, 0, true},
    {"plain int64", run_plain, TYPE_INT64, 0, 0, 0, false},
    {"plain text of 8 bytes", run_plain, TYPE_TEXT, 0, 8, 0, false},
    {"plain text of 16 bytes", run_plain, TYPE_TEXT, 0, 16, 0, false},
    {"CRC-32", run_crc, TYPE_INT64, 0, 0, 0, false},
};
_Static_assert(ARRAY_LENGTH(KERNELS) <= KERNELS_MAX, "rates have room");

static uint64_t
random_number(uint64_t *state)
{
    uint64_t x = (*state += UINT64_C(0x9E3779B97F4A7C15));

    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    return x ^ (x >> 29);
}

static void
append(Bench *bench, uint64_t number)
{
    char text[TEXT_ROOM];
    Error err = ERROR_INIT;

    switch (bench->kernel->type) {
    case TYPE_DOUBLE:
        column_append_f64(&bench->column, (double)(number % 10000000) / 100);
        return;
    case TYPE_TEXT:
        snprintf(text, sizeof(text), "%0*" PRIu64, (int)bench->kernel->text_size,
                 number % UINT64_C(10000000000));
        if (!column_append_bytes(&bench->column, text, bench->kernel->text_size, &err))
            abort();
        return;
    case TYPE_INT32:
        column_append_i32(&bench->column, (int32_t)number);
        return;
    default:
        column_append_i64(&bench->column, (int64_t)number);
    }
}

static uint64_t
next_value(const Kernel *kernel, uint64_t *random)
{
    uint64_t number = random_number(random);

    if (kernel->distinct == 0)
        return number;
    number %= kernel->distinct;
    return kernel->type == TYPE_TEXT ? FIRST_WORD + number : number * UINT64_C(1000003);
}

static void
make_bench(Bench *bench, const Kernel *kernel)
{
    uint64_t random = 1;

    *bench = (Bench){
        .kernel = kernel,
        .schema = {.name = "c", .type = {.kind = kernel->type}},
        .settings = {.dictionary_bytes = SIZE_MAX / 2, .dictionary_memory_bytes = SIZE_MAX / 2},
        .ids = memory_alloc(VALUES * sizeof(*bench->ids)),
        .bits = memory_alloc_zero(VALUES / 64, sizeof(*bench->bits)),
        .out_bytes = (size_t)VALUES * (TEXT_ROOM + sizeof(uint64_t)),
    };
    bench->out = memory_alloc_zero(bench->out_bytes, 1);
    layout_init(&bench->layout, &bench->schema);
    bounds_init(&bench->bounds, bench->layout.bounds);
    dictionary_init(&bench->dictionary, &bench->layout, &bench->settings);
    column_init(&bench->column, &bench->schema.type);
    for (size_t i = 0; i < VALUES; i++) {
        uint64_t number = next_value(kernel, &random);
        append(bench, number);
        bench->ids[i] = (uint32_t)number & (uint32_t)((UINT64_C(1) << kernel->bits) - 1);
        if (number % 100 >= kernel->bits)
            bench->bits[i / 64] |= UINT64_C(1) << (i % 64);
    }
}

static void
release_bench(Bench *bench)
{
    dictionary_release(&bench->dictionary);
    bounds_release(&bench->bounds, bench->layout.bounds);
    column_release(&bench->column);
    free(bench->out);
    free(bench->bits);
    free(bench->ids);
}

static KernelRate
run_kernel(const Kernel *kernel, int repeat, double (*now_s)(void))
{
    enum { ROUNDS = 5 };
    Bench bench;
    double best = 1e9;

    make_bench(&bench, kernel);
    for (int i = 0; i < repeat; i++) {
        double start = now_s();
        for (int round = 0; round < ROUNDS; round++)
            kernel->run(&bench);
        double seconds = (now_s() - start) / ROUNDS;
        best = seconds < best ? seconds : best;
    }
    size_t width = kernel->type == TYPE_TEXT ? kernel->text_size : bench.layout.stored_bytes;
    release_bench(&bench);
    return (KernelRate){
        .name = kernel->name,
        .bytes_per_s = (double)(VALUES * width) / best,
        .values_per_s = kernel->counts_values ? (double)VALUES / best : 0,
    };
}

size_t
bench_kernels(const char *only, int repeat, double (*now_s)(void), KernelRate rates[KERNELS_MAX])
{
    size_t count = 0;

    for (size_t i = 0; i < ARRAY_LENGTH(KERNELS); i++)
        if (only == NULL || strstr(KERNELS[i].name, only) != NULL)
            rates[count++] = run_kernel(&KERNELS[i], repeat, now_s);
    return count;
}
