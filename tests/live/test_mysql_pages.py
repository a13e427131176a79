"""Reading in key pages: which queries are paged, by which keys, and how long the server's statements take."""

import threading
import time

import pyarrow.parquet
import pytest

import mysql_support
import support
import type_reading

COM_STMT_PREPARE, COM_STMT_EXECUTE = 0x16, 0x17


class ListeningProxy(support.CuttingProxy):
    """Passes everything and keeps the statements that the client prepared, and how often any was executed."""

    def __init__(self, target):
        super().__init__(limit=None, target=target)
        self.prepared, self.executions = [], 0

    def ask(self, client, server):
        rest = b""

        def listen(data):
            nonlocal rest
            rest += data
            while len(rest) >= 4 and len(rest) >= 4 + int.from_bytes(rest[:3], "little"):
                length, number = int.from_bytes(rest[:3], "little"), rest[3]
                packet, rest = rest[4:4 + length], rest[4 + length:]
                if number == 0 and packet[:1] == bytes([COM_STMT_PREPARE]):
                    self.prepared.append(packet[1:].decode())
                self.executions += number == 0 and packet[:1] == bytes([COM_STMT_EXECUTE])
            return data

        self.pump(client, server, None, listen)


ROWS = 50
TABLES = {
    "int_key": "id int primary key",
    "descending_part": "id int, k2 bigint unsigned, primary key (id, k2)",
    "text_key": "id varchar(30) primary key",
    "case_key": "id varchar(30) collate utf8mb4_general_ci primary key",
    "latin_key": "id varchar(30) character set latin1 collate latin1_german2_ci primary key",
    "binary_key": "id varbinary(16) primary key",
    "moment_key": "id datetime(6) primary key",
    "timestamp_key": "id timestamp(6) primary key",
    "date_key": "id date primary key",
    "time_key": "id time(3) primary key",
    "decimal_key": "id decimal(30,10) primary key",
    "bit_key": "id bit(64) primary key",
    "unique_key": "id bigint unsigned not null, unique key (id)",
    "float_key": "id double primary key",
    "enum_key": "id enum('b','a','c') primary key",
    "null_key": "id int null, unique key (id)",
    "prefix_key": "id varchar(100) not null, unique key (id(20))",
    "plain_index": "id int not null, key (id)",
    "no_key": "id int not null",
}
NOT_PAGED = {"float_key", "enum_key", "null_key", "prefix_key", "plain_index", "no_key"}
# What row n has as its key.
KEYS = {
    "descending_part": "({n} % 7, 18446744073709551615 - {n})",
    "text_key": "concat('k', lpad({n}, 3, '0'), ' ')", "case_key": "concat(if({n} % 2, 'K', 'k'), {n})",
    "latin_key": "concat('ä', {n}, 'ß')", "binary_key": "unhex(lpad(hex({n} * 77), 8, '0'))",
    "moment_key": "timestampadd(microsecond, {n} * 777, '2024-02-29 23:59:59.99')",
    "timestamp_key": "timestampadd(microsecond, {n} * 777, '2024-02-29 23:59:59.99')",
    "date_key": "adddate('1969-12-20', {n})", "time_key": "sec_to_time(({n} - 25) * 120000.125)",
    "decimal_key": "({n} - 25) * 1.0000000001", "bit_key": "18446744073709551615 - {n}",
    "unique_key": "18446744073709551615 - {n}", "float_key": "{n} / 3", "enum_key": "1 + {n} % 3",
    "prefix_key": "concat('k', lpad({n}, 3, '0'))",
}


@pytest.fixture(scope="module", params=mysql_support.PORTS)
def database(request):
    with mysql_support.open_server(request.param) as server, server.fresh_database() as (name, connection):
        server.execute("set sql_mode = ''", connection=connection)
        for table, columns in TABLES.items():
            server.execute(f"create table {table} ({columns}, v int, key (v))", connection=connection)
            rows = 3 if table == "enum_key" else ROWS
            for n in range(rows):
                key = KEYS.get(table, "{n}").format(n=n)
                key = key[1:-1] if table == "descending_part" else key
                server.execute(f"insert into {table} values ({key}, {n})", connection=connection)
        yield server, name, connection


def run_pages(database, work, query, check=0, export=None, **tuning):
    server, name, _ = database
    with ListeningProxy(("127.0.0.1", server.port)) as proxy:
        source = server.source(name, "pages", tuning={"batch_size": 7, **tuning})
        source["url"] = server.url(name, port=proxy.port) + "?ssl-mode=disabled"
        work.write({"name": "a", "query": query, "format": "csv", **(export or {})}, source=source)
        work.run(check=check)
    return proxy


def got_values(work):
    return sorted(int(v) for v in type_reading.csv_columns(type_reading.only_file(work, "a"))["v"])


@pytest.mark.parametrize("table", TABLES)
def test_keys(database, work, table):
    proxy = run_pages(database, work, f"select * from {table}")
    rows = 3 if table == "enum_key" else ROWS
    assert got_values(work) == list(range(rows))
    assert proxy.executions == (1 if table in NOT_PAGED else rows // 7 + 1), proxy.prepared


def test_zero_dates_in_the_key(database, work):
    """What becomes NULL in the file still leads to the next page."""
    server, _, connection = database
    server.execute("create table if not exists zero_key (id datetime primary key, v int)",
                   "replace into zero_key values ('0000-00-00', 0), ('2024-00-00', 1), ('2024-05-00', 2), ('2024-05-01', 3), ('2024-05-02', 4)",
                   connection=connection)
    proxy = run_pages(database, work, "select * from zero_key", batch_size=1)
    assert got_values(work) == list(range(5)) and proxy.executions == 6


@pytest.mark.parametrize("query, is_paged", [
    ("select id, v from int_key", True),
    ("SELECT t.v, t.id AS k FROM int_key AS t WHERE t.v >= 0 -- all of them", True),
    ("select `id`, v from `int_key` where v in (select v from no_key)", True),
    ("select v, id + 0 as id from int_key", False),
    ("select v from int_key", False),
    ("select id, v from int_key order by v desc", False),
    ("select id, v from int_key limit 50", False),
    ("select distinct id, v from int_key", False),
    ("select id, v from int_key group by id, v", False),
    ("select a.id, a.v from int_key a join no_key b on a.v = b.v", False),
    ("select a.id, a.v from int_key a, (select 1 as x) b", False),
    ("select id, v from int_key union select id, v from int_key", False),
    ("select id, v from (select * from int_key) x", False),
    ("select id, v, row_number() over (order by v) as r from int_key", False),
    ("select id, v, (select max(v) from no_key) as m from int_key", False),
    ("with x as (select * from int_key) select * from x", False),
    ("select id, v, @n := 1 as n from int_key", False),
])
def test_queries(database, work, query, is_paged):
    proxy = run_pages(database, work, query)
    assert got_values(work) == list(range(ROWS))
    assert (proxy.executions > 1) == is_paged, proxy.prepared


def test_pages_share_one_snapshot(database, work):
    """Rows that appear or vanish while pages are read are not seen."""
    server, name, connection = database
    server.execute("create table if not exists moving (id int primary key, v int)", "delete from moving",
                   "insert into moving select id * 2, v from int_key", connection=connection)
    done = threading.Event()

    def disturb():
        with mysql_support.connect(server.port, name) as other:
            support.wait_for(lambda: any("moving" in info for _, _, info in server.statements()), what="the first page")
            while not done.is_set():
                server.execute("replace into moving select id * 2 + 1, 1000 + v from int_key", "delete from moving where id % 4 = 0",
                               connection=other)
    thread = threading.Thread(target=disturb)
    thread.start()
    try:
        run_pages(database, work, "select id, v, sleep(0.01) as pause from moving", batch_size=5)
    finally:
        done.set()
        thread.join()
    assert got_values(work) == list(range(ROWS))


def test_no_rows(database, work):
    proxy = run_pages(database, work, "select id, v from int_key where v < 0", export={"skip_empty": True})
    assert proxy.executions == 1 and work.files() == []


class SlowLog:
    """Every statement of sessions that begin meanwhile, with its duration as the server measured it."""

    def __init__(self, server):
        self.server = server
        self.before = {name: server.query(f"select @@global.{name}")[0][0] for name in ("slow_query_log", "long_query_time", "log_output")}

    def __enter__(self):
        self.server.execute("set global slow_query_log = 0", "truncate mysql.slow_log", "set global log_output = 'TABLE'",
                            "set global long_query_time = 0", "set global slow_query_log = 1")
        return self

    def __exit__(self, *_):
        self.server.execute(f"set global slow_query_log = {int(self.before['slow_query_log'])}",
                            f"set global long_query_time = {self.before['long_query_time']}",
                            f"set global log_output = '{self.before['log_output']}'")

    def seconds(self, needle):
        return [float(row[0]) for row in self.server.query(
            "select time_to_sec(query_time) + microsecond(query_time) / 1e6 from mysql.slow_log "
            "where convert(sql_text using utf8mb4) like %s and user_host like '%%rivet%%'", f"%{needle}%")]


@support.measures
@pytest.mark.parametrize("rows", [200_000, pytest.param(2_000_000, marks=pytest.mark.soak)])
def test_safe_profile_keeps_statements_short(database, work, rows):
    """`profile: safe` over page_views: no statement longer than a second at the server, little memory."""
    server, name, connection = database
    others = ", ".join(row[0] for row in server.query("show columns from rivet.page_views") if row[0] != "id")
    server.execute("drop table if exists page_views", "create table page_views like rivet.page_views", connection=connection)
    for _ in range(rows // 20_000):
        server.execute(f"insert into page_views ({others}) select {others} from rivet.page_views", connection=connection)
    source = server.source(name, tuning={"throttle_ms": 0})
    source["tuning"] |= {"profile": "safe"}
    del source["tuning"]["fetch"]
    work.write({"name": "a", "query": "select * from page_views"}, source=source)
    started = time.monotonic()
    with SlowLog(server) as log:
        run = work.run(timeout=600)
        seconds = log.seconds("LIMIT")
    assert sum(pyarrow.parquet.ParquetFile(file).metadata.num_rows for file in work.files()) == rows == int(server.query(f"select count(*) from {name}.page_views")[0][0])
    assert len(seconds) >= rows // 2000, len(seconds)
    print(f"{server.version}: {len(seconds)} pages in {time.monotonic() - started:.1f} s, longest {max(seconds):.3f} s")
    assert max(seconds) < 1
    assert int(run.summary("a")["peak RSS"].split("MB")[0]) < 110
