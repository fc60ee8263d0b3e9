"""Times at which no call can be scheduled."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from redis import Redis

from tests.app.client import Client
from tests.app.refusal import invalid

NEW_YORK = ZoneInfo("America/New_York")


def in_seconds(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


def next_gap() -> str:
    """The next wall time within a year that New York's clocks skip."""
    day = datetime.now(UTC).replace(hour=2, minute=30, second=0, microsecond=0, tzinfo=None)
    for _ in range(366):
        day += timedelta(days=1)
        there = day.replace(tzinfo=NEW_YORK)
        if there.astimezone(UTC).astimezone(NEW_YORK).replace(tzinfo=None) != day:
            return day.isoformat()
    raise AssertionError("no clock change within a year")


async def schedule(client: Client, redis: "Redis", time: object, **fields: object) -> dict[str, list[str]]:
    body = {"to_number": "+1234567890", "schedule_time": time, **fields}
    return invalid(await client.post("schedule-call", body), redis)


@pytest.mark.parametrize("seconds", [-1, -60, -86_400 * 400])
async def test_the_past_is_refused(client: Client, redis: "Redis", seconds: float) -> None:
    errors = await schedule(client, redis, in_seconds(seconds))
    assert errors == {"schedule_time": ["Must be in the future."]}


async def test_more_than_365_days_ahead_is_refused(client: Client, redis: "Redis") -> None:
    errors = await schedule(client, redis, in_seconds(365 * 86_400 + 60))
    assert errors == {"schedule_time": ["Must be at most 365 days ahead."]}


async def test_a_wall_time_that_new_york_skips_is_refused_without_a_zone(client: Client, redis: "Redis") -> None:
    errors = await schedule(client, redis, next_gap())
    assert errors == {"schedule_time": ["This time does not exist in America/New_York: a clock change skips it."]}


async def test_the_same_wall_time_elsewhere_is_accepted(client: Client) -> None:
    body = {"to_number": "+1234567890", "schedule_time": next_gap(), "timezone": "Asia/Kolkata"}
    assert (await client.post("schedule-call", body)).status == 200


@pytest.mark.parametrize(
    "zone",
    ["Factory", "Mars/Olympus", "", "../../etc/passwd", "a" * 5000, "\ud800", "\0", 1, [], {}],
    ids=lambda z: ascii(z)[:20],
)
async def test_an_unknown_zone_is_refused_even_beside_an_offset(client: Client, redis: "Redis", zone: object) -> None:
    errors = await schedule(client, redis, in_seconds(3600), timezone=zone)
    assert list(errors) == ["timezone"]


@pytest.mark.parametrize(
    "time",
    [
        "",
        "tomorrow",
        "2027-01-15",
        "2027-02-30T00:00:00Z",
        "9999-12-31T23:59:59-14:00",
        "\ud800",
        1800000000,
        None,
        True,
        ["2027-01-15T14:00:00Z"],
        {},
        "9" * 100_000,
    ],
    ids=lambda time: ascii(time)[:20],
)
async def test_what_is_no_time_is_refused(client: Client, redis: "Redis", time: object) -> None:
    assert list(await schedule(client, redis, time)) == ["schedule_time"]


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "1970-01-01T00:00:00Z"])
async def test_a_time_before_computers_is_past_as_well(client: Client, redis: "Redis", time: str) -> None:
    assert await schedule(client, redis, time) == {"schedule_time": ["Must be in the future."]}


@pytest.mark.parametrize(
    "form", ["%Y-%m-%dT%H:%M:%S.0000000Z", "%Y-%m-%dT%H:%M:%S.123456789+00:00", "%Y%m%dT%H%M%SZ", "%G-W%V-%uT%H:%MZ"]
)
async def test_what_other_languages_write_is_read(client: Client, form: str) -> None:
    due = (datetime.now(UTC) + timedelta(days=1)).replace(second=0, microsecond=0)
    body = {"to_number": "+1234567890", "schedule_time": due.strftime(form)}
    answer = await client.post("schedule-call", body)
    assert answer.status == 200, answer.text
    assert answer.body["estimated_completion"] == due.strftime("%Y-%m-%dT%H:%M:%SZ")
