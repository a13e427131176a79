"""The rows of the plan: every function marked with @row, in the order of ORDER."""

import importlib
import pkgutil
import re

SUITES = "Pre A B C D E F G H I J K L M N O P Q R S T U".split()


class Skip(Exception):
    """The row cannot run here; the text names what is missing."""


ROWS = {}


def row(identifier, title, limit_s=240):
    """Mark a function of one Place as a row. It returns the fact to report, or raises."""
    def register(function):
        assert identifier not in ROWS, identifier
        function.identifier, function.title, function.limit_s = identifier, title, limit_s
        ROWS[identifier] = function
        return function
    return register


def suite_of(identifier):
    return identifier.split("-")[0] if identifier.startswith("Pre") else identifier[0]


def place_in_plan(identifier):
    return SUITES.index(suite_of(identifier)), int(re.search(r"\d+$", identifier).group())


def load():
    """All rows in the order of the plan."""
    suites = importlib.import_module("uat.suites")
    for module in pkgutil.iter_modules(suites.__path__):
        importlib.import_module(f"uat.suites.{module.name}")
    return [ROWS[identifier] for identifier in sorted(ROWS, key=place_in_plan)]


def select(words):
    """Rows named by id or by suite; all without words."""
    rows = load()
    unknown = [word for word in words if word not in ROWS and word not in SUITES]
    if unknown:
        raise SystemExit(f"uat: no row or suite is called {', '.join(unknown)}; rows: {' '.join(row.identifier for row in rows)}")
    return [row for row in rows if not words or row.identifier in words or suite_of(row.identifier) in words]
