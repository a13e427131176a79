"""Chunked runs killed at every step: each row once, whatever was published before stays, and the same
command goes on (spec: delivery §7). The steps are those that a traced run passes.

Chunks have several parts each. By default every third step is killed, of recoveries and of parallel
workers every tenth; `make soak` kills all.
"""

import itertools
import random
import shutil
import time

import pytest

import chunked
import delivery
import moving
import servers
import support
from test_delivery import distinct_recoveries, each

ROWS = 300
KINDS = {
    "plain": {},
    "checkpoint": {"chunk_checkpoint": True, "resume": "auto"},
    "gate": {"chunk_checkpoint": True, "resume": "auto", "quality": {"row_count_min": ROWS, "null_ratio_max": {"payload": 0}}},
}


class Scenario:
    def __init__(self, server, kind, parallel, root):
        self.server, self.kind, self.parallel, self.root, self.ids = server, kind, parallel, root, itertools.count()
        self.table = f"chunk_{kind}_{parallel}"
        server.table(self.table, ROWS)
        self.export = {"name": "kill", "query": f"select id, changed_at, payload from {self.table}", "compression": "none", "mode": "chunked",
                       "chunk_column": "id", "chunk_size": 120, "parallel": parallel, "max_file_size": "5KB", **KINDS[kind]}
        self.want = server.rows(self.export["query"])

    def new_work(self):
        path = self.root / f"work{next(self.ids)}"
        path.mkdir()
        work = support.Work(path)
        work.write(self.export, source=self.server.source(batch_size=50))
        return work

    def whole_runs(self, work):
        """Runs that were over before the kill: then the next start is a new run."""
        tables = work.query_state("select count(*) from sqlite_master where name = 'run'") if work.state.exists() else [(0,)]
        return work.query_state("select count(*) from run where status = 'done' and manifest = 'published'")[0][0] if tables != [(0,)] else 0

    def check(self, work, whole=0):
        delivery.check_full(work, "kill", self.want)
        if self.kind == "plain":
            return
        assert set(work.query_state("select status from chunk_run")) == {("completed",)}
        (runs,) = work.query_state("select count(*) from run where status = 'done'")
        assert runs == (whole + 1,), "a run that was left is continued, never begun anew"

    def trace(self):
        work = self.new_work()
        delivery.must_succeed(work, trace=work.path / "trace")
        self.check(work)
        assert len(work.manifests("kill")[-1]["parts"]) > 3, "the chunks have one part each"
        return delivery.points(work.path / "trace")

    def must_die(self, work, fault):
        """How often a worker asks for a chunk and gets none is up to chance."""
        if self.parallel > 1 and fault.startswith("state.claim"):
            delivery.may_die(work, fault)
        else:
            delivery.must_die(work, fault)

    def die_and_recover(self, *faults):
        """Dies of the first fault, the next start of the second, and so on; then comes a whole run."""
        work = self.new_work()
        seen = {}
        for fault in faults:
            self.must_die(work, fault)
            delivery.check_nothing_taken_back(work, seen)
            seen = delivery.visible(work)
        trace, whole = work.path / "trace", self.whole_runs(work)
        delivery.must_succeed(work, trace=trace)
        delivery.check_nothing_taken_back(work, seen)
        self.check(work, whole)
        found = delivery.points(trace)
        shutil.rmtree(work.path)
        return found[:found.index("export.recovered:1")]


@pytest.fixture(scope="module", autouse=True)
def faults():
    if not support.has_faults():
        pytest.skip("a build without fault points")


@pytest.fixture(scope="module", params=servers.SERVERS, ids=lambda server: server.name)
def server(request):
    request.param.prepare()
    return request.param


@pytest.mark.slow
@pytest.mark.parametrize("parallel", [1, 4])
@pytest.mark.parametrize("kind", KINDS)
def test_killed_at_every_step(server, kind, parallel, tmp_path):
    step = 3 if parallel == 1 and server.name == "postgres" else 10
    kill_at_steps(Scenario(server, kind, parallel, tmp_path), step)


@pytest.mark.soak
@pytest.mark.parametrize("parallel", [1, 4])
@pytest.mark.parametrize("kind", KINDS)
def test_killed_at_really_every_step(server, kind, parallel, tmp_path):
    kill_at_steps(Scenario(server, kind, parallel, tmp_path), 1)


def kill_at_steps(scenario, step):
    points = scenario.trace()
    assert {"chunk.claimed:3", "local.publish.linked:4", "export.recovered:1"} <= set(points)
    each([(point,) for point in points[::step]], scenario.die_and_recover)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_recovery_killed_at_every_step(kind, tmp_path):
    kill_recoveries(kind, tmp_path, 5, 8)


@pytest.mark.soak
@pytest.mark.parametrize("kind", KINDS)
def test_recovery_killed_at_really_every_step(kind, tmp_path):
    kill_recoveries(kind, tmp_path, 1, 1)


def kill_recoveries(kind, root, step, recovery_step):
    """On one server only: recovery is over before the source is asked for rows."""
    servers.POSTGRES.prepare()
    scenario = Scenario(servers.POSTGRES, kind, 1, root)
    first = each([(point,) for point in scenario.trace()[::step]], scenario.die_and_recover)
    again = distinct_recoveries(first)
    assert {"recover.recorded:1", "discard.aborted:1"} <= {case[-1] for case in again}
    each(again[::recovery_step], scenario.die_and_recover)


# ---- kills at any moment, while rows move between chunks ----

STILL = "select id, payload from still"
RANDOM = {
    # What every row of a done run must be: one moment; or, where chunks have their own, each row that stayed put once.
    "plain": {"consistency": "snapshot"},
    "checkpoint": {"chunk_checkpoint": True, "resume": "auto"},
}


def start_and_kill(work, within_s):
    process = chunked.start(work)
    time.sleep(random.uniform(0, within_s))
    process.kill()
    process.communicate()


def check_done_runs(work, server, kind):
    for run_id, rows in delivery.done_runs(work, "moving").items():
        if kind == "plain":
            moving.check_one_moment(rows)
    for run_id, rows in delivery.done_runs(work, "still").items():
        support.assert_same_rows(rows, server.rows(STILL), run_id)


def kill_at_random(server, kind, parallel, work, kills):
    """Two exports: of a table whose rows move, and of one whose rows stay."""
    moving.table(server)
    server.execute("drop table if exists still", "create table still (id int primary key, payload varchar(40))",
                   f"insert into still select g, md5(cast(g as char(9))) from {server.series(moving.ROWS)}")
    common = {"chunk_column": "id", "chunk_size": 500, "parallel": parallel, "max_file_size": "5KB", "compression": "none", "mode": "chunked", **RANDOM[kind]}
    work.write({"name": "moving", "query": moving.QUERY, **common}, {"name": "still", "query": STILL, **common}, source=server.source(batch_size=50))
    with moving.Mover(server), moving.Mover(server):
        started = time.monotonic()
        work.run()
        whole_s = time.monotonic() - started
        for _ in range(kills):
            start_and_kill(work, whole_s * 1.1)
            if random.random() < 0.4:
                work.run()
                check_done_runs(work, server, kind)
        work.run()
    check_done_runs(work, server, kind)
    assert max(len(manifest["parts"]) for manifest in work.manifests("still")) > 16, "one part for each chunk"


@pytest.mark.slow
@pytest.mark.parametrize("parallel", [1, 4])
@pytest.mark.parametrize("kind", RANDOM)
def test_random_kills(server, work, kind, parallel):
    kill_at_random(server, kind, parallel, work, 8)


@pytest.mark.soak
@pytest.mark.parametrize("parallel", [1, 4])
@pytest.mark.parametrize("kind", RANDOM)
def test_many_random_kills(server, work, kind, parallel):
    kill_at_random(server, kind, parallel, work, 150)
