"""The source servers of the delivery tests, behind one small face: a new server is one entry of SERVERS.

Each has a database of its own, so that heavy tests do not disturb the seeded one.
"""

import contextlib

import psycopg

import support

DATABASE = "rivet_delivery"


class Postgres:
    name = "postgres"
    url = support.PG_URL.rsplit("/", 1)[0] + "/" + DATABASE
    moment = "timestamptz"
    now = "clock_timestamp()"

    def source(self, **tuning):
        return {"type": "postgres", "url": self.url, "tuning": {"profile": "fast", **tuning}}

    def prepare(self):
        with support.connect() as connection:
            if not connection.execute("select 1 from pg_database where datname = %s", (DATABASE,)).fetchone():
                with contextlib.suppress(psycopg.errors.DuplicateDatabase):
                    connection.execute(f"create database {DATABASE}")

    def connect(self, autocommit=True):
        return psycopg.connect(self.url, autocommit=autocommit)

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
            f"create index on {name} (changed_at, id)")
        self.append(name, 1, rows, start)

    def append(self, name, first, last, start="timestamptz '2026-01-01 00:00:00+00'"):
        self.execute(
            f"insert into {name} select g, {start} + (g / 3) * interval '1 second', md5(g::text) || md5((-g)::text) "
            f"from generate_series({first}, {last}) g")


SERVERS = [Postgres()]
