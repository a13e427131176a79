/* options.h: the command line of rivet-seed. */
#ifndef SEED_OPTIONS_H
#define SEED_OPTIONS_H

#include "table.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum Target {
    TARGET_BOTH,
    TARGET_POSTGRES,
    TARGET_MYSQL,
} Target;

typedef struct Options {
    Target target;
    const char *postgres_url;
    const char *mysql_url;
    SeedPlan plan;
    uint64_t batch_rows;
    uint64_t sparse_batch_rows;
    bool sparse_demo;
    bool only_sparse_demo;
} Options;

typedef enum OptionsResult {
    OPTIONS_RUN,
    OPTIONS_SHOWN,   /* --help or --version was answered */
    OPTIONS_INVALID, /* said why on stderr */
} OptionsResult;

OptionsResult options_parse(Options *options, int argc, char *const *argv);

#endif
