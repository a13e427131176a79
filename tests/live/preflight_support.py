"""A database of the preflight tests' own, and the configurations of dev/ pointed at it."""

import re
import subprocess

import psycopg

import support

DATABASE = "rivet_preflight"
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


def dev_config(work, name):
    """A copy of dev/<name>.yaml whose source is the tests' own database."""
    text = (support.ROOT / f"dev/{name}.yaml").read_text()
    text, count = re.subn(r"(url: postgresql://[^/]*)/rivet$", rf"\1/{DATABASE}", text, flags=re.M)
    assert count == 1, text
    work.config.write_text(text)
    return work.config


def blocks(out):
    """The blocks of a check report: export → label → values in order."""
    found = {}
    for name, block in re.findall(r"^Export: (.*)\n((?:  .*\n)*)", out, re.M):
        assert name not in found, out
        found[name] = {}
        for label, value in re.findall(r"^  (\w[\w ]*):\s+(.*)$", block, re.M):
            found[name].setdefault(label, []).append(value)
    return found
