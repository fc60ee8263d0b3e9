"""Calls live as their number's script says, at the account's pace."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from aiohttp import web

from tests.machine import Machine
from tests.simulator.conftest import FROM, SILENCE, Receiver, Running, order, until


@pytest.mark.parametrize(
    ("to", "statuses", "sip_response_code"),
    [
        ("+15552230001", ["initiated", "ringing", "in-progress", "completed"], "200"),
        ("+15552230101", ["initiated", "busy"], "486"),
        ("+15552230102", ["initiated", "ringing", "no-answer"], "487"),
        ("+15552230103", ["initiated", "failed"], "404"),
        ("+15552230104", ["initiated", "ringing", "in-progress", "completed"], "200"),
    ],
)
async def test_a_numbers_ending_decides_its_outcome(
    simulator: Running, receiver: Receiver, to: str, statuses: list[str], sip_response_code: str
) -> None:
    call = await simulator.ended(await order(simulator, receiver, to, Timeout="5"))
    assert [request.form["CallStatus"] for request in receiver.received] == statuses
    assert call["status"] == statuses[-1]
    last = receiver.received[-1].form
    assert last["SipResponseCode"] == sip_response_code
    assert (int(last["CallDuration"]) > 0) == (statuses[-1] == "completed")


async def test_a_script_overrides_the_ending(simulator: Running) -> None:
    script = {"outcome": "failed", "sip_response_code": 603, "ring_seconds": 0}
    await simulator.control("PUT", "numbers/+15552230001", script)
    call = await simulator.ended(await simulator.call("+15552230001"))
    assert (call["status"], call["sip_response_code"]) == ("failed", 603)
    await simulator.control("DELETE", "numbers")
    call = await simulator.ended(await simulator.call("+15552230001"))
    assert call["status"] == "completed"


async def test_ringing_longer_than_the_timeout_is_no_answer(simulator: Running) -> None:
    await simulator.control("PUT", "numbers/+15552230001", {"ring_seconds": 30})
    call = await simulator.ended(await simulator.call(Timeout="20"))
    assert (call["status"], call["sip_response_code"]) == ("no-answer", 487)
    assert 0.19 < call["ended"] - call["started"] < 20


async def test_speed_scales_the_calls_clock_and_durations_are_in_it(simulator: Running) -> None:
    await simulator.control("PUT", "numbers/+15552230001", {"talk_seconds": 60})
    call = await simulator.ended(await simulator.call())
    assert 0.59 < call["ended"] - call["answered"] < 60
    assert call["duration_seconds"] == pytest.approx((call["ended"] - call["answered"]) * 100, abs=1)


async def test_the_time_limit_ends_a_call(simulator: Running) -> None:
    await simulator.control("PUT", "numbers/+15552230001", {"talk_seconds": 3000})
    call = await simulator.ended(await simulator.call(TimeLimit="60"))
    assert call["status"] == "completed"
    assert 60 <= call["duration_seconds"] < 3000


@pytest.mark.parametrize(
    ("to", "detection", "answered_by"),
    [
        ("+15552230001", "Enable", "human"),
        ("+15552230104", "Enable", "machine_start"),
        ("+15552230104", "DetectMessageEnd", "machine_end_beep"),
        ("+15552230104", "", None),
    ],
)
async def test_who_answered_is_told_only_if_asked(
    simulator: Running, to: str, detection: str, answered_by: str | None
) -> None:
    fields = {"MachineDetection": detection} if detection else {}
    call = await simulator.ended(await simulator.call(to, **fields))
    assert call["answered_by"] == answered_by


async def test_send_digits_switches_detection_off(simulator: Running) -> None:
    sid = await simulator.call(MachineDetection="Enable", SendDigits="ww1")
    assert (await simulator.ended(sid))["answered_by"] is None


async def test_synchronous_detection_holds_the_twiml_back_and_tells_it_who(
    simulator: Running, receiver: Receiver
) -> None:
    url = receiver.twiml("/twiml", SILENCE)
    sid = await simulator.call(Twiml="", Url=url, MachineDetection="Enable")
    await simulator.ended(sid)
    assert receiver.received[0].form["AnsweredBy"] == "human"


async def test_asynchronous_detection_reports_to_its_own_address(simulator: Running, receiver: Receiver) -> None:
    url = receiver.twiml("/twiml", SILENCE)
    sid = await simulator.call(
        "+15552230104",
        Twiml="",
        Url=url,
        MachineDetection="Enable",
        AsyncAmd="true",
        AsyncAmdStatusCallback=receiver.base_url + "/amd",
    )
    await simulator.ended(sid)
    twiml, amd = receiver.received
    assert "AnsweredBy" not in twiml.form
    assert set(amd.form) == {"CallSid", "AccountSid", "AnsweredBy", "MachineDetectionDuration"}
    assert (amd.form["AnsweredBy"], amd.form["CallSid"]) == ("machine_start", sid)


async def test_calls_above_the_accounts_pace_wait_queued_and_are_never_refused(start: Any, machine: Machine) -> None:
    simulator = await start(calls_per_second=20.0)
    before, bodies = time.time(), []
    for number in range(10):
        bodies.append((await simulator.post(form_to(number)))[1])
        took_ms = (time.time() - before) * 1000
        assert number * 50 - took_ms - 1 <= int(bodies[-1]["queue_time"]) <= number * 50
    assert {body["status"] for body in bodies} == {"queued"}
    calls = [await simulator.ended(body["sid"]) for body in bodies]
    started = [call["started"] for call in calls]
    assert started == sorted(started)
    assert started[-1] - started[0] > 0.4 - machine.worst_seconds
    assert machine.seconds(started[0], started[-1]) < 5


def form_to(number: int) -> dict[str, str]:
    return {"To": f"+1555223{number:04}", "From": FROM, "Twiml": SILENCE}


async def test_a_call_canceled_in_the_queue_costs_the_others_no_turn(start: Any, machine: Machine) -> None:
    simulator = await start(calls_per_second=0.5, speed=1000.0)
    first, second, third = [await simulator.call(f"+1555223{n:04}") for n in range(3)]
    client = simulator.client()
    ended = await asyncio.to_thread(client.calls(second).update, status="canceled")
    assert ended.status == "canceled"
    call = await simulator.ended(third)
    # With the turn of the second it would be four.
    assert machine.seconds((await simulator.oracle(first))["started"], call["started"]) < 3.9
    assert (await simulator.oracle(second))["started"] is None


async def test_a_redirect_goes_on_with_other_twiml_only_in_progress(start: Any, receiver: Receiver) -> None:
    simulator = await start(talk_seconds=300.0)
    url = receiver.twiml("/other", "<Response><Say>other words</Say></Response>")
    sid = await simulator.call(Twiml='<Response><Pause length="600"/></Response>')

    async def heard(line: str) -> bool:
        return line in (await simulator.oracle(sid))["heard"]

    await until(lambda: heard("Pause: 600 s"))
    client = simulator.client()
    assert (await asyncio.to_thread(client.calls(sid).update, url=url)).status == "in-progress"
    await until(lambda: heard("Say: other words"))
    twiml = "<Response><Say>third</Say></Response>"
    await asyncio.to_thread(client.calls(sid).update, twiml=twiml)
    await until(lambda: heard("Say: third"))


async def test_a_slow_receiver_does_not_hold_a_call_up(simulator: Running, receiver: Receiver) -> None:
    is_over = asyncio.Event()

    async def slow(_request: Any) -> web.Response:
        await is_over.wait()
        return web.Response(status=204)

    receiver.answers["/cb"] = slow
    sid = await order(simulator, receiver, "+15552230001")

    async def over() -> Any:
        return (await simulator.oracle(sid))["ended"]

    await until(over)
    is_over.set()
