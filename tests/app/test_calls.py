"""GET /calls: what was attempted or waits by itself, by last change, over all tasks of a name."""

from typing import Any
from urllib.parse import quote

import pytest

from app.store.reading import calls
from schemas import keys
from schemas.bodies.seeing.calls import CallList
from schemas.scripts.outcome import placed
from schemas.scripts.outcome import refused as refused_by_twilio
from tests.app.client import Client
from tests.app.conftest import Start
from tests.app.refusal import refused
from tests.app.test_tenants import API_KEYS, ask, queued
from tests.processes import BASE_PATH
from tests.scripts.conftest import Store
from tests.scripts.explaining import alive

CALLS = f"{BASE_PATH}/calls"
NUMBERS = [f"+1202555010{index}" for index in range(4)]
LATER = {"to_number": NUMBERS[3], "delay_seconds": 600}


async def seen(client: Client, query: str = "") -> list[dict[str, Any]]:
    answer = await client.ask("GET", f"{CALLS}?{query}")
    answer.loaded(CallList)
    return list(answer.body["calls"])


async def ids(client: Client, query: str = "") -> list[str]:
    return [str(row["call_id"]) for row in await seen(client, query)]


def changed_at(store: Store, call: str, at_ms: int) -> None:
    store.redis.hset(keys.task(call), "updated_ms", at_ms)


@pytest.fixture
async def made(client: Client, store: Store) -> dict[str, str]:
    """A call that is live, one that waits, and a campaign with one number that was refused; the rest never began."""
    campaign = await client.queue("queue-bulk-calls", {"phone_numbers": NUMBERS[:3]})
    (part,) = store.ledger.admit(50)
    store.ledger.begin(part, "attempt")
    store.outcome(part, refused_by_twilio("number", "no", by_twilio=True))
    live = await client.queue("queue-single-call", {"to_number": NUMBERS[0]})
    store.redis.hset(keys.task(campaign), "paused", "1")
    assert store.ledger.admit(50) == [live]
    store.ledger.begin(live, "attempt")
    store.outcome(live, placed("CA1", "queued", 60))
    waiting = await client.queue("queue-single-call", LATER)
    for at_ms, call in enumerate((part, live, waiting)):
        changed_at(store, call, 1000 + at_ms)
    return {"campaign": campaign, "part": part, "live": live, "waiting": waiting}


async def test_what_was_attempted_and_single_calls_that_wait_come_by_last_change(
    client: Client, store: Store, made: dict[str, str]
) -> None:
    assert await ids(client) == [made["waiting"], made["live"], made["part"]]
    changed_at(store, made["part"], 2000)
    assert (await ids(client))[0] == made["part"]


async def test_a_call_is_told_as_its_task_tells_it(client: Client, made: dict[str, str]) -> None:
    for row in await seen(client):
        task_id = made["campaign"] if row["call_id"] == made["part"] else row["call_id"]
        rows = (await client.ask("GET", f"{BASE_PATH}/tasks/{task_id}/calls")).body["calls"]
        assert row["task_id"] == task_id
        assert {name: row[name] for name in rows[0]} == rows[0]


async def test_filters_are_anded(client: Client, store: Store, made: dict[str, str]) -> None:
    assert await ids(client, f"to_number={quote(NUMBERS[0])}") == [made["live"], made["part"]]
    assert await ids(client, "outcome=live") == [made["live"]]
    assert await ids(client, f"to_number={quote(NUMBERS[0])}&outcome=failed") == [made["part"]]
    assert await ids(client, "outcome=busy") == await ids(client, "undelivered=true") == []
    store.redis.hset(keys.task(made["part"]), "undelivered", "1")
    assert await ids(client, "undelivered=true") == [made["part"]]
    assert await ids(client, "undelivered=false") == [made["waiting"], made["live"]]
    alive(store)
    assert await ids(client, "waiting_for=schedule") == [made["waiting"]]
    assert await ids(client, "waiting_for=pace") == await ids(client, "waiting_for=schedule&outcome=live") == []


async def test_a_number_is_looked_for_in_the_last_day_unless_a_time_is_given(
    client: Client, store: Store, made: dict[str, str]
) -> None:
    two_days_ago = store.now_ms() - 2 * 86_400_000
    store.redis.zadd(keys.PREFIX + "tasks:", {made["waiting"]: two_days_ago})
    number = f"to_number={quote(NUMBERS[3])}"
    assert await ids(client, number) == []
    assert await ids(client, f"{number}&created_from=2020-01-01T00:00:00Z") == [made["waiting"]]
    assert await ids(client, f"{number}&created_from=2020-01-01T00:00:00Z&created_to=2020-01-02T00:00:00Z") == []


@pytest.mark.parametrize("limit", [1, 2, 3])
@pytest.mark.parametrize("window", [1, 2, 1000])
async def test_pages_hold_each_call_once_whatever_the_windows(
    client: Client, made: dict[str, str], monkeypatch: pytest.MonkeyPatch, limit: int, window: int
) -> None:
    monkeypatch.setattr(calls, "WINDOW_TASKS", window)
    monkeypatch.setattr(calls, "_MOST_IN_A_RUN", window)
    found: list[str] = []
    query = f"limit={limit}"
    for _ in range(10):
        answer = await client.ask("GET", f"{CALLS}?{query}")
        found += [row["call_id"] for row in answer.body["calls"]]
        if answer.body["next_cursor"] is None:
            break
        query = f"limit={limit}&cursor={answer.body['next_cursor']}"

    assert len(found) == 3
    assert set(found) == {made["part"], made["live"], made["waiting"]}


async def test_a_page_of_those_that_wait_leads_on_behind_what_it_read(
    client: Client, store: Store, made: dict[str, str]
) -> None:
    others = [await client.queue("queue-single-call", LATER) for _ in range(3)]
    found, query = [], "waiting_for=schedule&limit=2"
    for _ in range(4):
        answer = await client.ask("GET", f"{CALLS}?{query}")
        found += [row["call_id"] for row in answer.body["calls"]]
        if answer.body["next_cursor"] is None:
            break
        query = f"waiting_for=schedule&limit=2&cursor={answer.body['next_cursor']}"

    alive(store)
    assert sorted(found) == sorted([*others, made["waiting"]])


@pytest.mark.parametrize(
    "query", ["to_number=12", "outcome=dead", "waiting_for=luck", "undelivered=yes", "cursor=x", "limit=0", "name=x"]
)
async def test_a_wrong_parameter_is_refused(client: Client, query: str) -> None:
    refused(await client.ask("GET", f"{CALLS}?{query}"), 400)


async def test_a_name_sees_its_own_calls_and_who_sees_all_sees_everybodys(start: Start, store: Store) -> None:
    divided = await start(API_KEYS=API_KEYS, ADMIN_KEYS="root", READ_ONLY_KEYS="auditor")
    made = {
        name: await queued(divided, name, "queue-single-call", {"to_number": NUMBERS[0]}) for name in ("alice", "bob")
    }
    campaign = await queued(divided, "alice", "queue-bulk-calls", {"phone_numbers": NUMBERS[:1]})
    for _ in range(3):
        for call in store.ledger.admit(50):
            store.ledger.begin(call, "attempt")
    seen_by = {}
    for name in ("alice", "bob", "root", "auditor"):
        seen_by[name] = {row["call_id"] for row in (await ask(divided, name, "GET", CALLS)).body["calls"]}
    alices = {made["alice"], f"{campaign}-1"}
    assert seen_by == {
        "alice": alices,
        "bob": {made["bob"]},
        "root": alices | {made["bob"]},
        "auditor": alices | {made["bob"]},
    }
