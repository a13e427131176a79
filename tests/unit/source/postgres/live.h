/* live.h: a private database on the server of RIVET_TEST_PG_URL, and reads from it as texts.
 *
 * The database is dropped and made anew by live_setup, dropped by live_teardown. A test that cannot
 * reach the server fails; it is registered only where the variable is set. */
#ifndef RIVET_TESTS_POSTGRES_LIVE_H
#define RIVET_TESTS_POSTGRES_LIVE_H

#include "../../test.h"

#include <libpq-fe.h>

#include "source/source.h"
#include "util/buffer.h"

/* For cmocka's group set-up and tear-down. */
int live_setup(void **state);
int live_teardown(void **state);

const char *live_base_url(void); /* RIVET_TEST_PG_URL */
/* The server's URL with this database; options: appended ("&options=…"), or NULL. */
void live_url(char *url, size_t size_bytes, const char *database, const char *options);

/* A connection of the test's own; the test fails when it cannot be had. */
PGconn *live_connect(void);
/* Runs statements; the test fails when one fails. */
void live_run(PGconn *conn, const char *sql);
/* The single value of a query; the caller frees. */
char *live_value(PGconn *conn, const char *sql);

typedef struct LiveSource {
    SourceAddress address;
    Tuning tuning;
    Source *source;
    char url[512];
} LiveSource;

void live_open(LiveSource *live, FetchMethod fetch, const char *options);
void live_open_url(LiveSource *live, FetchMethod fetch, const char *url);
void live_close(LiveSource *live);

/* Describes and reads the query; rows as "a|b\n", NULL as \N. The caller frees *text, which is
 * NULL after a failure; plan may be NULL. max_rows is the batch size. */
bool live_read(LiveSource *live, const char *query, const TypeRules *rules, const ReadRange *range,
               size_t max_rows, char **text, ReadPlan **plan, Error *err);

#endif
