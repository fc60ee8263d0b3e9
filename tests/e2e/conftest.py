"""Stacks of real processes."""

from collections.abc import Iterator

import pytest

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


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A client that takes every event at once."""
    client = Receiver()
    yield client
    client.close()
