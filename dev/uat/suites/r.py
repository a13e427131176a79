"""Suite R: checkpoints, kill and resume."""

import contextlib
import os
import re
import signal
import sqlite3
import subprocess

from uat import reading, source, world
from uat.registry import row
from uat.suites import q

CONFIG = "dev/bench_chunked_p4.yaml"
SERIAL, PARALLEL = "bench_content_p4_serial", "bench_content_p4"
RUN = f"rivet run --config {CONFIG} --export "


def state_chunks(place, export):
    """What state chunks says: facts by label, tasks as mappings."""
    out = place.sh(f"rivet state chunks --config {CONFIG} --export {export}").out
    facts = dict(re.findall(r"^(\w+):\s+(.*)$", out, re.M))
    names = ("IDX", "STATUS", "START", "END", "ATT", "ROWS", "FILE")
    return facts, [dict(zip(names, line.split())) for line in out.splitlines() if re.match(r"\d", line)]


def stored_plan(place):
    """Every cell of the stored plans."""
    with contextlib.closing(sqlite3.connect(f"file:{place.config('.rivet_state.db')}?mode=ro", uri=True)) as connection:
        return [connection.execute(f"select * from {table} order by 1, 2").fetchall() for table in ("chunk_run", "chunk_task")]


def task_files(place, export):
    with contextlib.closing(sqlite3.connect(f"file:{place.config('.rivet_state.db')}?mode=ro", uri=True)) as connection:
        names = connection.execute("select file_name from chunk_task t join chunk_run r using (run_id) where r.export_name = ? "
                                   "and r.status = 'completed' order by r.updated_at desc, chunk_index limit 20", (export,)).fetchall()
    return [place.path / "dev/output/bench" / name for (name,) in names]


def span(paths):
    """When the first and the last of some files appeared."""
    times = [path.stat().st_ctime_ns for path in paths]
    return min(times), max(times)


def stamps(paths):
    return {path.name: path.stat().st_mtime_ns for path in paths}


def serial_run(place):
    source.prepare(source.POSTGRES)
    run = place.sh(f"{RUN}{SERIAL} --validate", timeout_s=200)
    run.expect(SERIAL, status="success", rows=200000, files=20, validated="pass")
    return run


@row("R1", "a checkpointed run")
def checkpointed(place):
    run = serial_run(place)
    assert len(run.files) == 20 and run.files == place.chunk_files(SERIAL), f"{len(run.files)} files"
    reading.assert_ids(run.files, 200000)
    return f"20 files, 200000 rows in {run.seconds:.1f} s"


@row("R2", "state chunks")
def chunks(place):
    serial_run(place)
    facts, tasks = state_chunks(place, SERIAL)
    assert facts["status"] == "completed", facts
    assert facts["plan_hash"] == "1f24b22011040dff", f"plan_hash {facts['plan_hash']}"
    assert len(tasks) == 20, f"{len(tasks)} tasks"
    for task in tasks:
        assert (task["STATUS"], task["ROWS"], task["ATT"]) == ("completed", "10000", "1"), task
        assert (place.path / "dev/output/bench" / task["FILE"]).exists(), f"{task['FILE']} is not there"
    return f"20 completed, plan_hash {facts['plan_hash']}"


def kill_between_chunks(place, export=PARALLEL, config=CONFIG):
    """Start a run, kill -9 it once some chunks are visible but not all; returns those files' stamps."""
    for attempt in range(4):
        process = place.start(f"rivet run --config {config} --export {export}")
        try:
            world.wait_for(lambda: place.chunk_files(export) or process.poll() is not None, 120, "a chunk file")
            found = subprocess.run(["pgrep", "-f", rf"rivet run.*{os.path.basename(config)}.*{export}"], capture_output=True, text=True)
            mine = {process.pid, *world.children(process.pid)} & set(map(int, found.stdout.split()))
            for pid in mine:
                os.kill(pid, signal.SIGKILL)
        finally:
            place.kill(process)
        files = place.chunk_files(export)
        if mine and files and len(files) < 20:
            return stamps(files)
        # It was faster than the kill: once more.
        place.sh(f"rivet state reset-chunks --config {config} --export {export}")
        for path in files:
            path.unlink()
    raise AssertionError("four runs ended before they could be killed between chunks")


def assert_in_progress(place, before):
    facts, tasks = state_chunks(place, PARALLEL)
    states = {task["STATUS"] for task in tasks}
    assert facts["status"] == "in_progress" and {"completed", "running"} <= states, f"{facts.get('status')}: {sorted(states)}"
    assert 0 < len(before) < 20, f"{len(before)} files before the kill"


def assert_finished(place, before):
    files = place.chunk_files(PARALLEL)
    assert len(files) == 20, f"{len(files)} files in the end"
    assert sorted(task_files(place, PARALLEL)) == files, "files beside those of the tasks"
    reading.assert_ids(files, 200000)
    assert before.items() <= stamps(files).items(), "files finished before the kill were touched"
    partial = [path.name for path in (place.path / "dev/output/bench").glob(".*")]
    assert partial == [], f"left behind: {partial[:3]}"


def slow_copy(place):
    """The bench through Toxiproxy, with a database that answers slowly, so a kill falls between chunks."""
    text = place.config("bench_chunked_p4.yaml").read_text()
    direct, slow = world.settings.replacements()["@localhost:5432/rivet"], world.settings.replacements()["@localhost:15432/rivet"]
    assert direct in text, f"no {direct} in {CONFIG}"
    place.write("bench_chunked_p4.yaml", text.replace(direct, slow))


@row("R3", "kill -9 and resume", limit_s=400)
def kill_and_resume(place):
    source.prepare(source.POSTGRES)
    before = [kill_between_chunks(place)]
    assert_in_progress(place, before[0])
    place.sh(f"{RUN}{PARALLEL} --resume", timeout_s=200).expect(PARALLEL, status="success")
    assert_finished(place, before[0])

    place.sh(f"rivet state reset-chunks --config {CONFIG} --export {PARALLEL}")
    for path in place.chunk_files(PARALLEL):
        path.unlink()
    q.setup(place)
    slow_copy(place)
    q.api("POST", "/proxies/pg/toxics", '{"name":"slow","type":"bandwidth","attributes":{"rate":20000}}')
    try:
        before.append(kill_between_chunks(place))
    finally:
        q.clean()
    assert_in_progress(place, before[1])
    place.sh(f"{RUN}{PARALLEL} --resume", timeout_s=200).expect(PARALLEL, status="success")
    assert_finished(place, before[1])
    return f"killed after {len(before[0])} of 20 files, and slowed after {len(before[1])}"


@row("R4", "state reset-chunks")
def reset_chunks(place):
    first = serial_run(place).summary(SERIAL)["run_id"]
    reset = f"rivet state reset-chunks --config {CONFIG} --export {SERIAL}"
    removed = re.search(r"\b(\d+)\b", place.sh(reset).out)
    assert removed and int(removed.group(1)) >= 1, "no number of removed runs"
    out = place.sh(reset).out
    assert re.search(r"\b0\b", out) and f"'{SERIAL}'" in out, out
    serial_run(place)
    second = state_chunks(place, SERIAL)[0]["run_id"]
    assert second != first, f"run id {second} again"
    return f"{removed.group(1)} run removed, then 0; a new run_id"


CHANGES = {
    "chunk_size": ("chunk_size: 10000", "chunk_size: 15000"),
    "query": ('FROM content_items"', 'FROM content_items WHERE id > 0"'),
    "chunk_column": ("chunk_column: id", "chunk_column: view_count"),
    "chunk_dense": ("chunk_column: id", "chunk_column: id\n    chunk_dense: true"),
}


@row("R5", "another plan is not resumed", limit_s=400)
def another_plan(place):
    source.prepare(source.POSTGRES)
    before = kill_between_chunks(place)
    assert_in_progress(place, before)
    stored, original = stored_plan(place), place.config("bench_chunked_p4.yaml").read_text()
    run_id = state_chunks(place, PARALLEL)[0]["run_id"]
    for field, (old, new) in CHANGES.items():
        assert old in original, old
        place.write("bench_chunked_p4.yaml", original.replace(old, new, 1))
        refused = place.sh(f"{RUN}{PARALLEL} --resume", status=1)
        assert "chunk plan fingerprint mismatch" in refused.err, f"{field}: {refused.tail()}"
        unasked = place.sh(f"{RUN}{PARALLEL}", status=1)
        assert run_id in unasked.err, f"{field}: the run is not named: {unasked.tail()}"
        assert stored_plan(place) == stored, f"{field}: the stored plan changed"
    place.write("bench_chunked_p4.yaml", original.replace("parallel: 10", "parallel: 3", 1))
    place.sh(f"{RUN}{PARALLEL} --resume", timeout_s=200).expect(PARALLEL, status="success")
    assert_finished(place, before)
    return f"{len(CHANGES)} changes refused, another parallel resumed"
