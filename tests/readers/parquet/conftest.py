"""Files for the readers, written by parquet_fixture (built by CMake, see --fixture)."""

import os
import pathlib
import subprocess

import pytest

import parquet_values


def pytest_addoption(parser):
    parser.addoption(
        "--fixture",
        default=os.path.join(os.environ.get("RIVET_BUILD_DIR", "build/dev"), "parquet_fixture"),
        help="path of the program parquet_fixture",
    )


class Written:
    """The files of one run of parquet_fixture and what is in them."""

    def __init__(self, directory):
        self.paths = sorted(
            directory.glob("data-*.parquet"), key=lambda path: int(path.stem.split("-")[1])
        )
        self.columns = parquet_values.expected_columns(directory / "expected.json")

    @property
    def path(self):
        assert len(self.paths) == 1
        return self.paths[0]


@pytest.fixture(scope="session")
def write(request, tmp_path_factory):
    program = pathlib.Path(request.config.getoption("--fixture"))
    assert program.exists(), f"{program} is missing: build the target parquet_fixture"
    done = {}

    def run(
        rows,
        nulls=0,
        lists=True,
        codec="zstd",
        profile="compat",
        threads=0,
        max_size=0,
        bloom=False,
    ):
        key = (rows, nulls, int(lists), codec, profile, threads, max_size, int(bloom))
        if key not in done:
            directory = tmp_path_factory.mktemp("parquet")
            arguments = [directory, *key]
            subprocess.run([program, *map(str, arguments)], check=True)
            done[key] = Written(directory)
        return done[key]

    return run
