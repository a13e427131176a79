"""How rivet gets in: TLS modes and their refusals, login methods, forms of the address."""

import pathlib
import re

import pytest

import mysql_peer
import mysql_support
import support
from mysql_peer import Peer, Script

USERS = "select id, name from users"
CA, OTHER_CA = (str(mysql_support.CERTIFICATES / name) for name in ("ca.pem", "other-ca.pem"))
# Does the client library know a row that breaks off? Connector/C does since some release of 3.3.
LIBRARY_TELLS = any("MYSQL_DATA_MALFORMED" in path.read_text() for path in pathlib.Path("/usr/include/mariadb").glob("*.h"))
CERTIFICATE = tuple(str(mysql_support.CERTIFICATES / name) for name in ("server-cert.pem", "server-key.pem"))


@pytest.fixture(scope="module", params=mysql_support.PORTS)
def server(request):
    with mysql_support.open_server(request.param) as server:
        yield server


def run(work, check, query=USERS, **source):
    work.write({"name": "a", "query": query}, source={"type": "mysql", "tuning": {"profile": "fast", "max_retries": 0}, **source})
    if "url" not in source:
        work.config.write_text(re.sub(r"  url: .*\n", "", work.config.read_text()))
    return work.run(check=check)


def is_encrypted(work, url, **source):
    """Asks the session itself."""
    query = ("select variable_value as v from {}.session_status where variable_name = 'Ssl_cipher'")
    for schema in ("information_schema", "performance_schema"):
        result = run(work, None, query.format(schema), url=url, **source)
        if result.status == 0:
            return support.parquet_rows(work.files()[-1]) != [("",)]
    raise AssertionError(result.text)


class TestTls:
    def url(self, server, host="localhost", parameters=""):
        return f"mysql://rivet:rivet@{host}:{mysql_support.TLS_PORTS[server.name]}/rivet{parameters}"

    @pytest.mark.parametrize("mode, want", [("disabled", False), ("PREFERRED", True), ("required", True)])
    def test_mode_by_block_and_by_url(self, work, server, mode, want):
        assert is_encrypted(work, self.url(server), tls={"mode": mode}) == want
        assert is_encrypted(work, self.url(server, parameters=f"?ssl-mode={mode}")) == want

    def test_preferred_is_the_default(self, work, server):
        assert is_encrypted(work, self.url(server))

    @pytest.mark.parametrize("mode", ["verify_ca", "verify_identity"])
    def test_a_known_authority(self, work, server, mode):
        assert is_encrypted(work, self.url(server), tls={"mode": mode, "ca": CA})

    @pytest.mark.parametrize("mode", ["verify_ca", "verify_identity"])
    def test_a_stranger(self, work, server, mode):
        result = run(work, 1, url=self.url(server), tls={"mode": mode, "ca": OTHER_CA})
        assert "certificate" in result.err and "retry" not in result.err and not work.files()

    def test_another_name(self, work, server):
        """127.0.0.2 leads to the same server, but its certificate does not say so."""
        with support.CuttingProxy(None, target=("127.0.0.1", mysql_support.TLS_PORTS[server.name]), host="127.0.0.2") as proxy:
            url = f"mysql://rivet:rivet@127.0.0.2:{proxy.port}/rivet"
            assert is_encrypted(work, url, tls={"mode": "verify_ca", "ca": CA})
            result = run(work, 1, url=url, tls={"mode": "verify_identity", "ca": CA})
        assert "certificate" in result.err and "retry" not in result.err, result.text

    def test_verify_ca_needs_a_file(self, work, server):
        result = run(work, 1, url=self.url(server), tls={"mode": "verify_ca"})
        assert "VERIFY_CA needs a ca file" in result.err

    def test_client_certificate(self, work, server):
        server_port = mysql_support.TLS_PORTS[server.name]
        admin = mysql_support.connect(server_port)
        with admin, admin.cursor() as cursor:
            cursor.execute("drop user if exists rivet_test_x509")
            cursor.execute("create user rivet_test_x509 identified by 'x' require x509")
            cursor.execute("grant select on rivet.* to rivet_test_x509")
            url = f"mysql://rivet_test_x509:x@localhost:{server_port}/rivet"
            try:
                run(work, 0, "select 1 as a", url=url, tls={
                    "mode": "required", "cert": str(mysql_support.CERTIFICATES / "client-cert.pem"),
                    "key": str(mysql_support.CERTIFICATES / "client-key.pem")})
                assert "denied" in run(work, 1, "select 1 as a", url=url, tls={"mode": "required"}).err
            finally:
                cursor.execute("drop user rivet_test_x509")


@pytest.mark.parametrize("mode", ["required", "verify_ca", "verify_identity"])
def test_a_server_without_tls_is_refused(work, mode):
    """Before it is told anything: not even the user's name goes out in clear."""
    with Peer(Script(offers_tls=False)) as peer:
        result = run(work, 1, url=peer.url(), tls={"mode": mode, "ca": CA})
    assert "does not offer TLS" in result.err or "does not support it" in result.err, result.text
    assert "retry" not in result.err and peer.in_clear == b""
    assert not [event for event in peer.seen if "login" in event]


def test_a_greeting_without_end_counts_as_one_in_clear(work):
    with Peer(Script(offers_tls=False, version="8.0." + "9" * 1000)) as peer:
        result = run(work, 1, url=peer.url(), tls={"mode": "required"})
    assert "does not offer TLS" in result.err and peer.in_clear == b""


def test_preferred_goes_on_without_tls(work):
    """But not so far as to send the password, which the client library would do."""
    with Peer(Script(offers_tls=False)) as peer:
        run(work, 0, url=peer.url(), tls={"mode": "preferred"})
    assert "logged in" in peer.seen and mysql_peer.PASSWORD.encode() not in peer.in_clear


def test_the_mariadb_service_without_tls_is_refused(work):
    with mysql_support.open_server("mariadb") as server:
        result = run(work, 1, url=server.url(), tls={"mode": "required"})
        assert "the MySQL server does not offer TLS" in result.err


class TestCachingSha2:
    def test_full_exchange_over_tls(self, work):
        with Peer(Script(offers_tls=True, certificate=CERTIFICATE)) as peer:
            run(work, 0, url=peer.url(), tls={"mode": "required"})
        assert peer.seen[:4] == ["tls", "login as peer", "full exchange", "logged in"]
        assert support.parquet_rows(work.files()[0]) == [(1, "one"), (2, "two")]

    def test_full_exchange_with_the_servers_key(self, work):
        with Peer(Script()) as peer:
            run(work, 0, url=peer.url("?ssl-mode=disabled"))
        assert peer.seen[:4] == ["login as peer", "full exchange", "public key", "logged in"]
        assert mysql_peer.PASSWORD.encode() not in peer.in_clear

    def test_fast(self, work):
        with Peer(Script(fast=True)) as peer:
            run(work, 0, url=peer.url("?ssl-mode=disabled"))
        assert "fast" in peer.seen

    @pytest.mark.parametrize("offers_tls", [False, True])
    def test_wrong_password(self, work, offers_tls):
        with Peer(Script(offers_tls=offers_tls, certificate=CERTIFICATE)) as peer:
            result = run(work, 1, url=peer.url(password="marker"))
        assert "Access denied" in result.err and "marker" not in result.text


@pytest.mark.parametrize("plugin", ["mysql_clear_password", "dialog", "sha256_password"])
def test_no_other_login_method(work, plugin):
    """A server may ask for the password in clear text; it does not get it."""
    with Peer(Script(plugin=plugin)) as peer:
        result = run(work, 1, url=peer.url("?ssl-mode=disabled"))
    assert mysql_peer.PASSWORD.encode() not in peer.in_clear and plugin in result.err, result.text


class TestLoginMethods:
    """Of the real servers."""

    @pytest.mark.parametrize("tls", ["disabled", "required"])
    def test_caching_sha2_on_mysql(self, work, tls):
        with mysql_support.open_server("mysql") as server:
            server.execute("drop user if exists rivet_test_sha2", "create user rivet_test_sha2 identified with caching_sha2_password by 'päss'",
                           "grant select on rivet.* to rivet_test_sha2")
            try:  # the first login of an account is always the full exchange
                run(work, 0, url=server.url(user="rivet_test_sha2:p%C3%A4ss"), tls={"mode": tls})
            finally:
                server.execute("drop user rivet_test_sha2")

    @pytest.mark.parametrize("plugin, how", [("mysql_native_password", "using password('päss')"), ("ed25519", "using password('päss')")])
    def test_mariadb(self, work, plugin, how):
        with mysql_support.open_server("mariadb") as server:
            if plugin == "ed25519" and not server.query("select 1 from information_schema.plugins where plugin_name = 'ed25519'"):
                server.execute("install soname 'auth_ed25519'")
            server.execute("drop user if exists rivet_test_login", f"create user rivet_test_login identified via {plugin} {how}",
                           "grant select on rivet.* to rivet_test_login")
            try:
                run(work, 0, url=server.url(user="rivet_test_login:p%C3%A4ss"))
                assert "denied" in run(work, 1, url=server.url(user="rivet_test_login:pass")).err
            finally:
                server.execute("drop user rivet_test_login")


class TestAddress:
    def test_structured(self, work, server):
        run(work, 0, host="127.0.0.1", port=server.port, user="rivet", password="rivet", database="rivet")

    @pytest.mark.parametrize("form", ["structured", "url"])
    def test_unix_socket(self, work, form):
        with mysql_support.open_server("mariadb") as server:
            path = server.query("select @@socket")[0][0]
            source = ({"socket": path, "user": "rivet", "password": "rivet", "database": "rivet"} if form == "structured"
                      else {"url": f"mysql://rivet:rivet@localhost/rivet?socket={path}"})
            run(work, 0, **source)
            assert f"mysql://[{path}]/rivet" in work.state.read_bytes().decode("latin-1")

    @pytest.mark.parametrize("url, words", [
        ("mysql://rivet:se/cret@host:port/db", "port is no number"),
        ("mysql://rivet:secret@host:0/db", "between 1 and 65535"),
        ("mysql://rivet:secret@host/db?tls=on", "ssl-mode, ssl-ca"),
        ("mysql://rivet:secret@host/db?ssl-mode=perhaps", "DISABLED, PREFERRED"),
        ("mysql://rivet:secret@[::1/db", "has no ']'"),
    ])
    def test_broken_urls(self, work, url, words):
        result = run(work, 1, url=url)
        assert words in result.err and "secret" not in result.err.replace("se/cret", "")

    def test_a_password_as_it_is(self, work, server):
        """The last '@' ends the user part, so nothing needs encoding but '%'."""
        server.execute("drop user if exists rivet_test_raw", "create user rivet_test_raw identified by 'a@b:c/d#e?f'",
                       "grant select on rivet.* to rivet_test_raw")
        try:
            run(work, 0, url=server.url(user="rivet_test_raw:a@b:c/d#e?f"))
        finally:
            server.execute("drop user rivet_test_raw")

    def test_the_server_is_named(self, work, server):
        run(work, 0, url=server.url())
        name = ("MariaDB " if server.is_mariadb else "MySQL ") + server.version.split("-")[0]
        stored = work.state.read_bytes().decode("latin-1") + str(work.manifests("a"))
        assert name in stored and f"mysql://127.0.0.1:{server.port}/rivet" in stored


class TestRowsOfThePeer:
    """Answers that no real server gives on demand."""

    def test_rows_that_break_off(self, work):
        for ending, status in (("close", 5), ("error", 1)):
            with Peer(Script(ending=ending)) as peer:
                run(work, status, url=peer.url())
            assert not work.files()

    @pytest.mark.parametrize("row", [b"\0\0" + b"\1" * 7, b"\0\0" + b"\1" * 8 + b"\xfc\xff\xff", b"\0\0" + b"\1" * 8 + b"\x20short", b"\0"])
    def test_malformed_rows(self, work, row):
        with Peer(Script(raw_rows=(row,))) as peer:
            result = run(work, 1, url=peer.url())
        assert not work.files()
        # Older releases of the client library do not tell; what they made of the row is refused by its values.
        assert "malformed" in result.err or not LIBRARY_TELLS, result.text

    def test_invalid_utf8(self, work):
        with Peer(Script(rows=((1, b"a\xffb"),))) as peer:
            result = run(work, 1, url=peer.url())
        assert 'column "t"' in result.err and "not valid UTF-8" in result.err
