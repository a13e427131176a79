import duckdb
import pytest

from parquet_values import MATRIX, assert_equal_columns, canonical


def select(column):
    """Instants as integers: Python's datetime has its own ideas about zones and extremes."""
    name = f'"{column["name"]}"'
    kind = column["kind"]
    convert = {
        "timestamp": "epoch_us({})",
        "timestamptz": "epoch_us({})",
        "date": "date_diff('day', DATE '1970-01-01', {})",
        "json": "CAST({} AS VARCHAR)",
    }.get(kind, "{}")
    if column["is_list"] and convert != "{}":
        return f"list_transform({name}, lambda x: {convert.format('x')})"
    return convert.format(name)


def duckdb_values(connection, path, column):
    rows = connection.execute(f"SELECT {select(column)} FROM read_parquet('{path}')").fetchall()
    shown = dict(column)
    if column["kind"] in ("timestamp", "timestamptz", "date"):
        shown["kind"] = "int64"
    return [canonical(row[0], shown) for row in rows]


@pytest.fixture(scope="module")
def connection():
    return duckdb.connect(config={"threads": 1})


@pytest.mark.parametrize("nulls, codec, profile", MATRIX)
def test_values(write, connection, nulls, codec, profile):
    written = write(4000, nulls=nulls, codec=codec, profile=profile)
    for column in written.columns:
        assert_equal_columns(
            column["name"],
            column["values"],
            duckdb_values(connection, written.path, column),
            column["kind"],
        )


def predicates(column):
    """Conditions around values that are there and values that are not."""
    name = f'"{column["name"]}"'
    yield f"{name} IS NULL"
    yield f"{name} IS NOT NULL"
    probe = f"(SELECT {name} FROM t WHERE {name} IS NOT NULL ORDER BY rowid LIMIT 1 OFFSET {{}})"
    for offset in (0, 777):
        for operator in ("=", "<>", "<", ">=", ">"):
            yield f"{name} {operator} {probe.format(offset)}"
    if column["kind"] in ("float", "double"):
        for value in ("0", "-0.0", "'NaN'", "'inf'"):
            yield f"{name} = {value}::DOUBLE"
            yield f"{name} > {value}::DOUBLE"


@pytest.mark.parametrize("nulls", [0, 30])
def test_filters_agree(write, connection, nulls):
    """The same rows whether filters look at our bounds or at every value."""
    written = write(70000, nulls=nulls, lists=False, codec="snappy")
    connection.execute(f"CREATE OR REPLACE TABLE t AS FROM read_parquet('{written.path}')")
    for column in written.columns:
        for predicate in predicates(column):
            if "SELECT" in predicate:
                # A constant, so that it can be pushed down.
                probe = predicate[predicate.index("(") :]
                value = connection.execute(f"SELECT {probe}").fetchone()
                if value is None or value[0] is None:
                    continue
                predicate = predicate.replace(probe, "?")
                arguments = [value[0]]
            else:
                arguments = []
            counts = []
            for source in (f"read_parquet('{written.path}')", "t"):
                query = f"SELECT count(*) FROM {source} WHERE {predicate}"
                counts.append(connection.execute(query, arguments).fetchone()[0])
            assert counts[0] == counts[1], f"{column['name']}: {predicate} {arguments}"


def test_blooms(write, connection):
    """No value that is there is excluded, and most that are not there are."""
    written = write(4000, nulls=10, lists=False, bloom=True)
    for column in written.columns:
        if column["kind"] not in ("int32", "int64", "text", "date") or "spread" not in column["name"]:
            continue
        path, name = str(written.path), column["name"]
        present = connection.execute(
            f'SELECT DISTINCT "{name}" FROM read_parquet(?) WHERE "{name}" IS NOT NULL LIMIT 200',
            [path],
        ).fetchall()
        probe = "SELECT bloom_filter_excludes FROM parquet_bloom_probe(?, ?, ?)"
        for (value,) in present:
            rows = connection.execute(probe, [path, name, value]).fetchall()
            assert rows and not any(row[0] for row in rows), f"{name}: {value}"
    excluded = sum(
        connection.execute(probe, [path, "text_spread", f"not there {i}"]).fetchone()[0]
        for i in range(300)
    )
    assert excluded > 270


def test_split_files(write, connection):
    """The files of a split export hold its rows in order."""
    written = write(30000, nulls=10, lists=False, max_size=1_000_000, threads=2)
    assert len(written.paths) > 3
    assert all(path.stat().st_size >= 1_000_000 for path in written.paths[:-1])
    for column in written.columns:
        if "spread" in column["name"]:
            got = [v for path in written.paths for v in duckdb_values(connection, path, column)]
            assert_equal_columns(column["name"], column["values"], got, column["kind"])
