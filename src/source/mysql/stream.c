#include "source/mysql/mysql_source.h"

/* A stream lasts as long as its consumer takes, so it has no limit of its own; a server-side
 * cursor would put the whole result into a temporary table first. */
bool
my_stream_begin(MySource *my, const ReadPlan *plan, const ReadRange *range, Error *err)
{
    const MyPlan *own = plan->driver_plan;
    MyParams params = {0};
    const MyParams *lists[] = {&params};
    Buffer sql = {0};

    bool ok = my_set_statement_limit(my, 0, err) &&
              my_build_select(plan, range, own->items, &sql, &params, err) &&
              my_prepare(my, buffer_text(&sql), &my->stmt, err) &&
              my_check_result(my->stmt, own->fields, own->field_count, err) &&
              my_execute(my, my->stmt, lists, 1, err);
    if (ok)
        my->state = MY_READ_ROWS;
    my_params_release(&params);
    buffer_release(&sql);
    return ok;
}

bool
my_stream_read(MySource *my, Batch *batch, Error *err)
{
    bool has_row = true;

    while (!batch_is_full(batch)) {
        if (!my_fetch(my, my->stmt, &has_row, err))
            return false;
        if (!has_row) {
            my->state = MY_READ_DONE;
            return true;
        }
        if (UNLIKELY(!my_wire_row(&my->wire, my->stmt, batch, err)))
            return false;
    }
    return true;
}
