"""A refusal says what form was expected and what was seen; an acceptance warns of what is perhaps not meant."""

from typing import Any

import pytest
from redis import Redis

from tests.app.client import PUBLIC, QUEUE_ENDPOINTS, Client
from tests.app.conftest import Start
from tests.app.refusal import E164_SENTENCE, refused
from tests.app.test_refusing import GOOD

DATE = "Must be an ISO 8601 date and time (e.g., 2030-01-15T14:00:00Z)."


@pytest.mark.parametrize(
    ("endpoint", "path", "value", "sentence", "seen"),
    [
        (
            "schedule-call",
            "schedule_time",
            "2026-11-27 9:00",
            DATE,
            '"2026-11-27 9:00": the hour wants two digits: 2026-11-27T09:00:00',
        ),
        ("schedule-call", "schedule_time", 1795770000, DATE, "1795770000, where a text in quotes is wanted"),
        (
            "schedule-call",
            "timezone",
            "Eastern",
            "Must be an IANA time zone (e.g., America/New_York).",
            '"Eastern": meant is perhaps America/New_York',
        ),
        ("queue-single-call", "delay_seconds", "ten", "Must be a whole number from 0 to 3600.", '"ten"'),
        ("queue-single-call", "delay_seconds", -1, "Must be a whole number from 0 to 3600.", "-1"),
        (
            "queue-bulk-calls",
            "phone_numbers",
            "+12025550100",
            "Must be a list of phone numbers.",
            '"+12025550100"',
        ),
        ("queue-single-call", "call_metadata", [], "Must be a JSON object.", "a list of 0"),
        (
            "queue-single-call",
            "webhook_url",
            "example.com/twiml",
            "Must be an absolute http or https URL.",
            "no https:// in front",
        ),
    ],
)
async def test_a_refusal_says_what_was_expected_and_what_was_seen(
    client: Client, redis: "Redis", endpoint: str, path: str, value: object, sentence: str, seen: str
) -> None:
    body = refused(await client.post(endpoint, GOOD[endpoint] | {path: value}), 400, redis)
    assert body["errors"] == {path: [sentence, f"Seen: {seen}."]}
    assert body["detail"] == f"{path} {sentence[0].lower()}{sentence[1:-1]}; seen: {seen}."


async def test_of_a_bad_to_number_the_detail_stays_as_it_was_and_the_errors_say_more(
    client: Client, redis: "Redis"
) -> None:
    body = refused(await client.post("queue-single-call", {"to_number": "202-555-0100"}), 400, redis)
    assert body["detail"] == E164_SENTENCE
    missing = 'Seen: "202-555-0100": + and the country code are missing in front.'
    assert body["errors"] == {"to_number": [E164_SENTENCE, missing]}


async def test_other_numbers_are_told_with_their_place(client: Client, redis: "Redis") -> None:
    answer = await client.post("queue-bulk-calls", {"phone_numbers": ["+12025550100", "+1 202 555 0101"]})
    body = refused(answer, 400, redis)
    seen = 'seen: "+1 202 555 0101": without blanks, hyphens and brackets it is "+12025550101"'
    assert body["detail"] == f"phone_numbers.1: {E164_SENTENCE}; {seen}"


@pytest.mark.parametrize(
    ("field", "meant"),
    [
        *(
            ("to_numbr", "to_number"),
            ("message", "call_metadata.message"),
            ("fromNumber", "from_number"),
            ("zzz", None),
        ),
        *(("_schema", None), ("to.", None), ("..", None)),
    ],
)
async def test_an_unknown_field_names_the_one_that_was_meant(
    client: Client, redis: "Redis", field: str, meant: str | None
) -> None:
    body = refused(await client.post("queue-single-call", GOOD["queue-single-call"] | {field: "x"}), 400, redis)
    assert body["errors"] == {field: ["Unknown field.", *([f"Perhaps meant: {meant}."] if meant else [])]}
    assert body["detail"] == f"Unknown field: {field}{f'; perhaps meant: {meant}' if meant else ''}."


@pytest.mark.parametrize("field", ["schedule_time", "timezone", "to_number", "from_number"])
async def test_a_long_value_is_not_sent_back(client: Client, redis: "Redis", field: str) -> None:
    answer = await client.post("schedule-call", GOOD["schedule-call"] | {field: "x" * 5000})
    refused(answer, 400, redis)
    assert "x" * 40 not in answer.text
    assert len(answer.text) < 500


@pytest.mark.parametrize("field", ["webhook_url", "status_callback_url"])
@pytest.mark.parametrize("url", ["ftp://me:hunter2@a.example/hunter2", "//me:hunter2@a.example", "https://hunter2@ a/"])
async def test_nothing_of_a_refused_url_is_sent_back(client: Client, redis: "Redis", field: str, url: str) -> None:
    answer = await client.post("queue-single-call", GOOD["queue-single-call"] | {field: url})
    refused(answer, 400, redis)
    assert "hunter2" not in answer.text


@pytest.mark.parametrize("endpoint", QUEUE_ENDPOINTS)
@pytest.mark.parametrize(
    ("metadata", "warned"),
    [
        ({"mesage": "Hi"}, ["call_metadata.mesage means nothing to this service: perhaps message was meant."]),
        ({"message": "Hi", "messages": 2}, []),
        ({"order": 7, "notes": "x"}, []),
        ({"Voice": "man", "voices": "man"}, ["call_metadata.Voice means nothing"]),
        ({"language": "Spanish"}, ['call_metadata.language "Spanish" is no language of Twilio\'s']),
        ({"voice": "Polly.Nobody"}, ['call_metadata.voice "Polly.Nobody" is no voice of Twilio\'s']),
        ({"voice": "Polly.Joanna-Neural", "language": "en-us"}, []),
        ({"voice": "Google.en-US-Chirp3-HD-Aoede", "language": "arb"}, []),
    ],
    ids=str,
)
async def test_what_is_perhaps_not_meant_is_told_with_the_acceptance(
    start: Start, endpoint: str, metadata: dict[str, Any], warned: list[str]
) -> None:
    client = await start(PUBLIC_BASE_URL=PUBLIC)
    answer = await client.post(endpoint, GOOD[endpoint] | {"call_metadata": metadata})
    assert answer.status == 200, answer.text
    sentences = answer.body["warnings"]
    assert len(sentences) == len(warned)
    assert all(sentence.startswith(begin) for sentence, begin in zip(sentences, warned, strict=True))


async def test_a_thousand_misspelt_keys_make_one_warning(client: Client) -> None:
    metadata = {f"message{chr(letter)}": 1 for letter in range(0x4E00, 0x4E00 + 1000)}
    answer = await client.post("queue-single-call", GOOD["queue-single-call"] | {"call_metadata": metadata})
    assert len(answer.body["warnings"]) == 1


@pytest.mark.parametrize("media", ["application/x-www-form-urlencoded", "text/" + "x" * 500], ids=len)
async def test_what_was_declared_instead_of_json_is_told(client: Client, redis: "Redis", media: str) -> None:
    answer = await client.send("queue-single-call", b'{"to_number": "+12025550100"}', media)
    detail = refused(answer, 415, redis)["detail"]
    assert detail.startswith(f'The body must be JSON, with Content-Type: application/json; seen: "{media[:30]}')
    assert len(detail) < 130
