"""Which numbers may be dialled, by how they begin."""

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis

from app.security.caller_ids import CallerIds
from app.security.dial_rules import DialRules
from app.security.webhook_hosts import WebhookHosts
from runtime.dialled.premium import PREMIUM_PREFIXES
from runtime.dialled.rules import BLOCKED_SENTENCE, PREFIX_SENTENCE, PREMIUM_SENTENCE, NumberRules
from schemas.numbers.emergency import EMERGENCY_NUMBERS, EMERGENCY_SENTENCE
from tests.app.client import Client
from tests.app.conftest import Start
from tests.app.refusal import invalid
from tests.app.test_dial_rules import ONE_CALL


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


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        ("+19005550100", PREMIUM_SENTENCE),
        ("+881612345678", PREMIUM_SENTENCE),
        ("+979123456789", PREMIUM_SENTENCE),
        ("+80812345678", PREMIUM_SENTENCE),
        ("+358600123456", PREMIUM_SENTENCE),
        ("+81990123456", PREMIUM_SENTENCE),
        ("+420112", EMERGENCY_SENTENCE),
        ("+54911", EMERGENCY_SENTENCE),
        ("+852999", EMERGENCY_SENTENCE),
        ("+449098790000", PREMIUM_SENTENCE),
        ("+1911", EMERGENCY_SENTENCE),
        ("+1933", EMERGENCY_SENTENCE),
        ("+911", EMERGENCY_SENTENCE),
        ("+112", EMERGENCY_SENTENCE),
        ("+44999", EMERGENCY_SENTENCE),
        ("+911123456789", None),
        ("+442071838750", None),
        ("+19115550100", None),
    ],
)
async def test_what_costs_a_surcharge_or_saves_lives_is_not_dialled(
    client: Client, redis: "Redis", number: str, sentence: str | None
) -> None:
    answer = await client.post("queue-single-call", {"to_number": number})
    if sentence is None:
        assert answer.status == 200
    else:
        assert invalid(answer, redis) == {"to_number": [sentence]}


async def test_an_emergency_number_is_refused_whatever_is_allowed(start: Start, redis: "Redis") -> None:
    client = await start(ALLOW_PREMIUM="1", ALLOWED_PREFIXES="+1911,+1")
    assert invalid(await client.post("queue-single-call", {"to_number": "+1911"}), redis)
    assert (await client.post("queue-single-call", {"to_number": "+19005550100"})).status == 200


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        ("+12025550100", BLOCKED_SENTENCE),
        ("+12035550100", None),
        ("+12025559999", None),
        ("+442071838750", PREFIX_SENTENCE),
    ],
)
async def test_of_allowed_and_blocked_prefixes_the_longest_decides(
    start: Start, redis: "Redis", number: str, sentence: str | None
) -> None:
    client = await start(ALLOWED_PREFIXES="+1,+12025559", BLOCKED_PREFIXES="+1202")
    answer = await client.post("queue-single-call", {"to_number": number})
    if sentence is None:
        assert answer.status == 200
    else:
        assert invalid(answer, redis) == {"to_number": [sentence]}


DIGITS = st.text("149", min_size=1, max_size=4)
PREFIXES = st.lists(st.just("+1900") | st.just("+449") | DIGITS.map("+{}".format), max_size=4).map(tuple)


NUMBERS = st.text("0149", min_size=1, max_size=6).map("+1{}".format).filter(lambda number: number[2] != "1")


@given(PREFIXES, PREFIXES, st.booleans(), NUMBERS)
def test_the_longest_beginning_that_a_rule_names_decides_whatever_the_rules_are(
    allowed: tuple[str, ...], blocked: tuple[str, ...], allow_premium: bool, number: str
) -> None:
    def longest(prefixes: Iterable[str]) -> int:
        return max((len(prefix) for prefix in prefixes if number.startswith(prefix)), default=0)

    rules = DialRules(NumberRules(allowed, blocked, allow_premium), CallerIds(""), WebhookHosts.parse(""), 0)
    premium = 0 if allow_premium else longest(PREMIUM_PREFIXES)
    expected = None
    if number in EMERGENCY_NUMBERS:
        expected = EMERGENCY_SENTENCE
    elif allowed and not longest(allowed):
        expected = PREFIX_SENTENCE
    elif premium > longest(allowed):
        expected = PREMIUM_SENTENCE
    elif longest(blocked) > longest(allowed):
        expected = BLOCKED_SENTENCE
    assert rules.faults({"to_number": number}, None) == ({"to_number": [expected]} if expected else {})
