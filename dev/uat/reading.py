"""Reads what rivet wrote, with DuckDB and pyarrow, and compares it with the database.

Large tables are compared by a profile: for each column the number of values and a sum over all of
them (of numbers, of lengths, of microseconds). Small ones row by row, as multisets.
"""

import datetime
import decimal
import sys

import duckdb
import pyarrow.parquet

from uat import world

sys.path.insert(0, str(world.ROOT / "tests/live"))
import support  # noqa: E402 - the helpers of the live tests: CSV by the book, multisets

csv_records, parquet_rows, assert_same_rows = support.csv_records, support.parquet_rows, support.assert_same_rows

# n number, t text, b truth value, d moment
USERS = dict(id="n", name="t", email="t", age="n", balance="n", is_active="b", bio="t", created_at="d", updated_at="d")
ORDERS = dict(id="n", user_id="n", product="t", quantity="n", price="n", status="t", notes="t", ordered_at="d", updated_at="d")
EVENTS = dict(id="n", user_id="n", event_type="t", payload="t", ip_address="t", created_at="d")
CONTENT = dict(id="n", title="t", body="t", raw_html="t", tags="t", author_name="t", category="t", status="t", created_at="d")

SUMS = {
    "postgres": {"n": "sum({0})", "t": "sum(char_length({0}))", "b": "sum({0}::int)",
                 "d": "sum((extract(epoch from {0}) * 1000000)::bigint)"},
    "mysql": {"n": "sum({0})", "t": "sum(char_length({0}))", "b": "sum({0})",
              "d": "sum(timestampdiff(microsecond, '1970-01-01', {0}))"},
    "duckdb": {"n": "sum({0}::decimal(24,4))", "t": "sum(length({0}))", "b": "sum({0}::boolean::int)",
               "d": "sum(epoch_us({0}::timestamp))"},
}


def profile_sql(dialect, columns, relation):
    cells = [f"count({name}), {SUMS[dialect][kind].format(name)}" for name, kind in columns.items()]
    return f"select count(*), count(distinct id), {', '.join(cells)} from {relation}"


def number(cell):
    return None if cell is None else decimal.Decimal(str(cell)).normalize()


def plain(value):
    return "nothing" if value is None else format(value, "f")


def relation(paths):
    names = ", ".join(f"'{path}'" for path in paths)
    if all(path.suffix == ".parquet" for path in paths):
        return f"read_parquet([{names}])"
    return (f"read_csv([{names}], header = true, all_varchar = true, delim = ',', quote = '\"', escape = '\"', "
            "allow_quoted_nulls = false, strict_mode = true)")


def duck(sql):
    with duckdb.connect() as connection:
        connection.execute("set threads = 2")
        return connection.execute(sql).fetchall()


def assert_profile(paths, source, table, columns, text=None):
    """Files hold the rows of the table, column by column; returns how many."""
    assert paths, f"no file with the rows of {table}"
    query = table
    if text:  # a column the export casts to text
        query = f"(select {', '.join(f'{name}::text as {name}' if name == text else name for name in columns)} from {table}) as q"
    want = [number(cell) for cell in source.query(profile_sql(source.name, columns, query))[0]]
    got = [number(cell) for cell in duck(profile_sql("duckdb", columns, relation(paths)))[0]]
    labels = ["rows", "distinct ids"] + [f"{what} of {name}" for name in columns for what in ("values", "sum")]
    differences = [f"{label} {plain(have)} instead of {plain(wanted)}" for label, have, wanted in zip(labels, got, want) if have != wanted]
    assert not differences, f"{table}: {'; '.join(differences[:4])}"
    return int(got[0])


def csv_rows(path):
    """(header, records) by a parser of RFC 4180."""
    header, *records = csv_records(path.read_text())
    return header, records


def csv_cell(value):
    """A cell as rivet documents it in CSV."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.datetime):
        return value.isoformat(timespec="microseconds")
    return str(value)


def as_csv(rows):
    return [tuple(csv_cell(cell) for cell in row) for row in rows]


def metadata(path):
    return pyarrow.parquet.ParquetFile(path).metadata


def codecs(path):
    facts = metadata(path)
    return {facts.row_group(group).column(column).compression
            for group in range(facts.num_row_groups) for column in range(facts.num_columns)}


def parquet_count(paths):
    return sum(metadata(path).num_rows for path in paths)


def distinct_ids(paths):
    """(rows, distinct ids, lowest, highest) over all files, by DuckDB."""
    return duck(f"select count(*), count(distinct id), min(id::bigint), max(id::bigint) from {relation(paths)}")[0]


def assert_ids(paths, rows):
    found = distinct_ids(paths)
    assert found[:2] == (rows, rows), f"{found[0]} rows with {found[1]} distinct ids, expected {rows}"
