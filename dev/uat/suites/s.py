"""Suite S: tuning and exports side by side."""

import pathlib
import time

from uat import reading, source, world
from uat.registry import row
from uat.suites import e, r

CONFIG = r.CONFIG
RUN = f"rivet run --config {CONFIG}"


@row("S1", "tuning of one export")
def tuning(place):
    source.prepare(source.POSTGRES)
    balanced = place.sh(f"{r.RUN}bench_content_p4_balanced", timeout_s=200)
    balanced.expect("bench_content_p4_balanced", status="success", tuning="profile=balanced, batch_size=1000")
    fast = place.sh(f"{r.RUN}bench_content_p4_fatchunk", timeout_s=200)
    fast.expect("bench_content_p4_fatchunk", status="success", tuning="profile=fast, batch_size=1000")
    return "balanced and fast, batch_size=1000"


def watch(place, command, timeout_s=380, **env):
    """Run a command; returns its result and the command lines of its children while it ran."""
    seen = {}
    process = place.start(command, **env)
    until = time.monotonic() + timeout_s
    # The streams are read only at the end: summaries and errors are far smaller than a pipe.
    while process.poll() is None and time.monotonic() < until:
        for pid in world.children(process.pid):
            try:
                line = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
            except OSError:
                continue
            if line:
                seen[pid] = line
        time.sleep(0.05)
    began = time.monotonic()
    status, out, err = place.finish(process, max(1, until - time.monotonic()))
    result = world.Result(command, status, out, err, time.monotonic() - began, place.new_files())
    assert status == 0, result.tail()
    return result, seen


def assert_side_by_side(place, exports):
    spans = sorted(r.span(place.chunk_files(export)) for export in exports)
    assert any(a[1] > b[0] for a, b in zip(spans, spans[1:])), "no two exports ran at once"


def assert_threads(place, command, exports, **env):
    run, seen = watch(place, command, **env)
    assert set(run.summaries()) == set(exports) and len(run.summaries()) == len(exports), list(run.summaries())
    e.check_bench(place, run, exports)
    assert_side_by_side(place, exports)
    # A program that only wraps ours counts as ours.
    assert not [line for line in seen.values() if "--export" in line], f"children: {list(seen.values())[:2]}"
    return run


def assert_processes(place, command, exports, **env):
    run, seen = watch(place, command, **env)
    e.check_bench(place, run, exports)
    workers = [line for line in seen.values() if "--export" in line]
    assert len(workers) >= 2, f"{len(workers)} child processes with --export"
    assert_side_by_side(place, exports)
    return workers


@row("S2", "exports in threads", limit_s=400)
def threads(place):
    source.prepare(source.POSTGRES)
    assert_threads(place, f"{RUN} --parallel-exports", e.BENCH)
    return "5 summaries, one process, exports overlap"


@row("S3", "exports in processes", limit_s=400)
def processes(place):
    source.prepare(source.POSTGRES)
    assert not place.config(".rivet_state.db").exists(), "a state file at the start"
    workers = assert_processes(place, f"{RUN} --parallel-export-processes", e.BENCH)
    return f"{len(workers)} child processes, no state file at the start"


@row("S4", "one export is not parallel")
def single(place):
    source.prepare(source.POSTGRES)
    run, seen = watch(place, f"{r.RUN}bench_content_p4 --parallel-exports", RUST_LOG="info")
    assert list(run.summaries()) == ["bench_content_p4"] and not seen, f"{list(run.summaries())}, children {seen}"
    assert "exports in parallel" not in run.err and "separate processes" not in run.err, "the log tells of parallel exports"
    assert len(place.chunk_files("bench_content_p4")) == 20, "not 20 files"
    reading.assert_ids(place.chunk_files("bench_content_p4"), 200000)
    return "one summary, no children"


@row("S5", "parallel by configuration", limit_s=400)
def by_configuration(place):
    """With two of the five exports: the rows are the same, and E3, S2 and S3 have all five."""
    source.prepare(source.POSTGRES)
    original = place.config("bench_chunked_p4.yaml").read_text()
    two = {name: e.BENCH[name] for name in ("bench_content_p4", "bench_content_p4_serial")}
    head, first, second = original.split("  - name: ")[:3]
    copy = head + "  - name: " + first + "  - name: " + second
    place.write("bench_two.yaml", copy + "\nparallel_exports: true\n")
    command = "rivet run --config dev/bench_two.yaml"
    assert_threads(place, command, two)
    for export in two:
        for path in place.chunk_files(export):
            path.unlink()
        place.sh(f"rivet state reset-chunks --config dev/bench_two.yaml --export {export}")
    place.write("bench_two.yaml", copy + "\nparallel_exports: true\nparallel_export_processes: true\n")
    workers = assert_processes(place, command, two)
    return f"threads; with both fields {len(workers)} processes"
