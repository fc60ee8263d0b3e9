"""Twilio, simulated, for tests of the telephone."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from redis import Redis

from schemas.records import CallRecord
from tests.ports import reserve_port
from tests.processes import ACCOUNT_SID, AUTH_TOKEN, FROM_NUMBER, RedisServer, Simulator
from tests.scripts.conftest import Store
from tests.worker.checks import Check
from tests.worker.operator import Operator
from worker.calls.following import check
from worker.settings import Settings
from worker.twilio.telephone import Telephone


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """A Twilio whose calls take seconds."""
    running = Simulator(tmp_path_factory.mktemp("simulator"))
    yield running
    running.process.stop()


@pytest.fixture
def settings(simulator: Simulator) -> Settings:
    """A worker's settings, with the simulator for Twilio."""
    return Settings.read(
        {
            "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
            "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
            "TWILIO_PHONE_NUMBER": FROM_NUMBER,
            "TWILIO_API_BASE_URL": simulator.url,
            "TWILIO_TIMEOUT_SECONDS": "1",
        }
    )


@pytest.fixture
def store(redis: "Redis") -> Store:
    """Records in Redis, with limits that are in nobody's way."""
    return Store(redis, 1000, 60_000, 1000)


@pytest.fixture
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxies and no certificates but those of the test."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def look(store: Store, settings: Settings) -> Check:
    """Checks a call as it stood, so many seconds after it was dialled, with further settings."""

    def one(call: CallRecord, after_seconds: float = 0, **changed: Any) -> None:
        told = replace(settings, **changed)
        check(store.ledger, Telephone(told), told, call, call.dialled_ms + round(after_seconds * 1000))

    return one


@pytest.fixture
def nobody() -> str:
    """Where no Twilio answers."""
    return f"http://127.0.0.1:{reserve_port()}"


@pytest.fixture
def operator(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, redis_server: RedisServer
) -> Operator:
    monkeypatch.setenv("CELERY_BROKER_URL", redis_server.url)
    monkeypatch.setenv("MAX_LIVE_CALLS", "7")
    return Operator(capsys)
