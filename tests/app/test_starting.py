"""How the web tier starts, and when it refuses to."""

import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
import requests
import yaml
from redis import Redis

from app.settings import Settings
from schemas.errors import SettingsError
from tests.app.away import Away
from tests.docs.textbook import masked
from tests.ports import reserve_port
from tests.processes import ROOT, START_SECONDS, Process, RedisServer

#: What the web tier has no use for, though libraries of its would load it.
UNUSED = ("rich.", "yaml.", "jinja2.", "webargs.", "apispec.", "celery.worker.", "twilio.rest.")

#: Stops the web tier as soon as it looks for garbage, which nothing but its own start can bring about.
COLLECTING = """
import gc, os, signal, threading, time
import app.__main__

def watch():
    while not gc.isenabled():
        time.sleep(0.01)
    print("spared:", gc.get_freeze_count())
    os.kill(os.getpid(), signal.SIGTERM)

gc.disable()
threading.Thread(target=watch, daemon=True).start()
app.__main__.main()
"""


def run(environment: Mapping[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    """Starts a web tier that must end by itself."""
    command = [sys.executable, *(options or ("-m", "app"))]
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


def test_it_loads_no_other_tier_and_nothing_unused_and_yet_describes_itself(tmp_path: Path) -> None:
    port = reserve_port()
    process = Process("web", [sys.executable, "-X", "importtime", "-m", "app"], tmp_path, {"APP_PORT": str(port)})

    def loaded() -> list[str]:
        lines = process.output.splitlines()
        return [f"{line.rpartition('|')[2].strip()}." for line in lines if line.startswith("import time:")]

    try:
        process.wait_for_answer(lambda: "celery.app.base." in loaded())
        assert "app.endpoints.queueing." in loaded()
        unwanted = ("worker.", "simulator.", "tests.", *UNUSED)
        # A name alone is told of a module that could not be loaded too.
        assert [name for name in loaded() if name.startswith(unwanted) and name not in UNUSED] == []
        answer = requests.get(f"http://127.0.0.1:{port}/api/docs/openapi.json", timeout=10)
        assert masked(answer.json()) == masked(yaml.safe_load((ROOT / "openapi.yaml").read_text("utf-8")))
    finally:
        process.stop()


def test_once_it_serves_garbage_is_looked_for_though_not_among_what_was_loaded() -> None:
    ended = run({"APP_PORT": str(reserve_port())}, "-c", COLLECTING)
    assert ended.returncode == 0, ended.stderr
    assert int(ended.stdout.partition("spared:")[2].split()[0]) > 50_000


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
        "ALLOW_ANONYMOUS": "yes",
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
    message = refusal(APP_HOST="0.0.0.0", APP_PORT=str(reserve_port()))  # noqa: S104 - it must not start
    assert "APP_HOST" in message
    assert "ALLOW_ANONYMOUS" in message


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "192.168.1.5", "example.com", "::ffff:10.0.0.1"])  # noqa: S104
@pytest.mark.parametrize("anonymous", ["", "0", "no"])
def test_any_address_but_loopback_counts_as_reachable(host: str, anonymous: str) -> None:
    with pytest.raises(SettingsError, match="APP_HOST"):
        Settings.read({"APP_HOST": host, "ALLOW_ANONYMOUS": anonymous})


@pytest.mark.parametrize("host", ["http://127.0.0.1", "127.0.0.1:8001", "https://name:sesame@host/", "a b"])
def test_what_is_no_host_is_told_to_be_none_and_not_shown(host: str) -> None:
    with pytest.raises(SettingsError, match="APP_HOST must be a name or an address") as refused:
        Settings.read({"APP_HOST": host, "ALLOW_ANONYMOUS": "1"})
    assert host not in str(refused.value)


@pytest.mark.parametrize("host", ["", "127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_loopback_needs_no_keys(host: str) -> None:
    assert Settings.read({"APP_HOST": host}).host == (host or "127.0.0.1")


def test_with_allow_anonymous_it_starts_on_any_address_and_ends_on_sigterm(tmp_path: Path) -> None:
    port = reserve_port()
    settings = {"APP_HOST": "0.0.0.0", "APP_PORT": str(port), "ALLOW_ANONYMOUS": "1"}  # noqa: S104 - what is tested
    process = Process("web", [sys.executable, "-m", "app"], tmp_path, settings)

    def answers() -> bool:
        try:
            return requests.get(f"http://127.0.0.1:{port}/livez", timeout=2).ok
        except requests.ConnectionError:
            return False

    try:
        process.wait_for_answer(answers)
    finally:
        assert process.stop() == 0, process.output
    assert "Traceback" not in process.output


def test_an_address_that_cannot_be_listened_on_is_told_in_one_line(redis: "Redis", redis_server: RedisServer) -> None:
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


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, True),
        ({"ALLOWED_PREFIXES": "+1"}, False),
        ({"MAX_CALLS_PER_DAY": "1000"}, False),
        ({"MAX_CALL_MINUTES_PER_DAY": "1000"}, False),
        ({"TWILIO_API_BASE_URL": "http://127.0.0.1:1"}, False),
    ],
    ids=str,
)
def test_it_warns_while_real_calls_may_go_anywhere(away: Away, settings: dict[str, str], told: bool) -> None:
    away.start(**{"TWILIO_API_BASE_URL": "https://api.twilio.com", **settings}).stop_web()
    assert away.output.count("calls_may_go_anywhere") == int(told)


def test_where_few_files_may_be_open_idle_connections_keep_nobody_out(tmp_path: Path) -> None:
    """Beyond those none could be accepted, and so no longest idle one made room."""
    port = reserve_port()
    command = ["/bin/sh", "-c", f"ulimit -n 128; exec {sys.executable} -m app"]
    process = Process("web", command, tmp_path, {"APP_PORT": str(port)})
    process.wait_for_answer(lambda: "few_files" in process.output)
    process.wait_for_answer(lambda: _is_alive(port))
    with ExitStack() as idle:
        for _ in range(140):
            idle.enter_context(socket.create_connection(("127.0.0.1", port)))
        assert _is_alive(port)
    assert process.stop() == 0


def _is_alive(port: int) -> bool:
    with suppress(requests.RequestException):
        return requests.get(f"http://127.0.0.1:{port}/livez", timeout=5).ok
    return False
