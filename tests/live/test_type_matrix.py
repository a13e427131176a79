"""Every PostgreSQL type with its extremes, by COPY and by cursor, in Parquet (portable, native) and CSV.

One run writes everything; each test compares one column with what the server itself says.
"""

import functools
import json

import pytest

import support
import type_database
import type_random
import type_reading
import type_shapes
from type_reading import FETCHES, FORMATS

CASES = type_database.EVERY_CASE
LISTS = type_database.LIST_CASES


def variants(cases):
    return [pytest.param(case, form, fetch, id=f"{case.name}-{form}-{fetch}")
            for case in cases for form in FORMATS for fetch in FETCHES if form in case.formats]


@pytest.fixture(scope="module")
def database():
    with type_reading.fresh_database() as url:
        yield type_database.TypeDatabase(url)


class Matrix:
    """The files of one run over both tables."""

    def __init__(self, work, database):
        exports = [self.export(database, table, form, fetch)
                   for table in ("scalars", "lists") for form in FORMATS for fetch in FETCHES]
        work.write(*exports, source={"url": database.url})
        work.run(timeout=120)
        self.paths = {export["name"]: type_reading.only_file(work, export["name"]) for export in exports}

    @staticmethod
    def export(database, table, form, fetch):
        cases = [case for case in database.cases(form) if table == "scalars" or case.lists]
        columns = ", ".join(f'"{case.name}"' for case in cases)
        return type_reading.as_export(f"{table}-{form}-{fetch}", f"select n, {columns} from {table} order by n", form, fetch)

    @functools.cache
    def columns(self, table, form, fetch):
        read = type_reading.csv_columns if form == "csv" else type_reading.parquet_columns
        columns = read(self.paths[f"{table}-{form}-{fetch}"])
        assert list(map(int, columns["n"])) == list(range(len(columns["n"]))), "the order of the rows"
        return columns

    @functools.cache
    def annotations(self, table, form):
        return type_reading.annotations(self.paths[f"{table}-{form}-copy"])


@pytest.fixture(scope="module")
def matrix(database, tmp_path_factory):
    return Matrix(support.Work(tmp_path_factory.mktemp("matrix")), database)


def skip_missing(database, case):
    if case.name in database.missing:
        pytest.skip(f"this server has no {case.sql}")


def brief(cell):
    text = repr(cell)
    return text if len(text) < 200 else f"{text[:120]}… ({len(text)})"


def assert_cell(case, form, got, server, where):
    """got is a raw Parquet cell, or the text of a CSV cell."""
    if server is None or got is None or form == "csv":
        want = None if server is None else case.csv_or_cell(form, server)
        same = got == want
    else:
        same = case.shape(form).same(got, server)
    assert same, f"{case.name} {where}: got {brief(got)} for {brief(server.text if server else None)}"


@pytest.mark.parametrize("case, form, fetch", variants(CASES))
def test_scalars(matrix, database, case, form, fetch):
    skip_missing(database, case)
    got, want = matrix.columns("scalars", form, fetch)[case.name], database.scalar(case)
    assert len(got) == len(want) > len(case.values) and want[len(case.values)] is None
    assert None not in want[:len(case.values)]
    for n, server in enumerate(want):
        assert_cell(case, form, got[n], server, f"row {n}")


def csv_list(text):
    """A JSON array with its numbers as ("bare", text)."""
    def bare(number):
        return ("bare", number)

    def refuse(word):
        raise AssertionError(f"{word} is no JSON")

    return None if text is None else json.loads(text, parse_int=bare, parse_float=bare, parse_constant=refuse)


def csv_element(case, server):
    text = case.csv(server)
    if not case.bare or text in ("NaN", "inf", "-inf"):
        return text
    return text == "true" if case.sql == "bool" else ("bare", text)


def assert_csv_list(case, got, want, where):
    got = csv_list(got)
    want = None if want is None else [None if server is None else csv_element(case, server) for server in want]
    assert got == want, f"{case.name} {where}"


@pytest.mark.parametrize("case, form, fetch", variants(LISTS))
def test_lists(matrix, database, case, form, fetch):
    skip_missing(database, case)
    got, want = matrix.columns("lists", form, fetch)[case.name], database.lists(case)
    assert len(got) == len(want)
    for row, cell, elements in zip(type_database.LIST_ROWS, got, want):
        if form == "csv":
            assert_csv_list(case, cell, elements, row)
        elif cell is None or elements is None:
            assert cell is elements is None, f"{case.name} {row}: {brief(cell)}"
        else:
            assert len(cell) == len(elements), f"{case.name} {row}"
            for n, server in enumerate(elements):
                assert_cell(case, form, cell[n], server, f"{row}, element {n}")


def in_parquet(cases):
    return [pytest.param(case, form, id=f"{case.name}-{form}")
            for case in cases for form in ("portable", "native") if form in case.formats]


@pytest.mark.parametrize("case, form", in_parquet(CASES))
def test_parquet_types(matrix, database, case, form):
    """Physical type, annotation, OPTIONAL."""
    skip_missing(database, case)
    assert matrix.annotations("scalars", form)[case.name] == (case.shape(form).annotation, 1, 0)


@pytest.mark.parametrize("case, form", in_parquet(LISTS))
def test_parquet_list_types(matrix, database, case, form):
    """Three levels named list and element, both list and element OPTIONAL."""
    skip_missing(database, case)
    path = f"{case.name}.list.element"
    assert matrix.annotations("lists", form)[path] == (case.shape(form).annotation, 3, 1)


@pytest.mark.parametrize("form", ["portable", "native"])
def test_duckdb_reads_the_same(matrix, database, form):
    cases = [case for case in database.cases(form) if case.in_duckdb]
    path = matrix.paths[f"scalars-{form}-copy"]
    columns = type_reading.duckdb_columns(path, [case.name for case in cases], matrix.annotations("scalars", form))
    for case in cases:
        for n, server in enumerate(database.scalar(case)):
            got = type_shapes.duckdb_form(case.shape(form), columns[case.name][n])
            assert_cell(case, form, got, server, f"row {n}")


@pytest.mark.parametrize("table", ["scalars", "lists"])
@pytest.mark.parametrize("form", FORMATS)
def test_copy_and_cursor_write_the_same_bytes(matrix, table, form):
    one, two = (matrix.paths[f"{table}-{form}-{fetch}"].read_bytes() for fetch in FETCHES)
    assert one == two


@pytest.fixture(scope="module")
def random_values(database, tmp_path_factory):
    """{(form, fetch): columns}"""
    type_random.create(database.connection)
    work = support.Work(tmp_path_factory.mktemp("random"))
    work.write(*(type_reading.as_export(f"{form}-{fetch}", "select * from random_values order by n", form, fetch, tuning={"batch_size": 999})
                 for form in FORMATS for fetch in FETCHES), source={"url": database.url})
    work.run()
    read = {form: type_reading.csv_columns if form == "csv" else type_reading.parquet_columns for form in FORMATS}
    return {(form, fetch): read[form](type_reading.only_file(work, f"{form}-{fetch}")) for form in FORMATS for fetch in FETCHES}


@pytest.mark.parametrize("case", type_random.CASES, ids=lambda case: case.name)
def test_random_values(database, random_values, case):
    truth = type_reading.server_values(database.connection, case.name, case.send, "random_values")
    assert len(truth) == type_random.ROWS and truth.count(None) < type_random.ROWS / 5
    for (form, fetch), columns in random_values.items():
        for n, (got, server) in enumerate(zip(columns[case.name], truth, strict=True)):
            assert_cell(case, form, got, server, f"{form} {fetch} row {n}")


def test_row_hash_is_the_same_in_every_form(database, work):
    """Types, format and fetch are representation; the hash is over values."""
    columns = ", ".join(f'"{case.name}"' for case in database.cases() if len(case.formats) == 3)
    exports = [type_reading.as_export(f"hash-{form}-{fetch}", f"select {columns} from scalars order by n", form, fetch,
                                      meta_columns={"row_hash": True}) for form in FORMATS for fetch in FETCHES]
    work.write(*exports, source={"url": database.url})
    work.run()
    hashes = []
    for export in exports:
        path = type_reading.only_file(work, export["name"])
        read = type_reading.csv_columns if export["format"] == "csv" else type_reading.parquet_columns
        hashes.append(list(map(int, read(path)["_rivet_row_hash"])))
    assert all(one == hashes[0] for one in hashes)
    rows = database.connection.execute("select count(*) from scalars").fetchone()[0]
    assert len(hashes[0]) == rows and len(set(hashes[0])) > 10
