"""Toxiproxy between rivet and a Google Cloud Storage that keeps the store's rules (scripted_gcs; the emulator
would take a repeated chunk twice): slow, narrow, cut and half-closed connections. A run finishes, or fails
cleanly with nothing visible and no upload left open; the next one is whole.
"""

import pytest

import delivery
import gcs_support
import scripted_gcs
import support
import toxiproxy

QUERY = "SELECT g AS id, repeat(md5(g::text), 200) AS payload FROM generate_series(1, 1700) g"


class ProxiedWork(gcs_support.GcsWork):
    def __init__(self, path, store, proxy):
        super().__init__(path, store, part_mb=5, endpoint=f"http://127.0.0.1:{proxy.port}")
        self.proxy = proxy
        self.write({"name": "rows", "query": QUERY, "compression": "none"},
                   source={"tuning": {"profile": "fast", "max_retries": 0, "batch_size": 200}})

    def check(self):
        delivery.check_full(self, "rows", support.database_rows(QUERY))
        # A session whose URI got lost is empty and nobody's.
        assert not any(session.content for session in self.store.open_sessions().values())


@pytest.fixture
def work(tmp_path):
    with scripted_gcs.ScriptedGcs() as store, toxiproxy.Proxy(f"gcs-{store.port}", store.port) as proxy:
        yield ProxiedWork(tmp_path, store, proxy)


@pytest.mark.parametrize("kind, stream, attributes", [
    ("latency", "downstream", {"latency": 200, "jitter": 100}),
    ("bandwidth", "upstream", {"rate": 5000}),
    ("slicer", "upstream", {"average_size": 20000, "size_variation": 5000, "delay": 50}),
])
def test_slow_and_narrow(work, kind, stream, attributes):
    work.proxy.toxic(kind, stream, **attributes)
    work.run(timeout=120)
    work.check()


@pytest.mark.parametrize("kind, stream, toxicity, attributes", [
    ("limit_data", "upstream", 0.5, {"bytes": 3000000}),
    ("reset_peer", "upstream", 0.3, {"timeout": 20}),
    ("limit_data", "downstream", 0.3, {"bytes": 100}),
    ("reset_peer", "downstream", 0.3, {"timeout": 0}),
])
def test_cuts(work, kind, stream, toxicity, attributes):
    """Connections that break at random: whatever the run says, the next undisturbed one makes it whole."""
    work.proxy.toxic(kind, stream, toxicity, **attributes)
    first = support.rivet("run", "-c", work.config, env=gcs_support.NOBODY, timeout=240)
    assert first.status in (0, 5), first.text
    work.proxy.clean()
    if first.status == 0:
        work.check()
    work.run()
    work.check()


def test_cut_in_mid_upload_and_back(work):
    """The link goes after the first chunk: exit 5, and the next run takes back what was begun."""
    plain = work.store.carry_out

    def carry_out(what, *rest):
        answer = plain(what, *rest)
        if what == "append":
            work.proxy.enable(False)
        return answer

    work.store.carry_out = carry_out
    assert "127.0.0.1" in work.run(check=5, timeout=120).text
    assert work.store.visible() == {} and len(work.store.open_sessions()) == 1
    work.store.carry_out = plain
    work.proxy.enable(True)
    work.run()
    work.check()
    assert work.store.open_sessions() == {}


@pytest.mark.slow
def test_half_closed(work):
    """Answers stop while bytes go on, until the proxy closes."""
    work.proxy.toxic("timeout", "downstream", 0.4, timeout=3000)
    first = support.rivet("run", "-c", work.config, env=gcs_support.NOBODY, timeout=240)
    assert first.status in (0, 5), first.text
    work.proxy.clean()
    work.run()
    work.check()
