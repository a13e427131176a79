"""The documentation does what it says: runnable blocks are executed, links lead somewhere.

In a page, a block that begins with ```yaml file=NAME is a file, and ```sh runnable is a script that must
succeed (```sh runnable exit=N: must end so). The blocks of a page run in one fresh directory, in order,
with rivet in PATH and DATABASE_URL naming a seeded PostgreSQL database of its own.
"""

import os
import re
import subprocess

import pytest
import yaml

import seed_support
import support

PAGES = sorted([support.ROOT / "README.md", support.ROOT / "CONTRIBUTING.md", *(support.ROOT / "docs").rglob("*.md")])
FENCE = re.compile(r"^```(\w*)[ ]?([^\n]*)\n(.*?)^```$", re.M | re.S)
SMALL = ("--users", 200, "--orders-per-user", 3, "--events-per-user", 5, "--page-views", 100, "--content-items", 20)


def blocks(page):
    """(language, words after it, text) of a page's fenced blocks."""
    return [(match[1], match[2].split(), match[3]) for match in FENCE.finditer(page.read_text())]


def runnable(page):
    return any("runnable" in words for _, words, _ in blocks(page))


def name(page):
    return str(page.relative_to(support.ROOT))


@pytest.fixture(scope="module")
def database():
    with seed_support.fresh_database("rivet_test_docs") as url:
        seed_support.seed(url, *SMALL)
        with support.connect(url) as connection:
            connection.execute("analyze")
        yield url


def run_blocks(page, folder, url):
    environment = {**os.environ, "PATH": f"{support.BUILD}:{os.environ['PATH']}", "DATABASE_URL": url}
    for variable in ("RUST_LOG", "RIVET_LOG", "RIVET_STATE"):
        environment.pop(variable, None)
    for language, words, text in blocks(page):
        options = dict(word.split("=", 1) for word in words if "=" in word)
        if "file" in options:
            (folder / options["file"]).write_text(text)
        elif "runnable" in words:
            assert language == "sh", f"{name(page)}: only sh can be runnable"
            result = subprocess.run(["bash", "-euo", "pipefail", "-c", text], cwd=folder, env=environment, text=True,
                                    capture_output=True, timeout=120 * support.PATIENCE)
            said = f"{name(page)}:\n{text}\nexit {result.returncode}\n{result.stdout[-2000:]}\n{result.stderr[-3000:]}"
            assert result.returncode == int(options.get("exit", 0)), said


@pytest.mark.parametrize("page", [page for page in PAGES if runnable(page)], ids=name)
def test_runnable_blocks(page, database, tmp_path):
    run_blocks(page, tmp_path, database)


def test_a_wrong_command_is_noticed(database, tmp_path):
    page = tmp_path / "page.md"
    for text, is_right in (("```sh runnable\nrivet --version\n```\n", True), ("```sh runnable\nrivet --nonesuch\n```\n", False),
                           ("```sh runnable exit=2\nrivet --nonesuch\n```\n", True)):
        page.write_text(text)
        support_root, support.ROOT = support.ROOT, tmp_path
        try:
            if is_right:
                run_blocks(page, tmp_path, database)
            else:
                with pytest.raises(AssertionError, match="exit 2"):
                    run_blocks(page, tmp_path, database)
        finally:
            support.ROOT = support_root


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_yaml_blocks_are_yaml(page):
    for language, _, text in blocks(page):
        if language == "yaml":
            list(yaml.safe_load_all(text))


def anchors(page):
    heads = re.findall(r"^#+ +(.*)$", page.read_text(), re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if re.match(r"\w+:", target):
            continue
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), f"{name(page)} links to {target}"
        if anchor:
            assert anchor in anchors(found), f"{name(page)} links to {target}"


def test_every_page_is_reached_from_the_index():
    """docs/README.md is the way in: one click to every page, manual pages aside."""
    index = support.ROOT / "docs/README.md"
    linked = {(index.parent / target.split("#")[0]).resolve() for target in re.findall(r"\]\(([^)\s]+)\)", index.read_text())}
    pages = {page.resolve() for page in (support.ROOT / "docs").rglob("*.md")} - {index.resolve()}
    assert not pages - linked, sorted(map(str, pages - linked))
    assert index.resolve() in {(support.ROOT / target).resolve() for target in
                               re.findall(r"\]\(([^)\s]+)\)", (support.ROOT / "README.md").read_text())}
