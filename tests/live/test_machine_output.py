"""What a run hands to programs: --json, --summary-output, --metrics-file; and --quiet."""

import json
import os
import pty
import re
import subprocess

import pytest

import support

GOOD = {"name": "good", "query": "select g as id from generate_series(1, 50) g"}
BAD = {"name": "bad", "query": "select * from no_such_table"}


def parse_metrics(text):
    """(metric, export) → value of an exposition, which must be well formed."""
    lines = text.splitlines()
    assert lines[-1] == "# EOF"
    values, typed = {}, set()
    for line in lines[:-1]:
        if match := re.fullmatch(r"# (TYPE|UNIT|HELP) (\w+) .+", line):
            typed.add(match[2])
            continue
        name, export, value = re.fullmatch(r'(\w+)\{export="([^"]*)"\} (\S+)', line).groups()
        assert name in typed and (name, export) not in values
        values[name, export] = float(value)
    return values


def check_document(document, run, work):
    assert document["version"] == 1 and document["exit_status"] == run.status
    assert document["config"].endswith("rivet.yaml") and document["rivet"]
    assert document["started_at"] <= document["finished_at"]
    good, bad = sorted(document["exports"], key=lambda item: item["export"], reverse=True)
    assert (good["export"], good["status"], good["rows"], good["files"]) == ("good", "success", 50, 1)
    assert good["bytes"] == work.files("good")[-1].stat().st_size
    assert good["validated"] is True and good["error"] is None and good["schema"] in ("new", "unchanged")
    assert good["run_id"].startswith("good_") and good["mode"] == "full" and good["format"] == "parquet"
    assert (bad["export"], bad["status"], bad["rows"]) == ("bad", "failed", 0)
    assert "no_such_table" in bad["error"]["message"] and bad["error"]["exit_status"] == 1
    assert bad["error"]["kind"] == "query"


@pytest.mark.parametrize("how", [(), ("--parallel-exports",), ("--parallel-export-processes",)], ids=["order", "threads", "processes"])
def test_documents(work, how):
    """One document whether exports run in order, in threads or in processes; the files agree with it."""
    work.write(GOOD, BAD)
    summary, metrics = work.path / "summary.json", work.path / "rivet.prom"
    run = work.run("--json", "--summary-output", summary, "--metrics-file", metrics, "--validate", *how, check=1,
                   env={"TMPDIR": str(work.path)})
    document = json.loads(run.out)
    check_document(document, run, work)
    assert json.loads(summary.read_text()) == document
    values = parse_metrics(metrics.read_text())
    assert values["rivet_export_success", "good"] == 1 and values["rivet_export_success", "bad"] == 0
    assert values["rivet_export_rows", "good"] == 50
    assert run.summary("good")["rows"] == "50"  # people still get theirs, on stderr
    assert {path.name for path in work.path.iterdir() if path.is_file() and "state" not in path.name} == {
        "rivet.yaml", "summary.json", "rivet.prom"}


def test_files_are_replaced(work):
    work.write(GOOD)
    summary = work.path / "summary.json"
    summary.write_text("old")
    run = work.run("--summary-output", summary)
    assert run.out == "" and json.loads(summary.read_text())["exit_status"] == 0


@pytest.mark.parametrize("flag", ["--summary-output", "--metrics-file"])
def test_what_cannot_be_written_is_told_before_the_run(work, flag):
    work.write(GOOD)
    run = work.run(flag, work.path / "missing/file", check=1)
    assert "missing/file" in run.err and not work.output.exists() and not work.state.exists()


def test_json_and_data_do_not_share_stdout(work):
    export = {**GOOD, "format": "csv", "destination": {"type": "stdout"}}
    work.write(export)
    run = work.run("--json", check=2)
    assert "--summary-output" in run.err and run.out == ""
    summary = work.path / "summary.json"
    assert work.run("--summary-output", summary).out.count("\n") == 51
    assert json.loads(summary.read_text())["exports"][0]["rows"] == 50


@pytest.mark.parametrize("how", [(), ("--parallel-exports",), ("--parallel-export-processes",)], ids=["order", "threads", "processes"])
def test_quiet(work, how):
    work.write(GOOD, {**GOOD, "name": "other"}, source={"url_env": "SOURCE_URL", "url": None})
    assert work.run("--quiet", *how, env={"SOURCE_URL": support.PG_URL, "RIVET_LOG": "error"}).err == ""
    work.write(GOOD, BAD)
    run = work.run("-q", *how, check=1)
    assert "──" not in run.err and "no_such_table" in run.err


@pytest.mark.parametrize("flags, has_colour", [((), True), (("--no-color",), False)])
def test_colours(work, flags, has_colour):
    """On a terminal warnings are coloured, unless the flag says no."""
    work.write(GOOD)
    terminal, end = pty.openpty()
    subprocess.run([support.RIVET, "run", "--config", work.config, *flags], stderr=end, check=True, timeout=60,
                   env={k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "RUST_LOG_STYLE")})
    os.close(end)
    text = b""
    try:
        while chunk := os.read(terminal, 65536):
            text += chunk
    except OSError:
        pass  # the other end is closed
    assert b"plaintext password" in text
    assert (b"\x1b[33m" in text) == has_colour


def test_no_control_characters_when_piped(work):
    work.write(GOOD, BAD)
    run = work.run(check=1, env={"RIVET_LOG": "debug"})
    assert not re.search(r"[\x00-\x08\x0b-\x1f]", run.err)
