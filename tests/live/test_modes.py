"""time_window, several files per run, file names, query files, empty results, standard output
(acceptance F3, J1, L1, L2, P1, P2)."""

import datetime
import json
import re
import subprocess
import time

import pytest

import servers
import support


@pytest.fixture(scope="module", params=servers.ALL, ids=lambda server: server.name)
def server(request):
    request.param.prepare()
    return request.param


# ---- time windows ----

def test_seven_days(work, postgres):
    """J1: inside are one day ago and the very midnight, outside one second before it and a month ago."""
    mark = "rivet_window"
    assert work.run_dev("_uat_time_window.yaml").files == [] or postgres.execute(
        "select count(*) from events where created_at > now() - interval '8 days'").fetchone()[0]
    midnight = "date_trunc('day', now() at time zone 'UTC') - interval '7 days'"
    moments = ["(now() at time zone 'UTC') - interval '1 day'", midnight, f"{midnight} - interval '1 second'",
               "(now() at time zone 'UTC') - interval '30 days'"]
    try:
        for number, moment in enumerate(moments):
            postgres.execute("insert into events (user_id, event_type, created_at) "
                             f"select min(id), '{mark}{number}', {moment} from users")
        run = work.run_dev("_uat_time_window.yaml")
        got = [row[2] for row in support.parquet_rows(*run.files) if row[2].startswith(mark)]
        assert sorted(got) == [mark + "0", mark + "1"]
    finally:
        postgres.execute(f"delete from events where event_type like '{mark}%'")


def test_empty_window(server, work):
    server.execute("drop table if exists win", f"create table win (at {server.moment})", "insert into win values ('2001-01-01')")
    work.write({"name": "win", "query": "select * from win", "mode": "time_window", "time_column": "at", "days_window": 7},
               source=server.source())
    summary = work.run().summary("win")
    assert (summary["status"], summary["rows"], summary["files"]) == ("success", "0", "0") and work.files() == []


def midnight(days):
    now = datetime.datetime.now(datetime.timezone.utc)
    return now.replace(hour=0, minute=0, second=0, microsecond=0) - datetime.timedelta(days=days)


def as_text(at):
    return f"'{at:%Y-%m-%d %H:%M:%S}'"


def as_text_elsewhere(at):
    return f"'{at.astimezone(datetime.timezone(datetime.timedelta(hours=9))).isoformat()}'"


def as_date(at):
    return f"'{at:%Y-%m-%d}'"


def as_number(at):
    return str(int(at.timestamp()))


WINDOWS = {
    "postgres": [("timestamp", "timestamp", as_text), ("timestamptz", "timestamp", as_text_elsewhere), ("date", "timestamp", as_date),
                 ("bigint", "unix", as_number), ("numeric", "unix", as_number), ("double precision", "unix", as_number)],
    "mysql": [("datetime", "timestamp", as_text), ("datetime(6)", "timestamp", as_text), ("timestamp null", "timestamp", as_text),
              ("date", "timestamp", as_date), ("bigint", "unix", as_number), ("int unsigned", "unix", as_number),
              ("bigint unsigned", "unix", as_number), ("decimal(20,6)", "unix", as_number), ("double", "unix", as_number)],
}
WINDOWS["mariadb"] = WINDOWS["mysql"]


@pytest.mark.parametrize("server, column, kind, write", [
    pytest.param(server, *case, id=f"{server.name}-{case[0]}-{case[1]}") for server in servers.ALL for case in WINDOWS[server.name]])
def test_the_bound_is_midnight_utc(server, work, column, kind, write):
    """J1 on every server: the very midnight is inside, a second earlier (of a date: a day) is not."""
    server.prepare()
    first = midnight(3)
    inside = [first, midnight(0)]
    outside = [first - (datetime.timedelta(days=1) if column == "date" else datetime.timedelta(seconds=1)),
               first - datetime.timedelta(days=30)]
    server.execute("drop table if exists win", f"create table win (n int, at {column})", "insert into win values (9, null)",
                   *(f"insert into win values ({n}, {write(at)})" for n, at in enumerate(inside + outside)))
    work.write({"name": "win", "query": "select n, at from win", "mode": "time_window", "time_column": "at",
                "time_column_type": kind, "days_window": 3}, source=server.source())
    work.run()
    assert sorted(row[0] for row in support.parquet_rows(*work.files("win"))) == [0, 1]


def test_a_giant_window_saturates(server, work):
    server.execute("drop table if exists win", f"create table win (at {server.moment})", "insert into win values ('1000-01-01')")
    work.write({"name": "win", "query": "select * from win", "mode": "time_window", "time_column": "at",
                "days_window": 4294967295}, source=server.source())
    assert work.run().summary("win")["rows"] == "1"


@pytest.mark.parametrize("column, kind", [("text", "timestamp"), ("text", "unix"), ("int", "timestamp"), ("{moment}", "unix")])
def test_a_column_that_is_no_time(server, work, column, kind):
    server.execute("drop table if exists win", f"create table win (at {column.format(moment=server.moment)})")
    work.write({"name": "win", "query": "select * from win", "mode": "time_window", "time_column": "at",
                "time_column_type": kind, "days_window": 3}, source=server.source())
    assert "time_column" in work.run(check=1).err


# ---- several files ----

def test_split_files(work, postgres):
    """P1, P2."""
    run = work.run_dev("test_file_split.yaml", "--validate")
    stamps = {re.fullmatch(r"users_split_(\d{8}_\d{6}_[0-9a-f]{6})_part(\d+)\.parquet", path.name).groups() for path in run.files}
    assert len({stamp for stamp, _ in stamps}) == 1 and len(run.files) >= 2
    assert sorted(int(part) for _, part in stamps) == list(range(len(run.files)))
    rows = support.parquet_rows(*run.files)
    assert len(rows) == len({row[0] for row in rows})
    support.assert_same_rows(rows, support.database_rows(
        "select id, name, email, age, balance, is_active, bio, created_at, updated_at from users"))
    by_number = sorted(run.files, key=lambda path: int(re.search(r"part(\d+)", path.name).group(1)))
    for path in by_number[:-1]:
        assert path.stat().st_size >= 10240 or len(support.parquet_rows(path)) <= 100, path
    assert run.summary("users_split")["validated"] == "pass"
    assert run.summary("users_split")["files"] == str(len(run.files))


@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_a_lone_part_has_no_number(server, work, format):
    """Everywhere the same name: directory, history, manifest."""
    server.table("parts", rows=10)
    work.write({"name": "parts", "query": "select * from parts", "format": format, "max_file_size": "10MB"}, source=server.source())
    work.run()
    (path,) = work.files("parts")
    assert "_part" not in path.name
    assert work.query_state("select file_name from file_manifest") == [(path.name,)]
    assert [part["key"] for part in work.manifests("parts")[0]["parts"]] == [path.name]


def test_every_csv_part_has_a_header(server, work):
    server.table("parts", rows=1000)
    work.write({"name": "parts", "query": "select id, payload from parts", "format": "csv", "max_file_size": "10KB"},
               source=server.source(batch_size=50))
    work.run()
    paths = work.files("parts")
    records = [support.csv_records(path.read_text()) for path in paths]
    assert len(paths) > 3 and all(part[0] == ["id", "payload"] and len(part) > 1 for part in records)
    rows = [(int(record[0]), record[1]) for part in records for record in part[1:]]
    support.assert_same_rows(rows, server.rows("select id, payload from parts"))


# ---- names and queries ----

def test_file_name_template(server, work):
    server.table("named", rows=10)
    work.write({"name": "named", "query": "select * from named", "file_name": "{export}-{date}-{run_id}"}, source=server.source())
    run_id = work.run().summary("named")["run_id"]
    (path,) = work.output.glob("*.parquet")
    assert re.fullmatch(rf"named-\d{{8}}-{re.escape(run_id)}\.parquet", path.name)


@pytest.mark.parametrize("size", [None, "10MB"], ids=["one file", "splits"])
def test_a_name_that_is_taken(server, work, size):
    """Noticed before a row is read; the file stays as it is; nothing is left to recover."""
    server.table("named", rows=10)
    export = {"name": "named", "query": "select * from named", "file_name": "latest", **({"max_file_size": size} if size else {})}
    work.write(export, source=server.source())
    work.run()
    (path,) = work.output.glob("*.parquet")
    before = path.read_bytes()
    run = work.run(check=1)
    assert "exists and is not ours" in run.err and "{ts}" in run.err
    assert path.read_bytes() == before and work.leftovers() == []
    assert work.query_state("select count(*) from part where status <> 'visible'") == [(0,)]
    path.unlink()
    work.run()


def test_query_file(server, work):
    server.table("filed", rows=20)
    (work.path / "sub").mkdir()
    (work.path / "sub/q.sql").write_text("select id from filed where id <= ${TOP} -- from a file\n;\n")
    work.write({"name": "filed", "query_file": "sub/q.sql", "mode": "incremental", "cursor_column": "id"}, source=server.source())
    work.run("--param", "TOP=5")
    assert [row[0] for row in support.parquet_rows(*work.files("filed"))] == [1, 2, 3, 4, 5]


# ---- empty results ----

def test_skip_empty(work, postgres):
    """F3."""
    run = work.run_dev("test_compression.yaml", "--export", "users_skip_empty")
    summary = run.summary("users_skip_empty")
    assert (summary["status"], summary["files"], run.files) == ("skipped", "0", [])
    metrics = support.rivet("metrics", "--config", work.config, "--json", check=0).out
    assert json.loads(metrics)[0]["status"] == "skipped"


@pytest.mark.parametrize("export", [{}, {"mode": "incremental", "cursor_column": "id"}], ids=["full", "incremental"])
@pytest.mark.parametrize("skip", [True, False])
def test_no_rows(server, work, export, skip):
    server.table("nothing", rows=0)
    work.write({"name": "nothing", "query": "select * from nothing", "skip_empty": skip, **export}, source=server.source())
    summary = work.run().summary("nothing")
    assert summary["status"] == ("skipped" if skip else "success") and work.files() == [] and work.manifests("nothing") == []


# ---- standard output ----

@support.measures
def test_head_of_stdout(postgres, tmp_path):
    """L1"""
    started = time.monotonic()
    process = subprocess.run(["bash", "-c", f"{support.RIVET} run --config dev/test_stdout.yaml --state {tmp_path}/s.db | head -1"],
                             cwd=support.ROOT, text=True, capture_output=True, timeout=60, env={"RUST_LOG": "debug", "PATH": "/usr/bin:/bin"})
    assert process.stdout == "id,name,email\n"
    assert time.monotonic() - started < 10 * support.PATIENCE and "retry" not in process.stderr


def test_stdout_to_a_file(postgres, tmp_path):
    """L2"""
    with (tmp_path / "out.csv").open("w") as out:
        process = subprocess.run([support.RIVET, "run", "--config", "dev/test_stdout.yaml", "--state", tmp_path / "s.db"], cwd=support.ROOT,
                                 text=True, stdout=out, stderr=subprocess.PIPE, timeout=60, env={"RUST_LOG": "debug"}, check=True)
    header, *records = support.csv_records((tmp_path / "out.csv").read_text())
    assert header == ["id", "name", "email"] and len(records) == 5
    assert re.search(r"status:\s+success", process.stderr) and "status:" not in (tmp_path / "out.csv").read_text()
