"""GET /tasks: every task of a name is on exactly one page, newest first, and filters leave out what does not fit."""

import asyncio
from typing import Any
from urllib.parse import quote

import pytest

from app.store.reading import index
from schemas import keys
from schemas.bodies.seeing.listed import TaskList
from tests.app.client import Answer, Client
from tests.app.conftest import Start
from tests.app.refusal import refused
from tests.app.test_tenants import API_KEYS, CALL, CAMPAIGN, ask, queued
from tests.processes import BASE_PATH
from tests.scripts.conftest import Store

TASKS = f"{BASE_PATH}/tasks"
SOON = {"to_number": "+12025550100", "delay_seconds": 600}
LATER = {"to_number": "+12025550101", "schedule_time": "2027-01-15T14:00:00Z"}


async def listed(client: Client, query: str = "") -> list[dict[str, Any]]:
    answer = await client.ask("GET", f"{TASKS}?{query}")
    answer.loaded(TaskList)
    return list(answer.body["tasks"])


async def ids(client: Client, query: str = "") -> set[str]:
    return {str(task["task_id"]) for task in await listed(client, query)}


@pytest.fixture
async def three(client: Client) -> dict[str, str]:
    """One task of each kind."""
    return {
        "single": await client.queue("queue-single-call", SOON),
        "scheduled": await client.queue("schedule-call", LATER),
        "bulk": await client.queue("queue-bulk-calls", CAMPAIGN),
    }


async def test_a_task_is_told_as_task_status_tells_it_with_what_it_is(client: Client, three: dict[str, str]) -> None:
    tasks = {task["task_id"]: task for task in await listed(client)}
    assert set(tasks) == set(three.values())
    for kind, task_id in three.items():
        more = {"kind": kind, "name": None, "external_id": None}
        number = {} if kind == "bulk" else {"to_number": (SOON if kind == "single" else LATER)["to_number"]}
        told = (await client.status(task_id)).body
        for one in (tasks[task_id], told):
            one["result"].pop("estimated_completion", None)  # it moves on with the clock
        assert tasks[task_id] == told | more | number


async def test_pages_by_cursor_hold_each_task_once_newest_first(client: Client, store: Store) -> None:
    accepted = [await client.queue("queue-single-call", SOON) for _ in range(7)]
    for at_ms, task_id in enumerate(accepted):
        store.redis.zadd(keys.PREFIX + "tasks:", {task_id: 1000 + at_ms // 2})
    pages, cursor = [], ""
    while True:
        answer = await client.ask("GET", f"{TASKS}?limit=3{cursor}")
        pages.append([task["task_id"] for task in answer.body["tasks"]])
        if answer.body["next_cursor"] is None:
            break
        cursor = f"&cursor={answer.body['next_cursor']}"

    assert [len(page) for page in pages] == [3, 3, 1]
    assert {task for page in pages for task in page} == set(accepted)
    assert {*pages[0][:1]} == {accepted[6]}


async def test_the_last_page_says_that_it_is_the_last_also_when_it_is_full(
    client: Client, three: dict[str, str]
) -> None:
    answer = await client.ask("GET", f"{TASKS}?limit={len(three)}")
    assert (len(answer.body["tasks"]), answer.body["next_cursor"]) == (3, None)


async def test_filters_are_anded(client: Client, three: dict[str, str], store: Store) -> None:
    store.redis.hset(keys.task(three["bulk"]), mapping={"name": "Reminders of May", "external_id": "order-1"})
    await client.cancel(three["single"])

    assert await ids(client, "kind=bulk") == await ids(client, "name=Reminders") == {three["bulk"]}
    assert await ids(client, "external_id=order-1") == {three["bulk"]}
    assert await ids(client, "external_id=order") == await ids(client, "name=of") == set()
    assert await ids(client, "status=REVOKED") == {three["single"]}
    assert await ids(client, "status=PENDING") == {three["scheduled"], three["bulk"]}
    assert await ids(client, "status=PENDING&kind=scheduled") == {three["scheduled"]}
    assert await ids(client, "status=REVOKED&kind=scheduled") == set()


async def test_a_span_of_time_begins_with_its_first_instant_and_ends_before_its_last(
    client: Client, store: Store
) -> None:
    task_id = await client.queue("queue-single-call", SOON)
    store.redis.zadd(keys.PREFIX + "tasks:", {task_id: 1_795_568_400_000})
    noon, later = "2026-11-25T01%3A00%3A00Z", "2026-11-25T01%3A00%3A00.001Z"

    assert await ids(client, f"created_from={noon}&created_to={later}") == {task_id}
    assert await ids(client, f"created_from={quote('2026-11-25T03:00:00+02:00')}") == {task_id}
    assert await ids(client, f"created_to={noon}") == await ids(client, f"created_from={later}") == set()


async def test_a_page_that_looked_at_enough_is_short_and_leads_on(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "MOST_LOOKED_AT", 10)
    monkeypatch.setattr(index, "_MOST_IN_A_RUN", 5)
    oldest = await client.queue("schedule-call", LATER)
    await asyncio.sleep(0.002)  # of one millisecond, their ids tell which of two is listed first
    for _ in range(10):
        await client.queue("queue-single-call", SOON)
    first = await client.ask("GET", f"{TASKS}?kind=scheduled&limit=5")
    assert first.body["tasks"] == []
    rest = await client.ask("GET", f"{TASKS}?kind=scheduled&limit=5&cursor={first.body['next_cursor']}")

    assert [task["task_id"] for task in rest.body["tasks"]] == [oldest]
    assert rest.body["next_cursor"] is None


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("state=live", "state"),
        ("cursor=", "cursor"),
        ("cursor=nonsense", "cursor"),
        ("cursor=dDoxOg", "cursor"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=ten", "limit"),
        ("limit=1&limit=2", "limit"),
        ("kind=campaign", "kind"),
        ("status=pending", "status"),
        ("external_id=", "external_id"),
        ("created_from=2026-11-27", "created_from"),
        ("created_from=2026-11-27T00:00:00", "created_from"),
        ("created_to=2026-11-27T00:00:00+01:00", "created_to"),
    ],
)
async def test_a_wrong_parameter_is_named(client: Client, query: str, parameter: str) -> None:
    answer: Answer = await client.ask("GET", f"{TASKS}?{query}")
    refused(answer, 400)
    assert list(answer.body["errors"]) == [parameter]


@pytest.mark.parametrize("field", ["updated_ms", "attempt_number"])  # of which Lua reads the second
async def test_a_damaged_record_hides_no_other(client: Client, three: dict[str, str], store: Store, field: str) -> None:
    store.redis.hset(keys.task(three["single"]), field, "damaged")
    assert await ids(client) == {three["scheduled"], three["bulk"]}


async def test_a_name_lists_its_own_tasks_and_who_sees_all_lists_everybodys(start: Start) -> None:
    divided = await start(API_KEYS=API_KEYS, ADMIN_KEYS="root", READ_ONLY_KEYS="auditor")
    made = {name: await queued(divided, name, "queue-single-call", CALL) for name in ("alice", "bob")}
    seen = {}
    for name in ("alice", "bob", "root", "auditor"):
        answer = await ask(divided, name, "GET", TASKS)
        seen[name] = {task["task_id"] for task in answer.body["tasks"]}
        shown = {task.get("client") for task in answer.body["tasks"]}
        assert shown == ({None} if name in made else {"alice", "bob"})
    assert seen == {
        "alice": {made["alice"]},
        "bob": {made["bob"]},
        "root": {*made.values()},
        "auditor": {*made.values()},
    }


async def test_only_who_sees_all_asks_for_the_tasks_of_a_name(start: Start) -> None:
    divided = await start(API_KEYS=API_KEYS, ADMIN_KEYS="root", READ_ONLY_KEYS="auditor")
    task_id = await queued(divided, "alice", "queue-single-call", CALL)
    await queued(divided, "bob", "queue-single-call", CALL)

    refused(await ask(divided, "alice", "GET", f"{TASKS}?client=alice"), 403)
    for name in ("root", "auditor"):
        answer = await ask(divided, name, "GET", f"{TASKS}?client=alice")
        assert [task["task_id"] for task in answer.body["tasks"]] == [task_id]


async def test_without_division_every_name_lists_all(start: Start) -> None:
    together = await start(API_KEYS=API_KEYS, ISOLATE_KEYS="0")
    task_id = await queued(together, "alice", "queue-single-call", CALL)
    assert [task["task_id"] for task in (await ask(together, "bob", "GET", TASKS)).body["tasks"]] == [task_id]
