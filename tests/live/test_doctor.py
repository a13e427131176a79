"""rivet doctor: the source, the destinations and the state, and what it says when one fails."""

import json
import os
import socket

import pytest

import support


def doctor(*arguments, status=0, **options):
    return support.rivet("doctor", *arguments, check=status, **options)


def test_b4_all_is_well(postgres):
    output = support.ROOT / "dev/output"
    run = doctor("--config", "dev/pg_full.yaml")
    lines = run.out.splitlines()
    assert lines[:2] == ["rivet doctor: verifying auth for config 'dev/pg_full.yaml'", ""]
    assert "[OK]  Config parsed successfully" in lines
    assert "[OK]  Source auth (Postgres)" in lines
    assert "[OK]  Destination Local(./dev/output)" in lines
    assert sum("Destination" in line for line in lines) == 1
    assert "[FAIL]" not in run.out
    assert lines[-2:] == ["", "All checks passed."]
    assert not [path for path in output.iterdir() if "rivet_doctor" in path.name]


def test_h2_wrong_password():
    run = doctor("--config", "dev/test_pg_wrongpass.yaml", status=1)
    (line,) = [line for line in run.out.splitlines() if "Source" in line]
    assert line.startswith("[FAIL] Source auth error: ") and "password authentication failed" in line
    assert "[OK]  Source" not in run.out and "WRONGPASSWORD" not in run.text
    assert "       remedy: check user and password" in run.out
    assert run.out.rstrip().endswith("Some checks failed.")


def test_a_stopped_database(work):
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    listener.close()
    work.write({"name": "users", "query": "select 1 as a"}, source={"url": f"postgresql://rivet:rivet@127.0.0.1:{port}/rivet"})
    run = doctor("--config", work.config, status=1)
    assert "[FAIL] Source connectivity error: " in run.out
    assert f"[OK]  Destination Local({work.output})" in run.out  # the rest is tried all the same


def test_config_error(work):
    work.config.write_text("source: {type: postgres}\n")
    run = doctor("--config", work.config, status=1)
    assert "[FAIL] Config error: " in run.out and "Source auth" not in run.out
    assert doctor("--config", "/nonexistent/no.yaml", status=1).out.count("[FAIL] Config error") == 1


def test_each_destination_once(postgres, work):
    paths = [work.path / "a", work.path / "b"]
    work.write(*[{"name": f"e{i}", "query": "select 1 as a", "destination": {"type": "local", "path": str(path)}}
                 for i, path in enumerate([*paths, paths[0]])],
               {"name": "out", "query": "select 1 as a", "format": "csv", "destination": {"type": "stdout"}})
    run = doctor("--config", work.config)
    assert [line for line in run.out.splitlines() if "Destination" in line] == [f"[OK]  Destination Local({path})" for path in paths]
    assert [list(path.iterdir()) for path in paths] == [[], []]


def test_a_destination_that_cannot_be_written(postgres, work):
    work.output.write_text("a file, not a directory")
    work.write({"name": "users", "query": "select 1 as a"})
    run = doctor("--config", work.config, status=1)
    assert f"[FAIL] Destination Local({work.output}) -- " in run.out and "remedy:" in run.out
    assert "[OK]  Source auth (Postgres)" in run.out


@pytest.mark.skipif(os.getuid() != 0, reason="needs another user")
def test_directories_of_somebody_else(postgres, work):
    """Neither the state nor the files can be written, and both are told."""
    work.output.mkdir()
    for path in [work.path, *work.path.parents]:
        if str(path).startswith("/tmp/"):
            path.chmod(0o755)
    work.write({"name": "users", "query": "select 1 as a"})
    run = doctor("--config", work.config, status=1, user=65534)
    assert f"[FAIL] Destination Local({work.output}) -- auth error: " in run.out
    assert "[FAIL] State: " in run.out and "not writable" in run.out
    assert "[OK]  Source auth (Postgres)" in run.out


def test_unset_names_in_queries_do_not_matter(postgres):
    doctor("--config", "dev/test_params.yaml")


def test_state_is_not_made(postgres, work):
    work.write({"name": "users", "query": "select 1 as a"})
    run = doctor("--config", work.config)
    assert "(made by the first run)" in run.out and not work.state.exists()


def test_broken_state(postgres, work):
    work.write({"name": "users", "query": "select 1 as a"})
    work.state.write_text("this is no database, whatever its name says" * 100)
    assert "[FAIL] State: " in doctor("--config", work.config, status=1).out


def test_json(postgres, work):
    work.write({"name": "users", "query": "select 1 as a"})
    report = json.loads(doctor("--config", work.config, "--json").out)
    assert report["version"] == 1 and report["ok"] is True
    kinds = [finding["kind"] for finding in report["findings"]]
    assert kinds == ["config", "source", "server", "tls", "clock", "destination", "state"]
    report = json.loads(doctor("--config", "dev/test_pg_wrongpass.yaml", "--json", status=1).out)
    assert report["ok"] is False
    (source,) = [finding for finding in report["findings"] if finding["kind"] == "source"]
    assert source["level"] == "failure" and source["category"] == "auth error" and source["remedy"]
