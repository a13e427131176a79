"""dev/services.sh: the same ports and accounts as docker-compose.yaml, and a safe life cycle."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

import psycopg
import pytest
import yaml

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
SERVICES = sorted(path.stem for path in (REPOSITORY / "dev/services").glob("*.sh"))
COMPOSE = yaml.safe_load((REPOSITORY / "docker-compose.yaml").read_text())["services"]

# MariaDB stands in where MySQL itself is not to be had.
COMPOSE_NAME = {"mariadb": "mysql"}

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


@pytest.mark.parametrize("name", SERVICES)
def test_ports_and_accounts_equal_the_compose_file(name):
    compose_name = COMPOSE_NAME.get(name, name)
    if compose_name not in COMPOSE:
        pytest.skip(f"{name} has no counterpart in docker-compose.yaml")
    described, composed = describe(name), COMPOSE[compose_name]
    ports = {int(value) for key, value in described.items() if key.endswith("port")}
    assert ports and ports <= set(published_ports(composed))
    for key, variable in ACCOUNT_VARIABLES.get(compose_name, {}).items():
        if key in described:
            assert described[key] == composed["environment"][variable], key


def test_compose_has_every_service_on_its_port():
    assert {name: set(published_ports(service)) for name, service in COMPOSE.items()} == {
        "postgres": {5432}, "mysql": {3306}, "minio": {9000, 9001}, "fake-gcs": {4443},
        "postgres-exporter": {9187}, "prometheus": {9090}, "grafana": {3000},
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


@pytest.fixture
def private(tmp_path):
    """Settings for a PostgreSQL of our own, beside the one that tests share."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path / "services"
    env = {"RIVET_SERVICES_DIR": str(folder), "RIVET_POSTGRES_PORT": str(port)}
    yield env
    services("down", "postgres", env=env)
    home = services("folder", env=env).stdout.strip()
    shutil.rmtree(home, ignore_errors=True)


def url(env, password="rivet", database="rivet"):
    return f"postgresql://rivet:{password}@127.0.0.1:{env['RIVET_POSTGRES_PORT']}/{database}"


def recorded_pid(env):
    return int((pathlib.Path(env["RIVET_SERVICES_DIR"]) / "postgres.pid").read_text().split()[0])


def up(env):
    result = services("up", "postgres", env=env)
    assert result.returncode == 0, result.stderr
    return result.stderr


def is_running(pid):
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_up_gives_the_documented_server_and_down_ends_it(private):
    assert services("status", "postgres", env=private).returncode == 1
    assert "creating a database cluster" in up(private)
    status = services("status", "postgres", env=private)
    assert status.returncode == 0 and "running" in status.stdout
    with psycopg.connect(url(private)) as connection:
        assert connection.execute("SELECT current_user, rolsuper FROM pg_roles"
                                  " WHERE rolname = current_user").fetchone() == ("rivet", True)
        assert connection.execute("SHOW listen_addresses").fetchone() == ("127.0.0.1",)
        assert connection.execute("SHOW timezone").fetchone() == ("UTC",)
        tables = {row[0] for row in connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")}
    assert tables == {"users", "orders", "events", "page_views", "content_items", "orders_sparse",
                      "orders_sparse_for_export"}
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(url(private, password="wrong"))
    pid = recorded_pid(private)
    assert services("down", "postgres", env=private).returncode == 0
    assert not is_running(pid)
    assert services("status", "postgres", env=private).returncode == 1


def test_up_again_keeps_server_and_data(private):
    up(private)
    pid = recorded_pid(private)
    with psycopg.connect(url(private)) as connection:
        connection.execute("INSERT INTO orders_sparse VALUES (7, 'kept')")
    assert "already running" in up(private)
    assert recorded_pid(private) == pid
    services("down", "postgres", env=private)
    assert "creating" not in up(private)
    with psycopg.connect(url(private)) as connection:
        assert connection.execute("SELECT payload FROM orders_sparse").fetchall() == [("kept",)]


def test_a_killed_server_is_started_again(private):
    up(private)
    pid = recorded_pid(private)
    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert services("status", "postgres", env=private).returncode == 1
    up(private)
    psycopg.connect(url(private)).close()


def test_an_unrecorded_server_on_our_data_is_ours(private):
    up(private)
    pid = recorded_pid(private)
    (pathlib.Path(private["RIVET_SERVICES_DIR"]) / "postgres.pid").unlink()
    services("down", "postgres", env=private)
    assert not is_running(pid)


def test_a_half_made_cluster_is_made_again(private):
    up(private)
    services("down", "postgres", env=private)
    folder = pathlib.Path(services("folder", env=private).stdout.strip()) / "postgres"
    (folder / "data").rename(folder / "data.new")
    assert "creating a database cluster" in up(private)
    psycopg.connect(url(private)).close()


def test_down_leaves_a_server_of_somebody_else_alone(private, tmp_path):
    up(private)
    pid = recorded_pid(private)
    other = {**private, "RIVET_SERVICES_DIR": str(tmp_path / "other")}
    assert "using the server that already listens" in up(other)
    assert "nothing running that was started here" in \
        services("down", "postgres", env=other).stderr
    assert is_running(pid)


def test_a_stale_record_does_not_kill_a_stranger(private):
    folder = pathlib.Path(private["RIVET_SERVICES_DIR"])
    folder.mkdir()
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        (folder / "postgres.pid").write_text(f"{stranger.pid} 1\n")
        services("down", "postgres", env=private)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_foreign_listener_is_an_error_that_says_so(private):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", int(private["RIVET_POSTGRES_PORT"])))
        listener.listen(16)
        result = services("up", "postgres", env=private)
    assert result.returncode == 1
    assert f"127.0.0.1:{private['RIVET_POSTGRES_PORT']} is taken" in result.stderr


@pytest.mark.skipif(os.getuid() != 0, reason="only root must give up its rights")
def test_the_server_does_not_run_as_root(private):
    up(private)
    assert pathlib.Path(f"/proc/{recorded_pid(private)}").stat().st_uid != 0


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


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
def test_scripts_pass_shellcheck():
    scripts = [REPOSITORY / "dev/services.sh", *(REPOSITORY / "dev/services").glob("*.sh")]
    result = subprocess.run(["shellcheck", "-x", *scripts], capture_output=True, text=True,
                            check=False, timeout=60)
    assert result.returncode == 0, result.stdout
