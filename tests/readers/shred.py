"""What a Parquet file must hold, computed from rows another reader returned.

A nested row becomes, for each leaf column, a list of (repetition level, definition level, value):
the form a Parquet file stores and tests/support/parquet_dump.c prints. Comparing in this form
checks levels as well as values.
"""

import decimal
import json
import math
import struct
import subprocess
import uuid

import pyarrow as pa

REQUIRED, OPTIONAL, REPEATED = 0, 1, 2
BOOLEAN, INT32, INT64, INT96, FLOAT, DOUBLE, BYTE_ARRAY, FIXED = range(8)
LOGICAL_MAP, LOGICAL_LIST, LOGICAL_DECIMAL, LOGICAL_INTEGER, LOGICAL_FLOAT16 = 2, 3, 5, 10, 15
CONVERTED_MAP, CONVERTED_MAP_KEY_VALUE, CONVERTED_LIST, CONVERTED_DECIMAL = 1, 2, 3, 5
UNIX_EPOCH_JULIAN_DAY = 2440588
NS_PER_DAY = 86400 * 10**9


class DumpError(Exception):
    """The reader refused the file; the text is its message."""


class Node:
    """A schema element with its children and levels."""

    def __init__(self, facts):
        self.facts = facts
        self.name = facts["name"]
        self.repetition = facts["repetition"]
        self.children = []
        self.leaf = None
        self.parent = None
        self.max_repetition = 0

    def is_list(self):
        return self.facts["logical"] == LOGICAL_LIST or self.facts["converted"] == CONVERTED_LIST

    def is_map(self):
        return self.facts["logical"] == LOGICAL_MAP or self.facts["converted"] in (
            CONVERTED_MAP, CONVERTED_MAP_KEY_VALUE)

    def leaves(self):
        if self.leaf is not None:
            return [self]
        return [leaf for child in self.children for leaf in child.leaves()]


def build_tree(schema):
    nodes = [Node(facts) for facts in schema]
    leaf_count = 0
    for node in nodes[1:]:
        parent = nodes[node.facts["parent"]]
        parent.children.append(node)
        node.parent = parent
        node.max_repetition = parent.max_repetition + (node.repetition == REPEATED)
        if node.facts["children"] == 0 and node.facts["type"] >= 0:
            node.leaf = leaf_count
            leaf_count += 1
    return nodes[0]


class Dump:
    """The whole output of parquet_dump: schema tree, and levels and values of every leaf."""

    def __init__(self, tool, path, *flags):
        done = subprocess.run([tool, *flags, path], capture_output=True, check=False)
        if done.returncode != 0:
            raise DumpError(done.stderr.decode(errors="replace").strip() or
                            "ended with %d" % done.returncode)
        lines = done.stdout.decode(errors="surrogateescape").splitlines()
        head = json.loads(lines[0])
        self.row_count = head["rows"]
        self.root = build_tree(head["schema"])
        self.leaves = self.root.leaves()
        self.columns = [[] for _ in self.leaves]
        for line in lines[1:]:
            self.add_batch(json.loads(line))

    def add_batch(self, batch):
        node = self.leaves[batch["leaf"]]
        count = batch["count"]
        repetitions = batch["rep"] or [0] * count
        definitions = batch["def"] or [0] * count
        highest = max_definition(node)
        values = iter(batch["values"])
        for rep, definition in zip(repetitions, definitions):
            value = next(values) if definition == highest else None
            self.columns[batch["leaf"]].append((rep, definition, value))
        assert next(values, None) is None


def max_definition(node):
    total = 0
    while node.parent is not None:
        total += node.repetition != REQUIRED
        node = node.parent
    return total


def physical(node, value):
    """The value as parquet_dump prints it."""
    facts = node.facts
    kind = facts["type"]
    if kind in (INT32, INT64) and (facts["logical"] == LOGICAL_DECIMAL or
                                   facts["converted"] == CONVERTED_DECIMAL):
        return int(value.scaleb(max(facts["scale"], 0)))
    if kind in (INT32, INT64):
        bits = 32 if kind == INT32 else 64
        return value - (1 << bits) if value >= 1 << (bits - 1) else value
    if kind == BOOLEAN:
        return bool(value)
    if kind == FLOAT:
        return "nan" if math.isnan(value) else "%08x" % struct.unpack("<I", struct.pack("<f", value))
    if kind == DOUBLE:
        return "nan" if math.isnan(value) else "%016x" % struct.unpack("<Q", struct.pack("<d", value))
    if kind == INT96:
        day, ns = divmod(value, NS_PER_DAY)
        return struct.pack("<qi", ns, day + UNIX_EPOCH_JULIAN_DAY).hex()
    if facts["logical"] == LOGICAL_DECIMAL or facts["converted"] == CONVERTED_DECIMAL:
        unscaled = int(value.scaleb(max(facts["scale"], 0)))
        size = facts["length"] if kind == FIXED else (unscaled.bit_length() + 8) // 8
        return unscaled.to_bytes(size, "big", signed=True).hex()
    if facts["logical"] == LOGICAL_FLOAT16:
        return struct.pack("<e", value).hex()
    if isinstance(value, uuid.UUID):
        return value.bytes.hex()
    return (value.encode() if isinstance(value, str) else bytes(value)).hex()


def normal(node, printed):
    """Makes different NaNs equal: readers need not keep their payload."""
    if printed is None:
        return None
    kind = node.facts["type"]
    if kind == FLOAT and math.isnan(struct.unpack("<f", bytes.fromhex(printed)[::-1])[0]):
        return "nan"
    if kind == DOUBLE and math.isnan(struct.unpack("<d", bytes.fromhex(printed)[::-1])[0]):
        return "nan"
    return printed


class Shredder:
    def __init__(self, root):
        self.root = root
        self.columns = [[] for _ in root.leaves()]

    def add_column(self, field, values):
        for value in values:
            self.put(field, value, 0, 0)

    def put_null(self, node, rep, definition):
        for leaf in node.leaves():
            self.columns[leaf.leaf].append((rep, definition, None))

    def put(self, node, value, rep, definition):
        if node.repetition == OPTIONAL:
            if value is None:
                self.put_null(node, rep, definition)
                return
            definition += 1
        if node.repetition == REPEATED:
            if not value:
                self.put_null(node, rep, definition)
                return
            for item in value:
                self.put_body(node, item, rep, definition + 1)
                rep = node.max_repetition
            return
        self.put_body(node, value, rep, definition)

    def put_body(self, node, value, rep, definition):
        if node.leaf is not None:
            self.columns[node.leaf].append((rep, definition, physical(node, value)))
        elif (node.is_list() or node.is_map()) and is_wrapper(node):
            self.put(node.children[0], value, rep, definition)
        elif is_list_middle(node):
            self.put(node.children[0], value, rep, definition)
        elif node.repetition == REPEATED and node.parent.is_map():
            for child, part in zip(node.children, value):
                self.put(child, part, rep, definition)
        else:
            for child in node.children:
                self.put(child, value[child.name], rep, definition)


def is_wrapper(node):
    return len(node.children) == 1 and node.children[0].repetition == REPEATED


def is_list_middle(node):
    """The repeated group of a three-level list; in two-level lists it is the element itself."""
    parent = node.parent
    return (parent is not None and parent.is_list() and node.repetition == REPEATED and
            len(node.children) == 1 and node.name != "array" and
            node.name != parent.name + "_tuple" and node.children[0].repetition != REPEATED)


def plain_type(kind):
    """The Arrow type without what Python objects cannot show exactly."""
    if pa.types.is_timestamp(kind) or pa.types.is_time64(kind) or pa.types.is_duration(kind):
        return pa.int64()
    if pa.types.is_date32(kind) or pa.types.is_time32(kind):
        return pa.int32()
    if pa.types.is_date64(kind):
        return pa.int64()
    if pa.types.is_dictionary(kind):
        return plain_type(kind.value_type)
    if pa.types.is_large_list(kind):
        return pa.large_list(plain_field(kind.value_field))
    if pa.types.is_list(kind):
        return pa.list_(plain_field(kind.value_field))
    if pa.types.is_struct(kind):
        return pa.struct([plain_field(kind.field(i)) for i in range(kind.num_fields)])
    if pa.types.is_map(kind):
        return pa.map_(plain_type(kind.key_type), plain_field(kind.item_field))
    return kind


def plain_field(field):
    return pa.field(field.name, plain_type(field.type), field.nullable)


def column_values(column):
    kind = plain_type(column.type)
    return (column if kind == column.type else column.cast(kind)).to_pylist()


def expected_columns(root, table):
    """Levels and values of every leaf, from a table with the file's columns in order."""
    shredder = Shredder(root)
    for number, field in enumerate(root.children):
        shredder.add_column(field, column_values(table.column(number)))
    return shredder.columns


def differences(dump, table):
    """Texts that say where dump and table disagree; empty when they are equal."""
    found = []
    if dump.row_count != table.num_rows:
        found.append("%d rows instead of %d" % (dump.row_count, table.num_rows))
    with decimal.localcontext() as context:
        context.prec = 100
        expected = expected_columns(dump.root, table)
    for node, want, got in zip(dump.leaves, expected, dump.columns):
        got = [(rep, definition, normal(node, value)) for rep, definition, value in got]
        if want == got:
            continue
        place = next((i for i, pair in enumerate(zip(want, got)) if pair[0] != pair[1]),
                     min(len(want), len(got)))
        found.append("leaf %s: %d entries instead of %d, first difference at %d: %r instead of %r" % (
            node.name, len(got), len(want), place, got[place:place + 1], want[place:place + 1]))
    return found
