"""kill -9 at random moments while others write: ties, deletes, commits up to two seconds out of order
(spec: delivery §7). 30 kills; with -m soak 300. RIVET_SEED repeats a run."""

import datetime
import json
import os
import random
import sqlite3
import subprocess
import threading
import time

import pytest

import delivery
import servers
import support

WRITERS, LATE_MAX_S, LAG_S = 4, 2.0, 5
COLUMNS = "id, changed_at, writer, payload"


@pytest.fixture(scope="module", params=servers.SERVERS, ids=lambda server: server.name)
def server(request):
    request.param.prepare()
    return request.param


class Writers:
    """Transactions that take their moment first and commit up to two seconds later; each leaves ties,
    some delete. Every deleted row is kept aside, marked when it had been exported for sure."""

    def __init__(self, server, exported_up_to, seed):
        self.server, self.exported_up_to, self.seed = server, exported_up_to, seed
        server.execute(
            "drop table if exists soak, soak_deleted",
            f"create table soak (id {server.counter} primary key, changed_at {server.moment} not null, writer int, payload text)",
            "create index soak_changed on soak (changed_at, id)",
            f"create table soak_deleted (id int, changed_at {server.moment}, writer int, payload text, was_exported int)")
        self.stop, self.failures = threading.Event(), []
        self.threads = [threading.Thread(target=self.work, args=(number,)) for number in range(WRITERS)]

    def work(self, number):
        choose = random.Random(self.seed * 1000 + number)
        try:
            with self.server.connect(autocommit=False) as connection:
                while not self.stop.is_set():
                    self.transaction(connection, choose, number)
        except Exception as error:  # noqa: BLE001 - the test must hear of it
            self.failures.append(error)

    def transaction(self, connection, choose, number):
        moment = connection.execute(f"select {self.server.now}").fetchone()[0]
        for _ in range(choose.randint(1, 40)):
            connection.execute("insert into soak (changed_at, writer, payload) values (%s, %s, %s)",
                               (moment, number, f"{choose.getrandbits(256):064x}"))
        time.sleep(choose.choice([0, 0.01, 0.05, choose.uniform(0, LATE_MAX_S - 0.2)]))
        connection.commit()
        if choose.random() < 0.3:
            self.delete(connection, choose, number)

    def delete(self, connection, choose, number):
        """Own rows only, so that writers do not wait for each other."""
        limit = self.exported_up_to()
        victims = connection.execute(f"select {COLUMNS} from soak where writer = %s order by id", (number,)).fetchall()
        for row in choose.sample(victims, min(len(victims), 5)):
            exported = int(limit is not None and row[1] < limit)
            connection.execute("insert into soak_deleted values (%s, %s, %s, %s, %s)", (*row, exported))
            connection.execute("delete from soak where id = %s", (row[0],))
        connection.commit()

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()


def cursor_moment(work):
    """Rows of earlier moments have been exported for sure."""
    try:
        found = delivery.cursor(work, "soak")
    except sqlite3.OperationalError:  # not there yet, or being made
        found = None
    if found is None:
        return None
    return datetime.datetime.fromisoformat(json.loads(found)[0] if found.startswith("[") else found)


class Killer:
    """Kills at a moment of the run's usual life, or just after its end."""

    def __init__(self, work, seed):
        self.work, self.choose, self.usual_s, self.killed = work, random.Random(seed), None, 0

    def measure(self):
        """How long a run takes here that nobody kills."""
        started = time.monotonic()
        delivery.must_succeed(self.work)
        self.usual_s = time.monotonic() - started

    def run(self):
        started = time.monotonic()
        process = subprocess.Popen([support.RIVET, "run", "-c", self.work.config], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            _, err = process.communicate(timeout=self.choose.uniform(0, 1.3 * self.usual_s))
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            self.killed += 1
            self.usual_s *= 1.05  # never so short that no run ends
            return
        assert process.returncode == 0, err
        self.usual_s = (self.usual_s + time.monotonic() - started) / 2


def check(server, work):
    """Both directions: every row there is once, and none that nobody wrote."""
    runs = delivery.done_runs(work, "soak")
    got = support.multiset(row for rows in runs.values() for row in rows)
    directory = support.multiset(support.parquet_rows(*work.files("soak")))
    assert got == directory, "the runs and the directory differ"
    live = support.multiset(server.rows(f"select {COLUMNS} from soak"))
    deleted = support.multiset(server.rows(f"select {COLUMNS} from soak_deleted"))
    surely = support.multiset(server.rows(f"select {COLUMNS} from soak_deleted where was_exported = 1"))
    missing = (live + surely) - got
    surplus = got - (live + deleted)
    assert not missing, f"{sum(missing.values())} rows missing of {sum(live.values())}: {list(missing)[:2]}, {sum(surplus.values())} too many: {list(surplus)[:2]}"
    assert not surplus, f"{sum(surplus.values())} rows too many: {list(surplus)[:3]}"
    assert max(got.values()) == 1
    return len(runs)


def kill_again_and_again(server, work, kills):
    seed = int(os.environ.get("RIVET_SEED", "20260102"))
    killer = Killer(work, seed)
    cursor = killer.choose.choice(["changed_at", ["changed_at", "id"]])
    print(f"RIVET_SEED={seed} cursor={cursor}")
    work.write({"name": "soak", "query": f"select {COLUMNS} from soak", "mode": "incremental", "cursor_column": cursor,
                "cursor_lag": f"{LAG_S}s", "max_file_size": "4KB", "compression": "none"}, source=server.source(batch_size=20))
    with Writers(server, lambda: cursor_moment(work), seed) as writers:
        time.sleep(LAG_S)
        killer.measure()
        while killer.killed < kills:
            seen = delivery.visible(work)
            killer.run()
            delivery.check_nothing_taken_back(work, seen)
    assert not writers.failures, writers.failures
    time.sleep(LAG_S + 0.5)
    delivery.must_succeed(work)
    runs = check(server, work)
    print(f"{killer.killed} killed, {runs} done, events:",
          dict(work.query_state("select kind, count(*) from event group by kind")))
    return runs


@pytest.mark.slow
def test_thirty_kills(server, work):
    runs = kill_again_and_again(server, work, 30)
    assert runs > 1
    assert max(len(manifest["parts"]) for manifest in work.manifests("soak")) > 1


@pytest.mark.soak
def test_three_hundred_kills(server, work):
    kill_again_and_again(server, work, 300)
