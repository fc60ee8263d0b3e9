"""A Redis that is backed up, lost, and begun anew from the copy, beside a Twilio that goes on."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from redis import Redis

from tests.processes import ACCOUNT_SID, AUTH_TOKEN, RedisServer, Simulator
from tests.scripts.conftest import Store
from worker.admin.__main__ import main

Say = Callable[..., str]
CALLER = "+15005550006"


class Machine:
    """A Redis that is backed up, lost, and begun anew from the copy."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._count = folder, 0
        self.server = self.new()

    def new(self, copy: Path | None = None, say: Say | None = None) -> RedisServer:
        folder = self._folder / f"redis{self._count}"
        folder.mkdir()
        if copy is not None and say is not None:
            assert "is there" in say("restore", str(copy), "--into", str(folder))
        self._count += 1
        self.server = RedisServer(folder).start()
        return self.server

    def store(self, database: int = 0) -> Store:
        redis = Redis(port=self.server.port, db=database, decode_responses=True, protocol=2)
        return Store(redis, 1000, 60_000, 1000)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    one = Machine(tmp_path)
    yield one
    one.server.stop()


@pytest.fixture
def say(
    machine: Machine, simulator: Simulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Say:
    """What a command prints."""
    settings = {
        "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
        "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
        "TWILIO_API_BASE_URL": simulator.url,
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)

    def one(*words: str) -> str:
        monkeypatch.setenv("CELERY_BROKER_URL", machine.server.url)
        main(words)
        return capsys.readouterr().out

    return one


def restarted(machine: Machine, say: Say, copy: Path) -> Store:
    """The old Redis is lost; a new one begins with the copy."""
    machine.server.stop()
    machine.new(copy, say)
    return machine.store()


def dialled(simulator: Simulator, number: str) -> str:
    """Twilio creates a call; its SID."""
    url = f"{simulator.url}/2010-04-01/Accounts/{ACCOUNT_SID}/Calls.json"
    form = {"To": number, "From": CALLER, "Url": "http://127.0.0.1:1/twiml"}
    return str(requests.post(url, data=form, auth=(ACCOUNT_SID, AUTH_TOKEN), timeout=10).json()["sid"])
