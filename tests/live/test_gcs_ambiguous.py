"""Requests whose outcome nobody knows, on a scripted store that keeps Google's rules: a lost answer, a
chunk taken in part, sessions that are gone, storms of 503, and deaths in the middle of a request
(spec: delivery §3 and §7). The emulator knows none of these: it ends a session when asked how far it is,
and does not forget a cancelled one.
"""

import itertools
import os
import subprocess

import pytest

import delivery
import gcs_support
import scripted_gcs
import support
from scripted_gcs import DO_THEN_DROP, DO_THEN_KILL, DROP, KILL, short, status

# Long enough for two chunks and a tail; written without compression.
QUERY = "SELECT g AS id, repeat(md5(g::text), 200) AS payload FROM generate_series(1, 1700) g"
SMALL = "SELECT g AS id, md5(g::text) || md5((-g)::text) AS payload FROM generate_series(1, 300) g"


@pytest.fixture
def store():
    with scripted_gcs.ScriptedGcs() as server:
        yield server


class Case(gcs_support.GcsWork):
    query = QUERY

    def __init__(self, path, store):
        super().__init__(path, store, part_mb=5)

    def prepare(self, query=QUERY, **export):
        self.query = query
        self.write({"name": "kill", "query": query, "compression": "none", **export},
                   source={"tuning": {"profile": "fast", "max_retries": 0, "batch_size": 2000}})
        return self

    def start(self, check=0):
        """One start whose process the store may kill."""
        environment = {**os.environ, **gcs_support.NOBODY, "RIVET_LOG": "debug"}
        process = subprocess.Popen([str(support.RIVET), "run", "-c", str(self.config)], env=environment, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.store.victim = process.pid
        out, err = process.communicate(timeout=90 * support.PATIENCE)
        assert process.returncode == check, f"exit {process.returncode}\n{out}\n{err}"
        assert "Sanitizer" not in err, err
        assert not any(key in out + err for key in self.store.sessions), "a session's secret is in the output"
        return err

    def check(self):
        delivery.check_full(self, "kill", support.database_rows(self.query))
        assert self.store.open_sessions() == {}


@pytest.fixture
def case(tmp_path, store):
    return Case(tmp_path, store).prepare()


# ---- one start, whatever happens on the way ----

STORMS = [status(503), status(500), status(429, headers={"Retry-After": "0"}), status(403, "rateLimitExceeded"), DROP]


@pytest.mark.parametrize("what", ["start", "append", "publish", "look", "list", "put"])
@pytest.mark.parametrize("action", [*STORMS, DO_THEN_DROP, status(503, do=True)], ids=lambda action: str(action if isinstance(action, str) else (action["status"], action["do"])))
def test_an_answer_is_lost_or_refused_for_a_while(case, store, what, action):
    """Done or not, three times in a row: what counts is there once at the end."""
    store.script(what, action, skip=1 if what == "append" else 0, times=3)
    case.start()
    open_sessions = store.open_sessions()
    if what == "start" and action in (DO_THEN_DROP, status(503, do=True)):
        # Sessions whose URI never arrived: empty, invisible, nobody's.
        assert len(open_sessions) == 3 and not any(session.content for session in open_sessions.values())
        store.sessions.clear()
    case.check()


@pytest.mark.parametrize("units", [0, 1, 7, 19])
def test_a_chunk_is_taken_in_part(case, store, units):
    store.script("append", short(units), times=3)
    case.start()
    case.check()


def test_the_store_stops_taking_bytes(case, store):
    store.script("append", short(0), times=100)
    text = case.start(check=5)
    assert "the store takes no more bytes" in text
    assert store.visible() == {} and store.open_sessions() == {}


def test_a_session_too_long_to_be_kept_is_none(case, store):
    """Cut, it would be another one."""
    plain = store.start

    def start(bucket, request):
        code, headers, body = plain(bucket, request)
        before, key = headers["Location"].split("&", 1)
        return code, {"Location": f"{before}&more={'x' * (2100 - len(before) - len(key) - 7)}&{key}"}, body

    store.start = start
    assert "the answer holds no usable session" in case.start(check=5)
    assert store.seen("append") == []


@pytest.mark.parametrize("code", [404, 410])
def test_a_session_that_is_gone_ends_the_attempt(case, store, code):
    store.script("append", status(code))
    text = case.start(check=5)
    assert f"HTTP {code}" in text and store.visible() == {}
    case.start()
    case.check()


def test_the_final_chunk_finds_less_than_was_acknowledged(case, store):
    """A 308 for the tail: the rest goes again; for less than the tail: the unit is undone by the next start."""
    plain = store.send

    def forgetful(key, request, content, limit):
        if request.what == "publish" and len(store.seen("publish")) == 1:
            return 308, {"Range": f"bytes=0-{len(store.sessions[key].content) - 1}"}, b""
        return plain(key, request, content, limit)

    store.send = forgetful
    case.start()
    assert len(store.seen("publish")) == 2
    case.check()


def test_acknowledged_bytes_are_lost(case, store):
    plain = store.send
    lost = []

    def forgetful(key, request, content, limit):
        session = store.sessions[key]
        if request.what == "publish" and lost in ([], [key]):
            lost[:] = [key]
            del session.content[scripted_gcs.UNIT:]
            return 308, {"Range": f"bytes=0-{len(session.content) - 1}"}, b""
        return plain(key, request, content, limit)

    store.send = forgetful
    assert "disappeared before it was published" in case.start(check=1)
    assert store.visible() == {}
    text = case.start()
    assert "its unit is undone" in text
    case.check()


def test_a_foreign_object_gets_the_name_while_we_upload(case, store):
    plain = store.carry_out

    def carry_out(what, *rest):
        if what == "publish" and not store.objects:
            store.put_object("bucket", next(iter(store.sessions.values())).name, b"foreign", {})
        return plain(what, *rest)

    store.carry_out = carry_out
    text = case.start(check=1)
    assert "exists and is not ours; nothing was overwritten" in text
    assert list(store.visible().values()) == [b"foreign"]
    assert "exists and is not ours" in case.start(check=1)  # as long as it is there
    store.objects.clear()
    store.carry_out = plain
    case.start()
    case.check()


def test_other_bytes_than_were_sent_are_refused(case, store):
    """A bit flips on the way: the store compares the CRC32C before it publishes."""
    plain = store.send
    flipped = []

    def flipping(key, request, content, limit):
        if request.what == "append" and flipped == []:
            flipped[:] = [key]
            content = bytes([content[0] ^ 1]) + content[1:]
        return plain(key, request, content, limit)

    store.send = flipping
    text = case.start(check=1)
    assert "HTTP 400" in text and store.visible() == {}
    case.start()
    case.check()


def test_a_store_that_does_not_compare_is_compared_with(case, store):
    """The same without the store's help: our own comparison, and `state reset` takes the object away."""
    plain = store.send
    flipped = []

    def flipping(key, request, content, limit):
        request.headers.pop("x-goog-hash", None)
        if request.what == "append" and flipped == []:
            flipped[:] = [key]
            content = bytes([content[0] ^ 1]) + content[1:]
        return plain(key, request, content, limit)

    store.send = flipping
    assert "holds other bytes than were sent: crc32c=" in case.start(check=1)
    assert "holds other bytes than were sent: crc32c=" in case.start(check=1)
    support.rivet("state", "reset", "-c", case.config, "-e", "kill", env=gcs_support.NOBODY, check=0)
    assert store.visible() == {}
    case.start()
    case.check()


@pytest.mark.parametrize("command", ["reset", "reset-chunks"])
@pytest.mark.parametrize("spoil", [lambda text: text + "\n  bad: [", lambda text: text.replace("exports:", "source_group: ${RIVET_TEST_UNSET}\nexports:", 1)],
                         ids=["typo", "unset"])
def test_reset_with_a_configuration_that_cannot_be_read(case, store, command, spoil):
    """It would not know where to look, and forget for good what is there."""
    store.script("append", KILL, skip=1)
    case.start(check=-9)
    text = case.config.read_text()
    case.config.write_text(spoil(text))
    run = support.rivet("state", command, "-c", case.config, "-e", "kill", env=gcs_support.NOBODY, check=1)
    assert "forgotten" not in run.text and str(case.config) in run.text, run.text
    assert len(store.open_sessions()) == 1
    case.config.write_text(text)
    support.rivet("state", "reset", "-c", case.config, "-e", "kill", env=gcs_support.NOBODY, check=0)
    assert store.open_sessions() == {}
    case.start()
    case.check()


def test_a_session_that_finished_cannot_be_cancelled(case, store):
    """Its object proves that it is over: `state reset` takes that away. Without an object nothing is known."""
    store.script("publish", DO_THEN_KILL)
    case.start(check=-9)
    store.script("cancel", status(400))
    support.rivet("state", "reset", "-c", case.config, "-e", "kill", env=gcs_support.NOBODY, check=0)
    assert store.visible() == {}
    store.script("append", KILL, skip=1)
    case.start(check=-9)
    store.script("cancel", status(400))
    assert "the store refuses to end it (HTTP 400)" in case.start(check=5)
    case.start()
    case.check()


def test_publishing_is_refused(case, store):
    """Nothing is known, so nothing changes; the next start goes on from there."""
    store.script("publish", status(503), times=5)
    case.start(check=5)
    assert store.visible() == {} and len(store.open_sessions()) == 1
    store.script("publish", status(403, "forbidden", "no storage.objects.create"))
    assert "missing permission storage.objects.create" in case.start(check=1)
    text = case.start()
    assert "was rolled forward" in text
    assert len(store.seen("start")) == 2
    case.check()


@pytest.mark.parametrize("code", [409, 408, 500])
def test_a_dead_process_is_still_at_work(case, store, code):
    """The session is busy for a while: never look and guess, ask again."""
    store.script("publish", status(code), times=3)
    case.start()
    publishes = [index for index, request in enumerate(store.requests) if request.what == "publish"]
    between = {request.what for request in store.requests[publishes[0]:publishes[-1]]}
    assert len(publishes) == 4 and between == {"publish"}
    case.check()


@pytest.mark.parametrize("code", [404, 410, 412])
def test_the_answer_was_lost_and_the_session_is_gone(case, store, code):
    """The final chunk was carried out; all that is heard of it is that there is no session: read the key."""
    store.script("publish", status(code, do=True))
    case.start()
    assert store.requests[[r.what for r in store.requests].index("publish") + 1].what == "look"
    case.check()


@pytest.mark.parametrize("answer", [b"", b"no JSON", b"{}", b'{"size": "1", "generation": "1", "crc32c": "AAAAAA==", "metadata": {"rivet-part": "another"}}'])
def test_an_answer_that_proves_nothing(case, store, answer):
    plain = store.finish
    store.finish = lambda session, request: (plain(session, request)[0], {}, answer)
    case.start()
    assert "look" in {request.what for request in store.requests[-4:]}
    case.check()


def test_a_bucket_that_is_gone_proves_nothing(case, store):
    """The session is unknown and the object not found, in a bucket that does not answer: nothing changes."""
    store.script("publish", status(503), times=5)
    case.start(check=5)
    store.buckets.clear()
    store.script("publish", status(404, do=False), times=9)
    text = case.start(check=5)
    assert "the bucket 'gs://bucket' was not found" in text
    store.rules.clear()
    store.buckets.add("bucket")
    assert "was rolled forward" in case.start()
    case.check()


# ---- deaths in the middle of a request, and in the middle of recovery ----

KINDS = ["look", "list", "start", "append", "publish", "put"]


@pytest.mark.parametrize("what, number, action", [
    (what, number, action) for what in KINDS for number in (range(3) if what == "append" else range(1)) for action in (KILL, DO_THEN_KILL)])
def test_killed_while_a_request_is_under_way(case, store, what, number, action):
    store.script(what, action, skip=number)
    case.start(check=-9)
    unknown = len(store.sessions) if what == "start" else 0
    case.start()
    if unknown:  # its URI died with the process
        for key in list(store.open_sessions()):
            assert not store.sessions[key].content
            del store.sessions[key]
    case.check()


@pytest.mark.parametrize("first", ["append", "publish", "put"])
@pytest.mark.parametrize("action", [KILL, DO_THEN_KILL])
def test_recovery_is_killed_in_each_of_its_requests(tmp_path, first, action):
    """Counts the requests of the recovery, then kills it in each of them, before and after."""
    def died(name):
        store = scripted_gcs.ScriptedGcs()
        (tmp_path / name).mkdir()
        case = Case(tmp_path / name, store).prepare(SMALL if first != "append" else QUERY)
        store.script(first, action)
        case.start(check=-9)
        store.requests.clear()
        return store, case

    store, case = died("counted")
    with store:
        case.start()
        kinds = [request.what for request in store.requests]
        # Where the run after the recovery begins: it asks whether its name is free, and starts an upload.
        kinds = kinds[:kinds.index("start") - 2]
        case.check()
    assert kinds, "the recovery asked the store nothing"
    for index, again in itertools.product(range(len(kinds)), (KILL, DO_THEN_KILL)):
        store, case = died(f"again{index}{again}".replace(" ", "_"))
        with store:
            what = kinds[index]
            store.script(what, again, skip=kinds[:index].count(what))
            case.start(check=-9)
            case.start()
            case.check()


def test_recovery_waits_for_a_store_that_is_away(case, store):
    store.script("publish", DO_THEN_KILL)
    case.start(check=-9)
    store.script("publish", status(503), times=5)
    before = dict(store.objects)
    case.start(check=5)
    assert store.objects == before
    assert "was rolled forward" in case.start()
    case.check()


def test_three_parts_of_one_unit_are_killed_one_by_one(tmp_path, store):
    for number, action in itertools.product(range(3), (KILL, DO_THEN_KILL)):
        store.objects.clear(), store.sessions.clear(), store.requests.clear()
        (tmp_path / f"{number}{action}").mkdir()
        case = Case(tmp_path / f"{number}{action}", store).prepare(SMALL, max_file_size="5KB")
        case.config.write_text(case.config.read_text().replace("batch_size: 2000", "batch_size: 50"))
        store.script("publish", action, skip=number)
        case.start(check=-9)
        assert len(store.sessions) == 3
        assert "was rolled forward" in case.start()
        case.check()


def test_an_interrupted_run_leaves_no_session(case, store):
    store.script("append", short(0), times=1000)
    plain = store.send

    def interrupting(key, request, content, limit):
        os.kill(store.victim, 15)
        return plain(key, request, content, limit)

    store.send = interrupting
    case.start(check=143)
    assert store.open_sessions() == {} and store.visible() == {}
    store.send = plain
    store.rules.clear()
    case.start()
    case.check()
