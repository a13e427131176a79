"""Suite E: chunked exports."""

from uat import reading, source
from uat.registry import row
from uat.suites import r

SERIAL = "bench_content_p4_serial"


@row("E1", "chunks, one after another")
def sequential(place):
    rows = source.prepare(source.POSTGRES)["content_items"]
    run = place.sh("rivet run --config dev/bench_chunked_seq.yaml", timeout_s=180, RUST_LOG="info")
    stamps = {path.name.rsplit("_chunk", 1)[0] for path in run.files}
    names = [path.name.rsplit("_", 1)[1] for path in run.files]
    assert names == [f"chunk{i}.parquet" for i in range(4)] and len(stamps) == 1, f"files {[path.name for path in run.files]}"
    assert all(path.parent == place.path / "dev/output/bench" for path in run.files), "another directory"
    missing = [i for i in range(1, 5) if f"chunk {i}/4" not in run.err]
    assert not missing, f"the log lacks chunk {missing[0]}/4"
    reading.assert_profile(run.files, source.POSTGRES, "content_items", reading.CONTENT)
    return f"4 files, {rows} rows"


@row("E2", "chunks with a checkpoint")
def checkpoint(place):
    source.prepare(source.POSTGRES)
    run = place.sh(f"rivet run --config dev/bench_chunked_p4.yaml --export {SERIAL}", timeout_s=180)
    assert len(run.files) == 20, f"{len(run.files)} files"
    reading.assert_ids(run.files, 200000)
    facts, tasks = r.state_chunks(place, SERIAL)
    states = [task["STATUS"] for task in tasks]
    assert states == ["completed"] * 20, states
    return f"20 files, {facts['status']}"


BENCH = {"bench_content_p4": 20, SERIAL: 20, "bench_content_p4_fatchunk": 4, "bench_content_p4_no_meta": 20, "bench_content_p4_balanced": 20}


def check_bench(place, run, exports=None):
    """Summaries and files of runs of the bench's exports."""
    exports = exports or BENCH
    for export in exports:
        run.expect(export, status="success", rows=200000, files=BENCH[export])
        files = place.chunk_files(export)
        assert len(files) == BENCH[export], f"{export}: {len(files)} files"
        reading.assert_ids(files, 200000)
        meta = [name for name in reading.metadata(files[0]).schema.names if name.startswith("_rivet_")]
        want = [] if export.endswith("no_meta") else ["_rivet_exported_at", "_rivet_row_hash"]
        assert meta == want, f"{export} has the meta columns {meta}"


@row("E3", "the whole bench, one export after another", limit_s=400)
def whole_bench(place):
    source.prepare(source.POSTGRES)
    run = place.sh("rivet run --config dev/bench_chunked_p4.yaml", timeout_s=380)
    assert list(run.summaries()) == list(BENCH), list(run.summaries())
    check_bench(place, run)
    spans = [r.span(place.chunk_files(export)) for export in BENCH]
    assert all(a[1] <= b[0] for a, b in zip(spans, spans[1:])), "exports overlap"
    return f"84 files in {run.seconds:.0f} s"
