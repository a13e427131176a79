#include "../../test.h"

#include <math.h>

#include "build.h"
#include "format/parquet/value_decode.h"
#include "util/memory.h"

static ValueBytes
source(const Buffer *bytes, Encoding encoding, uint64_t max_values)
{
    static const uint8_t NOTHING[1];

    return (ValueBytes){
        .bytes = bytes->size > 0 ? bytes->data : NOTHING,
        .size_bytes = bytes->size,
        .encoding = encoding,
        .max_values = max_values,
        .batch_max_bytes = 1 << 20,
    };
}

static void
put_u32(Buffer *to, uint32_t value)
{
    buffer_append(to, &value, sizeof(value));
}

/* Decodes all values in two calls and compares slot by slot; nothing may be left. */
static void
assert_slots(ValueType type, const ValueBytes *from, const void *want, size_t count)
{
    ValueDecoder decoder = {0};
    uint64_t slots[64] = {0};
    size_t slot = value_slot_bytes(type.type);
    size_t first = count / 3;
    Error err = ERROR_INIT;

    assert_ok(value_decoder_open(&decoder, type, from, &err), &err);
    assert_ok(value_decode(&decoder, slots, first, &err), &err);
    assert_ok(value_decode(&decoder, (uint8_t *)slots + first * slot, count - first, &err), &err);
    assert_memory_equal(slots, want, count * slot);
    assert_true(value_decoder_is_at_end(&decoder));
    value_decoder_release(&decoder);
}

static void
assert_texts(ValueType type, const ValueBytes *from, const char *const *want, size_t count)
{
    ValueDecoder decoder = {0};
    BytesView got;
    Error err = ERROR_INIT;

    assert_ok(value_decoder_open(&decoder, type, from, &err), &err);
    for (size_t i = 0; i < count; i++) {
        assert_ok(value_decode(&decoder, &got, 1, &err), &err);
        assert_int_equal(got.size, strlen(want[i]));
        assert_memory_equal(got.data, want[i], got.size);
    }
    assert_true(value_decoder_is_at_end(&decoder));
    assert_error(value_decode(&decoder, &got, 1, &err), &err, ERR_FORMAT, "");
    value_decoder_release(&decoder);
}

static const ValueType INT32_TYPE = {PHYSICAL_INT32, 0};
static const ValueType INT64_TYPE = {PHYSICAL_INT64, 0};
static const ValueType BOOL_TYPE = {PHYSICAL_BOOLEAN, 0};
static const ValueType DOUBLE_TYPE = {PHYSICAL_DOUBLE, 0};
static const ValueType BYTES_TYPE = {PHYSICAL_BYTE_ARRAY, 0};
static const ValueType FIXED_TYPE = {PHYSICAL_FIXED, 3};

static const int32_t I32[] = {INT32_MIN, -1, 0, 7, INT32_MAX};
static const int64_t I64[] = {INT64_MIN, -1, 0, 7, INT64_MAX};
static const uint8_t BOOLS[] = {1, 0, 1, 1, 0, 0, 0, 1, 1};
static const char *const TEXTS[] = {"", "axis", "axle", "axle", "babble", "b"};
static const char *const FIXED[] = {"abc", "abd", "xyz"};

static void
test_plain(void **state)
{
    Buffer bytes = {0};
    ValueBytes from;

    (void)state;
    buffer_append(&bytes, I32, sizeof(I32));
    from = source(&bytes, ENCODING_PLAIN, 5);
    assert_slots(INT32_TYPE, &from, I32, 5);
    buffer_reset(&bytes);
    buffer_append(&bytes, I64, sizeof(I64));
    from = source(&bytes, ENCODING_PLAIN, 5);
    assert_slots(INT64_TYPE, &from, I64, 5);
    buffer_reset(&bytes);
    buffer_append(&bytes, "\x8D\x01", 2);
    from = source(&bytes, ENCODING_PLAIN, 9);
    assert_slots(BOOL_TYPE, &from, BOOLS, 9);
    buffer_reset(&bytes);
    for (size_t i = 0; i < ARRAY_LENGTH(TEXTS); i++) {
        put_u32(&bytes, (uint32_t)strlen(TEXTS[i]));
        buffer_append_text(&bytes, TEXTS[i]);
    }
    from = source(&bytes, ENCODING_PLAIN, 6);
    assert_texts(BYTES_TYPE, &from, TEXTS, ARRAY_LENGTH(TEXTS));
    buffer_reset(&bytes);
    buffer_append_text(&bytes, "abcabdxyz");
    from = source(&bytes, ENCODING_PLAIN, 3);
    assert_texts(FIXED_TYPE, &from, FIXED, 3);
    buffer_release(&bytes);
}

/* The number in front of RLE booleans is bytes, not values. */
static void
test_rle_booleans(void **state)
{
    Buffer runs = {0};
    Buffer bytes = {0};
    uint32_t tail[] = {1, 0, 0, 0, 1, 1};

    (void)state;
    build_run(&runs, 1, 1, 1);
    build_run(&runs, 1, 0, 1);
    build_run(&runs, 1, 1, 1);
    build_packed_run(&runs, tail, 6, 1);
    put_u32(&bytes, (uint32_t)runs.size);
    buffer_append(&bytes, runs.data, runs.size);
    ValueBytes from = source(&bytes, ENCODING_RLE, 9);
    assert_slots(BOOL_TYPE, &from, BOOLS, 9);
    buffer_release(&runs);
    buffer_release(&bytes);
}

static void
test_delta_integers(void **state)
{
    Buffer bytes = {0};
    int64_t wide[5];
    ValueBytes from;

    (void)state;
    for (size_t i = 0; i < 5; i++)
        wide[i] = I32[i];
    build_delta(&bytes, wide, 5, 32);
    from = source(&bytes, ENCODING_DELTA_BINARY_PACKED, 5);
    assert_slots(INT32_TYPE, &from, I32, 5);
    buffer_reset(&bytes);
    build_delta(&bytes, I64, 5, 64);
    from = source(&bytes, ENCODING_DELTA_BINARY_PACKED, 5);
    assert_slots(INT64_TYPE, &from, I64, 5);
    buffer_release(&bytes);
}

static void
test_byte_stream_split(void **state)
{
    Buffer bytes = {0};
    double doubles[] = {1.5, -0.0, (double)INFINITY, 5e-324};
    ValueBytes from;

    (void)state;
    for (size_t k = 0; k < 8; k++) {
        for (size_t i = 0; i < 4; i++) {
            uint64_t bits;
            memcpy(&bits, &doubles[i], 8);
            buffer_append_byte(&bytes, (uint8_t)(bits >> 8 * k));
        }
    }
    from = source(&bytes, ENCODING_BYTE_STREAM_SPLIT, 4);
    assert_slots(DOUBLE_TYPE, &from, doubles, 4);
    buffer_reset(&bytes);
    buffer_append_text(&bytes, "aaxbbycdz");
    from = source(&bytes, ENCODING_BYTE_STREAM_SPLIT, 3);
    assert_texts(FIXED_TYPE, &from, FIXED, 3);
    buffer_release(&bytes);
}

static void
test_delta_length(void **state)
{
    int64_t lengths[ARRAY_LENGTH(TEXTS)];
    Buffer bytes = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(TEXTS); i++)
        lengths[i] = (int64_t)strlen(TEXTS[i]);
    build_delta(&bytes, lengths, ARRAY_LENGTH(TEXTS), 32);
    for (size_t i = 0; i < ARRAY_LENGTH(TEXTS); i++)
        buffer_append_text(&bytes, TEXTS[i]);
    ValueBytes from = source(&bytes, ENCODING_DELTA_LENGTH_BYTE_ARRAY, 6);
    assert_texts(BYTES_TYPE, &from, TEXTS, ARRAY_LENGTH(TEXTS));
    buffer_release(&bytes);
}

static void
put_delta_bytes(Buffer *to, const int64_t *prefixes, const char *const *suffixes, size_t count)
{
    int64_t lengths[8];

    for (size_t i = 0; i < count; i++)
        lengths[i] = (int64_t)strlen(suffixes[i]);
    build_delta(to, prefixes, count, 32);
    build_delta(to, lengths, count, 32);
    for (size_t i = 0; i < count; i++)
        buffer_append_text(to, suffixes[i]);
}

static void
test_delta_bytes(void **state)
{
    static const int64_t PREFIXES[] = {0, 0, 2, 4, 0, 1};
    static const char *const SUFFIXES[] = {"", "axis", "le", "", "babble", ""};
    static const int64_t FIXED_PREFIXES[] = {0, 2, 0};
    static const char *const FIXED_SUFFIXES[] = {"abc", "d", "xyz"};
    Buffer bytes = {0};
    ValueBytes from;

    (void)state;
    put_delta_bytes(&bytes, PREFIXES, SUFFIXES, 6);
    from = source(&bytes, ENCODING_DELTA_BYTE_ARRAY, 6);
    assert_texts(BYTES_TYPE, &from, TEXTS, 6);
    buffer_reset(&bytes);
    put_delta_bytes(&bytes, FIXED_PREFIXES, FIXED_SUFFIXES, 3);
    from = source(&bytes, ENCODING_DELTA_BYTE_ARRAY, 3);
    assert_texts(FIXED_TYPE, &from, FIXED, 3);
    buffer_release(&bytes);
}

static void
make_dictionary(DictionaryValues *dictionary)
{
    uint8_t *body = memory_alloc(sizeof(I32));
    Error err = ERROR_INIT;

    memcpy(body, I32, sizeof(I32));
    assert_ok(dictionary_values_init(dictionary, INT32_TYPE, body, sizeof(I32), 5, &err), &err);
}

static void
test_dictionary_ids(void **state)
{
    DictionaryValues dictionary;
    Buffer bytes = {0};
    uint32_t ids[] = {4, 0, 3};
    int32_t want[] = {I32[4], I32[0], I32[3], I32[3], I32[3], I32[3]};

    (void)state;
    make_dictionary(&dictionary);
    for (uint8_t width = 3; width <= 32; width = (uint8_t)(width + 29)) {
        buffer_reset(&bytes);
        buffer_append_byte(&bytes, width);
        for (size_t i = 0; i < 3; i++)
            build_run(&bytes, i == 2 ? 4 : 1, ids[i], width);
        ValueBytes from = source(&bytes, ENCODING_RLE_DICTIONARY, 6);
        from.dictionary = &dictionary;
        assert_slots(INT32_TYPE, &from, want, 6);
    }
    dictionary_values_release(&dictionary);
    buffer_release(&bytes);
}

/* Width 0 is legal for one entry; some writers then leave out the run. */
static void
test_dictionary_width_zero(void **state)
{
    DictionaryValues dictionary;
    Buffer bytes = {0};
    int32_t want[] = {I32[0], I32[0], I32[0], I32[0]};

    (void)state;
    make_dictionary(&dictionary);
    for (int with_run = 0; with_run < 2; with_run++) {
        buffer_reset(&bytes);
        buffer_append_byte(&bytes, 0);
        if (with_run == 1)
            build_run(&bytes, 4, 0, 0);
        ValueBytes from = source(&bytes, ENCODING_PLAIN_DICTIONARY, 4);
        from.dictionary = &dictionary;
        assert_slots(INT32_TYPE, &from, want, 4);
    }
    dictionary_values_release(&dictionary);
    buffer_release(&bytes);
}

static const struct {
    const char *name;
    PhysicalType type;
    Encoding encoding;
    uint8_t bytes[16];
    size_t size;
    ErrorCode code;
    const char *want;
} DAMAGED[] = {
    {"int32 cut",
     PHYSICAL_INT32,
     ENCODING_PLAIN,
     {1, 2, 3, 4, 5, 6, 7},
     7,
     ERR_FORMAT,
     "end before"},
    {"int96 cut", PHYSICAL_INT96, ENCODING_PLAIN, {0}, 13, ERR_FORMAT, "end before"},
    {"bool cut", PHYSICAL_BOOLEAN, ENCODING_PLAIN, {0}, 0, ERR_FORMAT, "end before"},
    {"text length cut",
     PHYSICAL_BYTE_ARRAY,
     ENCODING_PLAIN,
     {1, 0, 0},
     3,
     ERR_FORMAT,
     "end before"},
    {"text cut",
     PHYSICAL_BYTE_ARRAY,
     ENCODING_PLAIN,
     {9, 0, 0, 0, 'a'},
     5,
     ERR_FORMAT,
     "ends outside"},
    {"text of 4 GiB",
     PHYSICAL_BYTE_ARRAY,
     ENCODING_PLAIN,
     {255, 255, 255, 255, 'a'},
     5,
     ERR_FORMAT,
     "ends outside"},
    {"fixed cut", PHYSICAL_FIXED, ENCODING_PLAIN, {1, 2}, 2, ERR_FORMAT, "end before"},
    {"booleans' size outside",
     PHYSICAL_BOOLEAN,
     ENCODING_RLE,
     {5, 0, 0, 0, 2, 1},
     6,
     ERR_FORMAT,
     "not in the page"},
    {"booleans' size cut",
     PHYSICAL_BOOLEAN,
     ENCODING_RLE,
     {5, 0},
     2,
     ERR_FORMAT,
     "not in the page"},
    {"ids without dictionary",
     PHYSICAL_INT32,
     ENCODING_RLE_DICTIONARY,
     {1, 4, 0},
     3,
     ERR_FORMAT,
     "without a dictionary"},
    {"split does not divide",
     PHYSICAL_INT64,
     ENCODING_BYTE_STREAM_SPLIT,
     {0},
     15,
     ERR_FORMAT,
     "do not split"},
    {"split cut", PHYSICAL_INT64, ENCODING_BYTE_STREAM_SPLIT, {0}, 8, ERR_FORMAT, "end before"},
    {"lengths beyond the page",
     PHYSICAL_BYTE_ARRAY,
     ENCODING_DELTA_LENGTH_BYTE_ARRAY,
     {0x80, 1, 4, 1, 20, 'a'},
     6,
     ERR_FORMAT,
     "values of 10 bytes in the last 1"},
    {"prefixes without suffixes",
     PHYSICAL_BYTE_ARRAY,
     ENCODING_DELTA_BYTE_ARRAY,
     {0x80, 1, 4, 1, 0, 0x80, 1, 4, 0, 0},
     10,
     ERR_FORMAT,
     "1 prefixes for 0"},
    {"prefix before any value",
     PHYSICAL_BYTE_ARRAY,
     ENCODING_DELTA_BYTE_ARRAY,
     {0x80, 1, 4, 1, 2, 0x80, 1, 4, 1, 2, 'a'},
     11,
     ERR_FORMAT,
     "shares more"},
    {"wrong fixed length",
     PHYSICAL_FIXED,
     ENCODING_DELTA_BYTE_ARRAY,
     {0x80, 1, 4, 1, 0, 0x80, 1, 4, 1, 2, 'a'},
     11,
     ERR_FORMAT,
     "value of 1 bytes"},
    {"delta of text",
     PHYSICAL_BYTE_ARRAY,
     ENCODING_DELTA_BINARY_PACKED,
     {0},
     1,
     ERR_FORMAT,
     "does not go with"},
    {"bit-packed values",
     PHYSICAL_INT32,
     ENCODING_BIT_PACKED,
     {0},
     1,
     ERR_FORMAT,
     "does not go with"},
    {"ALP", PHYSICAL_DOUBLE, ENCODING_ALP, {0}, 1, ERR_UNSUPPORTED, "encoding 10"},
    {"unknown", PHYSICAL_DOUBLE, (Encoding)77, {0}, 1, ERR_UNSUPPORTED, "encoding 77"},
};

static void
test_damaged(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(DAMAGED); i++) {
        ValueDecoder decoder = {0};
        BytesView slots[2];
        Error err = ERROR_INIT;
        ValueType type = {DAMAGED[i].type, 3};
        ValueBytes from = {.bytes = DAMAGED[i].bytes,
                           .size_bytes = DAMAGED[i].size,
                           .encoding = DAMAGED[i].encoding,
                           .max_values = 2,
                           .batch_max_bytes = 100};
        bool is_read = value_decoder_open(&decoder, type, &from, &err) &&
                       value_decode(&decoder, slots, 1, &err) &&
                       value_decode(&decoder, slots, 1, &err);
        if (is_read)
            fail_msg("%s is accepted", DAMAGED[i].name);
        if (err.code != DAMAGED[i].code || strstr(err.message, DAMAGED[i].want) == NULL)
            fail_msg("%s: %s", DAMAGED[i].name, err.message);
        value_decoder_release(&decoder);
    }
}

static void
test_dictionary_damage(void **state)
{
    DictionaryValues dictionary;
    ValueDecoder decoder = {0};
    uint8_t past_the_end[] = {3, 2, 5};
    uint8_t too_wide[] = {33, 2, 5};
    int32_t slot;
    Error err = ERROR_INIT;

    (void)state;
    make_dictionary(&dictionary);
    ValueBytes from = {.bytes = past_the_end,
                       .size_bytes = sizeof(past_the_end),
                       .encoding = ENCODING_RLE_DICTIONARY,
                       .dictionary = &dictionary};
    assert_ok(value_decoder_open(&decoder, INT32_TYPE, &from, &err), &err);
    assert_error(value_decode(&decoder, &slot, 1, &err), &err, ERR_FORMAT,
                 "id 5 of a dictionary of 5");
    error_clear(&err);
    from.bytes = too_wide;
    assert_error(value_decoder_open(&decoder, INT32_TYPE, &from, &err), &err, ERR_FORMAT,
                 "bit width of 33");
    error_clear(&err);
    from.size_bytes = 0;
    assert_error(value_decoder_open(&decoder, INT32_TYPE, &from, &err), &err, ERR_FORMAT,
                 "without their bit width");
    value_decoder_release(&decoder);
    dictionary_values_release(&dictionary);
    /* A count that the page cannot hold must not be allocated. */
    error_clear(&err);
    assert_error(
        dictionary_values_init(&dictionary, INT32_TYPE, memory_alloc(8), 8, 1U << 31, &err), &err,
        ERR_FORMAT, "claims 2147483648 values");
    error_clear(&err);
    assert_error(dictionary_values_init(&dictionary, BOOL_TYPE, memory_alloc(1), 1, 1, &err), &err,
                 ERR_FORMAT, "booleans");
}

/* Prefixes can repeat a long value without end: the batch has a limit. */
static void
test_delta_bytes_budget(void **state)
{
    static const int64_t PREFIXES[] = {0, 6, 6, 6};
    static const char *const SUFFIXES[] = {"longer", "", "", ""};
    ValueDecoder decoder = {0};
    Buffer bytes = {0};
    BytesView slots[4];
    Error err = ERROR_INIT;

    (void)state;
    put_delta_bytes(&bytes, PREFIXES, SUFFIXES, 4);
    ValueBytes from = source(&bytes, ENCODING_DELTA_BYTE_ARRAY, 4);
    from.batch_max_bytes = 23;
    assert_ok(value_decoder_open(&decoder, BYTES_TYPE, &from, &err), &err);
    assert_error(value_decode(&decoder, slots, 4, &err), &err, ERR_BUDGET, "take 24 bytes");
    value_decoder_release(&decoder);
    buffer_release(&bytes);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_rle_booleans),
        cmocka_unit_test(test_delta_integers),
        cmocka_unit_test(test_byte_stream_split),
        cmocka_unit_test(test_delta_length),
        cmocka_unit_test(test_delta_bytes),
        cmocka_unit_test(test_dictionary_ids),
        cmocka_unit_test(test_dictionary_width_zero),
        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_dictionary_damage),
        cmocka_unit_test(test_delta_bytes_budget),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
