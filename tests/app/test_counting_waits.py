"""A campaign tells how many of its numbers wait for what, each as its own row does."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schemas import keys
from schemas.hours.plan import Policy
from schemas.scripts.cancel import pause, resume
from schemas.scripts.outcome import placed
from tests.app.client import Client
from tests.app.test_campaign_windows import ALWAYS, bulk, sweep
from tests.processes import BASE_PATH
from tests.scripts.conftest import Store

HERE, FAR = "UTC", "Asia/Tokyo"


def now_only() -> dict[str, Any]:
    """Windows that are open now in one zone, and closed in the other."""
    hour = datetime.now(UTC).hour
    window = {**ALWAYS["windows"][0], "start": f"{hour:02d}:00", "end": f"{(hour + 2) % 24:02d}:00"}
    return {"timezone": "recipient", "windows": [window]}


def people(zones: str) -> list[dict[str, str]]:
    """One in each zone: h here, f far."""
    where = {"h": HERE, "f": FAR}
    return [
        {"to_number": f"+1212555{place:04d}", "timezone": where[letter]} for place, letter in enumerate(zones, start=1)
    ]


async def told(client: Client, task_id: str) -> tuple[dict[str, int], dict[str, int]]:
    """What its status counts, and what its rows come to."""
    status = (await client.status(task_id)).body
    rows = (await client.ask("GET", f"{BASE_PATH}/tasks/{task_id}/calls?limit=200")).body["calls"]
    words = Counter(row["waiting_for"] for row in rows if row["waiting_for"])
    assert sum(words.values()) == status["result"]["counts"]["waiting"]
    return status["result"]["waiting_for"], dict(words)


def let_wait(store: Store, task_id: str, *, capped: bool) -> str:
    """Its next call, which waits for an hour."""
    (call,) = store.ledger.admit(1)
    store.ledger.put_back(call)
    later_ms = store.now_ms() + 3_600_000
    if capped:
        store.redis.hset(keys.task(call), "capped_ms", later_ms)
    store.redis.zadd(f"{keys.PREFIX}again:{task_id}", {call: later_ms})
    for script in (pause(task_id), resume(task_id)):  # by which it comes to stand where it belongs
        store.scripts.run(script)
    store.pass_time(2)
    return call


async def test_numbers_in_zones_that_are_closed_wait_for_their_windows_and_others_for_what_keeps_them(
    client: Client, store: Store
) -> None:
    name = await bulk(client, recipients=people("hfhffh"), calling_windows=now_only())
    counted, of_rows = await told(client, name)
    assert counted == of_rows == {"window": 6}
    sweep(store, Policy())
    counted, of_rows = await told(client, name)
    assert counted == of_rows == {"window": 3, "worker": 3}
    await client.cancel(f"{name}-4")
    await client.cancel(f"{name}-6")
    counted, of_rows = await told(client, name)
    assert counted == of_rows == {"window": 2, "worker": 2}
    assert len(store.ledger.admit(1)) == 1
    counted, of_rows = await told(client, name)
    assert counted == of_rows == {"window": 2, "worker": 2}


async def test_those_with_a_time_of_their_own_wait_for_it_by_its_cause(client: Client, store: Store) -> None:
    name = await bulk(client, recipients=people("hhfhf"), calling_windows=now_only())
    sweep(store, Policy())
    let_wait(store, name, capped=True)
    let_wait(store, name, capped=False)
    counted, of_rows = await told(client, name)
    assert counted == of_rows == {"window": 2, "retry": 1, "cap": 1, "worker": 1}
    await client.ask("POST", f"{BASE_PATH}/tasks/{name}/pause")
    counted, of_rows = await told(client, name)
    assert counted == of_rows == {"paused": 5}


@pytest.mark.parametrize("capped", [True, False])
async def test_if_each_has_such_a_time_the_campaign_says_so(client: Client, store: Store, *, capped: bool) -> None:
    name = await bulk(client, phone_numbers=["+12125550100"])
    let_wait(store, name, capped=capped)
    counted, of_rows = await told(client, name)
    assert counted == of_rows == {"cap" if capped else "retry": 1}
    message = (await client.status(name)).body["message"]
    assert ("called as often as they may be" if capped else "the next is tried again") in message


async def test_where_all_that_waits_is_due_in_an_open_zone_a_closed_one_says_nothing_of_it(
    client: Client, store: Store
) -> None:
    """The campaign itself waits for a window, for no number that never began may go; one that waits again may."""
    name = await bulk(client, recipients=people("hf"), calling_windows=now_only())
    sweep(store, Policy())
    (call,) = store.ledger.admit(1)
    store.ledger.put_back(call)
    counted, of_rows = await told(client, name)
    assert counted == of_rows == {"window": 1, "worker": 1}


async def test_a_call_that_is_tried_again_later_says_the_same_as_its_row(client: Client, store: Store) -> None:
    retry = {"max_attempts": 2, "delay_seconds": 600}
    name = await bulk(client, phone_numbers=["+12125550100"], retry=retry)
    (call,) = store.ledger.admit(1)
    store.ledger.begin(call, "attempt")
    store.outcome(call, placed("CA1", "queued", 60))
    store.callback(call, "busy")
    result = (await client.status(call)).body["result"]
    _, of_rows = await told(client, name)
    assert ({result["waiting_for"]: 1}, of_rows) == ({"retry": 1}, {"retry": 1})


async def overview(client: Client) -> dict[str, int]:
    """What all that waits waits for."""
    waiting = (await client.ask("GET", f"{BASE_PATH}/overview")).body["waiting"]
    return {word: count for word, count in waiting["by_waiting_for"].items() if count}


async def test_before_a_worker_has_worked_out_when_its_windows_open_nobody_is_told_that_it_is_paused(
    client: Client,
) -> None:
    name = await bulk(client, calling_windows=ALWAYS)
    assert await overview(client) == (await told(client, name))[0] == {"window": 2}
    await client.ask("POST", f"{BASE_PATH}/tasks/{name}/pause")
    assert await overview(client) == {"paused": 2}


async def test_the_overview_counts_a_retry_that_is_later_though_other_numbers_may_go_now(
    client: Client, store: Store
) -> None:
    name = await bulk(client)
    let_wait(store, name, capped=False)
    assert await overview(client) == (await told(client, name))[0] == {"retry": 1, "worker": 1}


async def test_the_overview_counts_numbers_whose_windows_are_closed_though_the_campaign_is_at_its_most_live(
    client: Client, store: Store
) -> None:
    name = await bulk(client, max_concurrent_calls=1, calling_windows=ALWAYS)
    sweep(store, Policy())
    (call,) = store.ledger.admit(50)
    store.ledger.begin(call, "claim")
    store.outcome(call, placed("CA1", "queued", 60))
    off = [(datetime.now(UTC) + timedelta(days=days)).date().isoformat() for days in (-1, 0, 1)]
    hours = {"calling_windows": {**ALWAYS, "days_off": off}}
    await client.ask("PATCH", f"{BASE_PATH}/tasks/{name}", json=hours)
    sweep(store, Policy())
    assert await overview(client) == (await told(client, name))[0] == {"window": 1}
