"""Suite N: checks of the data."""

from uat import reading, source
from uat.registry import row


@row("N1", "quality passes")
def quality_passes(place):
    source.prepare(source.POSTGRES)
    run = place.sh("rivet run --config dev/test_quality.yaml --export users_quality_pass --validate")
    run.expect("users_quality_pass", quality="pass", validated="pass")
    (path,) = run.files
    assert reading.parquet_count([path]) == 500, reading.parquet_count([path])
    return "500 rows"


@row("N2", "quality fails")
def quality_fails(place):
    source.prepare(source.POSTGRES)
    run = place.sh("rivet run --config dev/test_quality.yaml --export users_quality_fail_max", status=3, RUST_LOG="warn")
    run.expect("users_quality_fail_max", quality="FAIL", status="failed")
    assert "exceeds maximum 10" in run.err and "retry" not in run.err, run.tail()
    assert run.files == [], run.files
    newest = place.sh("rivet metrics --config dev/test_quality.yaml").out.splitlines()[2].split()
    assert newest[:2] == ["users_quality_fail_max", "failed"], newest
    return "exit 3, nothing delivered"
