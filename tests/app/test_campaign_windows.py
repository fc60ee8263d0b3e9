"""Campaigns say when they begin, when their numbers may be called, and when they end."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from redis import Redis

from schemas import keys
from schemas.hours.plan import Policy
from schemas.hours.setting import read_windows
from tests.app.client import Client
from tests.app.conftest import Start
from tests.app.refusal import invalid
from tests.processes import BASE_PATH
from tests.scripts.conftest import Store
from worker.calls.planning import plan_closed

ALWAYS = {"windows": [{"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "start": "00:00", "end": "24:00"}]}
NUMBERS = ["+12125550100", "+12135550100"]


def in_hours(hours: float) -> str:
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat()


def sweep(store: Store, policy: Policy) -> None:
    while plan_closed(store.ledger, policy) or store.ledger.step():
        pass


async def bulk(client: Client, **fields: Any) -> str:
    body = fields if "recipients" in fields else {"phone_numbers": NUMBERS, **fields}
    answer = await client.post("queue-bulk-calls", {"delay_between_calls": 1, **body})
    assert answer.status == 200, answer.body
    return str(answer.body["task_id"])


async def refused(client: Client, redis: "Redis", **fields: Any) -> dict[str, list[str]]:
    body = fields if "recipients" in fields else {"phone_numbers": NUMBERS, **fields}
    return invalid(await client.post("queue-bulk-calls", body), redis)


async def test_a_campaign_with_open_windows_goes_when_its_zones_are_known(client: Client, store: Store) -> None:
    name = await bulk(client, calling_windows=ALWAYS)
    assert store.ledger.admit(50) == []
    sweep(store, Policy())
    assert store.ledger.admit(50) == [f"{name}-1"]


async def test_outside_its_windows_it_says_when_they_open(client: Client, store: Store) -> None:
    today = datetime.now(UTC)
    off = [(today + timedelta(days=days)).date().isoformat() for days in (-1, 0, 1)]
    name = await bulk(client, calling_windows={**ALWAYS, "days_off": off})
    assert (await client.status(name)).body["message"].endswith("when they open next is being worked out")
    sweep(store, Policy())
    assert "outside its calling windows, which open at " in (await client.status(name)).body["message"]
    assert store.ledger.admit(50) == []


async def test_a_campaign_begins_at_its_time(client: Client, store: Store) -> None:
    name = await bulk(client, schedule_time=in_hours(1))
    assert store.ledger.admit(50) == []
    assert "not due before" in (await client.status(name)).body["message"]
    store.pass_time(3600)
    assert store.ledger.admit(50) == [f"{name}-1"]


async def test_a_time_of_day_is_read_in_its_zone(client: Client, store: Store) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date()
    name = await bulk(client, schedule_time=f"{tomorrow}T12:00:00", timezone="Asia/Kolkata")
    due = datetime.fromtimestamp(int(store.task(name)["due_ms"]) / 1000, UTC)
    assert due.isoformat() == f"{tomorrow}T06:30:00+00:00"


async def test_a_campaign_that_expires_before_anything_began_is_revoked(client: Client, store: Store) -> None:
    name = await bulk(client, schedule_time=in_hours(1), expires_at=in_hours(2))
    store.pass_time(7200)
    sweep(store, Policy())
    status = (await client.status(name)).body
    assert status["status"] == "REVOKED"
    assert status["result"]["counts"]["canceled"] == 2
    happened = (await client.ask("GET", f"{BASE_PATH}/tasks/{name}/events")).body["events"]
    assert [one["fields"]["TaskStatus"] for one in happened if one["kind"] == "campaign"] == ["REVOKED"]
    listed = (await client.ask("GET", f"{BASE_PATH}/tasks?status=REVOKED")).body["tasks"]
    assert [task["task_id"] for task in listed] == [name]


async def test_each_recipient_has_a_zone_and_an_end_of_its_own(client: Client, store: Store) -> None:
    recipients = [
        {"to_number": "+1987654321", "timezone": "Asia/Tokyo", "expires_at": in_hours(1)},
        {"to_number": "+12125550100"},
    ]
    name = await bulk(client, recipients=recipients, calling_windows=ALWAYS, schedule_time=in_hours(0.5))
    sweep(store, Policy())
    store.pass_time(3600)
    sweep(store, Policy())
    assert (await client.status(f"{name}-1")).body["result"]["outcome"] == "expired"
    assert store.ledger.admit(50) == [f"{name}-2"]


async def test_each_row_tells_what_it_waits_for_itself(client: Client, store: Store) -> None:
    hour = datetime.now(UTC).hour
    window = {**ALWAYS["windows"][0], "start": f"{hour:02d}:00", "end": f"{(hour + 2) % 24:02d}:00"}
    recipients = [
        {"to_number": "+12125550100", "timezone": "UTC"},
        {"to_number": "+12125550101", "timezone": "Asia/Tokyo"},
        {"to_number": "+12125550102", "timezone": "UTC"},
    ]
    name = await bulk(client, recipients=recipients, calling_windows={"timezone": "recipient", "windows": [window]})
    sweep(store, Policy())
    (call,) = store.ledger.admit(1)
    store.ledger.put_back(call)
    capped_ms = store.now_ms() + 3_600_000
    store.redis.hset(keys.task(call), "capped_ms", capped_ms)
    store.redis.zadd(f"{keys.PREFIX}again:{name}", {call: capped_ms})
    rows = (await client.ask("GET", f"{BASE_PATH}/tasks/{name}/calls")).body["calls"]
    assert [row["waiting_for"] for row in rows] == ["cap", "window", rows[2]["waiting_for"]]
    assert rows[2]["waiting_for"] not in {"cap", "window"}
    opens = datetime.fromisoformat(rows[1]["next_attempt_at"])
    assert opens.astimezone(ZoneInfo("Asia/Tokyo")).strftime("%H:%M") == f"{hour:02d}:00"
    found = (await client.ask("GET", f"{BASE_PATH}/tasks/{name}/calls?waiting_for=window")).body["calls"]
    assert [row["call_id"] for row in found] == [f"{name}-2"]


async def test_the_operators_windows_count_for_campaigns_too(start: Start, store: Store) -> None:
    policy = Policy(read_windows("mon-sun 00:00-24:00"))
    client = await start(CALLING_WINDOWS="mon-sun 00:00-24:00")
    name = await bulk(client)
    assert store.ledger.admit(50) == []
    sweep(store, policy)
    assert store.ledger.admit(50) == [f"{name}-1"]


async def test_numbers_that_could_never_be_called_are_named(client: Client, redis: "Redis") -> None:
    errors = await refused(client, redis, phone_numbers=["+12125550100", "+1987654321"], calling_windows=ALWAYS)
    assert list(errors) == ["phone_numbers.1"]
    assert errors["phone_numbers.1"][0].startswith("no_zone: ")
    narrow = {"windows": [{**ALWAYS["windows"][0], "start": "09:00", "end": "12:00"}]}
    recipients = [{"to_number": "+18005550100"}, {"to_number": "+12125550100"}]
    errors = await refused(client, redis, recipients=recipients, calling_windows=narrow)
    assert list(errors) == ["recipients.0.to_number"]
    assert errors["recipients.0.to_number"][0].startswith("no_common_hour: ")


@pytest.mark.parametrize(
    ("recipient", "path"),
    [
        ({"timezone": "Mars/Olympus"}, "recipients.0.timezone"),
        ({"timezone": "recipient"}, "recipients.0.timezone"),
        ({"expires_at": "tomorrow"}, "recipients.0.expires_at"),
    ],
)
async def test_what_is_no_zone_or_end_is_refused(
    client: Client, redis: "Redis", recipient: dict[str, Any], path: str
) -> None:
    errors = await refused(client, redis, recipients=[{"to_number": "+12125550100", **recipient}])
    assert list(errors) == [path]


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"schedule_time": "2020-01-01T00:00:00Z"}, "schedule_time"),
        ({"schedule_time": "tomorrow"}, "schedule_time"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"calling_windows": {"windows": []}}, "calling_windows.windows"),
    ],
)
async def test_what_is_no_time_is_refused(client: Client, redis: "Redis", fields: dict[str, Any], path: str) -> None:
    assert list(await refused(client, redis, **fields)) == [path]


async def test_numbers_that_could_never_be_called_are_skipped_if_that_is_wanted(client: Client, store: Store) -> None:
    narrow = {"windows": [{**ALWAYS["windows"][0], "start": "09:00", "end": "12:00"}]}
    numbers = ["+18005550100", "+12125550100", "+1987654321"]
    body = {"phone_numbers": numbers, "calling_windows": narrow, "invalid_numbers": "skip"}
    answer = await client.post("queue-bulk-calls", body)
    assert answer.body["total_calls"] == 1
    assert [(one["index"], one["reason"]) for one in answer.body["skipped"]] == [(0, "no_common_hour"), (2, "no_zone")]


async def test_windows_and_end_can_be_edited_and_are_planned_anew(client: Client, store: Store) -> None:
    today = datetime.now(UTC)
    off = [(today + timedelta(days=days)).date().isoformat() for days in (-1, 0, 1)]
    name = await bulk(client, calling_windows={**ALWAYS, "days_off": off})
    single = {"to_number": "+12125550100", "calling_windows": {**ALWAYS, "days_off": off}}
    call = (await client.post("queue-single-call", single)).body["task_id"]
    sweep(store, Policy())
    assert store.ledger.admit(50) == []
    for task in (name, call):
        answer = await client.ask("PATCH", f"{BASE_PATH}/tasks/{task}", json={"calling_windows": ALWAYS})
        assert answer.status == 200, answer.body
    sweep(store, Policy())
    assert sorted(store.ledger.admit(50)) == sorted([f"{name}-1", call])
    later = await bulk(client, start="paused")
    await client.ask("PATCH", f"{BASE_PATH}/tasks/{later}", json={"expires_at": in_hours(0.5)})
    store.pass_time(1800)
    sweep(store, Policy())
    assert (await client.status(later)).body["status"] == "REVOKED"


async def test_no_end_in_the_past_can_be_given_later(client: Client) -> None:
    name = await bulk(client, schedule_time=in_hours(1))
    answer = await client.ask("PATCH", f"{BASE_PATH}/tasks/{name}", json={"expires_at": in_hours(-1)})
    assert answer.status == 400
    assert list(answer.body["errors"]) == ["expires_at"]


async def test_its_completion_is_estimated_for_what_begins_before_its_end(client: Client) -> None:
    numbers = [f"+1202555{index:04}" for index in range(100, 200)]
    body = {"phone_numbers": numbers, "delay_between_calls": 300, "expires_at": in_hours(1)}
    told = (await client.status(await client.queue("queue-bulk-calls", body))).body["result"]["estimated_completion"]
    assert datetime.fromisoformat(told) <= datetime.now(UTC) + timedelta(hours=1, seconds=61)
