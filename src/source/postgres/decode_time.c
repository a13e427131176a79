/* Dates count days, times and timestamps microseconds; both from 2000-01-01. The largest and the
 * smallest integer stand for the infinities. Source: date_send, timestamp_send, interval_send. */
#include "batch/render.h"
#include "source/postgres/bytes.h"
#include "source/postgres/decode.h"

#define US_PER_SECOND INT64_C(1000000)
#define US_PER_DAY    (INT64_C(86400) * US_PER_SECOND)
#define EPOCH_2000_US (RENDER_EPOCH_2000_DAYS * US_PER_DAY)

/* PostgreSQL's first and last finite values: 4714-11-24 BC; 5874897-12-31 and 294276-12-31. */
#define FIRST_DATE      (-2451545)
#define LAST_DATE       2145031948
#define FIRST_TIMESTAMP INT64_C(-211813488000000000)
#define LAST_TIMESTAMP  INT64_C(9223371331199999999)

/* What a clamp puts in place of an infinity: the first or last value of both the server's type and
 * the column's. */
static int64_t
nearest_end(const Type *type, bool is_positive)
{
    if (type->kind == TYPE_DATE)
        return (is_positive ? LAST_DATE : FIRST_DATE) + RENDER_EPOCH_2000_DAYS;
    if (type->is_epoch_2000)
        return is_positive ? LAST_TIMESTAMP : FIRST_TIMESTAMP;
    return is_positive ? INT64_MAX : FIRST_TIMESTAMP + EPOCH_2000_US;
}

bool
pg_decode_infinity(PgWire *wire, const PgField *field, bool is_positive, Column *column, Error *err)
{
    int64_t end = nearest_end(&field->type, is_positive);

    if (field->infinity == INFINITY_ERROR) {
        err->hint = "infinity: null or infinity: clamp replaces such values and counts them";
        return pg_value_error(field, err,
                              is_positive ? "infinity is no point in time"
                                          : "-infinity is no point in time");
    }
    wire->counts->infinity++;
    if (field->infinity == INFINITY_NULL)
        column_append_null(column);
    else if (column->storage == STORAGE_I32)
        column_append_i32(column, (int32_t)end);
    else
        column_append_i64(column, end);
    return true;
}

PG_DECODER(pg_decode_date)
{
    if (UNLIKELY(size_bytes != 4))
        return pg_wire_broken(field, err);
    int32_t days = load_i32(bytes);
    if (UNLIKELY(days == INT32_MAX || days == INT32_MIN))
        return pg_decode_infinity(wire, field, days > 0, column, err);
    if (UNLIKELY(__builtin_add_overflow(days, RENDER_EPOCH_2000_DAYS, &days)))
        return pg_wire_broken(field, err);
    column_append_i32(column, days);
    return true;
}

/* Columns for text count from 2000 like the wire: the last 30 years do not fit otherwise. */
PG_DECODER(pg_decode_timestamp)
{
    int64_t offset = field->type.is_epoch_2000 ? 0 : EPOCH_2000_US;

    if (UNLIKELY(size_bytes != 8))
        return pg_wire_broken(field, err);
    int64_t us = load_i64(bytes);
    if (UNLIKELY(us == INT64_MAX || us == INT64_MIN))
        return pg_decode_infinity(wire, field, us > 0, column, err);
    if (UNLIKELY(__builtin_add_overflow(us, offset, &us)))
        return pg_value_error(field, err,
                              "a timestamp lies after 294247-01-10, the last day of "
                              "microseconds in 64 bits");
    column_append_i64(column, us);
    return true;
}

PG_DECODER(pg_decode_time)
{
    (void)wire;
    if (UNLIKELY(size_bytes != 8))
        return pg_wire_broken(field, err);
    int64_t us = load_i64(bytes);
    if (UNLIKELY(us < 0 || us > US_PER_DAY))
        return pg_wire_broken(field, err);
    if (UNLIKELY(us == US_PER_DAY))
        return pg_value_error(field, err, "24:00:00 is no time within a day");
    column_append_i64(column, us);
    return true;
}

PG_DECODER(pg_decode_time_us)
{
    (void)wire;
    if (size_bytes != 8)
        return pg_wire_broken(field, err);
    column_append_i64(column, load_i64(bytes));
    return true;
}

PG_DECODER(pg_decode_time_text)
{
    char text[RENDER_MAX_BYTES];

    (void)wire;
    if (UNLIKELY(size_bytes != 8))
        return pg_wire_broken(field, err);
    int64_t us = load_i64(bytes);
    if (UNLIKELY(us < 0 || us > US_PER_DAY))
        return pg_wire_broken(field, err);
    return column_append_bytes(column, text, render_time(us, text), err);
}

/* ".5" for 500000, nothing for 0. */
static int
write_fraction(int64_t us, char *to)
{
    int length = snprintf(to, 8, ".%06d", (int)us);

    while (to[length - 1] == '0')
        length--;
    return us == 0 ? 0 : length;
}

/* The zone is seconds west of Greenwich; minutes and seconds appear only when there are any. */
static int
write_zone(int32_t seconds_west, char *to, size_t room)
{
    int64_t seconds = seconds_west < 0 ? -(int64_t)seconds_west : seconds_west;
    char sign = seconds_west <= 0 ? '+' : '-';
    int hours = (int)(seconds / 3600);
    int minutes = (int)(seconds / 60 % 60);

    if (seconds % 60 != 0)
        return snprintf(to, room, "%c%02d:%02d:%02d", sign, hours, minutes, (int)(seconds % 60));
    if (minutes != 0)
        return snprintf(to, room, "%c%02d:%02d", sign, hours, minutes);
    return snprintf(to, room, "%c%02d", sign, hours);
}

PG_DECODER(pg_decode_timetz_text)
{
    char text[64];

    (void)wire;
    if (size_bytes != 12)
        return pg_wire_broken(field, err);
    int64_t us = load_i64(bytes);
    if (us < 0 || us > US_PER_DAY)
        return pg_wire_broken(field, err);
    int64_t seconds = us / US_PER_SECOND;
    int length = snprintf(text, sizeof(text), "%02d:%02d:%02d", (int)(seconds / 3600),
                          (int)(seconds / 60 % 60), (int)(seconds % 60));
    length += write_fraction(us % US_PER_SECOND, text + length);
    length += write_zone(load_i32(bytes + 8), text + length, sizeof(text) - (size_t)length);
    return column_append_bytes(column, text, (size_t)length, err);
}

typedef struct Interval {
    int64_t us;
    int32_t days;
    int32_t months;
} Interval;

/* 0, or the sign of an infinite interval. */
static int
interval_infinity(const PgWire *wire, const Interval *interval)
{
    if (!wire->has_infinite_interval)
        return 0;
    if (interval->us == INT64_MAX && interval->days == INT32_MAX && interval->months == INT32_MAX)
        return 1;
    if (interval->us == INT64_MIN && interval->days == INT32_MIN && interval->months == INT32_MIN)
        return -1;
    return 0;
}

static bool
interval_open(const uint8_t *bytes, size_t size_bytes, Interval *interval)
{
    if (size_bytes != 16)
        return false;
    *interval = (Interval){load_i64(bytes), load_i32(bytes + 8), load_i32(bytes + 12)};
    return true;
}

static int
write_part(int64_t value, char unit, char *to, size_t room)
{
    return value == 0 ? 0 : snprintf(to, room, "%" PRId64 "%c", value, unit);
}

/* Seconds and their fraction share one sign: both come from one truncating division. */
static int
write_seconds(int64_t us, char *to, size_t room)
{
    char fraction[8];

    if (us == 0)
        return 0;
    int64_t magnitude = us < 0 ? -us : us;
    int length = write_fraction(magnitude % US_PER_SECOND, fraction);
    return snprintf(to, room, "%s%" PRId64 "%.*sS", us < 0 ? "-" : "", magnitude / US_PER_SECOND,
                    length, fraction);
}

/* P1Y2M3DT4H5M6.7S, each component with its own sign, as IntervalStyle iso_8601 prints it. */
static size_t
write_interval(const Interval *interval, char *to, size_t room)
{
    size_t at = 0;

    if (interval->us == 0 && interval->days == 0 && interval->months == 0)
        return (size_t)snprintf(to, room, "PT0S");
    to[at++] = 'P';
    at += (size_t)write_part(interval->months / 12, 'Y', to + at, room - at);
    at += (size_t)write_part(interval->months % 12, 'M', to + at, room - at);
    at += (size_t)write_part(interval->days, 'D', to + at, room - at);
    if (interval->us != 0)
        to[at++] = 'T';
    at += (size_t)write_part(interval->us / (3600 * US_PER_SECOND), 'H', to + at, room - at);
    at += (size_t)write_part(interval->us / (60 * US_PER_SECOND) % 60, 'M', to + at, room - at);
    at += (size_t)write_seconds(interval->us % (60 * US_PER_SECOND), to + at, room - at);
    return at;
}

PG_DECODER(pg_decode_interval_text)
{
    Interval interval;
    char text[128];

    if (!interval_open(bytes, size_bytes, &interval))
        return pg_wire_broken(field, err);
    int infinity = interval_infinity(wire, &interval);
    if (infinity != 0) {
        const char *word = infinity > 0 ? "infinity" : "-infinity";
        return column_append_bytes(column, word, strlen(word), err);
    }
    return column_append_bytes(column, text, write_interval(&interval, text, sizeof(text)), err);
}

/* A day is 24 hours here, as it is when PostgreSQL compares intervals; a month is no duration. */
PG_DECODER(pg_decode_interval_us)
{
    Interval interval;
    int64_t us;

    if (!interval_open(bytes, size_bytes, &interval))
        return pg_wire_broken(field, err);
    if (interval_infinity(wire, &interval) != 0)
        return pg_value_error(field, err, "infinity is no number of microseconds");
    if (interval.months != 0)
        return pg_value_error(field, err, "months and years have no fixed length");
    if (__builtin_mul_overflow(interval.days, US_PER_DAY, &us) ||
        __builtin_add_overflow(us, interval.us, &us))
        return pg_value_error(field, err, "an interval exceeds microseconds in 64 bits");
    column_append_i64(column, us);
    return true;
}

PG_DECODER(pg_decode_interval_time)
{
    Interval interval;

    (void)wire;
    if (!interval_open(bytes, size_bytes, &interval))
        return pg_wire_broken(field, err);
    if (interval.months != 0 || interval.days != 0 || interval.us < 0 || interval.us >= US_PER_DAY)
        return pg_value_error(field, err, "an interval is no time within a day");
    column_append_i64(column, interval.us);
    return true;
}
