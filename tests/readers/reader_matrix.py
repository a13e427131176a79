"""The files that every reader gets, and what is in them.

Canonical form, the same for every reader: per column one line per row; "~" for NULL; numbers as
decimal digits (decimals unscaled, moments as stored), floats as the hex digits of their bits in
little-endian order, "nan" for any NaN (readers need not keep its payload), bytes, text and uuids as
hex digits; "[a,~,b]" for a list. Programs in other languages (node/, java/) print the SHA-256 of a
column's lines, each ended by a newline.
"""

import decimal
import functools
import hashlib
import itertools
import json
import math
import os
import pathlib
import struct
import subprocess

import pyarrow as pa
import pyarrow.compute as pc

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIXTURE = pathlib.Path(os.environ.get("RIVET_BUILD_DIR", ROOT / "build" / "dev")) / "parquet_fixture"
CACHE = pathlib.Path(os.environ.get("RIVET_CORPUS_CACHE", pathlib.Path.home() / ".cache" / "rivet-tests"))

CODECS = ("none", "zstd", "snappy", "gzip", "lz4")
PROFILES = ("compat", "modern")
ROWS, CUT_ROWS = 1500, 6000
WITH_EDGES, PORTABLE = 2, 3

FLOAT_FORMATS = {"float": "<f", "double": "<d"}
INTEGER_KINDS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")


def line_of(value, kind):
    if value is None:
        return "~"
    if isinstance(value, list):
        return "[" + ",".join(line_of(item, kind) for item in value) + "]"
    if kind in FLOAT_FORMATS and math.isnan(struct.unpack(FLOAT_FORMATS[kind], bytes.fromhex(value))[0]):
        return "nan"
    return value


class Column:
    """One column of expected.json."""

    def __init__(self, facts):
        self.name = facts["name"]
        self.kind = facts["kind"]
        self.scale = facts["scale"]
        self.precision = facts["precision"]
        self.is_list = facts["is_list"]
        self.values = facts["values"]

    @functools.cached_property
    def lines(self):
        return [line_of(value, self.kind) for value in self.values]

    @functools.cached_property
    def digest(self):
        return hashlib.sha256("".join(line + "\n" for line in self.lines).encode()).hexdigest()

    @functools.cached_property
    def arrow(self):
        """The values as `comparable` leaves those of a reader."""
        kind = self.arrow_kind()
        values = map_values(self.values, self.arrow_value)
        return pa.array(values, pa.list_(kind) if self.is_list else kind)

    def arrow_kind(self):
        if self.kind == "decimal":
            return pa.decimal128(self.precision, self.scale)
        return {"bool": pa.bool_(), "float": pa.uint32(), "double": pa.uint64(), "date": pa.int32(),
                "time": pa.int64(), "timestamp": pa.int64(), "timestamptz": pa.int64(),
                **{kind: getattr(pa, kind)() for kind in INTEGER_KINDS}}.get(self.kind, pa.binary())

    def arrow_value(self, text):
        if self.kind == "bool":
            return text == "1"
        if self.kind in FLOAT_FORMATS:
            text = text if line_of(text, self.kind) != "nan" else struct.pack(
                FLOAT_FORMATS[self.kind], math.nan).hex()
            return int.from_bytes(bytes.fromhex(text), "little")
        if self.kind == "decimal":
            return exact_decimal(text, self.scale)
        if self.kind in ("text", "json", "binary", "uuid"):
            return bytes.fromhex(text)
        return int(text)


def exact_decimal(digits, scale):
    return decimal.Decimal(digits).scaleb(-scale, decimal.Context(prec=60))


def map_values(values, function):
    return [None if value is None else map_values(value, function) if isinstance(value, list) else function(value)
            for value in values]


def comparable(array, column):
    """A reader's Arrow array in the types of Column.arrow; what differs in type stays different."""
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    kind = array.type
    if pa.types.is_list(kind):
        elements = comparable(array.flatten(), column)
        lengths = pc.fill_null(pc.list_value_length(array), 0)
        offsets = pa.array(itertools.accumulate(lengths.to_pylist(), initial=0), pa.int32())
        return pa.ListArray.from_arrays(offsets, elements, mask=pc.is_null(array))
    if pa.types.is_floating(kind):
        array = pc.if_else(pc.is_nan(array), pa.scalar(math.nan, kind), array)
        return array.view(pa.uint32() if kind == pa.float32() else pa.uint64())
    if pa.types.is_timestamp(kind):
        assert kind.unit == "us" and (kind.tz is None) == (column.kind == "timestamp"), kind
        return array.view(pa.int64())
    if pa.types.is_time(kind):
        assert kind == pa.time64("us"), kind
        return array.view(pa.int64())
    if pa.types.is_date(kind):
        return array.view(pa.int32())
    if pa.types.is_string(kind) or pa.types.is_fixed_size_binary(kind):
        return array.cast(pa.binary())
    return array


def first_difference(column, lines):
    """Where a reader's lines leave the expected ones, in words."""
    for row, (want, got) in enumerate(itertools.zip_longest(column.lines, lines)):
        if want != got:
            return "row %d: %.80s instead of %.80s" % (row, got, want)
    return "no difference in the lines"


class Case:
    """One file of the matrix."""

    def __init__(self, name, path, columns):
        self.name, self.path, self.columns = name, path, columns

    def __repr__(self):
        return self.name

    @property
    def is_compat(self):
        return "compat" in self.name


def load_columns(path):
    return [Column(facts) for facts in json.loads(path.read_text())["columns"]]


class Matrix:
    """Writes the files once; cases of the same rows share what is expected."""

    def __init__(self, folder):
        self.folder = folder
        self.expected = {}
        assert FIXTURE.exists(), "%s is missing: build the target parquet_fixture" % FIXTURE
        full = [self.write("%d%%-%s-%s" % (nulls, codec, profile), ROWS, nulls, codec, profile)
                for nulls, codec, profile in itertools.product((0, 30, 100), CODECS, PROFILES)]
        # Several row groups and many small pages; helper threads in one of them.
        self.cut = [self.write("cut-%s" % profile, CUT_ROWS, 10, "zstd", profile, threads=i, limits=(4, 4))
                    for i, profile in enumerate(PROFILES)]
        self.cases = full + self.cut

    def portable(self):
        """What `types: portable` may hold, for readers that refuse whole files with TIME or UUID."""
        return [self.write("portable-%d%%-%s-%s" % (nulls, codec, profile), ROWS, nulls, codec, profile, columns=PORTABLE)
                for nulls, codec, profile in itertools.product((0, 30), CODECS, PROFILES)]

    def write(self, name, rows, nulls, codec, profile, columns=WITH_EDGES, threads=0, limits=()):
        folder = self.folder / name
        folder.mkdir()
        subprocess.run([FIXTURE, *map(str, (folder, rows, nulls, columns, codec, profile, threads, 0, 0, *limits))],
                       check=True)
        key = rows, nulls, columns
        if key not in self.expected:
            self.expected[key] = load_columns(folder / "expected.json")
        (folder / "expected.json").unlink()
        return Case(name, folder / "data-0.parquet", self.expected[key])
