"""Chunks along every kind of key on MariaDB, whose order of texts is not that of their bytes."""

import pytest

import servers
import support

N = 2000
SERIES = f"from (select cast(seq as signed) as g from seq_1_to_{N}) s"
KEYS = {
    "dense": ("k bigint primary key", f"select g {SERIES}"),
    "tinyint": ("k tinyint not null", f"select g % 100 - 50 {SERIES}"),
    "negative": ("k int primary key", f"select g - 1000 {SERIES}"),
    "sparse": ("k bigint primary key", f"select g * 1000003 {SERIES}"),
    "top of unsigned": ("k bigint unsigned primary key", f"select 18446744073709551615 - g {SERIES}"),
    "ends of int64": ("k bigint primary key", f"select if(g % 2 = 0, 9223372036854775807 - g, -9223372036854775807 + g) {SERIES}"),
    "decimal": ("k decimal(30,4) primary key", f"select g * 1.1001 + 12345678901234567890 {SERIES}"),
    "case folds": ("k varchar(40) collate utf8mb4_general_ci not null", f"select concat(elt(1 + g % 8, 'a', 'A', 'ä', 'z', 'Z', '''', '\\\\\\\\', '%'), g % 300) {SERIES}"),
    "binary text": ("k varchar(40) collate utf8mb4_bin primary key", f"select concat(elt(1 + g % 4, 'a', 'B', '~', ' '), g) {SERIES}"),
    "varbinary": ("k varbinary(16) primary key", f"select unhex(md5(g)) {SERIES}"),
    "date": ("k date not null", f"select date '1000-01-01' + interval g day {SERIES}"),
    "datetime": ("k datetime(6) not null", f"select timestamp '2024-03-31 01:00:00' + interval g * 37 minute + interval g microsecond {SERIES}"),
    "timestamp": ("k timestamp(3) not null", f"select timestamp '2024-03-31 05:00:00' + interval g * 37 minute {SERIES}"),
    "nulls": ("k int", f"select nullif(g % 10, 3) * g {SERIES}"),
    "empty": ("k int primary key", "select 1 from dual where false"),
}


@pytest.fixture(scope="module")
def server():
    found = [server for server in servers.SERVERS if server.name == "mariadb"]
    if not found:
        pytest.skip("no MariaDB")
    found[0].prepare()
    return found[0]


def export(**fields):
    return {"name": "a", "mode": "chunked", "chunk_size": 300, **fields}


def check(server, work, query):
    support.assert_same_rows(support.parquet_rows(*work.files("a")), server.rows(query))


@pytest.mark.parametrize("parallel, checkpoint", [(1, False), (3, True)], ids=["plain", "checkpoint"])
@pytest.mark.parametrize("kind", KEYS)
def test_every_key_kind(server, work, kind, parallel, checkpoint):
    column, values = KEYS[kind]
    server.execute("drop table if exists keyed", f"create table keyed ({column}, n bigint, index (k))", f"insert into keyed (k) {values}",
                   "set @n = 0", "update keyed set n = crc32(k)", "analyze table keyed")
    work.write(export(query="select k, n from keyed", chunk_column="k", parallel=parallel, chunk_checkpoint=checkpoint), source=server.source())
    run = work.run("--reconcile")
    want = "select k, n from keyed" if kind != "top of unsigned" else "select cast(k as decimal(20,0)), n from keyed"
    if kind == "timestamp":
        support.assert_same_rows([(row[0].replace(tzinfo=None), row[1]) for row in support.parquet_rows(*work.files("a"))], server.rows(want))
    else:
        check(server, work, want)
    assert run.summary("a")["reconcile"].startswith("MATCH"), run.text


def test_no_chunk_column_and_composite(server, work):
    server.execute("drop table if exists paired", "create table paired (id int primary key, a int, b varchar(9), index (a, b))",
                   "insert into paired select seq, seq % 11, nullif(char(97 + seq % 23), 'c') from seq_1_to_2000", "analyze table paired")
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


@pytest.mark.parametrize("column", ["e", "s", "f", "d"])
def test_keys_whose_text_has_another_order(server, work, column):
    server.execute("create or replace table odd (e enum('z', 'a'), s set('x', 'y'), f float, d double)", "insert into odd values ('a', 'x', 1.5, 2.5)")
    work.write(export(query="select * from odd", chunk_column=column), source=server.source())
    assert "no order" in work.run(check=1).err


@pytest.mark.parametrize("parallel", [1, 3])
def test_dense(server, work, parallel):
    server.execute("create or replace table dense as select cast(seq * 1000003 as signed) as id, 'x' as v from seq_1_to_1000", "create index dense_id on dense (id)")
    work.write(export(query="select id, v from dense", chunk_column="id", chunk_dense=True, parallel=parallel), source=server.source())
    work.run()
    check(server, work, "select id, v from dense")
    assert len(work.files("a")) == 4


def test_snapshot(server, work):
    server.table("still", 900)
    work.write(export(query="select * from still", chunk_column="id", consistency="snapshot"), source=server.source())
    work.run("--reconcile")
    check(server, work, "select * from still")
    work.write(export(query="select * from still", chunk_column="id", consistency="snapshot", parallel=2), source=server.source())
    assert "snapshot" in work.run(check=1).err
