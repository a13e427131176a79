#include "source/select.h"

void
select_quote_identifier(const SelectDialect *dialect, const char *name, Buffer *out)
{
    const char quote[] = {dialect->identifier_quote, '\0'};

    buffer_append_quoted(out, name, quote);
}

void
select_append_item(const SelectDialect *dialect, const char *expression, const char *name,
                   Buffer *list)
{
    buffer_append_text(list, list->size == 0 ? "" : ", ");
    if (expression != NULL)
        buffer_append_format(list, "%s AS ", expression);
    select_quote_identifier(dialect, name, list);
}

static bool
equals_folded(const char *name, const char *written)
{
    for (; *name != '\0' || *written != '\0'; name++, written++) {
        char folded = *written >= 'A' && *written <= 'Z' ? (char)(*written + 32) : *written;
        if (*name != folded)
            return false;
    }
    return true;
}

/* Does name, quoted, give what the user wrote? */
static bool
equals_quoted(const SelectDialect *dialect, const char *name, const char *written)
{
    Buffer quoted = {0};

    select_quote_identifier(dialect, name, &quoted);
    bool is_equal = strcmp(buffer_text(&quoted), written) == 0;
    buffer_release(&quoted);
    return is_equal;
}

bool
select_find_column(const SelectDialect *dialect, const Schema *schema, const char *written,
                   size_t *index, Error *err)
{
    *index = schema_find(schema, written);
    for (size_t i = 0; *index == schema->column_count && i < schema->column_count; i++) {
        const char *name = schema->columns[i].name;
        if (equals_quoted(dialect, name, written) ||
            (dialect->folds_to_lower_case && equals_folded(name, written)))
            *index = i;
    }
    if (*index < schema->column_count)
        return true;
    return error_set(err, ERR_CONFIG, "the query returns no column \"%s\"", written);
}

static void
write_key(const Select *select, size_t key, Buffer *out)
{
    const char *name = select->schema->columns[select->key_index[key]].name;

    /* Qualified, because a bare name in ORDER BY means the output column, a cast perhaps. */
    buffer_append_text(out, "_rivet.");
    select_quote_identifier(select->dialect, name, out);
}

static bool
write_bound(const Select *select, size_t key, const char *const *bounds, Buffer *out, Error *err)
{
    return select->write_bound(select->context, select->key_index[key], bounds[key], out, err);
}

static bool
write_comparison(const Select *select, size_t key, const char *op, const char *const *bounds,
                 Buffer *out, Error *err)
{
    write_key(select, key, out);
    buffer_append_format(out, " %s ", op);
    return write_bound(select, key, bounds, out, err);
}

/* One bound of the range; it covers the first key_count columns. */
typedef struct Side {
    const char *const *bounds;
    size_t key_count;
    bool is_lower;
    bool is_inclusive;
} Side;

static const char *
strict_operator(const Side *side)
{
    return side->is_lower ? ">" : "<";
}

static const char *
loose_operator(const Side *side)
{
    return side->is_lower ? ">=" : "<=";
}

static const char *
side_operator(const Side *side)
{
    return side->is_inclusive ? loose_operator(side) : strict_operator(side);
}

/* (a, b) >= (x, y) */
static bool
write_row_comparison(const Select *select, const Side *side, Buffer *out, Error *err)
{
    for (size_t key = 0; key < side->key_count; key++) {
        buffer_append_text(out, key == 0 ? "(" : ", ");
        write_key(select, key, out);
    }
    buffer_append_format(out, ") %s ", side_operator(side));
    for (size_t key = 0; key < side->key_count; key++) {
        buffer_append_text(out, key == 0 ? "(" : ", ");
        if (!write_bound(select, key, side->bounds, out, err))
            return false;
    }
    buffer_append_text(out, ")");
    return true;
}

/* a >= x AND (a > x OR (a = x AND b > y)): the first part is what an index can use. */
static bool
write_spelled_comparison(const Select *select, const Side *side, Buffer *out, Error *err)
{
    size_t last = side->key_count - 1;

    if (!write_comparison(select, 0, loose_operator(side), side->bounds, out, err))
        return false;
    for (size_t key = 0; key < last; key++) {
        buffer_append_text(out, " AND (");
        if (!write_comparison(select, key, strict_operator(side), side->bounds, out, err))
            return false;
        buffer_append_text(out, " OR (");
        if (!write_comparison(select, key, "=", side->bounds, out, err))
            return false;
    }
    buffer_append_text(out, " AND ");
    if (!write_comparison(select, last, side_operator(side), side->bounds, out, err))
        return false;
    for (size_t key = 0; key < last; key++)
        buffer_append_text(out, "))");
    return true;
}

static bool
write_side(const Select *select, const Side *side, Buffer *out, Error *err)
{
    if (side->key_count == 1)
        return write_comparison(select, 0, side_operator(side), side->bounds, out, err);
    if (select->dialect->has_row_values)
        return write_row_comparison(select, side, out, err);
    return write_spelled_comparison(select, side, out, err);
}

static bool
write_sides(const Select *select, Buffer *out, Error *err)
{
    const ReadRange *range = select->range;
    size_t all = range->column_count;
    const Side lower = {range->lower, range->lower_count == 0 ? all : range->lower_count, true,
                        range->lower_kind == BOUND_INCLUSIVE};
    const Side upper = {range->upper, range->upper_count == 0 ? all : range->upper_count, false,
                        range->upper_kind == BOUND_INCLUSIVE};
    bool has_lower = range->lower_kind != BOUND_NONE;
    bool has_upper = range->upper_kind != BOUND_NONE;

    if (has_lower && !write_side(select, &lower, out, err))
        return false;
    if (has_lower && has_upper)
        buffer_append_text(out, " AND ");
    return !has_upper || write_side(select, &upper, out, err);
}

/* (a, b) < (x, y) holds with a < x whatever b is, also NULL; but no bound could ever pass a NULL in
 * b where a = x. So rows with a NULL in a later column stay out as a whole. A NULL in the first
 * makes every comparison fail by itself. */
static void
write_later_not_null(const Select *select, Buffer *out)
{
    for (size_t key = 1; key < select->range->column_count; key++) {
        buffer_append_text(out, " AND ");
        write_key(select, key, out);
        buffer_append_text(out, " IS NOT NULL");
    }
}

static void
write_any_null(const Select *select, Buffer *out)
{
    for (size_t key = 0; key < select->range->column_count; key++) {
        buffer_append_text(out, key == 0 ? "" : " OR ");
        write_key(select, key, out);
        buffer_append_text(out, " IS NULL");
    }
}

static bool
write_where(const Select *select, Buffer *out, Error *err)
{
    const ReadRange *range = select->range;
    bool has_bounds = range->lower_kind != BOUND_NONE || range->upper_kind != BOUND_NONE;

    if (!range->is_null && !has_bounds)
        return true;
    buffer_append_text(out, " WHERE ");
    if (!range->is_null) {
        if (!write_sides(select, out, err))
            return false;
        write_later_not_null(select, out);
    }
    if (!range->is_null && range->includes_null)
        buffer_append_text(out, " OR ");
    if (range->is_null || range->includes_null)
        write_any_null(select, out);
    return true;
}

static void
write_order(const Select *select, Buffer *out)
{
    for (size_t key = 0; key < select->range->column_count; key++) {
        buffer_append_text(out, key == 0 ? " ORDER BY " : ", ");
        write_key(select, key, out);
    }
}

/* Every column by its name, so that the row number stays behind. */
static void
write_all_items(const Select *select, Buffer *out)
{
    for (size_t i = 0; i < select->schema->column_count; i++) {
        buffer_append_text(out, i == 0 ? "_rivet." : ", _rivet.");
        select_quote_identifier(select->dialect, select->schema->columns[i].name, out);
    }
}

/* Rows by their number in the order of the keys. */
static void
write_numbered(const Select *select, Buffer *out)
{
    const ReadRange *range = select->range;

    buffer_append_text(out, "SELECT ");
    if (select->items != NULL)
        buffer_append_text(out, select->items);
    else
        write_all_items(select, out);
    buffer_append_text(out, " FROM (SELECT _rivet_i.*, ROW_NUMBER() OVER (ORDER BY ");
    for (size_t key = 0; key < range->column_count; key++) {
        buffer_append_text(out, key == 0 ? "_rivet_i." : ", _rivet_i.");
        select_quote_identifier(select->dialect,
                                select->schema->columns[select->key_index[key]].name, out);
    }
    buffer_append_format(out,
                         ") AS _rivet_chunk_rn FROM (%s\n) AS _rivet_i) AS _rivet "
                         "WHERE _rivet._rivet_chunk_rn >= %" PRIu64,
                         select->query, range->first_row);
    if (range->last_row > 0)
        buffer_append_format(out, " AND _rivet._rivet_chunk_rn <= %" PRIu64, range->last_row);
    if (range->is_ordered)
        buffer_append_text(out, " ORDER BY _rivet._rivet_chunk_rn");
}

bool
select_build(const Select *select, Buffer *out, Error *err)
{
    bool has_range = select->range != NULL && select->range->column_count > 0;

    if (has_range && select->range->first_row > 0) {
        write_numbered(select, out);
        return true;
    }

    if (!has_range && select->items == NULL) {
        buffer_append_text(out, select->query);
        return true;
    }
    buffer_append_format(out, "SELECT %s FROM (", select->items == NULL ? "*" : select->items);
    buffer_append_text(out, select->query);
    buffer_append_text(out, "\n) AS _rivet");
    if (!has_range)
        return true;
    if (!write_where(select, out, err))
        return false;
    if (select->range->is_ordered)
        write_order(select, out);
    return true;
}
