#include "../../test.h"

#include "build.h"
#include "format/parquet/thrift_read.h"

static void
test_numbers_of_every_size(void **state)
{
    static const int64_t VALUES[] = {0,   1,   -1,        63,        64,        -64,      -65,
                                     127, 128, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN};
    Buffer bytes = {0};
    ThriftReader reader;

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(VALUES); i++)
        build_i64(&bytes, 1, VALUES[i]);
    build_end(&bytes);
    thrift_reader_init(&reader, bytes.data, bytes.size);
    ThriftField field = thrift_enter(&reader);
    for (size_t i = 0; i < ARRAY_LENGTH(VALUES); i++) {
        assert_true(thrift_next_field(&reader, &field));
        assert_int_equal(field.id, i + 1);
        assert_int_equal(thrift_read_i64(&reader, field), VALUES[i]);
    }
    assert_false(thrift_next_field(&reader, &field));
    assert_null(reader.problem);
    assert_int_equal(reader.depth, 0);
    assert_int_equal(thrift_reader_used_bytes(&reader), bytes.size);
    buffer_release(&bytes);
}

/* A struct of one field of every type, with a long-form header, all skipped. */
static void
test_skip_every_type(void **state)
{
    static const uint8_t BYTES[] = {
        0x11,                                        /* 1 true */
        0x12,                                        /* 2 false */
        0x13, 0xFF,                                  /* 3 i8 */
        0x14, 0x80, 0x01,                            /* 4 i16 */
        0x15, 0x02,                                  /* 5 i32 */
        0x16, 0x04,                                  /* 6 i64 */
        0x17, 0,    0,    0,    0,    0,    0, 0, 0, /* 7 double */
        0x18, 0x03, 'a',  'b',  'c',                 /* 8 binary */
        0x19, 0x21, 0x01, 0x02,                      /* 9 list of two bools */
        0x1A, 0x35, 0x02, 0x04, 0x06,                /* 10 set of three i32 */
        0x1B, 0x01, 0x85, 0x01, 'k',  0x02,          /* 11 map text → i32, one pair */
        0x1B, 0x00,                                  /* 12 empty map: no types */
        0x1C, 0x15, 0x02, 0x00,                      /* 13 struct { 1 i32 } */
        0x05, 0xC8, 0x01, 0x0A,                      /* 100 i32, id in long form */
        0x1D, 0,    0,    0,    0,    0,    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* 101 uuid */
        0x00,
    };
    ThriftReader reader;
    int last = 0;

    (void)state;
    thrift_reader_init(&reader, BYTES, sizeof(BYTES));
    ThriftField field = thrift_enter(&reader);
    while (thrift_next_field(&reader, &field)) {
        last = field.id;
        thrift_skip(&reader, field);
    }
    assert_null(reader.problem);
    assert_int_equal(last, 101);
    assert_int_equal(thrift_reader_used_bytes(&reader), sizeof(BYTES));
    /* Every shorter prefix is cut, and is known to be. */
    for (size_t size = 0; size < sizeof(BYTES); size++) {
        thrift_reader_init(&reader, BYTES, size);
        field = thrift_enter(&reader);
        while (thrift_next_field(&reader, &field))
            thrift_skip(&reader, field);
        assert_true(reader.is_truncated);
        assert_int_equal(reader.depth, 0);
    }
}

static void
read_as_number(ThriftReader *reader)
{
    ThriftField field = thrift_enter(reader);

    while (thrift_next_field(reader, &field))
        thrift_read_i32(reader, field);
}

static void
read_as_list(ThriftReader *reader)
{
    ThriftField field = thrift_enter(reader);

    while (thrift_next_field(reader, &field)) {
        size_t count = thrift_read_list(reader, field, THRIFT_WIRE_I32, 1);
        for (size_t i = 0; i < count; i++)
            thrift_read_i32_item(reader);
    }
}

static void
read_as_bytes(ThriftReader *reader)
{
    ThriftField field = thrift_enter(reader);

    while (thrift_next_field(reader, &field)) {
        BytesView bytes = thrift_read_bytes(reader, field);
        assert_true(bytes.size <= 16);
    }
}

static void
skip_all(ThriftReader *reader)
{
    ThriftField field = thrift_enter(reader);

    while (thrift_next_field(reader, &field))
        thrift_skip(reader, field);
}

static const struct {
    const char *name;
    void (*read)(ThriftReader *);
    uint8_t bytes[16];
    size_t size;
    const char *want;
} DAMAGED[] = {
    {"endless number",
     read_as_number,
     {0x15, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255},
     11,
     "longer than 10 bytes"},
    {"i32 beyond its range",
     read_as_number,
     {0x15, 0x80, 0x80, 0x80, 0x80, 0x10, 0},
     7,
     "too large for its type"},
    {"wrong type", read_as_number, {0x16, 0x02, 0}, 3, "another type"},
    {"unknown type", read_as_number, {0x1F, 0}, 2, "unknown type"},
    {"type 0 with an id", read_as_number, {0x10, 0}, 2, "unknown type"},
    {"field number overflow", skip_all, {0x01, 0xFE, 0xFF, 0x03, 0x11, 0}, 6, "too large"},
    {"list longer than the bytes",
     read_as_list,
     {0x19, 0xF5, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0},
     8,
     "ends too early"},
    {"list of another type", read_as_list, {0x19, 0x18, 0, 0}, 4, "another type"},
    {"text longer than the bytes", read_as_bytes, {0x18, 0x7F, 'a', 0}, 4, "ends too early"},
    {"skipped text of 2^63 bytes",
     skip_all,
     {0x18, 255, 255, 255, 255, 255, 255, 255, 255, 127, 0},
     11,
     "ends too early"},
    {"skipped list of unknown elements", skip_all, {0x19, 0x1E, 0, 0}, 4, "unknown type"},
    {"map of 2^60 pairs",
     skip_all,
     {0x1B, 255, 255, 255, 255, 255, 255, 255, 255, 15, 0x55},
     11,
     "ends too early"},
};

static void
test_damaged(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(DAMAGED); i++) {
        ThriftReader reader;
        Error err = ERROR_INIT;
        thrift_reader_init(&reader, DAMAGED[i].bytes, DAMAGED[i].size);
        DAMAGED[i].read(&reader);
        if (thrift_reader_check(&reader, "struct", &err))
            fail_msg("%s is accepted", DAMAGED[i].name);
        assert_int_equal(err.code, ERR_FORMAT);
        if (strstr(err.message, DAMAGED[i].want) == NULL)
            fail_msg("%s: %s", DAMAGED[i].name, err.message);
    }
}

/* Neither structs, lists nor maps inside each other may use up the stack. */
static void
test_nesting_is_bounded(void **state)
{
    static const uint8_t PAIR[] = {0x01, 0x5B, 0x02};
    static const uint8_t OPENERS[][2] = {{0x1C, 0}, {0x19, 0x19}, {0x1B, 1}};
    uint8_t bytes[4000];

    (void)state;
    for (size_t k = 0; k < ARRAY_LENGTH(OPENERS); k++) {
        ThriftReader reader;
        memset(bytes, OPENERS[k][1] != 0 ? OPENERS[k][1] : OPENERS[k][0], sizeof(bytes));
        bytes[0] = OPENERS[k][0];
        if (OPENERS[k][0] == 0x1B) { /* map { 1 pair, of i32 → map { … */
            for (size_t i = 1; i + 3 < sizeof(bytes); i += 3)
                memcpy(bytes + i, PAIR, sizeof(PAIR));
        }
        thrift_reader_init(&reader, bytes, sizeof(bytes));
        skip_all(&reader);
        assert_non_null(reader.problem);
        assert_non_null(strstr(reader.problem, "nest too deep"));
    }
}

/* Both numbers for bool stand for a list of them; 1 is true whatever the number. */
static void
test_lists_of_bools(void **state)
{
    (void)state;
    for (uint8_t type = 1; type <= 2; type++) {
        uint8_t bytes[] = {0x19, (uint8_t)(0x30 | type), 1, 2, 1, 0};
        ThriftReader reader;
        thrift_reader_init(&reader, bytes, sizeof(bytes));
        ThriftField field = thrift_enter(&reader);
        assert_true(thrift_next_field(&reader, &field));
        assert_int_equal(thrift_read_list(&reader, field, THRIFT_WIRE_TRUE, 1), 3);
        assert_true(thrift_read_bool_item(&reader));
        assert_false(thrift_read_bool_item(&reader));
        assert_true(thrift_read_bool_item(&reader));
        assert_false(thrift_next_field(&reader, &field));
        assert_null(reader.problem);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_of_every_size),
        cmocka_unit_test(test_skip_every_type),
        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_nesting_is_bounded),
        cmocka_unit_test(test_lists_of_bools),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
