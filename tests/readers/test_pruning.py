"""Bounds only ever skip rows that cannot match.

Bounds are compared with the values themselves, and readers that prune by them with readers that look
at every value: DuckDB with filters pushed into the file and on a table in memory, pyarrow's data
sets likewise. parquet-java does the same for the page index in test_reader_matrix.py."""

import decimal
import math
import random
import struct

import duckdb
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from reader_matrix import FLOAT_FORMATS

BOUND_BYTES = 64
PREDICATES = 1500
UNBOUND = {  # columns that must have no bounds although they have values, and why
    "edge_double_nan": "NaN", "edge_double_some_nan": "NaN", "edge_float_some_nan": "NaN",
    "edge_text_last": "no text of 64 bytes above it", "edge_binary_last": "no bytes above it",
}


def leaf_values(column, first, count):
    """The leaf's values in the rows of a row group; a null or empty list counts as one NULL."""
    for value in column.values[first:first + count]:
        if not column.is_list:
            yield value
        elif not value:
            yield None
        else:
            yield from value


def sortable(text, column):
    """A value as a key of the column order; None for NaN."""
    if column.kind in FLOAT_FORMATS:
        number = struct.unpack(FLOAT_FORMATS[column.kind], bytes.fromhex(text))[0]
        return None if math.isnan(number) else number
    if column.kind in ("text", "json", "binary", "uuid"):
        return bytes.fromhex(text)
    return int(text)


def bound_key(raw, column, chunk):
    """A bound of pyarrow's, which gives the physical value, as the same key."""
    if column.kind in ("text", "json", "binary"):
        return raw
    if column.kind == "decimal" and isinstance(raw, bytes):
        return int.from_bytes(raw, "big", signed=True)
    if column.kind.startswith("uint") and raw < 0:
        return raw + (1 << (32 if chunk.physical_type == "INT32" else 64))
    return raw


def row_groups(case):
    """(its number, row group, its first row, its columns as (column chunk, Column))"""
    metadata = pq.ParquetFile(case.path).metadata
    first = 0
    for g in range(metadata.num_row_groups):
        group = metadata.row_group(g)
        yield g, group, first, [(group.column(i), column) for i, column in enumerate(case.columns)]
        first += group.num_rows


def duckdb_facts(connection, case):
    """What pyarrow does not tell, by row group and leaf."""
    names = "min_is_exact", "max_is_exact", "stats_nan_count"
    rows = connection.execute("SELECT row_group_id, column_id, %s FROM parquet_metadata('%s')" % (
        ", ".join(names), case.path)).fetchall()
    return {row[:2]: dict(zip(names, row[2:])) for row in rows}


def check_chunk(chunk, column, values, flags):
    statistics = chunk.statistics
    present = [sortable(value, column) for value in values if value is not None]
    assert statistics.has_null_count and statistics.null_count == len(values) - len(present)
    has_nan = None in present
    if column.kind in FLOAT_FORMATS:
        assert flags["stats_nan_count"] == present.count(None)
    if column.kind == "uuid" or column.name in UNBOUND or has_nan or not present:
        assert not statistics.has_min_max, "bounds of %s" % (UNBOUND.get(column.name) or "NaN, uuid or NULL only")
        return 0
    if not statistics.has_min_max:  # only text or bytes above which nothing short lies
        assert column.kind == "binary" and max(present)[:BOUND_BYTES] == b"\xFF" * BOUND_BYTES
        return 0
    low, high = (bound_key(raw, column, chunk) for raw in (statistics.min_raw, statistics.max_raw))
    assert low <= min(present) and max(present) <= high
    if column.kind not in ("text", "json", "binary"):
        assert low == min(present) and high == max(present)
        if column.kind in FLOAT_FORMATS and low == 0:
            assert math.copysign(1, low) == -1
        if column.kind in FLOAT_FORMATS and high == 0:
            assert math.copysign(1, high) == 1
        return 1
    assert len(low) <= BOUND_BYTES and len(high) <= BOUND_BYTES
    for bound, exact, name in ((low, min(present), "min_is_exact"), (high, max(present), "max_is_exact")):
        assert flags[name] == (bound == exact), name
        if column.kind != "binary":
            bound.decode()  # a bound of text is text
    return 1


def test_bounds_hold_the_values(matrix):
    """…of every chunk of every file, and are as tight as the format allows."""
    connection = duckdb.connect(config={"threads": 1})
    checked = 0
    seen = set()
    for case in matrix.cut + [case for case in matrix.cases if "none" in case.name]:
        facts = duckdb_facts(connection, case)
        for g, group, first, columns in row_groups(case):
            for i, (chunk, column) in enumerate(columns):
                values = list(leaf_values(column, first, group.num_rows))
                try:
                    checked += check_chunk(chunk, column, values, facts[g, i])
                except AssertionError as error:
                    raise AssertionError("%s, %s, row %d on: %s" % (case, column.name, first, error)) from error
                seen.add(column.name)
    assert set(UNBOUND) <= seen
    assert checked > 800




def random_predicate(column, values, rng):
    """(SQL, parameters) over one column."""
    name = '"%s"' % column.name
    if not values or rng.random() < 0.05:
        return "%s IS %sNULL" % (name, rng.choice(("", "NOT "))), []
    shape = rng.choice(("compare", "compare", "compare", "between", "in", "or"))
    if shape == "compare":
        return "%s %s ?" % (name, rng.choice(("=", "<>", "<", "<=", ">", ">="))), [rng.choice(values)]
    if shape == "between":
        return "%s BETWEEN ? AND ?" % name, [rng.choice(values), rng.choice(values)]
    if shape == "in":
        chosen = [rng.choice(values) for _ in range(rng.randint(1, 4))]
        return "%s IN (%s)" % (name, ", ".join("?" * len(chosen))), chosen
    return "(%s < ? OR %s IS NULL)" % (name, name), [rng.choice(values)]


SPECIALS = {"float": (math.nan, math.inf, -math.inf, 0.0, -0.0), "double": (math.nan, math.inf, -math.inf, 0.0, -0.0),
            "text": ("", "\U0010FFFF" * 20, "zzz"), "int32": (-2**31, 2**31 - 1), "int64": (-2**63, 2**63 - 1),
            "uint64": (0, 2**64 - 1), "decimal": (decimal.Decimal(0),)}


@pytest.mark.parametrize("profile", [0, 1], ids=["compat", "modern"])
def test_duckdb_keeps_every_matching_row(matrix, readers, profile):
    case = matrix.cut[profile]
    rng = random.Random(20260801 + profile)
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("CREATE TABLE t AS FROM read_parquet('%s')" % case.path)
    columns = [column for column in case.columns if not column.is_list]
    values = {}
    for column in columns:
        # Moments as DuckDB's own text: Python's have other limits.
        cast = column.kind in ("date", "timestamp", "timestamptz", "uuid", "time")
        name = '"%s"' % column.name
        rows = connection.execute("SELECT DISTINCT %s FROM t WHERE %s IS NOT NULL ORDER BY 1 LIMIT 3000" % (
            ("CAST(%s AS VARCHAR)" if cast else "%s") % name, name)).fetchall()
        some = [row[0] for row in rows]
        values[column.name] = rng.sample(some, min(len(some), 12)) + list(SPECIALS.get(column.kind, ()))
    matched = 0
    for _ in range(PREDICATES):
        parts = [random_predicate(column, values[column.name], rng) for column in rng.sample(columns, rng.choice((1, 1, 2)))]
        where = rng.choice((" AND ", " OR ")).join(part[0] for part in parts)
        arguments = [argument for part in parts for argument in part[1]]
        pushed, plain = (connection.execute(
            'SELECT count(*), coalesce(bit_xor("_rivet_row_hash"), 0) FROM %s WHERE %s' % (source, where),
            arguments).fetchone() for source in ("read_parquet('%s')" % case.path, "t"))
        assert pushed == plain, (where, arguments)
        matched += plain[0]
    readers.saw("DuckDB filters " + case.name, "%d random predicates agree, %d rows matched" % (PREDICATES, matched))


@pytest.mark.parametrize("profile", [0, 1], ids=["compat", "modern"])
def test_pyarrow_keeps_every_matching_row(matrix, profile):
    """Data sets skip row groups by their bounds."""
    case = matrix.cut[profile]
    rng = random.Random(7 + profile)
    dataset = ds.dataset(case.path)
    for column in case.columns:
        if column.is_list or column.kind in ("uuid", "json"):
            continue
        table = pq.read_table(case.path, columns=[column.name])
        array = table.column(column.name).drop_null()
        field = ds.field(column.name)
        for _ in range(2):
            value = array[rng.randrange(len(array))]
            for condition in (field == value, field < value, field >= value, field != value, field.is_null()):
                pruned = dataset.count_rows(filter=condition)
                assert pruned == table.filter(condition).num_rows, (column.name, str(condition))
