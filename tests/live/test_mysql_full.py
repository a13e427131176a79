"""dev/mysql_full.yaml as it stands: each output, read by other programs, is the table, on both servers."""

import datetime
import decimal
import re

import pytest

import mysql_support
import support

CONFIG = support.ROOT / "dev/mysql_full.yaml"
USERS = "select id, name, email, age, balance, is_active, bio, created_at, updated_at from users"
ORDERS = "select id, user_id, product, quantity, price, status, notes, ordered_at, updated_at from orders"
EXPORTS = {"mysql_users_csv": USERS, "mysql_users_parquet": USERS, "mysql_orders_parquet": ORDERS}


@pytest.fixture(scope="module", params=mysql_support.PORTS)
def full(request, tmp_path_factory):
    """One run of the three exports, with the files of each; the file's own server, and the other by its port."""
    work = support.Work(tmp_path_factory.mktemp("full"))
    with mysql_support.open_server(request.param) as server:
        text = CONFIG.read_text()
        assert text.count("localhost:3306") == 1 and text.count("./dev/output") == 3
        work.config.write_text(text.replace("localhost:3306", f"localhost:{server.port}").replace("./dev/output", str(work.output)))
        run = work.run("--validate", timeout=120)
        assert len(work.files()) == len(EXPORTS)
        yield server, work, run


def python_cell(name, text):
    """The server's text of a column of these tables as pyarrow gives it."""
    if text is None:
        return None
    if name in ("balance", "price"):
        return decimal.Decimal(text)
    if name.endswith("_at"):
        return datetime.datetime.fromisoformat(text)
    return int(text) if name in ("id", "age", "is_active", "user_id", "quantity") else text


def columns(query):
    return re.match(r"select (.*) from", query).group(1).split(", ")


@pytest.mark.parametrize("export", EXPORTS)
def test_summary(full, export):
    server, work, run = full
    summary = run.summary(export)
    table = export.split("_")[1]
    assert (summary["status"], summary["files"], summary["validated"]) == ("success", "1", "pass")
    assert summary["rows"] == server.query(f"select count(*) from {table}")[0][0] != "0"


@pytest.mark.parametrize("export", ["mysql_users_parquet", "mysql_orders_parquet"])
@pytest.mark.parametrize("read", [support.parquet_rows, support.duckdb_rows], ids=["pyarrow", "duckdb"])
def test_parquet_is_the_table(full, export, read):
    server, work, _ = full
    names = columns(EXPORTS[export])
    want = [tuple(map(python_cell, names, row)) for row in server.query(EXPORTS[export])]
    support.assert_same_rows(read(*work.files(export)), want, export)


def csv_cell(name, text):
    if text is None or not name.endswith("_at"):
        return text
    return text.replace(" ", "T") + ".000000"


def test_csv_is_the_table(full):
    server, work, _ = full
    header, *records = support.csv_records(work.files("mysql_users_csv")[0].read_text(encoding="utf-8"))
    assert header == columns(USERS)
    want = [list(map(csv_cell, header, row)) for row in server.query(USERS)]
    support.assert_same_rows(records, want)


def test_both_sources_give_the_same_row_hashes(full, work, postgres):
    """Equal values, equal hashes; booleans against TINYINT(1) are the documented exception."""
    server, _, _ = full
    query = "select id, name, email, age, balance, bio, created_at, updated_at from users where id <= 500"
    hashes = []
    for name, source in (("mine", server.source()), ("theirs", {})):
        work.write({"name": name, "query": query, "meta_columns": {"row_hash": True}}, source=source)
        work.run()
        hashes.append({(row[0], row[1], str(row[4])): row[-1] for row in support.parquet_rows(*work.files(name))})
    assert len(hashes[0]) == 500
    same = hashes[0].keys() & hashes[1].keys()
    if len(same) < 400:
        pytest.skip("the two databases hold other rows")
    assert all(hashes[0][key] == hashes[1][key] for key in same)
