"""An update changes of a live call whatever Twilio lets it change."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web
from twilio.base.exceptions import TwilioRestException

from tests.simulator.conftest import Receiver, Running, order, until

TO = "+15552230001"


async def talking(simulator: Running, receiver: Receiver, **fields: str) -> str:
    """A call that somebody has answered, and that would go on for half an hour of its own time."""
    await simulator.control("PUT", f"numbers/{TO}", {"talk_seconds": 2000, "ring_seconds": 0})
    sid = await order(simulator, receiver, TO, **fields)

    async def is_answered() -> bool:
        return bool((await simulator.oracle(sid))["status"] == "in-progress")

    await until(is_answered)
    return sid


async def update(simulator: Running, sid: str, **fields: object) -> None:
    await asyncio.to_thread(simulator.client().calls(sid).update, **fields)


async def test_a_time_limit_ends_a_call_that_is_going_on(simulator: Running, receiver: Receiver) -> None:
    sid = await talking(simulator, receiver)
    await update(simulator, sid, time_limit=60)
    call = await simulator.ended(sid)

    assert call["status"] == "completed"
    assert 55 <= call["duration_seconds"] <= 1500


async def test_a_time_limit_that_is_over_ends_a_call_at_once(simulator: Running, receiver: Receiver) -> None:
    sid = await talking(simulator, receiver)
    await asyncio.sleep(0.1)
    await update(simulator, sid, time_limit=1)

    assert (await simulator.ended(sid))["status"] == "completed"


async def test_a_time_limit_of_the_request_can_be_put_off(simulator: Running, receiver: Receiver) -> None:
    sid = await talking(simulator, receiver, TimeLimit="200")
    await update(simulator, sid, time_limit=300)

    assert (await simulator.ended(sid))["duration_seconds"] >= 295


async def test_an_update_of_something_else_leaves_the_time_limit(simulator: Running, receiver: Receiver) -> None:
    sid = await talking(simulator, receiver, TimeLimit="200")
    await update(simulator, sid, twiml="<Response><Say>Wait</Say></Response>")

    assert (await simulator.ended(sid))["duration_seconds"] < 1500


async def test_a_time_limit_counts_from_the_answer_also_of_a_call_that_still_rings(
    simulator: Running, receiver: Receiver
) -> None:
    await simulator.control("PUT", f"numbers/{TO}", {"talk_seconds": 2000, "ring_seconds": 50})
    sid = await order(simulator, receiver, TO)
    await update(simulator, sid, time_limit=60)

    assert 55 <= (await simulator.ended(sid))["duration_seconds"] <= 1500


async def test_a_time_limit_out_of_bounds_changes_nothing(simulator: Running, receiver: Receiver) -> None:
    sid = await talking(simulator, receiver)
    with pytest.raises(TwilioRestException) as caught:
        await update(simulator, sid, time_limit=86_401)

    assert (caught.value.status, caught.value.code) == (400, 20001)
    assert (await simulator.oracle(sid))["status"] == "in-progress"


async def test_another_fallback_is_asked_when_the_new_document_fails(simulator: Running, receiver: Receiver) -> None:
    sid = await talking(simulator, receiver)
    receiver.answers["/broken"] = lambda _request: web.Response(status=500)
    fallback = receiver.twiml("/fallback", "<Response><Say>Instead</Say></Response>")
    await update(simulator, sid, url=receiver.base_url + "/broken", fallback_url=fallback)

    async def is_heard() -> bool:
        return bool((await simulator.oracle(sid))["heard"] == ["Say: Instead"])

    await until(is_heard)


async def test_another_address_gets_the_news_from_then_on(simulator: Running, receiver: Receiver) -> None:
    sid = await talking(simulator, receiver)
    await update(simulator, sid, status_callback=receiver.base_url + "/new")
    await update(simulator, sid, status="completed")
    await simulator.ended(sid)

    assert [one.url.rpartition("/")[2] for one in receiver.received if one.form.get("CallStatus") == "completed"] == [
        "new"
    ]
