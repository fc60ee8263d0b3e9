"""Stacks of real processes."""

import os
from collections.abc import Iterator

import pytest

from tests.e2e.counting import Counting
from tests.e2e.torture import Torture
from tests.machine import Machine
from tests.receiver import Receiver
from tests.stack import Stack, public_stack

#: Fast enough that a test is not about waiting, and calls last about a second.
QUICK = {"CALLS_PER_SECOND": "50", "SINGLE_CALLS_PER_MINUTE": "3000"}
RECONCILE_SECONDS = 4


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One of each, and a second worker with processes instead of threads."""
    running = Stack(tmp_path_factory.mktemp("stack"), QUICK)
    try:
        running.start_worker(pool="prefork", concurrency=2)
        yield running.start()
    finally:
        running.stop()


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack that Twilio can reach."""
    settings = QUICK | {"RECONCILE_AFTER_SECONDS": str(RECONCILE_SECONDS)}
    with public_stack(tmp_path_factory.mktemp("public"), settings) as running:
        yield running


@pytest.fixture(scope="module")
def counting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counting]:
    """Workers of both pools that have placed calls and wait for the end of one that is in doubt."""
    settings = {**QUICK, "RECONCILE_AFTER_SECONDS": "1", "TWILIO_TIMEOUT_SECONDS": "2"}
    running = Counting(Stack(tmp_path_factory.mktemp("counting"), settings))
    try:
        yield running.start()
    finally:
        running.stack.stop()


@pytest.fixture(scope="module")
def tortured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Torture]:
    """A stack of which everything was broken for half a minute."""
    with Machine() as machine:
        running = Torture(tmp_path_factory.mktemp("torture"), int(os.environ.get("TORTURE_SEED", "1")), machine)
        try:
            running.load(singles=120, campaigns=3, kills=15, redis_restarts=2, seconds=90)
            yield running
        finally:
            running.rig.stack.stop()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A client that takes every event at once."""
    client = Receiver()
    yield client
    client.close()
