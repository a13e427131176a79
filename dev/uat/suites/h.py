"""Suite H: warnings and refusals."""

import re

from uat import source
from uat.registry import row
from uat.suites import b


@row("H1", "a degraded source")
def degraded(place):
    source.prepare(source.POSTGRES)
    found = b.blocks(place.sh("rivet check --config dev/pg_degraded.yaml").out)
    incremental, full = found["page_views_incremental"], found["page_views_full"]
    assert incremental["Verdict"] == ["DEGRADED"], incremental["Verdict"]
    advice = incremental.get("Suggestion", [])
    assert len(advice) == 1 and "safe" in advice[0] and "index" in advice[0], f"suggestions: {advice}"
    assert full["Verdict"][0] in ("DEGRADED", "UNSAFE") and full.get("Suggestion"), full
    return f"DEGRADED, {full['Verdict'][0]}"


@row("H2", "a wrong password")
def wrong_password(place):
    source.prepare(source.POSTGRES)
    place.sh("rivet doctor --config dev/pg_full.yaml")
    run = place.sh("rivet doctor --config dev/test_pg_wrongpass.yaml", status=1)
    assert re.search(r"\[FAIL\] Source.*(password|authentication)", run.out), run.out
    assert "[OK]  Source" not in run.out and "WRONGPASSWORD" not in run.out + run.err, run.out
    return re.search(r"\[FAIL\] Source.*", run.out).group()[:70]
