"""Large tables in chunks: plans over any key, workers, checkpoints, resume."""

import contextlib
import itertools
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time

import psycopg
import pyarrow
import pyarrow.parquet
import pytest

import chunked
import support


@pytest.fixture(scope="module", autouse=True)
def database():
    chunked.prepare()
    chunked.content_items()


def start(work, *arguments, **options):
    return subprocess.Popen([str(support.RIVET), "run", "--config", str(work.config), *arguments], text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=support.ROOT, **options)


# ---- acceptance rows, in the shape of dev/bench_chunked_*.yaml ----

def test_chunked_sequential(work):
    work.write(chunked.export(chunk_size=500, parallel=1), source=chunked.source())
    run = work.run(env={"RUST_LOG": "info"})
    names = [re.sub(r"_\d{8}_\d{6}_[0-9a-f]{6}_", "_T_", path.name) for path in chunked.files(work)]
    assert names == [f"a_T_chunk{i}.parquet" for i in range(4)]
    for i in range(1, 5):
        assert f"chunk {i}/4" in run.err, run.text
    assert "chunk_size=500" in run.err and "1 .. 2000" in run.err
    assert run.summary("a")["rows"] == "2000" and run.summary("a")["files"] == "4"
    chunked.check(work, "a", f"select {chunked.COLUMNS} from content_items")
    (manifest,) = work.manifests("a")
    assert manifest["mode"] == "chunked" and manifest["totals"]["rows"] == 2000 and len(manifest["parts"]) == 4
    assert [part["key"] for part in manifest["parts"]] == [path.name for path in chunked.files(work)]


def test_chunked_parallel(work):
    work.write(chunked.export(chunk_size=100, parallel=4), source=chunked.source())
    run = work.run(env={"RUST_LOG": "info"})
    assert "20 chunks" in run.err and "4 parallel threads" in run.err and "chunk 20/20" in run.err
    assert len(chunked.files(work)) == 20
    chunked.check(work, "a", f"select {chunked.COLUMNS} from content_items")


META = {"meta_columns": {"exported_at": True, "row_hash": True}}
DATA = f"select {chunked.COLUMNS} from content_items"


def check_checkpointed(work, name="a", count=20):
    """The rows, through the files that the tasks name; meta columns left out."""
    facts, tasks = chunked.state_chunks(work, name)
    assert facts["status"] == "completed"
    assert [task[:1] + task[1:2] for task in tasks] == [[str(i), "completed"] for i in range(count)]
    named = work.query_state("select file_name from chunk_task t join chunk_run r using (run_id) where r.export_name = ? "
                             "order by chunk_index", name)
    paths = [work.output / row[0] for row in named]
    found = support.parquet_rows(*paths)
    width = len(chunked.COLUMNS.split(","))
    support.assert_same_rows([row[:width] for row in found], chunked.rows(DATA))
    assert sorted(paths) == sorted(chunked.files(work, name)), "files beside those of the tasks"
    assert work.leftovers() == []
    return facts, tasks


def test_checkpoint(work):
    """Rows E2, R1, R2, R4."""
    work.write(chunked.export(chunk_size=100, chunk_checkpoint=True, **META), source=chunked.source())
    run = work.run("--validate", env={"RUST_LOG": "info"})
    summary = run.summary("a")
    assert (summary["rows"], summary["files"], summary["validated"]) == ("2000", "20", "pass")
    assert "checkpoint chunk 0" in run.err and f"run_id={summary['run_id']}" in run.err
    facts, tasks = check_checkpointed(work)
    assert facts["run_id"] == summary["run_id"] and facts["export"] == "a" and facts["database"] == str(work.state)
    assert re.fullmatch("[0-9a-f]{16}", facts["plan_hash"])
    assert [(task[2], task[3], task[4], task[5]) for task in tasks] == [
        (str(100 * i + 1), str(100 * i + 100), "1", "100") for i in range(20)]
    exported_at = {row[-2] for path in chunked.files(work) for row in support.parquet_rows(path)}
    assert len(exported_at) == 20, "one moment per chunk"

    reset = support.rivet("state", "reset-chunks", "-c", work.config, "-e", "a", check=0)
    assert re.search(r"\b1\b.*'a'", reset.out), reset.out
    assert re.search(r"\b0\b.*'a'", support.rivet("state", "reset-chunks", "-c", work.config, "-e", "a", check=0).out)
    assert "No chunk checkpoint data" in support.rivet("state", "chunks", "-c", work.config, "-e", "a", check=0).out
    for path in chunked.files(work):
        path.unlink()
    again = work.run()
    assert again.summary("a")["run_id"] != summary["run_id"]
    check_checkpointed(work)


def test_profiles_merge(work):
    """Row S1."""
    work.write(chunked.export(name="fast", chunk_size=1000), chunked.export(name="slow", chunk_size=1000, tuning={"profile": "balanced", "throttle_ms": 0}),
               source=chunked.source())
    run = work.run()
    assert run.summary("fast")["tuning"] == "profile=fast, batch_size=1000"
    assert run.summary("slow")["tuning"] == "profile=balanced, batch_size=1000"


def test_memory_batch(work):
    """Row O1, per chunk."""
    work.write(chunked.export(chunk_size=1000), source={"url": chunked.URL, "tuning": {"profile": "fast", "batch_size_memory_mb": 10}})
    run = work.run(env={"RUST_LOG": "info"})
    assert re.search(r"batch_size_memory_mb=10: estimated row ~\d+B, computed batch_size=\d+", run.err), run.text
    chunked.check(work, "a", DATA)


def sparse(count, gap=100000, table="orders_sparse"):
    chunked.execute(f"drop table if exists {table}", f"create table {table} (id bigint primary key, payload text)",
                    f"insert into {table} select (g - 1)::bigint * {gap} + 1, 'payload ' || g from generate_series(1, {count}) g", f"analyze {table}")


def test_sparse_key_follows_rows(work):
    """Row U1's table: 5,000 rows over 500,000,000 ids."""
    sparse(5000)
    work.write(chunked.export(query="select id, payload from orders_sparse", chunk_size=1000, chunk_checkpoint=True), source=chunked.source())
    run = work.run(env={"RUST_LOG": "info"})
    assert "sparse" in run.err
    assert [task[5] for task in chunked.state_chunks(work)[1]] == ["1000"] * 5
    chunked.check(work, "a", "select id, payload from orders_sparse")


@pytest.mark.parametrize("count, chunks", [(5000, 1), (25000, 3)])
@pytest.mark.parametrize("parallel", [1, 3])
def test_dense(work, count, chunks, parallel):
    """Row U3: CSV, columns exactly the query's."""
    sparse(count)
    work.write(chunked.export(query="SELECT id, payload FROM orders_sparse", chunk_size=10000, chunk_dense=True, format="csv", parallel=parallel),
               source=chunked.source())
    run = work.run()
    assert "chunk_dense" in run.err
    paths = chunked.files(work, extension="csv")
    assert len(paths) == chunks
    records = [support.csv_records(path.read_text()) for path in paths]
    assert all(part[0] == ["id", "payload"] for part in records)
    support.assert_same_rows([record for part in records for record in part[1:]],
                             [(str(row[0]), row[1]) for row in chunked.rows("select id, payload from orders_sparse")])


# ---- kill and resume ----

class Valve(support.CuttingProxy):
    """Answers of the server pass at a limited rate, so that a kill falls between chunks."""

    def __init__(self, bytes_per_second):
        self.rate = bytes_per_second
        super().__init__(limit=None, cuts=0)

    def url(self):
        return re.sub(r"localhost:\d+", f"127.0.0.1:{self.port}", chunked.URL)

    def pump(self, source, target, limit):
        try:
            while data := source.recv(8192):
                if self.rate:
                    time.sleep(len(data) / self.rate)
                target.sendall(data)
        except OSError:
            pass
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def stamps(paths):
    return {path.name: path.stat().st_mtime_ns for path in paths}


@pytest.mark.parametrize("parallel", [1, 4])
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_kill_and_resume(work, parallel, how):
    """Row R3 with the source slowed."""
    work.write(chunked.export(chunk_size=100, chunk_checkpoint=True, parallel=parallel), source=chunked.source())
    document = work.config.read_text()
    with Valve(40000) as valve:
        work.config.write_text(document.replace(chunked.URL, valve.url()))
        process = start(work)
        support.wait_for(lambda: len(chunked.files(work)) >= 3, what="some chunk files")
        process.send_signal(how)
        _, err = process.communicate(timeout=20 * support.PATIENCE)
        valve.rate = 0
        assert process.returncode == (-9 if how == signal.SIGKILL else 143)
        before = stamps(chunked.files(work))
        assert 3 <= len(before) < 20
        facts, tasks = chunked.state_chunks(work)
        states = {task[1] for task in tasks}
        assert facts["status"] == "in_progress" and "completed" in states
        was_running = "running" in states  # a kill may also fall between two chunks
        assert not was_running or how == signal.SIGKILL, f"{tasks}\n{err}"
        refused = work.run(check=1)
        assert facts["run_id"] in refused.err and "--resume" in refused.err
        resumed = work.run("--resume", "--reconcile", env={"RUST_LOG": "warn"})
    assert resumed.summary("a")["run_id"] == facts["run_id"]
    assert resumed.summary("a")["rows"] == "2000" and resumed.summary("a")["files"] == "20"
    assert resumed.summary("a")["reconcile"] == "MATCH (2000/2000)"
    assert ("chunks that were running" in resumed.err) == was_running
    after = stamps(chunked.files(work))
    assert len(after) == 20 and before.items() <= after.items(), "finished chunks were touched"
    _, tasks = check_checkpointed(work)
    assert max(int(task[4]) for task in tasks) == (2 if was_running else 1)
    (manifest,) = work.manifests("a")
    assert len(manifest["parts"]) == 20 and manifest["totals"]["rows"] == 2000
    nothing = work.run("--resume", check=1)
    assert "--resume but no in-progress chunk checkpoint" in nothing.err


@pytest.fixture
def interrupted(work):
    """A checkpointed run with some chunks done."""
    work.write(chunked.export(chunk_size=100, chunk_checkpoint=True), source=chunked.source())
    environment = {**os.environ, "RIVET_FAULT": "chunk.claimed:8"}
    if not support.has_faults():
        pytest.skip("a build without fault points")
    process = subprocess.run([support.RIVET, "run", "-c", work.config], env=environment, capture_output=True, timeout=60)
    assert process.returncode == -9
    return work


@pytest.mark.parametrize("field, change", [
    ("chunk_size", {"chunk_size": 150}),
    ("query", {"query": f"SELECT {chunked.COLUMNS} FROM content_items "}),
    ("chunk_column", {"chunk_column": ["id", "title"]}),
    ("chunk_dense", {"chunk_dense": True}),
    ("chunk_by", {"chunk_by": "rows"}),
    ("compression", {"compression": "snappy"}),
    ("format", {"format": "csv"}),
    ("columns", {"columns": {"id": "text"}}),
    ("meta_columns", META),
    ("parquet", {"parquet": {"page_kb": 64}}),
    ("max_file_size", {"max_file_size": "1MB"}),
])
def test_another_plan_is_not_resumed(interrupted, field, change):
    """Row R5."""
    work, before = interrupted, chunked.chunk_rows(interrupted)
    original = work.config.read_text()
    work.write(chunked.export(**{"chunk_size": 100, "chunk_checkpoint": True, **change}), source=chunked.source())
    for arguments in ([], ["--resume"]):
        run = work.run(*arguments, check=1)
        assert work.query_state("select run_id from chunk_run")[0][0] in run.err
        assert chunked.chunk_rows(work) == before
    assert "chunk plan fingerprint mismatch" in run.err and field in run.err, run.text
    for name in ("query", "chunk_column", "chunk_size", "chunk_dense"):
        assert name in run.err
    work.config.write_text(original)
    work.run("--resume")
    check_checkpointed(work)


def test_another_source_or_destination_is_not_resumed(interrupted):
    work, before = interrupted, chunked.chunk_rows(interrupted)
    original = work.config.read_text()
    for field, text in (("source", original.replace("localhost", "127.0.0.1")), ("destination", original.replace("/out", "/elsewhere"))):
        work.config.write_text(text)
        run = work.run("--resume", check=1)
        assert "fingerprint mismatch" in run.err and field in run.err, run.text
        assert chunked.chunk_rows(work) == before
    work.config.write_text(original)
    work.run("--resume")
    check_checkpointed(work)


def test_parallel_and_tuning_are_free(interrupted):
    work = interrupted
    work.write(chunked.export(chunk_size=100, chunk_checkpoint=True, parallel=3), source=chunked.source(batch_size=77))
    work.run("--resume")
    check_checkpointed(work)


def test_resume_auto(interrupted):
    work = interrupted
    work.write(chunked.export(chunk_size=100, chunk_checkpoint=True, resume="auto"), source=chunked.source())
    first = work.query_state("select run_id from chunk_run")[0][0]
    assert work.run().summary("a")["run_id"] == first
    check_checkpointed(work)
    assert work.run().summary("a")["run_id"] != first


def test_an_open_run_refuses_other_modes(interrupted):
    work, before = interrupted, chunked.chunk_rows(interrupted)
    work.write({"name": "a", "query": DATA, "mode": "full"}, source=chunked.source())
    assert "in progress" in work.run(check=1).err
    support.rivet("state", "reset", "-c", work.config, "-e", "a", check=0)
    assert chunked.chunk_rows(work) == before, "state reset leaves a checkpointed run alone"
    visible = chunked.files(work)
    assert 0 < len(visible) < 20
    reset = support.rivet("state", "reset-chunks", "-c", work.config, "-e", "a", check=0)
    assert all(path.name in reset.out for path in visible), reset.out
    assert chunked.files(work) == visible and work.leftovers() == []
    assert work.query_state("select status from run") == [("interrupted",)]
    work.run()
    assert len(work.manifests("a")) == 1


# ---- every kind of key ----

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


# ---- consistency ----

class Mover(threading.Thread):
    """Moves rows from one end of the key to the other, again and again; the number of rows stays."""

    def __init__(self):
        super().__init__()
        self.stopping = threading.Event()
        self.moves = 0
        self.start()

    def run(self):
        with psycopg.connect(chunked.URL) as connection:
            for _ in itertools.count():
                if self.stopping.is_set():
                    return
                connection.execute("update moving set id = -id where n in (select n from moving order by random() limit 40)")
                connection.commit()
                self.moves += 1

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.join()


@pytest.mark.parametrize("parallel, consistency", [(1, "default"), (1, "snapshot"), (4, "snapshot")])
def test_snapshot(work, parallel, consistency):
    """The output equals one moment although rows move between chunks."""
    chunked.execute("drop table if exists moving", "create table moving (id int primary key, n int)",
                    "insert into moving select g, g from generate_series(1, 4000) g", "analyze moving")
    work.write(chunked.export(query="select id, n from moving", chunk_size=200, parallel=parallel, consistency=consistency), source=chunked.source())
    document = work.config.read_text()
    with Valve(60000) as valve, Mover() as mover:
        work.config.write_text(document.replace(chunked.URL, valve.url()))
        support.wait_for(lambda: mover.moves > 3)
        run = work.run("--reconcile")
        assert mover.moves > 20
    rows = support.parquet_rows(*work.files("a"))
    assert sorted(row[1] for row in rows) == list(range(1, 4001)), "rows are missing or doubled"
    assert all(abs(row[0]) == row[1] for row in rows)
    assert run.summary("a")["reconcile"] == "MATCH (4000/4000)"


# ---- failures ----

POISON = "select id, 100 / (case when id = 950 then (select bad from poison) else 1 end) as v from content_items"


@pytest.fixture
def poison():
    chunked.execute("drop table if exists poison", "create table poison as select 0 as bad")


@pytest.mark.parametrize("parallel", [1, 3])
def test_a_chunk_that_fails_leaves_the_others(work, poison, parallel):
    work.write(chunked.export(query=POISON, chunk_size=100, chunk_checkpoint=True, chunk_max_attempts=2, parallel=parallel), source=chunked.source())
    run = work.run(check=1)
    assert "division by zero" in run.err and "1 of 20 chunks" in run.err and "--resume" in run.err
    facts, tasks = chunked.state_chunks(work)
    assert facts["status"] == "in_progress"
    assert [task[1] for task in tasks] == ["completed"] * 9 + ["failed"] + ["completed"] * 10
    assert tasks[9][4] == "2"
    out = support.rivet("state", "chunks", "-c", work.config, "-e", "a").out
    assert re.search(r"^       error: .*division by zero", out, re.M), out
    assert len(chunked.files(work)) == 19
    chunked.execute("update poison set bad = 1")
    resumed = work.run("--resume")
    assert resumed.summary("a")["rows"] == "2000"
    chunked.check(work, "a", POISON)


@pytest.mark.parametrize("parallel", [1, 3])
def test_a_plain_run_fails_as_a_whole(work, poison, parallel):
    work.write(chunked.export(query=POISON, chunk_size=100, parallel=parallel), source=chunked.source())
    run = work.run(check=1)
    assert "chunk 9" in run.err and "division by zero" in run.err
    assert work.files() == [] and work.leftovers() == []
    assert work.query_state("select count(*) from part") == [(0,)]


@pytest.mark.parametrize("parallel, checkpoint", [(1, False), (3, False), (3, True)])
def test_lost_connections_cost_a_chunk(work, parallel, checkpoint):
    """Retries are per chunk, in every path."""
    work.write(chunked.export(chunk_size=100, parallel=parallel, chunk_checkpoint=checkpoint, consistency="none"),
               source=chunked.source(max_retries=5, retry_backoff_ms=10))
    document = work.config.read_text()
    with support.CuttingProxy(limit=60000, cuts=6) as proxy:
        work.config.write_text(document.replace(chunked.URL, re.sub(r"localhost:\d+", f"127.0.0.1:{proxy.port}", chunked.URL)))
        run = work.run(env={"RUST_LOG": "warn"})
    assert re.search(r"chunk \d+ retry 1/5 in 10ms \[reconnecting\]", run.err), run.text
    assert int(run.summary("a")["retries"]) > 0
    chunked.check(work, "a", DATA)
    assert len(chunked.files(work)) == 20


def test_few_connections(work):
    """The server's last three are not taken."""
    work.write(chunked.export(chunk_size=100, parallel=8), source=chunked.source())
    chunked.execute("drop role if exists rivet_few", "create role rivet_few login password 'few' connection limit 6",
                    "grant select on content_items to rivet_few")
    try:
        work.config.write_text(work.config.read_text().replace("rivet:rivet@", "rivet_few:few@"))
        run = work.run(env={"RUST_LOG": "info"})
        assert re.search(r"free connections: \d of 8 workers", run.err), run.text
        chunked.check(work, "a", DATA)
    finally:
        chunked.execute("drop owned by rivet_few", "drop role rivet_few")


def test_little_memory(work):
    work.write(chunked.export(chunk_size=100, parallel=8), source=chunked.source(), max_memory_mb=40)
    run = work.run(env={"RUST_LOG": "info"})
    assert "max_memory_mb: 3 of 8 workers" in run.err and "3 parallel threads" in run.err, run.text
    chunked.check(work, "a", DATA)


def test_memory_threshold_is_bounded(work):
    work.write(chunked.export(chunk_size=1000), source=chunked.source(memory_threshold_mb=1))
    started = time.monotonic()
    run = work.run(env={"RUST_LOG": "warn"})
    assert re.search(r"\d+ ?MB.*1 ?MB", run.err), run.text
    assert time.monotonic() - started < 30 * support.PATIENCE
    chunked.check(work, "a", DATA)


def test_stdout_is_refused(work):
    work.write(chunked.export(destination={"type": "stdout"}, format="csv"), source=chunked.source())
    assert "stdout" in work.run(check=1).err


# ---- quality ----

@pytest.mark.parametrize("checkpoint", [False, True])
@pytest.mark.parametrize("quality, passes", [
    ({"row_count_min": 2000, "row_count_max": 2000}, True), ({"row_count_min": 2001}, False),
    ({"null_ratio_max": {"raw_html": 1.0, "title": 0}}, True), ({"null_ratio_max": {"raw_html": 0.5}}, False)])
def test_quality_looks_at_all_chunks(work, quality, passes, checkpoint):
    work.write(chunked.export(chunk_size=300, parallel=2, chunk_checkpoint=checkpoint, quality=quality), source=chunked.source())
    run = work.run(check=0 if passes else 3)
    assert run.summary("a")["quality"] == ("pass" if passes else "FAIL")
    if passes:
        chunked.check(work, "a", DATA)
    else:
        assert work.files() == [] and work.leftovers() == [] and "quality checks failed" in run.err
        assert chunked.state_chunks(work)[1] == [], "the next start plans afresh"
        work.run(check=3)


@pytest.mark.parametrize("column, passes", [("id", True), ("title", True), ("category", False)])
def test_uniqueness_across_chunks(work, column, passes):
    work.write(chunked.export(chunk_size=300, parallel=2, quality={"unique_columns": [column]}), source=chunked.source())
    run = work.run(check=0 if passes else 3)
    assert passes or "1997 duplicate" in run.err, run.text
    assert len(work.files()) == (7 if passes else 0)


def test_schema_drift(work):
    chunked.execute("drop table if exists drifting", "create table drifting as select g as id from generate_series(1, 100) g")
    for checkpoint in (False, True):
        export = chunked.export(query="select * from drifting", chunk_size=50, on_schema_drift="fail", chunk_checkpoint=checkpoint)
        work.write(export, source=chunked.source())
        assert work.run().summary("a")["schema"] == ("unchanged" if checkpoint else "new")
    count = len(work.files())
    chunked.execute("alter table drifting add column more text")
    for checkpoint in (False, True):
        work.write({**export, "chunk_checkpoint": checkpoint}, source=chunked.source())
        assert "schema" in work.run(check=4).err
        assert len(work.files()) == count and work.leftovers() == []
        support.rivet("state", "reset-chunks", "-c", work.config, "-e", "a", check=0)


class Recorder(Valve):
    """Keeps what clients send."""

    def __init__(self):
        self.sent = b""
        super().__init__(0)

    def pump(self, source, target, limit):
        if target.getpeername()[1] == self.target[1]:
            original, recorder = target, self

            class Target:
                def sendall(self, data):
                    recorder.sent += data
                    original.sendall(data)

                def shutdown(self, how):
                    original.shutdown(how)

            target = Target()
        super().pump(source, target, limit)


@pytest.mark.parametrize("by", ["key", "rows"])
def test_planning_counts_nothing(work, by):
    with Recorder() as recorder:
        work.write(chunked.export(chunk_size=100, chunk_by=by, parallel=2), source={**chunked.source(), "url": recorder.url() + "?sslmode=disable"})
        work.run()
    assert b"FROM content_items" in recorder.sent and re.search(rb"LIMIT 1 OFFSET \d+", recorder.sent)
    assert not re.search(rb"count\s*\([^\x00]*content_items", recorder.sent, re.I)


def test_planning_a_million_rows_is_quick(work):
    """Each question about the key takes less than a second: the server ends those that do not."""
    chunked.execute("drop table if exists million", "create table million (id bigint primary key)",
                    "insert into million select g * 1000 from generate_series(1, 1000000) g", "vacuum analyze million")
    chunked.execute("drop role if exists rivet_hasty", "create role rivet_hasty login password 'hasty'", "grant select on million to rivet_hasty")
    try:
        work.write(chunked.export(query="select id from million", chunk_size=100000, chunk_checkpoint=True, parallel=2, tuning={"statement_timeout_s": 1}),
                   source={**chunked.source(), "url": chunked.URL.replace("rivet:rivet@", "rivet_hasty:hasty@")})
        run = work.run()
        assert run.summary("a")["rows"] == "1000000"
        assert [task[5] for task in chunked.state_chunks(work)[1]] == ["100000"] * 10
    finally:
        chunked.execute("drop owned by rivet_hasty", "drop role rivet_hasty")


@pytest.mark.slow
@pytest.mark.parametrize("parallel", [1, 4, 10])
def test_workers_share_the_memory(work, parallel):
    chunked.execute("create table if not exists wide as select g as id, repeat(md5(g::text), 20) as a, repeat(md5((-g)::text), 20) as b "
                    "from generate_series(1, 60000) g", "create index if not exists wide_id on wide (id)", "analyze wide")
    work.write(chunked.export(query="select * from wide", chunk_size=4000, parallel=parallel, compression="none"),
               source=chunked.source(batch_size=50000), max_memory_mb=120)
    run = work.run()
    peak = int(re.match(r"(\d+)MB", run.summary("a")["peak RSS"]).group(1))
    assert peak < 120 + 40, f"{peak} MB with {parallel} workers"
    chunked.check(work, "a", "select * from wide")


def test_reset_and_chunks_as_json(interrupted):
    work = interrupted
    arguments = ("-c", work.config, "-e", "a", "--json")
    shown = json.loads(support.rivet("state", "chunks", *arguments, check=0).out)
    assert shown["status"] == "in_progress" and shown["kind"] == "range" and len(shown["tasks"]) == 20
    first = shown["tasks"][0]
    assert first["status"] == "completed" and first["rows"] == 100 and json.loads(first["bounds"]) == {"ge": ["1"], "le": ["100"]}
    reset = json.loads(support.rivet("state", "reset-chunks", *arguments, check=0).out)
    assert reset["removed_runs"] == 1 and [file["key"] for file in reset["visible_files"]] == [path.name for path in chunked.files(work)]


def test_reset_is_refused_while_a_run_goes_on(work):
    with Valve(20000) as valve:
        work.write(chunked.export(chunk_size=100, chunk_checkpoint=True), source={**chunked.source(), "url": valve.url()})
        process = start(work)
        support.wait_for(lambda: chunked.files(work), what="a chunk file")
        run = support.rivet("state", "reset-chunks", "-c", work.config, "-e", "a", check=1)
        assert str(process.pid) in run.err
        process.kill()
        process.communicate()


# ---- the literal rows, against the full seed ----

def full_seed():
    if os.environ.get("RIVET_SOAK") != "1":
        return False
    try:
        with support.connect() as connection:
            return connection.execute("select count(*) from content_items").fetchone()[0] == 200000
    except psycopg.Error:
        return False


@pytest.mark.skipif("not full_seed()", reason="needs RIVET_SOAK=1 and the full seed")
class TestBenchConfigs:
    """The configurations of dev/, copied beside a state of their own."""

    def copy(self, work, name):
        text = (support.ROOT / "dev" / name).read_text().replace("./dev/output/bench", str(work.output)).replace("./dev/output/sparse_chunk", str(work.output))
        text = re.sub(r"postgresql://rivet:rivet@localhost:5432/rivet", support.PG_URL, text)
        work.config.write_text(text)

    def test_sequential(self, work):
        self.copy(work, "bench_chunked_seq.yaml")
        run = work.run(env={"RUST_LOG": "info"}, timeout=300)
        assert len(chunked.files(work, "bench_content_seq")) == 4 and all(f"chunk {i}/4" in run.err for i in range(1, 5))
        support.assert_same_rows(support.duckdb_rows(*work.files("bench_content_seq")), support.database_rows(DATA))

    def test_all_five(self, work):
        self.copy(work, "bench_chunked_p4.yaml")
        run = work.run("--validate", timeout=600)
        names = re.findall(r"── (\w+) ──", run.err)
        assert names == ["bench_content_p4", "bench_content_p4_serial", "bench_content_p4_fatchunk", "bench_content_p4_no_meta", "bench_content_p4_balanced"]
        counts = {}
        for name in names:
            summary = run.summary(name)
            assert (summary["status"], summary["rows"], summary["validated"]) == ("success", "200000", "pass")
            assert summary["tuning"] == f"profile={'balanced' if name.endswith('balanced') else 'fast'}, batch_size=1000"
            facts, tasks = chunked.state_chunks(work, name)
            paths = [work.output / task[6] for task in tasks]
            counts[name] = len(paths)
            ids = pyarrow.concat_tables(pyarrow.parquet.read_table(path, columns=["id"]) for path in paths)["id"].to_pylist()
            assert len(ids) == 200000 == len(set(ids))
        assert list(counts.values()) == [20, 20, 4, 20, 20]
        facts, tasks = chunked.state_chunks(work, "bench_content_p4_serial")
        assert facts["plan_hash"] == "1f24b22011040dff"
        assert [task[1:6:3] + [task[5]] for task in tasks] == [["completed", "1", "10000"]] * 20
        assert not any(name.startswith("_rivet") for name in pyarrow.parquet.read_schema(work.files("bench_content_p4_no_meta")[0]).names)
