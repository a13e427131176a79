"""Acceptance suite Q: a slow and a cut connection, through Toxiproxy and dev/test_toxiproxy_pg.yaml.

The configuration is the one of dev/ with a database of its own, which holds enough users.
"""

import json
import re
import subprocess
import urllib.error
import urllib.request

import psycopg
import pytest

import support

API = "http://localhost:8474/proxies"
DATABASE = "rivet_toxiproxy"
LATENCY = {"name": "latency", "type": "latency", "attributes": {"latency": 3000}}
LIMIT = {"name": "limit", "type": "limit_data", "attributes": {"bytes": 5000}}
USERS = "select id, name, email, created_at from users order by id limit 5000"


def call(method, path="", body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(API + path, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        text = answer.read().decode()
    return json.loads(text) if text else None


@pytest.fixture(scope="module")
def proxies():
    subprocess.run([support.ROOT / "dev/services.sh", "up", "toxiproxy"], check=True, capture_output=True, timeout=600)
    subprocess.run([support.ROOT / "dev/setup_toxiproxy.sh"], check=True, capture_output=True, timeout=60)
    assert {"pg", "mysql"} <= set(call("GET"))


@pytest.fixture(scope="module")
def url(proxies):
    url = support.PG_URL.rsplit("/", 1)[0] + "/" + DATABASE
    with support.connect() as connection:
        exists = connection.execute("select 1 from pg_database where datname = %s", (DATABASE,)).fetchone()
        if not exists:
            connection.execute(f"create database {DATABASE}")
    with psycopg.connect(url, autocommit=True) as connection:
        if not connection.execute("select to_regclass('users')").fetchone()[0]:
            connection.execute((support.ROOT / "dev/postgres/init.sql").read_text())
        filled = connection.execute("select count(*) from users").fetchone()[0] == 10000
    if not filled:
        none = [word for table in ("orders-per-user", "events-per-user", "page-views", "content-items") for word in (f"--{table}", "0")]
        subprocess.run([support.SEED, "--target", "pg", "--pg-url", url, "--users", "10000", *none], check=True,
                       capture_output=True, timeout=120 * support.PATIENCE)
    return url


@pytest.fixture
def toxi(work, url):
    """The export through a proxy without toxics, before and after."""
    remove_toxics()
    document = (support.ROOT / "dev/test_toxiproxy_pg.yaml").read_text()
    assert "@localhost:15432/rivet\n" in document
    work.config.write_text(document.replace("15432/rivet\n", f"15432/{DATABASE}\n").replace("./dev/output", str(work.output)))
    yield work
    remove_toxics()


def remove_toxics():
    for toxic in call("GET", "/pg/toxics"):
        call("DELETE", f"/pg/toxics/{toxic['name']}")


def run(work, *arguments, check=0):
    return work.run(*arguments, check=check, env={"RUST_LOG": "info"}, timeout=75)


def assert_whole(work, result, url, **summary):
    facts = result.summary("users_toxi")
    for name, value in {"status": "success", "rows": "5000", "validated": "pass", **summary}.items():
        assert facts[name] == value, result.text
    assert "retry" not in result.err
    (path,) = work.files(extension="csv")
    _, *records = support.csv_records(path.read_text())
    want = [(str(row[0]), row[1], row[2], row[3].isoformat(timespec="microseconds")) for row in support.database_rows(USERS, url)]
    support.assert_same_rows(records, want)


def test_undisturbed(toxi, url):
    """Q1"""
    assert_whole(toxi, run(toxi, "--validate"), url)


@pytest.mark.slow
def test_three_seconds_of_latency(toxi, url):
    """Q2, Q3, Q4"""
    assert call("POST", "/pg/toxics", LATENCY)["name"] == "latency"
    result = run(toxi, "--validate")
    assert_whole(toxi, result, url)
    assert float(re.fullmatch(r"([\d.]+)s", result.summary("users_toxi")["duration"]).group(1)) > 3
    assert call("DELETE", "/pg/toxics/latency") is None
    assert call("GET", "/pg/toxics") == []


@pytest.mark.slow
def test_cut_after_5000_bytes_and_then_whole(toxi, url):
    """Q5, Q6, Q7, Q8"""
    assert call("POST", "/pg/toxics", LIMIT)["name"] == "limit"
    result = run(toxi, check=5)
    retries = re.findall(r"retry (\d/\d) in (\d+)ms (\[reconnecting\]) ", result.err)
    assert retries == [("1/3", "1000", "[reconnecting]"), ("2/3", "2000", "[reconnecting]"), ("3/3", "4000", "[reconnecting]")], result.err
    assert result.summary("users_toxi")["status"] == "failed"
    assert toxi.files(extension="csv") == [] and toxi.leftovers() == []
    assert call("DELETE", "/pg/toxics/limit") is None
    assert call("GET", "/pg/toxics") == []
    assert_whole(toxi, run(toxi, "--validate"), url)
    with pytest.raises(urllib.error.HTTPError):
        call("DELETE", "/pg/toxics/limit")
