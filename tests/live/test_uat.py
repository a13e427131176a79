"""dev/uat.sh: every row is there, has a mutation and an entry in the table; rows pass and fail as they should."""

import json
import os
import re
import subprocess
import sys
import textwrap

import support

IDS = ("Pre-P1 Pre-P2 Pre-P3 Pre-P4 A1 A2 A3 B1 B2 B3 B4 C1 C2 C3 C4 C5 C6 D1 D2 D3 E1 E2 E3 F1 F2 F3 F4 G1 G2 H1 H2 I1 I2 I3 J1 K1 L1 L2 "
       "M1 M2 M3 N1 N2 O1 P1 P2 Q1 Q2 Q3 Q4 Q5 Q6 Q7 Q8 R1 R2 R3 R4 R5 S1 S2 S3 S4 S5 T1 T2 U1 U2 U3").split()


def script(name, folder, *arguments):
    environment = {**os.environ, "RIVET_UAT_DIR": str(folder), "RIVET_BUILD_DIR": str(support.BUILD)}
    return subprocess.run([support.ROOT / "dev" / name, *arguments], env=environment, capture_output=True, text=True,
                          timeout=120 * support.PATIENCE)


def test_every_row_is_there(tmp_path):
    result = script("uat.sh", tmp_path, "--list")
    assert [line.split()[0] for line in result.stdout.splitlines()] == IDS
    unknown = script("uat.sh", tmp_path, "Z9")
    assert unknown.returncode == 1 and "Z9" in unknown.stderr


def test_every_row_has_an_entry_in_the_table():
    table = (support.ROOT / "dev/uat/mutations.md").read_text()
    assert re.findall(r"^\| (\S+) \| .+ \| .+ \|$", table, re.M)[1:] == IDS


def test_rows_pass_and_are_reported(tmp_path):
    result = script("uat.sh", tmp_path, "A1", "A3")
    assert result.returncode == 0, result.stdout + result.stderr
    lines = result.stdout.splitlines()
    assert [line.split()[:2] for line in lines[:2]] == [["PASS", "A1"], ["PASS", "A3"]] and lines[2].startswith("2 PASS, 0 FAIL, 0 SKIP")
    assert (tmp_path / "uat.txt").read_text() == result.stdout
    document = json.loads((tmp_path / "uat.json").read_text())
    assert document["counts"] == {"pass": 2, "fail": 0, "skip": 0}
    assert [(row["id"], row["result"]) for row in document["rows"]] == [("A1", "PASS"), ("A3", "PASS")]


def test_mutations_make_rows_fail(tmp_path):
    result = script("uat_mutations.sh", tmp_path, "A", "--table", str(tmp_path / "table.md"))
    assert result.returncode == 0, result.stdout + result.stderr
    assert [line.split()[:2] for line in result.stdout.splitlines()[:3]] == [["KILLED", row] for row in ("A1", "A2", "A3")]
    assert len(re.findall(r"^\| A\d \|", (tmp_path / "table.md").read_text(), re.M)) == 3


def test_a_failed_row_is_exit_1(tmp_path):
    """A program that is no rivet, first in the build folder."""
    (tmp_path / "build").mkdir()
    for name in ("rivet", "rivet-seed"):
        (tmp_path / "build" / name).write_text("#!/bin/sh\nexit 0\n")
        (tmp_path / "build" / name).chmod(0o755)
    environment = {**os.environ, "RIVET_UAT_DIR": str(tmp_path / "uat"), "RIVET_BUILD_DIR": str(tmp_path / "build")}
    result = subprocess.run([support.ROOT / "dev/uat.sh", "A1"], env=environment, capture_output=True, text=True, timeout=120)
    assert result.returncode == 1 and result.stdout.startswith("FAIL A1 help lacks"), result.stdout + result.stderr


def python(code, folder):
    """A program that has the modules of dev/uat."""
    environment = {**os.environ, "PYTHONPATH": str(support.ROOT / "dev"), "RIVET_UAT_DIR": str(folder), "RIVET_BUILD_DIR": str(support.BUILD)}
    result = subprocess.run([sys.executable, "-B", "-c", textwrap.dedent(code)], env=environment, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_the_reasons_of_mutations_are_those_of_the_table(tmp_path):
    print(python("""
        import re
        from uat import mutations, world
        table = (world.ROOT / "dev/uat/mutations.md").read_text()
        facts = dict(re.findall(r"^\\| (\\S+) \\| .+ \\| (.+) \\|$", table.replace("\\\\|", "/"), re.M))
        for row, (expected, _) in mutations.MUTATIONS.items():
            assert re.search(expected, facts[row]), (row, expected, facts[row])
            others = [error for error in ("the row took longer", "ConnectionRefusedError", "FileNotFoundError: x", "")
                      if re.search(expected, error)]
            assert not others, (row, others)
        """, tmp_path))


def test_a_row_that_fails_anyway_proves_nothing(tmp_path):
    print(python("""
        from uat import mutations, registry
        registry.load()
        help_text = registry.ROWS["A1"]
        expected, mutation = mutations.MUTATIONS["A1"]
        assert mutations.prove(help_text, expected, mutation)[0] == "KILLED"
        assert mutations.prove(help_text, "another reason", mutation)[0] == "UNPROVEN"
        assert mutations.prove(help_text, expected, mutations.setting("nothing"))[0] == "SURVIVED"
        with mutations.mutated(mutation):  # broken before
            assert mutations.prove(help_text, expected, mutation)[0] == "UNPROVEN"
        """, tmp_path))


def test_the_alarm_of_a_row_leaves_nothing_running(tmp_path):
    print(python("""
        import signal, subprocess, time
        from uat import __main__ as runner, registry, world
        signal.signal(signal.SIGALRM, runner.on_alarm)

        @registry.row("Z1", "longer than its limit", limit_s=1)
        def waits(place):
            place.start("sleep 300")
            place.sh("sleep 300; true")

        @registry.row("Z2", "what it needs takes long", limit_s=1)
        def is_prepared(place):
            with world.no_alarm():
                time.sleep(1.5)

        place = []
        make = world.Place
        world.Place = lambda name: place.append(make(name)) or place[-1]
        result, fact, seconds = runner.run_row(waits)
        assert result == "FAIL" and "longer than its limit" in fact and seconds < 30, (result, fact, seconds)
        groups = [str(process.pid) for process in place[0].processes]
        assert len(groups) == 2
        deadline = time.monotonic() + 20  # until somebody has taken the dead from the table of processes
        while subprocess.run(["pgrep", "-g", ",".join(groups)]).returncode != 1 and time.monotonic() < deadline:
            time.sleep(0.1)
        assert time.monotonic() < deadline
        assert runner.run_row(is_prepared)[0] == "PASS"
        """, tmp_path))


def test_a_mutant_database_is_dropped(tmp_path):
    print(python("""
        import os, urllib.parse
        from uat import __main__ as runner, mutations, registry, source, world
        registry.load()
        url = urllib.parse.urlsplit(world.settings.pg_url)
        world.settings.pg_url = url._replace(path="/uat_%d" % os.getpid()).geturl()
        expected, mutation = mutations.MUTATIONS["Pre-P3"]
        with mutations.mutated(mutation):
            result, fact, _ = runner.run_row(registry.ROWS["Pre-P3"])
        assert result == "FAIL" and mutations.re.search(expected, fact), fact
        with source.POSTGRES.connect("template1") as connection:
            left = connection.execute("select datname from pg_database where datname like %s", ("uat_%d%%" % os.getpid(),)).fetchall()
        assert left == [], left
        """, tmp_path))
