"""The manual pages are well formed, and there is one for each command. That they are current is a ctest."""

import re
import subprocess

import pytest

import support

PAGES = sorted((support.ROOT / "docs/man").glob("*.[15]"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_mandoc_has_nothing_to_say(page):
    process = subprocess.run(["mandoc", "-Tlint", page], capture_output=True, text=True, timeout=20)
    assert (process.returncode, process.stdout, process.stderr) == (0, "", "")


def test_every_command_has_its_page():
    names = {page.name for page in PAGES}
    commands = re.findall(r"^  (\w+) ", support.rivet("--help", check=0).out, re.M)
    assert len(commands) > 7
    for command in commands:
        actions = re.findall(r"^  (\w+) ", support.rivet(command, "--help").out.partition("Commands:")[2], re.M)
        for name in [f"{command}-{action}" for action in actions] or [command]:
            assert name == "help" or f"rivet-{name}.1" in names
    assert {"rivet.1", "rivet.yaml.5"} <= names
