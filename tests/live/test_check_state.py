"""rivet check after earlier runs: what a run refuses for what they left, check refuses in the same words, and it changes nothing."""

import json
import re
import shutil
import sqlite3

import pytest

import delivery
import servers
import support

SHAPES = {
    "full": {},
    "incremental": {"mode": "incremental", "cursor_column": "id"},
    "chunked": {"mode": "chunked", "chunk_column": "id", "chunk_size": 40},
    "checkpoint": {"mode": "chunked", "chunk_column": "id", "chunk_size": 40, "chunk_checkpoint": True},
}


@pytest.fixture(params=[servers.POSTGRES, servers.MARIADB], ids=lambda server: server.name)
def server(request):
    request.param.prepare()
    request.param.table("past", 100)
    return request.param


def write(work, server, shape="full", **more):
    source = more.pop("source", None) or server.source()
    return work.write({"name": "q", "query": "select * from past", **SHAPES[shape], **more}, source=source)


def traces(work):
    """Every file in the directory, but for what SQLite keeps in shared memory and for a log of it that holds nothing."""
    found = {path: path.read_bytes() for path in work.path.rglob("*") if path.is_file() and not path.name.endswith("-shm")}
    return {path: content for path, content in found.items() if content or not path.name.endswith("-wal")}


def check(work, *arguments, status=0):
    before = traces(work)
    run = support.rivet("check", "--config", work.config, *arguments, check=status)
    assert traces(work) == before
    return run


def reasons(run):
    """The error and its hint; a run says also which chunk it was at."""
    lines = re.findall(r"^(?:Error: |  hint: ).*$", run.err, re.M)
    assert lines, run.text
    return [re.sub(r"^(Error: export 'q') chunk \d+: ", r"\1: ", line) for line in lines]


def both_refuse(work, words, *arguments, status=1, run_status=None):
    checked = check(work, status=status)
    found = work.run(*arguments, check=run_status or status)
    assert reasons(checked) == reasons(found)
    assert words in checked.err, checked.text
    (export,) = json.loads(check(work, "--json", status=status).out)["exports"]
    assert words in export["error"] and export["hint"] in checked.err
    return export


# ---- the schema ----

@pytest.mark.parametrize("shape", SHAPES)
def test_a_changed_schema(work, server, shape):
    write(work, server, shape, on_schema_drift="fail")
    work.run()
    check(work)
    server.execute("alter table past add column phone int")
    server.execute("insert into past (id, changed_at) select 101, changed_at from past where id = 1")
    export = both_refuse(work, "added phone", run_status=4)
    assert export["error_kind"] == "schema drift"
    support.rivet("state", "reset-chunks", "-c", work.config, "-e", "q", check=0)
    for policy, told in (("warn", True), ("continue", False)):
        write(work, server, shape, on_schema_drift=policy)
        assert ("added columns: phone" in check(work).err) == told


# ---- the cursor ----

@pytest.mark.parametrize("words, change", [
    ("another cursor_column", {"cursor_column": "changed_at"}),
    ("another cursor_column", {"cursor_column": ["id", "changed_at"]}),
    ("another cursor type", {"query": "select changed_at as id, payload from past"}),
])
def test_another_cursor(work, server, words, change):
    write(work, server, "incremental")
    work.run()
    write(work, server, "incremental", **change)
    both_refuse(work, words)


def by_another_name(server):
    source = server.source()
    here, there = ("127.0.0.1", "localhost") if "127.0.0.1" in source["url"] else ("localhost", "127.0.0.1")
    return {**source, "url": source["url"].replace(here, there)}


def test_another_source(work, server):
    write(work, server, "incremental")
    work.run()
    write(work, server, "incremental", source=by_another_name(server))
    both_refuse(work, "another source")


def test_a_cursor_that_is_no_list(work, server):
    write(work, server, "incremental", cursor_column=["id", "changed_at"])
    work.run()
    with sqlite3.connect(work.state) as state:
        state.execute("update export_state set last_cursor_value = '[1]'")
    state.close()
    both_refuse(work, "not a list of 2 values")


# ---- a run that is not finished ----

@pytest.fixture
def interrupted(work, server):
    """A checkpointed run with one chunk done."""
    if not support.has_faults():
        pytest.skip("a build without fault points")
    write(work, server, "checkpoint")
    delivery.must_die(work, "chunk.claimed:2")
    return work


def test_a_run_to_resume_is_a_note(interrupted, server):
    work = interrupted
    (run_id,) = work.query_state("select run_id from chunk_run")[0]
    assert f"chunk run '{run_id}' is in progress: continue it with --resume" in check(work).out
    write(work, server, "checkpoint", resume="auto")
    assert "in progress" not in check(work).out
    work.run()
    assert "in progress" not in check(work).out


@pytest.mark.parametrize("words, change", [
    ("fingerprint mismatch: query", {"query": "select * from past where id > 0"}),
    ("fingerprint mismatch: chunk_size", {"chunk_size": 41}),
    ("fingerprint mismatch: format", {"format": "csv"}),
    ("is in progress", {"chunk_checkpoint": False}),
    ("is in progress", {"mode": "full"}),
    ("quality was added", {"quality": {"row_count_min": 1}}),
])
def test_a_run_that_cannot_be_resumed(interrupted, server, words, change):
    write(interrupted, server, "checkpoint", **change)
    both_refuse(interrupted, words, "--resume")


def test_another_source_of_a_run_to_resume(interrupted, server):
    write(interrupted, server, "checkpoint", source=by_another_name(server))
    both_refuse(interrupted, "fingerprint mismatch: source", "--resume")


def test_another_destination_of_a_run_to_resume(interrupted, server):
    other = interrupted.path / "some" / "where"
    write(interrupted, server, "checkpoint", destination={"type": "local", "path": f"{other}/"})
    both_refuse(interrupted, "fingerprint mismatch: destination", "--resume")


def test_a_plan_of_the_original(interrupted):
    with sqlite3.connect(interrupted.state) as state:
        state.execute("delete from run")
    state.close()
    both_refuse(interrupted, "cannot be resumed", "--resume")


@pytest.fixture
def unpublished(work, server):
    """A run whose intents are recorded, and whose parts nobody sees yet."""
    if not support.has_faults():
        pytest.skip("a build without fault points")
    write(work, server)
    delivery.must_die(work, "commit.intended")
    return work


def test_parts_wait_in_another_place(unpublished, server):
    work = unpublished
    check(work)
    write(work, server, destination={"type": "local", "path": str(work.path / "elsewhere")})
    checked = check(work, status=5)
    assert "does not exist, and run" in checked.err and not (work.path / "elsewhere").exists()
    both_refuse(work, "does not exist, and run", status=5)
    (work.path / "elsewhere").mkdir()
    both_refuse(work, "has unfinished parts in")


def test_parts_wait_in_a_directory_that_was_exchanged(unpublished):
    work = unpublished
    work.output.rename(work.path / "aside")
    both_refuse(work, "does not exist, and run", status=5)
    work.output.mkdir()
    both_refuse(work, "is not the directory in which run", status=5)
    work.output.rmdir()
    (work.path / "aside").rename(work.output)
    check(work)
    work.run()


def test_the_others_are_checked(unpublished):
    """A destination that is away is not the source that is away."""
    work = unpublished
    shutil.rmtree(work.output)
    document = work.config.read_text()
    work.config.write_text(document + document[document.index("- "):].replace("name: q", "name: other"))
    checked = check(work, status=5)
    assert "does not exist, and run" in checked.err and "Export: other" in checked.out


# ---- the file ----

def test_a_state_elsewhere(work, server, tmp_path):
    write(work, server, "incremental")
    other = tmp_path / "other.db"
    work.run("--state", other)
    write(work, server, "incremental", cursor_column="changed_at")
    check(work)
    for arguments, environment in ((("--state", other), {}), ((), {"RIVET_STATE": str(other)})):
        run = support.rivet("check", "--config", work.config, *arguments, env=environment, check=1)
        assert "another cursor_column" in run.err
    assert not work.state.exists()


def test_a_state_that_cannot_be_read(work, server):
    write(work, server)
    work.run()
    with sqlite3.connect(work.state) as state:
        state.execute("insert into schema_version values (99)")
    state.close()
    for spoil in (lambda: None, lambda: work.state.write_bytes(b"no database" * 999)):
        spoil()
        checked = check(work, status=1)
        assert reasons(checked) == reasons(work.run(check=1)) and checked.out == ""


def test_an_older_state_is_not_migrated(work, server):
    write(work, server, "incremental")
    work.run()
    with sqlite3.connect(work.state) as state:
        state.execute("delete from schema_version where version > 3")
        for table in ("run", "part", "event"):
            state.execute(f"drop table {table}")
    state.close()
    write(work, server, "incremental", cursor_column="changed_at")
    assert "another cursor_column" in check(work, status=1).err
    assert work.query_state("select max(version) from schema_version") == [(3,)]


def test_beside_a_writer(work, server):
    """A run that is just recording something keeps no check waiting."""
    write(work, server)
    work.run()
    writer = sqlite3.connect(work.state, isolation_level=None)
    writer.execute("begin immediate")
    writer.execute("delete from export_metrics")
    assert support.rivet("check", "--config", work.config, check=0, timeout=9).out
    writer.execute("commit")
    writer.close()
