"""rivet-seed on PostgreSQL: counts, values, repeatability; and the command line."""

import re

import psycopg
import pytest

import seed_support as support

SMALL = ("--users", 2000, "--page-views", 10000, "--content-items", 1000)
TINY = ("--users", 200, "--page-views", 500, "--content-items", 450)


@pytest.fixture(scope="module")
def small():
    """One database for all tests that only read it."""
    with support.fresh_database() as url:
        result = support.seed(url, *SMALL, "--recent-events", 300)
        with psycopg.connect(url, autocommit=True) as connection:
            yield connection, result


@pytest.fixture
def url():
    with support.fresh_database() as fresh:
        yield fresh


def value(connection, query):
    return connection.execute(query).fetchone()[0]


def count(connection, table, where="true"):
    return value(connection, f"SELECT count(*) FROM {table} WHERE {where}")


def share(connection, table, where):
    return float(value(connection, f"SELECT avg(({where})::int) FROM {table}"))


# --- counts and output ---


def test_row_counts(small):
    connection, _ = small
    assert count(connection, "users") == 2000
    assert count(connection, "page_views") == 10000
    assert count(connection, "content_items") == 1000
    assert count(connection, "orders_sparse") == 0
    assert count(connection, "orders") == pytest.approx(20000, rel=0.02)
    assert count(connection, "events") - 300 == pytest.approx(100000, rel=0.02)


def test_output_names_the_counts_and_ends_with_done(small):
    connection, result = small
    assert re.search(r"^  users 2000$", result.stdout, re.M)
    assert re.search(r"^  orders ~20000$", result.stdout, re.M)
    for table in support.TABLES[:-1]:
        rows = re.search(rf"^  {table} +(\d+) rows +[\d.]+ s$", result.stdout, re.M)
        assert rows and int(rows.group(1)) == count(connection, table), table
    assert result.stdout.endswith("Done!\n")


def test_progress_goes_to_stderr(url):
    result = support.seed(url, "--users", 50001, "--orders-per-user", 0, "--events-per-user", 0,
                          "--page-views", 0, "--content-items", 0)
    assert "users: 50000 of 50001 rows" in result.stderr
    assert "50000 of" not in result.stdout


@pytest.mark.parametrize("table", ["users", "orders", "events", "page_views", "content_items"])
def test_ids_are_dense_and_the_counter_goes_on(small, table):
    connection, _ = small
    low, high, rows = connection.execute(
        f"SELECT min(id), max(id), count(*) FROM {table}").fetchone()
    assert (low, high) == (1, rows)
    sequence = value(connection, f"SELECT pg_get_serial_sequence('{table}', 'id')")
    assert connection.execute(f"SELECT last_value, is_called FROM {sequence}").fetchone() == \
        (rows, True)


@pytest.mark.parametrize("table, mean", [("orders", 10), ("events", 50)])
def test_rows_per_user_are_poisson(small, table, mean):
    connection, _ = small
    average, variance = connection.execute(
        f"SELECT avg(n), var_pop(n) FROM (SELECT u.id, count(t.id) n FROM users u"
        f" LEFT JOIN {table} t ON t.user_id = u.id AND t.created < '2025-01-01' GROUP BY u.id) c"
        .replace("t.created", "t.ordered_at" if table == "orders" else "t.created_at")).fetchone()
    assert float(average) == pytest.approx(mean, rel=0.02)
    assert float(variance) == pytest.approx(mean, rel=0.15)


@pytest.mark.parametrize("table", ["orders", "events"])
def test_every_user_reference_exists(small, table):
    connection, _ = small
    assert count(connection, table, "NOT EXISTS (SELECT 1 FROM users u WHERE u.id = user_id)") == 0
    # The constraint itself must agree, because rows are loaded past it.
    connection.execute(f"""
        BEGIN;
        ALTER TABLE {table} DROP CONSTRAINT {table}_user_id_fkey;
        ALTER TABLE {table} ADD FOREIGN KEY (user_id) REFERENCES users(id);
        ROLLBACK""")


# --- values ---

# Table, condition, expected share, tolerance. With 0 tolerance: exact.
SHARES = [
    ("users", "name ~ '^[A-Z][a-z]+ [A-Z][a-z]+$'", 1, 0),
    ("users", "email ~ ('^[a-z]+[.][a-z]+' || (id - 1) || '@[a-z.]+$')", 1, 0),
    ("users", "age BETWEEN 18 AND 65", 1, 0),
    ("users", "balance BETWEEN 0 AND 200000", 1, 0),
    ("users", "balance > 100000", 0.5, 0.05),
    ("users", "is_active", 0.9, 0.03),
    ("users", "bio IS NOT NULL", 0.7, 0.05),
    ("users", "created_at >= '2023-01-01' AND created_at < '2025-01-01'", 1, 0),
    ("users", "updated_at - created_at BETWEEN '0' AND interval '180 days'", 1, 0),
    ("orders", "quantity BETWEEN 1 AND 10", 1, 0),
    ("orders", "price BETWEEN 5 AND 5000", 1, 0),
    ("orders", "notes IS NOT NULL", 0.4, 0.03),
    ("orders", "strpos(product, '\"') > 0", 7 / 30, 0.03),
    ("orders", "strpos(product, E'\\\\') > 0", 0, 0),
    ("orders", "ordered_at >= '2023-01-01' AND ordered_at < '2025-01-01'", 1, 0),
    ("orders", "updated_at - ordered_at BETWEEN '0' AND interval '30 days'", 1, 0),
    ("events", "ip_address LIKE '192.168.%'", 0.5, 0.02),
    ("events", "ip_address LIKE '10.%'", 0.25, 0.02),
    ("events", "ip_address ~ '^172[.](1[6-9]|2[0-9]|3[01])[.]'", 0.25, 0.02),
    ("page_views", "session_id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'", 1, 0),
    ("page_views", "user_id IS NOT NULL", 0.7, 0.03),
    ("page_views", "user_id NOT BETWEEN 1 AND 2000 AND user_id IS NOT NULL", 0, 0),
    ("page_views", "referrer IS NOT NULL", 0.6, 0.03),
    ("page_views", "coalesce(referrer = '(direct)', false)", 0.18, 0.03),
    ("page_views", "utm_source IS NOT NULL", 0.4, 0.03),
    ("page_views", "(utm_source IS NULL) = (utm_medium IS NULL)", 1, 0),
    ("page_views", "utm_campaign IS NOT NULL", 0.24, 0.03),
    ("page_views", "utm_campaign IS NOT NULL AND utm_source IS NULL", 0, 0),
    ("page_views", "utm_term IS NULL AND utm_content IS NULL", 1, 0),
    ("page_views", "screen_width BETWEEN 320 AND 3839 AND screen_height BETWEEN 568 AND 2159", 1, 0),
    ("page_views", "viewport_width BETWEEN 1 AND screen_width", 1, 0),
    ("page_views", "viewport_height BETWEEN 1 AND screen_height", 1, 0),
    ("page_views", "page_load_ms BETWEEN 100 AND 14999 AND dom_ready_ms <= page_load_ms", 1, 0),
    ("page_views", "time_on_page_ms BETWEEN 500 AND 299999", 1, 0),
    ("page_views", "scroll_depth_pct BETWEEN 0 AND 100 AND click_count BETWEEN 0 AND 50", 1, 0),
    ("page_views", "is_bounce", 0.35, 0.03),
    ("page_views", "custom_props IS NOT NULL", 0.3, 0.03),
    ("content_items", "length(title) BETWEEN 37 AND 53", 1, 0),
    ("content_items", "length(body) BETWEEN 2000 AND 8100", 1, 0),
    ("content_items", "length(raw_html) BETWEEN 2300 AND 9300", 1, 0),
    ("content_items", "word_count = array_length(string_to_array(body, ' '), 1)", 1, 0),
    ("content_items", "(metadata->'featured')::bool", 0.2, 0.05),
    ("content_items", "(metadata->'allow_comments')::bool", 0.8, 0.05),
    ("content_items", "metadata ?& '{reading_time_min,version,seo_score,og_image,canonical_url}'", 1, 0),
    ("content_items", "array_length(string_to_array(tags, ','), 1) BETWEEN 1 AND 4", 1, 0),
    ("content_items", "source_url ~ '/[0-9]{5}$'", 1, 0),
    ("content_items", "priority BETWEEN 0 AND 4 AND view_count BETWEEN 0 AND 99999", 1, 0),
    ("content_items", "comment_count BETWEEN 0 AND 499", 1, 0),
    ("content_items", "created_at >= '2022-01-01' AND created_at < '2025-01-01'", 1, 0),
    ("content_items", "updated_at - created_at BETWEEN '0' AND interval '365 days'", 1, 0),
    ("content_items", "(published_at IS NOT NULL) = (status IN ('published', 'archived'))", 1, 0),
    ("content_items",
     "coalesce(published_at - created_at BETWEEN '0' AND interval '30 days', true)", 1, 0),
    ("content_items", "jsonb_array_length(extra_data->'editors') BETWEEN 1 AND 3", 1, 0),
    ("content_items", "extra_data ?& '{revisions,source_system,import_batch}'", 1, 0),
]


@pytest.mark.parametrize("table, condition, expected, tolerance", SHARES)
def test_share_of_rows(small, table, condition, expected, tolerance):
    connection, _ = small
    assert share(connection, table, condition) == pytest.approx(expected, abs=tolerance)


# Table, column, number of different values; each must be about equally likely.
POOLS = [
    ("users", "bio", 20),
    ("orders", "product", 30),
    ("orders", "status", 4),
    ("orders", "notes", 10),
    ("events", "event_type", 10),
    ("page_views", "url", 26),
    ("page_views", "user_agent", 8),
    ("page_views", "country_code", 10),
    ("page_views", "region", 10),
    ("page_views", "city", 10),
    ("page_views", "device_type", 3),
    ("page_views", "browser", 6),
    ("page_views", "os", 5),
    ("page_views", "custom_props->>'ab_test'", 3),
    ("content_items", "title", 15),
    ("content_items", "category", 10),
    ("content_items", "status", 4),
    ("content_items", "language", 5),
]


@pytest.mark.parametrize("table, column, size", POOLS)
def test_pool_is_used_evenly(small, table, column, size):
    connection, _ = small
    counts = [row[0] for row in connection.execute(
        f"SELECT count(*) FROM {table} WHERE {column} IS NOT NULL GROUP BY {column}")]
    assert len(counts) == size
    # Four standard deviations; the seed is fixed, so this cannot fail by chance.
    mean = sum(counts) / size
    assert max(abs(n - mean) for n in counts) < 4 * mean ** 0.5 + 1


def test_emails_are_unique(small):
    connection, _ = small
    assert value(connection, "SELECT count(DISTINCT email) FROM users") == 2000


def test_event_payload_follows_the_type(small):
    connection, _ = small
    keys = dict(connection.execute(
        "SELECT event_type, array_agg(DISTINCT keys) FROM (SELECT event_type,"
        " (SELECT string_agg(k, ',' ORDER BY k) FROM jsonb_object_keys(payload) k) keys"
        " FROM events) e GROUP BY event_type"))
    other = ["action"]
    assert keys == {
        "login": ["browser,device"], "logout": ["browser,device"],
        "page_view": ["duration_ms,page"], "purchase": ["amount,order_id"],
        "signup": ["plan"], "search": ["query,results"],
        "settings_change": other, "password_reset": other, "export": other, "api_call": other,
    }
    assert count(connection, "events", "event_type = 'page_view' AND NOT"
                 " (payload->'duration_ms')::int BETWEEN 500 AND 59999") == 0
    assert {row[0] for row in connection.execute(
        "SELECT DISTINCT payload->>'plan' FROM events WHERE event_type = 'signup'")} == \
        {"free", "pro", "enterprise"}


def test_content_sizes_average_as_documented(small):
    connection, _ = small
    body, html, words = connection.execute(
        "SELECT avg(length(body)), avg(length(raw_html)), avg(word_count) FROM content_items"
    ).fetchone()
    assert float(body) == pytest.approx(5035, rel=0.05)
    assert float(html) == pytest.approx(5760, rel=0.05)
    assert float(words) == pytest.approx(744, rel=0.05)


def test_recent_events(small):
    connection, _ = small
    recent = "created_at > (now() AT TIME ZONE 'UTC') - interval '3 days 10 minutes'"
    assert count(connection, "events", recent) == 300
    assert count(connection, "events", "created_at >= '2025-01-01'") == 300
    assert count(connection, "events", "created_at > now() AT TIME ZONE 'UTC'") == 0
    assert value(connection, f"SELECT count(DISTINCT created_at::date) FROM events WHERE {recent}") >= 3


# --- repeatability ---


def test_equal_seeds_give_equal_data_whatever_the_batch_size(url):
    support.seed(url, *TINY, "--sparse-chunk-demo")
    first = support.checksums(url)
    assert None not in first.values()
    support.seed(url, *TINY, "--sparse-chunk-demo", "--batch-size", 1,
                 "--sparse-chunk-batch-size", 2)
    assert support.checksums(url) == first
    support.seed(url, *TINY, "--sparse-chunk-demo", "--batch-size", 100000, "--seed", 42)
    assert support.checksums(url) == first


def test_another_seed_gives_other_data(url):
    tables = support.TABLES[:-1]
    support.seed(url, *TINY)
    first = support.checksums(url, tables)
    support.seed(url, *TINY, "--seed", 7)
    second = support.checksums(url, tables)
    assert all(first[table] != second[table] for table in tables)


def test_a_row_does_not_depend_on_the_size_of_the_tables(url):
    query = "SELECT u::text FROM users u WHERE id <= 100 ORDER BY id"
    support.seed(url, *TINY)
    with psycopg.connect(url) as connection:
        first = connection.execute(query).fetchall()
    support.seed(url, "--users", 100, "--page-views", 0, "--content-items", 0,
                 "--orders-per-user", 3)
    with psycopg.connect(url) as connection:
        assert connection.execute(query).fetchall() == first


def test_seeding_replaces_what_was_there(url):
    support.seed(url, *TINY, "--sparse-chunk-demo")
    support.seed(url, "--users", 0, "--page-views", 0, "--content-items", 0)
    with psycopg.connect(url) as connection:
        assert [count(connection, table) for table in support.TABLES] == [0] * 6
        assert value(connection, "SELECT nextval(pg_get_serial_sequence('orders', 'id'))") == 1


# --- the sparse table ---


def test_sparse_demo_beside_the_others(url):
    support.seed(url, *TINY, "--sparse-chunk-demo")
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT * FROM orders_sparse_for_export").fetchall() == \
            [(1, "s0", 1), (2000001, "s1", 2), (4000001, "s2", 3)]


def test_only_sparse_touches_nothing_else(url):
    support.seed(url, *TINY)
    others = support.checksums(url, support.TABLES[:-1])
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP TABLE orders_sparse CASCADE")
    result = support.seed(url, "--only-sparse-chunk-demo", "--sparse-chunk-rows", 5000,
                          "--sparse-chunk-id-gap", 100000)
    assert "inserted 5000 rows" in result.stdout
    assert "count=5000 min=1 max=499900001" in result.stdout
    assert support.checksums(url, support.TABLES[:-1]) == others
    with psycopg.connect(url) as connection:
        assert connection.execute(
            "SELECT count(*), min(id), max(id), max(chunk_rownum) FROM orders_sparse_for_export"
        ).fetchone() == (5000, 1, 499900001, 5000)


def test_only_sparse_without_rows(url):
    result = support.seed(url, "--only-sparse-chunk-demo", "--sparse-chunk-rows", 0)
    assert "count=0 min=0 max=0" in result.stdout


# --- the command line ---


@pytest.mark.parametrize("arguments, message", [
    (["--bogus"], "unknown argument '--bogus'"),
    (["extra"], "unknown argument 'extra'"),
    (["-x"], "unknown argument '-x'"),
    (["--user", "5"], "unknown argument '--user'"),
    (["--target", "oracle"], "--target must be"),
    (["--target", ""], "--target must be"),
    (["-t", "PG"], "--target must be"),
    (["-t"], "needs a value"),
    (["--users"], "--users needs a value"),
    (["--users", "-1"], "needs a whole number"),
    (["--users", "+1"], "needs a whole number"),
    (["--users", "1.5"], "needs a whole number"),
    (["--users", "1k"], "needs a whole number"),
    (["--users", ""], "needs a whole number"),
    (["--users", "99999999999999999999999"], "--users must be"),
    (["--users", "100000000", "--orders-per-user", "100"], "32-bit"),
    (["--batch-size", "0"], "--batch-size must be"),
    (["--sparse-chunk-batch-size", "0"], "--sparse-chunk-batch-size must be"),
    (["--sparse-chunk-id-gap", "0"], "--sparse-chunk-id-gap must be"),
    (["--sparse-chunk-demo=yes"], "takes no value"),
    (["--users", "0", "--recent-events", "5"], "--recent-events needs"),
])
def test_wrong_usage_is_exit_2(arguments, message):
    result = support.run_seed("--pg-url", "postgresql://127.0.0.1:1/none", *arguments)
    assert result.returncode == 2
    assert message in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("target", [["--target", "pg"], ["--target=postgres"], ["-t", "pg"]])
def test_words_for_postgres(url, target):
    result = support.run_seed(*target, f"--pg-url={url}", "--users=3", "--page-views=0",
                              "--content-items=0")
    assert result.returncode == 0, result.stderr
    with psycopg.connect(url) as connection:
        assert count(connection, "users") == 3


def test_help_and_version():
    text = support.run_seed("--help")
    assert text.returncode == 0 and text.stderr == ""
    for flag in ("--target", "--users", "--orders-per-user", "--events-per-user", "--page-views",
                 "--content-items", "--pg-url", "--mysql-url", "--batch-size", "--seed",
                 "--recent-events", "--sparse-chunk-demo", "--only-sparse-chunk-demo",
                 "--sparse-chunk-rows", "--sparse-chunk-id-gap", "--sparse-chunk-batch-size"):
        assert re.search(rf"^  {flag}\b", text.stdout, re.M), flag
    version = support.run_seed("--version")
    assert version.returncode == 0
    assert re.fullmatch(r"rivet-seed \d+\.\d+\.\d+\S*\n", version.stdout)


# --- failures ---


def test_no_server_is_exit_1():
    result = support.run_seed("-t", "pg", "--pg-url", "postgresql://a:sec%40ret@127.0.0.1:1/none")
    assert result.returncode == 1
    assert "rivet-seed: error: postgres: no connection" in result.stderr
    assert "sec" not in result.stdout + result.stderr


def test_missing_tables_are_exit_1(url):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP TABLE events")
    result = support.run_seed("-t", "pg", "--pg-url", url, "--users", 1)
    assert result.returncode == 1
    assert "events" in result.stderr
    assert "Done!" not in result.stdout


def test_a_failing_table_stays_empty(url):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER TABLE users ADD CHECK (id < 150)")
        result = support.run_seed("-t", "pg", "--pg-url", url, *TINY)
        assert result.returncode == 1
        assert "users" in result.stderr
        assert count(connection, "users") == 0


def test_an_ordinary_role_can_seed(url):
    with psycopg.connect(url, autocommit=True) as connection:
        name = url.rsplit("/", 1)[1]
        connection.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'x'")
        try:
            for table in support.TABLES:
                connection.execute(f"ALTER TABLE {table} OWNER TO {name}")
            connection.execute(f"ALTER VIEW orders_sparse_for_export OWNER TO {name}")
            connection.execute(f"GRANT ALL ON SCHEMA public TO {name}")
            support.seed(url.replace("rivet:rivet@", f"{name}:x@"), *TINY)
            assert count(connection, "users") == 200
        finally:
            connection.execute(f"DROP OWNED BY {name}")
            connection.execute(f"DROP ROLE {name}")
