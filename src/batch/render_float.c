/* Shortest text of a binary float.
 *
 * The digits come from Schubfach (Raffaello Giulietti, "The Schubfach way to render doubles"): of
 * all decimals that read back as v, one with the fewest digits, and of those the closest to v. One
 * multiplication by a 128-bit power of ten tells where the neighbours' midpoints lie; rounding to
 * odd keeps the comparison exact. Float and double share it, a float is only shorter.
 *
 * Nothing here asks the locale or the C library's printf. */
#include "batch/render.h"

#include "batch/render_digits.h"

enum { STEP = 27, FIRST_STEP = -11, DOUBLE_FRACTION_BITS = 52, FLOAT_FRACTION_BITS = 23 };

/* 10^(27 × (row - 11)): the first 192 bits, top bit set, cut. */
static const struct {
    uint64_t high, middle, low;
} STEPS[] = {
    {0xA76C582338ED2621, 0xAF2AF2B80AF6F24E, 0x657C8F4D43323A36}, /* 10^-297 */
    {0x873E4F75E2224E68, 0x5A7744A6E804A291, 0xCC35EDDFCF0996D7},
    {0xDA7F5BF590966848, 0xAF39A475506A899E, 0xA30294CC2934E662},
    {0xB080392CC4349DEC, 0xBD8D794D96AACFB3, 0xFE13A5C86AF64418},
    {0x8E938662882AF53E, 0x547EB47B7282EE9C, 0x41B0230E1421487D},
    {0xE65829B3046B0AFA, 0x0CB4A5A3112A5112, 0xA3B561B1CB208396},
    {0xBA121A4650E4DDEB, 0x92F34D62616CE413, 0x21A0183E10583CD3},
    {0x964E858C91BA2655, 0x3A6A07F8D510F86F, 0xE9082F25E9C5E9EC},
    {0xF2D56790AB41C2A2, 0xFAE27299423FB9C3, 0x3695DAD7E8858901},
    {0xC428D05AA4751E4C, 0xAA97E14C3C26B886, 0x96842DC95323F5A8},
    {0x9E74D1B791E07E48, 0x775EA264CF55347D, 0xCA49F1C05120C9C7},
    {0x8000000000000000, 0x0000000000000000, 0x0000000000000000}, /* 10^0 */
    {0xCECB8F27F4200F3A, 0x0000000000000000, 0x0000000000000000},
    {0xA70C3C40A64E6C51, 0x999090B65F67D924, 0x0000000000000000},
    {0x86F0AC99B4E8DAFD, 0x69A028BB3DED71A3, 0xDF9F915627C04E28},
    {0xDA01EE641A708DE9, 0xE80E6F4820CC9495, 0xD74BAAD03BC1D8D3},
    {0xB01AE745B101E9E4, 0x5EC05DCFF72E7F8F, 0xC04C79FFE324301F},
    {0x8E41ADE9FBEBC27D, 0x14588F13BE847307, 0x23BD6A2059C002F5},
    {0xE5D3EF282A242E81, 0x8F1668C8A86DA5FA, 0xF0B5CCF5176ECC7C},
    {0xB9A74A0637CE2EE1, 0x6D953E2BD7173692, 0x88EFB0037AC08BDE},
    {0x95F83D0A1FB69CD9, 0x4ABDAF101564F98E, 0x0D5A4AF7B3A98E47},
    {0xF24A01A73CF2DCCF, 0xBC633B39673C8CEC, 0x3D9C44CD2F36917C},
    {0xC3B8358109E84F07, 0x0A862F80EC4700C8, 0x02606EA01029DC37},
    {0x9E19DB92B4E31BA9, 0x6C07A2C26A8346D1, 0x4944D9F52CD0DEC2}, /* 10^324 */
};

static const uint64_t POWERS_OF_FIVE[STEP] = {
    1,
    5,
    25,
    125,
    625,
    3125,
    15625,
    78125,
    390625,
    1953125,
    9765625,
    48828125,
    244140625,
    1220703125,
    6103515625,
    30517578125,
    152587890625,
    762939453125,
    3814697265625,
    19073486328125,
    95367431640625,
    476837158203125,
    2384185791015625,
    11920928955078125,
    59604644775390625,
    298023223876953125,
    1490116119384765625,
};

/* digits × 10^exponent, no trailing zero in digits. */
typedef struct Decimal {
    uint64_t digits;
    int exponent;
} Decimal;

/* fraction × 2^exponent, as IEEE 754 stores it. */
typedef struct Binary {
    uint64_t fraction;
    int exponent;
    bool is_power_of_two; /* the lower neighbour is half as far away as the upper one */
} Binary;

/* 10^exponent rounded up to 128 bits, top bit set. A full table would be 617 rows; each of them
 * comes out of a step and a power of five to the last bit (checked against exact arithmetic in the
 * unit test). */
static UInt128
power_of_ten(int exponent)
{
    int step = (exponent - FIRST_STEP * STEP) / STEP;
    uint64_t five = POWERS_OF_FIVE[exponent - (step + FIRST_STEP) * STEP];

    five <<= __builtin_clzll(five);
    UInt128 low = (UInt128)STEPS[step].low * five;
    UInt128 middle = (UInt128)STEPS[step].middle * five + (uint64_t)(low >> 64);
    UInt128 high = (UInt128)STEPS[step].high * five + (uint64_t)(middle >> 64);
    uint64_t tail = (uint64_t)middle;
    bool has_more = (uint64_t)low != 0;

    if (high >> 127 == 0) {
        high = high << 1 | tail >> 63;
        tail <<= 1;
    }
    return high + (tail != 0 || has_more);
}

/* Bits [128, 192) of power × factor, the last one set when anything follows. power is at most one
 * unit too high, which adds less than 2 to the next 64 bits: hence the comparison with 1. */
static uint64_t
multiply_to_odd(UInt128 power, uint64_t factor)
{
    UInt128 low = (UInt128)(uint64_t)power * factor;
    UInt128 high = (power >> 64) * factor + (uint64_t)(low >> 64);

    return (uint64_t)(high >> 64) | ((uint64_t)high > 1);
}

static Decimal
strip_zeros(uint64_t digits, int exponent)
{
    while (digits % 100000000 == 0) {
        digits /= 100000000;
        exponent += 8;
    }
    while (digits % 10 == 0) {
        digits /= 10;
        exponent++;
    }
    return (Decimal){digits, exponent};
}

/* v lies between lower and upper; everything is in quarters of a unit 10^k. */
static Decimal
shortest_decimal(Binary v)
{
    bool is_odd = (v.fraction & 1) != 0;
    /* k = floor(log10(2^q)), of 3/4 × 2^q for a power of two; then floor(log2(10^-k)). */
    int k = (v.exponent * 1262611 - (v.is_power_of_two ? 524031 : 0)) >> 22;
    int shift = v.exponent + ((-k * 1741647) >> 19) + 1;
    UInt128 power = power_of_ten(-k);
    uint64_t quarters = 4 * v.fraction;
    uint64_t below = quarters - (v.is_power_of_two ? 1 : 2);
    uint64_t lower = multiply_to_odd(power, below << shift) + is_odd;
    uint64_t middle = multiply_to_odd(power, quarters << shift);
    uint64_t upper = multiply_to_odd(power, (quarters + 2) << shift) - is_odd;
    uint64_t unit = middle / 4;

    if (unit >= 10) {
        uint64_t tens = unit / 10;
        bool is_low_inside = lower <= 40 * tens;
        bool is_high_inside = 40 * tens + 40 <= upper;
        if (is_low_inside != is_high_inside)
            return strip_zeros(tens + is_high_inside, k + 1);
    }
    bool is_low_inside = lower <= 4 * unit;
    bool is_high_inside = 4 * unit + 4 <= upper;
    if (is_low_inside != is_high_inside)
        return strip_zeros(unit + is_high_inside, k);
    uint64_t half = 4 * unit + 2;
    bool is_up = middle > half || (middle == half && (unit & 1) != 0);
    return strip_zeros(unit + is_up, k);
}

static size_t
render_plain(Decimal value, char *to)
{
    char digits[RENDER_UINT64_BYTES];
    size_t length = render_uint64(value.digits, digits);

    if (value.exponent >= 0) {
        memcpy(to, digits, length);
        memset(to + length, '0', (size_t)value.exponent);
        return length + (size_t)value.exponent;
    }
    size_t fraction = (size_t)-value.exponent;
    if (length > fraction) {
        size_t whole = length - fraction;
        memcpy(to, digits, whole);
        to[whole] = '.';
        memcpy(to + whole + 1, digits + whole, fraction);
        return length + 1;
    }
    to[0] = '0';
    to[1] = '.';
    memset(to + 2, '0', fraction - length);
    memcpy(to + 2 + fraction - length, digits, length);
    return 2 + fraction;
}

static Binary
split_binary(uint64_t fraction, int biased_exponent, int fraction_bits, int bias)
{
    if (biased_exponent == 0)
        return (Binary){fraction, 1 - bias - fraction_bits, false};
    return (Binary){
        .fraction = fraction | UINT64_C(1) << fraction_bits,
        .exponent = biased_exponent - bias - fraction_bits,
        .is_power_of_two = fraction == 0 && biased_exponent > 1,
    };
}

static size_t
put_word(const char *word, char *to)
{
    size_t length = 0;

    for (; word[length] != '\0'; length++)
        to[length] = word[length];
    return length;
}

/* NaN, infinities and whole numbers that the format holds exactly; 0 when value is none of them. */
static size_t
render_easy_double(double value, double exact_limit, char *to)
{
    if (value != value)
        return put_word("NaN", to);
    if (value > -exact_limit && value < exact_limit) {
        int64_t whole = (int64_t)value;
        if ((double)whole != value)
            return 0;
        if (whole == 0 && __builtin_signbit(value))
            return put_word("-0", to);
        return render_int64(whole, to);
    }
    if (value == __builtin_inf())
        return put_word("inf", to);
    if (value == -__builtin_inf())
        return put_word("-inf", to);
    return 0;
}

size_t
render_double(double value, char *to)
{
    uint64_t bits;
    size_t length = render_easy_double(value, 0x1p53, to);

    if (length > 0)
        return length;
    memcpy(&bits, &value, sizeof(bits));
    size_t sign = bits >> 63;
    to[0] = '-';
    uint64_t fraction = bits & ((UINT64_C(1) << DOUBLE_FRACTION_BITS) - 1);
    int exponent = (int)(bits >> DOUBLE_FRACTION_BITS & 0x7FF);
    Binary binary = split_binary(fraction, exponent, DOUBLE_FRACTION_BITS, 1023);
    return sign + render_plain(shortest_decimal(binary), to + sign);
}

size_t
render_float(float value, char *to)
{
    uint32_t bits;
    size_t length = render_easy_double(value, 0x1p24, to);

    if (length > 0)
        return length;
    memcpy(&bits, &value, sizeof(bits));
    size_t sign = bits >> 31;
    to[0] = '-';
    uint64_t fraction = bits & ((UINT32_C(1) << FLOAT_FRACTION_BITS) - 1);
    int exponent = (int)(bits >> FLOAT_FRACTION_BITS & 0xFF);
    Binary binary = split_binary(fraction, exponent, FLOAT_FRACTION_BITS, 127);
    return sign + render_plain(shortest_decimal(binary), to + sign);
}
