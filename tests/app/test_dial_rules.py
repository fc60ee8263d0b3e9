"""Toll fraud: what may be dialled, from which number, and how many times a day. Each refusal names its rule."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis import Redis

from app.security.dial_rules import (
    FROM_SENTENCE,
    HOST_SENTENCE,
)
from app.settings import Settings
from runtime.dialled.rules import SELF_SENTENCE
from schemas import keys
from schemas.errors import SettingsError
from tests.app.client import ANSWER, PUBLIC, QUEUE_ENDPOINTS, Client
from tests.app.conftest import Start
from tests.app.refusal import invalid, refused
from tests.app.test_refusing import GOOD
from tests.processes import FROM_NUMBER

LATER = (datetime.now(UTC) + timedelta(days=30)).isoformat()
ONE_CALL: list[tuple[str, dict[str, Any]]] = [("queue-single-call", {}), ("schedule-call", {"schedule_time": LATER})]


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


@pytest.mark.parametrize("endpoint", QUEUE_ENDPOINTS)
async def test_a_name_alone_calls_from_the_numbers_that_are_its_own(start: Start, endpoint: str) -> None:
    client = await start(
        API_KEYS="alice:secret-of-alice-1,bob:secret-of-bob-12",
        ALLOWED_FROM_NUMBERS="+15550001111,alice=+15550002222, alice=+15550004444,bob=+15550004444",
    )
    number = {"+15550001111": "any", FROM_NUMBER: "any", "+15550004444": "any", "+15550002222": "alice"}
    for from_number, owner in {**number, "+15550003333": "none"}.items():
        for name, secret in (("alice", "secret-of-alice-1"), ("bob", "secret-of-bob-12")):
            body = GOOD[endpoint] | {"from_number": from_number}
            answer = await client.post(endpoint, body, **{"X-API-Key": secret})
            assert answer.status == (200 if owner in {"any", name} else 400), (from_number, name)
            if answer.status == 400:
                assert answer.body["errors"] == {"from_number": [FROM_SENTENCE]}


async def test_a_default_number_that_is_one_names_own_is_not_anothers_either(start: Start) -> None:
    keys_of_both = "alice:secret-of-alice-1,bob:secret-of-bob-12"
    client = await start(API_KEYS=keys_of_both, ALLOWED_FROM_NUMBERS=f"alice={FROM_NUMBER}")
    body = {"to_number": "+12025550100"}
    assert (await client.post("queue-single-call", body, **{"X-API-Key": "secret-of-alice-1"})).status == 200
    assert (await client.post("queue-single-call", body, **{"X-API-Key": "secret-of-bob-12"})).status == 400


@pytest.mark.parametrize("endpoint", QUEUE_ENDPOINTS)
@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://hooks.example/twiml", True),
        ("https://HOOKS.example.:8443/twiml?a=b", True),
        ("https://eu.hooks.example/twiml", False),
        ("https://one.tenant.example/", True),
        ("https://a.b.tenant.example/", True),
        ("https://tenant.example/", False),
        ("https://eviltenant.example/", False),
        ("https://tenant.example.evil.example/", False),
        ("https://evil.example\\.tenant.example/", False),
        ("https://evil.example%2f.tenant.example/", False),
        ("https://evil.example/hooks.example", False),
        ("https://192.0.2.7/", True),
        ("https://[2001:db8::1]/", True),
        ("https://192.0.2.8/", False),
    ],
)
async def test_twiml_comes_from_allowed_hosts_only(start: Start, endpoint: str, url: str, allowed: bool) -> None:
    client = await start(ALLOWED_WEBHOOK_HOSTS="hooks.example, *.tenant.example,192.0.2.7,[2001:db8::1]")
    answer = await client.post(endpoint, GOOD[endpoint] | {"webhook_url": url})
    assert answer.status == (200 if allowed else 400)
    if not allowed:
        assert answer.body["errors"] == {"webhook_url": [HOST_SENTENCE]}


async def test_events_go_to_any_host_and_our_own_webhook_means_that_none_is_given(start: Start) -> None:
    client = await start(ALLOWED_WEBHOOK_HOSTS="hooks.example", PUBLIC_BASE_URL=PUBLIC)
    body = {"to_number": "+12025550100", "webhook_url": PUBLIC + ANSWER}
    await client.queue("queue-single-call", body | {"status_callback_url": "https://events.example/"})


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


async def test_the_count_of_a_day_is_gone_a_day_after_it(start: Start, redis: "Redis") -> None:
    """Not with it: a clock that is set back, or a failover to a host behind, may lead into that day again."""
    client = await start(MAX_CALLS_PER_DAY="5")
    answer = await client.post("queue-single-call", {"to_number": "+12025550100"})
    (name,) = redis.scan_iter(keys.PREFIX + "day:*")
    created = datetime.fromisoformat(answer.body["created_at"])
    midnight = datetime(created.year, created.month, created.day, tzinfo=UTC) + timedelta(days=2)

    assert abs(int(str(redis.pttl(name))) / 1000 - (midnight - created).total_seconds()) < 5


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALLOWED_PREFIXES", "1"),
        ("ALLOWED_PREFIXES", "+1;+44"),
        ("ALLOWED_PREFIXES", "+1,"),
        ("ALLOWED_PREFIXES", "+0"),
        ("ALLOWED_FROM_NUMBERS", "+1234567890,555"),
        ("ALLOWED_FROM_NUMBERS", "=+1234567890"),
        ("ALLOWED_FROM_NUMBERS", "alice=555"),
        ("ALLOWED_FROM_NUMBERS", "alice=+1234567890"),
        ("ALLOWED_WEBHOOK_HOSTS", "https://hooks.example"),
        ("ALLOWED_WEBHOOK_HOSTS", "hooks.example:443"),
        ("ALLOWED_WEBHOOK_HOSTS", "*"),
        ("ALLOWED_WEBHOOK_HOSTS", "a.*.example"),
        ("ALLOWED_WEBHOOK_HOSTS", "hooks.example,"),
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
    assert (rules.numbers.allowed, rules.most_calls_per_day, rules.are_open) == ((), 0, True)
    assert rules.caller_ids.allow("+15550001111", None)
    assert rules.webhook_hosts.allow("https://anywhere.example/twiml")
