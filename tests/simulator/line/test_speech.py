"""What a voice takes at once, and what is passed over without a word."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.line.speech import unspoken
from tests.simulator.conftest import Receiver

LONG = "a" * 4501


@pytest.mark.parametrize(
    ("voice", "text", "code"),
    [
        ("woman", "a" * 4096, None),
        ("woman", "a" * 4097, 13521),
        ("", "é" * 750, None),
        ("", "é" * 751, 13521),
        ("Polly.Joanna-Neural", "a" * 3000, None),
        ("Polly.Joanna-Neural", "a" * 3001, 13521),
        ("Google.en-US-Standard-C", "a" * 4500, None),
        ("Google.en-US-Standard-C", LONG, 13521),
        ("man", "", 13520),
    ],
    ids=lambda value: str(value)[:24],
)
def test_each_kind_of_voice_takes_a_text_up_to_its_length(voice: str, text: str, code: int | None) -> None:
    warning = unspoken(text, voice)

    assert (warning and warning[0]) == code


async def test_what_is_too_long_is_not_heard_and_the_call_goes_on(start: Any, receiver: Receiver) -> None:
    simulator = await start(talk_seconds=None)
    url = receiver.twiml("/twiml", f"<Response><Say>{LONG}</Say><Say> </Say><Say>then</Say></Response>")
    call = await simulator.ended(await simulator.call("+15552230401", Twiml="", Url=url))

    assert call["heard"] == ["Say: then"]
    assert [error["code"] for error in call["errors"]] == [13521, 13520]
