#include "preflight/columns.h"

bool
column_is_integer(const Type *type)
{
    return type->kind >= TYPE_INT8 && type->kind <= TYPE_UINT64;
}

static bool
is_moment(const Type *type)
{
    return type->kind == TYPE_DATE || type->kind == TYPE_TIMESTAMP ||
           type->kind == TYPE_TIMESTAMPTZ;
}

/* The column that `field` names; NULL names none. */
static bool
find_named(const Source *source, const Schema *schema, const char *field, const char *name,
           const ColumnSchema **out, Error *err)
{
    size_t index = 0;

    *out = NULL;
    if (name == NULL)
        return true;
    if (!source_find_column(source, schema, name, &index, err))
        return error_add_context(err, "%s", field);
    *out = &schema->columns[index];
    return true;
}

static bool
check_list(const Source *source, const Schema *schema, const char *field, TextList names,
           Error *err)
{
    const ColumnSchema *column = NULL;

    for (size_t i = 0; i < names.count; i++)
        if (!find_named(source, schema, field, names.items[i], &column, err))
            return false;
    return true;
}

/* As the window of a run has it: what has an order that the server keeps. */
static bool
check_cursor(const Source *source, const Schema *schema, TextList names, Error *err)
{
    const ColumnSchema *column = NULL;

    for (size_t i = 0; i < names.count; i++) {
        if (!find_named(source, schema, "cursor_column", names.items[i], &column, err))
            return false;
        assert(column != NULL); /* a name was given */
        if (column->type.kind != TYPE_BOOL && column->type.kind != TYPE_LIST)
            continue;
        err->hint = "name a column of numbers, dates, timestamps or text";
        return error_set(err, ERR_CONFIG, "column '%s' (%s) cannot be a cursor", names.items[i],
                         column->source_type);
    }
    return true;
}

static bool
check_lag(const ExportConfig *export, const Source *source, const Schema *schema, Error *err)
{
    const ColumnSchema *column = NULL;

    if (export->cursor_lag == NULL || export->cursor_columns.count == 0)
        return true;
    if (!find_named(source, schema, "cursor_column", export->cursor_columns.items[0], &column, err))
        return false;
    assert(column != NULL);
    if (export->cursor_lag_units.is_set ? column_is_integer(&column->type)
                                        : is_moment(&column->type))
        return true;
    err->hint = "a duration (5s) goes with dates and timestamps, a number with integers";
    return error_set(err, ERR_CONFIG, "cursor_lag '%s' does not go with column '%s'",
                     export->cursor_lag, column->name);
}

static bool
check_quality(const QualityConfig *quality, const Source *source, const Schema *schema, Error *err)
{
    const ColumnSchema *column = NULL;

    for (size_t i = 0; i < quality->null_ratio_count; i++)
        if (!find_named(source, schema, "quality.null_ratio_max", quality->null_ratio_max[i].column,
                        &column, err))
            return false;
    return check_list(source, schema, "quality.unique_columns", quality->unique_columns, err);
}

static bool
check_meta(MetaColumns meta, const Schema *schema, Error *err)
{
    const struct {
        bool is_on;
        const char *name;
    } added[] = {
        {meta.has_exported_at, "_rivet_exported_at"},
        {meta.has_row_hash, "_rivet_row_hash"},
    };

    for (size_t i = 0; i < ARRAY_LENGTH(added); i++) {
        if (!added[i].is_on || schema_find(schema, added[i].name) == schema->column_count)
            continue;
        err->hint = "rename the column in the query, or switch the meta column off";
        return error_set(err, ERR_CONFIG, "the query already has a column '%s'", added[i].name);
    }
    return true;
}

bool
columns_check(const ExportConfig *export, const Source *source, const Schema *schema, Error *err)
{
    const ColumnSchema *column = NULL;
    bool is_incremental = export->mode == MODE_INCREMENTAL;

    return check_meta(export->meta_columns, schema, err) &&
           (!is_incremental || check_cursor(source, schema, export->cursor_columns, err)) &&
           (!is_incremental || check_lag(export, source, schema, err)) &&
           check_list(source, schema, "cursor_column", export->cursor_columns, err) &&
           check_list(source, schema, "chunk_column", export->chunk_columns, err) &&
           find_named(source, schema, "time_column", export->time_column, &column, err) &&
           check_quality(&export->quality, source, schema, err) &&
           (export->format != FORMAT_PARQUET ||
            check_list(source, schema, "parquet.bloom", export->parquet.bloom, err));
}
