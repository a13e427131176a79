#!/usr/bin/env python3
"""Small Parquet files of many kinds for fuzz_parquet_read: make_seeds.py FOLDER.

Made when needed and never committed: a corpus belongs to the build, not to the source.
"""

import datetime
import decimal
import itertools
import pathlib
import sys

import pyarrow as pa
import pyarrow.parquet as pq


def tables():
    n = 20
    yield "ints", pa.table({
        "a": pa.array([None if k % 4 == 0 else k * 1000003 for k in range(n)], pa.int64()),
        "b": pa.array(range(n), pa.uint16())}), "DELTA_BINARY_PACKED"
    yield "texts", pa.table({
        "a": [None if k % 5 == 0 else "key-%02d" % (k % 6) for k in range(n)],
        "b": pa.array([bytes([k]) * k for k in range(n)])}), "DELTA_BYTE_ARRAY"
    yield "lengths", pa.table({"a": ["x" * k for k in range(n)]}), "DELTA_LENGTH_BYTE_ARRAY"
    yield "floats", pa.table({
        "a": pa.array([k / 3 for k in range(n)], pa.float32()),
        "b": [float("nan") if k == 3 else -k / 7 for k in range(n)]}), "BYTE_STREAM_SPLIT"
    yield "bools", pa.table({"a": [None if k == 2 else k % 3 == 0 for k in range(n)]}), "RLE"
    yield "others", pa.table({
        "d": pa.array([decimal.Decimal(k) / 100 for k in range(n)], pa.decimal128(25, 2)),
        "t": pa.array([datetime.datetime(2000, 1, 1 + k) for k in range(n)], pa.timestamp("us")),
        "f": pa.array([bytes([k]) * 4 for k in range(n)], pa.binary(4))}), "PLAIN"
    yield "nested", pa.table({
        "l": pa.array([None, [], [[1, None], None, [2]]] * 6, pa.list_(pa.list_(pa.int32()))),
        "s": pa.array([{"x": 1, "y": ["a", None]}, None, {"x": None, "y": []}] * 6),
        "m": pa.array([[("k", 1)], None, []] * 6, pa.map_(pa.string(), pa.int32()))}), "PLAIN"


def main(folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for (name, table, encoding), codec, version, plain in itertools.product(
            list(tables()), ("none", "snappy", "gzip", "zstd", "lz4"), ("1.0", "2.0"),
            (False, True)):
        if codec != "none" and (version == "2.0" or plain):
            continue
        options = {"use_dictionary": not plain}
        if plain and encoding != "PLAIN":
            options["column_encoding"] = {column: encoding for column in table.column_names}
        pq.write_table(table, folder / ("%s-%s-%s-%d.parquet" % (name, codec, version, plain)),
                       compression=codec, data_page_version=version, store_schema=False,
                       write_page_index=True, write_batch_size=7, data_page_size=30,
                       row_group_size=14, **options)
        count += 1
    print("%d seeds in %s" % (count, folder))


if __name__ == "__main__":
    main(sys.argv[1])
