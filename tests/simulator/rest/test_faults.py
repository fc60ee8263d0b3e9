"""Faults befall requests as ordered, and the oracle tells the truth about each."""

from __future__ import annotations

import asyncio
import errno
import time
from typing import Any

import aiohttp
import pytest
from twilio.base.exceptions import TwilioRestException

from tests.simulator.conftest import FROM, SILENCE, Running, basic, until

TO = "+15552230001"
FORM = {"To": TO, "From": FROM, "Twiml": SILENCE}


async def created(simulator: Running) -> int:
    return int((await simulator.control("GET", "summary"))["created"])


@pytest.mark.parametrize("kind", ["lost_answer", "reset_after", "reset_before"])
async def test_the_connection_goes_without_an_answer(simulator: Running, kind: str) -> None:
    await simulator.control("POST", "faults", {"kind": kind})
    with pytest.raises(aiohttp.ClientError) as caught:
        await simulator.post(FORM)
    if kind == "lost_answer":
        assert isinstance(caught.value, aiohttp.ServerDisconnectedError)
    else:
        assert isinstance(caught.value, aiohttp.ClientOSError)
        assert caught.value.errno == errno.ECONNRESET
    report = await simulator.control("GET", "calls")
    assert len(report["calls"]) == (0 if kind == "reset_before" else 1)
    assert report["requests"][0]["outcome"] == f"fault:{kind}"


@pytest.mark.parametrize(
    ("fault", "status", "code", "calls"),
    [
        ({"kind": "error_after"}, 500, 20500, 1),
        ({"kind": "error_before"}, 500, 20500, 0),
        ({"kind": "unavailable"}, 503, 20503, 0),
        ({"kind": "too_many"}, 429, 20429, 0),
        ({"kind": "refuse", "code": 21610, "status": 403}, 403, 21610, 0),
        ({"kind": "refuse", "code": 20003}, 401, 20003, 0),
        ({"kind": "refuse", "code": 10004}, 400, 10004, 0),
    ],
)
async def test_an_error_answer_has_its_code_and_creates_only_what_it_says(
    simulator: Running, fault: dict[str, object], status: int, code: int, calls: int
) -> None:
    await simulator.control("POST", "faults", fault)
    client = simulator.client()
    with pytest.raises(TwilioRestException) as caught:
        await asyncio.to_thread(client.calls.create, to=TO, from_=FROM, twiml=SILENCE)
    assert (caught.value.status, caught.value.code) == (status, code)
    assert await created(simulator) == calls
    await simulator.call()
    assert await created(simulator) == calls + 1


async def test_a_slow_answer_comes_late_and_the_call_is_created_at_once(simulator: Running) -> None:
    await simulator.control("POST", "faults", {"kind": "slow", "seconds": 0.3})
    began = time.time()
    await simulator.call()
    assert time.time() - began >= 0.3

    await simulator.control("POST", "faults", {"kind": "slow", "seconds": 3600})
    asked = asyncio.create_task(simulator.call())

    async def both_are_created() -> bool:
        return await created(simulator) == 2

    await until(both_are_created)
    assert not asked.done()
    asked.cancel()
    await asyncio.wait((asked,))


async def test_a_hanging_request_creates_the_call_and_never_answers(simulator: Running) -> None:
    await simulator.control("POST", "faults", {"kind": "hang"})
    timeout = aiohttp.ClientTimeout(total=0.3)
    with pytest.raises(TimeoutError):
        await simulator.http.post(simulator.calls_url + ".json", data=FORM, headers=basic(), timeout=timeout)
    assert await created(simulator) == 1


async def test_a_fault_is_for_its_number_and_wears_off(simulator: Running) -> None:
    await simulator.control("POST", "faults", {"kind": "unavailable", "to": TO, "times": 2})
    other = FORM | {"To": "+15552230002"}
    statuses = [(await simulator.post(form))[0] for form in (other, FORM, FORM, FORM)]
    assert statuses == [201, 503, 503, 201]
    assert await simulator.control("GET", "faults") == {"faults": []}


async def test_endless_faults_last_until_cleared(simulator: Running) -> None:
    await simulator.control("POST", "faults", {"kind": "too_many", "times": None})
    assert {(await simulator.post(FORM))[0] for _ in range(5)} == {429}
    await simulator.control("DELETE", "faults")
    assert (await simulator.post(FORM))[0] == 201


async def test_probability_draws_repeat_with_the_seed(start: Any) -> None:
    patterns = []
    for _ in range(2):
        simulator = await start(seed=7)
        fault = {"kind": "too_many", "times": None, "probability": 0.5}
        await simulator.control("POST", "faults", fault)
        patterns.append([(await simulator.post(FORM))[0] for _ in range(40)])
    assert patterns[0] == patterns[1]
    assert set(patterns[0]) == {201, 429}


async def test_reads_and_updates_can_be_faulty_too(simulator: Running) -> None:
    sid = await simulator.call()
    await simulator.control("POST", "faults", {"kind": "unavailable", "on": "fetch", "to": TO})
    client = simulator.client()
    with pytest.raises(TwilioRestException) as caught:
        await asyncio.to_thread(client.calls(sid).fetch)
    assert caught.value.code == 20503
    assert (await asyncio.to_thread(client.calls(sid).fetch)).sid == sid


async def test_too_many_requests_at_once_are_refused_unprocessed(start: Any) -> None:
    simulator = await start(concurrent_requests=3, latency_seconds=0.3)
    answers = await asyncio.gather(*(simulator.post(FORM) for _ in range(10)))
    codes = sorted(body.get("code", 0) for _, body in answers)
    assert codes == [0] * 3 + [20429] * 7
    assert await created(simulator) == 3


async def test_latency_is_not_scaled_by_speed(start: Any) -> None:
    simulator = await start(latency_seconds=0.2, speed=1000.0)
    began = time.monotonic()
    await simulator.call()
    assert time.monotonic() - began >= 0.2


async def test_the_oracle_logs_every_request_to_calls(start: Any) -> None:
    simulator = await start(answer_after_seconds=1000.0)
    sid = await simulator.call()
    client = simulator.client()
    await asyncio.to_thread(client.calls(sid).fetch)
    await asyncio.to_thread(client.calls.list, to=TO)
    await asyncio.to_thread(client.calls(sid).update, status="completed")
    await simulator.post(FORM | {"To": "1"})
    requests = (await simulator.control("GET", "calls"))["requests"]
    assert [(row["method"], row["to"], row["outcome"]) for row in requests] == [
        ("POST", TO, "created"),
        ("GET", TO, "answered"),
        ("GET", TO, "answered"),
        ("POST", TO, "answered"),
        ("POST", "1", "refused"),
    ]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("faults", {"kind": "unheard of"}),
        ("faults", {"kind": "slow", "seconds": -1}),
        ("faults", {"kind": "slow", "times": 0}),
        ("faults", {"kind": "slow", "probability": 2}),
        ("faults", {"kind": "slow", "surprise": 1}),
        ("faults", {"kind": "slow", "on": "tuesdays"}),
        ("faults", []),
        ("numbers/+15552230001", {"outcome": "abducted"}),
        ("numbers/+15552230001", {"digits": "x"}),
        ("numbers/+15552230001", {"ring_seconds": "soon"}),
        ("numbers/+15552230001", {"sip_response_code": 1}),
        ("numbers/nobody", {}),
    ],
)
async def test_a_control_request_that_makes_no_sense_is_told_why(simulator: Running, path: str, body: object) -> None:
    method = "POST" if path == "faults" else "PUT"
    url = f"{simulator.base_url}/simulator/{path}"
    async with simulator.http.request(method, url, json=body) as answer:
        assert answer.status == 400
        assert (await answer.json())["detail"]


async def test_many_hanging_clients_do_not_stop_others(simulator: Running) -> None:
    fault = {"kind": "hang", "to": TO, "times": None}
    await simulator.control("POST", "faults", fault)
    hanging = [asyncio.create_task(simulator.post(FORM)) for _ in range(20)]

    async def all_created() -> bool:
        return await created(simulator) == 20

    await until(all_created)
    assert await simulator.call("+15552230002")
    for task in hanging:
        task.cancel()
    await asyncio.gather(*hanging, return_exceptions=True)
