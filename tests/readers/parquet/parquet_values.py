"""Canonical forms of values, the same for expected.json and for every reader.

None is NULL; numbers are decimal digits (decimals unscaled), floats the hex digits of their bits,
bytes, uuids and text the hex digits of their bytes; a list is a list of those.
"""

import datetime
import decimal
import json
import struct
import uuid

CODECS = ["none", "zstd", "snappy", "gzip", "lz4"]
PROFILES = ["compat", "modern"]
# NULL percent, codec, profile: every pair of codec and profile, and the extremes of NULL.
MATRIX = [(30, codec, profile) for codec in CODECS for profile in PROFILES]
MATRIX += [(nulls, "zstd", profile) for nulls in (0, 100) for profile in PROFILES]

EPOCH = datetime.datetime(1970, 1, 1)
EPOCH_DATE = datetime.date(1970, 1, 1)
MICROSECOND = datetime.timedelta(microseconds=1)
DECIMALS = decimal.Context(prec=80)


def expected_columns(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)["columns"]


def canonical(value, column):
    """One value as a reader gives it."""
    if value is None:
        return None
    if isinstance(value, list):
        return [canonical(item, column) for item in value]
    kind = column["kind"]
    if kind in ("float", "double"):
        return struct.pack("<f" if kind == "float" else "<d", value).hex()
    if kind == "decimal":
        return str(int(decimal.Decimal(value).scaleb(column["scale"], DECIMALS)))
    if kind in ("text", "json"):
        return value.encode().hex() if isinstance(value, str) else bytes(value).hex()
    if kind == "uuid":
        return value.bytes.hex() if isinstance(value, uuid.UUID) else bytes(value).hex()
    if kind == "binary":
        return bytes(value).hex()
    if kind == "date":
        return str((value - EPOCH_DATE).days)
    if kind == "time":
        return str(
            ((value.hour * 60 + value.minute) * 60 + value.second) * 1_000_000 + value.microsecond
        )
    if kind in ("timestamp", "timestamptz"):
        return str((value.replace(tzinfo=None) - EPOCH) // MICROSECOND)
    return str(int(value))


def is_nan(text, kind):
    if text is None or kind not in ("float", "double"):
        return False
    bits = bytes.fromhex(text)
    number = struct.unpack("<f" if kind == "float" else "<d", bits)[0]
    return number != number


def assert_equal_columns(name, want, got, kind):
    """Cell by cell; two NaN are equal whatever their payload, which readers may change."""
    assert len(want) == len(got), f"{name}: {len(got)} rows instead of {len(want)}"
    for row, (a, b) in enumerate(zip(want, got)):
        if a != b and not (
            isinstance(a, str) and isinstance(b, str) and is_nan(a, kind) and is_nan(b, kind)
        ):
            if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
                assert_equal_columns(f"{name}[{row}]", a, b, kind)
            else:
                raise AssertionError(f"{name}, row {row}: {b} instead of {a}")
