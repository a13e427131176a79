"""S3 answers that leave things in doubt, played by a scripted server (spec: delivery §2 step 6, §3): lost
answers, errors in a 200, Complete after Complete, 409, storms, uploads that are gone. Whatever comes,
each row is visible once, and no upload stays open after the next run.
"""

import os
import re
import subprocess

import pytest

import delivery
import s3_support
import scripted_s3
import support
from scripted_s3 import DO_THEN_DROP, DO_THEN_KILL, DROP, HALF, KILL, late, status

ROWS = "select g as id, md5(g::text) as text from generate_series(1, 5000) g"
SLOW = {"max_retries": 0}
BUSY = status(503, "SlowDown", headers={"Retry-After": "0"})


@pytest.fixture
def store():
    with scripted_s3.ScriptedS3() as store:
        yield store


@pytest.fixture
def work(tmp_path, store):
    work = s3_support.ScriptedWork(tmp_path, store)
    work.write({"name": "rows", "query": ROWS, "compression": "none", "max_file_size": "60KB", "tuning": SLOW},
               source={"tuning": {"profile": "fast", "batch_size": 500}})
    return work


def check(work):
    delivery.check_full(work, "rows", support.database_rows(ROWS))


PASSES = {
    "completed, answer lost": ("complete", DO_THEN_DROP),
    "not completed, answer lost": ("complete", DROP),
    "completed, answer cut": ("complete", HALF),
    "error in a 200": ("complete", late("InternalError")),
    "error in a 200, and yet completed": ("complete", late("InternalError", do=True)),
    "slow down in a 200": ("complete", late("SlowDown")),
    "complete after complete": ("complete", status(500, "InternalError", do=True)),
    "conflict": ("complete", status(409, "ConditionalRequestConflict")),
    "conflict, and yet completed": ("complete", status(409, "OperationAborted", do=True)),
    "begun, answer lost": ("create", DO_THEN_DROP),
    "part taken, answer lost": ("part", DO_THEN_DROP),
    "part lost": ("part", DROP),
    "part too slow for the store": ("part", status(400, "RequestTimeout")),
    "damaged on its way": ("part", status(503, "ServiceUnavailable")),
    "manifest written, answer lost": ("put", DO_THEN_DROP),
    "slow down": ("*", BUSY),
    "too many requests": ("*", status(429, "TooManyRequests")),
}


@pytest.mark.parametrize("name", PASSES)
@pytest.mark.parametrize("times, after", [(1, 0), (2, 1)])
def test_goes_through(postgres, store, work, name, times, after):
    call, action = PASSES[name]
    store.script(call, action, times=times, after=after)
    work.run()
    check(work)
    assert not store.scripts[0]["times"] or call == "put"


STOPS = {
    "500 without end": (5, "HTTP 500", status(500, "InternalError"), "rolled_forward"),
    "error in a 200 without end": (5, "InternalError", late("InternalError"), "rolled_forward"),
    "no answer without end": (5, "POST http://127.0.0.1", DROP, "rolled_forward"),
    "completed, no answer without end": (0, "", DO_THEN_DROP, None),
    "conflict without end": (5, "HTTP 409", status(409, "ConditionalRequestConflict"), "rolled_forward"),
    "denied": (1, "s3:PutObject", status(403, "AccessDenied", "Access Denied."), "rolled_forward"),
    "denied in a 200": (1, "AccessDenied", late("AccessDenied"), "rolled_forward"),
    "bucket away": (5, "NoSuchBucket", status(404, "NoSuchBucket"), "rolled_forward"),
    "404 of somebody else": (5, "HTTP 404", status(404, "", ""), "rolled_forward"),
    "upload gone": (1, "disappeared", status(404, "NoSuchUpload"), "rolled_forward"),
    "precondition, and nothing there": (1, "disappeared", status(412, "PreconditionFailed"), "rolled_forward"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", STOPS)
def test_stops_with_nothing_changed_and_goes_on_at_the_next_start(postgres, store, work, name):
    code, words, action, event = STOPS[name]
    store.script("complete", action, times=1000)
    result = work.run(check=code)
    assert words in result.err, result.text
    if code != 0:
        assert store.visible() == {}
    store.scripts.clear()
    (first,) = work.query_state("select run_id from run")[0]
    work.run()
    check(work)
    if event is not None:
        assert event in delivery.journal(work, first)


def test_an_upload_that_is_gone_for_good_undoes_its_unit(postgres, store, work):
    """Somebody, or a lifecycle rule, aborted it between seal and publish: all parts begin again."""
    def lose(request):
        del store.uploads[request.query["uploadId"]]

    store.script("complete", lose, after=1)
    assert "disappeared" in work.run(check=1).err
    (first,) = work.query_state("select run_id from run")[0]
    assert len(store.visible()) == 2
    work.run()
    check(work)
    assert "unit_undone" in delivery.journal(work, first)


def test_a_store_that_is_busy_at_the_end_of_a_file_costs_no_snapshot(postgres, store, work):
    """The source has given its rows by then: its connection, which holds the snapshot, is used again."""
    work.write({"name": "rows", "query": ROWS, "mode": "chunked", "chunk_column": "id", "chunk_size": 3000, "parallel": 1, "consistency": "snapshot",
                "tuning": {"max_retries": 1, "retry_backoff_ms": 10}})
    store.script("part", BUSY, times=10)
    result = work.run()
    assert "retry 1/1" in result.err and store.scripts[0]["times"] == 0, result.text
    check(work)


def test_reset_names_the_part_that_it_cannot_reach(postgres, store, work):
    """And takes back the others."""
    store.script("complete", status(403, "AccessDenied"), times=1000)
    work.run(check=1)
    store.scripts.clear()
    uploads = sorted(upload.key for upload in store.uploads.values())
    assert len(uploads) > 2
    store.script("abort", status(403, "AccessDenied"), after=1)
    reset = support.rivet("state", "reset", "-c", work.config, "-e", "rows", env=work.keys, check=0)
    (left,) = store.open_uploads()
    assert left in uploads and reset.err.count("cannot be reached and is forgotten") == 1 and f"file '{left}' cannot" in reset.err, reset.text
    assert not any(id in reset.text for id in store.uploads), "the reference is a secret"
    assert work.query_state("select count(*) from part where status <> 'visible'") == [(0,)]


def test_a_foreign_object_between_the_parts(postgres, store, work):
    """It came after the name was found free: the unit stays past its intents until it is moved away."""
    def intrude(request):
        store.put(None, request.key, b"foreign")

    store.script("complete", intrude, after=1)
    result = work.run(check=1)
    assert "is not ours" in result.err
    (key,) = [key for key, item in store.objects.items() if item.content == b"foreign"]
    assert "is not ours" in work.run(check=1).err and store.objects[key].content == b"foreign"
    del store.objects[key]
    work.run()
    check(work)


def test_ours_by_size_and_nonce_alone(postgres, tmp_path):
    """An encrypted bucket's ETags are no MD5s; another writer's object of the same size is not ours."""
    with scripted_s3.ScriptedS3(encrypted=True) as store:
        work = s3_support.ScriptedWork(tmp_path, store)
        work.write({"name": "rows", "query": ROWS, "compression": "none"})
        store.script("complete", DO_THEN_DROP)
        work.run()
        check(work)
        assert "store_checksum" not in work.manifests("rows")[0]["parts"][0]


def test_encryption_headers_and_crc32c(postgres, tmp_path):
    with scripted_s3.ScriptedS3(encrypted=True) as store:
        work = s3_support.ScriptedWork(tmp_path, store, sse="aws:kms", sse_kms_key="key/1", storage_class="STANDARD_IA")
        work.write({"name": "rows", "query": ROWS, "compression": "none"})
        work.run()
        check(work)
        (create,) = store.calls("create")
        assert create.headers["x-amz-server-side-encryption"] == "aws:kms"
        assert create.headers["x-amz-server-side-encryption-aws-kms-key-id"] == "key/1"
        assert create.headers["x-amz-storage-class"] == "STANDARD_IA"
        assert create.headers["x-amz-checksum-algorithm"] == "CRC32C"
        (part,) = store.calls("part")
        assert "x-amz-checksum-crc32c" in part.headers and "content-md5" not in part.headers
        (item,) = [item for key, item in store.objects.items() if key.endswith(".parquet")]
        assert work.manifests("rows")[0]["parts"][0]["store_checksum"] == \
            f"crc32c={scripted_s3.composite(__import__('base64').b64decode(scripted_s3.crc32c(item.content)))}-1"
        (put,) = store.calls("put")
        assert put.headers["x-amz-server-side-encryption"] == "aws:kms"


def test_anonymous(postgres, tmp_path):
    with scripted_s3.ScriptedS3(keys={}) as store:
        work = s3_support.ScriptedWork(tmp_path, store, allow_anonymous=True)
        work.write({"name": "rows", "query": ROWS})
        work.run()
        check(work)
        assert not any("authorization" in request.headers or "x-amz-date" in request.headers for request in store.requests)


def test_the_bucket_in_the_host(postgres, store, work):
    port = store.url.rpartition(":")[2]
    work.destination |= {"endpoint": f"http://bucket.localhost:{port}", "prefix": "a b+c%/ü/"}
    work.prefix = "a b+c%/ü/"
    work.write({"name": "rows", "query": ROWS})
    work.run()
    check(work)
    assert {request.path.split("/")[1] for request in store.requests} <= {"a%20b%2Bc%25", ""}


def test_a_proxy_of_the_environment(postgres, store, work):
    work.destination["endpoint"] = "http://s3.invalid"
    work.write({"name": "rows", "query": ROWS})
    work.run(env={"http_proxy": store.url, "no_proxy": ""})
    check(work)
    assert {request.headers["host"] for request in store.requests} == {"s3.invalid"}


@pytest.fixture
def certificate(tmp_path):
    """Of 127.0.0.1, signed by itself."""
    paths = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=s3",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-out", paths[0], "-keyout", paths[1]], check=True, capture_output=True)
    return paths


def test_tls_by_an_authority_of_ones_own(postgres, tmp_path, certificate):
    with scripted_s3.ScriptedS3(certificate=certificate) as store:
        work = s3_support.ScriptedWork(tmp_path, store)
        work.write({"name": "rows", "query": ROWS, "tuning": SLOW})
        result = work.run(check=1)
        assert "certificate" in result.err and "ca_file" in result.err and store.requests == []
        work.destination["ca_file"] = str(certificate[0])
        work.write({"name": "rows", "query": ROWS, "tuning": SLOW})
        work.run()
        check(work)
        # TLS guards the bytes, MD5 checks them: no second hash of each.
        assert {request.headers["x-amz-content-sha256"] for request in store.calls("part")} == {"UNSIGNED-PAYLOAD"}


def test_a_storm_without_end_leaves_nothing(postgres, store, work):
    store.script("part", status(503, "SlowDown", "Please reduce your request rate."), times=1000)
    result = work.run(check=5)
    assert "HTTP 503 SlowDown" in result.err and "s3://bucket/" in result.err
    assert store.visible() == {} and work.leftovers() == []


def test_every_upload_part_carries_its_md5(postgres, store, work):
    work.run()
    assert store.calls("part") and all("content-md5" in request.headers for request in store.calls("part"))
    assert all(request.headers["if-none-match"] == "*" for request in store.calls("complete"))


def test_a_damaged_part_is_refused(postgres, store, work):
    store.script("part", status(400, "BadDigest", "The Content-MD5 you specified did not match"), times=1000)
    result = work.run(check=1)
    assert "HTTP 400 BadDigest" in result.err and store.visible() == {} and work.leftovers() == []


def test_a_failed_gate_leaves_no_upload(postgres, store, work):
    work.write({"name": "rows", "query": ROWS, "quality": {"row_count_max": 10}})
    store.script("abort", DO_THEN_DROP)
    store.script("list_uploads", DROP)
    work.run(check=3)
    assert store.visible() == {} and work.leftovers() == []


@pytest.mark.parametrize("call, permission", [("create", "s3:PutObject"), ("part", "s3:PutObject"), ("get", "s3:GetObject"),
                                              ("put", "s3:PutObject")])
def test_missing_permissions_are_named(postgres, store, work, call, permission):
    store.script(call, status(403, "AccessDenied", "Access Denied."), times=1000)
    result = work.run(check=1)
    for word in (permission, "HTTP 403 AccessDenied", "s3://bucket/", "permission denied"):
        assert word in result.err
    assert "retry" not in result.err


# ---- the process dies while a request is at work ----

def start(work):
    process = subprocess.Popen([support.RIVET, "run", "-c", work.config], env={**os.environ, **s3_support.NOBODY, **work.keys},
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    work.store.victim = lambda: process.pid
    _, err = process.communicate(timeout=60 * support.PATIENCE)
    return process.returncode, err


@pytest.mark.parametrize("call, after", [("create", 0), ("create", 1), ("part", 0), ("part", 2), ("complete", 0), ("complete", 1),
                                         ("complete", 2), ("put", 0)])
@pytest.mark.parametrize("action", [KILL, DO_THEN_KILL])
def test_killed_while_a_request_is_at_work(postgres, store, work, call, after, action):
    store.script(call, action, after=after)
    code, err = start(work)
    assert code == -9, err
    seen = delivery.visible(work)
    work.run()
    delivery.check_nothing_taken_back(work, seen)
    if (call, action) == ("create", DO_THEN_KILL):
        # The upload that the dead process never learned of has the key of a recorded part.
        assert work.leftovers() == []
    check(work)


@pytest.mark.parametrize("call, action", [("abort", KILL), ("abort", DO_THEN_KILL), ("list_uploads", DO_THEN_KILL),
                                          ("get", DO_THEN_KILL), ("delete", KILL), ("delete", DO_THEN_KILL)])
def test_recovery_killed_while_a_request_is_at_work(postgres, store, work, call, action):
    if call == "delete":  # of what was published of a unit that another part's loss undoes
        store.script("complete", lambda request: store.uploads.pop(request.query["uploadId"]), after=1)
    elif call == "get":  # whether what was published is ours
        store.script("complete", DO_THEN_KILL)
    else:
        store.script("part", KILL, after=1)
    assert start(work)[0] == (1 if call == "delete" else -9)
    store.script(call, action)
    code, err = start(work)
    assert code == -9 and store.calls(call), err
    work.run()
    check(work)


@pytest.mark.parametrize("call, after", [("part", 1), ("complete", 1)])
def test_state_reset_stops_the_uploads(postgres, store, work, call, after):
    """Never rolled forward: also what is past its intents goes, save what a dead process published."""
    store.script(call, KILL, after=after)
    assert start(work)[0] == -9
    assert work.leftovers()
    run = support.rivet("state", "reset", "-c", work.config, "-e", "rows", env={**s3_support.NOBODY, **work.keys}, check=0)
    assert "State reset" in run.out and "forgotten" not in run.err
    assert store.visible() == {} and work.leftovers() == []
    work.run()
    check(work)


def test_state_reset_of_a_store_that_is_gone(postgres, store, work):
    store.script("part", KILL, after=1)
    assert start(work)[0] == -9
    store.script("*", status(403, "AccessDenied"), times=100)
    run = support.rivet("state", "reset", "-c", work.config, "-e", "rows", env={**s3_support.NOBODY, **work.keys}, check=0)
    assert re.search(r"file 'rows_\w+_part0\.parquet' cannot be reached and is forgotten", run.err) and "s3:ListBucketMultipartUploads" in run.err


def test_recovery_does_not_read_while_another_request_may_be_at_work(postgres, store, work):
    """409 after a crash: told again, nothing read in between; then it ends well."""
    store.script("complete", DO_THEN_KILL)
    assert start(work)[0] == -9
    before = len(store.requests)
    store.script("complete", status(409, "OperationAborted"), times=3)
    work.run()
    recovery = [request.call for request in store.requests[before:]]
    assert recovery[:5] == ["complete"] * 4 + ["get"]
    check(work)
