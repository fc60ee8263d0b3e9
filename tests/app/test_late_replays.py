"""A request that is sent again gets its first answer again, also when its time is over meanwhile."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.app.client import Client
from tests.app.refusal import refused
from tests.app.test_campaign_windows import ALWAYS

SINGLE: dict[str, Any] = {"to_number": "+12125550100"}
BULK: dict[str, Any] = {"phone_numbers": ["+12125550100", "+12125550101"]}
KEY = {"Idempotency-Key": "order-4711"}


@pytest.mark.parametrize("windows", [{}, {"calling_windows": ALWAYS}])
@pytest.mark.parametrize(
    ("endpoint", "body"),
    [
        ("queue-single-call", SINGLE),
        ("schedule-call", SINGLE),
        ("queue-bulk-calls", BULK),
        ("queue-bulk-calls", BULK | {"invalid_numbers": "skip"}),
    ],
    ids=["single", "scheduled", "bulk", "skipping"],
)
async def test_after_its_end(client: Client, endpoint: str, body: dict[str, Any], windows: dict[str, Any]) -> None:
    ends = datetime.now(UTC) + timedelta(seconds=1.2)
    body = {**body, **windows, "expires_at": ends.isoformat()}
    if endpoint == "schedule-call":
        body["schedule_time"] = (ends - timedelta(seconds=0.1)).isoformat()
    first = await client.post(endpoint, body, **KEY)
    assert first.status == 200, first.text
    await asyncio.sleep((ends - datetime.now(UTC)).total_seconds() + 0.01)
    again = await client.post(endpoint, body, **KEY)
    assert (again.status, again.headers.get("Idempotent-Replayed")) == (200, "true"), again.text
    assert again.body == first.body
    refused(await client.post(endpoint, body), 400)
    refused(await client.post(endpoint, body, **{"Idempotency-Key": "another"}), 400)
    other = {**body, "call_metadata": {"message": "Otherwise."}}
    refused(await client.post(endpoint, other, **KEY), 422)
    if endpoint == "queue-bulk-calls":
        refused(await client.post(endpoint, body | {"dry_run": True}, **KEY), 400)


async def test_after_its_record_was_deleted(client: Client) -> None:
    body = {"phone_numbers": [*BULK["phone_numbers"], "none", BULK["phone_numbers"][0]], "invalid_numbers": "skip"}
    first = await client.post("queue-bulk-calls", body, **KEY)
    assert (first.body["total_calls"], len(first.body["skipped"])) == (2, 1)
    task = first.body["task_id"]
    assert [(await one(task)).status for one in (client.cancel, client.delete, client.status)] == [200, 200, 404]
    again = await client.post("queue-bulk-calls", body, **KEY)
    assert (again.status, again.headers.get("Idempotent-Replayed")) == (200, "true"), again.text
    assert again.body == first.body
