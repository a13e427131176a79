"""Tables to cut into chunks, and what a chunked run must leave."""

import atexit
import contextlib
import functools
import os
import re
import socket
import sqlite3
import subprocess
import time

import support

# Of this process alone: tests that run at once would drop each other's tables.
DATABASE = f"rivet_chunked_{os.getpid()}"
URL = support.PG_URL.rsplit("/", 1)[0] + "/" + DATABASE


def connect():
    return support.connect(URL)


@functools.cache
def prepare():
    with support.connect() as connection:
        connection.execute(f"drop database if exists {DATABASE} with (force)")
        # Odd collations: linguistic order, which differs from the order of bytes.
        connection.execute(f"create database {DATABASE} template template0")
    atexit.register(remove)


def remove():
    with support.connect() as connection:
        connection.execute(f"drop database if exists {DATABASE} with (force)")


def execute(*statements):
    with connect() as connection:
        for statement in statements:
            connection.execute(statement)


def rows(query):
    return support.database_rows(query, URL)


def content_items(table="content_items", count=200000 // 100):
    """The shape of the bench's table, smaller."""
    execute(f"drop table if exists {table}",
            f"create table {table} (id serial primary key, title text, body text, raw_html text, tags text, author_name text,"
            f" category text, status text, created_at timestamp)",
            f"insert into {table} (title, body, raw_html, tags, author_name, category, status, created_at)"
            f" select 'title ' || g, repeat(md5(g::text), 4), null, 'a,b', 'author ' || g % 7, 'c' || g % 3, 'draft',"
            f" timestamp '2024-01-01' + g * interval '1 minute' from generate_series(1, {count}) g",
            f"analyze {table}")


COLUMNS = "id, title, body, raw_html, tags, author_name, category, status, created_at"


def source(**tuning):
    return {"url": URL, "tuning": {"profile": "fast", "batch_size": 1000, **tuning}}


def export(name="a", query=f"SELECT {COLUMNS} FROM content_items", **fields):
    return {"name": name, "query": query, "mode": "chunked", "chunk_column": "id", **fields}


def files(work, name="a", extension="*"):
    """Chunk files by name."""
    return [path for path in work.files(name, extension) if "_chunk" in path.name]


def check(work, name, query):
    """The directory holds the rows of the query, each once."""
    support.assert_same_rows(support.parquet_rows(*work.files(name)), rows(query), name)
    assert work.leftovers() == []


def state_chunks(work, name="a"):
    """What `rivet state chunks` says: facts by label, tasks as lists of cells."""
    out = support.rivet("state", "chunks", "-c", work.config, "-e", name, check=0).out
    facts = dict(re.findall(r"^(\w+): +(.*)$", out, re.M))
    table = out.split("-" * 90 + "\n")[1] if "-" * 90 in out else ""
    return facts, [line.split() for line in table.splitlines() if line and line[0].isdigit()]


def chunk_rows(work):
    """Every cell of the stored plans."""
    connection = sqlite3.connect(f"file:{work.state}?mode=ro", uri=True)
    try:
        return [connection.execute(f"select * from {table} order by 1").fetchall() for table in ("chunk_run", "chunk_task")]
    finally:
        connection.close()


def start(work, *arguments, **options):
    return subprocess.Popen([str(support.RIVET), "run", "--config", str(work.config), *arguments], text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=support.ROOT, **options)


class Valve(support.CuttingProxy):
    """Answers of the server pass at a limited rate, so that a kill falls between chunks; 0: at once. What
    clients send is kept."""

    def __init__(self, bytes_per_second=0, port=None):
        self.rate, self.sent, self.sockets = bytes_per_second, b"", []
        super().__init__(limit=None, cuts=0, **({} if port is None else {"target": ("127.0.0.1", port)}))

    def url(self):
        return re.sub(r"localhost:\d+", f"127.0.0.1:{self.port}", URL)

    def __exit__(self, *error):
        """No thread is left in a socket when the interpreter ends."""
        super().__exit__(*error)
        for each in self.sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def pump(self, source, target, limit):
        self.sockets.append(source)
        try:
            is_answer = source.getpeername()[1] == self.target[1]
            while data := source.recv(8192):
                if not is_answer:
                    self.sent += data
                elif self.rate:
                    time.sleep(len(data) / self.rate)
                target.sendall(data)
        except OSError:
            pass
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class SnapshotCut(support.CuttingProxy):
    """Cuts the first connection, the one that plans and holds the snapshot, while it reads; but not before all
    `workers` have the snapshot: each asked for it, was answered, and went on."""

    def __init__(self, limit, port, workers):
        self.workers, self.steps = workers, {}
        super().__init__(limit, cuts=1, target=("127.0.0.1", port))

    def ask(self, client, server):
        def listen(data):
            if self.steps.get(client) == "answered":
                self.steps[client] = "joined"
            elif b"SNAPSHOT" in data.upper():
                self.steps.setdefault(client, "asked")
            return data

        self.pump(client, server, None, listen)

    def answer(self, server, client, number):
        def listen(data):
            if self.steps.get(client) == "asked":
                self.steps[client] = "answered"
            return data

        self.pump(server, client, self.limit if number <= self.cuts else None, listen)

    def before_cut(self):
        support.wait_for(lambda: list(self.steps.values()).count("joined") >= self.workers, what="the snapshot of all workers")


META = {"meta_columns": {"exported_at": True, "row_hash": True}}
DATA = f"select {COLUMNS} from content_items"


def check_checkpointed(work, name="a", count=20):
    """The rows, through the files that the tasks name; meta columns left out."""
    facts, tasks = state_chunks(work, name)
    assert facts["status"] == "completed"
    assert [task[:1] + task[1:2] for task in tasks] == [[str(i), "completed"] for i in range(count)]
    named = work.query_state("select file_name from chunk_task t join chunk_run r using (run_id) where r.export_name = ? "
                             "order by chunk_index", name)
    paths = [work.output / row[0] for row in named]
    found = support.parquet_rows(*paths)
    width = len(COLUMNS.split(","))
    support.assert_same_rows([row[:width] for row in found], rows(DATA))
    assert sorted(paths) == sorted(files(work, name)), "files beside those of the tasks"
    assert work.leftovers() == []
    return facts, tasks


def sparse(count, gap=100000, table="orders_sparse"):
    execute(f"drop table if exists {table}", f"create table {table} (id bigint primary key, payload text)",
                    f"insert into {table} select (g - 1)::bigint * {gap} + 1, 'payload ' || g from generate_series(1, {count}) g", f"analyze {table}")


def stamps(paths):
    return {path.name: path.stat().st_mtime_ns for path in paths}


def completed(work):
    """How many chunks are on record as done."""
    if not work.state.exists() or not work.query_state("select 1 from sqlite_master where name = 'chunk_task'"):
        return 0
    return work.query_state("select count(*) from chunk_task where status = 'completed'")[0][0]
