"""The table of the bench at full size: 200,000 content_items in a database of its own, which stays for later runs."""

import functools
import re
import subprocess

import support

DATABASE = "rivet_bench_full"
URL = support.PG_URL.rsplit("/", 1)[0] + "/" + DATABASE
ROWS = 200000


def connect():
    return support.connect(URL)


def count():
    with connect() as connection:
        exists = connection.execute("select to_regclass('content_items')").fetchone()[0]
        return connection.execute("select count(*) from content_items").fetchone()[0] if exists else 0


@functools.cache
def prepare():
    """Seeds it once, whoever comes first."""
    with support.connect() as admin:
        admin.execute("select pg_advisory_lock(hashtext('rivet_bench_full'))")
        if not admin.execute("select 1 from pg_database where datname = %s", (DATABASE,)).fetchone():
            admin.execute(f"create database {DATABASE}")
        if count() == ROWS:
            return
        with connect() as connection:
            connection.execute((support.ROOT / "dev/postgres/init.sql").read_text())
        subprocess.run([support.SEED, "--target", "postgres", "--pg-url", URL, "--content-items", str(ROWS), "--users", "10", "--page-views", "10"],
                       check=True, capture_output=True, timeout=600 * support.PATIENCE)
        with connect() as connection:
            connection.execute("analyze content_items")


def copy_config(work, name):
    """dev/<name> beside a state of its own, on this database, with its own output."""
    text = (support.ROOT / "dev" / name).read_text().replace("./dev/output/bench", str(work.output))
    text, found = re.subn(r"postgresql://[^/]*/rivet$", URL, text, flags=re.M)
    assert found == 1, text
    work.config.write_text(text)
    return work.config
