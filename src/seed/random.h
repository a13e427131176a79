/* random.h: random numbers that are the same on every machine.
 *
 * Every unit of a table (a user, a page view) has a stream of its own, named by seed, table and
 * unit. So a row does not depend on how many rows come before it, on the batch size, or on the
 * other tables. */
#ifndef SEED_RANDOM_H
#define SEED_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Random {
    uint64_t state;
} Random;

Random random_stream(uint64_t seed, uint64_t table, uint64_t unit);

uint64_t random_next(Random *random);

/* Uniform in low … high, both included; low <= high. */
int64_t random_between(Random *random, int64_t low, int64_t high);

/* True in percent of 100 cases. */
bool random_chance(Random *random, int percent);

/* One of count texts, all equally likely. */
const char *random_pick(Random *random, const char *const *texts, size_t count);
#define RANDOM_PICK(random, texts) random_pick(random, texts, sizeof(texts) / sizeof((texts)[0]))

/* A Poisson variate; the average is mean. */
uint64_t random_poisson(Random *random, uint64_t mean);

#endif
