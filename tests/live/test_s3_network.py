"""Toxiproxy between rivet and a real S3 server: slow, narrow, cut and half-closed connections. A run finishes,
or fails cleanly with its uploads stopped and nothing visible; the next one is whole.

Also the memory of a large export, and that nothing of it touches the local disk.
"""

import os
import re
import subprocess

import pytest

import delivery
import s3_support
import support
import toxiproxy

ROWS = "select g as id, md5(g::text) || md5((g * 7)::text) || md5((g * 11)::text) as noise from generate_series(1, 60000) g"


@pytest.fixture(scope="module")
def proxied():
    with toxiproxy.Proxy(f"s3-{os.getpid()}", s3_support.PORT) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def bucket():
    return s3_support.s3_server().new_bucket()


@pytest.fixture
def work(tmp_path, proxied, bucket):
    work = s3_support.S3Work(tmp_path, s3_support.s3_server(), bucket, f"{tmp_path.name}/", endpoint=f"http://127.0.0.1:{proxied.port}", part_mb=5)
    work.write({"name": "rows", "query": ROWS, "format": "parquet", "compression": "none", "max_file_size": "4MB",
                "parquet": {"row_group_mb": 1}, "tuning": {"max_retries": 0}})
    yield work
    proxied.clean()
    proxied.enable(True)


def check(work):
    delivery.check_full(work, "rows", support.database_rows(ROWS))


@pytest.mark.parametrize("kind, stream, attributes", [
    ("latency", "downstream", {"latency": 200, "jitter": 100}),
    ("bandwidth", "upstream", {"rate": 3000}),
    ("slicer", "upstream", {"average_size": 5000, "size_variation": 2000, "delay": 50}),
])
def test_slow_and_narrow(postgres, work, proxied, kind, stream, attributes):
    proxied.toxic(kind, stream, **attributes)
    work.run(timeout=120)
    check(work)


@pytest.mark.slow
@pytest.mark.parametrize("kind, stream, toxicity, attributes", [
    ("limit_data", "upstream", 0.5, {"bytes": 300000}),
    ("reset_peer", "upstream", 0.3, {"timeout": 20}),
    ("limit_data", "downstream", 0.3, {"bytes": 100}),
    ("reset_peer", "downstream", 0.3, {"timeout": 0}),
])
def test_cuts(postgres, work, proxied, kind, stream, toxicity, attributes):
    """Connections that break at random: whatever the run says, the next undisturbed one makes it whole."""
    proxied.toxic(kind, stream, toxicity, **attributes)
    result = support.rivet("run", "-c", work.config, env=s3_support.NOBODY, timeout=240)
    assert result.status in (0, 5), result.text
    proxied.clean()
    if result.status == 0:
        check(work)
    work.run()
    check(work)


def test_dead_from_the_beginning(postgres, work, proxied):
    proxied.enable(False)
    result = work.run(check=5, timeout=120)
    assert re.search(r"cannot look at 's3://.*'", result.err) and "retry" not in result.err
    proxied.enable(True)
    work.run()
    check(work)


@pytest.mark.slow
def test_half_closed(postgres, work, proxied):
    """The server's side ends, bytes go on: a time-out of the proxy that closes only then."""
    proxied.toxic("slow_close", "downstream", delay=2000)
    proxied.toxic("limit_data", "downstream", 0.4, bytes=50)
    result = support.rivet("run", "-c", work.config, env=s3_support.NOBODY, timeout=240)
    assert result.status in (0, 5), result.text
    proxied.clean()
    work.run()
    check(work)


# ---- memory and disk ----

def export_large(tmp_path, rows):
    """Peak memory and bytes written to files, by a run in a directory of its own."""
    store = s3_support.s3_server()
    work = s3_support.S3Work(tmp_path, store, store.new_bucket())
    query = ("select g as id, md5(g::text) || md5((g * 7)::text) || md5((g * 11)::text) || md5((g * 13)::text) as noise"
             f" from generate_series(1, {rows}) g")
    work.write({"name": "large", "query": query, "compression": "none"})
    program = ("import resource, subprocess, sys; process = subprocess.run(sys.argv[1:]);"
               " usage = resource.getrusage(resource.RUSAGE_CHILDREN); print(usage.ru_maxrss, usage.ru_oublock); sys.exit(process.returncode)")
    process = subprocess.run(["python3", "-c", program, support.RIVET, "run", "-c", work.config], env={**os.environ, **s3_support.NOBODY},
                             capture_output=True, text=True, timeout=1800 * support.PATIENCE)
    assert process.returncode == 0, process.stderr
    peak_kb, blocks = (int(word) for word in process.stdout.split()[-2:])
    (key,) = [key for key in store.resources(work.bucket) if key.endswith(".parquet")]
    size = store.resources(work.bucket)[key]["Size"]
    store.client.delete_object(Bucket=work.bucket, Key=key)
    assert peak_kb < 160 * 1024, f"{peak_kb} KB"
    assert blocks * 512 < 2 << 20, f"{blocks * 512} bytes went to local files"
    return size


@support.measures
@pytest.mark.slow
def test_half_a_gigabyte(postgres, tmp_path):
    assert export_large(tmp_path, 3_700_000) > 500_000_000


@pytest.mark.soak
def test_five_gigabytes(postgres, tmp_path):
    assert export_large(tmp_path, 37_000_000) > 5_000_000_000
