"""rivet check on MariaDB and MySQL: how rows would be read, and what a run refuses."""

import json
import re

import pytest

import mysql_support
import preflight_support as preflight
import support


@pytest.fixture(scope="module", params=mysql_support.PORTS)
def server(request):
    with mysql_support.open_server(request.param) as server, server.fresh_database() as (name, connection):
        server.execute("create table t (id int primary key, changed datetime not null, kind enum('a','b'), flags set('x','y'), share double, "
                       "paper json, label varchar(20), maybe int, key (changed))",
                       "create table keyless (a int, b varchar(20))",
                       "insert into t (id, changed, maybe) values (1, now(), 1), (2, now(), 2), (3, now(), null)", connection=connection)
        server.query("analyze table t", connection=connection)
        server.database = name
        yield server


def check(work, *arguments, status=0):
    return support.rivet("check", "--config", work.config, *arguments, check=status)


def notes(server, work, export, **tuning):
    work.write({"name": "one", **export}, source={"type": "mysql", "url": server.url(server.database), "tuning": tuning})
    return " | ".join(preflight.blocks(check(work).out)["one"].get("Note", []))


STREAMED, CHUNKED = "no statement_timeout_s applies", {"mode": "chunked", "chunk_size": 2}


@pytest.mark.parametrize("export, tuning, wanted, unwanted", [
    ({"query": "select * from t"}, {"profile": "fast"}, ["read as a single stream", STREAMED, "fetch: pages"], []),
    ({"query": "select * from t"}, {"profile": "balanced"}, [], [STREAMED]),
    ({"query": "select * from keyless"}, {"profile": "safe"}, ["read as a single stream", "no unique key"], []),
    ({"query": "select id, changed from t", "mode": "incremental", "cursor_column": "changed"}, {"profile": "balanced"}, [], [STREAMED]),
    ({"query": "select id, maybe from t", "mode": "incremental", "cursor_column": "maybe", "cursor_nulls": "skip"}, {"profile": "balanced"}, [], [STREAMED]),
    ({"query": "select id, changed from t", "mode": "incremental", "cursor_column": "changed", "cursor_nulls": "include_first"}, {"profile": "balanced"}, ["read as a single stream"], []),
    ({"query": "select id, maybe from t", "cursor_column": "maybe"}, {"profile": "balanced"}, [], [STREAMED]),
    ({"query": "select id, maybe from t", "cursor_column": "maybe", "chunk_column": "id", **CHUNKED}, {"profile": "balanced"}, [], [STREAMED]),
    ({"query": "select * from t", "chunk_column": "id", **CHUNKED}, {"profile": "fast"}, ["read as one stream per chunk"], ["whole query again"]),
    ({"query": "select * from t", "chunk_column": "id", **CHUNKED}, {"profile": "balanced"}, [], [STREAMED, "whole query again"]),
    ({"query": "select id, count(*) as n from t group by id", "chunk_column": "id", **CHUNKED}, {"profile": "fast"}, ["whole query again for every chunk"], []),
    ({"query": "select distinct label, id from t", "chunk_column": "id", **CHUNKED}, {"profile": "balanced"}, ["whole query again for every chunk", STREAMED], []),
    ({"query": "select id from t union select id + 10 from t", "chunk_column": "id", **CHUNKED}, {"profile": "fast"}, ["whole query again"], []),
    ({"query": "select id, row_number() over (order by id) as n from t", "chunk_column": "id", **CHUNKED}, {"profile": "fast"}, ["whole query again"], []),
    ({"query": "select id, count(*) as n from t group by id"}, {"profile": "fast"}, [], ["whole query again"]),
])
def test_how_rows_are_read(server, work, export, tuning, wanted, unwanted):
    said = notes(server, work, export, **tuning)
    assert all(words in said for words in wanted) and not any(words in said for words in unwanted), said


def test_statements_are_counted_as_they_are_read(server, work):
    """Three rows, two per page; a stream is one statement however many rows a batch takes."""
    for tuning, wanted in (({"profile": "balanced", "batch_size": 2}, "~2,"), ({"profile": "fast", "batch_size": 2}, "~1,")):
        work.write({"name": "one", "query": "select * from t"}, source={"type": "mysql", "url": server.url(server.database), "tuning": tuning})
        assert preflight.blocks(check(work).out)["one"]["Statements"][0].startswith(wanted)


def test_the_server(server, work):
    work.write({"name": "one", "query": "select * from t where id < 3"}, source={"type": "mysql", "url": server.url(server.database)})
    run = check(work)
    assert re.search(rf"^Source: mysql://127.0.0.1:{server.port}/{server.database}$", run.out, re.M)
    assert re.search(r"^  Connections:  \d+ free of \d+$", run.out, re.M)
    assert "Standby" not in run.out and "Pooler" not in run.out
    assert preflight.blocks(run.out)["one"]["Scan type"] == ["range using PRIMARY (indexed)"]
    source = json.loads(check(work, "--json").out)["source"]
    assert source["connections_free"] > 0 and source["statement_timeout_ms"] is not None and source["is_standby"] is False


def test_the_primary_key_is_found(server, work):
    work.write({"name": "one", "query": "select * from t", **CHUNKED}, source={"type": "mysql", "url": server.url(server.database)})
    block = preflight.blocks(check(work).out)["one"]
    assert block["Cursor range"] == ["1 .. 3"] and block["Chunks"] == ["1"]


STEPS, CUTS = {"mode": "incremental"}, {"mode": "chunked"}
REFUSED = {
    "missing table": {"query": "select * from no_such_table"},
    "cursor of words": {"query": "select * from t", **STEPS, "cursor_column": "kind"},
    "cursor of sets": {"query": "select * from t", **STEPS, "cursor_column": "flags"},
    "cursor of documents": {"query": "select * from t", **STEPS, "cursor_column": "paper"},
    "cursor of nothing": {"query": "select * from t", **STEPS, "cursor_column": "nothing"},
    "lag that does not fit": {"query": "select * from t", **STEPS, "cursor_column": "changed", "cursor_lag": 5},
    "chunks of words": {"query": "select * from t", **CUTS, "chunk_column": "kind"},
    "chunks of floats": {"query": "select * from t", **CUTS, "chunk_column": "share"},
    "chunks of documents": {"query": "select * from t", **CUTS, "chunk_column": "paper"},
    "chunks without a key": {"query": "select * from keyless", **CUTS},
    "a text for a time": {"query": "select * from t", "mode": "time_window", "time_column": "label", "days_window": 1},
    "two columns of a name": {"query": "select id, id from t"},
}


@pytest.mark.parametrize("export", REFUSED.values(), ids=REFUSED.keys())
def test_a_run_refuses_the_same(server, work, export):
    work.write({"name": "bad", **export}, source={"type": "mysql", "url": server.url(server.database)})
    checked, ran = check(work, status=1), work.run(check=1)
    assert preflight.reasons(ran) == preflight.reasons(checked)
