"""Chunks along every kind of key on MariaDB and MySQL, whose order of texts is not that of their bytes."""

import pytest

import servers
import support

N = 2000
MARIADB, MYSQL = "mariadb", "mysql"
KEYS = {
    "dense": ("k bigint primary key", "select g {series}"),
    "tinyint": ("k tinyint not null", "select g % 100 - 50 {series}"),
    "negative": ("k int primary key", "select g - 1000 {series}"),
    "sparse": ("k bigint primary key", "select g * 1000003 {series}"),
    "top of unsigned": ("k bigint unsigned primary key", "select 18446744073709551615 - g {series}"),
    "ends of int64": ("k bigint primary key", "select if(g % 2 = 0, 9223372036854775807 - g, -9223372036854775807 + g) {series}"),
    "decimal": ("k decimal(30,4) primary key", "select g * 1.1001 + 12345678901234567890 {series}"),
    "ties": ("k int not null", "select g % 7 {series}"),
    "case folds": ("k varchar(40) collate utf8mb4_general_ci not null", "select concat(elt(1 + g % 8, 'a', 'A', 'ä', 'z', 'Z', '''', '\\\\\\\\', '%'), g % 300) {series}"),
    "unicode": ("k varchar(40) collate utf8mb4_unicode_ci not null", "select concat(elt(1 + g % 9, 'ß', 'ss', 'é', 'e', 'ø', '🦀', ' ', '-', '_'), g % 300) {series}"),
    "german": ("k varchar(40) character set latin1 collate latin1_german2_ci not null", "select concat(elt(1 + g % 5, 'ä', 'ae', 'Ä', 'z', 'ß'), g % 300) {series}"),
    "binary text": ("k varchar(40) collate utf8mb4_bin primary key", "select concat(elt(1 + g % 4, 'a', 'B', '~', ' '), g) {series}"),
    "varbinary": ("k varbinary(16) primary key", "select unhex(substr(sha2(g, 256), 1, 32)) {series}"),
    "uuid as text": ("k char(36) primary key", "select insert(insert(insert(insert(substr(sha2(g, 256), 1, 32), 9, 0, '-'), 14, 0, '-'), 19, 0, '-'), 24, 0, '-') {series}"),
    "date": ("k date not null", "select date '1000-01-01' + interval g day {series}"),
    "datetime": ("k datetime(6) not null", "select timestamp '2024-03-31 01:00:00' + interval g * 37 minute + interval g microsecond {series}"),
    "timestamp": ("k timestamp(3) not null", "select timestamp '2024-03-31 05:00:00' + interval g * 37 minute {series}"),
    "time": ("k time not null", "select sec_to_time(g * 1500 - 1500000) {series}"),
    "nulls": ("k int", "select nullif(g % 10, 3) * g {series}"),
    "only nulls": ("k int", "select null {series}"),
    "one row": ("k int primary key", "select 7"),
    "empty": ("k int primary key", "select 1 from dual where false"),
    # of one server only
    "uuid": ("k uuid primary key", "select insert(insert(md5(g), 13, 1, '4'), 17, 1, '8') {series}", MARIADB),
    "accents fold": ("k varchar(40) collate utf8mb4_0900_ai_ci not null", "select concat(elt(1 + g % 8, 'a', 'A', 'ä', 'z', 'Z', ' ', 'ß', '%'), g % 300) {series}", MYSQL),
    "no padding": ("k varchar(40) collate utf8mb4_0900_bin not null", "select concat('a', repeat(' ', g % 5), g % 300) {series}", MYSQL),
}
# What the server is asked for where its driver's value is not that of the file.
TRUTH = {"top of unsigned": "cast(k as decimal(20,0))", "uuid": "cast(k as char(36))", "time": "cast(k as char(12))"}


BOTH = [servers.MARIADB, servers.MYSQL]
SERVER_KEYS = [(server, kind) for server in BOTH for kind, (_, _, *only) in KEYS.items() if only in ([], [server.name])]


@pytest.fixture(scope="module", params=BOTH, ids=lambda server: server.name)
def server(request):
    request.param.prepare()
    return request.param


def export(**fields):
    return {"name": "a", "mode": "chunked", "chunk_size": 300, **fields}


def check(server, work, query):
    support.assert_same_rows(support.parquet_rows(*work.files("a")), server.rows(query))


@pytest.mark.parametrize("parallel, checkpoint", [(1, False), (3, True)], ids=["plain", "checkpoint"])
@pytest.mark.parametrize("server, kind", SERVER_KEYS, indirect=["server"], ids=lambda value: getattr(value, "name", value))
def test_every_key_kind(server, work, kind, parallel, checkpoint):
    column, values = KEYS[kind][:2]
    server.execute("drop table if exists keyed", f"create table keyed ({column}, n bigint, index (k)) character set utf8mb4",
                   f"insert into keyed (k) {values.format(series='from ' + server.series(N))}", "update keyed set n = crc32(k)", "analyze table keyed")
    work.write(export(query="select k, n from keyed", chunk_column="k", parallel=parallel, chunk_checkpoint=checkpoint), source=server.source())
    run = work.run("--reconcile")
    want = server.rows(f"select {TRUTH.get(kind, 'k')}, n from keyed")
    found = support.parquet_rows(*work.files("a"))
    if kind == "timestamp":
        found = [(row[0].replace(tzinfo=None), row[1]) for row in found]
    support.assert_same_rows(found, want, kind)
    assert run.summary("a")["reconcile"].startswith("MATCH"), run.text
    if kind not in ("tinyint", "ties", "only nulls", "one row", "empty", "nulls", "ends of int64", "case folds", "unicode", "german", "accents fold", "no padding"):
        assert len(work.files("a")) == 7, [path.name for path in work.files("a")]


def test_no_chunk_column_and_composite(server, work):
    server.execute("drop table if exists paired", "create table paired (id int primary key, a int, b varchar(9), index (a, b))",
                   f"insert into paired select g, g % 11, nullif(char(97 + g % 23), 'c') from {server.series(N)}", "analyze table paired")
    query = "select id, a, b from paired"
    work.write(export(query=query), source=server.source())
    work.run()
    check(server, work, query)
    assert len(work.files("a")) == 7
    for path in work.files("a"):
        path.unlink()
    work.write(export(query=query, chunk_column=["a", "b"], parallel=2), source=server.source())
    work.run()
    check(server, work, query)


def test_partitioned_table_and_view(server, work):
    server.execute("drop view if exists seen", "drop table if exists parted",
                   "create table parted (id int primary key, v varchar(40)) partition by range (id) (partition p0 values less than (700), partition p1 values less than maxvalue)",
                   f"insert into parted select g, substr(sha2(g, 256), 1, 32) from {server.series(N)}", "analyze table parted",
                   "create view seen as select id * 2 as twice, v from parted where id % 3 > 0")
    for query, column in (("select id, v from parted", {}), ("select twice, v from seen", {"chunk_column": "twice"})):
        work.write(export(query=query, parallel=2, **column), source=server.source())
        work.run()
        check(server, work, query)
        for path in work.files("a"):
            path.unlink()


@pytest.mark.parametrize("query", ["select v from no_key", "select a.v from keyed_twice a join keyed_twice b using (id)", "select count(*) as n from no_key"])
def test_no_key(server, work, query):
    server.execute("drop table if exists no_key, keyed_twice", "create table no_key (v int)", "insert into no_key values (1), (2)",
                   "create table keyed_twice (id int, part int, v int, primary key (id, part))")
    work.write(export(query=query), source=server.source())
    assert "chunk_column" in work.run(check=1).err and work.files() == []


@pytest.mark.parametrize("column", ["e", "s", "f", "d"])
def test_keys_whose_text_has_another_order(server, work, column):
    server.execute("drop table if exists odd", "create table odd (e enum('z', 'a'), s set('x', 'y'), f float, d double)", "insert into odd values ('a', 'x', 1.5, 2.5)")
    work.write(export(query="select * from odd", chunk_column=column), source=server.source())
    assert "no order" in work.run(check=1).err


@pytest.mark.parametrize("parallel", [1, 3])
def test_dense(server, work, parallel):
    server.execute("drop table if exists dense", f"create table dense as select g * 1000003 as id, 'x' as v from {server.series(1000)}", "create index dense_id on dense (id)")
    work.write(export(query="select id, v from dense", chunk_column="id", chunk_dense=True, parallel=parallel), source=server.source())
    work.run()
    check(server, work, "select id, v from dense")
    assert len(work.files("a")) == 4
