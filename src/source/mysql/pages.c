/* Short statements, one after another inside one snapshot: each takes up behind the last key that
 * the one before has shown. A page that runs into the statement limit goes on with half the rows,
 * from where it was. Source: spec extraction §2 (how n adapts), §3. */
#include "source/mysql/mysql_source.h"
#include "util/clock.h"
#include "util/memory.h"

/* A page is never made smaller than this, and never grows by more than double at once. */
enum { PAGE_ROWS_MIN = 100, SHARE_OF_BATCH = 8 };

static bool
is_in_key(const MyPageKey *key, size_t column)
{
    for (size_t i = 0; i < key->column_count; i++)
        if (key->columns[i] == column)
            return true;
    return false;
}

/* A comparison would pass over NULLs of a page's key. The bounds of a range keep them out. */
static bool
can_lead_pages(const MyField *field, const ReadRange *range)
{
    bool has_bound = range->lower_kind != BOUND_NONE || range->upper_kind != BOUND_NONE;

    return field->can_be_key && (field->is_not_null || has_bound);
}

bool
my_pages_fit(const ReadPlan *plan, const ReadRange *range)
{
    const MyPlan *own = plan->driver_plan;
    Error ignored = ERROR_INIT;

    if (own->page_key.column_count == 0)
        return false;
    if (range == NULL || range->column_count == 0 || !range->is_ordered)
        return true;
    if (range->is_null || range->includes_null)
        return false;
    for (size_t i = 0; i < range->column_count; i++) {
        size_t column;
        if (!my_find_column(plan->schema, range->columns[i], &column, &ignored) ||
            !can_lead_pages(&own->fields[column], range))
            return false;
    }
    return true;
}

/* The order of an ordered range first, then what is missing of the unique key. */
static bool
choose_key(MyPages *pages, const ReadPlan *plan, const ReadRange *range, Error *err)
{
    const MyPlan *own = plan->driver_plan;
    size_t ordered = range == NULL || !range->is_ordered ? 0 : range->column_count;
    size_t *columns = memory_alloc((ordered + own->page_key.column_count) * sizeof(*columns));

    pages->key_columns = columns;
    pages->key = (MyPageKey){.columns = columns};
    for (size_t i = 0; i < ordered; i++) {
        size_t column;
        if (!my_find_column(plan->schema, range->columns[i], &column, err))
            return false;
        if (!is_in_key(&pages->key, column))
            columns[pages->key.column_count++] = column;
    }
    for (size_t i = 0; i < own->page_key.column_count; i++)
        if (!is_in_key(&pages->key, own->page_key.columns[i]))
            columns[pages->key.column_count++] = own->page_key.columns[i];
    return true;
}

static bool
write_key_parameter(void *context, size_t column, const char *text, Buffer *out, Error *err)
{
    MyPages *pages = context;

    (void)text;
    (void)err;
    buffer_append_byte(out, '?');
    if (pages->bound_count == pages->bound_capacity) {
        pages->bound_capacity = size_max(8, pages->bound_capacity * 2);
        pages->bound_columns = memory_resize(pages->bound_columns,
                                             pages->bound_capacity * sizeof(*pages->bound_columns));
    }
    pages->bound_columns[pages->bound_count++] = column;
    return true;
}

/* SELECT … FROM (<the range>) AS _rivet [WHERE key > last] ORDER BY key LIMIT ? */
static bool
write_page(MyPages *pages, const ReadPlan *plan, const char *range_sql, bool is_next, Buffer *out,
           Error *err)
{
    const MyPlan *own = plan->driver_plan;
    size_t count = pages->key.column_count;
    const char **names = memory_alloc(count * sizeof(*names));
    const ReadRange behind = {
        .columns = names,
        .column_count = count,
        .lower_kind = is_next ? BOUND_EXCLUSIVE : BOUND_NONE,
        .lower = names, /* the parameters' values are not written */
        .is_ordered = true,
    };
    const Select select = {
        .dialect = &MY_SELECT_DIALECT,
        .query = range_sql,
        .items = own->items == NULL ? "*" : own->items,
        .range = &behind,
        .key_index = pages->key.columns,
        .schema = plan->schema,
        .write_bound = write_key_parameter,
        .context = pages,
    };

    for (size_t i = 0; i < count; i++)
        names[i] = plan->schema->columns[pages->key.columns[i]].name;
    bool ok = select_build(&select, out, err);
    buffer_append_text(out, " LIMIT ?");
    free(names);
    return ok;
}

bool
my_pages_begin(MySource *my, const ReadPlan *plan, const ReadRange *range, Error *err)
{
    MyPages *pages = &my->pages;
    ReadRange unordered = range == NULL ? (ReadRange){0} : *range;
    Buffer range_sql = {0};

    unordered.is_ordered = false;
    bool ok = my_set_statement_limit(my, my->base.options.tuning->statement_timeout_s, err) &&
              choose_key(pages, plan, range, err) &&
              my_build_select(plan, &unordered, NULL, &range_sql, &pages->bounds, err) &&
              write_page(pages, plan, buffer_text(&range_sql), false, &pages->first_sql, err) &&
              write_page(pages, plan, buffer_text(&range_sql), true, &pages->next_sql, err);
    buffer_release(&range_sql);
    pages->is_active = ok;
    if (ok)
        my->state = MY_READ_PAGE;
    return ok;
}

void
my_pages_release(MySource *my)
{
    MyPages *pages = &my->pages;

    buffer_release(&pages->first_sql);
    buffer_release(&pages->next_sql);
    buffer_release(&pages->last_key);
    buffer_release(&pages->milestone_key);
    my_params_release(&pages->bounds);
    free(pages->key_columns);
    free(pages->bound_columns);
    *pages = (MyPages){0};
}

/* The key is kept as it came over the wire: what becomes of it in the batch may be NULL by a
 * policy, or another type by an override. */
static void
keep_key(MyPages *pages, const MYSQL_STMT *stmt)
{
    buffer_reset(&pages->last_key);
    for (size_t i = 0; i < pages->key.column_count; i++) {
        size_t size;
        const uint8_t *bytes = my_wire_bytes(stmt, pages->key.columns[i], &size);
        if (bytes == NULL)
            size = 0;
        buffer_append(&pages->last_key, &size, sizeof(size));
        buffer_append(&pages->last_key, bytes, size);
    }
    pages->has_last = true;
}

static const uint8_t *
kept_bytes(const MyPages *pages, size_t column, size_t *size_bytes)
{
    const uint8_t *at = pages->last_key.data;

    for (size_t i = 0;; i++) {
        memcpy(size_bytes, at, sizeof(*size_bytes));
        at += sizeof(*size_bytes);
        if (pages->key.columns[i] == column)
            return at;
        at += *size_bytes;
    }
}

static void
add_last_key(MySource *my, MyParams *params)
{
    const MyPages *pages = &my->pages;

    for (size_t i = 0; i < pages->bound_count && pages->has_last; i++) {
        size_t column = pages->bound_columns[i];
        size_t size;
        const uint8_t *bytes = kept_bytes(pages, column, &size);
        my_param_from_wire(&my->wire.fields[column], bytes, size, params);
    }
}

static bool
prepare_page(MySource *my, Error *err)
{
    MyPages *pages = &my->pages;
    Buffer *sql = pages->has_last ? &pages->next_sql : &pages->first_sql;

    if (my->stmt != NULL && pages->is_next == pages->has_last)
        return true;
    if (my->stmt != NULL)
        mysql_stmt_close(my->stmt);
    my->stmt = NULL;
    pages->is_next = pages->has_last;
    return my_prepare(my, buffer_text(sql), &my->stmt, err) &&
           my_check_result(my->stmt, my->wire.fields, my->wire.field_count, err);
}

static bool
start_page(MySource *my, const Batch *batch, Error *err)
{
    MyPages *pages = &my->pages;
    MyParams last = {0};
    MyParams limit = {0};
    const MyParams *lists[] = {&pages->bounds, &last, &limit};

    if (pages->row_limit == 0)
        pages->row_limit = batch->max_rows;
    pages->asked = size_min(pages->row_limit, batch->max_rows);
    pages->seen = 0;
    add_last_key(my, &last);
    MyParam *count = my_params_add(&limit);
    count->type = MYSQL_TYPE_LONGLONG;
    count->integer = (int64_t)pages->asked;
    int64_t started_us = clock_now_us();
    bool ok = prepare_page(my, err);
    if (ok) {
        my->state = MY_READ_ROWS;
        ok = my_execute(my, my->stmt, lists, ARRAY_LENGTH(lists), err);
    }
    pages->spent_us = clock_now_us() - started_us;
    my_params_release(&last);
    my_params_release(&limit);
    return ok;
}

/* n for the next page: towards statement_target_ms, at most double or half; below an eighth of a
 * batch only when even that takes too long. */
static void
adapt_limit(MySource *my, const Batch *batch)
{
    MyPages *pages = &my->pages;
    int64_t target_us = my->base.options.tuning->statement_target_ms * 1000;
    size_t floor = size_max(PAGE_ROWS_MIN, batch->max_rows / SHARE_OF_BATCH);

    if (pages->seen == 0)
        return;
    double ratio = (double)target_us / (double)(pages->spent_us > 0 ? pages->spent_us : 1);
    ratio = ratio > 2 ? 2 : ratio < 0.5 ? 0.5 : ratio;
    size_t limit = (size_t)((double)pages->asked * ratio);
    if (limit < floor && pages->asked > floor)
        limit = floor;
    pages->row_limit = size_max(PAGE_ROWS_MIN, size_min(limit, batch->max_rows));
}

/* A server that compared a key otherwise than it sorts it would send us round in circles. Brent's
 * way to find any circle: compare with the key seen at the last power of two. */
static bool
check_progress(MyPages *pages, Error *err)
{
    const Buffer *last = &pages->last_key;
    Buffer *milestone = &pages->milestone_key;

    if (last->size == milestone->size && memcmp(last->data, milestone->data, last->size) == 0)
        return error_set(err, ERR_INTERNAL,
                         "key pages do not get on: the server compares the key otherwise than it "
                         "sorts it; tuning.fetch: stream reads without a key");
    pages->page_count++;
    if ((pages->page_count & (pages->page_count - 1)) == 0) {
        buffer_reset(milestone);
        buffer_append(milestone, last->data, last->size);
    }
    return true;
}

static bool
end_page(MySource *my, const Batch *batch, Error *err)
{
    MyPages *pages = &my->pages;

    /* Fewer rows than this page asked for: there are no more. */
    my->state = pages->seen < pages->asked ? MY_READ_DONE : MY_READ_PAGE;
    adapt_limit(my, batch);
    return my->state == MY_READ_DONE || check_progress(pages, err);
}

/* The statement limit ended a page: again from where it stopped, with half the rows. */
static bool
shrink_page(MySource *my, Error *err)
{
    MyPages *pages = &my->pages;

    if (err->code != ERR_TIMEOUT || pages->asked <= PAGE_ROWS_MIN)
        return false;
    error_clear(err);
    pages->row_limit = size_max(PAGE_ROWS_MIN, pages->asked / 2);
    mysql_stmt_close(my->stmt);
    my->stmt = NULL;
    my->is_running = false;
    my->state = MY_READ_PAGE;
    return true;
}

/* Rows until the page or the batch is over. */
static bool
read_page(MySource *my, Batch *batch, Error *err)
{
    MyPages *pages = &my->pages;
    int64_t started_us = clock_now_us();
    bool has_row = true;
    bool ok = true;

    while (ok && has_row && !batch_is_full(batch)) {
        ok = my_fetch(my, my->stmt, &has_row, err);
        if (ok && has_row) {
            keep_key(pages, my->stmt);
            pages->seen++;
            ok = my_wire_row(&my->wire, my->stmt, batch, err);
        }
    }
    pages->spent_us += clock_now_us() - started_us;
    return ok && (has_row || end_page(my, batch, err));
}

bool
my_pages_read(MySource *my, Batch *batch, Error *err)
{
    while (my->state != MY_READ_DONE && !batch_is_full(batch)) {
        bool ok =
            my->state == MY_READ_PAGE ? start_page(my, batch, err) : read_page(my, batch, err);
        if (!ok && !shrink_page(my, err))
            return false;
    }
    return true;
}
