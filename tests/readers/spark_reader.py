"""spark_reader.py VECTORIZED FILE…: every column as Spark reads it, as a line of JSON with the digest of its rows
in the form of reader_matrix.py. Runs under a Python that has pyspark.

Moments and floats become text inside Spark, so that Python's own limits do not matter."""

import hashlib
import json
import math
import re
import struct
import sys

from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T


def plain(column, kind):
    """The column in a type that Python can hold."""
    if isinstance(kind, T.DateType):
        return F.unix_date(column)
    if isinstance(kind, T.TimestampType):
        return F.unix_micros(column)
    if isinstance(kind, T.TimestampNTZType):
        return F.unix_micros(column.cast("timestamp"))
    return column


def plain_items(column, kind):
    return F.transform(column, lambda item: plain(item, kind))  # its second parameter would be the index


def text_of(value, kind):
    if value is None:
        return "~"
    if isinstance(value, list):
        return "[" + ",".join(text_of(item, kind.elementType) for item in value) + "]"
    if isinstance(kind, T.BooleanType):
        return str(int(value))
    if isinstance(kind, (T.FloatType, T.DoubleType)):
        form = "<f" if isinstance(kind, T.FloatType) else "<d"
        return "nan" if math.isnan(value) else struct.pack(form, value).hex()
    if isinstance(kind, T.DecimalType):
        sign, digits, _ = value.as_tuple()  # of the column's scale
        return "%s%d" % ("-" if sign and any(digits) else "", int("".join(map(str, digits))))
    if isinstance(kind, T.StringType):
        return value.encode().hex()
    if isinstance(kind, T.BinaryType):
        return bytes(value).hex()
    return str(int(value))


def digest(values, kind):
    return hashlib.sha256("".join(text_of(value, kind) + "\n" for value in values).encode()).hexdigest()


def read_file(spark, path):
    frame = spark.read.parquet(path)
    kinds = {field.name: field.dataType for field in frame.schema}
    columns = []
    for name, kind in kinds.items():
        if isinstance(kind, T.ArrayType):
            columns.append(plain_items(F.col(name), kind.elementType).alias(name))
        else:
            columns.append(plain(F.col(name), kind).alias(name))
    rows = frame.select(*columns).collect()
    for i, (name, kind) in enumerate(kinds.items()):
        yield {"file": path, "column": name, "rows": len(rows), "digest": digest([row[i] for row in rows], kind)}


def main():
    spark = (SparkSession.builder.master("local[1]").appName("readers")
             .config("spark.ui.enabled", "false")
             .config("spark.sql.session.timeZone", "UTC")
             .config("spark.sql.parquet.datetimeRebaseModeInRead", "CORRECTED")
             .config("spark.sql.parquet.enableVectorizedReader", sys.argv[1])
             .getOrCreate())
    spark.sparkContext.setLogLevel("OFF")
    for path in sys.argv[2:]:
        try:
            for facts in read_file(spark, path):
                print(json.dumps(facts), flush=True)
        except Exception as error:  # Spark's own, all of them
            print(json.dumps({"file": path, "error": re.sub(r"\s+", " ", str(error))[:500]}), flush=True)


main()
