"""What is accepted, and what the client reads then."""

import json
import math
import re
from datetime import UTC, datetime, timedelta

import pytest
from redis import Redis

from schemas import keys
from schemas.bodies.responses import BulkQueued, CallQueued
from tests.app import documented
from tests.app.client import Client
from tests.app.conftest import Start
from tests.processes import FROM_NUMBER

NUMBER = "+1234567890"
UTC_SECOND = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def in_hours(hours: float) -> str:
    return (datetime.now(UTC) + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize("body", [documented.SINGLE, documented.SINGLE_MANUAL_CURL])
async def test_the_documents_single_bodies_are_accepted_verbatim(client: Client, body: str) -> None:
    answer = await client.send("queue-single-call", body.encode())
    loaded = answer.loaded(CallQueued)
    assert loaded["success"] is True
    assert loaded["message"] == "Call to +1234567890 queued successfully"
    assert loaded["estimated_completion"] - loaded["created_at"] == timedelta(seconds=70)


@pytest.mark.parametrize(
    ("body", "total", "minutes"),
    [(documented.BULK, 4, 2), (documented.BULK_CURL, 2, 1), (documented.BULK_MANUAL_CURL, 2, 1)],
)
async def test_the_documents_bulk_bodies_are_accepted_verbatim(
    client: Client, body: str, total: int, minutes: int
) -> None:
    loaded = (await client.send("queue-bulk-calls", body.encode())).loaded(BulkQueued)
    assert loaded["success"] is True
    assert loaded["message"] == f"Bulk call campaign for {total} numbers queued successfully"
    figures = loaded["total_calls"], loaded["duplicates_removed"], loaded["estimated_duration_minutes"]
    assert figures == (total, 0, minutes)


@pytest.mark.parametrize("body", [documented.SCHEDULE, documented.SCHEDULE_CURL])
async def test_the_documents_schedule_bodies_are_accepted_once_their_time_lies_ahead(client: Client, body: str) -> None:
    due = in_hours(24)
    answer = await client.send("schedule-call", body.replace(documented.SCHEDULE_TIME, due).encode())
    loaded = answer.loaded(CallQueued)
    assert loaded["message"] == f"Call to +1234567890 scheduled for {due}"
    assert answer.body["estimated_completion"] == due


@pytest.mark.parametrize("body", [documented.SCHEDULE, documented.SCHEDULE_CURL])
async def test_nothing_but_its_past_time_is_wrong_with_the_documents_schedule_body(client: Client, body: str) -> None:
    answer = await client.send("schedule-call", body.encode())
    assert answer.status == 400
    assert list(answer.body["errors"]) == ["schedule_time"]


@pytest.mark.parametrize(
    ("endpoint", "body"),
    [
        ("queue-single-call", {"to_number": NUMBER}),
        ("queue-bulk-calls", {"phone_numbers": [NUMBER]}),
        ("schedule-call", {"to_number": NUMBER, "schedule_time": in_hours(1)}),
    ],
)
async def test_times_are_utc_seconds_that_end_in_z(client: Client, endpoint: str, body: object) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    answer = await client.post(endpoint, body)
    assert UTC_SECOND.fullmatch(answer.body["created_at"])
    assert before <= datetime.fromisoformat(answer.body["created_at"]) <= datetime.now(UTC)
    if "estimated_completion" in answer.body:
        assert UTC_SECOND.fullmatch(answer.body["estimated_completion"])


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8", "APPLICATION/JSON"])
async def test_json_may_be_declared_in_its_usual_forms(client: Client, content_type: str) -> None:
    answer = await client.send("queue-single-call", documented.SINGLE.encode(), content_type)
    assert answer.status == 200


@pytest.mark.parametrize("delay", [0, 1, 10, 3600])
async def test_the_estimate_of_a_call_is_created_plus_delay_plus_a_minute(client: Client, delay: int) -> None:
    loaded = (await client.post("queue-single-call", {"to_number": NUMBER, "delay_seconds": delay})).loaded(CallQueued)
    assert loaded["estimated_completion"] - loaded["created_at"] == timedelta(seconds=delay + 60)


async def test_a_whole_number_may_be_written_with_a_point_as_json_schema_allows(client: Client) -> None:
    loaded = (await client.post("queue-single-call", {"to_number": NUMBER, "delay_seconds": 10.0})).loaded(CallQueued)
    assert loaded["estimated_completion"] - loaded["created_at"] == timedelta(seconds=70)


async def test_without_a_delay_the_call_is_due_at_once(client: Client) -> None:
    loaded = (await client.post("queue-single-call", {"to_number": NUMBER})).loaded(CallQueued)
    assert loaded["estimated_completion"] - loaded["created_at"] == timedelta(seconds=60)


async def test_the_estimate_moves_out_when_the_queue_ahead_does(client: Client) -> None:
    """Single calls leave every two seconds, so the eleventh starts twenty seconds from now."""
    answers = [(await client.post("queue-single-call", {"to_number": NUMBER})).loaded(CallQueued) for _ in range(11)]
    estimates = [answer["estimated_completion"] for answer in answers]
    assert estimates == sorted(set(estimates))
    ahead = estimates[-1] - answers[-1]["created_at"] - timedelta(seconds=60)
    assert timedelta(seconds=19) <= ahead <= timedelta(seconds=22)


async def test_a_delay_longer_than_the_queue_ahead_alone_counts(client: Client) -> None:
    for _ in range(5):
        await client.queue("queue-single-call", {"to_number": NUMBER})
    loaded = (await client.post("queue-single-call", {"to_number": NUMBER, "delay_seconds": 600})).loaded(CallQueued)
    assert loaded["estimated_completion"] - loaded["created_at"] == timedelta(seconds=660)


async def test_repeated_numbers_are_dialled_once_in_the_order_given(client: Client, redis: "Redis") -> None:
    numbers = ["+1234567892", "+1234567890", "+1234567892", "+1234567891", "+1234567890", "+1234567892"]
    answer = await client.post("queue-bulk-calls", {"phone_numbers": numbers})
    loaded = answer.loaded(BulkQueued)
    assert (loaded["total_calls"], loaded["duplicates_removed"]) == (3, 3)
    assert loaded["message"] == "Bulk call campaign for 3 numbers queued successfully"
    held = [f"+{row!s}" for row in redis.lrange(keys.rows(loaded["task_id"]), 0, -1)]
    assert held == ["+1234567892", "+1234567890", "+1234567891"]


@pytest.mark.parametrize(
    ("count", "delay", "minutes"),
    [(1, 1, 1), (1, 300, 5), (12, 5, 1), (13, 5, 2), (60, 1, 1), (61, 1, 2), (1000, 300, 5000)],
)
async def test_the_duration_of_a_campaign_is_rounded_up_to_minutes(
    client: Client, count: int, delay: int, minutes: int
) -> None:
    numbers = [f"+1234{number:06}" for number in range(count)]
    body = {"phone_numbers": numbers, "delay_between_calls": delay}
    loaded = (await client.post("queue-bulk-calls", body)).loaded(BulkQueued)
    assert loaded["estimated_duration_minutes"] == minutes == max(1, math.ceil(count * delay / 60))
    assert loaded["total_calls"] == count


async def test_the_defaults_of_a_campaign_are_five_seconds_and_ten_calls(client: Client, redis: "Redis") -> None:
    task_id = await client.queue("queue-bulk-calls", {"phone_numbers": [NUMBER]})
    assert redis.hmget(keys.task(task_id), "delay_us", "max_live") == ["5020000", "10"]


@pytest.mark.parametrize(
    ("time", "zone", "due"),
    [
        ("01-15T14:00:00+05:30", "America/New_York", "01-15T08:30:00Z"),
        ("01-15T14:00:00Z", "Asia/Kolkata", "01-15T14:00:00Z"),
        ("01-15T14:00:00", "Asia/Kolkata", "01-15T08:30:00Z"),
        ("01-15T14:00:00", None, "01-15T19:00:00Z"),
    ],
)
async def test_an_offset_wins_then_the_zone_then_new_york(
    client: Client, time: str, zone: str | None, due: str
) -> None:
    now = datetime.now(UTC)
    year = now.year if (now.month, now.day) < (1, 14) else now.year + 1
    body = {"to_number": NUMBER, "schedule_time": f"{year}-{time}"} | ({"timezone": zone} if zone else {})
    answer = await client.post("schedule-call", body)
    assert answer.loaded(CallQueued)["message"] == f"Call to +1234567890 scheduled for {year}-{due}"
    assert answer.body["estimated_completion"] == f"{year}-{due}"


async def test_a_time_within_the_year_is_accepted(client: Client) -> None:
    answer = await client.post("schedule-call", {"to_number": NUMBER, "schedule_time": in_hours(365 * 24 - 0.1)})
    assert answer.status == 200


async def test_without_a_caller_the_accounts_own_number_calls(client: Client, redis: "Redis") -> None:
    own = await client.queue("queue-single-call", {"to_number": NUMBER})
    given = await client.queue("queue-single-call", {"to_number": NUMBER, "from_number": "+1987654321"})
    assert redis.hget(keys.task(own), "from") == FROM_NUMBER
    assert redis.hget(keys.task(given), "from") == "+1987654321"


async def test_every_task_has_its_own_id(client: Client) -> None:
    ids = [await client.queue("queue-single-call", {"to_number": NUMBER}) for _ in range(5)]
    assert len(set(ids)) == 5


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0"])
async def test_records_live_where_redis_url_says(
    start: Start, redis: "Redis", url: str, variables: dict[str, str]
) -> None:
    """The broker is out of reach here; a call is accepted all the same, for its record is what counts."""
    client = await start(CELERY_BROKER_URL=url, REDIS_URL=variables["CELERY_BROKER_URL"])
    task_id = await client.queue("queue-single-call", {"to_number": NUMBER})
    assert redis.exists(keys.task(task_id)) == 1


async def test_metadata_are_kept_as_they_were_given(client: Client, redis: "Redis") -> None:
    metadata = {"message": "Grüße 😀 \ud800", "custom_data": {"n": [1, 2.5, None, True, "\0"]}}
    task_id = await client.queue("queue-single-call", {"to_number": NUMBER, "call_metadata": metadata})
    assert json.loads(str(redis.hget(keys.task(task_id), "metadata"))) == metadata
