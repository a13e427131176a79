"""Acceptance rows C2, F1, F2, F4, M1, M2, N1, N2, each as acceptance.md asks for it, with the configurations of dev/ as they
stand. (K1 is in test_drift.py, S2 to S5 in test_bench_exports.py.)"""

import datetime
import json
import re

import pyarrow.parquet
import pytest

import row_hash
import support


@pytest.fixture
def dev(work, postgres):
    """rivet run of a copy of a configuration of dev/."""
    return work.run_dev


def newest_metric(work):
    out = support.rivet("metrics", "--config", work.config, "--last", "1", "--json", check=0).out
    (row,) = json.loads(out)
    return row


def codecs(path):
    metadata = pyarrow.parquet.read_metadata(path)
    return {metadata.row_group(group).column(column).compression for group in range(metadata.num_row_groups) for column in range(metadata.num_columns)}


def test_c2(dev):
    run = dev("pg_full.yaml", "--export", "pg_users_parquet", "--validate")
    assert run.summary("pg_users_parquet")["validated"] == "pass"
    (path,) = run.files
    assert len(support.parquet_rows(path)) == support.database_rows("select count(*) from users")[0][0]
    assert "validated" not in dev("pg_full.yaml", "--export", "pg_users_parquet").summary("pg_users_parquet")


def test_f1(dev):
    run = dev("test_meta_columns.yaml", "--validate")
    summary = run.summary("users_meta_test")
    assert "compression" not in summary and (summary["rows"], summary["validated"]) == ("100", "pass")
    (path,) = run.files
    assert codecs(path) == {"ZSTD"} and len(support.parquet_rows(path)) == 100


def test_f2(dev):
    run = dev("test_compression.yaml")
    files = {name: next(path for path in run.files if path.name.startswith(name + "_")) for name in ("users_snappy", "users_none")}
    assert run.summary("users_snappy")["compression"] == "snappy" and run.summary("users_none")["compression"] == "none"
    assert codecs(files["users_snappy"]) == {"SNAPPY"} and codecs(files["users_none"]) == {"UNCOMPRESSED"}
    rows = {name: support.parquet_rows(path) for name, path in files.items()}
    assert len(rows["users_snappy"]) == 100
    support.assert_same_rows(rows["users_snappy"], rows["users_none"])
    assert files["users_snappy"].stat().st_size < files["users_none"].stat().st_size
    assert len(run.files) == 2, "users_skip_empty wrote a file"


def test_f4(dev):
    started = datetime.datetime.now(datetime.timezone.utc)
    runs = [dev("test_meta_columns.yaml"), dev("test_meta_columns.yaml")]
    ended = datetime.datetime.now(datetime.timezone.utc)
    moments, hashes = [], []
    for run in runs:
        (path,) = run.files
        metadata = pyarrow.parquet.read_metadata(path)
        schema = metadata.schema
        assert schema.names == ["id", "name", "email", "age", "created_at", "_rivet_exported_at", "_rivet_row_hash"]
        stamp, number = schema.column(5), schema.column(6)
        assert (stamp.physical_type, number.physical_type) == ("INT64", "INT64")
        assert (stamp.max_definition_level, number.max_definition_level) == (0, 0), "REQUIRED"
        assert str(stamp.logical_type).startswith("Timestamp(isAdjustedToUTC=true, timeUnit=microseconds")
        rows = support.parquet_rows(path)
        assert len(rows) == 100
        (moment,) = {row[5] for row in rows}
        assert started <= moment <= ended
        for row in rows:
            assert row[6] == row_hash.row_hash(row[:5]), row
        moments.append(moment)
        hashes.append([row[6] for row in rows])
    assert moments[0] < moments[1] and hashes[0] == hashes[1]


@pytest.mark.parametrize("parameter, environment, want", [(10, {}, 10), (5, {}, 5), (5, {"MAX_ID": "7"}, 5)], ids=["M1", "M2", "M2 environment"])
def test_m1_m2(dev, parameter, environment, want):
    run = dev("test_params.yaml", "--param", f"MAX_ID={parameter}", env=environment)
    (path,) = run.files
    records = support.csv_records(path.read_text(encoding="utf-8"))
    assert records[0] == ["id", "name", "email"]
    assert [record[0] for record in records[1:]] == [str(number + 1) for number in range(want)]


def test_m_without_a_value(dev):
    """The negative: the name is missed, not replaced by nothing."""
    run = dev("test_params.yaml", check=1)
    assert "MAX_ID" in run.err and run.files == []


def test_n1(dev):
    run = dev("test_quality.yaml", "--export", "users_quality_pass", "--validate")
    summary = run.summary("users_quality_pass")
    assert (summary["quality"], summary["validated"]) == ("pass", "pass")
    (path,) = run.files
    assert len(support.parquet_rows(path)) == 500


def test_n2(dev, work):
    run = dev("test_quality.yaml", "--export", "users_quality_fail_max", check=3, env={"RUST_LOG": "warn"})
    assert run.summary("users_quality_fail_max")["quality"] == "FAIL"
    assert "exceeds maximum 10" in run.err and "retry" not in run.err
    assert run.files == []
    assert newest_metric(work)["status"] == "failed"
    assert re.search(r"^users_quality_fail_max\s+failed", support.rivet("metrics", "--config", work.config, check=0).out, re.M)
