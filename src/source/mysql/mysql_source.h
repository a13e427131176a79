/* mysql_source.h: the source for MySQL and MariaDB from the inside; users see source.h.
 *
 * Files    address → connect (tls) → session → describe (types, catalog, override) → range →
 *          stream or pages (statement) → wire (rows) → decode_* (fields into columns).
 * Waiting  calls of the client library block; source_cancel frees them by shutting the socket
 *          down, after which nothing is read from this connection any more.
 * Names    my_: mysql_ and mariadb_ belong to the client library.
 * Source   spec: extraction §1, §3; types §2 */
#ifndef RIVET_SOURCE_MYSQL_MYSQL_SOURCE_H
#define RIVET_SOURCE_MYSQL_MYSQL_SOURCE_H

#include <mysql.h>
#include <stdatomic.h>

#include "config/sql_quote.h"
#include "source/mysql/address.h"
#include "source/mysql/wire.h"
#include "source/select.h"
#include "source/source.h"
#include "util/buffer.h"

extern const SourceDriver MYSQL_DRIVER;
extern const SelectDialect MY_SELECT_DIALECT;

/* A parameter of a statement, kept as the server gets it. Texts and bytes lie in the arena that
 * was given when the parameter was made. */
typedef struct MyParam {
    enum enum_field_types type;
    bool is_unsigned;
    bool is_text; /* characters, not bytes */
    union {
        int64_t integer;
        double real;
        MYSQL_TIME moment;
        struct {
            const uint8_t *bytes;
            size_t size_bytes;
        };
    };
} MyParam;

typedef struct MyParams {
    MyParam *items;
    size_t count;
    size_t capacity;
    Arena arena; /* of the texts */
} MyParams;

typedef enum MyReadState {
    MY_READ_NONE, /* no statement of a read is open */
    MY_READ_ROWS, /* rows of a stream or of a page are arriving */
    MY_READ_PAGE, /* between two pages */
    MY_READ_DONE, /* the end marker was seen */
} MyReadState;

/* The columns that make pages: unique and not NULL together, or (cursor, key). */
typedef struct MyPageKey {
    const size_t *columns; /* of the result */
    size_t column_count;
} MyPageKey;

/* Where a read by pages stands. */
typedef struct MyPages {
    bool is_active;
    Buffer first_sql; /* begins at the start; both end in LIMIT ? */
    Buffer next_sql;  /* goes on behind the last key */
    bool is_next;     /* which of the two the open statement is */
    MyPageKey key;
    size_t *key_columns;   /* what key.columns points to */
    size_t *bound_columns; /* of the result, one per parameter of the last key */
    size_t bound_count;
    size_t bound_capacity;
    MyParams bounds; /* of the range; every page has them */
    Buffer last_key; /* of the last row seen: per key column size_t size and the bytes */
    bool has_last;
    Buffer milestone_key; /* an earlier page's last key */
    uint64_t page_count;
    size_t row_limit; /* of the next page; 0: not chosen yet */
    size_t asked;     /* rows of the running page: asked for, arrived */
    size_t seen;
    int64_t spent_us; /* in calls that wait for the running page */
} MyPages;

typedef struct MySource {
    Source base;
    Arena arena; /* of the address */
    MyAddress address;
    MYSQL *conn;
    unsigned long thread_id; /* of the connection, for KILL */
    bool is_mariadb;
    bool has_backslash_escapes; /* of @@sql_mode */
    bool has_ansi_quotes;
    atomic_int cancel_fd; /* the socket while there is one, else -1 */
    atomic_int guard_fd;  /* likewise, of the connection that holds a lock for this one */
    atomic_bool is_cancelled;
    bool is_running; /* the server works on a statement of ours, or has broken off */
    bool is_in_transaction;
    bool has_snapshot;   /* open_snapshot's transaction, for the next begin */
    bool holds_snapshot; /* hold_snapshot's, up to close */
    int64_t limit_ms;    /* statement limit the session has; -1: unknown */
    MYSQL_STMT *stmt;    /* of the running read */
    MyReadState state;
    MyWire wire;
    MyPages pages;
} MySource;

/* What a described query becomes; ReadPlan.driver_plan. */
typedef struct MyPlan {
    const char *query; /* clean */
    const char *items; /* select list with the casts; NULL: no column needs one */
    const MyField *fields;
    size_t field_count;
    MyPageKey page_key; /* no columns: the query cannot be read by pages */
} MyPlan;

/* connect.c */
MUST_USE bool my_connect(const SourceOptions *options, Source **out, Error *err);
void my_close(Source *source);
/* A further connection with the same address, without session settings. */
MUST_USE bool my_open_connection(const MyAddress *address, int64_t timeout_s, MYSQL **out,
                                 Error *err);

/* tls.c */
MUST_USE bool my_tls_prepare(MYSQL *conn, const MyTls *tls, Error *err);
/* Between login and first query: is the connection as safe as was asked for? */
MUST_USE bool my_tls_check(MYSQL *conn, const MyTls *tls, Error *err);
/* After a failed login: false with *err set when it was us who refused to go on in clear. */
MUST_USE bool my_tls_check_failure(Error *err);

/* cancel.c */
void my_cancel(Source *source);
bool my_check_cancelled(MySource *my, Error *err); /* false: ERR_INTERRUPTED is set */
/* Asks the server, over a second connection, to end what this one runs. */
void my_stop_statement(MySource *my);

/* error.c: all return false */
bool my_error_connection(MySource *my, Error *err); /* the last call on the connection failed */
bool my_error_statement(MySource *my, MYSQL_STMT *stmt, Error *err);
bool my_error_connect(MYSQL *conn, const MyAddress *address, Error *err);

/* session.c */
MUST_USE bool my_session_prepare(MySource *my, Error *err);
MUST_USE bool my_run(MySource *my, const char *sql, Error *err); /* without result */
/* One row of texts in arena, NULL for NULL; *found false when there is none. */
MUST_USE bool my_query_row(MySource *my, const char *sql, Arena *arena, size_t column_count,
                           const char **cells, bool *found, Error *err);
/* Calls take for every row of a short result. */
typedef bool (*MyTakeRow)(void *context, MYSQL_ROW row, const unsigned long *lengths, Error *err);
MUST_USE bool my_query_rows(MySource *my, const char *sql, MyTakeRow take, void *context,
                            Error *err);
/* Limit of the statements that follow; 0: none. */
MUST_USE bool my_set_statement_limit(MySource *my, int64_t limit_s, Error *err);
MUST_USE bool my_transaction_begin(MySource *my, Error *err); /* with a snapshot */
/* Of a read, which needs none of its own where SourceOptions say so. */
MUST_USE bool my_transaction_begin_read(MySource *my, Error *err);
MUST_USE bool my_transaction_end(MySource *my, Error *err);
/* The statement of a read is over, finished or not; the transaction stays. False when the
 * connection is of no more use. */
MUST_USE bool my_reset(MySource *my, Error *err);

/* statement.c */
MUST_USE bool my_prepare(MySource *my, const char *sql, MYSQL_STMT **out, Error *err);
/* Binds and runs; rows are then fetched one by one. */
MUST_USE bool my_execute(MySource *my, MYSQL_STMT *stmt, const MyParams *const *lists,
                         size_t list_count, Error *err);
/* *has_row false: the end marker was seen. */
MUST_USE bool my_fetch(MySource *my, MYSQL_STMT *stmt, bool *has_row, Error *err);
/* Is the statement's result the one that was described? */
MUST_USE bool my_check_result(MYSQL_STMT *stmt, const MyField *fields, size_t field_count,
                              Error *err);

/* param.c */
MyParam *my_params_add(MyParams *params);
void my_params_reset(MyParams *params);
void my_params_release(MyParams *params);
/* A value of the field from its canonical text (render.h). */
MUST_USE bool my_param_from_text(const MyField *field, const char *text, MyParams *params,
                                 Error *err);
/* A value as it came over the wire. */
void my_param_from_wire(const MyField *field, const uint8_t *bytes, size_t size_bytes,
                        MyParams *params);

/* describe.c */
MUST_USE bool my_describe(Source *source, const char *query, const TypeRules *rules, ReadPlan **out,
                          Error *err);

/* range.c: the statement that reads a range, bounds as parameters */
MUST_USE bool my_build_select(const ReadPlan *plan, const ReadRange *range, const char *items,
                              Buffer *out, MyParams *params, Error *err);

/* stream.c */
MUST_USE bool my_stream_begin(MySource *my, const ReadPlan *plan, const ReadRange *range,
                              Error *err);
MUST_USE bool my_stream_read(MySource *my, Batch *batch, Error *err);

/* pages.c */
bool my_pages_fit(const ReadPlan *plan, const ReadRange *range);
MUST_USE bool my_pages_begin(MySource *my, const ReadPlan *plan, const ReadRange *range,
                             Error *err);
MUST_USE bool my_pages_read(MySource *my, Batch *batch, Error *err);
void my_pages_release(MySource *my);

/* question.c */
MUST_USE bool my_find_column(const Schema *schema, const char *written, size_t *index, Error *err);
MUST_USE bool my_open_snapshot(Source *source, Error *err);
MUST_USE bool my_find_key(Source *source, const ReadPlan *plan, const KeyQuery *query, Arena *arena,
                          const char *const **key, bool *found, Error *err);
MUST_USE bool my_has_null_key(Source *source, const ReadPlan *plan, const char *const *columns,
                              size_t column_count, bool *found, Error *err);
MUST_USE bool my_count_rows(Source *source, const ReadPlan *plan, const ReadRange *range,
                            uint64_t *count, Error *err);
MUST_USE bool my_read_clock(Source *source, int64_t *now_us, Error *err);

/* explain.c */
MUST_USE bool my_explain(Source *source, const ReadPlan *plan, const ReadRange *range, Arena *arena,
                         QueryFacts *facts, Error *err);
MUST_USE bool my_estimate_rows(Source *source, const ReadPlan *plan, uint64_t *count, Error *err);

/* inspect.c */
MUST_USE bool my_inspect(Source *source, Arena *arena, ServerFacts *facts, Error *err);

/* catalog.c */
MUST_USE bool my_default_key(Source *source, const ReadPlan *plan, Arena *arena,
                             const char **column, Error *err);
MUST_USE bool my_list_tables(Source *source, Arena *arena, const TableFacts **tables, size_t *count,
                             Error *err);

/* snapshot.c */
MUST_USE bool my_hold_snapshot(Source *source, const char *id, Error *err);
MUST_USE bool my_hold_common_snapshot(Source *const *sources, size_t count, const ReadPlan *plan,
                                      Error *err);

#endif
