/* The typed rows of tests/golden/row_hash.json, in its order; the file has their hashes. */
#include "../test.h"

#include <math.h>

#include <jansson.h>

#include "batch/row_hash.h"

enum { COLUMNS = 11, LONG_TEXT = 200000, LONG_BINARY = 100000, LONG_LIST = 20000 };

static const Type TEXT = {.kind = TYPE_TEXT};
static const Type DOUBLE = {.kind = TYPE_DOUBLE};
static const ColumnSchema SCHEMA_COLUMNS[COLUMNS] = {
    {.name = "i", .type = {.kind = TYPE_INT64}},
    {.name = "t", .type = {.kind = TYPE_TEXT}},
    {.name = "b", .type = {.kind = TYPE_BOOL}},
    {.name = "f", .type = {.kind = TYPE_DOUBLE}},
    {.name = "d", .type = {.kind = TYPE_DECIMAL, .precision = 12, .scale = 2}},
    {.name = "day", .type = {.kind = TYPE_DATE}},
    {.name = "at", .type = {.kind = TYPE_TIMESTAMPTZ}},
    {.name = "u", .type = {.kind = TYPE_UUID}},
    {.name = "raw", .type = {.kind = TYPE_BINARY}},
    {.name = "words", .type = {.kind = TYPE_LIST, .element = &TEXT}},
    {.name = "numbers", .type = {.kind = TYPE_LIST, .element = &DOUBLE}},
};
static const Schema SCHEMA = {.columns = SCHEMA_COLUMNS, .column_count = COLUMNS};

static void
add_text(Column *column, const char *text, size_t length)
{
    Error err = ERROR_INIT;

    assert_ok(column_append_bytes(column, text, length, &err), &err);
}

/* NULL in every column that the row left out. */
static void
end_row(Batch *batch)
{
    batch_end_row(batch, 1);
    for (size_t i = 0; i < COLUMNS; i++)
        if (batch->columns[i].row_count < batch->row_count)
            column_append_null(&batch->columns[i]);
}

static void
add_full_row(Batch *batch)
{
    static const uint8_t UUID[16] = {0x12, 0x3e, 0x45, 0x67, 0xe8, 0x9b, 0x12, 0xd3,
                                     0xa4, 0x56, 0x42, 0x66, 0x14, 0x17, 0x40, 0xff};
    Column *c = batch->columns;

    column_append_i64(&c[0], INT64_MIN);
    add_text(&c[1], "alice", 5);
    column_append_bool(&c[2], 1);
    column_append_f64(&c[3], 95.5);
    column_append_i64(&c[4], 1250);
    column_append_i32(&c[5], 19782);
    column_append_i64(&c[6], INT64_C(1709210096789000));
    column_append_fixed16(&c[7], UUID);
    add_text(&c[8], "\0\xFF\xAB", 3);
    add_text(c[9].element, "a", 1);
    column_append_null(c[9].element);
    add_text(c[9].element, "", 0);
    column_end_list(&c[9]);
    column_append_f64(c[10].element, 1.5);
    column_append_f64(c[10].element, (double)NAN);
    column_end_list(&c[10]);
    end_row(batch);
}

static void
add_zero_row(Batch *batch, bool has_text)
{
    static const uint8_t UUID[16] = {0};
    Column *c = batch->columns;

    column_append_i64(&c[0], 0);
    if (has_text)
        add_text(&c[1], "", 0);
    column_append_bool(&c[2], 0);
    column_append_f64(&c[3], -0.0);
    column_append_i64(&c[4], 0);
    column_append_i32(&c[5], 0);
    column_append_i64(&c[6], 0);
    column_append_fixed16(&c[7], UUID);
    add_text(&c[8], "", 0);
    column_end_list(&c[9]);
    column_end_list(&c[10]);
    end_row(batch);
}

static void
add_sparse_rows(Batch *batch)
{
    Column *c = batch->columns;

    add_text(&c[1], "\0", 1);
    end_row(batch);
    add_text(&c[1], "žluťoučký 🐎", strlen("žluťoučký 🐎"));
    column_append_null(c[9].element);
    column_end_list(&c[9]);
    end_row(batch);
    column_append_i32(&c[5], -2440588 + 38);
    column_append_i64(&c[6], INT64_C(9223371244799999999));
    end_row(batch);
    column_append_f64(&c[3], 0x1p-1074);
    column_append_f64(c[10].element, (double)INFINITY);
    column_append_f64(c[10].element, -(double)INFINITY);
    column_append_f64(c[10].element, 1e300);
    column_end_list(&c[10]);
    end_row(batch);
}

static void
add_long_rows(Batch *batch)
{
    Column *c = batch->columns;
    char *room = malloc(LONG_TEXT);

    assert_non_null(room);
    memset(room, 'x', LONG_TEXT);
    add_text(&c[1], room, LONG_TEXT);
    end_row(batch);
    memset(room, 0x5A, LONG_BINARY);
    column_append_i64(&c[0], 1);
    add_text(&c[8], room, LONG_BINARY);
    end_row(batch);
    column_append_i64(&c[0], 1);
    for (int i = 0; i < LONG_LIST; i++)
        add_text(c[9].element, "element", 7);
    column_end_list(&c[9]);
    column_append_f64(c[10].element, 0.5);
    column_end_list(&c[10]);
    end_row(batch);
    free(room);
}

static void
fill(Batch *batch)
{
    add_full_row(batch);
    end_row(batch);
    add_zero_row(batch, true);
    add_zero_row(batch, false);
    add_sparse_rows(batch);
    add_long_rows(batch);
}

static void
hashes_are_the_frozen_ones(void **state)
{
    Batch batch;
    Column hashes;
    static const Type INT64_TYPE = {.kind = TYPE_INT64};
    json_t *golden = json_load_file(RIVET_GOLDEN "/row_hash.json", JSON_ALLOW_NUL, NULL);
    const json_t *rows = json_object_get(golden, "rows");
    (void)state;

    assert_non_null(golden);
    batch_init(&batch, &SCHEMA, 1000, SIZE_MAX);
    column_init(&hashes, &INT64_TYPE);
    fill(&batch);
    assert_int_equal(batch.row_count, json_array_size(rows));
    row_hash_batch(&batch, COLUMNS, &hashes);
    assert_int_equal(hashes.row_count, batch.row_count);
    for (size_t i = 0; i < batch.row_count; i++) {
        const json_t *row = json_array_get(rows, i);
        json_int_t want = json_integer_value(json_object_get(row, "hash"));
        if (hashes.i64[i] != want)
            fail_msg("%s: %" PRId64 ", want %" JSON_INTEGER_FORMAT,
                     json_string_value(json_object_get(row, "name")), hashes.i64[i], want);
    }
    column_release(&hashes);
    batch_release(&batch);
    json_decref(golden);
}

/* Columns behind column_count, the meta columns, do not count. */
static void
only_the_first_columns_count(void **state)
{
    Batch batch;
    Column hashes;
    static const Type INT64_TYPE = {.kind = TYPE_INT64};
    (void)state;

    batch_init(&batch, &SCHEMA, 1000, SIZE_MAX);
    column_init(&hashes, &INT64_TYPE);
    add_full_row(&batch);
    column_append_i64(&batch.columns[0], INT64_MIN);
    end_row(&batch);
    row_hash_batch(&batch, 1, &hashes);
    assert_true(hashes.i64[0] == hashes.i64[1]);
    row_hash_batch(&batch, 2, &hashes);
    assert_true(hashes.i64[2] != hashes.i64[3]);
    column_release(&hashes);
    batch_release(&batch);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_are_the_frozen_ones),
        cmocka_unit_test(only_the_first_columns_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
