"""A database of the preflight tests' own, and the configurations of dev/ pointed at it."""

import os
import re
import subprocess
import time

import psycopg

import support

DATABASE = f"rivet_preflight_{os.getpid()}"
# A name of our own: other tests end the sessions of "rivet".
URL = support.PG_URL.rsplit("/", 1)[0] + "/" + DATABASE + "?application_name=rivet_preflight"


def drop_database():
    with support.connect() as connection:
        connection.execute(f"drop database if exists {DATABASE} with (force)")


def make_database():
    drop_database()
    with support.connect() as connection:
        connection.execute(f"create database {DATABASE}")
    with connect() as connection:
        connection.execute((support.ROOT / "dev/postgres/init.sql").read_text())


def connect(url=URL):
    return psycopg.connect(url, autocommit=True)


def seed(*arguments):
    subprocess.run([support.SEED, "--target", "postgres", "--pg-url", URL, *map(str, arguments)],
                           check=True, capture_output=True, timeout=120 * support.PATIENCE)


def scans(connection):
    """Scans of the tables of this database that its sessions have done; none of them but this one is left.

    A session reports its own a while later, unless it is told to or ends (pg_stat_force_next_flush is of 15)."""
    if connection.info.server_version >= 150000:
        connection.execute("select pg_stat_force_next_flush()")
    else:
        time.sleep(2)
    others = ("select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() "
              "and backend_type = 'client backend'")
    support.wait_for(lambda: connection.execute(others).fetchone()[0] == 0, what="the other sessions to end")
    connection.execute("select pg_stat_clear_snapshot()")
    return connection.execute("select coalesce(sum(seq_scan + coalesce(idx_scan, 0)), 0) from pg_stat_user_tables").fetchone()[0]


def dev_config(work, name):
    """A copy of dev/<name>.yaml whose source is the tests' own database."""
    return work.copy_dev(f"{name}.yaml", (r"(url: postgresql://[^/]*)/rivet$", rf"\1/{DATABASE}"))


def blocks(out):
    """The blocks of a check report: export → label → values in order."""
    found = {}
    for name, block in re.findall(r"^Export: (.*)\n((?:  .*\n)*)", out, re.M):
        assert name not in found, out
        found[name] = {}
        for label, value in re.findall(r"^  (\w[\w ]*):\s+(.*)$", block, re.M):
            found[name].setdefault(label, []).append(value)
    return found


def reasons(run):
    """The error and its hint; a run says also what it was at when it failed."""
    lines = re.findall(r"^(?:Error: |  hint: ).*$", run.err, re.M)
    assert lines, run.text
    return [line.replace("export 'bad' planning: ", "export 'bad': ") for line in lines]
