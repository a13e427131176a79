"""--reconcile in every mode, from a query and from a file, on both sources; and counts that fail."""

import re

import pytest

import chunked
import servers
import support

ROWS = 300
MODES = {
    "full": {},
    "incremental": {"mode": "incremental", "cursor_column": "id"},
    "time_window": {"mode": "time_window", "time_column": "changed_at", "days_window": 36500},
    "chunked": {"mode": "chunked", "chunk_column": "id", "chunk_size": 70},
    "chunked 3": {"mode": "chunked", "chunk_column": "id", "chunk_size": 70, "parallel": 3},
    "checkpoint": {"mode": "chunked", "chunk_column": "id", "chunk_size": 70, "chunk_checkpoint": True},
    "checkpoint 3": {"mode": "chunked", "chunk_column": "id", "chunk_size": 70, "chunk_checkpoint": True, "parallel": 3},
    "dense": {"mode": "chunked", "chunk_column": "id", "chunk_size": 70, "chunk_dense": True},
}
FETCHES = {"postgres": ["copy", "cursor"], "mariadb": ["stream", "pages"]}


@pytest.fixture(scope="module", params=servers.SERVERS, ids=lambda server: server.name)
def server(request):
    request.param.prepare()
    request.param.table("counted", ROWS)
    return request.param


@pytest.mark.parametrize("file", [False, True], ids=["query", "query_file"])
@pytest.mark.parametrize("mode", MODES)
def test_match(work, server, mode, file):
    query = "select id, changed_at, payload from counted"
    (work.path / "q.sql").write_text(query + " ;\n-- the end\n")
    work.write({"name": "q", **({"query_file": "q.sql"} if file else {"query": query}), **MODES[mode]}, source=server.source())
    run = work.run("--reconcile", env={"RIVET_LOG": "info"})
    assert run.summary("q")["reconcile"] == f"MATCH ({ROWS}/{ROWS})" and "reconcile MATCH" in run.err
    assert sum(len(support.parquet_rows(path)) for path in work.files()) == ROWS
    if mode == "incremental":
        again = work.run("--reconcile")
        assert again.summary("q")["reconcile"] == "MATCH (0/0)", "the window of this run is counted"
    assert "reconcile" not in work.run().summary("q")


@pytest.mark.parametrize("mode", MODES)
def test_no_rows(work, server, mode):
    work.write({"name": "q", "query": "select id, changed_at from counted where id < 0", **MODES[mode]}, source=server.source())
    assert work.run("--reconcile").summary("q")["reconcile"] == "MATCH (0/0)"


def test_each_fetch(work, server):
    for fetch in FETCHES[server.name]:
        work.write({"name": "q", "query": "select id from counted where id <= 123"}, source=server.source(fetch=fetch, batch_size=50))
        assert work.run("--reconcile").summary("q")["reconcile"] == "MATCH (123/123)", fetch


# ---- a count that fails ----

COUNTS = "current_query() ~* 'count\\('"


def function(body):
    """no_whole(n) in the tests' database: may behave otherwise when the whole is counted."""
    server = servers.POSTGRES
    server.prepare()
    server.table("counted", ROWS)
    server.execute("drop function if exists no_whole(bigint)",
                   f"create function no_whole(n bigint) returns boolean language plpgsql volatile as $$ begin {body} end $$")
    return server


REFUSES = f"if {COUNTS} then raise exception 'no counting'; end if; return true;"


def fickle(server):
    """A query that the server answers, but does not count."""
    if server.name == "postgres":
        function(REFUSES)
        return "select id, changed_at from counted where no_whole(id)"
    # Of the count the list of processes says that it counts; then a subquery has two rows.
    text = "(select info from information_schema.processlist where id = connection_id())"
    return f"select id, changed_at from counted where if({text} like concat('%COU', 'NT(*)%'), (select 1 union select 2), 1)"


def check_uncounted(work, run, rows=ROWS):
    """Rows and files are as ever; there is a warning and no line in the summary."""
    assert "reconcile" not in run.summary("q") and run.summary("q")["status"] == "success", run.text
    assert re.search(r"export 'q': reconcile: the source's rows could not be counted: \S", run.err), run.text
    assert sum(len(support.parquet_rows(path)) for path in work.files()) == rows
    assert work.query_state("select status from run") == [("done",)]


def test_a_count_that_fails_is_a_warning(work, server):
    for fetch in FETCHES[server.name][:1]:
        work.write({"name": "q", "query": fickle(server)}, source=server.source(fetch=fetch))
        check_uncounted(work, work.run("--reconcile"))


CHUNKED = [mode for mode in MODES if mode not in ("full", "incremental", "time_window", "dense")]


@pytest.mark.parametrize("mode", CHUNKED)
@pytest.mark.parametrize("consistency", ["default", "snapshot", "none"])
def test_a_count_that_fails_before_the_chunks(work, mode, consistency):
    """The whole is counted first, in the snapshot that the chunks are read in; the failure must not end it."""
    server = function(REFUSES)
    work.write({"name": "q", "query": "select id, changed_at, payload from counted where no_whole(id)", "consistency": consistency, **MODES[mode]},
               source=server.source())
    run = work.run("--reconcile")
    assert "no counting" in run.err
    check_uncounted(work, run)
    assert len(work.files()) == 5


@pytest.mark.parametrize("mode", ["incremental", "time_window"])
def test_a_count_that_fails_in_a_window(work, mode):
    server = function(REFUSES)
    work.write({"name": "q", "query": "select id, changed_at, payload from counted where no_whole(id)", **MODES[mode]}, source=server.source())
    check_uncounted(work, work.run("--reconcile"))
    assert work.query_state("select last_cursor_value from export_state") == ([(str(ROWS),)] if mode == "incremental" else [])


def test_a_count_whose_connection_dies_is_a_warning(work):
    """The rows are complete by then, and are not read again."""
    server = function(f"if {COUNTS} then perform pg_terminate_backend(pg_backend_pid()); perform pg_sleep(5); end if; return true;")
    work.write({"name": "q", "query": "select id, payload from counted where no_whole(id)"}, source=server.source(max_retries=0))
    check_uncounted(work, work.run("--reconcile"))


# ---- counts that differ ----

DIFFERS = f"return n > 1 or {COUNTS};"


@pytest.mark.parametrize("mode", ["full", "chunked"])
def test_a_mismatch_in_one_snapshot_stops_the_export(work, mode):
    server = function(DIFFERS)
    work.write({"name": "q", "query": "select id, payload from counted where no_whole(id)", **MODES[mode]}, source=server.source())
    run = work.run("--reconcile", check=3)
    assert run.summary("q")["reconcile"] == f"MISMATCH (exported {ROWS - 1} vs source {ROWS})"
    assert "reconcile MISMATCH" in run.err and work.files() == [] and work.leftovers() == []


def test_a_mismatch_without_a_common_snapshot_is_a_warning(work):
    server = function(DIFFERS)
    work.write({"name": "q", "query": "select id, payload from counted where no_whole(id)", "consistency": "none", **MODES["chunked 3"]},
               source=server.source())
    run = work.run("--reconcile")
    assert run.summary("q")["reconcile"] == f"MISMATCH (exported {ROWS - 1} vs source {ROWS}) (no common snapshot)"
    assert sum(len(support.parquet_rows(path)) for path in work.files()) == ROWS - 1


# ---- a count that tells the truth, after something went wrong ----

@pytest.mark.parametrize("mode", ["chunked 3", "checkpoint 3"])
def test_a_mismatch_is_one_though_a_worker_was_lost(work, mode):
    """Whoever reads on has the snapshot of the count: nothing excuses the difference."""
    server = function(f"return n <> 7 or {COUNTS};")
    server.table("moments", 4000)
    with chunked.SnapshotCut(15000, server.port, workers=3) as proxy:
        work.write({"name": "q", "query": "select id, changed_at, payload from moments where no_whole(id)", "consistency": "snapshot",
                    **MODES[mode], "chunk_size": 200}, source=server.source(port=proxy.port, max_retries=1, retry_backoff_ms=10))
        run = work.run("--reconcile", check=3)
    assert "goes to another worker" in run.err and "3999" in run.err and "4000" in run.err, run.text
