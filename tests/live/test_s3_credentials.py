"""Where AWS keys come from (spec: behaviour §22.3): each source against scripted services, whose transcript is
frozen here; the order; refresh before expiry and in mid-upload; nothing secret in any output."""

import datetime
import hashlib
import json
import socket
import time

import pytest

import s3_support
import scripted_aws
import scripted_s3
import support

ROWS = "select g as id, md5(g::text) as text from generate_series(1, 1000) g"
PLAIN = {"access_key_env": None, "secret_key_env": None}
STS_SCOPE = "authorization: AWS4-HMAC-SHA256 Credential={}/DATE/us-east-1/sts/aws4_request, SignedHeaders={}, Signature=…"


@pytest.fixture
def store():
    with scripted_s3.ScriptedS3() as store:
        yield store


@pytest.fixture
def aws(store):
    return scripted_aws.ScriptedAws(store)


class Scene:
    """A home directory with AWS's files, and a run before the scripted services."""

    def __init__(self, path, aws):
        self.home, self.aws = path / "home", aws
        (self.home / ".aws/sso/cache").mkdir(parents=True)
        (path / "work").mkdir()
        self.work = s3_support.ScriptedWork(path / "work", aws.store)
        for name in ("access_key_env", "secret_key_env", "region"):
            del self.work.destination[name]
        self.export = {"name": "rows", "query": ROWS, "tuning": {"max_retries": 0}}

    def config(self, text):
        (self.home / ".aws/config").write_text(text)

    def credentials(self, text):
        (self.home / ".aws/credentials").write_text(text)

    def run(self, check=0, destination=None, **env):
        self.work.destination |= destination or {}
        self.work.write(self.export)
        environment = {**self.aws.environment(), "HOME": str(self.home), "AWS_CONFIG_FILE": "", "AWS_SHARED_CREDENTIALS_FILE": "",
                       "RIVET_LOG": "debug", **env}
        result = self.work.run(check=check, env=environment)
        secrets = [part for secret, token in self.aws.store.keys.values() for part in (secret, token) if part]
        state = self.work.state.read_bytes() if self.work.state.exists() else b""
        for secret in [*secrets, "sso-access-token", "web-identity-token", "container-token", "metadata-token"]:
            assert secret not in result.text and secret.encode() not in state, f"{secret} was shown"
        return result

    def used(self):
        return {request.access_key for request in self.aws.store.requests}


@pytest.fixture
def scene(tmp_path, aws):
    return Scene(tmp_path, aws)


BASE = "[default]\naws_access_key_id = AKIDBASE\naws_secret_access_key = base/secret\n"


def test_explicit_keys_win_and_take_no_token_from_elsewhere(postgres, scene):
    scene.credentials("[default]\naws_access_key_id = WRONG\naws_secret_access_key = WRONG\n")
    scene.run(destination={"access_key_env": "MY_KEY", "secret_key_env": "MY_SECRET"}, MY_KEY="AKIDBASE", MY_SECRET="base/secret",
              AWS_ACCESS_KEY_ID="WRONG", AWS_SECRET_ACCESS_KEY="WRONG", AWS_SESSION_TOKEN="WRONG", AWS_PROFILE="wrong")
    assert scene.used() == {"AKIDBASE"} and scene.aws.transcript == []


def test_explicit_session_token(postgres, scene):
    scene.aws.store.keys["ASIAX"] = ("x/secret", "x-token")
    scene.run(destination={"access_key_env": "MY_KEY", "secret_key_env": "MY_SECRET", "session_token_env": "MY_TOKEN"},
              MY_KEY="ASIAX", MY_SECRET="x/secret", MY_TOKEN="x-token")
    assert scene.used() == {"ASIAX"}


def test_environment_before_files(postgres, scene):
    scene.credentials("[default]\naws_access_key_id = WRONG\naws_secret_access_key = WRONG\n")
    scene.aws.store.keys["ASIAX"] = ("x/secret", "x-token")
    scene.run(AWS_ACCESS_KEY_ID="ASIAX", AWS_SECRET_ACCESS_KEY="x/secret", AWS_SESSION_TOKEN="x-token")
    assert scene.used() == {"ASIAX"}


def test_profile_of_the_destination_before_the_environment(postgres, scene):
    scene.credentials("[wanted]\naws_access_key_id = AKIDBASE\naws_secret_access_key = base/secret\n")
    scene.run(destination={"aws_profile": "wanted"}, AWS_ACCESS_KEY_ID="WRONG", AWS_SECRET_ACCESS_KEY="WRONG")
    assert scene.used() == {"AKIDBASE"}


def test_moved_files_and_the_profile_of_the_environment(postgres, scene, tmp_path):
    (tmp_path / "moved").write_text("# a comment\n[other]\naws_access_key_id=AKIDBASE\n")
    (tmp_path / "config").write_text("[profile other]\naws_secret_access_key =  base/secret \nregion = eu-west-3\ns3 =\n  max = 1\n")
    scene.run(AWS_SHARED_CREDENTIALS_FILE=str(tmp_path / "moved"), AWS_CONFIG_FILE=str(tmp_path / "config"), AWS_PROFILE="other")
    assert scene.used() == {"AKIDBASE"}
    assert "/eu-west-3/s3/" in scene.aws.store.requests[0].headers["authorization"]


@pytest.mark.parametrize("field, env, want", [
    ("eu-north-1", {"AWS_REGION": "x", "AWS_DEFAULT_REGION": "x"}, "eu-north-1"),
    (None, {"AWS_REGION": "eu-north-1", "AWS_DEFAULT_REGION": "x"}, "eu-north-1"),
    (None, {"AWS_DEFAULT_REGION": "eu-north-1"}, "eu-north-1"),
    (None, {}, "ap-east-1"),
])
def test_region(postgres, scene, field, env, want):
    scene.credentials(BASE)
    scene.config("[default]\nregion = ap-east-1\n")
    scene.run(destination={"region": field} if field else None, **{"AWS_REGION": "", "AWS_DEFAULT_REGION": "", **env})
    assert all(f"/{want}/s3/aws4_request" in request.headers["authorization"] for request in scene.aws.store.requests)


def test_no_region_at_all(postgres, scene):
    scene.credentials(BASE)
    del scene.work.destination["endpoint"]
    result = scene.run(check=1, AWS_REGION="", AWS_DEFAULT_REGION="")
    assert "the region of the bucket 'bucket' is not known" in result.err and "AWS_REGION" in result.err


def test_role_with_source_profile(postgres, scene):
    scene.credentials("[base]\naws_access_key_id = AKIDBASE\naws_secret_access_key = base/secret\n")
    scene.config("[default]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = middle\nexternal_id = e/1\nduration_seconds = 900\n"
                 "role_session_name = mine\nregion = us-east-1\n[profile middle]\nrole_arn = arn:aws:iam::1:role/m\nsource_profile = base\n")
    scene.run()
    assert scene.used() == {"ASIA2"}
    assert scene.aws.transcript == [
        ["POST /", STS_SCOPE.format("AKIDBASE", "content-type;host;x-amz-date"), "Action=AssumeRole", "Version=2011-06-15",
         "RoleArn=arn:aws:iam::1:role/m", "RoleSessionName=rivet"],
        ["POST /", STS_SCOPE.format("ASIA1", "content-type;host;x-amz-date;x-amz-security-token"), "x-amz-security-token: token1",
         "Action=AssumeRole", "Version=2011-06-15", "RoleArn=arn:aws:iam::1:role/x", "RoleSessionName=mine", "ExternalId=e/1",
         "DurationSeconds=900"],
    ]


def test_role_of_the_destination(postgres, scene):
    scene.credentials(BASE)
    scene.run(destination={"role_arn": "arn:aws:iam::1:role/x", "region": "us-east-1"})
    assert scene.used() == {"ASIA1"}
    assert scene.aws.transcript == [["POST /", STS_SCOPE.format("AKIDBASE", "content-type;host;x-amz-date"), "Action=AssumeRole",
                                     "Version=2011-06-15", "RoleArn=arn:aws:iam::1:role/x", "RoleSessionName=rivet"]]


def test_source_profiles_in_a_circle(postgres, scene):
    scene.config("[default]\nrole_arn = a\nsource_profile = b\n[profile b]\nrole_arn = b\nsource_profile = default\n")
    assert "leads in a circle" in scene.run(check=1).err


def test_credential_process(postgres, scene, tmp_path):
    program = tmp_path / "give keys"
    program.write_text("#!/bin/sh\necho '{\"Version\": 1, \"AccessKeyId\": \"AKIDBASE\", \"SecretAccessKey\": \"'$1'/secret\"}'\n")
    program.chmod(0o755)
    scene.config(f"[profile p]\ncredential_process = '{program}' base\n")
    scene.run(AWS_PROFILE="p")
    assert scene.used() == {"AKIDBASE"}
    program.write_text("#!/bin/sh\nexit 3\n")
    result = scene.run(check=1, AWS_PROFILE="p")
    assert "credential_process gave no credentials (exit status 3)" in result.err


def sso_cache(scene, name, **change):
    later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
    path = scene.home / ".aws/sso/cache" / (hashlib.sha1(name.encode()).hexdigest() + ".json")
    path.write_text(json.dumps({"accessToken": "sso-access-token", "expiresAt": f"{later:%Y-%m-%dT%H:%M:%SZ}", **change}))


@pytest.mark.parametrize("config, name", [
    ("[profile p]\nsso_session = corp\nsso_account_id = 12\nsso_role_name = Data Reader\n"
     "[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://corp.example/start\n", "corp"),
    ("[profile p]\nsso_start_url = https://corp.example/start\nsso_region = eu-west-1\nsso_account_id = 12\nsso_role_name = Data Reader\n",
     "https://corp.example/start"),
])
def test_cached_sso_token(postgres, scene, config, name):
    scene.config(config)
    sso_cache(scene, name)
    scene.run(AWS_PROFILE="p")
    assert scene.used() == {"ASIA1"}
    assert scene.aws.transcript == [["GET /federation/credentials?account_id=12&role_name=Data%20Reader",
                                     "x-amz-sso_bearer_token: sso-access-token"]]


def test_an_old_sso_token_is_the_end_of_it(postgres, scene):
    """No three minutes at the instance metadata service (lesson 54)."""
    scene.config("[profile p]\nsso_session = corp\nsso_account_id = 12\nsso_role_name = R\n"
                 "[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://corp.example/start\n")
    sso_cache(scene, "corp", expiresAt="2020-01-01T00:00:00UTC")
    result = scene.run(check=1, AWS_PROFILE="p")
    assert "the SSO token of the AWS profile 'p' has expired" in result.err and "aws sso login" in result.err
    assert scene.aws.transcript == [] and scene.aws.store.requests == []


def test_web_identity(postgres, scene, tmp_path):
    (tmp_path / "token").write_text("web-identity-token\n")
    scene.run(AWS_WEB_IDENTITY_TOKEN_FILE=str(tmp_path / "token"), AWS_ROLE_ARN="arn:aws:iam::1:role/pod", AWS_REGION="us-east-1")
    assert scene.used() == {"ASIA1"}
    assert scene.aws.transcript == [["POST /", "Action=AssumeRoleWithWebIdentity", "Version=2011-06-15", "RoleArn=arn:aws:iam::1:role/pod",
                                     "RoleSessionName=rivet", "WebIdentityToken=web-identity-token"]]


def test_container(postgres, scene, tmp_path):
    (tmp_path / "token").write_text("container-token")
    scene.run(AWS_CONTAINER_CREDENTIALS_FULL_URI=scene.aws.store.url + "/container",
              AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=str(tmp_path / "token"))
    assert scene.used() == {"ASIA1"}
    assert scene.aws.transcript == [["GET /container", "authorization: container-token"]]


def test_container_elsewhere_in_clear_is_refused(postgres, scene):
    result = scene.run(check=1, AWS_CONTAINER_CREDENTIALS_FULL_URI="http://keys.example/container")
    assert "neither https nor on this machine" in result.err


def test_instance(postgres, scene):
    scene.run()
    assert scene.used() == {"ASIA1"}
    role = scripted_aws.ROLE_PATH
    assert scene.aws.transcript == [
        ["PUT /latest/api/token", "x-aws-ec2-metadata-token-ttl-seconds: 21600"],
        [f"GET {role}", "x-aws-ec2-metadata-token: metadata-token"],
        [f"GET {role}machine-role", "x-aws-ec2-metadata-token: metadata-token"],
    ]


@support.measures
def test_nothing_anywhere_costs_two_seconds_at_most(postgres, scene):
    """A metadata service that takes the connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        started = time.monotonic()
        result = scene.run(check=1, AWS_EC2_METADATA_SERVICE_ENDPOINT=f"http://127.0.0.1:{silent.getsockname()[1]}")
    assert time.monotonic() - started < 10 * support.PATIENCE  # two, and a busy machine
    assert "no AWS credentials found" in result.err and "access_key_env" in result.err
    assert "retry" not in result.err


def test_unknown_profile(postgres, scene):
    assert "there is no AWS profile 'nobody'" in scene.run(check=1, destination={"aws_profile": "nobody"}).err


# ---- expiry ----

NOISE = "select g as id, md5(g::text) || md5((g * 7)::text) as noise from generate_series(1, 400000) g"


@support.measures
def test_keys_are_fetched_again_before_they_expire(postgres, scene):
    """Keys of two seconds and an upload of more than that."""
    scene.aws.life_s = 2
    scene.aws.store.delay_s = 0.4
    scene.export = {"name": "rows", "query": NOISE, "format": "csv"}
    scene.run(destination={"part_mb": 5, "upload_parallel": 1})
    assert len(scene.used()) > 1
    assert all(request.status in (200, 204, 206, 404) for request in scene.aws.store.requests)


def test_keys_that_expire_in_mid_upload(postgres, scene):
    """The store calls them expired earlier than they said."""
    def expire(request):
        scene.aws.store.expired.add("ASIA1")

    scene.export = {"name": "rows", "query": NOISE, "format": "csv"}
    scene.aws.store.script("part", expire, after=1)
    scene.run(destination={"part_mb": 5, "upload_parallel": 1})
    assert scene.used() == {"ASIA1", "ASIA2"}
    assert [request.status for request in scene.aws.store.requests].count(400) == 1
    assert len(scene.work.manifests("rows")) == 1


def test_keys_that_expire_for_good(postgres, scene):
    scene.credentials(BASE)
    scene.aws.store.script("part", lambda _: scene.aws.store.expired.add("AKIDBASE"), after=1)
    scene.export = {"name": "rows", "query": NOISE, "format": "csv"}
    result = scene.run(check=1, destination={"part_mb": 5, "upload_parallel": 1})
    assert "HTTP 400 ExpiredToken" in result.err and "have expired" in result.err
    scene.aws.store.expired.clear()
    scene.run()
    assert scene.work.leftovers() == []
