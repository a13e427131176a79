/* seed.h: all steps for one database. */
#ifndef SEED_SEED_H
#define SEED_SEED_H

#include "failure.h"
#include "options.h"
#include "writer.h"

/* Results go to stdout, progress to stderr. */
bool seed_database(const WriterDriver *driver, const char *url, const Options *options,
                   Failure *failure);

/* What the normal run is going to do, on stdout. */
void seed_print_plan(const Options *options);

#endif
