#include "pools.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const FIRST_NAMES[] = {
    "Ada",   "Alan",  "Amir", "Anna",  "Boris", "Carla", "Chen",  "Clara", "Dana",  "David",
    "Diego", "Elena", "Emil", "Erik",  "Eva",   "Farah", "Felix", "Fiona", "Gina",  "Hana",
    "Henry", "Hugo",  "Ida",  "Igor",  "Ines",  "Ivan",  "Jana",  "Jonas", "Julia", "Kai",
    "Kofi",  "Laura", "Leo",  "Lina",  "Lucas", "Maria", "Mei",   "Mila",  "Nadia", "Noah",
    "Olga",  "Omar",  "Paul", "Petra", "Rosa",  "Samir", "Sofia", "Tomas", "Vera",  "Yuki",
};

static const char *const LAST_NAMES[] = {
    "Abbott", "Adler",  "Baker",  "Barnes", "Becker", "Berg",   "Blum",   "Brandt", "Brown",
    "Castro", "Cole",   "Costa",  "Cruz",   "Dietz",  "Duarte", "Ebert",  "Evans",  "Fischer",
    "Ford",   "Fuchs",  "Garcia", "Grant",  "Hahn",   "Hayes",  "Hoffer", "Ito",    "Jensen",
    "Keller", "Kim",    "Klein",  "Kovacs", "Lang",   "Larsen", "Lopez",  "Meyer",  "Miller",
    "Moreau", "Nilsen", "Novak",  "Okafor", "Olsen",  "Park",   "Perez",  "Reid",   "Rossi",
    "Sato",   "Silva",  "Stone",  "Vogel",  "Weber",
};

static const char *const DOMAINS[] = {
    "example.com",      "example.org",      "example.net",      "mail.example.com",
    "mail.example.org", "post.example.net", "team.example.com", "shop.example.org",
    "news.example.net", "test.example.com",
};

Person
person_pick(Random *random)
{
    Person person;
    person.first = RANDOM_PICK(random, FIRST_NAMES);
    person.last = RANDOM_PICK(random, LAST_NAMES);
    return person;
}

void
person_name(Row *row, Person person)
{
    row_format(row, "%s %s", person.first, person.last);
}

static void
append_lower(Row *row, const char *text)
{
    char lower[32];
    size_t length = 0;

    /* The names are plain ASCII letters. */
    for (; text[length] != '\0' && length < sizeof(lower); length++)
        lower[length] = (char)(text[length] | 0x20);
    row_append(row, lower, length);
}

void
person_append_email(Row *row, Random *random, Person person, uint64_t number)
{
    char tail[64];
    int length =
        snprintf(tail, sizeof(tail), "%" PRIu64 "@%s", number, RANDOM_PICK(random, DOMAINS));

    append_lower(row, person.first);
    row_append(row, ".", 1);
    append_lower(row, person.last);
    row_append(row, tail, (size_t)length);
}

void
person_email(Row *row, Random *random, Person person, uint64_t number)
{
    person_append_email(row, random, person, number);
    row_end_text(row);
}

void
pool_ip_address(Row *row, Random *random)
{
    int kind = (int)random_between(random, 0, 3);
    int second = (int)random_between(random, 0, 255);
    int third = (int)random_between(random, 0, 255);
    int fourth = (int)random_between(random, 1, 254);

    if (kind < 2)
        row_format(row, "192.168.%d.%d", third, fourth);
    else if (kind == 2)
        row_format(row, "10.%d.%d.%d", second, third, fourth);
    else
        row_format(row, "172.%d.%d.%d", 16 + second % 16, third, fourth);
}

int64_t
pool_second(Random *random, int64_t from_s, int64_t until_s)
{
    return random_between(random, from_s, until_s - 1);
}

int64_t
pool_days(Random *random, int64_t days)
{
    return random_between(random, 0, days * SECONDS_PER_DAY);
}
