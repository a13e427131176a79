"""Large tables in chunks: workers, checkpoints, failures, memory, quality."""

import re
import time

import pytest

import chunked
import servers
import support


@pytest.fixture(scope="module", autouse=True)
def database():
    chunked.prepare()
    chunked.content_items()


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


def test_checkpoint(work):
    """Rows E2, R1, R2, R4."""
    work.write(chunked.export(chunk_size=100, chunk_checkpoint=True, **chunked.META), source=chunked.source())
    run = work.run("--validate", env={"RUST_LOG": "info"})
    summary = run.summary("a")
    assert (summary["rows"], summary["files"], summary["validated"]) == ("2000", "20", "pass")
    assert "checkpoint chunk 0" in run.err and f"run_id={summary['run_id']}" in run.err
    facts, tasks = chunked.check_checkpointed(work)
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
    chunked.check_checkpointed(work)


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
    chunked.check(work, "a", chunked.DATA)


def test_sparse_key_follows_rows(work):
    """Row U1's table: 5,000 rows over 500,000,000 ids."""
    chunked.sparse(5000)
    work.write(chunked.export(query="select id, payload from orders_sparse", chunk_size=1000, chunk_checkpoint=True), source=chunked.source())
    run = work.run(env={"RUST_LOG": "info"})
    assert "sparse" in run.err
    assert [task[5] for task in chunked.state_chunks(work)[1]] == ["1000"] * 5
    chunked.check(work, "a", "select id, payload from orders_sparse")


@pytest.mark.parametrize("count, chunks", [(5000, 1), (25000, 3)])
@pytest.mark.parametrize("parallel", [1, 3])
def test_dense(work, count, chunks, parallel):
    """Row U3: CSV, columns exactly the query's."""
    chunked.sparse(count)
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


@pytest.mark.parametrize("query, hint", [
    ("select id, case when id = 950 then 'infinity' else created_at end as at from content_items", "infinity: null"),
    (POISON, "rivet state chunks"),
])
def test_a_failed_chunk_says_what_to_do(work, poison, query, hint):
    """Its own hint where it has one: going on helps only after that."""
    work.write(chunked.export(query=query, chunk_size=100, chunk_checkpoint=True), source=chunked.source())
    (told,) = [line for line in work.run(check=1).err.splitlines() if line.lstrip().startswith("hint: ")]
    assert hint in told


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
    chunked.check(work, "a", chunked.DATA)
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
        chunked.check(work, "a", chunked.DATA)
    finally:
        chunked.execute("drop owned by rivet_few", "drop role rivet_few")


def test_little_memory(work):
    work.write(chunked.export(chunk_size=100, parallel=8), source=chunked.source(), max_memory_mb=40)
    run = work.run(env={"RUST_LOG": "info"})
    assert "max_memory_mb: 3 of 8 workers" in run.err and "3 parallel threads" in run.err, run.text
    chunked.check(work, "a", chunked.DATA)


def test_memory_threshold_is_bounded(work):
    work.write(chunked.export(chunk_size=1000), source=chunked.source(memory_threshold_mb=1))
    started = time.monotonic()
    run = work.run(env={"RUST_LOG": "warn"})
    assert re.search(r"\d+ ?MB.*1 ?MB", run.err), run.text
    assert time.monotonic() - started < 30 * support.PATIENCE
    chunked.check(work, "a", chunked.DATA)


@pytest.mark.parametrize("mode", [{"mode": "full"}, {"mode": "incremental", "cursor_column": "id"},
                                  {"mode": "time_window", "time_column": "created_at", "days_window": 36500}], ids=lambda mode: mode["mode"])
def test_memory_threshold_in_other_modes(work, mode):
    work.write({"name": "a", "query": chunked.DATA, **mode}, source=chunked.source(memory_threshold_mb=1, batch_size=500))
    started = time.monotonic()
    run = work.run(env={"RUST_LOG": "warn"})
    assert re.search(r"\d+ ?MB.*1 ?MB.*pauses", run.err), run.text
    assert time.monotonic() - started < 30 * support.PATIENCE
    support.assert_same_rows(support.parquet_rows(*work.files("a")), chunked.rows(chunked.DATA))


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
        chunked.check(work, "a", chunked.DATA)
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


@support.measures
@pytest.mark.slow
@pytest.mark.parametrize("parallel", [1, 4, 10])
@pytest.mark.parametrize("server", servers.SERVERS, ids=lambda server: server.name)
def test_workers_share_the_memory(server, work, parallel):
    """The kernel's figure, for a budget that the workers would exceed ten times if each had it whole."""
    server.prepare()
    server.execute("drop table if exists wide", "create table wide (id int primary key, a text, b text)",
                   f"insert into wide select g, repeat(md5({text('g')}), 20), repeat(md5({text('-g')}), 20) from {server.series(60000)}",
                   "analyze wide" if server.name == "postgres" else "analyze table wide")
    query = "select id, a, b from wide"
    work.write(chunked.export(query=query, chunk_size=4000, parallel=parallel, compression="none"),
               source=server.source(batch_size=50000), max_memory_mb=120)
    peak, _ = support.peak_rss_mb([support.RIVET, "run", "-c", work.config])
    assert peak < 120 + 40, f"{peak} MB with {parallel} workers"
    support.assert_same_rows(support.parquet_rows(*work.files("a")), server.rows(query))


def text(number):
    return f"cast({number} as char(9))"
