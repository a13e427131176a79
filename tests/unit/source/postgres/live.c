#include "live.h"

#include "batch/render.h"
#include "util/memory.h"

#define DATABASE "rivet_source_test"

const char *
live_base_url(void)
{
    const char *url = getenv("RIVET_TEST_PG_URL");

    if (url == NULL)
        fail_msg("RIVET_TEST_PG_URL names the server to test against");
    return url;
}

void
live_url(char *url, size_t size_bytes, const char *database, const char *options)
{
    const char *base = live_base_url();
    const char *host = strstr(base, "://");
    size_t length = strlen(base);

    if (host != NULL && strchr(host + 3, '/') != NULL)
        length = (size_t)(strchr(host + 3, '/') - base);
    snprintf(url, size_bytes, "%.*s/%s?connect_timeout=10%s", (int)length, base, database,
             options == NULL ? "" : options);
}

static PGconn *
connect_to(const char *url)
{
    PGconn *conn = PQconnectdb(url);

    if (PQstatus(conn) != CONNECTION_OK)
        fail_msg("%s", PQerrorMessage(conn));
    return conn;
}

PGconn *
live_connect(void)
{
    char url[512];

    live_url(url, sizeof(url), DATABASE, NULL);
    return connect_to(url);
}

void
live_run(PGconn *conn, const char *sql)
{
    PGresult *result = PQexec(conn, sql);
    ExecStatusType status = PQresultStatus(result);

    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        fail_msg("%s: %s", sql, PQerrorMessage(conn));
    PQclear(result);
}

char *
live_value(PGconn *conn, const char *sql)
{
    PGresult *result = PQexec(conn, sql);

    if (PQresultStatus(result) != PGRES_TUPLES_OK || PQntuples(result) != 1)
        fail_msg("%s: %s", sql, PQerrorMessage(conn));
    char *value = memory_dup_string(PQgetvalue(result, 0, 0));
    PQclear(result);
    return value;
}

static const char SETUP_SQL[] =
    "CREATE TYPE mood AS ENUM ('sad', 'ok', 'hap py');"
    "CREATE TYPE pair AS (a int, b text);"
    "CREATE DOMAIN money_amount AS numeric(12,2);"
    "CREATE DOMAIN positive AS money_amount CHECK (VALUE > 0);"
    "CREATE DOMAIN tags AS text[];"
    "CREATE DOMAIN moody AS mood;"
    "CREATE SCHEMA \"Odd Schema\";"
    "CREATE TYPE \"Odd Schema\".\"Odd Type\" AS ENUM ('x');"
    "CREATE EXTENSION citext; CREATE EXTENSION hstore; CREATE EXTENSION ltree;"
    "CREATE TABLE numbers AS SELECT g AS id, 'row ' || g AS name, g % 7 AS grp,"
    " CASE WHEN g % 10 = 0 THEN NULL ELSE timestamptz '2024-01-01 00:00:00+00' + g * interval '1 "
    "s' "
    "END AS at FROM generate_series(1, 2500) g;"
    "CREATE SCHEMA evil;"
    /* prints a mask that inet_out leaves out */
    "CREATE FUNCTION evil.inet_out(inet) RETURNS cstring LANGUAGE internal STRICT AS 'cidr_out';"
    "CREATE FUNCTION evil.to_json(anyelement) RETURNS json LANGUAGE sql IMMUTABLE AS $$ SELECT "
    "'\"evil\"'::json $$;";

int
live_setup(void **state)
{
    PGconn *admin = connect_to(live_base_url());

    (void)state;
    live_run(admin, "SET client_min_messages = error");
    live_run(admin, "DROP DATABASE IF EXISTS " DATABASE " WITH (FORCE)");
    live_run(admin, "CREATE DATABASE " DATABASE);
    /* Settings that a careless reader would stumble over. */
    live_run(admin, "ALTER DATABASE " DATABASE " SET TimeZone = 'Asia/Kolkata'");
    live_run(admin, "ALTER DATABASE " DATABASE " SET DateStyle = 'German'");
    live_run(admin, "ALTER DATABASE " DATABASE " SET IntervalStyle = 'sql_standard'");
    live_run(admin, "ALTER DATABASE " DATABASE " SET bytea_output = 'escape'");
    live_run(admin, "ALTER DATABASE " DATABASE " SET extra_float_digits = -10");
    PQfinish(admin);
    PGconn *conn = live_connect();
    live_run(conn, SETUP_SQL);
    PQfinish(conn);
    return 0;
}

int
live_teardown(void **state)
{
    PGconn *admin = connect_to(live_base_url());

    (void)state;
    live_run(admin, "DROP DATABASE " DATABASE " WITH (FORCE)");
    PQfinish(admin);
    return 0;
}

void
live_open(LiveSource *live, FetchMethod fetch, const char *options)
{
    char url[512];

    live_url(url, sizeof(url), DATABASE, options);
    live_open_url(live, fetch, url);
}

void
live_open_url(LiveSource *live, FetchMethod fetch, const char *url)
{
    Error err = ERROR_INIT;

    snprintf(live->url, sizeof(live->url), "%s", url);
    live->address = (SourceAddress){.kind = SOURCE_POSTGRES, .url = {live->url}};
    live->tuning = (Tuning){.batch_size = 1000, .connect_timeout_s = 10, .fetch = fetch};
    const SourceOptions source_options = {
        .address = &live->address, .tuning = &live->tuning, .max_cell_bytes = 64 << 20};
    assert_ok(source_connect(&source_options, &live->source, &err), &err);
}

void
live_close(LiveSource *live)
{
    source_close(live->source);
    live->source = NULL;
}

static void
append_rows(const Batch *batch, size_t *value_index, Buffer *out)
{
    for (size_t row = 0; row < batch->row_count; row++) {
        for (size_t i = 0; i < batch->column_count; i++) {
            const Column *column = &batch->columns[i];
            buffer_append_text(out, i == 0 ? "" : "|");
            if (column_is_valid(column, row))
                render_value(column, value_index[i]++, out);
            else
                buffer_append_text(out, "\\N");
        }
        buffer_append_text(out, "\n");
    }
}

bool
live_read(LiveSource *live, const char *query, const TypeRules *rules, const ReadRange *range,
          size_t max_rows, char **text, ReadPlan **plan, Error *err)
{
    ReadPlan *own = NULL;
    Batch batch = {0};
    Buffer out = {0};
    bool has_more = true;
    bool ok = source_describe(live->source, query, rules, &own, err) &&
              source_begin(live->source, own, range, err);

    *text = NULL;
    if (ok)
        batch_init(&batch, own->schema, max_rows, 1 << 20);
    while (ok && has_more) {
        batch_reset(&batch);
        ok = source_read(live->source, &batch, &has_more, err);
        size_t *indexes = memory_alloc_zero(own->schema->column_count, sizeof(*indexes));
        if (ok)
            append_rows(&batch, indexes, &out);
        free(indexes);
    }
    ok = ok && source_end(live->source, err);
    if (ok)
        *text = memory_dup_string(buffer_text(&out));
    buffer_release(&out);
    batch_release(&batch);
    if (ok && plan != NULL)
        *plan = own;
    else
        source_plan_free(own);
    return ok;
}
