"""What the live tests share: the programs, the servers, a directory of their own."""

import contextlib
import uuid

import psycopg
import pytest

import mysql_support
import support


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: takes long or much memory; left out where every step is watched")


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


@pytest.fixture(autouse=True)
def application_name(monkeypatch):
    """Tells the sessions of a test's runs from those of every other process (support.server_queries)."""
    monkeypatch.setenv("PGAPPNAME", f"rivet-{uuid.uuid4().hex}")


@pytest.fixture
def work(tmp_path):
    """A directory with room for a configuration, its state and its output."""
    yield support.Work(tmp_path)
    support.kill_left_behind(tmp_path)
