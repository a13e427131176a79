"""Reads what the type matrix compares: the server's own text and bytes, and raw cells of our files.

The server speaks through its output functions (text of the simple protocol in a neutral session) and
through its send functions (hexadecimal); Parquet is read physically, so that no reader's datetime or
decimal type stands between the file and the comparison.
"""

import collections
import contextlib
import re
import uuid

import duckdb
import psycopg
import psycopg.conninfo
import pyarrow
import pyarrow.parquet

import support

NEUTRAL = ("set client_encoding to 'UTF8'; set timezone to 'UTC'; set datestyle to 'ISO, YMD'; "
           "set intervalstyle to 'iso_8601'; set extra_float_digits to 1; set bytea_output to 'hex'; "
           "set lc_monetary to 'C'")

Server = collections.namedtuple("Server", "text sent")  # of one value: output function, send function


# ---- the server ----

@contextlib.contextmanager
def fresh_database(options=""):
    """A database of its own, dropped at the end; yields its URL."""
    name = f"rivet_types_{uuid.uuid4().hex[:10]}"
    with support.connect() as admin:
        admin.execute(f"create database {name} {options}")
        try:
            yield re.sub(r"/[^/]*$", f"/{name}", support.PG_URL)
        finally:
            admin.execute(f"drop database {name} with (force)")


def neutral(url):
    connection = psycopg.connect(url, autocommit=True)
    connection.execute(NEUTRAL)
    return connection


def output_texts(connection, query):
    """Every cell as its type's output function prints it, None for NULL."""
    cursor = connection.execute(query)
    result = cursor.pgresult

    def cell(row, column):
        value = result.get_value(row, column)
        return None if value is None else value.decode()

    return [[cell(row, column) for column in range(result.nfields)] for row in range(result.ntuples)]


def server_values(connection, expression, send, source, order="n"):
    """The values of one expression: None or Server(text, sent bytes)."""
    sent = f"encode({send}({expression}), 'hex')" if send else "null"
    rows = output_texts(connection, f"select {expression}, {sent} from {source} order by {order}")
    return [None if text is None else Server(text, bytes.fromhex(sent) if send else None) for text, sent in rows]


# ---- Parquet ----

def annotation(column):
    """'INT64 Timestamp(local)', 'FIXED_LEN_BYTE_ARRAY(9) Decimal(19,0)': physical and logical type."""
    logical = str(column.logical_type)
    words = dict(re.findall(r"(\w+)=(\w+)", logical))
    name = logical.split("(")[0]
    if name in ("Timestamp", "Time"):
        assert words["timeUnit"] == "microseconds"
        name += "(UTC)" if words["isAdjustedToUTC"] == "true" else "(local)"
    elif name == "Decimal":
        name += f"({words['precision']},{words['scale']})"
        assert (column.precision, column.scale) == (int(words["precision"]), int(words["scale"]))
    elif name == "Int":
        name += f"({words['bitWidth']},{'signed' if words['isSigned'] == 'true' else 'unsigned'})"
    physical = column.physical_type
    if physical == "FIXED_LEN_BYTE_ARRAY":
        physical += f"({column.length})"
    return physical if name == "None" else f"{physical} {name}"


def annotations(path):
    """{column path: (annotation, highest definition level, highest repetition level)}."""
    schema = pyarrow.parquet.ParquetFile(path).schema
    leaves = [schema.column(index) for index in range(len(schema))]
    return {leaf.path: (annotation(leaf), leaf.max_definition_level, leaf.max_repetition_level) for leaf in leaves}


def raw_cells(array):
    """Physical cells: int for dates, times and timestamps, bytes for uuid, bits (as int) for floats."""
    if isinstance(array, pyarrow.ChunkedArray):
        return [cell for chunk in array.chunks for cell in raw_cells(chunk)]
    kind = array.type
    if isinstance(kind, pyarrow.BaseExtensionType):
        return raw_cells(array.storage)
    if pyarrow.types.is_list(kind):
        elements = raw_cells(array.values)
        offsets = array.offsets.to_pylist()
        return [elements[offsets[i]:offsets[i + 1]] if array[i].is_valid else None for i in range(len(array))]
    if pyarrow.types.is_date32(kind) or pyarrow.types.is_float32(kind):
        array = array.view(pyarrow.int32())
    elif pyarrow.types.is_timestamp(kind) or pyarrow.types.is_time64(kind) or pyarrow.types.is_float64(kind):
        array = array.view(pyarrow.int64())
    return array.to_pylist()


def parquet_columns(path):
    """{column: raw cells}, every page checked against its CRC."""
    table = pyarrow.parquet.read_table(path, page_checksum_verification=True)
    assert len(set(table.column_names)) == table.num_columns
    return {name: raw_cells(table.column(name)) for name in table.column_names}


def duckdb_columns(path, names, kinds):
    """{column: cells} of flat columns in the form of raw_cells; kinds as in annotations()."""
    forms = {"Timestamp(local)": "epoch_us({0})", "Timestamp(UTC)": "epoch_us({0})", "Time(local)": "epoch_us({0})",
             "Date": "datediff('day', date '1970-01-01', {0})", "UUID": "{0}::varchar", "JSON": "{0}::varchar"}
    quoted = ['"' + name.replace('"', '""') + '"' for name in names]
    items = [forms.get(kinds[name][0].partition(" ")[2], "{0}").format(column) for name, column in zip(names, quoted)]
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    rows = connection.execute(f"select {', '.join(items)} from read_parquet(?)", [str(path)]).fetchall()
    return dict(zip(names, map(list, zip(*rows))))


# ---- CSV ----

def csv_columns(path):
    """{column: texts}, None for NULL."""
    header, *records = support.csv_records(path.read_bytes().decode())
    assert len(set(header)) == len(header)
    return dict(zip(header, map(list, zip(*records)))) if records else {name: [] for name in header}


# ---- exports ----

def only_file(work, name):
    files = work.files(name)
    assert len(files) == 1, (name, files)
    return files[0]


FORMATS = ("portable", "native", "csv")
FETCHES = ("copy", "cursor")


def as_export(name, query, form, fetch, **more):
    """The configuration of one export in one of FORMATS and FETCHES."""
    tuning = {"fetch": fetch, **more.pop("tuning", {})}
    shape = {"format": "csv"} if form == "csv" else {"format": "parquet", "types": form}
    return {"name": name, "query": query, "tuning": tuning, **shape, **more}
