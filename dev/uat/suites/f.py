"""Suite F: codecs, empty results, meta columns."""

import datetime
import sys

from uat import reading, source, world
from uat.registry import row

sys.path.insert(0, str(world.ROOT / "tests/readers"))
from test_row_hash import row_hash  # noqa: E402 - computed from the documented encoding

PG = source.POSTGRES
META = "rivet run --config dev/test_meta_columns.yaml --validate"
FIVE = "select id, name, email, age, created_at from users order by id limit 100"


@row("F1", "the default codec")
def default_codec(place):
    source.prepare(PG)
    run = place.sh(META)
    summary = run.expect("users_meta_test", rows=100, validated="pass")
    assert "compression" not in summary, summary
    (path,) = run.files
    assert reading.codecs(path) == {"ZSTD"}, reading.codecs(path)
    assert reading.parquet_count([path]) == 100, reading.parquet_count([path])
    return "ZSTD, 100 rows"


@row("F2", "codecs that are named")
def named_codecs(place):
    source.prepare(PG)
    run = place.sh("rivet run --config dev/test_compression.yaml")
    paths = {}
    for export, label, codec in (("users_snappy", "snappy", "SNAPPY"), ("users_none", "none", "UNCOMPRESSED")):
        run.expect(export, compression=label)
        (paths[export],) = run.of(f"{export}_*.parquet")
        assert reading.codecs(paths[export]) == {codec}, reading.codecs(paths[export])
        reading.assert_same_rows(reading.parquet_rows(paths[export]), PG.query(FIVE), export)
    sizes = [path.stat().st_size for path in paths.values()]
    assert sizes[0] < sizes[1], f"snappy {sizes[0]} bytes, none {sizes[1]}"
    return f"snappy {sizes[0]} < none {sizes[1]} bytes"


@row("F3", "no rows, no file")
def skip_empty(place):
    source.prepare(PG)
    run = place.sh("rivet run --config dev/test_compression.yaml --export users_skip_empty")
    run.expect("users_skip_empty", status="skipped", files=0)
    assert run.files == [], run.files
    newest = place.sh("rivet metrics --config dev/test_compression.yaml").out.splitlines()[2].split()
    assert newest[:2] == ["users_skip_empty", "skipped"], newest
    return "skipped"


@row("F4", "meta columns")
def meta_columns(place):
    source.prepare(PG)
    want = {record[0]: row_hash(list(record)) for record in reading.as_csv(PG.query(FIVE))}
    moments = []
    for _ in range(2):
        began = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
        (path,) = place.sh(META).files
        ended = datetime.datetime.now(datetime.timezone.utc)
        schema = reading.metadata(path).schema.to_arrow_schema()
        assert schema.names[-2:] == ["_rivet_exported_at", "_rivet_row_hash"], schema.names
        kinds = [str(schema.field(name).type) for name in schema.names[-2:]]
        assert kinds == ["timestamp[us, tz=UTC]", "int64"], kinds
        rows = reading.parquet_rows(path)
        got = {str(record[0]): record[-1] for record in rows}
        assert got == want, "row hashes differ from those computed from the encoding"
        (moment,) = {record[-2] for record in rows}
        assert began <= moment <= ended, f"{moment} is not within the run"
        moments.append(moment)
    assert moments[0] < moments[1], "the second run is not newer"
    return "100 hashes recomputed, twice"
