/* pools.h: words that more than one table draws from. */
#ifndef SEED_POOLS_H
#define SEED_POOLS_H

#include "random.h"
#include "row.h"

#include <stdint.h>

enum { SECONDS_PER_DAY = 86400 };

/* Midnights, seconds since 1970. */
#define YEAR_2022_S INT64_C(1640995200)
#define YEAR_2023_S INT64_C(1672531200)
#define YEAR_2025_S INT64_C(1735689600)

typedef struct Person {
    const char *first;
    const char *last;
} Person;

Person person_pick(Random *random);

/* Append the name, or "first.last<number>@domain" in lower case, which number makes unique. */
void person_name(Row *row, Person person);
void person_email(Row *row, Random *random, Person person, uint64_t number);

/* Append the address to the text under construction, without ending the cell. */
void person_append_email(Row *row, Random *random, Person person, uint64_t number);

/* Append an address of one of the private networks. */
void pool_ip_address(Row *row, Random *random);

/* A uniform second of from … until, until excluded. */
int64_t pool_second(Random *random, int64_t from_s, int64_t until_s);

/* Uniform seconds of 0 … days, both included. */
int64_t pool_days(Random *random, int64_t days);

#endif
