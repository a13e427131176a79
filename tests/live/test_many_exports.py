"""Many exports at once: threads, processes, what they print, how they end."""

import pathlib
import re
import signal
import subprocess
import time

import pytest

import servers
import support

TABLES = {
    "users": "select id, name from users",
    "orders": "select id, price from orders",
    "items": "select id, title, body from content_items",
    "events": "select id, event_type from events",
    "views": "select id, url from page_views",
}
SLOW = "select g as id, pg_sleep(0.05) as pause from (select generate_series(1, 100000) as g) as numbers"


def write(work, **root):
    return work.write(*({"name": name, "query": query} for name, query in TABLES.items()), **root)


def assert_all_delivered(work, run):
    blocks = re.findall(r"\n── (\w+) ──\n((?:  .*\n)+)", run.err)
    assert sorted(name for name, _ in blocks) == sorted(TABLES), run.text
    for name, block in blocks:
        assert block.count("run_id:") == 1 and re.search(r"status:\s+success", block), run.text
        (path,) = work.files(name)
        support.assert_same_rows(support.parquet_rows(path), support.database_rows(TABLES[name]), name)


def start(work, *arguments):
    return subprocess.Popen([str(support.RIVET), "run", "--config", str(work.config), *arguments], text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=support.ROOT)


def children_of(pid):
    found = {}
    for status in pathlib.Path("/proc").glob("[0-9]*/status"):
        try:
            if f"PPid:\t{pid}\n" in status.read_text():
                found[int(status.parent.name)] = (status.parent / "cmdline").read_bytes().split(b"\0")
        except OSError:
            pass
    return found


@pytest.mark.parametrize("flag", [None, "--parallel-exports", "--parallel-export-processes"])
def test_all_are_delivered(work, postgres, flag):
    write(work)
    assert_all_delivered(work, work.run(*([flag] if flag else [])))
    assert work.query_state("select count(*) from run where status = 'done'") == [(5,)]


@pytest.mark.parametrize("field", ["parallel_exports", "parallel_export_processes"])
def test_the_switches_of_the_configuration(work, postgres, field):
    write(work, **{field: True})
    run = work.run(env={"RIVET_LOG": "info"})
    assert_all_delivered(work, run)
    assert re.search("exports in parallel" if field == "parallel_exports" else "as separate processes", run.err)


def test_they_really_run_at_once(work, postgres):
    for flag, has_children in (("--parallel-exports", False), ("--parallel-export-processes", True)):
        work.write({"name": "a", "query": SLOW}, {"name": "b", "query": SLOW})
        process = start(work, flag)
        support.wait_for(lambda: sum("pg_sleep" in row[1] for row in support.server_queries()) == 2, what="two statements")
        children = children_of(process.pid)
        assert len(children) == (2 if has_children else 0)
        assert all(b"--export" in arguments for arguments in children.values())
        process.terminate()
        _, err = process.communicate(timeout=20 * support.PATIENCE)
        assert process.returncode == 143, err
        support.wait_for(lambda: not support.server_queries(), seconds=5, what="the end of the statements")
        assert not any(pathlib.Path(f"/proc/{pid}").exists() for pid in children)
        assert work.files() == [] and work.leftovers() == []


def test_children_die_with_their_parent(work, postgres):
    work.write({"name": "a", "query": SLOW}, {"name": "b", "query": SLOW})
    process = start(work, "--parallel-export-processes")
    support.wait_for(lambda: sum("pg_sleep" in row[1] for row in support.server_queries()) == 2, what="two statements")
    children = children_of(process.pid)
    assert len(children) == 2
    process.kill()
    process.communicate()
    support.wait_for(lambda: not any(pathlib.Path(f"/proc/{pid}").exists() for pid in children), seconds=12, what="their end")
    support.wait_for(lambda: not support.server_queries(), seconds=5, what="the end of the statements")


@pytest.mark.parametrize("flag", ["--parallel-exports", "--parallel-export-processes"])
def test_failures_are_collected(work, postgres, flag):
    work.write({"name": "good", "query": TABLES["users"]}, {"name": "bad", "query": "select * from no_such_table"},
               {"name": "stopped", "query": TABLES["users"], "quality": {"row_count_max": 1}})
    run = work.run(flag, check=1)
    assert [run.summary(name)["status"] for name in ("good", "bad", "stopped")] == ["success", "failed", "failed"]
    work.write({"name": "good", "query": TABLES["users"]}, {"name": "stopped", "query": TABLES["users"], "quality": {"row_count_max": 1}})
    assert work.run(flag, check=3).status == 3


def test_one_export_ignores_the_flags(work, postgres):
    write(work)
    run = work.run("--export", "users", "--parallel-exports", env={"RIVET_LOG": "info"})
    assert "in parallel" not in run.err and len(re.findall("── ", run.err)) == 1


# ---- twenty ----

FLAGS = ["--parallel-exports", "--parallel-export-processes"]
BLOCK = re.compile(r"\n── (e\d+) ──\n  run_id: +e\d+_\S+\n  status: +(\w+)\n(?:  [\w ]+: .*\n)+")


@pytest.fixture(scope="module", params=servers.SERVERS, ids=lambda server: server.name)
def server(request):
    request.param.prepare()
    request.param.table("shared", 2000)
    return request.param


def twenty(work, server, query="select id, changed_at, payload from shared", **root):
    work.write(*({"name": f"e{i}", "query": query} for i in range(20)), source=server.source(batch_size=20), **root)


def check_blocks(err, status):
    """Twenty whole summaries; lines of the log stand between them, never inside."""
    found = BLOCK.findall(err)
    assert sorted(found) == sorted((f"e{i}", status) for i in range(20)), err
    assert err.count("──") == 40, err


@pytest.mark.parametrize("flag", FLAGS)
@pytest.mark.parametrize("log", ["warn", "debug"])
def test_twenty_on_a_fresh_state(work, server, flag, log):
    twenty(work, server)
    run = work.run(flag, timeout=120, env={"RIVET_LOG": log})
    assert "locked" not in run.err and "busy" not in run.err
    check_blocks(run.err, "success")
    want = server.rows("select id, changed_at, payload from shared")
    for i in range(20):
        (path,) = work.files(f"e{i}")
        support.assert_same_rows(support.parquet_rows(path), want, f"e{i}")
    assert work.query_state("select count(*), count(distinct run_id) from run where status = 'done'") == [(20, 20)]
    assert work.query_state("select count(*) from export_metrics where status = 'success'") == [(20,)]


@pytest.mark.parametrize("flag", FLAGS)
def test_twenty_that_fail(work, server, flag):
    twenty(work, server, "select * from no_such_table")
    run = work.run(flag, timeout=120, check=1)
    check_blocks(run.err, "failed")


def sessions(server):
    """What is open in the tests' own database: statements and transactions of others."""
    if server.name == "postgres":
        return server.rows("select pid, state, query from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
                           " and backend_type = 'client backend'")
    return server.rows(f"select id, command, info from information_schema.processlist where db = '{servers.DATABASE}' and id <> connection_id()")


def transactions(server):
    if server.name == "postgres":
        return server.rows("select pid, xact_start from pg_stat_activity where datname = current_database() and xact_start is not null and pid <> pg_backend_pid()")
    return server.rows("select trx_id from information_schema.innodb_trx t join information_schema.processlist p on p.id = t.trx_mysql_thread_id "
                       f"where p.db = '{servers.DATABASE}' and p.id <> connection_id()")


@support.measures
@pytest.mark.parametrize("flag", FLAGS)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_all_twenty(work, server, flag, number):
    """No child, no session and no transaction outlive the run; nothing is visible; the next start goes well."""
    slow = ("select id, payload, pg_sleep(0.02) as pause from shared" if server.name == "postgres"
            else "select id, payload, sleep(0.02) as pause from shared")
    twenty(work, server, slow, max_memory_mb=512)
    process = start(work, flag)
    support.wait_for(lambda: len(sessions(server)) >= 20, what="twenty sessions", seconds=60)
    support.wait_for(lambda: len(work.leftovers()) >= 3, what="some parts", seconds=60)
    children = children_of(process.pid)
    assert len(children) == (20 if "processes" in flag else 0)
    started = time.monotonic()
    process.send_signal(number)
    _, err = process.communicate(timeout=60 * support.PATIENCE)
    assert process.returncode == 128 + number, err
    assert time.monotonic() - started < 10 * support.PATIENCE, "spec: within 10 s"
    assert not any(pathlib.Path(f"/proc/{pid}").exists() for pid in children), "a child is left"
    support.wait_for(lambda: not sessions(server), seconds=10, what="the end of the sessions")
    assert transactions(server) == []
    assert work.files() == [] and work.leftovers() == []
    twenty(work, server)
    check_blocks(work.run(flag, timeout=120).err, "success")
