"""The matrix of files, and a summary of which readers saw it."""

import os

import pytest

import reader_matrix

SEEN = {}  # reader → what it did, or why it did not


class Readers:
    """Tests say here what a reader did, so that the end of the run can show it."""

    @staticmethod
    def saw(name, text):
        SEEN[name] = text

    @staticmethod
    def skip(name, why, is_expected=False):
        """CI has everything that a reader needs: there only a skip on request is right."""
        SEEN[name] = "SKIPPED: " + why
        if os.environ.get("CI") == "true" and not is_expected:
            pytest.fail("%s was skipped: %s" % (name, why), pytrace=False)
        pytest.skip("%s: %s" % (name, why))


@pytest.fixture(scope="session")
def readers():
    return Readers


@pytest.fixture(scope="session")
def matrix(tmp_path_factory):
    return reader_matrix.Matrix(tmp_path_factory.mktemp("matrix"))


def pytest_terminal_summary(terminalreporter):
    if SEEN:
        terminalreporter.section("readers of our Parquet files")
    for name in sorted(SEEN):
        terminalreporter.write_line("%-14s %s" % (name, SEEN[name]))
