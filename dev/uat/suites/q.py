"""Suite Q: slow and cut connections, through Toxiproxy."""

import json
import re
import urllib.request

from uat import reading, source, world
from uat.registry import row

EXPORT = "rivet run --config dev/test_toxiproxy_pg.yaml"
WANT = "select id, name, email, created_at from users order by id limit 5000"
LATENCY = '{"name":"latency","type":"latency","attributes":{"latency":3000}}'
LIMIT = '{"name":"limit","type":"limit_data","attributes":{"bytes":5000}}'


def api(method, path, body=None):
    request = urllib.request.Request(f"http://localhost:{world.settings.toxiproxy}{path}", body and body.encode(),
                                     {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.read().decode()


def toxics():
    return {toxic["name"] for toxic in json.loads(api("GET", "/proxies/pg/toxics"))}


def clean():
    for name in toxics():
        api("DELETE", f"/proxies/pg/toxics/{name}")


def setup(place):
    """Both proxies, no toxic."""
    source.prepare(source.POSTGRES)
    world.need_service("toxiproxy")
    place.sh(str(world.ROOT / "dev/setup_toxiproxy.sh"))
    proxies = set(json.loads(api("GET", "/proxies")))
    assert {"pg", "mysql"} <= proxies, f"proxies: {proxies}"
    clean()


def post(place, body):
    """A toxic, with the very command of the plan; Toxiproxy's answer."""
    url = f"http://localhost:{world.settings.toxiproxy}/proxies/pg/toxics"
    out = place.sh(f"curl -s -X POST {url} -H 'Content-Type: application/json' -d '{body}'").out
    name = json.loads(body)["name"]
    assert json.loads(out).get("name") == name and name in toxics(), f"Toxiproxy answered {out}"
    return f"toxic {name} is there"


def delete(place, name):
    url = f"http://localhost:{world.settings.toxiproxy}/proxies/pg/toxics/{name}"
    out = place.sh(f"curl -s -X DELETE {url}").out
    assert out == "" and toxics() == set(), f"answer {out!r}, toxics {toxics()}"
    return f"toxic {name} is gone"


def assert_whole(place, command=EXPORT + " --validate", **env):
    """An export that succeeds at the first attempt."""
    run = place.sh(command, timeout_s=75, **env)
    run.expect("users_toxi", status="success", rows=5000, validated="pass")
    assert "retry" not in run.err and "retries" not in run.summary("users_toxi"), run.tail()
    (path,) = run.files
    reading.assert_same_rows(map(tuple, reading.csv_rows(path)[1]), reading.as_csv(source.POSTGRES.query(WANT)), "users_toxi")
    return run


def undisturbed(place):
    setup(place)
    run = assert_whole(place)
    return f"5000 rows in {run.seconds:.1f} s"


@row("Q1", "undisturbed")
def first(place):
    return undisturbed(place)


@row("Q2", "three seconds of latency are added")
def add_latency(place):
    setup(place)
    try:
        return post(place, LATENCY)
    finally:
        clean()


@row("Q3", "a slow connection")
def slow(place):
    setup(place)
    post(place, LATENCY)
    try:
        run = assert_whole(place, RUST_LOG="info")
    finally:
        clean()
    duration = run.summary("users_toxi")["duration"]
    assert duration.endswith("s") and not duration.endswith("ms") and float(duration[:-1]) > 3, duration
    return f"5000 rows in {duration}"


@row("Q4", "latency is removed")
def remove_latency(place):
    setup(place)
    post(place, LATENCY)
    return delete(place, "latency")


@row("Q5", "a limit of 5000 bytes is added")
def add_limit(place):
    setup(place)
    try:
        return post(place, LIMIT)
    finally:
        clean()


@row("Q6", "a connection that is cut")
def cut(place):
    setup(place)
    post(place, LIMIT)
    try:
        run = place.sh(EXPORT, status=None, timeout_s=60, RUST_LOG="info")
    finally:
        clean()
    if run.status == 0:
        run.expect("users_toxi", status="success", rows=5000)
        return f"5000 rows in {run.seconds:.1f} s in spite of it"
    assert run.status == 5, run.tail()
    retries = re.findall(r"retry (\d/3) in (\d+)ms \[reconnecting\]", run.err)
    assert retries == [("1/3", "1000"), ("2/3", "2000"), ("3/3", "4000")], f"retries {retries}: {run.tail()}"
    assert run.files == [], run.files
    return f"3 retries, then exit 5 after {run.seconds:.1f} s"


@row("Q7", "the limit is removed")
def remove_limit(place):
    setup(place)
    post(place, LIMIT)
    return delete(place, "limit")


@row("Q8", "undisturbed again")
def last(place):
    setup(place)
    post(place, LIMIT)
    delete(place, "limit")
    return undisturbed(place)
