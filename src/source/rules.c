#include "source/rules.h"

#define F(family) (1u << (family))

enum {
    NUMBERS = F(FAMILY_INTEGER) | F(FAMILY_DECIMAL) | F(FAMILY_FLOAT),
    MOMENTS = F(FAMILY_DATE) | F(FAMILY_TIMESTAMP) | F(FAMILY_TIMESTAMPTZ),
    ALL_FAMILIES = F(FAMILY_OTHER + 1) - 1,
};

static const struct {
    const char *word;
    TypeKind kind;
    unsigned families; /* that it can hold */
} OVERRIDES[] = {
    [OVERRIDE_BOOL] = {"bool", TYPE_BOOL, F(FAMILY_BOOL) | F(FAMILY_INTEGER) | F(FAMILY_TEXT)},
    [OVERRIDE_INT16] = {"int16", TYPE_INT16, NUMBERS | F(FAMILY_BOOL) | F(FAMILY_TEXT)},
    [OVERRIDE_INT32] = {"int32", TYPE_INT32, NUMBERS | F(FAMILY_BOOL) | F(FAMILY_TEXT)},
    [OVERRIDE_INT64] = {"int64", TYPE_INT64, NUMBERS | F(FAMILY_BOOL) | F(FAMILY_TEXT)},
    [OVERRIDE_UINT64] = {"uint64", TYPE_UINT64, NUMBERS | F(FAMILY_BOOL) | F(FAMILY_TEXT)},
    [OVERRIDE_FLOAT] = {"float", TYPE_FLOAT, NUMBERS | F(FAMILY_TEXT)},
    [OVERRIDE_DOUBLE] = {"double", TYPE_DOUBLE, NUMBERS | F(FAMILY_TEXT)},
    [OVERRIDE_DECIMAL] = {"decimal", TYPE_DECIMAL, NUMBERS | F(FAMILY_TEXT)},
    [OVERRIDE_TEXT] = {"text", TYPE_TEXT, ALL_FAMILIES},
    [OVERRIDE_BINARY] = {"binary", TYPE_BINARY,
                         F(FAMILY_BINARY) | F(FAMILY_TEXT) | F(FAMILY_JSON) | F(FAMILY_UUID)},
    [OVERRIDE_DATE] = {"date", TYPE_DATE, MOMENTS | F(FAMILY_TEXT)},
    [OVERRIDE_TIME] = {"time", TYPE_TIME, F(FAMILY_TIME) | F(FAMILY_DURATION) | F(FAMILY_TEXT)},
    [OVERRIDE_TIMESTAMP] = {"timestamp", TYPE_TIMESTAMP, MOMENTS | F(FAMILY_TEXT)},
    [OVERRIDE_TIMESTAMPTZ] = {"timestamptz", TYPE_TIMESTAMPTZ, MOMENTS | F(FAMILY_TEXT)},
    [OVERRIDE_JSON] = {"json", TYPE_JSON, ALL_FAMILIES & ~F(FAMILY_BINARY)},
    [OVERRIDE_UUID] = {"uuid", TYPE_UUID, F(FAMILY_UUID) | F(FAMILY_TEXT) | F(FAMILY_BINARY)},
    [OVERRIDE_DURATION_US] = {"duration_us", TYPE_INT64, F(FAMILY_DURATION) | F(FAMILY_TIME)},
};

const ColumnOverride *
rules_find_override(const TypeRules *rules, const char *name)
{
    for (size_t i = 0; i < rules->override_count; i++) {
        if (strcmp(rules->overrides[i].column, name) == 0)
            return &rules->overrides[i];
    }
    return NULL;
}

bool
rules_check_overrides(const TypeRules *rules, const Schema *schema, Error *err)
{
    for (size_t i = 0; i < rules->override_count; i++) {
        const ColumnOverride *override = &rules->overrides[i];
        if (schema_find(schema, override->column) == schema->column_count)
            return error_set(err, ERR_CONFIG,
                             "columns: line %d: the query returns no column \"%s\"", override->line,
                             override->column);
    }
    return true;
}

bool
rules_override_type(const ColumnOverride *override, TypeFamily family, const char *source_type,
                    Type *type, Error *err)
{
    if ((OVERRIDES[override->kind].families & F(family)) == 0)
        return error_set(
            err, ERR_CONFIG, "columns: line %d: %s can never be kept as %s (column \"%s\")",
            override->line, source_type, OVERRIDES[override->kind].word, override->column);
    *type = (Type){.kind = OVERRIDES[override->kind].kind};
    if (override->kind == OVERRIDE_DECIMAL) {
        type->precision = override->precision;
        type->scale = override->scale;
    }
    return true;
}

bool
rules_decimal_type(int precision, int scale, Type *type)
{
    if (scale < 0) {
        precision -= scale;
        scale = 0;
    }
    if (scale > precision)
        precision = scale;
    if (precision < 1 || precision > DECIMAL_PRECISION_MAX)
        return false;
    *type = (Type){.kind = TYPE_DECIMAL, .precision = (uint8_t)precision, .scale = (uint8_t)scale};
    return true;
}

const char *
rules_remedy(Arena *arena, const char *column, const char *words)
{
    return arena_format(arena, "columns: { %s: %s } takes it", column, words);
}
