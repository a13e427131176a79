"""Names, query texts, server settings and encodings: none of them may change a value, a name or an order."""

import pytest

import support
import type_cases
import type_reading
from type_reading import FETCHES, FORMATS


@pytest.fixture(scope="module")
def database():
    with type_reading.fresh_database() as url:
        with type_reading.neutral(url) as connection:
            connection.execute(type_cases.SETUP)
            connection.execute("create table numbers as select n, 10 - n as back, n::text as word from generate_series(1, 10) n")
            yield url, connection


def read(work, name, form):
    path = type_reading.only_file(work, name)
    return (type_reading.csv_columns if form == "csv" else type_reading.parquet_columns)(path)


def export_everywhere(work, url, query, **more):
    """The columns of one query in each format and fetch."""
    work.write(*(type_reading.as_export(f"{form}-{fetch}", query, form, fetch, **more) for form in FORMATS for fetch in FETCHES), source={"url": url})
    work.run()
    return [read(work, f"{form}-{fetch}", form) for form in FORMATS for fetch in FETCHES]


# ---- names of columns ----

NAMES = ['a"b', '"', "'", " ", " lead and trail ", "naïve ☃ 日本", "n" * 63, "é" * 31, "UPPER", "upper", "select", "1", "a.b", "a,b", "a;b",
         "line\nbreak", "cr\rhere", "tab\t", "\\", "$1", "%s", "{}", "[x]", "a=b", "(", ")", "--", "/*", ":name", "?", "list", "element",
         "schema", "\U0001f600", "\x01", "null", "_rivet", "*"]


@pytest.mark.parametrize("cell", ["%d", "'10.0.0.%d'::inet", "array[%d]"], ids=["plain", "cast", "list"])
def test_odd_names(database, work, cell):
    query = "select " + ", ".join(f"{cell % i} as {quote(name)}" for i, name in enumerate(NAMES))
    for columns in export_everywhere(work, database[0], query):
        assert list(columns) == NAMES
        assert len({str(values) for values in columns.values()}) == len(NAMES)
    for row in support.duckdb_rows(type_reading.only_file(work, "portable-copy")):
        assert len(row) == len(NAMES)


def quote(name):
    return '"' + name.replace('"', '""') + '"'


@pytest.mark.parametrize("name", NAMES)
def test_odd_names_in_overrides(database, work, name):
    work.write(type_reading.as_export("x", f"select 7 as other, 1.50 as {quote(name)}", "csv", "copy", columns={name: "decimal(9,4)"}), source={"url": database[0]})
    work.run()
    assert read(work, "x", "csv")[name] == ["1.5000"]


def test_a_name_cut_by_the_server(database, work):
    for columns in export_everywhere(work, database[0], f"select 1 as {'x' * 70}"):
        assert list(columns) == ["x" * 63]


NO_RESULT = {
    "two names": ("select 1 as a, 2 as b, 3 as a", 'two columns named "a"'),
    "two stars": ("select * from numbers x, numbers y", 'two columns named "n"'),
    "two odd names": ('select 1 as "x ""y", 2 as "x ""y"', 'two columns named "x "y"'),
    "no name": ("select 1 as a, 1 + 1", "column 2 of the query has no name"),
    "no columns": ("select from numbers", "no columns"),
    "a parameter": ("select n from numbers where n = $1", "parameter"),
    "empty": (" ; ; ", "query"),
    "only a comment": ("-- nothing", "empty"),
    "two statements": ("select 1 as a; select 2 as a", "more than one statement"),
    "a hidden statement": ("select 1 as a; drop table numbers", "more than one statement"),
    "out of the wrapping": ("select 1 as a) as x; drop table numbers; select * from (select 1 as a", "parenthesis"),
    "closed too often": ("select 1 as a) as _rivet --", "parenthesis"),
    "open quote": ("select 'a as b", "quote"),
    "open comment": ("select 1 as a /* x", "comment"),
    "open dollar": ("select $x$ a $ as b", "quote"),
    "insert": ("insert into numbers values (0) returning n", "syntax error"),
    "delete in a CTE": ("with x as (delete from numbers returning n) select n from x", "data-modifying"),
    "a write in a function": ("select nextval('counter') as a", "read-only"),
    "locking": ("select n from numbers for update", "read-only"),
    "into": ("select n into copy_of_numbers from numbers", "INTO"),
    "a set": ("set datestyle to german", "syntax error"),
    "unknown column": ("select nope from numbers", 'column "nope" does not exist'),
    "an anonymous column list": ("values (1), (2) union all select", "UNION"),
}


@pytest.mark.parametrize("fetch", FETCHES)
@pytest.mark.parametrize("case", NO_RESULT)
def test_refused_queries(database, work, case, fetch):
    query, words = NO_RESULT[case]
    url, connection = database
    connection.execute("create sequence if not exists counter")
    work.write(type_reading.as_export("x", query, "portable", fetch), source={"url": url})
    run = work.run(check=1)
    assert words in run.err, run.text
    assert work.files() == [] and work.leftovers() == []
    assert connection.execute("select count(*), sum(n) from numbers").fetchone() == (10, 55)


# ---- texts of queries ----

ROWS = [str(n) for n in (7, 6, 5)]
TAKEN = {
    "plain": "select n as a from numbers where n in (5, 6, 7) order by n desc",
    "limit": "select n as a from numbers order by back offset 3 limit 3",
    "limit of an order with casts": "select n as a, '10.0.0.1'::inet as i from numbers order by abs(n - 8) + n * 0.01, n desc limit 4 offset 1",
    "semicolon": "select n as a from numbers order by n desc offset 3 limit 3;",
    "semicolons and blanks": "\n\t select n as a from numbers order by n desc offset 3 limit 3 ; ;\n ; ",
    "line comment": "select n as a from numbers order by n desc offset 3 limit 3 -- the end",
    "comment after semicolon": "select n as a from numbers order by n desc offset 3 limit 3; -- the end; really",
    "comment before": "-- first\n/* then /* nested; */ more */ select n as a from numbers order by n desc offset 3 limit 3",
    "comment inside": "select n -- ; ' \"\n as a /* ' \" ; ( */ from numbers order by n desc offset 3 limit 3",
    "brackets": "(select n as a from numbers order by n desc offset 3 limit 3)",
    "with": "with x as (select n from numbers) select n as a from x order by 1 desc offset 3 limit 3",
    "values": "select column1 as a from (values (7), (6), (5)) v",
    "union": "select 7 as a union all (select 6) union all select 5",
    "strings": "select n as a from numbers where word <> ';' and word <> $q$ ; ' $q$ and word <> E'\\'; --' order by n desc offset 3 limit 3",
    "group": "select max(n) as a from numbers where n between 5 and 7 group by n having count(*) = 1 order by 1 desc",
    "distinct": "select distinct n as a from numbers where n between 5 and 7 order by n desc",
    "window": "select n as a from (select n, row_number() over (order by n desc) r from numbers) s where r between 4 and 6 order by r",
    "function": "select a from generate_series(7, 5, -1) a",
    "lateral": "select l.a from generate_series(1, 3) g, lateral (select 8 - g as a) l order by g",
    "casts need wrapping": "select n as a, '10.0.0.1'::inet as i, 'sad'::mood as m from numbers where n in (5, 6, 7) order by n desc",
}


@pytest.mark.parametrize("case", TAKEN)
def test_query_texts(database, work, case):
    url, connection = database
    want = [row[0] for row in type_reading.output_texts(connection, TAKEN[case])]
    if case != "limit of an order with casts":
        assert want == ROWS
    for columns in export_everywhere(work, url, TAKEN[case]):
        assert list(map(str, columns["a"])) == want


@pytest.mark.parametrize("query", ["table numbers", "values (1, 'a'), (2, null)", "select * from numbers"])
def test_names_from_the_server(database, work, query):
    want = [column.name for column in database[1].execute(query).description]
    for columns in export_everywhere(work, database[0], query):
        assert list(columns) == want


def test_no_rows_no_file(database, work):
    """An empty result succeeds; there is nothing to deliver."""
    exports = [type_reading.as_export(f"{form}-{fetch}", "select n, '10.0.0.1'::inet as i, array[n] as l from numbers where n < 0", form, fetch)
               for form in FORMATS for fetch in FETCHES]
    work.write(*exports, source={"url": database[0]})
    run = work.run()
    for export in exports:
        assert run.summary(export["name"])["status"] == "success"
    assert work.files() == [] and work.leftovers() == []


def test_one_column_of_csv_shows_its_nulls(database, work):
    work.write(type_reading.as_export("x", "select * from (values (null), (''), ('a')) v(c)", "csv", "copy"), source={"url": database[0]})
    work.run()
    assert type_reading.only_file(work, "x").read_bytes() == b'c\n\\N\n""\na\n'


# ---- settings of the server ----

SETTINGS = {
    "datestyle": "'SQL, DMY'", "intervalstyle": "'sql_standard'", "timezone": "'America/St_Johns'", "extra_float_digits": "-15",
    "bytea_output": "'escape'", "client_encoding": "'LATIN1'", "search_path": "shadow, pg_catalog, public", "array_nulls": "off",
    "xmlbinary": "'hex'", "quote_all_identifiers": "on", "default_transaction_isolation": "'serializable'", "cursor_tuple_fraction": "0.01",
    "statement_timeout": "'2s'", "lock_timeout": "1", "transform_null_equals": "on", "default_transaction_read_only": "on", "row_security": "on",
    "client_min_messages": "'debug5'", "escape_string_warning": "on", "backslash_quote": "'off'", "enable_seqscan": "off", "DateStyle": "'German'",
}
SHADOWS = """
create schema shadow;
create domain shadow.text as pg_catalog.text check (value is null);
create domain shadow.int8 as pg_catalog.int8 check (value is null);
create function shadow.textin(anyelement) returns pg_catalog.text language sql as $$ select 'shadow'::pg_catalog.text $$;
create function shadow.to_json(anyelement) returns pg_catalog.json language sql as $$ select '"shadow"'::pg_catalog.json $$;
create function shadow.unnest(anyarray) returns setof anyelement language sql as $$ select $1[1] where false $$;
create function shadow.quote_ident(pg_catalog.text) returns pg_catalog.text language sql as $$ select 'shadow'::pg_catalog.text $$;
create function shadow.format_type(oid, int4) returns pg_catalog.text language sql as $$ select 'shadow'::pg_catalog.text $$;
create table shadow.pg_type (oid oid);
"""
MIXED = """
select '2024-02-03'::date as d, '2024-02-03 04:05:06.7'::timestamp as t, '2024-02-03 04:05:06.7+02'::timestamptz as z, '1 year -2 days 3.5 s'::interval as i,
  0.1::float4 as f4, 0.1::float8 + 0.2 as f8, '\\xff00'::bytea as b, 1234.5::money as m, '[2024-02-03 04:05:06+02,)'::tstzrange as r,
  row(1, '2024-02-03'::date, '1 day'::interval, 0.1::float8, '\\x00'::bytea) as c, array[null, 'NULL', 'a']::pg_catalog.text[] as a,
  array['10.0.0.1', null]::inet[] as n, array['2024-02-03 04:05:06.7+02', null]::timestamptz[] as tz, array['[1,2)', null]::int4range[] as ra, '(0.1,0.30000000000000004)'::point as p,
  'ü€'::pg_catalog.text as u, '12:00+02'::timetz as tt, 'a=>"ü",b=>NULL'::public.hstore as h, 'x'::"char" as ch, '{"a":"ü"}'::jsonb as j, '1.50'::numeric as nu,
  '{"a":1}'::pg_catalog.json as js, row('2024-02-03 04:05:06.7+02'::timestamptz) as o
"""


@pytest.mark.parametrize("level", ["database", "role"])
def test_settings_change_nothing(work, level):
    overrides = {"o": "json", "d": "text", "t": "text"}
    with type_reading.fresh_database() as url:
        name = url.rsplit("/", 1)[1]
        with support.connect(url) as connection:
            connection.execute("create extension hstore; create domain public.unused as int;" + SHADOWS)
            connection.execute(f"create role {name} login password 'x'; grant usage on schema shadow to {name}")
            try:
                guest = url.replace("rivet:rivet@", f"{name}:x@")
                before = export_everywhere(work, guest, MIXED, columns=overrides)
                plain = {path.name[:-len("_20200101_000000_abcdef.parquet")]: path.read_bytes() for path in work.files()}
                for path in work.files():
                    path.unlink()
                for setting, value in SETTINGS.items():
                    target = f"database {name}" if level == "database" else f"role {name}"
                    connection.execute(f"alter {target} set {setting} to {value}")
                after = export_everywhere(work, guest, MIXED, columns=overrides)
            finally:
                connection.execute(f"drop owned by {name}; drop role {name}")
    assert len(before[0]) == len(MIXED.split(" as ")) - 1
    assert before == after
    assert {path.name[:-len("_20200101_000000_abcdef.parquet")]: path.read_bytes() for path in work.files()} == plain
    assert before[0]["a"] == [[None, "NULL", "a"]] and before[0]["n"] == [["10.0.0.1", None]]


@pytest.mark.parametrize("fetch", FETCHES)
def test_a_timeout_of_the_role_does_not_apply(work, fetch):
    with type_reading.fresh_database() as url:
        with support.connect(url) as connection:
            connection.execute(f"alter database {url.rsplit('/', 1)[1]} set statement_timeout to '1s'")
        work.write(type_reading.as_export("x", "select pg_sleep(1.5)::text as s, 1 as a", "csv", fetch), source={"url": url})
        work.run()
        assert read(work, "x", "csv")["a"] == ["1"]


def test_strings_with_backslashes(work):
    """standard_conforming_strings off: the query's own quoting rules change, and are followed."""
    with type_reading.fresh_database() as url:
        name = url.rsplit("/", 1)[1]
        with support.connect(url) as connection:
            connection.execute(f"alter database {name} set standard_conforming_strings to off; alter database {name} set backslash_quote to on")
        for columns in export_everywhere(work, url, r"select 'a\';b' as a, '10.0.0.1'::inet as i; -- end"):
            assert columns["a"] == ["a';b"]


# ---- encodings ----

def test_latin1_database(work):
    """Names, values and the query itself cross from the server's encoding to UTF-8."""
    with type_reading.fresh_database("encoding 'LATIN1' template template0 lc_collate 'C' lc_ctype 'C'") as url:
        with support.connect(url) as connection:
            connection.execute("create table t as select 'é\u00ff'::text as \"naïve\", '{ü,NULL}'::text[] as l, 'ä'::\"char\" is null as n")
            connection.execute(f"alter database {url.rsplit('/', 1)[1]} set client_encoding to 'LATIN1'")
        for columns in export_everywhere(work, url, "select \"naïve\", l, l::text as w, 'ß' as s from t"):
            assert (columns["naïve"], columns["s"], columns["w"]) == (["é\u00ff"], ["ß"], ["{ü,NULL}"])
            assert columns["l"] in ([["ü", None]], ['["ü",null]'])


@pytest.fixture(scope="module")
def ascii_database():
    with type_reading.fresh_database("encoding 'SQL_ASCII' template template0 lc_collate 'C' lc_ctype 'C'") as url:
        with type_reading.neutral(url) as connection:
            bad = "convert_from('\\x41ff42c328'::bytea, 'SQL_ASCII')"
            connection.execute(f"create table t (n int, good text, bad text, list text[], tail varchar, j json); "
                               f"insert into t select 1, 'ü☃', {bad}, array['ok', {bad}], convert_from('\\xe282'::bytea, 'SQL_ASCII'), ('\"' || {bad} || '\"')::json")
        yield url


@pytest.mark.parametrize("column", ["bad", "list", "tail", "j", "list[2]::name", "row(bad)", "array[row(bad)]"])
@pytest.mark.parametrize("form", FORMATS)
def test_invalid_utf8_is_refused(ascii_database, work, column, form):
    for fetch in FETCHES:
        work.write(type_reading.as_export("x", f'select n, good, {column} as "the column" from t', form, fetch), source={"url": ascii_database})
        run = work.run(check=1)
        assert 'column "the column" (' in run.summary("x")["error"] and "UTF-8" in run.summary("x")["error"]
        assert "columns: {" in run.summary("x")["error"] and "invalid_utf8: replace" in run.err
        assert work.files() == []


def test_invalid_utf8_ways_out(ascii_database, work):
    replaced = "A\ufffdB\ufffd("
    exports = [type_reading.as_export(f"{form}-{fetch}", "select n, good, bad, list, tail, bad as raw, j from t", form, fetch, invalid_utf8="replace", columns={"raw": "binary"})
               for form in FORMATS for fetch in FETCHES]
    work.write(*exports, source={"url": ascii_database})
    run = work.run()
    for export in exports:
        columns = read(work, export["name"], export["name"].split("-")[0])
        assert (columns["good"], columns["bad"], columns["tail"], columns["j"]) == (["ü☃"], [replaced], ["\ufffd"], [f'"{replaced}"'])
        assert columns["list"] in ([["ok", replaced]], [f'["ok","{replaced}"]'])
        assert columns["raw"] in ([bytes.fromhex("41ff42c328")], ["41ff42c328"])
        assert run.summary(export["name"])["policies"] == "invalid_utf8=4"


def test_valid_utf8_passes(ascii_database, work):
    for columns in export_everywhere(work, ascii_database, "select n, good, good::name as nm from t"):
        assert columns["good"] == columns["nm"] == ["ü☃"]


def test_a_name_that_is_no_utf8_is_refused(ascii_database, work):
    with type_reading.neutral(ascii_database) as connection:
        connection.execute("do $$ begin execute 'create or replace view v as select 1 as \"a' || convert_from('\\xff'::bytea, 'SQL_ASCII') || '\"'; end $$")
    for form in FORMATS:
        work.write(type_reading.as_export("x", "select * from v", form, "copy"), source={"url": ascii_database})
        run = work.run(check=1)
        assert "UTF-8" in run.err and work.files() == [], run.text


# ---- nothing aborts for want of a mapping ----

def test_every_catalogue_table(database, work):
    """pg_catalog has all the odd types: anyarray, pg_node_tree, aclitem[], pg_lsn, xid, regproc …"""
    url, connection = database
    connection.execute("analyze")
    names = [row[0] for row in connection.execute(
        "select c.relname from pg_class c where c.relnamespace = 'pg_catalog'::regnamespace and c.relkind in ('r', 'v') and c.relname not like 'pg_stat%'"
        " and c.relname not in ('pg_shadow', 'pg_authid', 'pg_hba_file_rules', 'pg_ident_file_mappings', 'pg_statistic_ext_data') order by 1").fetchall()]
    names += ["pg_stats", "pg_statistic", "pg_stat_activity"]
    work.write(*(type_reading.as_export(name, f"select * from pg_catalog.{name}", "portable", "copy", destination={"type": "local", "path": str(work.output)}) for name in names),
               source={"url": url})
    run = work.run(timeout=120)
    assert len(names) > 60
    types = [type for (type,) in connection.execute("select typname::text from pg_type order by oid").fetchall()]
    assert sorted(read(work, "pg_type", "portable")["typname"]) == sorted(types)
    assert run.status == 0
