/* Floats against the C library, and the power table against exact arithmetic. */
#include "../test.h"

#include "batch/render_float.c" /* power_of_ten is static */

enum { LIMBS = 64 }; /* 2048 bits, 32 a limb, lowest first */

typedef struct Big {
    uint32_t limb[LIMBS];
} Big;

static void
big_multiply(Big *big, uint32_t factor)
{
    uint64_t carry = 0;

    for (size_t i = 0; i < LIMBS; i++) {
        carry += (uint64_t)big->limb[i] * factor;
        big->limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

static bool
big_divide(Big *big, uint32_t divisor)
{
    uint64_t rest = 0;

    for (size_t i = LIMBS; i-- > 0;) {
        rest = rest << 32 | big->limb[i];
        big->limb[i] = (uint32_t)(rest / divisor);
        rest %= divisor;
    }
    return rest != 0;
}

/* The first 128 bits, one more when anything follows them. */
static UInt128
big_top(const Big *big, bool has_rest)
{
    size_t bit = (size_t)LIMBS * 32;
    UInt128 top = 0;

    while ((big->limb[(bit - 1) / 32] >> (bit - 1) % 32 & 1) == 0)
        bit--;
    for (int i = 0; i < 128; i++) {
        top <<= 1;
        if (bit > 0) {
            bit--;
            top |= big->limb[bit / 32] >> bit % 32 & 1;
        }
    }
    for (; bit > 0 && !has_rest; bit--)
        has_rest = (big->limb[(bit - 1) / 32] >> (bit - 1) % 32 & 1) != 0;
    return top + has_rest;
}

static void
powers_of_ten_are_exact(void **state)
{
    Big up = {{1}};
    Big down = {{0}};
    bool has_rest = false;
    (void)state;

    for (int exponent = 0; exponent <= 324; exponent++) {
        if (power_of_ten(exponent) != big_top(&up, false))
            fail_msg("10^%d", exponent);
        big_multiply(&up, 10);
    }
    down.limb[LIMBS - 1] = UINT32_C(1) << 31;
    for (int exponent = 0; exponent >= -292; exponent--) {
        if (power_of_ten(exponent) != big_top(&down, has_rest))
            fail_msg("10^%d", exponent);
        has_rest |= big_divide(&down, 10);
    }
}

static uint64_t
next_random(uint64_t *seed)
{
    uint64_t z = *seed += UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

/* Significant digits of a plain text, without sign, point and outer zeros. */
static size_t
significant_digits(const char *text, char *digits)
{
    size_t count = 0;

    for (; *text != '\0'; text++) {
        if (*text >= '0' && *text <= '9' && (count > 0 || *text != '0'))
            digits[count++] = *text;
    }
    while (count > 1 && digits[count - 1] == '0')
        count--;
    digits[count] = '\0';
    return count;
}

/* Mixes all magnitudes with values that look like measurements. */
static double
random_double(uint64_t *seed)
{
    uint64_t bits = next_random(seed);
    double value;

    switch (next_random(seed) % 4) {
    case 0:
        return (double)(int64_t)bits / 1e4;
    case 1:
        return (double)(bits % 1000000) / 1000;
    default:
        memcpy(&value, &bits, sizeof(value));
        return value - value == 0 ? value : 1.0;
    }
}

static void
random_doubles_read_back_equal(void **state)
{
    uint64_t seed = 1;
    char text[RENDER_MAX_BYTES];
    (void)state;

    for (int i = 0; i < 1000000; i++) {
        double value = random_double(&seed);
        text[render_double(value, text)] = '\0';
        double back = strtod(text, NULL);
        if (memcmp(&back, &value, sizeof(value)) != 0 || strpbrk(text, "eE+") != NULL)
            fail_msg("%a became %s", value, text);
    }
}

/* One digit less does not read back, and of those with as many digits ours is the closest. */
static void
random_doubles_are_shortest(void **state)
{
    uint64_t seed = 2;
    char text[RENDER_MAX_BYTES], digits[RENDER_MAX_BYTES];
    char nearest[64], nearest_digits[64];
    (void)state;

    for (int i = 0; i < 100000; i++) {
        double value = random_double(&seed);
        text[render_double(value, text)] = '\0';
        size_t count = significant_digits(text, digits);
        snprintf(nearest, sizeof(nearest), "%.*e", (int)count - 1, value);
        *strchr(nearest, 'e') = '\0';
        significant_digits(nearest, nearest_digits);
        if (strcmp(digits, nearest_digits) != 0)
            fail_msg("%a became %s, nearest is %s", value, text, nearest);
        if (count == 1)
            continue;
        snprintf(nearest, sizeof(nearest), "%.*e", (int)count - 2, value);
        if (strtod(nearest, NULL) == value)
            fail_msg("%a became %s, %s is shorter", value, text, nearest);
    }
}

static void
floats_read_back_equal_and_shortest(void **state)
{
    char text[RENDER_MAX_BYTES], digits[RENDER_MAX_BYTES];
    char shorter[64];
    (void)state;

    /* A stride that is odd and no round number meets every exponent with varied fractions. */
    for (uint64_t bits = 1; bits < UINT32_MAX; bits += 4231) {
        uint32_t word = (uint32_t)bits;
        float value;
        memcpy(&value, &word, sizeof(value));
        if (value - value != 0)
            continue;
        text[render_float(value, text)] = '\0';
        float back = strtof(text, NULL);
        if (memcmp(&back, &value, sizeof(value)) != 0)
            fail_msg("%a became %s", (double)value, text);
        size_t count = significant_digits(text, digits);
        if (count == 1)
            continue;
        snprintf(shorter, sizeof(shorter), "%.*e", (int)count - 2, (double)value);
        if (strtof(shorter, NULL) == value)
            fail_msg("%a became %s, %s is shorter", (double)value, text, shorter);
    }
}

static void
powers_of_two_read_back_equal(void **state)
{
    char text[RENDER_MAX_BYTES];
    (void)state;

    for (uint64_t exponent = 0; exponent < 2047; exponent++) {
        for (uint64_t fraction = 0; fraction < 3; fraction++) {
            uint64_t bits = (exponent << 52) + fraction - (exponent > 0);
            double value, back;
            memcpy(&value, &bits, sizeof(value));
            text[render_double(value, text)] = '\0';
            back = strtod(text, NULL);
            if (memcmp(&back, &value, sizeof(value)) != 0)
                fail_msg("%a became %s", value, text);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(powers_of_ten_are_exact),
        cmocka_unit_test(random_doubles_read_back_equal),
        cmocka_unit_test(random_doubles_are_shortest),
        cmocka_unit_test(floats_read_back_equal_and_shortest),
        cmocka_unit_test(powers_of_two_read_back_equal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
