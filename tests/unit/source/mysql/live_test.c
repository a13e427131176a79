/* The source against running servers, those of RIVET_TEST_MYSQL_URLS (blank between): ranges, keys,
 * questions, unfinished reads, cancels. Each in a database of its own, which is dropped at the end.
 */
#include "../../test.h"

#include <mysql.h>
#include <pthread.h>
#include <time.h>

#include "batch/render.h"
#include "source/source.h"
#include "util/buffer.h"
#include "util/clock.h"
#include "util/memory.h"

#define DATABASE "rivet_source_test"

typedef struct Live {
    SourceAddress address;
    Tuning tuning;
    Source *source;
    MYSQL *conn; /* the test's own */
    char url[512];
} Live;

static const TypeRules RULES = {.types = TYPES_PORTABLE};
static const FetchMethod METHODS[] = {FETCH_STREAM, FETCH_PAGES};

/* ---- servers ---- */

/* "mysql://rivet:rivet@127.0.0.1:3306/rivet" number index, or NULL. The caller frees. */
static char *
server_url(size_t index)
{
    const char *at = getenv("RIVET_TEST_MYSQL_URLS");

    if (at == NULL)
        fail_msg("RIVET_TEST_MYSQL_URLS names the servers to test against");
    for (;; index--) {
        at += strspn(at, " ");
        size_t length = strcspn(at, " ");
        if (length == 0)
            return NULL;
        if (index == 0)
            return memory_dup_bytes(at, length);
        at += length;
    }
}

static unsigned
port_of(const char *url)
{
    return (unsigned)strtoul(strrchr(url, ':') + 1, NULL, 10);
}

static MYSQL *
connect_own(const char *url, const char *database)
{
    MYSQL *conn = mysql_init(NULL);
    unsigned protocol = MYSQL_PROTOCOL_TCP;

    mysql_optionsv(conn, MYSQL_OPT_PROTOCOL, &protocol);
    mysql_optionsv(conn, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    if (mysql_real_connect(conn, "127.0.0.1", "rivet", "rivet", database, port_of(url), NULL,
                           CLIENT_MULTI_STATEMENTS) == NULL)
        fail_msg("%s: %s", url, mysql_error(conn));
    return conn;
}

static void
run(MYSQL *conn, const char *sql)
{
    if (mysql_query(conn, sql) != 0)
        fail_msg("%s: %s", sql, mysql_error(conn));
    do {
        mysql_free_result(mysql_store_result(conn));
    } while (mysql_next_result(conn) == 0);
}

static uint64_t
ask(MYSQL *conn, const char *sql)
{
    if (mysql_query(conn, sql) != 0)
        fail_msg("%s: %s", sql, mysql_error(conn));
    MYSQL_RES *result = mysql_store_result(conn);
    uint64_t value = strtoull(mysql_fetch_row(result)[0], NULL, 10);
    mysql_free_result(result);
    return value;
}

static const char SETUP_SQL[] =
    "DROP DATABASE IF EXISTS " DATABASE ";"
    "CREATE DATABASE " DATABASE " CHARACTER SET utf8mb4;"
    "USE " DATABASE ";"
    "SET time_zone = '+00:00', sql_mode = '';"
    "CREATE TABLE digits (d int primary key);"
    "INSERT INTO digits VALUES (0),(1),(2),(3),(4),(5),(6),(7),(8),(9);"
    "CREATE TABLE numbers (id int primary key, group_id int not null, at timestamp(6) null,"
    " name varchar(20), big bigint unsigned not null, KEY (group_id), KEY (at), KEY (name));"
    "INSERT INTO numbers SELECT n, n % 7,"
    " IF(n % 10 = 0, NULL, timestampadd(second, n, '2024-01-01')),"
    " IF(n % 3 = 0, NULL, concat('Name', n)), 18446744073709551615 - n"
    " FROM (SELECT a.d + b.d * 10 + c.d * 100 AS n FROM digits a, digits b, digits c) AS x";

static void
setup_databases(void)
{
    char *url;

    for (size_t i = 0; (url = server_url(i)) != NULL; i++) {
        MYSQL *conn = connect_own(url, NULL);
        run(conn, SETUP_SQL);
        mysql_close(conn);
        free(url);
    }
}

static int
setup(void **state)
{
    (void)state;
    setup_databases();
    return 0;
}

static int
teardown(void **state)
{
    char *url;

    (void)state;
    for (size_t i = 0; (url = server_url(i)) != NULL; i++) {
        MYSQL *conn = connect_own(url, NULL);
        run(conn, "DROP DATABASE IF EXISTS " DATABASE);
        mysql_close(conn);
        free(url);
    }
    return 0;
}

static void
live_open(Live *live, const char *url, FetchMethod fetch)
{
    Error err = ERROR_INIT;

    *live = (Live){.tuning = {.fetch = fetch,
                              .connect_timeout_s = 10,
                              .statement_target_ms = 200,
                              .statement_timeout_s = 60}};
    snprintf(live->url, sizeof(live->url), "%.*s/" DATABASE, (int)(strrchr(url, '/') - url), url);
    live->address = (SourceAddress){.kind = SOURCE_MYSQL, .url = {live->url}};
    live->conn = connect_own(url, DATABASE);
    run(live->conn, "SET time_zone = '+00:00'");
    const SourceOptions options = {
        .address = &live->address, .tuning = &live->tuning, .max_cell_bytes = (size_t)64 << 20};
    assert_ok(source_connect(&options, &live->source, &err), &err);
    print_message("%s\n", live->source->server_version);
}

static void
live_close(Live *live)
{
    source_close(live->source);
    mysql_close(live->conn);
}

typedef void (*LiveTest)(Live *live);

static void
on_every_server(LiveTest test, FetchMethod fetch)
{
    char *url;

    for (size_t i = 0; (url = server_url(i)) != NULL; i++) {
        Live live;
        live_open(&live, url, fetch);
        test(&live);
        live_close(&live);
        free(url);
    }
}

/* ---- ranges ---- */

static const char *const ID[] = {"id"};
static const char *const AT[] = {"AT"}; /* names fold */
static const char *const BIG[] = {"big"};
static const char *const NAME[] = {"name"};
static const char *const GROUP_ID[] = {"group_id", "id"};
static const char *const AT_ID[] = {"at", "id"};

#define TEXTS(...)                                                                                 \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

static const struct {
    const char *where; /* the same in the server's words */
    ReadRange range;
} RANGES[] = {
    {"TRUE", {.column_count = 0}},
    {"id >= 10 AND id <= 19",
     {.columns = ID,
      .column_count = 1,
      .lower_kind = BOUND_INCLUSIVE,
      .lower = TEXTS("10"),
      .upper_kind = BOUND_INCLUSIVE,
      .upper = TEXTS("19")}},
    {"id > 10 AND id < 19",
     {.columns = ID,
      .column_count = 1,
      .lower_kind = BOUND_EXCLUSIVE,
      .lower = TEXTS("10"),
      .upper_kind = BOUND_EXCLUSIVE,
      .upper = TEXTS("19"),
      .is_ordered = true}},
    {"big >= 18446744073709551600",
     {.columns = BIG,
      .column_count = 1,
      .lower_kind = BOUND_INCLUSIVE,
      .lower = TEXTS("18446744073709551600"),
      .is_ordered = true}},
    {"at <= '2024-01-01 00:10:00.000000'",
     {.columns = AT,
      .column_count = 1,
      .upper_kind = BOUND_INCLUSIVE,
      .upper = TEXTS("2024-01-01T00:10:00.000000Z"),
      .is_ordered = true}},
    {"at IS NULL OR at <= '2024-01-01 00:10:00.000000'",
     {.columns = AT,
      .column_count = 1,
      .upper_kind = BOUND_INCLUSIVE,
      .upper = TEXTS("2024-01-01T00:10:00.000000Z"),
      .includes_null = true,
      .is_ordered = true}},
    {"at IS NULL", {.columns = AT, .column_count = 1, .is_null = true}},
    {"name > 'name5'", /* by the column's own collation, as ORDER BY has it */
     {.columns = NAME,
      .column_count = 1,
      .lower_kind = BOUND_EXCLUSIVE,
      .lower = TEXTS("name5"),
      .is_ordered = true}},
    {"group_id > 3 OR (group_id = 3 AND id > 500)",
     {.columns = GROUP_ID,
      .column_count = 2,
      .lower_kind = BOUND_EXCLUSIVE,
      .lower = TEXTS("3", "500"),
      .is_ordered = true}},
    {"(group_id > 1 OR (group_id = 1 AND id >= 8)) AND (group_id < 5 OR (group_id = 5 AND id <= "
     "5))",
     {.columns = GROUP_ID,
      .column_count = 2,
      .lower_kind = BOUND_INCLUSIVE,
      .lower = TEXTS("1", "8"),
      .upper_kind = BOUND_INCLUSIVE,
      .upper = TEXTS("5", "5")}},
    {"group_id >= 6",
     {.columns = GROUP_ID,
      .column_count = 2,
      .lower_kind = BOUND_INCLUSIVE,
      .lower = TEXTS("6"),
      .lower_count = 1,
      .is_ordered = true}},
    {"at > '2024-01-01 00:16:00' OR (at = '2024-01-01 00:16:00' AND id > 3)",
     {.columns = AT_ID,
      .column_count = 2,
      .lower_kind = BOUND_EXCLUSIVE,
      .lower = TEXTS("2024-01-01T00:16:00.000000Z", "3"),
      .is_ordered = true}},
    {"FALSE",
     {.columns = ID, .column_count = 1, .lower_kind = BOUND_EXCLUSIVE, .lower = TEXTS("9999")}},
};

/* Rows, and the sum of the column id. */
static void
read_all(Source *source, const ReadPlan *plan, const ReadRange *range, uint64_t *rows,
         uint64_t *sum)
{
    Batch batch;
    bool has_more = true;
    Error err = ERROR_INIT;

    *rows = *sum = 0;
    batch_init(&batch, plan->schema, 64, 1 << 20);
    assert_ok(source_begin(source, plan, range, &err), &err);
    while (has_more) {
        batch_reset(&batch);
        assert_ok(source_read(source, &batch, &has_more, &err), &err);
        *rows += batch.row_count;
        for (size_t i = 0; i < batch.row_count; i++)
            *sum += (uint64_t)batch.columns[0].i32[i];
    }
    assert_ok(source_end(source, &err), &err);
    batch_release(&batch);
}

static void
check_ranges(Live *live)
{
    ReadPlan *plan = NULL;
    Error err = ERROR_INIT;

    assert_ok(source_describe(live->source, "SELECT * FROM numbers;", &RULES, &plan, &err), &err);
    for (size_t i = 0; i < ARRAY_LENGTH(RANGES); i++) {
        uint64_t rows, sum, count = 0;
        char sql[256];
        snprintf(sql, sizeof(sql), "SELECT COUNT(*) FROM numbers WHERE %s", RANGES[i].where);
        uint64_t want = ask(live->conn, sql);
        snprintf(sql, sizeof(sql), "SELECT COALESCE(SUM(id), 0) FROM numbers WHERE %s",
                 RANGES[i].where);
        uint64_t want_sum = ask(live->conn, sql);
        read_all(live->source, plan, &RANGES[i].range, &rows, &sum);
        assert_ok(source_count_rows(live->source, plan, &RANGES[i].range, &count, &err), &err);
        if (rows != want || sum != want_sum || count != want)
            fail_msg("%s: %" PRIu64 " rows, count says %" PRIu64 ", %" PRIu64 " wanted",
                     RANGES[i].where, rows, count, want);
    }
    source_plan_free(plan);
}

static void
reads_ranges(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(METHODS); i++)
        on_every_server(check_ranges, METHODS[i]);
}

/* ---- keys ---- */

/* The highest key goes out as text and comes back as a bound: exactly one row equals it. */
static const char *const KEYS[] = {
    "CAST(-9223372036854775807 AS SIGNED)",
    "CAST(18446744073709551615 AS UNSIGNED)",
    "CAST(-12.3450 AS DECIMAL(10,4))",
    "CAST(99999999999999999999999999999999999999999.5 AS DECIMAL(65,20))",
    "CAST(0.1 AS DOUBLE)",
    "CAST('2024-02-29' AS DATE)",
    "CAST('9999-12-31' AS DATE)",
    "CAST('2024-02-29 23:59:59.999999' AS DATETIME(6))",
    "CAST('1000-01-01 00:00:00' AS DATETIME)",
    "CAST('-838:59:59.5' AS TIME(1))",
    "'it''s \\\\ \"q\" \xc3\xa9\xf0\x9f\x98\x80'",
    "''",
    "CAST(X'00FF27' AS BINARY)",
    "(SELECT CAST('2024-00-00' AS DATE))",
};

static void
check_keys(Live *live)
{
    static const char *const COLUMNS[] = {"k"};

    for (size_t i = 0; i < ARRAY_LENGTH(KEYS); i++) {
        const ReadRange all = {.columns = COLUMNS, .column_count = 1};
        const KeyQuery top = {.within = &all, .from_top = true};
        const char *const *key = NULL;
        char query[256];
        Arena arena = {0};
        ReadPlan *plan = NULL;
        uint64_t count = 0;
        bool found = false;
        Error err = ERROR_INIT;
        snprintf(query, sizeof(query), "SELECT %s AS k", KEYS[i]);
        assert_ok(source_describe(live->source, query, &RULES, &plan, &err), &err);
        if (!source_find_key(live->source, plan, &top, &arena, &key, &found, &err))
            fail_msg("%s: %s", KEYS[i], err.message);
        ReadRange same = all;
        same.lower_kind = same.upper_kind = BOUND_INCLUSIVE;
        same.lower = same.upper = key;
        /* A server may make NULL of a partial date; then there is no key. */
        if (found && (!source_count_rows(live->source, plan, &same, &count, &err) || count != 1))
            fail_msg("%s as '%s': %" PRIu64 " rows %s", KEYS[i], key[0], count, err.message);
        if (!found && i + 1 < ARRAY_LENGTH(KEYS))
            fail_msg("%s: no key", KEYS[i]);
        source_plan_free(plan);
        arena_release(&arena);
    }
}

static void
keys_come_back_as_the_same_value(void **state)
{
    (void)state;
    on_every_server(check_keys, FETCH_STREAM);
}

static void
check_key(Live *live, const ReadPlan *plan, const KeyQuery *query, const char *first,
          const char *second)
{
    Arena arena = {0};
    const char *const *key = NULL;
    bool found = false;
    Error err = ERROR_INIT;

    assert_ok(source_find_key(live->source, plan, query, &arena, &key, &found, &err), &err);
    assert_int_equal(found, first != NULL);
    if (found)
        assert_string_equal(key[0], first);
    if (second != NULL)
        assert_string_equal(key[1], second);
    arena_release(&arena);
}

static void
check_null_key(Live *live, const ReadPlan *plan, const char *const *columns, size_t count,
               bool want)
{
    bool found = !want;
    Error err = ERROR_INIT;

    assert_ok(source_has_null_key(live->source, plan, columns, count, &found, &err), &err);
    assert_int_equal(found, want);
}

static void
check_questions(Live *live)
{
    const ReadRange groups = {.columns = GROUP_ID, .column_count = 2};
    const ReadRange times = {.columns = AT, .column_count = 1};
    const ReadRange nothing = {
        .columns = ID, .column_count = 1, .lower_kind = BOUND_EXCLUSIVE, .lower = TEXTS("9999")};
    ReadPlan *plan = NULL;
    uint64_t count = 0;
    int64_t now_us = 0;
    Error err = ERROR_INIT;

    assert_ok(source_describe(live->source, "SELECT * FROM numbers;", &RULES, &plan, &err), &err);
    assert_ok(source_open_snapshot(live->source, &err), &err);
    check_key(live, plan, &(KeyQuery){.within = &groups, .offset = 2}, "0", "14");
    check_key(live, plan, &(KeyQuery){.within = &groups, .from_top = true}, "6", "993");
    check_key(live, plan, &(KeyQuery){.within = &times, .from_top = true},
              "2024-01-01T00:16:39.000000Z", NULL);
    check_key(live, plan, &(KeyQuery){.within = &nothing}, NULL, NULL);
    check_null_key(live, plan, GROUP_ID, 2, false);
    check_null_key(live, plan, (const char *const[]){"id", "at"}, 2, true);
    assert_ok(source_estimate_rows(live->source, plan, &count, &err), &err);
    assert_in_range(count, 100, 10000);
    assert_ok(source_read_clock(live->source, &now_us, &err), &err);
    assert_in_range(now_us / 1000000, (uint64_t)(clock_now_us() / 1000000 - 60),
                    (uint64_t)(clock_now_us() / 1000000 + 60));
    source_plan_free(plan);
}

static void
answers_questions_about_keys(void **state)
{
    (void)state;
    on_every_server(check_questions, FETCH_STREAM);
}

/* ---- one snapshot; unfinished reads; cancels ---- */

static void
check_snapshot(Live *live)
{
    ReadPlan *plan = NULL;
    uint64_t rows, sum, count = 0;
    Error err = ERROR_INIT;

    run(live->conn, "DELETE FROM numbers WHERE id >= 1000");
    assert_ok(source_describe(live->source, "SELECT * FROM numbers", &RULES, &plan, &err), &err);
    assert_ok(source_open_snapshot(live->source, &err), &err);
    run(live->conn, "INSERT INTO numbers VALUES (5000, 1, NULL, NULL, 1)");
    assert_ok(source_count_rows(live->source, plan, NULL, &count, &err), &err);
    read_all(live->source, plan, NULL, &rows, &sum);
    assert_int_equal(count, 1000);
    assert_int_equal(rows, 1000);
    read_all(live->source, plan, NULL, &rows, &sum); /* a snapshot of its own again */
    assert_int_equal(rows, 1001);
    run(live->conn, "DELETE FROM numbers WHERE id >= 1000");
    source_plan_free(plan);
}

static void
questions_and_read_share_a_snapshot(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(METHODS); i++)
        on_every_server(check_snapshot, METHODS[i]);
}

/* Rows that nobody wants any more are not read to their end, and the connection serves on. */
static void
check_unfinished(Live *live)
{
    static const char ENDLESS[] =
        "SELECT a.id, repeat('x', 1000) AS filler FROM numbers a, numbers b, numbers c";
    ReadPlan *plan = NULL;
    Batch batch;
    bool has_more = false;
    uint64_t rows, sum;
    Error err = ERROR_INIT;

    assert_ok(source_describe(live->source, ENDLESS, &RULES, &plan, &err), &err);
    batch_init(&batch, plan->schema, 10, 1 << 20);
    int64_t started_ms = clock_monotonic_ms();
    assert_ok(source_begin(live->source, plan, NULL, &err), &err);
    assert_ok(source_read(live->source, &batch, &has_more, &err), &err);
    assert_true(has_more);
    assert_ok(source_end(live->source, &err), &err);
    assert_in_range(clock_monotonic_ms() - started_ms, 0, 20000);
    batch_release(&batch);
    source_plan_free(plan);
    assert_ok(source_describe(live->source, "SELECT * FROM numbers", &RULES, &plan, &err), &err);
    read_all(live->source, plan, NULL, &rows, &sum);
    assert_int_equal(rows, 1000);
    source_plan_free(plan);
}

static void
unfinished_reads_are_ended(void **state)
{
    (void)state;
    on_every_server(check_unfinished, FETCH_STREAM);
}

static void *
cancel_soon(void *source)
{
    nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL);
    source_cancel(source);
    return NULL;
}

static void
check_cancel(Live *live)
{
    ReadPlan *plan = NULL;
    pthread_t thread;
    Error err = ERROR_INIT;

    assert_ok(
        source_describe(live->source, "SELECT SLEEP(30) AS s FROM numbers", &RULES, &plan, &err),
        &err);
    int64_t started_ms = clock_monotonic_ms();
    pthread_create(&thread, NULL, cancel_soon, live->source);
    bool has_more = true;
    Batch batch;
    batch_init(&batch, plan->schema, 10, 1 << 20);
    assert_error(source_begin(live->source, plan, NULL, &err) &&
                     source_read(live->source, &batch, &has_more, &err),
                 &err, ERR_INTERRUPTED, "cancelled");
    assert_in_range(clock_monotonic_ms() - started_ms, 200, 10000);
    pthread_join(thread, NULL);
    batch_release(&batch);
    source_plan_free(plan);
}

static void
cancel_frees_a_blocked_read(void **state)
{
    (void)state;
    on_every_server(check_cancel, FETCH_STREAM);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_ranges),
        cmocka_unit_test(keys_come_back_as_the_same_value),
        cmocka_unit_test(answers_questions_about_keys),
        cmocka_unit_test(questions_and_read_share_a_snapshot),
        cmocka_unit_test(unfinished_reads_are_ended),
        cmocka_unit_test(cancel_frees_a_blocked_read),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
