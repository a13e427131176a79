#include "source/mysql/catalog.h"
#include "source/mysql/decode.h"
#include "source/mysql/page_query.h"
#include "source/mysql/types.h"
#include "util/memory.h"

/* What describe gathers; all in the arena of the plan. */
typedef struct Draft {
    MySource *my;
    Arena *arena;
    const TypeRules *rules;
    const QueryDialect *dialect;
    const char *query;
    MyColumn *catalog;
    MyField *fields;
    ColumnSchema *columns;
    const char **warnings;
    size_t warning_count;
    size_t column_count;
    bool has_casts;
    MyPageKey page_key;
} Draft;

static bool
check_names(const MYSQL_FIELD *fields, size_t count, Error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (fields[i].name[0] == '\0')
            return error_set(err, ERR_QUERY,
                             "column %zu of the query has no name; give it one with AS", i + 1);
        for (size_t j = 0; j < i; j++)
            if (strcmp(fields[i].name, fields[j].name) == 0)
                return error_set(err, ERR_QUERY,
                                 "the query returns two columns named \"%s\"; give each its own "
                                 "name with AS",
                                 fields[i].name);
    }
    return true;
}

static bool
check_shape(MYSQL_STMT *stmt, Error *err)
{
    if (mysql_stmt_field_count(stmt) == 0)
        return error_set(err, ERR_QUERY, "the query returns no columns");
    if (mysql_stmt_param_count(stmt) > 0)
        return error_set(err, ERR_QUERY,
                         "the query holds a parameter (?); use ${NAME} and --param instead");
    return true;
}

static bool
choose_fields(Draft *draft, Error *err)
{
    size_t count = draft->column_count;

    draft->fields = ARENA_ARRAY(draft->arena, MyField, count);
    draft->columns = ARENA_ARRAY(draft->arena, ColumnSchema, count);
    draft->warnings = ARENA_ARRAY(draft->arena, const char *, count);
    for (size_t i = 0; i < count; i++) {
        const char *name = arena_dup_string(draft->arena, draft->catalog[i].described->name);
        const char *warning = NULL;
        if (!my_choose_field(&draft->catalog[i], name, draft->rules, draft->arena,
                             &draft->fields[i], &draft->columns[i], &warning, err))
            return false;
        if (warning != NULL)
            draft->warnings[draft->warning_count++] = warning;
        draft->has_casts |= draft->fields[i].select != NULL;
    }
    return true;
}

/* `id`, CAST(`v` AS BINARY) AS `v` */
static const char *
write_items(const Draft *draft)
{
    Buffer items = {0};

    for (size_t i = 0; i < draft->column_count; i++) {
        const MyField *field = &draft->fields[i];
        select_append_item(&MY_SELECT_DIALECT, field->select, field->name, &items);
    }
    const char *text = arena_dup_string(draft->arena, buffer_text(&items));
    buffer_release(&items);
    return text;
}

static void
fill_plan(const Draft *draft, ReadPlan *plan)
{
    Schema *schema = ARENA_NEW(draft->arena, Schema);
    MyPlan *own = ARENA_NEW(draft->arena, MyPlan);

    *schema = (Schema){.columns = draft->columns, .column_count = draft->column_count};
    *own = (MyPlan){
        .query = draft->query,
        .items = draft->has_casts ? write_items(draft) : NULL,
        .fields = draft->fields,
        .field_count = draft->column_count,
        .page_key = draft->page_key,
    };
    plan->schema = schema;
    plan->row_estimate_bytes = schema_estimate_row_bytes(schema);
    plan->warnings = draft->warnings;
    plan->warning_count = draft->warning_count;
    plan->driver_plan = own;
}

static bool
find_page_key(Draft *draft, Error *err)
{
    if (draft->my->base.options.tuning->fetch != FETCH_PAGES ||
        !my_query_has_pages(draft->dialect, draft->query))
        return true;
    return my_catalog_find_page_key(draft->my, draft->catalog, draft->fields, draft->column_count,
                                    draft->arena, &draft->page_key, err);
}

/* The bare query says which table each column comes from; a wrapped one would not. */
static bool
draft_plan(Draft *draft, const MYSQL_STMT *stmt, ReadPlan *plan, Error *err)
{
    draft->column_count = stmt->field_count;
    if (!check_names(stmt->fields, draft->column_count, err))
        return false;
    draft->catalog = ARENA_ARRAY(draft->arena, MyColumn, draft->column_count);
    for (size_t i = 0; i < draft->column_count; i++)
        draft->catalog[i].described = &stmt->fields[i];
    if (!my_catalog_find_json(draft->my, draft->catalog, draft->column_count, err) ||
        !choose_fields(draft, err) || !find_page_key(draft, err))
        return false;
    fill_plan(draft, plan);
    return rules_check_overrides(draft->rules, plan->schema, err);
}

static bool
prepare_with_casts(const Draft *draft, const ReadPlan *plan, Error *err)
{
    const MyPlan *own = plan->driver_plan;
    MYSQL_STMT *stmt = NULL;
    MyParams none = {0};
    Buffer sql = {0};

    if (own->items == NULL)
        return true;
    bool ok = my_build_select(plan, NULL, own->items, &sql, &none, err) &&
              my_prepare(draft->my, buffer_text(&sql), &stmt, err) &&
              my_check_result(stmt, own->fields, own->field_count, err);
    if (stmt != NULL)
        mysql_stmt_close(stmt);
    buffer_release(&sql);
    return ok;
}

bool
my_describe(Source *source, const char *query, const TypeRules *rules, ReadPlan **out, Error *err)
{
    MySource *my = (MySource *)source;
    ReadPlan *plan = memory_alloc_zero(1, sizeof(*plan));
    Draft draft = {.my = my,
                   .arena = &plan->arena,
                   .rules = rules,
                   .dialect = query_dialect(SOURCE_MYSQL, my->has_backslash_escapes)};
    MYSQL_STMT *stmt = NULL;

    *out = NULL;
    bool ok = my_reset(my, err) &&
              query_clean(draft.dialect, query, &plan->arena, &draft.query, err) &&
              my_prepare(my, draft.query, &stmt, err) && check_shape(stmt, err) &&
              draft_plan(&draft, stmt, plan, err) && prepare_with_casts(&draft, plan, err);
    if (stmt != NULL)
        mysql_stmt_close(stmt);
    if (!ok) {
        source_plan_free(plan);
        return false;
    }
    *out = plan;
    return true;
}
