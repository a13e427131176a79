#include "util/clock.h"

#include <time.h>

int64_t
clock_now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t
clock_monotonic_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static struct tm
utc_of(int64_t at_us)
{
    time_t seconds = (time_t)(at_us / 1000000);
    struct tm utc;

    gmtime_r(&seconds, &utc);
    return utc;
}

void
clock_format_rfc3339(int64_t at_us, char text[CLOCK_TEXT_BYTES])
{
    struct tm utc = utc_of(at_us);

    size_t length = strftime(text, CLOCK_TEXT_BYTES, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(text + length, CLOCK_TEXT_BYTES - length, ".%06d+00:00", (int)(at_us % 1000000));
}

void
clock_format_log(int64_t at_us, char text[CLOCK_TEXT_BYTES])
{
    struct tm utc = utc_of(at_us);

    strftime(text, CLOCK_TEXT_BYTES, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

void
clock_format_run_id(int64_t at_us, char text[CLOCK_TEXT_BYTES])
{
    struct tm utc = utc_of(at_us);

    size_t length = strftime(text, CLOCK_TEXT_BYTES, "%Y%m%dT%H%M%S", &utc);
    snprintf(text + length, CLOCK_TEXT_BYTES - length, ".%03d", (int)(at_us % 1000000 / 1000));
}

void
clock_format_stamp(int64_t at_us, char text[CLOCK_TEXT_BYTES])
{
    struct tm utc = utc_of(at_us);

    strftime(text, CLOCK_TEXT_BYTES, "%Y%m%d_%H%M%S", &utc);
}

bool
clock_parse_rfc3339(const char *text, int64_t *at_us)
{
    struct tm utc = {0};
    char *end = NULL;

    const char *fraction = strptime(text, "%Y-%m-%dT%H:%M:%S", &utc);
    if (fraction == NULL || *fraction != '.')
        return false;
    long us = strtol(fraction + 1, &end, 10);
    if (end != fraction + 7 || us < 0 || strcmp(end, "+00:00") != 0)
        return false;
    *at_us = (int64_t)timegm(&utc) * 1000000 + us;
    return true;
}
