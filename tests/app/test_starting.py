"""How the web tier starts, and when it refuses to."""

import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import requests

from app.settings import Settings
from schemas.errors import SettingsError
from tests.processes import ROOT, START_SECONDS, Process, RedisServer, free_port, wait_until

LOADED = """
import sys
import app.__main__
from app.application import create_app
from app.settings import Settings
create_app(Settings.read({}))
print("\\n".join(sys.modules))
"""


def run(environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Starts a web tier that must end by itself."""
    command = [sys.executable, "-m", "app"]
    return subprocess.run(
        command, cwd=ROOT, env=dict(environment), capture_output=True, text=True, timeout=START_SECONDS, check=False
    )


def refusal(**settings: str) -> str:
    """The one message of a web tier that refuses to start."""
    ended = run(settings)
    assert ended.returncode not in {0, None}
    lines = (ended.stdout + ended.stderr).splitlines()
    assert len(lines) == 1, lines
    assert "Traceback" not in lines[0]
    return lines[0]


def test_the_web_tier_loads_neither_the_worker_nor_twilios_rest_client() -> None:
    shown = subprocess.run([sys.executable, "-c", LOADED], cwd=ROOT, env={}, capture_output=True, text=True, check=True)
    loaded = shown.stdout.split()
    assert "app.queueing" in loaded
    unwanted = [name for name in loaded if f"{name}.".startswith(("worker.", "twilio.rest.", "simulator.", "tests."))]
    assert unwanted == []


def test_one_message_names_every_faulty_variable() -> None:
    faulty = {
        "APP_PORT": "eighty",
        "CELERY_BROKER_URL": "mysql://user:swordfish@db/0",
        "REDIS_URL": "nonsense",
        "TWILIO_API_BASE_URL": "api.twilio.com",
        "TWILIO_PHONE_NUMBER": "5550006",
        "PUBLIC_BASE_URL": "example.com",
        "CALLS_PER_SECOND": "-1",
        "SINGLE_CALLS_PER_MINUTE": "nan",
        "MAX_LIVE_CALLS": "0",
        "CALL_RETENTION_DAYS": "0.5",
        "LOG_LEVEL": "LOUD",
        "LOG_FORMAT": "xml",
    }
    message = refusal(**faulty)
    assert [name for name in faulty if name not in message] == []
    assert "swordfish" not in message


def test_an_open_host_is_named_beside_the_other_faults() -> None:
    message = refusal(APP_HOST="0.0.0.0", LOG_LEVEL="LOUD")  # noqa: S104 - it must not start
    assert "APP_HOST" in message
    assert "LOG_LEVEL" in message


def test_without_keys_it_refuses_to_start_where_others_can_reach_it() -> None:
    message = refusal(APP_HOST="0.0.0.0", APP_PORT=str(free_port()))  # noqa: S104 - it must not start
    assert "APP_HOST" in message
    assert "ALLOW_ANONYMOUS" in message


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "192.168.1.5", "example.com", "::ffff:10.0.0.1"])  # noqa: S104
@pytest.mark.parametrize("anonymous", ["", "0", "no"])
def test_any_address_but_loopback_counts_as_reachable(host: str, anonymous: str) -> None:
    with pytest.raises(SettingsError, match="APP_HOST"):
        Settings.read({"APP_HOST": host, "ALLOW_ANONYMOUS": anonymous})


@pytest.mark.parametrize("host", ["", "127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_loopback_needs_no_keys(host: str) -> None:
    assert Settings.read({"APP_HOST": host}).host == (host or "127.0.0.1")


def test_with_allow_anonymous_it_starts_on_any_address_and_ends_on_sigterm(tmp_path: Path) -> None:
    port = free_port()
    settings = {"APP_HOST": "0.0.0.0", "APP_PORT": str(port), "ALLOW_ANONYMOUS": "1"}  # noqa: S104 - what is tested
    process = Process("web", [sys.executable, "-m", "app"], tmp_path, settings)

    def answers() -> bool:
        assert process.alive, process.output
        try:
            return requests.get(f"http://127.0.0.1:{port}/livez", timeout=2).ok
        except requests.ConnectionError:
            return False

    try:
        wait_until(answers, START_SECONDS, "the web tier answers")
    finally:
        assert process.stop() == 0, process.output
    assert "Traceback" not in process.output


def test_an_address_that_cannot_be_listened_on_is_told_in_one_line(redis_server: RedisServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        message = refusal(APP_PORT=port, CELERY_BROKER_URL=redis_server.url)
    assert "APP_PORT" in message
    assert port in message


def test_the_defaults_are_those_of_the_contract() -> None:
    settings = Settings.read({})
    assert (settings.host, settings.port) == ("127.0.0.1", 8001)
    assert settings.broker_url == settings.redis_url == "redis://localhost:6379/0"
    assert (settings.retention_days, settings.log_level, settings.log_format) == (30, "INFO", "json")
    limits = settings.limits
    assert (limits.calls_per_second, limits.single_calls_per_minute, limits.max_live_calls) == (1, 30, 50)
    assert not settings.twilio_configured


def test_records_live_at_the_broker_unless_redis_url_says_otherwise() -> None:
    assert Settings.read({"CELERY_BROKER_URL": "redis://a/1"}).redis_url == "redis://a/1"
    assert Settings.read({"CELERY_BROKER_URL": "redis://a/1", "REDIS_URL": "redis://b/2"}).redis_url == "redis://b/2"
