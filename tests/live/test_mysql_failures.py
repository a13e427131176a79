"""What goes wrong between us and MySQL or MariaDB: detected, classified, never a short file called success."""

import contextlib
import re
import signal
import socket
import subprocess
import time

import pymysql
import pytest

import mysql_support
import support

USERS = "select id, name, email from users"
# Joins that stream row by row, for minutes.
ENDLESS = "select a.id, repeat('x', 200) as filler from page_views a, page_views b"
# One table with a key, so that it can be read in pages.
VIEWS = "select id, session_id, url, user_agent from page_views"
SLOW_VIEWS = "select id, url, sleep(0.001) as pause from page_views"

both_fetches = pytest.mark.parametrize("fetch", ["stream", "pages"])


@pytest.fixture(scope="module", params=mysql_support.PORTS)
def server(request):
    with mysql_support.open_server(request.param) as server:
        yield server


@pytest.fixture
def account(server):
    """Makes accounts that are gone afterwards: account(name, password) -> name."""
    made = []

    def make(name, password, *grants):
        server.execute(f"drop user if exists {name}", f"create user {name} identified by '{password}'", *grants)
        made.append(name)
        return name
    yield make
    for name in made:
        server.execute(f"drop user {name}")


def write(work, server, query, fetch, url=None, export=None, **tuning):
    source = server.source(fetch=fetch, tuning=tuning)
    work.write({"name": "a", "query": query, **(export or {})}, source={**source, "url": url or source["url"]})


def start(work, *arguments, **options):
    return subprocess.Popen([str(support.RIVET), "run", "--config", str(work.config), *arguments], text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=support.ROOT, **options)


def assert_failed(work, run, status, *patterns):
    assert run.status == status, run.text
    for pattern in patterns:
        assert re.search(pattern, run.err, re.I), f"no {pattern}\n{run.text}"
    assert work.files() == [], "a file is visible"
    assert work.leftovers() == [], "a temporary file is left"


def reads(server, needle="page_views"):
    return [id for id, command, info in server.statements() if needle in info]


@both_fetches
class TestServerSaysNo:
    @support.measures
    def test_wrong_password(self, work, server, fetch):
        write(work, server, USERS, fetch, url=server.url(user="rivet:marker%40%3A%2F%23%25pw"), max_retries=3)
        started = time.monotonic()
        run = work.run(check=None)
        assert_failed(work, run, 1, "access denied")
        assert "marker" not in run.text and "retry" not in run.err and time.monotonic() - started < 5

    def test_table_is_missing(self, work, server, fetch):
        write(work, server, "select * from no_such_table", fetch)
        assert_failed(work, work.run(check=None), 1, r"no_such_table' doesn't exist \(MySQL error 1146\)")

    def test_database_is_missing(self, work, server, fetch):
        write(work, server, USERS, fetch, url=server.url("no_such_database"))
        assert_failed(work, work.run(check=None), 1, "unknown database 'no_such_database'")

    def test_permission_denied(self, work, server, account, fetch):
        account("rivet_test_guest", "guest", "grant select on rivet.orders to rivet_test_guest")
        write(work, server, USERS, fetch, url=server.url(user="rivet_test_guest:guest"))
        run = work.run(check=None)
        assert_failed(work, run, 1, "denied to user")
        assert "retry" not in run.err

    def test_connection_dropped_in_mid_stream(self, work, server, fetch):
        with support.CuttingProxy(limit=700_000, target=("127.0.0.1", server.port)) as proxy:
            write(work, server, VIEWS, fetch, url=server.url(port=proxy.port), max_retries=2, retry_backoff_ms=10, batch_size=1000)
            run = work.run(check=None, env={"RIVET_LOG": "warn"})
        assert_failed(work, run, 5, r"the connection to the database broke: .*\(MySQL error 20(06|13|26)\)")
        assert re.findall(r"retry (\d/\d) in (\d+)ms (\[reconnecting\])", run.err) == [
            ("1/2", "10", "[reconnecting]"), ("2/2", "20", "[reconnecting]")]

    def test_every_cut_is_seen(self, work, server, fetch):
        """Wherever the connection ends, also between two rows, the result is not taken for whole."""
        for limit in range(5000, 120_000, 23_017):
            with support.CuttingProxy(limit=limit, target=("127.0.0.1", server.port)) as proxy:
                write(work, server, USERS, fetch, url=server.url(port=proxy.port) + "?ssl-mode=disabled", max_retries=0, batch_size=300)
                assert_failed(work, work.run(check=None), 5)

    def test_a_retry_starts_over(self, work, server, fetch):
        # The second connection asks the server to end what the first one left behind.
        with support.CuttingProxy(limit=700_000, cuts=3, target=("127.0.0.1", server.port)) as proxy:
            write(work, server, VIEWS, fetch, url=server.url(port=proxy.port), max_retries=3, retry_backoff_ms=10, batch_size=1000)
            run = work.run()
        assert run.summary("a")["retries"] == "2"
        (path,) = work.files()
        want = [(int(id), *rest) for id, *rest in server.query(VIEWS)]
        support.assert_same_rows(support.parquet_rows(path), want)

    @pytest.mark.parametrize("kill, status, words", [
        ("kill", 5, r"the connection to the database broke|killed"), ("kill query", 1, "interrupted")])
    def test_server_ends_it(self, work, server, fetch, kill, status, words):
        write(work, server, SLOW_VIEWS, fetch, max_retries=0, batch_size=500)
        process = start(work)
        support.wait_for(lambda: reads(server, "sleep"), what="a read")
        time.sleep(0.3)

        def ended():
            """The page may have ended just before: then the next one is killed."""
            for victim in reads(server, "sleep"):
                with contextlib.suppress(pymysql.OperationalError):  # unknown thread: it is gone
                    server.execute(f"{kill} {victim}")
            return process.poll() is not None

        support.wait_for(ended, what="the end")
        _, err = process.communicate()
        assert process.returncode == status and re.search(words, err), err
        assert work.files() == [] and work.leftovers() == []

    @pytest.mark.parametrize("query", [SLOW_VIEWS, "select sleep(60) as pause"], ids=["rows", "no rows yet"])
    def test_interrupt_ends_the_statement(self, work, server, fetch, query):
        write(work, server, query, fetch, batch_size=500)
        process = start(work)
        support.wait_for(lambda: reads(server, "sleep"), what="a running statement")
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=10 * support.PATIENCE)
        assert process.returncode == 130, err
        support.wait_for(lambda: not reads(server, "sleep"), seconds=5, what="the end of the statement")
        assert work.files() == [] and work.leftovers() == []


class TestStatementLimit:
    def test_a_page_that_takes_too_long_goes_on_with_half_the_rows(self, work, server):
        query = "select id, sleep(0.004) as pause from users"
        write(work, server, f"{query} where id <= 900", "pages", statement_timeout_s=1, batch_size=400)
        work.run()
        (path,) = work.files()
        assert [row[0] for row in support.parquet_rows(path)] == list(range(1, 901))

    def test_a_page_that_never_ends_in_time(self, work, server):
        write(work, server, "select id, sleep(0.1) as pause from users", "pages", statement_timeout_s=1, batch_size=200)
        run = work.run(check=None)
        assert_failed(work, run, 1, "chunk_size", "statement_timeout_s")
        assert "retry" not in run.err

    def test_a_stream_has_no_limit(self, work, server):
        write(work, server, "select id, sleep(0.005) as pause from users limit 300", "stream", statement_timeout_s=1)
        assert work.run().summary("a")["rows"] == "300"


class StallingProxy(support.CuttingProxy):
    """Takes the net_write_timeout of the client's session down to a second, then stops reading answers."""

    def pump(self, source, target, limit):
        passed = 0
        try:
            while data := source.recv(65536):
                data = data.replace(b"net_write_timeout = 86400", b"net_write_timeout = 00001")
                passed += len(data)
                target.sendall(data)
                if limit is not None and passed > limit:
                    self.cuts_made += 1
                    time.sleep(6 * support.PATIENCE)
                    limit = None
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def test_net_write_timeout(work, server):
    """The server gives up on a consumer that does not read: that is an error, not the end of the rows."""
    with StallingProxy(limit=1_000_000, target=("127.0.0.1", server.port)) as proxy:
        write(work, server, ENDLESS, "stream", url=server.url(port=proxy.port) + "?ssl-mode=disabled", max_retries=0)
        run = work.run(check=None)
    assert_failed(work, run, 5, r"\(MySQL error 20(06|13)\)|1161|1160")


def test_no_server_at_all(work, server):
    write(work, server, USERS, "stream", url="mysql://rivet:marker@127.0.0.1:1/rivet", max_retries=2, retry_backoff_ms=10)
    run = work.run(check=None, env={"RUST_LOG": "warn"})
    assert_failed(work, run, 5, "Can't connect|Lost connection", "retry 1/2", "retry 2/2")
    assert "marker" not in run.text


def test_no_such_host(work, server):
    write(work, server, USERS, "stream", url="mysql://rivet:marker@no-such-host.invalid/rivet", max_retries=2)
    run = work.run(check=None)
    assert_failed(work, run, 1, "no-such-host.invalid")
    assert "marker" not in run.text and "retry" not in run.err


@support.measures
def test_silent_server(work, server):
    """Accepts and says nothing: connect_timeout_s ends the wait."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        write(work, server, USERS, "stream", url=server.url(port=listener.getsockname()[1]), max_retries=0, connect_timeout_s=1)
        started = time.monotonic()
        run = work.run(check=None)
        assert_failed(work, run, 5)
        assert time.monotonic() - started < 5 * support.PATIENCE


def test_killed_runs_leave_nothing_visible_and_the_next_cleans_up(work, server):
    for _ in range(2):
        write(work, server, ENDLESS, "stream")
        process = start(work)
        support.wait_for(work.leftovers, what="a temporary file")
        process.kill()
        process.communicate()
        assert work.files() == []
    support.wait_for(lambda: not reads(server, "repeat"), seconds=10, what="the end of the statement")
    write(work, server, USERS, "stream")
    work.run()
    (path,) = work.files()
    assert work.leftovers() == [] and len(support.parquet_rows(path)) == 2000


@pytest.mark.parametrize("form", ["url", "structured"])
def test_no_secret_anywhere(work, server, account, form):
    marker = "mark@:/#%er"
    account("rivet_test_secret", marker, "grant select, process on *.* to rivet_test_secret")
    source = server.source()
    if form == "url":
        source["url"] = server.url(user="rivet_test_secret:mark%40%3A%2F%23%25er")
    else:
        del source["url"]
        source |= {"host": "127.0.0.1", "port": server.port, "user": "rivet_test_secret", "database": "rivet", "password_env": "MARKER"}
    work.write({"name": "ok", "query": USERS}, {"name": "bad", "query": "select * from no_such_table"}, source=source)
    if form == "structured":
        work.config.write_text(re.sub(r"  url: .*\n", "", work.config.read_text()))
    run = support.rivet("run", "--config", work.config, check=1, env={"MARKER": marker, "RUST_LOG": "trace"})
    assert len(work.files("ok")) == 1
    everything = [run.out, run.err]
    for path in [*work.path.glob(".rivet_state.db*"), *work.output.rglob("*")]:
        if path.is_file():
            everything.append(path.read_bytes().decode("latin-1"))
    for text in everything:
        assert marker not in text and "mark%40" not in text
