"""Who is told about a run: Slack and a webhook, against a server that answers well, badly or not at all."""

import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

import pytest

import http_listener
import support

GOOD = {"name": "good", "query": "select g as id from generate_series(1, 50) g"}
BAD = {"name": "bad", "query": "select * from no_such_table"}
GATE = {"name": "gate", "query": "select 1 as id", "quality": {"row_count_max": 0}}
PARALLEL = [(), ("--parallel-exports",), ("--parallel-export-processes",)]
PARALLEL_IDS = ["order", "threads", "processes"]
SECRET = "T0SECRET/B0SECRET/xyzzySECRET"


@pytest.fixture
def listener():
    with http_listener.Listener() as server:
        yield server


def slack(listener, on=("failure",), path="/hook"):
    return {"notifications": {"slack": {"webhook_url": listener.url(path), "on": list(on)}}}


def webhook(on=("failure",)):
    return {"notifications": {"webhook": {"url_env": "RIVET_TEST_HOOK", "on": list(on)}}}


# ---- what is said ----

def test_slack_message_of_a_failure(work, postgres, listener):
    work.write(BAD, **slack(listener))
    run = work.run(check=1, env={"RIVET_LOG": "info"})
    ((path, headers, body),) = listener.requests
    assert path == "/hook" and headers["Content-Type"] == "application/json"
    (attachment,) = json.loads(body)["attachments"]
    summary = run.summary("bad")
    text = attachment.pop("text")
    assert attachment == {"color": "#e74c3c", "title": f"Rivet: {summary['run_id']}", "footer": "rivet export notification"}
    first, error = text.split("\n", 1)
    assert re.fullmatch(r"\*bad\* \| status: `failed` \| rows: 0 \| duration: \d+ms", first)
    assert error == "error: " + summary["error"]
    assert "notification sent to slack about export 'bad'" in run.err


def test_slack_message_of_a_changed_schema(work, postgres, listener):
    work.write(GOOD, **slack(listener, on=["schema_change"]))
    work.run()
    work.write({**GOOD, "query": "select 1 as id, 2 as more"}, **slack(listener, on=["schema_change"]))
    work.run()
    ((attachment,),) = [document["attachments"] for document in listener.documents()]
    assert attachment["color"] == "#f39c12"
    assert re.fullmatch(r"\*good\* \| status: `success` \| rows: 1 \| duration: \d+ms\nschema changed", attachment["text"])


def test_slack_markup_of_an_error_is_escaped(work, postgres, listener):
    work.write({**BAD, "query": 'select "<!channel> & co" from (select 1) q'}, **slack(listener))
    run = work.run(check=1)
    assert "<!channel> & co" in run.err
    (document,) = listener.documents()
    assert "&lt;!channel&gt; &amp; co" in document["attachments"][0]["text"] and "<!" not in document["attachments"][0]["text"]


@pytest.mark.parametrize("how", PARALLEL, ids=PARALLEL_IDS)
def test_webhook_gets_the_summary_of_the_run(work, postgres, listener, how):
    """One message per run: the very document of --summary-output."""
    work.write(GOOD, BAD, GATE, **webhook())
    summary = work.path / "summary.json"
    work.run("--summary-output", summary, *how, check=1, env={"RIVET_TEST_HOOK": listener.url() + "\n", "TMPDIR": str(work.path)})
    (document,) = listener.documents()
    assert document == json.loads(summary.read_text())
    assert [item["export"] for item in document["exports"]] == ["good", "bad", "gate"] and document["exit_status"] == 1
    assert not list(work.path.glob("rivet_summary_*"))


@pytest.mark.parametrize("how", PARALLEL, ids=PARALLEL_IDS)
def test_each_failed_export_is_told_once(work, postgres, listener, how):
    work.write(*({**(GOOD if i % 2 else BAD), "name": f"e{i}"} for i in range(8)), **slack(listener))
    work.run(*how, check=1)
    told = sorted(re.match(r"\*(\w+)\*", document["attachments"][0]["text"]).group(1) for document in listener.documents())
    assert told == ["e0", "e2", "e4", "e6"]


# ---- when ----

def drifted(work, policy):
    """A run whose schema changed."""
    notifications = {key: value for key, value in work.notifications.items()}
    work.write({**GOOD, "on_schema_drift": policy})
    work.run()
    work.write({**GOOD, "on_schema_drift": policy, "query": "select 1 as other"}, **notifications)


@pytest.mark.parametrize("on, outcome, sent", [
    (["failure"], "good", False), (["failure"], "bad", True), (["failure"], "gate", True), (["failure"], "changed", False),
    (["failure"], "refused", True), (["schema_change"], "good", False), (["schema_change"], "bad", False),
    (["schema_change"], "changed", True), (["schema_change"], "refused", True), (["degraded"], "bad", False),
    (["failure", "schema_change"], "changed", True), (["failure", "schema_change", "degraded"], "good", False), ([], "bad", False),
])
@pytest.mark.parametrize("channel", ["slack", "webhook"])
def test_triggers(work, postgres, listener, channel, on, outcome, sent):
    notifications = slack(listener, on) if channel == "slack" else webhook(on)
    status = {"good": 0, "bad": 1, "gate": 3, "changed": 0, "refused": 4}[outcome]
    if outcome in ("changed", "refused"):
        work.notifications = notifications
        drifted(work, "warn" if outcome == "changed" else "fail")
    else:
        work.write({"good": GOOD, "bad": BAD, "gate": GATE}[outcome], **notifications)
    work.run(check=status, env={"RIVET_TEST_HOOK": listener.url()})
    assert len(listener.documents()) == (1 if sent else 0)


def test_no_notify(work, postgres, listener):
    work.write(BAD, **slack(listener))
    work.run("--no-notify", check=1)
    assert listener.requests == []


# ---- where the URL comes from ----

@pytest.mark.parametrize("fields, variable, warning", [
    ({"webhook_url_env": "RIVET_TEST_HOOK"}, None, "'RIVET_TEST_HOOK' not set"),
    ({"webhook_url_env": "RIVET_TEST_HOOK"}, "", "does not begin with https://"),
    ({"webhook_url_env": "RIVET_TEST_HOOK"}, "ftp://host/" + SECRET, "does not begin with https://"),
    ({"webhook_url_env": "RIVET_TEST_HOOK"}, "file:///etc/" + SECRET, "does not begin with https://"),
    ({"webhook_url_env": "RIVET_TEST_HOOK"}, "http://[bad/" + SECRET, "was not told"),
    ({}, None, "names no webhook"),
])
def test_a_url_that_is_none_is_a_warning(work, postgres, fields, variable, warning):
    work.write(BAD, notifications={"slack": {**fields, "on": ["failure"]}})
    run = work.run(check=1, env={} if variable is None else {"RIVET_TEST_HOOK": variable})
    assert warning in run.err and "SECRET" not in run.text, run.text


def test_the_written_url_wins_over_the_variable(work, postgres, listener):
    work.write(BAD, notifications={"slack": {"webhook_url": listener.url("/written"), "webhook_url_env": "RIVET_TEST_HOOK", "on": ["failure"]}})
    work.run(check=1, env={"RIVET_TEST_HOOK": listener.url("/variable")})
    assert [path for path, _, _ in listener.requests] == ["/written"]


def test_url_from_the_environment(work, postgres, listener):
    work.write(BAD, notifications={"slack": {"webhook_url_env": "RIVET_TEST_HOOK", "on": ["failure"]}})
    work.run(check=1, env={"RIVET_TEST_HOOK": listener.url("/variable")})
    assert [path for path, _, _ in listener.requests] == ["/variable"]


# ---- servers that do not behave ----

@pytest.mark.parametrize("status", [302, 400, 404, 429, 500, 503])
def test_refusals_are_warnings(work, postgres, listener, status):
    listener.answer = status
    work.write(GATE, **slack(listener, path="/" + SECRET))
    run = work.run(check=3)
    assert f"status {status}" in run.err and len(listener.requests) == 1, "it is sent once, and followed nowhere"
    assert "SECRET" not in run.text


@pytest.mark.parametrize("answer", ["hang_up", "garbage"])
def test_answers_that_are_none(work, postgres, listener, answer):
    listener.answer = getattr(listener, answer)
    work.write(GATE, **slack(listener, path="/" + SECRET))
    run = work.run(check=3)
    assert "slack was not told about export 'gate'" in run.err and "SECRET" not in run.text
    assert len(listener.requests) == 1, "it is sent once"


def test_nobody_listens(work, postgres):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    work.write(GATE, notifications={"slack": {"webhook_url": f"http://127.0.0.1:{port}/{SECRET}", "on": ["failure"]},
                                    "webhook": {"url_env": "RIVET_TEST_HOOK", "on": ["failure"]}})
    run = work.run(check=3, env={"RIVET_TEST_HOOK": "https://no-such-host.invalid/" + SECRET})
    assert "slack was not told about export 'gate'" in run.err and "webhook was not told about the run" in run.err
    assert "SECRET" not in run.text


@support.measures
@pytest.mark.parametrize("answer", ["silence", "drip"])
def test_slow_servers_cost_bounded_time(work, postgres, listener, answer):
    """10 s for the message, then the run ends as it would have."""
    listener.answer = getattr(listener, answer)
    work.write(GATE, **slack(listener))
    started = time.monotonic()
    run = work.run(check=3, timeout=60)
    assert 5 < time.monotonic() - started < 30 * support.PATIENCE
    assert "slack was not told about export 'gate'" in run.err and run.summary("gate")["quality"] == "FAIL"


@pytest.mark.parametrize("how", PARALLEL[1:], ids=PARALLEL_IDS[1:])
def test_slow_servers_do_not_hold_other_exports(work, postgres, listener, how):
    """The message about one is waited for; the others are delivered meanwhile."""
    listener.answer = listener.silence
    work.write(GATE, *({**GOOD, "name": f"good{i}"} for i in range(4)), **slack(listener))
    process = subprocess.Popen([support.RIVET, "run", "-c", work.config, *how], stderr=subprocess.PIPE, text=True)
    support.wait_for(lambda: listener.requests and len(work.files()) == 4, what="the other exports")
    assert process.poll() is None
    _, err = process.communicate(timeout=60 * support.PATIENCE)
    assert process.returncode == 3, err


@support.measures
@pytest.mark.parametrize("how", PARALLEL, ids=PARALLEL_IDS)
def test_a_signal_leaves_little_time_for_messages(work, postgres, listener, how):
    """Told to stop, rivet tries to tell, and is gone within the 10 s it has."""
    listener.answer = listener.silence
    slow = "select g as id, pg_sleep(0.05) as pause from (select generate_series(1, 100000) as g) as numbers"
    work.write(*({"name": f"slow{i}", "query": slow} for i in range(4)),
               notifications={**slack(listener)["notifications"], **webhook()["notifications"]})
    environment = {**os.environ, "RIVET_TEST_HOOK": listener.url("/run")}
    process = subprocess.Popen([support.RIVET, "run", "-c", work.config, *how], stderr=subprocess.PIPE, text=True, env=environment)
    running = 1 if not how else 4
    support.wait_for(lambda: sum("pg_sleep(0.05)" in row[1] for row in support.server_queries()) == running, what="the statements")
    started = time.monotonic()
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=60 * support.PATIENCE)
    assert process.returncode == 143, err
    assert time.monotonic() - started < 10 * support.PATIENCE
    assert listener.requests, "nobody was told"


def test_a_message_that_a_signal_ends_is_no_silence(work, postgres, listener):
    """The signal ended the wait, so nobody knows whether somebody is there: the run is told."""
    listener.answer = lambda handler: listener.silence(handler) if handler.path == "/hook" else handler.send_response(200) or handler.end_headers()
    work.write(GATE, notifications={**slack(listener)["notifications"], **webhook()["notifications"]})
    environment = {**os.environ, "RIVET_TEST_HOOK": listener.url("/run")}
    process = subprocess.Popen([support.RIVET, "run", "-c", work.config], stderr=subprocess.PIPE, text=True, env={**environment, "RIVET_LOG": "info"})
    support.wait_for(lambda: listener.requests, what="the message that hangs")
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=30 * support.PATIENCE)
    assert process.returncode == 143, err
    assert "slack was not told about export 'gate'" in err and "sent to webhook about the run" in err, err
    assert [item["export"] for item in listener.documents("/run")[0]["exports"]] == ["gate"]


def test_a_stopped_run_is_told(work, postgres, listener):
    work.write({"name": "slow", "query": "select pg_sleep(60) as s"}, **slack(listener))
    process = subprocess.Popen([support.RIVET, "run", "-c", work.config], stderr=subprocess.PIPE, text=True)
    support.wait_for(lambda: any("pg_sleep(60)" in row[1] for row in support.server_queries()), what="the statement")
    process.terminate()
    process.communicate(timeout=30 * support.PATIENCE)
    (document,) = listener.documents()
    assert "`failed`" in document["attachments"][0]["text"]


def child_of(pid, export):
    """The process of an export and its arguments. Before its exec it has those of the parent."""
    for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        with contextlib.suppress(OSError):  # it ended meanwhile
            arguments = pathlib.Path(f"/proc/{child}/cmdline").read_text()
            if f"\0--export\0{export}\0" in arguments:
                return int(child), arguments
    return None


def test_a_child_that_is_killed_is_told_by_its_parent(work, postgres, listener):
    slow = {"query": "select pg_sleep(20) as s"}
    work.write({**slow, "name": "slow"}, {**slow, "name": "other"},
               notifications={**slack(listener)["notifications"], **webhook()["notifications"]})
    environment = {**os.environ, "RIVET_TEST_HOOK": listener.url("/run")}
    process = subprocess.Popen([support.RIVET, "run", "-c", work.config, "--parallel-export-processes"], stderr=subprocess.PIPE, text=True,
                               env=environment)
    support.wait_for(lambda: child_of(process.pid, "other"), what="the other child")
    victim, _ = support.wait_for(lambda: child_of(process.pid, "slow"), what="the child")
    os.kill(victim, signal.SIGKILL)
    support.wait_for(listener.documents, what="a message while the other still runs")
    assert process.poll() is None
    process.terminate()
    process.communicate(timeout=30 * support.PATIENCE)
    texts = [document["attachments"][0]["text"] for document in listener.documents()]
    assert any(text.startswith("*slow*") and "ended without a summary" in text for text in texts), texts
    (document,) = listener.documents("/run")
    assert {item["export"]: item["status"] for item in document["exports"]} == {"slow": "failed", "other": "failed"}


# ---- secrets ----

@pytest.mark.parametrize("how", PARALLEL, ids=PARALLEL_IDS)
@pytest.mark.parametrize("status", [200, 500, None], ids=["good", "refused", "away"])
def test_the_urls_are_secret(work, postgres, listener, how, status):
    listener.answer = status if status else listener.hang_up
    work.write(BAD, {**BAD, "name": "slow", "query": "select pg_sleep(1) as s, 1/(random() * 0)::int"},
               notifications={"slack": {"webhook_url": listener.url("/" + SECRET), "on": ["failure"]},
                              "webhook": {"url_env": "RIVET_TEST_HOOK", "on": ["failure"]}})
    environment = {**os.environ, "RIVET_LOG": "trace", "RIVET_TEST_HOOK": listener.url("/" + SECRET + "?key=SECRET")}
    process = subprocess.Popen([support.RIVET, "run", "-c", work.config, "--json", *how], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               env=environment)
    arguments = [pathlib.Path(f"/proc/{process.pid}/cmdline").read_text()]
    if "--parallel-export-processes" in how:
        arguments.append(support.wait_for(lambda: child_of(process.pid, "slow"), what="the child")[1])
    out, err = process.communicate(timeout=60 * support.PATIENCE)
    assert process.returncode == 1, err
    assert len(listener.requests) == 3, err
    texts = [out, err, *arguments, *(path.read_bytes().decode("latin-1") for path in work.path.glob(".rivet_state.db*") if path.is_file())]
    for text in texts:
        assert "SECRET" not in text, text
