#include "batch/render.h"

#include "batch/render_digits.h"

static const uint64_t POWERS_OF_TEN[] = {
    1,
    10,
    100,
    1000,
    10000,
    100000,
    1000000,
    10000000,
    100000000,
    1000000000,
    10000000000,
    100000000000,
    1000000000000,
    10000000000000,
    100000000000000,
    1000000000000000,
    10000000000000000,
    100000000000000000,
    1000000000000000000,
    10000000000000000000U,
};

/* 1233 / 4096 is log10(2) closely enough for 64 bits: the guess is right or one too low. */
static size_t
count_digits(uint64_t value)
{
    size_t bits = 64 - (size_t)__builtin_clzll(value | 1);
    size_t guess = bits * 1233 >> 12;

    return guess + (value >= POWERS_OF_TEN[guess] || value == 0);
}

size_t
render_uint64(uint64_t value, char *to)
{
    size_t length = count_digits(value);
    char *at = to + length;

    while (value >= 100) {
        at -= 2;
        render_two_digits((unsigned)(value % 100), at);
        value /= 100;
    }
    if (value >= 10)
        render_two_digits((unsigned)value, to);
    else
        *to = (char)('0' + value);
    return length;
}

size_t
render_int64(int64_t value, char *to)
{
    if (value >= 0)
        return render_uint64((uint64_t)value, to);
    *to = '-';
    return 1 + render_uint64(0 - (uint64_t)value, to + 1);
}

/* Exactly `width` digits, zeros in front. */
static void
render_padded(uint64_t value, size_t width, char *to)
{
    char digits[RENDER_UINT64_BYTES];
    size_t length = render_uint64(value, digits);

    memset(to, '0', width - length);
    memcpy(to + width - length, digits, length);
}

/* An Int128 has up to 39 digits: three groups, the lower two of 18. */
static size_t
render_uint128(UInt128 value, char *to)
{
    enum { GROUP_DIGITS = 18 };
    const uint64_t group = POWERS_OF_TEN[GROUP_DIGITS];
    UInt128 high = value / group;
    size_t length;

    if (value <= UINT64_MAX)
        return render_uint64((uint64_t)value, to);
    if (high <= UINT64_MAX) {
        length = render_uint64((uint64_t)high, to);
    } else {
        length = render_uint64((uint64_t)(high / group), to);
        render_padded((uint64_t)(high % group), GROUP_DIGITS, to + length);
        length += GROUP_DIGITS;
    }
    render_padded((uint64_t)(value % group), GROUP_DIGITS, to + length);
    return length + GROUP_DIGITS;
}

size_t
render_decimal(Int128 unscaled, int scale, char *to)
{
    char digits[RENDER_UINT128_BYTES];
    char *at = to;
    size_t fraction = (size_t)scale;
    UInt128 magnitude = unscaled < 0 ? 0 - (UInt128)unscaled : (UInt128)unscaled;
    size_t length = render_uint128(magnitude, digits);

    if (unscaled < 0)
        *at++ = '-';
    if (length <= fraction) {
        size_t zeros = fraction - length;
        *at++ = '0';
        *at++ = '.';
        memset(at, '0', zeros);
        at += zeros;
        memcpy(at, digits, length);
        return (size_t)(at + length - to);
    }
    size_t whole = length - fraction;
    memcpy(at, digits, whole);
    at += whole;
    if (fraction > 0) {
        *at++ = '.';
        memcpy(at, digits + whole, fraction);
        at += fraction;
    }
    return (size_t)(at - to);
}
