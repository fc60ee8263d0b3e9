"""POST /tasks/{id}/pause, /resume and /recipients."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest

from schemas.bodies.campaigns.steering import RecipientsAdded, TaskPaused
from schemas.scripts.outcome import in_doubt, placed
from tests.app.client import Answer, Client
from tests.app.conftest import Start
from tests.app.refusal import refused
from tests.app.test_audit import lines
from tests.app.test_tenants import API_KEYS, ask, queued
from tests.processes import BASE_PATH
from tests.scripts.conftest import Store

NUMBERS = [f"+120255501{index:02d}" for index in range(5)]
CAMPAIGN = {"phone_numbers": NUMBERS[:2], "max_concurrent_calls": 5, "delay_between_calls": 1}


async def verb(client: Client, task_id: str, word: str, body: Any = None, **headers: str) -> Answer:
    return await client.ask("POST", f"{BASE_PATH}/tasks/{task_id}/{word}", json=body, headers=headers)


async def test_a_paused_campaign_dials_nothing_until_it_is_resumed(client: Client, store: Store) -> None:
    task_id = await client.queue("queue-bulk-calls", CAMPAIGN)
    told = (await verb(client, task_id, "pause")).loaded(TaskPaused)
    assert (told["task_id"], told["paused"], told["paused_reason"]) == (task_id, True, None)
    store.pass_time(60)
    assert store.ledger.admit(50) == []
    again = await verb(client, task_id, "pause")
    assert (again.status, again.body["paused"]) == (200, True)
    told = (await verb(client, task_id, "resume")).loaded(TaskPaused)
    assert told["paused"] is False
    assert store.ledger.admit(50) == [f"{task_id}-1"]
    assert (await verb(client, task_id, "resume")).body["message"] == f"Task {task_id} was not paused"


async def test_a_campaign_that_paused_by_itself_says_why(client: Client, store: Store) -> None:
    task_id = await client.queue("queue-bulk-calls", CAMPAIGN)
    store.redis.hset(f"tw:task:{task_id}", mapping={"paused": "1", "paused_reason": "Twilio refused its caller id"})
    told = (await verb(client, task_id, "pause")).body
    assert (told["paused"], told["paused_reason"]) == (True, "Twilio refused its caller id")


async def test_a_single_call_is_paused_too(client: Client, store: Store) -> None:
    task_id = await client.queue("queue-single-call", {"to_number": NUMBERS[0]})
    assert (await verb(client, task_id, "pause")).status == 200
    assert store.ledger.admit(50) == []
    assert "paused" in (await client.status(task_id)).body["message"]
    await verb(client, task_id, "resume")
    assert store.ledger.admit(50) == [task_id]


async def test_a_pause_says_how_many_calls_had_left_before(client: Client, store: Store) -> None:
    task_id = await client.queue("queue-bulk-calls", CAMPAIGN)
    for left in ("1 call goes", "2 calls go"):
        (call,) = store.ledger.admit(50)
        store.ledger.begin(call, "claim")
        store.outcome(call, in_doubt("no answer"))
        told = (await verb(client, task_id, "pause")).body["message"]
        assert told.endswith(f"; {left} on that had left for Twilio already")
        await verb(client, task_id, "resume")
        store.pass_time(5)
    store.outcome(call, placed("CA1", "queued", 60))
    assert "1 call goes on" in (await verb(client, task_id, "pause")).body["message"]


@pytest.mark.parametrize("word", ["pause", "resume", "redeliver"])
async def test_what_a_verb_without_fields_does_not_know_is_refused_and_nothing_is_done(
    client: Client, store: Store, word: str
) -> None:
    task_id = await client.queue("queue-bulk-calls", CAMPAIGN)
    before = store.task(task_id)
    told = refused(await verb(client, task_id, word, {"reason": "lunch"}), 400)
    assert (told["detail"], told["errors"]) == ("Unknown field: reason.", {"reason": ["Unknown field."]})
    assert refused(await verb(client, task_id, word, []), 400)["detail"] == "The body must be a JSON object."
    send = partial(client.send, f"tasks/{task_id}/{word}")
    assert "not valid JSON" in refused(await send(b'{"reason": '), 400)["detail"]
    refused(await send(b"reason=lunch", "application/x-www-form-urlencoded"), 415)
    assert store.task(task_id) == before


@pytest.mark.parametrize("word", ["pause", "resume", "redeliver"])
async def test_null_says_as_little_to_a_verb_without_fields_as_no_body(client: Client, word: str) -> None:
    """As clients of .NET write nothing: PostAsJsonAsync(url, null)."""
    task_id = await client.queue("queue-bulk-calls", CAMPAIGN)
    assert (await client.send(f"tasks/{task_id}/{word}", b"null")).status == 200


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "drain"), ("POST", "undrain"), ("PUT", "do-not-call/+12025550177")]
)
async def test_so_is_what_others_that_take_no_fields_do_not_know(
    client: Client, store: Store, method: str, path: str
) -> None:
    before = sorted(store.redis.keys())
    told = refused(await client.ask(method, f"{BASE_PATH}/{path}", json={"reason": "lunch"}), 400)
    assert told["errors"] == {"reason": ["Unknown field."]}
    assert sorted(store.redis.keys()) == before
    assert (await client.ask(method, f"{BASE_PATH}/{path}", json={})).status == 200


@pytest.mark.parametrize("word", ["pause", "resume", "redeliver"])
async def test_a_body_that_says_nothing_is_none(client: Client, word: str) -> None:
    task_id = await client.queue("queue-bulk-calls", CAMPAIGN)
    path = f"{BASE_PATH}/tasks/{task_id}/{word}"

    async def in_no_parts() -> AsyncIterator[bytes]:
        yield b""

    assert (await client.send(f"tasks/{task_id}/{word}", b"{}")).status == 200
    for media in ("application/json", "application/x-www-form-urlencoded"):
        for nothing in (b"", in_no_parts()):
            assert (await client.ask("POST", path, data=nothing, headers={"Content-Type": media})).status == 200


@pytest.mark.parametrize("word", ["pause", "resume", "recipients"])
async def test_what_is_over_or_part_of_a_campaign_or_unknown_is_not_steered(client: Client, word: str) -> None:
    body = {"phone_numbers": NUMBERS[3:]} if word == "recipients" else None
    task_id = await client.queue("queue-bulk-calls", CAMPAIGN)
    told = refused(await verb(client, f"{task_id}-1", word, body), 409)
    assert task_id in told["detail"]
    refused(await verb(client, f"{task_id}-3", word, body), 404)
    refused(await verb(client, "no-such-task", word, body), 404)
    await client.cancel(task_id)
    assert "is over" in refused(await verb(client, task_id, word, body), 409)["detail"]


async def test_numbers_are_added_once_and_an_idempotency_key_counts(client: Client, store: Store) -> None:
    task_id = await client.queue("queue-bulk-calls", CAMPAIGN)
    body = {"phone_numbers": [NUMBERS[3], NUMBERS[0], NUMBERS[3]]}
    key = {"Idempotency-Key": "add-1"}
    told = (await verb(client, task_id, "recipients", body, **key)).loaded(RecipientsAdded)
    assert (told["added"], told["duplicates_removed"], told["skipped"]) == (2, 1, [])
    again = await verb(client, task_id, "recipients", body, **key)
    assert (again.status, again.headers["Idempotent-Replayed"]) == (200, "true")
    refused(await verb(client, task_id, "recipients", {"phone_numbers": NUMBERS[4:]}, **key), 422)
    counts = (await client.status(task_id)).body["result"]["counts"]
    assert (counts["total"], counts["waiting"]) == (4, 4)
    assert store.task(f"{task_id}")["total"] == "4"


async def test_without_a_key_each_request_adds(client: Client) -> None:
    task_id = await client.queue("queue-bulk-calls", CAMPAIGN)
    body = {"recipients": [{"to_number": NUMBERS[3], "external_id": "crm 3"}]}
    for _ in range(2):
        assert (await verb(client, task_id, "recipients", body)).body["added"] == 1
    assert (await client.status(task_id)).body["result"]["counts"]["total"] == 4
    assert (await client.status(f"{task_id}-4")).body["status"] == "PENDING"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "phone_numbers"),
        ({"phone_numbers": ["x"]}, "phone_numbers.0"),
        ({"recipients": [{"to_number": NUMBERS[0], "colour": "red"}]}, "recipients.0.colour"),
        ({"phone_numbers": NUMBERS, "name": "x"}, "name"),
        ({"phone_numbers": ["+911"]}, "phone_numbers.0"),
    ],
)
async def test_faults_are_told_and_nothing_is_added(client: Client, store: Store, body: Any, field: str) -> None:
    task_id = await client.queue("queue-bulk-calls", CAMPAIGN)
    assert list(refused(await verb(client, task_id, "recipients", body), 400)["errors"]) == [field]
    assert store.task(task_id)["total"] == "2"


async def test_bounds_of_the_day_and_of_a_name_hold_for_numbers_that_are_added(start: Start) -> None:
    client = await start(MAX_CALLS_PER_DAY="3")
    task_id = await client.queue("queue-bulk-calls", CAMPAIGN)
    refused(await verb(client, task_id, "recipients", {"phone_numbers": NUMBERS[3:]}), 429)
    crowded = await start(MAX_WAITING_PER_KEY="3")
    refused(await verb(crowded, task_id, "recipients", {"phone_numbers": NUMBERS[3:]}), 429)


@pytest.mark.parametrize("word", ["pause", "resume", "recipients"])
async def test_a_task_is_steered_by_its_own_name_and_admins_and_the_log_tells_who_did(
    start: Start, capsys: Any, word: str
) -> None:
    client = await start(API_KEYS=API_KEYS, ADMIN_KEYS="root", READ_ONLY_KEYS="auditor")
    task_id = await queued(client, "alice", "queue-bulk-calls", CAMPAIGN)
    body = {"phone_numbers": NUMBERS[3:]} if word == "recipients" else None
    capsys.readouterr()
    names = ("bob", "auditor", "alice", "root")
    path = f"{BASE_PATH}/tasks/{task_id}/{word}"
    statuses = [(await ask(client, name, "POST", path, body)).status for name in names]
    assert statuses == [404, 403, 200, 200]
    acts = lines(capsys.readouterr().out)
    assert [(act["action"], act["by"], act["task_id"]) for act in acts] == [
        (word, "alice", task_id),
        (word, "root", task_id),
    ]
