#include "source/postgres/catalog.h"
#include "source/postgres/types.h"
#include "source/rules.h"
#include "source/utf8.h"
#include "util/memory.h"

/* What PostgreSQL calls a column that has no name. */
static const char UNNAMED[] = "?column?";

static bool
start_prepare(PgSource *pg, const char *sql, PgPipeline *pipeline, Error *err)
{
    return pg_pipeline_start(pg, pipeline, err) &&
           pg_pipeline_sent(pipeline, PQsendPrepare(pg->conn, "", sql, 0, NULL), err);
}

bool
pg_describe_statement(PgSource *pg, const char *sql, PGresult **described, Error *err)
{
    PgPipeline pipeline;

    if (!start_prepare(pg, sql, &pipeline, err))
        return false;
    pg_pipeline_ask(&pipeline);
    return pg_pipeline_sent(&pipeline, PQsendDescribePrepared(pg->conn, ""), err) &&
           pg_pipeline_finish(&pipeline, described, err);
}

static bool
check_names(const PgSource *pg, const PGresult *described, Error *err)
{
    int count = PQnfields(described);

    if (count == 0)
        return error_set(err, ERR_QUERY, "the query returns no columns");
    if (PQnparams(described) > 0)
        return error_set(err, ERR_QUERY,
                         "the query holds a parameter ($1); use ${NAME} and --param instead");
    for (int i = 0; i < count; i++) {
        const char *name = PQfname(described, i);
        if (strcmp(name, UNNAMED) == 0)
            return error_set(err, ERR_QUERY,
                             "column %d of the query has no name; give it one with AS", i + 1);
        if (pg->wire.checks_utf8 && !utf8_is_valid((const uint8_t *)name, strlen(name)))
            return error_set(err, ERR_QUERY,
                             "the name of column %d is not valid UTF-8; rename it with AS", i + 1);
        for (int j = 0; j < i; j++)
            if (strcmp(name, PQfname(described, j)) == 0)
                return error_set(err, ERR_QUERY,
                                 "the query returns two columns named \"%s\"; give each its own "
                                 "name with AS",
                                 name);
    }
    return true;
}

/* What describe gathers; all in the arena of the plan. */
typedef struct Draft {
    Arena *arena;
    const TypeRules *rules;
    PgCatalogColumn *catalog;
    PgField *fields;
    PgField *key_fields;
    ColumnSchema *columns;
    const char **warnings;
    size_t warning_count;
    size_t column_count;
    bool has_casts;
} Draft;

/* Keys go to the server and come back: as the server has them, with nothing a policy changes. */
static bool
choose_key_field(const Draft *draft, size_t i, const char *name, Error *err)
{
    const TypeRules exact = {.is_text_output = true};
    const char *warning = NULL;
    ColumnSchema schema;

    return pg_choose_field(&draft->catalog[i], name, &exact, draft->arena, &draft->key_fields[i],
                           &schema, &warning, err);
}

static bool
choose_fields(Draft *draft, const PGresult *described, Error *err)
{
    draft->fields = ARENA_ARRAY(draft->arena, PgField, draft->column_count);
    draft->key_fields = ARENA_ARRAY(draft->arena, PgField, draft->column_count);
    draft->columns = ARENA_ARRAY(draft->arena, ColumnSchema, draft->column_count);
    draft->warnings = ARENA_ARRAY(draft->arena, const char *, draft->column_count);
    for (size_t i = 0; i < draft->column_count; i++) {
        const char *name = arena_dup_string(draft->arena, PQfname(described, (int)i));
        const char *warning = NULL;
        if (!pg_choose_field(&draft->catalog[i], name, draft->rules, draft->arena,
                             &draft->fields[i], &draft->columns[i], &warning, err) ||
            !choose_key_field(draft, i, name, err))
            return false;
        if (warning != NULL)
            draft->warnings[draft->warning_count++] = warning;
        draft->has_casts |= draft->fields[i].select != NULL;
    }
    return true;
}

/* "id", pg_catalog.textin(pg_catalog.inet_out("ip")) AS "ip" */
static const char *
write_items(const Draft *draft)
{
    Buffer items = {0};

    for (size_t i = 0; i < draft->column_count; i++) {
        const PgField *field = &draft->fields[i];
        select_append_item(&PG_SELECT_DIALECT, field->select, field->name, &items);
    }
    const char *text = arena_dup_string(draft->arena, buffer_text(&items));
    buffer_release(&items);
    return text;
}

static void
fill_plan(const Draft *draft, const char *query, ReadPlan *plan)
{
    Schema *schema = ARENA_NEW(draft->arena, Schema);
    PgPlan *own = ARENA_NEW(draft->arena, PgPlan);

    *schema = (Schema){.columns = draft->columns, .column_count = draft->column_count};
    *own = (PgPlan){
        .query = query,
        .items = draft->has_casts ? write_items(draft) : NULL,
        .fields = draft->fields,
        .key_fields = draft->key_fields,
        .field_count = draft->column_count,
    };
    plan->schema = schema;
    plan->row_estimate_bytes = schema_estimate_row_bytes(schema);
    plan->warnings = draft->warnings;
    plan->warning_count = draft->warning_count;
    plan->driver_plan = own;
}

/* Names and types of the wrapped query, which ends the transaction; then what becomes of them. */
static bool
draft_plan(PgSource *pg, Draft *draft, const char *query, ReadPlan *plan, Error *err)
{
    const char *wrapped = arena_format(draft->arena, "SELECT * FROM (%s\n) AS _rivet", query);
    PGresult *described = NULL;
    bool ok = false;

    if (!pg_describe_statement(pg, wrapped, &described, err) || !check_names(pg, described, err))
        goto done;
    draft->column_count = (size_t)PQnfields(described);
    if (!pg_catalog_read(pg, described, !pg->holds_snapshot, draft->arena, &draft->catalog, err) ||
        !choose_fields(draft, described, err))
        goto done;
    fill_plan(draft, query, plan);
    ok = rules_check_overrides(draft->rules, plan->schema, err);

done:
    PQclear(described);
    return ok;
}

static bool
prepare_with_casts(PgSource *pg, const ReadPlan *plan, Error *err)
{
    const PgPlan *own = plan->driver_plan;
    PgPipeline pipeline;
    Buffer sql = {0};

    if (own->items == NULL)
        return true;
    bool ok = pg_transaction_begin(pg, err) &&
              pg_build_select(pg, plan, own->items, NULL, NULL, &sql, err) &&
              start_prepare(pg, buffer_text(&sql), &pipeline, err) &&
              (pg->holds_snapshot || pg_pipeline_add(&pipeline, "COMMIT", err)) &&
              pg_pipeline_finish(&pipeline, NULL, err);
    buffer_release(&sql);
    return ok;
}

const QueryDialect *
pg_query_dialect(const PgSource *pg)
{
    const char *standard = PQparameterStatus(pg->conn, "standard_conforming_strings");

    return query_dialect(SOURCE_POSTGRES, standard != NULL && strcmp(standard, "off") == 0);
}

bool
pg_describe(Source *source, const char *query, const TypeRules *rules, ReadPlan **out, Error *err)
{
    PgSource *pg = (PgSource *)source;
    ReadPlan *plan = memory_alloc_zero(1, sizeof(*plan));
    Draft draft = {.arena = &plan->arena, .rules = rules};
    const char *clean;

    *out = NULL;
    bool ok = query_clean(pg_query_dialect(pg), query, &plan->arena, &clean, err) &&
              pg_transaction_begin(pg, err) && draft_plan(pg, &draft, clean, plan, err) &&
              prepare_with_casts(pg, plan, err);
    if (ok) {
        *out = plan;
        return true;
    }
    pg_abandon(pg);
    source_plan_free(plan);
    return false;
}
