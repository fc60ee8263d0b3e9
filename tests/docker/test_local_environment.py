"""What the parts of the local stack are told, whatever else is set, and what is said of a wrong host or port."""

import socket
from pathlib import Path

import pytest

from docker.local.banner import banner
from docker.local.data import Data
from docker.local.environment import StartError, environment_for, fault_of_port
from worker.twilio.route import surroundings


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
