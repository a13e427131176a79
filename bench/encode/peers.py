#!/usr/bin/env python3
"""Encodes the rows of flat Parquet files from memory with rivet, pyarrow and DuckDB, one thread each.

    bench/encode/peers.py --bench build/bench/encode_bench FILE…

Prints, per file and codec, bytes written and seconds of processor time, and rivet's share of the
better peer. Without a codec the bytes are dropped, so that encoding alone counts; with zstd all
three write a file. Each figure is the best of --repeat runs, taken in turns.
"""

import argparse
import os
import pathlib
import re
import subprocess
import tempfile
import time

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

LEVEL = 3


def timed(run):
    start = time.process_time()
    run()
    return time.process_time() - start


def pyarrow_run(table, codec, out):
    if codec == "none":
        sink = pa.MockOutputStream()
        return timed(lambda: pq.write_table(table, sink, compression="none")), sink.size()
    options = {"compression": codec, "compression_level": LEVEL}
    return timed(lambda: pq.write_table(table, out, **options)), out.stat().st_size


def duckdb_run(connection, codec, out):
    if codec == "none":
        copy = "COPY t TO '/dev/null' (FORMAT parquet, COMPRESSION 'uncompressed')"
        return timed(lambda: connection.execute(copy)), 0
    copy = f"COPY t TO '{out}' (FORMAT parquet, COMPRESSION '{codec}', COMPRESSION_LEVEL {LEVEL})"
    return timed(lambda: connection.execute(copy)), out.stat().st_size


def rivet_run(bench, path, codec, out):
    options = ["--level", str(LEVEL), "--file", out] if codec == "zstd" else []
    command = [bench, "--table", path, "--codec", codec, *options, "--repeat", "1"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = re.search(r"codec +([\d.]+) s +[\d.]+ MB/s +(\d+) bytes", text)
    return float(found[1]), int(found[2])


def best(runs):
    return min(seconds for seconds, _ in runs), runs[0][1]


def compare(bench, path, repeat, directory):
    table = pq.read_table(path).combine_chunks()
    connection = duckdb.connect(config={"threads": 1})
    connection.execute(f"CREATE TABLE t AS FROM read_parquet('{path}')")
    for codec in ("none", "zstd"):
        runs = {"rivet": [], "pyarrow": [], "duckdb": []}
        for _ in range(repeat):
            runs["rivet"].append(rivet_run(bench, path, codec, directory / "rivet.parquet"))
            runs["pyarrow"].append(pyarrow_run(table, codec, directory / "pyarrow.parquet"))
            runs["duckdb"].append(duckdb_run(connection, codec, directory / "duckdb.parquet"))
        figures = {name: best(values) for name, values in runs.items()}
        for name, (seconds, size) in figures.items():
            print(f"{path.stem:16} {codec:5} {name:8} {seconds:7.2f} s {size:12} bytes")
        peers = [figures["pyarrow"], figures["duckdb"]]
        cpu = figures["rivet"][0] / min(seconds for seconds, _ in peers)
        size = figures["rivet"][1] / min(size for _, size in peers if size > 0)
        print(f"{path.stem:16} {codec:5} share of the better peer: time {cpu:.2f}, size {size:.3f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bench", required=True)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("files", nargs="+", type=pathlib.Path)
    arguments = parser.parse_args()
    pa.set_cpu_count(1)
    os.environ["OMP_NUM_THREADS"] = "1"
    with tempfile.TemporaryDirectory() as directory:
        for path in arguments.files:
            compare(arguments.bench, path, arguments.repeat, pathlib.Path(directory))


if __name__ == "__main__":
    main()
