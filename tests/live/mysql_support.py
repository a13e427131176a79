"""The MySQL side of the live tests: both servers, databases of their own, truth as text."""

import contextlib
import os
import pathlib
import subprocess
import sys
import uuid

import pymysql
import pytest

import support

# Every test of this source runs against both.
PORTS = {"mariadb": int(os.environ.get("RIVET_MARIADB_PORT", "3306")),
         "mysql": int(os.environ.get("RIVET_MYSQL_PORT", "3307"))}
TLS_PORTS = {"mariadb": int(os.environ.get("RIVET_MARIADB_TLS_PORT", "3308")), "mysql": PORTS["mysql"]}
# The services keep their files elsewhere when the checkout is out of their reach.
CERTIFICATES = pathlib.Path(subprocess.run([support.ROOT / "dev/services.sh", "folder"], check=True, text=True,
                                           capture_output=True).stdout.strip()) / "tls"


def connect(port, database="rivet", user="rivet", password="rivet"):
    """Cells come as the server's own text; binary columns as bytes."""
    return pymysql.connect(host="127.0.0.1", port=port, user=user, password=password, database=database,
                           charset="utf8mb4", autocommit=True, conv={}, init_command="set time_zone = '+00:00'")


def seed(port):
    """As support.seed_postgres; a server that is not there is left out, the tests that need it say so."""
    try:
        with connect(port) as connection, connection.cursor() as cursor:
            for table, want in support.SEEDED.items():
                cursor.execute(f"select count(*) from {table}")
                if int(cursor.fetchone()[0]) != want:
                    support.run_seed("mysql", f"mysql://rivet:rivet@127.0.0.1:{port}/rivet")
                    return
    except pymysql.OperationalError:
        pass


class Server:
    """One of the two servers; tests get it as the fixture mysql."""

    def __init__(self, name):
        self.name, self.port = name, PORTS[name]
        self.admin = connect(self.port)
        self.version = self.query("select version()")[0][0]
        self.is_mariadb = "MariaDB" in self.version
        print(f"{'MariaDB' if self.is_mariadb else 'MySQL'} {self.version} on 127.0.0.1:{self.port}", file=sys.stderr)

    def url(self, database="rivet", user="rivet:rivet", port=None):
        return f"mysql://{user}@127.0.0.1:{port or self.port}/{database}"

    def source(self, database="rivet", fetch="stream", **more):
        tuning = {"profile": "fast", "fetch": fetch, **more.pop("tuning", {})}
        return {"type": "mysql", "url": self.url(database), "tuning": tuning, **more}

    def query(self, sql, *parameters, connection=None):
        with (connection or self.admin).cursor() as cursor:
            cursor.execute(sql, parameters or None)
            return list(cursor.fetchall())

    def execute(self, *statements, connection=None):
        with (connection or self.admin).cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    @contextlib.contextmanager
    def fresh_database(self):
        """(name, connection) of a database of its own, dropped at the end."""
        name = f"rivet_test_{uuid.uuid4().hex[:10]}"
        self.execute(f"create database {name} character set utf8mb4")
        try:
            with connect(self.port, name) as connection:
                self.execute("set sql_mode = 'ALLOW_INVALID_DATES'", connection=connection)
                yield name, connection
        finally:
            self.execute(f"drop database {name}")

    def statements(self):
        """(id, command, statement) of rivet's connections right now."""
        rows = self.query("select id, command, info from information_schema.processlist where user = 'rivet' "
                          "and id <> connection_id() and info is not null and info not like '%processlist%'")
        return [(int(id), command, info) for id, command, info in rows]


@contextlib.contextmanager
def open_server(name):
    try:
        server = Server(name)
    except pymysql.Error as error:
        pytest.fail(f"{name} does not answer on port {PORTS[name]} ({error}); start it with dev/services.sh up {name}")
    yield server
    server.admin.close()

