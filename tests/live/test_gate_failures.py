"""Gates that say no, on units of several parts, on chunked runs with checkpoints, after kills: nothing is visible, nothing
is recorded, exit 3, and the next start plans afresh."""

import itertools
import re
import shutil

import pytest

import chunked
import delivery
import servers
import support
from test_delivery import some

ROWS = 300
FAILS = {
    "too many rows": ({"row_count_max": ROWS - 1}, f"row_count {ROWS} exceeds maximum {ROWS - 1}"),
    "too few rows": ({"row_count_min": ROWS + 1}, f"row_count {ROWS} below minimum {ROWS + 1}"),
    "nulls": ({"null_ratio_max": {"empty": 0.99}}, r"column 'empty': null ratio 1\.0000 exceeds threshold 0\.9900"),
    "duplicates": ({"unique_columns": ["changed_at"]}, rf"column 'changed_at': {ROWS - 101} duplicate values in {ROWS} rows"),
}
MODES = {
    "full": {},
    "incremental": {"mode": "incremental", "cursor_column": ["changed_at", "id"]},
    "time_window": {"mode": "time_window", "time_column": "changed_at", "days_window": 36500},
    "chunked": {"mode": "chunked", "chunk_column": "id", "chunk_size": 120},
    "chunked 4": {"mode": "chunked", "chunk_column": "id", "chunk_size": 40, "parallel": 4},
    "checkpoint": {"mode": "chunked", "chunk_column": "id", "chunk_size": 120, "chunk_checkpoint": True},
    "checkpoint 4": {"mode": "chunked", "chunk_column": "id", "chunk_size": 40, "parallel": 4, "chunk_checkpoint": True},
}
SPLIT = {"max_file_size": "5KB", "compression": "none"}


@pytest.fixture(scope="module", params=servers.SERVERS, ids=lambda server: server.name)
def server(request):
    request.param.prepare()
    request.param.table("gated", ROWS)
    return request.param


def export(mode, quality, **more):
    return {"name": "q", "query": "select id, changed_at, payload, nullif(1, 1) as empty from gated", **SPLIT, **MODES[mode],
            **({"quality": quality} if quality else {}), **more}


def write(work, server, *arguments, **more):
    work.write(export(*arguments, **more), source=server.source(batch_size=50))


def check_nothing(work):
    """No file, no temporary, no manifest; in the state nothing that a later start would go on with."""
    assert delivery.visible(work) == {} and work.leftovers() == [] and work.manifests("q") == []
    for table in ("part", "file_manifest", "chunk_task", "chunk_run", "export_state", "export_schema"):
        assert work.query_state(f"select count(*) from {table}") == [(0,)], table
    assert set(work.query_state("select status from run")) <= {("failed",), ("interrupted",)}
    assert set(work.query_state("select status from export_metrics")) <= {("failed",)}


def check_whole(work, server):
    rows = [row[:3] for row in support.parquet_rows(*work.files("q"))]
    support.assert_same_rows(rows, server.rows("select id, changed_at, payload from gated"))
    assert work.leftovers() == []


def run_ids(work):
    return {row[0] for row in work.query_state("select run_id from run")}


@pytest.mark.parametrize("why", FAILS)
@pytest.mark.parametrize("mode", MODES)
def test_a_gate_that_fails(work, server, mode, why):
    quality, issue = FAILS[why]
    write(work, server, mode, quality)
    if why == "duplicates" and "checkpoint" in mode:
        run = work.run(check=1)
        assert "unique_columns" in run.err and "chunk_checkpoint" in run.err
        return
    run = work.run("--validate", check=3)
    assert run.summary("q")["quality"] == "FAIL" and run.summary("q")["status"] == "failed"
    assert "quality checks failed" in run.err and re.search(issue, run.err), run.text
    assert "retry" not in run.err and run.summary("q")["files"] == "0"
    check_nothing(work)
    before = run_ids(work)
    again = work.run(check=3)
    assert again.summary("q")["run_id"] not in before, "it is planned afresh"
    check_nothing(work)
    write(work, server, mode, None)
    assert work.run().summary("q")["rows"] == str(ROWS)
    check_whole(work, server)
    assert len(work.files("q")) > 3, "the units have one part each"


@pytest.mark.parametrize("mode", MODES)
def test_all_issues_are_told(work, server, mode):
    quality = {key: value for why in ("too many rows", "nulls") for key, value in FAILS[why][0].items()}
    write(work, server, mode, quality)
    run = work.run(check=3, env={"RIVET_LOG": "warn"})
    for why in ("too many rows", "nulls"):
        assert re.search(FAILS[why][1], run.summary("q")["error"]), run.text
    assert len(re.findall("quality FAIL: ", run.err)) == 2


@pytest.mark.parametrize("mode", MODES)
def test_no_rows_are_counted_too(work, server, mode):
    empty = {"query": "select id, changed_at, payload, nullif(1, 1) as empty from gated where id < 0"}
    write(work, server, mode, {"row_count_min": 1}, **empty)
    run = work.run(check=3)
    assert "row_count 0 below minimum 1" in run.err
    check_nothing(work)
    write(work, server, mode, {"row_count_max": 0, "null_ratio_max": {"empty": 0}}, **empty)
    assert work.run().summary("q")["quality"] == "pass"


@pytest.mark.parametrize("mode", MODES)
def test_a_column_that_is_not_there(work, server, mode):
    write(work, server, mode, {"null_ratio_max": {"nope": 0.5}})
    run = work.run(check=1)
    assert "'nope'" in run.err and delivery.visible(work) == {} and work.leftovers() == []


@pytest.mark.parametrize("mode", MODES)
def test_a_gate_that_passes(work, server, mode):
    quality = {"row_count_min": ROWS, "row_count_max": ROWS, "null_ratio_max": {"empty": 1.0, "payload": 0}}
    if "checkpoint" not in mode:
        quality["unique_columns"] = ["id", "payload", "empty"]
    write(work, server, mode, quality)
    summary = work.run("--validate").summary("q")
    assert (summary["quality"], summary["validated"], summary["rows"]) == ("pass", "pass", str(ROWS))
    check_whole(work, server)


# ---- after a kill ----

KILLED_MODES = ["full", "incremental", "chunked 4", "checkpoint", "checkpoint 4"]


class Scenario:
    """A run that a gate stops, killed on its way."""

    def __init__(self, server, mode, root):
        self.server, self.mode, self.root, self.ids = server, mode, root, itertools.count()

    def new_work(self, quality):
        path = self.root / f"work{next(self.ids)}"
        path.mkdir()
        work = support.Work(path)
        write(work, self.server, self.mode, quality, **({"resume": "auto"} if "checkpoint" in self.mode else {}))
        return work

    def stopped(self, work, **options):
        process = delivery.run(work, **options)
        assert process.returncode == 3, process.stderr
        assert "quality checks failed" in process.stderr
        return process

    def points(self):
        work = self.new_work(FAILS["too many rows"][0])
        self.stopped(work, trace=work.path / "trace")
        return delivery.points(work.path / "trace")

    def die_and_start_again(self, point):
        work = self.new_work(FAILS["too many rows"][0])
        if "4" in self.mode:
            delivery.may_die(work, point, status=3)
        else:
            delivery.must_die(work, point)
        assert delivery.visible(work) == {}, f"visible after a kill at {point}"
        self.stopped(work)
        check_nothing(work)
        write(work, self.server, self.mode, None, **({"resume": "auto"} if "checkpoint" in self.mode else {}))
        delivery.must_succeed(work)
        check_whole(work, self.server)
        shutil.rmtree(work.path)


@pytest.mark.slow
@pytest.mark.parametrize("mode", KILLED_MODES)
def test_killed_before_a_gate_that_fails(server, mode, tmp_path):
    """At any step: nothing was visible, the next start is stopped again, and one without the gate delivers all."""
    if not support.has_faults():
        pytest.skip("a build without fault points")
    scenario = Scenario(server, mode, tmp_path)
    points = scenario.points()
    assert not any("published" in point or "intent" in point for point in points), points
    for point in some(points, 10 if server.name == "postgres" else 15):
        scenario.die_and_start_again(point)


@pytest.mark.parametrize("mode", ["checkpoint", "checkpoint 4"])
def test_killed_with_chunks_sealed_and_the_gate_tightened(work, server, mode):
    """Chunks sealed by a process that died are judged by the gate of the start that finishes them."""
    if not support.has_faults():
        pytest.skip("a build without fault points")
    write(work, server, mode, {"row_count_max": ROWS})
    delivery.must_die(work, "chunk.sealed:2")
    assert delivery.visible(work) == {}
    write(work, server, mode, {"row_count_max": ROWS - 1})
    run = work.run("--resume", check=None)
    assert run.status == 3, run.text
    check_nothing(work)
    nothing = work.run("--resume", check=1)
    assert "no in-progress" in nothing.err
    write(work, server, mode, {"row_count_max": ROWS})
    work.run()
    check_whole(work, server)


def test_the_state_of_chunks_after_a_gate(work, server):
    write(work, server, "checkpoint", {"row_count_max": 1})
    work.run(check=3)
    assert chunked.state_chunks(work, "q")[1] == []
    assert re.search(r"\b0\b.*'q'", support.rivet("state", "reset-chunks", "-c", work.config, "-e", "q", check=0).out)
