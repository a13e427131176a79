"""Suite L: standard output."""

from uat import reading, source
from uat.registry import row

FIVE = "select id, name, email from users order by id limit 5"


@row("L1", "the head of standard output")
def head(place):
    source.prepare(source.POSTGRES)
    run = place.sh("rivet run --config dev/test_stdout.yaml | head -1", timeout_s=30, RUST_LOG="debug")
    assert run.out == "id,name,email\n", run.out
    assert "retry" not in run.err, "tried again"
    assert run.seconds < 15, f"{run.seconds:.0f} s"
    return f"header after {run.seconds:.2f} s"


@row("L2", "standard output into a file")
def into_file(place):
    source.prepare(source.POSTGRES)
    target = place.path / "rivet_stdout.csv"
    for level in ("error", "debug"):
        run = place.sh(f"rivet run --config dev/test_stdout.yaml > {target}", RUST_LOG=level)
        header, records = reading.csv_rows(target)
        assert header == ["id", "name", "email"], header
        want = reading.as_csv(source.POSTGRES.query(FIVE))
        assert [tuple(record) for record in records] == want, f"{len(records)} records with RUST_LOG={level}"
        run.expect("users_stdout_csv", status="success", rows=5)
    return "header and 5 records; summary and log on standard error"
