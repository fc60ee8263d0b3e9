"""With REDIS_REPLICAS, a client hears 200 only when replicas have its task."""

import asyncio

from redis import Redis

from schemas import keys
from tests.app.conftest import Start
from tests.app.refusal import refused
from tests.processes import wait_until

BODY = {"to_number": "+1234567890"}


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
