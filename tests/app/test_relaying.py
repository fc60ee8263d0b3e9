"""How the relay delivers: promptly, signed, again after failures with growing gaps, and through all that goes wrong."""

import asyncio
import time

import pytest

from app.relay import MOST_DELIVERIES_TO_ONE_HOST
from schemas import keys
from tests.app.client import PUBLIC, Client
from tests.app.conftest import Start
from tests.app.target import Target, tell, tell_again
from tests.processes import free_port
from tests.scripts.conftest import Store

WITHIN_SECONDS = 5.0
#: The relay looks so seldom that only being woken makes it deliver in time.
SELDOM_SECONDS = 30.0


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Little patience with clients. To be asked for before the client, whose relay starts with what it finds."""
    monkeypatch.setattr("app.relay.DELIVERY_SECONDS", 0.3)


@pytest.fixture
async def client(start: Start) -> Client:
    return await start(PUBLIC_BASE_URL=PUBLIC, ALLOW_PRIVATE_WEBHOOKS="1")


@pytest.fixture
def seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.relay.LOOK_SECONDS", SELDOM_SECONDS)


async def _tried(client: Client, store: Store, call: str, times: int) -> float:
    """Waits until so many deliveries have failed; in how many seconds the next one is due."""
    async with asyncio.timeout(WITHIN_SECONDS):
        while store.task(call).get("relay_tries") != str(times):
            await client.health()
    return ((store.score("relays", call) or 0) - store.now_ms()) / 1000


async def _delivered(client: Client, store: Store, call: str, sequence: int) -> None:
    async with asyncio.timeout(WITHIN_SECONDS):
        while store.task(call).get("relayed") != str(sequence):
            await client.health()


@pytest.mark.usefixtures("seldom")
async def test_events_are_delivered_when_they_come_and_not_at_the_next_look(
    client: Client, store: Store, target: Target
) -> None:
    for _ in range(3):  # between two, the relay falls asleep
        await _delivered(client, store, await tell(client, store, target.url("/news")), 0)
    target.visited.clear()
    call = await tell(client, store, target.url("/asleep"))
    async with asyncio.timeout(WITHIN_SECONDS):
        await target.visited.wait()
    await tell_again(client, call, store.task(call)["sid"], 1)
    target.awake.set()
    await _delivered(client, store, call, 1)

    assert target.paths == ["/news"] * 3 + ["/asleep"] * 2
    assert all(target.signed)


async def test_a_host_gets_more_events_than_its_share_one_after_another(
    client: Client, store: Store, target: Target
) -> None:
    for _ in range(MOST_DELIVERIES_TO_ONE_HOST + 2):
        await tell(client, store, target.url("/news"))
    await _delivered(client, store, await tell(client, store, target.url("/last")), 0)


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


@pytest.mark.parametrize(("tries", "gap_seconds"), [(0, 1), (3, 8), (12, 900), (5000, 900)])
async def test_a_delivery_that_failed_is_repeated_after_growing_gaps_up_to_a_quarter_of_an_hour(
    client: Client, store: Store, target: Target, tries: int, gap_seconds: float
) -> None:
    call = await tell(client, store, target.url("/failing"), relay_tries=str(tries))

    assert await _tried(client, store, call, tries + 1) == pytest.approx(gap_seconds, abs=0.5)


@pytest.mark.parametrize("trouble", ["nobody", "dropping", "asleep", "no such name", "no name"])
@pytest.mark.usefixtures("hasty")
async def test_whatever_goes_wrong_a_delivery_counts_as_failed_and_is_repeated(
    client: Client, store: Store, target: Target, trouble: str
) -> None:
    url = {
        "nobody": f"http://127.0.0.1:{free_port()}/",
        "no such name": "http://client.invalid/",
        "no name": f"http://{'x' * 64}.example/",  # longer than a label of a domain may be
    }.get(trouble, target.url(f"/{trouble}"))

    assert await _tried(client, store, await tell(client, store, url), 1) == pytest.approx(1, abs=0.5)


async def test_no_client_gets_the_cookies_of_another(client: Client, store: Store, target: Target) -> None:
    for _ in range(2):
        await _delivered(client, store, await tell(client, store, target.url("/news", "localhost")), 0)

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

    assert store.task(call)["relayed"] == "0"
    assert not store.redis.exists(keys.PREFIX + "relays")


async def test_a_delivery_that_does_not_end_holds_up_no_end_and_is_left_to_another_process(
    client: Client, store: Store, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.relay.STOP_SECONDS", 0.1)
    call = await tell(client, store, target.url("/asleep"))
    async with asyncio.timeout(WITHIN_SECONDS):
        await target.visited.wait()
    began = time.monotonic()
    await client.http.close()

    assert time.monotonic() - began < 3
    assert store.score("relays", call)


async def test_a_relay_with_nothing_to_do_asks_redis_only_now_and_then(
    client: Client, store: Store, target: Target
) -> None:
    await _delivered(client, store, await tell(client, store, target.url("/news")), 0)
    store.redis.config_resetstat()
    await asyncio.sleep(0.6)

    assert store.redis.info("stats")["total_commands_processed"] < 20
