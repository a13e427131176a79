"""The proof of delivery (test_delivery.py, test_chunked_kills.py) with an S3 server as destination: killed
at every step, every recovery killed again, the wrong orders noticed. Where the steps are inside one
request, test_s3_scripted.py goes on.

By default some steps are killed, with RIVET_SOAK=1 all of them.
"""

import shutil

import pytest

import s3_support
import servers
import support
import test_chunked_kills
import test_delivery
from test_delivery import distinct_recoveries, each, some

S3_POINTS = {"s3.open.before:1", "s3.open.created:1", "s3.seal.before:1", "s3.seal.sent:1", "s3.publish.before:1", "s3.publish.sent:1",
             "s3.publish.done:1", "s3.put.before:1", "s3.put.done:1"}


class OnS3:
    """Makes the directories of a scenario prefixes of a bucket."""

    bucket = None

    def new_work(self):
        path = self.root / f"work{next(self.ids)}"
        path.mkdir()
        work = s3_support.S3Work(path, s3_support.s3_server(), self.bucket, f"{self.root.name}/{path.name}/")
        work.write(self.export, source=self.server.source(batch_size=50))
        return work


class Scenario(OnS3, test_delivery.Scenario):
    def prepared(self):
        """The state of the first run and its objects, under a prefix of their own."""
        work = self.new_work()
        for name in (".rivet_state.db", ".rivet_state.db-wal"):
            if (self.template.path / name).exists():
                shutil.copy2(self.template.path / name, work.path / name)
        for name, content in work.store.visible(self.bucket, self.template.prefix).items():
            work.store.put(self.bucket, work.prefix + name, content)
        return work


class ChunkScenario(OnS3, test_chunked_kills.Scenario):
    pass


@pytest.fixture(scope="module", autouse=True)
def faults():
    if not support.has_faults():
        pytest.skip("a build without fault points")
    OnS3.bucket = s3_support.s3_server().new_bucket()


@pytest.fixture(scope="module", params=servers.SERVERS, ids=lambda server: server.name)
def server(request):
    request.param.prepare()
    return request.param


@pytest.mark.slow
@pytest.mark.parametrize("mode", test_delivery.MODES)
def test_killed_at_every_step(server, mode, tmp_path):
    scenario = Scenario(server, mode, tmp_path, parts=3)
    points = scenario.trace()
    assert S3_POINTS <= set(points)
    chosen = some(points, 5, "s3.") if server.name == "postgres" else some(points, 9)
    each([(point,) for point in chosen], scenario.die_and_recover)


@pytest.mark.slow
@pytest.mark.parametrize("mode", test_delivery.MODES)
def test_recovery_killed_at_every_step(mode, tmp_path):
    server = servers.POSTGRES
    server.prepare()
    scenario = Scenario(server, mode, tmp_path, parts=2)
    first = each([(point,) for point in some(scenario.trace(), 20, "s3.")], scenario.die_and_recover)
    again = distinct_recoveries(first)
    # This server completes a completed upload once more; s3.publish.looked is up to the scripted one.
    assert {"recover.published:1", "discard.aborted:1", "s3.abort.stopped:1", "s3.abort.upload_stopped:1", "s3.publish.sent:1"} \
        <= {case[-1] for case in again}
    each(some(again, 9), scenario.die_and_recover)


@pytest.mark.slow
@pytest.mark.parametrize("parallel", [1, 3])
@pytest.mark.parametrize("kind", test_chunked_kills.KINDS)
def test_chunks_killed_at_every_step(kind, parallel, tmp_path):
    server = servers.POSTGRES
    server.prepare()
    scenario = ChunkScenario(server, kind, parallel, tmp_path)
    points = scenario.trace()
    assert S3_POINTS <= set(points)
    each([(point,) for point in some(points, 8 if parallel == 1 else 20)], scenario.die_and_recover)


@pytest.mark.parametrize("broken, mode", [("late_intent", "full"), ("early_record", "incremental")])
def test_a_wrong_order_of_the_steps_is_noticed(broken, mode, tmp_path):
    server = servers.POSTGRES
    server.prepare()
    scenario = Scenario(server, mode, tmp_path, parts=2)
    points = [("s3.publish.done:1",), ("state.record.after:1",)]
    each(points, scenario.die_and_recover)
    with pytest.raises(AssertionError):
        each(points, lambda *faults: scenario.die_and_recover(*faults, broken=broken))
