"""Every reader of spec parquet §5.1 that runs here reads every file of the matrix: all types, NULL
at 0, 30 and 100 %, all codecs, both profiles, lists, and files of many row groups and pages. What it
reads is what went in (reader_matrix.py). Spark needs 400 MB and runs with RIVET_TEST_SPARK=1."""

import json
import math
import os
import struct

import duckdb
import fastparquet
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import foreign
from reader_matrix import FLOAT_FORMATS, Column, comparable, first_difference, map_values


def assert_equal(case, column, got):
    want = column.arrow
    assert got.type.equals(want.type) or pa.types.is_list(want.type), "%s %s: read as %s" % (
        case, column.name, got.type)
    if got.equals(want):
        return
    for row, (a, b) in enumerate(zip(want.to_pylist(), got.to_pylist())):
        assert a == b, "%s %s row %d: %.80r instead of %.80r" % (case, column.name, row, b, a)
    raise AssertionError("%s %s: %d rows instead of %d" % (case, column.name, len(got), len(want)))


def count_cells(cases):
    return "%d files, %.1f million cells" % (
        len(cases), sum(len(column.values) for case in cases for column in case.columns) / 1e6)


def test_the_files_hold_what_the_matrix_promises(matrix):
    for case in matrix.cut:
        metadata = pq.ParquetFile(case.path).metadata
        assert metadata.num_row_groups >= 2
        groups = [metadata.row_group(i) for i in range(metadata.num_row_groups)]
        path = [column.name for column in case.columns].index("edge_text_fall_back")
        leaves = {groups[0].column(i).path_in_schema.split(".")[0]: i for i in range(groups[0].num_columns)}
        encodings = {e for group in groups for e in group.column(leaves[case.columns[path].name]).encodings}
        assert "RLE_DICTIONARY" in encodings
    modern = pq.ParquetFile(matrix.cut[1].path).metadata.row_group(0)
    seen = {e for i in range(modern.num_columns) for e in modern.column(i).encodings}
    assert {"DELTA_BINARY_PACKED", "DELTA_LENGTH_BYTE_ARRAY", "RLE_DICTIONARY", "RLE", "PLAIN"} <= seen
    lists = [column for column in matrix.cases[2 * 5].columns if column.is_list]
    assert lists and all(None in column.values and [] in column.values for column in lists)
    assert all(any(value and None in value for value in column.values) for column in lists)


def test_pyarrow(matrix, readers):
    for case in matrix.cases:
        table = pq.read_table(case.path, page_checksum_verification=True)
        assert table.column_names == [column.name for column in case.columns]
        for column in case.columns:
            assert_equal(case, column, comparable(table.column(column.name), column))
    readers.saw("pyarrow", "%s: %s" % (pa.__version__, count_cells(matrix.cases)))


def duckdb_select(column):
    """JSON and uuids as text; the rest comes over Arrow as it is."""
    name = '"%s"' % column.name
    if column.kind not in ("json", "uuid"):
        return name
    if column.is_list:
        return "list_transform(%s, lambda x: CAST(x AS VARCHAR)) AS %s" % (name, name)
    return "CAST(%s AS VARCHAR) AS %s" % (name, name)


def uuid_bytes(array):
    values = map_values(array.to_pylist(), lambda text: bytes.fromhex(text.replace("-", "")))
    return pa.array(values, pa.list_(pa.binary()) if pa.types.is_list(array.type) else pa.binary())


def test_duckdb(matrix, readers):
    connection = duckdb.connect(config={"threads": 1})
    for case in matrix.cases:
        table = connection.sql("SELECT %s FROM read_parquet('%s')" % (
            ", ".join(map(duckdb_select, case.columns)), case.path)).to_arrow_table()
        for column in case.columns:
            got = table.column(column.name).combine_chunks()
            assert_equal(case, column, uuid_bytes(got) if column.kind == "uuid" else comparable(got, column))
    readers.saw("DuckDB", "%s: %s" % (duckdb.__version__, count_cells(matrix.cases)))


def is_close(a, b):
    """Decimals that a reader made doubles: a few roundings more than ours."""
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(is_close, a, b))
    return a == b or (isinstance(a, float) and isinstance(b, (int, float)) and math.isclose(a, b, rel_tol=1e-14))


def check_programs_columns(command, cases):
    """Compares what a program printed about every file, column by column."""
    seen = {str(case.path): {} for case in cases}
    for facts in foreign.run_json(command, *(case.path for case in cases)):
        assert "error" not in facts, facts
        seen[facts["file"]][facts["column"]] = facts
    for case in cases:
        facts = seen[str(case.path)]
        assert list(facts) == [column.name for column in case.columns], case
        for column in case.columns:
            check_column(command, case, column, facts[column.name])


def check_column(command, case, column, facts):
    assert facts["rows"] == len(column.values), (case, column.name)
    if "numbers" in facts:
        want = map_values(column.values, lambda digits: int(digits) / 10**column.scale)
        for row, (a, b) in enumerate(zip(want, facts["numbers"])):
            assert is_close(a, b), (case, column.name, row, a, b)
    elif facts["digest"] != column.digest:
        lines = foreign.run(command, "--column", column.name, case.path).splitlines()
        raise AssertionError("%s %s: %s" % (case, column.name, first_difference(column, lines)))


@pytest.fixture
def program(readers):
    def find(name, make, *arguments):
        try:
            return make(*arguments)
        except foreign.Missing as missing:
            return readers.skip(name, str(missing))

    return find


def test_hyparquet(matrix, readers, program):
    command = program("hyparquet", foreign.node_command, "hyparquet_reader.mjs")
    check_programs_columns(command, matrix.cases)
    readers.saw("hyparquet", "1.33.0: %s" % count_cells(matrix.cases))


def test_arrow_rs(matrix, readers, program):
    command = program("arrow-rs", foreign.node_command, "arrow_rs_reader.mjs")
    check_programs_columns(command, matrix.cases)
    readers.saw("arrow-rs", "parquet-wasm 0.8.0: %s" % count_cells(matrix.cases))


def test_parquet_java(matrix, readers, program):
    command = program("parquet-java", foreign.java_command)
    check_programs_columns(command, matrix.cases)
    readers.saw("parquet-java", "1.18.1: %s" % count_cells(matrix.cases))


def test_parquet_java_facts(matrix, readers, program):
    """Statistics, page indexes and filters as parquet-java sees and uses them."""
    command = program("parquet-java", foreign.java_command)
    (case,) = (case for case in matrix.cut if case.is_compat)
    *problems, counts = foreign.run_json(command, "--facts", case.path)
    assert problems == []
    assert counts["page_bounds"] > counts["chunk_bounds"] > 200
    assert counts["mixed_chunks"] > 0
    assert counts["filters"] > 1000 and counts["pruned_rows"] > 100000
    readers.saw("parquet-java facts", "%(chunk_bounds)d chunk and %(page_bounds)d page bounds hold their values, "
                "%(filters)d filters agree" % counts)


NANOSECONDS_A_DAY = 86400 * 10**9


def fastparquet_values(series, column):
    """A pandas series as the values of `fastparquet_want`; None for what pandas takes as missing."""
    missing = series.isna().tolist()
    if column.kind in ("date", "time", "timestamp", "timestamptz"):
        series = series.astype("int64")
    return [None if is_missing else value for is_missing, value in zip(missing, series.tolist())]


def fastparquet_want(column):
    if column.kind in FLOAT_FORMATS:  # pandas takes NaN as missing
        return [None if line in ("~", "nan") else struct.unpack(FLOAT_FORMATS[column.kind], bytes.fromhex(line))[0]
                for line in column.lines]
    if column.kind == "decimal":
        return map_values(column.values, lambda digits: int(digits) / 10**column.scale)
    if column.kind == "date":  # nanoseconds there, which wrap outside of 1677 … 2262
        return map_values(column.values, lambda days: (int(days) * NANOSECONDS_A_DAY + 2**63) % 2**64 - 2**63)
    if column.kind == "json":
        return map_values(column.values, lambda text: json.loads(bytes.fromhex(text)))
    if column.kind == "text":
        return map_values(column.values, lambda text: bytes.fromhex(text).decode())
    if column.kind == "uuid":  # numpy's fixed bytes lose zeros at the end
        return map_values(column.values, lambda text: bytes.fromhex(text).rstrip(b"\0"))
    if column.kind == "binary":
        return map_values(column.values, bytes.fromhex)
    return map_values(column.values, int)


def mixed_columns(case):
    """Columns with a chunk whose dictionary was given up half-way."""
    rows = duckdb.sql("SELECT path_in_schema, encoding_stats FROM parquet_metadata('%s')" % case.path).fetchall()
    return {path for path, stats in rows
            if len({stat["encoding"] for stat in stats if stat["page_type"] == "DATA_PAGE"}) > 1}


def test_fastparquet(matrix, readers):
    """Only `compat`, only flat columns; decimals are doubles there. In a chunk with dictionary and
    PLAIN pages fastparquet loses values, of pyarrow's files as of ours: those are left out."""
    left_out = 0
    cases = [case for case in matrix.cases if case.is_compat]
    columns = [column for column in cases[0].columns if not column.is_list]
    for case in cases:
        frame = fastparquet.ParquetFile(str(case.path)).to_pandas(columns=[column.name for column in columns])
        mixed = mixed_columns(case)
        left_out += len(mixed)
        for column in case.columns:
            if column.is_list or column.name in mixed:
                continue
            want = fastparquet_want(column)
            got = fastparquet_values(frame[column.name], column)
            assert len(got) == len(want)
            if column.kind == "decimal":
                assert all(map(is_close, want, got)), (case, column.name)
            elif column.kind in FLOAT_FORMATS:
                assert list(map(repr, want)) == list(map(repr, got)), (case, column.name)  # -0.0 is not 0.0
            else:
                assert want == got, (case, column.name)
    assert left_out < len(cases) * len(columns) // 10
    readers.saw("fastparquet", "%s: %d files of profile compat, %d flat columns; %d mixed chunks left out" % (
        fastparquet.__version__, len(cases), len(columns), left_out))


def test_spark(matrix, readers):
    """Files of portable types only: Spark refuses a whole file for a UUID column."""
    if os.environ.get("RIVET_TEST_SPARK") != "1":
        readers.skip("Spark", "450 MB to install; set RIVET_TEST_SPARK=1 to run it", is_expected=True)
    try:
        command = [foreign.spark_python(), str(foreign.HERE / "spark_reader.py")]
    except foreign.Missing as missing:
        readers.skip("Spark", str(missing))
    cases = matrix.portable()
    check_programs_columns([*command, "true"], cases)
    check_programs_columns([*command, "false"], cases[-2:])  # Spark's other reader, row by row
    readers.saw("Spark", "%s: %s" % (foreign.SPARK, count_cells(cases)))


def test_a_wrong_value_is_found(matrix):
    """The comparison itself: a changed cell, a lost row and a changed NULL make each form differ."""
    case = matrix.cases[0]
    for column in case.columns:
        facts = {"name": column.name, "kind": column.kind, "scale": column.scale, "precision": column.precision,
                 "is_list": column.is_list}
        for values in ([None, *column.values[1:]], column.values[:-1]):
            other = Column({**facts, "values": values})
            assert other.digest != column.digest
            assert not other.arrow.equals(column.arrow)
