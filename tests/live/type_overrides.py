"""Overrides of spec/types.md §3: what each source type may become, value by value, and what it may not.

The truth of a converted value is a cast on the server, except where a word has no cast (want).
"""

import dataclasses

from type_shapes import *  # noqa: F403 - the vocabulary of the tables below


@dataclasses.dataclass(frozen=True)
class Target:
    """An override word as a type of the server."""
    sql: str
    shape: "Shape"
    csv: "Callable" = csv_text
    send: str = None


def decimal_target(precision, scale):
    return Target(f"numeric({precision},{scale})", DECIMAL(precision, scale))


TARGETS = {
    "bool": Target("bool", BOOLEAN, csv_bool),
    "int16": Target("int2", INT16),
    "int32": Target("int4", INT32),
    "int64": Target("int8", INT64),
    "uint64": Target("numeric(20,0)", UINT64),
    "float": Target("float4", FLOAT, csv_float4, "float4send"),
    "double": Target("float8", DOUBLE, csv_float8, "float8send"),
    "text": Target("text", TEXT),
    "binary": Target("bytea", BINARY, csv_bytea, "byteasend"),
    "date": Target("date", DATE, csv_date, "date_send"),
    "time": Target("time", TIME, time_text, "time_send"),
    "timestamp": Target("timestamp", TIMESTAMP, csv_timestamp, "timestamp_send"),
    "timestamptz": Target("timestamptz", TIMESTAMPTZ, csv_timestamp, "timestamptz_send"),
    "json": Target("text", JSON),
    "uuid": Target("uuid", UUID, csv_text, "uuid_send"),
    "duration_us": Target("int8", INT64),
    **{f"decimal({p},{s})": decimal_target(p, s) for p, s in (
        (1, 0), (9, 2), (10, 1), (10, 2), (18, 6), (19, 0), (20, 0), (38, 0), (38, 10), (38, 38))},
}

OUTPUT = "output"  # want: the source type's own output function, in the server's ISO styles
CAST = "({0})::{1}"
MICROSECONDS = "(extract(epoch from {0}) * 1000000)::int8"
JSON_OF = "to_json({0})"

# source type, values, override, want
TAKEN = [
    ("bool", ("true", "false"), "bool", CAST),
    ("bool", ("true", "false"), "int16", "({0})::int4::int2"),
    ("bool", ("true", "false"), "int32", CAST),
    ("bool", ("true", "false"), "int64", "({0})::int4::int8"),
    ("bool", ("true", "false"), "text", OUTPUT),
    ("bool", ("true", "false"), "json", JSON_OF),
    ("int2", ("0", "1"), "bool", "({0})::int4::bool"),
    ("int4", ("-32768", "32767"), "int16", CAST),
    ("int4", ("-2147483648", "2147483647"), "int64", CAST),
    ("int4", ("0", "2147483647"), "uint64", CAST),
    ("int4", ("-16777216", "16777216", "33554432"), "float", CAST),
    ("int4", ("-2147483648", "2147483647"), "double", CAST),
    ("int4", ("-9999999", "9999999"), "decimal(9,2)", CAST),
    ("int4", ("-5", "0"), "text", OUTPUT),
    ("int4", ("-5", "0"), "json", JSON_OF),
    ("int8", ("-2147483648", "2147483647"), "int32", CAST),
    ("int8", ("9007199254740992", "-9007199254740994"), "double", CAST),
    ("int8", ("9223372036854775807", "-9223372036854775808"), "decimal(19,0)", CAST),
    ("oid", ("4294967295",), "uint64", "({0})::int8::numeric"),
    ("numeric", ("0", "-9223372036854775808.000", "9223372036854775807"), "int64", CAST),
    ("numeric", ("18446744073709551615", "0.0"), "uint64", CAST),
    ("numeric", ("-32768.0", "32767"), "int16", CAST),
    ("numeric", ("0", "1.1", "-99999999.990", "99999999.99"), "decimal(10,2)", CAST),
    ("numeric", ("0.1e-37", "-0." + "9" * 38), "decimal(38,38)", CAST),
    ("numeric", ("1.5", "-0.1", "0"), "double", CAST),
    ("numeric", ("1.5", "-0.1", "0"), "float", CAST),
    ("numeric", ("1.50", "'NaN'", "1e30"), "text", OUTPUT),
    ("numeric", ("1.50",), "json", JSON_OF),
    ("numeric(10,2)", ("1.50", "-99999999.99"), "decimal(38,10)", CAST),
    ("numeric(10,2)", ("9999999.99",), "decimal(9,2)", CAST),
    ("numeric(10,2)", ("1.50", "'NaN'"), "text", OUTPUT),
    ("numeric(40,0)", ("9" * 38, "-" + "9" * 38), "decimal(38,0)", CAST),
    ("numeric(40,10)", ("1." + "0" * 10,), "decimal(1,0)", CAST),
    ("float4", ("0.1", "'NaN'", "'-0'", "3.4028235e38", "1e-45"), "double", CAST),
    ("float4", ("0.1", "'-Infinity'"), "text", OUTPUT),
    ("float8", ("0.5", "'NaN'", "'-0'", "'Infinity'", "3.4028234663852886e38", "1.401298464324817e-45"), "float", CAST),
    ("float8", ("3", "-2147483648"), "int32", CAST),
    ("float8", ("0.1", "-1e5"), "decimal(10,1)", CAST),
    ("float8", ("0.1", "1e300", "'-0'"), "text", OUTPUT),
    ("text", ("'true'", "'f'", "'1'"), "bool", CAST),
    ("text", ("'-32768'", "'32767'"), "int16", CAST),
    ("text", ("'2147483647'",), "int32", CAST),
    ("varchar", ("'-9223372036854775808'",), "int64", CAST),
    ("text", ("'18446744073709551615'",), "uint64", CAST),
    ("text", ("'1.5'", "'-0.25'"), "float", CAST),
    ("text", ("'0.1'", "'-1e300'", "'NaN'"), "double", CAST),
    ("text", ("'1.5'", "'-99999999.99'"), "decimal(10,2)", CAST),
    ("text", ("''", "'ü'"), "binary", "convert_to({0}, 'UTF8')"),
    ("text", ("'2024-02-29'", "'0044-03-15 BC'", "'5874897-12-31'"), "date", CAST),
    ("text", ("'23:59:59.999999'", "'00:00'"), "time", CAST),
    ("text", ("'2024-02-29 12:34:56.5'", "'2024-02-29T12:34:56'", "'1969-12-31 23:59:59.999999'"), "timestamp", CAST),
    ("text", ("'2024-02-29 12:34:56.5+02'", "'2024-02-29T12:34:56Z'", "'1969-12-31 23:59:59.999999-05:30'"), "timestamptz", CAST),
    ("text", ("'{\"a\": [1, null]}'", "'1'", "' null '"), "json", CAST),
    ("text", ("'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'",), "uuid", CAST),
    ("char(4)", ("'ab'",), "text", OUTPUT),
    ("json", ("'{\"a\" :1.0}'", "'null'"), "text", OUTPUT),
    ("json", ("'{\"a\" :1.0}'",), "json", OUTPUT),
    ("json", ("'{\"a\" :\"ü\"}'",), "binary", "convert_to(({0})::text, 'UTF8')"),
    ("jsonb", ("'{\"a\" :1.0}'",), "text", OUTPUT),
    ("jsonb", ("'{\"a\" :1.0}'",), "json", OUTPUT),
    ("jsonb", ("'{\"a\" :\"ü\"}'",), "binary", "convert_to(({0})::text, 'UTF8')"),
    ("bytea", ("'\\x'", "'\\xc3a9'"), "text", "convert_from({0}, 'UTF8')"),
    ("bytea", ("'\\xa0eebc999c0b4ef8bb6d6bb9bd380a11'",), "uuid", "encode({0}, 'hex')::uuid"),
    ("uuid", ("'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'",), "text", OUTPUT),
    ("uuid", ("'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'",), "uuid", CAST),
    ("uuid", ("'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'",), "binary", "uuid_send({0})"),
    ("date", ("'2024-02-29'", "'4714-11-24 BC'", "'1969-12-31'"), "timestamp", CAST),
    ("date", ("'2024-02-29'", "'4714-11-24 BC'"), "timestamptz", CAST),
    ("date", ("'0044-03-15 BC'", "'infinity'", "'5874897-12-31'"), "text", OUTPUT),
    ("time", ("'24:00:00'", "'12:00:00.5'"), "duration_us", MICROSECONDS),
    ("time", ("'12:00:00.000001'",), "time", CAST),
    ("timetz", ("'12:00:00.5+05:45'",), "text", OUTPUT),
    ("timestamp", ("'2024-02-29'", "'4714-11-24 BC'", "'1969-12-31'"), "date", CAST),
    ("timestamp", ("'2024-02-29 12:00:00.5'", "'1969-12-31 23:59:59.999999'"), "timestamptz", CAST),
    ("timestamp", ("'294276-12-31 23:59:59.999999'", "'-infinity'", "'0044-03-15 BC'"), "text", OUTPUT),
    ("timestamptz", ("'2024-02-29 00:00:00+00'", "'2024-02-29 02:00:00+02'"), "date", CAST),
    ("timestamptz", ("'2024-02-29 12:00:00.5+05:30'",), "timestamp", CAST),
    ("timestamptz", ("'294276-12-31 23:59:59.999999+00'", "'infinity'"), "text", OUTPUT),
    ("interval", ("'-1 day -00:00:00.000001'", "'2562047788:00:54.775807'", "'0'"), "duration_us", MICROSECONDS),
    ("interval", ("'23:59:59.999999'", "'0'"), "time", CAST),
    ("interval", ("'1 year -2 days 00:00:00.5'",), "text", OUTPUT),
    ("inet", ("'10.0.0.1'",), "text", OUTPUT),
    ("inet", ("'10.0.0.1'",), "json", JSON_OF),
    ("money", ("1234.5",), "text", OUTPUT),
    ("int4range", ("'[1,5)'",), "json", JSON_OF),
    ("pair", ("'(1,\"a\"\"ü\")'", "'(,)'"), "json", JSON_OF),
    ("pair", ("'(1,\"a\"\"ü\")'",), "text", OUTPUT),
    ("mood", ("'sad'",), "text", OUTPUT),
    ("mood", ("'sad'",), "binary", "convert_to(({0})::text, 'UTF8')"),
    ("price", ("1.5",), "decimal(10,2)", CAST),
    ("price", ("2.00",), "int16", CAST),
    ("int4[]", ("'{1,NULL}'", "'{}'", "'{{1,2},{3,4}}'"), "text", OUTPUT),
    ("int4[]", ("'{1,NULL}'", "'{}'", "'{{1,2},{3,4}}'"), "json", JSON_OF),
    ("text[]", ("'{{a,NULL},{\"b \\\"\",ü}}'",), "json", JSON_OF),
    ("timestamp[]", ("'{\"294276-12-31 23:59:59.999999\",infinity}'",), "text", OUTPUT),
    ("inet[]", ("'{{10.0.0.1},{::1}}'",), "text", OUTPUT),
    ("box[]", ("'{(1,1),(0,0);(3,3),(2,2)}'",), "text", OUTPUT),
    ("xml", ("'<a/>'",), "text", OUTPUT),
    ('"char"', ("'a'",), "text", OUTPUT),
    ("name", ("'n'",), "binary", "convert_to(({0})::text, 'UTF8')"),
]

# source type, value, override: the value does not fit, the export says so
REFUSED = [
    ("int4", "40000", "int16"), ("int4", "2", "bool"), ("int4", "-1", "uint64"), ("int4", "16777217", "float"),
    ("int8", "2147483648", "int32"), ("int8", "9007199254740993", "double"), ("int4", "10000000", "decimal(9,2)"),
    ("numeric", "1.5", "int32"), ("numeric", "9223372036854775808", "int64"), ("numeric", "-1", "uint64"),
    ("numeric", "18446744073709551616", "uint64"), ("numeric", "1.005", "decimal(10,2)"), ("numeric", "100000000", "decimal(10,2)"),
    ("numeric", "0.5", "decimal(1,0)"), ("numeric", "'NaN'", "int64"), ("numeric", "'NaN'", "decimal(10,2)"),
    ("numeric", "1e400", "double"), ("numeric", "0.12345678901234567890", "double"), ("numeric", "123456789", "float"),
    ("numeric(10,2)", "12345678.90", "decimal(9,2)"), ("numeric(10,2)", "1.50", "int64"),
    ("numeric(40,0)", "1" + "0" * 38, "decimal(38,0)"),
    ("float8", "0.1", "float"), ("float8", "1e300", "float"), ("float8", "1.5", "int32"), ("float8", "1e10", "int32"),
    ("float8", "'Infinity'", "int64"), ("float8", "'NaN'", "decimal(10,2)"), ("float8", "0.25", "decimal(10,1)"),
    ("text", "'maybe'", "bool"), ("text", "''", "int32"), ("text", "' 1'", "int32"), ("text", "'1x'", "int32"), ("text", "'0x10'", "int32"),
    ("text", "'1,5'", "double"), ("text", "'1e999'", "double"), ("text", "'2024-02-30'", "date"), ("text", "'01.02.2024'", "date"),
    ("text", "'24:00:00'", "time"), ("text", "'12:00:00+02'", "time"), ("text", "'2024-01-01 00:00:00+02'", "timestamp"),
    ("text", "'2024-01-01 00:00:00.1234567'", "timestamp"), ("text", "'2024-01-01 00:00:00'", "timestamptz"), ("text", "'now'", "timestamptz"),
    ("text", "'{'", "json"), ("text", "'{\"a\": NaN}'", "json"), ("text", "''", "json"), ("text", "'zz'", "uuid"), ("mood", "'sad'", "json"),
    ("bytea", "'\\xff'", "text"), ("bytea", "'\\x00'", "uuid"),
    ("timestamp", "'2024-01-01 00:00:00.000001'", "date"), ("timestamptz", "'2024-01-01 00:00:00+02'", "date"),
    ("date", "'infinity'", "timestamp"), ("interval", "'1 month'", "duration_us"), ("interval", "'25:00'", "time"),
    ("interval", "'-00:00:01'", "time"), ("interval", "'178000000 days'", "duration_us"), ("time", "'24:00:00'", "time"),
]
# … in Parquet only: a text keeps every date
REFUSED_IN_PARQUET = [("date", "'5874897-12-31'", "timestamp"), ("text", "'294276-12-31 00:00:00'", "timestamp")]

# source type, override: no value can fit, refused before any row is read
NEVER = [
    ("bool", "date"), ("bool", "double"), ("int4", "date"), ("int4", "uuid"), ("int4", "binary"), ("int4", "duration_us"),
    ("numeric", "bool"), ("numeric", "timestamp"), ("float8", "bool"), ("json", "int32"), ("jsonb", "uuid"), ("bytea", "int32"),
    ("bytea", "json"), ("uuid", "int64"), ("date", "int32"), ("date", "time"), ("timestamp", "duration_us"), ("time", "date"),
    ("timetz", "time"), ("interval", "date"), ("inet", "int32"), ("inet", "uuid"), ("money", "decimal(10,2)"), ("int4[]", "int32"),
    ("text[]", "binary"), ("pair", "int32"), ("int4range", "int64"), ("price", "date"),
]

# no override at all: a mistake of the configuration
NO_TYPES = ("varchar", "int", "number", "decimal", "decimal(10)", "decimal(39,0)", "decimal(0,0)", "decimal(5,6)", "decimal(5,-1)",
            "text(5)", "timestamp(3)", "array", "list")
