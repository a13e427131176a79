"""dev/mysql_full.yaml as it stands: its summaries, and row hashes against PostgreSQL; test_mysql_configs has its rows."""

import pytest

import mysql_support
import support

EXPORTS = ["mysql_users_csv", "mysql_users_parquet", "mysql_orders_parquet"]


@pytest.fixture(scope="module", params=mysql_support.PORTS)
def full(request, tmp_path_factory):
    """One run of the three exports, with the files of each; the file's own server, and the other by its port."""
    work = support.Work(tmp_path_factory.mktemp("full"))
    with mysql_support.open_server(request.param) as server:
        work.copy_dev("mysql_full.yaml", ("localhost:3306", f"localhost:{server.port}"))
        run = work.run("--validate", timeout=120)
        assert len(work.files()) == len(EXPORTS)
        yield server, work, run


@pytest.mark.parametrize("export", EXPORTS)
def test_summary(full, export):
    server, work, run = full
    summary = run.summary(export)
    table = export.split("_")[1]
    assert (summary["status"], summary["files"], summary["validated"]) == ("success", "1", "pass")
    assert summary["rows"] == server.query(f"select count(*) from {table}")[0][0] != "0"


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
    assert len(same) > 400
    assert all(hashes[0][key] == hashes[1][key] for key in same)
