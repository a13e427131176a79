#include "preflight/columns.h"

bool
column_is_integer(const Type *type)
{
    return type->kind >= TYPE_INT8 && type->kind <= TYPE_UINT64;
}

bool
column_is_moment(const Type *type)
{
    return type->kind == TYPE_DATE || type->kind == TYPE_TIMESTAMP ||
           type->kind == TYPE_TIMESTAMPTZ;
}

static bool
begins_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

const char *
column_family(const ColumnSchema *column)
{
    /* Without a precision they travel as text and are numbers to the server all the same. */
    if (column->type.kind == TYPE_TEXT && (begins_with(column->source_type, "numeric") ||
                                           begins_with(column->source_type, "decimal")))
        return "number";
    switch (column->type.kind) {
    case TYPE_BOOL:
    case TYPE_LIST:
        break;
    case TYPE_INT8:
    case TYPE_INT16:
    case TYPE_INT32:
    case TYPE_INT64:
    case TYPE_UINT8:
    case TYPE_UINT16:
    case TYPE_UINT32:
    case TYPE_UINT64:
    case TYPE_DECIMAL:
        return "number";
    case TYPE_FLOAT:
    case TYPE_DOUBLE:
        return "float";
    case TYPE_DATE:
    case TYPE_TIMESTAMP:
        return "timestamp";
    case TYPE_TIMESTAMPTZ:
        return "timestamptz";
    case TYPE_TIME:
        return "time";
    case TYPE_TEXT:
    case TYPE_JSON:
        return "text";
    case TYPE_BINARY:
        return "binary";
    case TYPE_UUID:
        return "uuid";
    }
    return NULL;
}

/* ---- finding ---- */

typedef struct ColumnCheck {
    const ExportConfig *export;
    const Source *source;
    const Schema *schema;
} ColumnCheck;

/* The column that `field` names, folded as the server folds names. */
static const ColumnSchema *
find_named(const ColumnCheck *check, const char *field, const char *name, Error *err)
{
    size_t index = 0;

    if (source_find_column(check->source, check->schema, name, &index, err))
        return &check->schema->columns[index];
    error_add_context(err, "%s", field);
    return NULL;
}

/* Is one of the types whose text the server does not sort by? */
static bool
has_source_type(const ColumnCheck *check, const ColumnSchema *column, SourceKind kind,
                const char *const *types, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (check->source->driver->kind == kind && begins_with(column->source_type, types[i]))
            return true;
    return false;
}

/* ---- incremental ---- */

/* MySQL sorts words of enum and set by number and compares them as text; JSON has an order, but not
 * that of its text. */
static bool
can_be_cursor(const ColumnCheck *check, const ColumnSchema *column)
{
    static const char *const TWO_ORDERS[] = {"enum", "set", "json"};

    return column_family(column) != NULL &&
           !has_source_type(check, column, SOURCE_MYSQL, TWO_ORDERS, ARRAY_LENGTH(TWO_ORDERS));
}

/* Also where the mode does not use them, so that a name which is wrong is seen at once. */
static bool
check_cursor(const ColumnCheck *check, Error *err)
{
    TextList names = check->export->cursor_columns;

    for (size_t i = 0; i < names.count; i++) {
        const ColumnSchema *column = find_named(check, "cursor_column", names.items[i], err);
        if (column == NULL)
            return false;
        if (check->export->mode != MODE_INCREMENTAL || can_be_cursor(check, column))
            continue;
        err->hint = "name a column of numbers, dates, timestamps or text";
        return error_set(err, ERR_CONFIG, "column '%s' (%s) cannot be a cursor", names.items[i],
                         column->source_type);
    }
    return true;
}

/* MySQL's BIGINT UNSIGNED travels as a decimal. */
static bool
counts_in_units(const ColumnSchema *column)
{
    return column_is_integer(&column->type) ||
           (column->type.kind == TYPE_DECIMAL && begins_with(column->source_type, "bigint"));
}

static bool
check_lag(const ColumnCheck *check, Error *err)
{
    const ExportConfig *export = check->export;

    if (export->mode != MODE_INCREMENTAL || export->cursor_lag == NULL ||
        export->cursor_columns.count == 0)
        return true;
    const char *name = export->cursor_columns.items[0];
    const ColumnSchema *column = find_named(check, "cursor_column", name, err);
    if (column == NULL)
        return false;
    if (export->cursor_lag_units.is_set ? counts_in_units(column) : column_is_moment(&column->type))
        return true;
    err->hint = "a duration (5s) goes with dates and timestamps, a number with integers";
    return error_set(err, ERR_CONFIG, "cursor_lag '%s' does not go with column '%s'",
                     export->cursor_lag, name);
}

/* ---- time_window ---- */

static bool
check_time(const ColumnCheck *check, Error *err)
{
    const ExportConfig *export = check->export;

    if (export->time_column == NULL)
        return true;
    const ColumnSchema *column = find_named(check, "time_column", export->time_column, err);
    if (column == NULL)
        return false;
    const char *family = column_family(column);
    bool is_number =
        family != NULL && (strcmp(family, "number") == 0 || strcmp(family, "float") == 0);
    bool is_unix = export->time_column_type == TIME_COLUMN_UNIX;
    if (export->mode != MODE_TIME_WINDOW || (is_unix ? is_number : column_is_moment(&column->type)))
        return true;
    err->hint = "name a date or timestamp column, or a number with time_column_type: unix";
    return error_set(err, ERR_CONFIG, "time_column '%s' (%s) is not what time_column_type says",
                     export->time_column, column->source_type);
}

/* ---- chunked ---- */

static bool
can_be_cut(const ColumnCheck *check, const ColumnSchema *column)
{
    /* MySQL sorts these by number and compares them as text, or not exactly. */
    static const char *const UNORDERED[] = {"enum", "set", "json", "float", "double"};

    return column->type.kind != TYPE_LIST && column->type.kind != TYPE_JSON &&
           !has_source_type(check, column, SOURCE_MYSQL, UNORDERED, ARRAY_LENGTH(UNORDERED));
}

bool
columns_check_cut(TextList names, const Source *source, const Schema *schema, Error *err)
{
    const ColumnCheck check = {.source = source, .schema = schema};

    for (size_t i = 0; i < names.count; i++) {
        const ColumnSchema *column = find_named(&check, "chunk_column", names.items[i], err);
        if (column == NULL)
            return false;
        if (can_be_cut(&check, column))
            continue;
        err->hint = "name a column of integers, text, uuid, date or timestamp";
        return error_set(err, ERR_CONFIG, "chunk_column '%s' (%s) has no order to cut along",
                         names.items[i], column->source_type);
    }
    return true;
}

/* ---- quality, meta columns, files: names as the files have them ---- */

static bool
check_quality_name(const ColumnCheck *check, const char *field, const char *name, Error *err)
{
    if (schema_find(check->schema, name) < check->schema->column_count)
        return true;
    return error_set(err, ERR_CONFIG, "quality.%s names column '%s', which the result has not",
                     field, name);
}

static bool
check_quality(const ColumnCheck *check, Error *err)
{
    const QualityConfig *quality = &check->export->quality;

    for (size_t i = 0; i < quality->null_ratio_count; i++)
        if (!check_quality_name(check, "null_ratio_max", quality->null_ratio_max[i].column, err))
            return false;
    for (size_t i = 0; i < quality->unique_columns.count; i++)
        if (!check_quality_name(check, "unique_columns", quality->unique_columns.items[i], err))
            return false;
    return true;
}

static bool
check_meta_name(const ColumnCheck *check, bool is_on, const char *name, Error *err)
{
    if (!is_on || schema_find(check->schema, name) == check->schema->column_count)
        return true;
    err->hint = "rename the column in the query, or switch the meta column off";
    return error_set(err, ERR_CONFIG, "the query already has a column '%s'", name);
}

static bool
check_meta(const ColumnCheck *check, Error *err)
{
    MetaColumns meta = check->export->meta_columns;

    return check_meta_name(check, meta.has_exported_at, META_EXPORTED_AT, err) &&
           check_meta_name(check, meta.has_row_hash, META_ROW_HASH, err);
}

static bool
is_in_file(const ColumnCheck *check, const char *name)
{
    MetaColumns meta = check->export->meta_columns;

    return schema_find(check->schema, name) < check->schema->column_count ||
           (meta.has_exported_at && strcmp(name, META_EXPORTED_AT) == 0) ||
           (meta.has_row_hash && strcmp(name, META_ROW_HASH) == 0);
}

static bool
check_blooms(const ColumnCheck *check, Error *err)
{
    TextList names = check->export->parquet.bloom;

    for (size_t i = 0; check->export->format == FORMAT_PARQUET && i < names.count; i++)
        if (!is_in_file(check, names.items[i]))
            return error_set(err, ERR_CONFIG,
                             "parquet.bloom names \"%s\", which is not a column of the result",
                             names.items[i]);
    return true;
}

bool
columns_refuse_nulls(const char *column, Error *err)
{
    err->hint = "decide with cursor_nulls: include_first or cursor_nulls: skip";
    return error_set(err, ERR_VALUE, "cursor_column '%s' holds NULLs, which no cursor can pass",
                     column);
}

/* Nothing sorts above these, so a cursor there would never move again. */
bool
columns_check_top(const char *column, const char *top, Error *err)
{
    if (strcmp(top, "infinity") != 0 && strcmp(top, "NaN") != 0)
        return true;
    err->hint = "leave such rows out in the query, or set cursor_lag";
    return error_set(err, ERR_VALUE, "cursor_column '%s' holds '%s', which no cursor can pass",
                     column, top);
}

bool
columns_check(const ExportConfig *export, const Source *source, const Schema *schema, Error *err)
{
    const ColumnCheck check = {export, source, schema};

    return check_meta(&check, err) && check_cursor(&check, err) && check_lag(&check, err) &&
           (export->mode != MODE_CHUNKED ||
            columns_check_cut(export->chunk_columns, source, schema, err)) &&
           check_time(&check, err) && check_quality(&check, err) && check_blooms(&check, err);
}
