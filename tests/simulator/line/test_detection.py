"""Who answers is told as the request's thresholds make of what the number's script says is there."""

from __future__ import annotations

import asyncio

import pytest

from tests.simulator.conftest import Receiver, Running

TO = "+15552230001"


async def verdict(simulator: Running, script: dict[str, object], **detection: str) -> str | None:
    """Whom a call to a number with that script is told to have reached."""
    await simulator.control("PUT", f"numbers/{TO}", {"talk_seconds": 80} | script)
    call = await simulator.ended(await simulator.call(TO, **detection))
    told: str | None = call["answered_by"]
    return told


@pytest.mark.parametrize(
    ("script", "at_start", "at_end"),
    [
        ({"answered_by": "human"}, "human", "human"),
        ({"outcome": "machine"}, "machine_start", "machine_end_beep"),
        ({"outcome": "machine", "answered_by": "machine_end_silence"}, "machine_start", "machine_end_silence"),
        ({"outcome": "machine", "answered_by": "machine_end_other"}, "machine_start", "machine_end_other"),
        ({"answered_by": "fax"}, "fax", "fax"),
        ({"answered_by": "unknown"}, "unknown", "unknown"),
        ({"greeting_seconds": 3}, "machine_start", "machine_end_silence"),
        ({"outcome": "machine", "greeting_seconds": 1}, "human", "human"),
    ],
    ids=str,
)
async def test_each_verdict_of_twilios_can_be_ordered_for_a_number(
    simulator: Running, script: dict[str, object], at_start: str, at_end: str
) -> None:
    asked: list[dict[str, str]] = [{"MachineDetection": "Enable"}, {"MachineDetection": "DetectMessageEnd"}, {}]
    told = await asyncio.gather(*(verdict(simulator, script, **detection) for detection in asked))

    assert told == [at_start, at_end, None]


@pytest.mark.parametrize(
    ("script", "mode", "tuning", "told"),
    [
        ({"greeting_seconds": 3}, "Enable", {"MachineDetectionSpeechThreshold": "3500"}, "human"),
        ({"outcome": "machine"}, "Enable", {"MachineDetectionSpeechThreshold": "6000"}, "human"),
        ({"outcome": "machine", "greeting_seconds": 9}, "DetectMessageEnd", {"MachineDetectionTimeout": "8"},
         "unknown"),
        ({"outcome": "machine", "greeting_seconds": 7}, "DetectMessageEnd", {"MachineDetectionTimeout": "8"},
         "machine_end_beep"),
        ({"outcome": "machine", "greeting_seconds": 7, "answered_by": "machine_end_other"}, "DetectMessageEnd",
         {"MachineDetectionTimeout": "8"}, "unknown"),
        ({"greeting_seconds": 1}, "Enable",
         {"MachineDetectionTimeout": "5", "MachineDetectionSpeechEndThreshold": "5000"}, "unknown"),
    ],
    ids=str,
)  # fmt: skip
async def test_the_thresholds_of_a_request_have_their_effect(
    simulator: Running, script: dict[str, object], mode: str, tuning: dict[str, str], told: str
) -> None:
    assert await verdict(simulator, script, MachineDetection=mode, **tuning) == told


@pytest.mark.parametrize(("tuning", "milliseconds"), [({}, 5000), ({"MachineDetectionSilenceTimeout": "2000"}, 2000)])
async def test_how_long_silence_is_waited_out_is_told(
    simulator: Running, receiver: Receiver, tuning: dict[str, str], milliseconds: int
) -> None:
    callback = {"AsyncAmd": "true", "AsyncAmdStatusCallback": receiver.base_url + "/amd"}
    told = await verdict(simulator, {"answered_by": "unknown"}, MachineDetection="Enable", **callback, **tuning)

    assert told == "unknown"
    assert [one.form["MachineDetectionDuration"] for one in receiver.received] == [str(milliseconds)]


async def test_no_machine_presses_keys(simulator: Running) -> None:
    gather = "<Response><Gather numDigits='1' timeout='1'/></Response>"
    for script, pressed in (({}, "5"), ({"answered_by": "fax"}, ""), ({"outcome": "machine"}, "")):
        await simulator.control("PUT", f"numbers/{TO}", {"digits": "5"} | script)
        assert (await simulator.ended(await simulator.call(TO, Twiml=gather)))["digits_pressed"] == pressed


@pytest.mark.parametrize(
    "script",
    [
        {"answered_by": "machine_start"},
        {"answered_by": "machine_end_beep"},
        {"outcome": "machine", "answered_by": "fax"},
        {"outcome": "busy", "answered_by": "human"},
        {"outcome": "answered", "rings": False},
        {"greeting_seconds": -1},
    ],
    ids=str,
)
async def test_a_script_that_contradicts_itself_is_told_why(simulator: Running, script: dict[str, object]) -> None:
    async with simulator.http.put(f"{simulator.base_url}/simulator/numbers/{TO}", json=script) as answer:
        assert answer.status == 400
        assert (await answer.json())["detail"]
