/* table.h: the development tables and how their rows come about.
 *
 * A table is a number of units (a user with all of its orders, one page view), each with a random
 * stream of its own. Column 1 is always `id`, numbered from 1 over the whole table. */
#ifndef SEED_TABLE_H
#define SEED_TABLE_H

#include "random.h"
#include "row.h"

#include <stdbool.h>
#include <stdint.h>

/* What the command line asks for, as far as rows depend on it. */
typedef struct SeedPlan {
    uint64_t seed;
    uint64_t user_count;
    uint64_t orders_per_user; /* averages */
    uint64_t events_per_user;
    uint64_t recent_event_count;
    uint64_t page_view_count;
    uint64_t content_item_count;
    uint64_t sparse_row_count;
    uint64_t sparse_id_gap;
    int64_t started_s; /* recent events end here; seconds since 1970 */
} SeedPlan;

typedef struct Table {
    const char *name;
    uint64_t stream; /* names the random streams; must never change, or the data changes */
    const Column *columns;
    size_t column_count;
    bool id_is_generated; /* the database has a counter, which must go on after our last id */
    uint64_t batch_rows;  /* 0: as the command line says */
    uint64_t progress_units;
    uint64_t (*unit_count)(const SeedPlan *plan);
    /* How many rows the unit has; NULL: always one. */
    uint64_t (*row_count)(const SeedPlan *plan, uint64_t unit, Random *random);
    /* Append every cell after `id`; cell 0 may be replaced. */
    void (*fill)(const SeedPlan *plan, uint64_t unit, Random *random, Row *row);
} Table;

extern const Table TABLE_USERS;
extern const Table TABLE_ORDERS;
extern const Table TABLE_EVENTS;
extern const Table TABLE_PAGE_VIEWS;
extern const Table TABLE_CONTENT_ITEMS;
extern const Table TABLE_ORDERS_SPARSE;

#endif
