"""What the databases themselves say: psycopg and PyMySQL, nothing of rivet. And their seed."""

import contextlib
import functools
import subprocess
import urllib.parse

import psycopg
import pymysql

from uat import world

# The full seed of the plan; orders and events are sums of Poisson numbers.
EXACT = {"users": 100000, "content_items": 200000, "page_views": 2000000}
NEAR = {"orders": 1000000, "events": 5000000}


class Postgres:
    name, service = "postgres", "postgres"

    @property
    def url(self):
        return world.settings.pg_url

    def connect(self, database=None):
        url = urllib.parse.urlsplit(self.url)
        return psycopg.connect(url._replace(path=f"/{database or url.path[1:]}").geturl(), autocommit=True, connect_timeout=10)

    def query(self, sql, *parameters):
        with contextlib.closing(self.connect()) as connection:
            connection.execute("set timezone to 'UTC'")
            cursor = connection.execute(sql, parameters or None)
            return cursor.fetchall() if cursor.description else []

    def create(self):
        with contextlib.closing(self.connect("template1")) as connection:
            name = urllib.parse.urlsplit(self.url).path[1:]
            if connection.execute("select 1 from pg_database where datname = %s", (name,)).fetchone():
                return
            connection.execute(f"create database {name}")
        with contextlib.closing(self.connect()) as connection:
            connection.execute((world.ROOT / "dev/postgres/init.sql").read_text())

    def drop(self):
        with contextlib.closing(self.connect("template1")) as connection:
            connection.execute(f"drop database if exists {urllib.parse.urlsplit(self.url).path[1:]} with (force)")


class MySql:
    """MariaDB or MySQL, whatever answers."""

    name, service = "mysql", "mariadb"

    @property
    def url(self):
        return world.settings.mysql_url

    def connect(self, database=""):
        url = urllib.parse.urlsplit(self.url)
        return pymysql.connect(host=url.hostname, port=url.port, user=url.username, password=url.password, connect_timeout=10,
                               database=url.path[1:] if database == "" else database, charset="utf8mb4", autocommit=True,
                               init_command="set time_zone = '+00:00'", client_flag=pymysql.constants.CLIENT.MULTI_STATEMENTS)

    def query(self, sql, *parameters):
        with contextlib.closing(self.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(sql, parameters or None)
            rows = list(cursor.fetchall())
            while cursor.nextset():
                pass
            return rows

    def create(self):
        name = urllib.parse.urlsplit(self.url).path[1:]
        with contextlib.closing(self.connect(None)) as connection, connection.cursor() as cursor:
            if cursor.execute("select 1 from information_schema.schemata where schema_name = %s", (name,)):
                return
            cursor.execute(f"create database {name} character set utf8mb4")
        self.query((world.ROOT / "dev/mysql/init.sql").read_text())


POSTGRES, MYSQL = Postgres(), MySql()


def count(source, table):
    return source.query(f"select count(*) from {table}")[0][0]


def counts(source):
    return {table: count(source, table) for table in [*EXACT, *NEAR]}


def is_full(found):
    return all(found[table] == want for table, want in EXACT.items()) and all(
        abs(found[table] - want) <= want * 0.02 for table, want in NEAR.items())


@functools.cache
@world.no_alarm()
def prepare(source):
    """The server runs and holds the full seed; counts by table."""
    world.need_service(source.service)
    source.create()
    found = counts(source)
    if not is_full(found):
        kind = "pg" if source is POSTGRES else "mysql"
        print(f"uat: seeding {source.name}, about a minute", flush=True)
        seed = next(folder / "rivet-seed" for folder in (world.settings.programs, world.BUILD) if (folder / "rivet-seed").exists())
        subprocess.run([seed, "--target", "postgres" if kind == "pg" else "mysql", f"--{kind}-url", source.url,
                        "--users", "100000"], check=True, capture_output=True, timeout=1200)
        source.query("vacuum analyze" if kind == "pg" else f"analyze table {', '.join(found)}")
        found = counts(source)
    return found


@contextlib.contextmanager
def rows_of_ours(source, insert, delete):
    """Rows for the length of a row of the plan."""
    source.query(delete)
    source.query(insert)
    try:
        yield
    finally:
        source.query(delete)
