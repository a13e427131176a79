"""Checkpointed runs that are left and taken up again: what continues, what is refused, what is kept."""

import json
import os
import signal
import subprocess

import pytest

import chunked
import delivery
import servers
import support
import toxiproxy


@pytest.fixture(scope="module", autouse=True)
def database():
    chunked.prepare()
    chunked.content_items()


@pytest.mark.parametrize("parallel", [1, 4])
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_kill_and_resume(work, parallel, how):
    """Row R3 with the source slowed."""
    work.write(chunked.export(chunk_size=100, chunk_checkpoint=True, parallel=parallel), source=chunked.source())
    document = work.config.read_text()
    with chunked.Valve(40000) as valve:
        work.config.write_text(document.replace(chunked.URL, valve.url()))
        process = chunked.start(work)
        # A file is there before its chunk is on record, and that of other workers before it.
        support.wait_for(lambda: chunked.completed(work) >= 3, what="some chunks")
        process.send_signal(how)
        _, err = process.communicate(timeout=20 * support.PATIENCE)
        valve.rate = 0
        assert process.returncode == (-9 if how == signal.SIGKILL else 143)
        before = chunked.stamps(chunked.files(work))
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
    after = chunked.stamps(chunked.files(work))
    assert len(after) == 20 and before.items() <= after.items(), "finished chunks were touched"
    _, tasks = chunked.check_checkpointed(work)
    assert max(int(task[4]) for task in tasks) == (2 if was_running else 1)
    (manifest,) = work.manifests("a")
    assert len(manifest["parts"]) == 20 and manifest["totals"]["rows"] == 2000
    nothing = work.run("--resume", check=1)
    assert "--resume but no in-progress chunk checkpoint" in nothing.err


@pytest.mark.parametrize("parallel", [1, 4])
@pytest.mark.parametrize("server", servers.ALL, ids=lambda server: server.name)
def test_killed_behind_a_slow_line(server, work, parallel):
    """Row R3: the line lets a chunk pass in half a second, so the kill falls between chunks, and into some."""
    server.prepare()
    server.table("resumed", 2000)
    with toxiproxy.Proxy(f"rivet-chunked-{os.getpid()}-{server.name}", server.port) as line:
        line.toxic("bandwidth", "downstream", rate=30)
        work.write(chunked.export(query="select id, changed_at, payload from resumed", chunk_size=100, chunk_checkpoint=True, parallel=parallel),
                   source=server.source(port=line.port))
        process = chunked.start(work)
        support.wait_for(lambda: chunked.completed(work) >= 3, seconds=40, what="some chunks")
        process.kill()
        process.communicate()
        facts, tasks = chunked.state_chunks(work)
        done = [work.output / task[6] for task in tasks if task[1] == "completed"]
        assert facts["status"] == "in_progress" and 3 <= len(done) < 20
        before = chunked.stamps(done)
        line.clean()
        resumed = work.run("--resume", "--reconcile")
    assert resumed.summary("a")["run_id"] == facts["run_id"] and resumed.summary("a")["reconcile"] == "MATCH (2000/2000)"
    assert before.items() <= chunked.stamps(chunked.files(work)).items()
    assert len(chunked.files(work)) == 20 and work.leftovers() == []
    delivery.check_full(work, "a", server.rows("select id, changed_at, payload from resumed"))


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
    ("meta_columns", chunked.META),
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
    chunked.check_checkpointed(work)


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
    chunked.check_checkpointed(work)


def test_parallel_and_tuning_are_free(interrupted):
    work = interrupted
    work.write(chunked.export(chunk_size=100, chunk_checkpoint=True, parallel=3), source=chunked.source(batch_size=77))
    work.run("--resume")
    chunked.check_checkpointed(work)


def test_resume_auto(interrupted):
    work = interrupted
    work.write(chunked.export(chunk_size=100, chunk_checkpoint=True, resume="auto"), source=chunked.source())
    first = work.query_state("select run_id from chunk_run")[0][0]
    assert work.run().summary("a")["run_id"] == first
    chunked.check_checkpointed(work)
    assert work.run().summary("a")["run_id"] != first


def test_an_open_run_refuses_other_modes(interrupted):
    work, before = interrupted, chunked.chunk_rows(interrupted)
    work.write({"name": "a", "query": chunked.DATA, "mode": "full"}, source=chunked.source())
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
    with chunked.Valve(20000) as valve:
        work.write(chunked.export(chunk_size=100, chunk_checkpoint=True), source={**chunked.source(), "url": valve.url()})
        process = chunked.start(work)
        support.wait_for(lambda: chunked.files(work), what="a chunk file")
        run = support.rivet("state", "reset-chunks", "-c", work.config, "-e", "a", check=1)
        assert str(process.pid) in run.err
        process.kill()
        process.communicate()
