"""Where Google credentials come from, in Google's order, and what is said to whom (spec: behaviour §22.4).

What rivet sends to token endpoints is frozen here, request by request. Endpoints and store are played by
scripted_gcs; the files name its address where Google's own would stand.
"""

import base64
import json
import time
import urllib.parse

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

import gcs_support
import scripted_gcs
import support

SCOPE = "https://www.googleapis.com/auth/devstorage.read_write"
PLATFORM = "https://www.googleapis.com/auth/cloud-platform"
MARKER = "hidden@:/#%marker"  # no output may ever hold it


@pytest.fixture
def store():
    with scripted_gcs.ScriptedGcs() as server:
        server.tokens = {"token-1"}
        yield server


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()


class Case(gcs_support.GcsWork):
    """One tiny export with credentials of its own."""

    def __init__(self, path, store, **destination):
        super().__init__(path, store, allow_anonymous=False, **destination)
        self.env = {"GCE_METADATA_HOST": "127.0.0.1:9", "HOME": str(path / "home")}

    def file(self, document, name="key.json"):
        path = self.path / name
        path.write_text(json.dumps(document))
        return str(path)

    def start(self, check=0, query="SELECT 1 AS id", **options):
        self.write({"name": "one", "query": query, "compression": "none"}, source={"tuning": {"profile": "fast", "max_retries": 0, "batch_size": 200}})
        run = self.run(env={**self.env, "RIVET_LOG": "debug"}, check=check, **options)
        assert MARKER not in run.text and urllib.parse.quote(MARKER, safe="") not in run.text, run.text
        assert MARKER.encode() not in self.state.read_bytes() if self.state.exists() else True
        return run


@pytest.fixture
def case(tmp_path, store):
    return Case(tmp_path, store)


def answers(store, path, *documents, code=200):
    """The endpoint gives these one after another, the last one for ever."""
    left = list(documents)
    store.token_answers[path] = lambda request: (code, left.pop(0) if len(left) > 1 else left[0])


def token(text="token-1", seconds=3600):
    return {"access_token": text, "expires_in": seconds, "token_type": "Bearer"}


def transcript(store):
    """All requests to token endpoints: a line each, then what they say."""
    lines = []
    for request in store.seen("token"):
        lines.append(f"{request.method} {request.path}" + ("?" + urllib.parse.urlencode(request.query) if request.query else ""))
        for name in ("authorization", "content-type", "metadata-flavor", "x-mine"):
            if name in request.headers:
                lines.append(f"  {name}: {request.headers[name]}")
        if request.headers.get("content-type", "").startswith("application/x-www-form"):
            lines += [f"  {name}={value}" for name, value in urllib.parse.parse_qsl(request.body.decode(), strict_parsing=True)]
        elif request.body:
            lines.append("  " + request.body.decode())
    return "\n".join(lines)


def authorizations(store):
    return {request.headers.get("authorization") for request in store.requests if request.what != "token"}


def wanted(text, **values):
    for name, value in values.items():
        text = text.replace(f"<{name}>", value)
    return "\n".join(line[4:] for line in text.strip("\n").splitlines()).rstrip()


# ---- each source ----

def test_anonymous_asks_nobody(case, store):
    store.tokens = None
    case.destination["allow_anonymous"] = True
    case.env["GOOGLE_APPLICATION_CREDENTIALS"] = "/nonexistent/key.json"
    case.start()
    assert transcript(store) == ""
    assert authorizations(store) == {None}


def service_account(store, key, **more):
    return {"type": "service_account", "client_email": "rivet@project.iam.gserviceaccount.com", "private_key_id": "key-id-1",
            "private_key": pem(key), "token_uri": f"{store.url}/token", **more}


def unsigned(text):
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def check_assertion(assertion, key, audience, scope=SCOPE):
    header, claims, signature = assertion.split(".")
    key.public_key().verify(base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4)), f"{header}.{claims}".encode(),
                            padding.PKCS1v15(), hashes.SHA256())
    assert "=" not in assertion and "+" not in assertion and "/" not in assertion
    assert unsigned(header) == {"alg": "RS256", "typ": "JWT", "kid": "key-id-1"}
    claims = unsigned(claims)
    assert abs(claims.pop("iat") - time.time()) < 300 and abs(claims.pop("exp") - time.time() - 3600) < 300
    assert claims == {"iss": "rivet@project.iam.gserviceaccount.com", "scope": scope, "aud": audience}


@pytest.mark.parametrize("where", ["credentials_file", "environment", "login"])
def test_service_account(case, store, key, where):
    answers(store, "/token", token())
    document = service_account(store, key)
    if where == "credentials_file":
        case.destination["credentials_file"] = case.file(document)
        case.env["GOOGLE_APPLICATION_CREDENTIALS"] = case.file({"type": "of no use"}, "other.json")
    elif where == "environment":
        case.env["GOOGLE_APPLICATION_CREDENTIALS"] = case.file(document)
    else:
        (case.path / "home/.config/gcloud").mkdir(parents=True)
        case.file(document, "home/.config/gcloud/application_default_credentials.json")
        case.env |= {"XDG_CONFIG_HOME": "", "GOOGLE_APPLICATION_CREDENTIALS": ""}
    run = case.start()
    form = dict(urllib.parse.parse_qsl(store.seen("token")[0].body.decode()))
    check_assertion(form["assertion"], key, f"{store.url}/token")
    assert transcript(store) == wanted("""
    POST /token
      content-type: application/x-www-form-urlencoded
      grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer
      assertion=<assertion>
    """, assertion=form["assertion"])
    assert authorizations(store) == {"Bearer token-1"}
    assert "token-1" not in run.text and form["assertion"][-40:] not in run.text


def user(store):
    return {"type": "authorized_user", "client_id": "client-1.apps", "client_secret": "hidden & client", "refresh_token": MARKER,
            "token_uri": f"{store.url}/token"}


@pytest.mark.parametrize("variable", ["XDG_CONFIG_HOME", "APPDATA", "CLOUDSDK_CONFIG"])
def test_user_who_logged_in(case, store, variable):
    answers(store, "/token", token())
    folder = case.path / "config" / ("" if variable == "CLOUDSDK_CONFIG" else "gcloud")
    folder.mkdir(parents=True)
    (folder / "application_default_credentials.json").write_text(json.dumps(user(store)))
    case.env[variable] = str(case.path / "config")
    case.start()
    assert transcript(store) == wanted("""
    POST /token
      content-type: application/x-www-form-urlencoded
      grant_type=refresh_token
      client_id=client-1.apps
      client_secret=hidden & client
      refresh_token=<marker>
    """, marker=MARKER)
    assert authorizations(store) == {"Bearer token-1"}


def federation(store, source, **more):
    return {"type": "external_account", "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q",
            "subject_token_type": "urn:ietf:params:oauth:token-type:jwt", "token_url": f"{store.url}/sts", "credential_source": source, **more}


EXCHANGE = """
    POST /sts
      content-type: application/x-www-form-urlencoded
      grant_type=urn:ietf:params:oauth:grant-type:token-exchange
      audience=//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q
      scope=<scope>
      requested_token_type=urn:ietf:params:oauth:token-type:access_token
      subject_token=<subject>
      subject_token_type=urn:ietf:params:oauth:token-type:jwt
    """


def test_federation_from_a_file(case, store):
    answers(store, "/sts", token())
    (case.path / "subject").write_text(MARKER + "\n")
    case.destination["credentials_file"] = case.file(federation(store, {"file": str(case.path / "subject")}))
    case.start()
    assert transcript(store) == wanted(EXCHANGE, scope=SCOPE, subject=MARKER)
    assert authorizations(store) == {"Bearer token-1"}


def test_federation_from_a_url_into_a_service_account(case, store):
    answers(store, "/subject", {"value": MARKER})
    answers(store, "/sts", token("sts-token"))
    answers(store, "/v1/account:generateAccessToken", {"accessToken": "token-1", "expireTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))})
    source = {"url": f"{store.url}/subject", "headers": {"X-Mine": "yes"}, "format": {"type": "json", "subject_token_field_name": "value"}}
    case.destination["credentials_file"] = case.file(federation(
        store, source, service_account_impersonation_url=f"{store.url}/v1/account:generateAccessToken",
        service_account_impersonation={"token_lifetime_seconds": 1200}))
    case.start()
    assert transcript(store) == wanted("""
    GET /subject
      x-mine: yes
    """) + "\n" + wanted(EXCHANGE, scope=PLATFORM, subject=MARKER) + "\n" + wanted("""
    POST /v1/account:generateAccessToken
      authorization: Bearer sts-token
      content-type: application/json
      {"delegates":[],"scope":["<scope>"],"lifetime":"1200s"}
    """, scope=SCOPE)
    assert authorizations(store) == {"Bearer token-1"}


def test_user_who_becomes_a_service_account(case, store):
    answers(store, "/token", token("user-token"))
    answers(store, "/v1/account:generateAccessToken", {"accessToken": "token-1", "expireTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))})
    case.destination["credentials_file"] = case.file({
        "type": "impersonated_service_account", "source_credentials": user(store), "delegates": ["projects/-/serviceAccounts/middle"],
        "service_account_impersonation_url": f"{store.url}/v1/account:generateAccessToken"})
    case.start()
    assert transcript(store) == wanted("""
    POST /token
      content-type: application/x-www-form-urlencoded
      grant_type=refresh_token
      client_id=client-1.apps
      client_secret=hidden & client
      refresh_token=<marker>
    POST /v1/account:generateAccessToken
      authorization: Bearer user-token
      content-type: application/json
      {"delegates":["projects/-/serviceAccounts/middle"],"scope":["<scope>"],"lifetime":"3600s"}
    """, marker=MARKER, scope=SCOPE)


def test_metadata_server(case, store):
    answers(store, "/computeMetadata/v1/instance/service-accounts/default/token", token())
    case.env["GCE_METADATA_HOST"] = f"127.0.0.1:{store.port}"
    case.env["http_proxy"] = "http://127.0.0.1:9"  # never for this server
    case.env["no_proxy"] = "127.0.0.1"
    case.start()
    assert transcript(store) == wanted("""
    GET /computeMetadata/v1/instance/service-accounts/default/token?scopes=<scope>
      metadata-flavor: Google
    """, scope=urllib.parse.quote(SCOPE, safe=""))
    assert authorizations(store) == {"Bearer token-1"}


# ---- tokens that end ----

ROWS = 4000
BIG = f"SELECT g AS id, repeat(md5(g::text), 200) AS text FROM generate_series(1, {ROWS}) g"


def test_token_that_ends_in_mid_upload(case, store, key):
    """The store refuses the first token after some chunks: one request for a fresh one, and on it goes."""
    answers(store, "/token", token("token-1"), token("token-2"))
    case.destination |= {"credentials_file": case.file(service_account(store, key)), "part_mb": 5}
    plain = store.carry_out

    def carry_out(what, *rest):
        if what == "append" and len(store.seen("append")) == 2:
            store.tokens = {"token-2"}
        return plain(what, *rest)

    store.carry_out = carry_out
    case.start(query=BIG)
    appends = [request.headers["authorization"] for request in store.seen("append")]
    assert appends[:3] == ["Bearer token-1", "Bearer token-1", "Bearer token-2"], appends
    assert set(appends[2:]) == {"Bearer token-2"}
    assert len(store.seen("token")) == 2
    assert len(support.parquet_rows(*case.files("one"))) == ROWS


@support.measures
def test_token_is_renewed_before_it_ends(case, store, key):
    """With a life of two seconds the next token is fetched after one, so that the store never refuses."""
    numbers = iter(range(1, 1000))
    store.tokens = {f"token-{number}" for number in range(1, 1000)}
    store.token_answers["/token"] = lambda request: (200, token(f"token-{next(numbers)}", 2))
    case.destination |= {"credentials_file": case.file(service_account(store, key)), "part_mb": 5}
    plain = store.carry_out

    def carry_out(what, *rest):
        if what == "append":
            time.sleep(0.8)
        return plain(what, *rest)

    store.carry_out = carry_out
    case.start(query=BIG)
    assert len(store.seen("token")) >= 3
    assert len(support.parquet_rows(*case.files("one"))) == ROWS


# ---- what cannot be used ----

@support.measures
def test_nothing_found_says_what_to_do_and_quickly(case, store):
    case.env["XDG_CONFIG_HOME"] = ""
    started = time.monotonic()
    run = case.start(check=1)
    assert time.monotonic() - started < 8 * support.PATIENCE
    for word in ("no Google credentials for the bucket 'bucket'", "credentials_file", "GOOGLE_APPLICATION_CREDENTIALS",
                 f"{case.path}/home/.config/gcloud/application_default_credentials.json", "metadata server",
                 "gcloud auth application-default login"):
        assert word in run.text, run.text
    assert "there is no metadata server" in run.text and " retry " not in run.text, run.text
    assert store.requests == []


def test_a_metadata_server_without_an_account(case, store):
    case.env |= {"XDG_CONFIG_HOME": "", "GCE_METADATA_HOST": f"127.0.0.1:{store.port}"}
    run = case.start(check=1)
    assert "the metadata server has none" in run.text and "HTTP 404" in run.text and "auth application-default login" in run.text, run.text


def test_a_metadata_server_that_is_busy_may_have_a_token_later(case, store):
    store.script("token", scripted_gcs.status(503), times=99)
    case.env |= {"XDG_CONFIG_HOME": "", "GCE_METADATA_HOST": f"127.0.0.1:{store.port}"}
    run = case.start(check=5)
    assert "HTTP 503" in run.text and "no Google credentials" not in run.text, run.text


@pytest.mark.parametrize("content, message", [
    ("{\"type\": \"service_account\", \"private_key\": \"" + MARKER, "no JSON object (line 1)"),
    ("[]", "no JSON object"),
    ("{}", "has no 'type'"),
    ("{\"type\": \"gdch_service_account\"}", "'gdch_service_account'; known are service_account"),
    (json.dumps({"type": "authorized_user", "client_id": "c", "client_secret": MARKER}), "has no 'refresh_token'"),
    (json.dumps({"type": "authorized_user", "client_id": "c", "refresh_token": MARKER}), "has no 'client_secret'"),
    (json.dumps({"type": "authorized_user", "client_secret": "c", "refresh_token": MARKER}), "has no 'client_id'"),
    (json.dumps({"type": "service_account", "client_email": "a@b"}), "has no 'private_key'"),
    (json.dumps({"type": "service_account", "client_email": "a@b", "private_key": MARKER}), "is no RSA key"),
    (json.dumps({"type": "service_account", "private_key": MARKER}), "has no 'client_email'"),
    (json.dumps({"type": "external_account", "audience": "a", "subject_token_type": "t", "token_url": "u", "credential_source": {"file": "/nonexistent/subject"}}), "subject token's file '/nonexistent/subject'"),
    (json.dumps({"type": "external_account", "credential_source": {"environment_id": "aws1", "url": "http://127.0.0.1:9/"}}), "AWS and executable sources"),
])
def test_a_file_of_no_use_is_an_error(case, store, content, message):
    path = case.path / "key.json"
    path.write_text(content)
    case.env["GOOGLE_APPLICATION_CREDENTIALS"] = str(path)
    run = case.start(check=1)
    assert message in run.text and str(path) in run.text, run.text
    assert " retry " not in run.text


def test_a_named_file_that_is_missing_is_an_error(case):
    case.env["GOOGLE_APPLICATION_CREDENTIALS"] = "/nonexistent/key.json"
    assert "cannot read the credentials file '/nonexistent/key.json'" in case.start(check=1).text


def test_a_refused_login_names_the_way_out_and_not_the_answer(case, store):
    answers(store, "/token", {"error": "invalid_grant", "error_description": MARKER}, code=400)
    case.destination["credentials_file"] = case.file(user(store))
    run = case.start(check=1)
    assert f"'127.0.0.1:{store.port}' gives no token for these credentials: HTTP 400 invalid_grant" in run.text, run.text
    assert "gcloud auth application-default login" in run.text and " retry " not in run.text


def test_a_token_endpoint_that_is_busy_is_asked_again(case, store):
    store.script("token", scripted_gcs.status(503), times=2)
    answers(store, "/token", token())
    case.destination["credentials_file"] = case.file(user(store))
    case.start()
    assert len(store.seen("token")) == 3


def test_a_store_that_refuses_the_account_names_the_permission(case, store):
    answers(store, "/token", token())
    case.destination["credentials_file"] = case.file(user(store))
    store.script("start", scripted_gcs.status(403, "forbidden", "a@b does not have storage.objects.create access to the Google Cloud Storage object."), times=9)
    run = case.start(check=1)
    for word in ("gs://bucket/one_", "HTTP 403 forbidden", "storage.objects.create", "roles/storage.objectUser"):
        assert word in run.text, run.text
    assert len(store.seen("start")) == 1 and " retry " not in run.text
