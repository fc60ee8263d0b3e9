"""Toll fraud: what may be dialled, from which number, and how many times a day. Each refusal names its rule."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis import Redis

from app.dial_rules import FROM_SENTENCE, PREFIX_SENTENCE, SELF_SENTENCE
from app.settings import Settings
from schemas import keys
from schemas.errors import SettingsError
from tests.app.client import Client
from tests.app.conftest import Start
from tests.app.refusal import invalid, refused
from tests.processes import FROM_NUMBER

LATER = (datetime.now(UTC) + timedelta(days=30)).isoformat()
ONE_CALL: list[tuple[str, dict[str, Any]]] = [("queue-single-call", {}), ("schedule-call", {"schedule_time": LATER})]


@pytest.mark.parametrize(("endpoint", "more"), ONE_CALL)
@pytest.mark.parametrize(("number", "allowed"), [("+12025550100", True), ("+442071838750", True), ("+882999", False)])
async def test_only_numbers_with_an_allowed_prefix_are_dialled(
    start: Start, redis: "Redis", endpoint: str, more: dict[str, Any], number: str, allowed: bool
) -> None:
    client = await start(ALLOWED_PREFIXES="+1, +4420")
    answer = await client.post(endpoint, more | {"to_number": number})
    if allowed:
        assert answer.status == 200
    else:
        assert invalid(answer, redis) == {"to_number": [PREFIX_SENTENCE]}
        assert "ALLOWED_PREFIXES" in answer.body["detail"]


async def test_each_number_of_a_campaign_must_have_an_allowed_prefix(start: Start, redis: "Redis") -> None:
    client = await start(ALLOWED_PREFIXES="+1")
    body = {"phone_numbers": ["+12025550100", "+882999", "+12025550101", "+4420"]}
    errors = invalid(await client.post("queue-bulk-calls", body), redis)
    assert errors == {"phone_numbers.1": [PREFIX_SENTENCE], "phone_numbers.3": [PREFIX_SENTENCE]}


async def test_calls_come_from_allowed_numbers_only_and_the_default_one_is_allowed(
    start: Start, redis: "Redis"
) -> None:
    client = await start(ALLOWED_FROM_NUMBERS="+15550001111,+15550002222")
    body = {"to_number": "+12025550100"}
    answer = await client.post("queue-single-call", body | {"from_number": "+15550003333"})
    assert invalid(answer, redis) == {"from_number": [FROM_SENTENCE]}
    assert "ALLOWED_FROM_NUMBERS" in answer.body["detail"]
    for allowed in ({}, {"from_number": FROM_NUMBER}, {"from_number": "+15550002222"}):
        await client.queue("queue-single-call", body | allowed)


@pytest.mark.parametrize("more", [{}, {"from_number": "+12025550100"}])
async def test_no_number_is_called_from_itself(client: Client, redis: "Redis", more: dict[str, str]) -> None:
    own = more.get("from_number", FROM_NUMBER)
    for endpoint, others in ONE_CALL:
        answer = await client.post(endpoint, others | more | {"to_number": own})
        assert invalid(answer, redis) == {"to_number": [SELF_SENTENCE]}
    answer = await client.post("queue-bulk-calls", more | {"phone_numbers": ["+12025550177", own]})
    assert invalid(answer, redis) == {"phone_numbers.1": [SELF_SENTENCE]}


async def test_a_day_takes_no_more_numbers_than_allowed_and_refuses_a_campaign_as_a_whole(
    start: Start, redis: "Redis"
) -> None:
    client = await start(MAX_CALLS_PER_DAY="3")
    campaign = {"phone_numbers": ["+12025550101", "+12025550102", "+12025550101"]}
    await client.queue("queue-bulk-calls", campaign)
    before = redis.keys("tw:task:*")
    answer = await client.post("queue-bulk-calls", campaign)

    assert "MAX_CALLS_PER_DAY" in refused(answer, 429)["detail"]
    assert 0 < int(answer.headers["Retry-After"]) <= 86_400
    assert redis.keys("tw:task:*") == before
    await client.queue("queue-single-call", {"to_number": "+12025550103"})
    refused(await client.post("queue-single-call", {"to_number": "+12025550104"}), 429)


async def test_a_replay_counts_nothing_and_is_answered_when_the_day_is_full(start: Start, redis: "Redis") -> None:
    client = await start(MAX_CALLS_PER_DAY="1")
    key = {"Idempotency-Key": "one"}
    task_id = await client.queue("queue-single-call", {"to_number": "+12025550100"}, **key)

    assert await client.queue("queue-single-call", {"to_number": "+12025550100"}, **key) == task_id
    assert [redis.get(name) for name in redis.scan_iter(keys.PREFIX + "day:*")] == ["1"]


async def test_the_count_of_a_day_is_gone_with_the_day(start: Start, redis: "Redis") -> None:
    client = await start(MAX_CALLS_PER_DAY="5")
    answer = await client.post("queue-single-call", {"to_number": "+12025550100"})
    (name,) = redis.scan_iter(keys.PREFIX + "day:*")
    created = datetime.fromisoformat(answer.body["created_at"])
    midnight = datetime(created.year, created.month, created.day, tzinfo=UTC) + timedelta(days=1)

    assert abs(int(str(redis.pttl(name))) / 1000 - (midnight - created).total_seconds()) < 5


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALLOWED_PREFIXES", "1"),
        ("ALLOWED_PREFIXES", "+1;+44"),
        ("ALLOWED_PREFIXES", "+1,"),
        ("ALLOWED_PREFIXES", "+0"),
        ("ALLOWED_FROM_NUMBERS", "+1234567890,555"),
        ("MAX_CALLS_PER_DAY", "0"),
        ("MAX_CALLS_PER_DAY", "many"),
        ("ALLOW_PRIVATE_WEBHOOKS", "yes"),
    ],
)
def test_a_faulty_rule_stops_the_start_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.read({name: value})


def test_unset_rules_forbid_nothing() -> None:
    rules = Settings.read({}).dial_rules
    assert (rules.prefixes, rules.from_numbers, rules.most_calls_per_day) == ((), frozenset(), 0)
