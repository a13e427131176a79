"""unique_columns: SQL's meaning of NULL, exact counts, bounded memory, in every mode, on each server."""

import os
import re
import subprocess

import pytest

import servers
import support

MODES = {
    "full": {},
    "incremental": {"mode": "incremental", "cursor_column": "id"},
    "time_window": {"mode": "time_window", "time_column": "at", "days_window": 36500},
    "chunked": {"mode": "chunked", "chunk_column": "id", "chunk_size": 100},
    "chunked 4": {"mode": "chunked", "chunk_column": "id", "chunk_size": 100, "parallel": 4},
}
ROWS = 1000
# name → type on PostgreSQL, type on MySQL, value of row g (text of SQL), is it unique?
COLUMNS = {
    "all_null": ("text", "text", "null", True),
    "one_empty": ("text", "text", "case when g = 7 then '' else null end", True),
    "two_empties": ("text", "text", "case when g in (7, 900) then '' else null end", False),
    "null_and_value": ("int", "int", "case when g < 500 then g else null end", True),
    "number": ("bigint", "bigint", "g * 1000003", True),
    "number_twice": ("bigint", "bigint", "case when g = 999 then 1 else g end", False),
    "cases": ("text", "varchar(99) character set utf8mb4 collate utf8mb4_bin", "case g when 1 then 'a' when 2 then 'A' when 3 then 'a ' else null end", True),
    "amount": ("numeric(9,2)", "decimal(9,2)", "g / 100.0", True),
    "amount_twice": ("numeric(9,2)", "decimal(9,2)", "case when g = 2 then 0.01 else g / 100.0 end", False),
    "moment": ("timestamp", "datetime(6)", None, True),
    "raw": ("bytea", "varbinary(9)", None, True),
}
POSTGRES_VALUES = {"moment": "timestamp '2026-01-01' + g * interval '1 microsecond'", "raw": "decode(lpad(to_hex(g), 8, '0'), 'hex')"}
MYSQL_VALUES = {"moment": "timestamp '2026-01-01 00:00:00' + interval g microsecond", "raw": "unhex(lpad(hex(g), 8, '0'))"}


@pytest.fixture(scope="module", params=servers.SERVERS, ids=lambda server: server.name)
def server(request):
    server = request.param
    server.prepare()
    is_postgres = server.name == "postgres"
    types = {name: column[0 if is_postgres else 1] for name, column in COLUMNS.items()}
    values = {name: column[2] or (POSTGRES_VALUES if is_postgres else MYSQL_VALUES)[name] for name, column in COLUMNS.items()}
    series = f"generate_series(1, {ROWS}) g" if is_postgres else f"(select cast(seq as signed) as g from seq_1_to_{ROWS}) s"
    server.execute("drop table if exists uniques",
                   "create table uniques (id int primary key, at timestamp, " + ", ".join(f"{name} {kind}" for name, kind in types.items()) + ")",
                   f"insert into uniques select g, timestamp '2026-01-01 00:00:00', {', '.join(values.values())} from {series}")
    return server


def export(columns, **more):
    return {"name": "q", "query": "select * from uniques", "quality": {"unique_columns": columns}, **more}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("column", COLUMNS)
def test_what_is_a_duplicate(work, server, column, mode):
    """As the server's own count(column) - count(distinct column) says; NULLs are no duplicates."""
    same = column if server.name == "postgres" else f"cast({column} as binary)"  # MariaDB compares texts without their last blanks
    ((want,),) = server.rows(f"select count({column}) - count(distinct {same}) from uniques")
    assert (want == 0) == COLUMNS[column][3]
    work.write(export([column], **MODES[mode]), source=server.source())
    if COLUMNS[column][3]:
        assert work.run().summary("q")["quality"] == "pass"
        assert sum(len(support.parquet_rows(path)) for path in work.files()) == ROWS
        return
    run = work.run(check=3)
    assert f"column '{column}': {want} duplicate values in {ROWS} rows" in run.summary("q")["error"], run.text
    assert work.files() == [] and work.leftovers() == []


def test_several_columns_share_the_budget(work, server):
    work.write(export(["id", "number", "amount_twice", "number_twice"], **MODES["chunked 4"]), source=server.source(), max_memory_mb=48)
    run = work.run(check=3)
    assert re.search("'amount_twice': 1 duplicate.*'number_twice': 1 duplicate", run.summary("q")["error"])


# ---- many values in little memory ----

def peak_mb(work, *arguments, check, env):
    environment = {**{k: v for k, v in os.environ.items() if k != "RIVET_LOG"}, **env}
    return support.peak_rss_mb([support.RIVET, "run", "-c", work.config, *arguments], check=check, stdout=subprocess.DEVNULL, env=environment)


def idle_mb(work, env):
    """What the program takes for nothing: code, libraries, an export of one row."""
    work.write({"name": "idle", "query": "select 1 as id"}, max_memory_mb=12)
    return peak_mb(work, check=0, env=env)[0]


def check_within(work, count, limit_mb, **export):
    """Distinct values pass, one double is found; both within the budget, and TMPDIR is as before."""
    spill = work.path / "tmp"
    spill.mkdir()
    env = {"TMPDIR": str(spill)}
    base = idle_mb(work, env)
    query = f"select g as id, md5(g::text) as word from generate_series(1, {count}) g"
    for double, status in (("", 0), (f" union all select {count + 1}, md5('77')", 3)):
        work.write({"name": "q", "query": query + double, "quality": {"unique_columns": ["word"]}, "format": "csv", **export},
                   max_memory_mb=limit_mb)
        peak, err = peak_mb(work, check=status, env=env)
        print(f"{count} values, max_memory_mb {limit_mb}: peak {peak:.0f} MB, of it {base:.0f} MB idle")
        assert peak <= limit_mb + base, f"{peak:.0f} MB, {base:.0f} MB idle"
        assert status == 0 or f"column 'word': 1 duplicate values in {count + 1} rows" in err
    assert list(spill.iterdir()) == []


CHUNKED = {"mode": "chunked", "chunk_column": "id", "chunk_size": 250000, "parallel": 2}


@support.measures
@pytest.mark.slow
@pytest.mark.parametrize("mode, limit_mb", [({}, 24), (CHUNKED, 48)], ids=["full", "chunked 2"])
def test_a_million_values_in_little_memory(work, postgres, mode, limit_mb):
    """16 MB of hashes; the checks get a quarter of the budget."""
    check_within(work, 1_000_000, limit_mb, **mode)


@pytest.mark.soak
@pytest.mark.parametrize("limit_mb", [24, 256])
def test_ten_million_values(work, postgres, limit_mb):
    check_within(work, 10_000_000, limit_mb)


def test_no_room_for_hashes(work, postgres):
    """TMPDIR that cannot be written: an error that says so, and nothing is delivered."""
    work.write({"name": "q", "query": "select g as id from generate_series(1, 1000000) g", "quality": {"unique_columns": ["id"]}}, max_memory_mb=12)
    run = work.run(check=1, env={"TMPDIR": str(work.path / "missing")})
    assert "cannot create a temporary file" in run.err and "missing" in run.err
    assert work.files() == [] and work.leftovers() == []
