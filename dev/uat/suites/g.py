"""Suite G: sources given part by part."""

from uat import source
from uat.registry import row
from uat.suites import b


@row("G1", "PostgreSQL part by part")
def postgres(place):
    source.prepare(source.POSTGRES)
    run = place.sh("PGPASSWORD=rivet rivet check --config dev/pg_structured.yaml")
    assert list(b.blocks(run.out)) == ["orders_local"], run.out
    without = place.sh("rivet check --config dev/pg_structured.yaml", status=1)
    assert "PGPASSWORD" in without.err, without.err
    return "one block; PGPASSWORD is asked for"


@row("G2", "MySQL part by part")
def mysql(place):
    source.prepare(source.MYSQL)
    run = place.sh("rivet check --config dev/mysql_structured.yaml")
    assert list(b.blocks(run.out)) == ["orders_local"], run.out
    return "one block"
