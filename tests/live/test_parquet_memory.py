"""Peak RSS of Parquet exports against the formula of spec parquet §3.2, in the build that users run.

    RSS ≈ base + batches + open pages + dictionaries + min(stored limit, R / ratio)
          + compression queue, scratch and contexts + footer + upload part

The formula is computed here from max_memory_mb and the shape of the table, not asked of rivet. Its
terms are limits, so a run may stay below; the tests allow a tenth above. Peak is the kernel's VmHWM.
"""

import os
import pathlib

import pyarrow.parquet
import pytest

import support

RELEASE = pathlib.Path(os.environ.get("RIVET_RELEASE_DIR", support.ROOT / "build")) / "rivet"
pytestmark = support.measures
MIB = 2**20
BASE_MIB = 10
ROW_GROUP_MIB = 128
SLACK = 1.1

NUMBER = "(n * {k}) % 1000003 AS i{k}"
WORD = "'word ' || (n * {k}) % 5000 AS w{k}"
MOMENT = "timestamp '2026-01-01' + (n + {k}) * interval '1.7 seconds' AS m{k}"


def mixed_query(columns, rows):
    parts = [(NUMBER, WORD, MOMENT)[k % 3].format(k=k + 1) for k in range(columns)]
    return "SELECT %s FROM generate_series(1, %d) n" % (", ".join(parts), rows)


def noise_query(rows):
    parts = " || ".join("sha512((n::text || '-%d')::bytea)" % k for k in range(16))  # 1 KiB a row
    return "SELECT n, encode(%s, 'base64') AS t FROM generate_series(1, %d) n" % (parts, rows)


def clamp(value, low, high):
    return max(low, min(value, high))


def formula_mib(memory_mb, columns, raw_bytes, stored_bytes, widest_value=0):
    """The sum of the limits. A row with a value of widest_value bytes is whole in the client library,
    in the batch and in a page."""
    batches = 2 * min(2, memory_mb / 8)
    budget = memory_mb - batches
    pages = columns * clamp(min(budget / 4, 32) / columns, 1 / 16, 1)
    dictionaries = columns * clamp(min(budget * 0.15, 24) / columns, 1 / 16, 2)
    ratio = max(raw_bytes / stored_bytes, 1)
    stored = min(budget / 2, 64, min(raw_bytes / MIB, ROW_GROUP_MIB) / ratio)
    queue = min(budget / 10, 16)
    contexts = 2 * 1.3  # zstd 3, the encoding thread and a helper
    footer = 500 * columns * max(1, raw_bytes / MIB / ROW_GROUP_MIB) / MIB
    return BASE_MIB + batches + pages + dictionaries + stored + queue + contexts + footer + 3 * widest_value / MIB


def measure(work, query, **root):
    """(peak RSS in MiB, metadata of the file)"""
    work.write({"name": "big", "query": query}, **root)
    peak, _ = support.peak_rss_mb([RELEASE, "run", "--config", work.config])
    (path,) = work.files()
    metadata = pyarrow.parquet.ParquetFile(path).metadata
    return peak, metadata, path


def sizes(metadata):
    groups = [metadata.row_group(i) for i in range(metadata.num_row_groups)]
    chunks = [group.column(i) for group in groups for i in range(group.num_columns)]
    return sum(c.total_uncompressed_size for c in chunks), sum(c.total_compressed_size for c in chunks)


def check(name, peak, limit):
    print(f"{name}: peak {peak:.0f} MiB, formula {limit:.0f} MiB, {peak / limit:.2f} of it")
    assert peak <= limit * SLACK


@pytest.mark.slow
@pytest.mark.parametrize("memory_mb", [64, 256])
@pytest.mark.parametrize("columns, rows", [(5, 2_000_000), (50, 200_000), (500, 20_000)])
def test_columns(work, postgres, columns, rows, memory_mb):
    peak, metadata, path = measure(work, mixed_query(columns, rows), max_memory_mb=memory_mb)
    assert metadata.num_rows == rows and metadata.num_columns == columns
    check(f"{columns} columns in {memory_mb} MB", peak, formula_mib(memory_mb, columns, *sizes(metadata)))


@pytest.mark.slow
@pytest.mark.parametrize("memory_mb", [64, 256])
def test_incompressible_text(work, postgres, memory_mb):
    """Ratio 1 is bounded by the stored limit, not by the row group's raw size."""
    peak, metadata, path = measure(work, noise_query(250_000), max_memory_mb=memory_mb)
    raw, stored = sizes(metadata)
    assert raw > 3e8 and raw / stored < 1.4
    assert metadata.num_row_groups > 2
    check(f"incompressible text in {memory_mb} MB", peak, formula_mib(memory_mb, 2, raw, stored))


@pytest.mark.slow
def test_a_cell_of_200_mb(work, postgres):
    size = 200_000_000
    query = f"SELECT n, CASE WHEN n = 500 THEN repeat('0123456789', {size // 10}) ELSE 'x' END AS t FROM generate_series(1, 1000) n"
    peak, metadata, path = measure(work, query, max_memory_mb=2048)
    assert metadata.num_rows == 1000
    value = pyarrow.parquet.read_table(path).column("t")[499].as_buffer()
    assert value.size == size
    check("a cell of 200 MB", peak, formula_mib(2048, 2, *sizes(metadata), widest_value=size))
