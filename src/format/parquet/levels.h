/* levels.h: which slots of the open page have a value.
 *
 * Flat columns  one bit per row, which is the definition level itself; nothing is stored while no
 *               row of the page is NULL.
 * Lists         one byte per level entry and kind of level: a list of n > 0 elements makes n
 *               entries, a NULL or empty list one.
 * Source        spec: parquet §1.4, §1.12, §4.3 */
#ifndef RIVET_FORMAT_PARQUET_LEVELS_H
#define RIVET_FORMAT_PARQUET_LEVELS_H

#include "batch/column.h"
#include "format/parquet/layout.h"
#include "format/parquet/settings.h"
#include "util/buffer.h"

typedef struct Levels {
    size_t row_count;
    size_t entry_count;   /* = row_count when flat */
    size_t null_count;    /* entries without a value: NULL, for lists also the empty list */
    uint64_t *valid_bits; /* flat: PAGE_ROWS_MAX bits; only used while null_count > 0 */
    Buffer definition;    /* lists */
    Buffer repetition;
} Levels;

void levels_init(Levels *levels, const LeafLayout *layout);
void levels_reset(Levels *levels);
void levels_release(Levels *levels);

/* Values among rows [first, first + count) of a column. */
size_t levels_count_values(const Column *column, size_t first, size_t count);

/* Rows of [first, first + count) before the one that holds value number `values` of them. */
size_t levels_rows_before_value(const Column *column, size_t first, size_t count, size_t values);

/* Takes rows [first, first + count) of a flat column, value_count of them with a value. */
void levels_append_rows(Levels *levels, const Column *column, size_t first, size_t count,
                        size_t value_count);

/* Takes one list; is_null, or elements [first, first + count) of the element column. */
void levels_append_list(Levels *levels, const Column *element, bool is_null, size_t first,
                        size_t count);

/* Both level streams as they start a page body. Room: levels_bound_bytes. */
size_t levels_bound_bytes(const Levels *levels, const LeafLayout *layout);
uint8_t *levels_encode(const Levels *levels, const LeafLayout *layout, uint8_t *to);

#endif
