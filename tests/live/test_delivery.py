"""Every row once, nothing half-written: kill the program at every step of a delivery, start it again,
and compare what is there with the source (spec: delivery §7).

The steps are not listed here. A traced run says which fault points it passes; each of them is then
killed, and each step of each recovery that differs from the others is killed once more.
"""

import concurrent.futures
import itertools
import os
import shutil

import pytest

import delivery
import servers
import support

WORKERS = 4
ROWS = 300
MODES = {
    "full": {},
    "incremental": {"mode": "incremental", "cursor_column": "changed_at"},
    "time_window": {"mode": "time_window", "time_column": "changed_at", "days_window": 30},
}


class Scenario:
    """One mode on one server: a table, a prepared first run where the mode has one, and its proof."""

    def __init__(self, server, mode, root, parts):
        self.server, self.mode, self.root, self.ids = server, mode, root, itertools.count()
        self.table = f"kill_{mode}"
        start = server.ago(1, "hour")
        server.table(self.table, ROWS if mode != "incremental" else ROWS // 3, start)
        if mode == "time_window":
            server.append(self.table, 1001, 1050, server.ago(90, "day"))
        self.export = {"name": "kill", "query": f"select id, changed_at, payload from {self.table}", "compression": "none",
                       "max_file_size": f"{16 // parts}KB", **MODES[mode]}
        self.template = self.new_work()
        if mode == "incremental":
            delivery.must_succeed(self.template)
            server.append(self.table, ROWS // 3 + 1, ROWS, start)
        window = f" where changed_at > {server.ago(20, 'day')}" if mode == "time_window" else ""
        self.want = server.rows(self.export["query"] + window)

    def new_work(self):
        path = self.root / f"work{next(self.ids)}"
        path.mkdir()
        work = support.Work(path)
        work.write(self.export, source=self.server.source(batch_size=50))
        return work

    def prepared(self):
        """A directory as the run to be killed finds it."""
        work = self.new_work()
        for path in self.template.path.iterdir():
            if path.name != "rivet.yaml":
                (shutil.copytree if path.is_dir() else shutil.copy2)(path, work.path / path.name)
        return work

    def check(self, work):
        (delivery.check_incremental if self.mode == "incremental" else delivery.check_full)(work, "kill", self.want)

    def trace(self):
        """What an undisturbed run passes."""
        work = self.prepared()
        delivery.must_succeed(work, trace=work.path / "trace")
        self.check(work)
        assert len(work.manifests("kill")[-1]["parts"]) > 1, "the unit has one part only"
        return delivery.points(work.path / "trace")

    def die_and_recover(self, *faults, broken=None):
        """Dies of the first fault, its recovery of the second, and so on; then comes a whole run.
        Returns the points that run's recovery passed."""
        work = self.prepared()
        seen = delivery.visible(work)
        for fault in faults:
            delivery.must_die(work, fault, broken=broken)
            delivery.check_nothing_taken_back(work, seen)
            seen = delivery.visible(work)
        trace = work.path / "trace"
        delivery.must_succeed(work, trace=trace, broken=broken)
        delivery.check_nothing_taken_back(work, seen)
        self.check(work)
        found = delivery.points(trace)
        shutil.rmtree(work.path)
        return found[:found.index("export.recovered:1")]


def each(cases, function):
    """function(*case) for all cases, several at a time; results by case. All failures are told."""
    results, failures = {}, []
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        jobs = {pool.submit(function, *case): case for case in cases}
        for job in concurrent.futures.as_completed(jobs):
            if job.exception() is None:
                results[jobs[job]] = job.result()
            else:
                failures.append(f"{' then '.join(jobs[job])}: {job.exception()}")
    assert not failures, f"{len(failures)} of {len(jobs)} failed\n" + "\n".join(sorted(failures)[:5])
    return results


SOAK = os.environ.get("RIVET_SOAK") == "1"


def some(steps, every, store=""):
    """Every so-many-th step by default, but all of those whose names begin as the store's do; in the soak all steps."""
    return [step for number, step in enumerate(steps)
            if SOAK or number % every == 0 or (store != "" and step.startswith(store))]


def distinct_recoveries(results):
    """One case for each way that recoveries went, with the points of it."""
    ways = {}
    for case, recovery in results.items():
        ways.setdefault(tuple(recovery), case)
    return [(*case, point) for recovery, case in ways.items() for point in recovery]


@pytest.fixture(scope="module", autouse=True)
def faults():
    if not support.has_faults():
        pytest.skip("a build without fault points")


@pytest.fixture(scope="module", params=servers.SERVERS, ids=lambda server: server.name)
def server(request):
    request.param.prepare()
    return request.param


@pytest.mark.slow
@pytest.mark.parametrize("mode", MODES)
def test_killed_at_every_step(server, mode, tmp_path):
    scenario = Scenario(server, mode, tmp_path, parts=3)
    results = each([(point,) for point in scenario.trace()], scenario.die_and_recover)
    assert len(results) > 60


@pytest.mark.slow
@pytest.mark.parametrize("mode", MODES)
def test_recovery_killed_at_every_step(mode, tmp_path):
    """On one server only: recovery is over before the source is asked for anything."""
    server = servers.POSTGRES
    server.prepare()
    scenario = Scenario(server, mode, tmp_path, parts=2)
    first = each([(point,) for point in scenario.trace()], scenario.die_and_recover)
    again = distinct_recoveries(first)
    assert {"recover.published:1", "discard.aborted:1", "local.put.renamed:1"} <= {case[-1] for case in again}
    each(again, scenario.die_and_recover)


@pytest.mark.parametrize("broken, mode", [("late_intent", "full"), ("late_intent", "incremental"), ("late_intent", "time_window"),
                                          ("early_record", "full"), ("early_record", "incremental"), ("early_record", "time_window"),
                                          ("early_cursor", "incremental")])
def test_a_wrong_order_of_the_steps_is_noticed(server, broken, mode, tmp_path):
    """The test of the test: publishing without intents, recording before publishing, moving the cursor before B."""
    scenario = Scenario(server, mode, tmp_path, parts=2)
    points = [("local.sync.done:1",), ("state.record.after:1",), ("state.intend.before:1",)]
    each(points, scenario.die_and_recover)
    with pytest.raises(AssertionError):
        each(points, lambda *faults: scenario.die_and_recover(*faults, broken=broken))
