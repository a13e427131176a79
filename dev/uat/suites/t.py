"""Suite T: monitoring."""

import json
import time
import urllib.error
import urllib.parse
import urllib.request

from uat import source, world
from uat.registry import Skip, row
from uat.suites import r


def get(port, path, **query):
    tail = f"?{urllib.parse.urlencode(query)}" if query else ""
    with urllib.request.urlopen(f"http://localhost:{port}{path}{tail}", timeout=10) as answer:
        return answer.status, answer.read().decode()


def answers(port, path):
    try:
        return get(port, path)
    except (OSError, urllib.error.URLError):
        return None


def query(expression):
    """The one number of a PromQL expression, or None."""
    result = json.loads(get(world.settings.prometheus, "/api/v1/query", query=expression)[1])["data"]["result"]
    return float(result[0]["value"][1]) if result else None


def start():
    source.prepare(source.POSTGRES)
    for name in ("postgres-exporter", "prometheus"):
        world.need_service(name)


@row("T1", "Prometheus and Grafana are healthy")
def healthy(place):
    start()
    status, text = get(world.settings.prometheus, "/-/healthy")
    assert status == 200, text
    grafana = answers(world.settings.grafana, "/api/health")
    if grafana is None:
        raise Skip("Prometheus is healthy; Grafana's own binary (docker compose up -d grafana) does not run here")
    assert json.loads(grafana[1])["database"] == "ok", grafana
    return "both healthy"


@row("T2", "an export shows in Prometheus", limit_s=300)
def shows(place):
    start()
    world.wait_for(lambda: query('up{job="postgres"}') == 1, 60, "the target postgres to be up")
    database = urllib.parse.urlsplit(world.settings.pg_url).path[1:]
    rate = f'rate(pg_stat_database_tup_fetched{{datname="{database}"}}[1m])'
    world.wait_for(lambda: query(rate) is not None, 90, f"two samples of {rate}")
    # Idle is the lowest of what is seen before: other rows of the plan may just have ended.
    world.wait_for(lambda: query(rate) < 1000, 120, "an idle database")
    idle, peak = query(rate), 0.0
    process = place.start(f"{r.RUN}{r.SERIAL}")
    until = time.monotonic() + 200
    while time.monotonic() < until and peak <= 2 * idle + 100:
        peak = max(peak, query(rate) or 0)
        if process.poll() is not None:  # the next samples show the end of it
            until = min(until, time.monotonic() + 20)
        time.sleep(0.5)
    status, _, err = place.finish(process, 200)
    assert status == 0, err[-300:]
    assert peak > 2 * idle + 100, f"{rate}: idle {idle:.0f}, during the export {peak:.0f}"
    return f"tuples fetched per second: idle {idle:.0f}, export {peak:.0f}"
