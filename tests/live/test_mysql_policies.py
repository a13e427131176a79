"""What a column cannot hold: policies, overrides and refusals, on both servers."""

import re

import pytest

import mysql_support
import type_reading

pytestmark = pytest.mark.parametrize("fetch", ["stream", "pages"])


@pytest.fixture(scope="module", params=mysql_support.PORTS)
def database(request):
    """(server, name, connection) with a table per question."""
    with mysql_support.open_server(request.param) as server, server.fresh_database() as (name, connection):
        server.execute(
            "create table dates (n int primary key, d date, dt datetime(6), ts timestamp(6) null)",
            "insert into dates values (1, '2024-02-29', '2024-02-29 12:00:00.5', '2024-02-29 12:00:00.5')",
            "insert into dates values (2, '0000-00-00', '0000-00-00', '0000-00-00'), (3, '2024-00-00', '2024-05-00 01:02:03', null)",
            "create table flags (n int primary key, f tinyint(1), t time(6), b bit(1), u bigint unsigned)",
            "insert into flags values (1, 1, '23:59:59.5', 1, 18446744073709551615), (2, 0, '-838:59:59', 0, 0), (3, null, null, null, null)",
            "create table texts (n int primary key, number varchar(40), moment varchar(40), doc text, raw varbinary(16), d double, f float)",
            "insert into texts values (1, '12.50', '2024-02-29T12:00:00Z', '{\"a\": 1}', x'00112233445566778899aabbccddeeff', 0.5, 0.1)",
            "create table bad_day (n int primary key, d date)", "insert into bad_day values (1, '2023-02-31')",
            connection=connection)
        yield server, name, connection


def export(database, work, query, fetch, form="portable", check=0, source=None, **more):
    server, name, _ = database
    work.write(type_reading.as_export("a", query, form, fetch, **more), source=server.source(name, **(source or {})))
    return work.run(check=check)


def cells(work, form="portable"):
    read = type_reading.csv_columns if form == "csv" else type_reading.parquet_columns
    return read(type_reading.only_file(work, "a"))


def assert_refused(run, column, kind, *words):
    assert re.search(rf'column "{column}" \({re.escape(kind)}\): .*columns: {{ {column}: ', run.err), run.text
    for word in words:
        assert word in run.err, run.text


@pytest.mark.parametrize("column, kind", [("d", "date"), ("dt", "datetime(6)"), ("ts", "timestamp(6)")])
def test_zero_dates_error(database, work, fetch, column, kind):
    run = export(database, work, f"select n, {column} from dates", fetch, zero_dates="error", check=1)
    assert_refused(run, column, kind, "zero or partial date", "zero_dates: null")
    assert work.files() == []


def test_zero_dates_null_is_the_default(database, work, fetch):
    run = export(database, work, "select * from dates", fetch)
    got = cells(work)
    assert [got[c][1] for c in ("d", "dt", "ts")] == [None] * 3 and got["d"][0] is not None
    assert "zero_dates=5" in run.summary("a")["policies"]


def test_zero_dates_as_text(database, work, fetch):
    """The override `text` keeps what no date type can hold."""
    server, _, connection = database
    export(database, work, "select * from dates", fetch, columns={"d": "text", "dt": "text", "ts": "text"}, zero_dates="error")
    want = server.query("select d, dt, ts from dates order by n", connection=connection)
    got = cells(work)
    assert list(zip(got["d"], got["dt"], got["ts"])) == want


def test_a_day_that_does_not_exist(database, work, fetch):
    run = export(database, work, "select * from bad_day", fetch, check=1)
    assert_refused(run, "d", "date", "does not exist")


def test_tinyint1_bool(database, work, fetch):
    export(database, work, "select n, f from flags", fetch, source={"tinyint1": "bool"})
    assert cells(work)["f"] == [True, False, None]


def test_tinyint1_bool_refuses_two(database, work, fetch):
    server, _, connection = database
    server.execute("create table if not exists twos (n int primary key, f tinyint(1))", "replace into twos values (1, 2)",
                   connection=connection)
    run = export(database, work, "select n, f from twos", fetch, source={"tinyint1": "bool"}, check=1)
    assert_refused(run, "f", "tinyint(1)", "neither 0 nor 1")


def test_native_time_outside_a_day(database, work, fetch):
    run = export(database, work, "select n, t from flags", fetch, "native", check=1)
    assert_refused(run, "t", "time(6)", "duration_us")


@pytest.mark.parametrize("form", ["portable", "native", "csv"])
@pytest.mark.parametrize("override, want", [
    ("duration_us", [86399500000, -3020399000000, None]), ("text", ["23:59:59.500000", "-838:59:59", None])])
def test_time_overrides(database, work, fetch, form, override, want):
    export(database, work, "select n, t from flags", fetch, form, columns={"t": override})
    assert cells(work, form)["t"] == [None if w is None else str(w) if form == "csv" else w for w in want]


@pytest.mark.parametrize("table, column, override, want", [
    ("flags", "u", "uint64", [2**64 - 1, 0, None]),
    ("flags", "u", "text", ["18446744073709551615", "0", None]),
    ("flags", "f", "bool", [True, False, None]),
    ("flags", "f", "int64", [1, 0, None]),
    ("flags", "f", "json", ["1", "0", None]),
    ("flags", "b", "int16", [1, 0, None]),
    ("flags", "b", "text", ["true", "false", None]),
    ("flags", "t", "json", ['"23:59:59.500000"', '"-838:59:59"', None]),
    ("dates", "d", "timestamp", [1709164800000000, None, None]),
    ("dates", "dt", "timestamptz", [1709208000500000, None, None]),
    ("dates", "dt", "json", ['"2024-02-29 12:00:00.500000"', '"0000-00-00 00:00:00.000000"', '"2024-05-00 01:02:03.000000"']),
    ("texts", "number", "double", [4623226492472524800]),
    ("texts", "moment", "timestamptz", [1709208000000000]),
    ("texts", "doc", "json", ['{"a": 1}']),
    ("texts", "doc", "binary", [b'{"a": 1}']),
    ("texts", "raw", "uuid", [bytes.fromhex("00112233445566778899aabbccddeeff")]),
    ("texts", "d", "float", [1056964608]),
    ("texts", "f", "double", [4591870180174331904]),
])
def test_overrides(database, work, fetch, table, column, override, want):
    export(database, work, f"select n, {column} from {table}", fetch, columns={column: override})
    assert cells(work)[column] == want


@pytest.mark.parametrize("table, column, override, words", [
    ("flags", "u", "int64", "out of the range"),
    ("texts", "number", "int32", "without a loss"),
    ("texts", "moment", "timestamp", "time zone"),
    ("texts", "moment", "int64", "none of the type"),
    ("texts", "f", "int32", "without a loss"),
    ("texts", "number", "decimal(3,2)", "out of the range"),
    ("dates", "dt", "date", "without a loss"),
])
def test_overrides_refuse_what_does_not_fit(database, work, fetch, table, column, override, words):
    query = f"select n, {column} from {table}" + (" where n = 1" if table == "dates" else "")
    run = export(database, work, query, fetch, columns={column: override}, check=1)
    assert re.search(rf'column "{column}".*{words}', run.err), run.text


@pytest.mark.parametrize("columns, words", [({"nothing": "text"}, 'no column "nothing"'), ({"d": "uuid"}, "can never be kept")])
def test_overrides_that_make_no_sense(database, work, fetch, columns, words):
    run = export(database, work, "select d from dates", fetch, columns=columns, check=1)
    assert words in run.err


@pytest.mark.parametrize("query, words", [
    ("select n, n from dates", 'two columns named "n"'),
    ("select a.n, b.n from dates a join dates b on a.n = b.n", 'two columns named "n"'),
    ("select '' from dates", "has no name"),
    ("select ? from dates", "holds a parameter"),
    ("delete from dates", "returns no columns"),
    ("set @x = 1", "returns no columns"),
    ("select 1 as a; select 2 as b", "more than one statement"),
])
def test_queries_that_are_refused(database, work, fetch, query, words):
    run = export(database, work, query, fetch, check=1)
    assert words in run.err, run.text


@pytest.mark.parametrize("database", ["mariadb"], indirect=True)
def test_invalid_utf8(database, work, fetch):
    """MariaDB encodes a lone surrogate as if it were a character; MySQL hands out no invalid UTF-8."""
    query = "select 1 as n, concat('a', convert(_ucs2 x'D800' using utf8mb4), 'b') as t"
    run = export(database, work, query, fetch, check=1)
    assert_refused(run, "t", "varchar(3)", "not valid UTF-8", "invalid_utf8: replace")
    run = export(database, work, query, fetch, invalid_utf8="replace")
    assert re.fullmatch("a\ufffd+b", cells(work)["t"][0]) and "invalid_utf8=1" in run.summary("a")["policies"]


def test_long_text(database, work, fetch):
    """64 MB in one cell: whole, or refused by the budget."""
    server, name, connection = database
    server.execute("create table if not exists long_texts (n int primary key, t longtext)", connection=connection)
    if not server.query("select 1 from long_texts", connection=connection):
        server.execute("insert into long_texts values (1, repeat('0123456789abcdef', 4194304)), (2, 'short'), (3, repeat('x', 70000))",
                       connection=connection)
    shape = type_reading.as_export("a", "select * from long_texts", "portable", fetch)
    work.write(shape, source=server.source(name), max_memory_mb=512)
    work.run(timeout=120)
    assert cells(work)["t"] == ["0123456789abcdef" * 4194304, "short", "x" * 70000]
    work.write({**shape, "name": "small"}, source=server.source(name), max_memory_mb=48)
    run = work.run(check=1)
    assert 'column "t" (longtext): a cell of 67108864 bytes is larger than the memory budget' in run.err
