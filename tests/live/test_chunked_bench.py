"""Acceptance rows E1 to E3, R1 to R4, S1, U3 and O1 as they stand: the configurations of dev/, 200,000 content_items.

Whole rows are compared by a sum of hashes that both
the server and DuckDB compute; ids one by one.
"""

import re
import subprocess

import duckdb
import pyarrow
import pyarrow.parquet
import pytest

import bench_database
import chunked
import servers
import support

ROWS = bench_database.ROWS
SERIAL = "bench_content_p4_serial"
NAMES = ["bench_content_p4", SERIAL, "bench_content_p4_fatchunk", "bench_content_p4_no_meta", "bench_content_p4_balanced"]
# Every column, NULLs told from texts; a tenth of the rows is enough to see that none is cut or mixed up.
CELLS = ("concat_ws('|', id, title, body, coalesce(raw_html, '-'), coalesce(tags, '-'), author_name, coalesce(category, '-'), status, "
         "extract(epoch from created_at)::bigint)")
SAMPLE = "id % 10 = 3"


@pytest.fixture(scope="module", autouse=True, params=bench_database.PARAMS)
def bench(request):
    request.param.prepare()
    return request.param


@pytest.fixture(scope="module")
def digest(bench):
    """The sum of the hashes of the rows."""
    with bench.connect() as connection:
        return connection.execute(f"select sum(('x' || substr(md5({CELLS}), 1, 8))::bit(32)::bigint) from content_items where {SAMPLE}").fetchone()[0]


def ids_of(paths):
    return pyarrow.concat_tables(pyarrow.parquet.read_table(path, columns=["id"]) for path in paths)["id"].to_pylist()


def check_rows(paths, digest):
    assert sorted(ids_of(paths)) == list(range(1, ROWS + 1))
    connection = duckdb.connect()
    found = connection.execute(f"select sum(('0x' || substr(md5({CELLS}), 1, 8))::bigint) from read_parquet(?) where {SAMPLE}",
                               [[str(path) for path in paths]]).fetchone()[0]
    assert int(found) == int(digest), "the rows are not those of the table"


def check_export(work, run, name, files, digest):
    """The summary, the tasks and their files."""
    summary = run.summary(name)
    assert (summary["status"], summary["rows"], summary["files"], summary["validated"]) == ("success", str(ROWS), str(files), "pass")
    facts, tasks = chunked.state_chunks(work, name)
    assert facts["status"] == "completed" and facts["run_id"] == summary["run_id"]
    assert [(task[1], task[4], task[5]) for task in tasks] == [("completed", "1", str(ROWS // files))] * files
    paths = [work.output / task[6] for task in tasks]
    assert sorted(paths) == chunked.files(work, name if name != "bench_content_p4" else "bench_content_p4_[0-9]*")
    check_rows(paths, digest)
    return facts


def test_sequential(work, bench, digest):
    """E1"""
    bench.copy_config(work, "bench_chunked_seq.yaml")
    run = work.run(env={"RUST_LOG": "info"}, timeout=300)
    paths = chunked.files(work, "bench_content_seq")
    assert [path.name.rsplit("_", 1)[1] for path in paths] == [f"chunk{i}.parquet" for i in range(4)]
    assert all(f"chunk {i}/4" in run.err for i in range(1, 5))
    check_rows(paths, digest)


def test_serial_checkpointed(work, bench, digest):
    """E2, R1, R2, R4; S1 for the export that is not balanced."""
    bench.copy_config(work, "bench_chunked_p4.yaml")
    arguments = ("-c", work.config, "-e", SERIAL)
    run = work.run("--export", SERIAL, "--validate", timeout=300)
    facts = check_export(work, run, SERIAL, 20, digest)
    assert facts["plan_hash"] == "1f24b22011040dff"
    assert run.summary(SERIAL)["tuning"] == "profile=fast, batch_size=1000"
    assert re.search(rf"\b1\b.*'{SERIAL}'", support.rivet("state", "reset-chunks", *arguments, check=0).out)
    assert re.search(rf"\b0\b.*'{SERIAL}'", support.rivet("state", "reset-chunks", *arguments, check=0).out)
    for path in chunked.files(work, SERIAL):
        path.unlink()
    again = check_export(work, work.run("--export", SERIAL, "--validate", timeout=300), SERIAL, 20, digest)
    assert again["run_id"] != facts["run_id"] and again["plan_hash"] == facts["plan_hash"]


def test_balanced(work, bench, digest):
    """S1"""
    bench.copy_config(work, "bench_chunked_p4.yaml")
    run = work.run("--export", "bench_content_p4_balanced", "--validate", timeout=300)
    check_export(work, run, "bench_content_p4_balanced", 20, digest)
    assert run.summary("bench_content_p4_balanced")["tuning"] == "profile=balanced, batch_size=1000"


def test_killed_and_resumed(work, bench, digest):
    """R3, the source slowed a little."""
    bench.copy_config(work, "bench_chunked_p4.yaml")
    pattern = "bench_content_p4_[0-9]*"
    with chunked.Valve(2_000_000) as valve:
        work.config.write_text(work.config.read_text().replace(bench.url, re.sub(r"localhost:\d+", f"127.0.0.1:{valve.port}", bench.url)))
        process = chunked.start(work, "--export", "bench_content_p4")
        support.wait_for(lambda: chunked.completed(work) >= 3, seconds=120, what="some chunks")
        process.kill()
        process.communicate()
        facts, tasks = chunked.state_chunks(work, "bench_content_p4")
        states = {task[1] for task in tasks}
        assert facts["status"] == "in_progress" and "completed" in states and states & {"running", "sealed"}
        before = chunked.stamps(work.output / task[6] for task in tasks if task[1] == "completed")
        assert 0 < len(chunked.files(work, pattern)) < 20
        valve.rate = 0
        resumed = work.run("--export", "bench_content_p4", "--resume", timeout=300)
    assert resumed.summary("bench_content_p4")["run_id"] == facts["run_id"]
    paths = chunked.files(work, pattern)
    assert len(paths) == 20 and work.leftovers() == [] and before.items() <= chunked.stamps(paths).items()
    check_rows(paths, digest)


@pytest.mark.parametrize("rows, files", [(5000, 1), (25000, 3)])
def test_sparse_by_row_numbers(work, rows, files):
    """U3"""
    servers.POSTGRES.prepare()
    work.copy_dev("sparse_chunk_demo.yaml", (r"postgresql://[^/]*/rivet$", servers.POSTGRES.url))
    subprocess.run([support.SEED, "--target", "postgres", "--pg-url", servers.POSTGRES.url, "--only-sparse-chunk-demo", "--sparse-chunk-rows", str(rows),
                    "--sparse-chunk-id-gap", "100000"], check=True, capture_output=True, timeout=60 * support.PATIENCE)
    work.run("--export", "orders_sparse_builtin_dense")
    paths = chunked.files(work, "orders_sparse_builtin_dense", "csv")
    assert len(paths) == files
    records = [support.csv_records(path.read_text()) for path in paths]
    assert all(part[0] == ["id", "payload"] for part in records)
    support.assert_same_rows([record for part in records for record in part[1:]],
                             [(str(id), payload) for id, payload in support.database_rows("select id, payload from orders_sparse", servers.POSTGRES.url)])


@pytest.mark.parametrize("megabytes, computed", [(10, 9910), (256, None)])
def test_rows_for_a_batch_of_so_many_bytes(work, bench, megabytes, computed):
    """O1"""
    bench.copy_config(work, "test_memory_batch.yaml")
    work.config.write_text(work.config.read_text().replace("batch_size_memory_mb: 10", f"batch_size_memory_mb: {megabytes}"))
    run = work.run(env={"RUST_LOG": "info"})
    assert f"batch_size_memory_mb={megabytes}: estimated row" in run.err
    assert computed is None or f"computed batch_size={computed}" in run.err, run.err
    assert run.summary("users_memory_batch")["rows"] == "10"
    assert len(support.parquet_rows(*work.files("users_memory_batch"))) == 10


@pytest.mark.soak
def test_all_five(work, bench, digest):
    """E3"""
    bench.copy_config(work, "bench_chunked_p4.yaml")
    run = work.run("--validate", timeout=900)
    assert re.findall(r"── (\w+) ──", run.err) == NAMES
    for name, files in zip(NAMES, [20, 20, 4, 20, 20]):
        check_export(work, run, name, files, digest)
        schema = pyarrow.parquet.read_schema(work.output / chunked.state_chunks(work, name)[1][0][6])
        assert any(column.startswith("_rivet") for column in schema.names) == (not name.endswith("no_meta"))
