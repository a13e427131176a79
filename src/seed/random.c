#include "random.h"

#include <math.h>

/* The finaliser of splitmix64: neighbouring inputs give unrelated outputs. */
static uint64_t
mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

Random
random_stream(uint64_t seed, uint64_t table, uint64_t unit)
{
    return (Random){mix(mix(mix(seed) + table) + unit)};
}

uint64_t
random_next(Random *random)
{
    random->state += UINT64_C(0x9e3779b97f4a7c15);
    return mix(random->state);
}

/* Uniform below bound, by the high half of the product. The bias is bound / 2^32 at most: no test
 * of ours can see it, and one draw per value keeps the stream simple. */
static uint32_t
below(Random *random, uint32_t bound)
{
    return (uint32_t)(((random_next(random) >> 32) * bound) >> 32);
}

int64_t
random_between(Random *random, int64_t low, int64_t high)
{
    return low + below(random, (uint32_t)(high - low + 1));
}

bool
random_chance(Random *random, int percent)
{
    return below(random, 100) < (uint32_t)percent;
}

const char *
random_pick(Random *random, const char *const *texts, size_t count)
{
    return texts[below(random, (uint32_t)count)];
}

/* Uniform in (0, 1]. */
static double
unit_interval(Random *random)
{
    return ((double)(random_next(random) >> 11) + 1.0) * 0x1.0p-53;
}

/* Knuth's method multiplies until exp(-mean) is passed, which needs a mean whose exp is no
 * denormal number. Poisson variates add up, so a large mean is drawn in pieces. */
static uint64_t
poisson_piece(Random *random, double mean)
{
    double limit = exp(-mean);
    double product = unit_interval(random);
    uint64_t count = 0;

    while (product > limit) {
        product *= unit_interval(random);
        count++;
    }
    return count;
}

uint64_t
random_poisson(Random *random, uint64_t mean)
{
    const uint64_t piece = 100;
    uint64_t count = 0;

    for (; mean > piece; mean -= piece)
        count += poisson_piece(random, (double)piece);
    return mean == 0 ? count : count + poisson_piece(random, (double)mean);
}
