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

/* "Z", "UTC", "+02:00" or "+0200". */
static bool
parse_zone(const char *text, int *offset_s)
{
    size_t length = strlen(text);

    *offset_s = 0;
    if (strcmp(text, "Z") == 0 || strcmp(text, "UTC") == 0)
        return true;
    if ((text[0] != '+' && text[0] != '-') || (length != 5 && !(length == 6 && text[3] == ':')) ||
        strspn(text + 1, "0123456789") < 2)
        return false;
    const char *minutes = text + length - 2;
    if (strspn(minutes, "0123456789") != 2)
        return false;
    *offset_s = (int)(strtol(text + 1, NULL, 10) / (length == 5 ? 100 : 1) * 3600 +
                      strtol(minutes, NULL, 10) * 60);
    if (text[0] == '-')
        *offset_s = -*offset_s;
    return true;
}

bool
clock_parse_rfc3339(const char *text, int64_t *at_us)
{
    struct tm local = {0};
    int64_t us = 0;
    int offset_s = 0;

    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &local);
    if (rest == NULL)
        return false;
    if (*rest == '.') {
        rest++;
        for (int64_t unit = 100000; *rest >= '0' && *rest <= '9'; rest++, unit /= 10)
            us += (*rest - '0') * unit;
    }
    if (!parse_zone(rest, &offset_s))
        return false;
    *at_us = ((int64_t)timegm(&local) - offset_s) * 1000000 + us;
    return true;
}
