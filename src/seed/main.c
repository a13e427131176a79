/* rivet-seed: fills the development tables of PostgreSQL and MySQL with repeatable data. */
#include "options.h"
#include "seed.h"
#include "writer.h"

#include <stdio.h>

enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

/* In the order of --target both. */
static const struct {
    Target target;
    const WriterDriver *driver;
} DATABASES[] = {
    {TARGET_POSTGRES, &POSTGRES_WRITER},
    {TARGET_MYSQL, &MYSQL_WRITER},
};

static bool
seed_all(const Options *options, Failure *failure)
{
    seed_print_plan(options);
    for (size_t i = 0; i < sizeof(DATABASES) / sizeof(DATABASES[0]); i++) {
        Target target = DATABASES[i].target;
        if (options->target != TARGET_BOTH && options->target != target)
            continue;
        const char *url = target == TARGET_MYSQL ? options->mysql_url : options->postgres_url;
        if (!seed_database(DATABASES[i].driver, url, options, failure))
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
