"""The scripts of dev/ that try the whole program, against the servers that run: they pass, and count what they say."""

import os
import re
import shutil
import subprocess

import pytest

import support

# Without Prometheus the smoke test skips one row; the e2e test skips nothing where all servers run.
SCRIPTS = {"run_uat_smoke.sh": (r"(\d+) PASS, (\d+) FAIL, (\d+) SKIP", 35, 1),
           "e2e/run_e2e.sh": (r"(\d+) passed, (\d+) failed, (\d+) skipped", 57, 0),
           "test_permissions.sh": (r"(\d+) passed, (\d+) failed()", 7, 0)}


@pytest.fixture
def checkout(tmp_path):
    """A copy of the scripts and configurations, for state and output lie beside them."""
    dev = tmp_path / "dev"
    (dev / "output").mkdir(parents=True)
    for pattern in ("*.sh", "*.yaml", "e2e/*.sh", "e2e/*.yaml", "services/common/*.sh"):
        for path in (support.ROOT / "dev").glob(pattern):
            copy = dev / path.relative_to(support.ROOT / "dev")
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
    return tmp_path


def run_script(checkout, name, program):
    environment = {**os.environ, "RIVET": str(program), "RIVET_RESULTS": str(checkout / "results.txt")}
    return subprocess.run([checkout / "dev" / name], cwd=checkout, env=environment, capture_output=True, text=True, check=False,
                          timeout=300 * support.PATIENCE)


@pytest.mark.parametrize("name", SCRIPTS)
def test_script_passes(checkout, name):
    pattern, checks, may_skip = SCRIPTS[name]
    done = run_script(checkout, name, support.RIVET)
    assert done.returncode == 0, done.stdout + done.stderr
    passed, failed, skipped = (int(number or 0) for number in re.search(pattern, done.stdout).groups())
    assert (failed, passed + skipped) == (0, checks) and skipped <= may_skip, done.stdout
    assert len(re.findall(r"^PASS ", done.stdout, re.M)) == passed, done.stdout


@pytest.mark.parametrize("name", SCRIPTS)
def test_script_fails_with_a_program_that_does_nothing(checkout, name):
    done = run_script(checkout, name, "/bin/true")
    assert done.returncode == 1 and re.search(r"^FAIL ", done.stdout, re.M), done.stdout + done.stderr
