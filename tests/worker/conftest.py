"""Twilio, simulated, for tests of the telephone."""

from collections.abc import Iterator

import pytest
from redis import Redis

from tests.processes import ACCOUNT_SID, AUTH_TOKEN, FROM_NUMBER, Simulator
from tests.scripts.conftest import Store
from worker.settings import Settings


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
