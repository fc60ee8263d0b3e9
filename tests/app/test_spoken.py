"""What is asked to be said is said, or refused with how much can be; and what will have no effect is told."""

import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from redis import Redis

from tests.app.client import ANSWER, PUBLIC, QUEUE_ENDPOINTS, Client
from tests.app.conftest import Start
from tests.app.refusal import invalid
from tests.app.test_refusing import GOOD
from tests.app.twilio import post
from tests.processes import FROM_NUMBER

HINDI = ("नमस्ते। आपका पार्सल आ गया है। " * 40)[:1024].strip()
JAPANESE = "荷物が届きましたので受け取りに来てください" * 100
ENGLISH = "Your parcel is here. Please come and fetch it. " * 80
FORM = {"CallSid": "CA1", "From": FROM_NUMBER}
METADATA_PATH = "call_metadata.message"


def order(endpoint: str, message: str, **fields: Any) -> dict[str, Any]:
    return GOOD[endpoint] | {"call_metadata": {"message": message}} | fields


def letters(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("gather", [False, True])
@pytest.mark.parametrize("message", [HINDI, JAPANESE, ENGLISH, "👩‍👩‍👧‍👦" * 150, "&" * 10_000], ids=ascii)
async def test_all_of_a_message_is_spoken_to_whoever_answers(public: Client, message: str, gather: bool) -> None:
    body = order("queue-single-call", message)
    body["call_metadata"]["gather_input"] = gather
    call = await public.queue("queue-single-call", body)
    status, text = await post(public, f"{ANSWER}?call={call}", FORM | {"To": body["to_number"]})
    assert status == 200
    answer = ET.fromstring(text)
    assert (answer.find("Gather") is not None) == gather
    spoken = [say.text or "" for say in answer.iter("Say")]
    assert len(spoken) > 1
    assert letters("".join(spoken)) == letters(message)


@pytest.mark.parametrize("endpoint", QUEUE_ENDPOINTS)
@pytest.mark.parametrize("message", [HINDI, JAPANESE, "Your parcel is here. " * 150], ids=ascii)
async def test_without_a_public_url_a_message_of_any_script_goes_along_with_the_call(
    client: Client, endpoint: str, message: str
) -> None:
    await client.queue(endpoint, order(endpoint, message))


@pytest.mark.parametrize("endpoint", QUEUE_ENDPOINTS)
@pytest.mark.parametrize("message", [ENGLISH * 2, HINDI * 5, "&" * 2000, "x" * 9000], ids=ascii)
async def test_more_than_twilio_takes_along_with_a_call_is_refused_with_how_much_it_takes(
    client: Client, redis: "Redis", endpoint: str, message: str
) -> None:
    answer = await client.post(endpoint, order(endpoint, message))
    errors = invalid(answer, redis)
    assert list(errors) == [METADATA_PATH]
    assert answer.body["detail"].startswith(f"{METADATA_PATH} must be at most ")
    assert "PUBLIC_BASE_URL" in answer.body["detail"]
    (most,) = map(int, re.findall(r"at most (\d+) characters", answer.body["detail"]))
    assert 700 < most < 4000
    await client.queue(endpoint, order(endpoint, message[:most]))


@pytest.mark.parametrize("endpoint", QUEUE_ENDPOINTS)
async def test_even_what_is_fetched_has_a_most(public: Client, redis: "Redis", endpoint: str) -> None:
    answer = await public.post(endpoint, order(endpoint, "&" * 16_000))
    assert list(invalid(answer, redis)) == [METADATA_PATH]
    (most,) = map(int, re.findall(r"at most (\d+) characters", answer.body["detail"]))
    await public.queue(endpoint, order(endpoint, "&" * most))


@pytest.mark.parametrize("settings", [{}, {"PUBLIC_BASE_URL": PUBLIC}], ids=str)
async def test_what_the_clients_own_webhook_says_is_its_own_affair(start: Start, settings: dict[str, str]) -> None:
    client = await start(**settings)
    body = order("queue-single-call", "&" * 16_000, webhook_url="https://client.example/twiml")
    await client.queue("queue-single-call", body)


@pytest.mark.parametrize("endpoint", QUEUE_ENDPOINTS)
@pytest.mark.parametrize(
    ("metadata", "fields", "settings", "warned"),
    [
        ({}, {}, {}, []),
        ({"message": "Hi", "voice": "alice", "language": "en-US", "note": "x"}, {}, {}, []),
        ({"message": "Hi", "gather_input": True}, {}, {"PUBLIC_BASE_URL": PUBLIC}, []),
        ({"message": "Hi", "gather_input": True}, {}, {}, ["call_metadata.gather_input has no effect: "]),
        ({"gather_input": False, "voice": None}, {}, {}, []),
        ({"voice": "Mrs Alice", "language": "<en>"}, {}, {}, ["call_metadata.voice has", "call_metadata.language has"]),
        ({"message": "a\0b"}, {}, {}, ["call_metadata.message holds characters that cannot be spoken"]),
        ({"note": "x"}, {"webhook_url": "https://client.example/"}, {}, []),
        (
            {"message": "Hi", "voice": "a b"},
            {"webhook_url": "https://client.example/"},
            {},
            ["call_metadata.message has no effect: webhook_url", "call_metadata.voice has no effect: webhook_url"],
        ),
        ({"message": "Hi"}, {"webhook_url": f"{PUBLIC}{ANSWER}"}, {"PUBLIC_BASE_URL": PUBLIC}, []),
    ],
    ids=str,
)
async def test_what_will_have_no_effect_is_told_with_the_acceptance(
    start: Start,
    endpoint: str,
    metadata: dict[str, Any],
    fields: dict[str, str],
    settings: dict[str, str],
    warned: list[str],
) -> None:
    client = await start(**settings)
    answer = await client.post(endpoint, GOOD[endpoint] | fields | {"call_metadata": metadata})
    assert answer.status == 200, answer.text
    sentences = answer.body["warnings"]
    assert len(sentences) == len(warned)
    assert all(sentence.startswith(start) for sentence, start in zip(sentences, warned, strict=True))
    assert all(sentence.endswith(".") for sentence in sentences)


async def test_a_replayed_acceptance_warns_as_the_first_did(client: Client) -> None:
    body = order("queue-single-call", "Hi", webhook_url="https://client.example/")
    first = await client.post("queue-single-call", body, **{"Idempotency-Key": "one"})
    again = await client.post("queue-single-call", body, **{"Idempotency-Key": "one"})
    assert first.body == again.body
    assert len(again.body["warnings"]) == 1


async def test_a_call_without_a_message_is_told_the_default_one(start: Start) -> None:
    client = await start(PUBLIC_BASE_URL=PUBLIC, DEFAULT_MESSAGE="The office is closed.")
    body = GOOD["queue-single-call"]
    call = await client.queue("queue-single-call", body)
    _, text = await post(client, f"{ANSWER}?call={call}", FORM | {"To": body["to_number"]})
    assert "<Say>The office is closed.</Say>" in text
