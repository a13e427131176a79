#include "config/size.h"

#include <strings.h>

static const char *
skip_blanks(const char *text)
{
    return text + strspn(text, " \t");
}

static bool
unit_bytes(const char *text, uint64_t *bytes)
{
    static const struct {
        const char *unit;
        uint64_t bytes;
    } UNITS[] = {{"", 1}, {"B", 1}, {"KB", 1 << 10}, {"MB", 1 << 20}, {"GB", 1 << 30}};
    char unit[3] = "";
    size_t length = strspn(text, "bBkKmMgG");

    if (length >= sizeof(unit) || *skip_blanks(text + length) != '\0')
        return false;
    memcpy(unit, text, length);
    for (size_t i = 0; i < ARRAY_LENGTH(UNITS); i++) {
        if (strcasecmp(unit, UNITS[i].unit) == 0) {
            *bytes = UNITS[i].bytes;
            return true;
        }
    }
    return false;
}

bool
size_parse(const char *text, uint64_t *size_bytes)
{
    /* 27 digits times 2^30 stay inside 128 bits; decimals beyond the twelfth do not count. */
    enum { MAX_WHOLE_DIGITS = 15, MAX_FRACTION_DIGITS = 12 };
    const char *whole = skip_blanks(text);
    size_t whole_digits = strspn(whole, "0123456789");
    bool has_point = whole[whole_digits] == '.';
    const char *fraction = whole + whole_digits + (has_point ? 1 : 0);
    size_t fraction_digits = has_point ? strspn(fraction, "0123456789") : 0;
    UInt128 number = 0;
    UInt128 divisor = 1;
    uint64_t unit;

    if (whole_digits + fraction_digits == 0 || whole_digits > MAX_WHOLE_DIGITS ||
        !unit_bytes(skip_blanks(fraction + fraction_digits), &unit))
        return false;
    for (size_t i = 0; i < whole_digits; i++)
        number = number * 10 + (unsigned)(whole[i] - '0');
    for (size_t i = 0; i < size_min(fraction_digits, MAX_FRACTION_DIGITS); i++) {
        number = number * 10 + (unsigned)(fraction[i] - '0');
        divisor *= 10;
    }
    UInt128 bytes = number * unit / divisor;
    if (bytes < 1 || bytes > (UInt128)INT64_MAX)
        return false;
    *size_bytes = (uint64_t)bytes;
    return true;
}
