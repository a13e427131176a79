#include "config/duration.h"

static const struct {
    const char *unit;
    int64_t us;
} UNITS[] = {
    {"ms", 1000},
    {"s", 1000000},
    {"m", INT64_C(60) * 1000000},
    {"h", INT64_C(3600) * 1000000},
    {"d", INT64_C(86400) * 1000000},
};

static const int64_t MAX_US = INT64_C(3652500) * 86400 * 1000000;

bool
duration_parse(const char *text, int64_t *duration_us)
{
    const char *digits = text + strspn(text, " \t");
    size_t digit_count = strspn(digits, "0123456789");
    const char *unit = digits + digit_count + strspn(digits + digit_count, " \t");
    size_t unit_length = strcspn(unit, " \t");
    int64_t number = 0;

    if (digit_count == 0 || digit_count > 15 ||
        unit[unit_length + strspn(unit + unit_length, " \t")] != '\0')
        return false;
    for (size_t i = 0; i < digit_count; i++)
        number = number * 10 + (digits[i] - '0');
    for (size_t i = 0; i < ARRAY_LENGTH(UNITS); i++) {
        if (strlen(UNITS[i].unit) != unit_length || strncmp(unit, UNITS[i].unit, unit_length) != 0)
            continue;
        if (number > MAX_US / UNITS[i].us)
            return false;
        *duration_us = number * UNITS[i].us;
        return true;
    }
    return false;
}
