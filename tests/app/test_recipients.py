"""Campaigns of recipients: with ids of the client's own, and names; numbers alone as ever."""

from typing import Any

import pytest
from redis import Redis

from schemas import keys
from schemas.bodies.responses import BulkQueued
from schemas.campaigns.rows import Row
from schemas.e164 import E164_SENTENCE
from tests.app.client import Client
from tests.app.conftest import Start
from tests.app.refusal import refused
from tests.app.test_tenants import API_KEYS, ask, queued
from tests.processes import BASE_PATH
from tests.scripts.conftest import Store

NUMBERS = ["+12025550100", "+12025550101", "+12025550102"]
ENDPOINT = "queue-bulk-calls"


def rows(redis: "Redis", task_id: str) -> list[Row]:
    return [Row.unpack(str(row)) for row in redis.lrange(keys.rows(task_id), 0, -1)]


async def test_recipients_are_dialled_in_their_order_and_repeated_by_number_and_id(
    client: Client, redis: "Redis"
) -> None:
    given = [(NUMBERS[1], "a"), (NUMBERS[0], None), (NUMBERS[1], "b"), (NUMBERS[1], "a"), (NUMBERS[0], None)]
    recipients = [{"to_number": number, "external_id": its} for number, its in given]
    answer = await client.post(ENDPOINT, {"recipients": recipients, "name": "Spring", "external_id": "job 7"})
    told = answer.loaded(BulkQueued)
    assert (told["total_calls"], told["duplicates_removed"]) == (3, 2)
    assert rows(redis, told["task_id"]) == [Row(*pair) for pair in given[:3]]
    task = redis.hgetall(keys.task(told["task_id"]))
    assert (task["name"], task["external_id"]) == ("Spring", "job 7")


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"phone_numbers": ["This field is required, unless there are recipients."]}),
        (
            {"phone_numbers": NUMBERS, "recipients": [{"to_number": NUMBERS[0]}]},
            {"recipients": ["Must not be given beside phone_numbers."]},
        ),
        ({"recipients": []}, {"recipients": ["Must hold 1 to 1000 recipients."]}),
        ({"recipients": [{}] * 1001}, {"recipients": ["Must hold 1 to 1000 recipients."]}),
        ({"recipients": NUMBERS[0]}, {"recipients": ["Must be a list of recipients."]}),
        ({"recipients": [NUMBERS[0]]}, {"recipients.0": ["Must be an object with to_number."]}),
        ({"recipients": [{"to_number": "x"}]}, {"recipients.0.to_number": [E164_SENTENCE]}),
        (
            {"recipients": [{"to_number": NUMBERS[0]}, {"external_id": "", "colour": 1}]},
            {
                "recipients.1.to_number": ["This field is required."],
                "recipients.1.external_id": ["Must be 1 to 200 characters long."],
                "recipients.1.colour": ["Unknown field."],
            },
        ),
        ({"phone_numbers": NUMBERS, "name": "x" * 201}, {"name": ["Must be 1 to 200 characters long."]}),
        ({"phone_numbers": NUMBERS, "start": "later"}, {"start": ["Must be now or paused."]}),
    ],
)
async def test_a_refusal_says_what_is_wrong_and_where(
    client: Client, redis: "Redis", body: dict[str, Any], errors: dict[str, list[str]]
) -> None:
    told = refused(await client.post(ENDPOINT, body), 400)["errors"]
    assert {field: sentences[:1] for field, sentences in told.items()} == errors
    assert redis.dbsize() == 0


async def test_rules_about_numbers_hold_for_recipients_too(start: Start) -> None:
    client = await start(ALLOWED_PREFIXES="+44")
    answer = await client.post(ENDPOINT, {"recipients": [{"to_number": "+442071838750"}, {"to_number": NUMBERS[0]}]})
    assert list(refused(answer, 400)["errors"]) == ["recipients.1.to_number"]


async def test_one_that_starts_paused_dials_nothing(client: Client, store: Store) -> None:
    task_id = await client.queue(ENDPOINT, {"phone_numbers": NUMBERS, "start": "paused"})
    store.pass_time(10)
    assert store.ledger.admit(50) == []
    store.ledger.pulse("worker")
    store.ledger.clock("beat")
    assert "paused" in (await client.status(task_id)).body["message"]


async def test_a_call_that_never_began_has_a_status_and_can_be_cancelled(client: Client, store: Store) -> None:
    task_id = await client.queue(ENDPOINT, {"phone_numbers": NUMBERS})
    told = (await client.status(f"{task_id}-2")).body
    assert (told["task_id"], told["status"], told["result"]["outcome"]) == (f"{task_id}-2", "PENDING", "waiting")
    assert (await client.cancel(f"{task_id}-2")).status == 200
    told = (await client.status(f"{task_id}-2")).body
    assert (told["status"], told["result"]) == ("REVOKED", {"outcome": "cancelled"})
    refused(await client.status(f"{task_id}-4"), 404)
    refused(await client.cancel(f"{task_id}-4"), 404)
    assert (await client.status(task_id)).body["result"]["counts"]["canceled"] == 1


async def test_of_a_row_of_another_names_campaign_is_told_what_is_told_of_none(start: Start) -> None:
    client = await start(API_KEYS=API_KEYS, ADMIN_KEYS="root")
    task_id = await queued(client, "alice", ENDPOINT, {"phone_numbers": NUMBERS})
    for name, status in (("bob", 404), ("alice", 200), ("root", 200)):
        for method, verb in (("GET", "task-status"), ("DELETE", "cancel-task")):
            answer = await ask(client, name, method, f"{BASE_PATH}/{verb}/{task_id}-2")
            assert answer.status == status
