#include "../../test.h"

#include "format/parquet/bloom.h"
#include "format/parquet/dictionary.h"
#include "format/parquet/encode_plain.h"
#include "support/parquet_rows.h"
#include "util/memory.h"

static const WriterSettings ROOMY = {
    .dictionary_bytes = 1 << 20,
    .dictionary_memory_bytes = 8 << 20,
};

typedef struct IntCase {
    const char *name;
    int64_t first, step;
    uint64_t distinct;
} IntCase;

/* Ranges that stay narrow, leave their range late, or never had one. */
static const IntCase INT_CASES[] = {
    {"narrow", -50, 1, 100},
    {"one value", 42, 0, 1},
    {"wide", INT64_MIN, INT64_C(1) << 40, 5000},
    {"multiples of 2^20", 0, 1 << 20, 4000},
    {"many", 7, 3, 60000},
};

static void
append(Column *column, int64_t value)
{
    if (column->storage == STORAGE_I32)
        column_append_i32(column, (int32_t)value);
    else if (column->storage == STORAGE_I64)
        column_append_i64(column, value);
    else
        column_append_i128(column, (Int128)value * INT64_MAX);
}

static void
add_all(Dictionary *dictionary, const Column *column, uint32_t *ids)
{
    size_t done = 0;

    while (done < column->value_count) {
        size_t n = size_min(1 + done % 1024, column->value_count - done);
        assert_int_equal(dictionary_add(dictionary, column, done, n, ids + done), n);
        done += n;
    }
}

/* Ids appear in order, and expanding them gives the PLAIN values back. */
static void
check_ids(const LeafLayout *layout, const Dictionary *dictionary, const Column *column,
          const uint32_t *ids)
{
    size_t size = plain_bytes(layout, column, 0, column->value_count);
    uint8_t *plain = memory_alloc(size + PLAIN_SLACK_BYTES);
    uint8_t *expanded = memory_alloc(size + PLAIN_SLACK_BYTES);
    uint32_t seen = 0;

    for (size_t i = 0; i < column->value_count; i++) {
        assert_true(ids[i] <= seen);
        seen += ids[i] == seen;
    }
    assert_int_equal(seen, dictionary->entry_count);
    assert_int_equal(dictionary_expanded_bytes(dictionary, ids, column->value_count), size);
    plain_encode_of(layout->storage)(layout, column, 0, column->value_count, plain);
    dictionary_expand(dictionary, ids, column->value_count, expanded);
    assert_memory_equal(expanded, plain, size);
    free(expanded);
    free(plain);
}

static void
integers_get_ids(void **state)
{
    static const Type TYPES[] = {
        {.kind = TYPE_INT32}, {.kind = TYPE_INT64}, {.kind = TYPE_DECIMAL, .precision = 38}};
    enum { VALUES = 100000 };
    uint32_t *ids = memory_alloc(VALUES * sizeof(*ids));

    (void)state;
    for (size_t t = 0; t < ARRAY_LENGTH(TYPES); t++)
        for (size_t i = 0; i < ARRAY_LENGTH(INT_CASES); i++) {
            const IntCase *what = &INT_CASES[i];
            ColumnSchema schema = {.name = "x", .type = TYPES[t]};
            LeafLayout layout;
            Dictionary dictionary;
            Column column;
            layout_init(&layout, &schema);
            dictionary_init(&dictionary, &layout, &ROOMY);
            column_init(&column, &schema.type);
            for (uint64_t v = 0; v < VALUES; v++) {
                uint64_t pick = v < 1000 ? v % 10 : row_random(t, i, v, 0) % what->distinct;
                append(&column, (int64_t)((uint64_t)what->first + (uint64_t)what->step * pick));
            }
            add_all(&dictionary, &column, ids);
            check_ids(&layout, &dictionary, &column, ids);
            dictionary_release(&dictionary);
            column_release(&column);
        }
    free(ids);
}

static void
text_gets_ids(void **state)
{
    enum { VALUES = 60000 };
    const ColumnSchema schema = {.name = "x", .type = {.kind = TYPE_TEXT}};
    uint32_t *ids = memory_alloc(VALUES * sizeof(*ids));
    LeafLayout layout;
    Dictionary dictionary;
    Column column;
    Error err = ERROR_INIT;

    (void)state;
    layout_init(&layout, &schema);
    dictionary_init(&dictionary, &layout, &ROOMY);
    column_init(&column, &schema.type);
    /* Lengths 0 to 39 around the bounds of short text, with NUL bytes inside and at the end. */
    for (uint64_t v = 0; v < VALUES; v++) {
        uint8_t text[40] = {0};
        uint64_t pick = row_random(1, 1, v, 0) % 3000;
        size_t size = pick % 40;
        for (size_t i = 0; i < size; i++)
            text[i] = i % 5 == 4 ? 0 : (uint8_t)('a' + row_random(1, 2, pick / 40, i) % 3);
        assert_ok(column_append_bytes(&column, text, size, &err), &err);
    }
    add_all(&dictionary, &column, ids);
    check_ids(&layout, &dictionary, &column, ids);
    dictionary_release(&dictionary);
    column_release(&column);
    free(ids);
}

/* -0.0 and NaN payloads are values of their own. */
static void
floats_are_told_apart_by_bits(void **state)
{
    static const uint64_t BITS[] = {0, UINT64_C(1) << 63, UINT64_C(0x7FF8000000000000),
                                    UINT64_C(0x7FF8000000000001)};
    const ColumnSchema schema = {.name = "x", .type = {.kind = TYPE_DOUBLE}};
    uint32_t ids[8];
    LeafLayout layout;
    Dictionary dictionary;
    Column column;

    (void)state;
    layout_init(&layout, &schema);
    dictionary_init(&dictionary, &layout, &ROOMY);
    column_init(&column, &schema.type);
    for (size_t i = 0; i < 8; i++) {
        double value;
        memcpy(&value, &BITS[i % 4], sizeof(value));
        column_append_f64(&column, value);
    }
    assert_int_equal(dictionary_add(&dictionary, &column, 0, 8, ids), 8);
    for (uint32_t i = 0; i < 8; i++)
        assert_int_equal(ids[i], i % 4);
    dictionary_release(&dictionary);
    column_release(&column);
}

static const struct {
    const char *name;
    WriterSettings settings;
    size_t most;
} LIMITS[] = {
    {"page bytes", {.dictionary_bytes = 8 * 1000, .dictionary_memory_bytes = 1 << 20}, 1000},
    {"memory", {.dictionary_bytes = 1 << 20, .dictionary_memory_bytes = 12000}, 2048 / 2},
    {"entries", {.dictionary_bytes = 8 << 20, .dictionary_memory_bytes = 32 << 20}, 1 << 17},
};

static void
the_first_value_past_a_limit_stops(void **state)
{
    enum { VALUES = 140000 };
    const ColumnSchema schema = {.name = "x", .type = {.kind = TYPE_INT64}};
    uint32_t *ids = memory_alloc(VALUES * sizeof(*ids));
    Column column;

    (void)state;
    column_init(&column, &schema.type);
    for (int64_t v = 0; v < VALUES; v++)
        column_append_i64(&column, v << 33);
    for (size_t i = 0; i < ARRAY_LENGTH(LIMITS); i++) {
        LeafLayout layout;
        Dictionary dictionary;
        layout_init(&layout, &schema);
        dictionary_init(&dictionary, &layout, &LIMITS[i].settings);
        print_message("%s\n", LIMITS[i].name);
        assert_int_equal(dictionary_add(&dictionary, &column, 0, VALUES, ids), LIMITS[i].most);
        /* Values that are known still get their ids. */
        assert_int_equal(dictionary_add(&dictionary, &column, 0, 10, ids), 10);
        dictionary_release(&dictionary);
    }
    column_release(&column);
    free(ids);
}

static void
some_columns_have_none(void **state)
{
    static const struct {
        ColumnSchema column;
        bool has_dictionary;
    } CASES[] = {
        {{.name = "a", .type = {.kind = TYPE_INT64}}, true},
        {{.name = "a", .type = {.kind = TYPE_BOOL}}, false},
        {{.name = "a", .type = {.kind = TYPE_UUID}}, false},
        {{.name = "_rivet_row_hash", .type = {.kind = TYPE_INT64}, .is_required = true}, false},
        {{.name = "_rivet_exported_at", .type = {.kind = TYPE_TIMESTAMPTZ}, .is_required = true},
         true},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        LeafLayout layout;
        layout_init(&layout, &CASES[i].column);
        assert_int_equal(dictionary_is_for(&layout), CASES[i].has_dictionary);
    }
}

/* The filter of one value, the empty one: its hash is known, and the low half of it picks one bit
 * in each word of the only block. */
static void
a_filter_has_its_bits(void **state)
{
    static const uint32_t SALTS[] = {0x47b6137bU, 0x44974d91U, 0x8824ad5bU, 0xa2b7289dU,
                                     0x705495c7U, 0x2df1424bU, 0x9efc4947U, 0x5c6bfb31U};
    static const uint8_t HEADER[] = {0x15, 0x40, 0x1C, 0x1C, 0x00, 0x00, 0x1C, 0x1C,
                                     0x00, 0x00, 0x1C, 0x1C, 0x00, 0x00, 0x00};
    const ColumnSchema schema = {.name = "x", .type = {.kind = TYPE_BINARY}};
    const uint64_t hash_of_nothing = UINT64_C(0xEF46DB3751D8E999); /* XXH64("", 0) */
    BloomHashes bloom = {.most = 10};
    Buffer out = {0};
    LeafLayout layout;
    Column column;
    Error err = ERROR_INIT;

    (void)state;
    layout_init(&layout, &schema);
    column_init(&column, &schema.type);
    assert_ok(column_append_bytes(&column, NULL, 0, &err), &err);
    bloom_add_values(&bloom, &layout, &column, 0, 1);
    bloom_build(&bloom, NULL, &out);
    assert_int_equal(out.size, sizeof(HEADER) + 32);
    assert_memory_equal(out.data, HEADER, sizeof(HEADER));
    for (size_t i = 0; i < 8; i++) {
        uint32_t word;
        memcpy(&word, out.data + sizeof(HEADER) + 4 * i, sizeof(word));
        assert_int_equal(word, UINT32_C(1) << (((uint32_t)hash_of_nothing * SALTS[i]) >> 27));
    }
    /* One hash too many, and there is no filter. */
    buffer_reset(&out);
    for (int i = 0; i < 10; i++)
        bloom_add_values(&bloom, &layout, &column, 0, 1);
    bloom_build(&bloom, NULL, &out);
    assert_int_equal(out.size, 0);
    bloom_hashes_release(&bloom);
    buffer_release(&out);
    column_release(&column);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_get_ids),
        cmocka_unit_test(text_gets_ids),
        cmocka_unit_test(floats_are_told_apart_by_bits),
        cmocka_unit_test(the_first_value_past_a_limit_stops),
        cmocka_unit_test(some_columns_have_none),
        cmocka_unit_test(a_filter_has_its_bits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
