"""rivet init on MariaDB and MySQL: what the catalogue tells, and files without an edit."""

import json
import time

import pytest
import yaml

import mysql_support
import seed_support
import support


@pytest.fixture(scope="module", params=mysql_support.PORTS)
def server(request):
    with mysql_support.open_server(request.param) as server:
        yield server


@pytest.fixture
def database(server):
    with server.fresh_database() as (name, connection):
        server.make = lambda *statements: server.execute(*statements, connection=connection)
        server.connection, server.database = connection, name
        yield server


def init(server, *arguments, database=None, status=0):
    return support.rivet("init", *arguments, check=status, env={"DATABASE_URL": server.url(database or server.database)})


def tables(server, *arguments, **options):
    report = json.loads(init(server, "--discover", *arguments, **options).out)
    assert report["version"] == 1
    return {table["table"]: table for table in report["tables"]}


@pytest.fixture(scope="module")
def seeded(server):
    with seed_support.fresh_mysql_database(server.name) as name:
        result = seed_support.run_seed("--target", "mysql", "--mysql-url", server.url(name), "--users", 2500, "--page-views", 2000,
                                       "--content-items", 500)
        assert result.returncode == 0, result.stderr
        # The engine counts in its own time.
        for table in seed_support.TABLES:
            server.query(f"analyze table {name}.{table}")
        yield name


def test_init_check_run(server, seeded, work):
    """The file runs as it is, and each table arrives whole."""
    environment = {"DATABASE_URL": server.url(seeded)}
    init(server, "--output", work.config, "--destination", work.output, database=seeded)
    document = yaml.safe_load(work.config.read_text())
    assert document["source"] == {"type": "mysql", "url_env": "DATABASE_URL"}
    exports = {export["name"]: export for export in document["exports"]}
    assert list(exports) == sorted(seed_support.TABLES)
    assert exports["users"]["mode"] == "full" and exports["events"]["mode"] == "chunked"
    support.rivet("check", "--config", work.config, "--strict", check=0, env=environment)
    run = work.run("--validate", env=environment)
    for name in exports:
        ids = [row[0] for row in server.query(f"select id from {seeded}.{name}")]
        assert run.summary(name)["rows"] == str(len(ids))
        assert sorted(str(row[0]) for row in support.parquet_rows(*work.files(name))) == sorted(ids)


def test_choices(database):
    database.make("create table ledger (id int, at timestamp)",
                  "create table changes (id int primary key, updated_at datetime(6) not null, key (updated_at))",
                  "create table seldom (id bigint unsigned primary key, updated_at datetime null, key (updated_at))",
                  "create table words (id varchar(20) primary key, updated_at datetime not null)",
                  "create table pairs (a int, b int, primary key (a, b))",
                  "create table parts (id int, b varchar(20), primary key (id, b(5)))")
    for table in ("ledger", "changes", "seldom", "parts"):
        columns = {"ledger": "id, at", "changes": "id, updated_at", "seldom": "id, updated_at", "parts": "id, b"}[table]
        numbers = " cross join ".join(f"(select 0 as d union all select 1 union all select 2 union all select 3 union all select 4 union all select 5"
                                      f" union all select 6 union all select 7 union all select 8 union all select 9) as t{i}" for i in range(5))
        digits = "+".join(f"t{i}.d*{10 ** i}" for i in range(5))
        database.make(f"insert into {table} ({columns}) select n, now() from (select {digits} as n from {numbers}) as x",
                      f"insert into {table} ({columns}) select n + 100000, now() from (select {digits} as n from {numbers}) as x")
        database.query(f"analyze table {table}", connection=database.connection)
    found = tables(database)
    chosen = {name: (table["mode"], table["column"]) for name, table in found.items()}
    assert chosen == {"ledger": ("full", None), "changes": ("incremental", "updated_at"), "seldom": ("chunked", "id"),
                      "words": ("full", None), "pairs": ("full", None), "parts": ("full", None)}
    assert all(table["schema"] is None for table in found.values())
    assert 150000 < found["changes"]["rows"] < 250000 and found["changes"]["bytes"] > 1000000
    assert found["changes"]["query"] == "SELECT * FROM `changes`"


def test_what_is_left_out(database, work):
    """Views and columns that SELECT * leaves out; odd names stay."""
    invisible = "invisible" if not database.is_mariadb else "invisible default 1"
    database.make("create table plain (id int primary key)", "create view seen as select * from plain",
                  f"create table half_hidden (id int {invisible} primary key, a int)" if not database.is_mariadb else
                  "create table half_hidden (hidden int invisible default 1, a int)",
                  "create table `Odd ``name``: it's` (`the Key` int primary key)", "insert into `Odd ``name``: it's` values (1), (2)")
    found = tables(database)
    assert set(found) == {"plain", "half_hidden", "Odd `name`: it's"}
    init(database, "--output", work.config, "--destination", work.output, "--include", "Odd*")
    work.run(env={"DATABASE_URL": database.url(database.database)})
    (path,) = work.output.glob("*.parquet")
    assert len(support.parquet_rows(path)) == 2


def test_tables_of_a_guest(database):
    """Tables this user may write alone are none to export."""
    database.make("create table open_to_all (id int primary key, a int)", "create table letter_box (id int primary key, secret int)")
    guest = f"guest_{database.database[-8:]}"
    database.execute(f"create user {guest}@'%' identified by 'guest'")
    try:
        database.execute(f"grant select on {database.database}.open_to_all to {guest}@'%'",
                         f"grant insert on {database.database}.letter_box to {guest}@'%'")
        run = support.rivet("init", "--discover", check=0, env={"DATABASE_URL": database.url(database.database, f"{guest}:guest")})
        assert [table["table"] for table in json.loads(run.out)["tables"]] == ["open_to_all"]
        # Without a database in the URL: what this user may read, each table by its full name.
        run = support.rivet("init", "--table", "open_to_all", check=0, env={"DATABASE_URL": database.url("", f"{guest}:guest").rstrip("/")})
        (export,) = yaml.safe_load(run.out)["exports"]
        assert export["query"] == f"SELECT * FROM `{database.database}`.`open_to_all`"
        assert export["name"] == f"{database.database}.open_to_all"
    finally:
        database.execute(f"drop user {guest}@'%'")


@support.measures
def test_three_hundred_tables_without_a_scan(database):
    """Another session holds all tables for writing: whoever reads one of them would wait for it."""
    for start in range(0, 300, 50):
        database.make(*(f"create table t{i} (id int primary key, a text, b timestamp null, c decimal(10,2), key (b))"
                        for i in range(start, start + 50)))
    database.make("lock tables " + ", ".join(f"t{i} write" for i in range(300)))
    try:
        started = time.monotonic()
        run = init(database)
        assert time.monotonic() - started < 10 * support.PATIENCE
        assert run.out.count("- name:") == 300
    finally:
        database.make("unlock tables")
