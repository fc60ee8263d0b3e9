"""`python -m worker.health` judges the processes of its own host that still run, and no others."""

import os
import platform
import re
import subprocess
import sys
from dataclasses import replace

import pytest

from runtime.liveness import own_name, own_place
from tests.processes import RedisServer
from tests.scripts.conftest import Store
from worker import health
from worker.health import examine
from worker.settings import Settings

HERE = own_name()


@pytest.fixture
def told(settings: Settings, redis_server: RedisServer) -> Settings:
    return replace(settings, redis_url=redis_server.url)


def _ended() -> int:
    """Id of a process that is no more."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_worker_that_was_heard_of_just_now_is_well(store: Store, told: Settings) -> None:
    store.ledger.pulse(HERE)

    assert examine("worker", told) == (True, "Every worker on this host takes messages from the queue (1 in all).")


def test_one_silent_worker_among_others_is_named(store: Store, told: Settings) -> None:
    store.ledger.pulse(HERE)
    store.pass_time(30)
    store.ledger.pulse(f"{own_place()}/{os.getppid()}")
    well, sentence = examine("worker", told)

    assert not well
    silent = re.search(rf"process {os.getpid()} last did (\d+) s ago", sentence)
    assert silent is not None
    assert int(silent[1]) >= 30
    assert f"process {os.getppid()} " not in sentence


@pytest.mark.parametrize("name", ["elsewhere/1", f"{platform.node()}-2/1", f"{platform.node()}:2/{{pid}}"])
def test_workers_of_other_hosts_are_no_concern(store: Store, told: Settings, name: str) -> None:
    store.ledger.pulse(name.format(pid=os.getpid()))
    assert examine("worker", told)[0] is False

    store.pass_time(30)
    store.ledger.pulse(HERE)
    assert examine("worker", told)[0] is True


def test_a_worker_that_was_killed_is_no_concern_once_another_runs(store: Store, told: Settings) -> None:
    store.ledger.pulse(f"{own_place()}/{_ended()}")
    store.pass_time(30)
    store.ledger.pulse(HERE)

    assert examine("worker", told)[0] is True


def test_a_process_of_another_user_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(_pid: int, _signal: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", forbidden)
    assert health._runs(1)
