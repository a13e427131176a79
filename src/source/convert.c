#include "source/convert.h"

#include "source/json_check.h"

const char *
conversion_text(Conversion conversion)
{
    switch (conversion) {
    case CONVERSION_SYNTAX:
        return "the value's text is none of the type asked for";
    case CONVERSION_RANGE:
        return "the value is out of the range of the type asked for";
    case CONVERSION_INEXACT:
        return "the value does not fit the type asked for without a loss";
    case CONVERSION_ZONE:
        return "the value's text says too much or too little about its time zone";
    case CONVERSION_NAN:
        return "NaN does not fit the type asked for";
    case CONVERSION_INFINITY:
    case CONVERSION_MINUS_INFINITY:
        return "infinity does not fit the type asked for";
    case CONVERSION_DONE:
    case CONVERSION_FAILED:
        break;
    }
    return "";
}

static int
hex_value(uint8_t digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    digit |= 0x20;
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* 32 hexadecimal digits, bare or as 8-4-4-4-12. */
static Conversion
convert_uuid(const uint8_t *text, size_t size_bytes, Column *column)
{
    uint8_t uuid[16] = {0};
    size_t count = 0;

    if (size_bytes != 32 && size_bytes != 36)
        return CONVERSION_SYNTAX;
    for (size_t i = 0; i < size_bytes; i++) {
        int digit = hex_value(text[i]);
        if (size_bytes == 36 && (i == 8 || i == 13 || i == 18 || i == 23)) {
            if (text[i] != '-')
                return CONVERSION_SYNTAX;
            continue;
        }
        if (digit < 0)
            return CONVERSION_SYNTAX;
        uuid[count / 2] = (uint8_t)(uuid[count / 2] << 4 | digit);
        count++;
    }
    column_append_fixed16(column, uuid);
    return CONVERSION_DONE;
}

static bool
equals_word(const uint8_t *text, size_t size_bytes, const char *word)
{
    if (size_bytes != strlen(word))
        return false;
    for (size_t i = 0; i < size_bytes; i++)
        if ((text[i] | 0x20) != (uint8_t)(word[i] | 0x20))
            return false;
    return true;
}

static Conversion
convert_bool(const uint8_t *text, size_t size_bytes, Column *column)
{
    static const struct {
        const char *word;
        uint8_t value;
    } WORDS[] = {{"t", 1}, {"f", 0}, {"true", 1}, {"false", 0}, {"1", 1}, {"0", 0}};

    for (size_t i = 0; i < ARRAY_LENGTH(WORDS); i++) {
        if (equals_word(text, size_bytes, WORDS[i].word)) {
            column_append_bool(column, WORDS[i].value);
            return CONVERSION_DONE;
        }
    }
    return CONVERSION_SYNTAX;
}

static Conversion
append(const uint8_t *text, size_t size_bytes, Column *column, Error *err)
{
    return column_append_bytes(column, text, size_bytes, err) ? CONVERSION_DONE : CONVERSION_FAILED;
}

Conversion
convert_text(const uint8_t *text, size_t size_bytes, ZoneRule zone, Column *column, Error *err)
{
    switch (column->type->kind) {
    case TYPE_BOOL:
        return convert_bool(text, size_bytes, column);
    case TYPE_DATE:
    case TYPE_TIME:
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMPTZ:
        return convert_moment(text, size_bytes, zone, column);
    case TYPE_UUID:
        return convert_uuid(text, size_bytes, column);
    case TYPE_JSON:
        return json_is_valid(text, size_bytes) ? append(text, size_bytes, column, err)
                                               : CONVERSION_SYNTAX;
    case TYPE_TEXT:
    case TYPE_BINARY:
        return append(text, size_bytes, column, err);
    case TYPE_LIST:
        return CONVERSION_SYNTAX;
    default:
        return convert_number(text, size_bytes, column);
    }
}
