"""What every type of MySQL and MariaDB must look like in a file: spec/types.md §2, §4.

A value is written as SQL; its truth is what the server itself prints for the column (or for the
expression `truth` over it), never what we sent.
"""

import dataclasses
import datetime
import decimal
import struct
from typing import Callable

import type_shapes
from type_shapes import Shape

EPOCH = datetime.date(1970, 1, 1)
US_PER_DAY = 86_400_000_000


# ---- cells from the server's text ----

def is_zero_date(text):
    return "00" in text[5:10].split("-")


def days(text):
    return None if is_zero_date(text) else (datetime.date.fromisoformat(text) - EPOCH).days


def time_us(text):
    sign = -1 if text.startswith("-") else 1
    clock, _, fraction = text.lstrip("-").partition(".")
    hours, minutes, seconds = map(int, clock.split(":"))
    return sign * (((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + int(fraction.ljust(6, "0") or 0))


def timestamp_us(text):
    date, _, clock = text.partition(" ")
    return None if is_zero_date(date) else days(date) * US_PER_DAY + time_us(clock)


def time_text(text):
    """Six digits or none, in every format, so that the row hash does not depend on `types`."""
    whole, _, fraction = text.partition(".")
    return f"{whole}.{fraction.ljust(6, '0')}" if fraction.strip("0") else whole


def timestamp_csv(zone):
    def write(text):
        if is_zero_date(text):
            return None
        date, _, clock = text.partition(" ")
        clock, _, fraction = clock.partition(".")
        return f"{date}T{clock}.{fraction.ljust(6, '0')}{zone}"
    return write


def bits_of(form):
    return lambda text: int.from_bytes(struct.pack(form, float(text)), "little", signed=True)


def as_float(text):
    try:
        return struct.pack("<f", float(text))
    except OverflowError:  # rounded up beyond the largest
        return b""


def shortest_float(text):
    texts = (f"{float(text):.{digits}e}" for digits in range(9))
    return type_shapes.plain_number(next(t for t in texts if as_float(t) == as_float(text)))


def shortest_double(text):
    return type_shapes.plain_number(repr(float(text)))


def plain(text):
    return text


def signed_zeros_off(text):
    return str(int(text))


def hex_bytes(text):
    return bytes.fromhex(text)


class DecimalShape(Shape):
    def same(self, got, text):
        return isinstance(got, decimal.Decimal) and got == decimal.Decimal(text) and -got.as_tuple().exponent == int(
            self.annotation.rstrip(")").split(",")[1])


class TextShape(Shape):
    def same(self, got, text):
        return got == self.cell(text)


class ExactShape(Shape):
    def same(self, got, text):
        want = self.cell(text)
        return got == want and type(got) is type(want)


def DECIMAL(precision, scale):
    return DecimalShape(type_shapes.DECIMAL(precision, scale).annotation, None)


BOOLEAN = ExactShape("BOOLEAN", lambda text: text == "1")
INT8 = ExactShape("INT32 Int(8,signed)", int)
INT16 = ExactShape("INT32 Int(16,signed)", int)
INT32 = ExactShape("INT32", int)
INT64 = ExactShape("INT64", int)
UINT8 = ExactShape("INT32 Int(8,unsigned)", int)
UINT16 = ExactShape("INT32 Int(16,unsigned)", int)
UINT32 = ExactShape("INT32 Int(32,unsigned)", int)
UINT64 = ExactShape("INT64 Int(64,unsigned)", int)
FLOAT = ExactShape("FLOAT", bits_of("<f"))
DOUBLE = ExactShape("DOUBLE", bits_of("<d"))
DATE = ExactShape("INT32 Date", days)
TIME = ExactShape("INT64 Time(local)", time_us)
TIME_TEXT = TextShape("BYTE_ARRAY String", time_text)
TIMESTAMP = ExactShape("INT64 Timestamp(local)", timestamp_us)
TIMESTAMPTZ = ExactShape("INT64 Timestamp(UTC)", timestamp_us)
TEXT = TextShape("BYTE_ARRAY String", plain)
JSON = TextShape("BYTE_ARRAY JSON", plain)
BINARY = ExactShape("BYTE_ARRAY", hex_bytes)


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    sql: str
    values: tuple
    portable: Shape
    native: Shape = None
    csv: Callable = plain
    truth: str = "{}"
    only: str = None          # "mariadb" or "mysql"
    forms: tuple = ("portable", "native", "csv")

    def shape(self, form):
        return self.native if form == "native" and self.native else self.portable


def integer(name, sql, low, high, portable, native=None):
    return Case(name, sql, (str(low), str(high), "0", "1"), portable, native)


def word(name, sql, values, **more):
    return Case(name, sql, tuple(values), TEXT, **more)


def raw(name, sql, values, **more):
    return Case(name, sql, tuple(values), BINARY, csv=str.lower, truth="hex({})", **more)


DAY = ("'00:00:00'", "'23:59:59.999999'", "'12:30:45.5'")
FAR_TIMES = ("'838:59:59'", "'-838:59:59'", "'-00:00:00.5'", "'00:00:00'", "'24:00:00'", "'100:00:00.000001'")
DATES = ("'1000-01-01'", "'9999-12-31'", "'1969-12-31'", "'1970-01-01'", "'2024-02-29'", "'1900-02-28'",
         "'0000-00-00'", "'2024-00-00'", "'2024-05-00'", "'0001-01-01'")
DATETIMES = ("'1000-01-01 00:00:00'", "'9999-12-31 23:59:59.999999'", "'1969-12-31 23:59:59.999999'",
             "'2024-02-29 12:30:45.123456'", "'0000-00-00 00:00:00'", "'2024-05-00 01:02:03'")
TIMESTAMPS = ("'1970-01-01 00:00:01'", "'2038-01-19 03:14:07'", "'2024-02-29 12:30:45.123456'", "'0000-00-00 00:00:00'")
UNICODE = ("''", "'plain'", "'Grüße, €, 日本語, 😀'", "'a\\\\b\"c''d\\n,\\te'", "' padded '")
BYTES = ("''", "x'00'", "x'00ff80c328'", "'plain'")

CASES = [
    integer("tiny", "tinyint", -128, 127, INT16, INT8),
    integer("tiny1", "tinyint(1)", -128, 127, INT16, INT8),
    integer("small", "smallint", -32768, 32767, INT16),
    integer("medium", "mediumint", -8388608, 8388607, INT32),
    integer("int", "int", -2147483648, 2147483647, INT32),
    integer("big", "bigint", -2**63, 2**63 - 1, INT64),
    integer("utiny", "tinyint unsigned", 0, 255, INT32, UINT8),
    integer("usmall", "smallint unsigned", 0, 65535, INT32, UINT16),
    integer("umedium", "mediumint unsigned", 0, 16777215, INT64, UINT32),
    integer("uint", "int unsigned", 0, 2**32 - 1, INT64, UINT32),
    integer("ubig", "bigint unsigned", 0, 2**64 - 1, DECIMAL(20, 0), UINT64),
    Case("zerofill", "int(10) unsigned zerofill", ("0", "42"), INT64, UINT32, csv=signed_zeros_off),
    Case("year", "year", ("1901", "2155", "0"), INT16, csv=signed_zeros_off),
    Case("dec9", "decimal(9,2)", ("-9999999.99", "9999999.99", "0", "-0.01"), DECIMAL(9, 2)),
    Case("dec9_0", "decimal(9,0)", ("-999999999", "999999999"), DECIMAL(9, 0)),
    Case("dec10", "decimal(10,5)", ("-99999.99999", "99999.99999"), DECIMAL(10, 5)),
    Case("dec18", "decimal(18,18)", ("-0.999999999999999999", "0.999999999999999999"), DECIMAL(18, 18)),
    Case("dec19", "decimal(19,4)", ("-999999999999999.9999", "999999999999999.9999"), DECIMAL(19, 4)),
    Case("dec38", "decimal(38,10)", ("-" + "9" * 28 + "." + "9" * 10, "9" * 28 + "." + "9" * 10, "1.5"), DECIMAL(38, 10)),
    Case("dec39", "decimal(39,0)", ("9" * 39, "-1"), TEXT),
    Case("dec65", "decimal(65,30)", ("-" + "9" * 35 + "." + "9" * 30, "9" * 35 + "." + "9" * 30, "0"), TEXT),
    Case("udec", "decimal(12,3) unsigned", ("0", "999999999.999"), DECIMAL(12, 3)),
    Case("zdec", "decimal(8,2) unsigned zerofill", ("0", "12.5"), DECIMAL(8, 2), csv=lambda t: str(decimal.Decimal(t))),
    Case("float", "float", ("0", "-3.402823466e38", "1.17549e-38", "0.1", "16777217"), FLOAT, csv=shortest_float,
         truth="({} + 0e0)"),
    Case("ufloat", "float(10,3)", ("0.125", "1234567.891"), FLOAT, csv=shortest_float, truth="({} + 0e0)"),
    Case("double", "double", ("0", "-1.7976931348623157e308", "2.2250738585072014e-308", "0.1", "1e23"), DOUBLE,
         csv=shortest_double),
    Case("date", "date", DATES, DATE, csv=lambda text: None if is_zero_date(text) else text),
    Case("datetime", "datetime", DATETIMES, TIMESTAMP, csv=timestamp_csv("")),
    Case("datetime3", "datetime(3)", DATETIMES, TIMESTAMP, csv=timestamp_csv("")),
    Case("datetime6", "datetime(6)", DATETIMES, TIMESTAMP, csv=timestamp_csv("")),
    Case("timestamp", "timestamp null", TIMESTAMPS, TIMESTAMPTZ, csv=timestamp_csv("Z")),
    Case("timestamp6", "timestamp(6) null", TIMESTAMPS, TIMESTAMPTZ, csv=timestamp_csv("Z")),
    Case("time", "time", ("'00:00:00'", "'23:59:59'"), TIME_TEXT, TIME, csv=time_text),
    Case("time6", "time(6)", DAY, TIME_TEXT, TIME, csv=time_text),
    Case("far_time", "time", FAR_TIMES, TIME_TEXT, csv=time_text, forms=("portable", "csv")),
    Case("far_time6", "time(6)", FAR_TIMES + ("'838:59:58.999999'", "'-838:59:58.999999'"), TIME_TEXT, csv=time_text,
         forms=("portable", "csv")),
    Case("bit1", "bit(1)", ("b'0'", "b'1'"), BOOLEAN, csv=lambda t: "true" if t == "1" else "false", truth="({} + 0)"),
    Case("bit2", "bit(2)", ("b'0'", "b'11'"), INT64, truth="({} + 0)"),
    Case("bit8", "bit(8)", ("48", "255"), INT64, truth="({} + 0)"),  # 48 is an ASCII digit
    Case("bit63", "bit(63)", ("0", str(2**63 - 1)), INT64, truth="({} + 0)"),
    Case("bit64", "bit(64)", ("0", str(2**64 - 1), str(2**63)), DECIMAL(20, 0), UINT64, truth="({} + 0)"),
    word("char", "char(40)", UNICODE),
    word("varchar", "varchar(100)", UNICODE),
    word("tinytext", "tinytext", UNICODE),
    word("text", "text", UNICODE + ("repeat('é', 30000)",)),
    word("mediumtext", "mediumtext", UNICODE + ("repeat('ab', 100000)",)),
    word("longtext", "longtext", UNICODE),
    word("enum", "enum('small','größer','')", ("'small'", "'größer'", "''", "1", "'unknown'")),
    word("set", "set('a','b','ü')", ("''", "'a,ü'", "'a,b,ü'")),
    word("mislabelled", "varchar(60) character set latin1",
         ("convert(cast(convert('Grüße €' using utf8mb4) as binary) using latin1)",)),
    raw("binary", "binary(5)", BYTES),
    raw("varbinary", "varbinary(20)", BYTES + ("x'3031'",)),
    raw("tinyblob", "tinyblob", BYTES),
    raw("blob", "blob", BYTES + ("repeat(x'ff', 60000)",)),
    raw("mediumblob", "mediumblob", BYTES),
    raw("longblob", "longblob", BYTES),
    Case("json", "json", ("'{\"a\": [1, 2.50, null, \"é😀\"], \"b\": {}}'", "'[]'", "'\"text\"'", "'12345678901234567890'", "'null'"),
         TEXT, JSON),
    Case("geometry", "geometry",
         ("st_geomfromtext('POINT(1 2)')", "st_geomfromtext('LINESTRING(0 0, 1 1, 2 2)')",
          "st_geomfromtext('GEOMETRYCOLLECTION(POINT(1 2), POLYGON((0 0, 0 1, 1 1, 0 0)))')"),
         BINARY, csv=str.lower, truth="hex(st_aswkb({}))"),
    Case("point", "point", ("st_geomfromtext('POINT(-1.5 2e300)')",), BINARY, csv=str.lower, truth="hex(st_aswkb({}))"),
    Case("srid", "point", ("st_geomfromtext('POINT(10 20)', 4326)",), BINARY, csv=str.lower, only="mysql",
         truth="hex(st_aswkb({}, 'axis-order=long-lat'))"),
    raw("vector", "vector(3)", ("to_vector('[1, -2.5, 3e10]')",), only="mysql"),
    word("uuid", "uuid", ("'00112233-4455-6677-8899-AABBCCDDEEFF'",), only="mariadb"),
    word("inet6", "inet6", ("'2001:db8::ff00:42:8329'", "'::ffff:1.2.3.4'"), only="mariadb"),
    word("inet4", "inet4", ("'1.2.3.4'",), only="mariadb"),
]
# Text of every character set that a server has; what it cannot hold becomes '?', which is then the truth.
SAMPLE = "'Az ä é ß € Ж α ש あ 한 中 ท Ђ ğ ł'"


def charset_cases(server):
    names = [row[0] for row in server.query("select character_set_name from information_schema.character_sets order by 1")]
    return [word(f"cs_{name}", f"varchar(100) character set {name}", (SAMPLE, "'ascii'", "''"))
            for name in names if name not in ("binary", "filename")]
