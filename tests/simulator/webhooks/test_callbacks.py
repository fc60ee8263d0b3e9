"""Status callbacks: subscribed events only, in order, signed, repeated by the overrides."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from aiohttp import web
from twilio.request_validator import RequestValidator

from tests.machine import Machine
from tests.ports import reserve_port
from tests.simulator.conftest import AUTH_TOKEN, EVENTS, FROM, SILENCE, Received, Receiver, Running, order, until

TO = "+15552230001"


async def test_four_events_come_in_order_with_twilios_fields(simulator: Running, receiver: Receiver) -> None:
    sid = await order(simulator, receiver, TO, MachineDetection="Enable")
    await simulator.ended(sid)
    forms = [request.form for request in receiver.received]
    assert [form["CallStatus"] for form in forms] == [*("initiated", "ringing", "in-progress", "completed")]
    assert [form["SequenceNumber"] for form in forms] == ["0", "1", "2", "3"]
    for form in forms:
        assert (form["CallSid"], form["To"], form["Called"]) == (sid, TO, TO)
        assert (form["From"], form["Caller"]) == (FROM, FROM)
        assert (form["Direction"], form["ApiVersion"]) == ("outbound-api", "2010-04-01")
        assert form["CallbackSource"] == "call-progress-events"
        assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000", form["Timestamp"])
        assert form["CalledZip"] == ""
    last = forms[-1]
    assert "CallDuration" not in forms[2]
    assert (last["Duration"], last["AnsweredBy"]) == ("1", "human")
    assert int(last["CallDuration"]) >= 8


async def test_every_callback_carries_a_signature_twilios_validator_accepts(
    simulator: Running, receiver: Receiver
) -> None:
    url = receiver.base_url + "/cb/a%20b?call=1&x=%2B#rc=2&rp=all"
    await simulator.ended(await order(simulator, receiver, TO, StatusCallback=url))
    validator = RequestValidator(AUTH_TOKEN)
    assert len(receiver.received) == 4
    for request in receiver.received:
        assert request.url.endswith("/cb/a%20b?call=1&x=%2B")
        signature = request.headers["X-Twilio-Signature"]
        assert validator.validate(request.url, request.form, signature)


async def test_a_get_callback_carries_signed_fields_in_its_query(simulator: Running, receiver: Receiver) -> None:
    fields = {"StatusCallback": receiver.base_url + "/cb?a=1", "StatusCallbackMethod": "GET"}
    await simulator.ended(await simulator.call(**fields))
    (request,) = receiver.received
    assert (request.method, request.form) == ("GET", {})
    assert "/cb?a=1&CallSid=CA" in request.url
    signature = request.headers["X-Twilio-Signature"]
    assert RequestValidator(AUTH_TOKEN).validate(request.url, {}, signature)


async def test_user_and_password_are_sent_as_basic_and_not_signed(simulator: Running, receiver: Receiver) -> None:
    url = receiver.base_url.replace("http://", "http://user:pass@") + "/cb"
    await simulator.ended(await simulator.call(StatusCallback=url))
    (request,) = receiver.received
    assert request.headers["Authorization"].startswith("Basic ")
    signature = request.headers["X-Twilio-Signature"]
    assert RequestValidator(AUTH_TOKEN).validate(request.url, request.form, signature)


async def test_by_default_only_completed_is_told(simulator: Running, receiver: Receiver) -> None:
    await simulator.ended(await simulator.call(StatusCallback=receiver.base_url + "/cb"))
    assert [request.form["CallStatus"] for request in receiver.received] == ["completed"]
    assert receiver.received[0].form["SequenceNumber"] == "0"


async def test_events_joined_by_commas_silence_the_call(simulator: Running, receiver: Receiver) -> None:
    joined = " ".join(EVENTS).replace(" ", ",")
    fields = {"StatusCallback": receiver.base_url + "/cb", "StatusCallbackEvent": joined}
    call = await simulator.ended(await simulator.call(**fields))
    assert receiver.received == []
    assert call["callbacks"] == []
    assert [error["code"] for error in call["errors"]] == [21626]


async def test_a_canceled_call_is_told_as_completed_event(start: Any, receiver: Receiver) -> None:
    simulator = await start(answer_after_seconds=1000.0)
    sid = await order(simulator, receiver, TO)
    client = simulator.client()
    await asyncio.to_thread(client.calls(sid).update, status="completed")
    call = await simulator.ended(sid)
    last = receiver.received[-1].form
    assert (last["CallStatus"], last["SipResponseCode"]) == ("canceled", "487")
    assert call["callbacks"][-1]["event"] == "completed"


async def test_a_5xx_is_recorded_and_by_default_not_repeated(simulator: Running, receiver: Receiver) -> None:
    receiver.answers["/cb"] = lambda _request: web.Response(status=503)
    call = await simulator.ended(await simulator.call(StatusCallback=receiver.base_url + "/cb"))
    (record,) = call["callbacks"]
    assert (record["http_status"], record["attempts"]) == (503, 1)
    assert [error["code"] for error in call["errors"]] == [15003]


async def test_overrides_in_the_fragment_ask_for_retries_with_one_token(simulator: Running, receiver: Receiver) -> None:
    def failing_twice(_request: Received) -> web.Response:
        return web.Response(status=500 if len(receiver.received) < 3 else 204)

    receiver.answers["/cb"] = failing_twice
    url = receiver.base_url + "/cb#rc=5&rp=5xx,ct,rt"
    call = await simulator.ended(await simulator.call(StatusCallback=url))
    (record,) = call["callbacks"]
    assert (record["http_status"], record["attempts"]) == (204, 3)
    tokens = {request.headers["I-Twilio-Idempotency-Token"] for request in receiver.received}
    assert len(tokens) == 1


@pytest.mark.parametrize(
    ("fragment", "attempts"),
    [("", 1), ("#rc=2&rp=5xx", 1), ("#rc=2&rp=4xx", 3), ("#rc=2&rp=all", 3), ("#rc=9&rp=4xx", 2)],
)
async def test_only_the_named_failures_are_repeated(
    simulator: Running, receiver: Receiver, fragment: str, attempts: int
) -> None:
    receiver.answers["/cb"] = lambda _request: web.Response(status=403)
    url = receiver.base_url + "/cb" + fragment
    call = await simulator.ended(await simulator.call(StatusCallback=url))
    assert call["callbacks"][0]["attempts"] == attempts


async def test_a_refused_connection_is_tried_twice_by_default(simulator: Running) -> None:
    url = f"http://127.0.0.1:{reserve_port()}/cb"
    call = await simulator.ended(await simulator.call(StatusCallback=url))
    (record,) = call["callbacks"]
    assert (record["failure"], record["attempts"], record["http_status"]) == ("ct", 2, None)


async def test_the_read_timeout_override_cuts_a_slow_answer(
    simulator: Running, receiver: Receiver, machine: Machine
) -> None:
    async def slow(_request: Received) -> web.Response:
        await asyncio.sleep(5)
        return web.Response(status=204)

    receiver.answers["/cb"] = slow
    watch = machine.stopwatch()
    url = receiver.base_url + "/cb#rt=100&rc=1&rp=rt"
    call = await simulator.ended(await simulator.call(StatusCallback=url))
    (record,) = call["callbacks"]
    assert (record["failure"], record["attempts"]) == ("rt", 2)
    assert watch.seconds < 8  # with the attempts as long as the answers it were ten


async def test_the_total_override_bounds_all_attempts(simulator: Running, receiver: Receiver) -> None:
    async def slow(_request: Received) -> web.Response:
        await asyncio.sleep(5)
        return web.Response(status=204)

    receiver.answers["/cb"] = slow
    url = receiver.base_url + "/cb#tt=200&rc=5&rp=all"
    call = await simulator.ended(await simulator.call(StatusCallback=url))
    assert call["callbacks"][0]["failure"] == "tt"


async def statuses_with(simulator: Running, receiver: Receiver, count: int, **fault: object) -> list[str]:
    """The statuses that arrive, in order, when a fault befalls the callbacks."""
    await simulator.control("POST", "faults", {"to": TO, "times": None} | fault)
    await simulator.ended(await order(simulator, receiver, TO))

    async def arrived() -> bool:
        return len(receiver.received) >= count

    await until(arrived)
    return [request.form["CallStatus"] for request in receiver.received]


async def test_a_dropped_callback_never_comes(simulator: Running, receiver: Receiver) -> None:
    got = await statuses_with(simulator, receiver, 3, kind="callback_drop", event="completed")
    assert got == ["initiated", "ringing", "in-progress"]


async def test_a_doubled_callback_comes_twice_with_one_token(simulator: Running, receiver: Receiver) -> None:
    got = await statuses_with(simulator, receiver, 5, kind="callback_double", event="ringing")
    assert got == ["initiated", "ringing", "ringing", "in-progress", "completed"]
    first, second = receiver.received[1:3]
    assert first.form == second.form
    token = "I-Twilio-Idempotency-Token"
    assert first.headers[token] == second.headers[token]


async def test_reordered_callbacks_come_after_the_one_that_followed(simulator: Running, receiver: Receiver) -> None:
    got = await statuses_with(simulator, receiver, 4, kind="callback_reorder", times=1)
    assert sorted(got) == ["completed", "in-progress", "initiated", "ringing"]
    assert got.index("initiated") > got.index("ringing")


async def test_all_callbacks_reordered_come_in_reverse(simulator: Running, receiver: Receiver) -> None:
    got = await statuses_with(simulator, receiver, 4, kind="callback_reorder")
    assert got == ["completed", "in-progress", "ringing", "initiated"]


async def test_a_late_callback_is_overtaken(simulator: Running, receiver: Receiver) -> None:
    got = await statuses_with(simulator, receiver, 4, kind="callback_late", event="initiated", seconds=0.4)
    assert got == ["ringing", "in-progress", "completed", "initiated"]


async def test_an_update_can_name_another_callback_address(start: Any, receiver: Receiver) -> None:
    simulator = await start(answer_after_seconds=1000.0)
    sid = await simulator.call(Twiml=SILENCE, StatusCallback=receiver.base_url + "/old")
    client = simulator.client()
    url = receiver.base_url + "/new"
    await asyncio.to_thread(client.calls(sid).update, status_callback=url)
    await asyncio.to_thread(client.calls(sid).update, status="canceled")
    await simulator.ended(sid)
    assert [request.url for request in receiver.received] == [url]
