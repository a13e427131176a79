"""Values that have no place in their column: refused by name with a way out, taken by it, or by a policy."""

import hashlib

import pytest

import support
import type_cases
import type_reading
from type_overrides import TARGETS, decimal_target
from type_policies import POLICIES, REFUSALS, UNTOUCHED
from type_reading import FETCHES, FORMATS


@pytest.fixture(scope="module")
def database():
    with type_reading.fresh_database() as url:
        with type_reading.neutral(url) as connection:
            connection.execute(type_cases.SETUP)
            yield url, connection


def cells(work, name, form):
    """The only file's columns."""
    path = type_reading.only_file(work, name)
    return (type_reading.csv_columns if form == "csv" else type_reading.parquet_columns)(path)


# ---- refused, and the ways out ----

@pytest.fixture(scope="module")
def refused(database, tmp_path_factory):
    """One run of every refusal in every form; each export has a neighbour row that is fine."""
    work = support.Work(tmp_path_factory.mktemp("refused"))
    work.write(*(type_reading.as_export(f"r{i}-{form}-{fetch}", f"select 7 as other, null::{case.type} as \"the column\" union all select 8, {case.sql}", form, fetch)
                 for i, case in enumerate(REFUSALS) for form in FORMATS for fetch in FETCHES), source={"url": database[0]})
    return work, work.run(check=1, timeout=120)


@pytest.mark.parametrize("i", range(len(REFUSALS)), ids=lambda i: REFUSALS[i].sql)
def test_refused_by_name_or_taken(refused, i):
    work, run = refused
    case = REFUSALS[i]
    for form in FORMATS:
        for fetch in FETCHES:
            name = f"r{i}-{form}-{fetch}"
            summary = run.summary(name)
            if form in case.forms or (form == "csv" and "error" in summary):  # CSV may refuse what it could show
                assert 'column "the column" (' in summary["error"] and case.words in summary["error"], summary
                assert "columns: { the column: " in summary["error"] or "columns: { \"the column\": " in summary["error"], summary
                assert all(way in summary["error"] for way in case.ways_out)
                assert "marker" not in summary["error"]
                assert work.files(name) == []
            else:
                assert summary["status"] == "success", summary
                assert len(cells(work, name, form)["other"]) == 2


def test_policies_are_named_in_the_hint(refused):
    """The way out that is no override stands beside the message."""
    _, run = refused
    for word in ("infinity: null", "infinity: clamp", "decimal_special: null"):
        assert word in run.err


@pytest.fixture(scope="module")
def ways_out(database, tmp_path_factory):
    """Every refused value beside every other, each column with its override; {(form, fetch): columns}."""
    work = support.Work(tmp_path_factory.mktemp("ways"))
    columns = {f"{i} {way}": (case, way) for i, case in enumerate(REFUSALS) for way in case.ways_out}
    query = "select " + ", ".join(f'{case.sql} as "{name}"' for name, (case, _) in columns.items())
    work.write(*(type_reading.as_export(f"{form}-{fetch}", query, form, fetch, columns={name: way for name, (_, way) in columns.items()})
                 for form in FORMATS for fetch in FETCHES), source={"url": database[0]})
    work.run()
    return [cells(work, f"{form}-{fetch}", form) for form in FORMATS for fetch in FETCHES]


@pytest.mark.parametrize("i", range(len(REFUSALS)), ids=lambda i: REFUSALS[i].sql)
def test_ways_out(database, ways_out, i):
    case = REFUSALS[i]
    for way in case.ways_out:
        expression = case.sql if way == "text" else f"to_json({case.sql})"
        ((want,),) = type_reading.output_texts(database[1], f"select {expression}")
        assert [columns[f"{i} {way}"] for columns in ways_out] == [[want]] * 6


# ---- policies ----

def policy_query(policy):
    return " union all ".join(f"select {n} as n, ({value})::{policy.sql} as c" for n, value in enumerate(policy.values)) + " order by n"


@pytest.fixture(scope="module")
def policies(database, tmp_path_factory):
    work = support.Work(tmp_path_factory.mktemp("policies"))
    work.write(*(type_reading.as_export(f"p{i}-{form}-{fetch}", policy_query(policy), form, fetch, **policy.options,
                                        **({"columns": {"c": policy.override}} if policy.override else {}))
                 for i, policy in enumerate(POLICIES) for form in FORMATS for fetch in FETCHES), source={"url": database[0]})
    return work, work.run()


def policy_id(i):
    return f"{POLICIES[i].sql}-{POLICIES[i].override}-{POLICIES[i].options}"


def target_of(policy):
    if policy.override:
        return TARGETS[policy.override]
    if policy.sql.startswith("numeric"):
        precision, scale = policy.sql[8:-1].split(",")
        return decimal_target(int(precision), int(scale))
    return TARGETS[policy.sql]


@pytest.mark.parametrize("i", range(len(POLICIES)), ids=policy_id)
def test_policies(database, policies, i):
    work, run = policies
    policy = POLICIES[i]
    target = target_of(policy)
    (word,) = policy.options
    for form in FORMATS:
        want = policy.csv if form == "csv" and policy.csv else policy.parquet
        source = " union all ".join(f"select {n} as n, ({value or 'null'})::{target.sql} as v" for n, value in enumerate(want))
        truth = type_reading.server_values(database[1], "v", target.send, f"({source}) s")
        counts = policy.csv_counts if form == "csv" and policy.csv_counts is not None else policy.counts
        for fetch in FETCHES:
            name = f"p{i}-{form}-{fetch}"
            assert run.summary(name).get("policies") == (f"{word}={counts}" if counts else None), name
            for got, server in zip(cells(work, name, form)["c"], truth, strict=True):
                if server is None or got is None or form == "csv":
                    assert got == (server and target.csv(server)), name
                else:
                    assert target.shape.same(got, server), (name, got, server)


def test_policies_in_lists(database, work):
    """Elements are values too; every one is counted."""
    query = ("select '{-infinity,2024-01-01,infinity}'::date[] as days, '{NaN,1.50,NULL}'::numeric(10,2)[] as amounts, "
             "'{infinity}'::timestamp[] as moments, 'infinity'::date as day")
    exports = {(action, form, fetch): type_reading.as_export(f"{action}-{form}-{fetch}", query, form, fetch, infinity=action, decimal_special="null")
               for action in ("null", "clamp") for form in FORMATS for fetch in FETCHES}
    work.write(*exports.values(), source={"url": database[0]})
    run = work.run()
    for (action, form, fetch), export in exports.items():
        assert "infinity=4" in run.summary(export["name"])["policies"]
        if form == "csv":
            continue
        assert "decimal_special=1" in run.summary(export["name"])["policies"]
        columns = cells(work, export["name"], form)
        first, last = (-2451545 + 10957, 2145031948 + 10957) if action == "clamp" else (None, None)
        assert columns["days"] == [[first, 19723, last]] and columns["day"] == [last]
        assert columns["moments"] == [[2**63 - 1 if action == "clamp" else None]]
        assert [None if cell is None else str(cell) for cell in columns["amounts"][0]] == [None, "1.50", None]


def test_policies_touch_nothing_else(database, work):
    query = "select " + ", ".join(f"({value})::{sql} as \"{sql} {n}\"" for sql, values in UNTOUCHED.items() for n, value in enumerate(values))
    exports = [type_reading.as_export(f"{action}-{form}", query, form, "copy", infinity=action, decimal_special="null" if action != "error" else "error")
               for action in ("error", "null", "clamp") for form in FORMATS]
    work.write(*exports, source={"url": database[0]})
    run = work.run()
    for export in exports:
        assert "policies" not in run.summary(export["name"])
    for form in FORMATS:
        files = {type_reading.only_file(work, f"{action}-{form}").read_bytes() for action in ("error", "null", "clamp")}
        assert len(files) == 1


@pytest.mark.parametrize("options", [{"infinity": "max"}, {"decimal_special": "clamp"}, {"invalid_utf8": "null"}, {"types": "rich"}],
                         ids=lambda options: next(iter(options)))
def test_unknown_policies_are_configuration_errors(work, options):
    work.write(type_reading.as_export("x", "select 1 as a", "csv", "copy", **options), source={"url": "postgresql://a:b@127.0.0.1:1/none"})
    run = work.run(check=1)
    ((name, value),) = options.items()
    assert name in run.err and value in run.err and "── x ──" not in run.err, run.text


# ---- cells beyond the budget ----

BIG = "300 * 1024 * 1024"


@pytest.mark.slow
@pytest.mark.parametrize("fetch", FETCHES)
@pytest.mark.parametrize("form", ["portable", "csv"])
def test_a_cell_of_300_mb(database, work, form, fetch):
    """Refused by the default budget, naming column and size; taken whole by a larger one."""
    query = f"select 1 as id, repeat(md5('seed'), {BIG} / 32) as \"big text\""
    work.write(type_reading.as_export("x", query, form, fetch), source={"url": database[0]}, max_memory_mb=256)
    error = work.run(check=1).summary("x")["error"]
    assert 'column "big text" (text)' in error and str(300 * 1024 * 1024) in error and "budget" in error
    assert work.files() == [] and work.leftovers() == []
    work.write(type_reading.as_export("x", query, form, fetch), source={"url": database[0]}, max_memory_mb=2048)
    work.run()
    ((got,),) = [cells(work, "x", form)["big text"]]
    ((want,),) = type_reading.output_texts(database[1], f"select md5(repeat(md5('seed'), {BIG} / 32))")
    assert len(got) == 300 * 1024 * 1024 and hashlib.md5(got.encode()).hexdigest() == want


@pytest.mark.parametrize("fetch", FETCHES)
def test_a_large_list_is_a_cell_too(database, work, fetch):
    query = "select array(select generate_series(1, 3000000)) as numbers"
    work.write(type_reading.as_export("x", query, "portable", fetch), source={"url": database[0]}, max_memory_mb=16)
    assert 'column "numbers"' in work.run(check=1).summary("x")["error"]
    work.write(type_reading.as_export("x", query, "portable", fetch), source={"url": database[0]}, max_memory_mb=512)
    work.run()
    assert cells(work, "x", "portable")["numbers"] == [list(range(1, 3000001))]
