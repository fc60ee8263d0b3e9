"""What an answered call is told, and what it answers."""

import xml.etree.ElementTree as ET

import pytest

from schemas import keys
from tests.app.client import ANSWER, Client
from tests.app.twilio import post
from tests.processes import FROM_NUMBER
from tests.scripts.conftest import Store


@pytest.mark.parametrize(
    "message", ["<Say>&\"'</Say>", "bell\x07 and\x00null", "😀 " * 2500, "x" * 5000, "word " * 1000, "\ud800 lone", ""]
)
async def test_an_answered_call_gets_well_formed_twiml(public: Client, store: Store, message: str) -> None:
    body = {"to_number": "+12025550100", "call_metadata": {"message": message, "voice": "alice", "language": "en-GB"}}
    answer = await public.post("queue-single-call", body)
    call = answer.body["task_id"]
    form = {"CallSid": "CA1", "CallStatus": "in-progress", "To": "+12025550100", "From": FROM_NUMBER}
    status, text = await post(public, f"{ANSWER}?call={call}", form)

    assert status == 200
    root = ET.fromstring(text.encode())
    *said, last = root
    assert {verb.tag for verb in said} == {"Say"}
    assert last.tag == "Hangup"
    for verb in said:
        assert verb.attrib == {"voice": "alice", "language": "en-GB"}
        assert 0 < len(verb.text or "") <= 3000


async def test_who_answers_a_call_that_was_just_cancelled_hears_nothing_of_it(public: Client, store: Store) -> None:
    call = store.placed()
    assert store.cancel(call).done
    status, text = await post(public, f"{ANSWER}?call={call}", {"CallSid": "CA1", "CallStatus": "in-progress"})

    assert (status, [child.tag for child in ET.fromstring(text.encode())]) == (200, ["Hangup"])


async def test_a_pressed_digit_is_stored_and_thanked_for(public: Client, store: Store) -> None:
    call = store.placed()
    form = {"CallSid": "CA1", "CallStatus": "in-progress", "Digits": "5"}
    status, text = await post(public, f"{ANSWER}?call={call}", form)

    assert (status, "Thank you" in text) == (200, True)
    assert store.redis.hget(keys.task(call), "digits") == "5"


async def test_a_call_that_is_not_ours_is_answered_politely(public: Client) -> None:
    status, text = await post(public, ANSWER, {"CallSid": "CAother", "CallStatus": "ringing"})

    assert status == 200
    assert [child.tag for child in ET.fromstring(text.encode())] == ["Say", "Hangup"]
