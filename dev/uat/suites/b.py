"""Suite B: check and doctor."""

import re

from uat import source
from uat.registry import row

VERDICTS = {"EFFICIENT", "ACCEPTABLE", "DEGRADED", "UNSAFE"}


def blocks(text):
    """What check says, by export: label → values."""
    found = {}
    for part in re.split(r"^Export: ", text, flags=re.M)[1:]:
        name, _, body = part.partition("\n")
        facts = found.setdefault(name.strip(), {})
        for label, value in re.findall(r"^  ([A-Z][\w ]*):\s+(.*)$", body, re.M):
            facts.setdefault(label, []).append(value)
    return found


def estimate(facts):
    text = facts["Row estimate"][0].lstrip("~")
    return int(text.rstrip("KM")) * {"K": 1000, "M": 1000000}.get(text[-1], 1)


@row("B1", "check of all exports")
def check_all(place):
    source.prepare(source.POSTGRES)
    found = blocks(place.sh("rivet check --config dev/pg_full.yaml").out)
    assert list(found) == ["pg_users_csv", "pg_users_parquet", "pg_orders_csv", "pg_events_parquet"], list(found)
    for name, facts in found.items():
        strategy, verdict = facts.get("Strategy"), facts.get("Verdict", [])
        assert strategy == ["full-scan"], f"{name}: strategy {strategy}"
        assert len(verdict) == 1 and verdict[0] in VERDICTS, f"{name}: verdict {verdict}"
    return ", ".join(f"{facts['Verdict'][0]}" for facts in found.values())


@row("B2", "check of one export")
def check_one(place):
    source.prepare(source.POSTGRES)
    found = blocks(place.sh("rivet check --config dev/pg_full.yaml --export pg_users_csv").out)
    assert list(found) == ["pg_users_csv"], f"blocks of {list(found)}"
    run = place.sh("rivet check --config dev/pg_full.yaml --export nonesuch", status=1)
    assert "nonesuch" in run.err, run.err
    return "one block; an unknown name is refused"


@row("B3", "check of MySQL")
def check_mysql(place):
    counts = source.prepare(source.MYSQL)
    found = blocks(place.sh("rivet check --config dev/mysql_full.yaml").out)
    assert len(found) == 3, list(found)
    for name, facts in found.items():
        real = counts["orders" if "orders" in name else "users"]
        assert real / 2 <= estimate(facts) <= real * 2, f"{name}: estimate {facts['Row estimate'][0]} for {real} rows"
    return ", ".join(facts["Row estimate"][0] for facts in found.values())


@row("B4", "doctor")
def doctor(place):
    source.prepare(source.POSTGRES)
    out = place.sh("rivet doctor --config dev/pg_full.yaml").out
    for line in ("[OK]  Source auth (Postgres)", "[OK]  Destination Local(./dev/output)"):
        assert line in out, f"no line {line!r}: {out}"
    assert "[FAIL]" not in out, out
    text = place.config("pg_full.yaml").read_text()
    stopped = re.sub(r"@[\w.]+:\d+/", "@localhost:1/", text)  # nothing listens there
    place.write("pg_stopped.yaml", stopped)
    out = place.sh("rivet doctor --config dev/pg_stopped.yaml", status=1).out
    assert "[FAIL] Source" in out and "[OK]  Source" not in out, out
    return "OK; [FAIL] without a server"
