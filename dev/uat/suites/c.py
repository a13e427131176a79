"""Suite C: full and incremental."""

import csv

from uat import reading, source
from uat.registry import row

PG, MY = source.POSTGRES, source.MYSQL
INCREMENTAL = "rivet run --config dev/pg_incremental.yaml --export pg_orders_incremental"
CURSORS = {
    PG: "select to_char(max({1}), 'YYYY-MM-DD\"T\"HH24:MI:SS.US') from {0}",
    MY: "select date_format(max({1}), '%%Y-%%m-%%dT%%H:%%i:%%s.%%f') from {0}",
}


def cursor_of(place, config, export):
    """The cursor that state show prints, or None."""
    lines = place.sh(f"rivet state show --config {config}").out.splitlines()
    found = [line.split()[1] for line in lines[2:] if line.split()[:1] == [export]]
    return found[0] if found else None


def first_incremental(place):
    """Row C3; later rows build on it. Returns the run and the highest value."""
    source.prepare(PG)
    place.sh("rivet state reset --config dev/pg_incremental.yaml --export pg_orders_incremental")
    run = place.sh(INCREMENTAL)
    run.expect("pg_orders_incremental", status="success", rows=source.count(PG, "orders"))
    return run, PG.query(CURSORS[PG].format("orders", "updated_at"))[0][0]


def check_full(place, run, server, config, exports):
    """C1 and C5: each export is one file with the rows of its table."""
    counts = source.prepare(server)
    assert list(run.summaries()) == list(exports), list(run.summaries())
    assert len(run.files) == len(exports), [path.name for path in run.files]
    for export, (table, columns, extension) in exports.items():
        run.expect(export, status="success", rows=counts[table])
        (path,) = run.of(f"{export}_*.{extension}")
        reading.assert_profile([path], server, table, columns, text="payload" if table == "events" and server is PG else None)
    return ", ".join(f"{table} {counts[table]}" for table in dict.fromkeys(table for table, _, _ in exports.values()))


@row("C1", "full, CSV and Parquet")
def full(place):
    source.prepare(PG)
    run = place.sh("rivet run --config dev/pg_full.yaml", timeout_s=180)
    return check_full(place, run, PG, "pg_full.yaml", {
        "pg_users_csv": ("users", reading.USERS, "csv"), "pg_users_parquet": ("users", reading.USERS, "parquet"),
        "pg_orders_csv": ("orders", reading.ORDERS, "csv"), "pg_events_parquet": ("events", reading.EVENTS, "parquet")})


@row("C2", "validate")
def validate(place):
    source.prepare(PG)
    command = "rivet run --config dev/pg_full.yaml --export pg_users_parquet"
    run = place.sh(command + " --validate")
    run.expect("pg_users_parquet", validated="pass")
    assert "validated" not in place.sh(command).summary("pg_users_parquet"), "validated: without the flag"
    (path,) = run.files
    path.write_bytes(path.read_bytes()[:-50] + path.read_bytes()[-49:])
    place.sh("rivet validate --config dev/pg_full.yaml --export pg_users_parquet --last 2", status=3)
    return "validated: pass; a damaged file is exit 3"


@row("C3", "incremental, first run")
def incremental_first(place):
    run, top = first_incremental(place)
    (path,) = run.of("*.parquet")
    columns = {name: kind for name, kind in reading.ORDERS.items() if name not in ("notes", "ordered_at")}
    rows = reading.assert_profile([path], PG, "orders", columns)
    stored = cursor_of(place, "dev/pg_incremental.yaml", "pg_orders_incremental")
    assert stored == top, f"cursor {stored}, highest value {top}"
    return f"{rows} rows, cursor {top}"


FRESH = ("insert into orders (user_id, product, quantity, price, status, notes, ordered_at, updated_at) "
         "select min(id), 'x', 1, 1, 'new', 'rivet uat', '2026-01-01', (select max(updated_at) + interval '1 second' from orders) from users")


@row("C4", "incremental, again and with one more row")
def incremental_again(place):
    _, top = first_incremental(place)
    run = place.sh(INCREMENTAL)
    run.expect("pg_orders_incremental", rows=0, files=0)
    assert run.files == [], run.files
    stored = cursor_of(place, "dev/pg_incremental.yaml", "pg_orders_incremental")
    assert stored == top, f"cursor moved from {top} to {stored}"
    with source.rows_of_ours(PG, FRESH, "delete from orders where notes = 'rivet uat'"):
        run = place.sh(INCREMENTAL)
        run.expect("pg_orders_incremental", rows=1)
        want = PG.query("select id from orders where notes = 'rivet uat'")
        got = [line[:1] for line in reading.parquet_rows(*run.files)]
        assert got == want, f"rows {got}, expected {want}"
    return "0 rows, then 1"


@row("C5", "full from MySQL")
def mysql_full(place):
    source.prepare(MY)
    run = place.sh("rivet run --config dev/mysql_full.yaml", timeout_s=180)
    fact = check_full(place, run, MY, "mysql_full.yaml", {
        "mysql_users_csv": ("users", reading.USERS, "csv"), "mysql_users_parquet": ("users", reading.USERS, "parquet"),
        "mysql_orders_parquet": ("orders", reading.ORDERS, "parquet")})
    with run.of("*.csv")[0].open(newline="") as file:
        truth = {record["is_active"] for record in csv.DictReader(file)}
    assert truth == {"0", "1"}, f"is_active has {truth}"
    return fact


@row("C6", "incremental from MySQL")
def mysql_incremental(place):
    source.prepare(MY)
    run = place.sh("rivet run --config dev/mysql_incremental.yaml", timeout_s=180)
    want = {"mysql_orders_incremental": MY.query(CURSORS[MY].format("orders", "updated_at").replace("%%", "%"))[0][0],
            "mysql_events_incremental": str(MY.query("select max(id) from events")[0][0])}
    for export, table in (("mysql_orders_incremental", "orders"), ("mysql_events_incremental", "events")):
        rows = source.count(MY, table)
        run.expect(export, status="success", rows=rows)
        reading.assert_ids(run.of(f"{export}_*"), rows)
        stored = cursor_of(place, "dev/mysql_incremental.yaml", export)
        assert stored == want[export], f"{export}: cursor {stored}, highest value {want[export]}"
    again = place.sh("rivet run --config dev/mysql_incremental.yaml")
    assert again.files == [] and all(facts["rows"] == "0" for facts in again.summaries().values()), again.tail()
    return ", ".join(want.values())
