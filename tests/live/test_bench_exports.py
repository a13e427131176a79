"""Acceptance rows S2 to S5: dev/bench_chunked_p4.yaml at its full size, five exports at once in threads and in processes."""

import pathlib
import re
import subprocess
import threading
import time

import pyarrow
import pyarrow.parquet
import pytest
import yaml

import bench_database
import support

NAMES = ["bench_content_p4", "bench_content_p4_serial", "bench_content_p4_fatchunk", "bench_content_p4_no_meta", "bench_content_p4_balanced"]
FILES = dict(zip(NAMES, [20, 20, 4, 20, 20]))

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True, params=bench_database.PARAMS)
def bench(request):
    request.param.prepare()
    return request.param


def children_of(pid):
    found = {}
    for status in pathlib.Path("/proc").glob("[0-9]*/status"):
        try:
            if f"PPid:\t{pid}\n" in status.read_text():
                found[int(status.parent.name)] = (status.parent / "cmdline").read_bytes().split(b"\0")
        except OSError:
            pass
    return found


class Watch(threading.Thread):
    """Looks at a run while it goes on: its children, and what of which export has appeared by when."""

    def __init__(self, work, process):
        super().__init__()
        self.work, self.process = work, process
        self.children, self.seen_together = {}, set()
        self.start()

    def run(self):
        while self.process.poll() is None:
            self.children.update(children_of(self.process.pid))
            growing = frozenset(name for name in NAMES if 0 < len(chunk_files(self.work, name)) < FILES[name])
            self.seen_together.add(growing)
            time.sleep(0.02)


def chunk_files(work, name):
    return list(work.output.glob(f"{name}_2*_chunk*.parquet"))


def run_watched(work, *arguments):
    process = subprocess.Popen([support.RIVET, "run", "--config", work.config, *arguments], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               cwd=support.ROOT)
    watch = Watch(work, process)
    _, err = process.communicate(timeout=600 * support.PATIENCE)
    watch.join()
    run = support.Run(subprocess.CompletedProcess([], process.returncode, "", err))
    assert run.status == 0, run.text
    return run, watch


def check_summaries(run, names=NAMES):
    """Whole blocks: nothing stands between their lines."""
    blocks = re.findall(r"\n── (\w+) ──\n  run_id: .*\n  status: +success\n((?:  [\w ]+: .*\n)+)", run.err)
    assert sorted(name for name, _ in blocks) == sorted(names), run.text
    assert run.err.count("──") == 2 * len(names)
    for name in names:
        assert run.summary(name)["rows"] == "200000" and run.summary(name)["files"] == str(FILES[name])
        assert re.match(r"\d+MB", run.summary(name)["peak RSS"])


def check_rows(work, names=NAMES):
    for name in names:
        paths = chunk_files(work, name)
        assert len(paths) == FILES[name]
        ids = pyarrow.concat_tables(pyarrow.parquet.read_table(path, columns=["id"]) for path in paths)["id"].to_pylist()
        assert len(ids) == len(set(ids)) == 200000 and (min(ids), max(ids)) == (1, 200000)
    assert work.leftovers() == []


def check_threads(work, *arguments):
    run, watch = run_watched(work, *arguments)
    check_summaries(run)
    check_rows(work)
    assert watch.children == {}, "threads need no children"
    assert any(len(growing) >= 2 for growing in watch.seen_together), watch.seen_together
    return run


def check_processes(work, *arguments):
    run, watch = run_watched(work, *arguments)
    check_summaries(run)
    check_rows(work)
    exports = [arguments[arguments.index(b"--export") + 1].decode() for arguments in watch.children.values() if b"--export" in arguments]
    assert len(set(exports)) >= 2, watch.children
    assert "locked" not in run.err
    return run


@support.measures
def test_s2(work, bench):
    bench.copy_config(work, "bench_chunked_p4.yaml")
    check_threads(work, "--parallel-exports")


@support.measures
def test_s3(work, bench):
    """Also: there is no state file at the start."""
    bench.copy_config(work, "bench_chunked_p4.yaml")
    assert not work.state.exists()
    check_processes(work, "--parallel-export-processes")


def test_s4(work, bench):
    bench.copy_config(work, "bench_chunked_p4.yaml")
    process = subprocess.Popen([support.RIVET, "run", "--config", work.config, "--export", "bench_content_p4", "--parallel-exports"], text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={"RUST_LOG": "info", "PATH": "/usr/bin"})
    watch = Watch(work, process)
    _, err = process.communicate(timeout=300 * support.PATIENCE)
    watch.join()
    run = support.Run(subprocess.CompletedProcess([], process.returncode, "", err))
    assert run.status == 0, run.text
    assert re.findall("── (\\w+) ──", err) == ["bench_content_p4"] and watch.children == {}
    assert "exports in parallel" not in err and "separate processes" not in err
    check_rows(work, ["bench_content_p4"])


@support.measures
@pytest.mark.parametrize("fields", [{"parallel_exports": True}, {"parallel_exports": True, "parallel_export_processes": True}],
                         ids=["threads", "processes win"])
def test_s5(work, bench, fields):
    bench.copy_config(work, "bench_chunked_p4.yaml")
    document = yaml.safe_load(work.config.read_text())
    work.config.write_text(yaml.safe_dump({**document, **fields}, sort_keys=False))
    if "parallel_export_processes" in fields:
        check_processes(work)
    else:
        check_threads(work)
