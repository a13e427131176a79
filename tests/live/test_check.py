"""rivet check: what it says of the development configurations, and what it refuses."""

import json
import re
import socket

import pytest

import mysql_support
import preflight_support as preflight
import support

VERDICTS = {"EFFICIENT", "ACCEPTABLE", "DEGRADED", "UNSAFE"}


def check(*arguments, status=0, **options):
    return support.rivet("check", *arguments, check=status, **options)


@pytest.fixture(scope="module")
def database(postgres):
    preflight.make_database()
    preflight.seed("--users", 2000, "--page-views", 20000, "--content-items", 4000)
    with preflight.connect() as connection:
        connection.execute("create table keyless (a int)")
        connection.execute("analyze")
        yield connection
        connection.execute("drop role if exists rivet_check_guest")
    preflight.drop_database()


# ---- the acceptance plan ----


def test_a3_missing_config(tmp_path):
    run = check("--config", "/nonexistent/no.yaml", status=1, cwd=tmp_path)
    assert "Error" in run.err and "No such file" in run.err
    assert run.out == ""
    assert list(tmp_path.iterdir()) == []


def test_b1_every_export(database, work):
    run = check("--config", preflight.dev_config(work, "pg_full"))
    found = preflight.blocks(run.out)
    assert list(found) == ["pg_users_csv", "pg_users_parquet", "pg_orders_csv", "pg_events_parquet"]
    for block in found.values():
        assert block["Strategy"] == ["full-scan"]
        assert block["Mode"] == ["full"]
        assert len(block["Verdict"]) == 1 and block["Verdict"][0] in VERDICTS
        assert re.fullmatch(r"tuning.profile: (fast|balanced|safe)", block["Recommended"][0])
        assert block["Parallelism"] == ["1 (only chunked mode benefits from parallel workers)"]
        assert "Seq Scan on" in block["Scan type"][0] and "(indexed)" not in block["Scan type"][0]
    counts = {name: database.execute(f"select count(*) from {name}").fetchone()[0] for name in ("users", "orders", "events")}
    for export, block in found.items():
        shown = re.fullmatch(r"~(\d+)(K?)", block["Row estimate"][0])
        estimate = int(shown[1]) * (1000 if shown[2] else 1)
        assert counts[export.split("_")[1]] / 2 < estimate < counts[export.split("_")[1]] * 2


def test_b2_one_export(database, work):
    config = preflight.dev_config(work, "pg_full")
    run = check("--config", config, "--export", "pg_users_csv")
    assert re.findall(r"^Export: (.*)$", run.out, re.M) == ["pg_users_csv"]
    run = check("--config", config, "--export", "pg_nothing", status=1)
    assert "pg_nothing" in run.err and run.out == ""


def test_b3_mysql():
    run = check("--config", "dev/mysql_full.yaml")
    found = preflight.blocks(run.out)
    assert len(found) == 3
    with mysql_support.connect(3306) as connection, connection.cursor() as cursor:
        for export, block in found.items():
            cursor.execute(f"select count(*) from {export.split('_')[1]}")
            count = int(cursor.fetchone()[0])
            shown = re.fullmatch(r"~(\d+)([KM]?)", block["Row estimate"][0])
            estimate = int(shown[1]) * {"": 1, "K": 1000, "M": 1000000}[shown[2]]
            assert count / 2.1 < estimate < count * 2.1
            assert block["Verdict"][0] in VERDICTS


def test_g1_structured(postgres):
    run = check("--config", "dev/pg_structured.yaml", env={"PGPASSWORD": "rivet"})
    assert list(preflight.blocks(run.out)) == ["orders_local"]
    environment = {"PGPASSWORD": None}
    run = support.rivet("check", "--config", "dev/pg_structured.yaml", check=1,
                        env={k: v for k, v in environment.items() if v is not None})
    assert "PGPASSWORD" in run.err and run.out == ""


def test_g2_structured_mysql():
    run = check("--config", "dev/mysql_structured.yaml", env={"MYSQL_PASSWORD": "rivet"})
    assert len(preflight.blocks(run.out)) == 1


def test_h1_degraded(database, work):
    run = check("--config", preflight.dev_config(work, "pg_degraded"))
    found = preflight.blocks(run.out)
    incremental, full = found["page_views_incremental"], found["page_views_full"]
    assert incremental["Verdict"] == ["DEGRADED"]
    assert "safe" in incremental["Suggestion"][0] and "no index" in incremental["Suggestion"][0]
    assert incremental["Strategy"] == ["incremental(created_at)"]
    assert incremental["Mode"] == ["incremental (cursor: created_at)"]
    assert incremental["Cursor col"] == ["created_at"]
    low, high = database.execute("select min(created_at), max(created_at) from page_views").fetchone()
    assert incremental["Cursor range"] == [f"{low.isoformat(timespec='microseconds')} .. {high.isoformat(timespec='microseconds')}"]
    assert full["Verdict"][0] in ("DEGRADED", "UNSAFE") and full["Suggestion"]


def test_m3_parameter(database, work):
    config = preflight.dev_config(work, "test_params")
    run = check("--config", config, "--param", "MAX_ID=100")
    assert "${" not in run.out
    assert preflight.blocks(run.out)["users_parameterized"]["Row estimate"] == ["~100"]
    run = check("--config", config, status=1)
    assert "MAX_ID" in run.err


@pytest.mark.parametrize("gap, is_sparse", [(100000, True), (1, False)])
def test_u2_sparse_range(database, work, gap, is_sparse):
    preflight.seed("--only-sparse-chunk-demo", "--sparse-chunk-rows", 5000, "--sparse-chunk-id-gap", gap)
    database.execute("analyze orders_sparse")
    run = check("--config", preflight.dev_config(work, "sparse_chunk_demo"), "--export", "orders_sparse_on_id")
    block = preflight.blocks(run.out)["orders_sparse_on_id"]
    assert ("Sparse key range" in "".join(block.get("Warning", []))) == is_sparse
    if is_sparse:
        assert "99%" in block["Warning"][0] and "1 .. 499900001" in block["Warning"][0]
        assert block["Chunks"] == ["1000"]


def test_dense_surrogate_is_dear(database, work):
    preflight.seed("--only-sparse-chunk-demo", "--sparse-chunk-rows", 5000, "--sparse-chunk-id-gap", 100000)
    run = check("--config", preflight.dev_config(work, "sparse_chunk_demo"), "--export", "orders_sparse_builtin_dense")
    (warning,) = preflight.blocks(run.out)["orders_sparse_builtin_dense"]["Warning"]
    assert "Dense surrogate (ROW_NUMBER)" in warning and "global sort" in warning


# ---- what run refuses, check refuses ----


def test_an_index_is_seen(database, work):
    work.write({"name": "orders", "query": "select * from orders where id <= 50", "mode": "incremental", "cursor_column": "id"},
               source={"url": preflight.URL})
    block = preflight.blocks(check("--config", work.config).out)["orders"]
    assert block["Scan type"][0].endswith(" (indexed)")
    assert block["Verdict"] == ["EFFICIENT"]
    assert "Suggestion" not in block


REFUSED = {
    "missing table": ({"query": "select * from no_such_table"}, "no_such_table"),
    "syntax": ({"query": "selec 1 as a"}, "syntax error"),
    "duplicate names": ({"query": "select id, id from users"}, "two columns named"),
    "unnamed column": ({"query": "select 1"}, "no name"),
    "two statements": ({"query": "select 1 as a; select 2 as b"}, "statement"),
    "override of nothing": ({"query": "select id from users", "columns": {"nothing": "text"}}, "nothing"),
    "impossible override": ({"query": "select name from users", "columns": {"name": "duration_us"}}, "name"),
    "cursor of nothing": ({"query": "select id from users", "mode": "incremental", "cursor_column": "nothing"}, "nothing"),
    "cursor of booleans": ({"query": "select is_active from users", "mode": "incremental", "cursor_column": "is_active"}, "cannot be a cursor"),
    "chunk of nothing": ({"query": "select id from users", "mode": "chunked", "chunk_column": "nothing"}, "nothing"),
    "time of nothing": ({"query": "select id from users", "mode": "time_window", "time_column": "nothing", "days_window": 1}, "nothing"),
    "unique nothing": ({"query": "select id from users", "quality": {"unique_columns": ["nothing"]}}, "nothing"),
    "nulls in the cursor": ({"query": "select nullif(id, 1) as c from users", "mode": "incremental", "cursor_column": "c"}, "NULL"),
    "infinity in the cursor": ({"query": "select created_at, id from users union all select 'infinity', 0", "mode": "incremental", "cursor_column": "created_at"}, "infinity"),
    "no number in the cursor": ({"query": "select 'NaN'::float8 as c from users", "mode": "incremental", "cursor_column": "c"}, "NaN"),
    "taken meta column": ({"query": "select id as _rivet_row_hash from users", "meta_columns": {"row_hash": True}}, "_rivet_row_hash"),
    "unused cursor of nothing": ({"query": "select id from users", "cursor_column": "nothing"}, "nothing"),
    "lag that does not fit": ({"query": "select id from users", "mode": "incremental", "cursor_column": "id", "cursor_lag": "5s"}, "cursor_lag"),
    "chunks of lists": ({"query": "select array[id] as a from users", "mode": "chunked", "chunk_column": "a"}, "no order to cut along"),
    "chunks of documents": ({"query": "select to_json(id) as a from users", "mode": "chunked", "chunk_column": "a"}, "ordering operator"),
    "chunks without a key": ({"query": "select u.id + 1 as a from users u, users v", "mode": "chunked"}, "no chunk_column"),
    "row numbers without a key": ({"query": "select id + 1 as a from users", "mode": "chunked", "chunk_dense": True}, "chunk_"),
    "a checkpoint of row numbers": ({"query": "select id from users", "mode": "chunked", "chunk_column": "id", "chunk_dense": True,
                                     "chunk_checkpoint": True}, "chunk_checkpoint cannot keep this plan"),
    "a checkpoint of pages": ({"query": "select * from keyless", "mode": "chunked", "chunk_checkpoint": True}, "chunk_checkpoint cannot keep this plan"),
    "chunks on stdout": ({"query": "select id from users", "mode": "chunked", "chunk_column": "id", "format": "csv",
                          "destination": {"type": "stdout"}}, "stdout is one"),
    "a number for a time": ({"query": "select id from users", "mode": "time_window", "time_column": "id", "days_window": 1}, "time_column_type"),
    "null ratio of nothing": ({"query": "select id from users", "quality": {"null_ratio_max": {"nothing": 0.5}}}, "nothing"),
    "unique in another case": ({"query": "select id from users", "quality": {"unique_columns": ["ID"]}}, "'ID'"),
    "bloom of nothing": ({"query": "select id from users", "parquet": {"bloom": ["nothing"]}}, "nothing"),
    "missing query file": ({"query_file": "no.sql"}, "no.sql"),
}


@pytest.mark.parametrize("export, words", REFUSED.values(), ids=REFUSED.keys())
def test_refused(database, work, export, words):
    """Exit 1 with the reason on both streams; the other export is checked all the same."""
    work.write({"name": "bad", **export}, {"name": "good", "query": "select id from users"}, source={"url": preflight.URL})
    run = check("--config", work.config, status=1)
    found = preflight.blocks(run.out)
    assert words in found["bad"]["Error"][0]
    assert "Verdict" not in found["bad"]
    assert found["good"]["Verdict"]
    assert "export 'bad'" in run.err and words in run.err
    assert "good" not in run.err
    assert not work.state.exists()


@pytest.mark.parametrize("export, words", REFUSED.values(), ids=REFUSED.keys())
def test_a_run_refuses_the_same(database, work, export, words):
    """In the same words, with the same way out and the same exit status, save where the rows were looked at."""
    work.write({"name": "bad", **export}, source={"url": preflight.URL})
    checked = check("--config", work.config, status=None)
    ran = work.run(check=None)
    assert words in ran.err and preflight.reasons(ran) == preflight.reasons(checked)
    assert checked.status == 1 and ran.status in (1, 3)
    assert not work.files()


def test_a_query_file_is_resolved(database, work):
    (work.path / "q.sql").write_text("select id from users where id <= ${TOP};\n")
    work.write({"name": "filed", "query_file": "q.sql"}, source={"url": preflight.URL})
    run = check("--config", work.config, "--param", "TOP=10")
    assert preflight.blocks(run.out)["filed"]["Row estimate"] == ["~10"]


def test_permission_denied(database, work):
    database.execute("drop table if exists locked_away")
    database.execute("create table locked_away (id int)")
    database.execute("do $$ begin create role rivet_check_guest login password 'guest'; "
                     "exception when duplicate_object then null; end $$")
    work.write({"name": "denied", "query": "select id from locked_away"},
               source={"url": preflight.URL.replace("rivet:rivet@", "rivet_check_guest:guest@")})
    run = check("--config", work.config, status=1)
    assert "permission denied" in preflight.blocks(run.out)["denied"]["Error"][0]


def test_unavailable_is_5_after_one_attempt(work):
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    listener.close()
    work.write({"name": "users", "query": "select 1 as a"}, source={"url": f"postgresql://rivet:rivet@127.0.0.1:{port}/rivet"})
    run = check("--config", work.config, status=5, timeout=10)
    assert run.out == "" and "retry" not in run.err


def test_wrong_password_is_1():
    run = check("--config", "dev/test_pg_wrongpass.yaml", status=1)
    assert "password authentication failed" in run.err and "WRONGPASSWORD" not in run.text


def test_strict(database, work):
    work.write({"name": "users", "query": "select id from users", "no_such_key": 1}, source={"url": preflight.URL})
    assert "no_such_key" in check("--config", work.config).err
    assert "no_such_key" in check("--config", work.config, "--strict", status=1).err


def test_statements_stay_short(database, work):
    """A result that takes for ever: the range is given up at the limit, and the rest is told."""
    database.execute("create or replace function slowly(int) returns int language sql volatile as "
                     "'select $1 from (select pg_sleep(5)) as pause'")
    work.write({"name": "endless", "query": "select slowly(g) as id from generate_series(1, 1000) g", "mode": "incremental",
                "cursor_column": "id"}, source={"url": preflight.URL, "tuning": {"profile": "fast", "statement_timeout_s": 1}})
    run = check("--config", work.config, timeout=30)
    block = preflight.blocks(run.out)["endless"]
    assert "Cursor range" not in block
    assert "not found within" in "".join(block["Note"])


# ---- forms ----


def test_types(database, work):
    database.execute("drop table if exists typed")
    database.execute("create table typed (small int2, big int8, price numeric(12,2), free numeric, seen timestamptz, "
                     "place point, tags int4[], id uuid)")
    work.write({"name": "typed", "query": "select * from typed"}, {"name": "native", "query": "select * from typed", "target": "duckdb"},
               {"name": "plain", "query": "select small from typed", "format": "csv"}, source={"url": preflight.URL})
    run = check("--config", work.config, "--types")
    assert re.search(r"small +smallint +INT32 INTEGER\(16,signed\) +exact$", run.out, re.M)
    assert re.search(r"price +numeric\(12,2\) +INT64 DECIMAL\(12,2\) +exact$", run.out, re.M)
    assert re.search(r"place +point +BYTE_ARRAY STRING +text$", run.out, re.M)
    assert re.search(r"tags +integer\[\] +LIST of INT32 +exact$", run.out, re.M)
    assert re.search(r"id +uuid +FIXED_LEN_BYTE_ARRAY\(16\) UUID +exact +-> UUID$", run.out, re.M)
    assert re.search(r"small +smallint +text +exact$", run.out, re.M)


# Columns whose view duckdb itself can confirm.
SEEN = ("true as a, 1::int2 as b, 1::int4 as c, 1::int8 as d, 1::float4 as e, 1::float8 as f, 1::numeric(12,2) as g, "
        "1::numeric(30,2) as h, current_date as i, localtime as j, localtimestamp as k, now() as l, 'x'::text as m, "
        "'{}'::json as n, ''::bytea as o, gen_random_uuid() as p, array[1,2] as q, array['x'] as r")


def test_duckdb_sees_what_check_says(database, work):
    work.write({"name": "seen", "query": f"select {SEEN}", "target": "duckdb"}, source={"url": preflight.URL})
    report = json.loads(check("--config", work.config, "--types", "--json").out)
    work.run()
    (path,) = work.files("seen")
    described = support.duckdb.connect().execute("describe select * from read_parquet(?)", [str(path)]).fetchall()
    assert [(c["name"], c["target_type"]) for c in report["exports"][0]["columns"]] == [row[:2] for row in described]


def test_the_types_are_those_written(database, work):
    work.write({"name": "seen", "query": f"select {SEEN}", "types": "native"}, source={"url": preflight.URL})
    report = json.loads(check("--config", work.config, "--types", "--json").out)
    work.run()
    (path,) = work.files("seen")
    schema = support.pyarrow.parquet.ParquetFile(path).schema
    for i, column in enumerate(report["exports"][0]["columns"]):
        said = column["type"].removeprefix("LIST of ")
        leaf = schema.column(i)
        assert said.split(" ")[0].split("(")[0] == leaf.physical_type, column
        logical = leaf.logical_type.type
        assert logical in said or logical == "NONE", (column, logical)


def test_json(database, work):
    config = preflight.dev_config(work, "pg_degraded")
    report = json.loads(check("--config", config, "--json").out)
    assert report["version"] == 1 and report["source"]["server"].startswith("PostgreSQL ")
    assert report["source"]["connections_free"] > 0
    assert [e["export"] for e in report["exports"]] == ["page_views_incremental", "page_views_full"]
    assert report["exports"][0]["verdict"] == "DEGRADED" and report["exports"][0]["range_min"]
    work.write({"name": "bad", "query": "select * from no_such_table"}, source={"url": preflight.URL})
    report = json.loads(check("--config", work.config, "--json", status=1).out)
    assert "no_such_table" in report["exports"][0]["error"]


def test_too_many_workers_are_noted(database, work):
    work.write({"name": "wide", "query": "select id from users", "mode": "chunked", "chunk_column": "id", "parallel": 1000},
               source={"url": preflight.URL})
    assert "free connections" in "".join(preflight.blocks(check("--config", work.config).out)["wide"]["Note"])


def test_nothing_is_read_or_written(database, work):
    before = preflight.scans(database)
    check("--config", preflight.dev_config(work, "pg_full"))
    assert preflight.scans(database) == before
    assert not work.state.exists() and not work.output.exists()
