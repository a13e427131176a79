"""Incremental exports: what a cursor takes, keeps and refuses (spec: extraction §5, behaviour §3)."""

import datetime
import json
import os
import re
import subprocess
import threading
import time

import pytest

import delivery
import servers
import support

ORDERS = "select id, user_id, product, quantity, price, status, updated_at from orders"


@pytest.fixture(scope="module", params=servers.ALL, ids=lambda server: server.name)
def server(request):
    request.param.prepare()
    return request.param


class Increments:
    """One incremental export of a table of its own."""

    def __init__(self, server, work, columns, cursor, **export):
        self.server, self.work = server, work
        server.execute("drop table if exists inc", f"create table inc ({columns})")
        self.configure(cursor, **export)

    def configure(self, cursor, query="select * from inc", **export):
        self.work.write({"name": "inc", "query": query, "mode": "incremental", "cursor_column": cursor, **export},
                        source=self.server.source())

    def insert(self, *rows):
        self.server.execute(*(f"insert into inc values ({row})" for row in rows))

    def run(self, check=0, **options):
        """The rows of the new files."""
        before = set(self.work.files("inc"))
        run = self.work.run(check=check, **options)
        self.err = run.err
        return support.parquet_rows(*sorted(set(self.work.files("inc")) - before))

    def cursor(self):
        return delivery.cursor(self.work, "inc")


# ---- acceptance C3, C4, D1 to D3 ----

@pytest.fixture
def isolated(work, postgres):
    """A copy of dev/pg_incremental.yaml; the new files of each run."""
    class Isolated:
        def run(self):
            return work.run_dev("pg_incremental.yaml", "--export", "pg_orders_incremental")

        def command(self, *words):
            return support.rivet(*words, "--config", work.config, check=0)

    return Isolated()


def test_first_second_and_one_more(isolated, postgres):
    first = isolated.run()
    support.assert_same_rows(support.parquet_rows(*first.files), support.database_rows(ORDERS), "C3")
    top = support.database_rows("select to_char(max(updated_at), 'YYYY-MM-DD\"T\"HH24:MI:SS.US') from orders")[0][0]
    shown = isolated.command("state", "show").out
    assert shown.split()[:2] == ["EXPORT", "LAST"]
    assert [line.split()[:2] for line in shown.splitlines()[2:]] == [["pg_orders_incremental", top]], "D1"

    second = isolated.run()
    assert second.summary("pg_orders_incremental")["rows"] == "0" and second.files == [], "C4"
    assert second.summary("pg_orders_incremental")["files"] == "0"
    assert isolated.command("state", "show").out == shown

    fresh = "select id from orders where notes = 'rivet test'"
    postgres.execute("insert into orders (user_id, product, quantity, price, status, notes, ordered_at, updated_at) "
                     "select min(id), 'x', 1, 1, 'new', 'rivet test', now(), "
                     "(select max(updated_at) + interval '1 second' from orders) from users")
    try:
        third = isolated.run()
        assert third.summary("pg_orders_incremental")["rows"] == "1"
        assert [row[:1] for row in support.parquet_rows(*third.files)] == support.database_rows(fresh)
    finally:
        postgres.execute("delete from orders where notes = 'rivet test'")


def test_metrics(isolated):
    last = [isolated.run().summary("pg_orders_incremental") for _ in range(2)][-1]
    table = isolated.command("metrics", "--last", "5").out.splitlines()
    assert table[0].split()[:4] == ["EXPORT", "STATUS", "ROWS", "DURATION"] and len(table[2:]) <= 15
    newest = table[2].split()
    assert (newest[0], newest[1], newest[2], newest[-1]) == ("pg_orders_incremental", last["status"], last["rows"], last["run_id"])
    rows = json.loads(isolated.command("metrics", "--json").out)
    assert [row["rows"] for row in rows] == [0, support.database_rows("select count(*) from orders")[0][0]]


def test_reset_makes_the_next_run_a_first_one(isolated):
    rows = isolated.run().summary("pg_orders_incremental")["rows"]
    reset = isolated.command("state", "reset", "--export", "pg_orders_incremental")
    assert "'pg_orders_incremental'" in reset.out
    assert "pg_orders_incremental" not in isolated.command("state", "show").out
    assert isolated.run().summary("pg_orders_incremental")["rows"] == rows


def test_the_root_field_state_is_honoured(server, work):
    """By commands that only look, too, and in a configuration that is broken otherwise; a reset wants a whole one."""
    server.table("inc", rows=3)
    work.write({"name": "inc", "query": "select * from inc", "mode": "incremental", "cursor_column": "id"},
               source=server.source(), state="elsewhere.db")
    work.run()
    assert (work.path / "elsewhere.db").exists() and not work.state.exists()
    work.config.write_text("state: elsewhere.db\nsource: {}\n")
    for command, word in ((("state", "show"), "3"), (("state", "files"), "inc_"), (("metrics",), "success")):
        assert word in support.rivet(*command, "-c", work.config, check=0).out
    reset = support.rivet("state", "reset", "-c", work.config, "-e", "inc", check=1)
    assert "missing field 'type'" in reset.err and reset.out == "", "it does not say where parts are"


def test_reset_without_state(work):
    work.write({"name": "a", "query": "select 1"})
    out = support.rivet("state", "reset", "-c", work.config, "-e", "a", check=0).out
    assert out == "nothing stored for 'a'\n" and not work.state.exists()


# ---- acceptance C6 ----

MYSQL_EXPORTS = {
    "mysql_orders_incremental": ("select max(updated_at) from orders", "select id, user_id, product, quantity, price, status, updated_at from orders"),
    "mysql_events_incremental": ("select max(id) from events", "select id, user_id, event_type, ip_address, created_at from events"),
}


def mysql_text(cell):
    """A cell of the server as rivet writes it to CSV; None stays None."""
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(timespec="microseconds")
    return None if cell is None else str(cell)


@pytest.mark.parametrize("server", [servers.MARIADB, servers.MYSQL], ids=lambda server: server.name)
def test_mysql_first_and_second(server, work):
    """dev/mysql_incremental.yaml: both cursors are the maxima, and a second run finds nothing."""
    work.copy_dev("mysql_incremental.yaml", ("localhost:3306", f"localhost:{server.port}"))
    with server.open("rivet") as connection:
        tops = {name: connection.execute(top).fetchone()[0] for name, (top, _) in MYSQL_EXPORTS.items()}
        want = {name: connection.execute(query).fetchall() for name, (_, query) in MYSQL_EXPORTS.items()}
    assert all(want.values()), "the tables are empty"
    first = work.run("--validate", timeout=120)
    for name, rows in want.items():
        assert (first.summary(name)["status"], first.summary(name)["rows"]) == ("success", str(len(rows)))
        assert delivery.cursor(work, name) == mysql_text(tops[name])
    (orders,), (events,) = work.files("mysql_orders_incremental", "csv"), work.files("mysql_events_incremental", "parquet")
    support.assert_same_rows(support.csv_records(orders.read_text())[1:],
                             [tuple(map(mysql_text, row)) for row in want["mysql_orders_incremental"]], "orders")
    support.assert_same_rows(support.parquet_rows(events), want["mysql_events_incremental"], "events")
    shown = support.rivet("state", "show", "-c", work.config, check=0).out
    before = work.query_state("select * from export_state order by 1")
    second = work.run()
    for name in want:
        summary = second.summary(name)
        assert (summary["status"], summary["rows"], summary["files"]) == ("success", "0", "0")
        assert mysql_text(tops[name]) in shown
    assert len(work.files()) == 2 and support.rivet("state", "show", "-c", work.config, check=0).out == shown
    assert work.query_state("select * from export_state order by 1") == before


# ---- what a cursor stores ----

POSTGRES_TYPES = [
    ("smallint", ["1", "2", "-3"], "2"),
    ("bigint", ["9223372036854775806", "-9223372036854775808"], "9223372036854775806"),
    ("numeric", ["1.10", "10.25000000000000000001", "-5"], "10.25000000000000000001"),
    ("numeric(12,2)", ["1.10", "99.90"], "99.90"),
    ("double precision", ["0.1", "1e-300", "0.30000000000000004"], "0.30000000000000004"),
    ("date", ["'2024-02-29'", "'0001-01-02'"], "2024-02-29"),
    ("timestamp", ["'2024-01-01 00:00:00'", "'2024-01-01 00:00:00.000001'"], "2024-01-01T00:00:00.000001"),
    ("timestamptz", ["'2024-01-01 00:00:00+05'", "'2024-06-01 12:00:00.5-03'"], "2024-06-01T15:00:00.500000Z"),
    ("uuid", ["'00000000-0000-0000-0000-000000000001'", "'ffffffff-0000-0000-0000-000000000000'"],
     "ffffffff-0000-0000-0000-000000000000"),
    ("text collate \"C\"", ["'a'", "'Zürich'", "'it''s \"quoted\" \\ back'"], "it's \"quoted\" \\ back"),
    ("bytea", ["'\\x00'", "'\\xff00'"], "ff00"),
    ("real", ["0.1", "0.3", "0.2"], "0.3"),
    ("text collate \"de-x-icu\"", ["'a'", "'Z'", "'ä'", "'b'"], "Z"),
]

MYSQL_TYPES = [
    ("tinyint", ["1", "-128", "127"], "127"),
    ("bigint", ["9223372036854775806", "-9223372036854775808"], "9223372036854775806"),
    ("bigint unsigned", ["1", "18446744073709551614", "9223372036854775808"], "18446744073709551614"),
    ("year", ["1999", "2024"], "2024"),
    ("decimal(40,20)", ["1.10", "10.25000000000000000001", "-5"], "10.25000000000000000001"),
    ("decimal(65,30)", ["0", "99999999999999999999999999999999999.999999999999999999999999999999"],
     "99999999999999999999999999999999999.999999999999999999999999999999"),
    ("decimal(12,2)", ["1.10", "99.90"], "99.90"),
    ("double", ["0.1", "1e-300", "0.30000000000000004"], "0.30000000000000004"),
    ("float", ["0.1", "0.3", "0.2"], "0.3"),
    ("date", ["'2024-02-29'", "'1000-01-02'"], "2024-02-29"),
    ("datetime", ["'2024-01-01 00:00:00'", "'2024-02-29 23:59:59'"], "2024-02-29T23:59:59.000000"),
    ("datetime(6)", ["'2024-01-01 00:00:00'", "'2024-01-01 00:00:00.000001'"], "2024-01-01T00:00:00.000001"),
    ("timestamp(6) null", ["'2024-01-01 00:00:00'", "'2024-06-01 15:00:00.5'"], "2024-06-01T15:00:00.500000Z"),
    ("time(6)", ["'-838:59:59'", "'100:00:00.000001'"], "100:00:00.000001"),
    ("varchar(40) collate utf8mb4_bin", ["'a'", "'Zürich'", "'it''s \"quoted\" back'"], "it's \"quoted\" back"),
    ("varchar(40) collate utf8mb4_general_ci", ["'a'", "'Z'", "'ä'", "'b'"], "Z"),
    ("varchar(40) collate utf8mb4_unicode_ci", ["'ß'", "'sa'", "'st'"], "st"),
    ("varchar(40) character set latin1 collate latin1_german2_ci", ["'ad'", "'ä'", "'af'"], "af"),
    ("char(8) collate utf8mb4_general_ci", ["'b '", "'a'"], "b"),
    ("text", ["'a'", "'b'"], "b"),
    ("varbinary(8)", ["x'00'", "x'ff00'"], "ff00"),
]


def cases_of(server):
    return POSTGRES_TYPES if server.name == "postgres" else MYSQL_TYPES


TYPES = [pytest.param(server, *case, id=f"{server.name}-{case[0]}") for server in servers.ALL for case in cases_of(server)]


@pytest.mark.parametrize("server, column, values, want", TYPES)
def test_every_orderable_type(server, work, column, values, want):
    server.prepare()
    increments = Increments(server, work, f"k {column}, n int", "k", compression="none")
    increments.insert(*(f"{value}, {n}" for n, value in enumerate(values)))
    rows = increments.run()
    assert sorted(row[1] for row in rows) == list(range(len(values)))
    assert increments.cursor() == want
    assert increments.run() == []
    assert increments.cursor() == want
    increments.insert(f"{values[-1]}, 99")  # at or below the stored value: documented as missed
    assert increments.run() == []


TWO_ORDERS = [*((server, column) for column in ("enum('z', 'a')", "set('z', 'a')") for server in (servers.MARIADB, servers.MYSQL)),
              (servers.MYSQL, "json")]  # in MariaDB a text


@pytest.mark.parametrize("server, column", [pytest.param(*case, id=f"{case[0].name}-{case[1]}") for case in TWO_ORDERS])
def test_a_type_of_two_orders_is_refused(server, work, column):
    """Sorted by number and compared as text: a bound would lose rows."""
    server.prepare()
    increments = Increments(server, work, f"k {column}, n int", "k")
    increments.run(check=1)
    assert "cannot be a cursor" in increments.err and "'k'" in increments.err


def test_a_quoted_mixed_case_column(server, work):
    name = server.quote("Changed At")
    increments = Increments(server, work, f"{name} {server.moment}, n int", name)
    increments.insert("'2024-01-01', 1")
    assert len(increments.run()) == 1 and increments.run() == []


def test_query_shapes(server, work):
    """A comment at the end, a semicolon, an inner ORDER BY and LIMIT, an alias as the cursor."""
    increments = Increments(server, work, "k int, n int", "kk", query="select k + 1 as kk, n from inc order by k limit 3; -- all")
    increments.insert("1, 1", "2, 2", "3, 3", "4, 4")
    assert [row[0] for row in increments.run()] == [2, 3, 4]
    assert increments.cursor() == "4"


# ---- composite cursors, ties, NULLs ----

def test_single_column_takes_all_ties(server, work):
    increments = Increments(server, work, "k int, n int", "k")
    increments.insert("1, 1", "2, 2", "2, 3")
    assert len(increments.run()) == 3
    increments.insert("3, 4", "3, 5")
    assert sorted(increments.run()) == [(3, 4), (3, 5)]


def test_composite_cursor_takes_later_ties(server, work):
    increments = Increments(server, work, "k int, n int", ["k", "n"])
    increments.insert("1, 1", "2, 2", "2, 3")
    assert increments.run() == [(1, 1), (2, 2), (2, 3)]
    assert json.loads(increments.cursor()) == ["2", "3"]
    increments.insert("2, 4", "2, 1", "3, 0")
    assert increments.run() == [(2, 4), (3, 0)]
    shown = support.rivet("state", "show", "-c", work.config, "--json", check=0).out
    assert json.loads(shown)[0]["last_cursor"] == '["3","0"]'


class TestNulls:
    def test_are_an_error(self, server, work):
        increments = Increments(server, work, "k int, n int", "k")
        increments.insert("1, 1", "null, 2")
        assert increments.run(check=1) == []
        assert "cursor_nulls" in increments.err and increments.cursor() is None

    def test_are_skipped(self, server, work):
        increments = Increments(server, work, "k int, n int", ["k", "n"], cursor_nulls="skip")
        increments.insert("1, 1", "null, 2", "1, null", "2, null", "null, null", "2, 1")
        assert increments.run() == [(1, 1), (2, 1)]
        increments.insert("2, null", "3, null", "3, 1", "null, 5")
        assert increments.run() == [(3, 1)]
        assert increments.run() == []

    @pytest.mark.parametrize("cursor", ["k", ["k", "n"]], ids=["single", "composite"])
    def test_come_with_the_first_run(self, server, work, cursor):
        increments = Increments(server, work, "k int, n int", cursor, cursor_nulls="include_first")
        increments.insert("1, 1", "null, 2", "2, 1", "null, 3")
        support.assert_same_rows(increments.run(), [(1, 1), (None, 2), (2, 1), (None, 3)])
        increments.insert("null, 4", "3, 1")
        assert increments.run() == [(3, 1)]

    def test_alone_come_once(self, server, work):
        increments = Increments(server, work, "k int, n int", "k", cursor_nulls="include_first")
        assert increments.run() == [] and work.query_state("select * from export_state") == []
        increments.insert("null, 1")
        assert increments.run() == [(None, 1)]
        assert work.query_state("select last_cursor_value from export_state") == [(None,)]
        assert increments.run() == []
        increments.insert("1, 2")
        assert increments.run() == [(1, 2)] and increments.cursor() == "1"


@pytest.mark.parametrize("column, value", [("timestamptz", "'infinity'"), ("double precision", "'NaN'")])
def test_a_value_that_no_cursor_can_pass(work, column, value):
    server = servers.POSTGRES
    server.prepare()
    increments = Increments(server, work, f"k {column}", "k", infinity="clamp")
    increments.insert(value)
    increments.run(check=1)
    assert "no cursor can pass" in increments.err and increments.cursor() is None


# ---- what a stored cursor is bound to ----

class TestBoundTo:
    def stored(self, server, work):
        increments = Increments(server, work, f"k int, at {server.moment}, n int", "k")
        increments.insert("1, '2024-01-01', 1")
        assert len(increments.run()) == 1
        return increments

    def refused(self, increments, *words):
        assert increments.run(check=1) == []
        for word in (*words, "state reset"):
            assert word in increments.err, increments.err
        assert increments.cursor() == "1"

    def test_the_column(self, server, work):
        increments = self.stored(server, work)
        increments.configure("n")
        self.refused(increments, "cursor_column", '["k"]', '["n"]')
        support.rivet("state", "reset", "-c", work.config, "-e", "inc", check=0)
        assert len(increments.run()) == 1

    def test_the_type_family(self, server, work):
        increments = self.stored(server, work)
        server.retype("inc", "k", "bigint")
        assert increments.run() == []  # still a number
        server.retype("inc", "k", "text")
        self.refused(increments, "type", "number", "text")

    def test_the_source(self, server, work):
        increments = self.stored(server, work)
        document = work.config.read_text()
        here, elsewhere = ("localhost", "127.0.0.1") if "@localhost:" in document else ("127.0.0.1", "localhost")
        work.config.write_text(document.replace(f"@{here}:", f"@{elsewhere}:"))
        self.refused(increments, "source", here, elsewhere)
        work.config.write_text(document)
        assert increments.run() == []

    def test_another_query_is_a_warning(self, server, work):
        increments = self.stored(server, work)
        increments.insert("2, '2024-01-01', 2", "3, '2024-01-01', 3")
        increments.configure("k", query="select * from inc where n < 3")
        assert [row[0] for row in increments.run()] == [2]
        assert "query text changed" in increments.err


# ---- late commits ----

def slow_commit(server, until):
    """A transaction that has taken its moment and waits with the commit."""
    connection = server.connect(autocommit=False)
    connection.execute(f"insert into inc values ({server.now}, 1)")

    def finish():
        until.wait()
        connection.commit()
        connection.close()
    thread = threading.Thread(target=finish)
    thread.start()
    return thread


def late_commit(server, work, **export):
    """The rows exported in all when a transaction commits after a later one was exported."""
    increments = Increments(server, work, f"k {server.moment}, n int", "k", **export)
    released = threading.Event()
    thread = slow_commit(server, released)
    try:
        increments.insert(f"{server.now}, 2")
        rows = increments.run()
    finally:
        released.set()
        thread.join()
    rows += increments.run()
    time.sleep(2.5)
    rows += increments.run()
    increments.insert(f"{server.now}, 3")
    time.sleep(2.5)
    return sorted(row[1] for row in rows + increments.run())


def test_without_a_lag_a_late_commit_is_lost(server, work):
    """Documented in docs/modes/incremental.md; should this test ever fail, the page is wrong."""
    assert late_commit(server, work) == [2, 3]


def test_with_a_lag_nothing_is_lost(server, work):
    assert late_commit(server, work, cursor_lag="2s") == [1, 2, 3]


@pytest.mark.parametrize("column", ["int", "bigint"])
def test_integer_lag(server, work, column):
    increments = Increments(server, work, f"k {column}", "k", cursor_lag=2)
    increments.insert("1", "3", "5")
    assert increments.run() == [(1,), (3,)]
    increments.insert("4", "7")
    assert increments.run() == [(4,), (5,)] and increments.cursor() == "5"


@pytest.mark.parametrize("server", [servers.MARIADB, servers.MYSQL], ids=lambda server: server.name)
def test_lag_of_unsigned_integers(server, work):
    """Their end lies beyond int64, and a lag may reach below 0."""
    server.prepare()
    increments = Increments(server, work, "k bigint unsigned", "k", cursor_lag=10)
    increments.insert("1", "5")
    assert increments.run() == []
    increments.insert("18446744073709551600", "18446744073709551610", "18446744073709551605")
    assert sorted(int(row[0]) for row in increments.run()) == [1, 5, 18446744073709551600]
    assert increments.cursor() == "18446744073709551600"


def test_a_date_counts_when_its_day_is_over(server, work):
    increments = Increments(server, work, "k date, n int", "k", cursor_lag="1s")
    increments.insert(f"{server.day(-2)}, 1", f"{server.day(-1)}, 2", f"{server.day(0)}, 3")
    assert [row[1] for row in increments.run()] in ([1, 2], [1, 2, 3])  # the latter only at midnight


@pytest.mark.parametrize("column, lag", [("text", "5s"), ("text", 5), ("{moment}", 5), ("int", "5s"), ("decimal(9,0)", 5)])
def test_a_lag_that_does_not_fit_the_column(server, work, column, lag):
    increments = Increments(server, work, f"k {column.format(moment=server.moment)}", "k", cursor_lag=lag)
    increments.run(check=1)
    assert "cursor_lag" in increments.err


# ---- retries ----

def test_a_retry_records_what_it_read(server, work):
    """The second attempt reads up to a later row: run row, manifest and cursor say so."""
    server.table("inc", rows=3000)
    port = int(re.search(r":(\d+)/", server.source()["url"]).group(1))
    with support.CuttingProxy(100_000, cuts=1, target=("127.0.0.1", port)) as proxy:
        source = server.source(max_retries=1, retry_backoff_ms=4000)
        source["url"] = re.sub(r"@[^/]+/", f"@127.0.0.1:{proxy.port}/", source["url"])
        work.write({"name": "inc", "query": "select * from inc", "mode": "incremental", "cursor_column": "id"}, source=source)
        process = subprocess.Popen([support.RIVET, "run", "-c", work.config], text=True, stderr=subprocess.PIPE,
                                   env={**os.environ, "RUST_LOG": "warn"})
        while "retry 1/1" not in process.stderr.readline():
            assert process.poll() is None, "no retry"
        assert work.query_state("select bounds from run") == [('{"le":["3000"]}',)]
        server.append("inc", 3001, 3001)
        _, err = process.communicate(timeout=60 * support.PATIENCE)
    assert process.returncode == 0, err
    assert work.query_state("select bounds, cursor_after from run") == [('{"le":["3001"]}', '["3001"]')]
    (manifest,) = work.manifests("inc")
    assert manifest["bounds"] == {"le": ["3001"]} and manifest["cursor"]["after"] == ["3001"]
    delivery.check_incremental(work, "inc", server.rows("select * from inc"))


# ---- the journal ----

def test_journal(server, work):
    increments = Increments(server, work, "k int", "k")
    increments.insert("1")
    increments.run()
    assert delivery.journal(work, delivery.latest_run(work, "inc")) == ["started", "delivered"]
    server.execute("drop table inc")
    run = work.run(check=1)
    run_id = run.summary("inc")["run_id"]
    assert delivery.journal(work, run_id) == ["attempt_failed", "failed"]
    text = support.rivet("journal", "-c", work.config, "--run", run_id, check=0).out
    assert server.no_table in text
    assert "No events" in support.rivet("journal", "-c", work.config, "--run", "nobody", check=0).out
