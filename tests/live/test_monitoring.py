"""dev/prometheus and dev/grafana against a live Prometheus: configuration, alerts, every expression.

Prometheus, postgres_exporter and node_exporter run privately, on ports of their own.
"""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import threading
import time
import urllib.parse
import urllib.request

import pytest
import yaml

import support

DEV = support.ROOT / "dev"
DASHBOARDS = sorted((DEV / "grafana/dashboards").glob("*.json"))
COMPOSE = yaml.safe_load((support.ROOT / "docker-compose.yaml").read_text())["services"]
NAMES = ("postgres-exporter", "node-exporter", "prometheus")


def promtool(*arguments, **options):
    assert shutil.which("promtool"), "promtool is missing; install what dev/packages.sh list test names"
    return subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True, timeout=60, **options)


def targets(path):
    """(panel title, PromQL) of a dashboard."""
    return [(panel["title"], target["expr"]) for panel in json.loads(path.read_text())["panels"] for target in panel["targets"]]


# ---- the files alone ----

def test_promtool_accepts_configuration_and_alerts(tmp_path):
    for arguments in (("check", "config", DEV / "prometheus/prometheus.yml"), ("check", "rules", DEV / "prometheus/alerts.yml")):
        result = promtool(*arguments)
        assert result.returncode == 0, result.stdout + result.stderr
    (tmp_path / "broken.yml").write_text("scrape_configs: [{job_name: a}, {job_name: a}]")
    assert promtool("check", "config", tmp_path / "broken.yml").returncode != 0


def test_alerts_fire_for_bad_runs_only():
    result = promtool("test", "rules", DEV / "prometheus/alerts_test.yml")
    assert result.returncode == 0, result.stdout + result.stderr


def test_dashboards():
    found = {path.name: json.loads(path.read_text()) for path in DASHBOARDS}
    assert set(found) == {"postgres-overview.json", "rivet-exports.json"}
    overview = found["postgres-overview.json"]
    assert (overview["uid"], overview["title"], overview["refresh"]) == ("pg-overview", "PostgreSQL Overview", "5s")
    assert overview["time"] == {"from": "now-15m", "to": "now"}
    kinds = [panel["type"] for panel in overview["panels"]]
    assert sorted(kinds) == ["bargauge"] + ["gauge"] + ["stat"] * 6 + ["timeseries"] * 9
    for document in found.values():
        panels = document["panels"]
        assert len({panel["id"] for panel in panels}) == len(panels)
        boxes = [panel["gridPos"] for panel in panels]
        cells = [(x, y) for box in boxes for x in range(box["x"], box["x"] + box["w"]) for y in range(box["y"], box["y"] + box["h"])]
        assert len(set(cells)) == len(cells) and max(x for x, _ in cells) < 24, "panels overlap"


def test_provisioning_goes_with_the_compose_file():
    datasource = yaml.safe_load((DEV / "grafana/provisioning/datasources/prometheus.yaml").read_text())["datasources"][0]
    assert (datasource["name"], datasource["url"], datasource["isDefault"]) == ("Prometheus", "http://prometheus:9090", True)
    provider = yaml.safe_load((DEV / "grafana/provisioning/dashboards/default.yaml").read_text())["providers"][0]
    mounts = dict(entry.split(":")[:2] for entry in COMPOSE["grafana"]["volumes"])
    assert provider["name"] == "default" and provider["options"]["path"] == mounts["./dev/grafana/dashboards"]
    for path in DASHBOARDS:
        uids = {item["datasource"]["uid"] for panel in json.loads(path.read_text())["panels"] for item in [panel, *panel["targets"]]}
        assert uids == {datasource["uid"]}
    configuration = yaml.safe_load((DEV / "prometheus/prometheus.yml").read_text())
    jobs = {job["job_name"]: job["static_configs"][0]["targets"] for job in configuration["scrape_configs"]}
    assert jobs == {"postgres": ["postgres-exporter:9187"], "rivet": ["node-exporter:9100"]}
    assert configuration["global"]["scrape_interval"] == "5s"
    for service in COMPOSE["prometheus"]["depends_on"]:
        assert service in COMPOSE


# ---- a live Prometheus ----

class Monitoring:
    def __init__(self, folder):
        self.env = {**os.environ, "RIVET_SERVICES_DIR": str(folder)}
        for name in NAMES:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                self.env[f"RIVET_{name.upper().replace('-', '_')}_PORT"] = str(probe.getsockname()[1])
        self.base = f"http://127.0.0.1:{self.env['RIVET_PROMETHEUS_PORT']}"

    def services(self, command, *names):
        result = subprocess.run([DEV / "services.sh", command, *names], env=self.env, capture_output=True, text=True, timeout=120)
        assert result.returncode == 0, result.stderr
        return result.stdout.strip()

    def get(self, path, **query):
        with urllib.request.urlopen(f"{self.base}{path}?{urllib.parse.urlencode(query)}", timeout=10) as answer:
            return json.load(answer)["data"]

    def query(self, expression):
        return self.get("/api/v1/query", query=expression)["result"]


@pytest.fixture(scope="module")
def monitoring(tmp_path_factory, postgres):
    found = Monitoring(tmp_path_factory.mktemp("services"))
    found.services("up", *NAMES)
    yield found
    found.services("down", *NAMES)
    shutil.rmtree(found.services("folder"), ignore_errors=True)


@pytest.fixture(scope="module")
def exporting(monitoring, tmp_path_factory):
    """Exports without a pause, which also write the metrics that node_exporter shows."""
    work = support.Work(tmp_path_factory.mktemp("exporting"))
    work.write({"name": "content", "query": "select * from content_items"}, {"name": "users", "query": "select * from users"})
    metrics = pathlib.Path(monitoring.services("folder")) / "metrics/rivet.prom"
    ended, failures = threading.Event(), []

    def export():
        while not ended.is_set():
            try:
                work.run("--metrics-file", metrics)
            except AssertionError as error:
                failures.append(error)
                return
            for path in work.files():
                path.unlink()

    worker = threading.Thread(target=export)
    worker.start()
    yield metrics
    ended.set()
    worker.join()
    assert not failures, failures[0]


def test_targets_are_up_and_rules_loaded(monitoring):
    def health():
        return {target["labels"]["job"]: target["health"] for target in monitoring.get("/api/v1/targets")["activeTargets"]}
    support.wait_for(lambda: health() == {"postgres": "up", "rivet": "up"}, 60, "both targets to be up")
    (group,) = monitoring.get("/api/v1/rules")["groups"]
    assert {rule["name"] for rule in group["rules"]} == {"RivetExportFailed", "RivetExportOld", "RivetExportEmpty", "RivetExportRetries"}


@pytest.mark.slow
@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_every_expression_returns_data_during_an_export(monitoring, exporting, path):
    silent = targets(path)
    until = time.monotonic() + 120 * support.PATIENCE
    while silent and time.monotonic() < until:
        silent = [(title, expression) for title, expression in silent if not monitoring.query(expression)]
        time.sleep(1)
    assert not silent, silent
    assert not monitoring.query("no_such_metric")


@pytest.mark.slow
def test_the_export_is_seen(monitoring, exporting):
    """Suite T2: the charts rise."""
    rate = 'rate(pg_stat_database_tup_returned{datname="rivet"}[1m])'
    support.wait_for(lambda: (found := monitoring.query(rate)) and float(found[0]["value"][1]) > 1000, 120, "reading to show")
    success = monitoring.query("rivet_export_success")
    assert {sample["metric"]["export"]: sample["value"][1] for sample in success} == {"content": "1", "users": "1"}


def test_promtool_accepts_the_metrics(work):
    work.write({"name": "users", "query": "select id from users"}, {"name": "broken", "query": "select nothing from users"})
    metrics = work.path / "rivet.prom"
    work.run("--metrics-file", metrics, check=1)
    text = metrics.read_text()
    assert 'rivet_export_success{export="users"} 1' in text and 'rivet_export_success{export="broken"} 0' in text
    result = promtool("check", "metrics", input=text)
    assert result.returncode == 0, result.stdout + result.stderr
    assert promtool("check", "metrics", input=text.replace("# TYPE rivet_export_rows gauge", "# TYPE rivet_export_rows banana")).returncode != 0
