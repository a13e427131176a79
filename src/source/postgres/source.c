#include "source/postgres/postgres.h"

static bool
pg_begin(Source *source, const ReadPlan *plan, const ReadRange *range, Error *err)
{
    PgSource *pg = (PgSource *)source;
    const PgPlan *own = plan->driver_plan;
    bool is_copy = source->options.tuning->fetch == FETCH_COPY;
    Buffer select = {0};
    PgParameters parameters = {0};

    pg->wire.fields = own->fields;
    pg->wire.field_count = own->field_count;
    pg->wire.has_header = false;
    pg->wire.is_ended = false;
    bool ok =
        (pg->has_snapshot || pg_transaction_begin(pg, err)) &&
        pg_build_select(pg, plan, own->items, range, is_copy ? NULL : &parameters, &select, err) &&
        (is_copy ? pg_copy_begin(pg, buffer_text(&select), err)
                 : pg_cursor_begin(pg, buffer_text(&select), &parameters, err));
    pg_parameters_release(&parameters);
    buffer_release(&select);
    if (!ok)
        pg_abandon(pg);
    return ok;
}

static bool
pg_read(Source *source, Batch *batch, bool *has_more, Error *err)
{
    PgSource *pg = (PgSource *)source;
    bool ok = pg_check_cancelled(pg, err);

    assert(pg->state != PG_READ_NONE);
    if (ok && pg->state != PG_READ_DONE)
        ok = pg->state == PG_READ_COPY ? pg_copy_read(pg, batch, err)
                                       : pg_cursor_read(pg, batch, err);
    *has_more = ok && pg->state != PG_READ_DONE;
    return ok;
}

static bool
pg_end(Source *source, Error *err)
{
    PgSource *pg = (PgSource *)source;

    bool is_whole = pg->state == PG_READ_DONE || (pg->state == PG_READ_NONE && pg->has_snapshot);

    return is_whole ? pg_transaction_end(pg, err) : pg_reset(pg, err);
}

const SourceDriver POSTGRES_DRIVER = {
    .kind = SOURCE_POSTGRES,
    .connect = pg_connect,
    .describe = pg_describe,
    .begin = pg_begin,
    .read = pg_read,
    .end = pg_end,
    .cancel = pg_cancel,
    .close = pg_close,
    .find_column = pg_find_column,
    .open_snapshot = pg_open_snapshot,
    .find_key = pg_find_key,
    .has_null_key = pg_has_null_key,
    .count_rows = pg_count_rows,
    .estimate_rows = pg_estimate_rows,
    .read_clock = pg_read_clock,
    .explain = pg_explain,
    .inspect = pg_inspect,
    .list_tables = pg_list_tables,
    .default_key = pg_default_key,
    .page_facts = pg_page_facts,
    .hold_snapshot = pg_hold_snapshot,
    .export_snapshot = pg_export_snapshot,
};
