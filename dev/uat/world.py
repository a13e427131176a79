"""What the rows work with: the programs, the servers, and a checkout of their own for each row.

Where things are, all by environment; the defaults are those of the plan:
  RIVET_BUILD_DIR       folder of rivet and rivet-seed
  RIVET_UAT_PG_URL      database that PostgreSQL rows read; RIVET_UAT_MYSQL_URL likewise
  RIVET_UAT_DIR         folder of places and results
  RIVET_*_PORT          ports of dev/services.sh
A Place has copies of dev/*.yaml in which only servers and databases of the URLs are replaced, so the
plan's commands run in it word for word, and no row meets state or files of another.
"""

import contextlib
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("RIVET_BUILD_DIR", ROOT / "build")).resolve()
FOLDER = pathlib.Path(os.environ.get("RIVET_UAT_DIR", "/tmp/rivet_uat"))
PLAN_PG_URL = "postgresql://rivet:rivet@localhost:5432/rivet"
PLAN_MYSQL_URL = "mysql://rivet:rivet@localhost:3306/rivet"


def port(name, default):
    return int(os.environ.get(f"RIVET_{name}_PORT", default))


class Settings:
    """What a mutation may change for the length of one row."""

    def __init__(self):
        self.pg_url = os.environ.get("RIVET_UAT_PG_URL", PLAN_PG_URL)
        self.mysql_url = os.environ.get("RIVET_UAT_MYSQL_URL", PLAN_MYSQL_URL)
        self.programs = BUILD  # looked at before BUILD
        self.output = ROOT / "dev/output"
        self.edits = []  # (file below dev/, text, replacement) in the copies of a place
        self.undo = contextlib.ExitStack()  # what a mutation left elsewhere, to be put right
        self.environment = {}
        self.toxiproxy = port("TOXIPROXY", 8474)
        self.toxiproxy_pg = port("TOXIPROXY_PG", 15432)
        self.s3 = port("S3", 9000)
        self.fake_gcs = port("FAKE_GCS", 4443)
        self.prometheus = port("PROMETHEUS", 9090)
        self.grafana = port("GRAFANA", 3000)

    def replacements(self):
        """Text of the plan's files → text for these servers."""
        pg, mysql = urllib.parse.urlsplit(self.pg_url), urllib.parse.urlsplit(self.mysql_url)
        address = lambda url: f"@{url.hostname}:{url.port}{url.path}"
        return {
            "@localhost:5432/rivet": address(pg),
            "@localhost:15432/rivet": f"@localhost:{self.toxiproxy_pg}{pg.path}",
            "@localhost:3306/rivet": address(mysql),
            "port: 5432": f"port: {pg.port}",
            "port: 3306": f"port: {mysql.port}",
            "http://localhost:9000": f"http://localhost:{self.s3}",
            "http://127.0.0.1:4443": f"http://127.0.0.1:{self.fake_gcs}",
        }

    def localize(self, name, text):
        for old, new in self.replacements().items():
            text = text.replace(old, new)
        database = urllib.parse.urlsplit(self.mysql_url if name.startswith("mysql") else self.pg_url).path[1:]
        return re.sub(r"^(  database: )rivet$", rf"\g<1>{database}", text, flags=re.M)


settings = Settings()


# ---- services ----

started = []


@contextlib.contextmanager
def no_alarm():
    """What a row needs may take longer than the row: its alarm waits meanwhile."""
    left_s = signal.alarm(0)
    try:
        yield
    finally:
        signal.alarm(left_s)


@no_alarm()
def need_service(name):
    """Start a service of dev/services.sh unless something answers at its port already."""
    script = ROOT / "dev/services.sh"
    assert (ROOT / f"dev/services/{name}.sh").exists(), f"dev/services.sh has no service {name}"
    status = subprocess.run([script, "status", name], capture_output=True, timeout=60)
    if status.returncode != 0:
        up = subprocess.run([script, "up", name], capture_output=True, text=True, timeout=900)
        assert up.returncode == 0, f"dev/services.sh up {name}: {up.stderr.strip().splitlines()[-1:]}"
        started.append(name)


def stop_services():
    if started:
        subprocess.run([ROOT / "dev/services.sh", "down", *reversed(started)], capture_output=True, timeout=300)
        started.clear()


# ---- one command ----

class Result:
    """What a command left: status, both streams, summaries, new files, seconds."""

    def __init__(self, command, status, out, err, seconds, files):
        self.command, self.status, self.out, self.err, self.seconds, self.files = command, status, out, err, seconds, files

    def summaries(self):
        blocks = re.findall(r"── (\S+) ──\n((?:  .*\n)+)", self.err)
        return {name: dict(re.findall(r"^  ([\w ]+):\s+(.*)$", body, re.M)) for name, body in blocks}

    def summary(self, export):
        found = self.summaries()
        assert export in found, f"no summary of {export}: {self.tail()}"
        return found[export]

    def expect(self, export, **facts):
        summary = self.summary(export)
        for label, want in facts.items():
            got = summary.get(label)
            assert got == str(want), f"summary of {export} says {label}: {got}, not {want}; {self.tail()}"
        return summary

    def tail(self):
        return f"exit {self.status}: " + " | ".join((self.err or self.out).strip().splitlines()[-3:])

    def of(self, pattern):
        """New files whose names match a pattern of the shell."""
        return [path for path in self.files if path.match(pattern)]


CRASH = re.compile(r"Sanitizer|Assertion `.*failed|internal failure|panicked at|core dumped")


def children(pid):
    """Pids of the direct children of a process."""
    found = []
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += map(int, task.read_text().split())
        except OSError:
            pass
    return found


class Place:
    """The checkout of one row: dev/ with configurations, state beside them, output below."""

    def __init__(self, name):
        self.path = FOLDER / name
        shutil.rmtree(self.path, ignore_errors=True)
        (self.path / "dev/output").mkdir(parents=True)
        self.seen = set()
        self.processes = []
        self.keeps_output = False
        self.log = (self.path / "commands.log").open("w")
        for source in sorted((ROOT / "dev").glob("*.yaml")):
            self.write(source.name, settings.localize(source.name, source.read_text()))
        for name, old, new in settings.edits:
            self.edit(name, old, new)

    def config(self, name):
        return self.path / "dev" / name

    def write(self, name, text):
        self.config(name).write_text(text)

    def edit(self, name, old, new, copy=None):
        """Replace text in a configuration, or in a copy of it; it must be there."""
        text = self.config(name).read_text()
        assert old in text, f"dev/{name} does not contain {old!r}"
        self.write(copy or name, text.replace(old, new))

    def environment(self, more=None):
        hidden = ("RUST_LOG", "RIVET_LOG", "RIVET_STATE", "PGPASSWORD")
        environment = {key: value for key, value in os.environ.items() if key not in hidden}
        environment["PATH"] = f"{settings.programs}:{BUILD}:{environment['PATH']}"
        return {**environment, **settings.environment, **(more or {})}

    def start(self, command, **env):
        """A command in the background, in a process group of its own."""
        self.note(f"$ {command} &")
        return self.spawn(shlex.split(command), env)

    def spawn(self, words, env):
        process = subprocess.Popen(words, cwd=self.path, env=self.environment(env), text=True, start_new_session=True,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.processes.append(process)
        return process

    def finish(self, process, timeout_s=120):
        """(status, stdout, stderr) of a command from start."""
        try:
            out, err = process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            self.kill(process)
            raise AssertionError(f"not ended within {timeout_s} s: {process.args}") from None
        except BaseException:  # the row's alarm, or Ctrl-C: nothing runs on behind the next row
            self.kill(process)
            raise
        self.note(f"exit {process.returncode} at {time.strftime('%H:%M:%S')}\n{out[-2000:]}\n{err[-8000:]}")
        assert not CRASH.search(err), f"crash: {CRASH.search(err).group()}"
        return process.returncode, out, err

    def kill(self, process):
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        return process.communicate(timeout=30)

    def sh(self, command, status=0, timeout_s=120, **env):
        """Run one line of the plan with bash; status None takes any exit that is no crash."""
        self.note(f"$ {command}   {env or ''}")
        began = time.monotonic()
        code, out, err = self.finish(self.spawn(["bash", "-c", command], env), timeout_s)
        result = Result(command, code, out, err, time.monotonic() - began, self.new_files())
        assert 0 <= code < 128 or code == status, f"crash: exit {code} of {command}: {result.tail()}"
        assert status is None or code == status, f"{command}: {result.tail()} (expected exit {status})"
        return result

    def new_files(self):
        """Visible files since the last look; manifests are not counted."""
        found = set()
        for top in ("dev/output", "out"):
            found.update(path for path in (self.path / top).rglob("*") if path.is_file() and "_rivet" not in path.parts)
        new = sorted(found - self.seen)
        self.seen |= found
        return new

    def chunk_files(self, export):
        return sorted((self.path / "dev/output/bench").glob(f"{export}_[0-9]*_chunk*.parquet"))

    def note(self, text):
        self.log.write(text + "\n")
        self.log.flush()

    def close(self, keep):
        """Logs stay; output goes, unless somebody may want to look at it. What still runs is ended."""
        for process in self.processes:
            if process.poll() is None:
                self.kill(process)
        self.log.close()
        if not keep and not self.keeps_output:
            shutil.rmtree(self.path / "dev/output", ignore_errors=True)
            shutil.rmtree(self.path / "out", ignore_errors=True)


def wait_for(condition, seconds, what):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"waited {seconds} s for {what}")
