"""Every MySQL type with its extremes, as a stream and in pages, in Parquet (portable, native) and CSV,
from MariaDB and from MySQL. One run per server writes everything; each test compares one column with what
the server itself says.
"""

import functools

import pytest

import mysql_cases
import mysql_support
import support
import type_reading

FORMS = ("portable", "native", "csv")
FETCHES = ("stream", "pages")


class Matrix:
    def __init__(self, server, name, connection, work):
        self.server, self.connection = server, connection
        self.cases = [case for case in mysql_cases.CASES + mysql_cases.charset_cases(server)
                      if case.only in (None, server.name)]
        self.rows = max(len(case.values) for case in self.cases) + 1
        self.create()
        exports = [self.export(form, fetch) for form in FORMS for fetch in FETCHES]
        work.write(*exports, source=server.source(name))
        run = work.run(timeout=120)
        assert "cannot be read in pages" not in run.err
        self.paths = {export["name"]: type_reading.only_file(work, export["name"]) for export in exports}
        self.summaries = {export["name"]: run.summary(export["name"]) for export in exports}

    def create(self):
        columns = ", ".join(f"`{case.name}` {case.sql}" for case in self.cases)
        self.server.execute(f"create table matrix (n int primary key, {columns}) row_format = dynamic", connection=self.connection)
        for n in range(self.rows):  # the last row is NULL everywhere
            names = [case.name for case in self.cases if n < len(case.values)]
            cells = [case.values[n] for case in self.cases if n < len(case.values)]
            self.server.execute(f"insert into matrix (n, {', '.join(f'`{name}`' for name in names)}) values ({n}, {', '.join(cells)})"
                                if names else f"insert into matrix (n) values ({n})", connection=self.connection)

    def export(self, form, fetch):
        columns = ", ".join(f"`{case.name}`" for case in self.cases if form in case.forms)
        return type_reading.as_export(f"{form}-{fetch}", f"select n, {columns} from matrix", form, fetch,
                                      tuning={"batch_size": 5})

    @functools.cache
    def truth(self, name):
        case = next(case for case in self.cases if case.name == name)
        rows = self.server.query(f"select {case.truth.format(f'`{name}`')} from matrix order by n", connection=self.connection)
        return [cell.decode() if isinstance(cell, bytes) else cell for (cell,) in rows]

    @functools.cache
    def columns(self, form, fetch):
        read = type_reading.csv_columns if form == "csv" else type_reading.parquet_columns
        columns = read(self.paths[f"{form}-{fetch}"])
        assert list(map(int, columns["n"])) == list(range(self.rows)), "the order of the rows"
        return columns

    @functools.cache
    def annotations(self, form):
        return type_reading.annotations(self.paths[f"{form}-stream"])


@pytest.fixture(scope="module", params=mysql_support.PORTS)
def matrix(request, tmp_path_factory):
    with mysql_support.open_server(request.param) as server, server.fresh_database() as (name, connection):
        yield Matrix(server, name, connection, support.Work(tmp_path_factory.mktemp("matrix")))


def brief(cell):
    text = repr(cell)
    return text if len(text) < 200 else f"{text[:120]}… ({len(text)})"


def want_cell(case, form, text):
    if text is None:
        return None
    return case.csv(text) if form == "csv" else case.shape(form).cell(text)


def is_same(case, form, got, text):
    if text is None or got is None or form == "csv":
        return got == want_cell(case, form, text)
    return case.shape(form).same(got, text)


@pytest.mark.parametrize("fetch", FETCHES)
@pytest.mark.parametrize("form", FORMS)
def test_values(matrix, form, fetch):
    wrong = []
    for case in matrix.cases:
        if form not in case.forms:
            continue
        got, want = matrix.columns(form, fetch)[case.name], matrix.truth(case.name)
        assert len(got) == len(want) == matrix.rows and want[-1] is None and None not in want[:len(case.values)], case.name
        wrong += [f"{case.name} row {n}: got {brief(cell)} for {brief(text)}"
                  for n, (cell, text) in enumerate(zip(got, want)) if not is_same(case, form, cell, text)]
    assert not wrong, f"{matrix.server.version}\n" + "\n".join(wrong)


@pytest.mark.parametrize("form", ["portable", "native"])
def test_parquet_types(matrix, form):
    """Physical type, annotation, OPTIONAL."""
    got = {name: matrix.annotations(form)[name] for name in matrix.annotations(form) if name != "n"}
    assert got == {case.name: (case.shape(form).annotation, 1, 0) for case in matrix.cases if form in case.forms}


@pytest.mark.parametrize("form", ["portable", "native"])
def test_duckdb_reads_the_same(matrix, form):
    # DuckDB knows no DECIMAL beyond 38 digits (those are text here) and reads JSON's text through its own cast.
    cases = [case for case in matrix.cases if form in case.forms]
    columns = type_reading.duckdb_columns(matrix.paths[f"{form}-stream"], [case.name for case in cases], matrix.annotations(form))
    for case in cases:
        for n, text in enumerate(matrix.truth(case.name)):
            got = columns[case.name][n]
            if isinstance(got, float):
                got = mysql_cases.bits_of("<f" if case.shape(form).annotation == "FLOAT" else "<d")(got)
            assert is_same(case, form, got, text), f"{case.name} row {n}: {brief(got)} for {brief(text)}"


@pytest.mark.parametrize("form", FORMS)
def test_stream_and_pages_write_the_same_bytes(matrix, form):
    one, two = (matrix.paths[f"{form}-{fetch}"].read_bytes() for fetch in FETCHES)
    assert one == two


def test_zero_dates_are_counted(matrix):
    zeros = sum(text is not None and mysql_cases.is_zero_date(text) for case in matrix.cases
                if case.sql.startswith(("date", "timestamp")) for text in matrix.truth(case.name))
    assert zeros > 8
    for name, summary in matrix.summaries.items():
        assert str(zeros) in " ".join(summary.values()), (name, summary)


def test_row_hash_is_the_same_in_every_form(matrix, tmp_path):
    """Types, format and fetch are representation; the hash is over values."""
    work = support.Work(tmp_path)
    columns = ", ".join(f"`{case.name}`" for case in matrix.cases if len(case.forms) == 3)
    exports = [type_reading.as_export(f"hash-{form}-{fetch}", f"select n, {columns} from matrix", form, fetch,
                                      meta_columns={"row_hash": True}) for form in FORMS for fetch in FETCHES]
    work.write(*exports, source=matrix.server.source(matrix.server.query("select database()", connection=matrix.connection)[0][0]))
    work.run()
    hashes = []
    for export in exports:
        path = type_reading.only_file(work, export["name"])
        read = type_reading.csv_columns if export["format"] == "csv" else type_reading.parquet_columns
        hashes.append(list(map(int, read(path)["_rivet_row_hash"])))
    assert all(one == hashes[0] for one in hashes) and len(set(hashes[0])) == matrix.rows
