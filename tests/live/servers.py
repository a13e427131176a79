"""The source servers of the delivery tests, behind one small face: a new server is one entry of ALL.

Each has a database of its own per process, so that tests which run at once never meet in a table; it is
dropped when the process ends.
"""

import atexit
import functools
import os

import psycopg
import pymysql

import support

DATABASE = f"rivet_delivery_{os.getpid()}"


class Postgres:
    name = "postgres"
    url = support.PG_URL.rsplit("/", 1)[0] + "/" + DATABASE
    moment = "timestamptz"
    counter = "serial"
    line_feed = "chr(10)"
    now = "clock_timestamp()"
    no_table = "does not exist"
    # In order already: a sort would keep all rows back until the last one has slept.
    slow_from_150 = ("select id, changed_at, payload from (select * from {table} order by id offset 0) as ordered,"
                     " pg_sleep(case when id > 150 then 0.03 else 0 end)")
    port = int(os.environ.get("RIVET_POSTGRES_PORT", "5432"))

    def series(self, last):
        """The numbers 1 to last as column g."""
        return f"(select g::bigint as g from generate_series(1, {last}) g) s"

    def ago(self, number, unit):
        return f"{self.now} - interval '{number} {unit}'"

    def day(self, offset):
        return f"current_date + {offset}"

    def joined(self, *texts):
        return " || ".join(texts)

    def quote(self, name):
        return f'"{name}"'

    def retype(self, table, column, type):
        self.execute(f"alter table {table} alter column {column} type {type}")

    def source(self, port=None, user="rivet:rivet", **tuning):
        """Through a proxy where there is a port; in clear, so that it can listen."""
        url = self.url if port is None else f"postgresql://{user}@127.0.0.1:{port}/{DATABASE}?sslmode=disable"
        return {"type": "postgres", "url": url, "tuning": {"profile": "fast", **tuning}}

    @functools.cache
    def prepare(self):
        with support.connect() as connection:
            connection.execute(f"drop database if exists {DATABASE} with (force)")
            connection.execute(f"create database {DATABASE}")
        atexit.register(self.remove)

    def remove(self):
        with support.connect() as connection:
            connection.execute(f"drop database {DATABASE} with (force)")

    def connect(self, autocommit=True):
        return psycopg.connect(self.url, autocommit=autocommit, application_name="rivet-tests")

    def execute(self, *statements):
        with self.connect() as connection:
            for statement in statements:
                connection.execute(statement)

    def rows(self, query):
        return support.database_rows(query, self.url)

    def table(self, name, rows=300, start="timestamptz '2026-01-01 00:00:00+00'"):
        """id, a moment with ties (three rows share each), text that does not compress."""
        self.execute(
            f"drop table if exists {name}",
            f"create table {name} (id bigint primary key, changed_at timestamptz not null, payload text)",
            f"create index {name}_changed on {name} (changed_at, id)")
        self.append(name, 1, rows, start)

    def append(self, name, first, last, start="timestamptz '2026-01-01 00:00:00+00'"):
        self.execute(
            f"insert into {name} select g, {start} + (g / 3) * interval '1 second', md5(g::text) || md5((-g)::text) "
            f"from generate_series({first}, {last}) g")


class Connection:
    """PyMySQL with the face of psycopg that the tests use."""

    def __init__(self, connection):
        self.connection = connection

    def execute(self, statement, parameters=None):
        cursor = self.connection.cursor()
        cursor.execute(statement, parameters)
        return cursor

    def commit(self):
        self.connection.commit()

    def close(self):
        self.connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class MariaDb:
    name = "mariadb"
    port = int(os.environ.get("RIVET_MARIADB_PORT", "3306"))
    settings = "set time_zone = '+00:00'"
    moment = "datetime(6)"
    counter = "bigint auto_increment"
    line_feed = "char(10 using utf8mb4)"
    now = "utc_timestamp(6)"
    no_table = "doesn't exist"
    slow_from_150 = "select id, changed_at, payload from {table} where id <= 150 or sleep(0.03) = 0"

    def ago(self, number, unit):
        return f"{self.now} - interval {number} {unit}"

    def day(self, offset):
        return f"current_date + interval {offset} day"

    def joined(self, *texts):
        return f"concat({', '.join(texts)})"

    def quote(self, name):
        return f"`{name}`"

    def retype(self, table, column, type):
        self.execute(f"alter table {table} modify {column} {type}")

    def series(self, last):
        """As in Postgres."""
        return f"(select cast(seq as signed) as g from seq_1_to_{last}) s"

    def source(self, port=None, user="rivet:rivet", **tuning):
        """As in Postgres."""
        clear = {} if port is None else {"tls": {"mode": "disable"}}
        return {"type": "mysql", "url": f"mysql://{user}@127.0.0.1:{port or self.port}/{DATABASE}", "tuning": {"profile": "fast", **tuning}, **clear}

    def open(self, database, autocommit=True):
        return Connection(pymysql.connect(host="127.0.0.1", port=self.port, user="rivet", password="rivet", database=database,
                                          charset="utf8mb4", autocommit=autocommit, init_command=self.settings))

    @functools.cache
    def prepare(self):
        with self.open("rivet") as connection:
            connection.execute(f"drop database if exists {DATABASE}")
            connection.execute(f"create database {DATABASE} character set utf8mb4")
        atexit.register(self.remove)

    def remove(self):
        with self.open("rivet") as connection:
            connection.execute(f"drop database {DATABASE}")

    def connect(self, autocommit=True):
        return self.open(DATABASE, autocommit)

    def execute(self, *statements):
        with self.connect() as connection:
            for statement in statements:
                connection.execute(statement)

    def rows(self, query):
        with self.connect() as connection:
            return list(connection.execute(query).fetchall())

    def table(self, name, rows=300, start="timestamp '2026-01-01 00:00:00'"):
        """As in Postgres."""
        self.execute(f"drop table if exists {name}",
                     f"create table {name} (id bigint primary key, changed_at datetime(6) not null, payload text)",
                     f"create index {name}_changed on {name} (changed_at, id)")
        self.append(name, 1, rows, start)

    def numbers(self, first, last):
        return "", f"seq_{first}_to_{last}"

    def append(self, name, first, last, start="timestamp '2026-01-01 00:00:00'"):
        head, numbers = self.numbers(first, last)
        if last >= first:
            self.execute(f"insert into {name} {head} select seq, {start} + interval (seq div 3) second, "
                         f"sha2(seq, 256) from {numbers}")


class MySql(MariaDb):
    name = "mysql"
    port = int(os.environ.get("RIVET_MYSQL_PORT", "3307"))
    settings = "set time_zone = '+00:00', cte_max_recursion_depth = 1000000"

    def series(self, last):
        """As in Postgres."""
        return f"(with recursive c (g) as (select 1 union all select g + 1 from c where g < {last}) select g from c) s"

    def numbers(self, first, last):
        return (f"with recursive numbers (seq) as (select {first} union all select seq + 1 from numbers where seq < {last})",
                "numbers")


POSTGRES, MARIADB, MYSQL = Postgres(), MariaDb(), MySql()
# The sources a delivery is killed on; and all that are promised.
SERVERS = [POSTGRES, MARIADB]
ALL = [*SERVERS, MYSQL]
