#include "config/override.h"

static const struct {
    const char *word;
    OverrideKind kind;
} WORDS[] = {
    {"bool", OVERRIDE_BOOL},
    {"int16", OVERRIDE_INT16},
    {"int32", OVERRIDE_INT32},
    {"int64", OVERRIDE_INT64},
    {"uint64", OVERRIDE_UINT64},
    {"float", OVERRIDE_FLOAT},
    {"double", OVERRIDE_DOUBLE},
    {"text", OVERRIDE_TEXT},
    {"binary", OVERRIDE_BINARY},
    {"date", OVERRIDE_DATE},
    {"time", OVERRIDE_TIME},
    {"timestamp", OVERRIDE_TIMESTAMP},
    {"timestamptz", OVERRIDE_TIMESTAMPTZ},
    {"json", OVERRIDE_JSON},
    {"uuid", OVERRIDE_UUID},
    {"duration_us", OVERRIDE_DURATION_US},
};

static const char UNKNOWN_TYPE[] =
    "known types: bool, int16, int32, int64, uint64, float, double, decimal(p,s), text, binary, "
    "date, time, timestamp, timestamptz, json, uuid, duration_us";

static const char *
skip_blanks(const char *text)
{
    return text + strspn(text, " \t");
}

/* One or two digits, blanks around; *text moves behind them. */
static bool
take_number(const char **text, int *number)
{
    const char *digits = skip_blanks(*text);
    size_t count = strspn(digits, "0123456789");

    if (count == 0 || count > 2)
        return false;
    *number = digits[0] - '0';
    if (count == 2)
        *number = *number * 10 + (digits[1] - '0');
    *text = skip_blanks(digits + count);
    return true;
}

/* What follows the word decimal. */
static bool
parse_decimal(const char *text, ColumnOverride *override, const char **reason)
{
    int precision;
    int scale;

    *reason = "decimal is written decimal(p,s) with 1 <= p <= 38 and 0 <= s <= p";
    text = skip_blanks(text);
    if (*text++ != '(' || !take_number(&text, &precision) || *text++ != ',' ||
        !take_number(&text, &scale) || *text++ != ')' || *skip_blanks(text) != '\0')
        return false;
    if (precision < 1 || precision > 38 || scale > precision)
        return false;
    override->kind = OVERRIDE_DECIMAL;
    override->precision = (uint8_t)precision;
    override->scale = (uint8_t)scale;
    return true;
}

bool
override_parse(const char *text, ColumnOverride *override, const char **reason)
{
    static const char DECIMAL[] = "decimal";

    for (size_t i = 0; i < ARRAY_LENGTH(WORDS); i++) {
        if (strcmp(text, WORDS[i].word) == 0) {
            override->kind = WORDS[i].kind;
            return true;
        }
    }
    if (strncmp(text, DECIMAL, sizeof(DECIMAL) - 1) == 0 &&
        strchr(" \t(", text[sizeof(DECIMAL) - 1]) != NULL)
        return parse_decimal(text + sizeof(DECIMAL) - 1, override, reason);
    *reason = UNKNOWN_TYPE;
    return false;
}
