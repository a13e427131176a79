/* rivet-seed: fills the development tables of PostgreSQL and MySQL with repeatable data. */
#include "options.h"
#include "seed.h"
#include "writer.h"

#include <stdio.h>
#include <string.h>

enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

static const struct {
    const char *name;
    Target target;
} DATABASES[] = {
    {"postgres", TARGET_POSTGRES},
    {"mysql", TARGET_MYSQL},
};

enum { DATABASE_COUNT = sizeof(DATABASES) / sizeof(DATABASES[0]) };

static const WriterDriver *
find_driver(const char *name)
{
    for (size_t i = 0; WRITER_DRIVERS[i] != NULL; i++) {
        if (strcmp(WRITER_DRIVERS[i]->name, name) == 0)
            return WRITER_DRIVERS[i];
    }
    return NULL;
}

/* The drivers to run, in order. Nothing is seeded unless every database that was asked for by name
 * can be; without --target, a database that this build lacks is only mentioned. */
static bool
choose_drivers(Target target, const WriterDriver *chosen[DATABASE_COUNT], Failure *failure)
{
    size_t count = 0;

    for (size_t i = 0; i < DATABASE_COUNT; i++) {
        if (target != TARGET_DEFAULT && target != TARGET_BOTH && target != DATABASES[i].target)
            continue;
        const WriterDriver *driver = find_driver(DATABASES[i].name);
        if (driver != NULL)
            chosen[count++] = driver;
        else if (target != TARGET_DEFAULT)
            return failure_set(failure, "%s target is not built in this version",
                               DATABASES[i].name);
        else
            fprintf(stderr, "rivet-seed: %s is not built in this version; skipped\n",
                    DATABASES[i].name);
    }
    return true;
}

static bool
seed_all(const Options *options, Failure *failure)
{
    const WriterDriver *chosen[DATABASE_COUNT] = {NULL};

    if (!choose_drivers(options->target, chosen, failure))
        return false;
    seed_print_plan(options);
    for (size_t i = 0; i < DATABASE_COUNT && chosen[i] != NULL; i++) {
        const char *url =
            strcmp(chosen[i]->name, "mysql") == 0 ? options->mysql_url : options->postgres_url;
        if (!seed_database(chosen[i], url, options, failure))
            return false;
    }
    printf("Done!\n");
    return true;
}

int
main(int argc, char **argv)
{
    Options options;
    Failure failure = {.message = ""};

    switch (options_parse(&options, argc, argv)) {
    case OPTIONS_SHOWN:
        return EXIT_OK;
    case OPTIONS_INVALID:
        return EXIT_USAGE;
    case OPTIONS_RUN:
        break;
    }
    if (!seed_all(&options, &failure)) {
        fflush(stdout);
        fprintf(stderr, "rivet-seed: error: %s\n", failure.message);
        return EXIT_FAILED;
    }
    return EXIT_OK;
}
