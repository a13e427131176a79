"""Exports into a real S3 server that checks signatures, read back through boto3, DuckDB and pyarrow."""

import hashlib
import os
import socket
import subprocess

import pyarrow.fs
import pyarrow.parquet
import pytest

import s3_support
import support

USERS = "select id, name, email, age, balance, created_at from users order by id"
ORDERS = "select id, user_id, product, quantity, price, status, notes, ordered_at, updated_at from orders"


@pytest.fixture(scope="module")
def store():
    return s3_support.s3_server()


@pytest.fixture(scope="module")
def bucket(store):
    return store.new_bucket()


@pytest.fixture
def s3(tmp_path, store, bucket):
    return s3_support.S3Work(tmp_path, store, bucket, prefix=f"{tmp_path.name}/")


def users(**fields):
    return {"name": "users", "query": USERS, **fields}


def test_a_table_and_its_manifest(postgres, s3):
    s3.write(users())
    result = s3.run()
    assert result.summary("users")["files"] == "1"
    (path,) = s3.files("users", "parquet")
    support.assert_same_rows(support.parquet_rows(path), support.database_rows(USERS))
    (manifest,) = s3.manifests("users")
    (part,) = manifest["parts"]
    assert part["key"] == path.name and part["bytes"] == path.stat().st_size
    # The checksum in the manifest is the one the store reports.
    about = s3.store.client.head_object(Bucket=s3.bucket, Key=s3.prefix + path.name)
    digest = hashlib.md5(hashlib.md5(path.read_bytes()).digest()).hexdigest()
    assert about["ETag"] == f'"{digest}-1"' and part["store_checksum"] == f"etag={digest}-1"
    assert len(about["Metadata"]["rivet-part"]) == 32
    assert s3.leftovers() == []


def test_another_reader_sees_the_table(postgres, s3):
    """pyarrow's own S3 client."""
    s3.write(users())
    s3.run()
    want = support.database_rows(USERS)
    files = pyarrow.fs.S3FileSystem(access_key=s3_support.ACCESS_KEY, secret_key=s3_support.SECRET_KEY, region="us-east-1",
                                    endpoint_override=s3_support.URL)
    (path,) = [info.path for info in files.get_file_info(pyarrow.fs.FileSelector(f"{s3.bucket}/{s3.prefix}"))
               if info.path.endswith(".parquet")]
    table = pyarrow.parquet.read_table(path, filesystem=files)
    support.assert_same_rows(list(zip(*(column.to_pylist() for column in table.columns))), want)


def test_validate_and_the_command_validate(postgres, s3):
    s3.write(users())
    assert s3.run("--validate").summary("users")["validated"] == "pass"
    support.rivet("validate", "-c", s3.config, env=s3_support.NOBODY, check=0)
    (path,) = s3.files("users", "parquet")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    s3.store.put(s3.bucket, s3.prefix + path.name, bytes(content))
    support.rivet("validate", "-c", s3.config, env=s3_support.NOBODY, check=3)


@pytest.mark.parametrize("prefix", ["", "plain/", "a b+c%d/ü€/", "x=1&y=2/'q'/", "no-slash-", "tilde~!*()/"])
def test_prefixes(postgres, tmp_path, store, prefix):
    s3 = s3_support.S3Work(tmp_path, store, store.new_bucket(), prefix=prefix)
    s3.write(users(format="csv"))
    s3.run()
    (path,) = s3.files("users", "csv")
    (manifest,) = s3.manifests("users")
    assert manifest["parts"][0]["key"] == path.name
    assert path.read_text().count("\n") == 1 + support.SEEDED["users"]


def test_a_split_export_and_chunks(postgres, s3):
    s3.write(users(max_file_size="40KB", tuning={"batch_size": 200}),
             {"name": "views", "query": "select id, url, created_at from page_views", "mode": "chunked", "chunk_column": "id",
              "chunk_size": 5000, "parallel": 2, "chunk_checkpoint": True})
    s3.run()
    paths = s3.files("users", "parquet")
    assert len(paths) > 1 and paths[0].name.endswith("_part0.parquet")
    support.assert_same_rows(support.parquet_rows(*paths), support.database_rows(USERS))
    support.assert_same_rows(support.parquet_rows(*s3.files("views", "parquet")),
                             support.database_rows("select id, url, created_at from page_views"))
    assert s3.leftovers() == []


def test_many_upload_parts(postgres, s3):
    """A file of several upload parts, some at work at once; the checksum covers them all."""
    rows = "select g as id, md5(g::text) || md5((g * 7)::text) || md5((g * 11)::text) as noise from generate_series(1, 300000) g"
    s3.destination |= {"part_mb": 5, "upload_parallel": 3}
    s3.write({"name": "noise", "query": rows, "format": "csv"})
    s3.run()
    (path,) = s3.files("noise", "csv")
    content = path.read_bytes()
    pieces = [content[at:at + (5 << 20)] for at in range(0, len(content), 5 << 20)]
    assert len(pieces) > 4
    digest = hashlib.md5(b"".join(hashlib.md5(piece).digest() for piece in pieces)).hexdigest()
    assert s3.store.client.head_object(Bucket=s3.bucket, Key=s3.prefix + path.name)["ETag"] == f'"{digest}-{len(pieces)}"'
    assert s3.manifests("noise")[0]["parts"][0]["store_checksum"] == f"etag={digest}-{len(pieces)}"


def test_a_foreign_object_is_left_alone(postgres, s3):
    key = f"{s3.prefix}fixed.parquet"
    s3.store.put(s3.bucket, key, b"mine")
    s3.write(users(file_name="fixed"))
    result = s3.run(check=1)
    assert "is not ours" in result.err and s3.store.read(s3.bucket, key) == b"mine"
    assert s3.leftovers() == []


def test_incremental_runs(postgres, s3):
    with support.connect() as connection:
        connection.execute("drop table if exists s3_incremental")
        connection.execute("create table s3_incremental as select g as id, 'row ' || g as text from generate_series(1, 100) g")
        s3.write({"name": "inc", "query": "select id, text from s3_incremental", "mode": "incremental", "cursor_column": "id"})
        s3.run()
        s3.run()
        connection.execute("insert into s3_incremental select g, 'row ' || g from generate_series(101, 150) g")
        s3.run()
        assert len(s3.files("inc", "parquet")) == 2
        support.assert_same_rows(support.parquet_rows(*s3.files("inc", "parquet")), support.database_rows("select * from s3_incremental"))
        connection.execute("drop table s3_incremental")


# ---- errors name bucket, key, status, code and the way out ----

@pytest.mark.parametrize("change, status, words", [
    ({"bucket": "rivet-no-such-bucket"}, 5, ["s3://rivet-no-such-bucket/", "HTTP 404", "NoSuchBucket"]),
    ({"access_key_env": "RIVET_TEST_S3_WRONG"}, 1, ["permission denied", "s3://", "does not know this access key"]),
    ({"secret_key_env": "RIVET_TEST_S3_WRONG"}, 1, ["permission denied", "HTTP 403", "SignatureDoesNotMatch"]),
    ({"access_key_env": "RIVET_TEST_S3_UNSET"}, 1, ["env var 'RIVET_TEST_S3_UNSET' not set", "S3"]),
    ({"endpoint": "ftp://localhost"}, 1, ["endpoint 'ftp://localhost'"]),
])
def test_errors(postgres, s3, change, status, words):
    s3.destination |= change
    s3.write(users())
    result = s3.run(check=status, env={"RIVET_TEST_S3_WRONG": "wrong"})
    for word in words:
        assert word in result.err, f"{word}\n{result.text}"
    assert s3_support.SECRET_KEY not in result.text.replace(s3_support.ACCESS_KEY + "\"", "")


def test_nothing_listens(postgres, s3):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    s3.destination["endpoint"] = f"http://127.0.0.1:{port}"
    s3.write(users(tuning={"max_retries": 0}))
    result = s3.run(check=5)
    assert f"127.0.0.1:{port}" in result.err


def test_doctor(postgres, s3):
    s3.write(users())
    good = support.rivet("doctor", "-c", s3.config, env=s3_support.NOBODY, check=0)
    assert f"[OK]  Destination S3({s3.bucket})" in good.out
    assert s3.store.resources(s3.bucket, s3.prefix) == {} and s3.leftovers() == []
    s3.destination["secret_key_env"] = "RIVET_TEST_S3_WRONG"
    s3.write(users())
    bad = support.rivet("doctor", "-c", s3.config, env={**s3_support.NOBODY, "RIVET_TEST_S3_WRONG": "wrong"}, check=1)
    assert f"[FAIL] Destination S3({s3.bucket}) -- auth error: " in bad.out
    s3.destination |= {"bucket": "rivet-no-such-bucket", **s3_support.KEY_FIELDS}
    s3.write(users())
    bad = support.rivet("doctor", "-c", s3.config, env=s3_support.NOBODY, check=1)
    assert "[FAIL] Destination S3(rivet-no-such-bucket) -- bucket not found: " in bad.out


# ---- acceptance row I1 ----

def test_i1(postgres, store, tmp_path):
    """dev/run_s3_export.sh, with an unwatched state of its own."""
    environment = {**os.environ, "RIVET": str(support.RIVET), "RIVET_STATE": str(tmp_path / "state.db")}
    before = set(store.resources("rivet-test", "exports/orders/")) if "rivet-test" in buckets(store) else set()
    run = subprocess.run([support.ROOT / "dev/run_s3_export.sh"], env=environment, capture_output=True, text=True,
                         timeout=120 * support.PATIENCE)
    assert run.returncode == 0, run.stderr
    summary = support.Run(run).summary("orders_chunked_s3")
    keys = set(store.resources("rivet-test", "exports/orders/")) - before
    files = sorted(key for key in keys if "/_rivet/" not in key)
    assert len(files) == int(summary["files"])
    rows = 0
    for number, key in enumerate(files):
        path = tmp_path / f"{number}.parquet"
        path.write_bytes(store.read("rivet-test", key))
        rows += len(support.duckdb_rows(path))
    assert rows == support.database_rows("select count(*) from orders")[0][0] == int(summary["rows"].replace(",", ""))
    wrong = subprocess.run([support.ROOT / "dev/run_s3_export.sh"], env={**environment, "MINIO_SECRET_KEY": "wrong"},
                           capture_output=True, text=True, timeout=30 * support.PATIENCE)
    assert wrong.returncode == 1, wrong.stderr


def buckets(store):
    return {bucket["Name"] for bucket in store.client.list_buckets()["Buckets"]}
