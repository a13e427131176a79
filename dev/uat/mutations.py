"""Proves that each row can fail: runs it under a mutation that it must notice.

A mutation is a wrong fixture (a configuration edited in the row's place), a stopped server (an address
where nothing listens), or a broken build: a program named rivet, rivet-seed or curl, found first in
PATH, that runs the real one and spoils its arguments, its output or its files.

A row first has to pass without its mutation, and under it has to fail for the expected reason: a row
that fails of something else (a server that is missing, a limit, an error of its own) proves nothing.

    dev/uat_mutations.sh [ROW…] [--table FILE]
"""

import argparse
import contextlib
import pathlib
import re
import shlex
import shutil
import signal
import sys
import urllib.parse

from uat import __main__ as runner
from uat import registry, source, world

NOWHERE = "localhost:1"
SHIMS = world.FOLDER / "mutant-programs"


class Mutation:
    """What is changed, in words, and how: a function of the settings."""

    def __init__(self, words, change):
        self.words, self.change = words, change


def fixture(name, old, new, words=None):
    return Mutation(words or f"dev/{name}: `{' '.join(old.split())}` becomes `{' '.join(new.split())}`",
                    lambda settings: settings.edits.append((name, old, new)))


def stopped(name, address):
    """The file points to a port where nothing listens; address is the one of the plan's file."""
    def change(settings):
        closed = re.sub(r"@[^/]+", f"@{NOWHERE}", settings.replacements()[address])
        settings.edits.append((name, settings.replacements()[address], closed))
    return Mutation(f"dev/{name}: the server is stopped (its port is closed)", change)


def program(words, body, name="rivet"):
    """A shell script in place of a program; $REAL is the true one."""
    def change(settings):
        real = world.BUILD / name if name.startswith("rivet") else shutil.which(name)
        script = SHIMS / name
        script.write_text(f"#!/bin/bash\nREAL={real}\n{body}\n")
        script.chmod(0o755)
        settings.programs = SHIMS
    return Mutation(words, change)


def setting(words, **values):
    return Mutation(words, lambda settings: [setattr(settings, name, value) for name, value in values.items()])


def filtered(words, sed, stream="stdout"):
    """The program's output goes through sed."""
    if stream == "stdout":
        return program(words, f"set -o pipefail\n\"$REAL\" \"$@\" | sed {shlex.quote(sed)}")
    return program(words, f"\"$REAL\" \"$@\" 2> >(sed {shlex.quote(sed)} >&2)\nstatus=$?\nwait $!\nexit $status")


def without(flag, words=None):
    body = f'arguments=()\nfor word in "$@"; do [ "$word" = "{flag}" ] || arguments+=("$word"); done\nexec "$REAL" "${{arguments[@]}}"'
    return program(words or f"rivet ignores {flag}", body)


def afterwards(words, command):
    """After a run that succeeded, its files are spoiled."""
    return program(words, f'"$REAL" "$@" || exit\n[ "$1" != run ] || {{ {command}; }}')


def lost_chunk(pattern):
    return afterwards("a chunk file is lost after the run", f"ls dev/output/bench/{pattern} | tail -n 1 | xargs rm")


def empty_seed(settings):
    """A new database, and a seed program that does nothing."""
    program("", "exit 0", "rivet-seed").change(settings)
    url = urllib.parse.urlsplit(settings.pg_url)
    settings.pg_url = url._replace(path=f"{url.path}_mutant").geturl()
    settings.undo.callback(source.POSTGRES.drop)


NO_RESUME = '''if [[ "$*" == *--resume* ]]; then
    arguments=()
    for word in "$@"; do [ "$word" = --resume ] || arguments+=("$word"); done
    "$REAL" state reset-chunks --config "$3" --export "$5" >/dev/null
    exec "$REAL" "${arguments[@]}"
fi
exec "$REAL" "$@"'''
NO_TOXIC = program("Toxiproxy ignores what is posted", 'case "$*" in *toxics*) echo "{}"; exit ;; esac\nexec "$REAL" "$@"', "curl")
NO_DELETE = program("Toxiproxy ignores DELETE", 'case "$*" in *DELETE*) exit 0 ;; esac\nexec "$REAL" "$@"', "curl")

MUTATIONS = {  # row → (what it must say, as a regular expression; the mutation)
    "Pre-P1": (r"^rivet --version says 'ravit ", program("rivet --version names another program", "echo 'ravit 1.0'")),
    "Pre-P2": (r"^OperationalError: .*port 1 failed: Connection refused",
               setting("PostgreSQL is stopped", pg_url=f"postgresql://rivet:rivet@{NOWHERE}/rivet")),
    "Pre-P3": (r"^postgres: \{'users': 0,.* 'events': 0\}$", Mutation("rivet-seed leaves a new database empty", empty_seed)),
    "Pre-P4": (r"/nonesuch does not exist$", setting("dev/output is missing", output=world.FOLDER / "nonesuch")),
    "A1": (r"^help lacks \{'metrics'\}$", filtered("the help lacks `metrics`", "/^ *metrics/d")),
    "A2": (r"^the first line is '\\n'$", program("completions begin with an empty line", 'echo; exec "$REAL" "$@"')),
    "A3": (r"^rivet check .*: exit 0: Error: .*No such file",
           program("a missing configuration is exit 0", '"$REAL" "$@" || true')),
    "B1": (r"^pg_users_csv: verdict \[\]$", filtered("check prints no verdict", "/Verdict:/d")),
    "B2": (r"^blocks of \['pg_users_csv', 'pg_users_parquet',",
           program("check ignores --export", 'exec "$REAL" "$1" "$2" "$3"')),
    "B3": (r": estimate ~1 for \d+ rows$", filtered("check estimates one row", "s/Row estimate: .*/Row estimate: ~1/")),
    "B4": (r"pg_stopped\.yaml.*\[OK\] +Source connectivity error: cannot connect",
           filtered("doctor calls a failure OK", "s/\\[FAIL\\]/[OK] /")),
    "C1": (r"^orders: rows (\d+) instead of \d+; distinct ids \1 instead of",
           afterwards("the last record of a CSV file is lost", "sed -i '$d' dev/output/pg_orders_csv_*.csv")),
    "C2": (r"^summary of pg_users_parquet says validated: None, not pass;",
           filtered("no line validated:", "/validated:/d", "stderr")),
    "C3": (r"^summary of pg_orders_incremental says rows: \d+, not \d+; exit 0",
           fixture("pg_incremental.yaml", "updated_at FROM orders", "updated_at FROM orders WHERE id > 1")),
    "C4": (r"^summary of pg_orders_incremental says rows: [1-9]\d+, not 0; exit 0",
           program("the state is forgotten before each run", '[ "$1" != run ] || rm -f dev/.rivet_state.db*\nexec "$REAL" "$@"')),
    "C5": (r"^users: rows 100001 instead of 100000; values of id 100001 instead of",
           afterwards("the last record of a CSV file is there twice", "for f in dev/output/mysql_users_csv_*.csv; do tail -n 1 $f >>$f; done")),
    "C6": (r"^summary of mysql_events_incremental says rows: \d+, not \d+; exit 0",
           fixture("mysql_incremental.yaml", "ip_address, created_at FROM events", "ip_address, created_at FROM events WHERE id > 1")),
    "D1": (r"^\['pg_orders_incremental +\S+ \d\d:\d\d\.0+ ",
           filtered("state show cuts the cursor", "s/T00/ 00/; s/T[0-9][0-9]:/ /")),
    "D2": (r"^[6-9] rows$",
           program("metrics ignores --last", 'if [ "$1" = metrics ]; then exec "$REAL" "$1" "$2" "$3"; fi\nexec "$REAL" "$@"')),
    "D3": (r"^still stored$",
           program("state reset confirms and does nothing", "if [ \"$2\" = reset ]; then echo \"forgot 'pg_orders_incremental'\"; exit 0; fi\nexec \"$REAL\" \"$@\"")),
    "E1": (r"_chunk0\.parquet', 'bench_content_seq_\w+_chunk1\.parquet'\]$",
           fixture("bench_chunked_seq.yaml", "chunk_size: 50000", "chunk_size: 100000")),
    "E2": (r"^19 files$", lost_chunk("bench_content_p4_serial_*_chunk*")),
    "E3": (r"^\['bench_content_p4'\]$",
           program("only the first export is run", 'exec "$REAL" "$@" --export bench_content_p4')),
    "F1": (r"^\{'run_id': 'users_meta_test_.*'status': 'success'",
           fixture("test_meta_columns.yaml", "format: parquet", "format: parquet\n    compression: snappy")),
    "F2": (r"^summary of users_snappy says compression: None, not snappy; exit 0",
           fixture("test_compression.yaml", "compression: snappy", "compression: zstd")),
    "F3": (r"^summary of users_skip_empty says status: success, not skipped; exit 0",
           fixture("test_compression.yaml", "skip_empty: true", "skip_empty: false")),
    "F4": (r"^row hashes differ", fixture("test_meta_columns.yaml", "id, name, email, age", "id, email, name, age")),
    "G1": (r"pg_structured\.yaml: exit 0: ", fixture("pg_structured.yaml", "password_env: PGPASSWORD", "password: rivet")),
    "G2": (r"mysql_structured\.yaml: exit 5: Error: cannot connect to MySQL",
           Mutation("dev/mysql_structured.yaml: the server is stopped (its port is closed)", lambda settings: settings.edits.append(
        ("mysql_structured.yaml", settings.replacements()["port: 3306"], "port: 1")))),
    "H1": (r"^suggestions: \[\]$", filtered("check suggests nothing", "/Suggestion:/d")),
    "H2": (r"test_pg_wrongpass\.yaml.* \[FAIL\] Source auth error: cannot connect",
           filtered("doctor hides the server's message", "s/password\\|authentication/x/g")),
    "I1": (r"run_s3_export\.sh: exit 5: .*cannot look at 's3://rivet-test/",
           Mutation("the S3 server is stopped (its port is closed)", lambda settings: settings.edits.append(
        ("rivet_s3_minio_test.yaml", settings.replacements()["http://localhost:9000"], f"http://{NOWHERE}")))),
    "I2": (r"run_gcs_fake_export\.sh: exit 5: .*http://localhost:1/",
           Mutation("fake-gcs is stopped (its port is closed)", lambda settings: settings.edits.append(
        ("rivet_gcs_fake_test.yaml", settings.replacements()["http://127.0.0.1:4443"], f"http://{NOWHERE}")))),
    "I3": (r"^without credentials: exit 1: .*batch_size: 1000",
           fixture("rivet_gcs_rivet_data_test.yaml", "  tuning:\n    profile: fast\n    batch_size: 1000", "  batch_size: 1000",
                  "dev/rivet_gcs_rivet_data_test.yaml: `batch_size` directly under `source`, as in the tagged file")),
    "J1": (r"^the window: 0 rows missing, [1-9]\d* too many",
           fixture("_uat_time_window.yaml", "days_window: 7", "days_window: 8")),
    "K1": (r"test_schema_evolution\.sh: exit 1: .*passed: \d+, failed: [1-9]",
           filtered("changes of the columns are not told", "/schema changed/d", "stderr")),
    "L1": (r"^run$", program("a line comes before the header", 'echo run; exec "$REAL" "$@"')),
    "L2": (r"^1[0-9] records with RUST_LOG=error$",
           program("the summary goes to standard output", 'exec "$REAL" "$@" 2>&1')),
    "M1": (r"^--param MAX_ID=10: 1 rows missing, 0 too many",
           fixture("test_params.yaml", "id <= ${MAX_ID}", "id < ${MAX_ID}")),
    "M2": (r"^--param MAX_ID=5: 0 rows missing, 2 too many",
           program("the environment wins over --param", '[ -z "$MAX_ID" ] || exec "$REAL" "$1" "$2" "$3"\nexec "$REAL" "$@"')),
    "M3": (r"exit 1: Error: export 'users_parameterized': relation .nonesuch. does not exist",
           fixture("test_params.yaml", "FROM users", "FROM nonesuch")),
    "N1": (r"exit 3: quality: FAIL .*'users_quality_pass': quality checks",
           fixture("test_quality.yaml", "row_count_max: 1000", "row_count_max: 499")),
    "N2": (r"users_quality_fail_max: exit 0: .*quality: pass",
           fixture("test_quality.yaml", "row_count_max: 10\n", "row_count_max: 1000000\n")),
    "O1": (r"^exit 0: duration: .*schema: new",
           fixture("test_memory_batch.yaml", "batch_size_memory_mb: 10", "batch_size_memory_mb: 11")),
    "P1": (r"^\['users_split_\w+'\]$",
           afterwards("a part is lost after the run", "rm dev/output/users_split_*_part1.parquet")),
    "P2": (r"^0 parts$", fixture("test_file_split.yaml", "max_file_size: 10KB", "max_file_size: 10GB")),
    "Q1": (r"test_toxiproxy_pg\.yaml --validate: exit 5: .*'users_toxi': cannot connect",
           stopped("test_toxiproxy_pg.yaml", "@localhost:15432/rivet")),
    "Q2": (r"^Toxiproxy answered \{\}$", NO_TOXIC),
    "Q3": (r"^[0-2]\.\d+ ?s$",
           Mutation("dev/test_toxiproxy_pg.yaml: the export goes round Toxiproxy", lambda settings: settings.edits.append(
        ("test_toxiproxy_pg.yaml", settings.replacements()["@localhost:15432/rivet"], settings.replacements()["@localhost:5432/rivet"])))),
    "Q4": (r"^answer '', toxics \{'latency'\}$", NO_DELETE),
    "Q5": (r"^Toxiproxy answered \{\}$", NO_TOXIC),
    "Q6": (r"^\[\]$", fixture("test_toxiproxy_pg.yaml", "max_retries: 3", "max_retries: 1")),
    "Q7": (r"^answer '', toxics \{'limit'\}$", NO_DELETE),
    "Q8": (r"^summary of users_toxi says rows: 4999, not 5000; exit 0",
           fixture("test_toxiproxy_pg.yaml", "LIMIT 5000", "LIMIT 4999")),
    "R1": (r"^19 files$", lost_chunk("bench_content_p4_serial_*_chunk*")),
    "R2": (r"^plan_hash (?!1f24b22011040dff)[0-9a-f]{16}$",
           fixture("bench_chunked_p4.yaml", "SELECT id, title", "SELECT id,  title", "dev/bench_chunked_p4.yaml: one more blank in the queries")),
    "R3": (r"^2\d files in the end$", program("--resume starts over", NO_RESUME)),
    "R4": (r"^removed 1 run of 'bench_content_p4_serial'$", program("state reset-chunks confirms and does nothing",
                  "if [ \"$2\" = reset-chunks ]; then echo \"removed 1 run of 'bench_content_p4_serial'\"; exit 0; fi\nexec \"$REAL\" \"$@\"")),
    "R5": (r"bench_content_p4 --resume: exit 0: ", program("--resume takes any plan", NO_RESUME)),
    "S1": (r"says tuning: profile=safe, batch_size=1000, not profile=balanced,",
           fixture("bench_chunked_p4.yaml", "profile: balanced", "profile: safe")),
    "S2": (r"^no two exports ran at once$", without("--parallel-exports")),
    "S3": (r"^0 child processes with --export$", without("--parallel-export-processes")),
    "S4": (r"^the log tells of parallel exports$",
           program("one export is announced as parallel", 'echo "running 1 exports in parallel" >&2; exec "$REAL" "$@"')),
    "S5": (r"^no two exports ran at once$",
           program("rivet ignores parallel_exports", 'if [ "$1" = run ]; then sed -i "/^parallel_export/d" "$3"; fi\nexec "$REAL" "$@"')),
    "T1": (r"^URLError: .*Connection refused", setting("Prometheus is stopped (its port is closed)", prometheus=1)),
    "T2": (r"^rate\(pg_stat_database_tup_fetched.*: idle \d+, during the export \d+$",
           program("the export reads nothing", "sleep 5")),
    "U1": (r"^count, lowest, highest: \(5000, 1, 49990001\)$",
           program("rivet-seed takes another gap", 'exec "$REAL" "${@/100000/10000}"', "rivet-seed")),
    "U2": (r"^warnings: \['Dense surrogate ",
           fixture("sparse_chunk_demo.yaml", "chunk_size: 500000", "chunk_size: 500000\n    chunk_dense: true")),
    "U3": (r"^[1-9]\d* files for 25000 rows$",
           fixture("sparse_chunk_demo.yaml", "chunk_size: 10000\n    chunk_dense", "chunk_size: 5000\n    chunk_dense")),
}


@contextlib.contextmanager
def mutated(mutation):
    shutil.rmtree(SHIMS, ignore_errors=True)
    SHIMS.mkdir(parents=True)
    before = dict(vars(world.settings))
    world.settings.edits = []
    source.prepare.cache_clear()
    try:
        with contextlib.ExitStack() as world.settings.undo:
            mutation.change(world.settings)
            yield
    finally:
        vars(world.settings).clear()
        vars(world.settings).update(before)
        source.prepare.cache_clear()


def write_table(path, killed):
    """The rows of this run take the place of theirs in the table."""
    old = path.read_text().splitlines() if path.exists() else []
    lines = {line.split("|")[1].strip(): line for line in old if line.startswith("| ") and not line.startswith("| Row ")}
    for identifier, words, fact in killed:
        cells = (cell.replace("|", "\\|") for cell in (identifier, words, fact))
        lines[identifier] = f"| {' | '.join(cells)} |"
    order = [row.identifier for row in registry.load()]
    head = ["# Each row of the acceptance plan can fail", "",
            "Written by `dev/uat_mutations.sh --table dev/uat/mutations.md`: the mutation that was used for each row,",
            "and what the row said. A broken build is a program around the real one that spoils what is described.", "",
            "| Row | Mutation | FAIL |", "|---|---|---|"]
    path.write_text("\n".join(head + [lines[row] for row in order if row in lines]) + "\n")


def prove(row, expected, mutation):
    """(KILLED, SURVIVED or UNPROVEN, what the row said)"""
    result, fact, _ = runner.run_row(row, prefix="plain-")
    if result == "FAIL":  # a SKIP comes after all that can be looked at here
        return "UNPROVEN", f"fails without the mutation: {fact}"
    with mutated(mutation):
        result, fact, _ = runner.run_row(row, prefix="mutant-")
    if result != "FAIL":
        return "SURVIVED", f"{result} {fact}"
    if not re.search(expected, fact):
        return "UNPROVEN", f"fails of something else: {fact}"
    return "KILLED", fact


def main():
    parser = argparse.ArgumentParser(prog="dev/uat_mutations.sh")
    parser.add_argument("rows", nargs="*")
    parser.add_argument("--table", type=pathlib.Path, metavar="FILE", help="write the table of mutations")
    options = parser.parse_args()
    rows = registry.select(options.rows)
    missing = [row.identifier for row in rows if row.identifier not in MUTATIONS]
    assert not missing, f"rows without a mutation: {missing}"
    signal.signal(signal.SIGALRM, runner.on_alarm)
    killed = []
    try:
        for row in rows:
            expected, mutation = MUTATIONS[row.identifier]
            verdict, fact = prove(row, expected, mutation)
            if verdict == "KILLED":
                killed.append((row.identifier, mutation.words, fact[:160].replace(str(world.FOLDER), "")))
            print(f"{verdict} {row.identifier} {mutation.words} -> {fact}", flush=True)
    finally:
        world.stop_services()
    print(f"{len(killed)} of {len(rows)} mutations made their row fail")
    if options.table:
        write_table(options.table, killed)
    return 0 if len(killed) == len(rows) else 1


if __name__ == "__main__":
    sys.exit(main())
