"""What the live tests share: the programs, the servers, a directory of their own."""

import contextlib
import uuid

import psycopg
import pytest

import mysql_support
import support


def pytest_sessionstart(session):
    """Seeds the development databases once, before any worker starts."""
    if hasattr(session.config, "workerinput") or session.config.option.collectonly:
        return
    with contextlib.suppress(psycopg.OperationalError):
        support.seed_postgres()
    for port in mysql_support.PORTS.values():
        mysql_support.seed(port)


@pytest.fixture(scope="session")
def postgres():
    """A connection to the development database, which is seeded."""
    with support.connect() as connection:
        yield connection


@pytest.fixture(scope="module", autouse=True)
def session_names():
    """At the end of a module no session waits for a client: a socket that a test left open would keep it, and
    DROP DATABASE waiting for it, for ever."""
    names = []
    yield names

    def waiting(columns="pid, datname, wait_event, query"):
        quoted = ", ".join(f"'{name}'" for name in names)
        return support.database_rows(f"select {columns} from pg_stat_activity where wait_event_type = 'Client' and application_name in ({quoted})")

    with contextlib.suppress(psycopg.OperationalError):  # no server, no sessions
        try:
            support.wait_for(lambda: not names or not waiting(), seconds=5)
        except AssertionError:
            left = waiting()
            waiting("pg_terminate_backend(pid)")
            pytest.fail(f"tests of this module left sessions: {left}")


@pytest.fixture(autouse=True)
def application_name(monkeypatch, session_names):
    """Tells the sessions of a test's runs from those of every other process (support.server_queries)."""
    session_names.append(f"rivet-{uuid.uuid4().hex}")
    monkeypatch.setenv("PGAPPNAME", session_names[-1])


@pytest.fixture
def work(tmp_path):
    """A directory with room for a configuration, its state and its output."""
    yield support.Work(tmp_path)
    support.kill_left_behind(tmp_path)
