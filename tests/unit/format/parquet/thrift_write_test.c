#include "../../test.h"

#include "format/parquet/page.h"
#include "format/parquet/thrift_write.h"

static void
assert_bytes(const Buffer *got, const uint8_t *want, size_t size)
{
    assert_int_equal(got->size, size);
    assert_memory_equal(got->data, want, size);
}

static void
fields_are_these_bytes(void **state)
{
    static const uint8_t WANT[] = {
        0x11,                                                             /* 1: true */
        0x12,                                                             /* 2: false */
        0x13, 0xFE,                                                       /* 3: i8 -2 */
        0x14, 0xFF, 0xFF, 0x03,                                           /* 4: i16 -32768 */
        0x15, 0x02,                                                       /* 5: i32 1 */
        0xF6, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, /* 20: i64 minimum */
        0x08, 0x4A, 0x02, 'h',  'i', /* 37: a step of more than 15 */
        0x1C, 0x15, 0x00, 0x00,      /* 38: struct {1: 0} */
        0x1C, 0x00,                  /* 39: struct {} */
        0x00,
    };
    Buffer out = {0};
    ThriftWriter writer = thrift_begin(&out);

    (void)state;
    thrift_bool(&writer, 1, true);
    thrift_bool(&writer, 2, false);
    thrift_i8(&writer, 3, -2);
    thrift_i16(&writer, 4, INT16_MIN);
    thrift_i32(&writer, 5, 1);
    thrift_i64(&writer, 20, INT64_MIN);
    thrift_text(&writer, 37, "hi");
    thrift_struct(&writer, 38);
    thrift_i32(&writer, 1, 0);
    thrift_end(&writer);
    thrift_empty_struct(&writer, 39);
    thrift_end(&writer);
    assert_bytes(&out, WANT, sizeof(WANT));
    buffer_release(&out);
}

static void
lists_are_these_bytes(void **state)
{
    static const uint8_t SHORT[] = {0x19, 0x31, 0x01, 0x02, 0x01,        /* booleans */
                                    0x19, 0x28, 0x01, 'a',  0x00,        /* texts */
                                    0x19, 0x1C, 0x16, 0x02, 0x00, 0x00}; /* a struct {1: 1} */
    Buffer out = {0};
    ThriftWriter writer = thrift_begin(&out);

    (void)state;
    thrift_list(&writer, 1, THRIFT_TRUE, 3);
    thrift_item_bool(&writer, true);
    thrift_item_bool(&writer, false);
    thrift_item_bool(&writer, true);
    thrift_list(&writer, 2, THRIFT_BINARY, 2);
    thrift_item_binary(&writer, "a", 1);
    thrift_item_binary(&writer, NULL, 0);
    thrift_list(&writer, 3, THRIFT_STRUCT, 1);
    thrift_item_struct(&writer);
    thrift_i64(&writer, 1, 1);
    thrift_end(&writer);
    thrift_end(&writer);
    assert_bytes(&out, SHORT, sizeof(SHORT));

    /* From 15 items on the count stands behind the type. */
    buffer_reset(&out);
    writer = thrift_begin(&out);
    thrift_list(&writer, 1, THRIFT_I32, 300);
    static const uint8_t LONG[] = {0x19, 0xF5, 0xAC, 0x02};
    assert_bytes(&out, LONG, sizeof(LONG));
    buffer_release(&out);
}

static void
page_headers_fit_their_room(void **state)
{
    PageHeader header = {
        .type = PAGE_DATA,
        .uncompressed_size = INT32_MIN, /* the longest of all numbers */
        .compressed_size = INT32_MIN,
        .crc = 0x80000000U,
        .value_count = INT32_MIN,
        .encoding = ENCODING_RLE_DICTIONARY,
    };
    Buffer out = {0};

    (void)state;
    page_header_write(&header, &out);
    assert_true(out.size <= PAGE_HEADER_MAX_BYTES);
    buffer_release(&out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_these_bytes),
        cmocka_unit_test(lists_are_these_bytes),
        cmocka_unit_test(page_headers_fit_their_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
