"""The columns of the type matrix: every PostgreSQL type of spec/types.md §1, with its extremes.

Each row is a column of one wide table: a type, the SQL of its values (NULL is added to all), how it looks
in Parquet (portable and native) and in CSV. The same values make the array columns.
"""

import dataclasses
from typing import Callable, Optional

from type_shapes import *  # noqa: F403 - the vocabulary of the table below

ALL = frozenset({"portable", "native", "csv"})


@dataclasses.dataclass(frozen=True)
class TypeCase:
    name: str
    sql: str
    values: tuple
    portable: "Shape"
    native: Optional["Shape"] = None  # as portable
    csv: Callable = csv_text
    send: Optional[str] = None  # send function, where the shape needs the binary form
    bare: bool = False  # JSON number or boolean in a CSV list
    formats: frozenset = ALL  # others refuse a value of this column: see type_refusals
    lists: bool = True
    in_duckdb: bool = True
    since: int = 120000  # server version

    def shape(self, form):
        return self.native if form == "native" and self.native else self.portable

    def csv_or_cell(self, form, server):
        return self.csv(server) if form == "csv" else self.shape(form).cell(server)


def literals(*texts):
    return tuple("'" + text.replace("'", "''") + "'" for text in texts)


TEXTS = literals(
    "", " ", "a", "NULL", "null", "\\N", "\\.", '"', '""', "'", ",", ";", "a,b", "a\nb", "a\rb", "a\r\nb", "\n", "\t",
    "\\", "\\x00", "{a,b}", "[1]", "\x01\x1f\x7f", "ünïcödé", "日本語", "\U0001f600\U0010ffff", "e\u0301\u2028\ufeff",
    "  blanks around  ") + ("repeat('long ☃ ', 40000)",)

FLOAT4 = literals("0", "-0", "NaN", "Infinity", "-Infinity", "3.4028235e38", "-3.4028235e38", "1.17549435e-38", "1e-45",
                  "-1e-45", "0.1", "16777216", "16777217", "-33554434", "1e10", "123456.7", "3.1415927", "1.5", "9.999999e9")
FLOAT8 = literals("0", "-0", "NaN", "Infinity", "-Infinity", "1.7976931348623157e308", "-1.7976931348623157e308",
                  "2.2250738585072014e-308", "5e-324", "-5e-324", "0.1", "9007199254740991", "9007199254740993",
                  "-9007199254740994", "1e21", "1e22", "1e23", "123456789012345680", "3.141592653589793", "1e-7", "87", "95.5")

DATES = literals("4714-11-24 BC", "4713-01-01 BC", "0101-12-31 BC", "0001-02-29 BC", "0001-12-31 BC", "0001-01-01",
                 "1582-10-04", "1582-10-15", "1899-12-31", "1969-12-31", "1970-01-01", "1970-01-02", "2000-02-29",
                 "2100-02-28", "9999-12-31", "10000-01-01", "99999-06-15", "5874897-12-31")
TIMES = literals("00:00:00", "00:00:00.000001", "12:34:56", "12:34:56.5", "23:59:59.999999")
TIMESTAMPS = ("4714-11-24 00:00:00 BC", "4713-01-01 00:00:00.000001 BC", "0001-02-29 12:00:00.1 BC", "0001-12-31 23:59:59.999999 BC",
              "0001-01-01 00:00:00", "1582-10-15 00:00:00", "1899-12-31 23:59:59.999999", "1969-12-31 23:59:59",
              "1969-12-31 23:59:59.5", "1969-12-31 23:59:59.999999", "1965-03-04 05:06:07.000001", "1970-01-01 00:00:00",
              "1970-01-01 00:00:00.000001", "1999-12-31 23:59:59.999999", "2000-01-01 00:00:00", "2016-12-31 23:59:60",
              "2024-02-29 24:00:00", "2262-04-11 23:47:16.854776", "9999-12-31 23:59:59.999999", "10000-01-01 00:00:00",
              "294247-01-10 04:00:54.775806")
LAST_US = ("294247-01-10 04:00:54.775807",)  # INT64_MAX, which DuckDB takes for infinity
TOO_LATE = ("294247-01-10 04:00:54.775808", "294276-12-31 23:59:59.999999")
ZONED = ("2024-03-31 02:30:00.25+02", "1969-12-31 19:00:00-05", "0001-01-01 00:00:00+15:59 BC", "2024-01-01 00:00:00-15:59:59")


def at_utc(texts):
    return tuple(text.replace(" BC", "+00 BC") if text.endswith(" BC") else text + "+00" for text in texts)


MICROSECOND_ENDS = ("make_interval(secs => 1)", "interval '2562047788:00:54.775807'", "interval '-2562047788:00:54.775807'")
INTERVALS = literals("0", "1 year 2 months 3 days 04:05:06.7", "-1 year", "-1 month +2 days -03:04:05.000001", "-00:00:00.5",
                     "00:00:00.000001", "1 year -1 day", "14 months", "-25 months", "178000000 years", "-178000000 years",
                     "2147483647 days", "-2147483648 days", "100:00:00", "-0.1 s", "1 day -0.25 s") + MICROSECOND_ENDS

JSONS = literals("null", "true", '"x"', '""', "1e400", "-0", "1.10", "12345678901234567890.123456789", "[]", "{}",
                 '{ "b" : 1, "a":[1, 2 ,{"c":null}], "b" : 2 }', '"\\u00e9 \\ud83d\\ude00 \\n"', '{"k": "ü\\"\\\\ ☃"}',
                 ' [1,\n2] ') + ("('[' || repeat('{\"k\": [1, null, \"é\"]}, ', 20000) || '0]')",)
BYTES = literals("\\x", "\\x00", "\\xff", "\\x00ffab", "\\x5c78", "\\x0a0d2c22", "\\xc3a9", "\\xc328") + (
    "decode(repeat('00ff80', 100000), 'hex')",)

NUMERICS = literals("0", "0.00", "-0.00", "1", "1.10", "-1.10", "10000", "9999", "10000.0001", "0.0001", "0.00001", "1e-10",
                    "12345678901234567890.123456789012345678901234567890", "NaN", "100000000", "0.1000", "1e100") + (
    "repeat('9', 131072)::numeric", "(repeat('9', 131072) || '.' || repeat('8', 16383))::numeric",
    "('-1' || repeat('0', 131071))::numeric", "('0.' || repeat('0', 16382) || '1')::numeric")


def decimal_case(precision, scale, since=120000):
    """numeric(p,s) at both ends, and whatever small values its scale has."""
    digits, places = (precision - scale, 0) if scale < 0 else (max(precision, scale), scale)
    zeros = "0" * -scale if scale < 0 else ""
    ends = "9" * precision + zeros if scale <= 0 else f"{'9' * precision}e-{scale}"
    unit = "1" + zeros if scale <= 0 else f"1e-{scale}"
    shape = DECIMAL(digits, places) if digits <= 38 else TEXT
    return TypeCase(f"numeric_{precision}_{scale}".replace("-", "m"), f"numeric({precision},{scale})",
                    literals("0", ends, "-" + ends, unit, "-" + unit), shape, bare=digits <= 38, since=since)


DECIMALS = [decimal_case(precision, 0) for precision in (1, 4, 9, 10, 18, 19, 21, 22, 23, 24, 26, 27, 28, 29, 31, 32, 33, 34, 35, 36, 38, 39, 1000)]
DECIMALS += [decimal_case(*sizes) for sizes in ((9, 2), (9, 9), (10, 2), (18, 6), (18, 18), (19, 4), (38, 10), (38, 38), (39, 10), (1000, 500))]
DECIMALS += [decimal_case(*sizes, since=150000) for sizes in (
    (3, -2), (9, -9), (16, -2), (17, -2), (36, -2), (37, -2), (2, -1000), (3, 5), (1, 9), (2, 10), (5, 18), (1, 38), (1, 39), (10, 1000))]


CASES = [
    TypeCase("bool", "bool", ("true", "false"), BOOLEAN, csv=csv_bool, bare=True),
    TypeCase("int2", "int2", ("0", "-32768", "32767", "-1"), INT16, bare=True),
    TypeCase("int4", "int4", ("0", "-2147483648", "2147483647", "-1"), INT32, bare=True),
    TypeCase("int8", "int8", ("0", "-9223372036854775808", "9223372036854775807", "-1", "9007199254740993"), INT64, bare=True),
    TypeCase("oid", "oid", ("0", "4294967295", "2147483648"), INT64, bare=True),
    TypeCase("xid", "xid", literals("0", "4294967295", "2147483648"), INT64, bare=True),
    TypeCase("float4", "float4", FLOAT4, FLOAT, csv=csv_float4, send="float4send", bare=True),
    TypeCase("float8", "float8", FLOAT8, DOUBLE, csv=csv_float8, send="float8send", bare=True),
    *DECIMALS,
    TypeCase("numeric", "numeric", NUMERICS, TEXT),
    TypeCase("numeric_infinite", "numeric", literals("Infinity", "-Infinity"), TEXT, since=140000),
    TypeCase("numeric_nan", "numeric(10,2)", literals("NaN", "1.50"), TEXT, formats=frozenset({"csv"}), lists=False),
    TypeCase("date", "date", DATES, DATE, csv=csv_date, send="date_send"),
    TypeCase("time", "time", TIMES, TIME_TEXT, TIME, csv=time_text, send="time_send"),
    TypeCase("time_3", "time(3)", literals("12:34:56.7894", "23:59:59.999"), TIME_TEXT, TIME, csv=time_text, send="time_send"),
    TypeCase("time_24", "time", literals("24:00:00"), TIME_TEXT, csv=time_text, formats=frozenset({"portable", "csv"})),
    TypeCase("timestamp", "timestamp", literals(*TIMESTAMPS), TIMESTAMP, csv=csv_timestamp, send="timestamp_send"),
    TypeCase("timestamp_3", "timestamp(3)", literals("1969-12-31 23:59:59.9994", "2024-01-01 00:00:00.0006"), TIMESTAMP, csv=csv_timestamp, send="timestamp_send"),
    TypeCase("timestamptz", "timestamptz", literals(*at_utc(TIMESTAMPS), *ZONED), TIMESTAMPTZ, csv=csv_timestamp, send="timestamptz_send"),
    TypeCase("timestamp_last", "timestamp", literals(*LAST_US), TIMESTAMP, csv=csv_timestamp, send="timestamp_send", in_duckdb=False),
    TypeCase("timestamptz_last", "timestamptz", literals(*at_utc(LAST_US)), TIMESTAMPTZ, csv=csv_timestamp, send="timestamptz_send", in_duckdb=False),
    TypeCase("timestamp_late", "timestamp", literals(*TOO_LATE), None, csv=csv_timestamp, formats=frozenset({"csv"})),
    TypeCase("timestamptz_late", "timestamptz", literals(*at_utc(TOO_LATE)), None, csv=csv_timestamp, formats=frozenset({"csv"})),
    TypeCase("timetz", "timetz", literals("00:00:00+00", "00:00:00+15:59:59", "24:00:00-15:59:59", "23:59:59.999999-03:30", "12:00:00.5+05:45"), TEXT),
    TypeCase("interval", "interval", INTERVALS, TEXT),
    TypeCase("interval_month", "interval year to month", literals("1 year 2 months", "-3 months"), TEXT),
    TypeCase("text", "text", TEXTS, TEXT),
    TypeCase("varchar", "varchar", TEXTS, TEXT),
    TypeCase("varchar_5", "varchar(5)", literals("", "abcde", "é☃日本\U0001f600"), TEXT),
    TypeCase("bpchar", "char(5)", literals("", "ab", "abcde", "é"), TEXT),
    TypeCase("bpchar_bare", "bpchar", literals("", "ab  "), TEXT),
    TypeCase("name", "name", literals("", "n" * 63, "Mixed Case", "ü"), TEXT),
    TypeCase("char_one", '"char"', ("''", "'a'", "'\"'", "127::\"char\"", "1::\"char\"", "(-128)::\"char\"", "(-1)::\"char\""), CHAR_TEXT, csv=char_text, send="charsend"),
    TypeCase("xml", "xml", literals("<a>ü &lt; \"q\"</a>", "text", '<?xml version="1.1" standalone="yes"?><a/>', "<a/><b/>"), TEXT),
    TypeCase("json", "json", JSONS, TEXT, JSON),
    TypeCase("jsonb", "jsonb", JSONS, TEXT, JSON),
    TypeCase("uuid", "uuid", literals("00000000-0000-0000-0000-000000000000", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF", "a0eebc999c0b4ef8bb6d6bb9bd380a11"), TEXT, UUID, send="uuid_send"),
    TypeCase("bytea", "bytea", BYTES, BINARY, csv=csv_bytea, send="byteasend"),
    # Enums, domains, composites: created by SETUP.
    TypeCase("mood", "mood", literals("sad", 'very "happy"', "it's, so", "", "ünsure", "l" * 63), TEXT),
    TypeCase("domain_int", "positive", ("1", "2147483647"), INT32, bare=True),
    TypeCase("domain_decimal", "price", literals("0.00", "9999999.99", "-9999999.99"), DECIMAL(9, 2), bare=True),
    TypeCase("domain_of_domain", "low_price", literals("0.00", "-9999999.99"), DECIMAL(9, 2), bare=True),
    TypeCase("domain_text", "label", literals("", "ü,\n"), TEXT),
    TypeCase("domain_enum", "calm_mood", literals("sad", ""), TEXT),
    TypeCase("domain_uuid", "key", literals("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"), TEXT, UUID, send="uuid_send"),
    TypeCase("domain_timestamp", "moment", literals(*TIMESTAMPS[:4]), TIMESTAMP, csv=csv_timestamp, send="timestamp_send"),
    TypeCase("domain_inet", "address", literals("10.0.0.1"), TEXT),
    TypeCase("composite", "pair", literals("(1,)", '(-1,"a,b ""q"" ü")', "(,)"), TEXT),
    TypeCase("composite_nested", "nest", literals('("(1,x)","{a,NULL}","2024-01-02 03:04:05.5+00","1 year -2 days")'), TEXT),
    # Read as the server's text.
    TypeCase("inet", "inet", literals("192.168.0.1", "10.0.0.0/8", "::1", "fe80::1/64", "0.0.0.0/0", "255.255.255.255"), TEXT),
    TypeCase("cidr", "cidr", literals("192.168.0.1/32", "10.0.0.0/8", "::/0"), TEXT),
    TypeCase("macaddr", "macaddr", literals("08:00:2b:01:02:03", "ff:ff:ff:ff:ff:ff"), TEXT),
    TypeCase("macaddr8", "macaddr8", literals("08:00:2b:01:02:03:04:05"), TEXT),
    TypeCase("money", "money", literals("0", "-92233720368547758.08", "92233720368547758.07", "1234.56"), TEXT),
    TypeCase("bit", "bit(3)", ("b'000'", "b'101'"), TEXT),
    TypeCase("bit_1", "bit(1)", ("b'0'", "b'1'"), TEXT),
    TypeCase("varbit", "varbit", ("b''", "b'1'", "repeat('10', 5000)::varbit"), TEXT),
    TypeCase("tsvector", "tsvector", literals("", "fat:2A,4 rat:3 'it''s':1"), TEXT),
    TypeCase("tsquery", "tsquery", literals("fat & (rat | cat)", ""), TEXT),
    TypeCase("int4range", "int4range", literals("empty", "(,)", "[1,5)", "[-2147483648,2147483647)"), TEXT),
    TypeCase("int8range", "int8range", literals("[1,)", "empty"), TEXT),
    TypeCase("numrange", "numrange", literals("[1.10,NaN]", "(,0.00]"), TEXT),
    TypeCase("daterange", "daterange", literals("[2024-01-01,infinity]", "[4713-01-01 BC,)"), TEXT),
    TypeCase("tsrange", "tsrange", literals('["2024-01-02 03:04:05.5",)', "[-infinity,infinity]"), TEXT),
    TypeCase("tstzrange", "tstzrange", literals('["2024-01-02 03:04:05+02","2024-01-03 00:00:00-05")'), TEXT),
    TypeCase("int4multirange", "int4multirange", literals("{}", "{[1,3),[5,7)}"), TEXT, since=140000),
    TypeCase("point", "point", literals("(0.1,-1e300)", "(NaN,Infinity)"), TEXT),
    TypeCase("line", "line", literals("{1,-2,3}"), TEXT),
    TypeCase("lseg", "lseg", literals("[(0,0),(1,1.5)]"), TEXT),
    TypeCase("box", "box", literals("(1,1),(0,0)"), TEXT, lists=False),  # its arrays are delimited by ';'
    TypeCase("path", "path", literals("[(0,0),(1,1)]", "((0,0),(1,1))"), TEXT),
    TypeCase("polygon", "polygon", literals("((0,0),(1,1),(2,0))"), TEXT),
    TypeCase("circle", "circle", literals("<(0,0),1e-5>"), TEXT),
    TypeCase("pg_lsn", "pg_lsn", literals("0/0", "FFFFFFFF/FFFFFFFF"), TEXT),
    TypeCase("xid8", "xid8", literals("0", "18446744073709551615"), TEXT, since=130000),
    TypeCase("cid", "cid", literals("0", "4294967295"), TEXT),
    TypeCase("tid", "tid", literals("(0,0)", "(4294967295,65535)"), TEXT),
    TypeCase("snapshot", "txid_snapshot", literals("10:20:10,14,15"), TEXT),
    TypeCase("jsonpath", "jsonpath", literals('$."a"[*] ? (@ > 1)'), TEXT),
    TypeCase("regtype", "regtype", literals("int4", "_text"), TEXT),
    TypeCase("int2vector", "int2vector", literals("", "1 2 -3"), TEXT, lists=False),
    TypeCase("oidvector", "oidvector", literals("", "1 4294967295"), TEXT, lists=False),
    TypeCase("refcursor", "refcursor", literals("c ü", ""), TEXT),
]

# Extensions that may be missing on a server; each with its columns.
EXTENSIONS = {
    "citext": [TypeCase("citext", "citext", TEXTS, TEXT)],
    "hstore": [TypeCase("hstore", "hstore", literals("", 'a=>1, "b c"=>"x\\"y", n=>NULL'), TEXT)],
    "ltree": [TypeCase("ltree", "ltree", literals("", "Top.Science.Astronomy"), TEXT),
              TypeCase("lquery", "lquery", literals("Top.*{1,2}.a|b"), TEXT),
              TypeCase("ltxtquery", "ltxtquery", literals("a & !b"), TEXT)],
    "cube": [TypeCase("cube", "cube", literals("(1,2),(3,4)"), TEXT)],
    "isn": [TypeCase("isbn", "isbn", literals("0-306-40615-2"), TEXT)],
}

SETUP = """
create type mood as enum ('sad', 'very "happy"', 'it''s, so', '', 'ünsure', '%s');
create domain positive as int4 check (value > 0);
create domain price as numeric(9,2);
create domain low_price as price check (value < 100);
create domain label as text;
create domain calm_mood as mood;
create domain key as uuid;
create domain moment as timestamp;
create domain address as inet;
create type pair as (number int, word text);
create type nest as (inside pair, words text[], at timestamptz, lasting interval);
""" % ("l" * 63)
