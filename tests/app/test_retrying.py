"""POST /tasks/{id}/retry and PATCH /tasks/{id}."""

import json
from typing import Any

import pytest

from schemas import keys
from schemas.bodies.campaigns.retrying import TaskRetried
from schemas.bodies.task_state import TaskState
from schemas.limits import campaign_interval_us
from schemas.scripts.outcome import placed
from tests.app.client import Answer, Client
from tests.app.conftest import Start
from tests.app.refusal import refused
from tests.app.test_audit import lines
from tests.app.test_tenants import API_KEYS, ask, queued
from tests.processes import BASE_PATH
from tests.scripts.conftest import Store

NUMBERS = [f"+120255501{index:02d}" for index in range(3)]
CAMPAIGN = {"phone_numbers": NUMBERS, "max_concurrent_calls": 5, "delay_between_calls": 1}


async def retry(client: Client, task_id: str, body: Any, **headers: str) -> Answer:
    return await client.ask("POST", f"{BASE_PATH}/tasks/{task_id}/retry", json=body, headers=headers)


async def patch(client: Client, task_id: str, body: Any, **headers: str) -> Answer:
    return await client.ask("PATCH", f"{BASE_PATH}/tasks/{task_id}", json=body, headers=headers)


async def busy(client: Client, store: Store) -> str:
    """A campaign of which the first two were busy."""
    task_id = await client.queue("queue-bulk-calls", CAMPAIGN)
    for sid in ("CA1", "CA2"):
        (call,) = store.ledger.admit(50)
        store.ledger.begin(call, sid)
        store.outcome(call, placed(sid, "queued", 60))
        store.callback(call, "busy")
        store.pass_time(2)
    return task_id


async def test_busy_numbers_are_tried_again_and_their_attempts_are_kept(client: Client, store: Store) -> None:
    task_id = await busy(client, store)
    key = {"Idempotency-Key": "again-1"}
    body = {"outcomes": ["busy", "no_answer"]}
    assert (await retry(client, task_id, body, **key)).loaded(TaskRetried)["count"] == 2
    again = await retry(client, task_id, body, **key)
    assert (again.body["count"], again.headers["Idempotent-Replayed"]) == (2, "true")
    refused(await retry(client, task_id, {"outcomes": ["failed"]}, **key), 422)
    rows = (await client.ask("GET", f"{BASE_PATH}/tasks/{task_id}/calls?outcome=waiting")).body["calls"]
    assert [(row["call_id"], len(row["attempts"])) for row in rows] == [
        (f"{task_id}-1", 1),
        (f"{task_id}-2", 1),
        (f"{task_id}-3", 0),
    ]
    assert rows[0]["attempts"][0]["call_status"] == "busy"
    assert (await client.status(task_id)).body["result"]["counts"]["waiting"] == 3


async def test_a_retry_can_wait(client: Client, store: Store) -> None:
    task_id = await busy(client, store)
    assert (await retry(client, task_id, {"outcomes": ["busy"], "delay_seconds": 600})).body["count"] == 2
    rows = (await client.ask("GET", f"{BASE_PATH}/tasks/{task_id}/calls?limit=1")).body["calls"]
    assert rows[0]["next_attempt_at"] is not None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "outcomes"),
        ({"outcomes": []}, "outcomes"),
        ({"outcomes": ["answered"]}, "outcomes.0"),
        ({"outcomes": ["busy"], "delay_seconds": -1}, "delay_seconds"),
        ({"outcomes": ["busy"], "delay_seconds": 1, "schedule_time": "2030-01-01T00:00:00Z"}, "schedule_time"),
        ({"outcomes": ["busy"], "schedule_time": "2020-01-01T00:00:00Z"}, "schedule_time"),
        ({"outcomes": ["busy"], "schedule_time": "soon"}, "schedule_time"),
        ({"outcomes": ["busy"], "schedule_time": "2026-12-01T00:00:00", "timezone": "Mars"}, "timezone"),
        ({"outcomes": ["busy"], "timezone": "Mars"}, "timezone"),
        ({"outcomes": ["busy"], "colour": "red"}, "colour"),
    ],
)
async def test_a_faulty_retry_says_what_is_wrong(client: Client, store: Store, body: Any, field: str) -> None:
    task_id = await busy(client, store)
    assert list(refused(await retry(client, task_id, body), 400)["errors"]) == [field]
    assert store.redis.get(keys.marks(task_id)) == "bbw"


async def test_what_is_cancelled_part_of_a_campaign_or_unknown_is_not_tried_again(client: Client, store: Store) -> None:
    task_id = await busy(client, store)
    body = {"outcomes": ["busy"]}
    refused(await retry(client, f"{task_id}-1", body), 409)
    refused(await retry(client, "no-such-task", body), 404)
    await client.cancel(task_id)
    refused(await retry(client, task_id, body), 409)


async def test_nothing_of_a_task_whose_time_is_over_is_tried_again(client: Client, store: Store) -> None:
    task_id = await busy(client, store)
    store.redis.hset(keys.task(task_id), "expires_ms", 1)
    for outcomes in (["busy"], ["expired"]):
        told = refused(await retry(client, task_id, {"outcomes": outcomes}), 409)["detail"]
        assert told == f"The time of task {task_id} is over (expires_at): what is tried again would expire at once"
    assert store.redis.get(keys.marks(task_id)) == "bbw"


async def test_a_day_counts_numbers_that_are_tried_again(start: Start, store: Store) -> None:
    client = await start(MAX_CALLS_PER_DAY="4")
    task_id = await busy(client, store)
    refused(await retry(client, task_id, {"outcomes": ["busy"]}), 429)


async def test_given_fields_change_null_brings_back_the_default_and_an_etag_counts(
    client: Client, store: Store
) -> None:
    task_id = await client.queue(
        "queue-bulk-calls", {**CAMPAIGN, "name": "a", "call_metadata": {"message": "Hi", "a": {"b": 1, "c": 2}}}
    )
    body = {"name": "b", "external_id": "x", "delay_between_calls": 9, "max_concurrent_calls": 3}
    answer = await patch(client, task_id, {**body, "call_metadata": {"message": "Ho", "a": {"b": None}, "d": 4}})
    assert answer.loaded(TaskState)["task_id"] == task_id
    assert answer.headers["ETag"] == '"1"'
    task = store.task(task_id)
    assert (task["name"], task["external_id"], task["max_live"]) == ("b", "x", "3")
    assert task["delay_us"] == str(campaign_interval_us(9))
    assert json.loads(task["metadata"]) == {"a": {"c": 2}, "message": "Ho", "d": 4}
    nulls = dict.fromkeys(("name", "delay_between_calls", "max_concurrent_calls", "call_metadata"))
    answer = await patch(client, task_id, nulls)
    assert answer.headers["ETag"] == '"2"'
    task = store.task(task_id)
    assert (task["max_live"], task["delay_us"]) == ("10", str(campaign_interval_us(5)))
    assert not {"name", "metadata"} & set(task)


async def test_a_stale_if_match_changes_nothing(client: Client, store: Store) -> None:
    task_id = await client.queue("queue-bulk-calls", CAMPAIGN)
    assert (await patch(client, task_id, {"name": "a"}, **{"If-Match": '"0"'})).status == 200
    for tag in ('"0"', 'W/"1"', "1", '"x"'):
        refused(await patch(client, task_id, {"name": "b"}, **{"If-Match": tag}), 412)
    assert (await patch(client, task_id, {"name": "c"}, **{"If-Match": '"1"'})).status == 200
    assert (await patch(client, task_id, {"name": "d"}, **{"If-Match": "*"})).status == 200
    assert store.task(task_id)["edits"] == "3"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"phone_numbers": NUMBERS}, "phone_numbers"),
        ({"colour": None}, "colour"),
        ({"name": ""}, "name"),
        ({"delay_between_calls": 0}, "delay_between_calls"),
        ({"call_metadata": "x"}, "call_metadata"),
        ({"call_metadata": {"priority": "urgent"}}, "call_metadata.priority"),
        ({"call_metadata": {"a": "x" * 20_000}}, "call_metadata"),
    ],
)
async def test_a_faulty_edit_says_what_is_wrong(client: Client, store: Store, body: Any, field: str) -> None:
    task_id = await client.queue("queue-bulk-calls", CAMPAIGN)
    before = store.task(task_id)
    assert list(refused(await patch(client, task_id, body), 400)["errors"]) == [field]
    assert store.task(task_id) == before


async def test_another_priority_is_another_place_in_line(client: Client, store: Store) -> None:
    first = await client.queue("queue-single-call", {"to_number": NUMBERS[0]})
    second = await client.queue("queue-single-call", {"to_number": NUMBERS[1]})
    answer = await patch(client, second, {"call_metadata": {"priority": "high"}})
    assert answer.status == 200
    assert store.ledger.admit(1) == [second]
    assert list(refused(await patch(client, first, {"max_concurrent_calls": 3}), 400)["errors"]) == [
        "max_concurrent_calls"
    ]


async def test_what_is_over_part_of_a_campaign_or_unknown_is_not_edited(client: Client) -> None:
    task_id = await client.queue("queue-bulk-calls", CAMPAIGN)
    refused(await patch(client, f"{task_id}-1", {"call_metadata": {"a": 1}}), 409)
    refused(await patch(client, "no-such-task", {"name": "a"}), 404)
    await client.cancel(task_id)
    refused(await patch(client, task_id, {"name": "a"}), 409)


@pytest.mark.parametrize(("word", "action"), [("/retry", "retry"), ("", "edit")])
async def test_a_task_is_changed_by_its_own_name_and_admins_and_the_log_tells_who_did(
    start: Start, capsys: Any, word: str, action: str
) -> None:
    client = await start(API_KEYS=API_KEYS, ADMIN_KEYS="root", READ_ONLY_KEYS="auditor")
    task_id = await queued(client, "alice", "queue-bulk-calls", CAMPAIGN)
    method, body = ("POST", {"outcomes": ["busy"]}) if word else ("PATCH", {"name": "x"})
    capsys.readouterr()
    path = f"{BASE_PATH}/tasks/{task_id}{word}"
    names = ("bob", "auditor", "alice", "root")
    statuses = [(await ask(client, name, method, path, body)).status for name in names]
    assert statuses == [404, 403, 200, 200]
    acts = lines(capsys.readouterr().out)
    assert [(act["action"], act["by"]) for act in acts] == [(action, "alice"), (action, "root")]
