#include "source/mysql/mysql_source.h"

static bool
my_begin(Source *source, const ReadPlan *plan, const ReadRange *range, Error *err)
{
    MySource *my = (MySource *)source;
    const MyPlan *own = plan->driver_plan;
    bool has_pages = source->options.tuning->fetch == FETCH_PAGES && my_pages_fit(plan, range);

    if (!my_reset(my, err))
        return false;
    my->wire.fields = own->fields;
    my->wire.field_count = own->field_count;
    return my_transaction_begin_read(my, err) &&
           (has_pages ? my_pages_begin(my, plan, range, err)
                      : my_stream_begin(my, plan, range, err));
}

static bool
my_read(Source *source, Batch *batch, bool *has_more, Error *err)
{
    MySource *my = (MySource *)source;
    bool ok = my_check_cancelled(my, err);

    assert(my->state != MY_READ_NONE);
    if (ok && my->state != MY_READ_DONE)
        ok = my->pages.is_active ? my_pages_read(my, batch, err) : my_stream_read(my, batch, err);
    *has_more = ok && my->state != MY_READ_DONE;
    return ok;
}

static bool
my_end(Source *source, Error *err)
{
    MySource *my = (MySource *)source;

    return my_reset(my, err) && my_transaction_end(my, err);
}

const SourceDriver MYSQL_DRIVER = {
    .kind = SOURCE_MYSQL,
    .connect = my_connect,
    .describe = my_describe,
    .begin = my_begin,
    .read = my_read,
    .end = my_end,
    .cancel = my_cancel,
    .close = my_close,
    .find_column = my_find_column,
    .open_snapshot = my_open_snapshot,
    .find_key = my_find_key,
    .has_null_key = my_has_null_key,
    .count_rows = my_count_rows,
    .estimate_rows = my_estimate_rows,
    .read_clock = my_read_clock,
    .explain = my_explain,
    .inspect = my_inspect,
    .list_tables = my_list_tables,
    .default_key = my_default_key,
    .hold_snapshot = my_hold_snapshot,
    .hold_common_snapshot = my_hold_common_snapshot,
};
