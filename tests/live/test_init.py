"""rivet init: from an empty directory to files without writing a line of YAML."""

import json
import time

import pytest
import yaml

import preflight_support as preflight
import support

ENVIRONMENT = {"DATABASE_URL": preflight.URL}


@pytest.fixture(scope="module")
def database():
    preflight.make_database()
    preflight.seed("--users", 2000, "--page-views", 20000, "--content-items", 4000)
    with preflight.connect() as connection:
        connection.execute("analyze")
        yield connection
    preflight.drop_database()


def init(*arguments, status=0, env=ENVIRONMENT, **options):
    return support.rivet("init", *arguments, check=status, env=env, **options)


def test_init_check_run(database, work):
    """The file runs as it is, and each table arrives whole."""
    init("--output", work.config, "--destination", work.output)
    document = yaml.safe_load(work.config.read_text())
    assert document["source"] == {"type": "postgres", "url_env": "DATABASE_URL"}
    names = [export["name"] for export in document["exports"]]
    assert names == ["content_items", "events", "orders", "orders_sparse", "page_views", "users"]
    support.rivet("check", "--config", work.config, "--strict", check=0, env=ENVIRONMENT)
    run = work.run("--validate", env=ENVIRONMENT)
    for name in names:
        count = database.execute(f"select count(*) from {name}").fetchone()[0]
        assert run.summary(name)["rows"] == str(count)
        assert len(support.parquet_rows(*work.files(name))) == count


def test_choices(database, work):
    database.execute("drop table if exists ledger, journal_of_changes; "
                     "create table ledger as select g as id, now() as at from generate_series(1, 120000) g; "
                     "create table journal_of_changes (id int primary key, updated_at timestamptz not null); "
                     "create index on journal_of_changes (updated_at); "
                     "insert into journal_of_changes select g, now() from generate_series(1, 120000) g; "
                     "analyze ledger; analyze journal_of_changes")
    report = json.loads(init("--discover").out)
    assert report["version"] == 1
    chosen = {table["table"]: (table["mode"], table["column"]) for table in report["tables"]}
    assert chosen["users"] == ("full", None)
    assert chosen["journal_of_changes"] == ("incremental", "updated_at")
    assert chosen["ledger"] == ("full", None)  # a table without a key
    assert chosen["events"] == ("chunked", "id")
    assert "# ~120000 rows" in init("--table", "ledger").out
    database.execute("drop table ledger, journal_of_changes")


def test_selection(database):
    def names(*arguments):
        return [export["name"] for export in yaml.safe_load(init(*arguments).out)["exports"]]

    assert names("--table", "users") == ["users"]
    assert names("--include", "or*") == ["orders", "orders_sparse"]
    assert names("--include", "or*", "--exclude", "*sparse") == ["orders"]
    database.execute("create schema if not exists other; create table if not exists other.users (id int)")
    assert names("--table", "users") == ["other.users", "users"]
    assert names("--schema", "other") == ["other.users"]
    database.execute("drop schema other cascade")
    assert "no table to export" in init("--table", "nothing", status=1).err


def test_odd_names_survive(database, work):
    database.execute('create table "Odd ""name"": it\'s" ("the Key" int primary key); '
                     'insert into "Odd ""name"": it\'s" select g from generate_series(1, 7) g')
    init("--output", work.config, "--destination", work.output, "--include", "Odd*")
    work.run(env=ENVIRONMENT)
    (path,) = work.output.glob("*.parquet")
    assert len(support.parquet_rows(path)) == 7
    database.execute('drop table "Odd ""name"": it\'s"')


def test_destinations(database, work):
    def destination(place, *arguments):
        (export,) = yaml.safe_load(init("--table", "users", "--destination", place, *arguments).out)["exports"]
        return export["format"], export["destination"]

    assert destination("some dir") == ("parquet", {"type": "local", "path": "some dir"})
    assert destination("s3://lake/raw") == ("parquet", {"type": "s3", "bucket": "lake", "prefix": "raw/"})
    assert destination("gs://lake") == ("parquet", {"type": "gcs", "bucket": "lake"})
    assert destination("stdout") == ("csv", {"type": "stdout"})
    assert "names no bucket" in init("--destination", "s3:///x", status=2).err
    assert "takes one table" in init("--destination", "stdout", status=2).err
    init("--table", "events", "--destination", "stdout", "--output", work.config)
    out = work.run(env=ENVIRONMENT).out
    assert len(out.splitlines()) == 1 + database.execute("select count(*) from events").fetchone()[0]


def test_partitions_count_as_their_table(database):
    database.execute("create table parted (id int, at date) partition by range (at); "
                     "create table parted_1 partition of parted for values from ('2026-01-01') to ('2026-02-01'); "
                     "insert into parted select g, '2026-01-05' from generate_series(1, 500) g; analyze parted_1")
    (table,) = [t for t in json.loads(init("--discover").out)["tables"] if t["table"].startswith("parted")]
    assert (table["table"], table["rows"]) == ("parted", 500) and table["bytes"] > 0
    database.execute("drop table parted")


def test_no_secret_and_nothing_overwritten(database, work):
    work.config.write_text("mine")
    run = init("--output", work.config, status=1)
    assert work.config.read_text() == "mine" and str(work.config) in run.err
    assert "rivet:rivet" not in init().text
    run = init(env={"DATABASE_URL": f"postgresql://rivet:pa@:ss@127.0.0.1:5432/{preflight.DATABASE}"}, status=1)
    assert "pa@:ss" not in run.text
    assert "OTHER_URL" in init("--url-env", "OTHER_URL", status=1).err
    assert "begins with neither" in init(env={"DATABASE_URL": "oracle://x"}, status=1).err


@support.measures
def test_three_hundred_tables_without_a_scan(database):
    database.execute("create schema many")
    for i in range(300):
        database.execute(f"create table many.t{i} (id int primary key, a text, b timestamptz, c numeric); create index on many.t{i} (b)")
    before = preflight.scans(database)
    started = time.monotonic()
    run = init("--schema", "many")
    assert time.monotonic() - started < 10 * support.PATIENCE
    assert run.out.count("- name:") == 300
    assert preflight.scans(database) == before
    database.execute("set client_min_messages = warning")
    for i in range(0, 300, 50):  # one lock table full at a time
        database.execute("; ".join(f"drop table many.t{n}" for n in range(i, i + 50)))
    database.execute("drop schema many")
