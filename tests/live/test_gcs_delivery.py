"""The proof of delivery on Google Cloud Storage: the plain paths, on the emulator.

As test_delivery.py, with a bucket in the place of the directory; by default some steps are killed, with
RIVET_SOAK=1 all of them. What only a real store does (cancelled sessions, answers that get lost) is in
test_gcs_ambiguous.py.
"""

import itertools
import shutil

import pytest

import delivery
import gcs_support
import scripted_gcs
import servers
import support
import test_delivery
from test_delivery import distinct_recoveries, each, some


@pytest.fixture(scope="module", autouse=True)
def faults():
    if not support.has_faults():
        pytest.skip("a build without fault points")


@pytest.fixture(scope="module", autouse=True)
def nobody():
    """delivery.run takes the environment as it is."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in gcs_support.NOBODY.items():
            patch.setenv(name, value)
        yield


class Scenario(test_delivery.Scenario):
    """A bucket for each start; what the prepared first run put into its own is copied."""

    def __init__(self, store, *arguments):
        self.store = store
        super().__init__(*arguments)

    def new_work(self):
        path = self.root / f"work{next(self.ids)}"
        path.mkdir()
        work = gcs_support.GcsWork(path, self.store, self.store.new_bucket(), "out/", part_mb=5)
        work.write(self.export, source=self.server.source(batch_size=50))
        return work

    def prepared(self):
        work = self.new_work()
        for path in self.template.path.iterdir():
            if path.name.startswith(".rivet_state"):
                (shutil.copytree if path.is_dir() else shutil.copy2)(path, work.path / path.name)
        for name, content in self.store.visible(self.template.bucket).items():
            self.store.put(work.bucket, name, content)
        return work


@pytest.mark.slow
@pytest.mark.parametrize("mode", test_delivery.MODES)
def test_killed_at_every_step(mode, tmp_path):
    servers.POSTGRES.prepare()
    scenario = Scenario(gcs_support.fake_gcs(), servers.POSTGRES, mode, tmp_path, 3)
    points = scenario.trace()
    assert {"gcs.open.created", "gcs.seal.sent", "gcs.publish.answered", "gcs.put.answered"} <= {point.partition(":")[0] for point in points}
    each([(point,) for point in some(points, 5, "gcs.")], scenario.die_and_recover)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["full", "incremental"])
def test_recovery_killed_at_every_step(mode, tmp_path):
    servers.POSTGRES.prepare()
    scenario = Scenario(gcs_support.fake_gcs(), servers.POSTGRES, mode, tmp_path, 2)
    first = each([(point,) for point in some(scenario.trace(), 6, "gcs.")], scenario.die_and_recover)
    again = distinct_recoveries(first)
    assert {"recover.published:1", "discard.aborted:1", "gcs.abort.cancelled:1", "gcs.publish.answered:1"} <= {case[-1] for case in again}
    each(some(again, 6), scenario.die_and_recover)


@pytest.mark.parametrize("broken, mode", [("late_intent", "full"), ("early_record", "incremental")])
def test_a_wrong_order_of_the_steps_is_noticed(broken, mode, tmp_path):
    servers.POSTGRES.prepare()
    scenario = Scenario(gcs_support.fake_gcs(), servers.POSTGRES, mode, tmp_path, 2)
    points = [("gcs.publish.done:1",), ("gcs.publish.done:2",), ("state.record.after:1",)]
    each(points, scenario.die_and_recover)
    with pytest.raises(AssertionError):
        each(points, lambda *faults: scenario.die_and_recover(*faults, broken=broken))


@pytest.mark.slow
def test_chunks_killed_at_every_step(tmp_path):
    """Several workers, a checkpoint, --resume."""
    servers.POSTGRES.prepare()
    servers.POSTGRES.table("gcs_chunks", 300)
    query = "select id, changed_at, payload from gcs_chunks"
    want = servers.POSTGRES.rows(query)
    fake, ids = gcs_support.fake_gcs(), itertools.count()

    def new_work():
        path = tmp_path / f"work{next(ids)}"
        path.mkdir()
        work = gcs_support.GcsWork(path, fake, fake.new_bucket())
        work.write({"name": "kill", "query": query, "compression": "none", "mode": "chunked", "chunk_column": "id", "chunk_size": 100,
                    "parallel": 2, "chunk_checkpoint": True, "resume": "auto"}, source=servers.POSTGRES.source(batch_size=50))
        return work

    work = new_work()
    delivery.must_succeed(work, trace=work.path / "trace")
    delivery.check_full(work, "kill", want)

    def die(fault):
        case = new_work()
        delivery.may_die(case, fault)
        seen = delivery.visible(case)
        delivery.must_succeed(case)
        delivery.check_nothing_taken_back(case, seen)
        runs = delivery.done_runs(case, "kill")
        for run_id, rows in runs.items():
            support.assert_same_rows(rows, want, run_id)

    each([(point,) for point in some(delivery.points(work.path / "trace"), 3)], die)


@pytest.mark.slow
def test_killed_at_every_step_on_a_store_that_forgets_what_is_cancelled(tmp_path):
    """As on the emulator, and no session is open after the next run, but for those whose URI died."""
    servers.POSTGRES.prepare()
    servers.POSTGRES.table("gcs_scripted", 300)
    query = "select id, changed_at, payload from gcs_scripted"
    want, ids = servers.POSTGRES.rows(query), itertools.count()

    def new_work(store):
        path = tmp_path / f"work{next(ids)}"
        path.mkdir()
        work = gcs_support.GcsWork(path, store, part_mb=5)
        work.write({"name": "kill", "query": query, "compression": "none", "max_file_size": "8KB"},
                   source=servers.POSTGRES.source(batch_size=50))
        return work

    def die(fault):
        with scripted_gcs.ScriptedGcs() as store:
            work = new_work(store)
            if fault is not None:
                delivery.must_die(work, fault)
                seen = delivery.visible(work)
            delivery.must_succeed(work, trace=work.path / "trace")
            if fault is not None:
                delivery.check_nothing_taken_back(work, seen)
            delivery.check_full(work, "kill", want)
            left = store.open_sessions()
            assert len(left) <= (fault is not None and fault.startswith(("gcs.open.created", "unit.part.created", "state.reference."))), fault
            assert not any(session.content for session in left.values())
            return delivery.points(work.path / "trace")

    each([(point,) for point in die(None)], die)
