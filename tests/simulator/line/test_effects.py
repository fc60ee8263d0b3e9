"""What a request asks for besides a call has its effect."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.conftest import Receiver, Running, order

TO = "+15552230001"
SAY = "<Response><Say>Good day</Say></Response>"


@pytest.mark.parametrize("outcome", ["busy", "failed"])
async def test_a_line_that_is_busy_or_fails_may_ring_first(
    simulator: Running, receiver: Receiver, outcome: str
) -> None:
    await simulator.control("PUT", f"numbers/{TO}", {"outcome": outcome, "rings": True})
    call = await simulator.ended(await order(simulator, receiver, TO))

    assert [request.form["CallStatus"] for request in receiver.received] == ["initiated", "ringing", outcome]
    assert call["answered"] is None


async def test_a_busy_line_that_rings_longer_than_the_timeout_is_no_answer(simulator: Running) -> None:
    await simulator.control("PUT", f"numbers/{TO}", {"outcome": "busy", "rings": True, "ring_seconds": 30})

    assert (await simulator.ended(await simulator.call(TO, Timeout="5")))["status"] == "no-answer"


async def test_digits_are_sent_before_the_document_is_read(simulator: Running) -> None:
    call = await simulator.ended(await simulator.call(TO, Twiml=SAY, SendDigits="wwW12#"))

    assert call["heard"] == ["SendDigits: wwW12#", "Say: Good day"]
    assert call["digits_pressed"] == ""


async def test_the_pauses_in_digits_hold_the_document_back(simulator: Running) -> None:
    await simulator.control("PUT", f"numbers/{TO}", {"talk_seconds": 10})
    call = await simulator.ended(await simulator.call(TO, Twiml=SAY, SendDigits="W" * 20))

    assert call["heard"] == ["SendDigits: " + "W" * 20]


RECORDED = {"Record": "true", "RecordingStatusCallbackEvent": "in-progress completed absent"}


async def test_a_recording_is_told_of_as_it_begins_and_ends_and_with_the_end_of_the_call(
    simulator: Running, receiver: Receiver
) -> None:
    callback = receiver.base_url + "/recording"
    extra = RECORDED | {"RecordingStatusCallback": callback, "RecordingChannels": "dual"}
    call = await simulator.ended(await order(simulator, receiver, TO, **extra))
    told = [one.form for one in receiver.received if one.url == callback]
    final = next(one.form for one in receiver.received if one.form.get("CallStatus") == "completed")

    assert [one["RecordingStatus"] for one in told] == ["in-progress", "completed"]
    assert {one["RecordingSid"] for one in (*told, final)} == {call["recording_sid"]}
    assert call["recording_sid"].startswith("RE")
    assert (told[1]["RecordingDuration"], told[1]["RecordingChannels"]) == (final["CallDuration"], "2")
    assert final["RecordingUrl"].endswith(f"/Recordings/{call['recording_sid']}")


@pytest.mark.parametrize(
    ("script", "told"),
    [({"talk_seconds": 0}, ["absent"]), ({"outcome": "busy"}, []), ({"outcome": "no-answer"}, [])],
    ids=str,
)
async def test_what_was_not_recorded_is_told_so_and_a_call_that_nobody_answers_has_no_recording(
    start: Any, receiver: Receiver, script: dict[str, object], told: list[str]
) -> None:
    simulator = await start(speed=1.0, answer_after_seconds=0.0)
    await simulator.control("PUT", f"numbers/{TO}", script)
    callback = {"RecordingStatusCallback": receiver.base_url + "/recording", "Timeout": "1"}
    events = RECORDED | {"RecordingStatusCallbackEvent": "completed absent"}
    call = await simulator.ended(await simulator.call(TO, **events, **callback))

    assert [one.form["RecordingStatus"] for one in receiver.received] == told
    assert call["status"] in ("completed", "busy", "no-answer")


async def test_without_record_there_is_no_recording(simulator: Running, receiver: Receiver) -> None:
    call = await simulator.ended(
        await simulator.call(TO, RecordingStatusCallback=receiver.base_url + "/recording", Record="false")
    )

    assert (call["recording_sid"], receiver.received) == (None, [])
