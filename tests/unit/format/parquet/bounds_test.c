#include "../../test.h"

#include <math.h>

#include "format/parquet/bounds.h"
#include "support/parquet_rows.h"

#define TEN         "0123456789"
#define SIXTY_THREE TEN TEN TEN TEN TEN TEN "abc"
#define SIXTY_TWO   TEN TEN TEN TEN TEN TEN "ab"
#define SIXTY       TEN TEN TEN TEN TEN TEN

static const struct {
    const char *name;
    const char *value;
    bool is_text;
    const char *min;
    const char *max; /* NULL: there is none */
} CUTS[] = {
    {"short", "abc", true, "abc", "abc"},
    {"empty", "", true, "", ""},
    {"exactly 64", SIXTY_THREE "d", true, SIXTY_THREE "d", SIXTY_THREE "d"},
    {"65 bytes", SIXTY_THREE "de", true, SIXTY_THREE "d", SIXTY_THREE "e"},
    {"two bytes across the cut", SIXTY_THREE "ü tail", true, SIXTY_THREE, SIXTY_TWO "d"},
    {"three bytes that end at the cut", SIXTY "a東x", true, SIXTY "a東", SIXTY "a\xE6\x9D\xB2"},
    {"the last before the surrogates", SIXTY "a\xED\x9F\xBF tail", true, SIXTY "a\xED\x9F\xBF",
     SIXTY "a\xEE\x80\x80"},
    {"the last code point goes left", SIXTY "\xF4\x8F\xBF\xBF tail", true, SIXTY "\xF4\x8F\xBF\xBF",
     TEN TEN TEN TEN TEN "012345678:"},
    {"a successor that is longer goes left", SIXTY_THREE "\x7F tail", true, SIXTY_THREE "\x7F",
     SIXTY_TWO "d"},
    {"binary", SIXTY_THREE "\xFE tail", false, SIXTY_THREE "\xFE", SIXTY_THREE "\xFF"},
    {"binary FF goes left", SIXTY_TWO "c\xFF tail", false, SIXTY_TWO "c\xFF", SIXTY_TWO "d"},
};

static void
bounds_are_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(CUTS); i++) {
        uint8_t max[BOUNDS_KEPT_BYTES];
        size_t size = strlen(CUTS[i].value);
        memcpy(max, CUTS[i].value, size);
        print_message("%s\n", CUTS[i].name);
        assert_int_equal(bounds_cut_min(max, size, CUTS[i].is_text), strlen(CUTS[i].min));
        assert_memory_equal(max, CUTS[i].min, strlen(CUTS[i].min));
        assert_true(bounds_cut_max(max, &size, CUTS[i].is_text));
        assert_int_equal(size, strlen(CUTS[i].max));
        assert_memory_equal(max, CUTS[i].max, size);
    }
}

static void
some_values_have_no_maximum(void **state)
{
    uint8_t bytes[100];
    size_t size = sizeof(bytes);

    (void)state;
    memset(bytes, 0xFF, sizeof(bytes));
    assert_false(bounds_cut_max(bytes, &size, false));
    for (size_t i = 0; i < sizeof(bytes); i += 4)
        memcpy(bytes + i, "\xF4\x8F\xBF\xBF", 4);
    size = sizeof(bytes);
    assert_false(bounds_cut_max(bytes, &size, true));
}

static bool
is_utf8(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size;) {
        size_t length = bytes[i] < 0x80 ? 1 : bytes[i] < 0xE0 ? 2 : bytes[i] < 0xF0 ? 3 : 4;
        if (bytes[i] >= 0x80 && bytes[i] < 0xC2)
            return false;
        if (i + length > size || (bytes[i] == 0xED && bytes[i + 1] >= 0xA0))
            return false;
        for (size_t k = 1; k < length; k++)
            if ((bytes[i + k] & 0xC0) != 0x80)
                return false;
        i += length;
    }
    return true;
}

/* Whatever the text: a maximum is valid text, not below the value, and at most 64 bytes. */
static void
random_text_bounds_contain_the_value(void **state)
{
    static const char *const PIECES[] = {"a",
                                         "\x7F",
                                         "ü",
                                         "\xDF\xBF",
                                         "東",
                                         "\xED\x9F\xBF",
                                         "\xEF\xBF\xBF",
                                         "𝄞",
                                         "\xF4\x8F\xBF\xBF"};

    (void)state;
    for (uint64_t round = 0; round < 20000; round++) {
        uint8_t value[BOUNDS_KEPT_BYTES];
        uint8_t max[BOUNDS_KEPT_BYTES];
        size_t size = 0;
        size_t want = 60 + row_random(1, 1, round, 0) % 20;
        for (uint64_t i = 0; size < want; i++) {
            const char *piece = PIECES[row_random(1, 2, round, i) % ARRAY_LENGTH(PIECES)];
            memcpy(value + size, piece, strlen(piece));
            size += strlen(piece);
        }
        memcpy(max, value, size);
        size_t max_size = size;
        size_t min_size = bounds_cut_min(value, size, true);
        assert_true(min_size <= BOUNDS_MAX_BYTES && is_utf8(value, min_size));
        if (!bounds_cut_max(max, &max_size, true))
            continue;
        assert_true(max_size <= BOUNDS_MAX_BYTES && is_utf8(max, max_size));
        int order = memcmp(max, value, size_min(size, max_size));
        assert_true(order > 0 || (order == 0 && max_size >= size));
    }
}

static const struct {
    const char *name;
    double values[6];
    size_t count;
    bool is_set;
    double min, max;
    int64_t nan_count;
} REALS[] = {
    {"plain", {1, -2, 3}, 3, true, -2, 3, 0},
    {"NaN first", {NAN, 5, 5}, 3, true, 5, 5, 1},
    {"NaN only", {NAN, -NAN}, 2, false, 0, 0, 2},
    {"zeros", {0.0, -0.0}, 2, true, -0.0, 0.0, 0},
    {"positive zero alone", {0.0}, 1, true, -0.0, 0.0, 0},
    {"infinities", {INFINITY, -INFINITY, 0.5}, 3, true, -INFINITY, INFINITY, 0},
    {"infinity alone", {INFINITY}, 1, true, INFINITY, INFINITY, 0},
};

static void
floats_have_these_bounds(void **state)
{
    const ColumnSchema schema = {.name = "x", .type = {.kind = TYPE_DOUBLE}};
    LeafLayout layout;

    (void)state;
    layout_init(&layout, &schema);
    for (size_t i = 0; i < ARRAY_LENGTH(REALS); i++) {
        Column column;
        Bounds bounds;
        EncodedBounds encoded;
        column_init(&column, &schema.type);
        for (size_t v = 0; v < REALS[i].count; v++)
            column_append_f64(&column, REALS[i].values[v]);
        bounds_init(&bounds, BOUNDS_F64);
        bounds_update_of(BOUNDS_F64)(&bounds, &column, 0, REALS[i].count);
        bounds_encode(&bounds, &layout, &encoded);
        print_message("%s\n", REALS[i].name);
        assert_int_equal(bounds.nan_count, REALS[i].nan_count);
        assert_int_equal(encoded.is_set, REALS[i].is_set);
        if (encoded.is_set) {
            assert_memory_equal(encoded.min, &REALS[i].min, sizeof(double));
            assert_memory_equal(encoded.max, &REALS[i].max, sizeof(double));
        }
        bounds_release(&bounds, BOUNDS_F64);
        column_release(&column);
    }
}

static void
unsigned_numbers_compare_unsigned(void **state)
{
    static const struct {
        TypeKind kind;
        BoundsOrder order;
        uint8_t min[8], max[8];
    } CASES[] = {
        {TYPE_UINT64, BOUNDS_U64, {1}, {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}},
        {TYPE_INT64, BOUNDS_I64, {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}, {7}},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        const ColumnSchema schema = {.name = "x", .type = {.kind = CASES[i].kind}};
        LeafLayout layout;
        Column column;
        Bounds bounds;
        EncodedBounds encoded;
        layout_init(&layout, &schema);
        assert_int_equal(layout.bounds, CASES[i].order);
        column_init(&column, &schema.type);
        column_append_i64(&column, 7);
        column_append_i64(&column, -1);
        column_append_i64(&column, 1);
        bounds_init(&bounds, layout.bounds);
        bounds_update_of(layout.bounds)(&bounds, &column, 0, 3);
        bounds_encode(&bounds, &layout, &encoded);
        assert_memory_equal(encoded.min, CASES[i].min, 8);
        assert_memory_equal(encoded.max, CASES[i].max, 8);
        bounds_release(&bounds, layout.bounds);
        column_release(&column);
    }
}

/* Bounds taken in slices and merged are those of the whole. */
static void
long_text_is_compared_by_what_is_kept(void **state)
{
    const Type text = {.kind = TYPE_TEXT};
    char value[600];
    Column column;
    Bounds low;
    Bounds high;
    Error err = ERROR_INIT;

    (void)state;
    column_init(&column, &text);
    memset(value, 'x', sizeof(value));
    assert_ok(column_append_bytes(&column, value, 600, &err), &err);
    assert_ok(column_append_bytes(&column, value, 599, &err), &err);
    value[100] = 'y';
    assert_ok(column_append_bytes(&column, value, 101, &err), &err);
    bounds_init(&low, BOUNDS_TEXT);
    bounds_init(&high, BOUNDS_TEXT);
    bounds_update_of(BOUNDS_TEXT)(&low, &column, 0, 1);
    bounds_update_of(BOUNDS_TEXT)(&high, &column, 1, 1);
    assert_int_equal(bounds_compare_max(&low, &high, BOUNDS_TEXT), 0); /* cannot tell */
    bounds_update_of(BOUNDS_TEXT)(&high, &column, 2, 1);
    assert_true(bounds_compare_max(&low, &high, BOUNDS_TEXT) < 0);
    bounds_merge(&low, &high, BOUNDS_TEXT);
    assert_int_equal(bounds_compare_max(&low, &high, BOUNDS_TEXT), 0);
    assert_int_equal(low.bytes.max->size, 101);
    bounds_release(&low, BOUNDS_TEXT);
    bounds_release(&high, BOUNDS_TEXT);
    column_release(&column);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bounds_are_cut),
        cmocka_unit_test(some_values_have_no_maximum),
        cmocka_unit_test(random_text_bounds_contain_the_value),
        cmocka_unit_test(floats_have_these_bounds),
        cmocka_unit_test(unsigned_numbers_compare_unsigned),
        cmocka_unit_test(long_text_is_compared_by_what_is_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
