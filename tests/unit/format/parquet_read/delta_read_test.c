#include "../../test.h"

#include "build.h"
#include "format/parquet/delta_read.h"
#include "util/memory.h"

static void
assert_values(const Buffer *bytes, const int64_t *want, size_t count, unsigned bits)
{
    static const size_t PORTIONS[] = {1, 3, 31, 130};
    int64_t got[130];
    DeltaReader reader;
    Error err = ERROR_INIT;

    assert_ok(delta_reader_init(&reader, bytes->data, bytes->size, count, &err), &err);
    assert_int_equal(reader.value_left, count);
    for (size_t at = 0, k = 0; at < count; k++) {
        size_t take = size_min(PORTIONS[k % ARRAY_LENGTH(PORTIONS)], count - at);
        assert_ok(delta_read(&reader, got, take, &err), &err);
        for (size_t i = 0; i < take; i++) {
            int64_t value = bits == 64 ? got[i] : (int32_t)(uint32_t)got[i];
            assert_int_equal(value, want[at + i]);
        }
        at += take;
    }
    assert_ptr_equal(reader.at, bytes->data + bytes->size);
    assert_true(reader.width_max <= bits);
    assert_error(delta_read(&reader, got, 1, &err), &err, ERR_FORMAT, "fewer values");
}

static int64_t
serial(size_t i)
{
    return (int64_t)i * 3 - 7;
}

static int64_t
scattered(size_t i)
{
    return (int32_t)(uint32_t)(i * UINT64_C(2654435761));
}

/* The largest deltas there are, which wrap around in 32 bits. */
static int64_t
extreme(size_t i)
{
    return i % 2 == 0 ? INT32_MIN : INT32_MAX;
}

static int64_t
constant(size_t i)
{
    (void)i;
    return -1;
}

static void
test_lengths_and_shapes(void **state)
{
    static const size_t COUNTS[] = {0, 1, 2, 32, 33, 34, 127, 128, 129, 130, 161, 1000};
    int64_t (*const shapes[])(size_t) = {serial, scattered, extreme, constant};
    int64_t values[1000];

    (void)state;
    for (size_t s = 0; s < ARRAY_LENGTH(shapes); s++) {
        for (size_t c = 0; c < ARRAY_LENGTH(COUNTS); c++) {
            for (size_t i = 0; i < COUNTS[c]; i++)
                values[i] = shapes[s](i);
            for (unsigned bits = 32; bits <= 64; bits += 32) {
                Buffer bytes = {0};
                build_delta(&bytes, values, COUNTS[c], bits);
                assert_values(&bytes, values, COUNTS[c], bits);
                buffer_release(&bytes);
            }
        }
    }
}

static void
test_64_bit_extremes(void **state)
{
    static const int64_t VALUES[] = {INT64_MIN, INT64_MAX, 0, INT64_MIN, -1, INT64_MAX, INT64_MAX};
    Buffer bytes = {0};

    (void)state;
    build_delta(&bytes, VALUES, ARRAY_LENGTH(VALUES), 64);
    assert_values(&bytes, VALUES, ARRAY_LENGTH(VALUES), 64);
    buffer_release(&bytes);
}

/* Differences of these INT32 need 33 bits; a writer in 32 and one in 64 bits give the same values,
 * and the second one is noticed. */
static void
test_33_bit_deltas(void **state)
{
    static const int64_t VALUES[] = {863490391, -816295192, 1613070492, -1166045478, 1856530847};
    Buffer bytes = {0};
    DeltaReader reader;
    int64_t got[5];
    Error err = ERROR_INIT;

    (void)state;
    build_delta(&bytes, VALUES, 5, 32);
    assert_values(&bytes, VALUES, 5, 32);
    buffer_reset(&bytes);
    build_delta(&bytes, VALUES, 5, 64);
    assert_ok(delta_reader_init(&reader, bytes.data, bytes.size, 5, &err), &err);
    assert_ok(delta_read(&reader, got, 5, &err), &err);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal((int32_t)(uint32_t)got[i], VALUES[i]);
    assert_int_equal(reader.width_max, 33);
    buffer_release(&bytes);
}

/* A writer that ends the last miniblock with its last value. */
static void
test_unpadded_end(void **state)
{
    int64_t values[3] = {1, 100, 50};
    int64_t got[3];
    Buffer bytes = {0};
    DeltaReader reader;
    Error err = ERROR_INIT;

    (void)state;
    build_delta(&bytes, values, 3, 64); /* deltas 99, −50: width 8, so 2 of 32 bytes count */
    assert_ok(delta_reader_init(&reader, bytes.data, bytes.size - 30, 3, &err), &err);
    assert_ok(delta_read(&reader, got, 3, &err), &err);
    assert_memory_equal(got, values, sizeof(values));
    assert_ok(delta_reader_init(&reader, bytes.data, bytes.size - 31, 3, &err), &err);
    assert_error(delta_read(&reader, got, 3, &err), &err, ERR_FORMAT, "ends in a miniblock");
    buffer_release(&bytes);
}

static const struct {
    const char *name;
    uint8_t bytes[12];
    size_t size;
    const char *want;
} DAMAGED[] = {
    {"empty", {0}, 0, "ends too early"},
    {"header cut", {0x80, 0x01, 0x04}, 3, "ends too early"},
    {"endless number", {255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1}, 11, "longer"},
    {"no block", {0, 4, 5, 0}, 4, "blocks of 0"},
    {"no miniblocks", {0x80, 1, 0, 5, 0}, 5, "in 0 miniblocks"},
    {"miniblocks of 16", {64, 4, 5, 0}, 4, "blocks of 64"},
    {"uneven miniblocks", {0x80, 1, 3, 5, 0}, 5, "in 3 miniblocks"},
    {"block of 2^28", {0x80, 0x80, 0x80, 0x80, 1, 4, 5, 0}, 8, "blocks of 268435456"},
    {"more values than the page", {0x80, 1, 4, 9, 0}, 5, "claims 9 values"},
    {"no blocks", {0x80, 1, 4, 5, 0}, 5, "ends too early"},
    {"widths cut", {0x80, 1, 4, 5, 0, 0, 1, 1}, 8, "in the widths"},
    {"width 65", {0x80, 1, 4, 5, 0, 0, 65, 0, 0, 0}, 10, "width of 65"},
    {"body cut", {0x80, 1, 4, 5, 0, 0, 8, 0, 0, 0, 1, 2}, 12, "ends in a miniblock"},
};

static void
test_damaged(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(DAMAGED); i++) {
        DeltaReader reader;
        int64_t got[5];
        Error err = ERROR_INIT;
        bool is_read = delta_reader_init(&reader, DAMAGED[i].bytes, DAMAGED[i].size, 5, &err) &&
                       delta_read(&reader, got, 5, &err);
        if (is_read)
            fail_msg("%s is accepted", DAMAGED[i].name);
        assert_int_equal(err.code, ERR_FORMAT);
        if (strstr(err.message, DAMAGED[i].want) == NULL)
            fail_msg("%s: %s", DAMAGED[i].name, err.message);
    }
}

static void
test_lengths_are_checked(void **state)
{
    int64_t good[] = {3, 0, INT32_MAX};
    int64_t negative[] = {3, -1};
    int64_t large[] = {3, INT64_C(1) << 31};
    Buffer bytes = {0};
    DeltaLengths lengths;
    Error err = ERROR_INIT;

    (void)state;
    build_delta(&bytes, good, 3, 64);
    buffer_append_text(&bytes, "tail");
    assert_ok(delta_measure_lengths(bytes.data, bytes.size, 3, &lengths, &err), &err);
    assert_int_equal(lengths.count, 3);
    assert_int_equal(lengths.sum, UINT64_C(3) + INT32_MAX);
    assert_ptr_equal(lengths.end, bytes.data + bytes.size - 4);
    buffer_reset(&bytes);
    build_delta(&bytes, negative, 2, 64);
    assert_error(delta_measure_lengths(bytes.data, bytes.size, 2, &lengths, &err), &err, ERR_FORMAT,
                 "out of range");
    error_clear(&err);
    buffer_reset(&bytes);
    build_delta(&bytes, large, 2, 64);
    assert_error(delta_measure_lengths(bytes.data, bytes.size, 2, &lengths, &err), &err, ERR_FORMAT,
                 "out of range");
    buffer_release(&bytes);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lengths_and_shapes),
        cmocka_unit_test(test_64_bit_extremes),
        cmocka_unit_test(test_33_bit_deltas),
        cmocka_unit_test(test_unpadded_end),
        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_lengths_are_checked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
