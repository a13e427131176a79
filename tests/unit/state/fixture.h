/* fixture.h: an own folder, a state in it and what most tests of the state need. */
#ifndef RIVET_TESTS_UNIT_STATE_FIXTURE_H
#define RIVET_TESTS_UNIT_STATE_FIXTURE_H

#include "../test.h"

#include "state/state.h"

typedef struct Fixture {
    char folder[96];
    char path[128]; /* <folder>/.rivet_state.db */
    State *state;   /* NULL until fixture_open */
    Arena arena;
    Error err;
} Fixture;

/* cmocka setup and teardown: *context is the Fixture. The folder is open to other users, so that a
 * child under another uid can work in it. */
int fixture_set_up(void **context);
int fixture_tear_down(void **context);

State *fixture_open(Fixture *fixture); /* creates; closes what was open before */

/* Runs one SQL script against a file, with a connection of its own. */
void fixture_execute(const char *path, const char *sql);
/* The first column of the first row, -1 for NULL or no row. */
int64_t fixture_number(const char *path, const char *sql);

/* A run row with every needed text set. */
RunRow fixture_run(const char *run_id, const char *export_name);
PartRow fixture_part(const char *run_id, int64_t unit, int64_t part_index, const char *key);
/* A part taken from open to sealed, 10 rows and 1000 bytes. */
void fixture_seal_part(Fixture *fixture, const char *run_id, int64_t unit, int64_t part_index,
                       const char *key);

#define FIXTURE_TEST(function)                                                                     \
    cmocka_unit_test_setup_teardown(function, fixture_set_up, fixture_tear_down)

#endif
