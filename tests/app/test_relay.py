"""Whom the relay serves and whom it must not follow: slow hosts, private addresses, redirects."""

import asyncio
from typing import Any

import pytest

from app.relay.shares import MOST_DELIVERIES, MOST_DELIVERIES_TO_ONE_HOST
from schemas import keys
from tests.app.client import PUBLIC, Client
from tests.app.conftest import Start
from tests.app.target import Target, all_told, retried, tell, tell_again
from tests.machine import Machine
from tests.scripts.conftest import Store

WITHIN_SECONDS = 20.0


async def _result(client: Client, call: str, name: str) -> Any:
    """A field of the call's result, once it is there."""
    async with asyncio.timeout(WITHIN_SECONDS):
        while name not in (result := (await client.status(call)).body["result"]):
            pass
    return result[name]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433"])
async def test_a_delivery_to_a_private_address_is_given_up_at_once(
    start: Start, store: Store, target: Target, host: str
) -> None:
    client = await start(PUBLIC_BASE_URL=PUBLIC)
    call = await tell(client, store, target.url("/news?for=%2B12025550199", host))

    assert await _result(client, call, "undelivered_callbacks") == 1
    assert target.paths == []
    assert store.redis.exists(keys.PREFIX + "mail", f"{keys.PREFIX}events:{call}") == 0


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
async def test_a_redirect_is_not_followed_and_counts_as_undelivered_at_once(
    start: Start, store: Store, target: Target, status: int
) -> None:
    client = await start(PUBLIC_BASE_URL=PUBLIC, ALLOW_PRIVATE_WEBHOOKS="1")
    call = await tell(client, store, target.url(f"/moved/{status}"))

    assert await _result(client, call, "undelivered_callbacks") == 1
    assert target.paths == [f"/moved/{status}"]


async def test_nothing_is_signed_for_our_own_address(
    start: Start, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    client = await start(PUBLIC_BASE_URL=PUBLIC, ALLOW_PRIVATE_WEBHOOKS="1")
    call = await tell(client, store, "https://CALLS.example:443/api/v1/twilio/call-status?call=another")

    assert await _result(client, call, "undelivered_callbacks") == 1
    assert "our own address" in capsys.readouterr().out


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
    start: Start, store: Store, target: Target, other: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    for patience in ("DELIVERY_SECONDS", "LEASE_SECONDS"):  # no machine is so slow that the sleeper is given up
        monkeypatch.setattr(f"app.relay.loop.{patience}", 300.0)
    client = await start(PUBLIC_BASE_URL=PUBLIC, ALLOW_PRIVATE_WEBHOOKS="1")
    for _ in range(MOST_DELIVERIES + MOST_DELIVERIES_TO_ONE_HOST):
        await tell(client, store, target.url("/asleep"))
    await tell(client, store, other.url("/news"))
    async with asyncio.timeout(WITHIN_SECONDS):
        await other.visited.wait()

    assert len(target.paths) <= MOST_DELIVERIES_TO_ONE_HOST


async def test_a_client_whose_hosts_are_all_asleep_holds_up_no_other_client(
    start: Start, store: Store, target: Target, other: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.relay.shares.MOST_DELIVERIES", 20)
    monkeypatch.setattr("app.relay.shares.MOST_DELIVERIES_TO_ONE_HOST", 4)
    client = await start(PUBLIC_BASE_URL=PUBLIC, ALLOW_PRIVATE_WEBHOOKS="1")
    hosts = ("127.0.0.1", "0x7f000001", "localhost")
    for number in range(30):
        await tell(client, store, target.url("/asleep", hosts[number % len(hosts)]), client="careless")
    async with asyncio.timeout(WITHIN_SECONDS):
        while len(target.paths) < 10:
            await client.health()
    await tell(client, store, other.url("/news"), client="careful")
    async with asyncio.timeout(WITHIN_SECONDS):
        await other.visited.wait()

    assert len(target.paths) == 10


async def test_a_burst_to_one_host_is_not_put_off(start: Start, store: Store, target: Target, machine: Machine) -> None:
    count = 10 * MOST_DELIVERIES_TO_ONE_HOST
    calls = []
    for number in range(count):  # told before anybody delivers
        call = store.placed(sid=f"CA{number}")
        store.redis.hset(keys.task(call), "status_callback_url", target.url("/news"))
        assert store.callback(call, "initiated", sequence="0", body="CallStatus=initiated").relayed
        calls.append(call)
    client = await start(PUBLIC_BASE_URL=PUBLIC, ALLOW_PRIVATE_WEBHOOKS="1")
    watch = machine.stopwatch()
    async with asyncio.timeout(WITHIN_SECONDS):
        while len(target.paths) < count:
            await client.health()

    assert watch.seconds < 4  # put off half a second at a time it would take five


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 410, 422])
async def test_an_event_that_is_declined_three_times_is_given_up_and_holds_back_no_other(
    start: Start, store: Store, target: Target, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.relay.loop.DECLINED_GAPS_SECONDS", (0.1, 0.1))
    client = await start(PUBLIC_BASE_URL=PUBLIC, ALLOW_PRIVATE_WEBHOOKS="1")
    call = await tell(client, store, target.url(f"/declining/ringing/{status}"))
    await tell_again(client, call, store.task(call)["sid"], 1, "completed")

    assert await _result(client, call, "undelivered_callbacks") == 1
    async with asyncio.timeout(WITHIN_SECONDS):
        while not all_told(store, call, 2):
            await client.health()
    assert target.told == ["ringing"] * 3 + ["completed"]
    assert target.numbers == ["0"] * 3 + ["1"]


@pytest.mark.parametrize("status", [408, 425, 429, 500, 503])
async def test_an_answer_that_may_pass_is_repeated_and_shows_meanwhile(
    start: Start, store: Store, target: Target, status: int
) -> None:
    client = await start(PUBLIC_BASE_URL=PUBLIC, ALLOW_PRIVATE_WEBHOOKS="1")
    call = await tell(client, store, target.url(f"/declining/ringing/{status}"))
    async with asyncio.timeout(WITHIN_SECONDS):
        while not retried(store, call):
            await client.health()

    result = (await client.status(call)).body["result"]
    assert (result["retrying_callbacks"], result.get("undelivered_callbacks")) == (1, None)


async def test_after_a_refusal_the_gaps_are_one_and_five_seconds(start: Start, store: Store, target: Target) -> None:
    client = await start(PUBLIC_BASE_URL=PUBLIC, ALLOW_PRIVATE_WEBHOOKS="1")
    before_ms = store.now_ms()
    call = await tell(client, store, target.url("/declining/ringing/400"))
    for times, seconds in ((1, 1), (2, 5)):
        async with asyncio.timeout(WITHIN_SECONDS):
            while [event["declines"] for event in retried(store, call)] != [times]:
                await client.health()
        due_ms = retried(store, call)[0]["due_ms"]
        assert store.lies_after(due_ms, seconds, before_ms)
        before_ms = due_ms
