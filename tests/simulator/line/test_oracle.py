"""What the simulator tells of the calls that it witnessed."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from tests.simulator.conftest import FROM, SILENCE, Receiver, Running, order, until


async def test_the_oracle_counts_live_calls_and_forgets_on_demand(start: Any, receiver: Receiver) -> None:
    simulator = await start(answer_after_seconds=100.0)
    for number in range(5):
        await order(simulator, receiver, f"+1555223{number:04}")
    summary = await simulator.control("GET", "summary")
    assert (summary["live_now"], summary["max_live"], summary["created"]) == (5, 5, 5)

    async def all_ring() -> bool:
        return len(receiver.received) == 10

    await until(all_ring)
    await simulator.control("DELETE", "calls")
    report = await simulator.control("GET", "calls")
    assert report == {"live_now": 0, "max_live": 0, "calls": [], "requests": []}
    # They would have been answered before a call that rings as long and came later.
    await simulator.ended(await simulator.call("+15552230009"))
    assert len(receiver.received) == 10


async def test_memory_is_bounded_to_the_newest_calls(start: Any) -> None:
    simulator = await start(kept_calls=3)
    sids = [await simulator.call(f"+1555223{number:04}") for number in range(5)]
    report = await simulator.control("GET", "calls")
    assert [call["sid"] for call in report["calls"]] == sids[2:]
    assert report["live_now"] == 3
    assert len(report["requests"]) == 3


async def test_created_at_is_when_the_request_was_accepted(simulator: Running) -> None:
    before = time.time()
    sid = await simulator.call()
    assert before <= (await simulator.oracle(sid))["created_at"] <= time.time()


async def test_the_oracle_can_be_asked_about_one_number_or_a_late_part(simulator: Running) -> None:
    early = await simulator.call("+15552230001")
    middle = (await simulator.oracle(early))["created_at"] + 0.0005
    await asyncio.sleep(0.001)
    late = await simulator.call("+15552230002")
    since = await simulator.control("GET", f"calls?since={middle}")
    assert [call["sid"] for call in since["calls"]] == [late]
    of_one = await simulator.control("GET", "calls?to=%2B15552230001")
    assert [call["sid"] for call in of_one["calls"]] == [early]
    assert {request["to"] for request in of_one["requests"]} == {"+15552230001"}


async def test_all_form_parameters_are_kept_as_lists(simulator: Running) -> None:
    pairs = [("To", "+15552230001"), ("From", FROM), ("Twiml", SILENCE), ("Odd", "")]
    pairs += [("StatusCallbackEvent", "ringing"), ("StatusCallbackEvent", "answered")]
    _, body = await simulator.post(pairs)
    params = (await simulator.oracle(body["sid"]))["params"]
    assert params["StatusCallbackEvent"] == ["ringing", "answered"]
    assert params["Odd"] == [""]


async def test_the_front_page_lists_calls_and_escapes_what_was_heard(simulator: Running) -> None:
    twiml = '<Response><Say voice="Polly.Lucia" language="es-ES">&lt;script&gt;x</Say><Gather timeout="1"/></Response>'
    await simulator.control("PUT", "numbers/+15552230001", {"digits": "7"})
    await simulator.ended(await simulator.call(Twiml=twiml))
    async with simulator.http.get(simulator.base_url + "/") as answer:
        page = await answer.text()
        assert answer.content_type == "text/html"
    assert "+15552230001" in page
    assert "<td>7</td><td>Polly.Lucia</td><td>es-ES</td><td>Say: &lt;script&gt;" in page
    assert "<script>" not in page
