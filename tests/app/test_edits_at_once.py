"""PATCH /tasks/{id} by several at once."""

import asyncio
import json
from collections import Counter

import pytest

from app.endpoints.campaigns import editing
from tests.app.client import Client
from tests.app.refusal import refused
from tests.app.test_retrying import CAMPAIGN, patch
from tests.scripts.conftest import Store


async def test_of_edits_that_come_together_each_is_made(client: Client, store: Store) -> None:
    task_id = await client.queue("queue-bulk-calls", CAMPAIGN)
    asked = (patch(client, task_id, {"call_metadata": {f"key {number}": number}}) for number in range(30))
    answers = await asyncio.gather(*asked)
    assert {answer.status for answer in answers} == {200}
    assert {answer.headers["ETag"] for answer in answers} == {f'"{number}"' for number in range(1, 31)}
    assert len(json.loads(store.task(task_id)["metadata"])) == 30


async def test_of_those_that_saw_the_same_one_is_made(client: Client, store: Store) -> None:
    task_id = await client.queue("queue-bulk-calls", CAMPAIGN)
    asked = (patch(client, task_id, {"name": f"{number}"}, **{"If-Match": '"0"'}) for number in range(10))
    assert Counter(answer.status for answer in await asyncio.gather(*asked)) == {200: 1, 412: 9}
    assert store.task(task_id)["edits"] == "1"


async def test_who_is_always_overtaken_is_told_to_come_again(
    client: Client, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    task_id = await client.queue("queue-bulk-calls", CAMPAIGN)
    monkeypatch.setattr(editing, "_PATIENCE_SECONDS", 0.0)
    answer = await patch(client, task_id, {"name": "late"})
    assert refused(answer, 429)["detail"] == "This task is edited too often."
    assert answer.headers["Retry-After"] == "1"
    assert "name" not in store.task(task_id)


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ('"0"', 200),
        ("*", 200),
        ('"7", "0"', 200),
        ('"a b", "0"', 412),
        ('"others",W/"0" , "0"', 200),
        ('W/"0"', 412),
        ('"00"', 412),
        ('"1"', 412),
        ("0", 412),
        ("", 412),
    ],
)
async def test_an_edit_is_made_if_one_of_those_that_its_client_saw_is_the_last(
    client: Client, given: str, status: int
) -> None:
    task_id = await client.queue("queue-bulk-calls", CAMPAIGN)
    assert (await patch(client, task_id, {"name": "x"}, **{"If-Match": given})).status == status
