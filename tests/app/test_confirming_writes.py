"""With REDIS_REPLICAS, a client hears 200 only when replicas have its task."""

from redis import Redis

from schemas import keys
from tests.app.conftest import Start
from tests.app.refusal import refused

BODY = {"to_number": "+1234567890"}


async def test_what_no_replica_has_is_not_accepted_and_leaves_nothing(start: Start, redis: "Redis") -> None:
    client = await start(REDIS_REPLICAS="1")
    answer = await client.post("queue-single-call", BODY, **{"Idempotency-Key": "one"})
    refused(answer, 503)
    assert answer.headers["Retry-After"]
    assert redis.keys(f"{keys.PREFIX}task:*") == redis.keys(f"{keys.PREFIX}idem:*") == []

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
