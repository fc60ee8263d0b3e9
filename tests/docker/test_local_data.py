"""Which Redis the local stack takes, and where it keeps what."""

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from docker.local import embedded_redis
from docker.local.banner import banner
from docker.local.data import Data, lock
from docker.local.embedded_redis import find_server
from docker.local.environment import StartError, environment_for, fault_of_port
from docker.local.reset import reset
from tests.processes import BIN, ROOT
from worker.twilio.route import surroundings

REAL_ACCOUNT = "AC" + "5" * 32


def _server(folder: Path, version: str, name: str = "redis-server") -> Path:
    """A program that only tells its version."""
    folder.mkdir(exist_ok=True)
    program = folder / name
    program.write_text(f"#!/bin/sh\necho 'Redis server v={version} sha=00000000:0 malloc=libc bits=64'\n")
    program.chmod(0o755)
    return program


@pytest.mark.processes
@pytest.mark.parametrize(
    ("name", "version", "taken"),
    [("redis-server", "7.4.1", True), ("valkey-server", "8.0.2", True), ("redis-server", "6.0.16", False)],
)
def test_an_installed_server_wins_over_that_of_the_venv_unless_it_is_too_old(
    name: str, version: str, taken: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = _server(tmp_path / "bin", version, name)
    monkeypatch.setenv("PATH", f"{BIN}{os.pathsep}{installed.parent}")

    assert (find_server() == installed) == taken


@pytest.mark.processes
def test_a_server_beside_a_python_that_is_of_no_venv_is_an_installed_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = _server(tmp_path / "bin", "7.4.1")
    monkeypatch.setenv("PATH", str(installed.parent))
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    assert find_server() != installed
    monkeypatch.setattr(sys, "base_prefix", str(tmp_path))
    assert find_server() == installed


def test_an_older_server_does_not_begin_anew_where_a_newer_one_wrote(tmp_path: Path) -> None:
    old = _server(tmp_path / "bin", "6.2.14")
    (tmp_path / "data/appendonlydir").mkdir(parents=True)
    command = [sys.executable, "-m", "docker.local.embedded_redis", "--port", "1", "--dir", str(tmp_path / "data")]
    environment = {**os.environ, "PATH": str(old.parent)}
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=20, check=False)

    assert ended.returncode == 1
    assert ended.stderr == (
        f"A newer Redis wrote {tmp_path / 'data'}, which {old} cannot read: install that one again.\n"
    )
    assert not embedded_redis.is_too_old(_server(tmp_path / "new", "7.0.15"), tmp_path / "data")


def test_a_password_is_made_once_and_for_its_user_only(tmp_path: Path) -> None:
    data = Data.of("", tmp_path / ".data")
    password = data.password()
    data.password_file.chmod(0o644)  # as a careless copy leaves it

    assert (data.password(), Data.of(REAL_ACCOUNT, tmp_path / ".data").password() == password) == (password, False)
    assert stat.S_IMODE(data.password_file.stat().st_mode) == 0o600


def test_a_password_that_a_full_disk_left_empty_is_made_anew(tmp_path: Path) -> None:
    data = Data.of("", tmp_path / ".data")
    data.password_file.touch(0o644)

    assert len(data.password()) >= 32
    assert stat.S_IMODE(data.password_file.stat().st_mode) == 0o600
    assert [path.name for path in data.folder.iterdir()] == ["redis-password"]


def test_what_others_could_read_is_private_from_the_next_start_on(tmp_path: Path) -> None:
    kept = [tmp_path / ".data", tmp_path / ".data" / "simulated"]
    for folder in kept:
        folder.mkdir()
        folder.chmod(0o755)
    Data.of("", kept[0])

    assert {stat.S_IMODE(folder.stat().st_mode) for folder in kept} == {0o700}


@pytest.mark.parametrize("sid", ["../..", "AC/../../x", ".", "c6a1e8f0d3b59274c6a1e8f0d3b59274"])
def test_what_is_no_account_becomes_no_folder(sid: str, tmp_path: Path) -> None:
    with pytest.raises(StartError, match="is no SID of an account") as refused:
        Data.of(sid, tmp_path / ".data")
    assert sid == "." or sid not in str(refused.value), "it may be the token"
    assert not (tmp_path / ".data").exists()


def test_the_ports_are_the_same_at_every_start_and_below_those_of_clients() -> None:
    first, second = (environment_for({}, lambda: "password") for _ in range(2))
    ports = {name: int(value) for name, value in first.items() if name.endswith("_PORT")}
    lowest, _ = map(int, Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split())

    assert first == second
    assert set(ports) == {"APP_PORT", "SIMULATOR_PORT", "REDIS_PORT"}
    assert max(ports.values()) < lowest
    assert first["CELERY_BROKER_URL"] == f"redis://:password@127.0.0.1:{ports['REDIS_PORT']}/0"


def test_an_empty_variable_is_as_good_as_none() -> None:
    unset = environment_for({}, lambda: "password")
    names = ("APP_HOST", "APP_PORT", "SIMULATOR_PORT", "REDIS_PORT", "CELERY_BROKER_URL", "TWILIO_ACCOUNT_SID")

    assert environment_for(dict.fromkeys(names, ""), lambda: "password") == unset


def test_a_variable_of_blanks_is_as_good_as_none_and_what_celerys_command_takes_is_left_out() -> None:
    unset = environment_for({}, lambda: "password")
    given = dict.fromkeys(("TWILIO_ACCOUNT_SID", "CELERY_BROKER_URL", "REDIS_URL"), " \n")

    assert environment_for(given | {"BROKER_URL": "amqp://elsewhere"}, lambda: "password") == unset


def test_records_are_not_kept_in_a_redis_that_another_program_named() -> None:
    elsewhere = {"REDIS_URL": "redis://elsewhere:6379/0"}
    with pytest.raises(StartError, match=r"REDIS_URL .* CELERY_BROKER_URL") as refused:
        environment_for(elsewhere, lambda: "password")
    assert "elsewhere" not in str(refused.value)
    both = elsewhere | {"CELERY_BROKER_URL": "redis://here/0"}
    assert environment_for(both, lambda: "password").items() >= both.items()


@pytest.mark.parametrize(
    ("host", "url"),
    [("0.0.0.0", "http://127.0.0.1:8001"), ("::1", "http://[::1]:8001"), ("::", "http://[::1]:8001")],  # noqa: S104
)
def test_a_host_is_an_address_in_the_urls_too(host: str, url: str) -> None:
    env = environment_for({"APP_HOST": host}, lambda: "password")
    assert env["PUBLIC_BASE_URL"] == url
    assert f"{url}/api/docs" in banner(env, Data(Path("data")), simulated=True, embedded=True)


@pytest.mark.parametrize(
    ("host", "port", "said"),
    [
        ("127.0.0.1", "99999", "APP_PORT=99999 is not a port: set it to a number from 1 to 65535."),
        ("no.such.host.invalid", "8001", "APP_HOST=no.such.host.invalid is no address of this machine ("),
        ("192.0.2.1", "8001", "APP_HOST=192.0.2.1 is no address of this machine (Cannot assign requested address)"),
    ],
)
def test_what_is_wrong_with_host_or_port_is_said_by_its_name(host: str, port: str, said: str) -> None:
    told = fault_of_port(host, "APP_PORT", port)
    assert told.startswith(said)
    assert "Unknown error" not in told


def test_near_the_last_port_another_is_named_that_exists() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        other = int(fault_of_port("127.0.0.1", "APP_PORT", str(port)).partition("APP_PORT=")[2].split()[0])
    assert 0 < other <= 65535
    assert other == port + 100 or port + 100 > 65535


@pytest.mark.parametrize(
    "given", [{}, {"NO_PROXY": "intranet"}, {"no_proxy": "intranet", "NO_PROXY": "other"}], ids=repr
)
def test_the_simulator_is_reached_without_the_proxy_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str]
) -> None:
    env = environment_for({"HTTP_PROXY": "http://proxy.example:3128"} | given, lambda: "password")
    for name in ("HTTP_PROXY", "NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, env[name])

    assert surroundings(env["TWILIO_API_BASE_URL"])[0] is None
    assert surroundings("http://calls.example")[0] == "http://proxy.example:3128"
    assert surroundings("http://intranet")[0] == (None if given else "http://proxy.example:3128")


def test_reset_leaves_real_calls_unless_told_otherwise(tmp_path: Path) -> None:
    root = tmp_path / ".data"
    for sid in ("", REAL_ACCOUNT):
        Data.of(sid, root).password()

    assert reset(root, real_too=False) == (
        f"Reset, but for real calls: {REAL_ACCOUNT} (make reset ARGS=--all removes these too)."
    )
    assert [path.name for path in root.iterdir()] == [REAL_ACCOUNT]
    assert reset(root, real_too=True) == f"Reset: {REAL_ACCOUNT}."
    assert not root.exists()
    assert reset(root, real_too=True) == f"There is nothing to reset: {root} does not exist."


def test_reset_touches_nothing_that_is_in_use(tmp_path: Path) -> None:
    root = tmp_path / ".data"
    password = Data.of("", root).password()
    held = lock(root)
    try:
        with pytest.raises(StartError, match="already runs"):
            reset(root, real_too=True)
    finally:
        os.close(held)
    assert Data.of("", root).password() == password
