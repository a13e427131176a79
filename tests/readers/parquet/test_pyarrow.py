import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from parquet_values import CODECS, MATRIX, PROFILES, assert_equal_columns, canonical

CODEC_NAMES = {"none": "UNCOMPRESSED", "lz4": "LZ4"}


def python_values(table, column):
    """Times and dates as the integers below them: Python cannot hold the extremes' time zones."""
    array = table.column(column["name"]).combine_chunks()
    if column["kind"] in ("timestamp", "timestamptz", "time"):
        target = pa.list_(pa.int64()) if column["is_list"] else pa.int64()
        return [as_text(value) for value in array.cast(target).to_pylist()]
    if column["kind"] == "date":
        target = pa.list_(pa.int32()) if column["is_list"] else pa.int32()
        return [as_text(value) for value in array.cast(target).to_pylist()]
    return [canonical(value, column) for value in array.to_pylist()]


def as_text(value):
    if isinstance(value, list):
        return [as_text(item) for item in value]
    return None if value is None else str(value)


@pytest.mark.parametrize("nulls, codec, profile", MATRIX)
def test_values(write, nulls, codec, profile):
    written = write(4000, nulls=nulls, codec=codec, profile=profile)
    table = pq.read_table(written.path, page_checksum_verification=True)
    assert table.column_names == [column["name"] for column in written.columns]
    for column in written.columns:
        assert_equal_columns(
            column["name"], column["values"], python_values(table, column), column["kind"]
        )


@pytest.mark.parametrize("profile", PROFILES)
def test_many_pages(write, profile):
    written = write(25000, nulls=5, lists=True, codec="snappy", profile=profile)
    table = pq.read_table(written.path, page_checksum_verification=True)
    for column in written.columns:
        assert_equal_columns(
            column["name"], column["values"], python_values(table, column), column["kind"]
        )


@pytest.mark.parametrize("codec", CODECS)
def test_metadata(write, codec):
    written = write(4000, nulls=30, codec=codec)
    file = pq.ParquetFile(written.path)
    metadata = file.metadata
    assert metadata.created_by.startswith("rivet version ")
    assert metadata.format_version == "1.0"
    assert metadata.num_rows == 4000
    assert b"rivet.schema" in metadata.metadata
    for group in range(metadata.num_row_groups):
        for i in range(metadata.num_columns):
            chunk = metadata.row_group(group).column(i)
            assert chunk.compression == CODEC_NAMES.get(codec, codec.upper())
            assert chunk.statistics.has_null_count
            assert chunk.has_offset_index


def test_statistics_match(write):
    """pyarrow's own minimum and maximum lie within the bounds of the chunk."""
    written = write(4000, nulls=30)
    metadata = pq.ParquetFile(written.path).metadata
    table = pq.read_table(written.path)
    for i, column in enumerate(written.columns):
        chunk = metadata.row_group(0).column(i)
        values = column["values"]
        if column["is_list"] or not chunk.statistics.has_min_max:
            continue
        assert chunk.statistics.null_count == sum(value is None for value in values)
        if column["kind"] in ("json", "text", "binary"):
            raw = [bytes.fromhex(value) for value in values if value is not None]
            low, high = chunk.statistics.min_raw, chunk.statistics.max_raw
            assert low <= min(raw) and max(raw) <= high, column["name"]
            continue
        if column["kind"] in ("float", "double", "decimal", "bool", "date"):
            present = [v for v in table.column(column["name"]).to_pylist() if v is not None]
            assert chunk.statistics.min == min(present), column["name"]
            assert chunk.statistics.max == max(present), column["name"]
