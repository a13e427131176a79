"""dev/uat.sh: every row is there, has a mutation and an entry in the table; rows pass and fail as they should."""

import json
import os
import re
import subprocess

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
