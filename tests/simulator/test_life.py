"""Calls live as their number's script says, at the account's pace."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from aiohttp import web

from tests.simulator.conftest import FROM, SILENCE, Receiver, Running, until

EVENTS = ["initiated", "ringing", "answered", "completed"]


async def order(simulator: Running, receiver: Receiver, to: str, **fields: str) -> str:
    """A call with all four events subscribed; its sid."""
    form = {"To": to, "From": FROM, "Twiml": SILENCE, "StatusCallback": receiver.base_url + "/cb"}
    pairs = [*(form | fields).items(), *(("StatusCallbackEvent", event) for event in EVENTS)]
    status, body = await simulator.post(pairs)
    assert status == 201, body
    return str(body["sid"])


@pytest.mark.parametrize(
    ("to", "statuses", "sip_response_code"),
    [
        ("+15551230001", ["initiated", "ringing", "in-progress", "completed"], "200"),
        ("+15551230101", ["initiated", "busy"], "486"),
        ("+15551230102", ["initiated", "ringing", "no-answer"], "487"),
        ("+15551230103", ["initiated", "failed"], "404"),
        ("+15551230104", ["initiated", "ringing", "in-progress", "completed"], "200"),
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
    await simulator.control("PUT", "numbers/+15551230001", script)
    call = await simulator.ended(await simulator.call("+15551230001"))
    assert (call["status"], call["sip_response_code"]) == ("failed", 603)
    await simulator.control("DELETE", "numbers")
    call = await simulator.ended(await simulator.call("+15551230001"))
    assert call["status"] == "completed"


async def test_ringing_longer_than_the_timeout_is_no_answer(simulator: Running) -> None:
    await simulator.control("PUT", "numbers/+15551230001", {"ring_seconds": 30})
    call = await simulator.ended(await simulator.call(Timeout="20"))
    assert (call["status"], call["sip_response_code"]) == ("no-answer", 487)
    assert call["ended"] - call["started"] == pytest.approx(0.2, abs=0.15)


async def test_speed_scales_the_calls_clock_and_durations_are_in_it(simulator: Running) -> None:
    await simulator.control("PUT", "numbers/+15551230001", {"talk_seconds": 60})
    call = await simulator.ended(await simulator.call())
    assert call["ended"] - call["answered"] == pytest.approx(0.6, abs=0.2)
    assert 60 <= call["duration_seconds"] <= 75


async def test_the_time_limit_ends_a_call(simulator: Running) -> None:
    await simulator.control("PUT", "numbers/+15551230001", {"talk_seconds": 3000})
    call = await simulator.ended(await simulator.call(TimeLimit="60"))
    assert call["status"] == "completed"
    assert 60 <= call["duration_seconds"] <= 75


@pytest.mark.parametrize(
    ("to", "detection", "answered_by"),
    [
        ("+15551230001", "Enable", "human"),
        ("+15551230104", "Enable", "machine_start"),
        ("+15551230104", "DetectMessageEnd", "machine_end_beep"),
        ("+15551230104", "", None),
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
        "+15551230104",
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


async def test_calls_above_the_accounts_pace_wait_queued_and_are_never_refused(start: Any) -> None:
    simulator = await start(calls_per_second=20.0)
    bodies = [(await simulator.post(form_to(number)))[1] for number in range(10)]
    waits = [int(body["queue_time"]) for body in bodies]
    assert {body["status"] for body in bodies} == {"queued"}
    assert waits[0] == 0
    assert waits == sorted(waits)
    assert 300 <= waits[-1] <= 450
    calls = [await simulator.ended(body["sid"]) for body in bodies]
    started = [call["started"] for call in calls]
    assert started == sorted(started)
    assert started[-1] - started[0] == pytest.approx(0.45, abs=0.1)


def form_to(number: int) -> dict[str, str]:
    return {"To": f"+1555123{number:04}", "From": FROM, "Twiml": SILENCE}


async def test_a_call_canceled_in_the_queue_costs_the_others_no_turn(start: Any) -> None:
    simulator = await start(calls_per_second=2.0, speed=1000.0)
    first, second, third = [await simulator.call(f"+1555123{n:04}") for n in range(3)]
    client = simulator.client()
    ended = await asyncio.to_thread(client.calls(second).update, status="canceled")
    assert ended.status == "canceled"
    call = await simulator.ended(third)
    assert call["started"] - (await simulator.oracle(first))["started"] < 0.9
    assert (await simulator.oracle(second))["started"] is None


async def test_the_oracle_counts_live_calls_and_forgets_on_demand(start: Any, receiver: Receiver) -> None:
    simulator = await start(answer_after_seconds=20.0)
    for number in range(5):
        await order(simulator, receiver, f"+1555123{number:04}")
    summary = await simulator.control("GET", "summary")
    assert (summary["live_now"], summary["max_live"], summary["created"]) == (5, 5, 5)

    async def all_ring() -> bool:
        return len(receiver.received) == 10

    await until(all_ring)
    await simulator.control("DELETE", "calls")
    # Time for what must not happen: the calls would have been answered after 0.2 s of ringing.
    await asyncio.sleep(0.3)
    assert len(receiver.received) == 10
    report = await simulator.control("GET", "calls")
    assert report == {"live_now": 0, "max_live": 0, "calls": [], "requests": []}


async def test_memory_is_bounded_to_the_newest_calls(start: Any) -> None:
    simulator = await start(kept_calls=3)
    sids = [await simulator.call(f"+1555123{number:04}") for number in range(5)]
    report = await simulator.control("GET", "calls")
    assert [call["sid"] for call in report["calls"]] == sids[2:]
    assert report["live_now"] == 3
    assert len(report["requests"]) == 3


async def test_created_at_is_when_the_request_was_accepted(simulator: Running) -> None:
    before = time.time()
    sid = await simulator.call()
    assert before <= (await simulator.oracle(sid))["created_at"] <= time.time()


async def test_the_oracle_can_be_asked_about_one_number_or_a_late_part(simulator: Running) -> None:
    early = await simulator.call("+15551230001")
    middle = (await simulator.oracle(early))["created_at"] + 0.0005
    await asyncio.sleep(0.001)
    late = await simulator.call("+15551230002")
    since = await simulator.control("GET", f"calls?since={middle}")
    assert [call["sid"] for call in since["calls"]] == [late]
    of_one = await simulator.control("GET", "calls?to=%2B15551230001")
    assert [call["sid"] for call in of_one["calls"]] == [early]
    assert {request["to"] for request in of_one["requests"]} == {"+15551230001"}


async def test_all_form_parameters_are_kept_as_lists(simulator: Running) -> None:
    pairs = [("To", "+15551230001"), ("From", FROM), ("Twiml", SILENCE), ("Odd", "")]
    pairs += [("StatusCallbackEvent", "ringing"), ("StatusCallbackEvent", "answered")]
    _, body = await simulator.post(pairs)
    params = (await simulator.oracle(body["sid"]))["params"]
    assert params["StatusCallbackEvent"] == ["ringing", "answered"]
    assert params["Odd"] == [""]


async def test_the_front_page_lists_calls_and_escapes_what_was_heard(simulator: Running) -> None:
    await simulator.ended(await simulator.call(Twiml="<Response><Say>&lt;script&gt;x</Say></Response>"))
    async with simulator.http.get(simulator.base_url + "/") as answer:
        page = await answer.text()
        assert answer.content_type == "text/html"
    assert "+15551230001" in page
    assert "&lt;script&gt;" in page
    assert "<script>" not in page


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
    async def slow(_request: Any) -> web.Response:
        await asyncio.sleep(1.0)
        return web.Response(status=204)

    receiver.answers["/cb"] = slow
    sid = await order(simulator, receiver, "+15551230001")

    async def over() -> Any:
        return (await simulator.oracle(sid))["ended"]

    await until(over, seconds=0.8)
