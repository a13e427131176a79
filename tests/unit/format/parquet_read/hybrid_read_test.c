#include "../../test.h"

#include "build.h"
#include "format/parquet/bits.h"
#include "format/parquet/hybrid_read.h"
#include "util/memory.h"

static const size_t LENGTHS[] = {1,  2,  3,  4,  5,  6,  7,  8,   9,    10,
                                 11, 12, 13, 14, 15, 16, 17, 504, 20480};

/* Distinct enough that a shifted or masked value shows. */
static uint32_t
value_at(size_t i, unsigned width)
{
    return (uint32_t)((i * UINT64_C(2654435761) + i / 7) & bits_mask(width));
}

/* Reads in portions that do not fit the groups, and compares. */
static void
assert_values(const Buffer *bytes, const uint32_t *want, size_t count, unsigned width)
{
    static const size_t PORTIONS[] = {1, 7, 64, 1000, 3};
    uint32_t got[1000];
    HybridReader reader;
    Error err = ERROR_INIT;

    assert_ok(hybrid_reader_init(&reader, bytes->data, bytes->size, width, &err), &err);
    for (size_t at = 0, k = 0; at < count; k++) {
        size_t take = size_min(PORTIONS[k % ARRAY_LENGTH(PORTIONS)], count - at);
        assert_ok(hybrid_read(&reader, got, take, &err), &err);
        assert_memory_equal(got, want + at, take * sizeof(*got));
        at += take;
    }
    assert_true(hybrid_is_at_end(&reader));
    assert_false(reader.has_short_run);
}

static void
test_every_width_and_length(void **state)
{
    (void)state;
    for (size_t l = 0; l < ARRAY_LENGTH(LENGTHS); l++) {
        size_t count = LENGTHS[l];
        uint32_t *values = memory_alloc_zero(count, sizeof(*values));
        for (unsigned width = 0; width <= HYBRID_WIDTH_MAX; width++) {
            Buffer packed = {0};
            Buffer mixed = {0};
            for (size_t i = 0; i < count; i++)
                values[i] = value_at(i, width);
            build_packed_run(&packed, values, count, width);
            assert_values(&packed, values, count, width);
            /* The first half as runs of one, empty runs between. */
            for (size_t i = 0; i < count / 2; i++) {
                build_run(&mixed, 0, 0, width);
                build_run(&mixed, 1, values[i], width);
                build_varint(&mixed, 1); /* a packed run of no groups */
            }
            build_packed_run(&mixed, values + count / 2, count - count / 2, width);
            assert_values(&mixed, values, count, width);
            buffer_release(&packed);
            buffer_release(&mixed);
        }
        free(values);
    }
}

static void
test_long_runs_take_no_memory(void **state)
{
    Buffer bytes = {0};
    HybridReader reader;
    uint32_t got[100];
    Error err = ERROR_INIT;

    (void)state;
    build_run(&bytes, INT32_MAX, 5, 3);
    assert_ok(hybrid_reader_init(&reader, bytes.data, bytes.size, 3, &err), &err);
    assert_ok(hybrid_read(&reader, got, 100, &err), &err);
    assert_int_equal(got[99], 5);
    assert_int_equal(reader.run_left, INT32_MAX - 100);
    assert_false(hybrid_is_at_end(&reader));
    buffer_release(&bytes);
}

/* Some writers do not pad the last packed run: its values count, and are reported. */
static void
test_short_last_run(void **state)
{
    uint8_t bytes[] = {0x03, 0x88, 0xC6}; /* one group of width 3, two of its three bytes */
    HybridReader reader;
    uint32_t got[8];
    Error err = ERROR_INIT;

    (void)state;
    assert_ok(hybrid_reader_init(&reader, bytes, sizeof(bytes), 3, &err), &err);
    assert_ok(hybrid_read(&reader, got, 5, &err), &err);
    for (uint32_t i = 0; i < 5; i++)
        assert_int_equal(got[i], i);
    assert_true(reader.has_short_run);
    assert_error(hybrid_read(&reader, got, 1, &err), &err, ERR_FORMAT, "runs end");
}

static const struct {
    const char *name;
    unsigned width;
    uint8_t bytes[8];
    size_t size;
    size_t count;
    const char *want;
} DAMAGED[] = {
    {"nothing at all", 1, {0}, 0, 1, "runs end"},
    {"fewer values than asked for", 1, {0x04, 1}, 2, 3, "runs end"},
    {"endless run header", 1, {255, 255, 255, 255, 255, 255, 1}, 7, 1, "longer than 5 bytes"},
    {"run without its value", 9, {0x04, 1}, 2, 1, "before its value"},
    {"run value beyond the width", 3, {0x04, 8}, 2, 1, "more than 3 bits"},
    {"packed run without bytes", 5, {0x03}, 1, 1, "no bytes"},
    {"only empty runs", 0, {0, 0, 0, 1, 1}, 5, 1, "runs end"},
};

static void
test_damaged(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(DAMAGED); i++) {
        HybridReader reader;
        uint32_t got[8];
        Error err = ERROR_INIT;
        assert_ok(
            hybrid_reader_init(&reader, DAMAGED[i].bytes, DAMAGED[i].size, DAMAGED[i].width, &err),
            &err);
        assert_error(hybrid_read(&reader, got, DAMAGED[i].count, &err), &err, ERR_FORMAT,
                     DAMAGED[i].want);
    }
}

static void
test_width_is_checked(void **state)
{
    HybridReader reader;
    uint8_t bytes[1] = {0};
    Error err = ERROR_INIT;

    (void)state;
    assert_error(hybrid_reader_init(&reader, bytes, 1, 33, &err), &err, ERR_FORMAT,
                 "bit width of 33");
}

/* The deprecated packing of levels, MSB first: the format's own example, 0 … 7 in 3 bits. */
static void
test_bit_packed_levels(void **state)
{
    uint8_t bytes[] = {0x05, 0x39, 0x77};
    uint32_t got[8];
    Error err = ERROR_INIT;

    (void)state;
    assert_ok(bit_packed_levels_read(bytes, sizeof(bytes), 3, 0, got, 3, &err), &err);
    assert_ok(bit_packed_levels_read(bytes, sizeof(bytes), 3, 3, got + 3, 5, &err), &err);
    for (uint32_t i = 0; i < 8; i++)
        assert_int_equal(got[i], i);
    assert_error(bit_packed_levels_read(bytes, sizeof(bytes), 3, 8, got, 1, &err), &err, ERR_FORMAT,
                 "before the last value");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_width_and_length),
        cmocka_unit_test(test_long_runs_take_no_memory),
        cmocka_unit_test(test_short_last_run),
        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_width_is_checked),
        cmocka_unit_test(test_bit_packed_levels),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
