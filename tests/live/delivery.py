"""What a directory and a state must look like after any crash and the start that follows it.

Nothing here asks rivet: the state is read through sqlite3, files through pyarrow, hashes through xxhash.
"""

import json
import os
import subprocess

import xxhash

import support


def run(work, *arguments, fault=None, trace=None, broken=None, export=None):
    """One start. With a fault it must die of it; without one it must succeed."""
    environment = {k: v for k, v in os.environ.items() if k not in ("RUST_LOG", "RIVET_LOG")}
    for name, value in (("RIVET_FAULT", fault), ("RIVET_FAULT_TRACE", trace), ("RIVET_BREAK", broken)):
        if value is not None:
            environment[name] = str(value)
    command = [str(support.RIVET), "run", "-c", str(work.config), *(["-e", export] if export else []), *arguments]
    return subprocess.run(command, env=environment, text=True, capture_output=True, timeout=60 * support.PATIENCE)


def must_die(work, fault, **options):
    process = run(work, fault=fault, **options)
    assert process.returncode == -9, f"{fault} was not met: exit {process.returncode}\n{process.stderr}"


def may_die(work, fault, status=0):
    """As must_die where workers share the passes of a point by chance: one that ends with the status did not
    come to that pass."""
    trace = work.path / "fault_trace"
    process = run(work, fault=fault, trace=trace)
    assert process.returncode in (-9, status), f"{fault}: exit {process.returncode}\n{process.stderr}"
    assert process.returncode == -9 or fault not in points(trace), f"{fault} was passed alive"


def must_succeed(work, **options):
    process = run(work, **options)
    assert process.returncode == 0, f"exit {process.returncode}\n{process.stderr}"
    assert "Sanitizer" not in process.stderr, process.stderr
    return process


def points(trace):
    """The fault points of a traced run as name:pass, in order."""
    counts, found = {}, []
    for name in trace.read_text().split():
        counts[name] = counts.get(name, 0) + 1
        found.append(f"{name}:{counts[name]}")
    return found


def visible(work):
    """Final files below the output directory, with their bytes; manifests and temporaries left out."""
    if not work.output.exists():
        return {}
    return {path.name: path.read_bytes() for path in work.output.iterdir()
            if path.is_file() and not path.name.startswith(".")}


def check_part(work, run_id, part):
    path = work.output / part["key"]
    assert path.exists(), f"run {run_id}: {part['key']} is missing"
    content = path.read_bytes()
    assert len(content) == part["bytes"], f"run {run_id}: size of {part['key']}"
    assert xxhash.xxh3_64_hexdigest(content) == part["xxh3"], f"run {run_id}: bytes of {part['key']}"
    rows = support.parquet_rows(path)
    assert len(rows) == part["rows"], f"run {run_id}: rows of {part['key']}"
    return rows


def done_runs(work, export):
    """Rows by run id of every run the state calls done, read through its manifest; all invariants
    that hold whatever the mode are checked on the way."""
    states = dict(work.query_state("select run_id, status from run where export_name = ?", export))
    manifests = {m["run_id"]: m for m in work.manifests(export)}
    assert set(states.values()) <= {"done", "failed", "interrupted"}, states
    files = dict(work.query_state("select file_name, run_id from file_manifest where export_name = ?", export))
    runs, named = {}, {}
    for run_id, manifest in manifests.items():
        assert states.get(run_id) == "done", f"manifest of run {run_id}, which is {states.get(run_id)}"
        runs[run_id] = []
        for part in manifest["parts"]:
            runs[run_id] += check_part(work, run_id, part)
            named[part["key"]] = run_id
    assert files == named, f"file_manifest {files}, manifests {named}"
    for run_id, status in states.items():
        if status == "done" and run_id not in manifests:
            runs[run_id] = []
            assert run_id not in files.values()
    strangers = {name for name in visible(work) if name.startswith(export + "_")} - set(named)
    assert not strangers, f"visible files of no done run: {strangers}"
    assert work.leftovers() == [], "temporary files are left"
    assert work.query_state("select count(*) from part where status <> 'visible'") == [(0,)]
    assert work.query_state("select count(*) from run where manifest = 'due'") == [(0,)]
    return runs


def check_nothing_taken_back(work, before):
    """A file that was once visible may have been read: it stays, with the same bytes."""
    after = visible(work)
    for name, content in before.items():
        assert after.get(name) == content, f"{name} was visible and then taken back or changed"


def check_full(work, export, want):
    """Each done run holds the whole result."""
    runs = done_runs(work, export)
    assert any(runs.values()) or not want
    for run_id, rows in runs.items():
        support.assert_same_rows(rows, want, run_id)


def check_incremental(work, export, want):
    """The runs together hold every row once, and so does the directory."""
    runs = done_runs(work, export)
    support.assert_same_rows([row for rows in runs.values() for row in rows], want, "union of the runs")
    support.assert_same_rows(support.parquet_rows(*work.files(export)), want, "directory")


def cursor(work, export):
    found = work.query_state("select last_cursor_value from export_state where export_name = ?", export)
    return found[0][0] if found else None


def journal(work, run_id):
    out = support.rivet("journal", "-c", work.config, "--run", run_id, "--json", check=0).out
    return [event["kind"] for event in json.loads(out)]


def latest_run(work, export):
    return work.query_state("select run_id from run where export_name = ? order by started_at desc limit 1", export)[0][0]


