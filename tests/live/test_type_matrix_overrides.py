"""columns: { name: type } on every source type: taken exactly, or refused with the column's name."""

import re
import time

import pytest

import support
import type_cases
import type_reading
from type_overrides import NEVER, NO_TYPES, OUTPUT, REFUSED, REFUSED_IN_PARQUET, TAKEN, TARGETS
from type_reading import FETCHES, FORMATS


@pytest.fixture(scope="module")
def database():
    with type_reading.fresh_database() as url:
        with type_reading.neutral(url) as connection:
            connection.execute(type_cases.SETUP)
            yield url, connection


# ---- taken ----

def taken_query():
    """Row n has the n-th value of each case; the last row is all NULL."""
    names = [f"c{i}" for i in range(len(TAKEN))]
    rows = []
    for n in range(max(len(values) for _, values, _, _ in TAKEN) + 1):
        cells = [f"({values[n]})::{sql}" if n < len(values) else f"null::{sql}" for sql, values, _, _ in TAKEN]
        rows.append(f"select {n} as n, " + ", ".join(f"{cell} as {name}" for cell, name in zip(cells, names)))
    return " union all ".join(rows) + " order by n"


@pytest.fixture(scope="module")
def taken(database, tmp_path_factory):
    """{(form, fetch): (path, columns)}"""
    url, connection = database
    connection.execute(f"create table taken as {taken_query()}")
    work = support.Work(tmp_path_factory.mktemp("overrides"))
    columns = {f"c{i}": case[2] for i, case in enumerate(TAKEN)}
    names = ", ".join(columns)
    work.write(*(type_reading.as_export(f"{form}-{fetch}", f"select n, {names} from taken order by n", form, fetch, columns=columns)
                 for form in FORMATS for fetch in FETCHES), source={"url": url})
    work.run()
    files = {}
    for form in FORMATS:
        for fetch in FETCHES:
            path = type_reading.only_file(work, f"{form}-{fetch}")
            files[form, fetch] = path, (type_reading.csv_columns if form == "csv" else type_reading.parquet_columns)(path)
    return files


def case_id(i):
    sql, _, word, _ = TAKEN[i]
    return f"{sql}-as-{word}"


@pytest.mark.parametrize("i", range(len(TAKEN)), ids=case_id)
def test_taken(database, taken, i):
    _, values, word, want = TAKEN[i]
    target = TARGETS[word]
    expression = f"c{i}" if want == OUTPUT else want.format(f"c{i}", target.sql)
    truth = type_reading.server_values(database[1], expression, None if want == OUTPUT else target.send, "taken")
    assert None not in truth[:len(values)] and truth[len(values)] is None
    for (form, fetch), (path, columns) in taken.items():
        for got, server in zip(columns[f"c{i}"], truth, strict=True):
            if server is None:
                assert got is None
            elif form == "csv":
                assert got == target.csv(server)
            else:
                assert target.shape.same(got, server), (form, fetch, got, server)


@pytest.mark.parametrize("i", range(len(TAKEN)), ids=case_id)
def test_taken_as_that_parquet_type(taken, i):
    for form in ("portable", "native"):
        annotations = type_reading.annotations(taken[form, "copy"][0])
        assert annotations[f"c{i}"] == (TARGETS[TAKEN[i][2]].shape.annotation, 1, 0)


# ---- refused ----

@pytest.fixture(scope="module")
def refused(database, tmp_path_factory):
    """One run in which every export must fail; {(case, form, fetch): error of the summary}."""
    variants = [("portable", "copy"), ("native", "cursor"), ("csv", "copy")]
    work = support.Work(tmp_path_factory.mktemp("refused"))
    wanted = {(case, form, fetch): f"r{number}-{form}-{fetch}" for number, case in enumerate(REFUSED + REFUSED_IN_PARQUET)
              for form, fetch in variants if form != "csv" or case in REFUSED}
    work.write(*(type_reading.as_export(name, f"select 7 as other, ({value})::{sql} as \"the column\"", form, fetch, columns={"the column": word})
                 for ((sql, value, word), form, fetch), name in wanted.items()), source={"url": database[0]})
    run = work.run(check=1, timeout=120)
    assert work.files() == [] and work.leftovers() == []
    return {key: run.summary(name).get("error", "") for key, name in wanted.items()}


@pytest.mark.parametrize("case", REFUSED + REFUSED_IN_PARQUET, ids=lambda case: "{0}-{1}-as-{2}".format(*case))
def test_refused_by_name(refused, case):
    sql, value, word = case
    errors = {key: error for key, error in refused.items() if key[0] == case}
    assert len(errors) == (3 if case in REFUSED else 2)
    for error in errors.values():
        assert 'column "the column" (' in error, error
        # never the value itself; short ones appear by chance
        bare = value.strip("'")
        assert len(bare) < 5 or bare in ("'NaN'", "infinity", "Infinity", "24:00:00") or bare not in error, error


@pytest.mark.parametrize("fetch", FETCHES)
def test_never_before_data_is_read(database, work, fetch):
    """The query would sleep; a refusal by type alone comes at once."""
    names = {f"n{i}": case for i, case in enumerate(NEVER)}
    work.write(*(type_reading.as_export(name, f"select pg_sleep(30)::text as slow, null::{sql} as \"the column\"", "portable", fetch, columns={"the column": word})
                 for name, (sql, word) in names.items()), source={"url": database[0]})
    start = time.monotonic()
    run = work.run(check=1)
    assert time.monotonic() - start < 20 * support.PATIENCE
    for name, (sql, word) in names.items():
        error = run.summary(name)["error"]
        assert '"the column"' in error and re.match(r"\w+", word).group() in error, error
    assert work.files() == []


@pytest.mark.parametrize("form", FORMATS)
def test_an_unknown_column_before_data_is_read(database, work, form):
    work.write(type_reading.as_export("x", "select pg_sleep(30)::text as slow, 1 as total", form, "copy", columns={"totl": "text"}),
               source={"url": database[0]})
    start = time.monotonic()
    run = work.run(check=1)
    assert time.monotonic() - start < 10 * support.PATIENCE
    assert '"totl"' in run.summary("x")["error"] and "columns" in run.err


def test_an_unknown_column_of_an_empty_result(database, work):
    work.write(type_reading.as_export("x", "select 1 as total where false", "portable", "copy", columns={"totl": "text"}), source={"url": database[0]})
    assert '"totl"' in work.run(check=1).summary("x")["error"]


@pytest.mark.parametrize("word", NO_TYPES)
def test_an_unknown_type_is_a_configuration_error(work, word):
    """No server is asked: the address leads nowhere."""
    work.write(type_reading.as_export("x", "select 1 as total", "portable", "copy", columns={"total": word}),
               source={"url": "postgresql://a:b@127.0.0.1:1/none"})
    run = work.run(check=1)
    assert re.search(rf"rivet\.yaml:\d+: export 'x': columns\.total: unknown type '{re.escape(word)}'", run.err), run.text
    assert "── x ──" not in run.err
