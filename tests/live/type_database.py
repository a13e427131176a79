"""The database of the type matrix: one wide table of scalars, one of lists made of the same values."""

import psycopg

import type_cases
import type_reading

EVERY_CASE = type_cases.CASES + [case for cases in type_cases.EXTENSIONS.values() for case in cases]
LIST_CASES = [case for case in EVERY_CASE if case.lists]
# What a row of the list table holds, made of all values of the scalar column and one NULL.
LIST_ROWS = ("all", "empty", "null", "one null", "first")


class TypeDatabase:
    def __init__(self, url):
        self.url = url
        self.connection = type_reading.neutral(url)
        self.version = self.connection.info.server_version
        self.missing = {case.name for case in EVERY_CASE if case.since > self.version}
        self.connection.execute(type_cases.SETUP)
        for extension, cases in type_cases.EXTENSIONS.items():
            try:
                self.connection.execute(f"create extension {extension}")
            except psycopg.Error:
                self.missing |= {case.name for case in cases}
        self.create_scalars()
        self.create_lists()
        self.values = {}

    def cases(self, form=None):
        return [case for case in EVERY_CASE
                if case.name not in self.missing and (form is None or form in case.formats)]

    def create_scalars(self):
        cases = self.cases()
        columns = ", ".join(f'"{case.name}" {case.sql}' for case in cases)
        self.connection.execute(f"create table scalars (n int, {columns})")
        for n in range(max(len(case.values) for case in cases) + 1):
            cells = (f"({case.values[n]})::{case.sql}" if n < len(case.values) else "null" for case in cases)
            self.connection.execute(f"insert into scalars values ({n}, {', '.join(cells)})")

    def create_lists(self):
        cases = [case for case in self.cases() if case.lists]
        columns = ", ".join(f'"{case.name}" {case.sql}[]' for case in cases)
        self.connection.execute(f"create table lists (n int, {columns})")

        def row(n, cell):
            cells = ", ".join(f'({cell(case)})::{case.sql}[]' for case in cases)
            self.connection.execute(f"insert into lists select {n}, {cells} from scalars")

        whole = 'array_agg("{0}" order by n) filter (where n <= {1})'
        row(0, lambda case: whole.format(case.name, len(case.values)))
        row(1, lambda case: "min('{}'::text)")
        row(2, lambda case: "min(null::text)")
        row(3, lambda case: "min('{NULL}'::text)")
        row(4, lambda case: f'array_agg("{case.name}") filter (where n = 0)')

    def scalar(self, case):
        """The server's values of the column, None for NULL."""
        if case.name not in self.values:
            self.values[case.name] = type_reading.server_values(self.connection, f'"{case.name}"', case.send, "scalars")
        return self.values[case.name]

    def lists(self, case):
        """The rows LIST_ROWS of the column in the list table."""
        values = self.scalar(case)
        return [values[:len(case.values) + 1], [], None, [None], values[:1]]
