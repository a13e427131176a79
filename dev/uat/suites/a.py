"""Suite A: the command line."""

import re

from uat.registry import row

COMMANDS = {"run", "check", "doctor", "state", "metrics", "completions"}


@row("A1", "help")
def help_text(place):
    out = place.sh("rivet --help").out
    found = set(re.findall(r"^\s+([a-z]+)\b", out, re.M))
    assert COMMANDS <= found, f"help lacks {COMMANDS - found}"
    place.sh("rivet frobnicate", status=2)
    return f"{len(COMMANDS)} commands"


@row("A2", "completions")
def completions(place):
    run = place.sh("rivet completions zsh | head -1")
    assert run.out == "#compdef rivet\n", f"the first line is {run.out!r}"
    assert run.err == "", run.err
    for shell in ("bash", "fish"):
        assert "rivet" in place.sh(f"rivet completions {shell}").out, f"{shell}: rivet is not named"
    place.sh("rivet completions tcsh", status=2)
    return "zsh, bash, fish"


@row("A3", "a configuration that is not there")
def no_configuration(place):
    run = place.sh("rivet check --config /nonexistent/no.yaml", status=1)
    assert "Error" in run.err and "No such file" in run.err, run.err
    assert run.out == "", run.out
    stored = [path.name for path in place.path.rglob("*.db*")]
    assert stored == [], f"state was made: {stored}"
    return "exit 1, " + run.err.strip().splitlines()[-1][:60]
