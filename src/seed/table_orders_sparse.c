/* table_orders_sparse.c: few rows whose ids lie far apart. */
#include "table.h"

#include <inttypes.h>

static uint64_t
sparse_units(const SeedPlan *plan)
{
    return plan->sparse_row_count;
}

static void
sparse_fill(const SeedPlan *plan, uint64_t unit, Random *random, Row *row)
{
    (void)random;
    row->cells[0].number = (int64_t)(1 + unit * plan->sparse_id_gap);
    row_format(row, "s%" PRIu64, unit);
}

static const Column SPARSE_COLUMNS[] = {{"id", COLUMN_INT64}, {"payload", COLUMN_TEXT}};

const Table TABLE_ORDERS_SPARSE = {
    .name = "orders_sparse",
    .stream = 6,
    .columns = SPARSE_COLUMNS,
    .column_count = sizeof(SPARSE_COLUMNS) / sizeof(SPARSE_COLUMNS[0]),
    .unit_count = sparse_units,
    .fill = sparse_fill,
};
