"""Suite M: parameters."""

from uat import reading, source
from uat.registry import row
from uat.suites import b


def assert_up_to(place, arguments, top, **env):
    run = place.sh(f"rivet run --config dev/test_params.yaml {arguments}", **env)
    (path,) = run.files
    want = reading.as_csv(source.POSTGRES.query("select id, name, email from users where id <= %s", top))
    reading.assert_same_rows(map(tuple, reading.csv_rows(path)[1]), want, arguments)
    assert len(want) == top, f"the seed has {len(want)} users up to {top}"


@row("M1", "a parameter")
def parameter(place):
    source.prepare(source.POSTGRES)
    assert_up_to(place, "--param MAX_ID=10", 10)
    return "ids 1 to 10"


@row("M2", "another value, and the environment")
def another_value(place):
    source.prepare(source.POSTGRES)
    assert_up_to(place, "--param MAX_ID=5", 5)
    assert_up_to(place, "--param MAX_ID=5", 5, MAX_ID="7")
    assert_up_to(place, "", 7, MAX_ID="7")
    return "ids 1 to 5; --param wins over the environment"


@row("M3", "a parameter in check")
def parameter_in_check(place):
    source.prepare(source.POSTGRES)
    run = place.sh("rivet check --config dev/test_params.yaml --param MAX_ID=100")
    assert "${" not in run.out + run.err, run.out
    facts = b.blocks(run.out)["users_parameterized"]
    assert "Row estimate" in facts, run.out
    return f"estimate {facts['Row estimate'][0]}"
