#include "batch/render.h"

#include "batch/render_digits.h"

static const int64_t US_PER_SECOND = 1000000;
static const int64_t US_PER_DAY = INT64_C(86400000000);

enum { DAYS_PER_ERA = 146097, YEARS_PER_ERA = 400, DAYS_0000_03_01_TO_1970 = 719468 };

typedef struct CivilDate {
    int64_t year; /* proleptic Gregorian, astronomical: 0 is 1 BC */
    unsigned month, day;
} CivilDate;

/* Years are counted from 1 March, so that the leap day is a year's last one. An era is the 400
 * years after which the calendar repeats. */
static CivilDate
civil_from_days(int64_t days_since_1970)
{
    int64_t days = days_since_1970 + DAYS_0000_03_01_TO_1970;
    int64_t era = (days >= 0 ? days : days - (DAYS_PER_ERA - 1)) / DAYS_PER_ERA;
    unsigned day_of_era = (unsigned)(days - era * DAYS_PER_ERA);
    unsigned year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    unsigned month = (5 * day_of_year + 2) / 153; /* 0 is March */

    return (CivilDate){
        .year = era * YEARS_PER_ERA + (int64_t)year_of_era + (month >= 10),
        .month = month < 10 ? month + 3 : month - 9,
        .day = day_of_year - (153 * month + 2) / 5 + 1,
    };
}

/* Four digits; outside 0 … 9999 a sign and at least four, as ISO 8601 extends years. */
static char *
put_year(int64_t year, char *to)
{
    uint64_t magnitude = year < 0 ? (uint64_t)-year : (uint64_t)year;

    if (year < 0 || year > 9999)
        *to++ = year < 0 ? '-' : '+';
    if (magnitude > 9999)
        return to + render_uint64(magnitude, to);
    render_two_digits((unsigned)magnitude / 100, to);
    render_two_digits((unsigned)magnitude % 100, to + 2);
    return to + 4;
}

static char *
put_date(int64_t days_since_1970, char *to)
{
    CivilDate date = civil_from_days(days_since_1970);

    to = put_year(date.year, to);
    to[0] = '-';
    render_two_digits(date.month, to + 1);
    to[3] = '-';
    render_two_digits(date.day, to + 4);
    return to + 6;
}

static char *
put_minutes_and_seconds(unsigned seconds_of_hour, char *to)
{
    to[0] = ':';
    render_two_digits(seconds_of_hour / 60, to + 1);
    to[3] = ':';
    render_two_digits(seconds_of_hour % 60, to + 4);
    return to + 6;
}

static char *
put_six_digits(unsigned us, char *to)
{
    to[0] = '.';
    render_two_digits(us / 10000, to + 1);
    render_two_digits(us / 100 % 100, to + 3);
    render_two_digits(us % 100, to + 5);
    return to + 7;
}

size_t
render_date(int64_t days_since_1970, char *to)
{
    return (size_t)(put_date(days_since_1970, to) - to);
}

size_t
render_time(int64_t us_since_midnight, char *to)
{
    char *at = to;
    uint64_t us = (uint64_t)us_since_midnight;

    if (us_since_midnight < 0) {
        *at++ = '-';
        us = 0 - us;
    }
    uint64_t seconds = us / (uint64_t)US_PER_SECOND;
    uint64_t hours = seconds / 3600;
    unsigned fraction = (unsigned)(us % (uint64_t)US_PER_SECOND);
    if (hours < 100) {
        render_two_digits((unsigned)hours, at);
        at += 2;
    } else {
        at += render_uint64(hours, at);
    }
    at = put_minutes_and_seconds((unsigned)(seconds % 3600), at);
    if (fraction > 0)
        at = put_six_digits(fraction, at);
    return (size_t)(at - to);
}

size_t
render_timestamp(int64_t us, int64_t days_offset, bool is_utc, char *to)
{
    int64_t days = us / US_PER_DAY;
    int64_t us_of_day = us % US_PER_DAY;

    if (us_of_day < 0) {
        us_of_day += US_PER_DAY;
        days--;
    }
    unsigned seconds = (unsigned)(us_of_day / US_PER_SECOND);
    char *at = put_date(days + days_offset, to);
    *at = 'T';
    render_two_digits(seconds / 3600, at + 1);
    at = put_minutes_and_seconds(seconds % 3600, at + 3);
    at = put_six_digits((unsigned)(us_of_day % US_PER_SECOND), at);
    if (is_utc)
        *at++ = 'Z';
    return (size_t)(at - to);
}
