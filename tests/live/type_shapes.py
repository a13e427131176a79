"""What a value must look like in a file, derived from what the server says about it.

A Shape is one representation in Parquet: its annotation, and the raw cell (type_reading.raw_cells) of a
Server value. The csv_* functions give the text of a CSV cell. All from spec/types.md §1, §4.
"""

import dataclasses
import decimal
import re
import struct
import uuid
from typing import Callable

EPOCH_2000_DAYS = 10957
EPOCH_2000_US = EPOCH_2000_DAYS * 86_400_000_000


@dataclasses.dataclass(frozen=True)
class Shape:
    annotation: str
    cell: Callable  # Server -> raw cell

    def same(self, got, server):
        """Whether the raw cell got is the server's value."""
        return got == self.cell(server) and type(got) is type(self.cell(server))


class DecimalShape(Shape):
    """Digits and scale as the server prints them."""

    def same(self, got, server):
        return isinstance(got, decimal.Decimal) and format(got, "f") == server.text


def integer(server):
    return int.from_bytes(server.sent, "big", signed=True)


def decimal_bytes(precision):
    """Smallest signed width of that many digits."""
    return ((10 ** precision).bit_length() + 8) // 8


def DECIMAL(precision, scale):
    physical = "INT32" if precision <= 9 else "INT64" if precision <= 18 else (
        f"FIXED_LEN_BYTE_ARRAY({decimal_bytes(precision)})")
    return DecimalShape(f"{physical} Decimal({precision},{scale})", None)


BOOLEAN = Shape("BOOLEAN", lambda v: {"t": True, "f": False}[v.text])
INT16 = Shape("INT32 Int(16,signed)", lambda v: int(v.text))
INT32 = Shape("INT32", lambda v: int(v.text))
INT64 = Shape("INT64", lambda v: int(v.text))
UINT64 = Shape("INT64 Int(64,unsigned)", lambda v: int(v.text))
FLOAT = Shape("FLOAT", integer)
DOUBLE = Shape("DOUBLE", integer)
DATE = Shape("INT32 Date", lambda v: integer(v) + EPOCH_2000_DAYS)
TIME = Shape("INT64 Time(local)", integer)
TIMESTAMP = Shape("INT64 Timestamp(local)", lambda v: integer(v) + EPOCH_2000_US)
TIMESTAMPTZ = Shape("INT64 Timestamp(UTC)", lambda v: integer(v) + EPOCH_2000_US)
TEXT = Shape("BYTE_ARRAY String", lambda v: v.text)
JSON = Shape("BYTE_ARRAY JSON", lambda v: v.text)
BINARY = Shape("BYTE_ARRAY", lambda v: v.sent)
UUID = Shape("FIXED_LEN_BYTE_ARRAY(16) UUID", lambda v: v.sent)


# ---- text forms that are not the server's own ----

def time_text(server):
    """HH:MM:SS[.ffffff]: six digits when there is a fraction."""
    whole, dot, fraction = server.text.partition(".")
    return whole + dot + fraction.ljust(6, "0") if dot else whole


def char_text(server):
    """"char": servers before 16 print a raw byte where newer ones print octal; 0 is the empty text."""
    (byte,) = server.sent
    return "" if byte == 0 else chr(byte) if byte < 0x80 else f"\\{byte:03o}"


TIME_TEXT = Shape("BYTE_ARRAY String", time_text)
CHAR_TEXT = Shape("BYTE_ARRAY String", char_text)


# ---- CSV ----

def csv_text(server):
    return server.text


def csv_bool(server):
    return {"t": "true", "f": "false"}[server.text]


def plain_number(text):
    """Never an exponent, no trailing '.0'."""
    word = {"nan": "NaN", "infinity": "inf", "-infinity": "-inf", "inf": "inf", "-inf": "-inf"}.get(text.lower())
    if word:
        return word
    text = format(decimal.Decimal(text), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def csv_float4(server):
    """Fewest digits that read back equal; the server prints one more where they lie on the very edge."""
    (value,) = struct.unpack(">f", server.sent)
    if value != value or value in (float("inf"), float("-inf")):
        return plain_number(repr(value))
    texts = (f"{value:.{digits}e}" for digits in range(9))
    return plain_number(next(text for text in texts if as_float4(text) == server.sent))


def as_float4(text):
    try:
        return struct.pack(">f", float(text))
    except OverflowError:  # rounded up beyond the largest
        return b""


def csv_float8(server):
    """As csv_float4; Python's own repr does it for doubles (1e23)."""
    return plain_number(repr(struct.unpack(">d", server.sent)[0]))


def csv_bytea(server):
    assert server.text.startswith("\\x")
    return server.text[2:]


def iso_date(text):
    """The server's '4713-01-01 BC' with the astronomical, signed year of ISO 8601."""
    year, rest = re.fullmatch(r"(\d+)(-\d\d-\d\d)(?: BC)?", text).groups()
    year = 1 - int(year) if text.endswith(" BC") else int(year)
    sign = "-" if year < 0 else "+" if year > 9999 else ""
    return f"{sign}{abs(year):04d}{rest}"


def csv_date(server):
    return iso_date(server.text)


def csv_timestamp(server):
    date, time, fraction, zone, era = re.fullmatch(
        r"(\S+) (\d\d:\d\d:\d\d)(?:\.(\d+))?(\+00)?( BC)?", server.text).groups("")
    return f"{iso_date(date + era)}T{time}.{fraction.ljust(6, '0')}" + ("Z" if zone else "")


# ---- the target of an override, as a type of the server ----

def float_bits(value, is_double):
    return int.from_bytes(struct.pack(">d" if is_double else ">f", value), "big", signed=True)


def duckdb_form(shape, cell):
    """DuckDB's Python cell in the form of raw_cells."""
    if cell is None:
        return None
    if shape.annotation in ("FLOAT", "DOUBLE"):
        return float_bits(cell, shape.annotation == "DOUBLE")
    if shape.annotation.endswith("UUID"):
        return uuid.UUID(cell).bytes
    return cell
