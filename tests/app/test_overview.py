"""GET /overview: what there is, counted as its name may see it."""

from typing import Any

import pytest

from schemas import keys
from schemas.bodies.seeing.overview import Overview
from schemas.scripts.cancel import pause
from schemas.scripts.outcome import placed
from tests.app.client import Client
from tests.app.conftest import Start
from tests.app.test_tenants import API_KEYS, ask, queued
from tests.processes import BASE_PATH
from tests.scripts.conftest import Store
from tests.scripts.explaining import alive

OVERVIEW = f"{BASE_PATH}/overview"
CALL = {"to_number": "+12025550100"}
LATER = {"to_number": "+12025550100", "delay_seconds": 3600}
CAMPAIGN = {"phone_numbers": ["+12025550101", "+12025550102", "+12025550103"]}


async def seen(client: Client) -> dict[str, Any]:
    answer = await client.ask("GET", OVERVIEW)
    answer.loaded(Overview)
    return dict(answer.body)


def waiting(body: dict[str, Any]) -> dict[str, int]:
    """Without zeros."""
    return {word: count for word, count in body["waiting"]["by_waiting_for"].items() if count}


async def test_nothing_waits_at_first_and_it_says_what_is_missing(client: Client) -> None:
    body = await seen(client)
    assert (body["waiting"]["total"], body["live"]["total"], body["campaigns"]) == (0, 0, [])
    assert (body["next_due_at"], body["longest_due_seconds"], body["drained_since"]) == (None, 0, None)
    assert body["calls"] == {"last_minute": 0, "limit_per_minute": 60, "last_hour": [0] * 60}
    assert body["ahead"] == {"hours": [], "beyond": {"calls": 0, "campaigns": 0}}
    assert body["health"]["status"] == "degraded"
    assert {problem["code"] for problem in body["problems"]} >= {"no_worker", "no_beat"}


async def test_numbers_are_counted_by_what_they_wait_for(client: Client, store: Store) -> None:
    await client.queue("queue-single-call", CALL)
    await client.queue("queue-single-call", LATER)
    paused = await client.queue("queue-bulk-calls", CAMPAIGN)
    running = await client.queue("queue-bulk-calls", CAMPAIGN)
    assert waiting(await seen(client)) == {"worker": 7, "schedule": 1}
    store.scripts.run(pause(paused))
    body = await seen(client)

    assert waiting(body) == {"worker": 4, "schedule": 1, "paused": 3}
    assert body["waiting"] | {"by_waiting_for": {}} == {"total": 8, "due": 2, "later": 1, "by_waiting_for": {}}
    assert [campaign["task_id"] for campaign in body["campaigns"]] == [running]
    assert (body["campaigns"][0]["waiting"], body["campaigns"][0]["waiting_for"]) == (3, "worker")
    alive(store)
    assert waiting(await seen(client)) == {"pace": 4, "schedule": 1, "paused": 3}


async def test_a_campaigns_numbers_that_are_tried_again_later_are_counted_as_its_status_counts_them(
    client: Client, store: Store
) -> None:
    body = CAMPAIGN | {"retry": {"max_attempts": 2, "delay_seconds": 600}, "delay_between_calls": 1}
    task_id = await client.queue("queue-bulk-calls", body)
    for place, counts in ((1, {"retry": 1, "pace": 2}), (2, {"retry": 2, "pace": 1}), (3, {"retry": 3})):
        (call,) = store.ledger.admit(50)
        store.ledger.begin(call, "claim")
        store.outcome(call, placed(f"CA{place}", "queued", 60))
        store.callback(call, "busy")
        told = await seen(alive_client(client, store))
        assert waiting(told) == (await client.status(task_id)).body["result"]["waiting_for"] == counts
        store.pass_time(2)
    assert told["campaigns"][0]["waiting_for"] == "retry"


async def test_what_is_live_and_what_began_is_told(client: Client, store: Store) -> None:
    await client.queue("queue-bulk-calls", CAMPAIGN | {"max_concurrent_calls": 1})
    (call,) = store.ledger.admit(50)
    store.ledger.begin(call, "attempt")
    body = await seen(alive_client(client, store))

    assert body["live"] | {"limit": 0} == {"total": 1, "limit": 0, "by_state": {"dialling": 1}}
    assert (body["calls"]["last_minute"], sum(body["calls"]["last_hour"])) == (1, 1)
    assert sum(body["calls"]["last_hour"][-2:]) == 1
    assert waiting(body) == {"concurrency": 2}
    assert body["campaigns"][0] | {"task_id": ""} == {
        "task_id": "",
        "name": None,
        "waiting": 2,
        "waiting_for": "concurrency",
        "live": 1,
        "max_live": 1,
    }


def alive_client(client: Client, store: Store) -> Client:
    alive(store)
    return client


async def test_what_comes_is_told_by_the_hour_and_what_comes_later_in_one_sum(client: Client) -> None:
    for _ in range(2):
        await client.queue("queue-single-call", LATER)
    await client.queue("schedule-call", {"to_number": "+12025550100", "schedule_time": "2027-06-01T00:00:00Z"})
    ahead = (await seen(client))["ahead"]

    assert sum(hour["calls"] for hour in ahead["hours"]) == 2
    assert all(hour["begins_at"].endswith(":00:00Z") for hour in ahead["hours"])
    assert ahead["beyond"] == {"calls": 1, "campaigns": 0}


async def test_what_is_due_longest_tells_how_late_it_is(client: Client, store: Store) -> None:
    await client.queue("queue-single-call", CALL)
    store.pass_time(90)
    assert 90 <= (await seen(client))["longest_due_seconds"] < 600


async def test_a_held_account_says_why_in_one_sentence_without_any_number(client: Client, store: Store) -> None:
    alive(store)
    await client.queue("queue-single-call", CALL)
    store.hold("Account +12025550100 is not active (error 10001)")
    body = await seen(client)
    assert waiting(body) == {"account": 1}
    assert "error 10001" in body["account"]["held"]
    assert body["health"]["sentence"] == body["problems"][0]["detail"]
    assert "+12025550100" not in str(body["account"]) + str(body["health"])


@pytest.mark.parametrize("name", ["alice", "bob", "root", "auditor"])
async def test_a_name_sees_counts_of_its_own_and_an_admin_of_all(start: Start, store: Store, name: str) -> None:
    client = await start(API_KEYS=API_KEYS, ADMIN_KEYS="root", READ_ONLY_KEYS="auditor")
    for owner, count in (("alice", 1), ("bob", 2)):
        for _ in range(count):
            await queued(client, owner, "queue-single-call", CALL)
        await queued(client, owner, "queue-bulk-calls", CAMPAIGN)
        await queued(client, owner, "queue-single-call", LATER)
    while calls := store.ledger.admit(50):
        for call in calls:
            store.ledger.begin(call, "attempt")
        store.pass_time(0.1)
    body = (await ask(client, name, "GET", OVERVIEW)).body
    factor = {"alice": (1,), "bob": (2,)}.get(name, (1, 2))

    assert body["live"]["total"] == body["calls"]["last_minute"] == sum(singles + 1 for singles in factor)
    assert body["waiting"]["total"] == 3 * len(factor)
    assert sum(hour["calls"] for hour in body["ahead"]["hours"]) == len(factor)
    assert len(body["campaigns"]) == len(factor)
    assert ("parts" in body) is (name in {"root", "auditor"})
    assert body["undelivered_events"] == 0


async def test_looking_changes_nothing(client: Client, store: Store) -> None:
    await client.queue("queue-bulk-calls", CAMPAIGN)
    store.ledger.admit(50)
    before = {key: store.redis.dump(key) for key in store.redis.scan_iter(keys.PREFIX + "*")}
    await seen(client)
    assert {key: store.redis.dump(key) for key in store.redis.scan_iter(keys.PREFIX + "*")} == before
