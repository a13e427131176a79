"""check and doctor before servers that are not as others: stopped, standing by, behind a pooler, wrong about the time, encrypted."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

import psycopg
import pytest

import mysql_support
import support


class PrivateServer:
    """A PostgreSQL server of the test's own."""

    def __init__(self, folder):
        self.folder, self.port = folder, support.free_port()
        self.url = f"postgresql://rivet:rivet@127.0.0.1:{self.port}/rivet"

    def services(self, action):
        done = subprocess.run([support.ROOT / "dev/services.sh", action, "postgres"], capture_output=True, text=True, timeout=120 * support.PATIENCE,
                              env={**os.environ, "RIVET_SERVICES_DIR": str(self.folder), "RIVET_POSTGRES_PORT": str(self.port)})
        assert done.returncode == 0, done.stderr

    def execute(self, *statements):
        with psycopg.connect(self.url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def become_standby(self):
        """As a restored copy waits for its primary, which never comes."""
        self.execute("alter system set wal_level = replica")
        for action in ("down", "up", "down"):  # what it leaves behind has to be of that level
            self.services(action)
        (self.folder / "postgres/data/standby.signal").touch()
        self.services("up")


@pytest.fixture
def server():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="rivet_server_"))
    folder.chmod(0o755)  # the server runs as another user
    server = PrivateServer(folder)
    try:
        server.services("up")
        yield server
    finally:
        server.services("down")
        shutil.rmtree(folder)


def test_a_server_that_stands_by_and_then_stops(server, work):
    server.execute("alter system set statement_timeout = '45s'",
                   "alter system set max_standby_streaming_delay = '7s'")
    server.become_standby()
    work.write({"name": "users", "query": "select id from users"}, source={"url": server.url})
    run = support.rivet("check", "--config", work.config, check=0)
    assert re.search(r"^  Standby:      (\d+\.\ds behind its primary; )?a statement in the way of replay is ended after 7\.0s$", run.out, re.M)
    assert "  Timeouts:     statement 45000 ms by default; a run sets its own\n" in run.out
    assert re.search(r"^  Connections:  \d+ free of 200$", run.out, re.M)
    source = json.loads(support.rivet("check", "--config", work.config, "--json", check=0).out)["source"]
    assert source["is_standby"] is True and source["standby_patience_ms"] == 7000 and source["statement_timeout_ms"] == 45000
    assert ", a standby" in support.rivet("doctor", "--config", work.config, check=0).out
    # B4: with the database stopped.
    server.services("down")
    run = support.rivet("doctor", "--config", work.config, check=1)
    assert re.search(r"^\[FAIL\] Source connectivity error: .*\n       remedy: \S", run.out, re.M)
    assert support.rivet("check", "--config", work.config, check=5).out == ""
    server.services("up")


class Meddler(support.CuttingProxy):
    """Passes everything, the first answers of the server after `change` has had them."""

    def __init__(self, change, port):
        self.change = change
        super().__init__(limit=None, target=("127.0.0.1", port))

    def answer(self, server, client, number):
        self.pump(server, client, None, self.change)


def other_backend(data):
    """BackendKeyData with a process number that a pooler has made up."""
    return re.sub(rb"K\x00\x00\x00\x0c.{4}(?=.{4}Z\x00\x00\x00\x05I)", b"K\x00\x00\x00\x0c\x00\x00\x03\xe7", data, flags=re.S)


def other_thread(data):
    """The greeting with a connection number that a pooler has made up."""
    version_end = data.find(b"\0", 5)
    if data[3:5] != b"\x00\x0a" or version_end < 0:
        return data
    return data[:version_end + 1] + b"\xe7\x03\x00\x00" + data[version_end + 5:]


@pytest.mark.parametrize("name", ["postgres", *mysql_support.PORTS])
def test_a_pooler_is_noticed(postgres, work, name):
    if name == "postgres":
        port, change, url = int(os.environ.get("RIVET_POSTGRES_PORT", "5432")), other_backend, "postgresql://rivet:rivet@127.0.0.1:{port}/rivet"
    else:
        port, change, url = mysql_support.PORTS[name], other_thread, "mysql://rivet:rivet@127.0.0.1:{port}/rivet?ssl-mode=DISABLED"
    kind = "postgres" if name == "postgres" else "mysql"
    with Meddler(change, port) as proxy:
        for through, is_pooled in ((proxy.port, True), (port, False)):
            work.write({"name": "users", "query": "select id from users"}, source={"type": kind, "url": url.format(port=through)})
            run = support.rivet("check", "--config", work.config, check=0)
            assert ("  Pooler:       between this machine and the server" in run.out) == is_pooled
            assert (", behind a pooler" in support.rivet("doctor", "--config", work.config, check=0).out) == is_pooled


SHIFTED_CLOCK = r"""
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
int clock_gettime(clockid_t clock, struct timespec *at)
{
    long failed = syscall(SYS_clock_gettime, clock, at);
    if (failed == 0 && clock == CLOCK_REALTIME)
        at->tv_sec += atol(getenv("CLOCK_SHIFT_S"));
    return (int)failed;
}
"""


@pytest.mark.parametrize("name", ["postgres", *mysql_support.PORTS])
@pytest.mark.parametrize("shift, word", [(-3600, "ahead of"), (3600, "behind")])
def test_a_clock_that_is_wrong(postgres, work, name, shift, word):
    """This machine's clock is moved, for rivet alone."""
    if b"__asan_init" in support.RIVET.read_bytes():
        pytest.skip("a sanitizer wants to be loaded first")
    library = work.path / "clock.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-x", "c", "-", "-o", library], input=SHIFTED_CLOCK, text=True, check=True)
    kind = "postgres" if name == "postgres" else "mysql"
    url = support.PG_URL if name == "postgres" else f"mysql://rivet:rivet@127.0.0.1:{mysql_support.PORTS[name]}/rivet"
    work.write({"name": "users", "query": "select id from users"}, source={"type": kind, "url": url})
    run = support.rivet("doctor", "--config", work.config, check=0, env={"LD_PRELOAD": str(library), "CLOCK_SHIFT_S": str(shift)})
    line, remedy = re.search(r"^(\[WARN\] Clock: .*)\n( +remedy: .*)$", run.out, re.M).groups()
    assert re.search(rf" (3599|3600)\.\d s {word} this machine's$", line)
    assert "synchronise" in remedy
    assert "[OK]  Clock: " in support.rivet("doctor", "--config", work.config, check=0).out


@pytest.mark.parametrize("name", mysql_support.PORTS)
def test_versions_and_encryption(work, name):
    with mysql_support.open_server(name) as server:
        version = server.version.split("-")[0]
    for mode, wanted in (("DISABLED", r"not in use"), ("REQUIRED", r"TLSv1\.[23] \S+")):
        port = (mysql_support.TLS_PORTS if mode == "REQUIRED" else mysql_support.PORTS)[name]
        work.write({"name": "users", "query": "select id from users"},
                   source={"type": "mysql", "url": f"mysql://rivet:rivet@127.0.0.1:{port}/rivet?ssl-mode={mode}"})
        run = support.rivet("doctor", "--config", work.config, check=0)
        assert re.search(rf"^\[OK\]  TLS: {wanted}$", run.out, re.M), run.out
        assert re.search(rf"^\[OK\]  Server: (MariaDB|MySQL) {re.escape(version)} at mysql://127.0.0.1:{port}/rivet$", run.out, re.M) or mode == "REQUIRED"
        assert "[OK]  Source auth (Mysql)" in run.out


REMEDIES = {
    "wrong password": {"url": "mysql://rivet:wrong@127.0.0.1:{port}/rivet"},
    "nobody listens": {"url": "mysql://rivet:rivet@127.0.0.1:{free}/rivet"},
    "no such database": {"url": "mysql://rivet:rivet@127.0.0.1:{port}/no_such_database"},
    "no such host": {"url": "mysql://rivet:rivet@no-such-host.invalid:3306/rivet"},
    "no certificate": {"url": "mysql://rivet:rivet@127.0.0.1:{port}/rivet?ssl-mode=VERIFY_CA&ssl-ca=/nonexistent/ca.pem"},
    "unset variable": {"url_env": "NO_SUCH_VARIABLE", "url": None},
}


@pytest.mark.parametrize("kind", ["mysql", "postgres"])
@pytest.mark.parametrize("source", REMEDIES.values(), ids=REMEDIES.keys())
def test_every_failure_has_a_remedy(postgres, work, kind, source):
    source = dict(source)
    if source["url"]:
        port = mysql_support.PORTS["mariadb"] if kind == "mysql" else int(os.environ.get("RIVET_POSTGRES_PORT", "5432"))
        source["url"] = source["url"].format(port=port, free=support.free_port())
        if kind == "postgres":
            source["url"] = source["url"].replace("mysql:", "postgresql:").replace("ssl-mode=VERIFY_CA&ssl-ca", "sslmode=verify-ca&sslrootcert")
    work.write({"name": "users", "query": "select id from users"}, source={"type": kind, **source})
    document = {k: v for k, v in support.yaml.safe_load(work.config.read_text())["source"].items() if v is not None}
    work.config.write_text(support.yaml.safe_dump({**support.yaml.safe_load(work.config.read_text()), "source": document}))
    run = support.rivet("doctor", "--config", work.config, check=1, timeout=90)
    failures = re.findall(r"^\[FAIL\] .*\n(.*)$", run.out, re.M)
    assert failures and all(re.match(r"       remedy: \S", line) for line in failures), run.out
    report = json.loads(support.rivet("doctor", "--config", work.config, "--json", check=1, timeout=90).out)
    failed = [finding for finding in report["findings"] if finding["level"] == "failure"]
    assert failed and all(finding["remedy"] and finding["message"] for finding in failed)
