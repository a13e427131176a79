"""Chunks along every kind of key on PostgreSQL: together they hold the table, each row once."""

import re

import pyarrow.parquet
import pytest

import chunked
import support


@pytest.fixture(scope="module", autouse=True)
def database():
    chunked.prepare()


N = 2000
SERIES = f"from generate_series(1, {N}) g"
KEYS = {
    "dense": ("k bigint primary key", f"select g {SERIES}"),
    "smallint": ("k smallint not null", f"select g {SERIES}"),
    "sparse": ("k bigint primary key", f"select g * 1000003 {SERIES}"),
    "negative": ("k int primary key", f"select g - 1000 {SERIES}"),
    "top of int64": ("k bigint primary key", f"select 9223372036854775807 - g + 1 {SERIES}"),
    "bottom of int64": ("k bigint primary key", f"select -9223372036854775808 + g - 1 {SERIES}"),
    "both ends of int64": ("k bigint primary key", f"select case when g % 2 = 0 then 9223372036854775807 - g else -9223372036854775808 + g end {SERIES}"),
    "ties": ("k int not null", f"select g % 7 {SERIES}"),
    "numeric": ("k numeric primary key", f"select g * 1.10 + 99999999999999999999 {SERIES}"),
    "double": ("k float8 not null", f"select case g when 1 then 'NaN' when 2 then '-Infinity' when 3 then 'Infinity' when 4 then '-0' else g / 3.0 end {SERIES}"),
    "text C": ('k text collate "C" primary key', f"select chr(32 + g % 95) || md5(g::text) {SERIES}"),
    "text ICU": ('k text collate "und-x-icu" primary key', f"select (array['a','A','á','z','Z','ß','-','_',' ','''','\\','\"','%','$1','🦀'])[1 + g % 15] || g {SERIES}"),
    "text quotes": ("k text primary key", f"select repeat('''', g % 5) || repeat('\\', g % 7) || g {SERIES}"),
    "uuid": ("k uuid primary key", f"select md5(g::text)::uuid {SERIES}"),
    "date": ("k date not null", f"select date '0001-01-02' + g * 1000 {SERIES}"),
    "timestamp": ("k timestamp not null", f"select timestamp '1969-12-31 23:59:59.999999' + (g - 1000) * interval '1.000001 s' {SERIES}"),
    "timestamptz": ("k timestamptz not null", f"select timestamptz '2024-03-31 01:00+00' + g * interval '37 min' {SERIES}"),
    "nulls": ("k int", f"select nullif(g % 10, 3) * g {SERIES}"),
    "only nulls": ("k int", f"select null::int {SERIES}"),
    "one row": ("k int primary key", "select 7"),
    "empty": ("k int primary key", "select 1 where false"),
    "enum": ("k mood not null", f"select (array['sad','ok','happy'])[1 + g % 3]::mood {SERIES}"),
    "bytea": ("k bytea primary key", f"select decode(md5(g::text), 'hex') {SERIES}"),
}


def keyed_table(kind):
    table = "key_" + re.sub(r"\W", "_", kind)
    column, values = KEYS[kind]
    chunked.execute(f"drop table if exists {table}", "do $$ begin create type mood as enum ('sad', 'ok', 'happy'); exception when duplicate_object then null; end $$",
                    f"create table {table} ({column}, payload text)", f"insert into {table} (k) {values}",
                    f"update {table} set payload = 'p' || ctid::text", f"create index on {table} (k)", f"vacuum analyze {table}")
    return table


@pytest.mark.parametrize("parallel, checkpoint", [(1, False), (3, True)], ids=["plain", "checkpoint"])
@pytest.mark.parametrize("kind", KEYS)
def test_every_key_kind(work, kind, parallel, checkpoint):
    table = keyed_table(kind)
    work.write(chunked.export(query=f"select k, payload from {table}", chunk_column="k", chunk_size=300, parallel=parallel, chunk_checkpoint=checkpoint),
               source=chunked.source())
    run = work.run("--reconcile")
    want = chunked.rows(f"select k, payload from {table}")
    if kind in ("numeric", "uuid"):
        want = chunked.rows(f"select k::text, payload from {table}")
    support.assert_same_rows(support.parquet_rows(*work.files("a")), want, kind)
    assert run.summary("a")["reconcile"].startswith("MATCH"), run.text
    if kind not in ("ties", "only nulls", "one row", "empty", "enum", "nulls", "both ends of int64"):
        assert len(work.files("a")) in (7, 8), [path.name for path in work.files("a")]


def test_infinite_dates(work):
    chunked.execute("drop table if exists endless", "create table endless (k date primary key)",
                    "insert into endless select date '2024-01-01' + g from generate_series(1, 100) g", "insert into endless values ('infinity'), ('-infinity')")
    work.write(chunked.export(query="select k from endless", chunk_column="k", chunk_size=20, infinity="clamp"), source=chunked.source())
    work.run()
    assert sum(pyarrow.parquet.read_metadata(path).num_rows for path in work.files("a")) == 102


def test_composite_key(work):
    chunked.execute("drop table if exists pairs", "create table pairs (a int, b text collate \"und-x-icu\", n int)",
                    "insert into pairs select g % 11, nullif(chr(97 + g % 23), 'c'), g from generate_series(1, 2000) g",
                    "insert into pairs select null, 'x', 5001", "create index on pairs (a, b)", "analyze pairs")
    work.write(chunked.export(query="select a, b, n from pairs", chunk_column=["a", "b"], chunk_size=250, chunk_checkpoint=True, parallel=2), source=chunked.source())
    work.run()
    chunked.check(work, "a", "select a, b, n from pairs")
    assert len(work.files("a")) > 5


def test_partitioned_table_and_view(work):
    chunked.execute("drop table if exists parted cascade", "create table parted (id int primary key, v text) partition by range (id)",
                    "create table parted_1 partition of parted for values from (0) to (700)", "create table parted_2 partition of parted for values from (700) to (5000)",
                    "insert into parted select g, md5(g::text) from generate_series(1, 2000) g", "analyze parted",
                    "create view seen as select id * 2 as twice, v from parted where id % 3 > 0")
    work.write(chunked.export(name="table", query="select id, v from parted", chunk_column=None, chunk_size=300),
               chunked.export(name="view", query="select twice, v from seen", chunk_column="twice", chunk_size=300, parallel=2), source=chunked.source())
    document = work.config.read_text().replace("  chunk_column: null\n", "")
    work.config.write_text(document)
    work.run()
    chunked.check(work, "table", "select id, v from parted")
    chunked.check(work, "view", "select twice, v from seen")
    assert len(work.files("table")) == 7


def keyless(**fields):
    export = chunked.export(**fields)
    del export["chunk_column"]
    return export


NO_KEY = "select v, v % 7 as rest from no_key where v > 10"


@pytest.fixture
def no_key():
    chunked.execute("drop table if exists no_key", "create table no_key (v int)", "insert into no_key select g from generate_series(1, 20000) g", "analyze no_key")


@pytest.mark.parametrize("parallel", [1, 3])
def test_no_key(work, no_key, parallel):
    """Pages of the table, in one snapshot."""
    work.write(keyless(query=NO_KEY, chunk_size=3000, parallel=parallel), source=chunked.source())
    work.run("--reconcile")
    chunked.check(work, "a", NO_KEY)
    assert len(work.files("a")) > 4


@pytest.mark.parametrize("query, checkpoint", [(NO_KEY, True), ("select a.v from no_key a join no_key b using (v)", False), ("select count(*) as n from no_key", False),
                                               ("select v from no_key order by v limit 10", False), ("select distinct v from no_key", False)])
def test_no_key_at_all(work, no_key, query, checkpoint):
    work.write(keyless(query=query, chunk_size=3000, chunk_checkpoint=checkpoint), source=chunked.source())
    run = work.run(check=1)
    assert "chunk_column" in run.err and work.files() == []


def test_unfit_and_missing_keys(work):
    chunked.execute("drop table if exists odd", "create table odd as select 1 as id, '{}'::json as j, '{1}'::int[] as l, point(1, 2) as p")
    for column, message in (("j", "ordering operator"), ("l", "no order"), ("nosuch", "nosuch"), ("p", "point")):
        work.write(chunked.export(query="select * from odd", chunk_column=column), source=chunked.source())
        run = work.run(check=1)
        assert message in run.err, run.text


def test_an_overridden_key(work):
    """What an override makes of the key is not what the server compares."""
    chunked.execute("drop table if exists codes", "create table codes (k text primary key)", "insert into codes select g::text from generate_series(1, 2000) g", "analyze codes")
    work.write(chunked.export(query="select k from codes", chunk_column="k", chunk_size=300, columns={"k": "int64"}), source=chunked.source())
    run = work.run(check=None)
    if run.status == 0:
        support.assert_same_rows(support.parquet_rows(*work.files("a")), [(int(row[0]),) for row in chunked.rows("select k from codes")])
    else:
        assert "override" in run.err or "columns" in run.err, run.text


def test_quoted_names(work):
    chunked.execute('drop table if exists "Odd Names"', 'create table "Odd Names" ("Key" int primary key, "a b" text)',
                    'insert into "Odd Names" select g, \'x\' from generate_series(1, 100) g')
    work.write(chunked.export(query='select * from "Odd Names"; -- all', chunk_column='"Key"', chunk_size=30), source=chunked.source())
    work.run()
    chunked.check(work, "a", 'select * from "Odd Names"')
