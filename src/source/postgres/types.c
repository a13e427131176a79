#include "source/postgres/types.h"

#include "source/postgres/decode.h"
#include "source/postgres/override.h"
#include "source/rules.h"

enum { OID_NUMERIC = 1700 };

/* Types whose binary form we decode. A decode_native of NULL: portable and native are the same. */
static const struct {
    uint32_t oid;
    TypeFamily family;
    TypeKind portable;
    PgDecoder decode_portable;
    TypeKind native;
    PgDecoder decode_native;
} BUILTINS[] = {
    {16, FAMILY_BOOL, TYPE_BOOL, pg_decode_bool, 0, NULL},
    {17, FAMILY_BINARY, TYPE_BINARY, pg_decode_binary, 0, NULL},
    {18, FAMILY_TEXT, TYPE_TEXT, pg_decode_char, 0, NULL}, /* "char" */
    {19, FAMILY_TEXT, TYPE_TEXT, pg_decode_text, 0, NULL}, /* name */
    {20, FAMILY_INTEGER, TYPE_INT64, pg_decode_int8, 0, NULL},
    {21, FAMILY_INTEGER, TYPE_INT16, pg_decode_int2, 0, NULL},
    {23, FAMILY_INTEGER, TYPE_INT32, pg_decode_int4, 0, NULL},
    {25, FAMILY_TEXT, TYPE_TEXT, pg_decode_text, 0, NULL},
    {26, FAMILY_INTEGER, TYPE_INT64, pg_decode_uint4, 0, NULL}, /* oid */
    {28, FAMILY_INTEGER, TYPE_INT64, pg_decode_uint4, 0, NULL}, /* xid */
    {114, FAMILY_JSON, TYPE_TEXT, pg_decode_text, TYPE_JSON, pg_decode_text},
    {142, FAMILY_TEXT, TYPE_TEXT, pg_decode_text, 0, NULL}, /* xml */
    {700, FAMILY_FLOAT, TYPE_FLOAT, pg_decode_float4, 0, NULL},
    {701, FAMILY_FLOAT, TYPE_DOUBLE, pg_decode_float8, 0, NULL},
    {1042, FAMILY_TEXT, TYPE_TEXT, pg_decode_text, 0, NULL}, /* bpchar, padding kept */
    {1043, FAMILY_TEXT, TYPE_TEXT, pg_decode_text, 0, NULL}, /* varchar */
    {1082, FAMILY_DATE, TYPE_DATE, pg_decode_date, 0, NULL},
    {1083, FAMILY_TIME, TYPE_TEXT, pg_decode_time_text, TYPE_TIME, pg_decode_time},
    {1114, FAMILY_TIMESTAMP, TYPE_TIMESTAMP, pg_decode_timestamp, 0, NULL},
    {1184, FAMILY_TIMESTAMPTZ, TYPE_TIMESTAMPTZ, pg_decode_timestamp, 0, NULL},
    {1186, FAMILY_DURATION, TYPE_TEXT, pg_decode_interval_text, 0, NULL},
    {1266, FAMILY_OTHER, TYPE_TEXT, pg_decode_timetz_text, 0, NULL},
    {2950, FAMILY_UUID, TYPE_TEXT, pg_decode_uuid_text, TYPE_UUID, pg_decode_uuid},
    {3802, FAMILY_JSON, TYPE_TEXT, pg_decode_jsonb, TYPE_JSON, pg_decode_jsonb},
};

/* Not built in, but of the known list of types that are read as text. */
static const char *const KNOWN_TEXTS[] = {"hstore", "ltree", "lquery", "ltxtquery"};

/* A typmod holds precision and, in 11 bits with sign, scale. Text output needs no DECIMAL, save in
 * a list, where a decimal stands as a bare number. */
static void
choose_numeric(int32_t typmod, const TypeRules *rules, bool is_element, PgField *field)
{
    int32_t packed = typmod - 4;
    int scale = ((packed & 0x7FF) ^ 1024) - 1024;
    bool is_text = (rules->is_text_output && !is_element) || typmod < 4 ||
                   !rules_decimal_type(packed >> 16 & 0xFFFF, scale, &field->type);

    if (is_text)
        field->type = (Type){.kind = TYPE_TEXT};
    field->decode = is_text ? pg_decode_numeric_text : pg_decimal_decoder(&field->type);
}

static bool
choose_builtin(const PgCatalogType *type, const TypeRules *rules, PgField *field,
               TypeFamily *family)
{
    for (size_t i = 0; i < ARRAY_LENGTH(BUILTINS); i++) {
        if (BUILTINS[i].oid != type->oid)
            continue;
        /* Text can hold 24:00:00. */
        bool is_native = rules->types == TYPES_NATIVE && BUILTINS[i].decode_native != NULL &&
                         !(rules->is_text_output && BUILTINS[i].native == TYPE_TIME);
        *family = BUILTINS[i].family;
        field->type.kind = is_native ? BUILTINS[i].native : BUILTINS[i].portable;
        field->decode = is_native ? BUILTINS[i].decode_native : BUILTINS[i].decode_portable;
        field->type.is_epoch_2000 = rules->is_text_output && (field->type.kind == TYPE_TIMESTAMP ||
                                                              field->type.kind == TYPE_TIMESTAMPTZ);
        return true;
    }
    return false;
}

static bool
sends_its_text(const PgCatalogType *type)
{
    return type->kind == 'e' ||
           (strcmp(type->name, "citext") == 0 && strcmp(type->send, "citextsend") == 0);
}

/* The decoder of one value that is no array; false when only the type's text can be read. */
static bool
choose_scalar(const PgCatalogType *type, const TypeRules *rules, bool is_element, PgField *field,
              TypeFamily *family)
{
    if (type->oid == OID_NUMERIC) {
        *family = FAMILY_DECIMAL;
        choose_numeric(type->typmod, rules, is_element, field);
        return true;
    }
    if (choose_builtin(type, rules, field, family))
        return true;
    *family = sends_its_text(type) ? FAMILY_TEXT : FAMILY_OTHER;
    field->type.kind = TYPE_TEXT;
    field->decode = pg_decode_text;
    return *family == FAMILY_TEXT;
}

const char *
pg_output_text(const PgCatalogType *type, const char *quoted_name, Arena *arena)
{
    if (type->output == NULL)
        return arena_format(arena, "%s::pg_catalog.text", quoted_name);
    return arena_format(arena, "pg_catalog.textin(%s(%s))", type->output, quoted_name);
}

/* An array of elements that have no decoder becomes one of their texts: array_out prints each by
 * its output function, the cast reads it back, dimensions and NULLs included. That needs the
 * comma as delimiter; else (box) the whole array is one text. */
static bool
choose_list(const PgCatalogColumn *column, const TypeRules *rules, Arena *arena,
            const char *quoted_name, PgField *field)
{
    const PgCatalogType *element_type = &column->element;
    PgField *element = ARENA_NEW(arena, PgField);
    Type *type = ARENA_NEW(arena, Type);
    TypeFamily family;

    *element = *field;
    field->element_oid = column->type.element_oid;
    if (!choose_scalar(element_type, rules, true, element, &family)) {
        if (element_type->delimiter != ',')
            return false;
        field->select = arena_format(arena, "%s::pg_catalog.text[]",
                                     pg_output_text(&column->type, quoted_name, arena));
        field->element_oid = 25;
    }
    *type = element->type;
    field->element = element;
    field->type = (Type){.kind = TYPE_LIST, .element = type};
    field->decode = pg_decode_list;
    return true;
}

static bool
is_known_text(const PgCatalogType *type)
{
    if (type->is_builtin || type->kind == 'c' || type->kind == 'r' || type->kind == 'm')
        return true;
    for (size_t i = 0; i < ARRAY_LENGTH(KNOWN_TEXTS); i++)
        if (strcmp(type->name, KNOWN_TEXTS[i]) == 0)
            return true;
    return false;
}

static void
choose_whole_text(const PgCatalogColumn *column, Arena *arena, const char *quoted_name,
                  PgField *field, const char **warning)
{
    field->type = (Type){.kind = TYPE_TEXT};
    field->decode = pg_decode_text;
    field->select = pg_output_text(&column->type, quoted_name, arena);
    if (!is_known_text(&column->type))
        *warning = arena_format(arena,
                                "column \"%s\": type %s has no mapping of its own, it falls back "
                                "to text",
                                field->name, column->declared);
}

static const char *
quote_name(Arena *arena, const char *name)
{
    Buffer quoted = {0};

    select_quote_identifier(&PG_SELECT_DIALECT, name, &quoted);
    const char *text = arena_dup_string(arena, buffer_text(&quoted));
    buffer_release(&quoted);
    return text;
}

static void
field_init(const PgCatalogColumn *column, const char *name, const TypeRules *rules, Arena *arena,
           PgField *field)
{
    *field = (PgField){
        .name = name,
        .source_type = column->declared,
        .infinity = rules->infinity,
        .decimal_special = rules->decimal_special,
        .invalid_utf8 = rules->invalid_utf8,
        .remedy = rules_remedy(arena, name, column->type.is_array ? "json (or text)" : "text"),
        .literal_type = column->type.quoted_name,
    };
}

bool
pg_choose_field(const PgCatalogColumn *column, const char *name, const TypeRules *rules,
                Arena *arena, PgField *field, ColumnSchema *schema, const char **warning,
                Error *err)
{
    const ColumnOverride *override = rules_find_override(rules, name);
    const char *quoted_name = quote_name(arena, name);
    TypeFamily family = FAMILY_LIST;
    bool is_exact;

    field_init(column, name, rules, arena, field);
    is_exact = column->type.is_array ? choose_list(column, rules, arena, quoted_name, field)
                                     : choose_scalar(&column->type, rules, false, field, &family);
    if (!is_exact)
        choose_whole_text(column, arena, quoted_name, field, warning);
    if (override != NULL &&
        !pg_apply_override(override, &(PgOverride){column, rules, family, quoted_name, arena},
                           field, err))
        return false;
    if (field->type.kind == TYPE_TEXT && family == FAMILY_TEXT)
        field->remedy = rules_remedy(arena, name, "binary");
    *schema = (ColumnSchema){
        .name = name,
        .source_type = column->declared,
        .type = field->type,
        .is_exact = is_exact && (!column->type.is_array || field->select == NULL),
    };
    return true;
}
