#include "source/postgres/postgres.h"
#include "util/memory.h"

const SelectDialect PG_SELECT_DIALECT = {
    .identifier_quote = '"', .has_row_values = true, .folds_to_lower_case = true};

/* Canonical dates count years before 1 as 0, -1, … and sign years beyond 9999; PostgreSQL reads
 * neither sign and wants BC. Text in `to`, which has room for text and " BC". */
static void
write_moment(const char *text, char *to, size_t room)
{
    char *after;
    long year = strtol(text, &after, 10);

    if (year > 0)
        snprintf(to, room, "%04ld%s", year, after);
    else
        snprintf(to, room, "%04ld%s BC", 1 - year, after);
}

/* The canonical text of a bound as the type's input function takes it. */
static const char *
input_text(const Type *type, const char *text, char *to, size_t room)
{
    bool is_moment =
        type->kind == TYPE_DATE || type->kind == TYPE_TIMESTAMP || type->kind == TYPE_TIMESTAMPTZ;

    if (is_moment && strlen(text) + sizeof(" BC") < room &&
        strspn(text, "+-0123456789:TZ.") == strlen(text)) {
        write_moment(text, to, room);
        return to;
    }
    if (type->kind == TYPE_BINARY && strlen(text) + sizeof("\\x") <= room) {
        snprintf(to, room, "\\x%s", text);
        return to;
    }
    return text;
}

typedef struct BoundWriter {
    PgSource *pg;
    const PgPlan *plan;
    PgParameters *parameters; /* NULL: literals */
} BoundWriter;

void
pg_parameters_release(PgParameters *parameters)
{
    for (size_t i = 0; i < parameters->count; i++)
        free(parameters->values[i]);
    free(parameters->values);
    *parameters = (PgParameters){0};
}

/* $1; takes the text over. */
static void
append_parameter(PgParameters *parameters, char *text, Buffer *out)
{
    size_t size = (parameters->count + 1) * sizeof(*parameters->values);

    parameters->values = memory_resize(parameters->values, size);
    parameters->values[parameters->count++] = text;
    buffer_append_format(out, "$%zu", parameters->count);
}

static bool
append_literal(PgSource *pg, const PgField *field, const char *text, Buffer *out, Error *err)
{
    char *literal = PQescapeLiteral(pg->conn, text, strlen(text));

    if (literal == NULL)
        return error_set(err, ERR_VALUE, "column \"%s\": a bound is not valid text", field->name);
    buffer_append_text(out, literal);
    PQfreemem(literal);
    return true;
}

/* 'text'::pg_catalog.int8, or $1::pg_catalog.int8: the cast gives the bound the column's own type,
 * so an index serves the comparison. */
static bool
write_bound(void *context, size_t column, const char *text, Buffer *out, Error *err)
{
    const BoundWriter *writer = context;
    const PgField *field = &writer->plan->key_fields[column];
    size_t room = strlen(text) + 16;
    char *scratch = memory_alloc(room);
    char *input = memory_dup_string(input_text(&field->type, text, scratch, room));
    bool ok = true;

    free(scratch);
    if (writer->parameters != NULL) {
        append_parameter(writer->parameters, input, out);
    } else {
        ok = append_literal(writer->pg, field, input, out, err);
        free(input);
    }
    buffer_append_format(out, "::%s", field->literal_type);
    return ok;
}

bool
pg_build_select(PgSource *pg, const ReadPlan *plan, const char *items, const ReadRange *range,
                PgParameters *parameters, Buffer *out, Error *err)
{
    const PgPlan *own = plan->driver_plan;
    BoundWriter writer = {pg, own, parameters};
    size_t key_count = range == NULL ? 0 : range->column_count;
    size_t *keys = memory_alloc_zero(key_count + 1, sizeof(*keys));
    Arena arena = {0};
    const char *query = own->query;
    bool ok =
        range == NULL || !range->is_pages || pg_write_pages(pg, plan, range, &arena, &query, err);
    const Select select = {
        .dialect = &PG_SELECT_DIALECT,
        .query = query,
        .items = items,
        .range = range,
        .key_index = keys,
        .schema = plan->schema,
        .write_bound = write_bound,
        .context = &writer,
    };

    for (size_t i = 0; ok && i < key_count; i++)
        ok = select_find_column(&PG_SELECT_DIALECT, plan->schema, range->columns[i], &keys[i], err);
    ok = ok && select_build(&select, out, err);
    arena_release(&arena);
    free(keys);
    return ok;
}
