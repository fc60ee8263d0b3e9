"""Requests whose fields are wrong: 400, told by field path, and nothing is written."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis import Redis

from tests.app.client import QUEUE_ENDPOINTS, Client
from tests.app.refusal import E164_SENTENCE, invalid, refused

NUMBER = "+1234567890"
LATER = (datetime.now(UTC) + timedelta(days=30)).isoformat()
GOOD: dict[str, dict[str, Any]] = {
    "queue-single-call": {"to_number": NUMBER},
    "queue-bulk-calls": {"phone_numbers": [NUMBER]},
    "schedule-call": {"to_number": NUMBER, "schedule_time": LATER},
}
WHOLE_NUMBERS = [
    ("queue-single-call", "delay_seconds", 0, 3600),
    ("queue-bulk-calls", "delay_between_calls", 1, 300),
    ("queue-bulk-calls", "max_concurrent_calls", 1, 50),
]


@pytest.mark.parametrize(
    "number",
    [
        "1234567890",
        "+0123456789",
        "+1 234 567 890",
        "+1234567890\n",
        "+1234567890123456",
        "+",
        "",
        "x" * 5000,
        "+١٢٣٤٥",
    ],
    ids=lambda number: ascii(number)[:20],
)
@pytest.mark.parametrize("endpoint", ["queue-single-call", "schedule-call"])
async def test_a_bad_number_is_refused_with_the_documented_sentence(
    client: Client, redis: "Redis", endpoint: str, number: str
) -> None:
    answer = await client.post(endpoint, GOOD[endpoint] | {"to_number": number})
    assert invalid(answer, redis) == {"to_number": [E164_SENTENCE]}
    assert answer.body["detail"] == E164_SENTENCE


@pytest.mark.parametrize("number", [1234567890, 12.5, True, [NUMBER], {"a": NUMBER}])
@pytest.mark.parametrize("endpoint", QUEUE_ENDPOINTS)
async def test_a_caller_that_is_no_number_is_refused_with_the_documented_sentence_behind_its_name(
    client: Client, redis: "Redis", endpoint: str, number: object
) -> None:
    answer = await client.post(endpoint, GOOD[endpoint] | {"from_number": number})
    assert invalid(answer, redis) == {"from_number": [E164_SENTENCE]}
    assert answer.body["detail"].startswith(f"from_number: {E164_SENTENCE}; seen: ")


async def test_each_bad_number_of_a_campaign_is_told_by_its_place(client: Client, redis: "Redis") -> None:
    answer = await client.post("queue-bulk-calls", {"phone_numbers": [NUMBER, "+1234567891", "nobody", NUMBER, None]})
    assert invalid(answer, redis) == {"phone_numbers.2": [E164_SENTENCE], "phone_numbers.4": [E164_SENTENCE]}
    assert answer.body["detail"] == f'phone_numbers.2: {E164_SENTENCE}; seen: "nobody"'


async def test_of_a_list_that_is_too_long_no_element_is_looked_at(client: Client, redis: "Redis") -> None:
    """A body of 1 MiB holds 300 thousand wrong ones; to check them held up everybody for three seconds."""
    answer = await client.post("queue-bulk-calls", {"phone_numbers": ["nobody"] * 1001})
    assert invalid(answer, redis) == {"phone_numbers": ["Must hold 1 to 1000 phone numbers."]}


@pytest.mark.parametrize("numbers", [[], [f"+1234{number:06}" for number in range(1001)]], ids=len)
async def test_a_campaign_has_one_to_a_thousand_numbers(client: Client, redis: "Redis", numbers: list[str]) -> None:
    answer = await client.post("queue-bulk-calls", {"phone_numbers": numbers})
    assert invalid(answer, redis) == {"phone_numbers": ["Must hold 1 to 1000 phone numbers."]}


@pytest.mark.parametrize("numbers", [NUMBER, {"0": NUMBER}, 1, True])
async def test_the_numbers_of_a_campaign_must_be_a_list(client: Client, redis: "Redis", numbers: object) -> None:
    answer = await client.post("queue-bulk-calls", {"phone_numbers": numbers})
    assert invalid(answer, redis) == {"phone_numbers": ["Must be a list of phone numbers."]}


async def test_a_thousand_and_one_bad_numbers_make_a_short_answer(client: Client, redis: "Redis") -> None:
    answer = await client.post("queue-bulk-calls", {"phone_numbers": ["x"] * 1001})
    invalid(answer, redis)
    assert len(answer.text) < 10_000


@pytest.mark.parametrize(
    ("endpoint", "field"),
    [
        ("queue-single-call", "to_number"),
        ("queue-bulk-calls", "phone_numbers"),
        ("schedule-call", "to_number"),
        ("schedule-call", "schedule_time"),
    ],
)
async def test_a_missing_field_is_named(client: Client, redis: "Redis", endpoint: str, field: str) -> None:
    answer = await client.post(endpoint, {name: value for name, value in GOOD[endpoint].items() if name != field})
    errors = invalid(answer, redis)
    assert list(errors) == [field]
    assert field in answer.body["detail"]
    assert "required" in answer.body["detail"]


@pytest.mark.parametrize("endpoint", QUEUE_ENDPOINTS)
async def test_unknown_top_level_fields_are_named(client: Client, redis: "Redis", endpoint: str) -> None:
    answer = await client.post(endpoint, GOOD[endpoint] | {"to_numbr": NUMBER, "urgency": "high"})
    assert invalid(answer, redis) == {"to_numbr": ["Unknown field."], "urgency": ["Unknown field."]}
    assert answer.body["detail"] in {
        "Unknown field: to_numbr.",
        "Unknown field: to_numbr; perhaps meant: to_number.",
        "Unknown field: urgency.",
    }


async def test_a_field_in_the_address_is_refused_for_nobody_would_heed_it(client: Client, redis: "Redis") -> None:
    errors = invalid(await client.post("queue-bulk-calls?dry_run=true&x=1", GOOD["queue-bulk-calls"]), redis)
    assert errors == {"dry_run": ["Must stand in the body, not in the address."]}


@pytest.mark.parametrize("name", ["", "_schema", "\ud800", "a.b", "x" * 5000, "due", "0", "__class__"], ids=ascii)
async def test_an_unknown_field_with_a_strange_name_is_refused_too(client: Client, redis: "Redis", name: str) -> None:
    invalid(await client.post("queue-single-call", GOOD["queue-single-call"] | {name: 1}), redis)


@pytest.mark.parametrize("value", [True, False, "10", 10.5, [], {}, 1e400, -1e400, 2**63, -(2**63), "ten"])
@pytest.mark.parametrize(("endpoint", "field", "low", "high"), WHOLE_NUMBERS)
async def test_what_is_no_whole_number_is_refused(
    client: Client, redis: "Redis", endpoint: str, field: str, low: int, high: int, value: object
) -> None:
    text = json.dumps(GOOD[endpoint] | {field: value}).replace("Infinity", "1e400")
    answer = await client.send(endpoint, text.encode())
    assert invalid(answer, redis) == {field: [f"Must be a whole number from {low} to {high}."]}
    assert answer.body["detail"].startswith(f"{field} must be a whole number from {low} to {high}; seen: ")


@pytest.mark.parametrize(("endpoint", "field", "low", "high"), WHOLE_NUMBERS)
async def test_ranges_end_where_the_document_says(
    client: Client, redis: "Redis", endpoint: str, field: str, low: int, high: int
) -> None:
    for outside in (low - 1, high + 1):
        answer = await client.post(endpoint, GOOD[endpoint] | {field: outside})
        assert list(invalid(answer, redis)) == [field]
    for edge in (low, high):
        await client.queue(endpoint, GOOD[endpoint] | {field: edge})


@pytest.mark.parametrize("metadata", ["text", 1, True, [], [{}], {"k": "x" * 16377}], ids=lambda m: ascii(m)[:20])
@pytest.mark.parametrize("endpoint", QUEUE_ENDPOINTS)
async def test_metadata_that_are_no_object_or_too_large_are_refused(
    client: Client, redis: "Redis", endpoint: str, metadata: object
) -> None:
    answer = await client.post(endpoint, GOOD[endpoint] | {"call_metadata": metadata})
    assert list(invalid(answer, redis)) == ["call_metadata"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("priority", "urgent"),
        ("priority", 1),
        ("priority", ["high"]),
        ("message", 5),
        ("voice", {}),
    ],
)
async def test_a_known_key_of_the_metadata_is_told_by_its_path(
    client: Client, redis: "Redis", key: str, value: object
) -> None:
    answer = await client.post("queue-single-call", {"to_number": NUMBER, "call_metadata": {key: value}})
    assert list(invalid(answer, redis)) == [f"call_metadata.{key}"]


async def test_all_faults_of_a_request_are_told_at_once(client: Client, redis: "Redis") -> None:
    body = {"to_number": "x", "from_number": "y", "webhook_url": "z", "delay_seconds": -1, "extra": 1}
    assert invalid(await client.post("queue-single-call", body), redis).keys() == body.keys()


async def test_a_lone_surrogate_in_the_metadata_never_breaks_the_service(client: Client) -> None:
    text = '{"to_number": "+1234567890", "call_metadata": {"message": "\\ud800", "\\udfff": "\\udc00"}}'
    answer = await client.send("queue-single-call", text.encode())
    assert answer.status == 200, answer.text
    assert (await client.status(answer.body["task_id"])).status == 200


@pytest.mark.parametrize("endpoint", QUEUE_ENDPOINTS)
async def test_a_twilio_that_is_configured_is_no_excuse_for_get(client: Client, redis: "Redis", endpoint: str) -> None:
    answer = await client.ask("GET", f"/api/v1/celery/twilio/{endpoint}")
    refused(answer, 405, redis)
    assert answer.headers["Allow"] == "POST"
