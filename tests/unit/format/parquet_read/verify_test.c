#include "../../test.h"

#include "build.h"
#include "format/parquet/column_read.h"
#include "format/parquet/verify.h"
#include "tiny_file.h"

static bool
verify(const Buffer *bytes, uint64_t row_count, Error *err)
{
    Readable from = build_readable(bytes);
    VerifyExpectation want = {.row_count = row_count};

    return parquet_verify(&from, &want, err);
}

static void
test_sound_file(void **state)
{
    Buffer bytes = {0};
    Error err = ERROR_INIT;

    (void)state;
    tiny_file_build(&bytes, FACT_NONE, 0);
    assert_ok(verify(&bytes, 4, &err), &err);
    tiny_file_build(&bytes, FACT_V2_NONE, 0);
    assert_ok(verify(&bytes, 4, &err), &err);
    buffer_release(&bytes);
}

static void
test_row_count(void **state)
{
    Buffer bytes = {0};
    Error err = ERROR_INIT;

    (void)state;
    tiny_file_build(&bytes, FACT_NONE, 0);
    assert_error(verify(&bytes, 7, &err), &err, ERR_CHECK,
                 "validation failed: expected 7 rows, got 4");
    buffer_release(&bytes);
}

static void
test_column_names(void **state)
{
    static const ColumnSchema COLUMNS[] = {{.name = "id"}, {.name = "nom"}};
    Schema schema = {.columns = COLUMNS, .column_count = 2};
    Buffer bytes = {0};
    Error err = ERROR_INIT;
    VerifyExpectation want = {.schema = &schema, .row_count = 4};

    (void)state;
    tiny_file_build(&bytes, FACT_NONE, 0);
    Readable from = build_readable(&bytes);
    assert_error(parquet_verify(&from, &want, &err), &err, ERR_CHECK, "not named \"nom\"");
    error_clear(&err);
    schema.column_count = 1;
    assert_error(parquet_verify(&from, &want, &err), &err, ERR_CHECK, "2 columns instead of 1");
    buffer_release(&bytes);
}

/* One wrong number each; `want` is in the message, or in the context that says where. */
static const struct {
    Fact fact;
    int64_t add;
    const char *want;
} WRONG[] = {
    {FACT_FILE_ROWS, 1, "says 5 rows, its row groups have 4"},
    {FACT_GROUP_ROWS, -5, "row group 0 has -1 rows"},
    {FACT_GROUP_UNCOMPRESSED, 1, "total_byte_size"},
    {FACT_GROUP_COMPRESSED, -1, "total_compressed_size"},
    {FACT_GROUP_OFFSET, 1, "file_offset"},
    {FACT_GROUP_ORDINAL, 1, "ordinal"},
    {FACT_GROUP_COLUMNS, 1, "another number of columns"},
    {FACT_GROUP_COLUMNS, -1, "another number of columns"},
    {FACT_SCHEMA_CHILDREN, 1, "the schema ends too early"},
    {FACT_SCHEMA_CHILDREN, -1, "\"name\" has no parent"},
    {FACT_SCHEMA_CHILDREN, -3, "fewer than no children"},
    {FACT_SCHEMA_TYPE, 2, "unknown physical type"},
    {FACT_SCHEMA_TYPE, 1, "no fixed length"},
    {FACT_SCHEMA_TYPE, -4, "physical type 6 in a column of type 2"},
    {FACT_SCHEMA_REPETITION, 2, "no known repetition"},
    {FACT_ORDER_COUNT, 1, "3 column orders for 2 columns"},
    {FACT_META_TYPE, -1, "physical type 5 in a column of type 6"},
    {FACT_META_ENCODINGS, 5, "encodings"},
    {FACT_META_PATH, 1, "not the column's"},
    {FACT_META_CODEC, 4, "codec BROTLI (4) is not supported"},
    {FACT_META_CODEC, 1, "damaged SNAPPY page"},
    {FACT_META_CODEC, 40, "is not supported"},
    {FACT_META_VALUES, 1, "ends 1 values before its count"},
    {FACT_META_VALUES, -1, "where the column chunk has 1 left"},
    {FACT_META_VALUES, -2, "a page behind the last value"},
    {FACT_META_VALUES, -5, "a column chunk of -1 values"},
    {FACT_META_UNCOMPRESSED, 1, "total_uncompressed_size"},
    {FACT_META_COMPRESSED, 1, "damaged page header"},
    {FACT_META_COMPRESSED, -1, "bytes of its column chunk"},
    {FACT_META_COMPRESSED, INT32_MAX, "leaves the file's data"},
    {FACT_META_COMPRESSED, -1000, "less than 0 bytes"},
    {FACT_META_OFFSET, 1, "where the one before ends"},
    {FACT_META_OFFSET, -1000, "where the one before ends"},
    {FACT_META_NULLS, 1, "null_count is 3 instead of 2"},
    {FACT_META_MIN, 1, "outside the column chunk's bounds"},
    {FACT_META_MIN, 2, "min is greater than max"},
    {FACT_META_MAX, -1, "outside the column chunk's bounds"},
    {FACT_META_STATS_COUNT, 1, "encoding_stats has 3 pages"},
    {FACT_PAGE_TYPE, 1, "ends 2 values before its count"}, /* an index page: passed over */
    {FACT_PAGE_TYPE, 2, "required field is missing"},
    {FACT_PAGE_UNCOMPRESSED, 1, "claims 12"},
    {FACT_PAGE_COMPRESSED, 1, "bytes of its column chunk"},
    {FACT_PAGE_COMPRESSED, -1, "CRC"},
    {FACT_PAGE_COMPRESSED, -100, "less than 0"},
    {FACT_PAGE_CRC, 1, "CRC"},
    {FACT_PAGE_VALUES, 1, "where the column chunk has 2 left"},
    {FACT_PAGE_VALUES, -1, "levels"},
    {FACT_PAGE_VALUES, -3, "less than 0"},
    {FACT_PAGE_ENCODING, 8, "dictionary ids without a dictionary page"},
    {FACT_PAGE_ENCODING, 3, "does not go with"},
    {FACT_LEVEL_BYTES, 1, "ends outside its page"},
    {FACT_LEVEL_BYTES, 1000, "levels of 1002 bytes"},
    {FACT_LEVEL_BYTES, -1, "no bytes"},
    {FACT_LEVEL_VALUE, -1, "bytes are left over"},           /* 0 0: no value, but one is there */
    {FACT_LEVEL_VALUE, 2, "values end before the last one"}, /* 1 1 */
    {FACT_VALUE_BYTES, 1, "ends outside its page"},
    {FACT_VALUE_BYTES, -1, "bytes are left over"},
    {FACT_LOCATION_OFFSET, 1, "the offset index has"},
    {FACT_LOCATION_SIZE, 1, "the offset index has"},
    {FACT_LOCATION_ROW, 1, "the offset index has"},
    {FACT_LOCATION_COUNT, 1, "the page index lists other pages"},
    {FACT_LOCATION_COUNT, -1, "more pages than the offset index"},
    {FACT_INDEX_NULL_PAGE, -1, "wrong about a page of nulls"},
    {FACT_INDEX_MIN, 1, "min is greater than max"},
    {FACT_INDEX_MAX, -1, "min is greater than max"},
    {FACT_INDEX_NULLS, 1, "has 2 nulls in a page, its levels 1"},
    {FACT_INDEX_ORDER, 1, "break the boundary order"},
    {FACT_INDEX_OFFSET, 1, "column index"},
    {FACT_INDEX_OFFSET, INT32_MAX, "leaves the file's data"},
    {FACT_FOOTER_LENGTH, 1000, "bytes in a file of"},
    {FACT_FOOTER_LENGTH, -1, "damaged footer"},
    {FACT_FOOTER_TAIL, 1, "behind the footer"},
    {FACT_V2_NULLS, 1, "a page says 2 nulls in 2 rows, its levels 1 in 2"},
    {FACT_V2_ROWS, -1, "a page says 1 nulls in 1 rows"},
    {FACT_V2_DEFINITION_BYTES, 20, "levels of 22 bytes in a page of 7"},
    {FACT_V2_DEFINITION_BYTES, -3, "less than 0"},
    {FACT_V2_DEFINITION_BYTES, -1, "no bytes"},
    {FACT_V2_REPETITION_BYTES, INT32_MAX, "levels of 2147483649 bytes"},
};

static void
test_wrong_numbers(void **state)
{
    Buffer bytes = {0};
    int failures = 0;

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(WRONG); i++) {
        Error err = ERROR_INIT;
        tiny_file_build(&bytes, WRONG[i].fact, WRONG[i].add);
        uint64_t rows = WRONG[i].fact == FACT_FILE_ROWS ? 5 : 4;
        if (verify(&bytes, rows, &err) || err.code != ERR_CHECK ||
            strstr(err.message, WRONG[i].want) == NULL ||
            strstr(err.message, "validation failed") == NULL) {
            print_error("case %zu (%s): %s: %s\n", i, WRONG[i].want, err.context, err.message);
            failures++;
        }
    }
    assert_int_equal(failures, 0);
    buffer_release(&bytes);
}

static void
test_place_is_named(void **state)
{
    Buffer bytes = {0};
    Error err = ERROR_INIT;

    (void)state;
    tiny_file_build(&bytes, FACT_PAGE_CRC, 1);
    assert_false(verify(&bytes, 4, &err));
    assert_non_null(strstr(err.context, "row_group=0 column=name page=1 offset="));
    buffer_release(&bytes);
}

/* Wherever the file is cut or one bit turned, it is refused or still right: never a crash, and
 * never other values under a CRC. */
static void
test_every_cut(void **state)
{
    Buffer bytes = {0};

    (void)state;
    tiny_file_build(&bytes, FACT_NONE, 0);
    size_t size = bytes.size;
    for (bytes.size = 0; bytes.size < size; bytes.size++) {
        Error err = ERROR_INIT;
        assert_false(verify(&bytes, 4, &err));
        assert_int_equal(err.code, ERR_CHECK);
    }
    buffer_release(&bytes);
}

static void
test_every_bit(void **state)
{
    Buffer bytes = {0};
    size_t refused = 0;

    (void)state;
    tiny_file_build(&bytes, FACT_NONE, 0);
    for (size_t bit = 0; bit < bytes.size * 8; bit++) {
        Error err = ERROR_INIT;
        bytes.data[bit / 8] ^= (uint8_t)(1U << bit % 8);
        refused += !verify(&bytes, 4, &err);
        bytes.data[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    /* What is left are bits without a say: created_by, unused level padding, old fields. */
    assert_true(refused > bytes.size * 8 * 7 / 10);
    buffer_release(&bytes);
}

static void
test_limits(void **state)
{
    ReadLimits limits = READ_LIMITS_DEFAULT;
    ParquetFile file;
    ColumnReader *reader = NULL;
    ColumnBatch batch;
    bool has_batch = false;
    Buffer bytes = {0};
    Error err = ERROR_INIT;

    (void)state;
    tiny_file_build(&bytes, FACT_NONE, 0);
    Readable from = build_readable(&bytes);
    limits.footer_max_bytes = 10;
    assert_error(parquet_file_open(&file, &from, &limits, &err), &err, ERR_BUDGET, "more than 10");
    error_clear(&err);
    limits = READ_LIMITS_DEFAULT;
    limits.footer_memory_max_bytes = 100;
    assert_error(parquet_file_open(&file, &from, &limits, &err), &err, ERR_BUDGET,
                 "too much memory");
    error_clear(&err);
    /* A column of one codec whose page claims more than its bytes can become. */
    tiny_file_build(&bytes, FACT_META_CODEC, 2);
    from = build_readable(&bytes);
    limits = READ_LIMITS_DEFAULT;
    limits.page_max_bytes = 3;
    assert_ok(parquet_file_open(&file, &from, &limits, &err), &err);
    assert_ok(column_reader_open(&file, 0, 1, false, &reader, &err), &err);
    assert_error(column_reader_next(reader, &batch, &has_batch, &err), &err, ERR_BUDGET,
                 "more than 3");
    column_reader_free(reader);
    parquet_file_release(&file);
    buffer_release(&bytes);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sound_file),     cmocka_unit_test(test_row_count),
        cmocka_unit_test(test_column_names),   cmocka_unit_test(test_wrong_numbers),
        cmocka_unit_test(test_place_is_named), cmocka_unit_test(test_every_cut),
        cmocka_unit_test(test_every_bit),      cmocka_unit_test(test_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
