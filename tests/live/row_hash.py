"""_rivet_row_hash computed without rivet: XXH3-128 by python-xxhash over the encoding of docs/types.md."""

import datetime
import decimal
import struct

import xxhash


def canonical(cell):
    """The text of a value as types.md gives it for CSV; of what pyarrow and the database drivers return."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime.datetime):
        text = cell.replace(tzinfo=None).isoformat(timespec="microseconds")
        return text + "Z" if cell.tzinfo else text
    if isinstance(cell, (bytes, bytearray, memoryview)):
        return bytes(cell).hex()
    if isinstance(cell, float):
        return shortest(cell)
    if isinstance(cell, decimal.Decimal):
        return format(cell, "f")
    return str(cell)


def shortest(number):
    if number != number:
        return "NaN"
    if number in (float("inf"), float("-inf")):
        return "inf" if number > 0 else "-inf"
    text = format(decimal.Decimal(repr(number)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def encode(cell):
    if cell is None:
        return b"\x00"
    if isinstance(cell, list):
        return b"\x02" + struct.pack("<I", len(cell)) + b"".join(map(encode, cell))
    text = canonical(cell).encode()
    return b"\x01" + struct.pack("<I", len(text)) + text


def row_hash(cells):
    low = xxhash.xxh3_128_intdigest(b"".join(map(encode, cells))) & (2**64 - 1)
    return low - 2**64 if low >= 2**63 else low
