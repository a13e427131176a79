"""Suite D: what state and metrics tell."""

from uat import source
from uat.registry import row
from uat.suites import c

CONFIG = "dev/pg_incremental.yaml"


@row("D1", "state show")
def show(place):
    _, top = c.first_incremental(place)
    lines = place.sh(f"rivet state show --config {CONFIG}").out.splitlines()
    assert lines[0].split() == ["EXPORT", "LAST", "CURSOR", "LAST", "RUN"], lines[0]
    assert [line.split()[:2] for line in lines[2:]] == [["pg_orders_incremental", top]], lines[2:]
    return f"1 export, {top}"


@row("D2", "metrics")
def metrics(place):
    c.first_incremental(place)
    runs = [place.sh(c.INCREMENTAL).summary("pg_orders_incremental") for _ in range(5)]
    lines = place.sh(f"rivet metrics --config {CONFIG} --last 5").out.splitlines()
    rows = [line.split() for line in lines[2:] if line and not line.startswith(" ")]
    assert len(rows) == 5, f"{len(rows)} rows"
    assert rows[0][:3] == ["pg_orders_incremental", runs[-1]["status"], runs[-1]["rows"]], rows[0]
    got, want = [cells[-1] for cells in rows], [run["run_id"] for run in reversed(runs)]
    assert got == want, f"run ids {got}, expected {want}"
    return f"5 of 6 runs, newest {want[0]}"


@row("D3", "state reset")
def reset(place):
    c.first_incremental(place)
    out = place.sh(f"rivet state reset --config {CONFIG} --export pg_orders_incremental").out
    assert "'pg_orders_incremental'" in out, out
    assert "pg_orders_incremental" not in place.sh(f"rivet state show --config {CONFIG}").out, "still stored"
    rows = source.count(source.POSTGRES, "orders")
    place.sh(c.INCREMENTAL).expect("pg_orders_incremental", rows=rows)
    return f"all {rows} rows again"
