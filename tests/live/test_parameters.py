"""${NAME}, ${NAME:literal} and ${NAME:ident} in queries, on each server, with values that want to be more than values."""

import subprocess

import pytest

import mysql_support
import servers
import support

HOSTILE = [
    "plain", "", " ", "it's", "''", "'", "\\", "\\'", "'\\", "a\\\\'b", "\\' OR 1=1 -- ", "' OR '1'='1", "'; DROP TABLE texts; --", "\"", "`", "``\"\"''",
    "%_", "${SELF}", "${OTHER:literal}", "$1", "$$", "?", ":x", "/* ", "*/", "-- ", "#", "\n", "\r\n\t", "\x01\x7f", "ä", "🦀", "e\u0301",
    "\u2019", "\u02bc", "\uff07", "\u00a5", "x" * 5000, "'" * 999, "\\" * 999, "\\n", "\\0", "\\x27", "E'x'", "_utf8mb4 X'41'",
]
NAMES = ["plain", "UPPER", "with blank", "it's", 'quote"', "tick`", 'mix"`\'', "back\\slash", "a.b", "-- x", "/*", "select", "ä", "%", "x" * 60, "1st", "$1", "${SELF}"]


@pytest.fixture(scope="module", params=[*servers.SERVERS, servers.MYSQL], ids=lambda server: server.name)
def server(request):
    request.param.prepare()
    return request.param


def only_records(work):
    (path,) = work.files()
    records = support.csv_records(path.read_bytes().decode())
    path.unlink()
    return records


def text_of(work, server, query, *arguments, file=False, env=None):
    """The one cell that the query gives."""
    export = {"name": "q", "format": "csv", "csv": {"null": "\\N"}, "manifest": False}
    if file:
        (work.path / "q.sql").write_text(query)
        work.write({**export, "query_file": "q.sql"}, source=server.source())
    else:
        work.write({**export, "query": query}, source=server.source())
    work.run(*arguments, env=env)
    header, *records = only_records(work)
    return records


@pytest.mark.parametrize("file", [False, True], ids=["query", "query_file"])
def test_literals_are_the_values(work, server, file):
    """All at once: each is a column of its own."""
    columns = ", ".join(f"${{V{i}:literal}} as c{i}" for i in range(len(HOSTILE)))
    arguments = [argument for i, value in enumerate(HOSTILE) for argument in ("--param", f"V{i}={value}")]
    (record,) = text_of(work, server, f"select{columns.replace(' as', ' as', 1)}", *arguments, "--param", "SELF=gone", "--param", "OTHER=gone", file=file)
    assert [cell or "" for cell in record] == HOSTILE


@pytest.mark.parametrize("value", ["it's", "\\' OR 1=1 -- ", "🦀"], ids=["quote", "backslash", "unicode"])
def test_literals_from_the_environment_select_rows(work, server, value):
    collation = "" if server.name == "postgres" else " character set utf8mb4 collate utf8mb4_bin"
    server.execute("drop table if exists texts", f"create table texts (id int primary key, t varchar(300){collation})")
    with server.connect() as connection:
        for number, text in enumerate(HOSTILE):
            connection.execute("insert into texts values (%s, %s)", (number, text[:300]))
    records = text_of(work, server, "select id, t from texts where t = ${WANTED:literal} and t <> ${OTHER:literal}", env={"WANTED": value, "OTHER": ""})
    assert records == [[str(HOSTILE.index(value)), value]]


def test_names_are_the_names(work, server):
    quote = '"' if server.name == "postgres" else "`"
    quoted = {name: quote + name.replace(quote, quote * 2) + quote for name in NAMES}
    for number, name in enumerate(NAMES):
        server.execute(f"drop table if exists {quoted[name]}",
                       f"create table {quoted[name]} (a int, {quoted[name]} int)", f"insert into {quoted[name]} values (0, {number})")
    try:
        for number, name in enumerate(NAMES):
            records = text_of(work, server, "select a, ${N:ident} from ${N:ident}", "--param", f"N={name}", "--param", "SELF=gone")
            assert records == [["0", str(number)]], name
    finally:
        for name in NAMES:
            server.execute(f"drop table {quoted[name]}")


def test_a_name_of_two_parts(work, server):
    schema = "public" if server.name == "postgres" else servers.DATABASE
    server.table("parted", 5)
    records = text_of(work, server, "select count(*) as n from ${S:ident}.${T:ident}", "--param", f"S={schema}", "--param", "T=parted")
    assert records == [["5"]]


@pytest.mark.parametrize("query", ["select '${V:literal}' as v", "select 1 as v where 'x' like '%${V:literal}%'", "select 1 as v -- ${V:literal}\n",
                                   "select 1 as v /* ${V:literal} */", 'select 1 as "${V:ident}"', "select ${EMPTY:ident} as v"])
@pytest.mark.parametrize("file", [False, True], ids=["query", "query_file"])
def test_where_quotes_would_not_hold(work, server, query, file):
    """Inside of other quotes and comments the value could end them; that is refused, and the value is not told."""
    export = {"name": "q", "format": "csv", **({"query_file": "q.sql"} if file else {"query": query})}
    (work.path / "q.sql").write_text(query)
    work.write(export, source=server.source())
    for command in ("run", "check"):
        run = support.rivet(command, "-c", work.config, "-p", "V=' or 1=1 -- marker", "-p", "EMPTY=", check=1)
        assert "${V} brings its own quotes" in run.text or "${EMPTY} is empty" in run.text
        assert "marker" not in run.text
    assert work.files() == []


def test_forms_are_for_queries(work, postgres):
    work.write({"name": "q", "query": "select 1 as v", "destination": {"type": "local", "path": "${V:literal}"}})
    run = work.run("-p", "V=x", check=1)
    assert "${V} is a form for queries" in run.err


def test_check_knows_the_forms(work, server):
    server.table("parted", 5)
    work.write({"name": "q", "query": "select * from ${T:ident} where payload <> ${V:literal}"}, source=server.source())
    run = support.rivet("check", "-c", work.config, "-p", "T=parted", "-p", "V=it's \\", check=0)
    assert "${" not in run.out and "Row estimate" in run.out
    run = support.rivet("check", "-c", work.config, "-p", "T=parted", check=1)
    assert "--param V=VALUE" in run.text


@pytest.mark.parametrize("name", ["mariadb", "mysql"])
def test_every_sql_mode(work, name):
    """sql_mode changes what quotes and backslashes mean; the statement that rivet sends does not care."""
    values = [value for value in HOSTILE if all(ord(letter) < 0x10000 for letter in value)]  # the list of processes shows no others
    columns = ", ".join(f"${{V{i}:literal}} as c{i}" for i in range(len(values)))
    arguments = [argument for i, value in enumerate(values) for argument in ("--param", f"V{i}={value}")]
    with mysql_support.open_server(name) as server:
        work.write({"name": "q", "format": "csv", "query": f"select{columns}, sleep(3) as `rivet_modes`"}, source=server.source())
        process = subprocess.Popen([support.RIVET, "run", "-c", work.config, *arguments], stderr=subprocess.PIPE)
        (statement,) = support.wait_for(lambda: {text for _, _, text in server.statements() if "sleep(3) as `rivet_modes`" in text}, what="the statement")
        process.communicate(timeout=60 * support.PATIENCE)
        assert process.returncode == 0
        for mode in ("", "NO_BACKSLASH_ESCAPES", "ANSI_QUOTES", "NO_BACKSLASH_ESCAPES,ANSI_QUOTES,STRICT_ALL_TABLES"):
            with mysql_support.connect(server.port) as connection:
                server.execute(f"set session sql_mode = '{mode}'", connection=connection)
                (row,) = server.query(statement.replace("sleep(3)", "0"), connection=connection)
            assert list(row[:-1]) == values, mode


@pytest.mark.parametrize("standard", ["on", "off"])
def test_standard_conforming_strings(work, standard):
    server = servers.POSTGRES
    server.prepare()
    columns = ", ".join(f"${{V{i}:literal}} as c{i}" for i in range(len(HOSTILE)))
    arguments = [argument for i, value in enumerate(HOSTILE) for argument in ("--param", f"V{i}={value}")]
    work.write({"name": "q", "format": "csv", "query": f"select{columns}"},
               source={"url": server.url + f"?options=-c%20standard_conforming_strings%3D{standard}"})
    work.run(*arguments)
    _, record = only_records(work)
    assert [cell or "" for cell in record] == HOSTILE


def test_bytes_that_are_no_text(work, postgres):
    """A value that is not UTF-8 is refused by the server, quotes and all."""
    work.write({"name": "q", "format": "csv", "query": "select ${V:literal} as v"})
    process = subprocess.run([support.RIVET, "run", "-c", work.config, "--param", b"V=\xc3' or 1=1 -- \xff"], capture_output=True, timeout=60)
    assert process.returncode == 1 and work.files() == [], process.stderr
