"""Stacks of real processes."""

from collections.abc import Iterator

import pytest

from tests.stack import Stack

#: Fast enough that a test is not about waiting, and calls last about a second.
QUICK = {"CALLS_PER_SECOND": "50", "SINGLE_CALLS_PER_MINUTE": "3000"}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One of each, and a second worker with processes instead of threads."""
    running = Stack(tmp_path_factory.mktemp("stack"), QUICK)
    try:
        running.start_worker(pool="prefork", concurrency=2)
        yield running.start()
    finally:
        running.stop()
