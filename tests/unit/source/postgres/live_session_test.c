/* The PostgreSQL source as a guest: what it leaves behind, how it stops, what it says when things
 * go wrong. Against a live server. */
#include "live.h"

#include <pthread.h>
#include <unistd.h>

#include "util/clock.h"

static const FetchMethod METHODS[] = {FETCH_COPY, FETCH_CURSOR};
static const TypeRules RULES = {0};

/* ---- describe ---- */

static const struct {
    const char *query;
    ErrorCode code;
    const char *words;
} REFUSED[] = {
    {"SELECT 1 AS a, 2 AS a", ERR_QUERY, "two columns named \"a\""},
    {"SELECT 1 AS a, 2", ERR_QUERY, "column 2 of the query has no name"},
    {"SELECT FROM numbers", ERR_QUERY, "no columns"},
    {"SELECT $1::int AS a", ERR_QUERY, "parameter"},
    {"SELECT nope FROM numbers", ERR_QUERY, "nope"},
    {"SELECT * FROM nowhere", ERR_QUERY, "42P01"},
    {"SELEC 1", ERR_QUERY, "syntax"},
    {"SELECT 1 AS a; SELECT 2 AS a", ERR_CONFIG, "more than one"},
    {"SELECT 1) AS a, (SELECT 2", ERR_CONFIG, "parenthesis"},
    {"", ERR_CONFIG, "empty"},
    {"INSERT INTO numbers SELECT * FROM numbers RETURNING id", ERR_QUERY, "syntax"},
};

static void
refuses_queries_it_cannot_read(void **state)
{
    LiveSource live;

    (void)state;
    live_open(&live, FETCH_COPY, NULL);
    for (size_t i = 0; i < ARRAY_LENGTH(REFUSED); i++) {
        ReadPlan *plan = NULL;
        Error err = ERROR_INIT;
        assert_error(source_describe(live.source, REFUSED[i].query, &RULES, &plan, &err), &err,
                     REFUSED[i].code, REFUSED[i].words);
        assert_null(plan);
    }
    live_close(&live);
}

static const struct {
    const char *query, *want;
} ACCEPTED[] = {
    {"SELECT 1 AS a -- end", "1\n"},
    {"SELECT 1 AS a /* end */ ; ", "1\n"},
    {"WITH x AS (SELECT 2 AS a) SELECT a FROM x;", "2\n"},
    {"VALUES (1), (2)", "1\n2\n"},
    {"(SELECT 1 AS a) UNION ALL (SELECT 2)", "1\n2\n"},
    {"SELECT id FROM numbers ORDER BY id DESC LIMIT 2", "2500\n2499\n"},
    {"SELECT id, '1.1.1.1'::inet AS ip FROM numbers ORDER BY id DESC LIMIT 2",
     "2500|1.1.1.1\n2499|1.1.1.1\n"},
    {"SELECT 1 AS \"a\"\"b\", '::1'::inet AS \"C d\"", "1|::1\n"},
    {"SELECT id FROM numbers WHERE false", ""},
    {"SELECT current_setting('transaction_read_only') AS r", "on\n"},
};

static void
wrapping_keeps_the_meaning(void **state)
{
    LiveSource live;

    (void)state;
    for (size_t method = 0; method < ARRAY_LENGTH(METHODS); method++) {
        live_open(&live, METHODS[method], NULL);
        for (size_t i = 0; i < ARRAY_LENGTH(ACCEPTED); i++) {
            char *text = NULL;
            Error err = ERROR_INIT;
            assert_ok(live_read(&live, ACCEPTED[i].query, &RULES, NULL, 10, &text, NULL, &err),
                      &err);
            assert_string_equal(text, ACCEPTED[i].want);
            free(text);
        }
        live_close(&live);
    }
}

static void
describes_an_empty_result(void **state)
{
    LiveSource live;
    char *text = NULL;
    ReadPlan *plan = NULL;
    Error err = ERROR_INIT;

    (void)state;
    live_open(&live, FETCH_COPY, NULL);
    assert_ok(live_read(&live, "SELECT id, name, 1.5::numeric(9,2) AS n FROM numbers WHERE false",
                        &RULES, NULL, 10, &text, &plan, &err),
              &err);
    assert_string_equal(text, "");
    assert_int_equal(plan->schema->column_count, 3);
    assert_string_equal(plan->schema->columns[2].source_type, "numeric(9,2)");
    assert_int_equal(plan->row_estimate_bytes, 5 + 257 + 257);
    source_plan_free(plan);
    free(text);
    live_close(&live);
}

/* Functions of the same names in a schema that comes first must not be called. */
static void
search_path_cannot_interfere(void **state)
{
    static const ColumnOverride JSON = {.column = "j", .kind = OVERRIDE_JSON};
    const TypeRules rules = {.overrides = &JSON, .override_count = 1};
    LiveSource live;
    char *text = NULL;
    Error err = ERROR_INIT;

    (void)state;
    live_open(&live, FETCH_COPY, "&options=-csearch_path%3Devil,pg_catalog");
    assert_ok(live_read(&live, "SELECT inet '10.0.0.1' AS ip, ARRAY[1] AS j", &rules, NULL, 10,
                        &text, NULL, &err),
              &err);
    assert_string_equal(text, "10.0.0.1|[1]\n");
    free(text);
    live_close(&live);
}

/* ---- batches ---- */

static void
batch_sizes_do_not_change_the_rows(void **state)
{
    static const size_t SIZES[] = {1, 7, 500, 2499, 2500, 2501, 100000};
    LiveSource live;
    char *want = NULL;

    (void)state;
    for (size_t method = 0; method < ARRAY_LENGTH(METHODS); method++) {
        live_open(&live, METHODS[method], NULL);
        for (size_t i = 0; i < ARRAY_LENGTH(SIZES); i++) {
            char *text = NULL;
            Error err = ERROR_INIT;
            assert_ok(live_read(&live, "SELECT * FROM numbers ORDER BY id", &RULES, NULL, SIZES[i],
                                &text, NULL, &err),
                      &err);
            if (want == NULL) {
                want = text;
                continue;
            }
            assert_string_equal(text, want);
            free(text);
        }
        live_close(&live);
    }
    free(want);
}

/* ---- ranges and keys ---- */

static const char *const ID[] = {"ID"};
static const char *const GROUP_ID[] = {"grp", "id"};
static const char *const AT[] = {"at"};

static const struct {
    const char *name;
    ReadRange range;
    uint64_t count;
} RANGES[] = {
    {"between",
     {.columns = ID,
      .column_count = 1,
      .lower_kind = BOUND_INCLUSIVE,
      .lower = (const char *const[]){"10"},
      .upper_kind = BOUND_INCLUSIVE,
      .upper = (const char *const[]){"19"}},
     10},
    {"above",
     {.columns = ID,
      .column_count = 1,
      .lower_kind = BOUND_EXCLUSIVE,
      .lower = (const char *const[]){"2490"},
      .is_ordered = true},
     10},
    {"two columns",
     {.columns = GROUP_ID,
      .column_count = 2,
      .lower_kind = BOUND_EXCLUSIVE,
      .lower = (const char *const[]){"5", "2490"},
      .upper_kind = BOUND_INCLUSIVE,
      .upper = (const char *const[]){"6", "13"}},
     3},
    {"NULL", {.columns = AT, .column_count = 1, .is_null = true}, 250},
    {"a timestamp and NULL",
     {.columns = AT,
      .column_count = 1,
      .upper_kind = BOUND_INCLUSIVE,
      .upper = (const char *const[]){"2024-01-01T00:00:09.000000Z"},
      .includes_null = true},
     259},
};

static void
reads_ranges(void **state)
{
    LiveSource live;

    (void)state;
    for (size_t method = 0; method < ARRAY_LENGTH(METHODS); method++) {
        live_open(&live, METHODS[method], NULL);
        for (size_t i = 0; i < ARRAY_LENGTH(RANGES); i++) {
            char *text = NULL;
            ReadPlan *plan = NULL;
            uint64_t count = 0;
            uint64_t lines = 0;
            Error err = ERROR_INIT;
            assert_ok(live_read(&live, "SELECT * FROM numbers", &RULES, &RANGES[i].range, 100,
                                &text, &plan, &err),
                      &err);
            for (const char *at = text; *at != '\0'; at++)
                lines += *at == '\n';
            assert_ok(source_count_rows(live.source, plan, &RANGES[i].range, &count, &err), &err);
            if (lines != RANGES[i].count || count != lines)
                fail_msg("%s: %" PRIu64 " rows, count says %" PRIu64, RANGES[i].name, lines, count);
            source_plan_free(plan);
            free(text);
        }
        live_close(&live);
    }
}

/* The highest key goes out as text and comes back as a bound: exactly one row equals it. */
static const char *const KEY_TYPES[] = {
    "9223372036854775807::int8",
    "0.1::float4",
    "5e-324::float8",
    "'-Infinity'::float8",
    "12.3450::numeric",
    "0.5::numeric(5,2)",
    "'4714-11-24 BC'::date",
    "'5874897-12-31'::date",
    "'infinity'::date",
    "'0001-12-31 23:59:59.999999 BC'::timestamp",
    "'294276-12-31 23:59:59.999999'::timestamp",
    "'-infinity'::timestamp",
    "'2024-01-01 00:00:00.000001+05:30'::timestamptz",
    "'24:00'::time",
    "'12:00+05:30'::timetz",
    "'P1Y-2M3DT-4H'::interval",
    "'it''s \\ \"q\"'::text",
    "''::text",
    "'ab'::char(5)",
    "'hap py'::mood",
    "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid",
    "'\\x00ff'::bytea",
    "true",
    "'10.0.0.1'::inet",
    "'10.0.0.0/8'::cidr",
    "'A'::citext",
    "7::positive",
    "'x'::\"char\"",
    "ROW(1,'x')::pair",
    "ARRAY['10.0.0.1'::inet]::text[]::text",
};

static void
keys_come_back_as_the_same_value(void **state)
{
    static const char *const COLUMNS[] = {"k"};
    LiveSource live;

    (void)state;
    live_open(&live, FETCH_COPY, NULL);
    for (size_t i = 0; i < ARRAY_LENGTH(KEY_TYPES); i++) {
        const ReadRange all = {.columns = COLUMNS, .column_count = 1};
        const KeyQuery top = {.within = &all, .from_top = true};
        const char *const *key = NULL;
        Buffer query = {0};
        Arena arena = {0};
        ReadPlan *plan = NULL;
        uint64_t count = 0;
        bool found = false;
        Error err = ERROR_INIT;
        buffer_append_format(&query, "SELECT %s AS k", KEY_TYPES[i]);
        assert_ok(source_describe(live.source, buffer_text(&query), &RULES, &plan, &err), &err);
        if (!source_find_key(live.source, plan, &top, &arena, &key, &found, &err))
            fail_msg("%s: %s", KEY_TYPES[i], err.message);
        assert_true(found);
        ReadRange same = all;
        same.lower_kind = same.upper_kind = BOUND_INCLUSIVE;
        same.lower = same.upper = key;
        if (!source_count_rows(live.source, plan, &same, &count, &err) || count != 1)
            fail_msg("%s as '%s': %" PRIu64 " rows %s", KEY_TYPES[i], key[0], count, err.message);
        source_plan_free(plan);
        arena_release(&arena);
        buffer_release(&query);
    }
    live_close(&live);
}

static void
answers_questions_about_keys(void **state)
{
    const ReadRange groups = {.columns = GROUP_ID, .column_count = 2};
    const ReadRange times = {.columns = AT, .column_count = 1};
    const ReadRange nothing = {.columns = ID,
                               .column_count = 1,
                               .lower_kind = BOUND_EXCLUSIVE,
                               .lower = (const char *const[]){"9999"}};
    LiveSource live;
    ReadPlan *plan = NULL;
    Arena arena = {0};
    const char *const *key = NULL;
    bool found = false;
    uint64_t count = 0;
    int64_t now_us = 0;
    Error err = ERROR_INIT;

    (void)state;
    live_open(&live, FETCH_COPY, NULL);
    assert_ok(source_describe(live.source, "SELECT * FROM numbers;", &RULES, &plan, &err), &err);
    assert_ok(source_open_snapshot(live.source, &err), &err);
    KeyQuery query = {.within = &groups, .offset = 1};
    assert_ok(source_find_key(live.source, plan, &query, &arena, &key, &found, &err), &err);
    assert_true(found);
    assert_string_equal(key[0], "0");
    assert_string_equal(key[1], "14");
    query = (KeyQuery){.within = &times, .from_top = true};
    assert_ok(source_find_key(live.source, plan, &query, &arena, &key, &found, &err), &err);
    assert_string_equal(key[0], "2024-01-01T00:41:39.000000Z");
    query = (KeyQuery){.within = &nothing};
    assert_ok(source_find_key(live.source, plan, &query, &arena, &key, &found, &err), &err);
    assert_false(found);
    assert_ok(source_has_null_key(live.source, plan, GROUP_ID, 2, &found, &err), &err);
    assert_false(found);
    assert_ok(
        source_has_null_key(live.source, plan, (const char *const[]){"id", "at"}, 2, &found, &err),
        &err);
    assert_true(found);
    assert_ok(source_estimate_rows(live.source, plan, &count, &err), &err);
    assert_in_range(count, 100, 100000);
    assert_ok(source_read_clock(live.source, &now_us, &err), &err);
    assert_in_range(now_us, clock_now_us() - 60000000, clock_now_us() + 60000000);

    /* The read sees what the questions saw. */
    PGconn *other = live_connect();
    live_run(other, "INSERT INTO numbers VALUES (5000, 'late', 1, now())");
    Batch batch;
    bool has_more = true;
    uint64_t rows = 0;
    batch_init(&batch, plan->schema, 1000, 1 << 20);
    assert_ok(source_begin(live.source, plan, NULL, &err), &err);
    for (; has_more; rows += batch.row_count) {
        batch_reset(&batch);
        assert_ok(source_read(live.source, &batch, &has_more, &err), &err);
    }
    assert_ok(source_end(live.source, &err), &err);
    assert_int_equal(rows, 2500);
    assert_ok(source_count_rows(live.source, plan, NULL, &count, &err), &err);
    assert_int_equal(count, 2501);
    live_run(other, "DELETE FROM numbers WHERE id = 5000");
    PQfinish(other);
    batch_release(&batch);
    source_plan_free(plan);
    arena_release(&arena);
    live_close(&live);
}

/* The snapshot that questions share outlives those that fail, be it the first question of all or
 * one under a held snapshot. */
static void
failed_questions_leave_the_snapshot(void **state)
{
    (void)state;
    for (int is_held = 0; is_held <= 1; is_held++) {
        LiveSource live;
        ReadPlan *plan = NULL;
        ReadPlan *broken = NULL;
        QueryFacts facts;
        Arena arena = {0};
        uint64_t count = 0;
        Error err = ERROR_INIT;
        live_open(&live, FETCH_COPY, NULL);
        assert_ok(source_describe(live.source, "SELECT * FROM numbers", &RULES, &plan, &err), &err);
        assert_ok(source_describe(live.source, "SELECT id FROM numbers WHERE 1 / 0 > id", &RULES,
                                  &broken, &err),
                  &err);
        assert_ok(is_held ? source_hold_snapshot(live.source, NULL, &err)
                          : source_open_snapshot(live.source, &err),
                  &err);
        assert_error(source_count_rows(live.source, broken, NULL, &count, &err), &err, ERR_QUERY,
                     "22012");
        err = ERROR_INIT;
        assert_ok(source_count_rows(live.source, plan, NULL, &count, &err), &err);
        PGconn *other = live_connect();
        live_run(other, "INSERT INTO numbers VALUES (5000, 'late', 1, now())");
        assert_error(source_explain(live.source, broken, NULL, &arena, &facts, &err), &err,
                     ERR_QUERY, "22012");
        err = ERROR_INIT;
        assert_ok(source_count_rows(live.source, plan, NULL, &count, &err), &err);
        assert_int_equal(count, 2500);
        live_run(other, "DELETE FROM numbers WHERE id = 5000");
        PQfinish(other);
        source_plan_free(plan);
        source_plan_free(broken);
        arena_release(&arena);
        live_close(&live);
    }
}

/* ---- what is left behind ---- */

/* Number of our sessions in the given state, or in any. */
static int
session_count(PGconn *conn, const char *condition)
{
    Buffer sql = {0};

    buffer_append_format(&sql,
                         "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'rivet' "
                         "AND datname = current_database() AND %s",
                         condition);
    char *text = live_value(conn, buffer_text(&sql));
    int count = (int)strtol(text, NULL, 10);
    free(text);
    buffer_release(&sql);
    return count;
}

static void
wait_for_sessions(PGconn *conn, const char *condition, int want)
{
    for (int i = 0; i < 500; i++, usleep(10000)) {
        if (session_count(conn, condition) == want)
            return;
    }
    fail_msg("not %d sessions with %s", want, condition);
}

static void
leaves_nothing_behind(void **state)
{
    static const struct {
        const char *query;
        bool is_error;
    } READS[] = {
        {"SELECT id FROM numbers", false},
        {"SELECT 1 / (id - 2000) AS x FROM numbers", true},
        {"SELECT CASE WHEN id = 1500 THEN 'infinity' ELSE '2024-01-01' END::date AS d FROM numbers",
         true},
        {"SELECT nope FROM numbers", true},
    };
    PGconn *conn = live_connect();
    LiveSource live;

    (void)state;
    for (size_t method = 0; method < ARRAY_LENGTH(METHODS); method++) {
        live_open(&live, METHODS[method], NULL);
        wait_for_sessions(conn, "true", 1);
        for (size_t i = 0; i < ARRAY_LENGTH(READS) * 2; i++) {
            size_t read = i % ARRAY_LENGTH(READS);
            char *text = NULL;
            Error err = ERROR_INIT;
            bool ok = live_read(&live, READS[read].query, &RULES, NULL, 100, &text, NULL, &err);
            assert_int_equal(ok, !READS[read].is_error);
            if (ok)
                wait_for_sessions(conn, "state = 'idle'", 1);
            free(text);
        }
        live_close(&live);
        wait_for_sessions(conn, "true", 0);
    }
    PQfinish(conn);
}

/* A read given up half way ends its statement when the source is closed. */
static void
close_ends_a_running_statement(void **state)
{
    PGconn *conn = live_connect();

    (void)state;
    for (size_t method = 0; method < ARRAY_LENGTH(METHODS); method++) {
        LiveSource live;
        ReadPlan *plan = NULL;
        Batch batch;
        bool has_more;
        Error err = ERROR_INIT;
        live_open(&live, METHODS[method], NULL);
        assert_ok(source_describe(live.source,
                                  "SELECT a.id, repeat('x', 1000) AS x FROM numbers a, numbers b",
                                  &RULES, &plan, &err),
                  &err);
        assert_ok(source_begin(live.source, plan, NULL, &err), &err);
        batch_init(&batch, plan->schema, 100, 1 << 20);
        assert_ok(source_read(live.source, &batch, &has_more, &err), &err);
        assert_true(has_more);
        live_close(&live);
        wait_for_sessions(conn, "true", 0);
        batch_release(&batch);
        source_plan_free(plan);
    }
    PQfinish(conn);
}

/* ---- stopping ---- */

typedef struct Canceller {
    Source *source;
    PGconn *conn;
} Canceller;

static void *
cancel_when_active(void *argument)
{
    Canceller *canceller = argument;

    for (int i = 0; i < 500 && session_count(canceller->conn, "state = 'active'") == 0; i++)
        usleep(10000);
    source_cancel(canceller->source);
    return NULL;
}

static void
cancel_frees_a_blocked_read(void **state)
{
    PGconn *conn = live_connect();
    PGconn *watcher = live_connect();

    (void)state;
    for (size_t method = 0; method < ARRAY_LENGTH(METHODS); method++) {
        LiveSource live;
        pthread_t thread;
        char *text = NULL;
        Error err = ERROR_INIT;
        live_open(&live, METHODS[method], NULL);
        Canceller canceller = {live.source, watcher};
        assert_int_equal(pthread_create(&thread, NULL, cancel_when_active, &canceller), 0);
        int64_t started_ms = clock_monotonic_ms();
        assert_error(live_read(&live, "SELECT 1 AS a FROM pg_sleep(60)", &RULES, NULL, 10, &text,
                               NULL, &err),
                     &err, ERR_INTERRUPTED, "cancelled");
        pthread_join(thread, NULL);
        assert_in_range(clock_monotonic_ms() - started_ms, 0, 10000);
        wait_for_sessions(conn, "state = 'active'", 0);
        err = ERROR_INIT;
        assert_error(live_read(&live, "SELECT 1 AS a", &RULES, NULL, 10, &text, NULL, &err), &err,
                     ERR_INTERRUPTED, "cancelled");
        live_close(&live);
        wait_for_sessions(conn, "true", 0);
    }
    PQfinish(watcher);
    PQfinish(conn);
}

static void
timeouts_are_named(void **state)
{
    PGconn *conn = live_connect();

    (void)state;
    live_run(conn, "BEGIN; LOCK TABLE numbers");
    for (size_t method = 0; method < ARRAY_LENGTH(METHODS); method++) {
        LiveSource live;
        char *text = NULL;
        Error err = ERROR_INIT;
        live_open(&live, METHODS[method], NULL);
        live.tuning.statement_timeout_s = 1;
        assert_error(live_read(&live, "SELECT 1 AS a FROM pg_sleep(30)", &RULES, NULL, 10, &text,
                               NULL, &err),
                     &err, ERR_TIMEOUT, "57014");
        assert_false(error_is_retryable(&err));
        assert_non_null(err.hint);
        live.tuning.statement_timeout_s = 0;
        live.tuning.lock_timeout_s = 1;
        err = ERROR_INIT;
        assert_error(
            live_read(&live, "SELECT id FROM numbers", &RULES, NULL, 10, &text, NULL, &err), &err,
            ERR_CONFLICT, "55P03");
        assert_true(error_is_retryable(&err));
        assert_false(err.needs_reconnect);
        live_close(&live);
    }
    PQfinish(conn);
}

/* ---- a connection that ends ---- */

static void
a_killed_session_is_no_short_success(void **state)
{
    PGconn *conn = live_connect();

    (void)state;
    for (size_t method = 0; method < ARRAY_LENGTH(METHODS); method++) {
        LiveSource live;
        ReadPlan *plan = NULL;
        Batch batch;
        bool has_more = true;
        bool ok = true;
        Error err = ERROR_INIT;
        live_open(&live, METHODS[method], NULL);
        assert_ok(source_describe(live.source,
                                  "SELECT a.id, repeat('x', 1000) AS x FROM numbers a, numbers b",
                                  &RULES, &plan, &err),
                  &err);
        batch_init(&batch, plan->schema, 100, 1 << 20);
        assert_ok(source_begin(live.source, plan, NULL, &err), &err);
        assert_ok(source_read(live.source, &batch, &has_more, &err), &err);
        live_run(conn, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE "
                       "application_name = 'rivet' AND datname = current_database()");
        while (ok && has_more) {
            batch_reset(&batch);
            ok = source_read(live.source, &batch, &has_more, &err);
        }
        assert_false(ok);
        assert_int_equal(err.code, ERR_UNAVAILABLE);
        assert_true(err.needs_reconnect);
        Error again = ERROR_INIT;
        assert_false(source_begin(live.source, plan, NULL, &again));
        assert_int_equal(again.code, ERR_UNAVAILABLE);
        live_close(&live);
        batch_release(&batch);
        source_plan_free(plan);
    }
    PQfinish(conn);
}

/* ---- limits, encodings, secrets ---- */

static void
a_cell_beyond_the_budget_is_named(void **state)
{
    (void)state;
    for (size_t method = 0; method < ARRAY_LENGTH(METHODS); method++) {
        LiveSource live;
        char *text = NULL;
        Error err = ERROR_INIT;
        live_open(&live, METHODS[method], NULL);
        assert_error(live_read(&live, "SELECT 1 AS a, repeat('x', 70000000) AS big", &RULES, NULL,
                               10, &text, NULL, &err),
                     &err, ERR_BUDGET, "\"big\"");
        assert_non_null(strstr(err.message, "70000000"));
        live_close(&live);
    }
}

#define ASCII_DATABASE "rivet_source_ascii"

/* Nobody has checked the bytes of a SQL_ASCII database. */
static void
texts_of_a_sql_ascii_database_are_checked(void **state)
{
    static const ColumnOverride BINARY = {.column = "b", .kind = OVERRIDE_BINARY};
    static const char QUERY[] = "SELECT v AS b FROM t ORDER BY n";
    static const struct {
        TypeRules rules;
        const char *want;
    } READS[] = {
        {{.invalid_utf8 = UTF8_REPLACE},
         "\xC3\xA4\n\xEF\xBF\xBD"
         "a\n"},
        {{.overrides = &BINARY, .override_count = 1}, "c3a4\ne461\n"},
    };
    PGconn *admin = live_connect();
    LiveSource live;
    char url[512];
    char *text = NULL;
    Error err = ERROR_INIT;

    (void)state;
    live_run(admin, "SET client_min_messages = error");
    live_run(admin, "DROP DATABASE IF EXISTS " ASCII_DATABASE " WITH (FORCE)");
    live_run(admin, "CREATE DATABASE " ASCII_DATABASE
                    " ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'");
    live_url(url, sizeof(url), ASCII_DATABASE, NULL);
    PGconn *conn = PQconnectdb(url);
    live_run(conn, "CREATE TABLE t AS SELECT 1 AS n, E'\\xC3\\xA4' AS v UNION ALL SELECT 2, "
                   "E'\\xE4' || 'a'");
    PQfinish(conn);
    live_open_url(&live, FETCH_COPY, url);
    assert_error(live_read(&live, QUERY, &RULES, NULL, 10, &text, NULL, &err), &err, ERR_VALUE,
                 "columns: { b: binary }");
    for (size_t i = 0; i < ARRAY_LENGTH(READS); i++) {
        err = ERROR_INIT;
        assert_ok(live_read(&live, QUERY, &READS[i].rules, NULL, 10, &text, NULL, &err), &err);
        assert_string_equal(text, READS[i].want);
        free(text);
    }
    live_close(&live);
    live_run(admin, "DROP DATABASE " ASCII_DATABASE " WITH (FORCE)");
    PQfinish(admin);
}

static void
row_values_stay_out_of_messages(void **state)
{
    LiveSource live;
    char *text = NULL;
    Error err = ERROR_INIT;

    (void)state;
    live_open(&live, FETCH_COPY, NULL);
    assert_error(live_read(&live, "SELECT (name || 'SECRET')::int AS a FROM numbers", &RULES, NULL,
                           10, &text, NULL, &err),
                 &err, ERR_QUERY, "22P02");
    assert_null(strstr(err.message, "SECRET"));
    live_close(&live);
}

static const struct {
    const char *url; /* %s: host and port of the test server */
    ErrorCode code;
    const char *words;
} CONNECTIONS[] = {
    {"postgres://rivet:p%%40%%3A%%2F%%23%%25word@%s/postgres", ERR_DENIED, "password"},
    {"postgres://rivet:p@:/word@%s/postgres", ERR_CONFIG, ""},
    {"postgres://rivet:p%%zzword@%s/postgres", ERR_CONFIG, "percent-encoded"},
    {"host=127.0.0.1 password=p word user=rivet", ERR_CONFIG, "cannot be read"},
    {"postgres://rivet:p%%40word@127.0.0.1:1/postgres", ERR_UNAVAILABLE, "refused"},
    {"postgres://rivet:p%%40word@no.such.host.invalid/postgres", ERR_CONFIG, "no.such.host"},
    {"postgres://rivet:rivet@%s/no_such_database", ERR_CONFIG, "no_such_database"},
    {"postgres://rivet:p%%40word@%s/postgres?sslmode=nonsense", ERR_CONFIG, "sslmode"},
    /* As of a name with two addresses, of which one has no server. */
    {"postgres://rivet:p%%40word@127.0.0.1:1,%s/postgres?sslmode=verify-full&sslrootcert=/no/such",
     ERR_CONFIG, "refused"},
};

static void
failed_connections_tell_why_but_no_secret(void **state)
{
    const char *base = live_base_url();
    const char *at = strrchr(base, '@');
    char host[256];
    const Tuning tuning = {.connect_timeout_s = 5};

    (void)state;
    assert_non_null(at);
    snprintf(host, sizeof(host), "%.*s", (int)strcspn(at + 1, "/"), at + 1);
    for (size_t i = 0; i < ARRAY_LENGTH(CONNECTIONS); i++) {
        Buffer url = {0};
        Source *source = NULL;
        Error err = ERROR_INIT;
        /* The formats are constants of this file; -Wformat cannot see it. */
        const char *percent = CONNECTIONS[i].url;
        for (; *percent != '\0'; percent++) {
            if (percent[0] == '%' && percent[1] == 's')
                buffer_append_text(&url, host);
            else
                buffer_append_byte(&url, (uint8_t)*percent);
            percent += percent[0] == '%';
        }
        const SourceAddress address = {.kind = SOURCE_POSTGRES, .url = {buffer_text(&url)}};
        const SourceOptions options = {
            .address = &address, .tuning = &tuning, .max_cell_bytes = 1 << 20};
        bool ok = source_connect(&options, &source, &err);
        if (ok || err.code != CONNECTIONS[i].code ||
            strstr(err.message, CONNECTIONS[i].words) == NULL)
            fail_msg("%s: %s", buffer_text(&url), err.message);
        assert_null(source);
        assert_null(strstr(err.message, "word@"));
        assert_null(strstr(err.message, "p@:/#%word"));
        assert_null(strstr(err.message, "p%40"));
        buffer_release(&url);
    }
}

static void
parts_connect_like_a_url(void **state)
{
    const char *base = live_base_url();
    PQconninfoOption *options = PQconninfoParse(base, NULL);
    SourceAddress address = {.kind = SOURCE_POSTGRES, .tls = {.mode = TLS_PREFERRED}};
    const Tuning tuning = {.connect_timeout_s = 5};
    const SourceOptions source_options = {
        .address = &address, .tuning = &tuning, .max_cell_bytes = 1 << 20};
    Source *source = NULL;
    char identity[512];
    Error err = ERROR_INIT;

    (void)state;
    for (PQconninfoOption *at = options; at->keyword != NULL; at++) {
        if (strcmp(at->keyword, "host") == 0)
            address.host = at->val;
        else if (strcmp(at->keyword, "user") == 0)
            address.user = at->val;
        else if (strcmp(at->keyword, "password") == 0)
            address.password = (Secret){at->val};
        else if (strcmp(at->keyword, "dbname") == 0)
            address.database = at->val;
        else if (strcmp(at->keyword, "port") == 0 && at->val != NULL)
            address.port = strtoll(at->val, NULL, 10);
    }
    assert_ok(source_connect(&source_options, &source, &err), &err);
    snprintf(identity, sizeof(identity), "postgres://%s:%lld/%s", address.host,
             (long long)(address.port == 0 ? 5432 : address.port), address.database);
    assert_string_equal(source->identity, identity);
    assert_int_equal(strncmp(source->server_version, "PostgreSQL ", 11), 0);
    assert_null(strchr(source->server_version, '('));
    source_close(source);
    address.password = (Secret){"not the password"};
    assert_error(source_connect(&source_options, &source, &err), &err, ERR_DENIED, "password");
    err = ERROR_INIT;
    address.tls.mode = TLS_VERIFY_IDENTITY;
    address.tls.ca = "/no/such/file"; /* and a server that may know no TLS at all */
    assert_error(source_connect(&source_options, &source, &err), &err, ERR_CONFIG, "");
    PQconninfoFree(options);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_queries_it_cannot_read),
        cmocka_unit_test(wrapping_keeps_the_meaning),
        cmocka_unit_test(describes_an_empty_result),
        cmocka_unit_test(search_path_cannot_interfere),
        cmocka_unit_test(batch_sizes_do_not_change_the_rows),
        cmocka_unit_test(reads_ranges),
        cmocka_unit_test(keys_come_back_as_the_same_value),
        cmocka_unit_test(answers_questions_about_keys),
        cmocka_unit_test(failed_questions_leave_the_snapshot),
        cmocka_unit_test(leaves_nothing_behind),
        cmocka_unit_test(close_ends_a_running_statement),
        cmocka_unit_test(cancel_frees_a_blocked_read),
        cmocka_unit_test(timeouts_are_named),
        cmocka_unit_test(a_killed_session_is_no_short_success),
        cmocka_unit_test(a_cell_beyond_the_budget_is_named),
        cmocka_unit_test(texts_of_a_sql_ascii_database_are_checked),
        cmocka_unit_test(row_values_stay_out_of_messages),
        cmocka_unit_test(failed_connections_tell_why_but_no_secret),
        cmocka_unit_test(parts_connect_like_a_url),
    };

    return cmocka_run_group_tests_name("source/postgres/live_session", tests, live_setup,
                                       live_teardown);
}
