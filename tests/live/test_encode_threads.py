"""One pool of compression helpers per process, whatever runs in it (spec: parquet §4.5)."""

import pathlib
import subprocess
import time

import pytest

import chunked
import support

HELPER = "rivet-compress"
QUERY = ("select n as id, md5(n::text) || md5((n + 1)::text) || md5((n + 2)::text) as t, (n * 7919::bigint) % 1000003 as k"
         " from generate_series(1, 400000) n order by n")


def helpers_of(pid):
    count = 0
    for comm in pathlib.Path(f"/proc/{pid}/task").glob("*/comm"):
        try:
            count += comm.read_text().strip() == HELPER
        except OSError:
            pass
    return count


def most_helpers(work, *arguments):
    """Runs the configuration; how many helpers it had at once, as often as that was looked at."""
    with open(work.path / "stderr", "w+") as err:
        process = subprocess.Popen([support.RIVET, "run", "--config", work.config, *arguments], stderr=err)
        most = 0
        while process.poll() is None:
            most = max(most, helpers_of(process.pid))
            time.sleep(0.002)
        err.seek(0)
        assert process.returncode == 0, err.read()
    return most


def export(name, threads, **options):
    return {"name": name, "query": QUERY, "parquet": {"encode_threads": threads}, **options}


@support.measures
def test_exports_in_threads_share_them(work, postgres):
    work.write(*(export(f"e{threads}{codec}", threads, compression=codec) for threads in (0, 1, 2) for codec in ("zstd", "gzip")))
    assert most_helpers(work, "--parallel-exports") == 2
    for codec in ("zstd", "gzip"):
        contents = {path.read_bytes() for threads in (0, 1, 2) for path in work.files(f"e{threads}{codec}")}
        assert len(contents) == 1, "the bytes depend on the number of helpers"


@support.measures
def test_chunks_share_them(work, postgres):
    chunked.prepare()
    chunked.execute("drop table if exists pool", f"create table pool as {QUERY}", "alter table pool add primary key (id)", "analyze pool")
    contents = []
    for threads in (0, 2):
        name = f"pool{threads}"
        work.write({"name": name, "query": "select id, t, k from pool", "mode": "chunked", "chunk_column": "id", "chunk_size": 50000,
                    "parallel": 3, "parquet": {"encode_threads": threads}}, source={"url": chunked.URL})
        assert most_helpers(work) == threads
        contents.append(sorted(path.read_bytes() for path in work.files(name)))
    assert len(contents[0]) == 8 and contents[0] == contents[1]


@pytest.mark.parametrize("threads, format", [(0, "parquet"), (3, "csv")])
def test_none_without_need(work, postgres, threads, format):
    work.write({"name": "none", "query": QUERY, "format": format, **({"parquet": {"encode_threads": threads}} if format == "parquet" else {})})
    assert most_helpers(work) == 0
