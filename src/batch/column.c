#include "batch/column.h"

#include "util/memory.h"

enum { FIRST_VALUES = 1024, FIRST_DATA_BYTES = 4096 };

void
column_init(Column *column, const Type *type)
{
    *column = (Column){.type = type, .storage = type_storage(type)};
    if (type->kind == TYPE_LIST) {
        column->element = memory_alloc(sizeof(*column->element));
        column_init(column->element, type->element);
    }
    column_grow_values(column);
    if (column->offsets != NULL)
        column->offsets[0] = 0;
}

void
column_reset(Column *column)
{
    column->row_count = 0;
    column->value_count = 0;
    column->null_count = 0;
    column->data_size = 0;
    if (column->element != NULL)
        column_reset(column->element);
}

void
column_release(Column *column)
{
    if (column->element != NULL) {
        column_release(column->element);
        free(column->element);
    }
    free(column->validity);
    free(column->values);
    free(column->offsets);
    free(column->data);
    *column = (Column){0};
}

void
column_shrink(Column *column, size_t keep_bytes)
{
    if (column->element != NULL)
        column_shrink(column->element, keep_bytes);
    if (column->data_capacity <= keep_bytes || column->data_size > 0)
        return;
    free(column->data);
    column->data = NULL;
    column->data_capacity = 0;
}

void
column_grow_values(Column *column)
{
    size_t capacity = column->value_capacity == 0 ? FIRST_VALUES : column->value_capacity * 2;

    if (column->storage == STORAGE_BYTES || column->storage == STORAGE_LIST) {
        column->offsets = memory_resize(column->offsets, (capacity + 1) * sizeof(uint32_t));
    } else {
        size_t size = capacity * type_width_bytes(column->type) + COLUMN_SLACK_BYTES;
        column->values = memory_resize(column->values, size);
    }
    column->value_capacity = capacity;
}

/* New words are zeroed here, so that column_push_valid only ever sets bits. */
void
column_grow_validity(Column *column)
{
    size_t words = size_max(column->row_count / 64 + 1, column->validity_words * 2);
    words = size_max(words, FIRST_VALUES / 64);

    column->validity = memory_resize(column->validity, words * sizeof(uint64_t));
    memset(column->validity + column->validity_words, 0,
           (words - column->validity_words) * sizeof(uint64_t));
    column->validity_words = words;
}

bool
column_grow_data(Column *column, size_t extra_bytes, Error *err)
{
    size_t want = column->data_size + extra_bytes;

    if (want < extra_bytes || want > UINT32_MAX)
        return error_set(err, ERR_BUDGET, "more than 4 GiB of text or binary in one batch");
    want += COLUMN_SLACK_BYTES;
    column->data_capacity = size_max(want, column->data_capacity + column->data_capacity / 2);
    column->data_capacity = size_max(column->data_capacity, FIRST_DATA_BYTES);
    column->data = memory_resize(column->data, column->data_capacity);
    return true;
}

/* The first NULL of a batch is when the bitmap comes to life: every earlier row had a value. */
static void
start_validity(Column *column)
{
    size_t rows = column->row_count;

    if (rows / 64 >= column->validity_words)
        column_grow_validity(column);
    memset(column->validity, 0, column->validity_words * sizeof(uint64_t));
    memset(column->validity, 0xFF, rows / 64 * sizeof(uint64_t));
    if (rows % 64 != 0)
        column->validity[rows / 64] = (UINT64_C(1) << (rows % 64)) - 1;
}

void
column_append_null(Column *column)
{
    if (column->null_count == 0)
        start_validity(column);
    else if (column->row_count / 64 >= column->validity_words)
        column_grow_validity(column);
    column->null_count++;
    column->row_count++;
}

size_t
column_value_index(const Column *column, size_t row)
{
    size_t count = 0;

    if (column->null_count == 0)
        return row;
    for (size_t word = 0; word < row / 64; word++)
        count += (size_t)__builtin_popcountll(column->validity[word]);
    if (row % 64 != 0) {
        uint64_t mask = (UINT64_C(1) << (row % 64)) - 1;
        count += (size_t)__builtin_popcountll(column->validity[row / 64] & mask);
    }
    return count;
}
