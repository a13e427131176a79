"""Memory and time stay flat in the number of rows, in the build that users run."""

import os
import pathlib

import pyarrow.parquet
import pytest

import mysql_support
import support

RELEASE = pathlib.Path(os.environ.get("RIVET_RELEASE_DIR", support.ROOT / "build")).resolve() / "rivet"
LIMIT_MB = 110
pytestmark = support.measures
TABLES = {
    # rows in the development database times copies = the rows the promise is about
    "page_views": (20_000, 100),
    "content_items": (4_000, 50),
}


SOURCES = {"postgres": None} | {
    name: {"type": "mysql", "url": f"mysql://rivet:rivet@127.0.0.1:{port}/rivet", "tuning": {"profile": "fast"}}
    for name, port in mysql_support.PORTS.items()}
every_source = pytest.mark.parametrize("source", SOURCES)


def copied(source, table, copies):
    if source == "postgres":
        return f"select t.* from {table} t cross join generate_series(1, {copies}) as copies(n)"
    return (f"with recursive copies (n) as (select 1 union all select n + 1 from copies where n < {copies}) "
            f"select t.* from copies cross join {table} t")


def run(work, source, table, copies, **root):
    """Peak RSS in MB and CPU seconds per million rows."""
    work.write({"name": "big", "query": copied(source, table, copies)}, source=SOURCES[source], **root)
    before = os.times()
    peak, _ = support.peak_rss_mb([RELEASE, "run", "--config", work.config])
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    rows = TABLES[table][0] * copies
    (path,) = work.files()
    assert pyarrow.parquet.ParquetFile(path).metadata.num_rows == rows
    path.unlink()
    return peak, cpu / rows * 1e6


@every_source
@pytest.mark.parametrize("table", TABLES)
def test_peak_memory_is_bounded_and_flat(work, source, table):
    copies = TABLES[table][1]
    small, small_cpu = run(work, source, table, copies // 5)
    large, large_cpu = run(work, source, table, copies)
    print(f"{source} {table}: {small:.0f} MB at a fifth, {large:.0f} MB at {copies * TABLES[table][0]} rows; "
          f"{small_cpu:.2f} and {large_cpu:.2f} CPU s per million rows")
    assert large < LIMIT_MB
    assert large < small * 1.15 + 4


@pytest.mark.soak
@every_source
@pytest.mark.parametrize("table", TABLES)
def test_five_times_the_rows_need_no_more_memory(work, source, table):
    copies = TABLES[table][1]
    base, base_cpu = run(work, source, table, copies)
    large, large_cpu = run(work, source, table, copies * 5)
    print(f"{source} {table}: {base:.0f} MB, {large:.0f} MB at five times the rows")
    assert large < LIMIT_MB
    assert large < base * 1.05 + 4
    assert large_cpu < base_cpu * 1.25


@every_source
def test_a_small_budget_is_kept(work, source):
    peak, _ = run(work, source, "content_items", 10, max_memory_mb=48)
    print(f"max_memory_mb: 48 on the wide table: {peak:.0f} MB")
    assert peak <= 60
