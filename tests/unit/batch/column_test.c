#include "../test.h"

#include "batch/batch.h"

/* Rows with and without values, against a plain list of what was appended. */
static void
test_validity_matches_what_was_appended(void **state)
{
    static const Type INT64 = {.kind = TYPE_INT64};
    Column column;

    (void)state;
    /* first_null: where the bitmap comes to life, around word edges. */
    for (size_t first_null = 0; first_null < 200; first_null += 21) {
        column_init(&column, &INT64);
        for (int round = 0; round < 2; round++) { /* a reset column must forget its bitmap */
            column_reset(&column);
            for (size_t row = 0; row < 3000; row++) {
                if (row >= first_null && (row * 7 + (size_t)round) % 3 == 0)
                    column_append_null(&column);
                else
                    column_append_i64(&column, (int64_t)row);
            }
            size_t value = 0;
            for (size_t row = 0; row < 3000; row++) {
                bool is_valid = !(row >= first_null && (row * 7 + (size_t)round) % 3 == 0);
                assert_int_equal(column_is_valid(&column, row), is_valid);
                assert_int_equal(column_value_index(&column, row), value);
                if (is_valid)
                    assert_true(column.i64[value++] == (int64_t)row);
            }
            assert_int_equal(column.value_count, value);
            assert_int_equal(column.null_count, 3000 - value);
        }
        column_release(&column);
    }
}

static void
test_bytes_and_lists(void **state)
{
    static const Type TEXT = {.kind = TYPE_TEXT};
    static const Type LIST = {.kind = TYPE_LIST, .element = &TEXT};
    Error err = ERROR_INIT;
    Column column;

    (void)state;
    column_init(&column, &LIST);
    assert_true(column_append_bytes(column.element, "a", 1, &err));
    column_append_null(column.element);
    column_end_list(&column); /* {a, NULL} */
    column_append_null(&column);
    column_end_list(&column); /* {} */
    assert_true(column_append_bytes(column.element, "", 0, &err));
    column_end_list(&column); /* {""} */
    assert_int_equal(column.row_count, 4);
    assert_int_equal(column.value_count, 3);
    assert_int_equal(column.offsets[1], 2);
    assert_int_equal(column.offsets[2], 2);
    assert_int_equal(column.offsets[3], 3);
    assert_int_equal(column.element->value_count, 2);
    assert_int_equal(column.element->offsets[2], 1);
    column_release(&column);
}

static void
test_too_many_bytes_are_refused(void **state)
{
    static const Type TEXT = {.kind = TYPE_TEXT};
    Error err = ERROR_INIT;
    Column column;

    (void)state;
    column_init(&column, &TEXT);
    assert_null(column_reserve_bytes(&column, (size_t)UINT32_MAX + 1, &err));
    assert_int_equal(err.code, ERR_BUDGET);
    column_release(&column);
}

static void
test_batch_limits(void **state)
{
    static const ColumnSchema COLUMNS[] = {{.name = "id", .type = {.kind = TYPE_INT32}}};
    static const Schema SCHEMA = {.columns = COLUMNS, .column_count = 1};
    Batch batch;

    (void)state;
    batch_init(&batch, &SCHEMA, 3, 100);
    for (int i = 0; i < 3; i++) {
        assert_false(batch_is_full(&batch));
        column_append_i32(&batch.columns[0], i);
        batch_end_row(&batch, 10);
    }
    assert_true(batch_is_full(&batch));
    batch_reset(&batch);
    column_append_i32(&batch.columns[0], 1);
    batch_end_row(&batch, 100);
    assert_true(batch_is_full(&batch));
    assert_int_equal(schema_find(&SCHEMA, "id"), 0);
    assert_int_equal(schema_find(&SCHEMA, "ID"), 1);
    batch_release(&batch);
}

static void
test_type_names(void **state)
{
    static const Type TEXT = {.kind = TYPE_TEXT};
    static const struct {
        Type type;
        const char *name;
        Storage storage;
    } CASES[] = {
        {{.kind = TYPE_INT16}, "Int16", STORAGE_I32},
        {{.kind = TYPE_UINT64}, "UInt64", STORAGE_I64},
        {{.kind = TYPE_DECIMAL, .precision = 9, .scale = 2}, "Decimal128(9, 2)", STORAGE_I32},
        {{.kind = TYPE_DECIMAL, .precision = 18, .scale = 0}, "Decimal128(18, 0)", STORAGE_I64},
        {{.kind = TYPE_DECIMAL, .precision = 38, .scale = 9}, "Decimal128(38, 9)", STORAGE_I128},
        {{.kind = TYPE_TIMESTAMPTZ}, "Timestamp(Microsecond, Some(\"UTC\"))", STORAGE_I64},
        {{.kind = TYPE_LIST, .element = &TEXT}, "List(Utf8)", STORAGE_LIST},
        {{.kind = TYPE_UUID}, "FixedSizeBinary(16)", STORAGE_FIXED16},
    };
    char name[TYPE_NAME_BYTES];

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        type_name(&CASES[i].type, name);
        assert_string_equal(name, CASES[i].name);
        assert_int_equal(type_storage(&CASES[i].type), CASES[i].storage);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_validity_matches_what_was_appended),
        cmocka_unit_test(test_bytes_and_lists),
        cmocka_unit_test(test_too_many_bytes_are_refused),
        cmocka_unit_test(test_batch_limits),
        cmocka_unit_test(test_type_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
