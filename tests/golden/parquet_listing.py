#!/usr/bin/env python3
"""Lists the bytes of a small uncompressed Parquet file field by field.

    build/dev/tests/test_parquet_golden --write DIRECTORY     files as the writer makes them now
    tests/golden/parquet_listing.py DIRECTORY tests/golden/parquet     their listings

A line is `offset  hex bytes  what they are`; test_parquet_golden reads the hex back and compares.
A changed listing is a changed format: look at the difference before committing it.
"""

import pathlib
import struct
import sys

STRUCTS = {
    "FileMetaData": {
        1: "version", 2: ("schema", "SchemaElement"), 3: "num_rows", 4: ("row_groups", "RowGroup"),
        5: ("key_value_metadata", "KeyValue"), 6: "created_by",
        7: ("column_orders", "ColumnOrder"),
    },
    "SchemaElement": {
        1: "type", 2: "type_length", 3: "repetition_type", 4: "name", 5: "num_children",
        6: "converted_type", 7: "scale", 8: "precision", 10: ("logicalType", "LogicalType"),
    },
    "LogicalType": {
        1: ("STRING", "-"), 3: ("LIST", "-"), 5: ("DECIMAL", "DecimalType"), 6: ("DATE", "-"),
        7: ("TIME", "TimeType"), 8: ("TIMESTAMP", "TimeType"), 10: ("INTEGER", "IntType"),
        12: ("JSON", "-"), 14: ("UUID", "-"),
    },
    "DecimalType": {1: "scale", 2: "precision"},
    "TimeType": {1: "isAdjustedToUTC", 2: ("unit", "TimeUnit")},
    "TimeUnit": {1: ("MILLIS", "-"), 2: ("MICROS", "-"), 3: ("NANOS", "-")},
    "IntType": {1: "bitWidth", 2: "isSigned"},
    "ColumnOrder": {1: ("TYPE_ORDER", "-")},
    "KeyValue": {1: "key", 2: "value"},
    "RowGroup": {
        1: ("columns", "ColumnChunk"), 2: "total_byte_size", 3: "num_rows", 5: "file_offset",
        6: "total_compressed_size", 7: "ordinal",
    },
    "ColumnChunk": {
        2: "file_offset", 3: ("meta_data", "ColumnMetaData"), 4: "offset_index_offset",
        5: "offset_index_length", 6: "column_index_offset", 7: "column_index_length",
    },
    "ColumnMetaData": {
        1: "type", 2: "encodings", 3: "path_in_schema", 4: "codec", 5: "num_values",
        6: "total_uncompressed_size", 7: "total_compressed_size", 9: "data_page_offset",
        11: "dictionary_page_offset", 12: ("statistics", "Statistics"),
        13: ("encoding_stats", "PageEncodingStats"), 14: "bloom_filter_offset",
        15: "bloom_filter_length", 16: ("size_statistics", "SizeStatistics"),
    },
    "Statistics": {
        3: "null_count", 5: "max_value", 6: "min_value", 7: "is_max_value_exact",
        8: "is_min_value_exact", 9: "nan_count",
    },
    "PageEncodingStats": {1: "page_type", 2: "encoding", 3: "count"},
    "SizeStatistics": {1: "unencoded_byte_array_data_bytes", 3: "definition_level_histogram"},
    "PageHeader": {
        1: "type", 2: "uncompressed_page_size", 3: "compressed_page_size", 4: "crc",
        5: ("data_page_header", "DataPageHeader"),
        7: ("dictionary_page_header", "DictionaryPageHeader"),
    },
    "DataPageHeader": {
        1: "num_values", 2: "encoding", 3: "definition_level_encoding",
        4: "repetition_level_encoding",
    },
    "DictionaryPageHeader": {1: "num_values", 2: "encoding"},
    "ColumnIndex": {
        1: "null_pages", 2: "min_values", 3: "max_values", 4: "boundary_order", 5: "null_counts",
        8: "nan_counts",
    },
    "OffsetIndex": {
        1: ("page_locations", "PageLocation"), 2: "unencoded_byte_array_data_bytes",
    },
    "PageLocation": {1: "offset", 2: "compressed_page_size", 3: "first_row_index"},
    "-": {},
}


class Listing:
    def __init__(self, data):
        self.data = data
        self.at = 0
        self.shown = 0
        self.lines = []

    def show(self, text):
        """What was read since the last line."""
        for start in range(self.shown, self.at, 16):
            piece = self.data[start : min(start + 16, self.at)]
            label = text if start == self.shown else ""
            self.lines.append(f"{start:06x}  {piece.hex(' '):<47}  {label}".rstrip())
        self.shown = self.at

    def skip(self, size, text):
        self.at += size
        self.show(text)

    def byte(self):
        self.at += 1
        return self.data[self.at - 1]

    def varint(self):
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def zigzag(self):
        value = self.varint()
        return (value >> 1) ^ -(value & 1)

    def binary(self):
        size = self.varint()
        self.at += size
        value = self.data[self.at - size : self.at]
        return repr(value.decode()) if value.isascii() and value.decode().isprintable() else value.hex()

    def scalar(self, kind):
        if kind in (1, 2):
            return kind == 1
        if kind == 3:
            return self.byte()
        if kind in (4, 5, 6):
            return self.zigzag()
        assert kind == 8, kind
        return self.binary()

    def items(self, name, sub, path):
        head = self.byte()
        kind, count = head & 15, head >> 4
        if count == 15:
            count = self.varint()
        self.show(f"{path}{name}: {count} items")
        for i in range(count):
            if kind == 12:
                self.struct(sub, f"{path}{name}[{i}].")
            else:
                value = self.byte() == 1 if kind in (1, 2) else self.scalar(kind)
                self.show(f"{path}{name}[{i}] = {value}")

    def struct(self, struct_name, path=None):
        path = f"{struct_name}." if path is None else path
        last = 0
        while True:
            head = self.byte()
            if head == 0:
                self.show(f"{path[:-1]} ends")
                return
            kind = head & 15
            last = last + (head >> 4) if head >> 4 else self.zigzag()
            field = STRUCTS[struct_name][last]
            name, sub = field if isinstance(field, tuple) else (field, None)
            if kind == 12:
                self.show(f"{path}{name}")
                self.struct(sub, f"{path}{name}.")
            elif kind == 9:
                self.items(name, sub, path)
            else:
                self.show(f"{path}{name} = {self.scalar(kind)}")


def page(listing):
    start = listing.at
    listing.struct("PageHeader")
    # The size stands in the header that was just read: field 3, behind fields 1 and 2.
    again = Listing(listing.data)
    again.at = start
    size = 0
    for _ in range(3):
        again.byte()
        size = again.zigzag()
    listing.skip(size, "page body")


def listing_of(data):
    listing = Listing(data)
    footer_size = struct.unpack("<I", data[-8:-4])[0]
    footer_start = len(data) - 8 - footer_size
    places = Listing(data)
    places.at = footer_start
    places.shown = footer_start
    places.struct("FileMetaData")
    numbers = {}
    for line in places.lines:
        if " = " in line:
            name, value = line[57:].split(" = ", 1)
            numbers[name.rsplit(".", 1)[-1]] = value
    indexes = int(numbers.get("column_index_offset", numbers["offset_index_offset"]))
    listing.skip(4, "magic")
    while listing.at < indexes:
        page(listing)
    if "column_index_offset" in numbers:
        listing.struct("ColumnIndex")
    listing.struct("OffsetIndex")
    assert listing.at == footer_start
    listing.struct("FileMetaData")
    listing.skip(4, f"footer length {footer_size}")
    listing.skip(4, "magic")
    assert listing.at == len(data)
    return "\n".join(listing.lines) + "\n"


def main():
    source, target = map(pathlib.Path, sys.argv[1:3])
    for path in sorted(source.glob("*.parquet")):
        (target / (path.stem + ".txt")).write_text(listing_of(path.read_bytes()))


if __name__ == "__main__":
    main()
