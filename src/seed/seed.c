#include "seed.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

typedef struct Filler {
    const WriterDriver *driver;
    Writer *writer;
    const Options *options;
    const Table *table;
    Row *row; /* large, and therefore not on the stack */
    uint64_t row_count;
    uint64_t batch_rows, batch_used;
    int64_t last_id;
} Filler;

static double
now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static bool
fill_row(Filler *filler, uint64_t unit, Random *random, Failure *failure)
{
    row_clear(filler->row);
    row_number(filler->row, (int64_t)filler->row_count + 1);
    filler->table->fill(&filler->options->plan, unit, random, filler->row);
    filler->row_count++;
    filler->last_id = filler->row->cells[0].number;
    if (!filler->driver->write_row(filler->writer, filler->row, failure))
        return false;
    if (++filler->batch_used < filler->batch_rows)
        return true;
    filler->batch_used = 0;
    return filler->driver->flush(filler->writer, failure);
}

static bool
fill_unit(Filler *filler, uint64_t unit, Failure *failure)
{
    const SeedPlan *plan = &filler->options->plan;
    Random random = random_stream(plan->seed, filler->table->stream, unit);
    uint64_t rows =
        filler->table->row_count != NULL ? filler->table->row_count(plan, unit, &random) : 1;

    for (uint64_t i = 0; i < rows; i++) {
        if (!fill_row(filler, unit, &random, failure))
            return false;
    }
    return true;
}

static void
report_progress(const Filler *filler, uint64_t done, uint64_t total)
{
    if (filler->table->progress_units > 0 && done % filler->table->progress_units == 0 &&
        done < total)
        fprintf(stderr, "  %s: %" PRIu64 " of %" PRIu64 " %s\n", filler->table->name, done, total,
                filler->table->row_count != NULL ? "users" : "rows");
}

static bool
fill_table(Filler *filler, const Table *table, Failure *failure)
{
    const SeedPlan *plan = &filler->options->plan;
    uint64_t units = table->unit_count(plan);
    double started = now_s();

    filler->table = table;
    filler->row_count = 0;
    filler->last_id = 0;
    filler->batch_used = 0;
    filler->batch_rows = table->batch_rows > 0           ? table->batch_rows
                         : table == &TABLE_ORDERS_SPARSE ? filler->options->sparse_batch_rows
                                                         : filler->options->batch_rows;
    if (!filler->driver->begin(filler->writer, table, failure))
        return false;
    for (uint64_t unit = 0; unit < units; unit++) {
        if (!fill_unit(filler, unit, failure))
            return false;
        report_progress(filler, unit + 1, units);
    }
    if (!filler->driver->finish(filler->writer, filler->last_id, failure))
        return false;
    printf("  %-14s %10" PRIu64 " rows  %7.1f s\n", table->name, filler->row_count,
           now_s() - started);
    fflush(stdout);
    return true;
}

static bool
fill_all(Filler *filler, Failure *failure)
{
    static const Table *const tables[] = {
        &TABLE_USERS, &TABLE_ORDERS, &TABLE_EVENTS, &TABLE_PAGE_VIEWS, &TABLE_CONTENT_ITEMS,
    };

    if (!filler->driver->empty_all(filler->writer, failure))
        return false;
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        if (!fill_table(filler, tables[i], failure))
            return false;
    }
    return !filler->options->sparse_demo || fill_table(filler, &TABLE_ORDERS_SPARSE, failure);
}

static bool
fill_sparse_only(Filler *filler, Failure *failure)
{
    SparseSummary summary;

    if (!filler->driver->empty_sparse(filler->writer, failure) ||
        !fill_table(filler, &TABLE_ORDERS_SPARSE, failure) ||
        !filler->driver->sparse_summary(filler->writer, &summary, failure))
        return false;
    printf("  inserted %" PRIu64 " rows; orders_sparse: count=%" PRId64 " min=%" PRId64
           " max=%" PRId64 "\n",
           filler->row_count, summary.count, summary.min_id, summary.max_id);
    return true;
}

bool
seed_database(const WriterDriver *driver, const char *url, const Options *options, Failure *failure)
{
    bool ok = false;
    Filler filler = {.driver = driver, .options = options};

    printf("%s:\n", driver->name);
    fflush(stdout);
    filler.row = malloc(sizeof(*filler.row));
    if (filler.row == NULL) {
        failure_set(failure, "out of memory");
        goto done;
    }
    if (!driver->open(url, &filler.writer, failure) ||
        !driver->ensure_sparse(filler.writer, failure))
        goto done;
    ok =
        options->only_sparse_demo ? fill_sparse_only(&filler, failure) : fill_all(&filler, failure);

done:
    driver->close(filler.writer);
    free(filler.row);
    return ok;
}

void
seed_print_plan(const Options *options)
{
    const SeedPlan *plan = &options->plan;

    printf("Seed %" PRIu64 ":\n", plan->seed);
    if (!options->only_sparse_demo) {
        printf("  users %" PRIu64 "\n  orders ~%" PRIu64 "\n  events ~%" PRIu64 "\n", //
               plan->user_count, plan->user_count * plan->orders_per_user,
               plan->user_count * plan->events_per_user + plan->recent_event_count);
        printf("  page_views %" PRIu64 "\n  content_items %" PRIu64 "\n", plan->page_view_count,
               plan->content_item_count);
    }
    if (options->sparse_demo || options->only_sparse_demo)
        printf("  orders_sparse %" PRIu64 ", ids %" PRIu64 " apart\n", plan->sparse_row_count,
               plan->sparse_id_gap);
}
