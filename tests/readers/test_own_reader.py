#!/usr/bin/env python3
"""Our Parquet reader against files of other writers: every level and value must agree.

    RIVET_PARQUET_DUMP=build/dev/tests/parquet_dump python3 tests/readers/test_own_reader.py

Writers are pyarrow and DuckDB; what a file holds is what pyarrow reads from it.
"""

import datetime
import decimal
import itertools
import math
import os
import random
import tempfile
import unittest

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

import shred

TOOL = os.environ.get("RIVET_PARQUET_DUMP", "build/dev/tests/parquet_dump")
ROWS = 2500
CODECS = ("none", "snappy", "gzip", "zstd", "lz4")


def maybe(rng, share, value):
    return None if rng.random() < share else value


def numbers(rng, bits, signed):
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    edges = [low, high, 0, 1]
    return [edges[i] if i < 4 else rng.randint(low, high) >> rng.randint(0, bits - 1)
            for i in range(ROWS)]


def with_nulls(rng, values, share):
    return [maybe(rng, share, value) for value in values]


def texts(rng):
    words = ["", "a", "Grüße", "日本語", "x" * 300] + ["key-%05d" % k for k in range(60)]
    return [rng.choice(words) + ("" if rng.random() < .5 else str(rng.random()))
            for _ in range(ROWS)]


def decimals(rng, precision, scale):
    context = decimal.Context(prec=precision)
    top = 10**precision - 1
    raw = [top, -top, 0, 1, -1] + [rng.randint(-top, top) for _ in range(ROWS - 5)]
    return [decimal.Decimal(value).scaleb(-scale, context) for value in raw]


def floats(rng):
    edges = [math.nan, math.inf, -math.inf, -0.0, 0.0, 5e-324]
    return edges + [rng.choice([1.5, 2.25, rng.gauss(0, 1e6)]) for _ in range(ROWS - len(edges))]


def flat_columns(rng, null_share):
    """name → (Arrow type, values)"""
    ints = {"%s%d" % ("i" if signed else "u", bits): (
        getattr(pa, "%sint%d" % ("" if signed else "u", bits))(), numbers(rng, bits, signed))
        for bits in (8, 16, 32, 64) for signed in (True, False)}
    moments = numbers(rng, 50, True)
    columns = {
        **ints,
        "bool": (pa.bool_(), [rng.random() < .3 for _ in range(ROWS)]),
        "float": (pa.float32(), floats(rng)),
        "double": (pa.float64(), floats(rng)),
        "half": (pa.float16(), [rng.randint(-50, 50) / 4 for _ in range(ROWS)]),
        "text": (pa.string(), texts(rng)),
        "sorted": (pa.string(), sorted(texts(rng))),
        "binary": (pa.binary(), [rng.randbytes(rng.randint(0, 20)) for _ in range(ROWS)]),
        "fixed": (pa.binary(5), [rng.randbytes(5) for _ in range(ROWS)]),
        "dec9": (pa.decimal128(9, 2), decimals(rng, 9, 2)),
        "dec18": (pa.decimal128(18, 4), decimals(rng, 18, 4)),
        "dec38": (pa.decimal128(38, 10), decimals(rng, 38, 10)),
        "dec76": (pa.decimal256(76, 0), decimals(rng, 76, 0)),
        "date": (pa.date32(), [datetime.date.fromordinal(rng.randint(1, 3652059))
                               for _ in range(ROWS)]),
        "time_ms": (pa.time32("ms"), [datetime.time(rng.randint(0, 23), 5, 7)
                                      for _ in range(ROWS)]),
        "stamp_us": (pa.timestamp("us"), moments),
        "stamp_utc": (pa.timestamp("ms", "UTC"), moments),
        "stamp_ns": (pa.timestamp("ns"), moments),
        "run": (pa.int32(), [i // 700 for i in range(ROWS)]),
        "one": (pa.string(), ["same"] * ROWS),
    }
    return {name: (kind, with_nulls(rng, values, null_share))
            for name, (kind, values) in columns.items()}


def nested_columns(rng):
    def ints(depth):
        if depth == 0:
            return maybe(rng, .2, rng.randint(0, 9))
        return maybe(rng, .15, [ints(depth - 1) for _ in range(rng.choice([0, 1, 2, 5]))])

    def person(_):
        return maybe(rng, .2, {
            "name": maybe(rng, .2, rng.choice(["Ann", "Bo"])),
            "tags": maybe(rng, .2, [maybe(rng, .1, "t%d" % k) for k in range(rng.randint(0, 3))]),
            "at": maybe(rng, .2, {"x": rng.randint(0, 5), "y": maybe(rng, .3, rng.random())}),
        })

    place = pa.struct([pa.field("x", pa.int32(), False), ("y", pa.float64())])
    people = pa.struct([("name", pa.string()), ("tags", pa.list_(pa.string())), ("at", place)])
    return {
        "list1": (pa.list_(pa.int64()), [ints(1) for _ in range(ROWS)]),
        "list3": (pa.list_(pa.list_(pa.list_(pa.int32()))), [ints(3) for _ in range(ROWS)]),
        "person": (people, [person(i) for i in range(ROWS)]),
        "people": (pa.list_(people), [maybe(rng, .1, [person(i) for _ in range(rng.randint(0, 3))])
                                      for i in range(ROWS)]),
        "map": (pa.map_(pa.string(), pa.list_(pa.int16())),
                [maybe(rng, .1, [("k%d" % k, ints(1)) for k in range(rng.randint(0, 3))])
                 for _ in range(ROWS)]),
        "all_null": (pa.list_(pa.int32()), [None] * ROWS),
        "all_empty": (pa.list_(pa.int32()), [[]] * ROWS),
    }


def make_table(columns):
    return pa.table({name: pa.array(values, kind) for name, (kind, values) in columns.items()})


ENCODINGS = {
    "PLAIN": None,
    "DELTA_BINARY_PACKED": ["i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "date",
                            "stamp_us", "stamp_ns", "run", "time_ms"],
    "DELTA_LENGTH_BYTE_ARRAY": ["text", "sorted", "binary", "one"],
    "DELTA_BYTE_ARRAY": ["text", "sorted", "binary", "one", "fixed", "dec38"],
    "BYTE_STREAM_SPLIT": ["float", "double", "i32", "i64", "half", "fixed", "dec38", "dec76"],
    "RLE": ["bool"],
}


class OwnReader(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "file.parquet")

    def check(self, *flags):
        dump = shred.Dump(TOOL, self.path, *flags)
        self.assertEqual(shred.differences(dump, pq.read_table(self.path)), [])

    def check_pyarrow(self, table, **options):
        pq.write_table(table, self.path, write_page_checksum=True, **options)
        self.check("--strict")

    def test_dictionary_pages(self):
        for codec, version, nulls in itertools.product(CODECS, ("1.0", "2.0"), (0, .1, 1)):
            with self.subTest(codec=codec, version=version, nulls=nulls):
                table = make_table(flat_columns(random.Random(1), nulls))
                self.check_pyarrow(table, compression=codec, data_page_version=version,
                                   data_page_size=3000, write_page_index=True)

    def test_dictionary_that_is_given_up(self):
        table = make_table(flat_columns(random.Random(2), .1))
        self.check_pyarrow(table, dictionary_pagesize_limit=500, data_page_size=1000,
                           write_batch_size=64, row_group_size=1700)

    def test_encodings(self):
        columns = flat_columns(random.Random(3), .2)
        for (encoding, names), version, size in itertools.product(
                ENCODINGS.items(), ("1.0", "2.0"), (700, 1 << 20)):
            with self.subTest(encoding=encoding, version=version, page=size):
                names = names or list(columns)
                table = make_table({name: columns[name] for name in names})
                self.check_pyarrow(table, use_dictionary=False, data_page_version=version,
                                   column_encoding={name: encoding for name in names},
                                   data_page_size=size, write_batch_size=100)

    def test_required_columns(self):
        columns = flat_columns(random.Random(4), 0)
        schema = pa.schema([pa.field(name, kind, False) for name, (kind, _) in columns.items()])
        table = pa.table([pa.array(values, kind) for kind, values in columns.values()], schema)
        for version in ("1.0", "2.0"):
            self.check_pyarrow(table, data_page_version=version)

    def test_nested(self):
        for codec, version, size in itertools.product(("none", "zstd"), ("1.0", "2.0"),
                                                      (500, 1 << 20)):
            with self.subTest(codec=codec, version=version, page=size):
                table = make_table(nested_columns(random.Random(5)))
                self.check_pyarrow(table, compression=codec, data_page_version=version,
                                   data_page_size=size, write_batch_size=50, row_group_size=999)

    def test_old_timestamps_and_integer_decimals(self):
        table = make_table({name: pair for name, pair in flat_columns(random.Random(6), .1).items()
                            if name in ("stamp_us", "dec9", "dec18", "dec38")})
        self.check_pyarrow(table, use_deprecated_int96_timestamps=True,
                           store_decimal_as_integer=True)

    def test_empty_file(self):
        table = make_table({"a": (pa.int32(), []), "b": (pa.list_(pa.string()), [])})
        pq.write_table(table, self.path)  # a row group of no rows, a dictionary without data pages
        self.check()

    def test_codecs_that_are_not_read(self):
        table = make_table({"a": (pa.int32(), [1, 2, 3])})
        pq.write_table(table, self.path, compression="brotli")
        with self.assertRaisesRegex(shred.DumpError, "codec BROTLI .* not supported.*unsupported"):
            self.check()

    def test_duckdb(self):
        query = """
            SELECT i::INTEGER AS i, CASE WHEN i % 7 = 0 THEN NULL ELSE i * i * 1000003 END AS big,
                   'name ' || (i % 97) AS name, i % 3 = 0 AS flag, i / 7.0 AS f,
                   (i / 8)::FLOAT AS f4, (i * 1.25)::DECIMAL(12,2) AS d12,
                   (i * 1.25)::DECIMAL(30,5) AS d30, DATE '1969-12-01' + i::INTEGER AS day,
                   TIMESTAMP '1969-12-31 23:59:59.5' + to_seconds(i) AS at,
                   TIME '00:00:01' + to_seconds(i % 80000) AS t, encode('b' || i) AS raw,
                   uuid() AS u, [x FOR x IN range(i % 4)] AS list,
                   {'a': i, 'b': [NULL, 'z']} AS pair, MAP {'k' || (i % 5): i} AS m,
                   (i % 255)::UTINYINT AS u1, i::UBIGINT AS u8, NULL::INTEGER AS nothing
            FROM range(20000) r(i)"""
        for version, codec in itertools.product(("V1", "V2"),
                                                ("uncompressed", "snappy", "gzip", "zstd", "lz4_raw")):
            with self.subTest(version=version, codec=codec):
                if os.path.exists(self.path):
                    os.remove(self.path)
                duckdb.sql("COPY (%s) TO '%s' (FORMAT parquet, PARQUET_VERSION %s, COMPRESSION %s, "
                           "ROW_GROUP_SIZE 6000)" % (query, self.path, version, codec))
                self.check()  # DuckDB pads levels by whole packed groups more than needed


if __name__ == "__main__":
    print("pyarrow %s, DuckDB %s, reader %s" % (pa.__version__, duckdb.__version__, TOOL))
    unittest.main()
