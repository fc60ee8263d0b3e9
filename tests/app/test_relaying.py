"""How the relay delivers: promptly, signed, again after failures with growing gaps, and through all that goes wrong."""

import asyncio

import pytest

from app.relay.loop import gap_seconds
from app.relay.shares import MOST_DELIVERIES_TO_ONE_HOST
from schemas import keys
from schemas.scripts.relay import Parcel
from tests.app.client import PUBLIC, Client
from tests.app.conftest import Start
from tests.app.target import Target, all_told, retried, tell, tell_again
from tests.machine import Machine
from tests.ports import reserve_port
from tests.scripts.conftest import Store

WITHIN_SECONDS = 20.0
#: The relay looks so seldom that only being woken makes it deliver in time.
SELDOM_SECONDS = 30.0


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Little patience with clients. To be asked for before the client, whose relay starts with what it finds."""
    monkeypatch.setattr("app.relay.loop.DELIVERY_SECONDS", 0.3)


@pytest.fixture
async def client(start: Start) -> Client:
    return await start(PUBLIC_BASE_URL=PUBLIC, ALLOW_PRIVATE_WEBHOOKS="1")


@pytest.fixture
def seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.relay.loop.LOOK_SECONDS", SELDOM_SECONDS)


async def _tried(client: Client, store: Store, call: str, times: int) -> float:
    """Waits until so many deliveries have failed; the millisecond at which the next one is due."""
    async with asyncio.timeout(WITHIN_SECONDS):
        while [event["failures"] for event in retried(store, call)] != [times]:
            await client.health()
    return float(retried(store, call)[0]["due_ms"])


async def _delivered(client: Client, store: Store, call: str, count: int = 1) -> None:
    async with asyncio.timeout(WITHIN_SECONDS):
        while not all_told(store, call, count):
            await client.health()


@pytest.mark.usefixtures("seldom")
async def test_events_are_delivered_when_they_come_and_not_at_the_next_look(
    client: Client, store: Store, target: Target
) -> None:
    for _ in range(3):  # between two, the relay falls asleep
        await _delivered(client, store, await tell(client, store, target.url("/news")))
    target.visited.clear()
    call = await tell(client, store, target.url("/asleep"))
    async with asyncio.timeout(WITHIN_SECONDS):
        await target.visited.wait()
    await tell_again(client, call, store.task(call)["sid"], 1)
    target.awake.set()
    await _delivered(client, store, call, 2)

    assert target.paths == ["/news"] * 3 + ["/asleep"] * 2
    assert all(target.signed)


async def test_a_host_gets_more_events_than_its_share_one_after_another(
    client: Client, store: Store, target: Target
) -> None:
    for _ in range(MOST_DELIVERIES_TO_ONE_HOST + 2):
        await tell(client, store, target.url("/news"))
    await _delivered(client, store, await tell(client, store, target.url("/last")))


@pytest.mark.parametrize("name", ["client@127.0.0.1", "LOCALHOST", "localhost"])
async def test_a_host_has_one_share_however_its_name_is_written(
    client: Client, store: Store, target: Target, name: str
) -> None:
    plain = "localhost" if name.lower() == "localhost" else "127.0.0.1"
    for host in [plain] * (MOST_DELIVERIES_TO_ONE_HOST - 1) + [name] * 3:
        await tell(client, store, target.url("/asleep", host))
    async with asyncio.timeout(WITHIN_SECONDS):
        while len(target.paths) < MOST_DELIVERIES_TO_ONE_HOST:
            await client.health()
    await client.health()

    assert len(target.paths) == MOST_DELIVERIES_TO_ONE_HOST


@pytest.mark.parametrize(("failures", "seconds"), [(0, 1), (3, 8), (12, 900), (5000, 900)])
def test_the_gaps_grow_up_to_a_quarter_of_an_hour(failures: int, seconds: float) -> None:
    parcel = Parcel("", "", "", "", "", "1:0", {"failures": failures}, 0)

    assert gap_seconds(parcel, "failed") == seconds


async def test_a_delivery_that_failed_is_repeated_after_its_gap(client: Client, store: Store, target: Target) -> None:
    before_ms = store.now_ms()
    call = await tell(client, store, target.url("/failing"))

    assert store.lies_after(await _tried(client, store, call, 1), 1, before_ms)


@pytest.mark.parametrize("trouble", ["nobody", "dropping", "asleep", "no such name", "no name"])
@pytest.mark.usefixtures("hasty")
async def test_whatever_goes_wrong_a_delivery_counts_as_failed_and_is_repeated(
    client: Client, store: Store, target: Target, trouble: str
) -> None:
    url = {
        "nobody": f"http://127.0.0.1:{reserve_port()}/",
        "no such name": "http://client.invalid/",
        "no name": f"http://{'x' * 64}.example/",  # longer than a label of a domain may be
    }.get(trouble, target.url(f"/{trouble}"))

    before_ms = store.now_ms()
    assert store.lies_after(await _tried(client, store, await tell(client, store, url), 1), 1, before_ms)


async def test_no_client_gets_the_cookies_of_another(client: Client, store: Store, target: Target) -> None:
    for _ in range(2):
        await _delivered(client, store, await tell(client, store, target.url("/news", "localhost")))

    assert target.cookies == ["", ""]


async def test_a_delivery_under_way_at_the_end_is_finished_and_recorded(
    client: Client, store: Store, target: Target
) -> None:
    call = await tell(client, store, target.url("/asleep"))
    async with asyncio.timeout(WITHIN_SECONDS):
        await target.visited.wait()
    ends = asyncio.create_task(client.http.close())
    await asyncio.sleep(0.1)
    assert not ends.done()
    target.awake.set()
    await ends

    assert all_told(store, call, 1)
    assert not store.redis.exists(keys.PREFIX + "mail")


async def test_a_delivery_that_does_not_end_holds_up_no_end_and_is_left_to_another_process(
    client: Client, store: Store, target: Target, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.relay.loop.STOP_SECONDS", 0.1)
    call = await tell(client, store, target.url("/asleep"))
    async with asyncio.timeout(WITHIN_SECONDS):
        await target.visited.wait()
    watch = machine.stopwatch()
    await client.http.close()

    assert watch.seconds < 10  # and nobody wakes the target
    assert store.redis.exists(f"{keys.PREFIX}events:{call}", keys.PREFIX + "mail") == 2


async def test_a_relay_with_nothing_to_do_asks_redis_only_now_and_then(
    client: Client, store: Store, target: Target
) -> None:
    await _delivered(client, store, await tell(client, store, target.url("/news")))
    store.redis.config_resetstat()
    await asyncio.sleep(0.6)

    assert store.redis.info("stats")["total_commands_processed"] < 20
