"""With REDIS_REPLICAS, a client hears 200 only when replicas have what it asked for."""

import asyncio
from typing import Any

import pytest
from redis import Redis

from schemas import keys
from tests.app.conftest import Start
from tests.app.refusal import refused
from tests.processes import BASE_PATH, wait_until
from tests.scripts.conftest import Store

BODY = {"to_number": "+1234567890"}
LISTED, OTHER = "+1234567891", "+1234567892"


async def test_what_no_replica_has_is_not_accepted_and_leaves_nothing(start: Start, redis: "Redis") -> None:
    client = await start(REDIS_REPLICAS="1")
    answer = await client.post("queue-single-call", BODY, **{"Idempotency-Key": "one"})
    refused(answer, 503)
    assert answer.headers["Retry-After"]
    kept = [f"{keys.PREFIX}{kind}:*" for kind in ("task", "idem")]
    await asyncio.to_thread(wait_until, lambda: not any(map(redis.keys, kept)), what="nothing is left")

    alone = await start()
    accepted = await alone.post("queue-single-call", BODY, **{"Idempotency-Key": "one"})
    assert accepted.status == 200
    again = await client.post("queue-single-call", BODY, **{"Idempotency-Key": "one"})
    refused(again, 503)
    assert (await alone.status(accepted.body["task_id"])).status == 200


async def test_what_needs_no_write_is_answered_without_replicas(start: Start) -> None:
    client = await start(REDIS_REPLICAS="1")
    assert (await client.status("no-such-task")).status == 404
    assert (await client.post("queue-single-call", {"to_number": "1"})).status == 400


async def test_a_cancel_that_no_replica_has_is_not_done_but_may_be_repeated(start: Start, redis: "Redis") -> None:
    alone = await start()
    task_id = (await alone.post("queue-single-call", BODY | {"delay_seconds": 600})).body["task_id"]
    client = await start(REDIS_REPLICAS="1")
    for _ in range(2):  # what was written the first time is waited for again
        answer = await client.cancel(task_id)
        refused(answer, 503)
        assert answer.headers["Retry-After"]

    assert redis.hget(keys.task(task_id), "state") == "cancelled"
    assert (await alone.cancel(task_id)).status == 200


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "tasks/{campaign}/pause", None),
        ("POST", "tasks/{campaign}/resume", None),
        ("POST", "tasks/{campaign}/recipients", {"phone_numbers": [OTHER]}),
        ("POST", "tasks/{busy}/retry", {"outcomes": ["busy"], "delay_seconds": 600}),
        ("PATCH", "tasks/{campaign}", {"name": "Spring"}),
        ("POST", "drain", None),
        ("POST", "undrain", None),
        ("PUT", f"do-not-call/{OTHER}", None),
        ("POST", "do-not-call", {"phone_numbers": [OTHER]}),
        ("DELETE", f"do-not-call/{LISTED}?reason=asked", None),
        ("POST", "forget-number", BODY),
        ("POST", "tasks/{busy}/redeliver", None),
        ("DELETE", "tasks/{busy}", None),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_whatever_steers_is_not_done_while_no_replica_has_it(
    start: Start, store: Store, method: str, path: str, body: dict[str, Any] | None
) -> None:
    alone = await start()
    assert (await alone.ask("PUT", f"{BASE_PATH}/do-not-call/{LISTED}")).status == 200
    busy = store.placed()
    store.callback(busy, "busy")
    url = f"{BASE_PATH}/{path}".format(campaign=store.campaign(OTHER), busy=busy)
    client = await start(REDIS_REPLICAS="1")
    for _ in range(2):  # what was written the first time is waited for again
        answer = await client.ask(method, url, **({"json": body} if body else {}))
        refused(answer, 503)
        assert answer.headers["Retry-After"]
        assert "recipients" in path or "may be done all the same" in answer.body["detail"]  # those are taken back


async def test_a_retry_that_no_replica_has_is_told_once_it_is_sent_again_with_its_key(
    start: Start, store: Store
) -> None:
    busy = store.placed()
    store.callback(busy, "busy")
    url, body = f"{BASE_PATH}/tasks/{busy}/retry", {"outcomes": ["busy"], "delay_seconds": 600}
    unconfirmed, alone = await start(REDIS_REPLICAS="1"), await start()
    refused(await unconfirmed.ask("POST", url, json=body, headers={"Idempotency-Key": "one"}), 503)
    again = await alone.ask("POST", url, json=body, headers={"Idempotency-Key": "one"})

    assert (again.status, again.body["count"], again.headers["Idempotent-Replayed"]) == (200, 1, "true")
    assert (await alone.ask("POST", url, json=body)).body["count"] == 0
