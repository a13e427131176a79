"""Acceptance suite Q: a slow and a cut connection, through Toxiproxy and the configurations of dev/.

Each has a database of its own, which holds enough users.
"""

import contextlib
import re
import subprocess
import urllib.error

import psycopg
import pymysql
import pytest

import mysql_support
import support
import toxiproxy
from toxiproxy import call

DATABASE = "rivet_toxiproxy"
LATENCY = {"name": "latency", "type": "latency", "attributes": {"latency": 3000}}
LIMIT = {"name": "limit", "type": "limit_data", "attributes": {"bytes": 5000}}
USERS = "select id, name, email, created_at from users order by id limit 5000"


class Postgres:
    proxy, target, config, address = "pg", "pg", "test_toxiproxy_pg.yaml", "@localhost:15432/"
    url = support.PG_URL.rsplit("/", 1)[0] + "/" + DATABASE

    def make_database(self):
        with support.connect() as connection:
            if not connection.execute("select 1 from pg_database where datname = %s", (DATABASE,)).fetchone():
                connection.execute(f"create database {DATABASE}")
        with psycopg.connect(self.url, autocommit=True) as connection:
            if not connection.execute("select to_regclass('users')").fetchone()[0]:
                connection.execute((support.ROOT / "dev/postgres/init.sql").read_text())

    def rows(self, query):
        return support.database_rows(query, self.url)


class MariaDb:
    """The proxy `mysql` stands before MariaDB on this machine (dev/setup_toxiproxy.sh)."""
    proxy, target, config, address = "mysql", "mysql", "test_toxiproxy_mysql.yaml", "@127.0.0.1:13306/"
    port = mysql_support.PORTS["mariadb"]
    url = f"mysql://rivet:rivet@127.0.0.1:{port}/{DATABASE}"

    def connect(self, database):
        return pymysql.connect(host="127.0.0.1", port=self.port, user="rivet", password="rivet", database=database,
                               charset="utf8mb4", autocommit=True, init_command="set time_zone = '+00:00'")

    def make_database(self):
        with self.connect("rivet") as connection, connection.cursor() as cursor:
            cursor.execute(f"create database if not exists {DATABASE} character set utf8mb4")
        script = re.sub(r"--.*", "", (support.ROOT / "dev/mysql/init.sql").read_text())
        with self.connect(DATABASE) as connection, connection.cursor() as cursor:
            for statement in filter(str.strip, script.split(";")):
                cursor.execute(statement)

    def rows(self, query):
        with self.connect(DATABASE) as connection, connection.cursor() as cursor:
            cursor.execute(query)
            return list(cursor.fetchall())


@pytest.fixture(scope="module")
def proxies():
    toxiproxy.start()
    subprocess.run([support.ROOT / "dev/setup_toxiproxy.sh"], check=True, capture_output=True, timeout=60)
    assert {"pg", "mysql"} <= set(call("GET"))


@pytest.fixture(scope="module", params=[Postgres(), MariaDb()], ids=lambda server: server.proxy)
def server(request, proxies):
    server = request.param
    server.make_database()
    if server.rows("select count(*) from users")[0][0] != 10000:
        none = [word for table in ("orders-per-user", "events-per-user", "page-views", "content-items") for word in (f"--{table}", "0")]
        subprocess.run([support.SEED, "--target", server.target, f"--{server.target}-url", server.url, "--users", "10000", *none],
                       check=True, capture_output=True, timeout=120 * support.PATIENCE)
    return server


@pytest.fixture
def toxi(work, server):
    """The export through a proxy without toxics, before and after."""
    remove_toxics(server)
    work.copy_dev(server.config, (f"{server.address}rivet$", f"{server.address}{DATABASE}"))
    yield work
    remove_toxics(server)


def remove_toxics(server):
    for toxic in call("GET", f"/{server.proxy}/toxics"):
        with contextlib.suppress(urllib.error.HTTPError):
            call("DELETE", f"/{server.proxy}/toxics/{toxic['name']}")


def run(work, *arguments, check=0):
    return work.run(*arguments, check=check, env={"RUST_LOG": "info"}, timeout=75)


def assert_whole(work, result, server, **summary):
    facts = result.summary("users_toxi")
    for name, value in {"status": "success", "rows": "5000", "validated": "pass", **summary}.items():
        assert facts[name] == value, result.text
    assert "retry" not in result.err
    (path,) = work.files(extension="csv")
    _, *records = support.csv_records(path.read_text())
    want = [(str(row[0]), row[1], row[2], row[3].isoformat(timespec="microseconds")) for row in server.rows(USERS)]
    support.assert_same_rows(records, want)


def test_undisturbed(toxi, server):
    """Q1"""
    assert_whole(toxi, run(toxi, "--validate"), server)


@pytest.mark.slow
def test_three_seconds_of_latency(toxi, server):
    """Q2, Q3, Q4"""
    assert call("POST", f"/{server.proxy}/toxics", LATENCY)["name"] == "latency"
    result = run(toxi, "--validate")
    assert_whole(toxi, result, server)
    seconds = float(re.fullmatch(r"([\d.]+)s", result.summary("users_toxi")["duration"]).group(1))
    print(f"{server.proxy}: {seconds} s at 3 s for each answer")
    assert 3 < seconds < 50, "an answer is waited for that was not before"
    assert call("DELETE", f"/{server.proxy}/toxics/latency") is None
    assert call("GET", f"/{server.proxy}/toxics") == []


@pytest.mark.slow
def test_cut_after_5000_bytes_and_then_whole(toxi, server):
    """Q5, Q6, Q7, Q8"""
    assert call("POST", f"/{server.proxy}/toxics", LIMIT)["name"] == "limit"
    result = run(toxi, check=5)
    retries = re.findall(r"retry (\d/\d) in (\d+)ms (\[reconnecting\]) ", result.err)
    assert retries == [("1/3", "1000", "[reconnecting]"), ("2/3", "2000", "[reconnecting]"), ("3/3", "4000", "[reconnecting]")], result.err
    assert result.summary("users_toxi")["status"] == "failed"
    assert toxi.files(extension="csv") == [] and toxi.leftovers() == []
    assert call("DELETE", f"/{server.proxy}/toxics/limit") is None
    assert call("GET", f"/{server.proxy}/toxics") == []
    assert_whole(toxi, run(toxi, "--validate"), server)
    with pytest.raises(urllib.error.HTTPError):
        call("DELETE", f"/{server.proxy}/toxics/limit")
