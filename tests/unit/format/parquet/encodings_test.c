#include "../../test.h"

#include "format/parquet/bitpack.h"
#include "format/parquet/delta.h"
#include "format/parquet/delta_read.h"
#include "format/parquet/encode_plain.h"
#include "format/parquet/hybrid.h"
#include "format/parquet/hybrid_read.h"
#include "format/parquet/page_body.h"
#include "format/parquet/stream_split.h"
#include "support/parquet_rows.h"
#include "util/memory.h"

static const size_t LENGTHS[] = {1,  2,  3,  4,  5,  6,  7,   8,   9,   10,  11,   12,   13,   14,
                                 15, 16, 17, 63, 64, 65, 127, 128, 129, 504, 1024, 1025, 20480};

static uint64_t
mask_of(unsigned width)
{
    return width == 64 ? UINT64_MAX : (UINT64_C(1) << width) - 1;
}

/* Fills with runs and noise in turns, so that streams switch between their two kinds of run. */
static void
fill_ids(uint32_t *values, size_t count, unsigned width, uint64_t seed)
{
    for (size_t i = 0; i < count; i++) {
        bool is_run = row_random(seed, 0, i / 50, 0) % 2 == 0;
        uint64_t at = is_run ? i / 50 : i;
        values[i] = (uint32_t)(row_random(seed, 1, at, 1) & mask_of(width));
    }
}

/* Every packed run but the last holds whole groups and every run something; the bytes are what
 * the headers say. A reader that pads nothing must see exactly this. */
static void
check_runs(const uint8_t *at, const uint8_t *end, size_t count, unsigned width)
{
    size_t seen = 0;

    while (at < end) {
        uint64_t header = 0;
        unsigned shift = 0;
        assert_true(seen < count);
        do
            header |= (uint64_t)(*at & 0x7F) << (7 * shift++);
        while (*at++ & 0x80);
        assert_true(header >> 1 > 0);
        if (header & 1) {
            at += (header >> 1) * width;
            seen += (header >> 1) * 8;
        } else {
            at += (width + 7) / 8;
            seen += header >> 1;
        }
    }
    assert_ptr_equal(at, end);
    assert_true(seen >= count && seen < count + 8);
}

static void
check_hybrid(const uint32_t *values, size_t count, unsigned width)
{
    size_t bound = hybrid_bound_bytes(count, width);
    uint8_t *bytes = memory_alloc(bound);
    uint32_t *back = memory_alloc(count * sizeof(*back));
    HybridReader reader;
    Error err = ERROR_INIT;
    uint8_t *end = hybrid_put_u32(values, count, width, bytes);
    size_t size = (size_t)(end - bytes);

    assert_true(size <= bound);
    check_runs(bytes, end, count, width);
    assert_ok(hybrid_reader_init(&reader, bytes, size, width, &err), &err);
    assert_ok(hybrid_read(&reader, back, count, &err), &err);
    assert_true(hybrid_is_at_end(&reader));
    assert_memory_equal(back, values, count * sizeof(*back));
    free(back);
    free(bytes);
}

static void
hybrid_streams_read_back(void **state)
{
    uint32_t *values = memory_alloc(20480 * sizeof(*values));

    (void)state;
    for (unsigned width = 1; width <= 32; width++)
        for (size_t i = 0; i < ARRAY_LENGTH(LENGTHS); i++) {
            fill_ids(values, LENGTHS[i], width, i);
            check_hybrid(values, LENGTHS[i], width);
            memset(values, 0, LENGTHS[i] * sizeof(*values));
            check_hybrid(values, LENGTHS[i], width);
        }
    free(values);
}

static const struct {
    const char *name;
    unsigned width;
    size_t count;
    uint32_t values[20];
    size_t size;
    uint8_t bytes[16];
} HYBRID_CASES[] = {
    {"one value, padded to a group", 3, 1, {5}, 4, {0x03, 0x05, 0x00, 0x00}},
    {"0 to 7 at width 3", 3, 8, {0, 1, 2, 3, 4, 5, 6, 7}, 4, {0x03, 0x88, 0xC6, 0xFA}},
    {"a run of 20 at width 9",
     9,
     20,
     {300, 300, 300, 300, 300, 300, 300, 300, 300, 300,
      300, 300, 300, 300, 300, 300, 300, 300, 300, 300},
     3,
     {0x28, 0x2C, 0x01}},
};

static void
hybrid_bytes_are_these(void **state)
{
    uint8_t bytes[128];

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(HYBRID_CASES); i++) {
        uint8_t *end = hybrid_put_u32(HYBRID_CASES[i].values, HYBRID_CASES[i].count,
                                      HYBRID_CASES[i].width, bytes);
        print_message("%s\n", HYBRID_CASES[i].name);
        assert_int_equal(end - bytes, HYBRID_CASES[i].size);
        assert_memory_equal(bytes, HYBRID_CASES[i].bytes, HYBRID_CASES[i].size);
    }
}

static void
check_bitmap(const uint64_t *bits, size_t count, size_t most_bytes)
{
    uint8_t *bytes = memory_alloc(hybrid_bound_bytes(count, 1));
    uint32_t *back = memory_alloc(count * sizeof(*back));
    uint8_t *end = hybrid_put_bitmap(bits, count, bytes);
    HybridReader reader;
    Error err = ERROR_INIT;

    assert_true((size_t)(end - bytes) <= most_bytes);
    check_runs(bytes, end, count, 1);
    assert_ok(hybrid_reader_init(&reader, bytes, (size_t)(end - bytes), 1, &err), &err);
    assert_ok(hybrid_read(&reader, back, count, &err), &err);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(back[i], bits[i / 64] >> (i % 64) & 1);
    free(back);
    free(bytes);
}

static void
bitmaps_are_definition_levels(void **state)
{
    uint64_t bits[20480 / 64];

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(LENGTHS); i++) {
        size_t count = LENGTHS[i];
        memset(bits, 0xFF, sizeof(bits));
        check_bitmap(bits, count, 4); /* one run */
        memset(bits, 0, sizeof(bits));
        check_bitmap(bits, count, 4);
        for (size_t word = 0; word < ARRAY_LENGTH(bits); word++)
            bits[word] = row_random(i, 2, word, 0);
        check_bitmap(bits, count, count / 8 + 8);
        for (size_t word = 0; word < ARRAY_LENGTH(bits); word++)
            bits[word] = word % 5 == 1 ? row_random(i, 3, word, 0) : word % 7 < 4 ? UINT64_MAX : 0;
        check_bitmap(bits, count, count / 8 + 64);
    }
}

static void
levels_in_pieces_pad_only_the_last(void **state)
{
    uint8_t *levels = memory_alloc(20480);

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(LENGTHS); i++) {
        size_t count = LENGTHS[i];
        uint8_t *bytes = memory_alloc(hybrid_bound_bytes(count, 2));
        uint32_t *back = memory_alloc(count * sizeof(*back));
        HybridReader reader;
        Error err = ERROR_INIT;
        for (size_t j = 0; j < count; j++)
            levels[j] =
                row_random(i, 4, j / 11, 0) % 3 == 0 ? 3 : (uint8_t)(row_random(i, 4, j, 0) % 4);
        uint8_t *end = hybrid_put_levels(levels, count, 2, bytes);
        check_runs(bytes, end, count, 2);
        assert_ok(hybrid_reader_init(&reader, bytes, (size_t)(end - bytes), 2, &err), &err);
        assert_ok(hybrid_read(&reader, back, count, &err), &err);
        for (size_t j = 0; j < count; j++)
            assert_int_equal(back[j], levels[j]);
        free(back);
        free(bytes);
    }
    free(levels);
}

static void
check_delta(const int64_t *values, size_t count, bool is_32)
{
    size_t bound = delta_bound_bytes(count, is_32 ? 4 : 8);
    uint8_t *bytes = memory_alloc(bound);
    int64_t *back = memory_alloc(count * sizeof(*back));
    int32_t *narrow = memory_alloc(count * sizeof(*narrow));
    DeltaReader reader;
    Error err = ERROR_INIT;

    for (size_t i = 0; i < count; i++)
        narrow[i] = (int32_t)values[i];
    uint8_t *end =
        is_32 ? delta_put_i32(narrow, count, bytes) : delta_put_i64(values, count, bytes);
    assert_true((size_t)(end - bytes) <= bound);
    assert_ok(delta_reader_init(&reader, bytes, (size_t)(end - bytes), count, &err), &err);
    assert_ok(delta_read(&reader, back, count, &err), &err);
    assert_true(!is_32 || reader.width_max <= 32); /* 33 bits are refused by several readers */
    for (size_t i = 0; i < count; i++) {
        if (is_32)
            assert_int_equal((int32_t)back[i], narrow[i]);
        else
            assert_int_equal(back[i], values[i]);
    }
    free(narrow);
    free(back);
    free(bytes);
}

static void
deltas_read_back(void **state)
{
    static const size_t COUNTS[] = {1, 2, 3, 32, 33, 64, 128, 129, 130, 256, 257, 1000, 20480};
    static const int64_t WRAPPING[] = {863490391, -816295192, 1613070492, -1166045478, 1856530847};
    int64_t *values = memory_alloc(20480 * sizeof(*values));

    (void)state;
    check_delta(WRAPPING, ARRAY_LENGTH(WRAPPING), true);
    for (size_t i = 0; i < ARRAY_LENGTH(COUNTS); i++)
        for (unsigned width = 0; width <= 64; width++) {
            bool is_32 = width <= 32;
            for (size_t j = 0; j < COUNTS[i]; j++) {
                uint64_t random = row_random(width, 5, j, 0) & mask_of(width);
                values[j] = j % 17 == 3   ? (is_32 ? INT32_MIN : INT64_MIN)
                            : j % 17 == 4 ? (is_32 ? INT32_MAX : INT64_MAX)
                                          : (int64_t)random;
                if (width == 0)
                    values[j] = (int64_t)j * 3;
            }
            check_delta(values, COUNTS[i], is_32);
            check_delta(values, COUNTS[i], false);
        }
    free(values);
}

/* The example of the format's own text: 1, 2, 3, 4, 5 and 7, 5, 3, 1, 2, 3, 4, 5. */
static void
delta_bytes_are_these(void **state)
{
    static const int64_t FIRST[] = {1, 2, 3, 4, 5};
    static const int64_t SECOND[] = {7, 5, 3, 1, 2, 3, 4, 5};
    static const uint8_t FIRST_BYTES[] = {0x80, 0x01, 0x04, 0x05, 0x02, 0x02, 0, 0, 0, 0};
    static const uint8_t SECOND_BYTES[] = {0x80, 0x01, 0x04, 0x08, 0x0E, 0x03, 0x02, 0, 0,
                                           0,    0xC0, 0x3F, 0,    0,    0,    0,    0, 0};
    uint8_t bytes[256];

    (void)state;
    uint8_t *end = delta_put_i64(FIRST, ARRAY_LENGTH(FIRST), bytes);
    assert_int_equal(end - bytes, sizeof(FIRST_BYTES));
    assert_memory_equal(bytes, FIRST_BYTES, sizeof(FIRST_BYTES));
    end = delta_put_i64(SECOND, ARRAY_LENGTH(SECOND), bytes);
    assert_int_equal(end - bytes, sizeof(SECOND_BYTES));
    assert_memory_equal(bytes, SECOND_BYTES, sizeof(SECOND_BYTES));
}

static void
every_width_packs(void **state)
{
    uint64_t wide[BITPACK_BLOCK];
    uint32_t narrow[BITPACK_BLOCK];
    uint8_t bytes[BITPACK_BLOCK * 8];

    (void)state;
    for (unsigned width = 0; width <= 64; width++) {
        for (size_t i = 0; i < BITPACK_BLOCK; i++) {
            wide[i] = width == 0 ? 0 : row_random(width, 6, i, 0) & mask_of(width);
            narrow[i] = (uint32_t)wide[i];
        }
        for (int is_narrow = 0; is_narrow <= (width <= 32); is_narrow++) {
            uint8_t *end =
                is_narrow ? bitpack_u32(narrow, width, bytes) : bitpack_u64(wide, width, bytes);
            assert_int_equal(end - bytes, width * BITPACK_BLOCK / 8);
            for (size_t bit = 0; bit < width * BITPACK_BLOCK; bit++)
                assert_int_equal(bytes[bit / 8] >> (bit % 8) & 1,
                                 wide[bit / width] >> (bit % width) & 1);
        }
    }
}

static void
streams_split(void **state)
{
    uint8_t values[8 * 70];
    uint8_t split[sizeof(values)];

    (void)state;
    for (size_t i = 0; i < sizeof(values); i++)
        values[i] = (uint8_t)row_random(7, 7, i, 0);
    for (size_t width = 4; width <= 8; width += 4)
        for (size_t count = 1; count <= 70; count++) {
            stream_split(values, count, width, split);
            for (size_t i = 0; i < count; i++)
                for (size_t k = 0; k < width; k++)
                    assert_int_equal(split[k * count + i], values[i * width + k]);
        }
}

static void
booleans_pack(void **state)
{
    uint8_t values[100];
    uint8_t bytes[16];

    (void)state;
    for (size_t i = 0; i < sizeof(values); i++)
        values[i] = row_random(8, 8, i, 0) % 3 == 0;
    for (size_t count = 0; count <= sizeof(values); count++) {
        uint8_t *end = plain_pack_bools(values, count, bytes);
        assert_int_equal(end - bytes, (count + 7) / 8);
        for (size_t i = 0; i < (count + 7) / 8 * 8; i++)
            assert_int_equal(bytes[i / 8] >> (i % 8) & 1, i < count ? values[i] : 0);
    }
}

static const struct {
    int precision;
    int32_t bytes;
} DECIMAL_WIDTHS[] = {
    {1, 1},   {2, 1},   {9, 4},   {18, 8},  {19, 9},  {21, 9},  {22, 10},
    {23, 10}, {24, 11}, {26, 11}, {27, 12}, {28, 12}, {29, 13}, {31, 13},
    {32, 14}, {33, 14}, {34, 15}, {35, 15}, {36, 16}, {38, 16},
};

static void
decimals_are_big_endian(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(DECIMAL_WIDTHS); i++)
        assert_int_equal(layout_decimal_bytes(DECIMAL_WIDTHS[i].precision),
                         DECIMAL_WIDTHS[i].bytes);
    /* ±10^k and the edges of each width come back from their bytes. */
    for (int precision = 19; precision <= 38; precision++) {
        size_t width = (size_t)layout_decimal_bytes(precision);
        Int128 power = 1;
        for (int k = 0; k < precision; k++, power *= 10)
            for (int sign = -1; sign <= 1; sign++)
                for (int off = -1; off <= 1; off++) {
                    uint8_t bytes[16];
                    Int128 value = power * sign + off;
                    Int128 back = 0;
                    plain_put_decimal(value, width, bytes);
                    back = (int8_t)bytes[0];
                    for (size_t b = 1; b < width; b++)
                        back = (Int128)((UInt128)back << 8 | bytes[b]);
                    assert_true(back == value);
                }
    }
}

static void
ids_have_a_width(void **state)
{
    static const struct {
        size_t entries;
        unsigned bits;
    } CASES[] = {{0, 1}, {1, 1}, {2, 1}, {3, 2}, {4, 2}, {5, 3}, {256, 8}, {257, 9}, {131072, 17}};
    uint8_t bytes[16];

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++)
        assert_int_equal(page_body_id_bits(CASES[i].entries), CASES[i].bits);
    /* A page without values still has the byte. */
    assert_ptr_equal(page_body_put_ids(NULL, 0, 5, bytes), bytes + 1);
    assert_int_equal(bytes[0], 3);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hybrid_streams_read_back),
        cmocka_unit_test(hybrid_bytes_are_these),
        cmocka_unit_test(bitmaps_are_definition_levels),
        cmocka_unit_test(levels_in_pieces_pad_only_the_last),
        cmocka_unit_test(deltas_read_back),
        cmocka_unit_test(delta_bytes_are_these),
        cmocka_unit_test(every_width_packs),
        cmocka_unit_test(streams_split),
        cmocka_unit_test(booleans_pack),
        cmocka_unit_test(decimals_are_big_endian),
        cmocka_unit_test(ids_have_a_width),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
