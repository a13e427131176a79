"""Two workers beside one: the same table in the same chunks, interleaved in one run.

Prints the wall time of each and their ratio. Where two cores are free and the server is not the limit,
two workers are to be at least 1.6 times as fast as one; exit status 1 when they are not. The server
shares the machine here, so take a query that costs the client more than the server: the default
compresses hard (zstd, level 9).
"""

import argparse
import pathlib
import shutil
import statistics
import sys
import tempfile

import yaml

from compare import QUERIES, ROOT, SOURCES, bytes_written, measure

WANTED = 1.6


def write_config(folder, options, workers):
    export = {"name": "bench", "query": QUERIES[options.table], "mode": "chunked", "chunk_column": "id", "chunk_by": "rows",
              "chunk_size": options.chunk_size, "parallel": workers, "format": "parquet", "compression": "zstd",
              "compression_level": options.level, "parquet": {"encode_threads": 0},
              "destination": {"type": "local", "path": str(folder / "out")}}
    config = {"source": {"type": options.source, "url": options.url, "tuning": {"profile": "fast"}}, "exports": [export]}
    path = folder / "rivet.yaml"
    path.write_text(yaml.safe_dump(config))
    return path


def run(options, workers):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="rivet-bench-"))
    try:
        config = write_config(folder, options, workers)
        seconds, cpu, rss = measure([str(options.build / "rivet"), "run", "--config", str(config)])
        return seconds, cpu, rss, bytes_written(folder)
    finally:
        shutil.rmtree(folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", choices=SOURCES, default="postgres")
    parser.add_argument("--url", help="the database with the full seed; default: the development server's")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--table", choices=QUERIES, default="page_views")
    parser.add_argument("--chunk-size", type=int, default=50000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--level", type=int, default=9, help="of zstd")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    options.url = options.url or SOURCES[options.source]

    results = {1: [], options.workers: []}
    run(options, 1)  # so that the table is cached
    for _ in range(options.runs):
        for workers in results:
            results[workers].append(run(options, workers))
    print(f"{'table':<14} {'workers':>7} {'wall s':>7} {'(range)':>13} {'cpu s':>6} {'rss MB':>7} {'MB out':>8}")
    for workers, runs in results.items():
        walls = [each[0] for each in runs]
        print(f"{options.table:<14} {workers:7} {statistics.median(walls):7.2f} ({min(walls):5.2f}-{max(walls):5.2f}) "
              f"{statistics.median(each[1] for each in runs):6.2f} {max(each[2] for each in runs):7.1f} {runs[0][3] / 1e6:8.1f}")
    ratio = statistics.median(each[0] for each in results[1]) / statistics.median(each[0] for each in results[options.workers])
    print(f"{options.workers} workers are {ratio:.2f} times as fast as one")
    if options.workers == 2 and ratio < WANTED:
        sys.exit(f"wanted: {WANTED}")


if __name__ == "__main__":
    main()
