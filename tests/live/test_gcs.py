"""Exports into Google Cloud Storage, on the emulator, read back by programs that know nothing of rivet
(Google's own client, pyarrow, DuckDB). Acceptance rows I2 and I3.
"""

import base64
import contextlib
import io
import json
import os
import pathlib
import re
import subprocess
import time

import duckdb
import google.auth.credentials
import google.cloud.storage
import google_crc32c
import pyarrow.parquet
import pytest

import gcs_support
import scripted_gcs
import support


@pytest.fixture
def fake():
    return gcs_support.fake_gcs()


@pytest.fixture
def work(tmp_path, fake):
    return gcs_support.GcsWork(tmp_path, fake, fake.new_bucket(), "exports/deep er/")


def client():
    return google.cloud.storage.Client(project="test", credentials=google.auth.credentials.AnonymousCredentials(),
                                       client_options={"api_endpoint": gcs_support.FAKE_URL})


def blobs(work):
    """Objects of the bucket by Google's client, with the checksum that the store reports compared with the bytes."""
    found = {}
    for blob in client().list_blobs(work.bucket):
        content = blob.download_as_bytes()  # compares CRC32C itself, too
        assert base64.b64decode(blob.crc32c) == google_crc32c.value(content).to_bytes(4, "big")
        found[blob.name] = (blob, content)
    return found


def rows_of(content):
    table = pyarrow.parquet.read_table(io.BytesIO(content), page_checksum_verification=True)
    return list(zip(*(column.to_pylist() for column in table.columns)))


USERS = "SELECT id, name, email, age, balance, is_active, created_at FROM users"


def test_a_table_reads_back(work, postgres):
    work.write({"name": "users", "query": USERS})
    run = work.run(env={"RIVET_LOG": "info"})
    found = blobs(work)
    parts = {name: content for name, (_, content) in found.items() if name.endswith(".parquet")}
    assert len(parts) == 1 and len(found) == 2, list(found)
    (name, content), = parts.items()
    assert re.fullmatch(r"exports/deep er/users_\d{8}_\d{6}_[0-9a-f]{6}\.parquet", name)
    support.assert_same_rows(rows_of(content), support.database_rows(USERS))
    assert f"gs://{work.bucket}/{name}" in run.err
    (path := work.path / "copy.parquet").write_bytes(content)
    count, = duckdb.connect().execute("select count(*) from read_parquet(?)", [str(path)]).fetchone()
    assert count == support.SEEDED["users"]
    blob = found[name][0]
    nonce, check = work.query_state("select nonce, store_check from part")[0]
    assert blob.metadata == {"rivet-part": nonce} and check == f"crc32c={blob.crc32c}"
    manifest, = work.manifests("users")
    assert manifest["parts"][0]["key"] == name.rpartition("/")[2]
    assert check in json.dumps(manifest)


def test_csv_in_several_parts(work, postgres):
    work.write({"name": "users", "query": USERS, "format": "csv", "max_file_size": "20KB"}, source={"tuning": {"batch_size": 100}})
    work.run()
    files = work.files("users", "csv")
    assert len(files) > 2
    rows = [record for path in files for record in support.csv_records(path.read_text())[1:]]
    assert sorted(int(record[0]) for record in rows) == [row[0] for row in support.database_rows("select id from users order by id")]


def test_a_lone_part_keeps_its_suffix(work, postgres):
    """An object has its name from the moment its upload starts."""
    work.write({"name": "users", "query": USERS, "max_file_size": "100MB"})
    work.run()
    assert [path.name.rpartition("_")[2] for path in work.files("users")] == ["part0.parquet"]


@pytest.mark.parametrize("bytes_more", [-1, 0, 1])
@pytest.mark.parametrize("units", [1, 2, 20, 21])
def test_sizes_around_the_units_of_a_session(tmp_path, units, bytes_more):
    """The tail is 1 to 262,144 bytes, whatever the size (a CSV file of exactly so many bytes)."""
    size = units * scripted_gcs.UNIT + bytes_more
    query = f"SELECT repeat('x', least(1000, {size} - (g - 1) * 1001 - 1)::int) AS x FROM generate_series(1, ({size} + 1000) / 1001) g"
    assert size % 1001 != 1, "this size would end in an empty line"
    with scripted_gcs.ScriptedGcs() as store:
        work = gcs_support.GcsWork(tmp_path, store, part_mb=5)
        work.write({"name": "sized", "query": query, "format": "csv", "compression": "none", "csv": {"header": False}})
        work.run()
        (content,) = (content for name, content in store.visible().items() if name.endswith(".csv"))
        assert len(content) == size and set(content) == set(b"x\n")
        sizes = [request.size for request in store.seen("append")]
        assert all(sent % scripted_gcs.UNIT == 0 for sent in sizes)
        (tail,) = (request.size for request in store.seen("publish"))
        assert 1 <= tail <= scripted_gcs.UNIT and sum(sizes) + tail == size


def test_chunks_and_resume(work, postgres):
    work.write({"name": "users", "query": USERS, "mode": "chunked", "chunk_column": "id", "chunk_size": 300, "parallel": 3, "chunk_checkpoint": True})
    work.run()
    support.assert_same_rows(support.parquet_rows(*work.files("users")), support.database_rows(USERS))
    assert len(work.files("users")) >= 7
    assert "no in-progress" in work.run("--resume", check=1).text


def test_incremental(work, postgres):
    work.write({"name": "users", "query": USERS, "mode": "incremental", "cursor_column": "id"})
    work.run()
    assert "rows:" in work.run().err
    assert len(work.files("users")) == 1
    support.assert_same_rows(support.parquet_rows(*work.files("users")), support.database_rows(USERS))


@pytest.mark.parametrize("prefix", ["", "a b+c%/ü-日本/?&=#;'\"/", "no-slash-", "exports//double/"])
def test_keys_of_any_kind(tmp_path, fake, prefix):
    work = gcs_support.GcsWork(tmp_path, fake, fake.new_bucket(), prefix)
    work.write({"name": "one", "query": "SELECT 1 AS id", "file_name": "{export}+%41 {run_id}"})
    work.run()
    names = sorted(blobs(work))
    part, = [name for name in names if name.endswith(".parquet")]
    manifest, = [name for name in names if name.endswith(".json")]
    assert part.startswith(f"{prefix}one+%41 one_")
    assert manifest.startswith(prefix[:prefix.rfind("/") + 1] + "_rivet/one/one_")
    support.rivet("validate", "-c", work.config, "-e", "one", env=gcs_support.NOBODY, check=0)
    support.rivet("doctor", "-c", work.config, env=gcs_support.NOBODY, check=0)
    assert sorted(blobs(work)) == names


def test_validate_finds_a_changed_object(work, postgres, fake):
    work.write({"name": "users", "query": USERS})
    work.run()
    validate = lambda check: support.rivet("validate", "-c", work.config, "-e", "users", env=gcs_support.NOBODY, check=check)
    validate(0)
    name, = [name for name in fake.resources(work.bucket) if name.endswith(".parquet")]
    content = bytearray(fake.read(work.bucket, name))
    content[len(content) // 2] ^= 1
    fake.put(work.bucket, name, bytes(content))
    assert "XXH3" in validate(3).text
    fake.call("DELETE", f"/storage/v1/b/{work.bucket}/o/{name.replace('/', '%2F').replace(' ', '%20')}")
    assert "the object does not exist" in validate(3).text


def test_validated_before_it_is_published(work, postgres):
    """With --validate the page reader sees every file while it is still invisible."""
    work.write({"name": "users", "query": USERS, "max_file_size": "20KB"}, source={"tuning": {"batch_size": 200}})
    run = work.run("--validate", env={"RIVET_LOG": "info", "TMPDIR": str(work.path)})
    files = work.files("users")
    assert run.err.count("validated export=users") == len(files) > 2
    assert run.summary("users")["validated"].startswith("pass"), run.text
    support.assert_same_rows(support.parquet_rows(*files), support.database_rows(USERS))


def test_doctor_leaves_nothing(work, fake):
    work.write({"name": "users", "query": USERS})
    run = support.rivet("doctor", "-c", work.config, env=gcs_support.NOBODY, check=0)
    assert f"[OK]  Destination GCS({work.bucket})" in run.out
    assert fake.resources(work.bucket) == {}


def test_a_bucket_that_is_not_there(work):
    work.bucket = work.destination["bucket"] = "rivet-not-there"
    work.write({"name": "one", "query": "SELECT 1 AS id"}, source={"tuning": {"max_retries": 0}})
    run = work.run(check=5)
    assert "the bucket 'gs://rivet-not-there' was not found (HTTP 404)" in run.text and "rivet creates no bucket" in run.text
    doctor = support.rivet("doctor", "-c", work.config, env=gcs_support.NOBODY, check=1)
    assert "Destination GCS(rivet-not-there) -- bucket not found:" in doctor.out


def test_nobody_at_the_endpoint(work):
    work.destination["endpoint"] = "http://127.0.0.1:9"
    work.write({"name": "one", "query": "SELECT 1 AS id"}, source={"tuning": {"max_retries": 0}})
    run = work.run(check=5)
    assert "127.0.0.1:9" in run.text and "retry 1/" not in run.text
    doctor = support.rivet("doctor", "-c", work.config, env=gcs_support.NOBODY, check=1)
    assert "-- connectivity error:" in doctor.out


def test_an_object_of_that_name_is_left_alone(work, fake):
    work.write({"name": "one", "query": "SELECT 1 AS id", "file_name": "fixed"})
    fake.put(work.bucket, "exports/deep er/fixed.parquet", b"foreign")
    run = work.run(check=1)
    assert "'fixed.parquet' exists and is not ours; nothing was overwritten" in run.text
    assert fake.visible(work.bucket) == {"exports/deep er/fixed.parquet": b"foreign"}


def test_storage_class_and_type(tmp_path):
    with scripted_gcs.ScriptedGcs() as store:
        work = gcs_support.GcsWork(tmp_path, store, storage_class="NEARLINE")
        work.write({"name": "one", "query": "SELECT 1 AS id"})
        work.run()
        objects = {name.rpartition(".")[2]: found for (_, name), found in store.objects.items()}
        assert objects["parquet"].storage_class == "NEARLINE"
        assert objects["json"].content_type == "application/json"
        json.loads(objects["json"].content)


def test_what_is_said_to_the_store(tmp_path):
    """The whole conversation of a small export, in order."""
    with scripted_gcs.ScriptedGcs() as store:
        work = gcs_support.GcsWork(tmp_path, store, prefix="p/")
        work.write({"name": "one", "query": "SELECT 1 AS id"})
        work.run()
        name, = work.files("one")
        name, nonce = name.name, work.query_state("select nonce from part")[0][0]
        start, publish = store.seen("start")[0], store.seen("publish")[0]
        assert [request.what for request in store.requests] == ["look", "list", "start", "publish", "put"]
        assert start.query == {"uploadType": "resumable", "ifGenerationMatch": "0", "name": f"p/{name}"}
        assert json.loads(start.body) == {"name": f"p/{name}", "contentType": "application/octet-stream", "metadata": {"rivet-part": nonce}}
        size = publish.size
        assert publish.headers["content-range"] == f"bytes 0-{size - 1}/{size}"
        assert publish.headers["x-goog-hash"] == "crc32c=" + scripted_gcs.crc32c(store.visible()[f"p/{name}"])
        assert not any("authorization" in request.headers or "expect" in request.headers for request in store.requests)


# ---- acceptance ----

def test_i2_script(postgres, fake, tmp_path):
    """dev/run_gcs_fake_export.sh with its own configuration, its state beside a copy."""
    config = tmp_path / "rivet.yaml"
    config.write_text((support.ROOT / "dev/rivet_gcs_fake_test.yaml").read_text())
    before = set(fake.resources("rivet-fake", "exports/orders/"))
    process = subprocess.run([support.ROOT / "dev/run_gcs_fake_export.sh"], text=True, capture_output=True, timeout=120 * support.PATIENCE,
                             env={**os.environ, **gcs_support.NOBODY, "RIVET": str(support.RIVET), "RIVET_CONFIG": str(config),
                                  "FAKE_GCS_URL": fake.url, "RUST_LOG": "info"})
    assert process.returncode == 0, process.stdout + process.stderr
    fresh = {name for name in set(fake.resources("rivet-fake", "exports/orders/")) - before if name.endswith(".parquet")}
    query = "SELECT id, user_id, product, quantity, price, status, notes, ordered_at, updated_at FROM orders"
    rows = [row for name in fresh for row in rows_of(fake.read("rivet-fake", name))]
    support.assert_same_rows(rows, support.database_rows(query))


@support.measures
def test_i3_without_credentials(tmp_path):
    """The configuration loads; without credentials exit 1 with the remedy, soon, and no retry."""
    config = tmp_path / "rivet.yaml"
    config.write_text((support.ROOT / "dev/rivet_gcs_rivet_data_test.yaml").read_text())
    started = time.monotonic()
    run = support.rivet("run", "--config", config, env={**gcs_support.NOBODY, "RIVET_LOG": "info"}, check=1)
    assert time.monotonic() - started < 10 * support.PATIENCE
    for word in ("no Google credentials for the bucket 'rivet_data_test'", "GOOGLE_APPLICATION_CREDENTIALS",
                 "gcloud auth application-default login"):
        assert word in run.text, run.text
    assert not re.search(r"retry \d+/\d+", run.text), run.text


# ---- memory ----

def large_unlinked_files(process):
    """Names of open files that no directory shows; SQLite's and libffi's own are small."""
    found = []
    with contextlib.suppress(OSError):  # the process may just have ended
        for link in pathlib.Path(f"/proc/{process.pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                if "(deleted)" in os.readlink(link) and link.stat().st_size > 256 << 10:
                    found.append(os.readlink(link))
    return found


def peak_mb_of(tmp_path, store, rows):
    """Peak RSS in MB of dev/bench_gcs_memory.yaml with so many rows, and the size of the object. On the local
    disk is nothing but the state."""
    query = f"SELECT g AS id, repeat(md5(g::text), {ROW_BYTES // 32}) AS a FROM generate_series(1, {rows}) g"
    config = tmp_path / "rivet.yaml"
    text = (support.ROOT / "dev/bench_gcs_memory.yaml").read_text()
    config.write_text(text.replace("SELECT * FROM content_items", query).replace("bucket: rivet-fake", "bucket: bucket")
                      .replace("http://127.0.0.1:4443", store.url).replace("compression: zstd", "compression: none"))
    (scratch := tmp_path / "scratch").mkdir()

    def look(process):
        assert not [path for path in scratch.rglob("*") if path.stat().st_size > 0] and not large_unlinked_files(process)

    peak, _ = support.peak_rss_mb([RELEASE, "run", "-c", config], look, env={**os.environ, **gcs_support.NOBODY, "TMPDIR": str(scratch)})
    written = {path.name for path in tmp_path.iterdir()} - {"rivet.yaml", "scratch"}
    assert all(name.startswith(".rivet_state") for name in written), written
    (_, name), = [key for key in store.objects if key[1].endswith(".parquet")]
    return peak, len(store.objects["bucket", name].content)


RELEASE = pathlib.Path(os.environ.get("RIVET_RELEASE_DIR", support.ROOT / "build")).resolve() / "rivet"
ROW_BYTES = 12800


@support.measures
@pytest.mark.slow
@pytest.mark.parametrize("size_mb", [500, pytest.param(5000, marks=pytest.mark.soak)])
def test_memory_of_a_long_upload(tmp_path, size_mb):
    with scripted_gcs.ScriptedGcs(content=scripted_gcs.Hashed) as store:
        peak_mb, size = peak_mb_of(tmp_path, store, size_mb * 1_000_000 // ROW_BYTES)
    print(f"{size / 1e6:.0f} MB in one object, peak RSS {peak_mb:.0f} MB")
    assert size > size_mb * 1_000_000 * 0.9
    assert peak_mb < 160
