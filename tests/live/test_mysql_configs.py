"""Every export of mode full in dev/mysql_*.yaml and dev/e2e/mysql_*.yaml, on both servers: the files are the tables.

The configurations run as they stand, but for the server's port and the output's place.
"""


import pymysql
import pytest
import yaml

import mysql_support
import support

CONFIGS = sorted([*support.ROOT.glob("dev/mysql_*.yaml"), *support.ROOT.glob("dev/e2e/mysql_*.yaml")])
EXPORTS = [(path, export) for path in CONFIGS for export in yaml.safe_load(path.read_text())["exports"]
           if export.get("mode", "full") == "full"]


def typed_rows(port, query):
    """Column names, and rows as PyMySQL converts them."""
    with pymysql.connect(host="127.0.0.1", port=port, user="rivet", password="rivet", database="rivet", charset="utf8mb4",
                         init_command="set time_zone = '+00:00'") as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return [column[0] for column in cursor.description], list(cursor.fetchall())


def text_rows(port, query):
    """Rows as the CSV files have them: the server's text, moments in ISO 8601 with six digits."""
    names, rows = typed_rows(port, query)
    moments = [any(hasattr(row[i], "microsecond") for row in rows) for i in range(len(names))]
    with mysql_support.connect(port) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return names, [[cell if cell is None or not is_moment else cell.replace(" ", "T") + ("" if "." in cell else ".000000")
                        for cell, is_moment in zip(row, moments)] for row in cursor.fetchall()]


@pytest.mark.parametrize("server", mysql_support.PORTS)
@pytest.mark.parametrize("path, export", EXPORTS, ids=[f"{path.stem}:{export['name']}" for path, export in EXPORTS])
def test_the_output_is_the_table(work, server, path, export):
    port = mysql_support.PORTS[server]
    work.copy_dev(path.relative_to(support.ROOT / "dev"), (r"\b3306\b", str(port)))
    run = work.run("--export", export["name"], "--validate", timeout=120, env={"MYSQL_PASSWORD": "rivet"})
    assert run.summary(export["name"])["status"] == "success"
    files = work.files(export["name"])
    assert files
    if export["format"] == "parquet":
        _, want = typed_rows(port, export["query"])
        assert want
        for read in (support.parquet_rows, support.duckdb_rows):
            support.assert_same_rows(read(*files), want, read.__name__)
    else:
        names, want = text_rows(port, export["query"])
        got = []
        for file in files:
            header, *records = support.csv_records(file.read_text(encoding="utf-8"))
            assert header == names
            got += records
        assert want
        support.assert_same_rows(got, want)


def test_all_are_here():
    assert {path.stem for path, _ in EXPORTS} >= {"mysql_full", "mysql_safe", "mysql_structured", "mysql_worst_case",
                                                  "mysql_degraded", "mysql_e2e"}
