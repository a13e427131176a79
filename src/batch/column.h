/* column.h: the values of one column of a batch.
 *
 * Shape   row_count rows; value_count = row_count - null_count dense values: a NULL takes no slot.
 *         validity  bit i (LSB first) is 1 when row i has a value; only meaningful when
 *                   null_count > 0, so a column without NULL never touches it.
 *         values    value_count values of type_width_bytes each (typed views below)
 *         offsets   BYTES: value i is data[offsets[i], offsets[i + 1]); offsets[0] = 0
 *                   LIST: value i is elements [offsets[i], offsets[i + 1]) as rows of `element`
 *         data      BYTES only; COLUMN_SLACK_BYTES readable bytes follow the last one, here and
 *                   behind values, so that readers may copy in wide steps
 * Owner   the batch. One thread at a time.
 * Errors  the appends below cannot fail: decoders check that a value fits before they append.
 *         column_append_bytes fails with ERR_BUDGET past UINT32_MAX bytes in one batch.
 * Source  Arrow columnar format, but dense. */
#ifndef RIVET_BATCH_COLUMN_H
#define RIVET_BATCH_COLUMN_H

#include "batch/type.h"
#include "util/error.h"

enum { COLUMN_SLACK_BYTES = 32 };

typedef struct Column {
    const Type *type;
    Storage storage;
    size_t row_count;
    size_t value_count;
    size_t null_count;
    uint64_t *validity;
    size_t validity_words; /* allocated */
    union {
        void *values;
        uint8_t *bools;
        int32_t *i32;
        int64_t *i64;
        Int128 *i128;
        float *f32;
        double *f64;
        uint8_t *fixed16;
    };
    size_t value_capacity; /* values, and offsets less one */
    uint32_t *offsets;
    uint8_t *data;
    size_t data_size;
    size_t data_capacity;
    struct Column *element; /* LIST */
} Column;

void column_init(Column *column, const Type *type);
void column_reset(Column *column); /* no rows, memory kept */
void column_release(Column *column);
/* Gives back what one huge value made the column hold beyond keep_bytes. */
void column_shrink(Column *column, size_t keep_bytes);

void column_grow_values(Column *column); /* slow paths of the inline appends */
void column_grow_validity(Column *column);
bool column_grow_data(Column *column, size_t extra_bytes, Error *err);
void column_append_null(Column *column);

static inline bool
column_is_valid(const Column *column, size_t row)
{
    return column->null_count == 0 || (column->validity[row / 64] >> (row % 64) & 1) != 0;
}

/* Accounts for one more row that has a value; the value itself is stored by the caller. */
static inline void
column_push_valid(Column *column)
{
    if (column->null_count > 0) {
        if (UNLIKELY(column->row_count / 64 >= column->validity_words))
            column_grow_validity(column);
        column->validity[column->row_count / 64] |= UINT64_C(1) << (column->row_count % 64);
    }
    column->row_count++;
}

#define COLUMN_APPEND(name, Value, view)                                                           \
    static inline void column_append_##name(Column *column, Value value)                           \
    {                                                                                              \
        if (UNLIKELY(column->value_count == column->value_capacity))                               \
            column_grow_values(column);                                                            \
        column->view[column->value_count++] = value;                                               \
        column_push_valid(column);                                                                 \
    }
COLUMN_APPEND(bool, uint8_t, bools)
COLUMN_APPEND(i32, int32_t, i32)
COLUMN_APPEND(i64, int64_t, i64)
COLUMN_APPEND(i128, Int128, i128)
COLUMN_APPEND(f32, float, f32)
COLUMN_APPEND(f64, double, f64)
#undef COLUMN_APPEND

static inline void
column_append_fixed16(Column *column, const uint8_t bytes[16])
{
    if (UNLIKELY(column->value_count == column->value_capacity))
        column_grow_values(column);
    memcpy(column->fixed16 + column->value_count++ * 16, bytes, 16);
    column_push_valid(column);
}

/* Room for a value of up to size_bytes; write it there, then column_commit_bytes its true size.
 * NULL with *err set when it does not fit. */
static inline uint8_t *
column_reserve_bytes(Column *column, size_t size_bytes, Error *err)
{
    if (UNLIKELY(column->data_capacity - column->data_size < size_bytes + COLUMN_SLACK_BYTES) &&
        !column_grow_data(column, size_bytes, err))
        return NULL;
    return column->data + column->data_size;
}

static inline void
column_commit_bytes(Column *column, size_t size_bytes)
{
    if (UNLIKELY(column->value_count == column->value_capacity))
        column_grow_values(column);
    column->data_size += size_bytes;
    column->offsets[++column->value_count] = (uint32_t)column->data_size;
    column_push_valid(column);
}

static inline bool
column_append_bytes(Column *column, const void *bytes, size_t size_bytes, Error *err)
{
    uint8_t *to = column_reserve_bytes(column, size_bytes, err);

    if (to == NULL)
        return false;
    if (size_bytes > 0)
        memcpy(to, bytes, size_bytes);
    column_commit_bytes(column, size_bytes);
    return true;
}

/* LIST: append the elements to column->element first, then end the list with this. */
static inline void
column_end_list(Column *column)
{
    if (UNLIKELY(column->value_count == column->value_capacity))
        column_grow_values(column);
    column->offsets[++column->value_count] = (uint32_t)column->element->row_count;
    column_push_valid(column);
}

/* Number of values before row, that is the index of row's value when it has one. */
size_t column_value_index(const Column *column, size_t row);

#endif
