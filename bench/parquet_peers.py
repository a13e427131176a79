"""The Parquet writer beside pyarrow and DuckDB: the same rows, codec and level, in the same run.

    bench/parquet_peers.py [--url URL] [--build build] [--runs 5] [--table NAME]… [FILE…]

Takes flat Parquet files, or else four tables of the full seed, which rivet exports once without a
codec. Each writer then encodes the rows from its own memory, one thread each, in turns. Printed per
table and codec: bytes of the file and seconds of processor time (medians), and rivet's share of the
better peer. Without a codec the bytes are dropped (a counting sink, /dev/null), so that encoding
alone is measured; with zstd 3 the file is written. Targets: size ≤ 1.02, time ≤ 0.5 without codec
and ≤ 1.0 with zstd; the exit status tells whether all were met.
"""

import argparse
import os
import pathlib
import re
import statistics
import subprocess
import tempfile
import time

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[1]
QUERIES = {
    "content_items": "SELECT * FROM content_items ORDER BY id LIMIT 40000",  # 450 MB
    "events": "SELECT * FROM events ORDER BY id LIMIT 2000000",
    "page_views": "SELECT * FROM page_views ORDER BY id LIMIT 600000",
    "metrics": "SELECT id, user_id, screen_width, screen_height, viewport_width, viewport_height, "
               "page_load_ms, created_at FROM page_views ORDER BY id LIMIT 2000000",
}
LEVEL = 3
TIME_TARGETS = {"none": 0.5, "zstd": 1.0}
SIZE_TARGET = 1.02


def export(rivet, url, name, folder):
    """The table as one Parquet file without a codec."""
    config = {"source": {"type": "postgres", "url": url, "tuning": {"profile": "fast"}},
              "exports": [{"name": name, "query": QUERIES[name], "format": "parquet", "compression": "none",
                           "destination": {"type": "local", "path": str(folder)}}]}
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(config))
    subprocess.run([rivet, "run", "--config", path], check=True, capture_output=True)
    (file,) = folder.glob(f"{name}_*.parquet")
    return file


def timed(run):
    start = time.process_time()
    run()
    return time.process_time() - start


class Rivet:
    def __init__(self, bench, source):
        self.command = [bench, "--table", source, "--repeat", "1", "--level", str(LEVEL)]

    def run(self, codec, out):
        """encode_bench prints MB of PLAIN input per second of processor time, without codec first."""
        where = ["--file", out] if codec == "zstd" else []
        text = subprocess.run([*map(str, self.command), "--codec", codec, *map(str, where)], check=True,
                              capture_output=True, text=True).stdout
        found = re.search(r"(\d+) MB/s .* codec +(?:([\d.]+) s +)?(\d+) MB/s +(\d+) bytes \( *([\d.]+)\)", text)
        size = int(found[4])
        return float(found[2]) if found[2] else size * float(found[5]) / 1e6 / float(found[3]), size


class Pyarrow:
    def __init__(self, source):
        self.table = pq.read_table(source).combine_chunks()

    def run(self, codec, out):
        sink = pa.MockOutputStream() if codec == "none" else str(out)
        level = LEVEL if codec == "zstd" else None
        seconds = timed(lambda: pq.write_table(self.table, sink, compression=codec, compression_level=level))
        return seconds, sink.size() if codec == "none" else out.stat().st_size


class DuckDB:
    def __init__(self, source):
        self.connection = duckdb.connect(config={"threads": 1})
        self.connection.execute(f"CREATE TABLE t AS FROM read_parquet('{source}')")
        self.plain_size = 0

    def run(self, codec, out):
        if codec == "none" and self.plain_size == 0:
            self.copy("uncompressed", out)
            self.plain_size = out.stat().st_size
        if codec == "none":
            return timed(lambda: self.copy("uncompressed", "/dev/null")), self.plain_size
        return timed(lambda: self.copy(f"zstd, COMPRESSION_LEVEL {LEVEL}", out)), out.stat().st_size

    def copy(self, codec, out):
        self.connection.execute(f"COPY t TO '{out}' (FORMAT parquet, COMPRESSION {codec})")


def compare(name, writers, codec, runs, folder):
    """Prints a table's lines; returns whether the targets were met."""
    figures = {writer: [] for writer in writers}
    for _ in range(runs):
        for writer, measured in writers.items():
            figures[writer].append(measured.run(codec, folder / f"{writer}.parquet"))
    seconds = {writer: statistics.median(run[0] for run in done) for writer, done in figures.items()}
    sizes = {writer: done[-1][1] for writer, done in figures.items()}
    for writer, done in figures.items():
        spread = f"({min(run[0] for run in done):.2f}-{max(run[0] for run in done):.2f})"
        print(f"{name:<14} {codec:<5} {writer:<8} {seconds[writer]:6.2f} s {spread:<12} {sizes[writer] / 1e6:8.1f} MB")
    time_share = seconds.pop("rivet") / min(seconds.values())
    size_share = sizes.pop("rivet") / min(sizes.values())
    is_met = time_share <= TIME_TARGETS[codec] and size_share <= SIZE_TARGET
    print(f"{name:<14} {codec:<5} share of the better peer: time {time_share:.2f} (≤ {TIME_TARGETS[codec]}), "
          f"size {size_share:.3f} (≤ {SIZE_TARGET}){'' if is_met else '  MISSED'}", flush=True)
    return is_met


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="postgresql://rivet:rivet@localhost:5432/rivet_full")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--table", choices=QUERIES, action="append")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("files", metavar="FILE", nargs="*", type=pathlib.Path)
    options = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    pa.set_cpu_count(1)
    print(f"pyarrow {pa.__version__}, DuckDB {duckdb.__version__}, zstd level {LEVEL}, one thread each")
    is_met = True
    (bench,) = options.build.rglob("encode_bench")
    for table in options.table or options.files or QUERIES:
        with tempfile.TemporaryDirectory(prefix="rivet-peers-") as work:
            folder = pathlib.Path(work)
            is_file = isinstance(table, pathlib.Path)
            source = table if is_file else export(options.build / "rivet", options.url, table, folder)
            writers = {"rivet": Rivet(bench, source), "pyarrow": Pyarrow(source), "duckdb": DuckDB(source)}
            for codec in TIME_TARGETS:
                is_met = compare(source.stem if is_file else table, writers, codec, options.runs, folder) and is_met
    raise SystemExit(0 if is_met else 1)


if __name__ == "__main__":
    main()
