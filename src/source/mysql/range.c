#include "source/mysql/mysql_source.h"
#include "util/memory.h"

const SelectDialect MY_SELECT_DIALECT = {.identifier_quote = '`', .has_row_values = false};

typedef struct BoundWriter {
    const MyPlan *plan;
    MyParams *params;
} BoundWriter;

static bool
write_parameter(void *context, size_t column, const char *text, Buffer *out, Error *err)
{
    const BoundWriter *writer = context;

    buffer_append_byte(out, '?');
    return my_param_from_text(&writer->plan->fields[column], text, writer->params, err);
}

bool
my_build_select(const ReadPlan *plan, const ReadRange *range, const char *items, Buffer *out,
                MyParams *params, Error *err)
{
    const MyPlan *own = plan->driver_plan;
    BoundWriter writer = {own, params};
    size_t key_count = range == NULL ? 0 : range->column_count;
    size_t *keys = memory_alloc_zero(key_count + 1, sizeof(*keys));
    const Select select = {
        .dialect = &MY_SELECT_DIALECT,
        .query = own->query,
        .items = items,
        .range = range,
        .key_index = keys,
        .schema = plan->schema,
        .write_bound = write_parameter,
        .context = &writer,
    };
    bool ok = true;

    for (size_t i = 0; ok && i < key_count; i++)
        ok = my_find_column(plan->schema, range->columns[i], &keys[i], err);
    ok = ok && select_build(&select, out, err);
    free(keys);
    return ok;
}
