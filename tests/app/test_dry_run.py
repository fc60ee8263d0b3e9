"""`dry_run` tells what would become of a campaign, and writes nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any

from redis import Redis

from schemas.bodies.responses import BulkQueued
from tests.app.client import Client
from tests.app.conftest import Start
from tests.app.refusal import invalid, refused
from tests.app.test_campaign_windows import ALWAYS, in_hours
from tests.app.test_tenants import API_KEYS, ask
from tests.processes import BASE_PATH

BULK = "queue-bulk-calls"
NEW_YORK, KENTUCKY, LONDON = "+12125550100", "+12705550100", "+442079460100"
DAILY = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def written(redis: "Redis") -> dict[Any, Any]:
    return {key: redis.dump(key) for key in redis.keys("*")}


async def tried(client: Client, redis: "Redis", numbers: list[str] | None = None, **fields: Any) -> dict[str, Any]:
    """The answer to a dry run, which must leave everything as it was."""
    body = {"phone_numbers": numbers} if numbers else {}
    before = written(redis)
    answer = await client.post(BULK, {**body, **fields, "dry_run": True})
    answer.loaded(BulkQueued)
    assert written(redis) == before
    assert (answer.body["dry_run"], answer.body["task_id"]) == (True, None)
    told: dict[str, Any] = answer.body
    return told


def seconds_apart(numbers: list[dict[str, Any]]) -> list[float]:
    slots = [datetime.fromisoformat(one["first_slot"]) for one in numbers]
    return [(slot - slots[0]).total_seconds() for slot in slots]


def are_apart(numbers: list[dict[str, Any]], seconds: list[float]) -> bool:
    """Slots are told in whole seconds, and lie a little further apart than asked for."""
    apart = seconds_apart(numbers)
    return all(0 <= round(its) - wanted <= 1 for its, wanted in zip(apart, seconds, strict=True))


async def test_it_tells_zones_and_slots_of_each_number_and_writes_nothing(client: Client, redis: "Redis") -> None:
    told = await tried(client, redis, [NEW_YORK, KENTUCKY, LONDON, NEW_YORK], delay_between_calls=60)
    assert (told["total_calls"], told["duplicates_removed"], told["skipped"]) == (3, 1, [])
    numbers = told["numbers"]
    assert [one["to_number"] for one in numbers] == [NEW_YORK, KENTUCKY, LONDON]
    assert [one["zones"] for one in numbers] == [
        ["America/New_York"],
        ["America/Chicago", "America/New_York"],
        ["Europe/London"],
    ]
    assert [one["source"] for one in numbers] == ["phonenumbers", "area_code", "phonenumbers"]
    assert are_apart(numbers, [0, 60, 120])
    finish, last = (datetime.fromisoformat(text) for text in (told["finish"], numbers[-1]["first_slot"]))
    assert finish - last == timedelta(minutes=1)
    assert (told["fits"], told["warnings"]) == (True, [])


async def test_what_would_be_skipped_is_told_with_why(client: Client, redis: "Redis") -> None:
    await client.ask("PUT", f"{BASE_PATH}/do-not-call/{LONDON.replace('+', '%2B')}")
    told = await tried(client, redis, ["123", LONDON, NEW_YORK], invalid_numbers="skip")
    assert [one["reason"] for one in told["numbers"]] == ["invalid_number", "do_not_call", None]
    assert [one["first_slot"] is None for one in told["numbers"]] == [True, True, False]
    assert [one["reason"] for one in told["skipped"]] == ["invalid_number", "do_not_call"]
    assert told["fits"]


async def test_a_given_timezone_counts_and_is_told_where_it_is_none_of_the_numbers(
    client: Client, redis: "Redis"
) -> None:
    recipients = [
        {"to_number": NEW_YORK, "external_id": "moved", "timezone": "America/Los_Angeles"},
        {"to_number": NEW_YORK, "external_id": "stayed", "timezone": "America/New_York"},
        {"to_number": NEW_YORK},
    ]
    told = (await tried(client, redis, recipients=recipients))["numbers"]
    assert [(one["external_id"], one["zone_disagrees"]) for one in told] == [
        ("moved", True),
        ("stayed", False),
        (None, False),
    ]
    assert [(one["zones"], one["source"]) for one in told] == [
        (["America/Los_Angeles"], "given"),
        (["America/New_York"], "given"),
        (["America/New_York"], "phonenumbers"),
    ]
    windows = {**ALWAYS, "timezone": "Asia/Tokyo"}
    (told,) = (await tried(client, redis, [NEW_YORK], calling_windows=windows))["numbers"]
    assert told["zone_disagrees"]


async def test_numbers_whose_windows_are_closed_are_passed_over_until_they_open(client: Client, redis: "Redis") -> None:
    day = (datetime.now(UTC) + timedelta(days=2)).date()
    windows = {"windows": [{"days": DAILY, "start": "09:00", "end": "10:00"}]}
    numbers = ["+12135550100", LONDON, NEW_YORK, "+12135550101", "+12135550102"]
    told = await tried(
        client,
        redis,
        numbers,
        calling_windows=windows,
        schedule_time=f"{day}T00:00:00Z",
        delay_between_calls=300,
    )
    slots = {one["to_number"]: datetime.fromisoformat(one["first_slot"]) for one in told["numbers"]}
    assert sorted(slots, key=lambda number: slots[number]) == [LONDON, NEW_YORK, *numbers[:1], *numbers[3:]]
    assert slots[LONDON].hour in {8, 9}
    assert (slots[numbers[3]] - slots[numbers[0]]).total_seconds() >= 300


async def test_what_a_window_has_no_room_for_goes_in_the_next(client: Client, redis: "Redis") -> None:
    start = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) + timedelta(days=1)
    windows = {"timezone": "UTC", "windows": [{"days": DAILY, "start": "12:00", "end": "12:10"}]}
    told = await tried(
        client,
        redis,
        [f"+1212555010{digit}" for digit in range(5)],
        calling_windows=windows,
        schedule_time=start.isoformat(),
        delay_between_calls=240,
    )
    assert are_apart(told["numbers"], [0, 240, 480, 86_400, 86_640])


async def test_it_does_not_fit_if_numbers_would_expire_first(client: Client, redis: "Redis") -> None:
    expires = in_hours(0.1)
    told = await tried(client, redis, [NEW_YORK, KENTUCKY, LONDON], delay_between_calls=300, expires_at=expires)
    assert [one["reason"] for one in told["numbers"]] == [None, None, "expired"]
    assert not told["fits"]
    assert any("before expires_at" in warning for warning in told["warnings"])


async def test_it_does_not_fit_into_a_day_or_a_queue_that_has_no_room(start: Start, redis: "Redis") -> None:
    client = await start(MAX_CALLS_PER_DAY="3", MAX_WAITING_PER_KEY="2")
    assert (await tried(client, redis, [NEW_YORK, LONDON]))["fits"]
    crowded = await tried(client, redis, [NEW_YORK, LONDON, KENTUCKY])
    assert not crowded["fits"]
    assert any("MAX_WAITING_PER_KEY" in warning for warning in crowded["warnings"])
    client = await start(MAX_CALLS_PER_DAY="1")
    full = await tried(client, redis, [NEW_YORK, LONDON])
    assert not full["fits"]
    assert any("MAX_CALLS_PER_DAY" in warning for warning in full["warnings"])


async def test_what_the_acceptance_refuses_the_dry_run_refuses(client: Client, redis: "Redis") -> None:
    for fields in (
        {"phone_numbers": ["123"]},
        {"phone_numbers": [NEW_YORK], "schedule_time": "2020-01-01T00:00:00Z"},
        {"phone_numbers": ["+1987654321"], "calling_windows": ALWAYS},
        {"phone_numbers": [NEW_YORK], "dry_run": "yes"},
    ):
        invalid(await client.post(BULK, {"dry_run": True, **fields}), redis)


async def test_an_idempotency_key_is_not_used_up(client: Client) -> None:
    body, key = {"phone_numbers": [NEW_YORK]}, {"Idempotency-Key": "once"}
    assert (await client.post(BULK, {**body, "dry_run": True}, **key)).status == 200
    first = await client.post(BULK, body, **key)
    assert (first.status, first.body["warnings"]) == (200, [])
    assert "Idempotent-Replayed" not in first.headers


async def test_who_may_only_read_may_try_and_not_queue(start: Start, redis: "Redis") -> None:
    client = await start(API_KEYS=API_KEYS, ADMIN_KEYS="root", READ_ONLY_KEYS="auditor")
    body, path = {"phone_numbers": [NEW_YORK]}, f"{BASE_PATH}/{BULK}"
    assert (await ask(client, "auditor", "POST", path, {**body, "dry_run": True})).body["fits"]
    for said in ({}, {"dry_run": False}, {"dry_run": None}):
        refused(await ask(client, "auditor", "POST", path, {**body, **said}), 403, redis)
