"""Runs rivet-seed against databases of its own on the running PostgreSQL server."""

import contextlib
import os
import pathlib
import subprocess
import uuid

import psycopg

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("RIVET_BUILD_DIR", REPOSITORY / "build")).resolve()
SERVER = "postgresql://rivet:rivet@127.0.0.1:%s" % os.environ.get("RIVET_POSTGRES_PORT", "5432")

TABLES = ("users", "orders", "events", "page_views", "content_items", "orders_sparse")


def run_seed(*arguments, timeout_s=120):
    """Run rivet-seed to its end, whatever that is."""
    return subprocess.run(
        [BUILD / "rivet-seed", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )


def seed(url, *arguments):
    """Run rivet-seed on a PostgreSQL database; it must succeed."""
    result = run_seed("--target", "postgres", "--pg-url", url, *arguments)
    assert result.returncode == 0, result.stderr
    return result


@contextlib.contextmanager
def fresh_database(prefix="rivet_test_seed"):
    """A database with the development tables, dropped afterwards; yields its URL."""
    name = f"{prefix}_{uuid.uuid4().hex[:10]}"
    url = f"{SERVER}/{name}"
    with psycopg.connect(f"{SERVER}/rivet", autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        try:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute((REPOSITORY / "dev/postgres/init.sql").read_text())
            yield url
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def checksums(url, tables=TABLES):
    """One checksum over all cells of each table."""
    with psycopg.connect(url) as connection:
        return {
            table: connection.execute(
                f"SELECT md5(string_agg(t::text, E'\\n' ORDER BY id)) FROM {table} t"
            ).fetchone()[0]
            for table in tables
        }
