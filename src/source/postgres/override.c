/* Three ways lead to the type asked for: a decoder from the binary form (DIRECT below), the
 * server's own JSON or text, and, for everything else, the value's text read by convert.h. */
#include "source/postgres/override.h"

#include "source/postgres/decode.h"
#include "source/postgres/types.h"
#include "source/utf8.h"

enum { OID_CHAR = 18, OID_JSONB = 3802, OID_FLOAT4 = 700, ANY_OID = 0 };

static const struct {
    TypeFamily family;
    OverrideKind kind;
    uint32_t oid;
    PgDecoder decode;
} DIRECT[] = {
    {FAMILY_BOOL, OVERRIDE_INT16, ANY_OID, pg_decode_bool_integer},
    {FAMILY_BOOL, OVERRIDE_INT32, ANY_OID, pg_decode_bool_integer},
    {FAMILY_BOOL, OVERRIDE_INT64, ANY_OID, pg_decode_bool_integer},
    {FAMILY_BOOL, OVERRIDE_UINT64, ANY_OID, pg_decode_bool_integer},
    {FAMILY_DECIMAL, OVERRIDE_INT16, ANY_OID, pg_decode_numeric_integer},
    {FAMILY_DECIMAL, OVERRIDE_INT32, ANY_OID, pg_decode_numeric_integer},
    {FAMILY_DECIMAL, OVERRIDE_INT64, ANY_OID, pg_decode_numeric_integer},
    {FAMILY_DECIMAL, OVERRIDE_UINT64, ANY_OID, pg_decode_numeric_integer},
    {FAMILY_DECIMAL, OVERRIDE_TEXT, ANY_OID, pg_decode_numeric_text},
    {FAMILY_FLOAT, OVERRIDE_DOUBLE, OID_FLOAT4, pg_decode_float4_double},
    {FAMILY_FLOAT, OVERRIDE_FLOAT, ANY_OID, pg_decode_float8_float},
    {FAMILY_TEXT, OVERRIDE_TEXT, OID_CHAR, pg_decode_char},
    {FAMILY_TEXT, OVERRIDE_TEXT, ANY_OID, pg_decode_text},
    {FAMILY_TEXT, OVERRIDE_BINARY, ANY_OID, pg_decode_binary},
    {FAMILY_JSON, OVERRIDE_TEXT, OID_JSONB, pg_decode_jsonb},
    {FAMILY_JSON, OVERRIDE_TEXT, ANY_OID, pg_decode_text},
    {FAMILY_JSON, OVERRIDE_JSON, OID_JSONB, pg_decode_jsonb},
    {FAMILY_JSON, OVERRIDE_JSON, ANY_OID, pg_decode_text},
    {FAMILY_JSON, OVERRIDE_BINARY, OID_JSONB, pg_decode_jsonb_binary},
    {FAMILY_JSON, OVERRIDE_BINARY, ANY_OID, pg_decode_binary},
    {FAMILY_BINARY, OVERRIDE_TEXT, ANY_OID, pg_decode_binary_text},
    {FAMILY_BINARY, OVERRIDE_BINARY, ANY_OID, pg_decode_binary},
    {FAMILY_BINARY, OVERRIDE_UUID, ANY_OID, pg_decode_binary_uuid},
    {FAMILY_UUID, OVERRIDE_TEXT, ANY_OID, pg_decode_uuid_text},
    {FAMILY_UUID, OVERRIDE_UUID, ANY_OID, pg_decode_uuid},
    {FAMILY_UUID, OVERRIDE_BINARY, ANY_OID, pg_decode_binary},
    {FAMILY_TIME, OVERRIDE_TEXT, ANY_OID, pg_decode_time_text},
    {FAMILY_TIME, OVERRIDE_TIME, ANY_OID, pg_decode_time},
    {FAMILY_TIME, OVERRIDE_DURATION_US, ANY_OID, pg_decode_time_us},
    {FAMILY_DURATION, OVERRIDE_TEXT, ANY_OID, pg_decode_interval_text},
    {FAMILY_DURATION, OVERRIDE_TIME, ANY_OID, pg_decode_interval_time},
    {FAMILY_DURATION, OVERRIDE_DURATION_US, ANY_OID, pg_decode_interval_us},
};

static PgDecoder
direct_decoder(const ColumnOverride *override, const PgOverride *on, const Type *type)
{
    if (on->family == FAMILY_DECIMAL && override->kind == OVERRIDE_DECIMAL)
        return pg_decimal_decoder(type);
    for (size_t i = 0; i < ARRAY_LENGTH(DIRECT); i++) {
        if (DIRECT[i].family == on->family && DIRECT[i].kind == override->kind &&
            (DIRECT[i].oid == ANY_OID || DIRECT[i].oid == on->column->type.oid))
            return DIRECT[i].decode;
    }
    return NULL;
}

/* The server's text, unless the binary form is that text already. */
static const char *
text_select(const PgOverride *on)
{
    if (on->family == FAMILY_TEXT && on->column->type.oid != OID_CHAR)
        return NULL;
    return pg_output_text(&on->column->type, on->quoted_name, on->arena);
}

/* A text column has to name its zone for an instant and none for a wall time. */
static ZoneRule
zone_rule(const PgOverride *on, const Type *type)
{
    if (on->family != FAMILY_TEXT)
        return ZONE_FREE;
    return type->kind == TYPE_TIMESTAMPTZ ? ZONE_REQUIRED : ZONE_FORBIDDEN;
}

bool
pg_apply_override(const ColumnOverride *override, const PgOverride *on, PgField *field, Error *err)
{
    Type type;

    if (!rules_override_type(override, on->family, on->column->declared, &type, err))
        return false;
    type.is_epoch_2000 =
        on->rules->is_text_output && (type.kind == TYPE_TIMESTAMP || type.kind == TYPE_TIMESTAMPTZ);
    if (field->select == NULL && type_equal(&type, &field->type))
        return true;
    field->type = type;
    field->element = NULL;
    field->select = NULL;
    field->zone = zone_rule(on, &type);
    field->decode = direct_decoder(override, on, &type);
    if (field->decode != NULL)
        return true;
    if (type.kind == TYPE_JSON && on->family != FAMILY_TEXT) {
        field->select = arena_format(on->arena, "pg_catalog.to_json(%s)", on->quoted_name);
        field->decode = pg_decode_text;
    } else {
        field->select = text_select(on);
        field->decode = type.kind == TYPE_TEXT ? pg_decode_text : pg_decode_converted;
    }
    return true;
}

PG_DECODER(pg_decode_converted)
{
    if (wire->checks_utf8 && !utf8_is_valid(bytes, size_bytes))
        return pg_value_error(field, err, "a text is not valid UTF-8");
    Conversion result = convert_text(bytes, size_bytes, field->zone, column, err);
    bool is_moment = column->type->kind == TYPE_DATE || column->type->kind == TYPE_TIMESTAMP ||
                     column->type->kind == TYPE_TIMESTAMPTZ;

    switch (result) {
    case CONVERSION_DONE:
        return true;
    case CONVERSION_FAILED:
        return false;
    case CONVERSION_NAN:
        return pg_decode_no_decimal(wire, field, true, column, err);
    case CONVERSION_INFINITY:
    case CONVERSION_MINUS_INFINITY:
        return is_moment
                   ? pg_decode_infinity(wire, field, result == CONVERSION_INFINITY, column, err)
                   : pg_decode_no_decimal(wire, field, false, column, err);
    default:
        return pg_value_error(field, err, conversion_text(result));
    }
}
