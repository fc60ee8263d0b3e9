"""Requests say when their calls may leave."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from redis import Redis

from tests.app.client import Client
from tests.app.conftest import Start
from tests.app.refusal import invalid
from tests.scripts.conftest import Store

NEW_YORK = ZoneInfo("America/New_York")
ALWAYS = [{"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "start": "00:00", "end": "24:00"}]


def windows(opens: datetime, *, hours: int = 1, zone: str = "America/New_York", **more: Any) -> dict[str, Any]:
    """Open once a week, from the hour of that instant on."""
    there = opens.astimezone(ZoneInfo(zone))
    end = (there + timedelta(hours=hours)).strftime("%H:00")
    day = there.strftime("%a").lower()
    return {"timezone": zone, "windows": [{"days": [day], "start": there.strftime("%H:00"), "end": end}], **more}


def in_hours(hours: float) -> datetime:
    return datetime.now(UTC) + timedelta(hours=hours)


async def queue(client: Client, **fields: Any) -> Any:
    answer = await client.post("queue-single-call", {"to_number": "+12125550100", **fields})
    assert answer.status == 200, answer.body
    return answer.body


async def refused(client: Client, redis: "Redis", **fields: Any) -> dict[str, list[str]]:
    return invalid(await client.post("queue-single-call", {"to_number": "+12125550100", **fields}), redis)


async def test_a_call_is_accepted_for_its_opening(client: Client, store: Store) -> None:
    opens = in_hours(5).astimezone(NEW_YORK).replace(minute=0, second=0, microsecond=0)
    body = await queue(client, calling_windows=windows(opens))
    record = store.task(body["task_id"])
    assert int(record["opens_ms"]) == opens.timestamp() * 1000
    assert int(record["closes_ms"]) == (opens.timestamp() + 3600 - 10) * 1000
    assert datetime.fromisoformat(body["estimated_completion"]) == opens + timedelta(seconds=60)
    status = await client.status(body["task_id"])
    assert status.body["message"].startswith("Waiting: outside its calling windows, which open at ")


async def test_while_its_windows_are_open_it_goes_at_once(client: Client, store: Store) -> None:
    body = await queue(client, calling_windows={"timezone": "recipient", "windows": ALWAYS})
    assert store.ledger.admit(50) == [body["task_id"]]


async def test_a_scheduled_call_waits_for_the_first_opening_from_its_time_on(client: Client, store: Store) -> None:
    opens = in_hours(5).astimezone(NEW_YORK).replace(minute=0, second=0, microsecond=0)
    at = (opens - timedelta(minutes=10)).isoformat()
    body = {"to_number": "+12125550100", "schedule_time": at, "calling_windows": windows(opens)}
    answer = await client.post("schedule-call", body)
    assert int(store.task(answer.body["task_id"])["opens_ms"]) == opens.timestamp() * 1000
    assert datetime.fromisoformat(answer.body["estimated_completion"]) == opens


async def test_the_operators_windows_are_for_every_call_in_its_own_zone(start: Start, store: Store) -> None:
    opens = in_hours(5).astimezone(NEW_YORK)
    day, hour = opens.strftime("%a").lower(), opens.strftime("%H")
    client = await start(CALLING_WINDOWS=f"{day} {hour}:00-{hour}:30")
    body = await queue(client, calling_windows={"timezone": "UTC", "windows": ALWAYS})
    record = store.task(body["task_id"])
    assert int(record["opens_ms"]) == opens.replace(minute=0, second=0, microsecond=0).timestamp() * 1000
    assert record["planned_by"]


async def test_the_windows_of_client_and_operator_must_both_be_open(start: Start, redis: "Redis") -> None:
    client = await start(CALLING_WINDOWS="mon-sun 08:00-12:00")
    own = {"timezone": "America/New_York", "windows": [{**ALWAYS[0], "start": "13:00", "end": "20:00"}]}
    errors = await refused(client, redis, calling_windows=own)
    (sentence,) = errors["calling_windows"]
    assert sentence.startswith("no_common_hour: ")
    assert "America/New_York" in sentence


@pytest.mark.parametrize("number", ["+18005550100", "+79123456789"])
async def test_a_number_of_many_zones_that_are_never_open_together_is_refused(
    client: Client, redis: "Redis", number: str
) -> None:
    own = {"windows": [{**ALWAYS[0], "start": "09:00", "end": "12:00"}]}
    errors = await refused(client, redis, to_number=number, calling_windows=own)
    assert errors["calling_windows"][0].startswith("no_common_hour: ")


async def test_a_number_of_no_place_needs_a_zone(client: Client, redis: "Redis") -> None:
    errors = await refused(client, redis, to_number="+1987654321", calling_windows={"windows": ALWAYS})
    assert errors["to_number"][0].startswith("no_zone: ")
    await queue(client, to_number="+1987654321", calling_windows={"windows": ALWAYS, "timezone": "Asia/Tokyo"})


async def test_a_call_that_could_not_begin_before_its_end_is_refused(client: Client, redis: "Redis") -> None:
    errors = await refused(client, redis, calling_windows=windows(in_hours(5)), expires_at=in_hours(2).isoformat())
    assert errors["calling_windows"][0].startswith("no_common_hour: ")
    errors = await refused(client, redis, expires_at=in_hours(-1).isoformat())
    assert errors == {"expires_at": ["Must be in the future."]}
    errors = await refused(client, redis, delay_seconds=3600, expires_at=in_hours(0.5).isoformat())
    assert errors["expires_at"][0].startswith("Must be later than the start, ")


async def test_what_has_not_begun_by_its_end_is_told_as_expired(client: Client, store: Store) -> None:
    body = await queue(client, delay_seconds=1800, expires_at=in_hours(1).isoformat())
    store.pass_time(3600)
    store.ledger.closed()
    status = (await client.status(body["task_id"])).body
    assert (status["status"], status["result"]["outcome"]) == ("REVOKED", "expired")
    assert status["message"] == "Call expired: it had not begun by its expires_at"


def with_window(**fields: Any) -> dict[str, Any]:
    return {"windows": [{"days": ["mon"], "start": "09:00", "end": "17:00", **fields}]}


@pytest.mark.parametrize(
    ("own", "path"),
    [
        ({}, "calling_windows.windows"),
        ({"windows": []}, "calling_windows.windows"),
        ({"windows": ALWAYS * 51}, "calling_windows.windows"),
        ({"windows": ALWAYS, "timezone": "Mars/Olympus"}, "calling_windows.timezone"),
        ({"windows": ALWAYS, "zone": "UTC"}, "calling_windows.zone"),
        ({"windows": ALWAYS, "days_off": ["2027-02-29"]}, "calling_windows.days_off.0"),
        ({"windows": ALWAYS, "days_off": ["2027-01-01"] * 367}, "calling_windows.days_off"),
        (with_window(days=[]), "calling_windows.windows.0.days"),
        (with_window(days=["monday"]), "calling_windows.windows.0.days.0"),
        (with_window(start="24:00"), "calling_windows.windows.0.start"),
        (with_window(start="9:00"), "calling_windows.windows.0.start"),
        (with_window(end="24:01"), "calling_windows.windows.0.end"),
        (with_window(end=17), "calling_windows.windows.0.end"),
        ([], "calling_windows"),
    ],
)
async def test_what_is_no_window_is_refused_with_its_place(client: Client, redis: "Redis", own: Any, path: str) -> None:
    errors = await refused(client, redis, calling_windows=own)
    assert list(errors) == [path]


async def test_windows_that_open_on_no_day_are_refused(client: Client, redis: "Redis") -> None:
    today = datetime.now(UTC).date()
    off = [(today + timedelta(days=day)).isoformat() for day in range(-1, 365)]
    own = with_window(days=[f"{today:%a}".lower()])  # in 364 days again, and then in 371
    errors = await refused(client, redis, calling_windows={**own, "timezone": "UTC", "days_off": off})
    assert errors == {"calling_windows": ["Must be open at some time within 366 days."]}


@pytest.mark.parametrize("value", ["2030-01-15", "2030-01-15T14:00:00", "tomorrow", 5, "9999-99-99T00:00:00Z"])
async def test_an_end_without_offset_is_refused(client: Client, redis: "Redis", value: Any) -> None:
    errors = await refused(client, redis, expires_at=value)
    assert errors["expires_at"][0].startswith("Must be a date and time with a UTC offset or Z")


@pytest.mark.parametrize("never", ["9999-12-31T23:59:59.9999999+00:00", "9999-12-31T23:59:59-14:00"])
async def test_an_end_that_stands_for_never_is_told_of_like_any_other(
    client: Client, redis: "Redis", never: str
) -> None:
    """The first is the greatest of .NET; in UTC both are of the year 10000, which has no name: it was a 500."""
    own = {"windows": [{"days": ["mon"], "start": "08:00", "end": "09:00"}]}
    errors = await refused(client, redis, to_number="+18005550100", calling_windows=own, expires_at=never)
    assert errors["calling_windows"][0].startswith("no_common_hour: Within 14 days of the call's start or before")
