"""What two processes, an older state, a lost disk or a foreign file do to a delivery: defined results
(issue "delivery", Must show)."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import time

import pytest

import delivery
import servers
import support

needs_root = pytest.mark.skipif(os.getuid() != 0, reason="mounting a small file system needs root")


@pytest.fixture(scope="module", params=servers.SERVERS, ids=lambda server: server.name)
def server(request):
    request.param.prepare()
    return request.param


@pytest.fixture
def faults():
    if not support.has_faults():
        pytest.skip("a build without fault points")


class Export:
    """An incremental export of several parts, with its table."""

    def __init__(self, server, work, rows=300, **export):
        self.server, self.work = server, work
        server.table("clash", rows)
        self.rows = rows
        self.write(work, **export)

    def write(self, work, **export):
        work.write({"name": "clash", "query": "select id, changed_at, payload from clash", "mode": "incremental",
                    "cursor_column": "id", "max_file_size": "4KB", "compression": "none",
                    "destination": {"type": "local", "path": str(self.work.output)}, **export},
                   source=self.server.source(batch_size=50))

    def append(self, rows=100):
        self.server.append("clash", self.rows + 1, self.rows + rows)
        self.rows += rows

    def want(self):
        return self.server.rows("select id, changed_at, payload from clash")

    def check(self):
        delivery.check_incremental(self.work, "clash", self.want())


# ---- two processes ----

@pytest.fixture
def paused(server, work):
    """A run stopped in the middle by SIGSTOP, with parts begun."""
    export = Export(server, work)
    export.write(work, query=server.slow_from_150.format(table="clash"))
    process = subprocess.Popen([support.RIVET, "run", "-c", work.config], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    support.wait_for(lambda: work.leftovers() or process.poll() is not None, what="a temporary file")
    assert process.poll() is None, "the run was over before it could be stopped"
    process.send_signal(signal.SIGSTOP)
    yield export, process
    process.send_signal(signal.SIGCONT)
    process.kill()
    process.communicate()


@support.measures
def test_a_paused_holder_keeps_its_lock(paused, work):
    """However long it is paused: nobody takes over, nobody waits; it then goes on as if nothing had been."""
    export, process = paused
    run_id = delivery.latest_run(work, "clash")
    for command in (("run",), ("state", "reset", "--export", "clash")):
        started = time.monotonic()
        refused = support.rivet(*command, "--config", work.config, check=1)
        assert str(process.pid) in refused.err and run_id in refused.err, refused.text
        assert time.monotonic() - started < 5 * support.PATIENCE
    process.send_signal(signal.SIGCONT)
    _, err = process.communicate(timeout=60 * support.PATIENCE)
    assert process.returncode == 0, err
    export.check()


def test_a_killed_holder_frees_its_lock_at_once(paused, work):
    export, process = paused
    process.kill()
    process.wait()
    export.write(work)
    delivery.must_succeed(work)
    export.check()


def test_two_directories_one_target(server, work, tmp_path):
    """Exports of one name with states of their own never meet in the target directory, also at once."""
    export = Export(server, work)
    other = support.Work(tmp_path / "other")
    other.path.mkdir()
    export.write(other)
    processes = [subprocess.Popen([support.RIVET, "run", "-c", each.config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                 for each in (work, other)]
    assert [process.wait(60 * support.PATIENCE) for process in processes] == [0, 0]
    other.output = work.output
    named = []
    for each in (work, other):
        (run_id,) = [row[0] for row in each.query_state("select run_id from run where status = 'done'")]
        stamp = each.query_state("select name_stamp from run")[0][0]
        (manifest,) = [m for m in work.manifests("clash") if m["parts"][0]["key"].startswith(f"clash_{stamp}")]
        assert manifest["run_id"] == run_id
        rows = [row for part in manifest["parts"] for row in delivery.check_part(work, run_id, part)]
        support.assert_same_rows(rows, export.want(), run_id)
        named += [part["key"] for part in manifest["parts"]]
    assert sorted(named) == sorted(delivery.visible(work)) and work.leftovers() == []


# ---- the state is not what it was ----

def copy_state(work, to):
    to.mkdir()
    for path in work.path.glob(".rivet_state.db*"):
        if path.is_file():
            shutil.copy2(path, to / path.name)


def restore_state(work, source):
    for path in work.path.glob(".rivet_state.db*"):
        if path.is_file():
            path.unlink()
    for path in source.iterdir():
        shutil.copy2(path, work.path / path.name)


def test_an_older_state_exports_again_what_it_does_not_know(server, work, tmp_path):
    """No file is touched; the files of the forgotten run are those that no done run of the state names."""
    export = Export(server, work)
    delivery.must_succeed(work)
    copy_state(work, tmp_path / "backup")
    export.append()
    delivery.must_succeed(work)
    forgotten = set(delivery.visible(work)) - {part["key"] for part in work.manifests("clash")[0]["parts"]}
    before = delivery.visible(work)
    restore_state(work, tmp_path / "backup")
    delivery.must_succeed(work)
    delivery.check_nothing_taken_back(work, before)
    listed = {row[0] for row in work.query_state("select file_name from file_manifest")}
    assert set(delivery.visible(work)) - listed == forgotten
    rows = support.parquet_rows(*(work.output / name for name in listed))
    support.assert_same_rows(rows, export.want())


def test_an_older_state_with_intents_recognises_its_files(server, work, tmp_path, faults):
    """The backup says "intent", the files were published meanwhile: they are ours by size and hash."""
    export = Export(server, work)
    delivery.must_die(work, "commit.intended")
    copy_state(work, tmp_path / "backup")
    delivery.must_succeed(work)
    before = delivery.visible(work)
    restore_state(work, tmp_path / "backup")
    delivery.must_succeed(work)
    assert delivery.visible(work) == before
    export.check()


# ---- the disk under the state ----

@pytest.fixture
def small_disk(tmp_path):
    """A file system of its own for the state."""
    place = tmp_path / "disk"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "rivet-state", place], check=True)
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def run_with_state(work, place, check):
    return support.rivet("run", "-c", work.config, "--state", place / "state.db", check=check)


@needs_root
def test_a_full_disk_under_the_state(server, work, small_disk):
    """Nothing becomes visible that is not recorded; with room again the same command goes on."""
    export = Export(server, work)
    run_with_state(work, small_disk, 0)
    export.append()
    before = delivery.visible(work)
    filler = small_disk / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"x" * 4096):
            pass
    run = run_with_state(work, small_disk, 1)
    assert re.search("No space left|disk is full|disk I/O", run.err) and "SQL_" not in run.err, run.err
    assert delivery.visible(work) == before
    filler.unlink()
    run_with_state(work, small_disk, 0)
    support.assert_same_rows(support.parquet_rows(*work.files("clash")), export.want())
    assert work.leftovers() == []


@needs_root
def test_a_read_only_disk_under_the_state(server, work, small_disk):
    export = Export(server, work)
    run_with_state(work, small_disk, 0)
    export.append()
    before = delivery.visible(work)
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    run = run_with_state(work, small_disk, 1)
    assert re.search("[Rr]ead-only|readonly", run.err), run.err
    assert delivery.visible(work) == before and work.leftovers() == []
    subprocess.run(["mount", "-o", "remount,rw", small_disk], check=True)
    run_with_state(work, small_disk, 0)
    support.assert_same_rows(support.parquet_rows(*work.files("clash")), export.want())


COMMITS = ["run", "part", "reference", "seal", "intend", "record", "manifest", "run_end", "event", "metric", "schema"]


@pytest.mark.parametrize("change", COMMITS)
@pytest.mark.parametrize("number", [1, 2])
def test_a_commit_that_fails(server, work, faults, change, number):
    """The run fails or goes on with a warning; whatever it was, the next start makes it whole."""
    export = Export(server, work)
    delivery.must_succeed(work)
    export.append(150)
    before = delivery.visible(work)
    run = delivery.run(work, fault=f"state.{change}.commit=EIO:{number}")
    assert run.returncode in (0, 1), run.stderr
    assert "SQL_" not in run.stderr, "a name of the program's inside"
    if run.returncode == 0:
        assert change in ("event", "metric", "schema", "run_end") or number > 1, run.stderr
    delivery.check_nothing_taken_back(work, before)
    between = delivery.visible(work)
    delivery.must_succeed(work)
    delivery.check_nothing_taken_back(work, between)
    export.check()


# ---- the destination is not what it was ----

@pytest.fixture(params=["commit.intended", "unit.part.sealed:2"], ids=["past the intents", "before"])
def unfinished(request, server, work, faults):
    """A run that died with parts unfinished."""
    export = Export(server, work)
    delivery.must_succeed(work)
    export.append()
    delivery.must_die(work, request.param)
    return export


@pytest.mark.parametrize("there", ["missing", "exchanged"])
def test_the_directory_is_another_one(unfinished, work, there):
    """A volume that is not mounted proves nothing: exit 5, and all goes on when it is back."""
    away = work.path / "away"
    work.output.rename(away)
    if there == "exchanged":
        work.output.mkdir()
        (work.output / "other").write_text("not ours")
    before = work.query_state("select run_id, unit, part_index, status from part")
    for _ in range(2):
        run = support.rivet("run", "-c", work.config, check=5)
        assert "state reset" in run.err and str(work.output) in run.err, run.err
    assert work.query_state("select run_id, unit, part_index, status from part") == before
    assert work.output.exists() == (there == "exchanged"), "a missing directory is not made anew"
    shutil.rmtree(work.output, ignore_errors=True)
    away.rename(work.output)
    delivery.must_succeed(work)
    unfinished.check()


def test_the_destination_was_changed(unfinished, work):
    elsewhere = work.path / "elsewhere"
    document = work.config.read_text()
    unfinished.write(work, destination={"type": "local", "path": str(elsewhere)})
    run = support.rivet("run", "-c", work.config, check=5)  # might as well be an unmounted volume
    assert str(elsewhere) in run.err and str(work.output) in run.err
    elsewhere.mkdir()
    run = support.rivet("run", "-c", work.config, check=1)
    assert "state reset" in run.err and str(work.output) in run.err
    work.config.write_text(document)
    delivery.must_succeed(work)
    unfinished.check()


def test_a_lost_directory_is_given_up_by_reset(unfinished, work):
    shutil.rmtree(work.output)
    support.rivet("run", "-c", work.config, check=5)
    reset = support.rivet("state", "reset", "-c", work.config, "-e", "clash", check=0)
    assert "cannot be reached" in reset.err and "'clash'" in reset.out
    delivery.must_succeed(work)
    support.assert_same_rows(support.parquet_rows(*work.files("clash")), unfinished.want())


def test_reset_undoes_and_never_rolls_forward(unfinished, work):
    before = delivery.visible(work)
    support.rivet("state", "reset", "-c", work.config, "-e", "clash", check=0)
    assert delivery.visible(work) == before and work.leftovers() == []
    assert delivery.cursor(work, "clash") is None


def test_a_foreign_file_under_the_final_name(server, work, faults):
    """Never overwritten, never taken for ours; once it is moved away the delivery goes on."""
    export = Export(server, work)
    delivery.must_die(work, "commit.intended")
    (key,) = work.query_state("select key from part where part_index = 1")[0]
    foreign = work.output / key
    foreign.write_bytes(b"somebody else's")
    for _ in range(2):
        run = support.rivet("run", "-c", work.config, check=1)
        assert key in run.err and "not ours" in run.err
        assert foreign.read_bytes() == b"somebody else's"
    foreign.rename(work.path / "moved")
    delivery.must_succeed(work)
    export.check()


@pytest.mark.parametrize("damage", ["removed", "cut short"])
def test_a_sealed_part_is_damaged(server, work, faults, damage):
    """A part that cannot be finished undoes its unit; the run starts again from the recorded cursor."""
    export = Export(server, work)
    delivery.must_die(work, "commit.intended")
    temporary = work.leftovers()[1]
    if damage == "removed":
        temporary.unlink()
    else:
        os.truncate(temporary, 100)
    run_id = delivery.latest_run(work, "clash")
    run = delivery.must_succeed(work)
    assert "cannot be finished" in run.stderr
    assert work.query_state("select status from run where run_id = ?", run_id) == [("interrupted",)]
    assert delivery.journal(work, run_id)[-2:] == ["unit_undone", "interrupted"]
    export.check()


# ---- signals ----

@pytest.mark.parametrize("sent, status", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_while_reading(paused, work, sent, status):
    export, process = paused
    process.send_signal(sent)
    process.send_signal(signal.SIGCONT)
    process.communicate(timeout=10 * support.PATIENCE)
    assert process.returncode == status
    assert delivery.visible(work) == {} and work.leftovers() == []
    export.write(work)
    delivery.must_succeed(work)
    export.check()


# ---- the order of system calls ----

def calls(work, tmp_path):
    trace = tmp_path / "trace"
    subprocess.run(["strace", "-f", "-y", "-s", "300", "-e", "trace=fsync,fdatasync,link,linkat,rename,renameat,renameat2,unlink,unlinkat,write",
                    "-o", trace, support.RIVET, "run", "-c", work.config], check=True, capture_output=True, timeout=120,
                   env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"})  # leaks cannot be looked for under a tracer
    output = re.escape(str(work.output))
    kinds = [
        ("fsync temporary", rf"fsync\(\d+<{output}/\.clash_[^/]*\.tmp>"),
        ("write temporary", rf"write\(\d+<{output}/\.clash_[^/]*\.tmp>"),
        ("sync state", r"fdatasync\(\d+<[^>]*state\.db-wal>"),
        ("link", r"linkat\(.*\"clash_"),
        ("unlink", r"unlinkat\(.*\"\.clash_"),
        ("fsync directory", rf"fsync\(\d+<{output}>\)"),
        ("fsync manifest", rf"fsync\(\d+<{output}/_rivet/clash/\.[^/]*\.tmp>"),
        ("rename manifest", r"renameat2?\(.*\.json\.tmp\""),
        ("fsync manifests", rf"fsync\(\d+<{output}/_rivet/clash>\)"),
    ]
    found = []
    for line in trace.read_text().splitlines():
        found += [kind for kind, pattern in kinds if re.search(rf"\d+ +{pattern}", line)][:1]
    return found


def test_order_of_system_calls(server, work, tmp_path):
    """fsync(tmp) < state fsync < link < fsync(dir) < state fsync < manifest: kill -9 shows nothing of it."""
    export = Export(server, work)
    delivery.must_succeed(work)  # makes the directory of the manifests
    export.append(200)
    found = calls(work, tmp_path)
    parts = found.count("link")
    assert parts > 1 and found.count("fsync temporary") == parts and found.count("unlink") == parts
    last_written = max(i for i, kind in enumerate(found) if kind == "write temporary")
    last_sync = max(i for i, kind in enumerate(found) if kind == "fsync temporary")
    first_link = found.index("link")
    assert last_written < last_sync < first_link
    # Between the last seal and the first link: the seal's transaction and the intents.
    assert found[last_sync + 1:first_link].count("sync state") == 2
    # From the first link on, to the letter.
    delivered = found[first_link:]
    assert delivered[:2 * parts + 1] == ["link", "unlink"] * parts + ["fsync directory"]
    rest = [kind for kind in delivered[2 * parts + 1:]]
    assert rest[:5] == ["sync state", "fsync manifest", "rename manifest", "fsync manifests", "sync state"]
