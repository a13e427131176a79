"""rivet beside the floor: wall time, client CPU, peak RSS and bytes of each, interleaved.

Every figure is a ratio against the floor program in the same run; the table shows medians and, in
brackets, the range of the wall times. Output is removed between runs, and a table is read once
before it is measured, so that it is cached.
"""

import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import time

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[1]
QUERIES = {
    "content_items": "SELECT * FROM content_items",
    "events": "SELECT id, user_id, event_type, ip_address, created_at FROM events",
    "page_views": "SELECT * FROM page_views",
    "metrics": "SELECT id, user_id, screen_width, screen_height, viewport_width, viewport_height, "
               "page_load_ms, created_at FROM page_views",
}
SOURCES = {
    "postgres": "postgresql://rivet:rivet@localhost:5432/rivet_full",
    "mysql": "mysql://rivet:rivet@127.0.0.1:3306/rivet_full",
}
VARIANTS = {
    "none": {"compression": "none"},
    "snappy": {"compression": "snappy"},
    "zstd": {},
    "modern": {"parquet": {"encoding": "modern"}},
    "csv": {"format": "csv"},
    "cursor": {"tuning": {"fetch": "cursor", "batch_size": 10000}},
    "pages": {"tuning": {"fetch": "pages", "batch_size": 10000}},
    "serial": {"parquet": {"encode_threads": 0}},
}


def measure(command, environment=None):
    """Seconds, CPU seconds and peak RSS in MB of one run."""
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - started
    err = process.stderr.read().decode()
    process.stderr.close()
    if status != 0:
        raise SystemExit(f"{command}: {err}")
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def floor_command(options, query):
    program = str(options.build / "bench" / ("floor_pg" if options.source == "postgres" else "floor_mysql"))
    mode = ["--mode", "copy", "--lowat"] if options.source == "postgres" else []
    return [program, "--url", options.url, "--query", query, *mode]


def write_config(folder, options, query, variant):
    export = {"name": "bench", "query": query, "format": "parquet",
              "destination": {"type": "local", "path": str(folder / "out")}, **VARIANTS[variant]}
    config = {"source": {"type": options.source, "url": options.url, "tuning": {"profile": "fast"}}, "exports": [export],
              "max_memory_mb": options.max_memory_mb}
    path = folder / "rivet.yaml"
    path.write_text(yaml.safe_dump(config))
    return path


def bytes_written(folder):
    return sum(path.stat().st_size for path in (folder / "out").glob("bench_*"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", choices=SOURCES, default="postgres")
    parser.add_argument("--url", help="the database with the full seed; default: the development server's")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--table", choices=QUERIES, action="append")
    parser.add_argument("--variant", choices=VARIANTS, action="append")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--max-memory-mb", type=int, default=256)
    options = parser.parse_args()
    options.url = options.url or SOURCES[options.source]

    print(f"{'table':<14} {'program':<10} {'wall s':>7} {'(range)':>13} {'ratio':>6} {'cpu s':>6} {'rss MB':>7} {'MB out':>8}")
    for table in options.table or ["content_items", "events", "page_views"]:
        compare(options, table)


def compare(options, table):
    variants = options.variant or ["none", "snappy", "zstd", "csv"]
    query = QUERIES[table]
    floor = floor_command(options, query)
    results = {name: [] for name in ["floor", *variants]}
    sizes = {}
    measure(floor)
    for _ in range(options.runs):
        results["floor"].append(measure(floor))
        for variant in variants:
            folder = pathlib.Path(tempfile.mkdtemp(prefix="rivet-bench-"))
            try:
                config = write_config(folder, options, query, variant)
                results[variant].append(measure([str(options.build / "rivet"), "run", "--config", str(config)]))
                sizes[variant] = bytes_written(folder)
            finally:
                shutil.rmtree(folder)
    base = statistics.median(run[0] for run in results["floor"])
    for name, runs in results.items():
        walls = [run[0] for run in runs]
        wall = statistics.median(walls)
        print(f"{table:<14} {name:<10} {wall:7.2f} ({min(walls):5.2f}-{max(walls):5.2f}) {wall / base:6.2f} "
              f"{statistics.median(run[1] for run in runs):6.2f} {max(run[2] for run in runs):7.1f} "
              f"{sizes.get(name, 0) / 1e6:8.1f}", flush=True)


if __name__ == "__main__":
    main()
