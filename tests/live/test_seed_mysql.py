"""rivet-seed on MariaDB and MySQL: the same rows as in PostgreSQL, whose values test_seed.py checks."""

import collections
import json

import psycopg
import pymysql
import pytest

import seed_support as support

TINY = ("--users", 200, "--page-views", 500, "--content-items", 450)


@pytest.fixture(params=sorted(support.MYSQL_PORTS))
def server(request):
    return request.param


@pytest.fixture
def database(server):
    with support.fresh_mysql_database(server) as name:
        yield name


@pytest.fixture
def connection(server, database):
    with support.mysql_connect(server, database) as connection:
        yield connection


def run(server, database, *arguments, login="rivet:rivet"):
    return support.run_seed("--target", "mysql", "--mysql-url",
                            support.mysql_url(server, database, login), *arguments)


def seed(server, database, *arguments):
    result = run(server, database, *arguments)
    assert result.returncode == 0, result.stderr
    return result


def query(connection, sql):
    return support.mysql_query(connection, sql)


def count(connection, table):
    return query(connection, f"SELECT count(*) FROM {table}")[0][0]


# --- the same rows ---


def columns(connection, schema, order="ordinal_position"):
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name, column_name, is_nullable, data_type"
                       f" FROM information_schema.columns WHERE table_schema = '{schema}'"
                       f" ORDER BY table_name, {order}")
        return cursor.fetchall()


# PostgreSQL's word for what the specification calls equal, by MySQL's word. MariaDB's JSON is text.
SAME_TYPE = {
    "int": {"integer"}, "bigint": {"bigint"}, "smallint": {"smallint"}, "tinyint": {"boolean"},
    "decimal": {"numeric"}, "varchar": {"character varying"}, "char": {"character"},
    "text": {"text"}, "longtext": {"text", "jsonb"}, "json": {"jsonb"},
    "datetime": {"timestamp without time zone"},
}


def test_tables_have_the_columns_of_postgres(connection, database):
    with support.fresh_database() as url, psycopg.connect(url) as postgres:
        theirs = [row for row in columns(postgres, "public") if row[0] in support.TABLES]
    ours = [row for row in columns(connection, database) if row[0] in support.TABLES]
    assert [row[:3] for row in ours] == [row[:3] for row in theirs]
    for our, their in zip(ours, theirs):
        assert their[3] in SAME_TYPE[our[3]], (our, their)


def test_tables_have_the_documented_indexes(connection, database):
    indexes = query(connection, "SELECT table_name, index_name, column_name"
                    f" FROM information_schema.statistics WHERE table_schema = '{database}'"
                    " AND index_name LIKE 'idx%' ORDER BY 2")
    assert indexes == [("events", "idx_events_created_at", "created_at"),
                       ("events", "idx_events_user_id", "user_id"),
                       ("orders", "idx_orders_updated_at", "updated_at")]
    assert query(connection, "SELECT count(*) FROM information_schema.statistics WHERE column_name ="
                 f" 'created_at' AND table_name <> 'events' AND table_schema = '{database}'") == [(0,)]


def rows(connection, table, json_columns):
    """The table as a multiset of comparable rows."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table}")
        names = [column[0] for column in cursor.description]
        return collections.Counter(
            tuple(comparable(cell, name in json_columns) for name, cell in zip(names, row))
            for row in cursor)


def comparable(cell, is_json):
    if is_json and cell is not None:
        return json.dumps(json.loads(cell) if isinstance(cell, str) else cell, sort_keys=True)
    return int(cell) if isinstance(cell, bool) else cell


def assert_equal_rows(mysql, postgres):
    jsons = {row[:2] for row in columns(postgres, "public") if row[3] == "jsonb"}
    assert {column for _, column in jsons} == {"payload", "custom_props", "metadata", "extra_data"}
    for table in support.TABLES:
        json_columns = {column for owner, column in jsons if owner == table}
        ours, theirs = (rows(c, table, json_columns) for c in (mysql, postgres))
        assert sum(ours.values()) > 0, table
        assert ours == theirs, (table, list((ours - theirs).items())[:1],
                                list((theirs - ours).items())[:1])


@pytest.mark.parametrize("arguments", [
    [], ["--batch-size", 7, "--sparse-chunk-batch-size", 1], ["--batch-size", 1000000, "--seed", 7],
])
def test_both_databases_get_equal_rows(server, database, connection, arguments):
    with support.fresh_database() as url, psycopg.connect(url) as postgres:
        result = support.run_seed("-t", "both", "--pg-url", url, "--mysql-url",
                                  support.mysql_url(server, database), *TINY, *arguments,
                                  "--recent-events", 50, "--sparse-chunk-demo")
        assert result.returncode == 0, result.stderr
        assert result.stdout.index("postgres:") < result.stdout.index("mysql:")
        assert result.stdout.endswith("Done!\n")
        assert_equal_rows(connection, postgres)


def test_statistics_know_the_rows(server, database, connection):
    seed(server, database, *TINY)
    estimate = query(connection, "SELECT n_rows FROM mysql.innodb_table_stats WHERE database_name ="
                     f" '{database}' AND table_name = 'page_views'")
    assert 250 <= estimate[0][0] <= 1000


# --- counters, keys ---

INSERTS = {
    "users": "(name, email) VALUES ('a', 'b')",
    "orders": "(user_id, product, quantity, price) VALUES (1, 'p', 1, 1)",
    "events": "(user_id, event_type) VALUES (1, 'e')",
    "page_views": "(session_id, url) VALUES ('s', 'u')",
    "content_items": "(title, body, raw_html, author_name, author_email) VALUES ('', '', '', '', '')",
}


def test_counters_go_on_after_the_last_row(server, database, connection):
    seed(server, database, *TINY)
    for table, insert in INSERTS.items():
        low, high, total = query(connection, f"SELECT min(id), max(id), count(*) FROM {table}")[0]
        assert (low, high) == (1, total)
        query(connection, f"INSERT INTO {table} {insert}")
        assert query(connection, f"SELECT max(id) FROM {table}") == [(total + 1,)], table


def test_seeding_replaces_what_was_there_and_counters_start_again(server, database, connection):
    seed(server, database, *TINY, "--sparse-chunk-demo")
    seed(server, database, "--users", 0, "--page-views", 0, "--content-items", 0)
    assert [count(connection, table) for table in support.TABLES] == [0] * 6
    for table, insert in INSERTS.items():
        query(connection, f"INSERT INTO {table} {insert}")
        assert query(connection, f"SELECT id FROM {table}") == [(1,)], table


def test_foreign_keys_hold(server, database, connection):
    seed(server, database, *TINY)
    for table in ("orders", "events"):
        assert query(connection, f"SELECT count(*) FROM {table} t LEFT JOIN users u"
                     " ON u.id = t.user_id WHERE u.id IS NULL") == [(0,)]
    with pytest.raises(pymysql.IntegrityError):
        query(connection, "INSERT INTO events (user_id, event_type) VALUES (999999, 'e')")


# --- the sparse table ---


def test_sparse_demo_beside_the_others(server, database, connection):
    seed(server, database, *TINY, "--sparse-chunk-demo")
    assert query(connection, "SELECT * FROM orders_sparse_for_export ORDER BY id") == \
        [(1, "s0", 1), (2000001, "s1", 2), (4000001, "s2", 3)]


def test_only_sparse_touches_nothing_else(server, database, connection):
    seed(server, database, *TINY)
    others = query(connection, "CHECKSUM TABLE users, orders, events, page_views, content_items")
    query(connection, "DROP VIEW orders_sparse_for_export; DROP TABLE orders_sparse")
    result = seed(server, database, "--only-sparse-chunk-demo", "--sparse-chunk-rows", 5000,
                  "--sparse-chunk-id-gap", 100000)
    assert "inserted 5000 rows" in result.stdout
    assert "count=5000 min=1 max=499900001" in result.stdout
    assert query(connection, "CHECKSUM TABLE users, orders, events, page_views, content_items") == \
        others
    assert query(connection, "SELECT count(*), min(id), max(id), max(chunk_rownum)"
                 " FROM orders_sparse_for_export") == [(5000, 1, 499900001, 5000)]


def test_only_sparse_without_rows(server, database):
    result = seed(server, database, "--only-sparse-chunk-demo", "--sparse-chunk-rows", 0)
    assert "count=0 min=0 max=0" in result.stdout


# --- the URL ---


@pytest.mark.parametrize("scheme", ["mysql", "mariadb"])
def test_an_ordinary_account_can_seed_whatever_its_password(server, database, connection, scheme):
    name, password = database[-20:], "p@ss:w/%?#'\"ü"
    with connection.cursor() as cursor:
        cursor.execute("CREATE USER %s IDENTIFIED BY %s", (name, password))
        try:
            cursor.execute(f"GRANT ALL ON {database}.* TO %s", (name,))
            url = support.mysql_url(server, database, f"{name}:p%40ss%3aw%2F%25%3f%23'%22%C3%BC")
            result = support.run_seed("-t", "mysql", "--mysql-url",
                                      url.replace("mysql", scheme, 1), *TINY)
            assert result.returncode == 0, result.stderr
            assert count(connection, "users") == 200
        finally:
            cursor.execute("DROP USER %s", (name,))


@pytest.mark.parametrize("url, message", [
    ("postgresql://secret:secret@127.0.0.1/rivet", "must begin with mysql://"),
    ("mysql:/secret@127.0.0.1/rivet", "must begin with mysql://"),
    ("", "must begin with mysql://"),
    ("mysql://u:secret@127.0.0.1", "must end with /database"),
    ("mysql://u:secret@127.0.0.1/", "must end with /database"),
    ("mysql://u:secret@/rivet", "needs a host"),
    ("mysql://u:secret@127.0.0.1:/rivet", "port must be"),
    ("mysql://u:secret@127.0.0.1:0/rivet", "port must be"),
    ("mysql://u:secret@127.0.0.1:65536/rivet", "port must be"),
    ("mysql://u:secret@127.0.0.1:+1/rivet", "port must be"),
    ("mysql://u:secret@127.0.0.1:12secret/rivet", "port must be"),
    ("mysql://u:secret@[::1/rivet", "closing bracket"),
    ("mysql://u:secret@[::1]2/rivet", "closing bracket"),
    ("mysql://u:secret%@127.0.0.1/rivet", "wrong % sequence"),
    ("mysql://u:secret%4@127.0.0.1/rivet", "wrong % sequence"),
    ("mysql://u:secret%zz@127.0.0.1/rivet", "wrong % sequence"),
    ("mysql://u:secret%00@127.0.0.1/rivet", "wrong % sequence"),
    ("mysql://u:secret?x@127.0.0.1/rivet", "cannot have options"),
    ("mysql://u:secret@127.0.0.1/rivet?ssl-mode=REQUIRED", "cannot have options"),
    ("mysql://u:secret@127.0.0.1:1/rivet", "no connection"),
    ("mysql://u:secret@[::1]:1/rivet", "no connection"),
    ("mysql://u:sec@secret@127.0.0.1:1/rivet", "no connection"),
    ("mysql://127.0.0.1:1/rivet", "no connection"),
])
def test_wrong_urls_are_exit_1_and_keep_the_password(url, message):
    result = support.run_seed("-t", "mysql", "--mysql-url", url, "--users", 1)
    assert result.returncode == 1
    assert "rivet-seed: error: mysql: " in result.stderr and message in result.stderr
    assert "secret" not in result.stdout + result.stderr


def test_a_wrong_password_is_exit_1(server, database):
    result = run(server, database, login="rivet:wrong%40secret")
    assert result.returncode == 1
    assert "no connection: Access denied" in result.stderr
    assert "secret" not in result.stdout + result.stderr


# --- failures ---


def test_missing_tables_are_exit_1(server, database, connection):
    query(connection, "DROP TABLE events")
    result = run(server, database, "--users", 1)
    assert result.returncode == 1
    assert "events" in result.stderr
    assert "Done!" not in result.stdout


# With one row in a statement the first ones succeed, and must be taken back.
@pytest.mark.parametrize("batch_size", [1, 1000])
def test_a_failing_table_stays_empty(server, database, connection, batch_size):
    query(connection, "ALTER TABLE users ADD CHECK (email NOT LIKE '%150@%')")
    result = run(server, database, *TINY, "--batch-size", batch_size)
    assert result.returncode == 1
    assert "mysql: users: " in result.stderr
    assert count(connection, "users") == 0


def test_a_table_appears_whole(server, database, connection):
    query(connection, "DROP TABLE orders; CREATE TABLE orders LIKE users")
    assert run(server, database, *TINY).returncode == 1
    assert (count(connection, "users"), count(connection, "events")) == (200, 0)
