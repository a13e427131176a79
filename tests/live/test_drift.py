"""Schema tracking: every mode, both sources, each policy; and dev/test_schema_evolution.sh (row K1)."""

import os
import re
import subprocess

import pytest

import servers
import support

MODES = {
    "full": {},
    "incremental": {"mode": "incremental", "cursor_column": "id"},
    "time_window": {"mode": "time_window", "time_column": "at", "days_window": 36500},
    "chunked": {"mode": "chunked", "chunk_column": "id", "chunk_size": 40},
    "chunked 3": {"mode": "chunked", "chunk_column": "id", "chunk_size": 40, "parallel": 3},
    "checkpoint": {"mode": "chunked", "chunk_column": "id", "chunk_size": 40, "chunk_checkpoint": True},
    "checkpoint 3": {"mode": "chunked", "chunk_column": "id", "chunk_size": 40, "chunk_checkpoint": True, "parallel": 3},
    "gate": {"mode": "chunked", "chunk_column": "id", "chunk_size": 40, "chunk_checkpoint": True, "quality": {"row_count_min": 1}},
}
WORDS = {"postgres": ("integer", "bigint", "text"), "mariadb": ("int", "bigint", "text"), "mysql": ("int", "bigint", "text")}


class Table:
    """A table that changes; every run of an incremental export finds new rows."""

    def __init__(self, server):
        self.server, self.next = server, 0
        server.execute("drop table if exists shapes", f"create table shapes (id int primary key, at {'timestamp' if server.name == 'postgres' else 'datetime'}, age int)")
        self.grow()

    def grow(self):
        first, self.next = self.next + 1, self.next + 100
        series = f"generate_series({first}, {self.next}) g" if self.server.name == "postgres" else f"(select seq as g from seq_{first}_to_{self.next}) s"
        self.server.execute(f"insert into shapes (id, at) select g, timestamp '2026-01-01 00:00:00' from {series}")

    def alter(self, change):
        self.server.execute(f"alter table shapes {change}")
        self.grow()


@pytest.fixture(params=servers.SERVERS, ids=lambda server: server.name)
def table(request):
    request.param.prepare()
    return Table(request.param)


def export(mode, **more):
    return {"name": "q", "query": "select * from shapes", **MODES[mode], **more}


def changes(run):
    return {kind: re.findall(rf"{kind}: (.*)", run.err) for kind in ("added columns", "removed columns", "type changed")}


@pytest.mark.parametrize("mode", MODES)
def test_what_changed_is_told_once(work, table, mode):
    small, big, text = WORDS[table.server.name]
    work.write(export(mode), source=table.server.source())
    assert work.run().summary("q")["schema"] == "new"
    table.grow()
    steps = [
        (None, "unchanged", {}),
        ("add column phone text", "CHANGED", {"added columns": [f"phone ({text})"]}),
        (None, "unchanged", {}),
        ("drop column age", "CHANGED", {"removed columns": ["age"]}),
        (f"{'alter column phone type' if table.server.name == 'postgres' else 'modify phone'} varchar(9)", "CHANGED", {"type changed": [None]}),
        ("add column x int", "CHANGED", {"added columns": [f"x ({small})"]}),
        (f"add column y {big}, drop column phone", "CHANGED", {"added columns": [f"y ({big})"], "removed columns": ["phone"]}),
    ]
    for change, status, want in steps:
        table.alter(change) if change else table.grow()
        run = work.run()
        assert run.summary("q")["schema"] == status, f"{change}\n{run.text}"
        got = changes(run)
        for kind, found in got.items():
            expected = want.get(kind, [])
            assert len(found) == len(expected), f"{change}: {got}"
            assert all(e is None or e.split("(")[0] in f for e, f in zip(expected, found)), f"{change}: {got}"
        assert ("schema changed" in run.err) == (status == "CHANGED")


@pytest.mark.parametrize("mode", MODES)
def test_the_order_of_columns_and_meta_columns_do_not_matter(work, table, mode):
    work.write(export(mode), source=table.server.source())
    work.run()
    table.grow()
    work.write(export(mode, query="select age, at, id from shapes", meta_columns={"row_hash": True, "exported_at": True}), source=table.server.source())
    run = work.run()
    assert run.summary("q")["schema"] == "unchanged" and "schema changed" not in run.err


@pytest.mark.parametrize("mode", MODES)
def test_fail_delivers_nothing_and_remembers_nothing(work, table, mode):
    work.write(export(mode, on_schema_drift="fail"), source=table.server.source())
    work.run("--validate")
    before = {path.name for path in work.files()}
    table.alter("add column phone text")
    cursors = work.query_state("select * from export_state")
    for _ in range(2):
        run = work.run(check=4)
        assert "phone" in run.summary("q")["error"] and run.summary("q")["schema"] == "CHANGED"
        assert "on_schema_drift: warn" in run.err
        assert {path.name for path in work.files()} == before and work.leftovers() == []
        assert work.query_state("select * from export_state") == cursors
        if work.query_state("select count(*) from chunk_run where status = 'in_progress'") != [(0,)]:
            support.rivet("state", "reset-chunks", "-c", work.config, "-e", "q", check=0)
    work.write(export(mode, on_schema_drift="warn"), source=table.server.source())
    assert work.run().summary("q")["schema"] == "CHANGED"
    found = [path for path in work.files() if path.name not in before]
    assert sum(len(support.parquet_rows(path)) for path in found) == (100 if mode == "incremental" else 200)
    table.grow()
    work.write(export(mode, on_schema_drift="fail"), source=table.server.source())
    assert work.run().summary("q")["schema"] == "unchanged"


@pytest.mark.parametrize("mode", MODES)
def test_continue_says_nothing(work, table, mode):
    work.write(export(mode, on_schema_drift="continue"), source=table.server.source())
    work.run()
    table.alter("add column phone text")
    run = work.run()
    assert run.summary("q")["schema"] == "CHANGED" and "schema changed" not in run.err and "phone" not in run.err


@pytest.mark.parametrize("mode", MODES)
def test_no_rows_compare_nothing(work, table, mode):
    work.write(export(mode, on_schema_drift="fail"), source=table.server.source())
    work.run()
    table.alter("add column phone text")
    work.write(export(mode, on_schema_drift="fail", query="select * from shapes where id < 0"), source=table.server.source())
    if mode == "gate":
        return  # its gate wants rows
    run = work.run()
    assert "schema" not in run.summary("q"), run.text


def test_row_k1():
    """dev/test_schema_evolution.sh: its own checks, and `schema: CHANGED` on the changed runs only."""
    servers.POSTGRES.prepare()
    environment = {**os.environ, "RIVET": str(support.RIVET), "RIVET_TEST_PG_URL": servers.POSTGRES.url}
    before = set((support.ROOT / "dev").glob(".rivet_state.db*"))
    process = subprocess.run([support.ROOT / "dev/test_schema_evolution.sh"], env=environment, text=True, capture_output=True, timeout=120 * support.PATIENCE)
    assert process.returncode == 0, process.stdout + process.stderr
    assert re.search(r"^passed: \d+, failed: 0$", process.stdout, re.M) and "FAIL" not in process.stdout
    assert re.findall(r"^  schema: +(\w+)$", process.stdout, re.M) == ["new", "unchanged", "CHANGED", "unchanged", "CHANGED", "CHANGED", "CHANGED"]
    assert set((support.ROOT / "dev").glob(".rivet_state.db*")) == before
    assert servers.POSTGRES.rows("select to_regclass('schema_test_table')") == [(None,)]


def test_the_script_notices_a_program_that_says_nothing(tmp_path):
    """A negative of K1: checks that pass whatever happens prove nothing."""
    servers.POSTGRES.prepare()
    program = tmp_path / "rivet"
    program.write_text("#!/bin/sh\nexit 0\n")
    program.chmod(0o755)
    environment = {**os.environ, "RIVET": str(program), "RIVET_TEST_PG_URL": servers.POSTGRES.url}
    process = subprocess.run([support.ROOT / "dev/test_schema_evolution.sh"], env=environment, text=True, capture_output=True, timeout=60 * support.PATIENCE)
    assert process.returncode == 1 and process.stdout.count("FAIL") == 7, process.stdout
