"""Whom the relay serves and whom it must not follow: slow hosts, private addresses, redirects."""

import asyncio
import time
from typing import Any

import pytest

from app.relay import MOST_DELIVERIES, MOST_DELIVERIES_TO_ONE_HOST
from schemas import keys
from tests.app.client import PUBLIC, Client
from tests.app.conftest import Start
from tests.app.target import Target, tell
from tests.scripts.conftest import Store

WITHIN_SECONDS = 5.0


async def _result(client: Client, call: str, name: str) -> Any:
    """A field of the call's result, once it is there."""
    deadline = time.monotonic() + WITHIN_SECONDS
    while time.monotonic() < deadline:
        result = (await client.status(call)).body["result"]
        if name in result:
            return result[name]
    raise AssertionError(f"no {name} within {WITHIN_SECONDS} s")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433"])
async def test_a_delivery_to_a_private_address_is_given_up_at_once(
    start: Start, store: Store, target: Target, host: str
) -> None:
    client = await start(PUBLIC_BASE_URL=PUBLIC)
    call = await tell(client, store, target.url("/news?for=%2B12025550199", host))

    assert await _result(client, call, "undelivered_callbacks") == 1
    assert target.paths == []
    assert store.redis.exists(keys.PREFIX + "relays", f"{keys.PREFIX}relay:{call}") == 0


async def test_a_redirect_is_not_followed(start: Start, store: Store, target: Target) -> None:
    client = await start(PUBLIC_BASE_URL=PUBLIC, ALLOW_PRIVATE_WEBHOOKS="1")
    call = await tell(client, store, target.url("/moved"))
    deadline = time.monotonic() + WITHIN_SECONDS
    while store.task(call).get("relay_tries") != "1":
        assert time.monotonic() < deadline
        await client.health()

    assert set(target.paths) == {"/moved"}


async def test_a_refused_delivery_is_logged_with_its_reason_and_neither_query_nor_number(
    start: Start, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    client = await start(PUBLIC_BASE_URL=PUBLIC)
    call = await tell(client, store, "http://169.254.169.254/latest?secret=swordfish&to=%2B12025550199")
    await _result(client, call, "undelivered_callbacks")

    (line,) = [line for line in capsys.readouterr().out.splitlines() if "event_not_delivered" in line]
    assert "link-local address" in line
    assert "169.254.169.254" in line
    assert "swordfish" not in line
    assert "12025550199" not in line


async def test_a_host_that_is_asleep_with_more_events_than_can_be_under_way_holds_up_no_other_host(
    start: Start, store: Store, target: Target, other: Target
) -> None:
    client = await start(PUBLIC_BASE_URL=PUBLIC, ALLOW_PRIVATE_WEBHOOKS="1")
    for _ in range(MOST_DELIVERIES + MOST_DELIVERIES_TO_ONE_HOST):
        await tell(client, store, target.url("/asleep"))
    await tell(client, store, other.url("/news"))
    async with asyncio.timeout(WITHIN_SECONDS):
        await other.visited.wait()

    assert len(target.paths) <= MOST_DELIVERIES_TO_ONE_HOST
