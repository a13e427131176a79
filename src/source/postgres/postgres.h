/* postgres.h: the PostgreSQL source from the inside; users see source.h.
 *
 * Files    connect → session (transaction, settings) → describe (catalog, types, override) →
 *          copy or cursor → wire (tuples) → decode_* (fields into columns).
 * Waiting  every wait is a poll on the socket and on wake_fd, so that source_cancel frees it.
 * Answers  are waited for as rarely as can be, since each costs a round trip: BEGIN and the
 * settings travel with the first statement of a transaction (pipeline.c), and nobody waits for the
 * COMMIT of one whose rows are all there. Source   spec: extraction §1, §2; types §1 */
#ifndef RIVET_SOURCE_POSTGRES_POSTGRES_H
#define RIVET_SOURCE_POSTGRES_POSTGRES_H

#include <libpq-fe.h>
#include <stdatomic.h>

#include "config/query_scan.h"
#include "source/postgres/wire.h"
#include "source/select.h"
#include "source/source.h"
#include "util/buffer.h"

extern const SourceDriver POSTGRES_DRIVER;
extern const SelectDialect PG_SELECT_DIALECT;

typedef enum PgReadState {
    PG_READ_NONE,   /* no statement of a read is open */
    PG_READ_COPY,   /* rows of a COPY are arriving */
    PG_READ_CURSOR, /* the cursor is open, no FETCH is running */
    PG_READ_FETCH,  /* rows of a FETCH are arriving */
    PG_READ_DONE,   /* the end marker was seen */
} PgReadState;

typedef struct PgSource {
    Source base;
    PGconn *conn;
    char *password; /* as libpq understood it; only to keep it out of messages. NULL: none */
    int wake_fd;    /* readable for good once cancelled */
    atomic_bool is_cancelled;
    bool is_stop_sent; /* the running statement has been asked to end */
    PgReadState state;
    bool is_begin_queued; /* the next statement takes BEGIN and the settings along */
    bool is_ending;       /* COMMIT is sent, its answer not read */
    bool has_snapshot;    /* open_snapshot's transaction, waiting for questions and a begin */
    bool holds_snapshot;  /* one transaction for everything up to close */
    PgWire wire;
    size_t fetch_asked; /* rows of the running FETCH: asked for, arrived */
    size_t fetch_seen;
    bool has_low_water;      /* SO_RCVLOWAT is raised */
    bool may_have_low_water; /* false: it was tried, and this connection cannot have it */
} PgSource;

/* What a described query becomes; ReadPlan.driver_plan. */
typedef struct PgPlan {
    const char *query; /* clean */
    const char *items; /* select list with the casts; NULL: no column needs one */
    const PgField *fields;
    const PgField *key_fields; /* the same columns without overrides, every value exact: for keys */
    size_t field_count;
} PgPlan;

/* connect.c */
MUST_USE bool pg_connect(const SourceOptions *options, Source **out, Error *err);
void pg_close(Source *source);

/* cancel.c */
void pg_cancel(Source *source);
bool pg_check_cancelled(PgSource *pg, Error *err); /* false: ERR_INTERRUPTED is set */
void pg_stop_statement(PgSource *pg);              /* asks the server to end what it runs */

/* wait.c: commands, one at a time */
enum { PG_WAIT_FOREVER = -1 };
/* Until the socket can be read (or written), the time is over, or a cancel. */
MUST_USE bool pg_wait(PgSource *pg, short events, int timeout_ms, Error *err);
/* Takes what has arrived. */
MUST_USE bool pg_consume(PgSource *pg, Error *err);
/* The next result of the running command; *out NULL when there is none left. The caller clears. */
MUST_USE bool pg_next_result(PgSource *pg, PGresult **out, Error *err);
/* Waits for the running command to end. Its first result goes to out (NULL: dropped); an error
 * result is the failure. */
MUST_USE bool pg_finish_command(PgSource *pg, PGresult **out, Error *err);
bool pg_is_failure(const PGresult *result);
/* The answer to the last COMMIT, which nobody has waited for. */
MUST_USE bool pg_settle(PgSource *pg, Error *err);
/* A statement that ends something; no BEGIN goes before it. */
MUST_USE bool pg_run(PgSource *pg, const char *sql, Error *err);

/* pipeline.c: several statements, one round trip. Start; add, in any number; finish. */
typedef struct PgPipeline {
    PgSource *pg;
    size_t sent;
    size_t asked; /* number of the statement whose result is wanted, from 1; 0: none */
} PgPipeline;

/* With the queued BEGIN, if there is one. */
MUST_USE bool pg_pipeline_start(PgSource *pg, PgPipeline *pipeline, Error *err);
MUST_USE bool pg_pipeline_add(PgPipeline *pipeline, const char *sql, Error *err);
/* Counts a statement that the caller has sent; is_sent is what libpq says of it. */
MUST_USE bool pg_pipeline_sent(PgPipeline *pipeline, int is_sent, Error *err);
/* The next statement's result is the one for pg_pipeline_finish. */
void pg_pipeline_ask(PgPipeline *pipeline);
/* Waits for all answers; the first error is the failure. out NULL: no result is wanted. */
MUST_USE bool pg_pipeline_finish(PgPipeline *pipeline, PGresult **out, Error *err);
/* BEGIN by itself, for a statement that cannot be in a pipeline. */
MUST_USE bool pg_flush_begin(PgSource *pg, Error *err);

/* One statement. */
typedef struct PgCommand {
    const char *sql;
    size_t count; /* of its parameters, which are texts */
    const char *const *values;
    bool is_binary;     /* the result */
    const char *before; /* statements that travel with it; NULL: none */
    const char *after;
} PgCommand;

MUST_USE bool pg_run_command(PgSource *pg, const PgCommand *command, PGresult **out, Error *err);
/* The same with text parameters and a text result. */
MUST_USE bool pg_run_params(PgSource *pg, const char *sql, size_t count, const char *const *values,
                            PGresult **out, Error *err);

/* error.c: all return false */
bool pg_error_result(PgSource *pg, const PGresult *result, Error *err);
bool pg_error_connection(PgSource *pg, Error *err); /* the last call on the connection failed */
bool pg_error_connect(PGconn *conn, Secret url, Secret password, Error *err);

/* session.c */

/* Queued: it goes with the first statement. */
MUST_USE bool pg_transaction_begin(PgSource *pg, Error *err);
MUST_USE bool pg_send_begin(PgPipeline *pipeline, Error *err);
/* Sent, not waited for: a transaction that only reads has nothing to lose at its end. */
MUST_USE bool pg_transaction_end(PgSource *pg, Error *err);
/* Inside the open or held snapshot, which outlives a question that fails; else in a transaction of
 * its own. *out NULL after a failure. */
MUST_USE bool pg_ask(PgSource *pg, const char *sql, bool is_binary, PGresult **out, Error *err);
/* hold_snapshot, export_snapshot, as in SourceDriver */
MUST_USE bool pg_hold_snapshot(Source *source, const char *id, Error *err);
MUST_USE bool pg_export_snapshot(Source *source, Arena *arena, const char **id, Error *err);
/* Back to an idle connection after a failure or an unfinished read: statement ended, transaction
 * rolled back. False when the connection is of no more use. */
MUST_USE bool pg_reset(PgSource *pg, Error *err);
void pg_abandon(PgSource *pg); /* pg_reset where an earlier failure is the one to report */

/* describe.c */
MUST_USE bool pg_describe(Source *source, const char *query, const TypeRules *rules, ReadPlan **out,
                          Error *err);

/* Columns of a statement, with the tables they come from; inside a transaction. */
MUST_USE bool pg_describe_statement(PgSource *pg, const char *sql, PGresult **described,
                                    Error *err);
const QueryDialect *pg_query_dialect(const PgSource *pg);

/* range.c: the statement of a read */

/* Bounds that travel beside the statement, as text. Zero-initialise; release at the end. */
typedef struct PgParameters {
    char **values;
    size_t count;
} PgParameters;

void pg_parameters_release(PgParameters *parameters);

/* items: the select list; NULL: every column as it is. The bounds go to parameters, or, where that
 * is NULL, into the text as typed literals: COPY takes no parameters. */
MUST_USE bool pg_build_select(PgSource *pg, const ReadPlan *plan, const char *items,
                              const ReadRange *range, PgParameters *parameters, Buffer *out,
                              Error *err);

/* keys.c: questions about keys, as in SourceDriver */
MUST_USE bool pg_find_column(const Schema *schema, const char *written, size_t *index, Error *err);
MUST_USE bool pg_open_snapshot(Source *source, Error *err);
MUST_USE bool pg_find_key(Source *source, const ReadPlan *plan, const KeyQuery *query, Arena *arena,
                          const char *const **key, bool *found, Error *err);
MUST_USE bool pg_has_null_key(Source *source, const ReadPlan *plan, const char *const *columns,
                              size_t column_count, bool *found, Error *err);
MUST_USE bool pg_count_rows(Source *source, const ReadPlan *plan, const ReadRange *range,
                            uint64_t *count, Error *err);
MUST_USE bool pg_estimate_rows(Source *source, const ReadPlan *plan, uint64_t *count, Error *err);
MUST_USE bool pg_read_clock(Source *source, int64_t *now_us, Error *err);

/* primary_key.c, pages.c: as in SourceDriver */
MUST_USE bool pg_default_key(Source *source, const ReadPlan *plan, Arena *arena,
                             const char **column, Error *err);
MUST_USE bool pg_page_facts(Source *source, const ReadPlan *plan, PageFacts *facts, Error *err);
/* The query over the pages of the range only; ERR_QUERY when it is not of that shape. */
MUST_USE bool pg_write_pages(const PgSource *pg, const ReadPlan *plan, const ReadRange *range,
                             Arena *arena, const char **query, Error *err);

/* explain.c, inspect.c, tables.c: facts for preflight, as in SourceDriver */
MUST_USE bool pg_explain(Source *source, const ReadPlan *plan, const ReadRange *range, Arena *arena,
                         QueryFacts *facts, Error *err);
MUST_USE bool pg_inspect(Source *source, Arena *arena, ServerFacts *facts, Error *err);
MUST_USE bool pg_list_tables(Source *source, Arena *arena, const TableFacts **tables, size_t *count,
                             Error *err);

/* copy.c */
MUST_USE bool pg_copy_begin(PgSource *pg, const char *select, Error *err);
MUST_USE bool pg_copy_read(PgSource *pg, Batch *batch, Error *err);

/* cursor.c */
MUST_USE bool pg_cursor_begin(PgSource *pg, const char *select, const PgParameters *parameters,
                              Error *err);
MUST_USE bool pg_cursor_read(PgSource *pg, Batch *batch, Error *err);

/* lowat.c */
void pg_low_water_raise(PgSource *pg); /* only where it is safe; else nothing happens */
void pg_low_water_reset(PgSource *pg);

#endif
