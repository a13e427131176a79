/* A value comes into the type asked for in one of two ways: a decoder from its binary form (DIRECT
 * below), or its text read by convert.h. */
#include "source/mysql/override.h"

#include "source/mysql/decode.h"

enum { ANY_TYPE = -1 };

static const struct {
    TypeFamily family;
    OverrideKind kind;
    int wire_type;
    MyDecoder decode;
} DIRECT[] = {
    {FAMILY_DECIMAL, OVERRIDE_DECIMAL, ANY_TYPE, my_decode_decimal},
    {FAMILY_FLOAT, OVERRIDE_FLOAT, MYSQL_TYPE_FLOAT, my_decode_float},
    {FAMILY_FLOAT, OVERRIDE_DOUBLE, MYSQL_TYPE_DOUBLE, my_decode_double},
    {FAMILY_FLOAT, OVERRIDE_DOUBLE, MYSQL_TYPE_FLOAT, my_decode_float_double},
    {FAMILY_FLOAT, OVERRIDE_FLOAT, MYSQL_TYPE_DOUBLE, my_decode_double_float},
    {FAMILY_TEXT, OVERRIDE_TEXT, ANY_TYPE, my_decode_text},
    {FAMILY_TEXT, OVERRIDE_BINARY, ANY_TYPE, my_decode_binary},
    {FAMILY_JSON, OVERRIDE_TEXT, ANY_TYPE, my_decode_text},
    {FAMILY_JSON, OVERRIDE_JSON, ANY_TYPE, my_decode_text},
    {FAMILY_JSON, OVERRIDE_BINARY, ANY_TYPE, my_decode_binary},
    {FAMILY_BINARY, OVERRIDE_TEXT, ANY_TYPE, my_decode_text},
    {FAMILY_BINARY, OVERRIDE_UUID, ANY_TYPE, my_decode_uuid},
    {FAMILY_DURATION, OVERRIDE_TEXT, ANY_TYPE, my_decode_time_text},
    {FAMILY_DURATION, OVERRIDE_TIME, ANY_TYPE, my_decode_time},
    {FAMILY_DURATION, OVERRIDE_DURATION_US, ANY_TYPE, my_decode_time_us},
};

static MyDecoder
direct_decoder(const MyField *field, OverrideKind kind)
{
    for (size_t i = 0; i < ARRAY_LENGTH(DIRECT); i++) {
        if (DIRECT[i].family == field->family && DIRECT[i].kind == kind &&
            (DIRECT[i].wire_type == ANY_TYPE || DIRECT[i].wire_type == (int)field->wire_type))
            return DIRECT[i].decode;
    }
    return NULL;
}

/* Numbers and booleans stand bare in JSON, everything else is a string there. */
static bool
is_bare_in_json(TypeFamily family)
{
    return family == FAMILY_INTEGER || family == FAMILY_DECIMAL || family == FAMILY_FLOAT ||
           family == FAMILY_BOOL;
}

static MyDecoder
text_decoder(const MyField *field, const Type *type)
{
    if (type->kind == TYPE_TEXT)
        return my_decode_plain_text;
    if (type->kind == TYPE_JSON && field->family != FAMILY_TEXT)
        return is_bare_in_json(field->family) ? my_decode_plain_text : my_decode_json_text;
    return my_decode_converted;
}

/* A text column has to name its zone for an instant and none for a wall time. */
static ZoneRule
zone_rule(const MyField *field, const Type *type)
{
    if (field->family != FAMILY_TEXT)
        return ZONE_FREE;
    return type->kind == TYPE_TIMESTAMPTZ ? ZONE_REQUIRED : ZONE_FORBIDDEN;
}

bool
my_apply_override(const ColumnOverride *override, MyField *field, Error *err)
{
    Type type;

    if (!rules_override_type(override, field->family, field->source_type, &type, err))
        return false;
    if (type_equal(&type, &field->type))
        return true;
    field->zone = zone_rule(field, &type);
    field->decode = direct_decoder(field, override->kind);
    if (field->decode == NULL)
        field->decode = text_decoder(field, &type);
    /* BIT(1) is 0 or 1 as a number, false or true as a word. */
    if (field->family == FAMILY_BOOL && type.kind != TYPE_TEXT && type.kind != TYPE_JSON)
        field->write_text = my_write_bit;
    field->type = type;
    return true;
}

/* *is_done: the policy for zero dates has dealt with the value. Text can hold them as they are. */
static bool
check_zero_date(MyWire *wire, const MyField *field, const uint8_t *bytes, size_t size_bytes,
                Column *column, bool *is_done, Error *err)
{
    MyMoment moment;

    *is_done = false;
    if (!my_is_moment(field->wire_type) || field->wire_type == MYSQL_TYPE_TIME)
        return true;
    if (!my_moment_load(field->wire_type, bytes, size_bytes, &moment))
        return my_wire_broken(field, err);
    *is_done = my_is_zero_date(&moment);
    return !*is_done || my_take_zero_date(wire, field, column, err);
}

static bool
check_conversion(const MyField *field, Conversion result, Error *err)
{
    if (result == CONVERSION_DONE || result == CONVERSION_FAILED)
        return result == CONVERSION_DONE;
    return my_value_error(field, err, conversion_text(result));
}

MY_DECODER(my_decode_converted)
{
    Buffer text = {0};
    bool is_done;

    if (!check_zero_date(wire, field, bytes, size_bytes, column, &is_done, err) || is_done)
        return err->code == ERR_NONE;
    bool ok =
        field->write_text(field, bytes, size_bytes, &text, err) &&
        check_conversion(field, convert_text(text.data, text.size, field->zone, column, err), err);
    buffer_release(&text);
    return ok;
}

MY_DECODER(my_decode_plain_text)
{
    Buffer text = {0};

    (void)wire;
    bool ok = field->write_text(field, bytes, size_bytes, &text, err) &&
              column_append_bytes(column, text.data, text.size, err);
    buffer_release(&text);
    return ok;
}

/* None of the texts that get here holds a quote, a backslash or a control character. */
MY_DECODER(my_decode_json_text)
{
    Buffer text = {0};

    (void)wire;
    buffer_append_byte(&text, '"');
    bool ok = field->write_text(field, bytes, size_bytes, &text, err);
    buffer_append_byte(&text, '"');
    ok = ok && column_append_bytes(column, text.data, text.size, err);
    buffer_release(&text);
    return ok;
}
