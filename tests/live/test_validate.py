"""rivet validate: delivered files against the manifest or the state, without the source."""

import json
import re
import shutil

import pytest

import servers
import support


@pytest.fixture(scope="module", params=servers.ALL, ids=lambda server: server.name)
def server(request):
    request.param.prepare()
    request.param.table("val", rows=300)
    return request.param


@pytest.fixture
def delivered(server, work):
    """Three exports in one directory: Parquet in several files, CSV with its own looks, one without a manifest."""
    work.write({"name": "parts", "query": "select * from val", "max_file_size": "4KB"},
               {"name": "text", "query": f"select id, {server.joined('payload', server.line_feed, chr(39) + ';' + chr(39))} as p from val", "format": "csv", "compression": "gzip",
                "csv": {"delimiter": ";", "header": False}},
               {"name": "bare", "query": "select * from val", "manifest": False},
               source=server.source(batch_size=50))
    work.run()
    # The source is not asked.
    document = work.config.read_text()
    work.config.write_text(re.sub(r"@(localhost|127\.0\.0\.1):\d+/", r"@\1:1/", document))
    assert work.config.read_text() != document
    return work


def validate(*arguments, check=0):
    return support.rivet("validate", *arguments, check=check)


def manifest_path(work, export):
    (path,) = (work.output / "_rivet" / export).glob("*.json")
    return path


def test_everything_is_as_delivered(delivered):
    out = validate("-c", delivered.config).out
    assert out.count("[OK]") == 3 and "300 rows" in out
    rows = json.loads(validate("-c", delivered.config, "--json").out)
    assert [(row["export"], row["rows"], row["valid"], row["problems"]) for row in rows] == [
        ("parts", 300, True, []), ("text", 300, True, []), ("bare", 300, True, [])]
    assert rows[0]["files"] == len(delivered.files("parts")) > 2


@pytest.mark.parametrize("export", ["parts", "text"])
def test_a_manifest_alone_is_enough(delivered, export, tmp_path):
    assert "[OK]" in validate("--manifest", manifest_path(delivered, export)).out
    moved = tmp_path / "moved"
    shutil.copytree(delivered.output, moved)
    assert "[OK]" in validate("--manifest", manifest_path_in(moved, export)).out


def manifest_path_in(directory, export):
    (path,) = (directory / "_rivet" / export).glob("*.json")
    return path


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


DAMAGES = {
    "missing": (lambda path: path.unlink(), "No such file"),
    "cut short": (lambda path: path.write_bytes(path.read_bytes()[:-1]), "bytes instead of"),
    "one bit": (flip, "XXH3"),
    "replaced by its neighbour": (lambda path: shutil.copyfile(sorted(path.parent.glob("parts_*"))[-1], path), "instead of"),
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("export", ["parts", "text", "bare"])
def test_a_damaged_file(delivered, export, damage):
    change, message = DAMAGES[damage]
    path = sorted(delivered.files(export, extension="*"))[0]
    change(path)
    run = validate("-c", delivered.config, "-e", export, check=3)
    assert "[FAIL]" in run.out and path.name in run.out and message in run.out, run.text
    assert run.out.count("instead of") + run.out.count("No such") == 1, "one file only"
    (row,) = json.loads(validate("-c", delivered.config, "-e", export, "--json", check=3).out)
    assert not row["valid"] and [problem["file"] for problem in row["problems"]] == [path.name]
    if export != "bare":
        validate("--manifest", manifest_path(delivered, export), check=3)
    others = [name for name in ("parts", "text", "bare") if name != export]
    validate("-c", delivered.config, "-e", others[0])


def test_wrong_counts_in_a_manifest(delivered):
    path = manifest_path(delivered, "parts")
    facts = json.loads(path.read_text())
    facts["parts"][0]["rows"] += 1
    facts["totals"]["rows"] += 1
    path.write_text(json.dumps(facts))
    assert "expected" in validate("--manifest", path, check=3).out
    facts["totals"]["rows"] += 1
    path.write_text(json.dumps(facts))
    assert "totals" in validate("--manifest", path, check=3).err
    path.write_text("{}")
    assert "not a manifest" in validate("--manifest", path, check=1).err


def test_which_runs(server, work):
    work.write({"name": "parts", "query": "select * from val"}, source=server.source())
    ids = [work.run().summary("parts")["run_id"] for _ in range(3)]
    def seen(*arguments):
        return [row["run_id"] for row in json.loads(validate("-c", work.config, "--json", *arguments).out)]
    assert seen() == ids[-1:]
    assert seen("--last", "2") == ids[:0:-1]
    assert seen("--run", ids[0]) == ids[:1]
    assert "nobody" in validate("-c", work.config, "--run", "nobody", check=1).err


def test_nothing_yet(server, work):
    work.write({"name": "parts", "query": "select * from val"}, source=server.source())
    assert "No finished runs" in validate("-c", work.config).out
    assert not work.state.exists()


def test_a_missing_directory_proves_nothing(delivered):
    delivered.output.rename(delivered.path / "away")
    assert "does not exist" in validate("-c", delivered.config, check=5).err
    assert not delivered.output.exists()


def test_usage(work):
    assert "--manifest" in validate(check=2).err
    validate("-c", work.config, "--manifest", "x", check=2)
