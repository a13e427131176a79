#include "batch/render.h"
#include "source/convert.h"

#define US_PER_SECOND INT64_C(1000000)
#define US_PER_DAY    (INT64_C(86400) * US_PER_SECOND)

typedef struct Cursor {
    const uint8_t *at;
    const uint8_t *end;
} Cursor;

typedef struct Moment {
    int64_t days;    /* since 1970-01-01 */
    int64_t us;      /* since midnight */
    int64_t zone_us; /* east of Greenwich */
    bool has_zone;
} Moment;

static bool
take(Cursor *c, uint8_t byte)
{
    if (c->at == c->end || *c->at != byte)
        return false;
    c->at++;
    return true;
}

/* least … most digits into *value. */
static bool
take_digits(Cursor *c, int least, int most, int64_t *value)
{
    int count = 0;

    *value = 0;
    for (; c->at < c->end && *c->at >= '0' && *c->at <= '9' && count < most; c->at++, count++)
        *value = *value * 10 + (*c->at - '0');
    return count >= least;
}

static bool
is_leap_year(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Proleptic Gregorian, year 0 is 1 BC. The year is counted from March, so that a leap day comes
 * last; 719468 days lie between 0000-03-01 and 1970-01-01. */
static int64_t
days_of(int64_t year, int64_t month, int64_t day)
{
    int64_t march_year = month <= 2 ? year - 1 : year;
    int64_t era = (march_year >= 0 ? march_year : march_year - 399) / 400;
    int64_t year_of_era = march_year - era * 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719468;
}

static bool
take_date(Cursor *c, bool is_bc, Moment *moment)
{
    static const int64_t LENGTHS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t year, month, day;

    if (!take_digits(c, 4, 7, &year) || !take(c, '-') || !take_digits(c, 2, 2, &month) ||
        !take(c, '-') || !take_digits(c, 2, 2, &day))
        return false;
    if (is_bc)
        year = 1 - year;
    if (month < 1 || month > 12 || day < 1 ||
        day > LENGTHS[month - 1] + (month == 2 && is_leap_year(year)))
        return false;
    moment->days = days_of(year, month, day);
    return true;
}

/* Up to six digits count; further ones must be zeros. */
static bool
take_fraction(Cursor *c, int64_t *us, bool *is_exact)
{
    int digits = 0;

    for (; c->at < c->end && *c->at >= '0' && *c->at <= '9'; c->at++, digits++) {
        if (digits < 6)
            *us = *us * 10 + (*c->at - '0');
        else if (*c->at != '0')
            *is_exact = false;
    }
    bool ok = digits > 0;
    for (; digits < 6; digits++)
        *us *= 10;
    return ok;
}

/* HH:MM[:SS[.ffffff]] */
static bool
take_time(Cursor *c, Moment *moment, bool *is_exact)
{
    int64_t hour, minute, second = 0, fraction_us = 0;

    if (!take_digits(c, 2, 2, &hour) || !take(c, ':') || !take_digits(c, 2, 2, &minute))
        return false;
    if (take(c, ':') && !take_digits(c, 2, 2, &second))
        return false;
    if (take(c, '.') && !take_fraction(c, &fraction_us, is_exact))
        return false;
    if (hour > 23 || minute > 59 || second > 59)
        return false;
    moment->us = ((hour * 60 + minute) * 60 + second) * US_PER_SECOND + fraction_us;
    return true;
}

/* Z, +HH, +HH:MM, +HHMM, +HH:MM:SS */
static bool
take_zone(Cursor *c, Moment *moment)
{
    int64_t hour, minute = 0, second = 0;
    bool is_west = c->at < c->end && *c->at == '-';

    moment->has_zone = true;
    if (take(c, 'Z') || take(c, 'z'))
        return true;
    if (!take(c, '+') && !take(c, '-'))
        return false;
    if (!take_digits(c, 2, 2, &hour))
        return false;
    if (c->at < c->end && (take(c, ':'), !take_digits(c, 2, 2, &minute)))
        return false;
    if (take(c, ':') && !take_digits(c, 2, 2, &second))
        return false;
    moment->zone_us = ((hour * 60 + minute) * 60 + second) * US_PER_SECOND;
    if (is_west)
        moment->zone_us = -moment->zone_us;
    return hour <= 23 && minute <= 59 && second <= 59;
}

/* Takes a final " BC" off. */
static bool
take_bc(Cursor *c)
{
    if (c->end - c->at < 3 || memcmp(c->end - 3, " BC", 3) != 0)
        return false;
    c->end -= 3;
    return true;
}

static bool
take_moment(Cursor *c, bool has_date, Moment *moment, bool *is_exact)
{
    if (has_date) {
        if (!take_date(c, take_bc(c), moment))
            return false;
        if (c->at == c->end)
            return true;
        if (!take(c, ' ') && !take(c, 'T'))
            return false;
    }
    if (!take_time(c, moment, is_exact))
        return false;
    return c->at == c->end || (take_zone(c, moment) && c->at == c->end);
}

static Conversion
append_timestamp(const Moment *moment, Column *column)
{
    int64_t epoch_days = column->type->is_epoch_2000 ? RENDER_EPOCH_2000_DAYS : 0;
    Int128 us = (Int128)(moment->days - epoch_days) * US_PER_DAY + moment->us - moment->zone_us;

    if (us > INT64_MAX || us < INT64_MIN)
        return CONVERSION_RANGE;
    column_append_i64(column, (int64_t)us);
    return CONVERSION_DONE;
}

static Conversion
append_date(const Moment *moment, Column *column)
{
    int64_t us = moment->us - moment->zone_us;

    if (us % US_PER_DAY != 0)
        return CONVERSION_INEXACT;
    column_append_i32(column, (int32_t)(moment->days + us / US_PER_DAY));
    return CONVERSION_DONE;
}

static bool
equals(const uint8_t *text, size_t size_bytes, const char *word)
{
    return size_bytes == strlen(word) && memcmp(text, word, size_bytes) == 0;
}

Conversion
convert_moment(const uint8_t *text, size_t size_bytes, ZoneRule zone, Column *column)
{
    TypeKind kind = column->type->kind;
    Cursor cursor = {text, text + size_bytes};
    Moment moment = {0};
    bool is_exact = true;

    if (kind != TYPE_TIME && equals(text, size_bytes, "infinity"))
        return CONVERSION_INFINITY;
    if (kind != TYPE_TIME && equals(text, size_bytes, "-infinity"))
        return CONVERSION_MINUS_INFINITY;
    if (!take_moment(&cursor, kind != TYPE_TIME, &moment, &is_exact))
        return CONVERSION_SYNTAX;
    if (!is_exact)
        return CONVERSION_INEXACT;
    if (moment.has_zone ? zone == ZONE_FORBIDDEN || kind == TYPE_TIME : zone == ZONE_REQUIRED)
        return CONVERSION_ZONE;
    if (kind == TYPE_DATE)
        return append_date(&moment, column);
    if (kind != TYPE_TIME)
        return append_timestamp(&moment, column);
    column_append_i64(column, moment.us);
    return CONVERSION_DONE;
}
