"""dev/services.sh: the same ports and accounts as docker-compose.yaml, and a safe life cycle."""

import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

import psycopg
import pymysql
import pytest
import yaml

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
SERVICES = sorted(path.stem for path in (REPOSITORY / "dev/services").glob("*.sh"))
COMPOSE = yaml.safe_load((REPOSITORY / "docker-compose.yaml").read_text())["services"]

# MariaDB stands in on MySQL's port, and MySQL itself lies beside it; another S3 server on MinIO's.
COMPOSE_NAME = {"mariadb": "mysql", "s3": "minio", "postgres-tls": "postgres", "mariadb-tls": "mysql"}
OWN_PORTS = {"mysql", "postgres-tls", "mariadb-tls"}

# Where the compose file says what services.sh describes.
ACCOUNT_VARIABLES = {
    "postgres": {"user": "POSTGRES_USER", "password": "POSTGRES_PASSWORD",
                 "database": "POSTGRES_DB"},
    "mysql": {"user": "MYSQL_USER", "password": "MYSQL_PASSWORD", "database": "MYSQL_DATABASE",
              "root_password": "MYSQL_ROOT_PASSWORD"},
    "minio": {"user": "MINIO_ROOT_USER", "password": "MINIO_ROOT_PASSWORD"},
}


def services(*arguments, env=None, timeout_s=120):
    return subprocess.run(
        [REPOSITORY / "dev/services.sh", *arguments],
        capture_output=True, text=True, timeout=timeout_s, check=False,
        env={**os.environ, **(env or {})},
    )


def describe(name):
    without_overrides = {key: text for key, text in os.environ.items()
                         if not (key.startswith("RIVET_") and key.endswith("_PORT"))}
    result = subprocess.run([REPOSITORY / "dev/services.sh", "describe", name],
                            capture_output=True, text=True, check=True, timeout=60,
                            env=without_overrides)
    words = result.stdout.split()
    assert words[0] == name
    return dict(word.split("=", 1) for word in words[1:])


def published_ports(service):
    return {int(entry.split(":")[-2]): int(entry.split(":")[-1]) for entry in service["ports"]}


# --- the compose file ---


@pytest.mark.parametrize("name", [name for name in SERVICES if COMPOSE_NAME.get(name, name) in COMPOSE])
def test_ports_and_accounts_equal_the_compose_file(name):
    compose_name = COMPOSE_NAME.get(name, name)
    described, composed = describe(name), COMPOSE[compose_name]
    ports = {int(value) for key, value in described.items() if key.endswith("port")}
    if name in OWN_PORTS:
        taken = {port for service in COMPOSE.values() for port in published_ports(service)}
        assert ports and not ports & taken
    else:
        assert ports and ports <= set(published_ports(composed))
    for key, variable in ACCOUNT_VARIABLES.get(compose_name, {}).items():
        if key in described:
            assert described[key] == composed["environment"][variable], key


def test_compose_has_every_service_on_its_port():
    assert {name: set(published_ports(service)) for name, service in COMPOSE.items()} == {
        "postgres": {5432}, "mysql": {3306}, "minio": {9000, 9001}, "fake-gcs": {4443},
        "postgres-exporter": {9187}, "node-exporter": {9100}, "prometheus": {9090}, "grafana": {3000},
        "toxiproxy": {8474, 15432, 13306},
    }


@pytest.mark.parametrize("name", sorted(COMPOSE))
def test_compose_images_are_pinned(name):
    _, _, tag = COMPOSE[name]["image"].rpartition(":")
    assert any(character.isdigit() for character in tag) and "latest" not in tag


@pytest.mark.parametrize("name", ["postgres", "mysql"])
def test_compose_databases_start_with_our_tables_and_a_health_check(name):
    service = COMPOSE[name]
    sources = [entry.split(":")[0] for entry in service["volumes"]]
    assert sources == [f"./dev/{name}/init.sql"]
    assert (REPOSITORY / sources[0]).is_file()
    check = service["healthcheck"]
    assert (check["interval"], check["timeout"], check["retries"]) == ("5s", "3s", 10)


# --- the life of a service ---

# Where each database has its data, below the folder of all services.
DATA = {"postgres": "postgres/data", "mariadb": "mariadb/data", "mysql": "mysql/root/srv/data",
        "postgres-tls": "postgres-tls/data", "mariadb-tls": "mariadb-tls/data"}
DATABASES = ["postgres", "mariadb", pytest.param("mysql", marks=pytest.mark.skipif(
    os.getuid() != 0, reason="only root can start MySQL in its chroot"))]
TABLES = {"users", "orders", "events", "page_views", "content_items", "orders_sparse",
          "orders_sparse_for_export"}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Private:
    """A service of our own, with its data and port, beside the one that tests share."""

    def __init__(self, name, folder):
        self.name = name
        self.port = free_port()
        self.folder = folder
        self.env = {"RIVET_SERVICES_DIR": str(folder),
                    f"RIVET_{name.upper().replace('-', '_')}_PORT": str(self.port)}

    def call(self, command):
        return services(command, self.name, env=self.env, timeout_s=600)

    def up(self):
        result = self.call("up")
        assert result.returncode == 0, result.stderr
        return result.stderr

    def down(self):
        result = self.call("down")
        assert result.returncode == 0, result.stderr
        return result.stderr

    def home(self):
        return pathlib.Path(services("folder", env=self.env).stdout.strip())

    def data(self):
        return self.home() / DATA[self.name]

    def record(self):
        return self.folder / f"{self.name}.pid"

    def pid(self):
        return int(self.record().read_text().split()[0])

    def connect(self, user="rivet", password="rivet", **options):
        if self.name.startswith("postgres"):
            return psycopg.connect(host="127.0.0.1", port=self.port, user=user, password=password,
                                   dbname="rivet", **options)
        return pymysql.connect(host="127.0.0.1", port=self.port, user=user, password=password,
                               database="rivet", **options)

    def query(self, sql):
        with self.connect() as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            rows = cursor.fetchall() if cursor.description else []
            connection.commit()
            return [tuple(row) for row in rows]


def start_private(name, folder):
    service = Private(name, folder)
    yield service
    service.call("down")
    home = service.home()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(params=DATABASES)
def private(request, tmp_path):
    yield from start_private(request.param, tmp_path / "services")


@pytest.fixture
def private_postgres(tmp_path):
    yield from start_private("postgres", tmp_path / "services")


def is_running(pid):
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def kill_and_wait(pid):
    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.05)


def test_up_gives_the_documented_server_and_down_ends_it(private):
    assert private.call("status").returncode == 1
    assert "creating a d" in private.up()
    status = private.call("status")
    assert status.returncode == 0
    product = {"postgres": "PostgreSQL", "mariadb": "MariaDB", "mysql": "MySQL"}[private.name]
    assert re.fullmatch(rf"{private.name} running port={private.port} pid={private.pid()}"
                        rf" \({product} [0-9.]+\)\n", status.stdout)
    schema = "public" if private.name == "postgres" else "rivet"
    assert {row[0] for row in private.query("SELECT table_name FROM information_schema.tables"
                                            f" WHERE table_schema = '{schema}'")} == TABLES
    with pytest.raises((psycopg.OperationalError, pymysql.OperationalError), match="(?i)password"):
        private.connect(password="wrong")
    pid = private.pid()
    if os.getuid() == 0:
        assert pathlib.Path(f"/proc/{pid}").stat().st_uid != 0
    private.down()
    assert not is_running(pid)
    assert private.call("status").returncode == 1


def test_postgres_role_and_settings(private_postgres):
    private_postgres.up()
    assert private_postgres.query(
        "SELECT rolsuper, current_setting('listen_addresses'), current_setting('timezone'),"
        " current_setting('ssl') FROM pg_roles WHERE rolname = current_user"
    ) == [(True, "127.0.0.1", "UTC", "off")]


@pytest.mark.parametrize("name", DATABASES[1:])
def test_mysql_accounts_and_settings(name, tmp_path):
    for service in start_private(name, tmp_path / "services"):
        service.up()
        assert service.query(
            "SELECT @@bind_address, @@time_zone, @@character_set_server, @@max_connections"
        ) == [("127.0.0.1", "+00:00", "utf8mb4", 200)]
        service.connect(user="root").close()
        for user in ("root", ""):
            with pytest.raises(pymysql.OperationalError):
                service.connect(user=user, password="")
        # What dev/test_permissions.sh does as rivet.
        service.query("CREATE USER a_reader IDENTIFIED BY 'x'")
        service.query("GRANT SELECT ON rivet.users TO a_reader")
        with service.connect(user="a_reader", password="x") as connection:
            connection.cursor().execute("SELECT * FROM users")
            with pytest.raises(pymysql.OperationalError, match="denied"):
                connection.cursor().execute("SELECT * FROM orders")


def test_up_again_keeps_server_and_data(private):
    private.up()
    pid = private.pid()
    private.query("INSERT INTO orders_sparse VALUES (7, 'kept')")
    assert "already running" in private.up()
    assert private.pid() == pid
    private.down()
    assert "creating" not in private.up()
    assert private.query("SELECT payload FROM orders_sparse") == [("kept",)]


def test_a_killed_server_is_started_again(private):
    private.up()
    kill_and_wait(private.pid())
    assert private.call("status").returncode == 1
    private.up()
    private.connect().close()


def test_an_unrecorded_server_on_our_data_is_ours(private):
    private.up()
    pid = private.pid()
    private.record().unlink()
    private.down()
    assert not is_running(pid)


def test_half_made_data_is_made_again(private):
    private.up()
    private.down()
    private.data().rename(private.data().with_name("data.new"))
    assert "creating a d" in private.up()
    private.connect().close()


def test_half_made_tables_are_made_again(private):
    private.up()
    private.query("DROP VIEW orders_sparse_for_export")
    private.query("DROP TABLE page_views")
    if private.name == "postgres":  # made in one transaction: all or none
        private.query("DROP TABLE users, orders, events, content_items, orders_sparse CASCADE")
    private.up()
    assert private.query("SELECT count(*) FROM page_views") == [(0,)]


@pytest.mark.parametrize("name", ["postgres-tls", "mariadb-tls", *DATABASES[2:]])
def test_servers_with_tls_have_our_certificate(name, tmp_path):
    for service in start_private(name, tmp_path / "services"):
        service.up()
        tls = service.home() / "tls"
        for authority, is_right in (("ca.pem", True), ("other-ca.pem", False)):
            options = ({"sslmode": "verify-full", "sslrootcert": str(tls / authority)}
                       if name == "postgres-tls" else
                       {"ssl_ca": str(tls / authority), "ssl_verify_cert": True,
                        "ssl_verify_identity": True})
            if is_right:
                service.connect(**options).close()
            else:
                with pytest.raises((psycopg.OperationalError, pymysql.OperationalError),
                                   match="(?i)certificate"):
                    service.connect(**options)
        mode = (tls / "ca-key.pem").stat().st_mode
        assert mode & 0o077 == 0


def test_down_leaves_a_server_of_somebody_else_alone(private, tmp_path):
    private.up()
    pid = private.pid()
    other = {**private.env, "RIVET_SERVICES_DIR": str(tmp_path / "other")}
    assert "using the server that already listens" in \
        services("up", private.name, env=other).stderr
    assert "nothing running that was started here" in \
        services("down", private.name, env=other).stderr
    assert is_running(pid)


@pytest.mark.parametrize("name", SERVICES)
def test_a_stale_record_does_not_kill_a_stranger(name, tmp_path):
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        (tmp_path / f"{name}.pid").write_text(f"{stranger.pid} 1\n")
        services("down", name, env={"RIVET_SERVICES_DIR": str(tmp_path)})
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.parametrize("name", DATABASES)
def test_a_foreign_listener_is_an_error_that_says_so(name, tmp_path):
    service = Private(name, tmp_path / "services")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", service.port))
        listener.listen(16)
        # A client would wait for a greeting; hang up on it.
        thread = threading.Thread(target=hang_up, args=(listener,), daemon=True)
        thread.start()
        result = service.call("up")
    assert result.returncode == 1
    assert f"127.0.0.1:{service.port} is taken" in result.stderr


def hang_up(listener):
    while True:
        try:
            listener.accept()[0].close()
        except OSError:
            return


@pytest.mark.skipif(os.getuid() != 0, reason="needs a second user")
def test_mysql_without_root_says_what_to_do():
    as_nobody = ["setpriv", "--reuid", "nobody", "--clear-groups", "--"]
    script = REPOSITORY / "dev/services.sh"
    if subprocess.run([*as_nobody, "test", "-r", script], check=False).returncode != 0:
        pytest.skip("the checkout is out of reach for other users")
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        shutil.chown(folder, "nobody")
        result = subprocess.run(
            [*as_nobody, script, "up", "mysql"],
            capture_output=True, text=True, check=False, timeout=60,
            env={**os.environ, "RIVET_SERVICES_DIR": folder, "RIVET_MYSQL_PORT": str(free_port())})
    assert result.returncode == 1
    assert "only root can start it" in result.stderr


@pytest.mark.parametrize("name", SERVICES)
def test_packages_are_named(name):
    result = services("packages", name)
    assert result.returncode == 0
    for package in result.stdout.split():
        assert package.replace("-", "").replace(".", "").isalnum()


def test_wrong_usage():
    assert services("frobnicate").returncode == 2
    assert services().returncode == 2
    unknown = services("up", "nonesuch")
    assert unknown.returncode == 1 and "unknown service 'nonesuch'" in unknown.stderr


def test_scripts_pass_shellcheck():
    scripts = [REPOSITORY / "dev/services.sh", *(REPOSITORY / "dev/services").rglob("*.sh")]
    result = subprocess.run(["shellcheck", "-x", *scripts], capture_output=True, text=True,
                            check=False, timeout=60)
    assert result.returncode == 0, result.stdout
