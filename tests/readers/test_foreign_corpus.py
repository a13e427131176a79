#!/usr/bin/env python3
"""Our Parquet reader on files that neither we nor our tests wrote.

    RIVET_PARQUET_DUMP=build/dev/tests/parquet_dump python3 tests/readers/test_foreign_corpus.py

The files are those of apache/parquet-testing that the crate parquet2 ships (the state of 2023:
Impala, parquet-mr, old parquet-cpp and Rust writers), those that the Go module parquet-go ships
(newer ones: delta_*, rle_boolean, page index and bloom filters, malformed files), and those inside
the pyarrow package. They are fetched when the test runs, into a folder outside the source tree, and
never committed. What was obtained is printed; without cargo and go the corpus is missing, and the
test says so by a skip.

parquet-testing has files that no package ships (checksums, binary_truncated_min_max, NaN orders,
int32_with_null_pages); put a copy of it in a folder and name it with RIVET_PARQUET_TESTING.
"""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import pyarrow as pa
import pyarrow.parquet as pq

import shred

TOOL = os.environ.get("RIVET_PARQUET_DUMP", "build/dev/tests/parquet_dump")
CACHE = pathlib.Path(os.environ.get(
    "RIVET_CORPUS_CACHE", pathlib.Path.home() / ".cache" / "rivet-tests"))
CRATE = "parquet2"
CRATE_VERSION = "0.17.2"
MODULE = "github.com/parquet-go/parquet-go@v0.32.0"
MODULE_SUM = "h1:NWDqTUHfrCS4cJP/Fj2HlxvqsrVedWG3sayMkf+znzM="

# What the reader says it does not read: part of the file's name, and of the message.
UNSUPPORTED = {
    "hadoop_lz4": "codec LZ4 ",  # the old codec 5, also in non_hadoop_lz4
    "brotli": "codec BROTLI",
    "lzo": "codec LZO",
    "encrypt": "encrypted",
    ".parquet.encrypted": "encrypted",
    "alp": "encoding 10",
}


def fetch_crate():
    """The folder of the crate's parquet-testing; None when cargo is missing or offline."""
    found = CACHE / "vendor" / ("%s-%s" % (CRATE, CRATE_VERSION)) / "testing" / "parquet-testing"
    if found.is_dir():
        return found
    if shutil.which("cargo") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        project = pathlib.Path(folder)
        (project / "src").mkdir()
        (project / "src" / "lib.rs").touch()
        (project / "Cargo.toml").write_text(
            '[package]\nname = "corpus"\nversion = "0.0.0"\nedition = "2021"\n[dependencies]\n'
            '%s = { version = "=%s", default-features = false }\n' % (CRATE, CRATE_VERSION))
        CACHE.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cargo", "vendor", "--quiet", "--versioned-dirs", CACHE / "vendor"],
                       cwd=project, check=False, stdout=subprocess.DEVNULL)
    return found if found.is_dir() else None


def fetch_module():
    """The folder of the Go module; None when go is missing or offline."""
    found = CACHE / "go" / MODULE
    if found.is_dir():
        return found
    if shutil.which("go") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "go.mod").write_text("module corpus\n")
        done = subprocess.run(["go", "mod", "download", "-json", MODULE], cwd=folder, check=False, capture_output=True,
                              env={**os.environ, "GOMODCACHE": str(CACHE / "go"), "GOFLAGS": "-modcacherw"})
    if done.returncode != 0:
        return None
    assert json.loads(done.stdout)["Sum"] == MODULE_SUM, "%s is not the module it was" % MODULE
    return found


def corpus():
    """(folder of good files, folder of bad files or None, where they come from)"""
    own = os.environ.get("RIVET_PARQUET_TESTING")
    if own:
        yield pathlib.Path(own) / "data", pathlib.Path(own) / "bad_data", "RIVET_PARQUET_TESTING"
    crate = fetch_crate()
    if crate:
        yield crate / "data", crate / "bad_data", "crate %s %s" % (CRATE, CRATE_VERSION)
    module = fetch_module()
    if module:
        yield module / "testdata", module / "testdata" / "malformed", MODULE
    inside = pathlib.Path(pa.__file__).parent / "tests" / "data" / "parquet"
    if inside.is_dir():
        yield inside, None, "pyarrow %s" % pa.__version__


def expected_refusal(path):
    return next((text for part, text in UNSUPPORTED.items() if part in path.name), None)


class ForeignCorpus(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sources = list(corpus())

    def test_obtained(self):
        for good, bad, source in self.sources:
            print("%s: %d files, %d bad files" % (
                source, len(list(good.glob("*.parquet"))),
                len(list(bad.glob("*.parquet"))) if bad and bad.is_dir() else 0))
        if not any(bad for _, bad, _ in self.sources):
            self.skipTest("apache/parquet-testing was not obtained: cargo and go are missing or offline")

    def test_good_files(self):
        read, refused, unread = 0, 0, []
        for good, _, source in self.sources:
            for path in sorted(good.glob("*.parquet")):
                with self.subTest(file=path.name, source=source):
                    refusal = expected_refusal(path)
                    if refusal:
                        with self.assertRaisesRegex(shred.DumpError, refusal + ".*unsupported"):
                            shred.Dump(TOOL, path)
                        refused += 1
                        continue
                    dump = shred.Dump(TOOL, path)
                    try:
                        table = pq.read_table(path)
                    except (pa.ArrowException, OSError) as error:
                        unread.append("%s (%s)" % (path.name, str(error)[:60]))
                        continue
                    self.assertEqual(shred.differences(dump, table), [])
                    read += 1
        print("%d files equal to pyarrow's values, %d refused as said, not readable for pyarrow: %s"
              % (read, refused, ", ".join(unread) or "none"))

    def test_bad_files(self):
        for _, bad, source in self.sources:
            for path in sorted(bad.glob("*.parquet")) if bad else ():
                with self.subTest(file=path.name, source=source):
                    with self.assertRaisesRegex(shred.DumpError, r"\((format|unsupported)\)$"):
                        shred.Dump(TOOL, path)

    def test_truncated_files(self):
        """Every file cut at every 97th byte is refused with a message, never a crash."""
        with tempfile.TemporaryDirectory() as folder:
            cut = pathlib.Path(folder) / "cut.parquet"
            for good, _, source in self.sources:
                for path in sorted(good.glob("*.parquet")):
                    whole = path.read_bytes()
                    for size in range(0, min(len(whole), 2000), 97):
                        with self.subTest(file=path.name, source=source, size=size):
                            cut.write_bytes(whole[:size])
                            with self.assertRaisesRegex(shred.DumpError, r"\(format\)$"):
                                shred.Dump(TOOL, cut)


if __name__ == "__main__":
    unittest.main()
