"""Plans of large and of odd tables, on each server: what the server is asked for, and how long that takes it."""

import re

import pytest

import chunked
import servers
import support

# Seconds a statement may take: the server ends those that take longer.
LIMIT_S = 1


@pytest.fixture(scope="module", params=servers.ALL, ids=lambda server: server.name)
def server(request):
    request.param.prepare()
    return request.param


def analyze(server, table):
    server.execute(f"vacuum analyze {table}" if server.name == "postgres" else f"analyze table {table}")


def sent_statements(recorder):
    """The texts in what was sent, each of them once the length of its packet is cut off."""
    return [text.decode(errors="replace") for text in re.findall(rb"(?:SELECT|COPY|DECLARE|EXPLAIN)[\t\n\x20-\x7e]+", recorder.sent)]


@pytest.mark.parametrize("by", ["key", "rows"])
def test_planning_counts_nothing(server, work, by):
    server.table("planned", 2000)
    analyze(server, "planned")
    with chunked.Valve(port=server.port) as recorder:
        work.write(chunked.export(query="select id, payload from planned", chunk_size=100, chunk_by=by, parallel=2), source=server.source(port=recorder.port))
        work.run()
    statements = sent_statements(recorder)
    assert any(re.search(r"LIMIT 1 OFFSET \d+", text) for text in statements), statements
    assert not [text for text in statements if re.search(r"count\s*\(", text, re.I) and "planned" in text]
    assert len(work.files("a")) == 20


def big_table(server, rows, thousands):
    """An id every thousand, so that chunks go by rows; filled from ten times fewer numbers, ten times."""
    server.execute("drop table if exists big", "create table big (id bigint primary key)")
    for i in range(thousands):
        server.execute(f"insert into big select (g + {i * rows}) * 1000 from {server.series(rows)}")
    analyze(server, "big")


def check_big(server, work, rows, chunk_size):
    with chunked.Valve(port=server.port) as recorder:
        work.write(chunked.export(query="select id from big", chunk_size=chunk_size, chunk_checkpoint=True, parallel=2, compression="snappy"),
                   source=server.source(port=recorder.port, statement_timeout_s=LIMIT_S, max_retries=0))
        run = work.run(timeout=600)
    assert run.summary("a")["rows"] == str(rows)
    assert [task[5] for task in chunked.state_chunks(work)[1]] == [str(chunk_size)] * (rows // chunk_size)
    statements = sent_statements(recorder)
    assert not [text for text in statements if re.search(r"count\s*\(", text, re.I) and "big" in text]
    assert len([text for text in statements if f"OFFSET {chunk_size - 1}" in text]) == rows // chunk_size


@pytest.mark.slow
def test_a_million_rows(server, work):
    big_table(server, 1_000_000, 1)
    try:
        check_big(server, work, 1_000_000, 100_000)
    finally:
        server.execute("drop table big")


@pytest.mark.soak
def test_ten_million_rows(server, work):
    big_table(server, 1_000_000, 10)
    try:
        check_big(server, work, 10_000_000, 100_000)
    finally:
        server.execute("drop table big")


def test_chunks_in_proportion_to_rows(server, work):
    """Row U1's table: 5,000 rows over 500,000,000 ids."""
    server.execute("drop table if exists scattered", "create table scattered (id bigint primary key, payload text)",
                   f"insert into scattered select (g - 1) * 100000 + 1, concat('payload ', g) from {server.series(5000)}")
    analyze(server, "scattered")
    query = "select id, payload from scattered"
    work.write(chunked.export(query=query, chunk_size=1000, chunk_checkpoint=True), source=server.source())
    run = work.run(env={"RUST_LOG": "info"})
    assert "sparse" in run.err
    assert [task[5] for task in chunked.state_chunks(work)[1]] == ["1000"] * 5
    support.assert_same_rows(support.parquet_rows(*work.files("a")), server.rows(query))


def predicate(server, fetch, number, by):
    """What the statement of chunk `number`, of ids 1 to 300, says of the key."""
    at_least = ">=" if by == "key" or number == 0 else ">"
    first, last = 100 * number + (at_least == ">="), 100 * number + 100
    if server.name != "postgres":
        return f"WHERE _rivet.`id` {at_least} ? AND _rivet.`id` <= ?"
    bounds = ("$1", "$2") if fetch == "cursor" else (f"'{first}'", f"'{last}'")
    return f'WHERE _rivet."id" {at_least} {bounds[0]}::pg_catalog.int8 AND _rivet."id" <= {bounds[1]}::pg_catalog.int8'


@pytest.mark.parametrize("by", ["key", "rows"])
@pytest.mark.parametrize("is_paged", [False, True])
def test_one_statement_for_each_chunk(server, work, by, is_paged):
    """As the server gets them: nothing outside the chunk is read, and pages alone are sorted."""
    server.table("planned", 300)
    analyze(server, "planned")
    fetch = ("cursor" if is_paged else "copy") if server.name == "postgres" else "pages" if is_paged else "stream"
    with chunked.Valve(port=server.port) as recorder:
        work.write(chunked.export(query="select id, payload from planned", chunk_size=100, chunk_by=by), source=server.source(port=recorder.port, fetch=fetch))
        work.run()
    reads = [text for text in sent_statements(recorder) if "_rivet WHERE" in text and "IS N" not in text and "LIMIT 1 " not in text]
    assert len(reads) == 3, reads
    for number, text in enumerate(reads):
        assert predicate(server, fetch, number, by) in text, text
        assert ("ORDER BY" in text) == (fetch == "pages"), text


def test_lost_connections_while_planning(server, work):
    """The plan is made again, as a chunk is read again."""
    server.table("planned", 300)
    with support.CuttingProxy(limit=1500, cuts=2, target=("127.0.0.1", server.port)) as proxy:
        work.write(chunked.export(query="select id, payload from planned", chunk_size=100, parallel=2),
                   source=server.source(port=proxy.port, max_retries=3, retry_backoff_ms=10))
        run = work.run(env={"RUST_LOG": "warn"})
    assert re.search(r"export 'a': retry 1/3 in \d+ms \[reconnecting\]", run.err), run.text
    assert int(run.summary("a")["retries"]) > 0
    support.assert_same_rows(support.parquet_rows(*work.files("a")), server.rows("select id, payload from planned"))
