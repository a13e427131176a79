/* Dates and times come in as many bytes as they need: nothing for all zero, the date alone without
 * a time of day, microseconds only where there are any. */
#include "source/mysql/decode.h"

#include "batch/render.h"

#define US_PER_SECOND INT64_C(1000000)
#define US_PER_DAY    (INT64_C(86400) * US_PER_SECOND)

enum {
    DATE_BYTES = 4,
    DATETIME_BYTES = 7,
    DATETIME_US_BYTES = 11,
    TIME_BYTES = 8,
    TIME_US_BYTES = 12
};

static unsigned
load_u16(const uint8_t *bytes)
{
    return (unsigned)bytes[0] | (unsigned)bytes[1] << 8;
}

static uint32_t
load_u32(const uint8_t *bytes)
{
    return load_u16(bytes) | (uint32_t)load_u16(bytes + 2) << 16;
}

/* sign, int32 days, hour, minute, second, int32 microseconds */
static bool
load_time(const uint8_t *bytes, size_t size_bytes, MyMoment *moment)
{
    if (size_bytes != 0 && size_bytes != TIME_BYTES && size_bytes != TIME_US_BYTES)
        return false;
    if (size_bytes == 0)
        return true;
    uint32_t days = load_u32(bytes + 1);
    moment->is_negative = bytes[0] != 0;
    moment->hour = days * 24 + bytes[5];
    moment->minute = bytes[6];
    moment->second = bytes[7];
    if (size_bytes == TIME_US_BYTES)
        moment->us = load_u32(bytes + 8);
    return days <= 34 && bytes[5] < 24 && moment->hour <= 838;
}

/* int16 year, month, day, hour, minute, second, int32 microseconds */
static bool
load_datetime(const uint8_t *bytes, size_t size_bytes, MyMoment *moment)
{
    if (size_bytes != 0 && size_bytes != DATE_BYTES && size_bytes != DATETIME_BYTES &&
        size_bytes != DATETIME_US_BYTES)
        return false;
    if (size_bytes >= DATE_BYTES) {
        moment->year = load_u16(bytes);
        moment->month = bytes[2];
        moment->day = bytes[3];
    }
    if (size_bytes >= DATETIME_BYTES) {
        moment->hour = bytes[4];
        moment->minute = bytes[5];
        moment->second = bytes[6];
    }
    if (size_bytes == DATETIME_US_BYTES)
        moment->us = load_u32(bytes + 7);
    return moment->hour < 24 && moment->year <= 9999 && moment->month <= 12 && moment->day <= 31;
}

bool
my_moment_load(enum enum_field_types type, const uint8_t *bytes, size_t size_bytes,
               MyMoment *moment)
{
    *moment = (MyMoment){0};
    bool ok = type == MYSQL_TYPE_TIME ? load_time(bytes, size_bytes, moment)
                                      : load_datetime(bytes, size_bytes, moment);
    return ok && moment->minute < 60 && moment->second < 60 && moment->us < US_PER_SECOND;
}

bool
my_is_zero_date(const MyMoment *moment)
{
    return moment->month == 0 || moment->day == 0;
}

bool
my_take_zero_date(MyWire *wire, const MyField *field, Column *column, Error *err)
{
    if (field->zero_dates == NULL_POLICY_ERROR) {
        err->hint = "zero_dates: null turns zero and partial dates into NULL and counts them";
        return my_value_error(field, err, "a zero or partial date is no point in time");
    }
    wire->counts->zero_dates++;
    column_append_null(column);
    return true;
}

static unsigned
month_length(unsigned year, unsigned month)
{
    static const uint8_t LENGTHS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return LENGTHS[month - 1] + (month == 2 && is_leap ? 1U : 0U);
}

/* Proleptic Gregorian. The year is counted from March, so that a leap day comes last; 719468 days
 * lie between 0000-03-01 and 1970-01-01. */
static int32_t
days_of(const MyMoment *moment)
{
    int32_t year = (int32_t)moment->year - (moment->month <= 2);
    int32_t month = (int32_t)moment->month + (moment->month > 2 ? -3 : 9);
    int32_t era = (year >= 0 ? year : year - 399) / 400;
    int32_t year_of_era = year - era * 400;
    int32_t day_of_year = (153 * month + 2) / 5 + (int32_t)moment->day - 1;

    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719468;
}

static int64_t
time_us(const MyMoment *moment)
{
    int64_t seconds = ((int64_t)moment->hour * 60 + moment->minute) * 60 + moment->second;

    return seconds * US_PER_SECOND + moment->us;
}

/* The server keeps days that do not exist only where the table's owner allowed them. */
static bool
check_day(const MyField *field, const MyMoment *moment, Error *err)
{
    return LIKELY(moment->day <= month_length(moment->year, moment->month)) ||
           my_value_error(field, err, "a date does not exist in the calendar");
}

MY_DECODER(my_decode_date)
{
    MyMoment moment;

    if (UNLIKELY(!my_moment_load(MYSQL_TYPE_DATE, bytes, size_bytes, &moment)))
        return my_wire_broken(field, err);
    if (UNLIKELY(my_is_zero_date(&moment)))
        return my_take_zero_date(wire, field, column, err);
    if (!check_day(field, &moment, err))
        return false;
    column_append_i32(column, days_of(&moment));
    return true;
}

MY_DECODER(my_decode_timestamp)
{
    MyMoment moment;

    if (UNLIKELY(!my_moment_load(MYSQL_TYPE_DATETIME, bytes, size_bytes, &moment)))
        return my_wire_broken(field, err);
    if (UNLIKELY(my_is_zero_date(&moment)))
        return my_take_zero_date(wire, field, column, err);
    if (!check_day(field, &moment, err))
        return false;
    int32_t epoch_days = column->type->is_epoch_2000 ? RENDER_EPOCH_2000_DAYS : 0;
    column_append_i64(column, (days_of(&moment) - epoch_days) * US_PER_DAY + time_us(&moment));
    return true;
}

static bool
load_signed_time(const MyField *field, const uint8_t *bytes, size_t size_bytes, int64_t *us,
                 Error *err)
{
    MyMoment moment;

    if (!my_moment_load(MYSQL_TYPE_TIME, bytes, size_bytes, &moment))
        return my_wire_broken(field, err);
    *us = moment.is_negative ? -time_us(&moment) : time_us(&moment);
    return true;
}

MY_DECODER(my_decode_time)
{
    int64_t us = 0;

    (void)wire;
    if (!load_signed_time(field, bytes, size_bytes, &us, err))
        return false;
    if (us < 0 || us >= US_PER_DAY)
        return my_value_error(field, err, "a time lies outside one day");
    column_append_i64(column, us);
    return true;
}

MY_DECODER(my_decode_time_us)
{
    int64_t us = 0;

    (void)wire;
    if (!load_signed_time(field, bytes, size_bytes, &us, err))
        return false;
    column_append_i64(column, us);
    return true;
}

MY_DECODER(my_decode_time_text)
{
    char text[RENDER_MAX_BYTES];
    int64_t us = 0;

    (void)wire;
    if (!load_signed_time(field, bytes, size_bytes, &us, err))
        return false;
    return column_append_bytes(column, text, render_time(us, text), err);
}

MY_TEXT_WRITER(my_write_time)
{
    char text[RENDER_MAX_BYTES];
    int64_t us = 0;

    if (!load_signed_time(field, bytes, size_bytes, &us, err))
        return false;
    buffer_append(out, text, render_time(us, text));
    return true;
}

/* "2024-01-31 23:59:59.500", with as many digits as the column has. */
MY_TEXT_WRITER(my_write_moment)
{
    enum { FRACTION_DIGITS = 6 };
    MyMoment moment;

    if (!my_moment_load(field->wire_type, bytes, size_bytes, &moment))
        return my_wire_broken(field, err);
    buffer_append_format(out, "%04u-%02u-%02u", moment.year, moment.month, moment.day);
    if (field->wire_type == MYSQL_TYPE_DATE)
        return true;
    buffer_append_format(out, " %02u:%02u:%02u", moment.hour, moment.minute, moment.second);
    if (field->wire_decimals == 0)
        return true;
    buffer_append_format(out, ".%06u", moment.us);
    out->size -= FRACTION_DIGITS - size_min(field->wire_decimals, FRACTION_DIGITS);
    return true;
}

/* Digits up to the limit into *value; moves *at behind them. */
static bool
take_number(const char **at, unsigned limit, unsigned *value)
{
    const char *start = *at;

    *value = 0;
    for (; **at >= '0' && **at <= '9' && *value <= limit; ++*at)
        *value = *value * 10 + (unsigned)(**at - '0');
    return *at > start && *value <= limit;
}

static bool
take_char(const char **at, const char *any_of)
{
    if (**at == '\0' || strchr(any_of, **at) == NULL)
        return false;
    ++*at;
    return true;
}

static bool
take_fraction(const char **at, unsigned *us)
{
    int digits = 0;

    for (*us = 0; **at >= '0' && **at <= '9' && digits < 6; ++*at, digits++)
        *us = *us * 10 + (unsigned)(**at - '0');
    for (int i = digits; i < 6; i++)
        *us *= 10;
    return digits > 0;
}

static bool
take_time(const char **at, unsigned hour_limit, MyMoment *moment)
{
    if (!take_number(at, hour_limit, &moment->hour) || !take_char(at, ":") ||
        !take_number(at, 59, &moment->minute) || !take_char(at, ":") ||
        !take_number(at, 59, &moment->second))
        return false;
    return !take_char(at, ".") || take_fraction(at, &moment->us);
}

/* The canonical texts of render.h, and the server's own. */
bool
my_moment_parse(enum enum_field_types type, const char *text, MyMoment *moment)
{
    const char *at = text;

    *moment = (MyMoment){0};
    if (type == MYSQL_TYPE_TIME) {
        moment->is_negative = take_char(&at, "-");
        return take_time(&at, 838, moment) && *at == '\0';
    }
    if (!take_number(&at, 9999, &moment->year) || !take_char(&at, "-") ||
        !take_number(&at, 12, &moment->month) || !take_char(&at, "-") ||
        !take_number(&at, 31, &moment->day))
        return false;
    if (take_char(&at, "T ") && !take_time(&at, 23, moment))
        return false;
    (void)take_char(&at, "Z");
    return *at == '\0';
}
