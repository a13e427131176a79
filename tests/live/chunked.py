"""Tables to cut into chunks, and what a chunked run must leave."""

import re
import sqlite3

import support

DATABASE = "rivet_chunked"
URL = support.PG_URL.rsplit("/", 1)[0] + "/" + DATABASE


def connect():
    return support.connect(URL)


def prepare():
    with support.connect() as connection:
        if not connection.execute("select 1 from pg_database where datname = %s", (DATABASE,)).fetchone():
            # Odd collations: linguistic order, which differs from the order of bytes.
            connection.execute(f"create database {DATABASE} template template0")


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
