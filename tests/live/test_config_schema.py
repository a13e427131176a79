"""rivet schema config: it takes every configuration in the tree and refuses what is wrong."""

import copy
import json
import subprocess

import jsonschema
import pytest
import yaml

import support


class Loader(yaml.SafeLoader):
    """YAML 1.2: only true and false are truth values, so that `on:` stays a text."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", __import__("re").compile("^(true|True|TRUE|false|False|FALSE)$"), list("tTfF"))


def configurations():
    """Every tracked YAML file that is a configuration, later ones included."""
    listed = subprocess.run(["git", "ls-files", "*.yaml", "*.yml"], cwd=support.ROOT, capture_output=True, text=True)
    names = listed.stdout.split() or [str(path.relative_to(support.ROOT)) for path in support.ROOT.rglob("*.yaml")]
    return [name for name in names if "\nexports:" in (support.ROOT / name).read_text() and "seeds" not in name]


@pytest.fixture(scope="module")
def validator():
    schema = json.loads(support.rivet("schema", "config", check=0).out)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("name", configurations())
def test_takes_the_configurations_in_the_tree(validator, name):
    document = yaml.load((support.ROOT / name).read_text(), Loader)
    assert [error.message for error in validator.iter_errors(document)] == []


def test_there_are_configurations():
    assert len(configurations()) > 25


GOOD = {
    "source": {"type": "postgres", "url_env": "DATABASE_URL", "tuning": {"profile": "fast", "batch_size": "${SIZE}"}},
    "exports": [{"name": "orders", "query": "select 1 as a", "format": "parquet", "columns": {"a": "text"},
                 "cursor_column": ["a", "b"], "quality": {"null_ratio_max": {"a": 0.5}}, "compression": None,
                 "max_file_size": 1048576, "destination": {"type": "local", "path": "out"}}],
    "notifications": {"slack": {"webhook_url_env": "HOOK", "on": ["failure"]}},
    "unknown_key": 1,
}

# Path to a value of GOOD, and what stands there instead; DROP takes it away.
DROP = object()
BAD = {
    "no source": (["source"], DROP),
    "no exports": (["exports"], DROP),
    "empty exports": (["exports"], []),
    "no name": (["exports", 0, "name"], DROP),
    "no destination": (["exports", 0, "destination"], DROP),
    "no format": (["exports", 0, "format"], DROP),
    "unknown source": (["source", "type"], "oracle"),
    "unknown format": (["exports", 0, "format"], "xml"),
    "unknown mode": (["exports", 0, "mode"], "everything"),
    "unknown event": (["notifications", "slack", "on"], ["success"]),
    "text for a number": (["source", "tuning", "batch_size"], "many"),
    "number below": (["source", "tuning", "batch_size"], 0),
    "fraction": (["source", "tuning", "batch_size"], 1.5),
    "number for a truth": (["exports", 0, "skip_empty"], 1),
    "list for a text": (["exports", 0, "query"], ["select"]),
    "text for a mapping": (["exports", 0, "destination"], "out"),
    "text for a ratio": (["exports", 0, "quality", "null_ratio_max", "a"], "half"),
    "misplaced tuning of the source": (["source", "batch_size"], 10),
    "misplaced tuning of an export": (["exports", 0, "profile"], "fast"),
}


def change(document, path, value):
    document = copy.deepcopy(document)
    place = document
    for step in path[:-1]:
        place = place[step]
    if value is DROP:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return document


def test_takes_a_good_one(validator):
    assert [error.message for error in validator.iter_errors(GOOD)] == []


@pytest.mark.parametrize("path, value", BAD.values(), ids=BAD.keys())
def test_refuses(validator, path, value, work):
    """As rivet does: what the schema refuses, the program refuses too."""
    document = change(GOOD, path, value)
    assert not validator.is_valid(document)
    work.config.write_text(yaml.safe_dump(document, sort_keys=False))
    run = support.rivet("check", "--config", work.config, check=1, env={"SIZE": "10", "DATABASE_URL": "postgresql://127.0.0.1:1/x"})
    assert "cannot connect" not in run.err, run.text
