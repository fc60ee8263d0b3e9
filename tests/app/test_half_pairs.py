"""JSON may hold half of a surrogate pair, which UTF-8 cannot: wherever it stands, it is no surprise."""

from typing import Any

import pytest
from redis import Redis

from tests.app.client import Client
from tests.app.refusal import invalid
from tests.processes import BASE_PATH

HALF = "\ud800"
NUMBER = "+12025550100"
SENTENCE = "Must hold whole characters: half of a surrogate pair is none."
SPOKEN = {"to_number": NUMBER, "variables": {"name": f"é{HALF}"}}


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("name", {"phone_numbers": [NUMBER], "name": HALF}),
        ("external_id", {"phone_numbers": [NUMBER], "external_id": f"job-{HALF}"}),
        ("recipients.0.external_id", {"recipients": [{"to_number": NUMBER, "external_id": HALF}]}),
    ],
)
async def test_a_name_or_an_id_that_cannot_come_back_as_it_was_is_refused(
    client: Client, redis: "Redis", field: str, body: dict[str, Any]
) -> None:
    assert invalid(await client.post("queue-bulk-calls", body), redis) == {field: [SENTENCE]}


@pytest.mark.parametrize(
    ("endpoint", "body"),
    [
        ("queue-bulk-calls", {"recipients": [SPOKEN, SPOKEN], "call_metadata": {"message": "{{name}}"}}),
        ("queue-single-call", SPOKEN | {"call_metadata": {"message": "{{name}}", HALF: HALF}}),
        ("queue-single-call", {"to_number": NUMBER, "machine": {"on_machine": "leave_message", "message": HALF}}),
        ("queue-single-call", {"to_number": NUMBER, "gather": {"prompt": f"é{HALF}"}}),
    ],
)
async def test_in_what_is_spoken_it_is_silence(public: Client, endpoint: str, body: dict[str, Any]) -> None:
    await public.queue(endpoint, body)


@pytest.mark.parametrize("field", ["name", "external_id"])
async def test_nor_does_an_edit_put_it_there(client: Client, field: str) -> None:
    task_id = await client.queue("queue-bulk-calls", {"phone_numbers": [NUMBER], "start": "paused"})
    answer = await client.ask("PATCH", f"{BASE_PATH}/tasks/{task_id}", json={field: HALF})
    assert (answer.status, answer.body["errors"][field][0]) == (400, SENTENCE)
