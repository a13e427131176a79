"""What the live tests share: the programs, the servers, a directory of their own."""

import pytest

import support


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: takes long or much memory; left out where every step is watched")


@pytest.fixture(scope="session")
def postgres():
    """A connection to the development database; its tables are freshly seeded once a session."""
    support.seed_postgres()
    with support.connect() as connection:
        yield connection


@pytest.fixture
def work(tmp_path):
    """A directory with room for a configuration, its state and its output."""
    return support.Work(tmp_path)
