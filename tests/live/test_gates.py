"""Checks that stop bad data before anyone sees it: quality, --reconcile, --validate, schema drift."""

import re

import pytest

import support

USERS = "select id, name, email, age, bio from users"


def assert_stopped(work, run, *patterns):
    assert run.status == 3, run.text
    for pattern in patterns:
        assert re.search(pattern, run.err), f"no {pattern}\n{run.text}"
    assert work.files() == [] and work.leftovers() == [] and work.manifests("q") == []
    assert "retry" not in run.err


class TestQuality:
    PASSES = [
        {"row_count_min": 1, "row_count_max": 2000},
        {"null_ratio_max": {"bio": 0.5, "name": 0}},
        {"unique_columns": ["id", "email"]},
    ]
    FAILS = [
        ({"row_count_max": 10}, "row_count 2000 exceeds maximum 10"),
        ({"row_count_min": 2001}, "row_count 2000 below minimum 2001"),
        ({"null_ratio_max": {"bio": 0.01}}, r"column 'bio': null ratio 0\.\d{4} exceeds threshold 0\.0100"),
        ({"unique_columns": ["id", "age"]}, r"column 'age': \d+ duplicate values in 2000 rows"),
    ]

    @pytest.mark.parametrize("quality", PASSES)
    def test_pass(self, work, postgres, quality):
        work.write({"name": "q", "query": USERS, "quality": quality})
        assert work.run("--validate").summary("q")["quality"] == "pass"
        (path,) = work.files()
        support.assert_same_rows(support.parquet_rows(path), support.database_rows(USERS))

    @pytest.mark.parametrize("quality, issue", FAILS)
    @pytest.mark.parametrize("split", [None, "10KB"], ids=["one part", "several parts"])
    def test_fail(self, work, postgres, quality, issue, split):
        export = {"name": "q", "query": USERS, "quality": quality}
        if split:
            export |= {"max_file_size": split, "tuning": {"batch_size": 100}}
        work.write(export)
        run = work.run(check=3)
        assert_stopped(work, run, "quality checks failed", issue)
        assert run.summary("q")["quality"] == "FAIL" and run.summary("q")["status"] == "failed"
        assert work.query_state("select count(*) from part")[0][0] == 0
        assert work.query_state("select status from export_metrics") == [("failed",)]

    def test_the_duplicates_are_the_servers(self, work, postgres):
        work.write({"name": "q", "query": USERS, "quality": {"unique_columns": ["age"]}})
        want = support.database_rows("select count(age) - count(distinct age) from users")[0][0]
        assert_stopped(work, work.run(check=3), rf"\b{want} duplicate values")

    def test_no_rows_are_rows_too(self, work, postgres):
        work.write({"name": "q", "query": USERS + " where false", "quality": {"row_count_min": 1}})
        assert_stopped(work, work.run(check=3), "row_count 0 below minimum 1")

    def test_unknown_column(self, work, postgres):
        work.write({"name": "q", "query": USERS, "quality": {"unique_columns": ["nope"]}})
        run = work.run(check=1)
        assert "'nope'" in run.err and work.files() == []

    def test_stdout_gets_nothing_that_fails(self, work, postgres):
        export = {"name": "q", "query": USERS, "format": "csv", "destination": {"type": "stdout"}}
        work.write({**export, "quality": {"row_count_max": 10}})
        assert work.run(check=3).out == ""
        work.write({**export, "quality": {"row_count_max": 2000}})
        assert len(support.csv_records(work.run().out)) == 2001

    def test_uniqueness_beyond_memory(self, work, postgres):
        """2,000,000 values go through sorted runs in TMPDIR, and nothing is left there."""
        spill = work.path / "tmp"
        spill.mkdir()
        query = "select g from (select generate_series(1, 2000000) as g) as s"
        work.write({"name": "q", "query": query, "quality": {"unique_columns": ["g"]}}, max_memory_mb=16)
        assert work.run(env={"TMPDIR": str(spill)}).summary("q")["quality"] == "pass"
        work.write({"name": "q", "query": f"{query} union all select 7", "quality": {"unique_columns": ["g"]}}, max_memory_mb=16)
        assert "1 duplicate values in 2000001 rows" in work.run(check=3, env={"TMPDIR": str(spill)}).err
        assert list(spill.iterdir()) == []


class TestReconcile:
    def test_match(self, work, postgres):
        work.write({"name": "q", "query": USERS + " where id <= 1234"})
        assert work.run("--reconcile").summary("q")["reconcile"] == "MATCH (1234/1234)"
        assert "reconcile" not in work.run().summary("q")

    def test_query_file_and_cursor_fetch(self, work, postgres):
        (work.path / "q.sql").write_text(USERS + ";\n")
        work.write({"name": "q", "query_file": "q.sql", "tuning": {"fetch": "cursor"}})
        assert work.run("--reconcile").summary("q")["reconcile"] == "MATCH (2000/2000)"

    def test_time_window_counts_its_window(self, work, postgres):
        query = "select id, created_at from users"
        work.write({"name": "q", "query": query, "mode": "time_window", "time_column": "created_at", "days_window": 900})
        run = work.run("--reconcile")
        rows = int(run.summary("q")["rows"])
        assert 0 < rows < 2000 and run.summary("q")["reconcile"] == f"MATCH ({rows}/{rows})"

    def test_a_query_that_gives_other_rows_each_time(self, work, postgres):
        """count(*) and rows differ although both see one snapshot: the export is stopped."""
        turn = "coalesce(nullif(current_setting('rivet_test.turn', true), ''), '0')::int + 1"
        work.write({"name": "q", "query": f"select id from users where id <= 500 + (select set_config('rivet_test.turn', ({turn})::text, false)::int)"})
        run = work.run("--reconcile", check=3)
        assert_stopped(work, run, r"reconcile:\s+MISMATCH \(exported \d+ vs source \d+\)")


class TestSchemaDrift:
    @pytest.fixture
    def table(self, postgres):
        postgres.execute("drop table if exists rivet_test_drift")
        postgres.execute("create table rivet_test_drift as select 1 as id, 'a'::text as name, 5 as age")
        yield lambda sql: postgres.execute(f"alter table rivet_test_drift {sql}")
        postgres.execute("drop table rivet_test_drift")

    def test_changes_are_told(self, work, table):
        work.write({"name": "q", "query": "select * from rivet_test_drift"})
        steps = [
            (None, "new", []),
            (None, "unchanged", []),
            ("add column phone text", "CHANGED", [r"added columns: phone \(text\)"]),
            (None, "unchanged", []),
            ("drop column age", "CHANGED", ["removed columns: age"]),
            ("alter column id type bigint", "CHANGED", [r"type changed: id \(integer -> bigint\)"]),
        ]
        for change, status, warnings in steps:
            if change:
                table(change)
            run = work.run()
            assert run.summary("q")["schema"] == status, run.text
            assert ("schema changed" in run.err) == bool(warnings)
            for warning in warnings:
                assert re.search(warning, run.err), run.text
        assert len(work.files()) == len(steps)

    def test_fail_policy(self, work, table):
        work.write({"name": "q", "query": "select * from rivet_test_drift", "on_schema_drift": "fail"})
        work.run()
        table("add column phone text")
        run = work.run(check=4)
        assert "phone" in run.err and len(work.files()) == 1 and work.leftovers() == []
        assert work.run(check=4).status == 4, "the refused shape was not remembered"

    def test_continue_policy(self, work, table):
        work.write({"name": "q", "query": "select * from rivet_test_drift", "on_schema_drift": "continue"})
        work.run()
        table("add column phone text")
        run = work.run()
        assert "schema changed" not in run.err and run.summary("q")["schema"] == "CHANGED"


class TestParameters:
    def test_only_the_asked_rows(self, work, postgres):
        work.write({"name": "q", "query": "select id from users where id <= ${MAX_ID}", "format": "csv"})
        for arguments, environment, want in ((["--param", "MAX_ID=10"], {}, 10), (["-p", "MAX_ID=5"], {"MAX_ID": "7"}, 5), ([], {"MAX_ID": "7"}, 7)):
            before = set(work.files())
            work.run(*arguments, env=environment)
            (path,) = set(work.files()) - before
            assert [record[0] for record in support.csv_records(path.read_text())[1:]] == [str(i + 1) for i in range(want)]

    def test_unset_names_and_bad_items(self, work, postgres):
        work.write({"name": "q", "query": "select id from users where id <= ${MAX_ID_UNSET}"})
        run = work.run(check=1)
        assert "MAX_ID_UNSET" in run.err
        assert work.run("--param", "novalue", check=2).status == 2
