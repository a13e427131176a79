"""What goes wrong at night: a clear message, the right exit status, no visible partial file, no secret."""

import os
import pathlib
import re
import signal
import socket
import subprocess
import time

import pytest

import support

USERS = "select id, name, email from users"
# A set-returning function in the select list streams; in FROM it would be materialised first.
SERIES = "(select generate_series(1, 500000000) as g) as numbers"
SLOW = f"select g as id, repeat('x', 200) as filler, pg_sleep(0.001) as pause from {SERIES}"
ENDLESS = f"select g as id, repeat(md5(g::text), 20) as filler from {SERIES}"


def assert_failed(work, run, status, *patterns):
    assert run.status == status, run.text
    for pattern in patterns:
        assert re.search(pattern, run.err, re.I), f"no {pattern}\n{run.text}"
    assert "Error: " in run.err
    assert work.files() == [], "a file is visible"
    assert work.leftovers() == [], "a temporary file is left"


def with_password(password):
    return support.PG_URL.replace("rivet:rivet@", f"rivet:{password}@")


@pytest.mark.parametrize("fetch", ["copy", "cursor"])
class TestServerSaysNo:
    def source(self, fetch, **tuning):
        return {"tuning": {"profile": "fast", "fetch": fetch, **tuning}}

    def test_wrong_password(self, work, postgres, fetch):
        work.write({"name": "a", "query": USERS}, source={"url": with_password("marker%40%3A%2F%23%25pw"), **self.source(fetch)})
        run = work.run(check=None)
        assert_failed(work, run, 1, "password authentication failed")
        assert "marker" not in run.text

    def test_table_is_missing(self, work, postgres, fetch):
        work.write({"name": "a", "query": "select * from no_such_table"}, source=self.source(fetch))
        assert_failed(work, work.run(check=None), 1, 'relation "no_such_table" does not exist')

    def test_permission_denied(self, work, postgres, fetch):
        postgres.execute("drop role if exists rivet_test_reader")
        postgres.execute("create role rivet_test_reader login password 'reader'")
        try:
            work.write({"name": "a", "query": USERS},
                       source={"url": support.PG_URL.replace("rivet:rivet@", "rivet_test_reader:reader@"), **self.source(fetch)})
            run = work.run(check=None)
            assert_failed(work, run, 1, "permission denied for table users")
            assert "retry" not in run.err
        finally:
            postgres.execute("drop role rivet_test_reader")

    @support.measures
    def test_statement_timeout(self, work, postgres, fetch):
        work.write({"name": "a", "query": "select id, pg_sleep(5) from users limit 3"},
                   source=self.source(fetch, statement_timeout_s=1))
        started = time.monotonic()
        run = work.run(check=None)
        assert_failed(work, run, 1, "statement timeout", "statement_timeout_s")
        assert time.monotonic() - started < 5
        assert "retry" not in run.err

    def test_connection_dropped_in_mid_stream(self, work, postgres, fetch):
        with support.CuttingProxy(limit=3_000_000) as proxy:
            work.write({"name": "a", "query": ENDLESS},
                       source={"url": proxy.url(), **self.source(fetch, max_retries=2, retry_backoff_ms=10)})
            run = work.run(check=None, env={"RIVET_LOG": "warn"})
        assert_failed(work, run, 5, "closed the connection|reset|EOF")
        assert re.findall(r"retry (\d/\d) in (\d+)ms (\[reconnecting\])", run.err) == [
            ("1/2", "10", "[reconnecting]"), ("2/2", "20", "[reconnecting]")]
        assert proxy.connections == 3

    def test_a_retry_starts_over(self, work, postgres, fetch):
        query = "select id, title, body from content_items"
        with support.CuttingProxy(limit=3_000_000, cuts=2) as proxy:
            work.write({"name": "a", "query": query},
                       source={"url": proxy.url(), **self.source(fetch, max_retries=3, retry_backoff_ms=10)})
            run = work.run()
        assert run.summary("a")["retries"] == "2"
        (path,) = work.files()
        support.assert_same_rows(support.parquet_rows(path), support.database_rows(query))
        assert work.leftovers() == []

    def test_server_ends_the_connection(self, work, postgres, fetch):
        work.write({"name": "a", "query": ENDLESS}, source=self.source(fetch, max_retries=0))
        process = start(work)
        terminate_backends(work)
        _, err = process.communicate(timeout=60 * support.PATIENCE)
        assert process.returncode == 5, err
        assert re.search("terminating connection|closed the connection", err), err
        assert work.files() == [] and work.leftovers() == []

    def test_interrupt_ends_the_statement(self, work, postgres, fetch):
        work.write({"name": "a", "query": SLOW}, source=self.source(fetch))
        process = start(work)
        support.wait_for(lambda: [row for row in support.server_queries() if row[0] == "active"], what="a running statement")
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=10 * support.PATIENCE)
        assert process.returncode == 130, err
        support.wait_for(lambda: not support.server_queries(), seconds=5, what="the end of the statement")
        assert work.files() == [] and work.leftovers() == []

    def test_table_dropped_between_runs(self, work, postgres, fetch):
        postgres.execute("drop table if exists rivet_test_gone")
        postgres.execute("create table rivet_test_gone as select 1 as id")
        work.write({"name": "a", "query": "select * from rivet_test_gone"}, source=self.source(fetch))
        work.run()
        (kept,) = work.files()
        before = kept.read_bytes()
        postgres.execute("drop table rivet_test_gone")
        run = work.run(check=None)
        assert run.status == 1 and "does not exist" in run.err
        assert work.files() == [kept] and kept.read_bytes() == before


def start(work, *arguments, **options):
    return subprocess.Popen([str(support.RIVET), "run", "--config", str(work.config), *arguments], text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=support.ROOT, **options)


def terminate_backends(work):
    """Has the server end a read in full flow."""
    support.wait_for(work.leftovers, what="rows on their way")
    time.sleep(0.3)
    for (pid,) in support.server_queries("pid"):
        support.database_rows(f"select pg_terminate_backend({pid})")


def test_no_server_at_all(work):
    work.write({"name": "a", "query": USERS},
               source={"url": "postgresql://rivet:marker@127.0.0.1:1/rivet", "tuning": {"max_retries": 2, "retry_backoff_ms": 10}})
    run = work.run(check=None, env={"RUST_LOG": "warn"})
    assert_failed(work, run, 5, "refused", "retry 1/2", "retry 2/2")
    assert "marker" not in run.text


def test_interrupt_while_connecting(work):
    """A server that takes the connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        work.write({"name": "a", "query": USERS},
                   source={"url": f"postgresql://rivet:rivet@127.0.0.1:{listener.getsockname()[1]}/rivet", "tuning": {"connect_timeout_s": 600}})
        process = start(work)
        connection, _ = listener.accept()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=10 * support.PATIENCE)
        connection.close()
    assert process.returncode == 130 and "stopped by SIGINT" in err, err
    assert work.files() == []


def test_killed_runs_leave_nothing_visible_and_the_next_cleans_up(work, postgres):
    work.write({"name": "a", "query": ENDLESS})
    for _ in range(3):
        process = start(work)
        support.wait_for(work.leftovers, what="a temporary file")
        process.kill()
        process.communicate()
        assert work.files() == []
    work.write({"name": "a", "query": USERS})
    work.run()
    (path,) = work.files()
    assert work.leftovers() == []
    support.assert_same_rows(support.parquet_rows(path), support.database_rows(USERS))


def test_sigterm(work, postgres):
    work.write({"name": "a", "query": ENDLESS})
    process = start(work)
    support.wait_for(work.leftovers, what="a temporary file")
    process.terminate()
    _, err = process.communicate(timeout=10 * support.PATIENCE)
    assert process.returncode == 143, err
    assert work.files() == [] and work.leftovers() == []


def test_file_size_limit_stands_for_a_full_disk(work, postgres):
    work.write({"name": "a", "query": ENDLESS, "compression": "none"})
    limited = ["prlimit", "--fsize=20000000", str(support.RIVET), "run", "--config", str(work.config)]
    process = subprocess.run(limited, text=True, capture_output=True, timeout=60 * support.PATIENCE)
    assert process.returncode == 1, process.stderr
    assert "File too large" in process.stderr
    assert work.files() == [] and work.leftovers() == []


@pytest.mark.skipif(os.getuid() != 0, reason="mounting a small file system needs root")
def test_disk_full(work, postgres):
    work.output.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "rivet-test", str(work.output)], check=True)
    try:
        work.write({"name": "a", "query": ENDLESS, "compression": "none"})
        run = work.run(check=None)
        assert_failed(work, run, 1, "No space left on device")
    finally:
        subprocess.run(["umount", str(work.output)], check=True)


@pytest.mark.skipif(os.getuid() != 0, reason="running as another user needs root")
def test_unwritable_directory(work, postgres):
    work.output.mkdir(mode=0o555)
    work.path.chmod(0o777)
    for parent in work.path.parents:
        if parent.owner() == "root" and str(parent).startswith("/tmp/"):
            parent.chmod(0o755)
    work.write({"name": "a", "query": USERS})
    run = work.run(check=None, user="nobody")
    assert_failed(work, run, 1, "Permission denied", re.escape(str(work.output)))


def test_a_path_that_is_a_file(work, postgres):
    work.output.write_text("in the way")
    work.write({"name": "a", "query": USERS})
    run = work.run(check=None)
    assert run.status == 1 and "Not a directory" in run.err
    assert work.output.read_text() == "in the way"


class TestStdout:
    def write(self, work, query=USERS, **export):
        return work.write({"name": "a", "query": query, "format": "csv", "destination": {"type": "stdout"}, **export})

    def test_only_data(self, work, postgres):
        self.write(work, USERS + " order by id limit 5")
        run = work.run(env={"RUST_LOG": "debug"})
        records = support.csv_records(run.out)
        want = [[str(row[0]), row[1], row[2]] for row in support.database_rows(USERS + " order by id limit 5")]
        assert records == [["id", "name", "email"], *want]
        assert run.summary("a")["status"] == "success"

    @pytest.mark.parametrize("arguments", [[], ["--validate"]], ids=["streams", "spooled"])
    def test_closed_pipe_is_quiet(self, work, postgres, arguments):
        self.write(work, "select g, md5(g::text) from generate_series(1, 2000000) g")
        process = start(work, *arguments)
        assert process.stdout.readline() == "g,md5\n"
        process.stdout.close()
        process.wait(timeout=60 * support.PATIENCE)
        err = process.stderr.read()
        assert process.returncode == 0, err
        assert "retry" not in err and "Error" not in err
        support.wait_for(lambda: not support.server_queries(), seconds=5, what="the end of the statement")

    def test_parquet_through_a_pipe(self, work, postgres):
        self.write(work, format="parquet")
        target = work.path / "piped.parquet"
        with target.open("wb") as out:
            subprocess.run([support.RIVET, "run", "-c", work.config], stdout=out, stderr=subprocess.DEVNULL, check=True)
        support.assert_same_rows(support.parquet_rows(target), support.database_rows(USERS))

    def test_dropped_connection_is_not_repeated_into_the_pipe(self, work, postgres):
        with support.CuttingProxy(limit=3_000_000) as proxy:
            work.write({"name": "a", "query": ENDLESS, "format": "csv", "destination": {"type": "stdout"}},
                       source={"url": proxy.url(), "tuning": {"max_retries": 3, "retry_backoff_ms": 10}})
            run = work.run(check=5)
        assert run.out.count("id,filler") == 1 and "retry" not in run.err
        assert proxy.connections == 1


class TestLock:
    def test_second_run_of_an_export_is_refused(self, work, postgres):
        work.write({"name": "a", "query": ENDLESS})
        first = start(work)
        support.wait_for(work.leftovers, what="a temporary file")
        run = work.run(check=None)
        assert run.status == 1 and str(first.pid) in run.err, run.text
        assert work.leftovers(), "the first run goes on"
        first.kill()
        first.communicate()


def test_several_exports_fail_with_their_common_status(work, postgres):
    work.write({"name": "good", "query": USERS}, {"name": "bad", "query": "select * from no_such_table"},
               {"name": "worse", "query": "select 1/0 as x"})
    run = work.run(check=1)
    assert [run.summary(name)["status"] for name in ("good", "bad", "worse")] == ["success", "failed", "failed"]
    assert len(work.files("good")) == 1 and not work.files("bad") and not work.files("worse")
    assert "no_such_table" in run.err and "division by zero" in run.err


def test_no_secret_anywhere(work, postgres):
    """A marker password with every awkward character: outputs, state, process arguments."""
    marker = "mark@:/#%er"
    postgres.execute("drop role if exists rivet_test_secret")
    postgres.execute(f"create role rivet_test_secret login superuser password '{marker}'")
    try:
        work.write({"name": "ok", "query": USERS}, {"name": "bad", "query": "select * from no_such_table"},
                   {"name": "slow", "query": SLOW},
                   source={"url": None, "host": "localhost", "user": "rivet_test_secret", "database": "rivet", "password_env": "MARKER"})
        document = work.config.read_text().replace("  url: null\n", "")
        work.config.write_text(document)
        process = start(work, env={**os.environ, "MARKER": marker, "RUST_LOG": "trace"})
        support.wait_for(lambda: [row for row in support.server_queries() if "pg_sleep" in row[1]], what="the slow export")
        arguments = pathlib.Path(f"/proc/{process.pid}/cmdline").read_bytes()
        process.terminate()
        out, err = process.communicate(timeout=20 * support.PATIENCE)
        assert len(work.files("ok")) == 1
        everything = [out, err, arguments.decode()]
        for path in [*work.path.glob(".rivet_state.db*"), *work.output.rglob("*")]:
            if path.is_file():
                everything.append(path.read_bytes().decode("latin-1"))
        for text in everything:
            assert marker not in text and "mark%40" not in text
    finally:
        postgres.execute("drop role rivet_test_secret")
