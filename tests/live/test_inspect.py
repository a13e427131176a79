"""rivet inspect: its figures are those that pyarrow reads from the same files."""

import json

import pyarrow
import pyarrow.parquet
import pytest

import support


def assert_same_facts(path):
    facts = json.loads(support.rivet("inspect", "--json", path, check=0).out)
    meta = pyarrow.parquet.ParquetFile(path).metadata
    assert facts["row_count"] == meta.num_rows and len(facts["row_groups"]) == meta.num_row_groups
    for index, group in enumerate(facts["row_groups"]):
        want = meta.row_group(index)
        assert group["row_count"] == want.num_rows and len(group["columns"]) == want.num_columns
        for number, column in enumerate(group["columns"]):
            chunk = want.column(number)
            assert (column["path"], column["type"], column["codec"].replace("NONE", "UNCOMPRESSED"), column["value_count"],
                    column["compressed_size"], column["uncompressed_size"]) == (
                chunk.path_in_schema, chunk.physical_type, chunk.compression, chunk.num_values,
                chunk.total_compressed_size, chunk.total_uncompressed_size)
            assert sorted(column["encodings"]) == sorted(chunk.encodings)


def test_own_file(work, postgres):
    work.write({"name": "q", "query": "select * from events", "parquet": {"row_group_mb": 1}})
    work.run()
    (path,) = work.files()
    assert_same_facts(path)
    text = support.rivet("inspect", path, check=0).out
    assert "created_at: OPTIONAL INT64 TIMESTAMP(MICROS,local)" in text


@pytest.mark.parametrize("codec", ["zstd", "snappy", "none"])
def test_foreign_file(tmp_path, codec):
    table = pyarrow.table({"a": [1, 2, None], "b": ["x", "yy", "z"], "c": [[1], [], None]})
    path = tmp_path / "f.parquet"
    pyarrow.parquet.write_table(table, path, compression=codec)
    assert_same_facts(path)


def test_what_is_no_parquet_does_not_hide_the_rest(tmp_path):
    good = tmp_path / "good.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"a": [1]}), good)
    bad = tmp_path / "bad.parquet"
    bad.write_bytes(good.read_bytes()[:-9])
    run = support.rivet("inspect", bad, tmp_path / "gone", good, check=1)
    assert str(good) in run.out and str(bad) in run.err and "No such file" in run.err
    assert support.rivet("inspect", check=2).status == 2
