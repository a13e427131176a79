"""dev/pg_full.yaml as it stands: each output, read by other programs, is the table."""

import json
import re

import pyarrow.parquet
import pytest
import xxhash

import support

USERS = "select id, name, email, age, balance, is_active, bio, created_at, updated_at from users"
ORDERS = "select id, user_id, product, quantity, price, status, notes, ordered_at, updated_at from orders"
EVENTS = "select id, user_id, event_type, payload::text, ip_address, created_at from events"


@pytest.fixture(scope="module")
def full(postgres, tmp_path_factory):
    """One run of the four exports, with the new files of each."""
    work = support.Work(tmp_path_factory.mktemp("full"))
    run = work.run_dev("pg_full.yaml", "--validate", timeout=120)
    new, run.output = run.files, work.output
    run.files = {name: [path for path in new if path.name.startswith(name + "_")]
                 for name in ("pg_users_csv", "pg_users_parquet", "pg_orders_csv", "pg_events_parquet")}
    assert sum(map(len, run.files.values())) == len(new) == 4, new
    assert sorted(path.name for path in work.output.iterdir()) == ["_rivet", *(path.name for path in new)]
    return run


@pytest.mark.parametrize("export", ["pg_users_csv", "pg_users_parquet", "pg_orders_csv", "pg_events_parquet"])
def test_summary(full, export):
    summary = full.summary(export)
    table = export.split("_")[1]
    count = support.database_rows(f"select count(*) from {table}")[0][0]
    assert summary["status"] == "success"
    assert summary["rows"] == str(count)
    assert summary["files"] == "1"
    assert summary["validated"] == "pass"
    extension = "parquet" if export.endswith("parquet") else "csv"
    assert re.fullmatch(rf"{export}_\d{{8}}_\d{{6}}_[0-9a-f]{{6}}\.{extension}", full.files[export][0].name)


@pytest.mark.parametrize("export, query", [("pg_users_parquet", USERS), ("pg_events_parquet", EVENTS)])
@pytest.mark.parametrize("read", [support.parquet_rows, support.duckdb_rows], ids=["pyarrow", "duckdb"])
def test_parquet_is_the_table(full, export, query, read):
    support.assert_same_rows(read(*full.files[export]), support.database_rows(query), export)


def csv_text(cell):
    """How types.md §4 writes a cell of these tables."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if hasattr(cell, "isoformat"):
        return cell.isoformat(timespec="microseconds")
    return None if cell is None else str(cell)


@pytest.mark.parametrize("export, query", [("pg_users_csv", USERS), ("pg_orders_csv", ORDERS)])
def test_csv_is_the_table(full, export, query):
    header, *records = support.csv_records(full.files[export][0].read_text(encoding="utf-8"))
    assert header == re.match(r"select (.*) from", query).group(1).split(", ")
    want = [[csv_text(cell) for cell in row] for row in support.database_rows(query)]
    support.assert_same_rows(records, want, export)


def test_manifest_names_the_files(full):
    for export, files in full.files.items():
        run_id = full.summary(export)["run_id"]
        manifest = next((full.output / "_rivet" / export).glob(f"{run_id}_*.json"))
        facts = json.loads(manifest.read_text())
        assert [part["key"] for part in facts["parts"]] == [path.name for path in files]
        assert [part["bytes"] for part in facts["parts"]] == [path.stat().st_size for path in files]
        assert facts["parts"][0]["xxh3"] == xxhash.xxh3_64_hexdigest(files[0].read_bytes())


WORDS = {"STRING": "STRING", "DECIMAL": "DECIMAL", "TIMESTAMP": "TIMESTAMP", "DATE": "DATE", "INT": "INT", "NONE": ""}


def test_manifest_tells_the_parquet_types(full):
    """As pyarrow reads them from the file; a CSV file has none."""
    for export, files in full.files.items():
        run_id = full.summary(export)["run_id"]
        facts = json.loads(next((full.output / "_rivet" / export).glob(f"{run_id}_*.json")).read_text())["schema"]
        if files[0].suffix != ".parquet":
            assert not any("parquet_type" in fact for fact in facts)
            continue
        schema = pyarrow.parquet.ParquetFile(files[0]).schema
        assert [fact["name"] for fact in facts] == schema.names
        for number, fact in enumerate(facts):
            column = schema.column(number)
            assert re.match(rf"{column.physical_type}\b", fact["parquet_type"]), fact
            assert WORDS[column.logical_type.type] in fact["parquet_type"], fact


def test_an_unchanged_table_gives_the_same_bytes(work, postgres):
    query = USERS + " order by id"
    work.write({"name": "same", "query": query})
    work.run()
    work.run()
    one, two = work.files("same")
    assert one.read_bytes() == two.read_bytes()


def test_history_commands(work, postgres):
    work.write({"name": "users", "query": USERS})
    run = work.run("--validate")
    files = support.rivet("state", "files", "--config", work.config, "--json", check=0)
    (row,) = json.loads(files.out)
    (path,) = work.files("users")
    assert (row["file"], row["bytes"], row["run_id"]) == (path.name, path.stat().st_size, run.summary("users")["run_id"])
    (metric,) = json.loads(support.rivet("metrics", "-c", work.config, "--json", check=0).out)
    assert (metric["status"], metric["rows"], metric["validated"]) == ("success", row["rows"], True)
    table = support.rivet("metrics", f"--config={work.config}", "--last", "5", check=0).out
    assert table.startswith("EXPORT") and "users" in table


def test_history_commands_never_create_the_database(work):
    work.write({"name": "users", "query": USERS})
    for command in (("state", "show"), ("state", "files"), ("metrics",)):
        run = support.rivet(*command, "--config", work.config, check=0)
        assert len(run.out.splitlines()) == 1
    assert not work.state.exists()
