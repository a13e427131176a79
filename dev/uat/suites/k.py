"""Suite K: the columns change."""

from uat import source, world
from uat.registry import row


@row("K1", "schema changes")
def schema_changes(place):
    source.prepare(source.POSTGRES)
    script = world.ROOT / "dev/test_schema_evolution.sh"
    assert script.exists(), "dev/test_schema_evolution.sh is not there"
    run = place.sh(str(script), timeout_s=180, RIVET_TEST_PG_URL=source.POSTGRES.url)
    assert "failed: 0" in run.out, run.out[-300:]
    return run.out.strip().splitlines()[-1]
