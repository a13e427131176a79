"""What people see while exports run: on terminals of several sizes, and where there is none."""

import os
import re
import signal
import subprocess

import pytest

import mysql_support
import support
import terminal

# Half a second for every hundred rows; the planner knows how many there are.
TUNING = {"profile": "balanced", "fetch": "cursor", "batch_size": 20, "throttle_ms": 100}


def slow(name, rows=400, **more):
    return {"name": name, "query": f"select g as id, md5(g::text) as t from generate_series(1, {rows}) g", **more}


BAD = {"name": "bad", "query": "select 1 / (100 - g) as a from generate_series(1, 200) g"}


def write(work, *exports, url=support.PG_URL, **tuning):
    """The URL comes from a variable, so that no warning about its password stands above the picture."""
    os.environ["RIVET_PROGRESS_TEST_URL"] = url
    text = work.write(*exports, source={"url": "REPLACED", "tuning": {**TUNING, **tuning}}).read_text()
    work.config.write_text(text.replace("url: REPLACED", "url_env: RIVET_PROGRESS_TEST_URL"))


def run(work, *arguments, **options):
    return terminal.Terminal("run", "--config", work.config, *arguments, **options)


def assert_final(seen, *exports):
    """Nothing of the picture is left, and each summary is whole."""
    text = seen.text()
    assert not [line for line in seen.lines() if terminal.LIVE.match(line) or terminal.TOTALS.match(line)], text
    for export in exports:
        block = re.search(rf"^── {export} ──\n((?:  [\w ]+: .*\n)+)", text, re.M)
        assert block and "status:" in block[1] and "duration:" in block[1], text


@support.measures
@pytest.mark.parametrize("columns", [80, 120])
def test_one_export(postgres, work, columns):
    write(work, slow("orders"))
    seen = run(work, columns=columns)
    assert seen.finish() == 0, seen.text()
    pictures = seen.pictures()
    assert len(pictures) > 5, seen.text()
    rows, percents = [], []
    for picture in pictures:
        (line,) = picture
        assert len(line) < columns
        found = terminal.LIVE.match(line)
        assert found["name"] == "orders"
        assert bool(found["bar"]) == (found["percent"] is not None)
        rows.append(int(found["rows"]))
        percents.append(int(found["percent"] or 0))
    assert rows == sorted(rows) and rows[-1] > 200
    assert percents == sorted(percents) and 40 <= percents[-1] <= 100
    assert re.search(r"\d+/s +[\d.]+ K?B +ETA 0:0\d$", pictures[len(pictures) // 2][0])
    assert_final(seen, "orders")
    assert seen.lines()[0] == ""  # the summary begins where the picture stood


@pytest.mark.parametrize("how", ["--parallel-exports", "--parallel-export-processes"])
@pytest.mark.parametrize("columns", [80, 120])
def test_several_exports(postgres, work, columns, how):
    names = ["first", "second_with_a_name_that_is_long", "third"]
    write(work, *(slow(name, rows) for name, rows in zip(names, (200, 300, 400))))
    seen = run(work, how, columns=columns)
    assert seen.finish() == 0, seen.text()
    together = [picture for picture in seen.pictures() if len(picture) == 3]
    assert together, seen.text()
    for picture in together:
        assert len({line.index(" rows") for line in picture}) == 1  # columns stand below each other
        assert all(len(line) < columns for line in picture)
    found = [terminal.LIVE.match(line)["name"] for line in together[-1]]
    assert found == (names if columns == 120 else ["first", found[1], "third"]) and found[1].startswith("second_with")
    totals = [terminal.TOTALS.match(line) for frame in seen.frames for line in frame if terminal.TOTALS.match(line)]
    assert {"0", "1", "2"} <= {total[1] for total in totals} and {total[2] for total in totals} == {"3"}
    assert_final(seen, *names)


def test_exports_one_after_another(postgres, work):
    write(work, slow("first", 200), slow("second", 200))
    seen = run(work)
    assert seen.finish() == 0
    assert all(len(picture) == 1 for picture in seen.pictures())
    assert {terminal.LIVE.match(picture[0])["name"] for picture in seen.pictures()} == {"first", "second"}
    assert_final(seen, "first", "second")


def test_chunks_are_counted(postgres, work):
    write(work, slow("cut", 400, mode="chunked", chunk_column="id", chunk_size=100, parallel=2))
    seen = run(work)
    assert seen.finish() == 0, seen.text()
    counts = [int(m[1]) for picture in seen.pictures() if (m := re.search(r"(\d)/4 chunks", picture[0]))]
    assert counts and counts == sorted(counts) and counts[-1] >= 2
    assert_final(seen, "cut")


def test_log_lines_do_not_tear_the_picture(postgres, work):
    """A line for every batch of three exports, and each is whole, above the picture."""
    write(work, *(slow(f"e{i}", 300) for i in range(3)))
    seen = run(work, "--parallel-exports", columns=200, rows=40, env={"RIVET_LOG": "debug", "NO_COLOR": "1"})
    assert seen.finish() == 0
    assert_final(seen, "e0", "e1", "e2")
    batches = 0
    for line in seen.lines():
        assert line == "" or re.match(r"\[\S+Z (DEBUG|INFO |WARN ) rivet::\w+\] \S|── e\d ──$|  [\w ]+: ", line), line
        batches += "batch export=" in line
    assert batches >= 3 * 300 / 20
    # While it runs, the picture is always the last thing on the screen.
    for frame in seen.frames:
        live = [i for i, line in enumerate(frame) if terminal.LIVE.match(line)]
        if live:
            below = [line for line in frame[live[-1] + 1:] if line]
            assert len(below) == 1 and terminal.TOTALS.match(below[0]), "\n".join(frame)


@pytest.mark.parametrize("name", mysql_support.PORTS)
def test_rows_that_nobody_may_estimate(work, name):
    """EXPLAIN of a view wants SHOW VIEW, reading it does not: what runs without a terminal runs on one."""
    with mysql_support.open_server(name) as server, server.fresh_database() as (database, _):
        user = f"guest_{os.getpid()}"
        server.execute(f"create table {database}.base as select 1 as id union all select 2", f"create view {database}.seen as select id from {database}.base",
                       f"create user {user} identified by 'guest'", f"grant select on {database}.* to {user}")
        try:
            os.environ["RIVET_PROGRESS_TEST_URL"] = server.url(database, f"{user}:guest")
            work.write({"name": "orders", "query": "select id from seen"}, source={"type": "mysql", "url": None, "url_env": "RIVET_PROGRESS_TEST_URL"})
            work.config.write_text(work.config.read_text().replace("  url: null\n", ""))
            seen = run(work, env={"RIVET_LOG": "debug"}, columns=200)
            assert seen.finish() == 0, seen.text()
        finally:
            server.execute(f"drop user {user}")
    assert "the rows are not estimated: " in seen.text() and "1345" in seen.text(), seen.text()
    assert_final(seen, "orders")


def test_more_exports_than_lines(postgres, work):
    write(work, *(slow(f"e{i:02}", 200) for i in range(12)))
    seen = run(work, "--parallel-exports", rows=10)
    assert seen.finish() == 0
    assert max(len(picture) for picture in seen.pictures()) == 7
    assert any(line.startswith("5 more running, ") for frame in seen.frames for line in frame)


@pytest.mark.parametrize("how", [[], ["--parallel-exports"], ["--parallel-export-processes"]], ids=["in order", "threads", "processes"])
def test_an_export_that_fails(postgres, work, how):
    write(work, BAD, slow("good", 300))
    seen = run(work, *how)
    assert seen.finish() == 1
    assert_final(seen, "bad", "good")
    assert "division by zero" in seen.text() and re.search(r"^Error: export 'bad'", seen.text(), re.M)
    assert any(", 1 failed, " in line for frame in seen.frames for line in frame)


def test_a_child_that_is_killed(postgres, work):
    write(work, slow("first", 2000), slow("second", 300))
    seen = run(work, "--parallel-export-processes")
    seen.read_until(lambda t: t.pictures() and len(t.pictures()[-1]) == 2)
    children = subprocess.run(["pgrep", "-P", str(seen.pid), "-f", "--", "--export first"], capture_output=True, text=True).stdout.split()
    os.kill(int(children[0]), signal.SIGKILL)
    assert seen.finish() == 1
    assert "export 'first' exited with signal 9" in seen.text()
    assert any("1 failed" in line for frame in seen.frames for line in frame)
    assert_final(seen, "second")


@pytest.mark.parametrize("how", [[], ["--parallel-export-processes"]], ids=["alone", "processes"])
def test_a_signal(postgres, work, how):
    write(work, slow("first", 4000), slow("second", 4000))
    seen = run(work, *how)
    seen.read_until(lambda t: t.pictures() and "/s" in t.pictures()[-1][0] and int(terminal.LIVE.match(t.pictures()[-1][0])["rows"]) > 0)
    seen.kill(signal.SIGINT)
    assert seen.finish(20) == 130
    assert_final(seen)


def test_resizing(postgres, work):
    write(work, slow("orders", 600))
    seen = run(work, columns=120)
    seen.read_until(lambda t: len(t.pictures()) > 3)
    seen.resize(80, 24)
    before = len(seen.frames)
    seen.read_until(lambda t: len(t.frames) > before + 5)
    seen.resize(60, 10)
    middle = len(seen.frames)
    assert seen.finish() == 0
    for start, columns in ((before + 2, 80), (middle + 2, 60)):
        lines = [line for frame in seen.frames[start:start + 3] for line in frame if isinstance(line, str) and terminal.LIVE.match(line)]
        assert lines and all(len(line) < columns for line in lines), lines
    assert_final(seen, "orders")


@pytest.mark.parametrize("arguments, env, has_colour", [([], {}, True), (["--no-color"], {}, False), ([], {"NO_COLOR": "1"}, False),
                                                        ([], {"RUST_LOG_STYLE": "never"}, False)])
def test_colours(postgres, work, arguments, env, has_colour):
    write(work, slow("orders", 200), {"name": "bad", "query": "select 1 / 0 as a"})
    for how in ("--parallel-exports", "--parallel-export-processes"):
        seen = run(work, how, *arguments, env=env)
        assert seen.finish() == 1
        assert seen.pictures()
        assert bool(re.search(rb"\033\[[\d;]*m", seen.raw)) == has_colour
        error_line = re.search(rb"ERROR", seen.raw)
        assert error_line and (seen.raw[error_line.start() - 5:error_line.start()] == b"\033[31m") == has_colour


def test_quiet_and_dumb_terminals(postgres, work):
    write(work, slow("orders", 100))
    seen = run(work, "--quiet")
    assert seen.finish() == 0 and seen.raw == b""
    seen = run(work, env={"TERM": "dumb"})
    assert seen.finish() == 0 and b"\033" not in seen.raw and not seen.pictures()
    seen = run(work, "--log-format", "json")
    assert seen.finish() == 0 and b"\033" not in seen.raw and not seen.pictures()


def test_no_control_characters_in_pipes(postgres, work):
    """Also where stdout is the terminal, or the terminal is said to have colours."""
    write(work, slow("first", 200), slow("second", 200))
    for how in ([], ["--parallel-exports"], ["--parallel-export-processes"]):
        done = work.run(*how, env={"TERM": "xterm-256color"})
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", done.err + done.out), done.text
        assert " rows, " not in done.err  # too short for a line
    read, wrote = os.pipe()
    seen = terminal.Terminal("run", "--config", work.config, stdout=wrote)
    os.close(wrote)
    os.close(read)
    assert seen.finish() == 0 and seen.pictures()  # stdout is not what the picture is drawn on


def test_rows_on_stdout_leave_no_room(postgres, work, tmp_path):
    """A pipe may end on the very terminal; a file does not."""
    write(work, slow("orders", 200, format="csv", destination={"type": "stdout"}))
    seen = run(work)
    assert seen.finish() == 0 and not seen.pictures()
    assert sum(bool(re.match(r"\d+,[0-9a-f]{32}$", line)) for line in seen.lines()) == 200
    with open(tmp_path / "rows.csv", "wb") as file:
        seen = run(work, stdout=file.fileno())
        assert seen.finish() == 0 and seen.pictures()
    assert len((tmp_path / "rows.csv").read_text().splitlines()) == 201


@support.measures
@pytest.mark.parametrize("how", [[], ["--parallel-export-processes"]], ids=["alone", "processes"])
def test_log_lines_elsewhere(postgres, work, how):
    """Every ten seconds, one per running export."""
    write(work, slow("orders", 2600), {"name": "quick", "query": "select 1 as a"})
    done = work.run(*how)
    lines = re.findall(r"^\[\S+ INFO  rivet::progress\] export 'orders': (\d+) rows, (\d+) rows/s, [\d.]+ K?B.*$", done.err, re.M)
    assert len(lines) == 1, done.text
    assert 500 < int(lines[0][0]) < 2600
    assert "export 'quick': " not in done.err


def test_log_lines_obey_the_filter(postgres, work):
    write(work, slow("orders", 2300))
    runs = [subprocess.Popen([support.RIVET, "run", "--config", work.config, "--state", work.path / f"{i}.db", *arguments], stderr=subprocess.PIPE, text=True,
                             env={**os.environ, **env})
            for i, (arguments, env) in enumerate([(["--quiet"], {}), ([], {"RIVET_LOG": "warn"}), (["--log-format", "json"], {})])]
    errors = [process.communicate(timeout=60 * support.PATIENCE)[1] for process in runs]
    assert [process.returncode for process in runs] == [0, 0, 0]
    assert "rivet::progress" not in errors[0] + errors[1]
    assert '"module":"rivet::progress"' in errors[2]


def test_numbers_come_from_what_was_kept(postgres, work):
    """An attempt that fails takes its rows back out of the picture."""
    with support.CuttingProxy(12000, cuts=1) as proxy:
        write(work, slow("orders", 400), url=proxy.url(), retry_backoff_ms=200)
        seen = run(work)
        assert seen.finish() == 0, seen.text()
    rows = [int(terminal.LIVE.match(picture[0])["rows"]) for picture in seen.pictures()]
    drops = [b for a, b in zip(rows, rows[1:]) if b < a]
    assert "retry 1/" in seen.text() and drops and max(rows) <= 400
    assert_final(seen, "orders")
