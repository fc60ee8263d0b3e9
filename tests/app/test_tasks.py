"""Asking about tasks, and cancelling them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis import Redis

from schemas import keys
from schemas.bodies.responses import TaskCancelled, TaskDeleted
from schemas.bodies.task_state import BulkResult, TaskState
from schemas.campaigns.marks import Mark
from tests.app.client import Answer, Client
from tests.app.refusal import refused

NUMBER = "+1234567890"
NUMBERS = ["+1234567890", "+1234567891", "+1234567892", "+1234567893"]
WEIRD_IDS = [
    ("abc123-def456-ghi789", "abc123-def456-ghi789"),
    ("x" * 5000, "x" * 5000),
    ("%C3%A4%F0%9F%98%80", "ä😀"),
    ("a%2Fb", "a/b"),
    ("%2E%2E%2Fetc", "../etc"),
    ("*", "*"),
    ("%3F", "?"),
    ("%25", "%"),
    ("%0D%0AX-Evil:%201", "\r\nX-Evil: 1"),
    ("%00", "\0"),
    ("%20", " "),
    ("task:x", "task:x"),
    ("%22%3Cscript%3E", '"<script>'),
    ("%7Bid%7D", "{id}"),
]


def state(answer: Answer) -> dict[str, Any]:
    loaded = answer.loaded(TaskState)
    for name in ("created_at", "updated_at"):
        assert answer.body[name].endswith("Z")
    assert loaded["created_at"] <= loaded["updated_at"]
    return dict(answer.body)


def counts(body: dict[str, Any]) -> dict[str, int]:
    """Counts of a campaign, which must add up."""
    found: dict[str, int] = BulkResult().load(body["result"])["counts"]
    assert sum(found.values()) - found["total"] == found["total"]
    return found


@pytest.mark.parametrize(("quoted", "task_id"), WEIRD_IDS, ids=lambda text: ascii(text)[:20])
async def test_an_unknown_id_is_404_with_the_documented_sentence(
    client: Client, redis: "Redis", quoted: str, task_id: str
) -> None:
    await client.queue("queue-single-call", {"to_number": NUMBER})
    assert refused(await client.status(quoted), 404) == {"detail": f"Task {task_id} not found", "code": "not_found"}


@pytest.mark.parametrize(("quoted", "task_id"), WEIRD_IDS, ids=lambda text: ascii(text)[:20])
async def test_an_unknown_id_cannot_be_cancelled(client: Client, redis: "Redis", quoted: str, task_id: str) -> None:
    await client.queue("queue-single-call", {"to_number": NUMBER})
    before = sorted(map(str, redis.keys("tw:task:*")))
    body = refused(await client.cancel(quoted), 404)
    assert body == {"detail": f"Task {task_id} not found or could not be cancelled", "code": "not_found"}
    assert sorted(map(str, redis.keys("tw:task:*"))) == before


@pytest.mark.parametrize(("quoted", "task_id"), WEIRD_IDS, ids=lambda text: ascii(text)[:20])
async def test_an_unknown_id_cannot_be_deleted(client: Client, redis: "Redis", quoted: str, task_id: str) -> None:
    await client.queue("queue-single-call", {"to_number": NUMBER})
    before = sorted(map(str, redis.keys("tw:task:*")))
    assert refused(await client.delete(quoted), 404) == {"detail": f"Task {task_id} not found", "code": "not_found"}
    assert sorted(map(str, redis.keys("tw:task:*"))) == before


@pytest.mark.parametrize("quoted", ["%FF", "%C3", "%ED%A0%80"])
async def test_an_id_that_is_not_utf8_is_404_too(client: Client, quoted: str) -> None:
    refused(await client.status(quoted), 404)
    refused(await client.cancel(quoted), 404)


async def test_a_fresh_call_is_pending(client: Client) -> None:
    answer = await client.post("queue-single-call", {"to_number": NUMBER})
    body = state(await client.status(answer.body["task_id"]))
    assert body == {
        "task_id": answer.body["task_id"],
        "status": "PENDING",
        "progress": 0,
        "message": body["message"],
        "result": {"outcome": "waiting", "waiting_for": "worker"},
        "paused": False,
        "paused_reason": None,
        "error": None,
        "created_at": answer.body["created_at"],
        "updated_at": answer.body["created_at"],
    }


async def test_a_delayed_call_tells_until_when_it_waits(client: Client) -> None:
    answer = await client.post("queue-single-call", {"to_number": NUMBER, "delay_seconds": 600})
    body = state(await client.status(answer.body["task_id"]))
    assert body["status"] == "PENDING"
    assert body["message"].startswith("Waiting: not due before 2")
    assert body["message"].endswith("Z")


async def test_a_waiting_task_tells_why_it_waits(client: Client) -> None:
    call = await client.queue("queue-single-call", {"to_number": NUMBER})
    campaign = await client.queue("queue-bulk-calls", {"phone_numbers": NUMBERS})
    assert state(await client.status(call))["message"] == "Waiting: no worker is alive"
    told = "0 of 4 numbers settled, 0 calls live; waiting: no worker is alive"
    assert state(await client.status(campaign))["message"] == told


async def test_a_status_is_one_question_to_redis_and_reads_only_what_decides(client: Client, redis: "Redis") -> None:
    task_id = await client.queue("queue-single-call", {"to_number": NUMBER})

    async def commands() -> dict[str, int]:
        await client.status(task_id)
        redis.config_resetstat()
        await client.status(task_id)
        stats = redis.info("commandstats")
        return {name.removeprefix("cmdstat_"): of["calls"] for name, of in stats.items() if "|" not in name}

    waiting = await commands()
    assert waiting["evalsha"] == waiting["hgetall"] == 1
    assert "zrank" not in waiting
    await client.cancel(task_id)
    cancelled = await commands()
    assert cancelled["evalsha"] == cancelled["hgetall"] == 1
    assert set(cancelled) - {"lpush"} <= {"evalsha", "hgetall", "time", "config"}  # a wake-up may still be published


async def test_a_fresh_campaign_is_pending_and_all_of_it_waits(client: Client) -> None:
    task_id = await client.queue("queue-bulk-calls", {"phone_numbers": NUMBERS})
    body = state(await client.status(task_id))
    assert (body["status"], body["progress"], body["error"]) == ("PENDING", 0, None)
    assert counts(body) == dict.fromkeys(counts(body), 0) | {"total": 4, "waiting": 4}


@pytest.mark.parametrize("delay", [0, 600])
async def test_a_waiting_call_is_cancelled_as_often_as_asked(client: Client, redis: "Redis", delay: int) -> None:
    task_id = await client.queue("queue-single-call", {"to_number": NUMBER, "delay_seconds": delay})
    answer = await client.cancel(task_id)
    answer.loaded(TaskCancelled)
    expected = {"success": True, "message": f"Task {task_id} cancelled successfully", "task_id": task_id}
    assert answer.body == expected
    body = state(await client.status(task_id))
    assert (body["status"], body["result"], body["error"]) == ("REVOKED", {"outcome": "cancelled"}, None)
    assert (await client.cancel(task_id)).body == expected
    assert redis.zscore(keys.PREFIX + "checks", task_id) is None
    assert list(redis.scan_iter(keys.PREFIX + "line:*")) == []


async def test_a_scheduled_call_is_cancelled(client: Client, redis: "Redis") -> None:
    body = {"to_number": NUMBER, "schedule_time": (datetime.now(UTC) + timedelta(days=9)).isoformat()}
    task_id = await client.queue("schedule-call", body)
    assert state(await client.status(task_id))["status"] == "PENDING"
    assert (await client.cancel(task_id)).status == 200
    assert state(await client.status(task_id))["status"] == "REVOKED"
    assert redis.zcard(keys.PREFIX + "later") == 0


async def test_a_campaign_cancelled_before_its_first_call_adds_up(client: Client, redis: "Redis") -> None:
    task_id = await client.queue("queue-bulk-calls", {"phone_numbers": NUMBERS})
    assert (await client.cancel(task_id)).status == 200
    body = state(await client.status(task_id))
    assert (body["status"], body["progress"]) == ("REVOKED", 100)
    assert counts(body) == dict.fromkeys(counts(body), 0) | {"total": 4, "canceled": 4}
    assert redis.get(keys.marks(task_id)) == Mark.CANCELLED * 4
    assert (await client.cancel(task_id)).status == 200


async def test_a_cancelled_task_is_kept_for_thirty_days_and_a_waiting_one_for_ever(
    client: Client, redis: "Redis"
) -> None:
    task_id = await client.queue("queue-single-call", {"to_number": NUMBER})
    assert redis.ttl(keys.task(task_id)) == -1
    await client.cancel(task_id)
    assert 30 * 86_400 - 60 <= int(str(redis.ttl(keys.task(task_id)))) <= 30 * 86_400


@pytest.mark.parametrize(
    ("endpoint", "body"),
    [("queue-single-call", {"to_number": NUMBER}), ("queue-bulk-calls", {"phone_numbers": NUMBERS})],
)
async def test_a_task_is_deleted_for_good_once_it_has_ended(
    client: Client, redis: "Redis", endpoint: str, body: dict[str, Any]
) -> None:
    task_id = await client.queue(endpoint, body | {"call_metadata": {"message": "A secret"}})
    assert "still going on" in refused(await client.delete(task_id), 409)["detail"]
    assert (await client.status(task_id)).status == 200
    await client.cancel(task_id)
    answer = await client.delete(task_id)

    answer.loaded(TaskDeleted)
    assert answer.body == {"success": True, "message": f"Task {task_id} deleted", "task_id": task_id}
    assert refused(await client.status(task_id), 404) == {"detail": f"Task {task_id} not found", "code": "not_found"}
    assert refused(await client.delete(task_id), 404) == {"detail": f"Task {task_id} not found", "code": "not_found"}
    left = {str(name) for name in redis.scan_iter("*") if task_id in str(name)}
    assert left == {f"tw:forgotten:{task_id}"}  # for a minute


async def test_cancelling_one_task_leaves_the_others_alone(client: Client) -> None:
    first = await client.queue("queue-single-call", {"to_number": NUMBER})
    second = await client.queue("queue-bulk-calls", {"phone_numbers": NUMBERS})
    third = await client.queue("queue-single-call", {"to_number": NUMBER})
    assert (await client.cancel(second)).status == 200
    for task_id in (first, third):
        assert state(await client.status(task_id))["status"] == "PENDING"


@pytest.mark.parametrize(
    "fields", [{"kind": "single"}, {"state": "lost"}, {"kind": "bulk", "total": "x"}, {"metadata": "{"}]
)
async def test_a_damaged_record_is_500_and_tells_nothing_of_the_inside(
    client: Client, redis: "Redis", fields: dict[str, str]
) -> None:
    redis.hset(keys.task("damaged"), items=[item for pair in fields.items() for item in pair])
    refused(await client.status("damaged"), 500)
