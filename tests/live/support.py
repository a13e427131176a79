"""Runs rivet and compares what it wrote with the source database.

Files are read by programs rivet knows nothing of (pyarrow, DuckDB, Python's csv), rows come from the
server through psycopg. Nothing here believes rivet's own counters.
"""

import collections
import contextlib
import datetime
import decimal
import functools
import glob
import json
import os
import pathlib
import re
import signal
import socket
import sqlite3
import subprocess
import tempfile
import threading
import time

import duckdb
import psycopg
import pyarrow.parquet
import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("RIVET_BUILD_DIR", ROOT / "build")).resolve()
RIVET = BUILD / "rivet"
SEED = BUILD / "rivet-seed"
# A sanitizer build is slow; limits that only prevent hangs grow with this.
PATIENCE = float(os.environ.get("RIVET_TEST_PATIENCE", "1"))
# For tests that measure time or memory, or want to see things at once: what else the machine does has a
# share in that, so they get one more try than the rest (dev/test.sh).
measures = pytest.mark.flaky(reruns=2)
PG_URL = os.environ.get("RIVET_TEST_PG_URL", "postgresql://rivet:rivet@localhost:5432/rivet")


@functools.cache
def has_faults():
    """Is this a build in which RIVET_FAULT means something?"""
    return b"RIVET_FAULT_TRACE" in RIVET.read_bytes()


def connect(url=PG_URL):
    return psycopg.connect(url, autocommit=True, application_name="rivet-tests")


# What every test may count on in the database `rivet`, on each server.
SEEDED = {"users": 2000, "page_views": 20000, "content_items": 4000}


def run_seed(target, url):
    wanted = [argument for table, rows in SEEDED.items() for argument in (f"--{table.replace('_', '-')}", str(rows))]
    subprocess.run([SEED, "--target", target, f"--{'pg' if target == 'postgres' else target}-url", url, *wanted],
                   check=True, capture_output=True, timeout=120 * PATIENCE)


def seed_postgres():
    with connect() as connection:
        counts = []
        for table, want in SEEDED.items():
            exists = connection.execute("select to_regclass(%s)", (table,)).fetchone()[0]
            counts.append(exists and connection.execute(f"select count(*) from {table}").fetchone()[0] == want)
    if not all(counts):
        run_seed("postgres", PG_URL)


class Run:
    """What one invocation left: exit status, both streams, the summary blocks by export."""

    def __init__(self, process):
        self.status = process.returncode
        self.out = process.stdout if isinstance(process.stdout, str) else ""
        self.err = process.stderr or ""
        self.text = f"exit {self.status}\nstdout:\n{self.out}\nstderr:\n{self.err}"

    def summary(self, export):
        block = re.search(rf"── {re.escape(export)} ──\n((?:  .*\n)+)", self.err)
        assert block, f"no summary of {export}\n{self.text}"
        pairs = re.findall(r"^  ([\w ]+):\s+(.*)$", block.group(1), re.M)
        return dict(pairs)


def rivet(*arguments, env=None, cwd=ROOT, timeout=60, check=None, binary=RIVET, user=None):
    environment = {k: v for k, v in os.environ.items() if k not in ("RUST_LOG", "RIVET_LOG")}
    environment.update(env or {})
    process = subprocess.run([str(binary), *map(str, arguments)], env=environment, cwd=cwd, text=True,
                             capture_output=True, timeout=timeout * PATIENCE, user=user)
    run = Run(process)
    assert process.returncode >= 0, f"killed by a signal\n{run.text}"
    assert "Sanitizer" not in run.err, run.text
    if check is not None:
        assert run.status == check, run.text
    return run


class Work:
    """A directory of its own: configuration, state, output."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.output = self.path / "out"
        self.config = self.path / "rivet.yaml"
        self.state = self.path / ".rivet_state.db"

    @property
    def destination(self):
        return {"type": "local", "path": str(self.output)}

    def write(self, *exports, source=None, **root):
        document = {
            "source": {"type": "postgres", "url": PG_URL, "tuning": {"profile": "fast"}, **(source or {})},
            "exports": [
                {"format": "parquet", "destination": self.destination, **export}
                for export in exports
            ],
            **root,
        }
        self.config.write_text(yaml.safe_dump(document, sort_keys=False))
        return self.config

    def run(self, *arguments, check=0, **options):
        return rivet("run", "--config", self.config, *arguments, check=check, **options)

    def copy_dev(self, name, *replacements):
        """The configuration becomes dev/<name>, but for the place of its output and each (pattern, text)."""
        text = (ROOT / "dev" / name).read_text()
        for pattern, new in ((r"^( +path: )\S+$", rf"\g<1>{self.output}"), *replacements):
            text, found = re.subn(pattern, new, text, flags=re.M)
            assert found, f"{pattern} is not in dev/{name}"
        self.config.write_text(text)
        return self.config

    def run_dev(self, name, *arguments, **options):
        """rivet run of a copy of dev/<name>; `files` are those that this run left."""
        self.copy_dev(name)
        before = set(self.files())
        run = self.run(*arguments, **options)
        run.files = sorted(set(self.files()) - before)
        return run

    def files(self, export="*", extension="*"):
        """Visible files of an export, by name; manifests are not counted."""
        found = glob.glob(str(self.output / f"{export}_*.{extension}"))
        return sorted(pathlib.Path(name) for name in found)

    def leftovers(self):
        """Temporary files, which nobody should ever see after a run."""
        return sorted(self.output.glob(".*.tmp")) if self.output.exists() else []

    def manifests(self, export):
        return [json.loads(path.read_text()) for path in sorted(self.output.glob(f"_rivet/{export}/*.json"))]

    def query_state(self, sql, *parameters):
        connection = sqlite3.connect(f"file:{self.state}?mode=ro", uri=True)
        try:
            return connection.execute(sql, parameters).fetchall()
        finally:
            connection.close()


# ---- rows as multisets of comparable cells ----

def normal(cell):
    """One form for equal values of different readers; types that differ stay different."""
    if isinstance(cell, decimal.Decimal):
        return ("number", str(cell))  # scale and all
    if isinstance(cell, float):
        return ("float", repr(cell))  # NaN equals NaN, -0.0 differs from 0.0
    if isinstance(cell, (bytes, bytearray, memoryview)):
        return bytes(cell)
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(timespec="microseconds")
    if isinstance(cell, (list, tuple)):
        return tuple(normal(item) for item in cell)
    return cell


def multiset(rows):
    return collections.Counter(tuple(normal(cell) for cell in row) for row in rows)


def database_rows(query, url=PG_URL):
    """Rows as the server gives them; json, uuid and the like are asked for as text by the caller."""
    with connect(url) as connection:
        connection.execute("set timezone to 'UTC'")
        return connection.execute(query).fetchall()


def parquet_rows(*paths):
    rows = []
    for path in paths:
        table = pyarrow.parquet.read_table(path, page_checksum_verification=True)
        rows += list(zip(*(column.to_pylist() for column in table.columns))) if table.num_columns else []
    return rows


def duckdb_rows(*paths):
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    return connection.execute("select * from read_parquet(?, union_by_name = false)", [[str(p) for p in paths]]).fetchall()


def csv_records(text, delimiter=","):
    """Records with None for an empty unquoted cell and '' for a quoted one (RFC 4180)."""
    records, at = [], 0
    bare = re.compile(f"[^{re.escape(delimiter)}\n]*")
    while at < len(text):
        record = []
        while True:
            if text[at] == '"':
                parts, at = [], at + 1
                while True:
                    end = text.index('"', at)
                    parts.append(text[at:end])
                    at = end + 1
                    if text[at:at + 1] != '"':
                        break
                    parts.append('"')
                    at += 1
                record.append("".join(parts))
            else:
                end = bare.match(text, at).end()
                record.append(text[at:end] or None)
                at = end
            at += 1
            if text[at - 1] == "\n":
                break
            assert text[at - 1] == delimiter, f"a quoted cell goes on after its quote: {text[at - 20:at + 5]!r}"
        records.append(record)
    return records


def assert_same_rows(got, want, what=""):
    got, want = multiset(got), multiset(want)
    missing, surplus = want - got, got - want
    assert not missing and not surplus, (
        f"{what}: {sum(missing.values())} rows missing, {sum(surplus.values())} too many\n"
        f"missing: {list(missing)[:3]}\nsurplus: {list(surplus)[:3]}")


def free_port():
    """Where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def wait_for(condition, seconds=20, what="condition"):
    until = time.monotonic() + seconds * PATIENCE
    while time.monotonic() < until:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"waited {seconds} s for {what}")


def peak_rss_mb(command, look=lambda process: None, check=0, **options):
    """The highest resident set of a program, and its errors. The figure is the kernel's (VmHWM; wait4 would count
    the test's own memory from before the exec). `look` is called again and again while it runs."""
    peak_kib = 0
    with tempfile.TemporaryFile("w+") as err:
        process = subprocess.Popen(command, stderr=err, **options)
        while process.poll() is None:
            status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
            peak_kib = max(peak_kib, *map(int, re.findall(r"VmHWM:\s+(\d+)", status)), 0)
            look(process)
            time.sleep(0.005)
        err.seek(0)
        text = err.read()
    assert process.returncode == check, text
    return peak_kib / 1024, text


def server_queries(columns="state, query"):
    """Statements that this test's runs of rivet have on the server right now."""
    return database_rows(f"select {columns} from pg_stat_activity where application_name = '{os.environ['PGAPPNAME']}'")


def kill_left_behind(path):
    """Ends what a failed test started with a file below `path` and did not end: it would disturb the rest."""
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            program, *arguments = (folder / "cmdline").read_bytes().split(b"\0")
            if program.endswith(b"/rivet") and any(argument.startswith(os.fsencode(path)) for argument in arguments):
                os.kill(int(folder.name), signal.SIGKILL)


class CuttingProxy:
    """A TCP proxy before the PostgreSQL server that cuts connections after `limit` bytes of answers.

    The first `cuts` connections are cut, later ones pass whole. A limit that no answer reached is an error of
    the test.
    """

    def __init__(self, limit, cuts=1000, target=("127.0.0.1", int(os.environ.get("RIVET_POSTGRES_PORT", "5432"))), host="127.0.0.1"):
        self.limit, self.cuts, self.target, self.connections, self.cuts_made = limit, cuts, target, 0, 0
        self.listener = socket.create_server((host, 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def url(self):
        return re.sub(r"localhost:\d+", f"127.0.0.1:{self.port}", PG_URL)

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            server = socket.create_connection(self.target)
            threading.Thread(target=self.serve, args=(client, server, self.connections), daemon=True).start()

    def serve(self, client, server, number):
        """Closed at the end, not shut down alone: with unread answers in a socket the server's process would wait for
        ever, and DROP DATABASE for that process."""
        with client, server:
            answers = threading.Thread(target=self.answer, args=(server, client, number), daemon=True)
            answers.start()
            self.ask(client, server)
            answers.join()

    def ask(self, client, server):
        self.pump(client, server, None)

    def answer(self, server, client, number):
        """`number` counts the connections, from 1."""
        self.pump(server, client, self.limit if number <= self.cuts else None)

    def before_cut(self):
        """Not passed on by now are the answers that reached the limit."""

    def pump(self, source, target, limit, change=bytes):
        """`change` sees the data and says what is passed on."""
        passed = 0
        try:
            while data := source.recv(65536):
                passed += len(data)
                if limit is not None and passed > limit:
                    self.before_cut()
                    self.cuts_made += 1
                    break
                target.sendall(change(data))
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def __enter__(self):
        return self

    def __exit__(self, error, *_):
        self.listener.close()
        assert error or self.limit is None or self.cuts_made > 0, f"no connection of {self.connections} was cut"
