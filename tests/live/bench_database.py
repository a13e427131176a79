"""The table of the bench: 200,000 content_items, with short texts or as rivet-seed writes them, in databases that stay
for later runs and that nobody changes.
"""

import functools
import subprocess

import pytest

import support

ROWS = 200000


class Bench:
    def __init__(self, name, fill):
        self.database, self.fill = f"rivet_bench_{name}", fill
        self.url = support.PG_URL.rsplit("/", 1)[0] + "/" + self.database

    def connect(self):
        return support.connect(self.url)

    def seed(self, content_items):
        subprocess.run([support.SEED, "--target", "postgres", "--pg-url", self.url, "--content-items", str(content_items), "--users", "10",
                        "--page-views", "10"], check=True, capture_output=True, timeout=600 * support.PATIENCE)

    def count(self):
        with self.connect() as connection:
            exists = connection.execute("select to_regclass('content_items')").fetchone()[0]
            return connection.execute("select count(*) from content_items").fetchone()[0] if exists else 0

    @functools.cache
    def prepare(self):
        """Seeds it once, whoever comes first."""
        with support.connect() as admin:
            admin.execute("select pg_advisory_lock(hashtext('rivet_bench'))")
            if not admin.execute("select 1 from pg_database where datname = %s", (self.database,)).fetchone():
                admin.execute(f"create database {self.database}")
            if self.count() == ROWS:
                return
            with self.connect() as connection:
                connection.execute((support.ROOT / "dev/postgres/init.sql").read_text())
            self.fill(self)
            with self.connect() as connection:
                connection.execute("vacuum analyze content_items")

    def copy_config(self, work, name):
        """dev/<name> on this database."""
        return work.copy_dev(name, (r"postgresql://[^/]*/rivet$", self.url))


def fill_short(bench):
    """As many rows, their long texts shortened: two gigabytes would take a minute to write."""
    bench.seed(10)
    with bench.connect() as connection, connection.transaction():
        connection.execute("delete from content_items")
        connection.execute("insert into content_items (id, title, body, raw_html, tags, author_name, author_email, category, status, created_at)"
                           " select g, 'title ' || g, repeat(md5(g::text), g % 5), '<p>' || g, case when g % 3 > 0 then 'a,b' end, 'author',"
                           " 'a@b.c', nullif('c' || g % 4, 'c2'), 'draft', timestamp '2024-01-01' + g * interval '1 minute'"
                           f" from generate_series(1, {ROWS}) g")


SHORT = Bench("short", fill_short)
FULL = Bench("full", lambda bench: bench.seed(ROWS))
PARAMS = [pytest.param(SHORT, id="short"), pytest.param(FULL, id="full", marks=pytest.mark.soak)]
