"""Runs rivet-seed against databases of its own on the running servers."""

import contextlib
import os
import pathlib
import subprocess
import uuid

import psycopg
import pymysql
import pytest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("RIVET_BUILD_DIR", REPOSITORY / "build")).resolve()
SERVER = "postgresql://rivet:rivet@127.0.0.1:%s" % os.environ.get("RIVET_POSTGRES_PORT", "5432")
MYSQL_PORTS = {"mariadb": int(os.environ.get("RIVET_MARIADB_PORT", "3306")),
               "mysql": int(os.environ.get("RIVET_MYSQL_PORT", "3307"))}

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


def mysql_connect(server, database="rivet", user="rivet", password="rivet"):
    return pymysql.connect(host="127.0.0.1", port=MYSQL_PORTS[server], user=user, password=password,
                           database=database, charset="utf8mb4", autocommit=True,
                           client_flag=pymysql.constants.CLIENT.MULTI_STATEMENTS)


def mysql_query(connection, sql):
    """All rows of the last statement."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        while cursor.nextset():
            pass
        return list(cursor.fetchall())


@contextlib.contextmanager
def fresh_mysql_database(server, prefix="rivet_test_seed"):
    """The same on "mariadb" or "mysql"; yields the database's name, and skips without the server."""
    name = f"{prefix}_{uuid.uuid4().hex[:10]}"
    try:
        admin = mysql_connect(server)
    except pymysql.OperationalError as error:
        if "CI" in os.environ:
            raise
        pytest.skip(f"{server} is not running: {error}")
    with admin:
        mysql_query(admin, f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        try:
            with mysql_connect(server, name) as connection:
                mysql_query(connection, (REPOSITORY / "dev/mysql/init.sql").read_text())
            yield name
        finally:
            mysql_query(admin, f"DROP DATABASE {name}")


def mysql_url(server, database, login="rivet:rivet"):
    return f"mysql://{login}@127.0.0.1:{MYSQL_PORTS[server]}/{database}"


def checksums(url, tables=TABLES):
    """One checksum over all cells of each table."""
    with psycopg.connect(url) as connection:
        return {
            table: connection.execute(
                f"SELECT md5(string_agg(t::text, E'\\n' ORDER BY id)) FROM {table} t"
            ).fetchone()[0]
            for table in tables
        }
