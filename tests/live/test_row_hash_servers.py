"""Equal rows have equal hashes, whichever server they come from, and anyone can compute them."""

import datetime
import decimal

import pytest

import row_hash
import servers
import support

D = decimal.Decimal
AT = datetime.datetime

# Columns that both servers hold alike: name, PostgreSQL type, MySQL type, values.
COLUMNS = [
    ("tiny", "smallint", "tinyint", [0, 1, -1, 127, -128, None]),
    ("small", "smallint", "smallint", [0, 32767, -32768, None]),
    ("medium", "integer", "mediumint", [8388607, -8388608, 0, None]),
    ("whole", "integer", "int", [2147483647, -2147483648, 7, None]),
    ("big", "bigint", "bigint", [9223372036854775807, -9223372036854775808, 0, None]),
    ("plain_unsigned", "bigint", "int unsigned", [4294967295, 0, None]),
    ("huge_unsigned", "numeric(20,0)", "bigint unsigned", [D("18446744073709551615"), D(0), None]),
    ("money9", "numeric(9,2)", "decimal(9,2)", [D("1234567.89"), D("-0.01"), D("0.00"), D("10.00"), None]),
    ("money18", "numeric(18,6)", "decimal(18,6)", [D("123456789012.345678"), D("-0.000001"), None]),
    ("money38", "numeric(38,10)", "decimal(38,10)", [D("1234567890123456789012345678.0123456789"), D("-0.0000000001"), None]),
    ("money50", "numeric(50,3)", "decimal(50,3)", [D("12345678901234567890123456789012345678901234567.125"), D("-0.125"), None]),
    ("double_number", "double precision", "double", [0.0, 87.0, 95.5, 0.1, 1e20, 1e-7, -123456.789, 1.7976931348623157e308, 5e-324, 2**53 + 1.0, None]),
    ("single_number", "real", "float", [0.0, 0.5, 87.0, -2.25, 16777216.0, None]),
    ("day", "date", "date", [datetime.date(2024, 2, 29), datetime.date(1000, 1, 1), datetime.date(9999, 12, 31), datetime.date(1969, 12, 31), None]),
    ("moment", "timestamp", "datetime(6)", [AT(2024, 1, 1), AT(1969, 12, 31, 23, 59, 59, 999999), AT(1000, 1, 1, 0, 0, 0, 1), AT(9999, 12, 31, 23, 59, 59, 999999), None]),
    ("moment3", "timestamp(3)", "datetime(3)", [AT(2024, 1, 1, 1, 2, 3, 456000), AT(2024, 1, 1, 1, 2, 3), None]),
    ("instant", "timestamptz", "timestamp(6) null", [AT(2024, 1, 1, tzinfo=datetime.timezone.utc), AT(2037, 12, 31, 23, 59, 59, 123456, tzinfo=datetime.timezone.utc),
                                                     AT(1970, 1, 1, 0, 0, 1, tzinfo=datetime.timezone.utc), None]),
    ("words", "text", "longtext", ["", " ", "it's", "ä", "e\u0301", "🦀", "\n", "\x01", "NULL", "\\N", "x" * 70000, "a\x1fb", "trailing  ", None]),
    ("short_words", "varchar(20)", "varchar(20)", ["", "Straße", "İ", None]),
    ("bytes", "bytea", "longblob", [b"", b"\x00", b"\x00\xff" * 300, b"\\x41", "ä".encode("latin-1"), None]),
]
ROWS = max(len(values) for *_, values in COLUMNS)


def row(number):
    """Values of different lengths of list make rows that differ in more than one way."""
    return [values[number % len(values)] for *_, values in COLUMNS]


def fill(server, table, types):
    server.execute(f"drop table if exists {table}")
    server.execute(f"create table {table} (n int primary key, " + ", ".join(f"{name} {kind}" for (name, *_), kind in zip(COLUMNS, types)) + ")")
    with server.connect() as connection:
        for number in range(ROWS):
            values = [value.replace(tzinfo=None) if isinstance(value, AT) and server.name != "postgres" and value.tzinfo else value for value in row(number)]
            connection.execute(f"insert into {table} values (" + ", ".join(["%s"] * (len(values) + 1)) + ")", [number, *values])


ALL = [*servers.SERVERS, servers.MYSQL]


@pytest.fixture(scope="module")
def filled():
    for server in ALL:
        server.prepare()
        fill(server, "hashed", [column[1 if server.name == "postgres" else 2] for column in COLUMNS])
    return ALL


def hashes(work, server, query="select * from hashed", **export):
    work.write({"name": f"h_{server.name}", "query": query, "meta_columns": {"row_hash": True}, **export}, source=server.source())
    work.run()
    rows = support.parquet_rows(*work.files(f"h_{server.name}"))
    for path in work.files(f"h_{server.name}"):
        path.unlink()
    return {found[0]: found for found in rows}


def test_the_servers_agree_and_so_does_python(work, filled):
    for server in filled:
        found = hashes(work, server)
        assert len(found) == ROWS
        for number in range(ROWS):
            assert found[number][-1] == row_hash.row_hash([number, *row(number)]), f"{server.name}: row {number}: {found[number]}"


@pytest.mark.parametrize("column", range(len(COLUMNS)), ids=lambda at: COLUMNS[at][0])
def test_each_column_alone(work, filled, column):
    """So that a difference names its column."""
    name, _, _, values = COLUMNS[column]
    for server in filled:
        found = hashes(work, server, f"select n, {name} from hashed")
        got = {number: cells[-1] for number, cells in found.items()}
        assert got == {number: row_hash.row_hash([number, values[number % len(values)]]) for number in range(ROWS)}, server.name


@pytest.mark.parametrize("server", ALL, ids=lambda server: server.name)
def test_the_hash_does_not_depend_on_how_it_is_read(work, filled, server):
    """Types, formats, batches, chunks, fetches: the hash is of the row."""
    want = {number: row_hash.row_hash([number, *row(number)]) for number in range(ROWS)}
    fetches = ["copy", "cursor"] if server.name == "postgres" else ["stream", "pages"]
    variants = [{"types": "native"}, {"tuning": {"batch_size": 3}}, *({"tuning": {"fetch": fetch}} for fetch in fetches),
                {"mode": "chunked", "chunk_column": "n", "chunk_size": 4, "parallel": 2}]
    for variant in variants:
        found = hashes(work, server, **variant)
        assert {number: cells[-1] for number, cells in found.items()} == want, variant
    work.write({"name": "csv", "query": "select * from hashed", "format": "csv", "meta_columns": {"row_hash": True}}, source=server.source())
    work.run()
    (path,) = work.files("csv")
    records = support.csv_records(path.read_bytes().decode())
    assert {int(record[0]): int(record[-1]) for record in records[1:]} == want


def test_the_documented_exceptions(work, filled):
    """Booleans and json: the servers store other values, so the hashes differ; each is that of its own text."""
    postgres, mariadb, mysql = filled
    postgres.execute("drop table if exists odd", "create table odd as select 1 as n, true as b, '{\"b\": 1,  \"a\":2}'::jsonb as j")
    for server in (mariadb, mysql):
        server.execute("drop table if exists odd", "create table odd (n int, b boolean, j json)", "insert into odd values (1, true, '{\"b\": 1,  \"a\":2}')")
    found = {server.name: hashes(work, server, "select n, b, j from odd")[1] for server in filled}
    assert found["postgres"][-1] == row_hash.row_hash([1, True, '{"a": 2, "b": 1}'])
    assert found["mariadb"][-1] == row_hash.row_hash([1, 1, '{"b": 1,  "a":2}'])
    assert found["mysql"][-1] == row_hash.row_hash([1, 1, '{"a": 2, "b": 1}'])


def test_floats_that_only_one_server_has(work, filled):
    numbers = [float("nan"), float("inf"), float("-inf"), -0.0]
    query = "select * from (values (0, 'NaN'::float8), (1, 'Infinity'), (2, '-Infinity'), (3, '-0')) as v (n, f)"
    found = hashes(work, servers.POSTGRES, query)
    assert [found[n][-1] for n in range(4)] == [row_hash.row_hash([n, numbers[n]]) for n in range(4)]


def test_a_null_is_no_empty_text(work, filled):
    for server in filled:
        found = hashes(work, server, "select 1 as n, '' as a, null as b union all select 2, null, '' union all select 3, '', ''")
        assert len({cells[-1] for cells in found.values()}) == 3
