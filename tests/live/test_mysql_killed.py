"""The server process itself is killed while rows come: an error of the right class, nothing visible.

The victims are servers of their own, on ports and in a folder of their own.
"""

import os
import shutil
import signal
import subprocess

import pytest

import mysql_support
import support


class Victim:
    """A server that may be killed."""

    def __init__(self, name):
        self.name, self.port = name, support.free_port()
        # Where the servers' own user may work, whoever owns the test's folder.
        self.folder = f"/var/tmp/rivet-victim-{os.getpid()}-{name}"
        self.environment = {**os.environ, "RIVET_SERVICES_DIR": self.folder, f"RIVET_{name.upper()}_PORT": str(self.port)}

    def services(self, action):
        subprocess.run([support.ROOT / "dev/services.sh", action, self.name], check=True, env=self.environment,
                       capture_output=True, timeout=120 * support.PATIENCE)

    def __enter__(self):
        self.services("up")
        support.run_seed("mysql", f"mysql://rivet:rivet@127.0.0.1:{self.port}/rivet")
        return self

    def __exit__(self, *_):
        self.services("down")
        shutil.rmtree(self.folder)

    def kill(self):
        with mysql_support.connect(self.port) as connection, connection.cursor() as cursor:
            cursor.execute("select @@pid_file")
            path = cursor.fetchone()[0]
        if self.name == "mysql":  # as its chroot sees it
            path = f"{self.folder}/mysql/root{path}"
        with open(path) as file:
            os.kill(int(file.read()), signal.SIGKILL)


def start(work, victim, fetch):
    source = {"type": "mysql", "url": f"mysql://rivet:rivet@127.0.0.1:{victim.port}/rivet",
              "tuning": {"profile": "fast", "fetch": fetch, "batch_size": 500, "max_retries": 1, "retry_backoff_ms": 10}}
    work.write({"name": "a", "query": "select id, url, sleep(0.001) as pause from page_views"}, source=source)
    return subprocess.Popen([support.RIVET, "run", "--config", work.config], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            text=True)


@pytest.mark.slow
@pytest.mark.parametrize("name", mysql_support.PORTS)
def test_the_server_is_killed_in_mid_stream(tmp_path, name):
    with Victim(name) as victim:
        runs = []
        for fetch in ("stream", "pages"):
            (tmp_path / fetch).mkdir()
            work = support.Work(tmp_path / fetch)
            runs.append((work, start(work, victim, fetch)))
        for work, _ in runs:
            support.wait_for(work.leftovers, what="rows on their way")
        victim.kill()
        for work, process in runs:
            _, err = process.communicate(timeout=60 * support.PATIENCE)
            assert process.returncode == 5, err
            assert "retry 1/1" in err and "[reconnecting]" in err
            assert work.files() == [] and work.leftovers() == []
