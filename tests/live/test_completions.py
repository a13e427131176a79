"""Completion scripts in the shells they are for; each shell is asked, not the text."""

import os
import pty
import re
import select
import shutil
import subprocess

import pytest

import support

COMMANDS = {"run", "check", "doctor", "state", "completions", "metrics", "journal", "schema", "inspect", "help"}
ACTIONS = {"show", "reset", "files"}
SHELLS = {"bash", "elvish", "fish", "powershell", "zsh"}


def script(shell):
    run = support.rivet("completions", shell, check=0)
    assert run.err == "" and "rivet" in run.out
    return run.out


def ask_bash(line, cwd):
    """What bash offers for the last word of the line."""
    words = line.split(" ")
    program = script("bash") + (
        f'\nCOMP_WORDS=({" ".join(repr(word) for word in words)}); COMP_CWORD={len(words) - 1}\n'
        '_rivet; printf "%s\\n" "${COMPREPLY[@]}"\ncomplete -p rivet >&2\n')
    process = subprocess.run(["bash", "--norc", "-c", program], capture_output=True, text=True, timeout=20, cwd=cwd)
    assert process.returncode == 0 and process.stderr.strip() == "complete -F _rivet rivet", process.stderr
    return set(process.stdout.split("\n")) - {""}


def ask_fish(line, cwd):
    home = cwd / "fish"
    home.mkdir(exist_ok=True)
    environment = {**os.environ, "HOME": str(home), "XDG_CONFIG_HOME": str(home)}
    process = subprocess.run(["fish", "--no-config", "-c", script("fish") + f"\ncomplete -C '{line}'"],
                             capture_output=True, text=True, timeout=20, cwd=cwd, env=environment)
    assert process.returncode == 0 and process.stderr == "", process.stderr
    return {text.split("\t")[0] for text in process.stdout.splitlines()}


# Writes down what the completion system is given, apart from calls that only fill arrays.
ZSH_SETUP = r"""
unsetopt beep; LISTMAX=1000; autoload -U compinit; compinit -u -D; source ./_rivet.zsh; rivet() { :; }
compadd() {
    if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return $?; fi
    local -a hits
    builtin compadd -O hits "$@"; print -rl -- $hits >> offered
    builtin compadd "$@"
}
zle-line-init() { : > ready }
zle -N zle-line-init
"""


def ask_zsh(line, cwd):
    """An interactive zsh on a terminal: the line, a tab, then a command that tells it is through."""
    (cwd / "_rivet.zsh").write_text(script("zsh"))
    (cwd / ".zshrc").write_text(ZSH_SETUP)
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(cwd)
        os.environ.update({"TERM": "dumb", "HOME": str(cwd), "ZDOTDIR": str(cwd), "COLUMNS": "200", "LINES": "60"})
        os.execvp("zsh", ["zsh", "-d", "-i"])
    try:
        # Keys that come before the line editor runs would go to the terminal's own.
        support.wait_for(lambda: drain(terminal) or (cwd / "ready").exists(), 20, "zsh's line editor")
        os.write(terminal, line.encode() + b"\t\x15: > through\n")
        support.wait_for(lambda: drain(terminal) or (cwd / "through").exists(), 20, "zsh")
        os.write(terminal, b"exit\n")
    finally:
        os.close(terminal)
        os.waitpid(child, 0)
    return set((cwd / "offered").read_text().split("\n")) - {""}


def drain(terminal):
    while select.select([terminal], [], [], 0)[0]:
        os.read(terminal, 65536)


ASK = {"bash": ask_bash, "fish": ask_fish, "zsh": ask_zsh}

# What is offered, and what is not.
LINES = {
    "commands": ("rivet ", COMMANDS, ACTIONS),
    "begun command": ("rivet c", {"check", "completions"}, {"run", "state"}),
    "actions": ("rivet state ", ACTIONS, {"run", "check"}),
    "flags": ("rivet check --", {"--config", "--export", "--types", "--param", "--strict", "--json", "--help"}, {"--validate", "--last"}),
    "flags of an action": ("rivet state files --", {"--config", "--last"}, {"--types"}),
    "words of a flag": ("rivet run --log-format ", {"text", "json"}, {"run"}),
    "operand": ("rivet completions ", SHELLS, {"run"}),
    "file of a flag": ("rivet check --config some", {"some_config.yaml"}, {"--types"}),
    "operand files": ("rivet inspect some", {"some_config.yaml"}, {"--json"}),
}


@pytest.mark.parametrize("shell", ASK)
@pytest.mark.parametrize("line, offered, missing", LINES.values(), ids=LINES.keys())
def test_completion(shell, line, offered, missing, tmp_path):
    assert shutil.which(shell), f"{shell} is not installed (dev/packages.sh install test)"
    (tmp_path / "some_config.yaml").touch()
    (tmp_path / "some_other.yaml").touch()
    got = ASK[shell](line, tmp_path)
    assert offered <= got, got
    assert not missing & got, got


def test_a2_the_first_line_alone():
    """The reader leaves after a line; nobody is told of it."""
    process = subprocess.run(["bash", "-c", f"{support.RIVET} completions zsh | head -1"], capture_output=True, text=True, timeout=20)
    assert (process.returncode, process.stdout, process.stderr) == (0, "#compdef rivet\n", "")
    support.rivet("completions", "tcsh", check=2)


@pytest.mark.parametrize("words, offered", [("rivet ''", COMMANDS | {"--help", "--version"}), ("rivet state ''", ACTIONS),
                                            ("rivet completions ''", SHELLS), ("rivet check -c x ''", {"--types", "-c"})])
def test_elvish(words, offered):
    """Its editor needs a terminal; a stand-in for the editor's two names is enough to run the completer."""
    program = "fn candidate {|text &display=''| echo $text }\n" + script("elvish").replace(
        "set edit:completion:arg-completer[rivet] =", "var completer =").replace("edit:complex-candidate", "candidate")
    process = subprocess.run(["elvish", "-norc", "-c", f"{program}\n$completer {words}"], capture_output=True, text=True, timeout=20)
    assert (process.returncode, process.stderr) == (0, "")
    assert offered <= set(process.stdout.split("\n"))


@pytest.mark.parametrize("shell, opening, closing", [("elvish", "[", "]"), ("powershell", "{", "}")])
def test_scripts_that_are_tables(shell, opening, closing):
    """Quotes and brackets balance, and each command has its node."""
    text = script(shell)
    bare = re.sub(r"'(?:[^']|'')*'", "", text)
    assert "'" not in bare
    assert bare.count(opening) == bare.count(closing)
    for command in COMMANDS - {"help"}:
        assert f"'rivet;{command}'" in text


def test_a1_help():
    run = support.rivet("--help", check=0)
    for command in ("run", "check", "doctor", "state", "metrics", "completions"):
        assert re.search(rf"^  {command} ", run.out, re.M)
    support.rivet("no-such-command", check=2)
