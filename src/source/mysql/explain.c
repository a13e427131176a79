/* What the planner says, from the table form of EXPLAIN. Source: spec cli §6.1. */
#include "source/mysql/mysql_source.h"

#include <strings.h>

#include "source/mysql/decode.h"

/* The columns that count; the two servers have others beside them. */
enum { AT_ID, AT_SELECT, AT_TYPE, AT_KEY, AT_ROWS, AT_COUNT };
static const char *const NAMES[] = {"id", "select_type", "type", "key", "rows"};

typedef struct Steps {
    size_t at[AT_COUNT];
    Arena arena;
    const char *first_id;
    const char *type, *key; /* of the first step */
    double rows;            /* of the outermost query's tables, joined: their product */
    bool has_rows;
    bool has_derived; /* a table made of a query's result */
} Steps;

static bool
find_columns(const MYSQL_STMT *stmt, Steps *steps)
{
    size_t found = 0;

    for (size_t name = 0; name < AT_COUNT; name++)
        for (size_t i = 0; i < stmt->field_count; i++)
            if (strcasecmp(stmt->fields[i].name, NAMES[name]) == 0) {
                steps->at[name] = i;
                found++;
            }
    return found == AT_COUNT;
}

/* Numbers come as such or as text. NULL for NULL. */
static const char *
cell_text(const MYSQL_STMT *stmt, size_t index, Arena *arena)
{
    const MYSQL_FIELD *described = &stmt->fields[index];
    MyField field = {.is_unsigned = (described->flags & UNSIGNED_FLAG) != 0};
    size_t size;
    const uint8_t *bytes = my_wire_bytes(stmt, index, &size);

    if (bytes == NULL)
        return NULL;
    if (my_is_integer(described->type))
        return arena_format(arena, "%" PRIu64, my_load_integer(&field, bytes, size));
    return arena_dup_bytes(arena, (const char *)bytes, size);
}

static void
take_step(const MYSQL_STMT *stmt, Steps *steps)
{
    const char *id = cell_text(stmt, steps->at[AT_ID], &steps->arena);
    const char *select = cell_text(stmt, steps->at[AT_SELECT], &steps->arena);
    const char *rows = cell_text(stmt, steps->at[AT_ROWS], &steps->arena);

    steps->has_derived |= select != NULL && strstr(select, "DERIVED") != NULL;
    id = id == NULL ? "" : id;
    if (steps->first_id == NULL) {
        steps->first_id = id;
        steps->type = cell_text(stmt, steps->at[AT_TYPE], &steps->arena);
        steps->key = cell_text(stmt, steps->at[AT_KEY], &steps->arena);
    }
    if (rows == NULL || strcmp(id, steps->first_id) != 0)
        return;
    steps->rows = (steps->has_rows ? steps->rows : 1) * strtod(rows, NULL);
    steps->has_rows = true;
}

static bool
read_steps(MySource *my, const ReadPlan *plan, const ReadRange *range, Steps *steps, Error *err)
{
    MYSQL_STMT *stmt = NULL;
    MyParams params = {0};
    const MyParams *lists[] = {&params};
    Buffer sql = {0};
    bool has_row = true;

    buffer_append_text(&sql, "EXPLAIN FORMAT=TRADITIONAL ");
    bool ok = my_reset(my, err) && my_build_select(plan, range, NULL, &sql, &params, err) &&
              my_prepare(my, buffer_text(&sql), &stmt, err) && my_execute(my, stmt, lists, 1, err);
    bool has_columns = ok && find_columns(stmt, steps);
    while (ok && has_row) {
        ok = my_fetch(my, stmt, &has_row, err);
        if (ok && has_row && has_columns)
            take_step(stmt, steps);
    }
    if (stmt != NULL)
        mysql_stmt_close(stmt);
    my_params_release(&params);
    buffer_release(&sql);
    return ok;
}

static uint64_t
rounded(double rows)
{
    return rows < 0x1p63 ? (uint64_t)rows : INT64_MAX;
}

static bool
uses_index(const char *type)
{
    static const char *const TYPES[] = {"ref", "range", "index", "eq_ref", "const"};

    for (size_t i = 0; type != NULL && i < ARRAY_LENGTH(TYPES); i++)
        if (strcmp(type, TYPES[i]) == 0)
            return true;
    return false;
}

bool
my_explain(Source *source, const ReadPlan *plan, const ReadRange *range, Arena *arena,
           QueryFacts *facts, Error *err)
{
    Steps steps = {0};

    bool ok = read_steps((MySource *)source, plan, range, &steps, err);
    if (ok && steps.has_rows)
        facts->row_estimate = (OptionalInt){true, (int64_t)rounded(steps.rows)};
    if (ok && steps.type != NULL)
        facts->scan_text = steps.key == NULL
                               ? arena_dup_string(arena, steps.type)
                               : arena_format(arena, "%s using %s", steps.type, steps.key);
    facts->uses_index = ok && uses_index(steps.type);
    facts->is_materialised = ok && steps.has_derived;
    facts->is_paged = my_pages_fit(plan, range);
    arena_release(&steps.arena);
    return ok;
}

bool
my_estimate_rows(Source *source, const ReadPlan *plan, uint64_t *count, Error *err)
{
    Steps steps = {0};

    bool ok = read_steps((MySource *)source, plan, NULL, &steps, err);
    *count = rounded(steps.rows);
    arena_release(&steps.arena);
    return ok;
}
